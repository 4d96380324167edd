/* A future's life: settled, attempted, delivered, or dropped; and the plainest kinds. */

#include "private.h"

void reed_future_init(struct reed_future *f, struct reed_loop *loop,
                      const struct reed_future_kind *kind)
{
	*f = (struct reed_future){ .kind = kind, .loop = loop };
}

void reed_settle(struct reed_future *f, enum reed_err err)
{
	assert(!f->settled && err != REED_EAGAIN);
	f->settled = true;
	f->err = err;
	if (f->waiter)
		reed_queue(f);
	else if (f->parent && !f->parent->settled)
		f->parent->kind->hear(f->parent, f);
}

void reed_fail_with(struct reed_future *f, struct reed_fault *fault)
{
	f->fault = fault;
	reed_settle(f, fault->err);
}

void reed_adopt(struct reed_future *f, struct reed_future *leg)
{
	assert(!leg->waiter && !leg->parent);
	leg->parent = f;
	if (leg->settled && !f->settled)
		f->kind->hear(f, leg);
}

/*
 * An attempt may find nothing and be settled anew before it returns.  One that
 * went well stands, but a combinator asks its legs again: what they had come
 * to may have been closed in the meantime.
 */
enum reed_err reed_attempt(struct reed_future *f)
{
	enum reed_err err;

	if (!f->settled)
		return REED_EAGAIN;
	if (f->err || !f->kind->attempt || (f->tried && !f->kind->hear))
		return f->err;
	f->settled = false;
	err = f->kind->attempt(f);
	if (err == REED_EAGAIN && (!f->interrupted || f->kind->leg))
		return REED_EAGAIN;
	if (err == REED_EAGAIN && f->kind->cancel)
		f->kind->cancel(f);
	if (reed_linked(&f->ready))
		reed_unqueue(f);
	f->settled = f->tried = true;
	f->err = err == REED_EAGAIN ? REED_ECANCELED : err;
	return f->err;
}

enum reed_err reed_end_as(struct reed_future *f, struct reed_future *leg)
{
	f->fault = leg->fault;
	leg->fault = NULL;
	return leg->err;
}

void reed_deliver(struct reed_future *f)
{
	if (f->kind->deliver)
		f->kind->deliver(f);
}

void reed_wait(struct reed_future *f, struct reed_waiter *w)
{
	assert(!f->waiter && !f->parent && !w->future);
	w->future = f;
	f->waiter = w;
	if (f->settled)
		reed_queue(f);
}

void reed_unwait(struct reed_loop *loop, struct reed_waiter *w)
{
	struct reed_future *f = w->future;

	if (loop->waking == w)
		loop->waking = NULL;
	if (!f)
		return;
	w->future = NULL;
	f->waiter = NULL;
	if (reed_linked(&f->ready))
		reed_unqueue(f);
	reed_drop(f);
}

static void release(struct reed_future *f)
{
	reed_fault_free(f->fault);
	f->fault = NULL;
	f->kind->free(f);
}

void reed_drop(struct reed_future *f)
{
	if (!f)
		return;
	assert(!f->waiter && !f->parent);
	if (f->busy) {
		f->dropped = true;
		return;
	}
	f->busy = true; /* whoever drops it again from in here is late */
	if (!f->settled && f->kind->cancel)
		f->kind->cancel(f);
	release(f);
}

/*
 * The owner lets go of f before anything of the user's runs, because an end
 * function may drop that very owner; then there is nobody left to wake.
 */
void reed_wake(struct reed_future *f)
{
	struct reed_loop *loop = f->loop;
	struct reed_waiter *w = f->waiter;
	enum reed_err err;
	struct reed_fault *fault;

	reed_unqueue(f);
	err = reed_attempt(f);
	if (err == REED_EAGAIN)
		return;
	fault = f->fault;
	f->fault = NULL;
	f->waiter = NULL;
	w->future = NULL;
	loop->waking = w;
	loop->stats.wakes++;
	f->busy = true;
	reed_deliver(f);
	release(f);
	w = loop->waking;
	loop->waking = NULL;
	if (w)
		w->wake(w, err, fault);
	else
		reed_fault_free(fault);
}

