/* Doors: a listener of a service, from a text in its settings. */

#include "service_private.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/log.h"
#include "reed/own_cert.h"

/* ---- what is open ---- */

static void log_door(const struct reed_service *service, const struct reed_door *door)
{
	char first[REED_ADDRESS_TEXT] = "", second[REED_ADDRESS_TEXT];
	char *shown = reed_endpoint_shown(reed_slice_of(door->endpoint));

	if (door->count > 0)
		reed_address_text(&door->addresses[0], first);
	reed_log(service->loop, REED_LOG_INFO, "listening endpoint=%s address=%s also=%s", shown,
	         first, door->count > 1 ? reed_address_text(&door->addresses[1], second) : NULL);
	reed_free(shown);
}

void reed_service_opened(struct reed_service *self, const struct reed_door *door)
{
	struct service *s = reed_service_inner(self);
	size_t n = door->count * sizeof(door->addresses[0]);
	struct reed_address *addresses = reed_alloc(n + 1);
	struct reed_door *kept;

	s->doors = reed_realloc(s->doors, (s->door_count + 1) * sizeof(s->doors[0]));
	kept = &s->doors[s->door_count++];
	*kept = (struct reed_door)REED_DOOR;
	kept->endpoint = reed_strdup(door->endpoint);
	if (n > 0)
		memcpy(addresses, door->addresses, n);
	kept->addresses = addresses;
	kept->count = door->count;
	kept->datagrams = door->datagrams;
	log_door(self, door);
}

bool reed_service_door(const struct reed_service *self, size_t n, struct reed_door *door)
{
	const struct service *s = reed_service_inner(self);
	size_t size = door->size;

	if (n >= s->door_count)
		return false;
	memcpy(door, &s->doors[n], size < sizeof(*door) ? size : sizeof(*door));
	door->size = size;
	return true;
}

void reed_service_forget_doors(struct service *s)
{
	for (size_t i = 0; i < s->door_count; i++) {
		reed_free((char *)(uintptr_t)s->doors[i].endpoint);
		reed_free((struct reed_address *)(uintptr_t)s->doors[i].addresses);
	}
	reed_free(s->doors);
	s->doors = NULL;
	s->door_count = 0;
}

/* ---- what serves, in the scope of the service ---- */

struct door {
	struct reed_co co;
	struct service *service;
	struct reed_listener *listener;
	char *endpoint, *shown; /* shown: without its secrets */
	reed_session_fn *session;
	void *arg;
	struct reed_serve_options options;
	bool counted;
};

static struct reed_future *serve(struct door *self)
{
	struct reed_listener *l = self->listener;

	self->listener = NULL;
	return reed_serve(l, self->session, self->arg, &self->options);
}

static void count_door(struct door *self, int change)
{
	struct reed_cell *doors = &reed_service_root(self->service)->open;

	if (self->counted != (change > 0))
		reed_cell_set(doors, doors->value + change);
	self->counted = change > 0;
}

static void door_run(struct reed_co *co)
{
	struct door *self = reed_frame(co, struct door);

	reed_coroutine (co) {
		count_door(self, 1);
		reed_await(co, serve(self));
		if (co->err && co->err != REED_ECANCELED)
			reed_service_blame(self->service,
			                   reed_fault(co->err, reed_co_take_fault(co), "%s",
			                              self->shown));
	}
}

static void door_end(struct reed_co *co)
{
	struct door *self = reed_frame(co, struct door);

	if (self->counted)
		count_door(self, -1);
	reed_listener_close(self->listener);
	reed_free(self->endpoint);
	reed_free(self->shown);
}

static const struct reed_co_kind door_kind = { .name = "door",
	                                       .size = sizeof(struct door),
	                                       .run = door_run,
	                                       .end = door_end };

/* ---- what opens it ---- */

struct opening {
	struct reed_co co;
	struct door *door; /* not started */
	char *own;         /* a certificate of our making that it needs; NULL: none */
	char *origin;      /* NULL: not known */
};

