/* The forward proxy: where it goes, for whom, how often and for how long. */

#include "proxy.h"

#include "reed/base64.h"
#include "reed/checker.h"
#include "reed/http/forward.h"
#include "reed/resolve.h"

static const char *const all_here[] = { "10.0.0.0/8:*", NULL };
static const char *const anywhere[] = { "*:*", NULL };

static struct reed_http_forward *forward;

static struct reed_http_forward_options anybody(const char *const *allow)
{
	struct reed_http_forward_options o = REED_HTTP_FORWARD_OPTIONS;

	o.allow = allow;
	o.clients = "10.0.0.0/8";
	return o;
}

static void serve(struct world *w, struct reed_http_forward_options o)
{
	struct reed_fault *fault = NULL;

	check_int(reed_http_forward_new(w->front, &o, &forward, &fault), REED_OK);
	world_serve(w, reed_http_forward_handler, forward);
}

static void open_with(struct world *w, struct reed_http_forward_options o)
{
	world_begin(w, reed_sim_new(NULL));
	serve(w, o);
	reed_sim_run_for(w->sim, REED_MS(2));
}

static void close_all(struct world *w)
{
	world_close(w);
	reed_http_forward_free(forward);
}

static const char *say(struct world *w, const char *text)
{
	return talk(w, "tcp:proxy:80", text, 1000);
}

static bool says(struct world *w, const char *text, const char *part)
{
	return has(say(w, text), part);
}

#define GET(url)    "GET " url " HTTP/1.1\r\nHost: ignored\r\nConnection: close\r\n\r\n"
#define CONNECT(to) "CONNECT " to " HTTP/1.1\r\nHost: " to "\r\n\r\n"

/* ---- what it does ---- */

static void a_request_goes_where_its_target_says(void)
{
	struct world w;
	const char *got;

	open_with(&w, anybody(all_here));
	got = say(&w, "POST http://a/page?x=y HTTP/1.1\r\nHost: other\r\nContent-Length: 4\r\n"
	              "Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic YTpi\r\n"
	              "Connection: close\r\nX-Mine: 1\r\nX-Forwarded-For: me\r\n\r\nbody");
	check(has(got, "HTTP/1.1 200 OK\r\n"));
	check(has(got, "a heard POST /page?x=y\nHost: a\n"));
	check(has(got, "X-Mine: 1\nX-Forwarded-For: me\nVia: 1.1 reed\nContent-Length: 4\n"));
	check(has(got, "body 4 body\n"));
	check(has(got, "\r\nVia: 1.1 reed\r\n"));
	check(!strstr(got, "Proxy-") && !strstr(got, "Forwarded: for") &&
	      !strstr(got, "of one hop"));
	check(says(&w, GET("http://b:80"), "b heard GET /\nHost: b:80\n"));
	close_all(&w);
}

static void a_connection_serves_many_destinations(void)
{
	struct world w;
	const char *got;

	open_with(&w, anybody(all_here));
	got = say(&w, "GET http://a/1 HTTP/1.1\r\nHost: a\r\n\r\n" GET("http://b/2"));
	check(has(got, "a heard GET /1\n"));
	check(has(got, "b heard GET /2\n"));
	close_all(&w);
}

