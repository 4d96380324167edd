/* The service around all others of a process: accounts, control, then the rest. */

#include "control.h"
#include "crew.h"
#include "daemon_private.h"
#include "telemetry.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/checker.h"
#include "reed/co.h"
#include "reed/handover.h"

struct root {
	struct reed_co co;
	struct reed_service *service;
	struct daemon *daemon;
	size_t i;
};

/* In a suite each has a directory of its own. */
static enum reed_err make_state(struct root *self, size_t i)
{
	struct daemon *d = self->daemon;
	char *state = reed_daemon_state_of(d, i);
	struct reed_fault *fault = NULL;

	if (state && reed_state_make(state, &fault))
		reed_because(&self->co, fault->err, "%s", fault->sentence);
	reed_fault_free(fault);
	reed_free(state);
	return self->co.err;
}

char *reed_daemon_state_of(const struct daemon *d, size_t i)
{
	return d->plan->catalog ? reed_sprintf("%s/%s", d->state, d->plan->services[i].name) : NULL;
}

struct reed_service *reed_daemon_add_service(const struct daemon *d, struct reed_service *root,
                                             size_t i)
{
	const struct planned *planned = &d->plan->services[i];
	struct reed_service_options options = REED_SERVICE_OPTIONS;
	char *state = reed_daemon_state_of(d, i);
	struct reed_service *service;

	options.state = state;
	options.kind = planned->kind;
	options.name = planned->name;
	options.settings = reed_settings_part(d->first->settings, PARTS_BEFORE + i);
	options.restart = (enum reed_restart)reed_generation_daemon(d->first)->restart;
	options.grace = reed_generation_daemon(d->first)->grace;
	service = reed_service_add(root, &options);
	reed_free(state);
	return service;
}

static enum reed_err add_service(struct root *self, size_t i)
{
	if (make_state(self, i))
		return self->co.err;
	self->daemon->services[i] = reed_daemon_add_service(self->daemon, self->service, i);
	return REED_OK;
}

/* Before the others, which serve what it has got ready for them. */
static struct reed_future *get_certificates(struct root *self)
{
	struct daemon *d = self->daemon;
	struct reed_service_options options = REED_SERVICE_OPTIONS;

	if (!d->automatic)
		return reed_ready(d->loop, REED_OK);
	options.kind = d->automatic;
	options.name = "certificates";
	options.settings = &reed_generation_daemon(d->first)->acme;
	options.restart = REED_RESTART_ON_FAILURE;
	options.grace = reed_generation_daemon(d->first)->grace;
	return reed_service_wait(reed_service_add(self->service, &options));
}

/* Beside the others, which run without it too. */
static void publish(struct root *self)
{
	struct daemon *d = self->daemon;
	struct reed_service_options options = REED_SERVICE_OPTIONS;

	if (!d->publisher)
		return;
	options.kind = d->publisher;
	options.settings = &reed_generation_daemon(d->first)->publish;
	options.restart = REED_RESTART_ON_FAILURE;
	options.grace = reed_generation_daemon(d->first)->grace;
	reed_service_add(self->service, &options);
}

/* Some of a suite may stay on one loop, while others do not. */
static void start_crew(struct root *self)
{
	struct daemon *d = self->daemon;
	unsigned loops = reed_loops_wanted(reed_generation_daemon(d->first));

	if (loops == 1)
		return;
	for (size_t i = 0; i < d->plan->count; i++) {
		const char *why = reed_loops_why_not(d->plan, d->first->settings, i);

		if (why)
			reed_log(d->loop, REED_LOG_WARN, "stays on one loop service=%s why=%s",
			         d->plan->services[i].name, why);
	}
	reed_loops_start(d, self->service, loops);
}

/* It lasts longer than the services, so that one can see what a stop waits for. */
static void serve_control(struct daemon *d)
{
	struct reed_listener *listener = d->control_listener;

	d->control_listener = NULL;
	d->control_address = listener->address;
	reed_wait(reed_control_serve(d, listener), &d->control);
}

/* What an earlier process had stored and this one does not use goes. */
static void store_sockets(struct reed_loop *loop)
{
	int fds[HANDOVER_SOCKETS];
	size_t n = reed_listening(loop, fds, HANDOVER_SOCKETS);

	n = n < HANDOVER_SOCKETS ? n : HANDOVER_SOCKETS;
	reed_notify("FDSTOREREMOVE=1\nFDNAME=" HANDOVER_NAME);
	if (n > 0)
		reed_notify_store(fds, n, "FDSTORE=1\nFDNAME=" HANDOVER_NAME);
}

static void log_ready(struct root *self)
{
	const struct daemon *d = self->daemon;
	size_t left = reed_inherit_end(d->loop);

	if (left > 0)
		reed_log(d->loop, REED_LOG_INFO,
		         "sockets of the process before this one are of no use now count=%zu",
		         left);
	store_sockets(d->loop);
	reed_notify("READY=1\nSTATUS=%s is ready", d->name);
	reed_log(self->co.loop, REED_LOG_INFO,
	         "ready name=%s state=%s pid=%d driver=%s loops=%u ms=%.1f", d->name, d->state,
	         reed_own_pid(), reed_loop_driver(d->loop), d->site.loops,
	         (double)(reed_now(d->loop) - d->started) / 1e6);
}

static void root_run(struct reed_co *co)
{
	struct root *self = reed_frame(co, struct root);

	reed_coroutine (co) {
		reed_await(co, reed_control_listen(self->daemon));
		if (co->err)
			reed_return(co, reed_because(co, co->err, "the control socket"));
		serve_control(self->daemon);
		reed_scope_add(&self->service->scope, reed_daemon_pack(self->daemon));
		for (; self->i < reed_generation_daemon(self->daemon->first)->metrics.n; self->i++)
			reed_try(co, reed_telemetry_listen(self->daemon, self->service, self->i));
		reed_try(co, reed_daemon_open_accounts(self->daemon));
		reed_try(co, get_certificates(self));
		start_crew(self);
		for (size_t i = 0; i < self->daemon->plan->count; i++)
			if (add_service(self, i))
				reed_return(co, co->err);
		publish(self);
		reed_service_ready(self->service);
		reed_try(co, reed_service_wait(self->service));
		reed_try(co, reed_loops_begin(self->daemon));
		log_ready(self);
		for (self->i = 0; self->i < self->daemon->plan->count; self->i++)
			reed_try(co, reed_service_ended(self->daemon->services[self->i]));
	}
}

static const struct reed_co_kind root_co_kind = { .name = "root",
	                                          .size = sizeof(struct root),
	                                          .run = root_run };

static struct reed_future *root_start(struct reed_service *service)
{
	struct root *self = reed_co_new(service->loop, &root_co_kind);

	self->service = service;
	self->daemon = reed_daemon_of(service);
	return reed_start(&self->co);
}

static void root_end(struct reed_service *service)
{
	struct daemon *d = reed_daemon_of(service);

	memset(d->services, 0, d->plan->count * sizeof(d->services[0]));
}

const struct reed_service_kind reed_root_kind =
	REED_SERVICE_KIND(.name = "process", .summary = "All of it.", .start = root_start,
                          .end = root_end);
