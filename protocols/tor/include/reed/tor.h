/*
 * Tor: a client of its control port (control-spec, tor 0.4), services at onion
 * addresses, and streams through the network.
 *
 *	reed_try(co, reed_tor_connect(co->loop, NULL, &self->tor));
 *	reed_try(co, reed_tor_get_info(self->tor, "version", &self->version));
 *
 * Two schemes of endpoints are made of it, onion: and tor:, which every program
 * of the command line has; others register them (endpoint.h).
 *
 * A connection to the control port belongs to whoever made it.  Commands may be
 * asked at the same time and are answered in order; a call that is dropped is
 * answered all the same, to nobody.  Nothing blocks: files are read in threads.
 *
 * Limits: a reply or an event has options.limit bytes at the most, with 32 for
 * each of its lines; who writes more is cut off.  An answer takes
 * options.timeout_ms at the most.
 *
 * Errors: REED_EAUTH, tor wants another way to log in, or is not who it seems;
 * REED_EPROTO, that is no control port; REED_ETOOBIG; REED_ETIMEDOUT; REED_EEOF
 * and those of streams, tor is gone, as is the connection then; REED_EINVAL,
 * what cannot be said in a line.  What tor refuses is REED_ENOENT (552),
 * REED_EEXIST (an address that is published already), REED_ENOTSUP (510, 511),
 * REED_EINVAL (512, 513, 553), REED_EAUTH (514, 515), REED_EBUSY (451), or
 * REED_EIO, with tor's words and never the command's, which may be a secret.
 */

#ifndef REED_TOR_H
#define REED_TOR_H

#include "reed/buf.h"
#include "reed/endpoint.h"
#include "reed/queue.h"

REED_BEGIN_DECLS

/* ---- the words of the protocol ---- */

struct reed_tor_line {
	struct reed_slice text;
	struct reed_slice data; /* of a line with data, whose lines end with '\n'; else empty */
	bool has_data;
};

/* Zeroed is none.  Finish what was delivered. */
struct reed_tor_reply {
	int code; /* 250 is well */
	struct reed_tor_line *lines;
	size_t count; /* 1 at least */
	char *memory; /* of the slices */
};

REED_API void reed_tor_reply_finish(struct reed_tor_reply *reply);

/* The text behind "key=" of the n-th line with that key, its data if it has some; else false. */
REED_API bool reed_tor_reply_value(const struct reed_tor_reply *reply, const char *key, size_t n,
                                   struct reed_slice *value);

/*
 * Takes the next of the words of a line, KEY=VALUE, KEY="..." or WORD, whose
 * key is empty.  *value is the caller's to free.  REED_EEOF: there are no more;
 * REED_ESYNTAX: quotes without an end.
 */
REED_API enum reed_err reed_tor_next(struct reed_slice *rest, struct reed_slice *key, char **value);

/* The value of a key in a line; NULL when it is not there.  The caller frees it. */
REED_API char *reed_tor_value(struct reed_slice line, const char *key);

/* Adds text in quotes.  REED_EINVAL: it has a line end or NUL in it. */
REED_API enum reed_err reed_tor_quote(struct reed_buf *b, struct reed_slice text);

/* ---- the control port ---- */

struct reed_tor;

struct reed_tor_options {
	size_t size;          /* of this struct */
	const char *control;  /* an endpoint; NULL: unix:/run/tor/control, tcp:127.0.0.1:9051 */
	const char *password; /* NULL: none; tried first if tor takes passwords */
	const char *cookie;   /* the file; NULL: the one that tor tells of */
	int64_t timeout_ms;   /* 0: no limit */
	size_t limit;
	/*
	 * A folder for a tor of our own, instead of one that runs: made when it is
	 * not there, for its owner only.  A file torrc in it is what the operator
	 * wants of it.  With control: where that is dialled instead.
	 */
	const char *launch;
	bool single_hop; /* such a tor is for single-hop services, and nothing else */
	void *reserved[2];
};

#define REED_TOR_OPTIONS                                                                       \
	{                                                                                      \
		.size = sizeof(struct reed_tor_options), .timeout_ms = 30000, .limit = 4 << 20 \
	}

