/*
 * A link is two counted sequences of lines, and whatever carries them at the
 * moment.
 *
 *	hello TOKEN N      of the page, first: it has had everything up to N;
 *	                   '-' is a token to be made
 *	welcome TOKEN N MS of the server, first: the same, and how long it keeps a
 *	                   link without a connection
 *	expired            there is no such link (any more)
 *	ack N              everything up to N has been had
 *	ping, pong, bye
 *	N call ID NAME JSON, N ok ID JSON, N no ID JSON, N say NAME JSON
 *
 * Lines end with LF, which no JSON needs to have in it.  The N of a message is
 * one more than that of the one before.  Either side sends from what the other
 * has said in its hello or welcome, and takes what has the number it expects:
 * lower ones it has had, a higher one is an error of the connection.
 */

#ifndef REED_LIVE_PRIVATE_H
#define REED_LIVE_PRIVATE_H

#include "reed/alloc.h"
#include "reed/cell.h"
#include "reed/co.h"
#include "reed/live.h"

enum { LIVE_TOKEN = 32, LIVE_BUCKETS = 1024, LIVE_NAME = 64 };

/* ---- line.c ---- */

enum live_word {
	LIVE_HELLO,
	LIVE_ACK,
	LIVE_PING,
	LIVE_BYE,
	LIVE_CALL,
	LIVE_OK,
	LIVE_NO,
	LIVE_SAY,
};

struct live_line {
	enum live_word word;
	uint64_t number; /* of a message; of HELLO and ACK: up to which */
	uint64_t id;
	struct reed_slice token, name, json;
};

/* A line of a page.  REED_EPROTO. */
enum reed_err live_line_parse(struct reed_slice text, struct live_line *line);

bool live_is_name(struct reed_slice s);

/* ---- links ---- */

struct live_message {
	struct reed_list link;
	uint64_t number;
	size_t n;
	char REED_FLEXIBLE(text); /* with its LF */
};

/* Of the program: for an answer of the page, or for room. */
struct live_wait {
	struct reed_future future;
	struct reed_list link;
	uint64_t id;
	bool refused;
	char *json;
	struct reed_live_result *result;
};

struct reed_live_call {
	struct reed_list link; /* in reed_live_link.calls */
	struct reed_live_link *of;
	struct reed_waiter waiter;
	uint64_t id;
	bool answered;
	struct reed_slice name, args; /* behind it */
};

/* Whoever brings lines, or takes them away, while it does. */
struct live_carrier {
	struct reed_list link;     /* in reed_live_link.carriers */
	struct reed_live_link *of; /* NULL: it has gone */
	const char *name;
	struct reed_cell stir; /* there is something to do, or to find out */
};

struct reed_live_link {
	struct reed_live *live;
	struct reed_live_page *page;
	struct reed_list bucket;
	char token[LIVE_TOKEN + 1];
	struct reed_list carriers;
	struct live_carrier *down; /* what the page is told over; NULL: it is away */
	bool pong;                 /* to be said */
	bool is_online;
	const char *ending; /* why it is about to go */
	struct reed_timer away, life;
	struct reed_last last;

	/* to the page */
	struct reed_list queue;           /* what is not acknowledged */
	struct reed_list *next;           /* in it, to be sent over this carrier; the head: none */
	uint64_t given;                   /* number of the last message */
	size_t queued;                    /* bytes */
	struct reed_list asked, draining; /* of struct live_wait */
	uint64_t last_ask;

	/* from the page */
	uint64_t had, told; /* numbers: taken, acknowledged */
	struct reed_buf pending;
	struct reed_list calls;
	unsigned running;
	bool working;
};

struct reed_live {
	struct reed_loop *loop;
	struct reed_live_options options;
	char *origins;
	struct reed_list buckets[LIVE_BUCKETS];
	size_t count;
	uint64_t seed;
};

/* link.c */

/* NULL: refused, *status says how. */
struct reed_live_link *live_link_find(struct reed_live *live, struct reed_http_request *request,
                                      struct reed_slice token, unsigned *status);
void live_link_end(struct reed_live_link *self, const char *why);
void live_link_stir(struct reed_live_link *self);

/* The page has had everything up to here. */
enum reed_err live_link_acknowledged(struct reed_live_link *self, uint64_t up_to);

void live_carrier_attach(struct live_carrier *c, struct reed_live_link *link, const char *name);
/* It is the one that the page is told over; the page has had up to had. */
enum reed_err live_carrier_take_over(struct live_carrier *c, uint64_t had);
void live_carrier_detach(struct live_carrier *c);

/* out.c */

/* Lines to be sent, up to most bytes and one message. */
void live_fill(struct reed_live_link *self, struct reed_buf *out, size_t most);
void live_welcome(struct reed_live_link *self, struct reed_buf *out);
enum reed_err live_push(struct reed_live_link *self, bool must, const char *head, uint64_t id,
                        const char *name, struct reed_slice json);
void live_answered(struct reed_live_link *self, const struct live_line *line);
void live_forget_waits(struct reed_live_link *self, const char *why);

/* in.c */

/* What was brought before has been taken, so that there may be more. */
bool live_may_take(const struct reed_live_link *self);
/* REED_EPROTO: what is no line, or a number that is missing. */
enum reed_err live_take(struct reed_live_link *self, struct reed_slice lines);
void live_drop_calls(struct reed_live_link *self);
void live_work_on(struct reed_live_link *self);

/* server.c */
bool live_origin_passes(struct reed_live *live, struct reed_http_request *request);

/* socket.c, post.c */
struct reed_future *live_socket(struct reed_live *live, struct reed_http_request *request);
struct reed_future *live_post(struct reed_live *live, struct reed_http_request *request,
                              struct reed_slice what);

/* script.c.in */
extern const char live_script_hash[];
extern const char live_script_text[];
extern const size_t live_script_n;

#endif
