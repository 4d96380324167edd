/* The client, against the server of this tree and against servers that misbehave, in a simulation. */

#include "world.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "tests/check.h"

/* ---- a server that says the same to everybody ---- */

struct parrot {
	struct reed_co co;
	struct reed_stream *stream;
	const char *text;
};

static void parrot_run(struct reed_co *co)
{
	struct parrot *self = reed_frame(co, struct parrot);

	reed_coroutine (co) {
		reed_try(co, reed_more(self->stream));
		reed_write_str(self->stream, self->text);
	}
}

static void parrot_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct parrot)->stream);
}

static const struct reed_co_kind parrot_kind = { "parrot", sizeof(struct parrot), parrot_run, NULL,
	                                         parrot_end };

static struct reed_future *parrot(void *arg, struct reed_stream *stream)
{
	struct parrot *self = reed_co_new(stream->loop, &parrot_kind);

	self->stream = stream;
	self->text = arg;
	return reed_start(&self->co);
}

/* ---- a world ---- */

static enum reed_err fetch(struct world *w, struct reed_http_fetch what)
{
	return world_fetch(w, &what);
}

/* Port 81 says text to whoever asks. */
static enum reed_err ask_parrot(const char *text, struct world *w)
{
	world_open(w, NULL);
	reed_scope_add(&w->scope, reed_listen_and_serve(reed_sim_host(w->sim, "server"), "tcp:81",
	                                                parrot, (void *)(uintptr_t)text, NULL));
	reed_sim_run_for(w->sim, REED_MS(1));
	return world_get(w, "http://server:81/");
}

/* ---- tests ---- */

static void one_call_is_one_response(void)
{
	struct world w;

	world_open(&w, NULL);
	check_int(reed_sim_run_until(w.sim,
	                             reed_http_get(w.loop, "http://server/hello/you", &w.response),
	                             NULL),
	          REED_OK);
	check_int(w.response->status, 200);
	check_slice(w.response->body, "Hello, you!");
	check_slice(reed_http_response_field(w.response, "content-type"), "text/plain");
	check_slice(reed_http_response_field(w.response, "connection"), "close");
	world_close(&w);
}

static void a_refusal_is_a_response(void)
{
	struct world w;

	world_open(&w, NULL);
	check_int(world_get(&w, "http://server/nowhere"), REED_OK);
	check_int(w.response->status, 404);
	world_close(&w);
}

static void a_connection_is_kept_for_the_next(void)
{
	struct world w;

	world_open(&w, NULL);
	for (int i = 0; i < 5; i++) {
		check_int(world_get(&w, "http://server:80/stream"), REED_OK);
		check_slice(w.response->body, "one, two");
	}
	check_int(world_stats(&w).accepted, 1);
	world_close(&w);
}

static void one_that_was_closed_meanwhile_is_replaced(void)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct world w;

	options.limits.idle_ms = 1000;
	world_open(&w, &options);
	check_int(world_get(&w, "http://server/n/1"), REED_OK);
	reed_sim_run_for(w.sim, REED_S(10));
	check_int(world_get(&w, "http://server/n/2"), REED_OK);
	check_slice(w.response->body, "number 2");
	check_int(world_stats(&w).accepted, 2);
	world_close(&w);
}

static void a_body_goes_up_and_comes_down(void)
{
	struct world w;

	world_open(&w, NULL);
	world_echo(&w, 300000);
	world_close(&w);
}

static void a_body_can_be_read_as_it_comes(void)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;
	struct reed_slice piece;
	struct world w;
	size_t n = 0;

	world_open(&w, NULL);
	what.url = "http://server/stream";
	what.stream = true;
	check_int(fetch(&w, what), REED_OK);
	check(!reed_http_response_trailer(w.response, "sum").p); /* it has not come yet */
	do {
		check_int(reed_sim_run_until(w.sim, reed_http_response_read(w.response, &piece),
		                             NULL),
		          REED_OK);
		n += piece.n;
	} while (piece.n > 0);
	check_int(n, 8);
	check_slice(reed_http_response_trailer(w.response, "sum"), "2");
	check(!reed_http_response_trailer(w.response, "content-type").p);
	check_int(world_get(&w, "http://server/n/1"), REED_OK);
	check_int(world_stats(&w).accepted, 1);
	world_close(&w);
}

static void a_head_has_no_body_whatever_it_says(void)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;
	struct world w;

	world_open(&w, NULL);
	what.url = "http://server/hello/you";
	what.method = "HEAD";
	check_int(fetch(&w, what), REED_OK);
	check_slice(reed_http_response_field(w.response, "Content-Length"), "11");
	check_int(w.response->body.n, 0);
	world_close(&w);
}

