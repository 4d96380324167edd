/*
 * Futures made of futures.
 *
 * any, all and within hear at once when a leg settles, and settle in turn when
 * that may have decided them; an attempt tells whether it did.  They keep
 * their legs, settled or not, until they are delivered or dropped themselves:
 * no result is handed over, nothing is dropped, before that.
 *
 * then and background run code of the user's, so they are owners: the loop
 * wakes them.  What a chain returns to is a leg again.
 */

#include "private.h"

/* ---- any, all ---- */

struct group {
	struct reed_future future;
	struct reed_future *heard;    /* the first leg worth a try since the last one */
	struct reed_future *decisive; /* the leg it ends as; NULL: all are well so far */
	int *which;
	int left, count; /* of legs that settle for good and have not; of all */
	struct reed_future *legs[];
};

static struct group *group_of(struct reed_future *f)
{
	return reed_container_of(f, struct group, future);
}

static struct reed_future *group_leg(struct reed_future *f, int i)
{
	return i < group_of(f)->count ? group_of(f)->legs[i] : NULL;
}

static void any_hear(struct reed_future *f, struct reed_future *leg)
{
	if (!group_of(f)->heard)
		group_of(f)->heard = leg;
	reed_settle(f, REED_OK);
}

/* Only what may decide it is worth a wake. */
static void all_hear(struct reed_future *f, struct reed_future *leg)
{
	struct group *g = group_of(f);
	bool last = !leg->kind->attempt && --g->left == 0;

	if (last || leg->err || leg->kind->attempt)
		reed_settle(f, REED_OK);
}

/* Once interrupted a group waits for all of them: each may have a goodbye to say. */
static bool group_complete(struct group *g)
{
	bool complete = true;

	for (int i = 0; i < g->count; i++)
		if (reed_attempt(g->legs[i]) == REED_EAGAIN)
			complete = false;
	return complete;
}

static enum reed_err any_attempt(struct reed_future *f)
{
	struct group *g = group_of(f);
	struct reed_future *first = g->heard;

	g->heard = NULL; /* an attempt may make itself heard again */
	if (g->decisive)
		reed_attempt(g->decisive);
	else if (first && reed_attempt(first) != REED_EAGAIN)
		g->decisive = first;
	for (int i = 0; !g->decisive && i < g->count; i++)
		if (g->legs[i] != first && reed_attempt(g->legs[i]) != REED_EAGAIN)
			g->decisive = g->legs[i];
	if (!g->decisive || (f->interrupted && !group_complete(g)))
		return REED_EAGAIN;
	return reed_end_as(f, g->decisive);
}

static enum reed_err all_attempt(struct reed_future *f)
{
	struct group *g = group_of(f);
	bool complete = true;

	g->left = 0;
	for (int i = 0; i < g->count; i++) {
		enum reed_err err = reed_attempt(g->legs[i]);

		if (err == REED_EAGAIN) {
			complete = false;
			g->left += !g->legs[i]->kind->attempt;
		} else if (err && !g->decisive) {
			g->decisive = g->legs[i];
		}
	}
	if (g->decisive && (complete || !f->interrupted))
		return reed_end_as(f, g->decisive);
	return complete ? REED_OK : REED_EAGAIN;
}

static void any_deliver(struct reed_future *f)
{
	struct group *g = group_of(f);

	reed_deliver(g->decisive);
	for (int i = 0; g->which && i < g->count; i++)
		if (g->legs[i] == g->decisive)
			*g->which = i;
}

static void all_deliver(struct reed_future *f)
{
	struct group *g = group_of(f);

	for (int i = 0; !f->err && i < g->count; i++)
		reed_deliver(g->legs[i]);
}

/* Disowned first: a leg that goes may settle one that is still there. */
static void group_free(struct reed_future *f)
{
	struct group *g = group_of(f);

	for (int i = 0; i < g->count; i++)
		g->legs[i]->parent = NULL;
	for (int i = 0; i < g->count; i++)
		reed_drop(g->legs[i]);
	reed_free(g);
}

