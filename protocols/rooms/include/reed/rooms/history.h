/*
 * History: what was said, by conversation, in the order it was said.
 *
 * A conversation is a room, whose name here is its id, or what two accounts
 * say to each other (reed_talk_between()).  A history is a vtable; the ring in
 * memory is here, stores on disk are libraries of their own.  It belongs to
 * whoever made it and outlives the hub that uses it.
 */

#ifndef REED_ROOMS_HISTORY_H
#define REED_ROOMS_HISTORY_H

#include "reed/pool.h"
#include "reed/rooms/event.h"

REED_BEGIN_DECLS

struct reed_account;
struct reed_future;
struct reed_loop;

/* What is asked for in one go is brought down to this. */
#define REED_HISTORY_PAGE 1000

enum reed_message_flag {
	REED_MESSAGE_REDACTED = 1, /* text and tags are gone */
};

/* An event as it is kept: who it was then, not who it is now. */
struct reed_message {
	struct reed_id id;
	int64_t time; /* nanoseconds since 1970-01-01 UTC */
	enum reed_event_kind kind;
	enum reed_manner manner;
	unsigned flags; /* of enum reed_message_flag */
	struct reed_slice nick, username, host;
	struct reed_slice account; /* its id; empty: a guest, or the server */
	struct reed_slice text, ref;
	struct reed_slice target; /* nick of who was kicked, or spoken to */
	const struct reed_tag *tags;
	size_t tag_count;
};

/* A place between messages, by the id of one of them or by time.  Zeroed is none. */
struct reed_history_point {
	struct reed_slice id; /* goes first when both are given */
	int64_t time;
};

enum reed_history_way {
	REED_HISTORY_BACK,   /* the last ones before from, or before the end */
	REED_HISTORY_ON,     /* the first ones after from, or from the beginning */
	REED_HISTORY_AROUND, /* half of them before from, and the rest from it on */
	REED_HISTORY_ONE,    /* the message whose id is from.id, even an edit */
};

struct reed_history_query {
	size_t size;
	struct reed_slice where; /* the conversation */
	enum reed_history_way way;
	struct reed_history_point from;  /* not included, but in AROUND and ONE */
	struct reed_history_point until; /* BACK and ON stop before it */
	unsigned limit;                  /* 0: REED_HISTORY_PAGE */
	bool all;                        /* joins, topics and the like too, not messages alone */
};

#define REED_HISTORY_QUERY                                \
	{                                                 \
		.size = sizeof(struct reed_history_query) \
	}

/* Zeroed before the query, finished after it.  The oldest message is the first. */
struct reed_history_page {
	struct reed_message *messages;
	size_t count;
	bool more;             /* there were more than the limit */
	bool unknown;          /* the id asked for is not here (any more) */
	struct reed_pool pool; /* what it all lies in */
};

REED_API void reed_history_page_finish(struct reed_history_page *page);

/* One conversation of an account with another. */
struct reed_talk {
	struct reed_slice where;
	struct reed_slice with; /* id of the other account */
	struct reed_id last;
	int64_t time; /* of the last message */
};

struct reed_talks {
	struct reed_talk *talks; /* the latest first */
	size_t count;
	struct reed_pool pool;
};

REED_API void reed_talks_finish(struct reed_talks *talks);

struct reed_history;

struct reed_history_ops {
	const char *name;

	/*
	 * Copies what it needs and never waits; queries made later see it.
	 * ids ascend within a conversation.  What cannot be kept is dropped
	 * and counted by the implementation.
	 */
	void (*append)(struct reed_history *h, struct reed_slice where,
	               const struct reed_message *message);

	/* The page is written when it is delivered; the query is copied. */
	struct reed_future *(*query)(struct reed_history *h, const struct reed_history_query *query,
	                             struct reed_history_page *page);

	/* The text and tags of a message and of its edits go; REED_ENOENT: no such message. */
	struct reed_future *(*redact)(struct reed_history *h, struct reed_slice where,
	                              struct reed_slice id);

	/* The whole conversation goes. */
	struct reed_future *(*forget)(struct reed_history *h, struct reed_slice where);

	/* Talks of the account whose last message is after from and before to (0: no bound). */
	struct reed_future *(*talks)(struct reed_history *h, struct reed_slice account,
	                             int64_t from, int64_t to, unsigned limit,
	                             struct reed_talks *talks);

	/* What was appended before is as safe as it will be; fails if some of it was lost. */
	struct reed_future *(*flush)(struct reed_history *h);

	void (*free)(struct reed_history *h);
};

/* Embedded in an implementation. */
struct reed_history {
	const struct reed_history_ops *ops;
};

static inline void reed_history_append(struct reed_history *h, struct reed_slice where,
                                       const struct reed_message *message)
{
	h->ops->append(h, where, message);
}

static inline struct reed_future *reed_history_query(struct reed_history *h,
                                                     const struct reed_history_query *query,
                                                     struct reed_history_page *page)
{
	return h->ops->query(h, query, page);
}

static inline struct reed_future *reed_history_redact(struct reed_history *h,
                                                      struct reed_slice where, struct reed_slice id)
{
	return h->ops->redact(h, where, id);
}

static inline struct reed_future *reed_history_forget(struct reed_history *h,
                                                      struct reed_slice where)
{
	return h->ops->forget(h, where);
}

static inline struct reed_future *reed_history_talks(struct reed_history *h,
                                                     struct reed_slice account, int64_t from,
                                                     int64_t to, unsigned limit,
                                                     struct reed_talks *talks)
{
	return h->ops->talks(h, account, from, to, limit, talks);
}

static inline struct reed_future *reed_history_flush(struct reed_history *h)
{
	return h->ops->flush(h);
}

/* May be NULL. */
static inline void reed_history_free(struct reed_history *h)
{
	if (h)
		h->ops->free(h);
}

/* The name of what two accounts say to each other, the same from both sides. */
struct reed_talk_name {
	char s[2 * REED_ID_LENGTH + 1];
};

REED_API struct reed_talk_name reed_talk_between(const struct reed_account *a,
                                                 const struct reed_account *b);

/* ---- in memory ---- */

struct reed_history_ring_options {
	size_t size;
	uint32_t messages;      /* kept of each conversation; 0: 1000 */
	uint32_t conversations; /* the one silent for longest goes first; 0: 10,000 */
	size_t bytes;           /* of all, the same; 0: 64 MiB */
};

#define REED_HISTORY_RING_OPTIONS                                \
	{                                                        \
		.size = sizeof(struct reed_history_ring_options) \
	}

/* options may be NULL. */
REED_API struct reed_history *reed_history_ring_new(
	struct reed_loop *loop, const struct reed_history_ring_options *options);

/* ---- for those who make histories ---- */

/* Into page->pool, with all that the slices point to; false over the pool's limit. */
REED_API bool reed_message_copy(struct reed_pool *pool, struct reed_message *into,
                                const struct reed_message *from);

/* Tags as bytes, for stores: key, NUL, value, NUL, and so on. */
REED_API size_t reed_tags_packed_size(const struct reed_tag *tags, size_t count);
REED_API void reed_tags_pack(char *into, const struct reed_tag *tags, size_t count);
/* Into pool; what is not well-formed ends the list. */
REED_API struct reed_tag *reed_tags_unpack(struct reed_pool *pool, struct reed_slice packed,
                                           size_t *count);

REED_END_DECLS

#endif
