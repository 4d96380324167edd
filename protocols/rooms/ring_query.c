/* What is asked of the history in memory. */

#include "ring.h"

#include "reed/alloc.h"

struct query {
	struct reed_future future;
	struct ring *ring;
	struct reed_history_query query;
	struct reed_history_page *page;
	struct reed_pool pool; /* what the query's slices lie in */
};

static bool is_said(const struct reed_message *m)
{
	return m->kind == REED_EVENT_MESSAGE || m->kind == REED_EVENT_EDIT ||
	       m->kind == REED_EVENT_REDACT;
}

static bool is_point(const struct reed_history_point *point)
{
	return point->id.n > 0 || point->time != 0;
}

/* By id, or by time: is the message before the point, and is it at it? */
static bool is_before(const struct reed_message *m, const struct reed_history_point *point)
{
	if (point->id.n)
		return reed_slice_cmp(reed_slice_of(m->id.s), point->id) < 0;
	return m->time < point->time;
}

static bool is_at(const struct reed_message *m, const struct reed_history_point *point)
{
	return point->id.n ? reed_slice_is(point->id, m->id.s) : m->time == point->time;
}

/* The first message that is not before the point; false when it should be there and is not. */
static bool place_of(const struct conversation *c, const struct reed_history_point *point,
                     uint32_t *place)
{
	*place = 0;
	while (*place < c->count && is_before(message_at(c, *place), point))
		++*place;
	return point->id.n == 0 || (*place < c->count && is_at(message_at(c, *place), point));
}

/* The first after the point. */
static bool place_after(const struct conversation *c, const struct reed_history_point *point,
                        uint32_t *place)
{
	bool known = place_of(c, point, place);

	while (*place < c->count && is_at(message_at(c, *place), point))
		++*place;
	return known;
}

struct range {
	uint32_t begin, end;
};

static void put(struct query *self, const struct conversation *c, uint32_t i)
{
	struct reed_history_page *page = self->page;

	reed_message_copy(&page->pool, &page->messages[page->count++], message_at(c, i));
}

static bool is_asked_for(const struct query *self, const struct conversation *c, uint32_t i)
{
	return self->query.all || is_said(message_at(c, i));
}

/* From the end of the range back, then in order. */
static void put_last(struct query *self, const struct conversation *c, struct range range,
                     unsigned limit)
{
	uint32_t begin = range.end;

	while (begin > range.begin && limit > 0)
		limit -= is_asked_for(self, c, --begin);
	for (uint32_t i = range.begin; i < begin; i++)
		self->page->more |= is_asked_for(self, c, i);
	for (uint32_t i = begin; i < range.end; i++)
		if (is_asked_for(self, c, i))
			put(self, c, i);
}

static void put_first(struct query *self, const struct conversation *c, struct range range,
                      unsigned limit)
{
	for (uint32_t i = range.begin; i < range.end; i++) {
		if (!is_asked_for(self, c, i))
			continue;
		if (limit-- == 0) {
			self->page->more = true;
			return;
		}
		put(self, c, i);
	}
}

static bool answer_back(struct query *self, const struct conversation *c, unsigned limit)
{
	struct range range = { 0, c->count };
	bool known = true;

	if (is_point(&self->query.from))
		known = place_of(c, &self->query.from, &range.end);
	if (is_point(&self->query.until))
		place_after(c, &self->query.until, &range.begin);
	if (known && range.begin < range.end)
		put_last(self, c, range, limit);
	return known;
}

static bool answer_on(struct query *self, const struct conversation *c, unsigned limit)
{
	struct range range = { 0, c->count };
	bool known = true;

	if (is_point(&self->query.from))
		known = place_after(c, &self->query.from, &range.begin);
	if (is_point(&self->query.until))
		place_of(c, &self->query.until, &range.end);
	if (known && range.begin < range.end)
		put_first(self, c, range, limit);
	return known;
}

static bool answer_around(struct query *self, const struct conversation *c, unsigned limit)
{
	uint32_t place;

	if (!place_of(c, &self->query.from, &place))
		return false;
	put_last(self, c, (struct range){ 0, place }, limit / 2);
	put_first(self, c, (struct range){ place, c->count }, limit - (unsigned)self->page->count);
	return true;
}

static bool answer_one(struct query *self, const struct conversation *c)
{
	uint32_t place;

	if (!place_of(c, &self->query.from, &place) || place == c->count)
		return false;
	put(self, c, place);
	return true;
}

