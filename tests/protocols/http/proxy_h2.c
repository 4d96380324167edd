/* The reverse proxy before upstreams of HTTP/2: what they share, and what becomes of one that fails. */

#include "proxy.h"

#include "h2_actor.h"

enum { MANY = 40 };

static const char *const only_a[] = { "tcp:a:80", NULL };
static const char *const actors[] = { "tcp:a:81", NULL };

static struct reed_http_proxy_options second(const char *const *upstreams)
{
	struct reed_http_proxy_options o = REED_HTTP_PROXY_OPTIONS;

	o.upstreams = upstreams;
	o.version = REED_HTTP_VERSION_2;
	return o;
}

static struct reed_http_upstream_stats stats_of(const struct world *w)
{
	struct reed_http_upstream_stats stats = { .size = sizeof(stats) };

	check_int(reed_http_proxy_stats(w->proxy, 0, &stats), REED_OK);
	return stats;
}

/* An upstream that plays the script. */
static void play(struct world *w, struct reed_http_proxy_options o, struct h2_script *script)
{
	world_open(w, o, NULL);
	reed_sim_add(w->sim, reed_listen_and_serve(reed_sim_host(w->sim, "a"), "tcp:81", h2_actor,
	                                           script, NULL));
	reed_sim_run_for(w->sim, REED_MS(1));
}

/* ---- what goes on ---- */

static void it_is_told_who_asks(void)
{
	struct world w;

	world_open(&w, second(only_a), NULL);
	check_int(get(&w, "/page?a=b"), 200);
	check(answer_has(&w, "a heard GET /page?a=b\n"));
	check(answer_has(&w, "x-forwarded-for: 10."));
	check(answer_has(&w, "via: 1.1 reed\n"));
	check_slice(reed_http_response_field(w.response, "via"), "2.0 reed");
	check_slice(reed_http_response_field(w.response, "x-from"), "a");
	world_close(&w);
}

static void bodies_pass_both_ways(void)
{
	static char body[300000];
	struct world w;

	memset(body, 'b', sizeof(body));
	world_open(&w, second(only_a), NULL);
	check_int(ask(&w, "POST", "/", reed_slice(body, sizeof(body))), 200);
	check(answer_has(&w, "content-length: 300000\n"));
	check(answer_has(&w, "body 300000 bbbb"));
	check_int(get(&w, "/x-big"), 200);
	check_int(w.response->body.n, 64 * 65536);
	check_int(ask(&w, "HEAD", "/x", REED_STR("")), 200);
	check_int(w.response->body.n, 0);
	check(reed_http_response_field(w.response, "content-length").n > 0);
	check(has(talk(&w, "tcp:proxy:80",
	               "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
	               "5\r\nhello\r\n0\r\n\r\n",
	               500),
	          "\nbody 5 hello\n"));
	check(has(talk(&w, "tcp:proxy:80", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 500), " 200 "));
	check_int(stats_of(&w).connections, 1);
	world_close(&w);
}

/* The fields of one hop, and those HTTP/2 has not (RFC 9113 8.2.2). */
static void what_is_of_one_hop_stays_behind(void)
{
	struct world w;
	const char *said;

	world_open(&w, second(only_a), NULL);
	said = talk(&w, "tcp:proxy:80",
	            "GET / HTTP/1.1\r\nHost: h\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\n"
	            "Keep-Alive: 5\r\nTE: trailers, deflate\r\nX-Other: stays\r\n\r\n",
	            500);
	check(has(said, "x-other: stays\n"));
	check(has(said, "te: trailers\n"));
	check(!strstr(said, "x-mine") && !strstr(said, "keep-alive") && !strstr(said, "deflate"));
	check(!strstr(said, "connection:"));
	world_close(&w);
}

