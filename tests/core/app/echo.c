#include "echo.h"

#include <unistd.h>

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/log.h"
#include "reed/offload.h"
#include "reed/settings.h"

enum { WELL, FAILS_AT_START, FAILS_LATER, IS_STUBBORN, HANGS, HOLDS, ENDS };

static const char *const moods[] = { "well",  "fails-at-start", "fails-later", "stubborn",
	                             "hangs", "holds",          "ends",        NULL };

static const struct reed_setting table[] = {
	REED_SETTING_LIST(ENDPOINT, struct echo_settings, listen,
	                  .preset = "tcp:0:interface=127.0.0.1", .check = reed_setting_listens,
	                  .help = "Where clients are awaited."),
	REED_SETTING(STRING, struct echo_settings, greeting, .was = "welcome",
	             .reload = REED_SETTING_LIVE, .help = "What clients are told first."),
	REED_SETTING(ENUM, struct echo_settings, mood, .preset = "well", .words = moods,
	             .help = "What goes wrong."),
};

const struct reed_schema echo_schema =
	REED_SCHEMA(struct echo_settings, table, .about = "Says back what it hears.");

/* ---- a client ---- */

struct client {
	struct reed_co co;
	struct reed_stream *stream;
	struct server *server;
	struct reed_list link;
	int64_t since;
};

struct server {
	struct reed_list clients;
	char *greeting;
	size_t count;
};

static void client_run(struct reed_co *co)
{
	struct client *self = reed_frame(co, struct client);

	reed_coroutine (co) {
		if (self->server->greeting)
			reed_printf(self->stream, "%s\n", self->server->greeting);
		for (;;) {
			reed_await(co, reed_more(self->stream));
			if (co->err)
				break;
			reed_write(self->stream, reed_peek(self->stream));
			reed_skip(self->stream, reed_peek(self->stream).n);
			reed_try(co, reed_drain(self->stream));
		}
		if (co->err == REED_ECANCELED)
			reed_write_str(self->stream, "goodbye\n");
	}
}

static void client_end(struct reed_co *co)
{
	struct client *self = reed_frame(co, struct client);

	reed_list_remove(&self->link);
	self->server->count--;
	reed_close(self->stream);
}

static const struct reed_co_kind client_kind = { .name = "echo client",
	                                         .size = sizeof(struct client),
	                                         .run = client_run,
	                                         .end = client_end };

static struct reed_future *client(void *arg, struct reed_stream *stream)
{
	struct client *self = reed_co_new(stream->loop, &client_kind);

	self->server = arg;
	self->stream = stream;
	self->since = reed_now(stream->loop);
	reed_list_append(&self->server->clients, &self->link);
	self->server->count++;
	return reed_start(&self->co);
}

/* ---- the service ---- */

static enum reed_err hang(struct reed_job *job)
{
	(void)job;
	while (pause() < 0)
		continue;
	return REED_OK;
}

static const struct reed_job_kind hanging_kind = { .name = "hanging",
	                                           .size = sizeof(struct reed_job),
	                                           .run = hang };

struct echo {
	struct reed_co co;
	struct reed_service *service;
	const struct echo_settings *settings;
	size_t i;
};

static void echo_run(struct reed_co *co)
{
	struct echo *self = reed_frame(co, struct echo);

	reed_coroutine (co) {
		if (self->settings->mood == FAILS_AT_START)
			reed_try(co, reed_failed(co->loop, REED_EIO, "it is in no mood to start"));
		for (; self->i < self->settings->listen.n; self->i++)
			reed_try(co, reed_service_listen(self->service,
			                                 &self->settings->listen.items[self->i],
			                                 client, self->service->own, NULL));
		if (self->settings->mood == HOLDS) {
			usleep(20000);
			reed_try(co, reed_yield(co->loop));
		}
		reed_service_ready(self->service);
		reed_service_status(self->service, "listening on %zu", self->i);
		if (self->settings->mood == FAILS_LATER) {
			reed_try(co, reed_sleep(co->loop, 1));
			reed_try(co, reed_failed(co->loop, REED_EIO, "it is in no mood to go on"));
		}
		if (self->settings->mood == HANGS)
			reed_try(co,
			         reed_shield(reed_offload(reed_job_new(co->loop, &hanging_kind))));
		if (self->settings->mood == IS_STUBBORN)
			reed_try(co, reed_shield(reed_forever(co->loop)));
		if (self->settings->mood != ENDS)
			reed_try(co, reed_forever(co->loop));
	}
}

static const struct reed_co_kind echo_kind = { .name = "echo",
	                                       .size = sizeof(struct echo),
	                                       .run = echo_run };

static struct reed_future *echo_start(struct reed_service *service)
{
	struct echo *self = reed_co_new(service->loop, &echo_kind);
	struct server *server = reed_alloc(sizeof(*server));

	reed_list_init(&server->clients);
	self->service = service;
	self->settings = service->settings;
	server->greeting = reed_strdup(self->settings->greeting);
	service->own = server;
	return reed_start(&self->co);
}

static void echo_reload(struct reed_service *service, const void *values)
{
	const struct echo_settings *settings = values;
	struct server *server = service->own;

	reed_free(server->greeting);
	server->greeting = reed_strdup(settings->greeting);
}

static void echo_conns(struct reed_service *service, reed_conn_fn *each, void *arg)
{
	struct server *server = service->own;

	reed_list_each (link, &server->clients) {
		struct client *c = reed_container_of(link, struct client, link);
		struct reed_conn conn = REED_CONN;

		conn.stream = c->stream;
		conn.door = "echo";
		conn.account = "nobody";
		conn.note = "says it back";
		conn.since = c->since;
		if (!each(arg, &conn))
			return;
	}
}

static void echo_end(struct reed_service *service)
{
	struct server *server = service->own;

	reed_free(server->greeting);
	reed_free(server);
	service->own = NULL;
}

const struct reed_service_kind echo_service =
	REED_SERVICE_KIND(.name = "echo", .summary = "Says back what it hears.",
                          .schema = &echo_schema, .start = echo_start, .reload = echo_reload,
                          .conns = echo_conns, .end = echo_end);