static bool answer(struct query *self, const struct conversation *c, unsigned limit)
{
	switch (self->query.way) {
	case REED_HISTORY_BACK:
		return answer_back(self, c, limit);
	case REED_HISTORY_ON:
		return answer_on(self, c, limit);
	case REED_HISTORY_AROUND:
		return answer_around(self, c, limit);
	case REED_HISTORY_ONE:
		break;
	}
	return answer_one(self, c);
}

static void query_deliver(struct reed_future *f)
{
	struct query *self = reed_container_of(f, struct query, future);
	const struct conversation *c = reed_ring_find(self->ring, self->query.where);
	unsigned limit = self->query.limit;

	limit = limit && limit < REED_HISTORY_PAGE ? limit : REED_HISTORY_PAGE;
	self->page->messages =
		reed_pool_alloc(&self->page->pool, limit * sizeof(*self->page->messages));
	if (c)
		self->page->unknown = !answer(self, c, limit);
	else
		self->page->unknown = self->query.from.id.n > 0;
}

static void query_free(struct reed_future *f)
{
	struct query *self = reed_container_of(f, struct query, future);

	reed_pool_finish(&self->pool);
	reed_free(self);
}

static const struct reed_future_kind query_kind = { .name = "history",
	                                            .deliver = query_deliver,
	                                            .free = query_free };

struct reed_future *reed_ring_query(struct reed_history *h, const struct reed_history_query *q,
                                    struct reed_history_page *page)
{
	struct query *self = reed_alloc(sizeof(*self));

	reed_future_init(&self->future, ring_of(h)->loop, &query_kind);
	self->ring = ring_of(h);
	self->page = page;
	memcpy(&self->query, q, q->size < sizeof(*q) ? q->size : sizeof(*q));
	self->query.where = reed_pool_copy(&self->pool, q->where);
	self->query.from.id = reed_pool_copy(&self->pool, q->from.id);
	self->query.until.id = reed_pool_copy(&self->pool, q->until.id);
	reed_settle(&self->future, REED_OK);
	return &self->future;
}

/* ---- talks ---- */

struct talks {
	struct reed_future future;
	struct ring *ring;
	struct reed_id account;
	int64_t from, to;
	unsigned limit;
	struct reed_talks *out;
};

/* The name of a talk is two ids; the other one is whom it is with. */
static bool is_of(const struct talks *self, const struct conversation *c, struct reed_slice *with)
{
	struct reed_slice where = reed_slice(c->by_where.key, c->by_where.n);
	struct reed_slice first = reed_slice_first(where, REED_ID_LENGTH);
	struct reed_slice second = reed_slice_from(where, REED_ID_LENGTH);

	*with = reed_slice_is(first, self->account.s) ? second : first;
	return where.n == (size_t)2 * REED_ID_LENGTH &&
	       (reed_slice_is(first, self->account.s) || reed_slice_is(second, self->account.s));
}

static void put_talk(struct talks *self, const struct conversation *c)
{
	struct reed_pool *pool = &self->out->pool;
	const struct reed_message *last = message_at(c, c->count - 1);
	struct reed_slice with;

	if (!is_of(self, c, &with) || (self->from && last->time <= self->from) ||
	    (self->to && last->time >= self->to))
		return;
	self->out->talks[self->out->count++] = (struct reed_talk){
		.where = reed_pool_copy(pool, reed_slice(c->by_where.key, c->by_where.n)),
		.with = reed_pool_copy(pool, with),
		.last = last->id,
		.time = last->time,
	};
}

static void talks_deliver(struct reed_future *f)
{
	struct talks *self = reed_container_of(f, struct talks, future);
	struct reed_list *all = &self->ring->all;

	self->out->talks =
		reed_pool_alloc(&self->out->pool, self->limit * sizeof(struct reed_talk));
	for (struct reed_list *l = all->prev; l != all && self->out->count < self->limit;
	     l = l->prev)
		put_talk(self, conversation_of(l));
}

static void talks_free(struct reed_future *f)
{
	reed_free(reed_container_of(f, struct talks, future));
}

static const struct reed_future_kind talks_kind = { .name = "talks",
	                                            .deliver = talks_deliver,
	                                            .free = talks_free };

struct reed_future *reed_ring_talks(struct reed_history *h, struct reed_slice account, int64_t from,
                                    int64_t to, unsigned limit, struct reed_talks *out)
{
	struct talks *self = reed_alloc(sizeof(*self));

	reed_future_init(&self->future, ring_of(h)->loop, &talks_kind);
	self->ring = ring_of(h);
	reed_slice_copy(self->account.s, sizeof(self->account.s), account);
	self->from = from;
	self->to = to;
	self->limit = limit && limit < REED_HISTORY_PAGE ? limit : REED_HISTORY_PAGE;
	self->out = out;
	reed_settle(&self->future, REED_OK);
	return &self->future;
}
