/* A store that forgets when it is freed: each record in a pool of its own. */

#include "private.h"

#include "reed/alloc.h"

enum kind { ROOM, ACCOUNT, BAN, KINDS };

struct item {
	struct reed_list link;
	struct reed_slice id; /* or mask */
	struct reed_pool pool;
	union {
		struct reed_room_record room;
		struct reed_account_record account;
		struct reed_ban_record ban;
	} as;
};

struct memory {
	struct reed_rooms_store store;
	struct reed_loop *loop;
	struct reed_list items[KINDS]; /* in the order they first came */
};

static struct memory *memory_of(struct reed_rooms_store *s)
{
	return reed_container_of(s, struct memory, store);
}

static struct item *item_of(struct reed_list *link)
{
	return reed_container_of(link, struct item, link);
}

static struct item *find(struct memory *m, enum kind kind, struct reed_slice id)
{
	reed_list_each (link, &m->items[kind])
		if (reed_slice_eq(item_of(link)->id, id))
			return item_of(link);
	return NULL;
}

/* Empty, in the place of the old one of that id, or last. */
static struct item *item_for(struct memory *m, enum kind kind, struct reed_slice id)
{
	struct item *item = find(m, kind, id);

	if (!item) {
		item = reed_alloc(sizeof(*item));
		reed_list_append(&m->items[kind], &item->link);
	}
	reed_pool_finish(&item->pool);
	return item;
}

static void item_free(struct item *item)
{
	reed_list_remove(&item->link);
	reed_pool_finish(&item->pool);
	reed_free(item);
}

/* ---- saving ---- */

static bool has_name(const struct item *item, enum kind kind, struct reed_slice name)
{
	return reed_slice_eq(kind == ROOM ? item->as.room.name : item->as.account.name, name);
}

static bool is_taken(struct memory *m, enum kind kind, struct reed_slice id, struct reed_slice name)
{
	reed_list_each (link, &m->items[kind])
		if (has_name(item_of(link), kind, name) && !reed_slice_eq(item_of(link)->id, id))
			return true;
	return false;
}

static struct reed_future *taken(struct memory *m, struct reed_slice name)
{
	return reed_failed(m->loop, REED_EEXIST, "there is another one called " REED_FMT,
	                   REED_ARG(name));
}

static struct reed_future *save_room(struct reed_rooms_store *s, const struct reed_room_record *r)
{
	struct memory *m = memory_of(s);
	struct item *item;

	if (is_taken(m, ROOM, r->id, r->name))
		return taken(m, r->name);
	item = item_for(m, ROOM, r->id);
	reed_room_record_copy(&item->pool, &item->as.room, r);
	item->id = item->as.room.id;
	return reed_ready(m->loop, REED_OK);
}

static struct reed_future *save_account(struct reed_rooms_store *s,
                                        const struct reed_account_record *r)
{
	struct memory *m = memory_of(s);
	struct item *item;

	if (is_taken(m, ACCOUNT, r->id, r->name))
		return taken(m, r->name);
	item = item_for(m, ACCOUNT, r->id);
	reed_account_record_copy(&item->pool, &item->as.account, r);
	item->id = item->as.account.id;
	return reed_ready(m->loop, REED_OK);
}

static struct reed_future *save_ban(struct reed_rooms_store *s, const struct reed_ban_record *r)
{
	struct memory *m = memory_of(s);
	struct item *item = item_for(m, BAN, r->mask);

	reed_ban_record_copy(&item->pool, &item->as.ban, r);
	item->id = item->as.ban.mask;
	return reed_ready(m->loop, REED_OK);
}

/* ---- deleting ---- */

static struct reed_future *delete (struct reed_rooms_store *s, enum kind kind, struct reed_slice id)
{
	struct item *item = find(memory_of(s), kind, id);

	if (item)
		item_free(item);
	return reed_ready(memory_of(s)->loop, REED_OK);
}

