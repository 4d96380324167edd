/*
 * New accounts.  One that waits for the disk has its name already, so that
 * nobody else takes it, but cannot be found.
 */

#include "private.h"

#include "reed/co.h"

struct registering {
	struct reed_co co;
	struct reed_hub *hub;
	struct reed_id id; /* of the account while it is pending; "" when refused */
	enum reed_refusal refusal, *refusal_out;
	struct reed_account **out;
	bool asked; /* the store may have it */
};

static struct reed_account *pending_account(const struct registering *self)
{
	struct reed_named *named =
		reed_names_find(&self->hub->account_ids, reed_slice_of(self->id.s));

	return named ? &reed_container_of(named, struct hub_account, by_id)->account : NULL;
}

static struct reed_future *save(struct registering *self)
{
	struct reed_rooms_store *store = self->hub->options.store;
	struct reed_pool pool = { 0 };
	struct reed_account_record record;
	struct reed_future *f;

	if (!store)
		return reed_ready(self->hub->loop, REED_OK);
	record = reed_account_record_of(&pool, pending_account(self));
	f = store->ops->save_account(store, &record);
	self->asked = true;
	reed_pool_finish(&pool);
	return f;
}

/* What was there under this name before must be gone from the disk first. */
static void registering_run(struct reed_co *co)
{
	struct registering *self = reed_frame(co, struct registering);

	reed_coroutine (co) {
		if (self->refusal)
			break;
		reed_try(co, reed_saver_flush(self->hub));
		reed_try(co, save(self));
	}
}

static void registering_deliver(struct reed_co *co)
{
	struct registering *self = reed_frame(co, struct registering);

	*self->refusal_out = self->refusal;
	if (self->refusal)
		return;
	*self->out = pending_account(self);
	hub_account(*self->out)->pending = false;
	self->id.s[0] = '\0';
}

static void registering_end(struct reed_co *co)
{
	struct registering *self = reed_frame(co, struct registering);
	struct reed_account *account = self->id.s[0] ? pending_account(self) : NULL;

	if (!account)
		return;
	if (self->asked)
		reed_gone_account(account);
	reed_account_free(account);
}

static const struct reed_co_kind registering_kind = {
	.name = "register an account",
	.size = sizeof(struct registering),
	.run = registering_run,
	.deliver = registering_deliver,
	.end = registering_end,
};

static enum reed_refusal check_registration(const struct reed_hub *hub,
                                            const struct reed_session *by, struct reed_slice name)
{
	enum reed_refusal refusal = reed_account_name_check(hub, name);
	struct reed_user *holder = reed_user_find(hub, name);

	if (refusal)
		return refusal;
	if (!reed_nick_ok(hub, name))
		return REED_REFUSAL_NICK_INVALID;
	if (reed_nick_owner(hub, name))
		return REED_REFUSAL_NICK_RESERVED;
	return holder && !(by && by->user == holder) ? REED_REFUSAL_NICK_IN_USE : REED_REFUSAL_NONE;
}

struct reed_future *reed_account_register(struct reed_hub *hub, struct reed_session *by,
                                          struct reed_slice name, enum reed_refusal *refusal,
                                          struct reed_account **account)
{
	struct registering *self = reed_co_new(hub->loop, &registering_kind);
	struct reed_account *pending;

	reed_hub_calm(hub, __func__);
	self->hub = hub;
	self->refusal_out = refusal;
	self->out = account;
	self->refusal = check_registration(hub, by, name);
	if (!self->refusal) {
		self->id = reed_hub_id(hub);
		pending = reed_account_new(hub, name, self->id);
		hub_account(pending)->pending = true;
	}
	return reed_start(&self->co);
}
