/* The life of a service: from start() to end(), and perhaps another one. */

#include <string.h>

#include "service_private.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/log.h"

struct life {
	struct reed_co co;
	struct service *service;
	bool begun; /* end() is due */
};

/* ---- the main future ---- */

static void forgive(struct service *s)
{
	reed_fault_free(s->fault);
	s->fault = NULL;
	s->err = REED_OK;
}

static struct reed_future *begin(struct life *self)
{
	struct service *s = self->service;

	reed_scope_init(&s->self.scope, s->self.loop, NULL, s->name);
	reed_service_take_settings(s);
	s->said_ready = false;
	forgive(s);
	self->begun = s->in_main = true;
	reed_service_set(s, REED_SERVICE_STARTING);
	return s->self.kind->start(&s->self);
}

void reed_service_blame(struct service *s, struct reed_fault *fault)
{
	struct life *life = s->life;

	if (!life || !s->in_main || !life->co.waiter.future || s->fault) {
		reed_fault_free(fault);
		return;
	}
	s->fault = fault;
	reed_interrupt(life->co.waiter.future);
}

/* Who was interrupted for somebody's failure has failed as that did, whatever it says then. */
static void note_outcome(struct life *self)
{
	struct service *s = self->service;
	enum reed_err err = self->co.err;

	s->in_main = false;
	if (s->fault) {
		s->err = s->fault->err;
	} else if (err && !(err == REED_ECANCELED && self->co.future.interrupted)) {
		s->fault = reed_co_take_fault(&self->co);
		s->err = err;
	}
	reed_service_set(s, REED_SERVICE_STOPPING);
}

/* ---- its children, and whatever else is in its scope ---- */

static struct reed_future *be_well(void *loop, enum reed_err err)
{
	return err ? reed_ready(loop, REED_OK) : NULL;
}

struct reed_future *reed_service_forgive(struct reed_loop *loop, struct reed_future *f)
{
	return reed_then(f, be_well, loop);
}

/* How the scope ends is no business of those that end beside it. */
static struct reed_future *stop_children(struct service *s)
{
	struct reed_future **stops, *all;
	size_t n = 0;

	reed_list_each (link, &s->children)
		n++;
	stops = reed_alloc((n + 2) * sizeof(*stops));
	n = 0;
	for (struct reed_list *l = s->children.prev; l != &s->children; l = l->prev)
		stops[n++] = reed_service_stop(&reed_service_of_sibling(l)->self,
		                               reed_service_grace_ms(s));
	stops[n++] = reed_service_forgive(s->self.loop, reed_scope_stop(&s->self.scope,
	                                                                reed_service_grace_ms(s)));
	all = reed_all_of(stops);
	reed_free(stops);
	return all;
}

static void finish(struct life *self)
{
	struct service *s = self->service;

	if (!self->begun)
		return;
	self->begun = s->in_main = false;
	reed_scope_finish(&s->self.scope);
	reed_service_clear(s);
	if (s->self.kind->end)
		s->self.kind->end(&s->self);
}

/* ---- another one ---- */

/* Who was never ready has settings that do not do: trying again would hide it. */
static bool is_to_live_again(struct life *self)
{
	struct service *s = self->service;

	if (!s->err || self->co.future.interrupted || !s->was_ready ||
	    s->options.restart == REED_RESTART_NEVER)
		return false;
	if (s->said_ready && s->since - s->ready_since >= s->options.restart_longest)
		s->failures = 0;
	return s->failures++ < s->options.restarts;
}

static int64_t pause_of(const struct service *s)
{
	int64_t ns = s->options.restart_first;

	for (unsigned i = 1; i < s->failures && ns < s->options.restart_longest; i++)
		ns *= 2;
	return ns < s->options.restart_longest ? ns : s->options.restart_longest;
}

static struct reed_future *pause_before_next(struct service *s)
{
	int64_t ns = pause_of(s);

	reed_log(s->self.loop, REED_LOG_ERROR,
	         "service has failed and will be started again why=%s seconds=%.1f failures=%u",
	         reed_fault_why(s->fault, s->err), (double)ns / 1e9, s->failures);
	reed_service_set(s, REED_SERVICE_RESTARTING);
	return reed_sleep_ns(s->self.loop, ns);
}

/* Interrupted in the pause: then it was stopped. */
static bool was_stopped(struct life *self)
{
	if (!self->co.err)
		return false;
	forgive(self->service);
	return true;
}

/* ---- the end ---- */

/* The parent tells of it, unless it can do without. */
static enum reed_err conclude(struct life *self)
{
	struct service *s = self->service;

	reed_service_set(s, s->err ? REED_SERVICE_FAILED : REED_SERVICE_ENDED);
	if (!s->err)
		return REED_OK;
	if (s->options.optional)
		reed_log(s->self.loop, REED_LOG_ERROR, "service has failed why=%s",
		         reed_fault_why(s->fault, s->err));
	else if (s->self.parent)
		reed_service_blame(reed_service_inner(s->self.parent),
		                   reed_fault(s->err, reed_fault_copy(s->fault), "%s", s->name));
	reed_fault_free(reed_co_take_fault(&self->co));
	self->co.fault = reed_fault_copy(s->fault);
	self->co.err = s->err;
	return s->err;
}

static void life_run(struct reed_co *co)
{
	struct life *self = reed_frame(co, struct life);
	struct service *s = self->service;

	reed_coroutine (co) {
		reed_log_with(co->loop, "service=%s", s->name);
		reed_endpoint_keep_in(co->loop, s->self.state);
		for (;;) {
			reed_await(co, begin(self));
			note_outcome(self);
			reed_await(co, reed_shield(stop_children(s)));
			finish(self);
			if (!is_to_live_again(self))
				break;
			reed_await(co, pause_before_next(s));
			if (was_stopped(self))
				break;
		}
		reed_return(co, conclude(self));
	}
}

/* However it ends; what was dropped has not concluded. */
static void life_end(struct reed_co *co)
{
	struct life *self = reed_frame(co, struct life);
	struct service *s = self->service;

	finish(self);
	s->life = NULL;
	if (s->self.condition.value < REED_SERVICE_FAILED)
		reed_service_set(s, REED_SERVICE_ENDED);
}

static const struct reed_co_kind life_kind = { .name = "service",
	                                       .size = sizeof(struct life),
	                                       .run = life_run,
	                                       .end = life_end };

struct reed_future *reed_service_live(struct service *s)
{
	struct life *self = reed_co_new(s->self.loop, &life_kind);

	self->service = s;
	s->life = self;
	return reed_start(&self->co);
}
