/*
 * Queues.  A wait that settles has been promised a place in the ring, to put
 * into or to get from, and gives it back if it is never delivered; items stay
 * in the ring until then.
 */

#include "reed/queue.h"

#include "private.h"
#include "ring.h"

struct wait {
	struct reed_future future;
	struct reed_list link; /* among those not yet served */
	struct reed_queue *queue;
	const void *in; /* of a put */
	void *out;      /* of a get */
	bool served;    /* and not delivered */
};

static struct wait *wait_of(struct reed_future *f)
{
	return reed_container_of(f, struct wait, future);
}

static bool has_room(const struct reed_queue *q)
{
	return q->ring.count + q->put_places < q->ring.most;
}

static bool has_items(const struct reed_queue *q)
{
	return q->ring.count > q->got_places;
}

/* Nothing is in it, not even promised, and nothing is on its way in. */
static bool is_over(const struct reed_queue *q)
{
	return q->closed && q->ring.count == 0 && q->put_places == 0;
}

static struct wait *next_wait(struct reed_list *waits)
{
	struct reed_list *link = reed_list_take(waits);

	return link ? reed_container_of(link, struct wait, link) : NULL;
}

static void serve(struct wait *wait, size_t *places)
{
	++*places;
	wait->served = true;
	reed_settle(&wait->future, REED_OK);
}

static void settle_all(struct reed_list *waits, enum reed_err err)
{
	struct wait *wait;

	while ((wait = next_wait(waits)))
		reed_settle(&wait->future, err);
}

/* After whatever changed. */
static void serve_all(struct reed_queue *q)
{
	while (!reed_list_empty(&q->getting) && has_items(q))
		serve(next_wait(&q->getting), &q->got_places);
	while (!reed_list_empty(&q->putting) && has_room(q))
		serve(next_wait(&q->putting), &q->put_places);
	if (is_over(q))
		settle_all(&q->getting, REED_EEOF);
}

static void wait_cancel(struct reed_future *f)
{
	reed_list_remove(&wait_of(f)->link);
}

static struct wait *wait_new(struct reed_queue *q, const struct reed_future_kind *kind)
{
	struct wait *wait = reed_alloc(sizeof(*wait));

	reed_future_init(&wait->future, q->loop, kind);
	wait->queue = q;
	return wait;
}

/* ---- putting ---- */

static void put_deliver(struct reed_future *f)
{
	struct wait *wait = wait_of(f);
	struct reed_queue *q = wait->queue;

	if (!wait->served)
		return;
	wait->served = false;
	q->put_places--;
	reed_ring_add(&q->ring, q->kind, wait->in);
	serve_all(q);
}

static void put_free(struct reed_future *f)
{
	struct wait *wait = wait_of(f);

	if (wait->served) {
		wait->queue->put_places--;
		serve_all(wait->queue);
	}
	reed_free(wait);
}

static const struct reed_future_kind put_kind = {
	.name = "put",
	.cancel = wait_cancel,
	.deliver = put_deliver,
	.free = put_free,
};

struct reed_future *reed_queue_put(struct reed_queue *q, const void *item)
{
	struct wait *wait;

	if (q->closed)
		return reed_ready(q->loop, REED_ECLOSED);
	wait = wait_new(q, &put_kind);
	wait->in = item;
	reed_list_append(&q->putting, &wait->link);
	serve_all(q);
	return &wait->future;
}

enum reed_err reed_queue_try_put(struct reed_queue *q, const void *item)
{
	if (q->closed)
		return REED_ECLOSED;
	if (!has_room(q) || !reed_list_empty(&q->putting))
		return REED_EAGAIN;
	reed_ring_add(&q->ring, q->kind, item);
	serve_all(q);
	return REED_OK;
}

/* ---- getting ---- */

static void get_deliver(struct reed_future *f)
{
	struct wait *wait = wait_of(f);
	struct reed_queue *q = wait->queue;

	if (!wait->served)
		return;
	wait->served = false;
	q->got_places--;
	reed_ring_take(&q->ring, q->kind, wait->out);
	serve_all(q);
}

static void get_free(struct reed_future *f)
{
	struct wait *wait = wait_of(f);

	if (wait->served) {
		wait->queue->got_places--;
		serve_all(wait->queue);
	}
	reed_free(wait);
}

static const struct reed_future_kind get_kind = {
	.name = "get",
	.cancel = wait_cancel,
	.deliver = get_deliver,
	.free = get_free,
};

struct reed_future *reed_queue_get(struct reed_queue *q, void *item)
{
	struct wait *wait = wait_new(q, &get_kind);

	wait->out = item;
	reed_list_append(&q->getting, &wait->link);
	serve_all(q);
	return &wait->future;
}

enum reed_err reed_queue_try_get(struct reed_queue *q, void *item)
{
	if (!has_items(q))
		return is_over(q) ? REED_EEOF : REED_EAGAIN;
	reed_ring_take(&q->ring, q->kind, item);
	serve_all(q);
	return REED_OK;
}

/* ---- the queue ---- */

void reed_queue_init(struct reed_queue *q, struct reed_loop *loop,
                     const struct reed_item_kind *kind, size_t capacity)
{
	assert(capacity > 0);
	*q = (struct reed_queue){ .loop = loop, .kind = kind, .ring.most = capacity };
	reed_list_init(&q->putting);
	reed_list_init(&q->getting);
}

void reed_queue_close(struct reed_queue *q)
{
	q->closed = true;
	settle_all(&q->putting, REED_ECLOSED);
	serve_all(q);
}

void reed_queue_finish(struct reed_queue *q)
{
	assert(reed_list_empty(&q->putting) && reed_list_empty(&q->getting));
	assert(q->put_places == 0 && q->got_places == 0);
	reed_ring_finish(&q->ring, q->kind);
}
