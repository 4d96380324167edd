/*
 * Mailboxes: handing things from one loop to another, across threads.
 *
 * Anybody who shares the box puts items into it, from any loop; one loop, the
 * owner's, gets them, in the order in which they were put.  An item is moved by
 * value, and what it points to moves with it: whoever has put it does not touch
 * it any more.  A full box makes those who put wait, in their order.
 *
 * The functions of an item's kind are called in the thread of whoever holds it.
 * As with queues, a put or get that is dropped, or that any and within lose, has
 * put or got nothing.
 */

#ifndef REED_MAILBOX_H
#define REED_MAILBOX_H

#include "reed/loop.h"
#include "reed/queue.h"

REED_BEGIN_DECLS

struct reed_mailbox;

/* At most capacity items, 1 or more.  The caller is the first who shares it. */
REED_API struct reed_mailbox *reed_mailbox_new(struct reed_loop *owner,
                                               const struct reed_item_kind *kind, size_t capacity);

/* One more who shares it, or one less, from any thread; the last lets go of what is in it. */
REED_API struct reed_mailbox *reed_mailbox_share(struct reed_mailbox *box);
REED_API void reed_mailbox_release(struct reed_mailbox *box);

/*
 * From the owner's thread, before its loop is freed, and when nobody gets any
 * more: what is in it is released, and puts end as REED_ECLOSED.
 */
REED_API void reed_mailbox_close(struct reed_mailbox *box);

/*
 * Settles when there is room; from is the caller's loop.  The item is taken at
 * delivery and must stay where it is until then.  REED_ECLOSED: it is still the
 * caller's.  The caller shares the box until then.
 */
REED_API struct reed_future *reed_mailbox_put(struct reed_loop *from, struct reed_mailbox *box,
                                              const void *item);

/* From any thread, also one without a loop.  REED_EAGAIN: no room; REED_ECLOSED. */
REED_API enum reed_err reed_mailbox_try_put(struct reed_mailbox *box, const void *item);

/* The next item; one at a time, in the owner's loop.  REED_ECLOSED. */
REED_API struct reed_future *reed_mailbox_get(struct reed_mailbox *box, void *item);

/* How many are in it, now. */
REED_API size_t reed_mailbox_count(struct reed_mailbox *box);

REED_END_DECLS

#endif