static void tell_opened(const struct door *door)
{
	struct reed_address *addresses = reed_alloc(sizeof(*addresses));
	struct reed_door opened = REED_DOOR;

	while (reed_listener_address(door->listener, opened.count, &addresses[opened.count]))
		addresses = reed_realloc(addresses, (++opened.count + 1) * sizeof(*addresses));
	opened.endpoint = door->endpoint;
	opened.addresses = addresses;
	reed_service_opened(&door->service->self, &opened);
	reed_free(addresses);
}

/* What an operator can do about it; NULL: the cause says. */
static const char *advice(enum reed_err err)
{
	if (err == REED_EADDRINUSE)
		return "another program listens there; stop that one, or take another port";
	if (err == REED_EADDRNOTAVAIL)
		return "this machine has no such address; `ip address` shows those it has";
	return NULL;
}

static enum reed_err explain(struct opening *self)
{
	struct reed_fault *fault = reed_co_take_fault(&self->co);
	const char *what = advice(self->co.err);

	self->co.fault =
		reed_fault(self->co.err, NULL, "%s%s%s%s%s", self->origin ? self->origin : "",
	                   self->origin ? ": " : "", reed_fault_why(fault, self->co.err),
	                   what ? "; " : "", what ? what : "");
	reed_fault_free(fault);
	return self->co.err;
}

static void opening_run(struct reed_co *co)
{
	struct opening *self = reed_frame(co, struct opening);
	struct door *door = self->door;

	reed_coroutine (co) {
		if (self->own)
			reed_try(co, reed_own_cert(co->loop, self->own,
			                           door->service->self.site->name));
		reed_await(co, reed_listen(co->loop, door->endpoint, &door->listener));
		if (co->err)
			reed_return(co, explain(self));
		tell_opened(door);
		self->door = NULL;
		reed_scope_add(&door->service->self.scope, reed_start(&door->co));
	}
}

static void opening_end(struct reed_co *co)
{
	struct opening *self = reed_frame(co, struct opening);

	if (self->door)
		reed_drop(&self->door->co.future);
	reed_free(self->origin);
	reed_free(self->own);
}

static const struct reed_co_kind opening_kind = { .name = "listen",
	                                          .size = sizeof(struct opening),
	                                          .run = opening_run,
	                                          .end = opening_end };

/* TLS without a certificate gets one that is renewed by itself, or one of our own making. */
static char *complete(const struct reed_service *service, const char *endpoint, char **own)
{
	const char *folder = service->site ? service->site->certificates : NULL;
	char *text = NULL;

	if (folder) {
		text = reed_own_cert_complete(endpoint, folder);
	} else if (service->site && service->state) {
		*own = reed_sprintf("%s/cert.pem", service->state);
		text = reed_own_cert_complete(endpoint, *own);
	}
	if (text)
		return text;
	reed_free(*own);
	*own = NULL;
	return reed_strdup(endpoint);
}

struct reed_future *reed_service_listen(struct reed_service *service, const char *const *endpoint,
                                        reed_session_fn *session, void *arg,
                                        const struct reed_serve_options *given)
{
	struct opening *self = reed_co_new(service->loop, &opening_kind);
	struct door *door = reed_co_new(service->loop, &door_kind);
	struct reed_serve_options options = REED_SERVE_OPTIONS;

	if (given)
		memcpy(&options, given,
		       given->size < sizeof(options) ? given->size : sizeof(options));
	door->service = reed_service_inner(service);
	door->endpoint = complete(service, *endpoint, &self->own);
	door->shown = reed_endpoint_shown(reed_slice_of(*endpoint));
	door->session = session;
	door->arg = arg;
	door->options = options;
	if (!options.name)
		door->options.name = door->shown;
	if (!options.scope)
		door->options.scope = &service->scope;
	self->door = door;
	self->origin = reed_strdup(reed_service_origin(service, endpoint));
	return reed_start(&self->co);
}
