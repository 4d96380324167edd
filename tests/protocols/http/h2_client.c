/* The client's HTTP/2, against the server of this tree and against servers that misbehave. */

#include "h2_actor.h"
#include "world.h"

#include "reed/alloc.h"
#include "reed/endpoint.h"
#include "tests/check.h"
#include "tests/core/sim_each.h"

enum { MANY = 30 };

/* ---- a world whose client takes HTTP/2 for granted ---- */

static void begin(struct world *w, const struct reed_http_server_options *options)
{
	struct reed_http_client_options of_client = REED_HTTP_CLIENT_OPTIONS;

	world_open(w, options);
	of_client.version = REED_HTTP_VERSION_2;
	of_client.agent = "test";
	world_client(w, &of_client);
}

static enum reed_err send(struct world *w, const char *method, const char *url, const char *body)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;

	what.method = method;
	what.url = url;
	what.body = reed_slice_of(body);
	return world_fetch(w, &what);
}

/* Port 81 plays the script, NULL behind its last line. */
static enum reed_err ask(struct world *w, struct h2_script *script, const char *method)
{
	begin(w, NULL);
	reed_scope_add(&w->scope, reed_listen_and_serve(reed_sim_host(w->sim, "server"), "tcp:81",
	                                                h2_actor, script, NULL));
	reed_sim_run_for(w->sim, REED_MS(1));
	return send(w, method, "http://server:81/", "body");
}

static enum reed_err ask_one(struct world *w, const char *lines)
{
	const char *const all[] = { lines, NULL };
	struct h2_script script = { .lines = all };

	return ask(w, &script, "POST");
}

/* ---- in good order ---- */

static void an_answer_is_a_response(void)
{
	struct world w;

	begin(&w, NULL);
	check_int(world_get(&w, "http://server/hello/you?a=b"), REED_OK);
	check_int(w.response->status, 200);
	check_int(w.response->version, 2);
	check_slice(w.response->reason, "OK");
	check_slice(w.response->body, "Hello, you!");
	check_slice(reed_http_response_field(w.response, "Content-Type"), "text/plain");
	check_int(world_get(&w, "http://server"), REED_OK);
	check_int(w.response->status, 404);
	check_int(send(&w, "HEAD", "http://server/hello/you", ""), REED_OK);
	check_slice(reed_http_response_field(w.response, "Content-Length"), "11");
	check_int(w.response->body.n, 0);
	check_int(world_get(&w, "http://server/none"), REED_OK);
	check_int(w.response->status, 204);
	check_int(world_get(&w, "http://server/stream"), REED_OK); /* 103, and trailers */
	check_slice(w.response->body, "one, two");
	check_slice(reed_http_response_trailer(w.response, "sum"), "2");
	check(!reed_http_response_field(w.response, "sum").p);
	check_int(world_stats(&w).accepted, 1);
	world_close(&w);
}

struct crowd {
	struct reed_http_response *responses[MANY];
	struct reed_future *all[MANY + 1];
};

static void ask_together(struct world *w, struct crowd *crowd, const char *url)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;

	*crowd = (struct crowd){ .all = { NULL } };
	what.url = url;
	for (int i = 0; i < MANY; i++)
		crowd->all[i] = reed_http_fetch(w->client, &what, &crowd->responses[i]);
}

static void disperse(struct crowd *crowd)
{
	for (int i = 0; i < MANY; i++) {
		check_int(crowd->responses[i]->status, 200);
		reed_http_response_free(crowd->responses[i]);
	}
}

static void many_at_a_time_share_one_connection(void)
{
	struct crowd crowd;
	struct world w;
	int64_t began;

	begin(&w, NULL);
	ask_together(&w, &crowd, "http://server/slow/1000");
	began = reed_sim_now(w.sim);
	check_int(reed_sim_run_until(w.sim, reed_all_of(crowd.all), NULL), REED_OK);
	check(reed_sim_now(w.sim) - began < REED_S(2)); /* beside each other */
	disperse(&crowd);
	check_int(world_stats(&w).accepted, 1);
	check_int(world_stats(&w).requests, MANY);
	world_close(&w);
}

static void more_than_a_server_takes_go_to_another_connection(void)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct crowd crowd;
	struct world w;

	options.limits.streams = 10;
	begin(&w, &options);
	check_int(world_get(&w, "http://server/n/1"), REED_OK); /* it knows then */
	ask_together(&w, &crowd, "http://server/slow/1000");
	check_int(reed_sim_run_until(w.sim, reed_all_of(crowd.all), NULL), REED_OK);
	disperse(&crowd);
	check(world_stats(&w).accepted >= 3);
	check_int(world_stats(&w).refused, 0);
	world_close(&w);
}

