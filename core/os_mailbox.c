/*
 * Mailboxes.
 *
 * The lock is held for a few instructions and never while somebody else's code
 * runs, but for the functions of an item's kind when the box goes.  What one
 * loop has to tell another goes by reed_post(): to the owner that there is
 * something, to those who wait that there may be room.
 */

#include "reed/mailbox.h"

#include <pthread.h>

#include "private.h"
#include "ring.h"

struct reed_mailbox {
	struct reed_loop *owner;
	const struct reed_item_kind *kind;
	pthread_mutex_t lock;
	struct reed_ring ring;
	struct reed_list waiting; /* bells of puts, the first first */
	size_t promised;          /* places in the ring, to puts that are not delivered */
	unsigned sharers;
	bool closed, listened, told; /* the owner waits; has been told, and has not looked yet */
	struct reed_post news;
	struct get *get; /* the owner's */
};

/* What rings for a put, on its loop.  It may ring when that has gone. */
struct bell {
	struct reed_post post;
	struct reed_list link; /* NULL: it has been rung */
	struct reed_loop *loop;
	struct put *put;
};

struct put {
	struct reed_future future;
	struct reed_mailbox *box;
	const void *item;
	struct bell *bell; /* NULL: not waiting */
	bool promised;
};

struct get {
	struct reed_future future;
	struct reed_mailbox *box;
	void *item;
};

static void lock(struct reed_mailbox *box)
{
	pthread_mutex_lock(&box->lock);
}

static void unlock(struct reed_mailbox *box)
{
	pthread_mutex_unlock(&box->lock);
}

static bool has_room(const struct reed_mailbox *box)
{
	return box->ring.count + box->promised < box->ring.most;
}

/* ---- telling, under the lock ---- */

static void tell_owner(struct reed_mailbox *box)
{
	if (!box->listened || box->told)
		return;
	box->told = true;
	box->sharers++;
	reed_post(box->owner, &box->news);
}

static void ring(struct bell *bell)
{
	reed_list_remove(&bell->link);
	reed_post(bell->loop, &bell->post);
}

/* The place is promised at once: until the bell is heard nobody else may have it. */
static void ring_first(struct reed_mailbox *box)
{
	struct bell *bell;

	if (reed_list_empty(&box->waiting) || !has_room(box))
		return;
	bell = reed_container_of(box->waiting.next, struct bell, link);
	bell->put->promised = true;
	box->promised++;
	ring(bell);
}

static void ring_all(struct reed_mailbox *box)
{
	while (!reed_list_empty(&box->waiting))
		ring(reed_container_of(box->waiting.next, struct bell, link));
}

/* ---- the box ---- */

static void news(struct reed_post *post)
{
	struct reed_mailbox *box = reed_container_of(post, struct reed_mailbox, news);

	lock(box);
	box->told = box->listened = false;
	unlock(box);
	if (box->get)
		reed_settle(&box->get->future, REED_OK);
	reed_mailbox_release(box);
}

struct reed_mailbox *reed_mailbox_new(struct reed_loop *owner, const struct reed_item_kind *kind,
                                      size_t capacity)
{
	struct reed_mailbox *box = reed_alloc(sizeof(*box));

	assert(capacity > 0);
	pthread_mutex_init(&box->lock, NULL);
	box->owner = owner;
	box->kind = kind;
	box->ring.most = capacity;
	box->sharers = 1;
	box->news.run = news;
	reed_list_init(&box->waiting);
	return box;
}

struct reed_mailbox *reed_mailbox_share(struct reed_mailbox *box)
{
	lock(box);
	box->sharers++;
	unlock(box);
	return box;
}

void reed_mailbox_release(struct reed_mailbox *box)
{
	bool last;

	lock(box);
	last = --box->sharers == 0;
	unlock(box);
	if (!last)
		return;
	reed_ring_finish(&box->ring, box->kind);
	pthread_mutex_destroy(&box->lock);
	reed_free(box);
}

void reed_mailbox_close(struct reed_mailbox *box)
{
	struct reed_ring ring;

	lock(box);
	box->closed = true;
	box->listened = false; /* the owner's loop may go now */
	ring = box->ring;
	box->ring = (struct reed_ring){ .most = ring.most };
	ring_all(box);
	unlock(box);
	reed_ring_finish(&ring, box->kind);
	if (box->get)
		reed_settle(&box->get->future, REED_ECLOSED);
}

size_t reed_mailbox_count(struct reed_mailbox *box)
{
	size_t count;

	lock(box);
	count = box->ring.count;
	unlock(box);
	return count;
}

/* ---- putting ---- */

static void add(struct reed_mailbox *box, const void *item)
{
	reed_ring_add(&box->ring, box->kind, item);
	tell_owner(box);
}

enum reed_err reed_mailbox_try_put(struct reed_mailbox *box, const void *item)
{
	enum reed_err err = REED_OK;