static const struct reed_future_kind any_kind = {
	.name = "any",
	.attempt = any_attempt,
	.deliver = any_deliver,
	.free = group_free,
	.leg = group_leg,
	.hear = any_hear,
};

static const struct reed_future_kind all_kind = {
	.name = "all",
	.attempt = all_attempt,
	.deliver = all_deliver,
	.free = group_free,
	.leg = group_leg,
	.hear = all_hear,
};

static struct group *group_new(const struct reed_future_kind *kind, int *which,
                               struct reed_future **fs)
{
	struct group *g;
	int n = 0;

	assert(fs[0]);
	while (fs[n])
		n++;
	g = reed_alloc(sizeof(*g) + (size_t)n * sizeof(g->legs[0]));
	reed_future_init(&g->future, fs[0]->loop, kind);
	g->which = which;
	g->count = n;
	for (int i = 0; i < n; i++) {
		g->legs[i] = fs[i];
		g->left += !fs[i]->kind->attempt;
	}
	for (int i = 0; i < n; i++)
		reed_adopt(&g->future, fs[i]);
	return g;
}

struct reed_future *reed_any_of(int *which, struct reed_future **fs)
{
	return &group_new(&any_kind, which, fs)->future;
}

struct reed_future *reed_all_of(struct reed_future **fs)
{
	return &group_new(&all_kind, NULL, fs)->future;
}

/* ---- within ---- */

struct within {
	struct reed_future future;
	struct reed_future *inner;
	struct reed_timer timer;
	int64_t ms;
	bool late;
};

static struct within *within_of(struct reed_future *f)
{
	return reed_container_of(f, struct within, future);
}

static struct reed_future *within_leg(struct reed_future *f, int i)
{
	return i == 0 ? within_of(f)->inner : NULL;
}

static void within_hear(struct reed_future *f, struct reed_future *leg)
{
	(void)leg;
	reed_settle(f, REED_OK);
}

static void within_fire(struct reed_timer *t)
{
	struct within *self = reed_container_of(t, struct within, timer);

	self->late = true;
	if (!self->future.settled)
		reed_settle(&self->future, REED_OK);
}

/* What is here already when the time is up still counts. */
static enum reed_err within_attempt(struct reed_future *f)
{
	struct within *self = within_of(f);

	if (reed_attempt(self->inner) != REED_EAGAIN) {
		self->late = false;
		reed_timer_stop(&self->timer); /* it may be long until this is delivered */
		return reed_end_as(f, self->inner);
	}
	if (!self->late)
		return REED_EAGAIN;
	f->fault = reed_fault(REED_ETIMEDOUT, NULL, "timed out after %lld ms", (long long)self->ms);
	return REED_ETIMEDOUT;
}

static void within_deliver(struct reed_future *f)
{
	if (!within_of(f)->late)
		reed_deliver(within_of(f)->inner);
}

static void within_free(struct reed_future *f)
{
	struct within *self = within_of(f);

	reed_timer_stop(&self->timer);
	self->inner->parent = NULL;
	reed_drop(self->inner);
	reed_free(self);
}

static const struct reed_future_kind within_kind = {
	.name = "within",
	.attempt = within_attempt,
	.deliver = within_deliver,
	.free = within_free,
	.leg = within_leg,
	.hear = within_hear,
};

struct reed_future *reed_within(int64_t ms, struct reed_future *f)
{
	struct within *self = reed_alloc(sizeof(*self));

	reed_future_init(&self->future, f->loop, &within_kind);
	self->inner = f;
	self->ms = ms;
	self->timer.fire = within_fire;
	reed_timer_start(f->loop, &self->timer, reed_ns_of_ms(ms));
	reed_adopt(&self->future, f);
	return &self->future;
}

/* ---- then ---- */

struct then {
	struct reed_future future;
	struct reed_waiter waiter; /* owns what comes before fn */
	struct reed_future *next;  /* a leg: what fn returned */
	struct reed_binding *locals;
	reed_then_fn *fn;
	void *arg;
};

static struct then *then_of(struct reed_future *f)
{
	return reed_container_of(f, struct then, future);
}

