/*
 * A live link between a page and its server: calls both ways, with results and
 * errors, each made exactly once and in order, however often the network goes.
 *
 *	live = reed_live_new(loop, &options);
 *	reed_http_route(router, "*", "/live/{rest:path}", reed_live_handler, live);
 *
 * and in the page
 *
 *	import { Live } from "/live/reed-live.js";
 *	const live = new Live();
 *	live.on("count", n => show(n));
 *	await live.call("add", 1);
 *
 * The script is served by the library.  It tries a WebSocket, then server-sent
 * events with POSTs, then polls, and stays with what works.  What was said but
 * not acknowledged is said again over the next connection; the other side
 * passes over what it has had.  A link outlives its connections by away_ms; its
 * token, of 160 random bits, is known to nobody but the page.
 *
 * Arguments and results are JSON, which the library carries and does not look
 * into: arguments are an array.  reed_live_text() and reed_live_quote() do for
 * those who have no JSON library.
 *
 * Pages of other hosts may not connect: their Origin is refused, and what is
 * POSTed needs a field that no form and no simple request can send.
 */

#ifndef REED_LIVE_H
#define REED_LIVE_H

#include "reed/http/request.h"

REED_BEGIN_DECLS

struct reed_live;
struct reed_live_link;
struct reed_live_call;

/* What the program knows of one page; embedded in something of its own. */
struct reed_live_page {
	const struct reed_live_page_ops *ops;
};

struct reed_live_page_ops {
	/*
	 * The page calls.  Answered at once: NULL; or the future answers, which the
	 * link owns: it is dropped with the link, not with a connection.  What ends
	 * without an answer is refused by why it did.
	 */
	struct reed_future *(*call)(struct reed_live_page *self, struct reed_live_call *call);

	/* The page says something; name and args for the call.  May be NULL. */
	void (*said)(struct reed_live_page *self, struct reed_slice name, struct reed_slice args);

	/*
	 * There is a connection, or there is none any more; a page that polls is there
	 * until it is gone.  May be NULL.
	 */
	void (*online)(struct reed_live_page *self, bool online);

	/* The last call; the link is gone.  why: "left", "expired", "closed", "stopped". */
	void (*gone)(struct reed_live_page *self, const char *why);
};

/* Zero is the default. */
#define REED_LIVE_LIMITS(X)                                                             \
	X(links, 10000, "pages at once")                                                \
	X(message, 262144, "bytes of what a page sends at once")                        \
	X(queue, 1048576, "bytes for a page that it has not acknowledged")              \
	X(calls, 64, "calls of a page that are not answered; more are not read")        \
	X(away_ms, 60000, "without a connection, after which a link expires")           \
	X(life_ms, 0, "after which any link expires; 0: none does")                     \
	X(hello_ms, 10000, "in which a connection has to say whose it is")              \
	X(quiet_ms, 15000, "after which something is sent, so that nobody cuts it off") \
	X(poll_ms, 25000, "that a poll waits for news")

struct reed_live_limits {
#define X(name, value, text) uint32_t name;
	REED_LIVE_LIMITS(X)
#undef X
	uint32_t reserved[6];
};

struct reed_live_options {
	size_t size; /* of this struct */
	struct reed_live_limits limits;

	/*
	 * A page that is new.  The request, of a connection of it, has the cookies
	 * that tell whose it is.  NULL: it may not, 403.  The link is good until gone().
	 */
	struct reed_live_page *(*open)(void *arg, struct reed_http_request *request,
	                               struct reed_live_link *link);

	/* The page is back; false: not over this request.  NULL: its token is enough. */
	bool (*resume)(void *arg, struct reed_http_request *request, struct reed_live_page *page);
	void *arg;

	/* Pages that may connect, "https://a.example, ..."; NULL: those of the host asked for. */
	const char *origins;
};

#define REED_LIVE_OPTIONS                                \
	{                                                \
		.size = sizeof(struct reed_live_options) \
	}

/* Copied, but for what arg points to. */
REED_API struct reed_live *reed_live_new(struct reed_loop *loop,
                                         const struct reed_live_options *options);

/* Its links end, and nobody is served any more.  May be NULL. */
REED_API void reed_live_free(struct reed_live *live);

/* Everything below one path, which ends in a slash: route it there with any method. */
REED_API struct reed_future *reed_live_handler(void *live, struct reed_http_request *request);

/* "reed-live.HASH.js": the script by a name that may be kept for ever. */
REED_API const char *reed_live_script(void);

REED_API size_t reed_live_count(const struct reed_live *live);

/* ---- to the page ---- */

/*
 * Tells the page, which has live.on(name, ...); args is an array.  REED_EINVAL: the
 * name is none (letters, digits, '_', '-', '.'), or what is no UTF-8; REED_EOVERFLOW:
 * the page does not take what it is sent, see reed_live_drain().
 */
REED_API enum reed_err reed_live_say(struct reed_live_link *link, const char *name,
                                     struct reed_slice args);

struct reed_live_result {
	bool refused; /* json is the sentence, a string */
	char *json;   /* the caller frees it with reed_free() */
};

/*
 * Asks the page, and settles with its answer, however many connections that
 * takes.  REED_ECLOSED: the link has ended; and what reed_live_say() says.
 * Dropped, the page is asked all the same, and nobody hears of it.
 */
REED_API struct reed_future *reed_live_ask(struct reed_live_link *link, const char *name,
                                           struct reed_slice args, struct reed_live_result *result);

/* Settles when less than half of the queue is in use; REED_ECLOSED. */
REED_API struct reed_future *reed_live_drain(struct reed_live_link *link);
REED_API bool reed_live_must_drain(const struct reed_live_link *link);

/* Whether it has a connection, and over what: "socket", "stream", "poll", "". */
REED_API const char *reed_live_carrier(const struct reed_live_link *link);

/* Ends it: the page is told; gone() is called from the loop. */
REED_API void reed_live_close(struct reed_live_link *link);

/* ---- calls of the page ---- */

REED_API struct reed_slice reed_live_name(const struct reed_live_call *call);
REED_API struct reed_slice reed_live_args(const struct reed_live_call *call);
REED_API struct reed_live_link *reed_live_link_of(const struct reed_live_call *call);

/* One of the two, once; REED_EINVAL: it is no UTF-8, or was answered. */
REED_API enum reed_err reed_live_answer(struct reed_live_call *call, struct reed_slice json);
/* What live.call() throws: an Error of this sentence. */
REED_API enum reed_err reed_live_refuse(struct reed_live_call *call, const char *why);

/* ---- JSON, as far as it takes ---- */

/* Adds s as a JSON string (RFC 8259 7); what is not UTF-8 becomes U+FFFD. */
REED_API void reed_live_quote(struct reed_buf *out, struct reed_slice s);

/* The i-th element of an array, as JSON: REED_ENOENT, REED_ESYNTAX. */
REED_API enum reed_err reed_live_element(struct reed_slice array, unsigned i,
                                         struct reed_slice *element);

/* Adds the string that the i-th element is: also REED_EINVAL, it is something else. */
REED_API enum reed_err reed_live_text(struct reed_slice array, unsigned i, struct reed_buf *out);

REED_END_DECLS

#endif
