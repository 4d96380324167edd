/* HTTP/2 in a simulation: slow, deaf and vanished peers, drops, a graceful stop. */

#include "h2_text.h"
#include "site.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/sim.h"
#include "tests/check.h"
#include "tests/core/sim_each.h"

#define GET  ":method=GET :scheme=http :authority=a"
#define POST ":method=POST :scheme=http :authority=a"

enum { HEARD = 8192 };

/* A client that sends frames, and hears the server out. */
struct client {
	struct reed_co co;
	struct reed_buf out;
	size_t step; /* bytes at a time, one a second; 0: all at once */
	struct reed_stream *stream;
	nghttp2_hd_inflater *inflater;
	struct reed_buf line;
	char *heard; /* where the caller wants it */
	bool shuts;  /* says the end behind it */
	bool deaf;   /* reads nothing */
	int64_t began, *took;
};

static void keep(struct client *self)
{
	struct reed_slice in = reed_peek(self->stream);
	size_t had = in.n;

	while (h2_text_take(self->inflater, &in, &self->line)) {
		size_t n = strlen(self->heard);

		reed_buf_add_char(&self->line, '\n');
		reed_slice_copy(self->heard + n, HEARD - n, reed_buf_slice(&self->line));
	}
	reed_skip(self->stream, had - in.n);
}

static void say(struct client *self)
{
	struct reed_slice piece =
		reed_slice_first(reed_buf_slice(&self->out), self->step ? self->step : SIZE_MAX);

	reed_write(self->stream, piece);
	reed_buf_skip(&self->out, piece.n);
}

