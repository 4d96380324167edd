/* The reverse proxy: what goes on and what does not, who is asked, and what becomes of failures. */

#include "proxy.h"

#include "reed/log.h"

static const char *const only_a[] = { "tcp:a:80", NULL };
static const char *const parrots[] = { "tcp:a:81", NULL };

static struct reed_http_proxy_options one(void)
{
	struct reed_http_proxy_options o = REED_HTTP_PROXY_OPTIONS;

	o.upstreams = only_a;
	return o;
}

static struct reed_http_proxy_options both(void)
{
	return (struct reed_http_proxy_options)REED_HTTP_PROXY_OPTIONS;
}

static struct reed_http_proxy_options a_parrot(void)
{
	struct reed_http_proxy_options o = one();

	o.upstreams = parrots;
	return o;
}

/* ---- what goes on ---- */

static void an_upstream_is_told_who_asks(void)
{
	struct world w;

	world_open(&w, one(), NULL);
	check_int(get(&w, "/page?a=b"), 200);
	check(answer_has(&w, "a heard GET /page?a=b\n"));
	check(answer_has(&w, "Host: proxy\n"));
	check(answer_has(&w, "X-Forwarded-For: 10."));
	check(answer_has(&w, "X-Forwarded-Proto: http\nX-Forwarded-Host: proxy\n"));
	check(answer_has(&w, "Forwarded: for=10."));
	check(answer_has(&w, ";host=\"proxy\";proto=http\nX-"));
	check(answer_has(&w, "Via: 1.1 reed\n"));
	check_slice(reed_http_response_field(w.response, "via"), "1.1 reed");
	check_slice(reed_http_response_field(w.response, "x-from"), "a");
	check_slice(reed_http_response_field(w.response, "content-type"), "text/plain");
	check(!reed_http_response_field(w.response, "x-secret").p);
	world_close(&w);
}

static void a_client_of_http_2_is_served_alike(void)
{
	struct reed_http_client_options second = REED_HTTP_CLIENT_OPTIONS;
	struct world w;

	world_open(&w, one(), NULL);
	second.version = REED_HTTP_VERSION_2;
	reed_http_client_free(w.client);
	w.client = reed_http_client_new(w.loop, &second);
	check_int(ask(&w, "POST", "/page", REED_STR("body")), 200);
	check_int(w.response->version, 2);
	check(answer_has(&w, "a heard POST /page\n") && answer_has(&w, "body 4 body\n"));
	check(answer_has(&w, "Via: 2.0 reed\n"));
	check_slice(reed_http_response_field(w.response, "via"), "1.1 reed");
	world_close(&w);
}

static void what_is_of_one_hop_stays_behind(void)
{
	struct world w;
	const char *said;

	world_open(&w, one(), NULL);
	said = talk(
		&w, "tcp:proxy:80",
		"GET / HTTP/1.1\r\nHost: h\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\n"
		"Keep-Alive: 5\r\nProxy-Authorization: Basic eDp5\r\nTE: deflate\r\n"
		"X-Forwarded-For: 1.2.3.4\r\nX_Forwarded_Proto: https\r\nForwarded: for=1.2.3.4\r\n"
		"X-Real-IP: 9.9.9.9\r\nX-Other: stays\r\n\r\n",
		500);
	check(has(said, "X-Other: stays\n"));
	check(!strstr(said, "X-Mine") && !strstr(said, "Keep-Alive") && !strstr(said, "Basic"));
	check(!strstr(said, "deflate") && !strstr(said, "1.2.3.4") && !strstr(said, "https"));
	check(!strstr(said, "9.9.9.9"));
	world_close(&w);
}

static void a_trusted_peer_is_believed(void)
{
	struct reed_http_proxy_options o = one();
	struct world w;
	const char *said;

	o.trust = "10.0.0.0/8, unix";
	world_open(&w, o, NULL);
	said = talk(&w, "tcp:proxy:80",
	            "GET / HTTP/1.0\r\nHost: h\r\nX-Forwarded-For: 1.2.3.4\r\n"
	            "X-Forwarded-Proto: https\r\nForwarded: for=1.2.3.4\r\nVia: 1.1 x\r\n\r\n",
	            500);
	check(has(said, "X-Forwarded-For: 1.2.3.4, 10."));
	check(has(said, "X-Forwarded-Proto: https\n"));
	check(has(said, "Forwarded: for=1.2.3.4, for=10."));
	check(has(said, "Via: 1.1 x, 1.0 reed\n"));
	world_close(&w);
}

