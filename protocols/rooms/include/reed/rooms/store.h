/*
 * Stores: what a hub wants to find again after a restart, as a vtable.
 *
 * A store makes its changes in the order of the calls.  A future that has
 * settled with success means that the change survives whatever happens to the
 * process.  Arguments are copied before a call returns.  A store belongs to
 * whoever made it and outlives the hub that uses it.
 */

#ifndef REED_ROOMS_STORE_H
#define REED_ROOMS_STORE_H

#include "reed/pool.h"
#include "reed/rooms/event.h"

REED_BEGIN_DECLS

struct reed_future;
struct reed_loop;

struct reed_mask_record {
	unsigned list; /* enum reed_list_kind, in rooms */
	struct reed_slice mask, by;
	int64_t at;
};

struct reed_role_record {
	struct reed_slice account; /* its id */
	unsigned roles;
};

struct reed_value_record {
	struct reed_slice key, text;
};

struct reed_room_record {
	struct reed_slice id, name, topic, topic_by, key;
	struct reed_slice founder; /* id of an account; empty: lasting without one */
	int64_t created, topic_at;
	uint64_t flags;
	uint32_t limit, slow;
	struct reed_mask_record *masks;
	size_t mask_count;
	struct reed_role_record *roles;
	size_t role_count;
	struct reed_value_record *values;
	size_t value_count;
};

struct reed_account_record {
	struct reed_slice id, name;
	int64_t created, seen;
	uint64_t flags;
	struct reed_slice *nicks; /* reserved beside the name */
	size_t nick_count;
	struct reed_mask_record *blocks;
	size_t block_count;
	struct reed_value_record *settings;
	size_t setting_count;
};

struct reed_ban_record {
	struct reed_slice mask, by, reason;
	int64_t at, expires; /* wall clock; 0: never */
};

/* Zeroed before load(), finished after it. */
struct reed_rooms_snapshot {
	struct reed_room_record *rooms; /* in the order of their creation, as are the others */
	size_t room_count;
	struct reed_account_record *accounts;
	size_t account_count;
	struct reed_ban_record *bans;
	size_t ban_count;
	struct reed_id last; /* the greatest id in use, of messages too; "" when not known */
	struct reed_pool pool;
};

REED_API void reed_rooms_snapshot_finish(struct reed_rooms_snapshot *snapshot);

struct reed_rooms_store;

struct reed_rooms_store_ops {
	const char *name;
	struct reed_future *(*load)(struct reed_rooms_store *s, struct reed_rooms_snapshot *into);

	/* New or instead of the one with that id.  REED_EEXIST: another has that name. */
	struct reed_future *(*save_room)(struct reed_rooms_store *s,
	                                 const struct reed_room_record *room);
	struct reed_future *(*save_account)(struct reed_rooms_store *s,
	                                    const struct reed_account_record *account);
	/* By mask. */
	struct reed_future *(*save_ban)(struct reed_rooms_store *s,
	                                const struct reed_ban_record *ban);

	/* What is not there is deleted with success. */
	struct reed_future *(*delete_room)(struct reed_rooms_store *s, struct reed_slice id);
	struct reed_future *(*delete_account)(struct reed_rooms_store *s, struct reed_slice id);
	struct reed_future *(*delete_ban)(struct reed_rooms_store *s, struct reed_slice mask);

	void (*free)(struct reed_rooms_store *s);
};

/* Embedded in an implementation. */
struct reed_rooms_store {
	const struct reed_rooms_store_ops *ops;
};

/* May be NULL. */
static inline void reed_rooms_store_free(struct reed_rooms_store *s)
{
	if (s)
		s->ops->free(s);
}

/* In memory: for tests, and for hubs that need not remember. */
REED_API struct reed_rooms_store *reed_rooms_store_memory_new(struct reed_loop *loop);

/* ---- for those who make stores: deep copies; false over the pool's limit ---- */

REED_API bool reed_room_record_copy(struct reed_pool *pool, struct reed_room_record *into,
                                    const struct reed_room_record *from);
REED_API bool reed_account_record_copy(struct reed_pool *pool, struct reed_account_record *into,
                                       const struct reed_account_record *from);
REED_API bool reed_ban_record_copy(struct reed_pool *pool, struct reed_ban_record *into,
                                   const struct reed_ban_record *from);

REED_END_DECLS

#endif