static void trailers_come_down(void)
{
	static const char *const grpc[] = { "SETTINGS 0\n"
		                            "HEADERS 1 :status=200 content-type=application/grpc\n"
		                            "DATA 1 message\n"
		                            "HEADERS 1 end grpc-status=0 grpc-message=fine\n",
		                            NULL };
	const char *request = "HEADERS 1 end :method=POST :scheme=http :authority=h :path=/call "
			      "te=trailers content-type=application/grpc\n";
	const char *heard;
	struct world w;

	play(&w, second(actors), &(struct h2_script){ .lines = grpc });
	heard = talk_h2(&w, request, 500);
	check(has(heard, "HEADERS 1 :status=200 "));
	check(has(heard, " content-type=application/grpc "));
	check(has(heard, "\nDATA 1 message\n"));
	check(has(heard, "\nHEADERS 1 end grpc-status=0 grpc-message=fine\n"));
	world_close(&w);
	play(&w, second(actors), &(struct h2_script){ .lines = grpc });
	heard = talk(&w, "tcp:proxy:80",
	             "GET / HTTP/1.1\r\nHost: h\r\nTE: trailers\r\nConnection: TE\r\n\r\n", 500);
	check(has(heard, "\r\n0\r\ngrpc-status: 0\r\ngrpc-message: fine\r\n\r\n"));
	world_close(&w);
}

static void interim_answers_come_down(void)
{
	static const char *const hints[] = { "SETTINGS 0\nHEADERS 1 :status=103 link=</a.css>\n"
		                             "HEADERS 1 end :status=204\n",
		                             NULL };
	const char *heard;
	struct world w;

	play(&w, second(actors), &(struct h2_script){ .lines = hints });
	heard = talk(&w, "tcp:proxy:80", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 500);
	check(has(heard, "HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\nHTTP/1.1 204 "));
	world_close(&w);
}

static void an_upgrade_falls_to_http_1(void)
{
	struct world w;

	world_open(&w, second(only_a), NULL);
	check(has(talk(&w, "tcp:proxy:80",
	               "GET /x-echo HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: echo\r\n"
	               "\r\nhello, echo",
	               500),
	          "\r\n\r\nhello, echo"));
	world_close(&w);
}

/* ---- many on one ---- */

struct crowd {
	struct reed_http_response *responses[MANY];
	struct reed_scope scope;
};

static void crowd_asks(struct world *w, struct crowd *crowd, const char *url, bool stream)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;

	what.url = url;
	what.stream = stream;
	reed_scope_init(&crowd->scope, w->loop, NULL, "crowd");
	crowd->scope.policy = REED_SCOPE_IGNORE;
	for (int i = 0; i < MANY; i++)
		reed_scope_add(&crowd->scope,
		               reed_http_fetch(w->client, &what, &crowd->responses[i]));
	reed_sim_run_for(w->sim, REED_S(5));
}

static void crowd_goes(struct crowd *crowd)
{
	reed_scope_finish(&crowd->scope);
	for (int i = 0; i < MANY; i++)
		reed_http_response_free(crowd->responses[i]);
}

static void many_share_a_connection(void)
{
	struct crowd crowd = { .responses = { NULL } };
	struct world w;

	world_open(&w, second(only_a), NULL);
	crowd_asks(&w, &crowd, "http://proxy/page", false);
	for (int i = 0; i < MANY; i++)
		check(crowd.responses[i] && crowd.responses[i]->status == 200);
	check_int(stats_of(&w).connections, 1);
	check_int(stats_of(&w).requests, MANY);
	check_int(stats_of(&w).idle, 1);
	check_int(stats_of(&w).active, 0);
	crowd_goes(&crowd);
	reed_sim_run_for(w.sim, REED_S(32));
	check_int(stats_of(&w).idle, 0);
	world_close(&w);
}

/* Each has a window of its own, and all of them together do not exhaust what is shared. */
static void clients_that_do_not_read_stop_no_others(void)
{
	struct crowd crowd = { .responses = { NULL } };
	struct world w;
	int64_t began;

	world_open(&w, second(only_a), NULL);
	crowd_asks(&w, &crowd, "http://proxy/x-big", true);
	check_int(stats_of(&w).active, MANY);
	began = reed_sim_now(w.sim);
	check_int(get(&w, "/x-big"), 200);
	check_int(w.response->body.n, 64 * 65536);
	check(reed_sim_now(w.sim) - began < REED_S(5));
	check_int(stats_of(&w).connections, 1);
	crowd_goes(&crowd);
	world_close(&w);
}