static void a_body_goes_up_and_comes_down(void)
{
	struct world w;

	begin(&w, NULL);
	world_echo(&w, 3000000);
	world_close(&w);
}

static void a_stream_is_sent_as_it_comes(void)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;
	struct reed_stream *theirs, *ours;
	struct reed_future *f;
	struct world w;

	begin(&w, NULL);
	reed_stream_pair(w.loop, 0, &ours, &theirs);
	what.url = "http://server/pipe";
	what.method = "POST";
	what.upload = theirs;
	f = reed_http_fetch(w.client, &what, &w.response);
	reed_sim_add(w.sim, f);
	for (int i = 0; i < 5; i++) {
		reed_write_str(ours, "piece ");
		reed_sim_run_for(w.sim, REED_S(1));
		check(!w.response);
	}
	reed_close(ours);
	reed_sim_run_for(w.sim, REED_S(1));
	check(w.response != NULL);
	check_slice(w.response->body, "piece piece piece piece piece ");
	reed_close(theirs);
	world_close(&w);
}

/* The server has 4 MiB; what nobody reads stays there, beyond one window. */
static void an_answer_that_nobody_reads_waits_at_the_server(void)
{
	static char body[4 << 20];
	struct reed_http_fetch what = REED_HTTP_FETCH;
	struct reed_slice piece;
	struct world w;
	size_t n = 0;

	memset(body, 'y', sizeof(body));
	begin(&w, NULL);
	what.url = "http://server/pipe";
	what.method = "POST";
	what.body = reed_slice(body, sizeof(body));
	what.stream = true;
	check_int(world_fetch(&w, &what), REED_OK);
	reed_sim_run_for(w.sim, REED_S(5));
	check_int(world_stats(&w).active, 1);
	do {
		check_int(reed_sim_run_until(w.sim, reed_http_response_read(w.response, &piece),
		                             NULL),
		          REED_OK);
		check(piece.n <= 256 << 10);
		n += piece.n;
	} while (piece.n > 0);
	check_int(n, sizeof(body));
	check_int(reed_http_response_progress(w.response), sizeof(body));
	world_close(&w);
}

static void a_response_that_is_let_go_hurts_no_other(void)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;
	struct world w;

	begin(&w, NULL);
	what.url = "http://server/half";
	what.stream = true;
	check_int(world_fetch(&w, &what), REED_OK);
	world_forget(&w);
	check_int(world_get(&w, "http://server/n/1"), REED_OK);
	check_int(world_stats(&w).accepted, 1);
	world_close(&w);
}

static void a_connection_that_is_idle_ends_in_good_order(void)
{
	struct world w;

	begin(&w, NULL);
	check_int(world_get(&w, "http://server/n/1"), REED_OK);
	check_int(world_stats(&w).connections, 1);
	reed_sim_run_for(w.sim, REED_S(32));
	check_int(world_stats(&w).connections, 0);
	check_int(world_get(&w, "http://server/n/2"), REED_OK);
	check_int(world_stats(&w).accepted, 2);
	world_close(&w);
}

static void a_server_that_wants_to_renew_loses_nothing(void)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;
	struct world w;

	begin(&w, NULL);
	what.url = "http://server/slow/3000";
	reed_sim_add(w.sim, reed_http_fetch(w.client, &what, &w.response));
	reed_sim_run_for(w.sim, REED_S(1));
	reed_http_server_renew(w.site.server);
	reed_sim_run_for(w.sim, REED_S(4));
	check(w.response != NULL);
	check_slice(w.response->body, "slow");
	check_int(world_get(&w, "http://server/n/2"), REED_OK);
	check_int(world_stats(&w).accepted, 2);
	world_close(&w);
}

static unsigned connections_for(const char *each, int requests)
{
	static const char *const greeting[] = { "SETTINGS 0\n", NULL };
	struct h2_script script = { .lines = greeting, .each = each };
	struct world w;

	ask(&w, &script, "POST");
	for (int i = 1; i < requests; i++)
		send(&w, "POST", "http://server:81/", "body");
	world_close(&w);
	return script.connections;
}

/* RFC 9113 8.1: it resets what it has answered; once for each request is no flood. */
static void a_server_that_wants_no_bodies_may_say_so(void)
{
	check_int(connections_for("HEADERS # end :status=403\nRST_STREAM # 0\n", 600), 1);
	check(connections_for("HEADERS # end :status=403\nRST_STREAM # 0\nRST_STREAM # 0\n", 600) >
	      1);
}

/* ---- what may be asked again ---- */

#define GOOD "SETTINGS 0\nHEADERS 1 :status=200\nDATA 1 end good\n"

