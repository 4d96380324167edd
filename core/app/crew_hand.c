/* A hand of the crew, in its own thread: the services, and what the first loop wishes of them. */

#include "crew.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/blame.h"
#include "reed/co.h"
#include "reed/handover.h"
#include "reed/mailbox.h"
#include "reed/tls.h"
#include "reed/traffic.h"
#include "service_private.h"

enum { WISHES = 64 };

struct work {
	struct reed_co co;
	struct hand *hand;
	struct daemon *daemon; /* of another thread: only what never changes is looked at */
	struct reed_mailbox *box;
	struct parcel parcel;
	struct hand_log log;
	struct reed_site site;
	struct reed_service *root; /* NULL: not begun */
	struct reed_waiter running;
	struct reed_service *
		*services;         /* by their number in the plan; NULL: on the first loop only */
	struct generation *latest; /* until there is a root to take it */
	enum reed_err err;
	struct reed_fault *fault;
	bool draining;
};

static struct work *work_of(const struct reed_service *root)
{
	return reed_container_of((struct reed_site *)(uintptr_t)root->site, struct work, site);
}

/* ---- the services ---- */

struct begin {
	struct reed_co co;
	struct reed_service *service;
	size_t i;
};

static bool is_shared(const struct work *self, size_t i)
{
	return !reed_loops_why_not(self->daemon->plan, self->daemon->first->settings, i);
}

static void add_services(struct work *self, struct reed_service *root)
{
	struct daemon *d = self->daemon;

	for (size_t i = 0; i < d->plan->count; i++) {
		if (!is_shared(self, i))
			continue;
		self->services[i] = reed_daemon_add_service(d, root, i);
		if (self->latest != d->first)
			reed_generation_give(self->latest, i, self->services[i]);
	}
}

static void begin_run(struct reed_co *co)
{
	struct begin *self = reed_frame(co, struct begin);
	struct work *work = work_of(self->service);

	reed_coroutine (co) {
		add_services(work, self->service);
		reed_service_ready(self->service);
		reed_try(co, reed_service_wait(self->service));
		reed_hand_says(work->hand, HAND_READY, NULL);
		for (; self->i < work->daemon->plan->count; self->i++)
			if (work->services[self->i])
				reed_try(co, reed_service_ended(work->services[self->i]));
	}
}

static const struct reed_co_kind begin_kind = { .name = "root",
	                                        .size = sizeof(struct begin),
	                                        .run = begin_run };

static struct reed_future *root_start(struct reed_service *service)
{
	struct begin *self = reed_co_new(service->loop, &begin_kind);

	self->service = service;
	return reed_start(&self->co);
}

static void root_end(struct reed_service *service)
{
	struct work *self = work_of(service);

	memset(self->services, 0, self->daemon->plan->count * sizeof(self->services[0]));
}

static const struct reed_service_kind root_kind =
	REED_SERVICE_KIND(.name = "process", .summary = "What a loop has of it.",
                          .start = root_start, .end = root_end);

/* Whoever asks has nothing to wait for any more, and no new one comes. */
static void on_end(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct work *self = reed_container_of(w, struct work, running);

	self->err = err;
	self->fault = fault;
	reed_mailbox_close(self->box);
}

static void take_generation(struct work *self, struct generation *generation)
{
	struct generation *before = self->latest;

	self->latest = reed_generation_share(generation);
	reed_generation_release(before);
	reed_blame(self->co.loop, reed_generation_daemon(generation)->slow_turn);
}

static void begin(struct work *self, struct generation *generation)
{
	struct reed_service_options options = REED_SERVICE_OPTIONS;

	take_generation(self, generation);
	options.kind = &root_kind;
	options.name = "process";
	options.site = &self->site;
	options.grace = reed_generation_daemon(self->daemon->first)->grace;
	self->root = reed_service_new(self->co.loop, &options);
	self->running.wake = on_end;
	reed_wait(reed_service_run(self->root), &self->running);
}

/* ---- wishes ---- */

/* The first loop tells what is wrong with a certificate; it has the same. */
static void reload(struct work *self, struct generation *generation)
{
	struct reed_loop *loop = self->co.loop;

	take_generation(self, generation);
	reed_traffic_reopen(loop);
	for (size_t i = 0; self->root && i < self->daemon->plan->count; i++)
		reed_generation_give(self->latest, i, self->services[i]);
	if (self->root && self->root->scope.loop)
		reed_scope_add(&self->root->scope,
		               reed_service_forgive(loop, reed_tls_reload(loop)));
}

struct drain {
	struct reed_co co;
	struct work *work;
};

static void drain_run(struct reed_co *co)
{
	struct work *work = reed_frame(co, struct drain)->work;
	struct reed_cell *open = &reed_service_inner(work->root)->open;

	reed_coroutine (co) {
		while (open->value > 0)
			reed_try(co, reed_cell_changed(co->loop, open, open->count));
		if (work->running.future)
			reed_interrupt(work->running.future);
	}
}

