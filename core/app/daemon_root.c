/* The service around all others of a process: accounts, control, then the rest. */

#include "control.h"
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
static enum reed_err add_service(struct root *self, size_t i)
{
	struct daemon *d = self->daemon;
	const struct planned *planned = &d->plan->services[i];
	struct reed_service_options options = REED_SERVICE_OPTIONS;
	struct reed_fault *fault = NULL;
	char *state = d->plan->catalog ? reed_sprintf("%s/%s", d->state, planned->name) : NULL;

	if (state && reed_state_make(state, &fault)) {
		reed_because(&self->co, fault->err, "%s", fault->sentence);
		reed_fault_free(fault);
		reed_free(state);
		return self->co.err;
	}
	options.state = state;
	options.kind = planned->kind;
	options.name = planned->name;
	options.settings = reed_settings_part(d->first->settings, PARTS_BEFORE + i);
	options.restart = (enum reed_restart)reed_generation_daemon(d->first)->restart;
	options.grace = reed_generation_daemon(d->first)->grace;
	d->services[i] = reed_service_add(self->service, &options);
	reed_free(state);
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
	reed_log(self->co.loop, REED_LOG_INFO, "ready name=%s state=%s pid=%d ms=%.1f", d->name,
	         d->state, reed_own_pid(), (double)(reed_now(d->loop) - d->started) / 1e6);
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
		for (size_t i = 0; i < self->daemon->plan->count; i++)
			if (add_service(self, i))
				reed_return(co, co->err);
		reed_service_ready(self->service);
		reed_try(co, reed_service_wait(self->service));
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
