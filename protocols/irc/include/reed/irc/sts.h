/*
 * Strict Transport Security (IRCv3 sts): servers that must not be talked to in
 * clear any more, remembered.
 *
 * A client asks its store before it dials, and tells it what servers say.  The
 * default forgets when the client goes; a program that runs more than once
 * brings a store of its own that does not.
 */

#ifndef REED_IRC_STS_H
#define REED_IRC_STS_H

#include "reed/slice.h"

REED_BEGIN_DECLS

struct reed_irc_sts_policy {
	uint16_t port;     /* of TLS */
	uint64_t duration; /* seconds, as the server said */
	int64_t until;     /* seconds since 1970 UTC */
};

struct reed_irc_sts_store;

struct reed_irc_sts_ops {
	/* False when there is none; one that is over may be returned as well. */
	bool (*find)(struct reed_irc_sts_store *self, struct reed_slice host,
	             struct reed_irc_sts_policy *out);

	/* Replaces what was known of the host; a duration of 0 forgets it. */
	void (*put)(struct reed_irc_sts_store *self, struct reed_slice host,
	            const struct reed_irc_sts_policy *policy);

	/* The last call. */
	void (*free)(struct reed_irc_sts_store *self);
};

/* First member of every kind of store. */
struct reed_irc_sts_store {
	const struct reed_irc_sts_ops *ops;
};

/* Up to 1000 hosts, in memory; may be shared by clients of one loop. */
REED_API struct reed_irc_sts_store *reed_irc_sts_memory(void);

/* May be NULL. */
static inline void reed_irc_sts_free(struct reed_irc_sts_store *store)
{
	if (store)
		store->ops->free(store);
}

REED_END_DECLS

#endif
