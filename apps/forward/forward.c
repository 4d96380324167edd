/* The forwarder as a service. */

#include "forward.h"

#include "reed/alloc.h"
#include "reed/co.h"

struct life {
	struct reed_co co;
	struct forward *forward;
};

static void life_run(struct reed_co *co)
{
	struct forward *forward = reed_frame(co, struct life)->forward;

	reed_coroutine (co) {
		reed_try(co, reed_doors_open(forward->service, &forward->doors));
		reed_service_ready(forward->service);
		reed_try(co, reed_forever(co->loop));
	}
}

static const struct reed_co_kind life_kind = { .name = "forward",
	                                       .size = sizeof(struct life),
	                                       .run = life_run };

static void count(struct forward *self)
{
	struct reed_loop *loop = self->service->loop;

	self->connections =
		reed_counter(loop, "reed_forward_connections", "Connections that came.", NULL);
	self->refused = reed_counter(loop, "reed_forward_refused",
	                             "Connections whose other end could not be reached.", NULL);
	self->sent_source.read = forward_sent;
	self->received_source.read = forward_received;
	reed_metric_source_add(loop, &self->sent_source, true, "reed_forward_bytes",
	                       "Bytes handed on.", "way=%s", "to");
	reed_metric_source_add(loop, &self->received_source, true, "reed_forward_bytes",
	                       "Bytes handed on.", "way=%s", "back");
}

static struct reed_future *forward_start(struct reed_service *service)
{
	struct forward *self = reed_alloc(sizeof(*self));
	const struct forward_settings *settings = service->settings;
	struct life *life = reed_co_new(service->loop, &life_kind);

	life->forward = service->own = self;
	self->service = service;
	self->settings = settings;
	self->limits = (struct reed_stream_limits)REED_STREAM_LIMITS;
	self->limits.high = settings->buffer;
	self->limits.low = settings->buffer / 4;
	self->limits.output = settings->buffer + self->limits.input;
	self->serve = (struct reed_serve_options)REED_SERVE_OPTIONS;
	self->serve.sessions = settings->connections;
	self->serve.limits = &self->limits;
	self->doors = (struct reed_doors){ .endpoints = &settings->listen,
		                           .cert = &settings->tls_cert,
		                           .session = forward_session,
		                           .arg = self,
		                           .options = &self->serve };
	reed_list_init(&self->sessions);
	count(self);
	return reed_start(&life->co);
}

/* Connections that are there stay where they go. */
static void forward_reload(struct reed_service *service, const void *values)
{
	struct forward *self = service->own;

	self->settings = values;
}

static void forward_end(struct reed_service *service)
{
	struct forward *self = service->own;

	reed_metric_source_remove(&self->sent_source);
	reed_metric_source_remove(&self->received_source);
	reed_doors_finish(&self->doors);
	reed_free(self);
	service->own = NULL;
}

/* Nothing is shared but the sockets. */
static const char *forward_one_loop(const void *settings)
{
	(void)settings;
	return NULL;
}

const struct reed_service_kind forward_service =
	REED_SERVICE_KIND(.name = "forward",
                          .summary = "Hands connections on, from any endpoint to any other.",
                          .schema = &forward_schema, .start = forward_start,
                          .reload = forward_reload, .conns = forward_conns, .end = forward_end,
                          .one_loop = forward_one_loop);
