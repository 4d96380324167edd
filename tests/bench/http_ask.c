/*
 * http_ask URL TASKS SECONDS: that many tasks ask for it again and again, over one client, as
 * http_client.sh does.  One line of key=value; CPU time is that of this process.
 */

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/http/client.h"
#include "reed/scope.h"

struct bench {
	struct reed_co co;
	struct reed_http_client *client;
	struct reed_scope scope;
	const char *url;
	int tasks;
	int64_t seconds, began, until;
	unsigned long asked, failed;
};

struct asker {
	struct reed_co co;
	struct bench *bench;
	struct reed_http_response *response;
};

static struct reed_future *ask(struct asker *self)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;

	what.url = self->bench->url;
	return reed_http_fetch(self->bench->client, &what, &self->response);
}

static void note(struct asker *self, enum reed_err err)
{
	self->bench->asked++;
	if (err || self->response->status != 200)
		self->bench->failed++;
	reed_http_response_free(self->response);
	self->response = NULL;
}

static void asker_run(struct reed_co *co)
{
	struct asker *self = reed_frame(co, struct asker);

	reed_coroutine (co) {
		while (reed_now(co->loop) < self->bench->until) {
			reed_await(co, ask(self));
			note(self, co->err);
		}
	}
}

static void asker_end(struct reed_co *co)
{
	reed_http_response_free(reed_frame(co, struct asker)->response);
}

static const struct reed_co_kind asker_kind = {
	.name = "asker",
	.size = sizeof(struct asker),
	.run = asker_run,
	.end = asker_end,
};

static struct reed_future *start_asker(struct bench *bench)
{
	struct asker *self = reed_co_new(bench->co.loop, &asker_kind);

	self->bench = bench;
	return reed_start(&self->co);
}

static void begin(struct bench *self)
{
	struct reed_http_client_options options = REED_HTTP_CLIENT_OPTIONS;

	options.kept = (uint32_t)self->tasks;
	self->client = reed_http_client_new(self->co.loop, &options);
	self->began = reed_now(self->co.loop);
	self->until = self->began + REED_S(self->seconds);
	reed_scope_init(&self->scope, self->co.loop, NULL, "askers");
	for (int i = 0; i < self->tasks; i++)
		reed_scope_add(&self->scope, start_asker(self));
}

static void tell(struct bench *self)
{
	double wall = (double)(reed_now(self->co.loop) - self->began) / 1e9, cpu;
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	cpu = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	      (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
	printf("rate=%.0f cpu_rate=%.0f failed=%lu\n", (double)self->asked / wall,
	       (double)self->asked / cpu, self->failed);
}

static void bench_run(struct reed_co *co)
{
	struct bench *self = reed_frame(co, struct bench);

	reed_coroutine (co) {
		begin(self);
		reed_try(co, reed_scope_wait(&self->scope));
		tell(self);
	}
}

static void bench_end(struct reed_co *co)
{
	struct bench *self = reed_frame(co, struct bench);

	reed_scope_finish(&self->scope);
	reed_http_client_free(self->client);
}

static const struct reed_co_kind bench_kind = {
	.name = "bench",
	.size = sizeof(struct bench),
	.run = bench_run,
	.end = bench_end,
};

static struct reed_future *start(struct reed_loop *loop, int argc, char **argv)
{
	struct bench *self;

	if (argc < 4)
		return reed_failed(loop, REED_EINVAL, "say what: http_ask URL TASKS SECONDS");
	self = reed_co_new(loop, &bench_kind);
	self->url = argv[1];
	self->tasks = atoi(argv[2]);
	self->seconds = atoi(argv[3]);
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, start);
}