	lock(box);
	if (box->closed)
		err = REED_ECLOSED;
	else if (!has_room(box) || !reed_list_empty(&box->waiting))
		err = REED_EAGAIN;
	else
		add(box, item);
	unlock(box);
	return err;
}

static struct put *put_of(struct reed_future *f)
{
	return reed_container_of(f, struct put, future);
}

static void bell_rings(struct reed_post *post)
{
	struct bell *bell = reed_container_of(post, struct bell, post);
	struct put *put = bell->put;

	reed_loop_release(bell->loop);
	reed_free(bell);
	if (!put)
		return;
	put->bell = NULL;
	reed_settle(&put->future, REED_OK);
}

/* Under the lock. */
static void hang_bell(struct put *put)
{
	struct bell *bell = reed_alloc(sizeof(*bell));

	bell->post.run = bell_rings;
	bell->loop = put->future.loop;
	bell->put = put;
	put->bell = bell;
	reed_loop_hold(bell->loop);
	reed_list_append(&put->box->waiting, &bell->link);
}

/* Under the lock. */
static enum reed_err reserve(struct put *put)
{
	struct reed_mailbox *box = put->box;

	if (box->closed)
		return REED_ECLOSED;
	if (!has_room(box) || !reed_list_empty(&box->waiting)) {
		hang_bell(put);
		return REED_EAGAIN;
	}
	put->promised = true;
	box->promised++;
	return REED_OK;
}

/* Without a place it has been told that the box is closed. */
static enum reed_err put_attempt(struct reed_future *f)
{
	return put_of(f)->promised ? REED_OK : REED_ECLOSED;
}

static void put_cancel(struct reed_future *f)
{
	struct put *put = put_of(f);
	struct bell *bell = put->bell;

	if (!bell)
		return;
	put->bell = NULL;
	lock(put->box);
	bell->put = NULL;
	if (!reed_linked(&bell->link))
		bell = NULL; /* it frees itself when it arrives */
	else
		reed_list_remove(&bell->link);
	unlock(put->box);
	if (!bell)
		return;
	reed_loop_release(f->loop);
	reed_free(bell);
}

static void put_deliver(struct reed_future *f)
{
	struct put *put = put_of(f);

	if (f->err || !put->promised)
		return;
	lock(put->box);
	put->promised = false;
	put->box->promised--;
	add(put->box, put->item); /* what a closed one is given goes with it */
	unlock(put->box);
}

/* A place that was not taken is somebody else's, and so is the news of one. */
static void put_free(struct reed_future *f)
{
	struct put *put = put_of(f);

	lock(put->box);
	if (put->promised)
		put->box->promised--;
	ring_first(put->box);
	unlock(put->box);
	reed_mailbox_release(put->box);
	reed_free(put);
}

static const struct reed_future_kind put_kind = { .name = "put into a mailbox",
	                                          .cancel = put_cancel,
	                                          .attempt = put_attempt,
	                                          .deliver = put_deliver,
	                                          .free = put_free };

struct reed_future *reed_mailbox_put(struct reed_loop *from, struct reed_mailbox *box,
                                     const void *item)
{
	struct put *put = reed_alloc(sizeof(*put));
	enum reed_err err;

	reed_future_init(&put->future, from, &put_kind);
	put->box = reed_mailbox_share(box);
	put->item = item;
	lock(box);
	err = reserve(put);
	unlock(box);
	if (err != REED_EAGAIN)
		reed_settle(&put->future, err);
	return &put->future;
}

/* ---- getting ---- */

static struct get *get_of(struct reed_future *f)
{
	return reed_container_of(f, struct get, future);
}

static enum reed_err get_attempt(struct reed_future *f)
{
	struct reed_mailbox *box = get_of(f)->box;
	enum reed_err err = REED_OK;

	lock(box);
	if (box->ring.count == 0) {
		box->listened = !box->closed;
		err = box->closed ? REED_ECLOSED : REED_EAGAIN;
	}
	unlock(box);
	return err;
}

static void get_deliver(struct reed_future *f)
{
	struct get *get = get_of(f);

	if (f->err)
		return;
	lock(get->box);
	reed_ring_take(&get->box->ring, get->box->kind, get->item);
	ring_first(get->box);
	unlock(get->box);
}

static void get_free(struct reed_future *f)
{
	struct get *get = get_of(f);

	get->box->get = NULL;
	reed_loop_release(f->loop);
	reed_free(get);
}

static const struct reed_future_kind get_kind = { .name = "get from a mailbox",
	                                          .attempt = get_attempt,
	                                          .deliver = get_deliver,
	                                          .free = get_free };

struct reed_future *reed_mailbox_get(struct reed_mailbox *box, void *item)
{
	struct get *get = reed_alloc(sizeof(*get));

	assert(!box->get);
	reed_future_init(&get->future, box->owner, &get_kind);
	get->box = box;
	get->item = item;
	box->get = get;
	reed_loop_hold(box->owner);
	if (get_attempt(&get->future) != REED_EAGAIN)
		reed_settle(&get->future, REED_OK); /* is attempted again, and tells */
	return &get->future;
}
