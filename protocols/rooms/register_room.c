/* Registered rooms: how a room gets a founder and a place on the disk. */

#include "private.h"

#include "reed/alloc.h"
#include "reed/co.h"

struct registering {
	struct reed_co co;
	struct reed_hub *hub;
	struct reed_room *room; /* pinned; NULL when refused at once */
	struct reed_id account; /* of the founder, by id: it may be deleted meanwhile */
	enum reed_refusal refusal, *out;
	bool asked, done;
};

static struct reed_account *founder_of(const struct registering *self)
{
	return reed_account_by_id(self->hub, reed_slice_of(self->account.s));
}

static struct reed_future *save(struct registering *self)
{
	struct reed_rooms_store *store = self->hub->options.store;
	struct reed_pool pool = { 0 };
	struct reed_room_record record;
	struct reed_future *f;

	if (!store)
		return reed_ready(self->hub->loop, REED_OK);
	record = reed_room_record_of(&pool, self->room);
	record.founder = reed_slice_of(self->account.s);
	hub_room(self->room)->changed = false;
	f = store->ops->save_room(store, &record);
	self->asked = true;
	reed_pool_finish(&pool);
	return f;
}

static void tell_founder(struct reed_room *room, struct reed_account *account)
{
	struct reed_room_change change = {
		.kind = REED_CHANGE_FOUNDER,
		.on = account != NULL,
		.done = true,
		.text = reed_slice_of(account ? account->name : NULL),
	};
	struct reed_telling t;

	reed_tell_begin(&t, room->hub, REED_EVENT_CHANGE, account ? account->user : NULL, NULL);
	t.ev.room = room;
	t.ev.changes = &change;
	t.ev.change_count = 1;
	reed_tell_room(&t, room);
	reed_tell_end(&t);
}

static void registering_run(struct reed_co *co)
{
	struct registering *self = reed_frame(co, struct registering);

	reed_coroutine (co) {
		if (self->refusal)
			break;
		reed_try(co, reed_saver_flush(self->hub));
		reed_try(co, save(self));
		if (!founder_of(self))
			self->refusal = REED_REFUSAL_NO_ACCOUNT;
	}
}

static void registering_deliver(struct reed_co *co)
{
	struct registering *self = reed_frame(co, struct registering);

	*self->out = self->refusal;
	if (self->refusal)
		return;
	self->done = true;
	reed_room_found(self->room, founder_of(self));
	if (hub_room(self->room)->changed) /* while the disk was busy */
		reed_unsaved_room(self->room);
	tell_founder(self->room, self->room->founder);
}

/* Also the way out for those who were dropped on the way. */
static void registering_end(struct reed_co *co)
{
	struct registering *self = reed_frame(co, struct registering);

	if (!self->room)
		return;
	hub_room(self->room)->pins--;
	if (self->asked && !self->done && reed_room_kept(self->room))
		reed_unsaved_room(self->room);
	else if (self->asked && !self->done)
		reed_gone_room(self->room);
	reed_room_tidy(self->room);
}

static const struct reed_co_kind registering_kind = {
	.name = "register a room",
	.size = sizeof(struct registering),
	.run = registering_run,
	.deliver = registering_deliver,
	.end = registering_end,
};

static enum reed_refusal check(const struct reed_session *by, const struct reed_room *room)
{
	const struct reed_account *account = by->user->account;

	if (!account)
		return REED_REFUSAL_NEEDS_ACCOUNT;
	if (room->founder || hub_room(room)->pins > 0)
		return REED_REFUSAL_ALREADY;
	if (reed_rank(reed_room_power(by, room)) < REED_ROLE_OP)
		return REED_REFUSAL_NEEDS_ROLE;
	if (account->founded >= hub_limits(room->hub)->rooms_per_account)
		return REED_REFUSAL_TOO_MANY_ROOMS;
	return REED_REFUSAL_NONE;
}

struct reed_future *reed_room_register(struct reed_session *by, struct reed_room *room,
                                       enum reed_refusal *refusal)
{
	struct registering *self = reed_co_new(room->hub->loop, &registering_kind);

	reed_hub_calm(room->hub, __func__);
	self->hub = room->hub;
	self->out = refusal;
	self->refusal = check(by, room);
	if (!self->refusal) {
		self->account = by->user->account->id;
		self->room = room;
		hub_room(room)->pins++;
	}
	return reed_start(&self->co);
}

enum reed_refusal reed_room_unregister(struct reed_session *by, struct reed_room *room)
{
	reed_hub_calm(room->hub, __func__);
	if (!room->founder)
		return REED_REFUSAL_NOT_REGISTERED;
	if (!reed_session_may(by, REED_MAY_ROOMS) && by->user->account != room->founder)
		return REED_REFUSAL_NEEDS_ROLE;
	reed_room_set_founder(room, NULL);
	tell_founder(room, NULL);
	reed_room_tidy(room);
	return REED_REFUSAL_NONE;
}
