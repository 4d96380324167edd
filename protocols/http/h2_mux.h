/*
 * A connection of HTTP/2 in frames (RFC 9113): lanes beside each other, of a
 * server or of a client.  It is given what comes, and writes what goes; what
 * lanes are about is their owner's, who is told by struct h2_mux_ops.  HPACK is
 * nghttp2's.
 *
 * Frames that concern a connection, and heads, are put together as they arise;
 * bodies when all that came has been heard, the most urgent first (RFC 9218),
 * as far as windows and the stream have room.  So an answer never overtakes a
 * word about the connection that it has brought about.
 *
 * A lane is never freed from inside a call its owner made, but by h2_mux_flush(),
 * h2_mux_receive() and h2_mux_finish(), which say so by closed().
 */

#ifndef REED_HTTP_H2_MUX_H
#define REED_HTTP_H2_MUX_H

#include <nghttp2/nghttp2.h>

#include "h2_body.h"
#include "h2_check.h"
#include "h2_frame.h"
#include "h2_memo.h"
#include "reed/list.h"

enum {
	H2_SLOTS = 32, /* of the table of lanes */
	H2_URGENCIES = 8,
	H2_URGENCY = 3,      /* RFC 9218 4.1 */
	H2_EARLY = 4,        /* priorities of lanes that are not there yet */
	H2_PIECES = 8,       /* CONTINUATION frames of one head */
	H2_BATCH = 32768,    /* bytes of frames that are written at once, */
	H2_OUT_FIRST = 2048, /* and that there is room for at first */
	H2_COPIED = 4096,    /* bytes that are cheaper copied among the frames than on their own */
};

/* What costs the sender less than us. */
#define H2_NOISES(X)                           \
	X(RESET, "reset streams")              \
	X(PING, "PING")                        \
	X(SETTINGS, "SETTINGS")                \
	X(EMPTY, "empty DATA")                 \
	X(PRIORITY, "PRIORITY")                \
	X(CONTINUATION, "CONTINUATION")        \
	X(WINDOW, "WINDOW_UPDATE of one byte") \
	X(REFUSED, "requests that are broken")

enum h2_noise {
#define X(name, text) H2_NOISE_##name,
	H2_NOISES(X)
#undef X
		H2_NOISE_KINDS
};

struct reed_stream;
struct h2_mux;

/* Embedded by its owner; zeroed before it is opened. */
struct h2_lane {
	struct h2_mux *mux;
	struct h2_lane *next;   /* in its slot */
	struct reed_list queue; /* of those that have something to send, or of those done */
	struct h2_body body;    /* not yet in frames */
	nghttp2_nv *trailers;   /* owned, in one piece */
	size_t trailer_count;
	uint32_t id;
	int32_t window;  /* the peer takes */
	int32_t room;    /* the peer may send */
	uint32_t credit; /* of what it sent, taken and not yet told */
	int64_t expects; /* bytes of its body, as its head said; negative: unknown */
	int64_t came;
	uint8_t urgency;
	bool incremental;
	bool headed; /* the head has come that is not an interim one */
	bool heard_all, ended, said_all;
	bool dead;   /* reset by us, */
	bool faulty; /* for what the peer did */
};

struct h2_mux_ops {
	/* The peer opens a lane, and is refused with NULL.  Of a server only. */
	struct h2_lane *(*open)(struct h2_mux *mux);

	/* A good field of its head, or trailer; false: it is more than anybody takes. */
	bool (*field)(struct h2_lane *lane, bool trailer, struct reed_slice name,
	              struct reed_slice value);

	/* That was the last; over: nothing comes behind it. */
	void (*head)(struct h2_lane *lane, bool trailer, bool over);

	/* All of bytes has to be h2_lane_consume()d some time. */
	void (*data)(struct h2_lane *lane, struct reed_slice bytes);
	void (*over)(struct h2_lane *lane);

	/* Some of its body is in frames; all it had to say. */
	void (*sent)(struct h2_lane *lane);
	void (*said)(struct h2_lane *lane);

	/* The last call; code is H2_NO_ERROR when both sides have said all. */
	void (*closed)(struct h2_lane *lane, uint32_t code);

	void (*noise)(struct h2_mux *mux, enum h2_noise what);
	void (*pong)(struct h2_mux *mux);                                 /* may be NULL */
	void (*settings)(struct h2_mux *mux);                             /* may be NULL */
	void (*goaway)(struct h2_mux *mux, uint32_t last, uint32_t code); /* may be NULL */
};

struct h2_settings {
	uint32_t window, streams, frame;
	bool connect; /* extended CONNECT (RFC 8441) is taken */
};

/* A header block on its way. */
struct h2_block {
	struct h2_lane *lane; /* NULL: it is only decoded, as others depend on it */
	uint32_t id;
	unsigned pieces;
	bool open, over, trailer, malformed;
	bool begun; /* there were fields that were looked up */
	bool amid;  /* the inflater has the beginning of a field */
	struct h2_check check;
};

/* DATA on its way. */
struct h2_piece {
	uint32_t id, left, padding;
	bool open, over;
};

struct h2_early {
	uint32_t id;
	uint8_t urgency;
	bool incremental;
};