/*
 * Connects and logs in: without anything where tor wants nothing, by safe
 * cookie, by cookie, by password.  A cookie in clear is shown only to a tor
 * that knows no safe one, and only from a file of 32 bytes.  options may be
 * NULL; *tor is the caller's.
 *
 * With launch the program tor is started, which is in PATH, unless the
 * control port in that folder answers already, because another connection has
 * started it.  Its warnings go to the log.  It ends with this connection, and so
 * with the process, however that ends.  REED_ENOENT: tor is not installed;
 * REED_EIO: it has ended at once, with its last complaint; REED_ETOOBIG: the
 * folder's name is too long for a socket in it.  There is a SocksPort beside the
 * control port, the socket "socks", but not with single_hop.
 */
REED_API struct reed_future *reed_tor_connect(struct reed_loop *loop,
                                              const struct reed_tor_options *options,
                                              struct reed_tor **tor);

/* The same over a stream to a control port, which it owns. */
REED_API struct reed_future *reed_tor_start(struct reed_stream *stream,
                                            const struct reed_tor_options *options,
                                            struct reed_tor **tor);

/* What was asked and not answered fails with REED_ECANCELED.  May be NULL. */
REED_API void reed_tor_close(struct reed_tor *tor);

/* "0.4.8.10"; "safe cookie", "cookie", "password", "nothing". */
REED_API const char *reed_tor_version(const struct reed_tor *tor);
REED_API const char *reed_tor_login(const struct reed_tor *tor);

/* One command in one line, without its end.  A refusal is a reply too. */
REED_API struct reed_future *reed_tor_ask(struct reed_tor *tor, struct reed_slice command,
                                          struct reed_tor_reply *reply);

/* The value of "version" or "status/bootstrap-phase"; the caller frees it. */
REED_API struct reed_future *reed_tor_get_info(struct reed_tor *tor, const char *key, char **value);

/* Lines "SocksPort=9050"; without a value "SocksPort" is as tor presets it. */
REED_API struct reed_future *reed_tor_get_conf(struct reed_tor *tor, const char *key,
                                               struct reed_tor_reply *reply);

/* value NULL: as tor presets it. */
REED_API struct reed_future *reed_tor_set_conf(struct reed_tor *tor, const char *key,
                                               const char *value);

/* "NEWNYM", "RELOAD", ... */
REED_API struct reed_future *reed_tor_signal(struct reed_tor *tor, const char *name);

/* ---- events ---- */

/* Its slices are good until it is released; what a subscription delivers is the receiver's. */
struct reed_tor_event {
	struct reed_slice name; /* "STATUS_CLIENT" */
	struct reed_slice text; /* what follows on its line */
	struct reed_slice more; /* the lines that follow, and data */
	struct reed_blob *memory;
};

REED_API void reed_tor_event_release(struct reed_tor_event *event);

/* Which are told from now on, instead of those before: "STATUS_CLIENT HS_DESC". */
REED_API struct reed_future *reed_tor_set_events(struct reed_tor *tor, const char *names);

/*
 * A channel of struct reed_tor_event (queue.h).  It is closed when tor is gone;
 * reed_tor_why() says why then.  Unsubscribe before the connection is closed.
 */
REED_API struct reed_channel *reed_tor_events(struct reed_tor *tor);
REED_API const char *reed_tor_why(const struct reed_tor *tor);

/* ---- onion services, while this connection lasts ---- */

enum { REED_TOR_ADDRESS = 56, REED_TOR_KEY = 128, REED_TOR_CLIENTS = 256 };

/* Of version 3: base32, without ".onion". */
struct reed_tor_onion {
	char address[REED_TOR_ADDRESS + 1];
};

struct reed_tor_onion_options {
	size_t size;                /* of this struct */
	const char *key;            /* "ED25519-V3:BASE64"; NULL: a new one that nobody gets */
	uint16_t port;              /* that clients see */
	const char *target;         /* "127.0.0.1:43210", "unix:/run/x" */
	const char *const *clients; /* x25519 keys in base32; only these get in, if there are any */
	size_t client_count;
	unsigned streams; /* at most, in one circuit; 0: no limit */
	bool single_hop; /* hides its clients only, from a tor with HiddenServiceNonAnonymousMode */
	void *reserved[3];
};

