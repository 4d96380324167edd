/* HTTP/2 in a simulation: slow, deaf and vanished peers, drops, a graceful stop. */

#include "h2_text.h"
#include "world.h"

#include "tests/check.h"

#define GET     ":method=GET :scheme=http :authority=a"
#define CONNECT ":method=CONNECT :protocol=echo :scheme=http :authority=a :path=/tunnel"
#define POST    ":method=POST :scheme=http :authority=a"

/* What it hears are frames. */
static void hear(struct talker *self)
{
	struct reed_slice in = reed_peek(self->stream);
	struct reed_buf line = { .limit = 0 };
	size_t had = in.n;

	while (h2_text_take(self->arg, &in, &line)) {
		reed_buf_add_char(&line, '\n');
		talker_note(self, reed_buf_slice(&line));
	}
	reed_skip(self->stream, had - in.n);
	reed_buf_finish(&line);
}

static void end(struct talker *self)
{
	nghttp2_hd_inflate_del(self->arg);
}

static struct talker *speak(struct talker *self, const char *lines)
{
	nghttp2_hd_inflater *inflater;

	check_int(nghttp2_hd_inflate_new(&inflater), 0);
	self->arg = inflater;
	self->hear = hear;
	self->end = end;
	h2_text_add_all(&self->out, "PREFACE\nSETTINGS 0\n");
	h2_text_add_all(&self->out, lines);
	return self;
}

static struct talker *client_new(struct reed_sim *sim, const char *lines, char *heard)
{
	return speak(talker_new(sim, "", heard), lines);
}

static struct talker *client(struct world *w, const char *lines)
{
	return speak(world_talker(w, ""), lines);
}

/* n pieces of a body, each of almost a quarter of the window it begins with; data: "DATA 1 ". */
static void add_bodies(struct talker *c, const char *data, int n)
{
	char line[16020] = { 0 };

	memset(line, '.', sizeof(line) - 1);
	memcpy(line, data, strlen(data));
	while (n-- > 0)
		h2_text_add(&c->out, line);
}

/* ---- tests ---- */

static void requests_that_come_byte_by_byte_are_answered(void)
{
	struct world w;
	struct talker *c;

	world_open(&w, NULL);
	c = client(&w, "HEADERS 1 end " GET " :path=/n/1\nHEADERS 3 end " GET " :path=/n/2\n");
	c->step = 3;
	world_play(&w, c);
	check(strstr(w.heard, "DATA 1 end number 1") && strstr(w.heard, "DATA 3 end number 2"));
	world_close(&w);
}

static void an_idle_connection_is_told_so(void)
{
	struct world w;

	world_open(&w, NULL);
	world_play(&w, client(&w, "HEADERS 1 end " GET " :path=/n/1\n"));
	check(strstr(w.heard, "number 1") && strstr(w.heard, "GOAWAY 0 1 0"));
	check(w.took > REED_S(59) && w.took < REED_S(62));
	world_close(&w);
}

static void a_head_that_does_not_come_in_time_ends_it(void)
{
	struct world w;

	world_open(&w, NULL);
	world_play(&w, client(&w, "HEADERS 1 end open " GET "\n"));
	check(strstr(w.heard, "GOAWAY 0 1 0") != NULL);
	check(w.took > REED_S(19) && w.took < REED_S(22));
	world_close(&w);
}

static void a_body_that_does_not_come_in_time_is_408_and_hurts_no_other(void)
{
	struct world w;

	world_open(&w, NULL);
	world_play(&w, client(&w, "HEADERS 1 " POST " :path=/echo\nDATA 1 abc\n"
	                          "HEADERS 3 end " GET " :path=/slow/50000\n"));
	check(strstr(w.heard, "HEADERS 1 :status=408") && strstr(w.heard, "DATA 3 end slow"));
	world_close(&w);
}

static void a_body_that_nobody_wants_is_not_waited_for(void)
{
	struct world w;

	world_open(&w, NULL);
	world_play(&w, client(&w, "HEADERS 1 " POST " :path=/deaf\n"));
	check(strstr(w.heard, "HEADERS 1 end :status=204") && strstr(w.heard, "RST_STREAM 1 0"));
	check_int(world_stats(&w).connections, 0);
	world_close(&w);
}

static void a_request_that_takes_too_long_is_503(void)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct world w;

	options.limits.total_ms = 5000;
	world_open(&w, &options);
	world_play(&w, client(&w, "HEADERS 1 end " GET " :path=/slow/60000\n"));
	check(strstr(w.heard, "HEADERS 1 :status=503") != NULL);
	check_int(w.site.dropped, 1);
	world_close(&w);
}

static void a_stream_that_is_reset_takes_its_handler_along(void)
{
	struct world w;

	world_open(&w, NULL);
	world_play(&w, client(&w, "HEADERS 1 end " GET " :path=/slow/60000\nRST_STREAM 1 8\n"
	                          "HEADERS 3 end " GET " :path=/n/1\n"));
	check_int(w.site.begun, 1);
	check_int(w.site.dropped, 1);
	check(!strstr(w.heard, "HEADERS 1 ") && strstr(w.heard, "number 1"));
	world_close(&w);
}

static void a_client_that_goes_takes_its_handlers_along(void)
{
	struct world w;
	struct talker *c;

	world_open(&w, NULL);
	c = client(&w, "HEADERS 1 end " GET " :path=/slow/60000\n"
	               "HEADERS 3 end " GET " :path=/slow/60000\n");
	c->shuts = true;
	world_play(&w, c);
	check_int(w.site.begun, 2);
	check_int(w.site.dropped, 2);
	check(w.took < REED_S(1));
	world_close(&w);
}