static const struct reed_co_kind drain_kind = { .name = "drain",
	                                        .size = sizeof(struct drain),
	                                        .run = drain_run };

static void drain(struct work *self)
{
	struct drain *drain;

	if (self->draining || !self->root || !self->root->scope.loop)
		return;
	self->draining = true;
	reed_listening_end(self->co.loop, NULL);
	drain = reed_co_new(self->co.loop, &drain_kind);
	drain->work = self;
	reed_scope_add(&self->root->scope, reed_start(&drain->co));
}

/* As the first loop would of itself: such words look at the loop and the services only. */
static struct daemon view_of(const struct work *self)
{
	return (struct daemon){ .loop = self->co.loop, .root = self->root };
}

static void answer(struct work *self, struct errand *errand)
{
	struct daemon view = view_of(self);
	struct control_request request;
	struct reed_fault *fault = NULL;

	if (self->root && !reed_control_parse(reed_slice_of(errand->wish.line), &request, &fault))
		errand->reply.done =
			!reed_control_answer(&view, &request, &errand->reply.text, &fault);
	reed_fault_free(fault);
}

static void fulfil(struct work *self, struct errand *errand)
{
	const struct crew_wish *wish = &errand->wish;
	struct daemon view = view_of(self);

	switch (wish->what) {
	case CREW_BEGIN:
		begin(self, wish->generation);
		break;
	case CREW_RELOAD:
		reload(self, wish->generation);
		break;
	case CREW_LEVEL:
		reed_hand_log_level(&self->log, wish->level);
		break;
	case CREW_DRAIN:
		drain(self);
		break;
	case CREW_METRICS:
		errand->reply.metrics = reed_metrics_copy(self->co.loop);
		break;
	case CREW_COUNT:
		errand->reply.conns = reed_control_count_conns(&view);
		break;
	case CREW_TOP:
		reed_control_top_of_loop(&view, &errand->reply.text);
		break;
	case CREW_TELL:
		answer(self, errand);
		break;
	}
	reed_errand_done(errand, self->hand->crew);
}

/* ---- its life ---- */

static struct reed_future *next(struct work *self)
{
	return reed_mailbox_get(self->box, &self->parcel);
}

static void say_hello(struct work *self)
{
	self->box = reed_mailbox_new(self->co.loop, &reed_errand_kind, WISHES);
	reed_hand_log_begin(&self->log, self->hand, self->co.loop);
	reed_hand_says(self->hand, HAND_PRESENT, reed_mailbox_share(self->box));
}

/* Once its services have ended the box is closed; until then whoever asks is answered. */
static void work_run(struct reed_co *co)
{
	struct work *self = reed_frame(co, struct work);

	reed_coroutine (co) {
		say_hello(self);
		for (;;) {
			reed_await(co, next(self));
			if (co->err)
				break;
			fulfil(self, self->parcel.errand);
		}
		if (co->err == REED_ECANCELED && self->running.future) {
			reed_interrupt(self->running.future);
			for (;;) {
				reed_await(co, reed_shield(next(self)));
				if (co->err)
					break;
				fulfil(self, self->parcel.errand);
			}
		}
		if (!self->err)
			reed_return(co, REED_OK);
		co->fault = self->fault;
		self->fault = NULL;
		reed_return(co, self->err);
	}
}

static void work_end(struct reed_co *co)
{
	struct work *self = reed_frame(co, struct work);

	reed_unwait(co->loop, &self->running);
	reed_service_free(self->root);
	if (self->box) {
		reed_mailbox_close(self->box);
		reed_mailbox_release(self->box);
	}
	reed_hand_log_end(&self->log);
	reed_hand_says(self->hand, HAND_GONE, NULL);
	reed_generation_release(self->latest);
	reed_fault_free(self->fault);
	reed_free(self->services);
}

static const struct reed_co_kind work_kind = { .name = "hand",
	                                       .size = sizeof(struct work),
	                                       .run = work_run,
	                                       .end = work_end };

/* The first loop has services of its own, with all that belongs to them. */
struct reed_future *reed_hand_work(void *arg, const struct reed_team_member *member)
{
	struct crew *crew = arg;
	struct daemon *d = crew->daemon;
	struct work *self;

	if (member->number == 0)
		return reed_forever(member->loop);
	self = reed_co_new(member->loop, &work_kind);
	self->hand = &crew->hands[member->number - 1];
	self->daemon = d;
	self->services = reed_alloc((d->plan->count + 1) * sizeof(self->services[0]));
	self->site = (struct reed_site){ .size = sizeof(self->site),
		                         .name = d->name,
		                         .state = d->state,
		                         .settings = d->first->settings,
		                         .certificates = d->site.certificates,
		                         .loop = member->number,
		                         .loops = member->count };
	return reed_start(&self->co);
}