/* What is settled but not yet tried may still turn out not to have happened. */
void reed_interrupt(struct reed_future *f)
{
	struct reed_future *leg;
	bool again = f->interrupted;

	if (f->shielded || (f->settled && (f->tried || f->err || !f->kind->attempt)))
		return;
	f->interrupted = true;
	if (f->kind->interrupt) {
		if (!again)
			f->kind->interrupt(f);
		return;
	}
	if (f->kind->leg) {
		for (int i = 0; (leg = f->kind->leg(f, i)); i++)
			reed_interrupt(leg);
		return;
	}
	if (f->settled)
		return;
	if (f->kind->cancel)
		f->kind->cancel(f);
	reed_settle(f, REED_ECANCELED);
}

struct reed_future *reed_shield(struct reed_future *f)
{
	f->shielded = true;
	return f;
}

/* ---- ready, failed, forever ---- */

static void plain_free(struct reed_future *f)
{
	reed_free(f);
}

static const struct reed_future_kind ready_kind = { .name = "ready", .free = plain_free };
static const struct reed_future_kind forever_kind = { .name = "forever", .free = plain_free };

static struct reed_future *plain_new(struct reed_loop *loop, const struct reed_future_kind *kind)
{
	struct reed_future *f = reed_alloc_raw(sizeof(*f));

	reed_future_init(f, loop, kind);
	return f;
}

struct reed_future *reed_ready(struct reed_loop *loop, enum reed_err err)
{
	struct reed_future *f = plain_new(loop, &ready_kind);

	reed_settle(f, err);
	return f;
}

struct reed_future *reed_failed_with(struct reed_loop *loop, struct reed_fault *fault)
{
	struct reed_future *f = plain_new(loop, &ready_kind);

	reed_fail_with(f, fault);
	return f;
}

struct reed_future *reed_forever(struct reed_loop *loop)
{
	return plain_new(loop, &forever_kind);
}

/* ---- sleep ---- */

struct sleep {
	struct reed_future future;
	struct reed_timer timer;
};

static void sleep_fire(struct reed_timer *t)
{
	reed_settle(&reed_container_of(t, struct sleep, timer)->future, REED_OK);
}

static void sleep_cancel(struct reed_future *f)
{
	reed_timer_stop(&reed_container_of(f, struct sleep, future)->timer);
}

static void sleep_free(struct reed_future *f)
{
	reed_free(reed_container_of(f, struct sleep, future));
}

static const struct reed_future_kind sleep_kind = {
	.name = "sleep",
	.cancel = sleep_cancel,
	.free = sleep_free,
};

struct reed_future *reed_sleep_ns(struct reed_loop *loop, int64_t ns)
{
	struct sleep *s = reed_alloc(sizeof(*s));

	reed_future_init(&s->future, loop, &sleep_kind);
	s->timer.fire = sleep_fire;
	reed_timer_start(loop, &s->timer, ns);
	return &s->future;
}

struct reed_future *reed_sleep(struct reed_loop *loop, int64_t ms)
{
	return reed_sleep_ns(loop, reed_ns_of_ms(ms));
}

struct reed_future *reed_beat(struct reed_loop *loop, struct reed_beat *beat)
{
	struct reed_future *f =
		reed_sleep_ns(loop, beat->every); /* outside a turn it reads the clock */
	int64_t now = reed_now(loop), late;

	if (!beat->next)
		beat->next = now;
	late = now - beat->next;
	beat->skipped = late > 0 ? (uint64_t)(late / beat->every) : 0;
	beat->next += (int64_t)(beat->skipped + 1) * beat->every;
	reed_timer_start(loop, &reed_container_of(f, struct sleep, future)->timer,
	                 beat->next - now);
	return f;
}

/* ---- yield ---- */

struct yield {
	struct reed_future future;
	struct reed_last last;
};

static void yield_run(struct reed_last *last)
{
	reed_settle(&reed_container_of(last, struct yield, last)->future, REED_OK);
}

static void yield_cancel(struct reed_future *f)
{
	reed_list_unlink(&reed_container_of(f, struct yield, future)->last.link);
}

static void yield_free(struct reed_future *f)
{
	reed_free(reed_container_of(f, struct yield, future));
}

static const struct reed_future_kind yield_kind = {
	.name = "yield",
	.cancel = yield_cancel,
	.free = yield_free,
};

struct reed_future *reed_yield(struct reed_loop *loop)
{
	struct yield *y = reed_alloc(sizeof(*y));

	reed_future_init(&y->future, loop, &yield_kind);
	y->last.run = yield_run;
	reed_at_turn_end(loop, &y->last);
	return &y->future;
}