#define REED_TOR_ONION_OPTIONS                                \
	{                                                     \
		.size = sizeof(struct reed_tor_onion_options) \
	}

/* REED_EEXIST: somebody publishes it already. */
REED_API struct reed_future *reed_tor_add_onion(struct reed_tor *tor,
                                                const struct reed_tor_onion_options *options,
                                                struct reed_tor_onion *onion);

/* REED_ENOENT: this connection has published no such service. */
REED_API struct reed_future *reed_tor_del_onion(struct reed_tor *tor, const char *address);

/*
 * The key of ours for a service that wants one, until tor ends: x25519, in
 * base64 or base32.  Replaces the one there was.
 */
REED_API struct reed_future *reed_tor_add_client_auth(struct reed_tor *tor, const char *address,
                                                      const char *key);
REED_API struct reed_future *reed_tor_remove_client_auth(struct reed_tor *tor, const char *address);

/* ---- listening: onion:PORT ---- */

/*
 * A key file has one line, ED25519-V3:BASE64, or is tor's own
 * hs_ed25519_secret_key; nobody but its owner may read it.  It is made when it
 * is not there, and with it KEY.hostname, where the address can be read.
 * REED_ECORRUPT: it holds no key; it is left as it is.
 */
struct reed_onion_options {
	size_t size; /* of this struct */
	uint16_t port;
	const char *key;     /* file; NULL: a new address each time */
	const char *clients; /* file: a public key of a client a line, in base32; NULL: anybody */
	const struct reed_tor_options *tor;       /* NULL: the default */
	int64_t retry_first_ms, retry_longest_ms; /* when tor is gone */
	/*
	 * It is quicker, and everybody can find out where it is; its clients stay
	 * hidden.  REED_EINVAL: that tor is not for such services.
	 */
	bool single_hop;
	void *reserved[3];
};

#define REED_ONION_OPTIONS                                                         \
	{                                                                          \
		.size = sizeof(struct reed_onion_options), .retry_first_ms = 1000, \
		.retry_longest_ms = 60000,                                         \
	}

/*
 * Listens on a port of the loopback interface that the system chooses, and has
 * tor publish it.  When tor goes it is published again as soon as tor is back.
 * Its streams have no address of a peer, and count as secure.  *onion is the
 * address; may be NULL.
 */
REED_API struct reed_future *reed_onion_listen(struct reed_loop *loop,
                                               const struct reed_onion_options *options,
                                               struct reed_listener **listener,
                                               struct reed_tor_onion *onion);

/* ---- dialling: tor:HOST:PORT ---- */

struct reed_tor_dial_options {
	size_t size; /* of this struct */
	const char *host;
	uint16_t port;
	const char *socks; /* an endpoint; NULL: tcp:127.0.0.1:9050 */
	/*
	 * Streams of different words never share a circuit, and so nobody at the
	 * other end can tell that they are of one client.  NULL: host and port;
	 * "": each stream for itself.
	 */
	const char *isolate;
	const char *auth; /* file with the key for the onion service; NULL: none */
	const struct reed_tor_options *tor; /* for auth only; NULL: the default */
	int64_t timeout_ms;                 /* for tor to connect us; 0: no limit */
	void *reserved[4];
};

#define REED_TOR_DIAL_OPTIONS                                                       \
	{                                                                           \
		.size = sizeof(struct reed_tor_dial_options), .timeout_ms = 120000, \
	}

/* Fails as reed_socks5() does, with what can be done about it. */
REED_API struct reed_future *reed_tor_dial(struct reed_loop *loop,
                                           const struct reed_tor_dial_options *options,
                                           struct reed_stream **stream);

/* ---- for programs that load no modules: reed_scheme_register() ---- */

REED_API extern const struct reed_scheme reed_onion_scheme;
REED_API extern const struct reed_scheme reed_tor_scheme;

REED_END_DECLS

#endif
