/* What the first loop asks of the others, and their answers. */

#include "crew.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/mailbox.h"
#include "service_private.h"

/* The errands are in it: it stays until all of them are back, whoever waits. */
struct asking {
	struct reed_future future;
	struct crew_replies *replies;
	unsigned out; /* that are not back yet */
	bool dropped;
	unsigned count;
	struct errand errands[];
};

static struct asking *asking_of(struct reed_future *f)
{
	return reed_container_of(f, struct asking, future);
}

static void reply_finish(struct crew_reply *reply)
{
	reed_buf_finish(&reply->text);
	reed_metrics_free(reply->metrics);
	*reply = (struct crew_reply){ .metrics = NULL };
}

void reed_loops_replies_finish(struct crew_replies *replies)
{
	for (size_t i = 0; i < replies->count; i++)
		reply_finish(&replies->all[i]);
	replies->count = 0;
}

static void destroy(struct asking *self)
{
	for (unsigned i = 0; i < self->count; i++) {
		reply_finish(&self->errands[i].reply);
		reed_generation_release(self->errands[i].wish.generation);
	}
	reed_free(self);
}

static void asking_deliver(struct reed_future *f)
{
	struct asking *self = asking_of(f);

	if (f->err || !self->replies)
		return;
	reed_loops_replies_finish(self->replies);
	for (unsigned i = 0; i < self->count; i++) {
		self->replies->all[i] = self->errands[i].reply;
		self->errands[i].reply = (struct crew_reply){ .metrics = NULL };
	}
	self->replies->count = self->count;
}

static void asking_free(struct reed_future *f)
{
	struct asking *self = asking_of(f);

	self->dropped = true;
	if (self->out == 0)
		destroy(self);
}

static const struct reed_future_kind asking_kind = { .name = "ask the other loops",
	                                             .deliver = asking_deliver,
	                                             .free = asking_free };

/* ---- errands ---- */

static void errand_back(struct reed_post *post)
{
	struct asking *self = reed_container_of(post, struct errand, post)->of;

	if (--self->out > 0)
		return;
	if (self->dropped)
		destroy(self);
	else if (!self->future.settled)
		reed_settle(&self->future, REED_OK);
}

void reed_errand_done(struct errand *errand, struct crew *crew)
{
	errand->post.run = errand_back;
	reed_post(crew->daemon->loop, &errand->post);
}

/* Of a hand that has ended: it has nothing to say. */
static void nobody_gets_it(void *item)
{
	struct parcel *parcel = item;

	reed_errand_done(parcel->errand, parcel->crew);
}

const struct reed_item_kind reed_errand_kind = { .size = sizeof(struct parcel),
	                                         .release = nobody_gets_it };

static enum reed_err send(struct asking *self, struct hand *hand, const struct crew_wish *wish)
{
	struct errand *errand = &self->errands[self->count];
	struct parcel parcel = { errand, hand->crew };
	enum reed_err err;

	errand->wish = *wish;
	errand->of = self;
	if (wish->generation)
		reed_generation_share(wish->generation);
	self->count++;
	err = hand->box ? reed_mailbox_try_put(hand->box, &parcel) : REED_ECLOSED;
	self->out += !err;
	return err == REED_EAGAIN ? REED_EBUSY : REED_OK;
}

struct reed_future *reed_loops_ask(struct daemon *d, const struct crew_wish *wish,
                                   struct crew_replies *replies)
{
	unsigned n = d->crew ? d->crew->count : 0;
	struct asking *self = reed_alloc(sizeof(*self) + n * sizeof(self->errands[0]));
	enum reed_err err = REED_OK;

	reed_future_init(&self->future, d->loop, &asking_kind);
	self->replies = replies;
	for (unsigned i = 0; i < n && !err; i++)
		err = send(self, &d->crew->hands[i], wish);
	if (err || self->out == 0)
		reed_settle(&self->future, err);
	return &self->future;
}

void reed_loops_tell(struct daemon *d, const struct crew_wish *wish)
{
	if (d->crew && d->root && d->root->scope.loop)
		reed_scope_add(&d->root->scope,
		               reed_service_forgive(d->loop, reed_loops_ask(d, wish, NULL)));
}

void reed_loops_tell_level(struct daemon *d)
{
	struct crew_wish wish = { .what = CREW_LEVEL, .level = REED_LOG_DEBUG };

	while (wish.level < REED_LOG_CRITICAL && !reed_log_wants(d->loop, wish.level))
		wish.level++;
	reed_loops_tell(d, &wish);
}
