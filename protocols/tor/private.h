/* What the files of tor share: replies as they come, the connection, keys and their files. */

#ifndef REED_TOR_PRIVATE_H
#define REED_TOR_PRIVATE_H

#include "reed/alloc.h"
#include "reed/buf.h"
#include "reed/co.h"
#include "reed/tor.h"

/* ---- replies ---- */

struct tor_span {
	size_t text, text_n, data, data_n;
	bool has_data;
};

/* A reply, line by line.  Zeroed but for the limit of bytes. */
struct tor_collect {
	struct reed_buf bytes; /* texts and data, one behind the other */
	struct tor_span *spans;
	size_t count, room;
	int code;
	bool in_data;
};

/* The next line; *done: that was the last one.  REED_EPROTO, with *wrong; REED_ETOOBIG. */
enum reed_err reed_tor_collect(struct tor_collect *self, struct reed_slice line, bool *done,
                               const char **wrong);

/* What was collected; begins anew. */
void reed_tor_collected(struct tor_collect *self, struct reed_tor_reply *reply);
void reed_tor_collect_finish(struct tor_collect *self);

/* ---- the connection ---- */

struct reed_tor {
	struct reed_loop *loop;
	struct reed_stream *stream;
	struct reed_waiter reader; /* owns the coroutine that reads */
	struct reed_list asked;    /* of struct slot, the oldest first */
	size_t asked_count;
	struct reed_channel events;
	struct tor_collect collect;
	int64_t timeout_ms;
	struct reed_fault *fault; /* why it ended; may be NULL */
	enum reed_err err;        /* REED_OK while it lasts */
	char *version;
	const char *login;
	struct tor_child *child; /* one that we have started, and that ends with this; or NULL */
};

/* Not logged in yet; owns the stream. */
struct reed_tor *reed_tor_new(struct reed_stream *stream, const struct reed_tor_options *options);

/* The call fails when tor refuses; reply may be NULL.  Takes over command, which is wiped. */
struct reed_future *reed_tor_do(struct reed_tor *tor, char *command, struct reed_tor_reply *reply);

/* options as they are, whatever their size; NULL: the default. */
struct reed_tor_options reed_tor_options_of(const struct reed_tor_options *given);

/* One that is kept; all strings are copies. */
void reed_tor_options_copy(struct reed_tor_options *into, const struct reed_tor_options *from);
void reed_tor_options_finish(struct reed_tor_options *options);

/* Bytes of a file, less than most of them; *text is the caller's, who wipes and frees it. */
struct reed_future *reed_tor_read_file(struct reed_loop *loop, const char *path, size_t most,
                                       struct reed_buf *text);

void reed_tor_forget(char *secret); /* wipes and frees; may be NULL */

/* ---- a tor of our own ---- */

struct tor_child;

/* As reed_tor_connect() with options->launch. */
struct reed_future *reed_tor_launch(struct reed_loop *loop, const struct reed_tor_options *options,
                                    struct reed_tor **tor);

/* Ends it.  May be NULL. */
void reed_tor_child_free(struct tor_child *child);

/* ---- keys ---- */

enum { TOR_SECRET = 64, TOR_COOKIE = 32, TOR_NONCE = 32, TOR_HASH = 32 };

/* A new key of an onion service. */
void reed_tor_key_new(struct reed_loop *loop, char into[REED_TOR_KEY]);

/* REED_ECORRUPT: the file holds no key. */
enum reed_err reed_tor_key_read(struct reed_slice file, char into[REED_TOR_KEY]);

/* A client's x25519 key in base32; REED_ESYNTAX. */
bool reed_tor_is_client_key(struct reed_slice word);

/* In base64, from that or base32; false: neither. */
bool reed_tor_client_secret(struct reed_slice word, char into[REED_TOR_KEY]);

/* "x.onion" or "x": 56 characters of base32. */
bool reed_tor_is_address(struct reed_slice word);

/* control-spec 3.24 */
void reed_tor_cookie_hash(bool of_tor, const void *cookie, const void *ours, const void *tors,
                          unsigned char out[TOR_HASH]);

/* ---- what is kept of a service ---- */

struct tor_kept {
	char key[REED_TOR_KEY];
	char *clients[REED_TOR_CLIENTS];
	size_t client_count;
};

/* Reads both files, either may be NULL; makes the key when it is not there. */
struct reed_future *reed_tor_keep(struct reed_loop *loop, const char *key, const char *clients,
                                  struct tor_kept *kept);
void reed_tor_kept_finish(struct tor_kept *kept);

/* Writes the address beside the key. */
struct reed_future *reed_tor_keep_name(struct reed_loop *loop, const char *key,
                                       const struct reed_tor_onion *onion);

/* ---- publishing ---- */

struct publish_options {
	const struct reed_tor_options *tor;
	const struct tor_kept *kept;
	uint16_t port;
	const char *target;
	struct reed_subscription *events; /* subscribed when it is delivered; else as it was */
};

/* Connects, publishes, and is told how it goes; what it points to outlives the call. */
struct reed_future *reed_tor_publish(struct reed_loop *loop, const struct publish_options *options,
                                     struct reed_tor **tor, struct reed_tor_onion *onion);

/* Puts into the log how far tor has come: a line of BOOTSTRAP. */
void reed_tor_log_progress(struct reed_loop *loop, struct reed_slice line);

#endif
