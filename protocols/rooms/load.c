/* A hub filled from its store, and its flush. */

#include "private.h"

#include "reed/alloc.h"
#include "reed/co.h"

static struct reed_id id_of(struct reed_slice s)
{
	struct reed_id id;

	reed_slice_copy(id.s, sizeof(id.s), s);
	return id;
}

static void restore_values(struct reed_values *values, const struct reed_value_record *records,
                           size_t count)
{
	for (size_t i = 0; i < count; i++)
		reed_values_set(values, records[i].key, records[i].text, UINT32_MAX, UINT32_MAX);
}

static void restore_account(struct reed_hub *hub, const struct reed_account_record *r)
{
	struct reed_account *account = reed_account_new(hub, r->name, id_of(r->id));

	account->created = r->created;
	account->seen = r->seen;
	account->flags = r->flags;
	for (size_t i = 0; i < r->nick_count; i++)
		reed_account_claim(account, r->nicks[i]);
	for (size_t i = 0; i < r->block_count; i++)
		reed_masks_restore(&account->blocks, &r->blocks[i]);
	restore_values(&account->settings, r->settings, r->setting_count);
}

static void restore_lists(struct reed_room *room, const struct reed_room_record *r)
{
	struct reed_hub *hub = room->hub;

	for (size_t i = 0; i < r->mask_count; i++)
		if (r->masks[i].list < REED_LIST_KINDS)
			reed_masks_restore(&room->lists[r->masks[i].list], &r->masks[i]);
	for (size_t i = 0; i < r->role_count; i++) {
		struct reed_account *account = reed_account_by_id(hub, r->roles[i].account);

		if (account)
			reed_room_set_lasting(room, account, r->roles[i].roles, UINT32_MAX);
	}
	restore_values(&room->values, r->values, r->value_count);
}

static void restore_room(struct reed_hub *hub, const struct reed_room_record *r)
{
	struct reed_room *room = reed_room_new(hub, r->name, id_of(r->id));

	room->created = r->created;
	room->flags = r->flags;
	room->limit = r->limit;
	room->slow = r->slow;
	room->topic_at = r->topic_at;
	reed_text_set_or_null(&room->topic, r->topic);
	reed_text_set_or_null(&room->topic_by, r->topic_by);
	reed_text_set_or_null(&room->key, r->key);
	restore_lists(room, r);
	reed_room_found(room, reed_account_by_id(hub, r->founder));
}

static void restore_ban(struct reed_hub *hub, const struct reed_ban_record *r)
{
	struct hub_ban *self = reed_server_ban_new(hub, r->mask, r->by, r->reason);

	self->ban.at = r->at;
	self->ban.expires = r->expires;
}

/* What has the name of another, as after a repair by hand, is left where it is. */
static void restore(struct reed_hub *hub, const struct reed_rooms_snapshot *s)
{
	reed_hub_id_after(hub, &s->last);
	for (size_t i = 0; i < s->account_count; i++)
		if (!reed_account_find(hub, s->accounts[i].name))
			restore_account(hub, &s->accounts[i]);
	for (size_t i = 0; i < s->room_count; i++)
		if (!reed_room_find(hub, s->rooms[i].name))
			restore_room(hub, &s->rooms[i]);
	for (size_t i = 0; i < s->ban_count; i++)
		restore_ban(hub, &s->bans[i]);
}

struct load {
	struct reed_co co;
	struct reed_hub *hub;
	struct reed_rooms_snapshot snapshot;
};

static void load_run(struct reed_co *co)
{
	struct load *self = reed_frame(co, struct load);
	struct reed_rooms_store *store = self->hub->options.store;

	reed_coroutine (co) {
		if (store)
			reed_try(co, store->ops->load(store, &self->snapshot));
	}
}

static void load_deliver(struct reed_co *co)
{
	struct load *self = reed_frame(co, struct load);

	restore(self->hub, &self->snapshot);
}

static void load_end(struct reed_co *co)
{
	reed_rooms_snapshot_finish(&reed_frame(co, struct load)->snapshot);
}

static const struct reed_co_kind load_kind = {
	.name = "load rooms",
	.size = sizeof(struct load),
	.run = load_run,
	.deliver = load_deliver,
	.end = load_end,
};

struct reed_future *reed_hub_load(struct reed_hub *hub)
{
	struct load *self = reed_co_new(hub->loop, &load_kind);

	self->hub = hub;
	return reed_start(&self->co);
}

struct reed_future *reed_hub_flush(struct reed_hub *hub)
{
	struct reed_history *history = hub->options.history;

	if (!history)
		return reed_saver_flush(hub);
	return reed_all(reed_saver_flush(hub), reed_history_flush(history));
}
