/*
 * Locks and semaphores: taking turns.
 *
 * Who waits longest is served first, and nobody overtakes: a large request at
 * the front keeps smaller ones waiting, and the forms that do not suspend fail
 * while anybody waits.
 *
 * What was acquired is a hold, a value of the caller's:
 *
 *	reed_try(co, reed_lock(&room->lock, &self->hold));
 *	...
 *	reed_unlock(&self->hold);
 *
 * A zeroed hold holds nothing, and releasing it does nothing, so that the
 * `end` of a coroutine releases whatever its frame has.  An acquire that is
 * dropped, or that any and within lose, has acquired nothing.
 *
 * One loop, one thread: between two awaits nobody else runs, and no lock is
 * needed.  It is for what must stay as it is across an await.
 */

#ifndef REED_LOCK_H
#define REED_LOCK_H

#include "reed/future.h"

REED_BEGIN_DECLS

/* Embedded.  It must outlive the waits for it, and the holds. */
struct reed_semaphore {
	struct reed_loop *loop;
	size_t units, free;     /* there are; nobody holds */
	struct reed_list waits; /* not yet served, the first first */
	void *reserved;
};

/* Not to be copied while it holds something. */
struct reed_hold {
	struct reed_semaphore *of; /* NULL: holds nothing */
	size_t units;
};

REED_API void reed_semaphore_init(struct reed_semaphore *s, struct reed_loop *loop, size_t units);

/* More units from here on. */
REED_API void reed_semaphore_add(struct reed_semaphore *s, size_t units);

/*
 * hold is empty, and gets what was acquired at delivery.  REED_EINVAL: there
 * are not so many units at all.
 */
REED_API struct reed_future *reed_acquire(struct reed_semaphore *s, size_t units,
                                          struct reed_hold *hold);

/* At once or not at all. */
REED_API bool reed_try_acquire(struct reed_semaphore *s, size_t units, struct reed_hold *hold);

/* Part of what is held; units is at most that.  The rest is held on. */
REED_API void reed_release_some(struct reed_hold *hold, size_t units);

/* All of it; hold is empty then, as it may have been before. */
REED_API void reed_release(struct reed_hold *hold);

/* A semaphore of one unit. */
struct reed_lock {
	struct reed_semaphore one;
};

REED_API void reed_lock_init(struct reed_lock *lock, struct reed_loop *loop);

static inline struct reed_future *reed_lock(struct reed_lock *lock, struct reed_hold *hold)
{
	return reed_acquire(&lock->one, 1, hold);
}

static inline bool reed_try_lock(struct reed_lock *lock, struct reed_hold *hold)
{
	return reed_try_acquire(&lock->one, 1, hold);
}

static inline void reed_unlock(struct reed_hold *hold)
{
	reed_release(hold);
}

static inline bool reed_is_locked(const struct reed_lock *lock)
{
	return lock->one.free == 0;
}

REED_END_DECLS

#endif
