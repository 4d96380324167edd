/*
 * A drain: nobody is let in any more, those who are there stay as long as they
 * like, and the process stops when the last one has left.
 */

#include "control.h"

#include "crew.h"
#include "daemon_private.h"
#include "reed/co.h"
#include "reed/handover.h"
#include "service_private.h"

struct drain {
	struct reed_co co;
	struct daemon *daemon;
	struct crew_replies others;
};

/* A door is open until the last of its sessions is over. */
static struct reed_cell *doors_of(const struct daemon *d)
{
	return &reed_service_inner(d->root)->open;
}

static struct reed_future *count_others(struct drain *self)
{
	static const struct crew_wish count = { .what = CREW_COUNT };

	return reed_loops_ask(self->daemon, &count, &self->others);
}

static void drain_run(struct reed_co *co)
{
	struct drain *self = reed_frame(co, struct drain);
	struct daemon *d = self->daemon;
	struct reed_cell *working = d->crew ? reed_loops_working(d) : NULL;

	reed_coroutine (co) {
		reed_await(co, count_others(self));
		reed_log(d->loop, REED_LOG_INFO, "nobody is let in any more connections=%zu",
		         reed_control_sum_conns(d, &self->others));
		while (doors_of(d)->value > 0)
			reed_try(co, reed_cell_changed(co->loop, doors_of(d), doors_of(d)->count));
		while (working && working->value > 0)
			reed_try(co, reed_cell_changed(co->loop, working, working->count));
		reed_daemon_stop(d, "all have left");
	}
}

static void drain_end(struct reed_co *co)
{
	reed_loops_replies_finish(&reed_frame(co, struct drain)->others);
}

static const struct reed_co_kind drain_kind = {
	.name = "drain",
	.size = sizeof(struct drain),
	.run = drain_run,
	.end = drain_end,
};

void reed_control_drain(struct daemon *d)
{
	struct drain *self;

	if (d->draining || !d->root || !d->root->scope.loop)
		return;
	d->draining = true;
	reed_notify("STATUS=draining");
	reed_listening_end(d->loop, &d->control_address);
	reed_loops_tell(d, &(struct crew_wish){ .what = CREW_DRAIN });
	self = reed_co_new(d->loop, &drain_kind);
	self->daemon = d;
	reed_scope_add(&d->root->scope, reed_start(&self->co));
}