static void a_stop_finishes_what_is_under_way(void)
{
	struct world w;

	world_open(&w, NULL);
	world_stop_amid(&w, client(&w, "HEADERS 1 end " GET " :path=/slow/3000\n"));
	check(strstr(w.heard, "GOAWAY 0 2147483647 0") && strstr(w.heard, "DATA 1 end slow"));
	world_close(&w);
}

/* It sends a body of many windows, and the handler sends it back: to nobody. */
static void a_peer_that_gives_no_room_holds_one_window_and_is_let_go(void)
{
	struct world w;
	struct talker *c;

	world_open(&w, NULL);
	c = client(&w, "HEADERS 1 " POST " :path=/pipe\n");
	add_bodies(c, "DATA 1 ", 4);
	reed_sim_add(w.sim, reed_start(&c->co));
	reed_sim_run_for(w.sim, REED_S(10));
	check_int(world_stats(&w).active, 1);
	check(strstr(w.heard, "HEADERS 1 :status=200") != NULL);
	reed_sim_run_for(w.sim, REED_S(200));
	check_int(world_stats(&w).active, 0);
	world_close(&w);
}

static void a_peer_that_reads_nothing_is_let_go(void)
{
	struct world w;
	struct talker *c;

	world_open(&w, NULL);
	c = client(&w, "WINDOW_UPDATE 0 1000000000\n");
	h2_text_add(&c->out, "SETTINGS 0 4=1000000000");
	for (int i = 0; i < 400; i++)
		h2_text_add(&c->out, "PING 0");
	c->deaf = true;
	reed_sim_add(w.sim, reed_start(&c->co));
	reed_sim_run_for(w.sim, REED_S(300));
	check_int(world_stats(&w).connections, 0);
	world_close(&w);
}

/* RFC 9113 6.9: what the handler has not read the client may not send. */
static void more_than_the_window_breaks_it(void)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct world w;
	struct talker *c;

	options.limits.window = 20000;
	world_open(&w, &options);
	c = client(&w, "SETTINGS 0 ack\nHEADERS 3 " POST " :path=/slow/50000\n");
	add_bodies(c, "DATA 3 ", 2);
	world_play(&w, c);
	check(strstr(w.heard, "RST_STREAM 3 3") != NULL); /* FLOW_CONTROL_ERROR */
	world_close(&w);
}

static void a_tunnel_lasts_as_long_as_both_want_it(void)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct world w;
	struct talker *c;

	options.limits.total_ms = 5000;
	world_open(&w, &options);
	c = client(&w, "HEADERS 1 " CONNECT "\nDATA 1 abc\n");
	reed_sim_add(w.sim, reed_start(&c->co));
	reed_sim_run_for(w.sim, REED_S(3600));
	check(strstr(w.heard, "DATA 1 abc") != NULL);
	check_int(world_stats(&w).active, 1);
	world_close(&w);
	check_int(w.site.dropped, 1);
}

/* It sends many windows and takes nothing back: what is on the way is bounded. */
static void a_tunnel_that_gives_no_room_holds_little_and_is_let_go(void)
{
	struct world w;
	struct talker *c;

	world_open(&w, NULL);
	c = client(&w, "SETTINGS 0 4=0\nHEADERS 1 " CONNECT "\n");
	add_bodies(c, "DATA 1 ", 4);
	reed_sim_add(w.sim, reed_start(&c->co));
	reed_sim_run_for(w.sim, REED_S(10));
	check_int(world_stats(&w).active, 1);
	reed_sim_run_for(w.sim, REED_S(200));
	check_int(world_stats(&w).active, 0);
	check(strstr(w.heard, "RST_STREAM 1 8") != NULL);
	world_close(&w);
}

static void a_tunnel_of_a_client_that_goes_is_dropped(void)
{
	struct world w;
	struct talker *c;

	world_open(&w, NULL);
	c = client(&w, "HEADERS 1 " CONNECT "\nHEADERS 3 " CONNECT "\nRST_STREAM 3 8\n");
	c->shuts = true;
	world_play(&w, c);
	check_int(world_stats(&w).active, 0);
	check_int(w.site.begun, w.site.dropped);
	world_close(&w);
}

static void a_drop_at_any_moment_leaves_nothing(void)
{
	uint64_t points =
		world_drop_everywhere(client_new,
	                              "HEADERS 1 " POST " :path=/pipe\nDATA 1 abc\n"
	                              "HEADERS 3 end " GET " :path=/slow/5\n"
	                              "HEADERS 5 " POST " :path=/echo\nDATA 5 end abc\n"
	                              "HEADERS 7 end " GET " :path=/half\n"
	                              "HEADERS 9 end " GET " :path=/slow/50\nRST_STREAM 9 8\n"
	                              "DATA 1 def\nHEADERS 1 end sum=1\n"
	                              "HEADERS 13 " CONNECT "\nDATA 13 abc\nDATA 13 end\n"
	                              "HEADERS 15 " CONNECT "\nRST_STREAM 15 8\n"
	                              "HEADERS 17 end " GET " :path=/slow/500\n");

	check(points > 20);
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
	RUN(a_tunnel_lasts_as_long_as_both_want_it);
	RUN(a_tunnel_that_gives_no_room_holds_little_and_is_let_go);
	RUN(a_tunnel_of_a_client_that_goes_is_dropped);
	RUN(a_drop_at_any_moment_leaves_nothing);
	return 0;
}