static struct reed_future *then_call(struct then *self, enum reed_err err)
{
	struct reed_loop *loop = self->future.loop;
	struct reed_binding *outer = loop->locals;
	struct reed_future *next;

	loop->locals = self->locals;
	self->future.busy = true;
	next = self->fn(self->arg, err);
	self->future.busy = false;
	self->locals = loop->locals;
	loop->locals = outer;
	return next;
}

static void then_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct then *self = reed_container_of(w, struct then, waiter);
	struct reed_future *f = &self->future;

	self->next = then_call(self, err);
	if (!self->next && !f->dropped) {
		f->fault = fault;
		reed_settle(f, err);
		return;
	}
	reed_fault_free(fault);
	if (self->next)
		reed_adopt(f, self->next);
	if (f->dropped)
		reed_drop(f);
	else if (f->interrupted)
		reed_interrupt(self->next);
}

static struct reed_future *then_leg(struct reed_future *f, int i)
{
	struct then *self = then_of(f);

	if (i)
		return NULL;
	return self->next ? self->next : self->waiter.future;
}

static void then_hear(struct reed_future *f, struct reed_future *leg)
{
	(void)leg;
	reed_settle(f, REED_OK);
}

static enum reed_err then_attempt(struct reed_future *f)
{
	struct then *self = then_of(f);

	if (!self->next)
		return f->err;
	if (reed_attempt(self->next) == REED_EAGAIN)
		return REED_EAGAIN;
	return reed_end_as(f, self->next);
}

static void then_cancel(struct reed_future *f)
{
	reed_unwait(f->loop, &then_of(f)->waiter);
}

static void then_deliver(struct reed_future *f)
{
	if (then_of(f)->next)
		reed_deliver(then_of(f)->next);
}

static void then_free(struct reed_future *f)
{
	struct then *self = then_of(f);

	if (self->next)
		self->next->parent = NULL;
	reed_drop(self->next);
	reed_binding_release(self->locals);
	reed_free(self);
}

static const struct reed_future_kind then_kind = {
	.name = "then",
	.cancel = then_cancel,
	.attempt = then_attempt,
	.deliver = then_deliver,
	.free = then_free,
	.leg = then_leg,
	.hear = then_hear,
};

struct reed_future *reed_then(struct reed_future *f, reed_then_fn *fn, void *arg)
{
	struct then *self = reed_alloc(sizeof(*self));

	reed_future_init(&self->future, f->loop, &then_kind);
	self->locals = reed_binding_share(f->loop->locals);
	self->waiter.wake = then_wake;
	self->fn = fn;
	self->arg = arg;
	reed_wait(f, &self->waiter);
	return &self->future;
}

/* ---- background ---- */

struct background {
	struct reed_waiter waiter;
	struct reed_list link;
	struct reed_loop *loop;
	reed_done_fn *fn;
	void *arg;
};

static void background_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct background *self = reed_container_of(w, struct background, waiter);

	reed_list_remove(&self->link);
	if (self->fn)
		self->fn(self->arg, err, reed_fault_why(fault, err));
	else if (err && err != REED_ECANCELED)
		reed_unheard(self->loop, "background", err, reed_fault_why(fault, err));
	reed_fault_free(fault);
	reed_free(self);
}

void reed_background(struct reed_future *f, reed_done_fn *fn, void *arg)
{
	struct background *self = reed_alloc(sizeof(*self));

	self->waiter.wake = background_wake;
	self->loop = f->loop;
	reed_list_append(&self->loop->backgrounds, &self->link);
	self->fn = fn;
	self->arg = arg;
	reed_wait(f, &self->waiter);
}

/* The youngest first.  An end function may start another, which goes the same way. */
void reed_background_drop(struct reed_loop *loop)
{
	while (!reed_list_empty(&loop->backgrounds)) {
		struct background *self =
			reed_container_of(loop->backgrounds.prev, struct background, link);

		reed_list_remove(&self->link);
		reed_unwait(loop, &self->waiter);
		reed_free(self);
	}
}
