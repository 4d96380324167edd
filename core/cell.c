#include "reed/cell.h"

#include "private.h"

static struct reed_union *union_of(struct reed_future *f)
{
	return reed_container_of(f, struct reed_union, future);
}

static void watch_link(struct reed_watch *w)
{
	w->next = w->cell->watches;
	w->back = &w->cell->watches;
	if (w->next)
		w->next->back = &w->next;
	w->cell->watches = w;
}

static void watch_unlink(struct reed_watch *w)
{
	*w->back = w->next;
	if (w->next)
		w->next->back = w->back;
}

static void union_fire(struct reed_timer *t)
{
	reed_settle(&reed_container_of(t, struct reed_union, timer)->future, REED_OK);
}

static void union_cancel(struct reed_future *f)
{
	reed_timer_stop(&union_of(f)->timer);
}

/* Looks at the cells afresh: what changed since settling counts too. */
static void union_deliver(struct reed_future *f)
{
	struct reed_union *u = union_of(f);

	if (f->err)
		return;
	u->timed_out = true;
	for (struct reed_watch *w = u->watches; w; w = w->sibling) {
		w->changed = w->seen != w->cell->count;
		w->seen = w->cell->count;
		if (w->changed)
			u->timed_out = false;
	}
}

static void union_free(struct reed_future *f)
{
	struct reed_union *u = union_of(f);

	for (struct reed_watch *w = u->watches; w; w = w->sibling)
		watch_unlink(w);
	u->waiting = false;
}

static const struct reed_future_kind union_kind = {
	.name = "union",
	.cancel = union_cancel,
	.deliver = union_deliver,
	.free = union_free,
};

void reed_union_init(struct reed_union *u, struct reed_loop *loop)
{
	*u = (struct reed_union){ .timer.fire = union_fire };
	reed_future_init(&u->future, loop, &union_kind);
}

void reed_union_add(struct reed_union *u, struct reed_watch *w, struct reed_cell *cell)
{
	assert(!u->waiting);
	*w = (struct reed_watch){ .cell = cell, .owner = u, .sibling = u->watches };
	u->watches = w;
}

struct reed_future *reed_union_wait(struct reed_union *u, int64_t ms)
{
	bool changed = false;

	assert(!u->waiting);
	u->waiting = true;
	reed_future_init(&u->future, u->future.loop, &union_kind);
	for (struct reed_watch *w = u->watches; w; w = w->sibling) {
		watch_link(w);
		changed |= w->seen != w->cell->count;
	}
	if (changed)
		reed_settle(&u->future, REED_OK);
	else if (ms >= 0)
		reed_timer_start(u->future.loop, &u->timer, reed_ns_of_ms(ms));
	return &u->future;
}

void reed_cell_touch(struct reed_cell *cell)
{
	cell->count++;
	for (struct reed_watch *w = cell->watches; w; w = w->next) {
		if (w->owner->future.settled)
			continue;
		reed_timer_stop(&w->owner->timer);
		reed_settle(&w->owner->future, REED_OK);
	}
}

void reed_cell_set(struct reed_cell *cell, intptr_t value)
{
	if (cell->value == value)
		return;
	cell->value = value;
	reed_cell_touch(cell);
}

/* ---- one cell, once ---- */

struct changed {
	struct reed_union either;
	struct reed_watch watch;
};

static void changed_free(struct reed_future *f)
{
	union_free(f);
	reed_free(reed_container_of(union_of(f), struct changed, either));
}

static const struct reed_future_kind changed_kind = {
	.name = "cell",
	.cancel = union_cancel,
	.deliver = union_deliver,
	.free = changed_free,
};

struct reed_future *reed_cell_changed(struct reed_loop *loop, struct reed_cell *cell, uint64_t seen)
{
	struct changed *self = reed_alloc(sizeof(*self));

	reed_union_init(&self->either, loop);
	reed_union_add(&self->either, &self->watch, cell);
	self->watch.seen = seen;
	reed_union_wait(&self->either, -1)->kind = &changed_kind;
	return &self->either.future;
}
