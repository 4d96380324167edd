/*
 * A client that says anything, in pieces of as many bytes as the first byte of
 * the input says, to a server whose handlers read bodies as a whole, piece by
 * piece, later, or not at all; then it goes.
 */

#ifndef REED_TESTS_FUZZ_HTTP_SESSION_H
#define REED_TESTS_FUZZ_HTTP_SESSION_H

#include "check.h"
#include "reed/co.h"
#include "reed/http/router.h"
#include "reed/http/server.h"
#include "reed/log.h"

enum { QUIET_TURNS = 4 };

/* Made once; the fuzzer's process is where they end. */
static struct reed_loop *loop;
static struct reed_http_router *router;
static struct reed_http_server *server;

struct work {
	struct reed_co co;
	struct reed_http_request *request;
	struct reed_slice piece;
	struct reed_stream *stream;
};

static void all_run(struct reed_co *co)
{
	struct work *self = reed_frame(co, struct work);

	reed_coroutine (co) {
		reed_try(co, reed_http_read_all(self->request, &self->piece));
		reed_http_respond(self->request, 200, "text/plain", self->piece);
	}
}

static void pieces_run(struct reed_co *co)
{
	struct work *self = reed_frame(co, struct work);

	reed_coroutine (co) {
		reed_http_begin(self->request, 200, NULL, -1);
		do {
			reed_try(co, reed_http_read(self->request, &self->piece));
			reed_http_write(self->request, self->piece);
			reed_try(co, reed_http_drain(self->request));
		} while (self->piece.n > 0);
	}
}

static void later_run(struct reed_co *co)
{
	struct work *self = reed_frame(co, struct work);

	reed_coroutine (co) {
		reed_try(co, reed_yield(co->loop));
		if (reed_http_upgrade(self->request, "x", &self->stream))
			reed_return(co, REED_OK);
		for (;;) {
			reed_try(co, reed_more(self->stream));
			reed_write(self->stream, reed_peek(self->stream));
			reed_skip(self->stream, reed_peek(self->stream).n);
		}
	}
}

static void work_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct work)->stream);
}

static const struct reed_co_kind kinds[] = {
	{ "all", sizeof(struct work), all_run, NULL, work_end },
	{ "pieces", sizeof(struct work), pieces_run, NULL, work_end },
	{ "later", sizeof(struct work), later_run, NULL, work_end },
};

static struct reed_future *start(void *kind, struct reed_http_request *request)
{
	struct work *self = reed_co_new(loop, kind);

	self->request = request;
	return reed_start(&self->co);
}

static struct reed_future *at_once(void *arg, struct reed_http_request *request)
{
	(void)arg;
	reed_http_respond(request, 200, "text/plain", reed_http_query(request, "q"));
	return NULL;
}

static void open_server(void)
{
	static const char *const paths[] = { "/all", "/pieces", "/later" };
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;

	if (loop)
		return;
	check_int(reed_loop_new(NULL, &loop), REED_OK);
	reed_log_set_level(reed_log_of(loop), REED_LOG_CRITICAL);
	router = reed_http_router_new();
	for (size_t i = 0; i < REED_COUNT(paths); i++)
		reed_http_route(router, "*", paths[i], start, (void *)(uintptr_t)&kinds[i]);
	reed_http_route(router, "CONNECT", "", start, (void *)(uintptr_t)&kinds[2]);
	reed_http_route(router, "GET", "/{p:path}", at_once, NULL);
	options.handler = reed_http_routed;
	options.arg = router;
	options.limits.body = 200;
	options.limits.window = 20;
	options.limits.ahead = 50;
	options.wire.fields = 20;
	server = reed_http_server_new(loop, &options);
}

static void settle(void)
{
	for (int i = 0; i < QUIET_TURNS; i++)
		reed_loop_turn(loop, 0);
}

/* first goes in front of what the fuzzer has to say. */
static void http_session(struct reed_slice first, const uint8_t *data, size_t size)
{
	struct reed_http_server_stats stats = { .size = sizeof(stats) };
	struct reed_stream *ours, *theirs;
	struct reed_slice rest;
	struct reed_scope scope;
	size_t step;

	if (size < 2)
		return;
	open_server();
	step = data[0] ? data[0] : size;
	reed_scope_init(&scope, loop, NULL, "sessions");
	scope.policy = REED_SCOPE_IGNORE;
	reed_stream_pair(loop, 0, &ours, &theirs);
	reed_scope_add(&scope, reed_http_session(server, theirs));
	reed_write(ours, first);
	for (rest = reed_slice(data + 1, size - 1); rest.n > 0;
	     rest = reed_slice_from(rest, step)) {
		reed_write(ours, reed_slice_first(rest, step));
		settle();
	}
	if (step % 2)
		reed_shutdown(ours);
	settle();
	reed_abort(ours);
	settle();
	reed_scope_finish(&scope);
	settle();
	reed_http_server_stats(server, &stats);
	check_int(stats.active, 0);
	check_int(stats.connections, 0);
}

#endif