static void bodies_pass_both_ways(void)
{
	static char body[300000];
	struct world w;

	memset(body, 'b', sizeof(body));
	world_open(&w, one(), NULL);
	check_int(ask(&w, "POST", "/", reed_slice(body, sizeof(body))), 200);
	check(answer_has(&w, "Content-Length: 300000\n"));
	check(answer_has(&w, "body 300000 bbbb"));
	check_int(get(&w, "/x-big"), 200);
	check_int(w.response->body.n, 64 * 65536);
	check_int(ask(&w, "HEAD", "/x", REED_STR("")), 200);
	check_int(w.response->body.n, 0);
	check(reed_http_response_field(w.response, "content-length").n > 0);
	world_close(&w);
}

static void an_upgrade_becomes_a_tunnel(void)
{
	struct world w;
	const char *said;

	world_open(&w, one(), NULL);
	said = talk(
		&w, "tcp:proxy:80",
		"GET /x-echo HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"
		"hello, echo",
		500);
	check(has(said, "HTTP/1.1 101 "));
	check(has(said, "\r\nUpgrade: echo\r\n"));
	check(has(said, "\r\n\r\nhello, echo"));
	world_close(&w);
}

/* RFC 8441: what HTTP/2 says with CONNECT an upstream of HTTP/1 is asked for as an upgrade. */
static void a_tunnel_of_http_2_becomes_an_upgrade(void)
{
	const char *request = "HEADERS 1 :method=CONNECT :protocol=echo :scheme=http "
			      ":authority=h :path=/x-echo\nDATA 1 hello, echo\n";
	struct world w;
	const char *heard;

	world_open(&w, one(), NULL);
	heard = talk_h2(&w, request, 500);
	check(has(heard, "HEADERS 1 :status=200 "));
	check(has(heard, "\nDATA 1 hello, echo\n"));
	check(!strstr(heard, "upgrade"));
	world_close(&w);
}

static void a_websocket_of_http_2_is_given_a_key(void)
{
	const char *request = "HEADERS 1 :method=CONNECT :protocol=websocket :scheme=http "
			      ":authority=h :path=/ sec-websocket-version=13\n";
	struct world w;
	const char *heard;

	world_open(&w, one(), NULL);
	heard = talk_h2(&w, request, 500);
	check(has(heard, "HEADERS 1 :status=501 ")); /* it found a page */
	check(has(heard, "a heard GET /"));
	check(has(heard, "Upgrade: websocket"));
	check(has(heard, "Sec-WebSocket-Key: "));
	world_close(&w);
}

static void an_upstream_is_told_by_the_proxy_protocol(void)
{
	static const char *const announced[] = { "haproxy:[tcp:c:80]", NULL };
	struct reed_http_proxy_options o = one();
	struct backend c;
	struct world w;
	size_t told, from;

	o.upstreams = announced;
	world_open(&w, o, NULL);
	backend_open(&c, w.sim, "c", "haproxy:[tcp:80]:trust=10.0.0.0/8");
	reed_sim_run_for(w.sim, REED_MS(2));
	check_int(get(&w, "/"), 200);
	check(has(talk(&w, "tcp:proxy:80", "GET / HTTP/1.0\r\n\r\n", 500), "200 OK"));
	check_int(get(&w, "/"), 200);
	check(answer_has(&w, "facts 10."));
	told = reed_slice_search(w.response->body, REED_STR("facts 10."));
	from = reed_slice_search(w.response->body, REED_STR("X-Forwarded-For: 10."));
	check(memcmp(w.response->body.p + told + 6, w.response->body.p + from + 17, 8) == 0);
	backend_close(&c);
	world_close(&w);
}

/* ---- what becomes of failures ---- */

static void who_is_not_there_is_passed_over(void)
{
	struct reed_http_upstream_stats stats = { .size = sizeof(stats) };
	struct world w;

	world_open(&w, both(), NULL);
	backend_close(&w.a);
	for (int i = 0; i < 20; i++)
		check_int(ask(&w, "POST", "/", REED_STR("once")), 200);
	check_int(w.b.requests, 20);
	check_int(reed_http_proxy_stats(w.proxy, 0, &stats), REED_OK);
	check_int(stats.failures, 5);
	check(stats.resting);
	check_int(reed_http_proxy_stats(w.proxy, 2, &stats), REED_ENOENT);
	world_close(&w);
}