static void what_is_no_request_is_not_sent(void)
{
	const struct reed_http_field bad = { REED_STR("A"), REED_STR("b\r\nC: d") };
	struct reed_http_fetch what = REED_HTTP_FETCH;
	struct world w;

	world_open(&w, NULL);
	check_int(world_get(&w, "ftp://server/"), REED_ESYNTAX);
	check_int(world_get(&w, "http://"), REED_ESYNTAX);
	check_int(world_get(&w, "http://server:99999/"), REED_ESYNTAX);
	check_int(world_get(&w, "http://user@server/"), REED_ESYNTAX);
	check_int(world_get(&w, "http://server/a b"), REED_ESYNTAX);
	check_int(world_get(&w, "http://server/a\r\nHost: b"), REED_ESYNTAX);
	what.url = "http://server/";
	what.fields = &bad;
	what.field_count = 1;
	check_int(fetch(&w, what), REED_ESYNTAX);
	check_int(world_stats(&w).accepted, 0);
	world_close(&w);
}

static void a_body_up_to_the_end_is_whole(void)
{
	struct world w;

	check_int(ask_parrot("HTTP/1.0 200 OK\r\n\r\nall of it", &w), REED_OK);
	check_slice(w.response->body, "all of it");
	world_close(&w);
}

static void a_body_that_is_cut_off_is_not(void)
{
	struct world w;

	check_int(ask_parrot("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", &w), REED_EEOF);
	world_close(&w);
	check_int(ask_parrot("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
	                     &w),
	          REED_EEOF);
	world_close(&w);
}

static void what_is_no_http_is_refused(void)
{
	struct world w;

	check_int(ask_parrot("220 server ESMTP\r\n", &w), REED_EPROTO);
	world_close(&w);
	check_int(ask_parrot("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
	                     &w),
	          REED_EPROTO);
	world_close(&w);
	check_int(ask_parrot("HTTP/1.1 101 Switching Protocols\r\n\r\n", &w), REED_EPROTO);
	world_close(&w);
}

static void interim_answers_are_passed_over(void)
{
	struct world w;

	check_int(ask_parrot("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n"
	                     "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab",
	                     &w),
	          REED_OK);
	check_slice(w.response->body, "ab");
	world_close(&w);
}

static void a_server_that_says_nothing_is_given_up(void)
{
	struct world w;
	int64_t began;

	world_open(&w, NULL);
	began = reed_sim_now(w.sim);
	check_int(world_get(&w, "http://server/slow/600000"), REED_ETIMEDOUT);
	check(reed_sim_now(w.sim) - began < REED_S(70));
	world_close(&w);
}

/* ---- a drop at every suspension ---- */

struct scenario {
	struct reed_co co;
	struct world w;
	bool open;
};

static void scenario_run(struct reed_co *co)
{
	struct scenario *self = reed_frame(co, struct scenario);

	reed_coroutine (co) {
		self->w.loop = co->loop;
		site_open(&self->w.site, co->loop, NULL);
		reed_scope_init(&self->w.scope, co->loop, NULL, "server");
		self->w.scope.policy = REED_SCOPE_IGNORE;
		self->open = true;
		reed_scope_add(&self->w.scope, reed_http_serve(self->w.site.server, "tcp:80"));
		reed_try(co, reed_sleep(co->loop, 1));
		reed_try(co, reed_http_get(co->loop, "http://localhost/stream", &self->w.response));
		check_slice(self->w.response->body, "one, two");
	}
}

static void scenario_end(struct reed_co *co)
{
	struct scenario *self = reed_frame(co, struct scenario);

	world_forget(&self->w);
	if (!self->open)
		return;
	reed_scope_finish(&self->w.scope);
	site_close(&self->w.site);
}

static const struct reed_co_kind scenario_kind = { "scenario", sizeof(struct scenario),
	                                           scenario_run, NULL, scenario_end };

static struct reed_future *scenario(void *arg, struct reed_sim *sim)
{
	struct scenario *self = reed_co_new(reed_sim_host(sim, "both"), &scenario_kind);

	(void)arg;
	return reed_start(&self->co);
}

static void a_drop_at_any_moment_leaves_nothing(void)
{
	struct reed_sim_suspension_options options = REED_SIM_SUSPENSION_OPTIONS;

	check_int(reed_sim_each_suspension(scenario, NULL, NULL, &options), REED_OK);
}

int main(void)
{
	RUN(one_call_is_one_response);
	RUN(a_refusal_is_a_response);
	RUN(a_connection_is_kept_for_the_next);
	RUN(one_that_was_closed_meanwhile_is_replaced);
	RUN(a_body_goes_up_and_comes_down);
	RUN(a_body_can_be_read_as_it_comes);
	RUN(a_head_has_no_body_whatever_it_says);
	RUN(what_is_no_request_is_not_sent);
	RUN(a_body_up_to_the_end_is_whole);
	RUN(a_body_that_is_cut_off_is_not);
	RUN(what_is_no_http_is_refused);
	RUN(interim_answers_are_passed_over);
	RUN(a_server_that_says_nothing_is_given_up);
	RUN(a_drop_at_any_moment_leaves_nothing);
	return 0;
}