static void a_tunnel_is_bytes_both_ways_and_their_ends(void)
{
	struct world w;
	const char *got;

	open_with(&w, anybody(all_here));
	got = say(&w, CONNECT("a:80") "GET /in HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	check(has(got, "HTTP/1.1 200 OK\r\n"));
	check(!strstr(got, "Content-Length: 0") && !strstr(got, "Transfer-Encoding"));
	check(has(got, "\r\n\r\nHTTP/1.1 200 OK\r\n"));
	check(has(got, "a heard GET /in\n"));
	close_all(&w);
}

/* RFC 9113 8.5 */
static void a_tunnel_may_be_one_of_http_2(void)
{
	struct world w;
	const char *heard;

	open_with(&w, anybody(all_here));
	speak(&w, "a", "tcp:81", "squawk", true);
	heard = talk_h2(&w,
	                "HEADERS 1 :method=CONNECT :authority=a:81\nDATA 1 hello\n"
	                "HEADERS 3 :method=CONNECT :authority=nobody.example:81\n",
	                1000);
	check(has(heard, "HEADERS 1 :status=200"));
	check(has(heard, "\nDATA 1 squawk\n"));
	check(has(heard, "HEADERS 3 :status=502"));
	close_all(&w);
}

static void the_client_of_this_house_gets_through(void)
{
	static const char *const ways[] = { "http-connect:[tcp:proxy:80]:a:80" };
	struct world w;

	open_with(&w, anybody(all_here));
	for (size_t i = 0; i < REED_COUNT(ways); i++)
		check(has(talk(&w, ways[i], GET("/through"), 1000), "a heard GET /through\n"));
	close_all(&w);
}

/* ---- where it does not go ---- */

static void a_name_does_not_lead_inside(void)
{
	struct world w;

	open_with(&w, anybody(anywhere));
	check(says(&w, GET("http://a/"), "HTTP/1.1 403 "));
	check(says(&w, CONNECT("a:80"), "HTTP/1.1 403 "));
	check(says(&w, GET("http://localhost/"), "HTTP/1.1 403 "));
	check(says(&w, CONNECT("127.0.0.1:80"), "HTTP/1.1 403 "));
	check(says(&w, CONNECT("[::1]:80"), "HTTP/1.1 403 "));
	check(says(&w, CONNECT("[::ffff:127.0.0.1]:80"), "HTTP/1.1 403 "));
	check(says(&w, CONNECT("[::ffff:7f00:1]:80"), "HTTP/1.1 403 "));
	check(says(&w, CONNECT("[fe80::1%1]:80"), "HTTP/1.1 403 "));
	check(says(&w, GET("http://169.254.169.254/latest"), "HTTP/1.1 403 "));
	check(says(&w, CONNECT("a.:80"), "HTTP/1.1 403 "));
	check_int(w.a.requests, 0);
	close_all(&w);
}

static void what_no_rule_allows_is_not_even_looked_up(void)
{
	static const char *const rules[] = { "a", "b:81", NULL };
	struct reed_resolver_stats stats = { .size = sizeof(stats) };
	struct world w;

	open_with(&w, anybody(rules));
	check(says(&w, CONNECT("b:80"), "HTTP/1.1 403 "));
	check(says(&w, CONNECT("a:25"), "HTTP/1.1 403 "));
	check(says(&w, CONNECT("secrets.in.names.example:443"), "HTTP/1.1 403 "));
	reed_resolver_stats(w.front, &stats);
	check_int(stats.questions, 0);
	close_all(&w);
}

static void what_is_denied_is_denied_whoever_allows_it(void)
{
	static const char *const deny[] = { "b", NULL };
	struct reed_http_forward_options o = anybody(all_here);
	struct world w;

	o.deny = deny;
	open_with(&w, o);
	check(says(&w, GET("http://a/"), "a heard"));
	check(says(&w, GET("http://B./"), "HTTP/1.1 403 "));
	close_all(&w);
	o.deny = all_here;
	open_with(&w, o);
	check(says(&w, GET("http://a/"), "HTTP/1.1 403 "));
	close_all(&w);
}

static void without_rules_nothing_is_allowed(void)
{
	struct world w;

	open_with(&w, anybody(NULL));
	check(says(&w, GET("http://a/"), "HTTP/1.1 403 "));
	check(says(&w, CONNECT("a:443"), "HTTP/1.1 403 "));
	close_all(&w);
}

/* ---- a name that changes its mind (DNS rebinding) ---- */

static struct {
	struct reed_resolver_source source;
	int asked;
} fickle;

/* The first answer is of the Internet; all later ones lead inside. */
static struct reed_future *fickle_ask(struct reed_resolver_source *self, struct reed_loop *loop,
                                      struct reed_slice name, enum reed_record_type type,
                                      struct reed_answer *answer)
{
	struct reed_record record = { .priority = 0 };

	(void)self;
	(void)name;
	if (type == REED_RECORD_A) {
		reed_address_parse(fickle.asked++ ? REED_STR("10.0.0.1") : REED_STR("8.8.8.8"), 0,
		                   &record.address);
		reed_answer_add(answer, &record);
	}
	return reed_ready(loop, REED_OK);
}

static void fickle_close(struct reed_resolver_source *self)
{
	(void)self;
}

static void a_name_that_leads_elsewhere_the_second_time_gains_nothing(void)
{
	static const struct reed_resolver_ops ops = { "fickle", fickle_ask, fickle_close };
	struct world w;

	fickle.source.ops = &ops;
	fickle.asked = 0;
	open_with(&w, anybody(anywhere));
	reed_resolver_set(w.front, &fickle.source);
	check(!strstr(say(&w, GET("http://rebind.example/")), " 200 "));
	check_int(fickle.asked, 1);
	check(says(&w, GET("http://rebind.example/"), "HTTP/1.1 403 "));
	check_int(fickle.asked, 2);
	check_int(w.a.requests + w.b.requests, 0);
	close_all(&w);
}

/* ---- for whom ---- */

static void only_those_named_may_ask(void)
{
	struct reed_http_forward_options o = anybody(all_here);
	struct world w;

	o.clients = NULL; /* this host's */
	open_with(&w, o);
	check(says(&w, GET("http://a/"), "HTTP/1.1 403 Forbidden"));
	check(says(&w, CONNECT("a:80"), "HTTP/1.1 403 Forbidden"));
	close_all(&w);
	o.clients = "192.0.2.0/24";
	open_with(&w, o);
	check(says(&w, GET("http://a/"), "HTTP/1.1 403 Forbidden"));
	close_all(&w);
}

static void who_asks_says_who_he_is(void)
{
	struct reed_http_forward_options o = anybody(all_here);
	struct reed_checker *checker;
	struct reed_portal *portal;
	struct world w;

	world_begin(&w, reed_sim_new(NULL));
	portal = reed_portal_new(w.front, NULL);
	check_int(reed_sim_run_until(w.sim, reed_checker_new(w.front, "memory:", NULL, &checker),
	                             NULL),
	          REED_OK);
	reed_portal_add(portal, checker);
	check_int(reed_sim_run_until(w.sim,
	                             reed_portal_create(portal, REED_STR("alice"),
	                                                REED_STR("wonderland")),
	                             NULL),
	          REED_OK);
	o.guard = reed_http_proxy_guard_new(portal, "the way out", NULL);
	serve(&w, o);
	check(says(&w, CONNECT("a:80"), "HTTP/1.1 407 "));
	check(says(&w, GET("http://a/"),
	           "\r\nProxy-Authenticate: Basic realm=\"the way out\", charset=\"UTF-8\"\r\n"));
	check(says(&w,
	           "GET http://a/ HTTP/1.1\r\nHost: a\r\nAuthorization: Basic "
	           "YWxpY2U6d29uZGVybGFuZA==\r\n\r\n",
	           "HTTP/1.1 407 "));
	check(says(&w,
	           "GET http://a/ HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Basic "
	           "YWxpY2U6d3Jvbmc=\r\n\r\n",
	           "HTTP/1.1 407 "));
	check_int(w.a.requests, 0);
	check(says(&w,
	           "GET http://a/ HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Basic "
	           "YWxpY2U6d29uZGVybGFuZA==\r\n\r\n",
	           "a heard GET /\n"));
	world_end(&w);
	reed_http_forward_free(forward);
	reed_http_guard_free(o.guard);
	reed_portal_free(portal);
	reed_sim_free(w.sim);
}

/* ---- how many, how long ---- */

static struct reed_future *holding(struct world *w, struct reed_stream **stream)
{
	return reed_dial(w->loop, "http-connect:[tcp:proxy:80]:a:80", stream);
}

static void there_is_a_most_of_all_and_of_each_client(void)
{
	struct reed_http_forward_options o = anybody(all_here);
	struct reed_stream *stream = NULL;
	struct world w;

	o.most = 1;
	open_with(&w, o);
	check_int(reed_sim_run_until(w.sim, holding(&w, &stream), NULL), REED_OK);
	check(says(&w, GET("http://a/"), "HTTP/1.1 503 "));
	reed_close(stream);
	reed_sim_run_for(w.sim, REED_S(1));
	check(says(&w, GET("http://a/"), "HTTP/1.1 200 "));
	close_all(&w);
	o.most = 10;
	o.of_client = 1;
	open_with(&w, o);
	check_int(reed_sim_run_until(w.sim, holding(&w, &stream), NULL), REED_OK);
	check(says(&w, GET("http://a/"), "HTTP/1.1 429 "));
	reed_close(stream);
	reed_sim_run_for(w.sim, REED_S(1));
	check(says(&w, GET("http://a/"), "HTTP/1.1 200 "));
	close_all(&w);
}

static void who_does_not_answer_is_given_up(void)
{
	struct reed_http_forward_options o = anybody(all_here);
	struct world w;

	o.connect_ms = 100;
	o.first_ms = 200;
	open_with(&w, o);
	check(says(&w, GET("http://a/x-never"), "HTTP/1.1 504 "));
	check(says(&w, CONNECT("10.9.9.9:80"), "HTTP/1.1 50"));
	check(says(&w, CONNECT("a:81"), "HTTP/1.1 502 "));
	check(says(&w, CONNECT("nobody.example:80"), "HTTP/1.1 502 "));
	check(says(&w, CONNECT("a:0"), "HTTP/1.1 400 "));
	check(says(&w, GET("https://a/"), "HTTP/1.1 400 "));
	check(says(&w, GET("/"), "HTTP/1.1 404 "));
	check(says(&w, "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\nContent-Length: 1\r\n\r\n",
	           "HTTP/1.1 400 "));
	close_all(&w);
}

static enum reed_err end_of(struct world *w, struct reed_stream *stream)
{
	return reed_sim_run_until(w->sim, reed_within(20000, reed_more(stream)), NULL);
}

static void a_silent_tunnel_ends_and_so_does_an_old_one(void)
{
	struct reed_http_forward_options o = anybody(all_here);
	struct reed_stream *stream = NULL;
	struct world w;
	int64_t began;

	o.tunnel_ms = 3000;
	open_with(&w, o);
	check_int(reed_sim_run_until(w.sim, holding(&w, &stream), NULL), REED_OK);
	began = reed_now(w.loop);
	check(end_of(&w, stream) != REED_ETIMEDOUT);
	check(reed_now(w.loop) - began < REED_S(4));
	reed_abort(stream);
	close_all(&w);
	o.tunnel_ms = 100000;
	o.total_ms = 2000;
	open_with(&w, o);
	check_int(reed_sim_run_until(w.sim, holding(&w, &stream), NULL), REED_OK);
	began = reed_now(w.loop);
	check(end_of(&w, stream) != REED_ETIMEDOUT);
	check(reed_now(w.loop) - began < REED_S(3));
	reed_abort(stream);
	close_all(&w);
}

/* ---- in a bad world ---- */

static uint64_t in_a_bad_world(uint64_t seed)
{
	struct reed_http_forward_options o = anybody(all_here);
	struct reed_sim_options sim = REED_SIM_OPTIONS;
	struct reed_sim_faults faults = REED_SIM_FAULTS;
	struct world w;
	uint64_t answered = 0;

	faults.reset_every = REED_MS(300);
	sim.seed = seed;
	sim.faults = &faults;
	sim.schedule = REED_SIM_SHUFFLED;
	sim.partial_reads = sim.partial_writes = 0.3;
	o.connect_ms = o.first_ms = o.silent_ms = o.tunnel_ms = 2000;
	world_begin(&w, reed_sim_new(&sim));
	serve(&w, o);
	for (int i = 0; i < 20; i++) {
		const char *got = i % 2 ? say(&w, CONNECT("a:80") GET("/x-big"))
		                        : say(&w, GET("http://b/?1"));

		answered += strstr(got, "b heard GET /?1\n") != NULL;
	}
	check(w.b.marks[1] >= (int)answered && w.b.marks[1] <= 10);
	close_all(&w);
	return answered;
}

static void whatever_befalls_it_nothing_is_asked_twice_or_left_behind(void)
{
	uint64_t answered = 0;

	for (uint64_t seed = 1; seed <= 4; seed++)
		answered += in_a_bad_world(seed);
	check(answered > 8);
}

/* ---- a client that goes at each moment ---- */

static void serve_all(struct world *w, struct reed_sim *sim)
{
	world_begin(w, sim);
	serve(w, anybody(all_here));
}

static void gone(void)
{
	reed_http_forward_free(forward);
}

static void a_client_may_go_at_any_moment(void)
{
	struct leaving asking = { .serve = serve_all, .gone = gone, .bytes = GET("http://a/") };
	struct leaving tunnelling = { .serve = serve_all,
		                      .gone = gone,
		                      .bytes = CONNECT("a:80") GET("/") };

	leave_at_each_moment(&asking, 10);
	leave_at_each_moment(&tunnelling, 10);
}

int main(void)
{
	RUN(a_request_goes_where_its_target_says);
	RUN(a_connection_serves_many_destinations);
	RUN(a_tunnel_is_bytes_both_ways_and_their_ends);
	RUN(a_tunnel_may_be_one_of_http_2);
	RUN(the_client_of_this_house_gets_through);
	RUN(a_name_does_not_lead_inside);
	RUN(what_no_rule_allows_is_not_even_looked_up);
	RUN(what_is_denied_is_denied_whoever_allows_it);
	RUN(without_rules_nothing_is_allowed);
	RUN(a_name_that_leads_elsewhere_the_second_time_gains_nothing);
	RUN(only_those_named_may_ask);
	RUN(who_asks_says_who_he_is);
	RUN(there_is_a_most_of_all_and_of_each_client);
	RUN(who_does_not_answer_is_given_up);
	RUN(a_silent_tunnel_ends_and_so_does_an_old_one);
	RUN(whatever_befalls_it_nothing_is_asked_twice_or_left_behind);
	RUN(a_client_may_go_at_any_moment);
	return 0;
}