static void who_rests_is_tried_again_by_one(void)
{
	struct world w;

	world_open(&w, one(), NULL);
	backend_close(&w.a);
	for (int i = 0; i < 5; i++)
		check_int(get(&w, "/"), 502);
	check_int(get(&w, "/"), 503);
	check_slice(w.response->body, "503 Service Unavailable\n");
	backend_open(&w.a, w.sim, "a", "tcp:80");
	check_int(get(&w, "/"), 503);
	reed_sim_run_for(w.sim, REED_S(5));
	check_int(get(&w, "/"), 200);
	check_int(get(&w, "/"), 200);
	world_close(&w);
}

static void silence_is_504_and_is_not_asked_twice(void)
{
	struct reed_http_proxy_options o = both();
	struct world w;

	o.first_ms = 2000;
	world_open(&w, o, NULL);
	check_int(get(&w, "/x-never"), 504);
	check_slice(w.response->body, "504 Gateway Timeout\n");
	check_int(w.a.requests + w.b.requests, 1);
	world_close(&w);
}

static void what_is_no_http_is_502(void)
{
	struct world w;

	world_open(&w, a_parrot(), NULL);
	speak(&w, "a", "tcp:81", "SSH-2.0-OpenSSH_9.2\r\n\r\n", true);
	check_int(get(&w, "/"), 502);
	check_slice(w.response->body, "502 Bad Gateway\n");
	world_close(&w);
}