static struct reed_future *delete_room(struct reed_rooms_store *s, struct reed_slice id)
{
	return delete (s, ROOM, id);
}

static struct reed_future *delete_account(struct reed_rooms_store *s, struct reed_slice id)
{
	return delete (s, ACCOUNT, id);
}

static struct reed_future *delete_ban(struct reed_rooms_store *s, struct reed_slice mask)
{
	return delete (s, BAN, mask);
}

/* ---- loading ---- */

struct load {
	struct reed_future future;
	struct memory *memory;
	struct reed_rooms_snapshot *into;
};

static size_t count(const struct memory *m, enum kind kind)
{
	size_t n = 0;

	reed_list_each (link, &m->items[kind])
		n++;
	return n;
}

static void *room_for(struct reed_rooms_snapshot *into, size_t n, size_t size)
{
	return reed_pool_alloc(&into->pool, n ? n * size : 1);
}

static void note_last(struct reed_rooms_snapshot *into, struct reed_slice id)
{
	if (reed_slice_cmp(id, reed_slice_of(into->last.s)) > 0)
		reed_slice_copy(into->last.s, sizeof(into->last.s), id);
}

static void load_deliver(struct reed_future *f)
{
	struct load *self = reed_container_of(f, struct load, future);
	struct reed_rooms_snapshot *into = self->into;
	struct memory *m = self->memory;

	into->rooms = room_for(into, count(m, ROOM), sizeof(*into->rooms));
	into->accounts = room_for(into, count(m, ACCOUNT), sizeof(*into->accounts));
	into->bans = room_for(into, count(m, BAN), sizeof(*into->bans));
	for (enum kind kind = ROOM; kind <= ACCOUNT; kind++)
		reed_list_each (link, &m->items[kind])
			note_last(into, item_of(link)->id);
	reed_list_each (link, &m->items[ROOM])
		reed_room_record_copy(&into->pool, &into->rooms[into->room_count++],
		                      &item_of(link)->as.room);
	reed_list_each (link, &m->items[ACCOUNT])
		reed_account_record_copy(&into->pool, &into->accounts[into->account_count++],
		                         &item_of(link)->as.account);
	reed_list_each (link, &m->items[BAN])
		reed_ban_record_copy(&into->pool, &into->bans[into->ban_count++],
		                     &item_of(link)->as.ban);
}

static void load_free(struct reed_future *f)
{
	reed_free(reed_container_of(f, struct load, future));
}

static const struct reed_future_kind load_kind = { .name = "load",
	                                           .deliver = load_deliver,
	                                           .free = load_free };

static struct reed_future *load(struct reed_rooms_store *s, struct reed_rooms_snapshot *into)
{
	struct load *self = reed_alloc(sizeof(*self));

	reed_future_init(&self->future, memory_of(s)->loop, &load_kind);
	self->memory = memory_of(s);
	self->into = into;
	reed_settle(&self->future, REED_OK);
	return &self->future;
}

/* ---- the store ---- */

static void memory_free(struct reed_rooms_store *s)
{
	struct memory *m = memory_of(s);

	for (enum kind kind = ROOM; kind < KINDS; kind++)
		while (!reed_list_empty(&m->items[kind]))
			item_free(item_of(m->items[kind].next));
	reed_free(m);
}

static const struct reed_rooms_store_ops memory_ops = {
	.name = "memory",
	.load = load,
	.save_room = save_room,
	.save_account = save_account,
	.save_ban = save_ban,
	.delete_room = delete_room,
	.delete_account = delete_account,
	.delete_ban = delete_ban,
	.free = memory_free,
};

struct reed_rooms_store *reed_rooms_store_memory_new(struct reed_loop *loop)
{
	struct memory *m = reed_alloc(sizeof(*m));

	m->store.ops = &memory_ops;
	m->loop = loop;
	for (enum kind kind = ROOM; kind < KINDS; kind++)
		reed_list_init(&m->items[kind]);
	return &m->store;
}
