/*
 * Channels.  Each subscriber has a ring of its own; the item a wait was found
 * good for stays the first of it until it is delivered, whatever is published
 * meanwhile.
 */

#include "private.h"
#include "ring.h"

static struct reed_subscription *subscription_of(struct reed_future *f)
{
	return reed_container_of(f, struct reed_subscription, future);
}

static struct reed_subscription *subscription_at(struct reed_list *link)
{
	return reed_container_of(link, struct reed_subscription, link);
}

static void tell(struct reed_subscription *s)
{
	if (s->waiting && !s->future.settled)
		reed_settle(&s->future, REED_OK);
}

static enum reed_err what_is_next(const struct reed_subscription *s)
{
	if (s->gap > 0)
		return REED_EOVERFLOW;
	if (s->ring.count > 0)
		return REED_OK;
	return s->closed ? REED_EEOF : REED_EAGAIN;
}

static void receive(struct reed_subscription *s, enum reed_err err, void *out)
{
	if (err == REED_OK)
		reed_ring_take(&s->ring, s->kind, out);
	if (err != REED_EOVERFLOW)
		return;
	s->missed = s->gap;
	s->gap = 0;
}

static enum reed_err receive_attempt(struct reed_future *f)
{
	struct reed_subscription *s = subscription_of(f);
	enum reed_err err = what_is_next(s);

	if (err == REED_EOVERFLOW)
		f->fault = reed_fault(err, NULL, "%llu items came and went unseen",
		                      (unsigned long long)s->gap);
	return err;
}

static void receive_deliver(struct reed_future *f)
{
	receive(subscription_of(f), f->err, subscription_of(f)->out);
}

static void receive_free(struct reed_future *f)
{
	subscription_of(f)->waiting = false;
}

static const struct reed_future_kind receive_kind = {
	.name = "receive",
	.attempt = receive_attempt,
	.deliver = receive_deliver,
	.free = receive_free,
};

struct reed_future *reed_receive(struct reed_subscription *s, void *item)
{
	assert(!s->waiting);
	reed_future_init(&s->future, s->future.loop, &receive_kind);
	s->waiting = true;
	s->out = item;
	if (what_is_next(s) != REED_EAGAIN)
		tell(s);
	return &s->future;
}

enum reed_err reed_try_receive(struct reed_subscription *s, void *item)
{
	enum reed_err err = what_is_next(s);

	assert(!s->waiting);
	receive(s, err, item);
	return err;
}

/* The first item is as good as taken. */
static bool is_promised(const struct reed_subscription *s)
{
	return s->waiting && s->future.tried && !s->future.err;
}

/* False when there is none but one that is promised. */
static bool make_room(struct reed_subscription *s)
{
	if (s->ring.count < s->ring.most)
		return true;
	s->gap++;
	if (!is_promised(s))
		reed_ring_take(&s->ring, s->kind, NULL);
	else if (s->ring.count > 1)
		reed_ring_drop_second(&s->ring, s->kind);
	else
		return false;
	return true;
}

void reed_publish(struct reed_channel *c, const void *item)
{
	assert(!c->closed);
	c->published++;
	reed_list_each (link, &c->subscriptions) {
		struct reed_subscription *s = subscription_at(link);

		if (!make_room(s))
			continue;
		reed_ring_add(&s->ring, s->kind, item);
		if (s->kind->share)
			s->kind->share(reed_ring_last(&s->ring, s->kind));
		tell(s);
	}
}

void reed_subscribe(struct reed_channel *c, struct reed_subscription *s, size_t capacity)
{
	assert(capacity > 0);
	*s = (struct reed_subscription){ .channel = c,
		                         .kind = c->kind,
		                         .ring.most = capacity,
		                         .closed = c->closed };
	reed_future_init(&s->future, c->loop, &receive_kind);
	reed_list_append(&c->subscriptions, &s->link);
}

void reed_unsubscribe(struct reed_subscription *s)
{
	assert(!s->waiting);
	reed_list_unlink(&s->link);
	s->channel = NULL;
	if (s->kind)
		reed_ring_finish(&s->ring, s->kind);
}

void reed_channel_init(struct reed_channel *c, struct reed_loop *loop,
                       const struct reed_item_kind *kind)
{
	*c = (struct reed_channel){ .loop = loop, .kind = kind };
	reed_list_init(&c->subscriptions);
}

void reed_channel_close(struct reed_channel *c)
{
	c->closed = true;
	reed_list_each (link, &c->subscriptions) {
		subscription_at(link)->closed = true;
		tell(subscription_at(link));
	}
}

void reed_channel_finish(struct reed_channel *c)
{
	struct reed_list *link;

	reed_channel_close(c);
	while ((link = reed_list_take(&c->subscriptions)))
		subscription_at(link)->channel = NULL;
}
