/* The server in a simulation: slow, half-closed and vanished peers, drops, a graceful stop. */

#include "site.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/sim.h"
#include "tests/check.h"
#include "tests/core/sim_each.h"

/* A client that says text, and waits until the server ends the connection. */
struct client {
	struct reed_co co;
	const char *text;
	size_t step; /* bytes at a time, one a second; 0: all at once */
	size_t said;
	struct reed_stream *stream;
	char *heard; /* where the caller wants it */
	bool shuts;  /* says the end behind it */
	int64_t ms;  /* until it was over, where the caller wants it */
	int64_t began, *took;
};

static void keep(struct client *self)
{
	size_t n = strlen(self->heard);

	reed_slice_copy(self->heard + n, 4096 - n, reed_peek(self->stream));
	reed_skip(self->stream, reed_peek(self->stream).n);
}

static void client_run(struct reed_co *co)
{
	struct client *self = reed_frame(co, struct client);

	reed_coroutine (co) {
		self->began = reed_now(co->loop);
		reed_await(co, reed_dial(co->loop, "tcp:server:80", &self->stream));
		if (co->err) /* there may be no server any more */
			reed_return(co, REED_OK);
		while (self->said < strlen(self->text)) {
			reed_write(self->stream,
			           reed_slice_first(reed_slice_of(self->text + self->said),
			                            self->step ? self->step : SIZE_MAX));
			self->said += self->step ? self->step : strlen(self->text);
			if (self->step)
				reed_try(co, reed_sleep(co->loop, 1000));
		}
		if (self->shuts)
			reed_shutdown(self->stream);
		for (;;) {
			reed_await(co, reed_more(self->stream));
			if (co->err)
				break;
			keep(self);
		}
		if (self->took)
			*self->took = reed_now(co->loop) - self->began;
	}
}

static void client_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct client)->stream);
}

static const struct reed_co_kind client_kind = { "client", sizeof(struct client), client_run, NULL,
	                                         client_end };

static struct client *client_new(struct reed_sim *sim, const char *text, char *heard)
{
	struct client *self = reed_co_new(reed_sim_host(sim, "client"), &client_kind);

	self->text = text;
	self->heard = heard;
	*heard = '\0';
	return self;
}

/* ---- a world ---- */

struct world {
	struct reed_sim *sim;
	struct site site;
	struct reed_scope scope; /* of the server */
	char heard[4096];
	int64_t took;
};

static void world_open(struct world *w, const struct reed_http_server_options *options)
{
	struct reed_loop *loop;

	*w = (struct world){ .sim = reed_sim_new(NULL) };
	loop = reed_sim_host(w->sim, "server");
	site_open(&w->site, loop, options);
	reed_scope_init(&w->scope, loop, NULL, "server");
	w->scope.policy = REED_SCOPE_IGNORE;
	reed_scope_add(&w->scope, reed_http_serve(w->site.server, "tcp:80"));
	reed_sim_run_for(w->sim, REED_MS(1));
}

static void world_close(struct world *w)
{
	check(!reed_sim_failure(w->sim));
	reed_scope_finish(&w->scope);
	reed_sim_run_for(w->sim, REED_S(10));
	site_close(&w->site);
	reed_sim_free(w->sim);
}

static struct client *client(struct world *w, const char *text)
{
	struct client *c = client_new(w->sim, text, w->heard);

	c->took = &w->took;
	return c;
}

static void play(struct world *w, struct client *c)
{
	check_int(reed_sim_run_until(w->sim, reed_start(&c->co), NULL), REED_OK);
}

/* ---- tests ---- */

static void a_head_that_does_not_come_in_time_is_408(void)
{
	struct world w;
	struct client *c;

	world_open(&w, NULL);
	c = client(&w, "GET / HTTP/1.1\r\nHost: a");
	c->step = 1;
	play(&w, c);
	check(strstr(w.heard, "408 Request Timeout") != NULL);
	world_close(&w);
}