static void what_a_server_did_not_look_at_is_asked_again(void)
{
	static const char *const leaves[] = { "SETTINGS 0\nGOAWAY 0 0 0\n", GOOD, NULL };
	static const char *const refuses[] = { "SETTINGS 0\nRST_STREAM 1 7\nGOAWAY 0 1 0\n", GOOD,
		                               NULL };
	static const char *const always[] = { "SETTINGS 0\nGOAWAY 0 0 0\n", NULL };
	struct world w;

	check_int(ask(&w, &(struct h2_script){ .lines = leaves }, "POST"), REED_OK);
	check_slice(w.response->body, "good");
	world_close(&w);
	check_int(ask(&w, &(struct h2_script){ .lines = refuses }, "POST"), REED_OK);
	check_slice(w.response->body, "good");
	world_close(&w);
	check_int(ask(&w, &(struct h2_script){ .lines = always }, "POST"), REED_ERESET);
	world_close(&w);
}

static void what_it_may_have_done_is_not(void)
{
	struct world w;

	check_int(ask_one(&w, "SETTINGS 0\nRST_STREAM 1 2\n"), REED_ERESET);
	world_close(&w);
	check_int(ask_one(&w, "SETTINGS 0\nGOAWAY 0 1 0\nRST_STREAM 1 8\n"), REED_ERESET);
	world_close(&w);
}

/* ---- servers that misbehave ---- */

static void refuse(const char *lines, enum reed_err err)
{
	struct world w;

	check_int(ask_one(&w, lines), err);
	world_close(&w);
}

static void what_is_no_http2_is_refused(void)
{
	refuse("RAW 485454502f312e3120343030204261640d0a0d0a\n", REED_EPROTO); /* HTTP/1.1 400 */
	refuse("HEADERS 1 end :status=200\n", REED_EPROTO);
	refuse("SETTINGS 0\nDATA 1 end x\n", REED_EPROTO);
	refuse("SETTINGS 0\nHEADERS 3 end :status=200\n", REED_EPROTO);
	refuse("SETTINGS 0\nHEADERS 2 end :status=200\n", REED_EPROTO);
	refuse("SETTINGS 0 2=1\n", REED_EPROTO);
	refuse("SETTINGS 0\nRAW 000004050400000001000000028800\n", REED_EPROTO); /* a push */
}

static void an_answer_that_is_malformed_is_none(void)
{
	refuse("SETTINGS 0\nHEADERS 1 end a=b\n", REED_EPROTO);
	refuse("SETTINGS 0\nHEADERS 1 end :status=abc\n", REED_EPROTO);
	refuse("SETTINGS 0\nHEADERS 1 end :status=101\n", REED_EPROTO);
	refuse("SETTINGS 0\nHEADERS 1 end :status=200 :status=200\n", REED_EPROTO);
	refuse("SETTINGS 0\nHEADERS 1 end :status=200 Upper=x\n", REED_EPROTO);
	refuse("SETTINGS 0\nHEADERS 1 end :status=200 connection=close\n", REED_EPROTO);
	refuse("SETTINGS 0\nHEADERS 1 end :status=200 content-length=5\n", REED_EPROTO);
	refuse("SETTINGS 0\nHEADERS 1 :status=200 content-length=3\nDATA 1 end four\n",
	       REED_EPROTO);
	refuse("SETTINGS 0\nHEADERS 1 :status=200 content-length=5\nDATA 1 end four\n",
	       REED_EPROTO);
	refuse("SETTINGS 0\nHEADERS 1 :status=200\nHEADERS 1 a=b\n", REED_EPROTO);
	refuse("SETTINGS 0\nHEADERS 1 end :status=100\n", REED_EPROTO);
}

/* RFC 9113 8.1: only END_STREAM says that it is whole. */
static void an_answer_without_its_end_is_not_whole(void)
{
	static const char *const half[] = { "SETTINGS 0\nHEADERS 1 :status=200\nDATA 1 ha\n",
		                            NULL };
	struct world w;

	check_int(ask(&w, &(struct h2_script){ .lines = half, .closes = true }, "POST"),
	          REED_ERESET);
	world_close(&w);
}

static void a_head_without_end_is_too_large(void)
{
	static char line[40000];
	size_t n;

	n = (size_t)snprintf(line, sizeof(line), "SETTINGS 0\nHEADERS 1 end :status=200");
	for (int i = 0; i < 101; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, " a%d=b", i);
	snprintf(line + n, sizeof(line) - n, "\n");
	refuse(line, REED_ETOOBIG);
	refuse("SETTINGS 0\nHEADERS 1 open :status=200\nCONTINUATION 1 open a=b\n"
	       "CONTINUATION 1 open a=b\nCONTINUATION 1 open a=b\nCONTINUATION 1 open a=b\n"
	       "CONTINUATION 1 open a=b\nCONTINUATION 1 open a=b\nCONTINUATION 1 open a=b\n"
	       "CONTINUATION 1 open a=b\nCONTINUATION 1 open a=b\n",
	       REED_EPROTO);
}

