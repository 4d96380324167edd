/* TCP echo as a daemon: what its duties cost beside docs/examples/echo.c, which has none. */

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/daemon.h"
#include "reed/settings.h"

struct echo_settings {
	struct reed_texts listen;
};

static const struct reed_setting table[] = {
	REED_SETTING_LIST(ENDPOINT, struct echo_settings, listen, .preset = "tcp:7",
	                  .check = reed_setting_listens, .help = "Where clients are awaited."),
};

static const struct reed_schema schema =
	REED_SCHEMA(struct echo_settings, table, .about = "Says back what it hears.");

/* ---- a client ---- */

static size_t push_data(struct reed_protocol *self, struct reed_slice in)
{
	reed_write(self->stream, in);
	return in.n;
}

static void push_free(struct reed_protocol *self)
{
	reed_free(self);
}

static const struct reed_protocol_ops push_ops = { .data = push_data, .free = push_free };

static struct reed_future *push(void *arg, struct reed_stream *stream)
{
	struct reed_protocol *self = reed_alloc(sizeof(*self));

	(void)arg;
	self->ops = &push_ops;
	return reed_stream_attach(stream, self);
}

/* ---- the service ---- */

struct echo {
	struct reed_co co;
	struct reed_service *service;
	size_t i;
};

static void echo_run(struct reed_co *co)
{
	struct echo *self = reed_frame(co, struct echo);
	const struct echo_settings *settings = self->service->settings;

	reed_coroutine (co) {
		for (; self->i < settings->listen.n; self->i++)
			reed_try(co, reed_service_listen(self->service,
			                                 &settings->listen.items[self->i], push,
			                                 NULL, NULL));
		reed_service_ready(self->service);
		reed_try(co, reed_forever(co->loop));
	}
}

static const struct reed_co_kind echo_kind = { .name = "echo",
	                                       .size = sizeof(struct echo),
	                                       .run = echo_run };

static struct reed_future *echo_start(struct reed_service *service)
{
	struct echo *self = reed_co_new(service->loop, &echo_kind);

	self->service = service;
	return reed_start(&self->co);
}

static const struct reed_service_kind echo_service =
	REED_SERVICE_KIND(.name = "echo", .summary = "Says back what it hears.", .schema = &schema,
                          .start = echo_start);

int main(int argc, char **argv)
{
	return reed_daemon_main(&echo_service, argc, argv);
}