struct h2_mux {
	const struct h2_mux_ops *ops;
	bool client;
	nghttp2_hd_inflater *inflater;
	nghttp2_hd_deflater *deflater;
	struct h2_memo memo; /* of what the deflater made */
	struct reed_buf out;
	struct h2_settings ours, theirs;
	int64_t window;   /* the peer takes, of all lanes */
	int64_t room;     /* the peer may send */
	uint32_t windows; /* that has been told it, */
	uint32_t credit;  /* and that is to be told again */
	uint32_t first;   /* window of lanes that the peer opens, until it has our settings */
	uint32_t last;    /* lane of the peer */
	uint32_t next;    /* lane of ours */
	uint32_t lanes;   /* there are */
	uint32_t provoked;
	unsigned preface; /* bytes of it that have yet to come */
	bool greeted;     /* its SETTINGS have come */
	bool acked;       /* ours are known */
	bool leaving;     /* the peer has said GOAWAY, */
	bool left;        /* or we have, for the last time */
	bool failed;
	uint8_t urgent;  /* bit n: something is in ready[n] */
	const char *why; /* it has failed; NULL: the owner knows */
	struct h2_block block;
	struct h2_piece piece;
	unsigned early_at;
	struct h2_early early[H2_EARLY];
	struct reed_list ready[H2_URGENCIES], done;
	struct h2_lane *slots[H2_SLOTS];
};

/* ---- h2_mux.c ---- */

/* windows: of all lanes.  What has to be said first is in mux->out.  False: no memory. */
bool h2_mux_init(struct h2_mux *mux, const struct h2_mux_ops *ops, bool client,
                 const struct h2_settings *ours, uint32_t windows, uint32_t head);
/* closed(H2_CANCEL) of all lanes.  A zeroed one is fine. */
void h2_mux_finish(struct h2_mux *mux);

/* What is said already is forgotten, and this said in its place; nothing is heard any more. */
void h2_mux_fail(struct h2_mux *mux, uint32_t code, const char *why);

/* RFC 9113 6.8: that there will be an end, with a PING behind it; and the end. */
void h2_mux_shut(struct h2_mux *mux);
void h2_mux_leave(struct h2_mux *mux, uint32_t code);
void h2_mux_ping(struct h2_mux *mux);

/* Nothing is to be said or heard any more. */
bool h2_mux_is_over(const struct h2_mux *mux);

/* The peer may send n bytes more, of lanes that are no more. */
void h2_mux_consume(struct h2_mux *mux, uint32_t n);

/* ---- h2_lane.c ---- */

struct h2_lane *h2_lane_find(const struct h2_mux *mux, uint32_t id);
/* Of the peer's (id), or the next of ours (0); false: there are none left. */
bool h2_lane_open(struct h2_mux *mux, struct h2_lane *lane, uint32_t id);
void h2_lane_close(struct h2_lane *lane, uint32_t code);
void h2_lane_prioritize(struct h2_lane *lane, uint8_t urgency, bool incremental);
/* It has something to send, and room; or does no longer. */
void h2_lane_ready(struct h2_lane *lane);
void h2_lane_unready(struct h2_lane *lane);
void h2_lane_done(struct h2_lane *lane);
/* The peer has brought it about (CVE-2025-8671). */
void h2_lane_fault(struct h2_lane *lane, uint32_t code);

/* For its owner.  All of it is harmless when the lane is dead. */
void h2_lane_reset(struct h2_lane *lane, uint32_t code);
void h2_lane_consume(struct h2_lane *lane, uint32_t n);
/* nv is written to, and of no use afterwards; its names may be as HTTP/1 writes them. */
void h2_lane_head(struct h2_lane *lane, nghttp2_nv *nv, size_t n, bool end);
void h2_lane_write(struct h2_lane *lane, struct reed_slice bytes);
/* Shared until it has gone, not copied. */
void h2_lane_write_blob(struct h2_lane *lane, struct reed_blob *blob);
void h2_lane_write_source(struct h2_lane *lane, struct reed_source *source, uint64_t offset,
                          size_t n);
/* trailers: as reed_alloc() gave them, with what they point to; or NULL. */
void h2_lane_end(struct h2_lane *lane, nghttp2_nv *trailers, size_t n);

/* ---- h2_in.c ---- */

/* How much of in was taken: what comes next is to stand behind the rest.  See mux->failed. */
size_t h2_mux_receive(struct h2_mux *mux, struct reed_slice in);

/* ---- h2_control.c ---- */

void h2_mux_control(struct h2_mux *mux, const struct h2_frame *frame, struct reed_slice payload);

/* ---- h2_block.c ---- */

void h2_mux_headers(struct h2_mux *mux, const struct h2_frame *frame, struct reed_slice payload);
void h2_mux_continuation(struct h2_mux *mux, const struct h2_frame *frame,
                         struct reed_slice payload);
void h2_lane_heard_all(struct h2_lane *lane);

/* ---- h2_out.c ---- */

/* Frames and bodies, as far as there is room; false: there is none, see reed_drain(). */
bool h2_mux_flush(struct h2_mux *mux, struct reed_stream *stream);

#endif
