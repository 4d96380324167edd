/* Sessions in memory: as many as were asked for, those unused for longest go first. */

#include "private.h"

enum { MOST = 10000 };

struct kept {
	struct reed_list link;  /* in its bucket */
	struct reed_list order; /* the latest saved last */
	uint8_t id[REED_WEB_SESSION_ID];
	struct reed_web_session_row *row; /* without what it does not use of data */
};

struct memory {
	struct reed_web_session_store store;
	struct reed_loop *loop;
	struct reed_list buckets[BUCKETS], order;
	size_t count, most;
	bool tells; /* of what is over: it stays until it is taken */
};

static struct memory *memory_of(struct reed_web_session_store *store)
{
	return reed_container_of(store, struct memory, store);
}

static struct kept *of_order(struct reed_list *link)
{
	return reed_container_of(link, struct kept, order);
}

static struct kept *find(struct memory *self, const uint8_t id[REED_WEB_SESSION_ID])
{
	reed_list_each (link, &self->buckets[id[0]]) {
		struct kept *k = reed_container_of(link, struct kept, link);

		if (memcmp(k->id, id, REED_WEB_SESSION_ID) == 0)
			return k;
	}
	return NULL;
}

static void take_out(struct memory *self, struct kept *k)
{
	reed_list_remove(&k->link);
	reed_list_remove(&k->order);
	self->count--;
}

static void kept_free(struct kept *k)
{
	if (!k)
		return;
	reed_free(k->row);
	reed_free(k);
}

static void drop(struct memory *self, struct kept *k)
{
	if (!k)
		return;
	take_out(self, k);
	kept_free(k);
}

static size_t size_of(const struct reed_web_session_row *row)
{
	return offsetof(struct reed_web_session_row, data) + row->data_n;
}

/* ---- the store ---- */

struct loading {
	struct reed_co co;
	struct memory *memory;
	uint8_t id[REED_WEB_SESSION_ID];
	struct reed_web_session_row *out;
};

static void loading_run(struct reed_co *co)
{
	struct loading *self = reed_frame(co, struct loading);

	reed_coroutine (co) {
		reed_return(co, find(self->memory, self->id) ? REED_OK : REED_ENOENT);
	}
}

static void loading_deliver(struct reed_co *co)
{
	struct loading *self = reed_frame(co, struct loading);
	const struct kept *k = find(self->memory, self->id);

	*self->out = (struct reed_web_session_row){ .data_n = 0 };
	if (k) /* it was there when this was settled */
		memcpy(self->out, k->row, size_of(k->row));
}

static const struct reed_co_kind loading_kind = { "load a session", sizeof(struct loading),
	                                          loading_run, loading_deliver, NULL };

static struct reed_future *load(struct reed_web_session_store *store,
                                const uint8_t id[REED_WEB_SESSION_ID],
                                struct reed_web_session_row *row)
{
	struct memory *memory = memory_of(store);
	struct loading *self = reed_co_new(memory->loop, &loading_kind);

	self->memory = memory;
	memcpy(self->id, id, sizeof(self->id));
	self->out = row;
	return reed_start(&self->co);
}

static void make_room(struct memory *self)
{
	int64_t now = reed_wall(self->loop);

	while (!reed_list_empty(&self->order) &&
	       (self->count >= self->most ||
	        (!self->tells && of_order(self->order.next)->row->expires < now)))
		drop(self, of_order(self->order.next));
}

static struct reed_future *save(struct reed_web_session_store *store,
                                const uint8_t id[REED_WEB_SESSION_ID],
                                const struct reed_web_session_row *row)
{
	struct memory *self = memory_of(store);
	struct kept *k = reed_alloc(sizeof(*k));

	drop(self, find(self, id));
	make_room(self);
	memcpy(k->id, id, sizeof(k->id));
	k->row = reed_alloc(size_of(row));
	memcpy(k->row, row, size_of(row));
	reed_list_append(&self->buckets[id[0]], &k->link);
	reed_list_append(&self->order, &k->order);
	self->count++;
	return reed_ready(self->loop, REED_OK);
}

static struct reed_future *forget_one(struct reed_web_session_store *store,
                                      const uint8_t id[REED_WEB_SESSION_ID])
{
	struct memory *self = memory_of(store);

	drop(self, find(self, id));
	return reed_ready(self->loop, REED_OK);
}

static struct reed_future *forget_account(struct reed_web_session_store *store, const char *account)
{
	struct memory *self = memory_of(store);

	reed_list_each_safe (link, &self->order)
		if (strcmp(of_order(link)->row->account, account) == 0)
			drop(self, of_order(link));
	return reed_ready(self->loop, REED_OK);
}

/* What was saved last may be over first: its life ends, whenever it was used. */
static struct kept *find_expired(struct memory *self, int64_t now)
{
	reed_list_each (link, &self->order)
		if (of_order(link)->row->expires <= now)
			return of_order(link);
	return NULL;
}

/* It is taken when this is settled: saved again before that is heard of, it would not be over. */
struct taking {
	struct reed_co co;
	struct memory *memory;
	int64_t now;
	struct kept *kept;
	uint8_t *id;
	struct reed_web_session_row *row;
};

static void taking_run(struct reed_co *co)
{
	struct taking *self = reed_frame(co, struct taking);

	reed_coroutine (co) {
		self->kept = find_expired(self->memory, self->now);
		if (!self->kept)
			reed_return(co, REED_ENOENT);
		take_out(self->memory, self->kept);
	}
}

static void taking_deliver(struct reed_co *co)
{
	struct taking *self = reed_frame(co, struct taking);

	memcpy(self->id, self->kept->id, sizeof(self->kept->id));
	*self->row = (struct reed_web_session_row){ .data_n = 0 };
	memcpy(self->row, self->kept->row, size_of(self->kept->row));
}

static void taking_end(struct reed_co *co)
{
	kept_free(reed_frame(co, struct taking)->kept);
}

static const struct reed_co_kind taking_kind = { "take a session that is over",
	                                         sizeof(struct taking), taking_run, taking_deliver,
	                                         taking_end };

static struct reed_future *take_expired(struct reed_web_session_store *store, int64_t now,
                                        uint8_t id[REED_WEB_SESSION_ID],
                                        struct reed_web_session_row *row)
{
	struct memory *memory = memory_of(store);
	struct taking *self = reed_co_new(memory->loop, &taking_kind);

	memory->tells = true;
	self->memory = memory;
	self->now = now;
	self->id = id;
	self->row = row;
	return reed_start(&self->co);
}

static void memory_free(struct reed_web_session_store *store)
{
	struct memory *self = memory_of(store);

	while (!reed_list_empty(&self->order))
		drop(self, of_order(self->order.next));
	reed_free(self);
}

static const struct reed_web_session_store_ops memory_ops = {
	.load = load,
	.save = save,
	.remove = forget_one,
	.forget = forget_account,
	.free = memory_free,
	.take_expired = take_expired,
};

struct reed_web_session_store *reed_web_session_memory_new(struct reed_loop *loop, size_t most)
{
	struct memory *self = reed_alloc(sizeof(*self));

	self->store.ops = &memory_ops;
	self->loop = loop;
	self->most = most ? most : MOST;
	reed_list_init(&self->order);
	for (int i = 0; i < BUCKETS; i++)
		reed_list_init(&self->buckets[i]);
	return &self->store;
}