static void clients_that_go_leave_the_others(void)
{
	struct crowd crowd = { .responses = { NULL } };
	struct world w;

	world_open(&w, second(only_a), NULL);
	crowd_asks(&w, &crowd, "http://proxy/x-never", false);
	check_int(stats_of(&w).active, MANY);
	crowd_goes(&crowd);
	check_int(get(&w, "/"), 200);
	check_int(stats_of(&w).active, 0);
	check_int(stats_of(&w).connections, 1);
	check_int(stats_of(&w).failures, 0);
	world_close(&w);
}

/* ---- what becomes of failures ---- */

#define GOOD "SETTINGS 0\nHEADERS 1 :status=200\nDATA 1 end good\n"

static unsigned played(struct world *w, const char *const *lines, const char *method,
                       const char *body)
{
	struct h2_script script = { .lines = lines };
	unsigned status;

	play(w, second(actors), &script);
	status = ask(w, method, "/", reed_slice_of(body));
	reed_sim_run_for(w->sim, REED_MS(1));
	return status;
}

/* RFC 9113 8.7: whatever its method is; unless its body is on its way. */
static void what_it_did_not_look_at_is_asked_again(void)
{
	static const char *const refuses[] = { "SETTINGS 0\nRST_STREAM 1 7\nGOAWAY 0 1 0\n", GOOD,
		                               NULL };
	static const char *const leaves[] = { "SETTINGS 0\nGOAWAY 0 0 0\n", GOOD, NULL };
	static const char *const always[] = { "SETTINGS 0\nGOAWAY 0 0 0\n", NULL };
	struct world w;

	check_int(played(&w, refuses, "GET", ""), 200);
	check_slice(w.response->body, "good");
	check_int(stats_of(&w).failures, 0);
	world_close(&w);
	check_int(played(&w, leaves, "POST", ""), 200);
	check_int(stats_of(&w).failures, 0);
	world_close(&w);
	check_int(played(&w, leaves, "POST", "body"), 502);
	world_close(&w);
	check_int(played(&w, always, "GET", ""), 502);
	check_int(stats_of(&w).connections, 3);
	check_int(stats_of(&w).failures, 1);
	world_close(&w);
}

static void what_it_may_have_done_is_not(void)
{
	static const char *const resets[] = { "SETTINGS 0\nRST_STREAM 1 2\n", GOOD, NULL };
	struct world w;

	check_int(played(&w, resets, "POST", ""), 502);
	check_int(stats_of(&w).failures, 1);
	world_close(&w);
}

static void an_answer_that_breaks_off_breaks_off_here_too(void)
{
	static const char *const half[] = { "SETTINGS 0\nHEADERS 1 :status=200\nDATA 1 ha\n",
		                            NULL };
	struct h2_script script = { .lines = half, .closes = true };
	struct world w;

	play(&w, second(actors), &script);
	check_int(get(&w, "/"), 0);
	check_int(stats_of(&w).failures, 1);
	world_close(&w);
}

static void what_is_no_http_2_is_502(void)
{
	struct world w;

	world_open(&w, second(actors), NULL);
	speak(&w, "a", "tcp:81", "HTTP/1.1 400 Bad Request\r\n\r\n", true);
	check_int(get(&w, "/"), 502);
	check_int(stats_of(&w).failures, 1);
	world_close(&w);
}

/* All that is said to it is lost from then on: nobody else waits for the same silence. */
static void a_connection_that_fell_silent_is_left(void)
{
	static const char *const silent[] = { "SETTINGS 0\n", GOOD, NULL };
	struct reed_http_proxy_options o = second(actors);
	struct h2_script script = { .lines = silent };
	struct world w;

	o.first_ms = 2000;
	play(&w, o, &script);
	check_int(get(&w, "/"), 504);
	check_int(get(&w, "/"), 200);
	check_slice(w.response->body, "good");
	check_int(stats_of(&w).connections, 2);
	world_close(&w);
}

static void who_rests_is_tried_again_by_one(void)
{
	struct world w;

	world_open(&w, second(only_a), NULL);
	backend_close(&w.a);
	for (int i = 0; i < 5; i++)
		check_int(get(&w, "/"), 502);
	check_int(get(&w, "/"), 503);
	check(stats_of(&w).resting);
	backend_open(&w.a, w.sim, "a", "tcp:80");
	reed_sim_run_for(w.sim, REED_S(5));
	check_int(get(&w, "/"), 200);
	check_int(get(&w, "/"), 200);
	world_close(&w);
}