static void a_body_that_does_not_come_in_time_is_408(void)
{
	struct world w;

	world_open(&w, NULL);
	play(&w, client(&w, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"));
	check(strstr(w.heard, "408 Request Timeout") != NULL);
	check(w.took > REED_S(29) && w.took < REED_S(65));
	world_close(&w);
}

static void a_body_that_comes_slowly_is_read(void)
{
	struct world w;
	struct client *c;

	world_open(&w, NULL);
	c = client(&w, "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 600"
	               "\r\n\r\n"
	               "....................................................................."
	               "....................................................................."
	               "....................................................................."
	               "....................................................................."
	               "....................................................................."
	               "....................................................................."
	               "....................................................................."
	               "....................................................................."
	               "................................................");
	c->step = 80;
	play(&w, c);
	check(strstr(w.heard, "200 OK") != NULL);
	world_close(&w);
}

static void an_idle_connection_ends(void)
{
	struct world w;

	world_open(&w, NULL);
	play(&w, client(&w, "GET /hello/x HTTP/1.1\r\nHost: a\r\n\r\n"));
	check(strstr(w.heard, "Hello, x!") != NULL);
	check(w.took > REED_S(59) && w.took < REED_S(62));
	world_close(&w);
}

static void a_request_that_takes_too_long_is_503(void)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct world w;

	options.limits.total_ms = 5000;
	world_open(&w, &options);
	play(&w, client(&w, "GET /slow/60000 HTTP/1.1\r\nHost: a\r\n\r\n"));
	check(strstr(w.heard, "503 Service Unavailable") != NULL);
	check_int(w.site.dropped, 1);
	check(w.took < REED_S(7));
	world_close(&w);
}

static void a_client_that_goes_takes_its_handler_along(void)
{
	struct world w;
	struct client *c;

	world_open(&w, NULL);
	c = client(&w, "GET /slow/60000 HTTP/1.1\r\nHost: a\r\n\r\n");
	c->shuts = true;
	play(&w, c);
	check_str(w.heard, "");
	check_int(w.site.begun, 1);
	check_int(w.site.dropped, 1);
	check(w.took < REED_S(1));
	world_close(&w);
}

static void requests_before_a_half_close_are_answered(void)
{
	struct world w;
	struct client *c;

	world_open(&w, NULL);
	c = client(&w, "GET /n/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /n/2 HTTP/1.1\r\nHost: a\r\n\r\n");
	c->shuts = true;
	play(&w, c);
	check(strstr(w.heard, "number 1") && strstr(w.heard, "number 2"));
	world_close(&w);
}

static void a_stop_finishes_what_is_under_way(void)
{
	struct world w;
	struct client *c;

	world_open(&w, NULL);
	c = client(&w, "GET /slow/3000 HTTP/1.1\r\nHost: a\r\n\r\n");
	reed_sim_add(w.sim, reed_start(&c->co));
	reed_sim_run_for(w.sim, REED_S(1));
	check_int(w.site.begun, 1);
	reed_scope_interrupt(&w.scope);
	reed_sim_run_for(w.sim, REED_S(3));
	check(strstr(w.heard, "Connection: close") && strstr(w.heard, "slow"));
	check_int(w.scope.count, 0);
	world_close(&w);
}

static void a_peer_that_reads_nothing_is_let_go(void)
{
	static char text[400000];
	struct world w;
	struct reed_stream *stream = NULL;
	struct reed_loop *loop;
	struct reed_http_server_stats stats = { .size = sizeof(stats) };
	size_t n;

	world_open(&w, NULL);
	loop = reed_sim_host(w.sim, "client");
	check_int(reed_sim_run_until(w.sim, reed_dial(loop, "tcp:server:80", &stream), NULL),
	          REED_OK);
	n = (size_t)snprintf(text, sizeof(text),
	                     "POST /pipe HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n");
	memset(text + n, '.', 300000);
	reed_write(stream, reed_slice(text, n + 300000));
	reed_sim_run_for(w.sim, REED_S(10));
	reed_http_server_stats(w.site.server, &stats);
	check_int(stats.active, 1);
	reed_sim_run_for(w.sim, REED_S(200));
	reed_http_server_stats(w.site.server, &stats);
	check_int(stats.active, 0);
	check_int(stats.connections, 0);
	reed_abort(stream);
	world_close(&w);
}

/* ---- a drop at every suspension ---- */

struct scenario {
	struct reed_co co;
	struct site site;
	struct reed_scope server;
	bool open;
};

static char heard[4096]; /* by a client that may outlive the server */

static void scenario_run(struct reed_co *co)
{
	struct scenario *self = reed_frame(co, struct scenario);
	struct client *c;

	reed_coroutine (co) {
		site_open(&self->site, co->loop, NULL);
		self->open = true;
		reed_scope_init(&self->server, co->loop, NULL, "server");
		self->server.policy = REED_SCOPE_IGNORE;
		reed_scope_add(&self->server, reed_http_serve(self->site.server, "tcp:80"));
		reed_try(co, reed_sleep(co->loop, 1));
		c = client_new(
			reed_sim_of(co->loop),
			"POST /pipe HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
			"3\r\nabc\r\n0\r\n\r\n"
			"GET /slow/5 HTTP/1.1\r\nHost: a\r\n\r\n"
			"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
			"GET /tunnel HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n"
			"Upgrade: echo\r\n\r\nabc",
			heard);
		reed_sim_add(reed_sim_of(co->loop), reed_start(&c->co));
		reed_try(co, reed_sleep(co->loop, 100));
		reed_try(co, reed_scope_stop(&self->server, 50));
	}
}

static void scenario_end(struct reed_co *co)
{
	struct scenario *self = reed_frame(co, struct scenario);

	if (!self->open)
		return;
	reed_scope_finish(&self->server);
	site_close(&self->site);
}

static const struct reed_co_kind scenario_kind = { "scenario", sizeof(struct scenario),
	                                           scenario_run, NULL, scenario_end };

static struct reed_future *scenario(void *arg, struct reed_sim *sim)
{
	struct scenario *self = reed_co_new(reed_sim_host(sim, "server"), &scenario_kind);

	(void)arg;
	return reed_start(&self->co);
}

static void a_drop_at_any_moment_leaves_nothing(void)
{
	check_each_suspension(scenario, NULL, 20);
}

int main(void)
{
	RUN(a_head_that_does_not_come_in_time_is_408);
	RUN(a_body_that_does_not_come_in_time_is_408);
	RUN(a_body_that_comes_slowly_is_read);
	RUN(an_idle_connection_ends);
	RUN(a_request_that_takes_too_long_is_503);
	RUN(a_client_that_goes_takes_its_handler_along);
	RUN(requests_before_a_half_close_are_answered);
	RUN(a_stop_finishes_what_is_under_way);
	RUN(a_peer_that_reads_nothing_is_let_go);
	RUN(a_drop_at_any_moment_leaves_nothing);
	return 0;
}