static void a_flood_ends_it(void)
{
	struct reed_buf lines = { .limit = 0 };
	char *text;

	reed_buf_add_str(&lines, "SETTINGS 0\n");
	for (int i = 0; i < 501; i++)
		reed_buf_add_str(&lines, "PING 0\n");
	text = reed_buf_take(&lines);
	refuse(text, REED_EPROTO);
	reed_free(text);
}

static void a_server_that_says_nothing_is_given_up(void)
{
	struct world w;
	int64_t began;

	begin(&w, NULL);
	began = reed_sim_now(w.sim);
	check_int(world_get(&w, "http://server/slow/600000"), REED_ETIMEDOUT);
	check(reed_sim_now(w.sim) - began < REED_S(70));
	reed_sim_run_for(w.sim, REED_S(1));
	check_int(w.site.dropped, 1); /* and it has been told */
	world_close(&w);
}

static void a_server_that_goes_is_told_of(void)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;
	struct reed_future *f;
	struct world w;

	begin(&w, NULL);
	what.url = "http://server/slow/5000";
	what.method = "POST";
	f = reed_http_fetch(w.client, &what, &w.response);
	reed_scope_drop(&w.scope);
	check_int(reed_sim_run_until(w.sim, f, NULL) != REED_OK, 1);
	world_close(&w);
}

/* ---- a drop at every suspension ---- */

struct scenario {
	struct reed_co co;
	struct site site;
	struct reed_scope scope;
	struct reed_http_client *client;
	struct reed_http_response *one, *two;
	struct reed_slice piece;
	bool open;
};

static struct reed_future *fetch_two(struct scenario *self)
{
	struct reed_http_fetch what = REED_HTTP_FETCH, streamed = REED_HTTP_FETCH;

	what.url = "http://localhost/slow/5";
	streamed.url = "http://localhost/pipe";
	streamed.method = "POST";
	streamed.body = REED_STR("to and fro");
	streamed.stream = true;
	return reed_all(reed_http_fetch(self->client, &what, &self->one),
	                reed_http_fetch(self->client, &streamed, &self->two));
}

static void scenario_run(struct reed_co *co)
{
	struct scenario *self = reed_frame(co, struct scenario);
	struct reed_http_client_options options = REED_HTTP_CLIENT_OPTIONS;

	reed_coroutine (co) {
		options.version = REED_HTTP_VERSION_2;
		self->client = reed_http_client_new(co->loop, &options);
		site_open(&self->site, co->loop, NULL);
		reed_scope_init(&self->scope, co->loop, NULL, "server");
		self->scope.policy = REED_SCOPE_IGNORE;
		self->open = true;
		reed_scope_add(&self->scope, reed_http_serve(self->site.server, "tcp:80"));
		reed_try(co, reed_sleep(co->loop, 1));
		reed_try(co, fetch_two(self));
		check_slice(self->one->body, "slow");
		do
			reed_try(co, reed_http_response_read(self->two, &self->piece));
		while (self->piece.n > 0);
	}
}

static void scenario_end(struct reed_co *co)
{
	struct scenario *self = reed_frame(co, struct scenario);

	reed_http_response_free(self->one);
	reed_http_response_free(self->two);
	reed_http_client_free(self->client);
	if (!self->open)
		return;
	reed_scope_finish(&self->scope);
	site_close(&self->site);
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
	check_each_suspension(scenario, NULL, 10);
}

int main(void)
{
	RUN(an_answer_is_a_response);
	RUN(many_at_a_time_share_one_connection);
	RUN(more_than_a_server_takes_go_to_another_connection);
	RUN(a_body_goes_up_and_comes_down);
	RUN(a_stream_is_sent_as_it_comes);
	RUN(an_answer_that_nobody_reads_waits_at_the_server);
	RUN(a_response_that_is_let_go_hurts_no_other);
	RUN(a_connection_that_is_idle_ends_in_good_order);
	RUN(a_server_that_wants_to_renew_loses_nothing);
	RUN(a_server_that_wants_no_bodies_may_say_so);
	RUN(what_a_server_did_not_look_at_is_asked_again);
	RUN(what_it_may_have_done_is_not);
	RUN(what_is_no_http2_is_refused);
	RUN(an_answer_that_is_malformed_is_none);
	RUN(an_answer_without_its_end_is_not_whole);
	RUN(a_head_without_end_is_too_large);
	RUN(a_flood_ends_it);
	RUN(a_server_that_says_nothing_is_given_up);
	RUN(a_server_that_goes_is_told_of);
	RUN(a_drop_at_any_moment_leaves_nothing);
	return 0;
}