static void client_run(struct reed_co *co)
{
	struct client *self = reed_frame(co, struct client);

	reed_coroutine (co) {
		self->began = reed_now(co->loop);
		reed_await(co, reed_dial(co->loop, "tcp:server:80", &self->stream));
		if (co->err) /* there may be no server any more */
			reed_return(co, REED_OK);
		while (reed_buf_held(&self->out) > 0) {
			say(self);
			if (self->step)
				reed_try(co, reed_sleep(co->loop, 1000));
		}
		if (self->shuts)
			reed_shutdown(self->stream);
		if (self->deaf)
			reed_try(co, reed_sleep(co->loop, 1000000));
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
	struct client *self = reed_frame(co, struct client);

	reed_close(self->stream);
	nghttp2_hd_inflate_del(self->inflater);
	reed_buf_finish(&self->out);
	reed_buf_finish(&self->line);
}

static const struct reed_co_kind client_kind = { "client", sizeof(struct client), client_run, NULL,
	                                         client_end };

static struct client *client_new(struct reed_sim *sim, const char *lines, char *heard)
{
	struct client *self = reed_co_new(reed_sim_host(sim, "client"), &client_kind);

	check_int(nghttp2_hd_inflate_new(&self->inflater), 0);
	h2_text_add_all(&self->out, "PREFACE\nSETTINGS 0\n");
	h2_text_add_all(&self->out, lines);
	self->heard = heard;
	*heard = '\0';
	return self;
}

/* ---- a world ---- */

struct world {
	struct reed_sim *sim;
	struct site site;
	struct reed_scope scope; /* of the server */
	char heard[HEARD];
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

static struct client *client(struct world *w, const char *lines)
{
	struct client *c = client_new(w->sim, lines, w->heard);

	c->took = &w->took;
	return c;
}

static void play(struct world *w, struct client *c)
{
	check_int(reed_sim_run_until(w->sim, reed_start(&c->co), NULL), REED_OK);
}

static struct reed_http_server_stats stats_of(const struct world *w)
{
	struct reed_http_server_stats stats = { .size = sizeof(stats) };

	reed_http_server_stats(w->site.server, &stats);
	return stats;
}

/* ---- tests ---- */

static void requests_that_come_byte_by_byte_are_answered(void)
{
	struct world w;
	struct client *c;

	world_open(&w, NULL);
	c = client(&w, "HEADERS 1 end " GET " :path=/n/1\nHEADERS 3 end " GET " :path=/n/2\n");
	c->step = 3;
	play(&w, c);
	check(strstr(w.heard, "DATA 1 end number 1") && strstr(w.heard, "DATA 3 end number 2"));
	world_close(&w);
}

static void an_idle_connection_is_told_so(void)
{
	struct world w;

	world_open(&w, NULL);
	play(&w, client(&w, "HEADERS 1 end " GET " :path=/n/1\n"));
	check(strstr(w.heard, "number 1") && strstr(w.heard, "GOAWAY 0 1 0"));
	check(w.took > REED_S(59) && w.took < REED_S(62));
	world_close(&w);
}

static void a_head_that_does_not_come_in_time_ends_it(void)
{
	struct world w;

	world_open(&w, NULL);
	play(&w, client(&w, "HEADERS 1 end open " GET "\n"));
	check(strstr(w.heard, "GOAWAY 0 1 0") != NULL);
	check(w.took > REED_S(19) && w.took < REED_S(22));
	world_close(&w);
}

static void a_body_that_does_not_come_in_time_is_408_and_hurts_no_other(void)
{
	struct world w;

	world_open(&w, NULL);
	play(&w, client(&w, "HEADERS 1 " POST " :path=/echo\nDATA 1 abc\n"
	                    "HEADERS 3 end " GET " :path=/slow/50000\n"));
	check(strstr(w.heard, "HEADERS 1 :status=408") && strstr(w.heard, "DATA 3 end slow"));
	world_close(&w);
}

static void a_body_that_nobody_wants_is_not_waited_for(void)
{
	struct world w;

	world_open(&w, NULL);
	play(&w, client(&w, "HEADERS 1 " POST " :path=/deaf\n"));
	check(strstr(w.heard, "HEADERS 1 end :status=204") && strstr(w.heard, "RST_STREAM 1 0"));
	check_int(stats_of(&w).connections, 0);
	world_close(&w);
}

static void a_request_that_takes_too_long_is_503(void)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct world w;

	options.limits.total_ms = 5000;
	world_open(&w, &options);
	play(&w, client(&w, "HEADERS 1 end " GET " :path=/slow/60000\n"));
	check(strstr(w.heard, "HEADERS 1 :status=503") != NULL);
	check_int(w.site.dropped, 1);
	world_close(&w);
}

static void a_stream_that_is_reset_takes_its_handler_along(void)
{
	struct world w;

	world_open(&w, NULL);
	play(&w, client(&w, "HEADERS 1 end " GET " :path=/slow/60000\nRST_STREAM 1 8\n"
	                    "HEADERS 3 end " GET " :path=/n/1\n"));
	check_int(w.site.begun, 1);
	check_int(w.site.dropped, 1);
	check(!strstr(w.heard, "HEADERS 1 ") && strstr(w.heard, "number 1"));
	world_close(&w);
}

static void a_client_that_goes_takes_its_handlers_along(void)
{
	struct world w;
	struct client *c;

	world_open(&w, NULL);
	c = client(&w, "HEADERS 1 end " GET " :path=/slow/60000\n"
	               "HEADERS 3 end " GET " :path=/slow/60000\n");
	c->shuts = true;
	play(&w, c);
	check_int(w.site.begun, 2);
	check_int(w.site.dropped, 2);
	check(w.took < REED_S(1));
	world_close(&w);
}

static void a_stop_finishes_what_is_under_way(void)
{
	struct world w;
	struct client *c;

	world_open(&w, NULL);
	c = client(&w, "HEADERS 1 end " GET " :path=/slow/3000\n");
	reed_sim_add(w.sim, reed_start(&c->co));
	reed_sim_run_for(w.sim, REED_S(1));
	check_int(w.site.begun, 1);
	reed_scope_interrupt(&w.scope);
	reed_sim_run_for(w.sim, REED_S(3));
	check(strstr(w.heard, "GOAWAY 0 2147483647 0") && strstr(w.heard, "DATA 1 end slow"));
	check_int(w.scope.count, 0);
	world_close(&w);
}

/* It sends a body of many windows, and the handler sends it back: to nobody. */
static void a_peer_that_gives_no_room_holds_one_window_and_is_let_go(void)
{
	static char line[16020];
	struct world w;
	struct client *c;

	world_open(&w, NULL);
	c = client(&w, "HEADERS 1 " POST " :path=/pipe\n");
	memset(line, '.', sizeof(line) - 1);
	memcpy(line, "DATA 1 ", 7);
	for (int i = 0; i < 4; i++)
		h2_text_add(&c->out, line);
	reed_sim_add(w.sim, reed_start(&c->co));
	reed_sim_run_for(w.sim, REED_S(10));
	check_int(stats_of(&w).active, 1);
	check(strstr(w.heard, "HEADERS 1 :status=200") != NULL);
	reed_sim_run_for(w.sim, REED_S(200));
	check_int(stats_of(&w).active, 0);
	world_close(&w);
}

static void a_peer_that_reads_nothing_is_let_go(void)
{
	struct world w;
	struct client *c;

	world_open(&w, NULL);
	c = client(&w, "WINDOW_UPDATE 0 1000000000\n");
	h2_text_add(&c->out, "SETTINGS 0 4=1000000000");
	for (int i = 0; i < 400; i++)
		h2_text_add(&c->out, "PING 0");
	c->deaf = true;
	reed_sim_add(w.sim, reed_start(&c->co));
	reed_sim_run_for(w.sim, REED_S(300));
	check_int(stats_of(&w).connections, 0);
	world_close(&w);
}

/* RFC 9113 6.9: what the handler has not read the client may not send. */
static void more_than_the_window_breaks_it(void)
{
	static char line[16020];
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct world w;
	struct client *c;

	options.limits.window = 20000;
	world_open(&w, &options);
	c = client(&w, "SETTINGS 0 ack\nHEADERS 3 " POST " :path=/slow/50000\n");
	memset(line, '.', sizeof(line) - 1);
	memcpy(line, "DATA 3 ", 7);
	h2_text_add(&c->out, line);
	h2_text_add(&c->out, line);
	play(&w, c);
	check(strstr(w.heard, "RST_STREAM 3 3") != NULL); /* FLOW_CONTROL_ERROR */
	world_close(&w);
}

/* ---- a drop at every suspension ---- */

struct scenario {
	struct reed_co co;
	struct site site;
	struct reed_scope server;
	bool open;
};

static char heard[HEARD]; /* by a client that may outlive the server */

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
		c = client_new(reed_sim_of(co->loop),
		               "HEADERS 1 " POST " :path=/pipe\nDATA 1 abc\n"
		               "HEADERS 3 end " GET " :path=/slow/5\n"
		               "HEADERS 5 " POST " :path=/echo\nDATA 5 end abc\n"
		               "HEADERS 7 end " GET " :path=/half\n"
		               "HEADERS 9 end " GET " :path=/slow/50\nRST_STREAM 9 8\n"
		               "DATA 1 def\nHEADERS 1 end sum=1\n"
		               "HEADERS 11 end " GET " :path=/slow/500\n",
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
	RUN(requests_that_come_byte_by_byte_are_answered);
	RUN(an_idle_connection_is_told_so);
	RUN(a_head_that_does_not_come_in_time_ends_it);
	RUN(a_body_that_does_not_come_in_time_is_408_and_hurts_no_other);
	RUN(a_body_that_nobody_wants_is_not_waited_for);
	RUN(a_request_that_takes_too_long_is_503);
	RUN(a_stream_that_is_reset_takes_its_handler_along);
	RUN(a_client_that_goes_takes_its_handlers_along);
	RUN(a_stop_finishes_what_is_under_way);
	RUN(a_peer_that_gives_no_room_holds_one_window_and_is_let_go);
	RUN(a_peer_that_reads_nothing_is_let_go);
	RUN(more_than_the_window_breaks_it);
	RUN(a_drop_at_any_moment_leaves_nothing);
	return 0;
}
