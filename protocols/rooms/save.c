/*
 * What is not on the disk yet: a queue, and a coroutine that works it off.
 *
 * An object stands in the queue once, however often it changed, and is written
 * as it is when its turn comes.  The order is kept, as later writes build on
 * earlier ones: a room on the account of its founder.  So a write that fails
 * is tried again before anything else, after a pause, unless the store says it
 * will never take it.
 */

#include "private.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/log.h"
#include "reed/rooms/flush.h"

enum { PAUSE_MS = 1000, LONGEST_PAUSE_MS = 60000 };

static struct reed_unsaved *unsaved_of(struct reed_list *link)
{
	return reed_container_of(link, struct reed_unsaved, link);
}

static bool is_gone(const struct reed_unsaved *u)
{
	return u->kind >= REED_GONE_ROOM;
}

/* ---- those who wait until it is done ---- */

static void tell_done(struct reed_hub *hub)
{
	uint64_t next =
		reed_list_empty(&hub->unsaved) ? UINT64_MAX : unsaved_of(hub->unsaved.next)->serial;
	struct reed_rooms_flush *flush;

	while ((flush = reed_rooms_flush_take(&hub->flushes, next)))
		reed_settle(&flush->future, REED_OK);
}

struct reed_future *reed_saver_flush(struct reed_hub *hub)
{
	if (!hub->saver.future)
		return reed_ready(hub->loop, REED_OK);
	return reed_rooms_flush_add(&hub->flushes, hub->loop, hub->unsaved_serial);
}

/* ---- the coroutine ---- */

struct saver {
	struct reed_co co;
	struct reed_hub *hub;
	struct reed_unsaved *gone; /* owned, while it is being told to the store */
	uint64_t serial;
	int64_t pause;
	bool in_trouble; /* the last one was not saved */
};

static bool take(struct saver *self)
{
	struct reed_hub *hub = self->hub;
	struct reed_list *link = reed_list_take(&hub->unsaved);

	if (!link)
		return false;
	hub->unsaved_count--;
	hub->saving = unsaved_of(link);
	self->serial = hub->saving->serial;
	self->gone = is_gone(hub->saving) ? hub->saving : NULL;
	return true;
}

static struct reed_future *save_room(struct reed_rooms_store *store, struct reed_room *room)
{
	struct reed_pool pool = { 0 };
	struct reed_room_record record = reed_room_record_of(&pool, room);
	struct reed_future *f = store->ops->save_room(store, &record);

	reed_pool_finish(&pool);
	return f;
}

static struct reed_future *save_account(struct reed_rooms_store *store,
                                        struct reed_account *account)
{
	struct reed_pool pool = { 0 };
	struct reed_account_record record = reed_account_record_of(&pool, account);
	struct reed_future *f = store->ops->save_account(store, &record);

	reed_pool_finish(&pool);
	return f;
}

static struct reed_future *save_ban(struct reed_rooms_store *store, struct reed_server_ban *ban)
{
	struct reed_ban_record record = reed_ban_record_of(ban);

	return store->ops->save_ban(store, &record);
}

static struct reed_future *save(struct reed_hub *hub)
{
	struct reed_rooms_store *store = hub->options.store;
	struct reed_unsaved *u = hub->saving;
	struct reed_slice gone = reed_slice_of(u->gone);

	switch (u->kind) {
	case REED_UNSAVED_ROOM:
		return save_room(store, &reed_container_of(u, struct hub_room, unsaved)->room);
	case REED_UNSAVED_ACCOUNT:
		return save_account(store,
		                    &reed_container_of(u, struct hub_account, unsaved)->account);
	case REED_UNSAVED_BAN:
		return save_ban(store, &reed_container_of(u, struct hub_ban, unsaved)->ban);
	case REED_GONE_ROOM:
		return store->ops->delete_room(store, gone);
	case REED_GONE_ACCOUNT:
		return store->ops->delete_account(store, gone);
	case REED_GONE_BAN:
		break;
	}
	return store->ops->delete_ban(store, gone);
}

static void gone_free(struct reed_unsaved *gone)
{
	if (!gone)
		return;
	reed_free(gone->gone);
	reed_free(gone);
}

static void saved(struct saver *self)
{
	self->hub->saving = NULL;
	gone_free(self->gone);
	self->gone = NULL;
	self->pause = PAUSE_MS;
	if (self->in_trouble)
		reed_log(self->hub->loop, REED_LOG_INFO, "rooms are saved again");
	self->in_trouble = false;
	tell_done(self->hub);
}

static bool is_final(enum reed_err err)
{
	return err == REED_EEXIST || err == REED_EINVAL || err == REED_ENOTSUP;
}

