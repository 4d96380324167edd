/* The server in a simulation: slow, half-closed and vanished peers, drops, a graceful stop. */

#include "world.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "tests/check.h"

/* ---- tests ---- */

static void a_head_that_does_not_come_in_time_is_408(void)
{
	struct world w;
	struct talker *c;

	world_open(&w, NULL);
	c = world_talker(&w, "GET / HTTP/1.1\r\nHost: a");
	c->step = 1;
	world_play(&w, c);
	check(strstr(w.heard, "408 Request Timeout") != NULL);
	world_close(&w);
}

static void a_body_that_does_not_come_in_time_is_408(void)
{
	struct world w;

	world_open(&w, NULL);
	world_play(&w,
	           world_talker(&w,
	                        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"));
	check(strstr(w.heard, "408 Request Timeout") != NULL);
	check(w.took > REED_S(29) && w.took < REED_S(65));
	world_close(&w);
}

static void a_body_that_comes_slowly_is_read(void)
{
	struct world w;
	struct talker *c;

	world_open(&w, NULL);
	c = world_talker(
		&w, "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 600"
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
	world_play(&w, c);
	check(strstr(w.heard, "200 OK") != NULL);
	world_close(&w);
}

static void an_idle_connection_ends(void)
{
	struct world w;

	world_open(&w, NULL);
	world_play(&w, world_talker(&w, "GET /hello/x HTTP/1.1\r\nHost: a\r\n\r\n"));
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
	world_play(&w, world_talker(&w, "GET /slow/60000 HTTP/1.1\r\nHost: a\r\n\r\n"));
	check(strstr(w.heard, "503 Service Unavailable") != NULL);
	check_int(w.site.dropped, 1);
	check(w.took < REED_S(7));
	world_close(&w);
}

static void a_client_that_goes_takes_its_handler_along(void)
{
	struct world w;
	struct talker *c;

	world_open(&w, NULL);
	c = world_talker(&w, "GET /slow/60000 HTTP/1.1\r\nHost: a\r\n\r\n");
	c->shuts = true;
	world_play(&w, c);
	check_str(w.heard, "");
	check_int(w.site.begun, 1);
	check_int(w.site.dropped, 1);
	check(w.took < REED_S(1));
	world_close(&w);
}

static void requests_before_a_half_close_are_answered(void)
{
	struct world w;
	struct talker *c;

	world_open(&w, NULL);
	c = world_talker(
		&w, "GET /n/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /n/2 HTTP/1.1\r\nHost: a\r\n\r\n");
	c->shuts = true;
	world_play(&w, c);
	check(strstr(w.heard, "number 1") && strstr(w.heard, "number 2"));
	world_close(&w);
}

static void a_stop_finishes_what_is_under_way(void)
{
	struct world w;

	world_open(&w, NULL);
	world_stop_amid(&w, world_talker(&w, "GET /slow/3000 HTTP/1.1\r\nHost: a\r\n\r\n"));
	check(strstr(w.heard, "Connection: close") && strstr(w.heard, "slow"));
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

static void a_drop_at_any_moment_leaves_nothing(void)
{
	uint64_t points = world_drop_everywhere(
		talker_new, "POST /pipe HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
			    "3\r\nabc\r\n0\r\n\r\n"
			    "GET /slow/5 HTTP/1.1\r\nHost: a\r\n\r\n"
			    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
			    "GET /tunnel HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n"
			    "Upgrade: echo\r\n\r\nabc");

	check(points > 20);
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