/* Though the connection is the same: it is the upstream that fails, not that. */
static void each_reset_is_a_failure(void)
{
	static const char *const greeting[] = { "SETTINGS 0\n", NULL };
	struct h2_script script = { .lines = greeting, .each = "RST_STREAM # 2\n" };
	struct world w;

	play(&w, second(actors), &script);
	for (int i = 0; i < 5; i++)
		check_int(get(&w, "/"), 502);
	check_int(stats_of(&w).failures, 5);
	check(stats_of(&w).resting);
	check_int(get(&w, "/"), 503);
	check_int(script.connections, 1);
	world_close(&w);
}

static void an_early_answer_ends_an_upload(void)
{
	static char body[4 << 20];
	struct world w;

	world_open(&w, second(only_a), NULL);
	check_int(ask(&w, "POST", "/x-early", reed_slice(body, sizeof(body))), 403);
	check_int(get(&w, "/"), 200);
	check_int(stats_of(&w).failures, 0);
	world_close(&w);
}

/* It was the client that fell silent. */
static void a_body_that_stops_leaves_the_others(void)
{
	struct world w;

	world_open(&w, second(only_a), NULL);
	check(has(talk(&w, "tcp:proxy:80",
	               "POST /x-never HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab", 31000),
	          "HTTP/1.1 408 "));
	check_int(get(&w, "/"), 200);
	check_int(stats_of(&w).connections, 1);
	world_close(&w);
}

static void a_body_that_stops_is_told_once(void)
{
	struct reed_http_proxy_options o = second(only_a);
	static char body[4 << 20];
	struct world w;

	o.silent_ms = 5000;
	world_open(&w, o, NULL);
	check(has(talk(&w, "tcp:proxy:80",
	               "POST /x-never HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab", 70000),
	          "HTTP/1.1 408 "));
	check_int(stats_of(&w).failures, 0);
	check_int(ask(&w, "POST", "/x-never", reed_slice(body, sizeof(body))), 504);
	check_int(get(&w, "/"), 200);
	world_close(&w);
}

static void checks_speak_it_too(void)
{
	struct reed_http_proxy_options o = second(only_a);
	struct world w;

	o.check = "/health";
	o.check_ms = 1000;
	world_open(&w, o, NULL);
	reed_sim_run_for(w.sim, REED_S(3));
	check(w.a.requests >= 2);
	check(!stats_of(&w).ill);
	backend_close(&w.a);
	reed_sim_run_for(w.sim, REED_S(5));
	check(stats_of(&w).ill);
	world_close(&w);
}

static void whose_it_is_cannot_be_said_of_many(void)
{
	static const char *const announced[] = { "haproxy:[tcp:a:80]", NULL };
	struct reed_http_proxy_options o = second(announced);
	struct reed_sim *sim = reed_sim_new(NULL);
	struct reed_http_proxy *proxy = NULL;
	struct reed_fault *fault = NULL;

	check_int(reed_http_proxy_new(reed_sim_host(sim, "x"), &o, &proxy, &fault), REED_EINVAL);
	check(has(fault->sentence, "haproxy:"));
	reed_fault_free(fault);
	reed_sim_free(sim);
}

int main(void)
{
	RUN(it_is_told_who_asks);
	RUN(bodies_pass_both_ways);
	RUN(what_is_of_one_hop_stays_behind);
	RUN(trailers_come_down);
	RUN(interim_answers_come_down);
	RUN(an_upgrade_falls_to_http_1);
	RUN(many_share_a_connection);
	RUN(clients_that_do_not_read_stop_no_others);
	RUN(clients_that_go_leave_the_others);
	RUN(what_it_did_not_look_at_is_asked_again);
	RUN(what_it_may_have_done_is_not);
	RUN(an_answer_that_breaks_off_breaks_off_here_too);
	RUN(what_is_no_http_2_is_502);
	RUN(a_connection_that_fell_silent_is_left);
	RUN(who_rests_is_tried_again_by_one);
	RUN(each_reset_is_a_failure);
	RUN(an_early_answer_ends_an_upload);
	RUN(a_body_that_stops_leaves_the_others);
	RUN(a_body_that_stops_is_told_once);
	RUN(checks_speak_it_too);
	RUN(whose_it_is_cannot_be_said_of_many);
	return 0;
}