/* Back to the front, unless its object is gone, or has changed and stands there anew. */
static void not_saved(struct saver *self)
{
	struct reed_hub *hub = self->hub;
	struct reed_unsaved *u = hub->saving;
	enum reed_err err = self->co.err;
	const char *why = reed_co_why(&self->co);

	hub->saving = NULL;
	if (u && !is_final(err) && !reed_linked(&u->link)) {
		reed_list_prepend(&hub->unsaved, &u->link);
		hub->unsaved_count++;
	} else if (is_final(err)) {
		gone_free(self->gone);
	}
	self->gone = NULL;
	reed_rooms_flush_fail(&hub->flushes, self->serial, err, "not saved", why);
	self->in_trouble = !hub->options.trouble;
	if (hub->options.trouble)
		hub->options.trouble(hub->options.arg, hub, err, why);
	else
		reed_log(hub->loop, REED_LOG_ERROR, "rooms are not saved yet why=%s", why);
}

static void saver_run(struct reed_co *co)
{
	struct saver *self = reed_frame(co, struct saver);

	reed_coroutine (co) {
		while (take(self)) {
			reed_await(co, save(self->hub));
			if (!co->err) {
				saved(self);
				continue;
			}
			not_saved(self);
			reed_try(co, reed_sleep(co->loop, self->pause));
			self->pause = self->pause * 2 < LONGEST_PAUSE_MS ? self->pause * 2
			                                                 : LONGEST_PAUSE_MS;
		}
	}
}

static void saver_end(struct reed_co *co)
{
	gone_free(reed_frame(co, struct saver)->gone);
}

static const struct reed_co_kind saver_kind = { .name = "save rooms",
	                                        .size = sizeof(struct saver),
	                                        .run = saver_run,
	                                        .end = saver_end };

static void start(struct reed_hub *hub)
{
	struct saver *self;

	if (hub->saver.future || reed_list_empty(&hub->unsaved))
		return;
	self = reed_co_new(hub->loop, &saver_kind);
	self->hub = hub;
	self->pause = PAUSE_MS;
	reed_wait(reed_start(&self->co), &hub->saver);
}

static void saver_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct reed_hub *hub = reed_container_of(w, struct reed_hub, saver);

	(void)err;
	reed_fault_free(fault);
	tell_done(hub);
	start(hub);
}

void reed_saver_init(struct reed_hub *hub)
{
	reed_list_init(&hub->unsaved);
	reed_list_init(&hub->flushes);
	hub->saver.wake = saver_wake;
}

void reed_saver_finish(struct reed_hub *hub)
{
	struct reed_list *link;

	reed_unwait(hub->loop, &hub->saver);
	hub->saving = NULL;
	while ((link = reed_list_take(&hub->unsaved)))
		if (is_gone(unsaved_of(link)))
			gone_free(unsaved_of(link));
	hub->unsaved_count = 0;
	reed_rooms_flush_fail(&hub->flushes, 0, REED_ECANCELED, "not saved", "the hub is gone");
}

/* ---- the queue ---- */

static void enqueue(struct reed_hub *hub, struct reed_unsaved *u, int kind)
{
	if (!hub->options.store || reed_linked(&u->link))
		return;
	u->kind = kind;
	u->serial = ++hub->unsaved_serial;
	reed_list_append(&hub->unsaved, &u->link);
	hub->unsaved_count++;
	start(hub);
}

void reed_unsaved_room(struct reed_room *room)
{
	hub_room(room)->changed = true;
	if (reed_room_kept(room))
		enqueue(room->hub, &hub_room(room)->unsaved, REED_UNSAVED_ROOM);
}

void reed_unsaved_account(struct reed_account *account)
{
	if (!hub_account(account)->pending)
		enqueue(account->hub, &hub_account(account)->unsaved, REED_UNSAVED_ACCOUNT);
}

void reed_unsaved_ban(struct reed_hub *hub, struct hub_ban *ban)
{
	enqueue(hub, &ban->unsaved, REED_UNSAVED_BAN);
}

static void gone(struct reed_hub *hub, struct reed_unsaved *u, int kind, const char *id)
{
	struct reed_unsaved *entry;

	if (!hub->options.store)
		return;
	if (hub->saving == u)
		hub->saving = NULL;
	if (reed_linked(&u->link)) {
		reed_list_remove(&u->link);
		hub->unsaved_count--;
	}
	entry = reed_alloc(sizeof(*entry));
	entry->gone = reed_strdup(id);
	enqueue(hub, entry, kind);
}

void reed_gone_room(struct reed_room *room)
{
	gone(room->hub, &hub_room(room)->unsaved, REED_GONE_ROOM, room->id.s);
}

void reed_gone_account(struct reed_account *account)
{
	gone(account->hub, &hub_account(account)->unsaved, REED_GONE_ACCOUNT, account->id.s);
}

void reed_gone_ban(struct reed_hub *hub, struct hub_ban *ban)
{
	gone(hub, &ban->unsaved, REED_GONE_BAN, ban->ban.mask);
}