static void an_answer_that_breaks_off_breaks_off_here_too(void)
{
	struct world w;
	const char *said;

	world_open(&w, a_parrot(), NULL);
	speak(&w, "a", "tcp:81", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it", true);
	check_int(get(&w, "/"), 0);
	said = talk(&w, "tcp:proxy:80", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 500);
	check(has(said, "Content-Length: 100\r\n"));
	check(has(said, "half of it"));
	world_close(&w);
}

static void broken_chunks_have_no_last_one(void)
{
	struct world w;
	const char *said;

	world_open(&w, a_parrot(), NULL);
	speak(&w, "a", "tcp:81",
	      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n", false);
	said = talk(&w, "tcp:proxy:80", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 500);
	check(has(said, "\r\n\r\n4\r\nhalf\r\n"));
	check(!strstr(said, "0\r\n\r\n"));
	world_close(&w);
}

static void a_stale_connection_is_replaced(void)
{
	struct world w;

	world_open(&w, one(), NULL);
	check_int(get(&w, "/"), 200);
	backend_close(&w.a);
	backend_open(&w.a, w.sim, "a", "tcp:80");
	reed_sim_run_for(w.sim, REED_MS(5));
	check_int(ask(&w, "POST", "/", REED_STR("x")), 200);
	world_close(&w);
}

static void an_early_answer_ends_an_upload(void)
{
	static char body[4 << 20];
	struct world w;

	world_open(&w, one(), NULL);
	check_int(ask(&w, "POST", "/x-early", reed_slice(body, sizeof(body))), 403);
	check_int(get(&w, "/"), 200);
	world_close(&w);
}

static unsigned blamed, unsent;

static void hear_log(struct reed_log_tap *tap, const struct reed_log_event *e)
{
	(void)tap;
	blamed += reed_slice_is(e->message, "an upstream failed");
	unsent += reed_slice_is(e->message, "a body did not come");
}

static void a_body_that_stops_is_told_once(void)
{
	struct reed_log_tap tap = { .hear = hear_log, .level = REED_LOG_WARN };
	struct reed_http_proxy_options o = one();
	static char body[4 << 20];
	struct world w;
	const char *said;

	o.silent_ms = 5000;
	world_open(&w, o, NULL);
	reed_log_tap(reed_log_of(w.front), &tap);
	said = talk(&w, "tcp:proxy:80",
	            "POST /x-never HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab", 70000);
	check(has(said, "HTTP/1.1 408 "));
	check(unsent == 1 && blamed == 0);
	check_int(ask(&w, "POST", "/x-never", reed_slice(body, sizeof(body))), 504);
	check(unsent == 1 && blamed == 1);
	reed_log_untap(reed_log_of(w.front), &tap);
	check_int(get(&w, "/"), 200);
	world_close(&w);
}

static void checks_tell_who_is_ill(void)
{
	struct reed_http_proxy_options o = both();
	struct reed_http_upstream_stats stats = { .size = sizeof(stats) };
	struct world w;

	o.check = "/health";
	o.check_ms = 1000;
	world_open(&w, o, NULL);
	reed_sim_run_for(w.sim, REED_S(3));
	check(w.a.requests >= 2 && w.b.requests >= 2);
	backend_close(&w.a);
	reed_sim_run_for(w.sim, REED_S(5));
	reed_http_proxy_stats(w.proxy, 0, &stats);
	check(stats.ill);
	for (int i = 0; i < 4; i++)
		check_int(get(&w, "/"), 200);
	check_int(stats.failures, 0);
	backend_open(&w.a, w.sim, "a", "tcp:80");
	reed_sim_run_for(w.sim, REED_S(3));
	reed_http_proxy_stats(w.proxy, 0, &stats);
	check(!stats.ill);
	world_close(&w);
}

/* ---- two requests in one's clothes ---- */

static const char *const smuggled[] = {
	("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
	 "0\r\n\r\nGET /evil HTTP/1.1\r\nHost: h\r\n\r\n"),
	"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
	"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: h\r\nX: a\nGET /evil HTTP/1.1\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b: c\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: h\r\nHost: other\r\n\r\n",
};

static void what_two_could_read_differently_goes_nowhere(void)
{
	struct world w;

	world_open(&w, one(), NULL);
	for (size_t i = 0; i < sizeof(smuggled) / sizeof(*smuggled); i++)
		check(has(talk(&w, "tcp:proxy:80", smuggled[i], 300), i == 2 ? " 501 " : " 400 "));
	check_int(w.a.requests, 0);
	check(has(talk(&w, "tcp:proxy:80",
	               "POST / HTTP/1.1\r\nHost: h\r\n"
	               "Transfer-Encoding: chunked\r\n\r\n5;\n\r\n",
	               300),
	          "HTTP/1.1 400 "));
	world_close(&w);
}

/* What an upstream says too much must not answer the next request, who ever's it is. */
static void an_answer_to_nobody_is_nobodys(void)
{
	struct reed_http_upstream_stats stats = { .size = sizeof(stats) };
	struct world w;

	world_open(&w, a_parrot(), NULL);
	speak(&w, "a", "tcp:81",
	      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n"
	      "Content-Length: 4\r\n\r\nevil",
	      false);
	for (int i = 0; i < 4; i++) {
		check_int(get(&w, "/"), 200);
		check_slice(w.response->body, "ok");
	}
	reed_http_proxy_stats(w.proxy, 0, &stats);
	check_int(stats.connections, 4);
	world_close(&w);
}

static void what_must_not_go_up_does_not(void)
{
	struct world w;
	char vias[256] = "OPTIONS / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nVia: 1.1 a";

	world_open(&w, one(), NULL);
	for (int i = 0; i < 20; i++)
		strcat(vias, ", 1.1 a");
	strcat(vias, "\r\n\r\n");
	check(has(talk(&w, "tcp:proxy:80", vias, 300), "HTTP/1.1 508 "));
	check(has(talk(&w, "tcp:proxy:80",
	               "TRACE / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 300),
	          "HTTP/1.1 405 "));
	check(has(talk(&w, "tcp:proxy:80",
	               "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\nConnection: close\r\n\r\n", 300),
	          "HTTP/1.1 405 "));
	check(has(talk(&w, "tcp:proxy:80",
	               "OPTIONS / HTTP/1.1\r\nHost: h\r\nMax-Forwards: 0\r\n"
	               "Connection: close\r\n\r\n",
	               300),
	          "HTTP/1.1 204 "));
	check_int(w.a.requests, 0);
	world_close(&w);
}

/* ---- what is counted ---- */

static bool counts(struct world *w, const char *line)
{
	struct reed_buf out = { .limit = 0 };
	char *text;
	bool yes;

	reed_metrics_print(w->front, &out);
	text = reed_buf_take(&out);
	yes = has(text, line);
	reed_free(text);
	return yes;
}

static void each_upstream_is_counted(void)
{
	static const char *const two[] = { "tcp:a:80", "tcp:nobody:80", NULL };
	struct reed_http_proxy_options o = both();
	struct world w;

	o.upstreams = two;
	o.failures = 2;
	world_open(&w, o, NULL);
	for (int i = 0; i < 4; i++)
		check_int(get(&w, "/"), 200);
	check(counts(&w, "reed_http_upstream_requests_total{upstream=\"tcp:a:80\"} 4\n"));
	check(counts(&w, "reed_http_upstream_requests_total{upstream=\"tcp:nobody:80\"} 2\n"));
	check(counts(&w, "reed_http_upstream_connections_total{upstream=\"tcp:a:80\"} 1\n"));
	check(counts(&w, "reed_http_upstream_failures_total{upstream=\"tcp:nobody:80\","
	                 "kind=\"connect\"} 2\n"));
	check(counts(&w, "reed_http_upstream_active{upstream=\"tcp:a:80\"} 0\n"));
	check(counts(&w, "reed_http_upstream_idle{upstream=\"tcp:a:80\"} 1\n"));
	check(counts(&w, "reed_http_upstream_up{upstream=\"tcp:a:80\"} 1\n"));
	check(counts(&w, "reed_http_upstream_up{upstream=\"tcp:nobody:80\"} 0\n"));
	check(counts(&w, "reed_http_upstream_seconds_count{upstream=\"tcp:a:80\"} 4\n"));
	world_close(&w);
}

static void failures_are_counted_by_kind(void)
{
	static const char *const three[] = { "tcp:a:81", "tcp:a:82", "tcp:a:80", NULL };
	struct reed_http_proxy_options o = both();
	struct world w;

	o.upstreams = three;
	o.first_ms = 1000;
	o.tries = 1;
	world_open(&w, o, NULL);
	speak(&w, "a", "tcp:81", "SSH-2.0-OpenSSH_9.2\r\n\r\n", false);
	speak(&w, "a", "tcp:82", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", true);
	check_int(get(&w, "/"), 502);
	check_int(get(&w, "/"), 0);
	check_int(get(&w, "/x-never"), 504);
	check(counts(&w, "upstream=\"tcp:a:81\",kind=\"protocol\"} 1\n"));
	check(counts(&w, "upstream=\"tcp:a:82\",kind=\"closed\"} 1\n"));
	check(counts(&w, "upstream=\"tcp:a:80\",kind=\"timeout\"} 1\n"));
	check(counts(&w, "upstream=\"tcp:a:80\",kind=\"connect\"} 0\n"));
	world_close(&w);
}

static void options_that_cannot_be_are_told(void)
{
	static const char *const bad[] = { "tcp:", NULL };
	struct reed_http_proxy_options o = REED_HTTP_PROXY_OPTIONS;
	struct reed_sim *sim = reed_sim_new(NULL);
	struct reed_loop *loop = reed_sim_host(sim, "x");
	struct reed_http_proxy *proxy = NULL;
	struct reed_fault *fault = NULL;

	check_int(reed_http_proxy_new(loop, &o, &proxy, &fault), REED_EINVAL);
	reed_fault_free(fault);
	fault = NULL;
	o.upstreams = bad;
	check_int(reed_http_proxy_new(loop, &o, &proxy, &fault), REED_ESYNTAX);
	reed_fault_free(fault);
	fault = NULL;
	o.upstreams = only_a;
	o.trust = "everybody";
	check_int(reed_http_proxy_new(loop, &o, &proxy, &fault), REED_ESYNTAX);
	check(has(fault->sentence, "everybody"));
	reed_fault_free(fault);
	reed_sim_free(sim);
}

int main(void)
{
	RUN(an_upstream_is_told_who_asks);
	RUN(a_client_of_http_2_is_served_alike);
	RUN(what_is_of_one_hop_stays_behind);
	RUN(a_trusted_peer_is_believed);
	RUN(bodies_pass_both_ways);
	RUN(an_upgrade_becomes_a_tunnel);
	RUN(a_tunnel_of_http_2_becomes_an_upgrade);
	RUN(a_websocket_of_http_2_is_given_a_key);
	RUN(an_upstream_is_told_by_the_proxy_protocol);
	RUN(who_is_not_there_is_passed_over);
	RUN(who_rests_is_tried_again_by_one);
	RUN(silence_is_504_and_is_not_asked_twice);
	RUN(what_is_no_http_is_502);
	RUN(an_answer_that_breaks_off_breaks_off_here_too);
	RUN(broken_chunks_have_no_last_one);
	RUN(a_stale_connection_is_replaced);
	RUN(an_early_answer_ends_an_upload);
	RUN(a_body_that_stops_is_told_once);
	RUN(checks_tell_who_is_ill);
	RUN(what_two_could_read_differently_goes_nowhere);
	RUN(an_answer_to_nobody_is_nobodys);
	RUN(what_must_not_go_up_does_not);
	RUN(each_upstream_is_counted);
	RUN(failures_are_counted_by_kind);
	RUN(options_that_cannot_be_are_told);
	return 0;
}
