/* Shipping the log: what is sent, and what becomes of it when nobody takes it. */

#include "reed/ship.h"

#include <unistd.h>

#include "reed/dgram.h"
#include "sim_tools.h"

enum { MANY = 20000, ROOM = 64 << 10 };

/* ---- the form of a record ---- */

static const struct reed_log_field fields[] = {
	{ "nick", { "a]\"\\\n\xff", 6 }, false },
	{ "after", { "17", 2 }, true },
};

/* 2026-01-02 03:04:05.678901 UTC */
static struct reed_log_event event_of(const char *message, size_t count)
{
	return (struct reed_log_event){ .level = REED_LOG_WARN,
		                        .wall = REED_S(1767323045) + 678901234,
		                        .message = reed_slice_of(message),
		                        .fields = fields,
		                        .count = count };
}

static struct reed_ship_options options_to(const char *endpoint)
{
	struct reed_ship_options o = REED_SHIP_OPTIONS;

	o.endpoint = endpoint;
	o.host = "here.example";
	o.app = "reed-chat";
	o.pid = 42;
	o.id = "reed@32473";
	return o;
}

static char *rendered(const struct reed_ship_options *o, struct reed_log_event e, size_t longest)
{
	struct reed_buf out = { 0 };

	reed_ship_render(&e, o, longest, &out);
	return reed_buf_take(&out);
}

static void becomes(const struct reed_ship_options *o, struct reed_log_event e, const char *wanted)
{
	char *got = rendered(o, e, REED_SHIP_LONGEST);

	check_str(got, wanted);
	reed_free(got);
}

static void syslog_has_the_fields_as_structured_data(void)
{
	struct reed_ship_options o = options_to("tcp:h:514");

	becomes(&o, event_of("client has left", 0),
	        "<28>1 2026-01-02T03:04:05.678901Z here.example reed-chat 42 - - client has left");
	becomes(&o, event_of("client has left", 2),
	        "<28>1 2026-01-02T03:04:05.678901Z here.example reed-chat 42 - "
	        "[reed@32473 nick=\"a\\]\\\"\\\\ \xef\xbf\xbd\" after=\"17\"] client has left");
	o.facility = 23;
	o.host = "no good\xc3\xa9";
	o.pid = 0;
	becomes(&o, event_of("x", 0),
	        "<188>1 2026-01-02T03:04:05.678901Z no_good__ reed-chat - - - x");
	o.id = NULL;
	becomes(&o, event_of("x", 2),
	        "<188>1 2026-01-02T03:04:05.678901Z no_good__ reed-chat - - - "
	        "x nick=\"a]\\\"\\\\\\n\\xff\" after=17");
}

static void what_is_not_ascii_is_marked_as_utf8(void)
{
	struct reed_ship_options o = options_to("udp:h:514");

	becomes(&o, event_of("caf\xc3\xa9", 0),
	        "<28>1 2026-01-02T03:04:05.678901Z here.example reed-chat 42 - - "
	        "\xef\xbb\xbf"
	        "caf\xc3\xa9");
}

static void the_log_of_the_machine_gets_the_form_it_knows(void)
{
	struct reed_ship_options o = options_to("unix:/dev/log");

	setenv("TZ", "UTC", 1);
	becomes(&o, event_of("client has left", 2),
	        "<28>Jan  2 03:04:05 reed-chat[42]: client has left "
	        "nick=\"a]\\\"\\\\\\n\\xff\" after=17");
}

static void what_is_too_long_is_cut_where_it_stays_valid(void)
{
	struct reed_ship_options o = options_to("udp:h:514");
	char *message = reed_alloc(5000), *got;
	struct reed_log_field long_one = { "text", { message, 4000 }, false };
	struct reed_log_event e = event_of(message, 1);

	for (size_t i = 0; i < 4000; i += 2)
		memcpy(message + i, "\xc3\xa9", 2);
	e.message = reed_slice_of(message);
	e.fields = &long_one;
	got = rendered(&o, e, REED_SHIP_DATAGRAM);
	check(strlen(got) <= REED_SHIP_DATAGRAM && strlen(got) > REED_SHIP_DATAGRAM / 3);
	check(reed_slice_is_utf8(reed_slice_of(got)));
	check(strstr(got, "- [reed@32473] \xef\xbb\xbf\xc3\xa9"));
	reed_free(got);
	o.format = REED_SHIP_JSON;
	got = rendered(&o, e, REED_SHIP_DATAGRAM);
	check(strlen(got) <= REED_SHIP_DATAGRAM && got[strlen(got) - 1] == '}');
	check(reed_slice_is_utf8(reed_slice_of(got)));
	reed_free(got);
	reed_free(message);
}

/* ---- a peer ---- */

struct peer {
	struct reed_co co;
	struct reed_listener *listener;
	struct reed_stream *stream;
	struct reed_buf *got;
	bool is_deaf;
};

static void peer_run(struct reed_co *co)
{
	struct peer *self = reed_frame(co, struct peer);

	reed_coroutine (co) {
		for (;;) {
			reed_try(co, reed_accept(self->listener, &self->stream));
			while (self->is_deaf)
				reed_try(co, reed_sleep(co->loop, 1000));
			while (!co->err) {
				reed_buf_add(self->got, reed_peek(self->stream));
				reed_skip(self->stream, reed_peek(self->stream).n);
				reed_await(co, reed_more(self->stream));
			}
			reed_close(self->stream);
			self->stream = NULL;
			reed_buf_add_char(self->got, '|');
		}
	}
}

static void peer_end(struct reed_co *co)
{
	struct peer *self = reed_frame(co, struct peer);

	reed_close(self->stream);
	reed_listener_close(self->listener);
}

static const struct reed_co_kind peer_kind = {
	.name = "peer",
	.size = sizeof(struct peer),
	.run = peer_run,
	.end = peer_end,
};

/* ---- two hosts ---- */

struct town {
	struct reed_sim *sim;
	struct reed_loop *a, *b; /* a ships to b */
	struct reed_ship *ship;
	struct reed_buf got; /* by b; '|' where a connection ended */
	struct reed_waiter peer;
};

static void peer_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	(void)w;
	(void)err;
	reed_fault_free(fault);
}

static struct peer *open_peer(struct town *t)
{
	struct peer *self = reed_co_new(t->b, &peer_kind);

	check_int(reed_sim_listen(t->b, PORT, &self->listener), REED_OK);
	self->got = &t->got;
	t->peer.wake = peer_wake;
	reed_wait(reed_start(&self->co), &t->peer);
	return self;
}

static void town_init(struct town *t, enum reed_ship_format format)
{
	struct reed_ship_options o = options_to("tcp:b.example:7");
	struct reed_log_options quiet = REED_LOG_OPTIONS;
	struct reed_sim_options options = REED_SIM_OPTIONS;

	*t = (struct town){ .sim = reed_sim_new(&options) };
	t->a = reed_sim_host(t->sim, "a.example");
	t->b = reed_sim_host(t->sim, "b.example");
	quiet.to = REED_LOG_TO_NOBODY;
	reed_log_open(reed_log_of(t->a), &quiet, NULL);
	reed_log_open(reed_log_of(t->b), &quiet, NULL);
	o.format = format;
	o.room = ROOM;
	t->ship = reed_ship_new(t->a, &o);
}

static void town_finish(struct town *t)
{
	reed_ship_free(t->ship);
	reed_unwait(t->b, &t->peer);
	check_int(reed_sim_run(t->sim), REED_OK);
	reed_sim_free(t->sim);
	reed_buf_finish(&t->got);
}

static struct reed_ship_stats stats_of_ship(const struct town *t)
{
	struct reed_ship_stats stats = { .size = sizeof(stats) };

	reed_ship_stats(t->ship, &stats);
	return stats;
}

static void pass(struct town *t, int seconds)
{
	check_int(reed_sim_run_for(t->sim, REED_S(seconds)), REED_OK);
}

/* Frames by RFC 6587 3.4.1: how many, and the sum of what they say was lost. */
struct count {
	uint64_t frames, lost, last;
};

static bool take_frame(struct reed_slice *rest, struct reed_slice *frame)
{
	uint64_t n;
	struct reed_slice digits = reed_slice_cut(rest, ' ');

	if (reed_slice_u64(digits, 100000, &n) || rest->n < n)
		return false;
	*frame = reed_slice_first(*rest, n);
	*rest = reed_slice_from(*rest, n);
	return true;
}

static uint64_t number_behind(struct reed_slice frame, const char *key)
{
	char *text = reed_slice_dup(frame), *at = strstr(text, key);
	uint64_t n = at ? strtoull(at + strlen(key), NULL, 10) : 0;

	reed_free(text);
	return n;
}

static struct count count_frames(const struct town *t)
{
	struct reed_slice rest = reed_buf_slice(&t->got), frame;
	struct count c = { 0 };

	while (rest.n > 0) {
		while (rest.n > 0 && rest.p[0] == '|')
			rest = reed_slice_from(rest, 1);
		if (rest.n == 0 || !take_frame(&rest, &frame))
			break;
		c.lost += number_behind(frame, "records=\"");
		if (number_behind(frame, " n=\"") == 0)
			continue;
		c.frames++;
		check(number_behind(frame, " n=\"") > c.last);
		c.last = number_behind(frame, " n=\"");
	}
	return c;
}

static void records_come_in_order_and_counted(void)
{
	struct town t;
	struct count c;

	town_init(&t, REED_SHIP_SYSLOG);
	open_peer(&t);
	for (int i = 1; i <= 300; i++)
		reed_log(t.a, REED_LOG_INFO, "a line n=%d", i);
	pass(&t, 5);
	c = count_frames(&t);
	check_int(c.frames, 300);
	check_int(c.lost, 0);
	check_int(stats_of_ship(&t).shipped, 300);
	check_int(stats_of_ship(&t).waiting, 0);
	town_finish(&t);
}

static void objects_come_a_line_each(void)
{
	struct town t;
	struct reed_slice rest;

	town_init(&t, REED_SHIP_JSON);
	open_peer(&t);
	reed_log(t.a, REED_LOG_INFO, "a line n=%d text=%s", 1, "x\ny");
	reed_log(t.a, REED_LOG_DEBUG, "nobody wants that");
	reed_log(t.a, REED_LOG_ERROR, "a line n=%d", 2);
	pass(&t, 5);
	rest = reed_buf_slice(&t.got);
	check(reed_slice_ends(reed_slice_cut(&rest, '\n'), REED_STR("}")));
	check(reed_slice_starts(rest, REED_STR("{\"time\":")));
	check(reed_slice_ends(reed_slice_cut(&rest, '\n'), REED_STR("}")));
	check_int(rest.n, 0);
	town_finish(&t);
}

static void a_dead_peer_costs_bounded_memory_and_hears_of_the_loss(void)
{
	struct town t;
	struct count c;

	town_init(&t, REED_SHIP_SYSLOG);
	for (int i = 1; i <= MANY; i++) {
		reed_log(t.a, REED_LOG_INFO, "a line n=%d", i);
		check(stats_of_ship(&t).memory <= ROOM);
	}
	pass(&t, 100);
	check(stats_of_ship(&t).dropped > MANY / 2);
	check(stats_of_ship(&t).failures > 2);
	check(stats_of_ship(&t).failures < 20);
	open_peer(&t);
	pass(&t, 100);
	check(stats_of_ship(&t).connected);
	c = count_frames(&t);
	check(c.frames > 100);
	check_int(c.frames + c.lost, MANY + 1); /* one of the lost was about the peer */
	reed_log(t.a, REED_LOG_INFO, "a line n=%d", MANY + 5);
	pass(&t, 5);
	check_int(count_frames(&t).last, MANY + 5);
	town_finish(&t);
}

static void a_peer_that_comes_back_gets_what_it_missed(void)
{
	struct town t;

	town_init(&t, REED_SHIP_SYSLOG);
	open_peer(&t);
	for (int i = 1; i <= 10; i++)
		reed_log(t.a, REED_LOG_INFO, "a line n=%d", i);
	pass(&t, 5);
	reed_unwait(t.b, &t.peer);
	pass(&t, 5);
	for (int i = 11; i <= 20; i++)
		reed_log(t.a, REED_LOG_INFO, "a line n=%d", i);
	pass(&t, 30);
	open_peer(&t);
	pass(&t, 100);
	check_int(count_frames(&t).frames, 20);
	check_int(count_frames(&t).last, 20);
	town_finish(&t);
}

static void a_peer_that_reads_nothing_is_given_up(void)
{
	struct town t;
	struct peer *peer;

	town_init(&t, REED_SHIP_SYSLOG);
	peer = open_peer(&t);
	peer->is_deaf = true;
	for (int s = 0; s < 100; s++) {
		for (int i = 1; i <= 1000; i++)
			reed_log(t.a, REED_LOG_INFO, "a line n=%d", s * 1000 + i);
		pass(&t, 1);
		check(stats_of_ship(&t).memory <= ROOM);
	}
	check(stats_of_ship(&t).failures > 0);
	check(stats_of_ship(&t).dropped > 0);
	town_finish(&t);
}

static void who_rests_hangs_up_and_sends_the_last_words_later(void)
{
	struct town t;

	town_init(&t, REED_SHIP_SYSLOG);
	open_peer(&t);
	reed_log(t.a, REED_LOG_INFO, "a line n=%d", 1);
	pass(&t, 5);
	check(stats_of_ship(&t).connected);
	reed_ship_rest(t.ship);
	pass(&t, 5);
	check(!stats_of_ship(&t).connected);
	reed_log(t.a, REED_LOG_INFO, "a line n=%d", 2);
	pass(&t, 5);
	check_int(count_frames(&t).frames, 1);
	reed_ship_last_words(t.ship);
	check(!reed_ship_is_done(t.ship));
	pass(&t, 5);
	check(reed_ship_is_done(t.ship));
	check_int(count_frames(&t).frames, 2);
	town_finish(&t);
}

static void last_words_to_nobody_are_tried_once(void)
{
	struct town t;

	town_init(&t, REED_SHIP_SYSLOG);
	reed_log(t.a, REED_LOG_INFO, "a line n=%d", 1);
	reed_ship_last_words(t.ship);
	pass(&t, 5);
	check(reed_ship_is_done(t.ship));
	check_int(stats_of_ship(&t).failures, 1);
	town_finish(&t);
}

/* ---- datagrams, of the system ---- */

static void a_unix_socket_of_datagrams_is_served(void)
{
	struct reed_dgram_options plain = REED_DGRAM_OPTIONS;
	struct reed_ship_options o = options_to(NULL);
	struct reed_log_options quiet = REED_LOG_OPTIONS;
	struct reed_address at = { .family = REED_FAMILY_UNIX };
	struct reed_fault *fault = NULL;
	struct reed_datagram in;
	struct reed_dgram *d;
	struct reed_loop *loop;
	struct reed_ship *ship;
	char folder[] = "/tmp/reed-ship-XXXXXX", endpoint[200];

	check(mkdtemp(folder));
	check_int(reed_loop_new(NULL, &loop), REED_OK);
	quiet.to = REED_LOG_TO_NOBODY;
	reed_log_open(reed_log_of(loop), &quiet, NULL);
	snprintf(at.path, sizeof(at.path), "%s/log", folder);
	check_int(reed_dgram_bind(loop, &at, &plain, &d, &fault), REED_OK);
	snprintf(endpoint, sizeof(endpoint), "unix:%s/log", folder);
	o.endpoint = endpoint;
	ship = reed_ship_new(loop, &o);
	reed_log(loop, REED_LOG_INFO, "a line n=%d", 7);
	check_int(reed_loop_run_until(loop, reed_within(5000, reed_dgram_receive(d, &in)), NULL),
	          REED_OK);
	check(reed_slice_starts(in.data, REED_STR("<30>")));
	check(reed_slice_ends(in.data, REED_STR(" reed-chat[42]: a line n=7")));
	reed_ship_free(ship);
	reed_dgram_close(d);
	reed_loop_free(loop);
	unlink(at.path);
	rmdir(folder);
}

int main(void)
{
	RUN(syslog_has_the_fields_as_structured_data);
	RUN(what_is_not_ascii_is_marked_as_utf8);
	RUN(the_log_of_the_machine_gets_the_form_it_knows);
	RUN(what_is_too_long_is_cut_where_it_stays_valid);
	RUN(records_come_in_order_and_counted);
	RUN(objects_come_a_line_each);
	RUN(a_dead_peer_costs_bounded_memory_and_hears_of_the_loss);
	RUN(a_peer_that_comes_back_gets_what_it_missed);
	RUN(a_peer_that_reads_nothing_is_given_up);
	RUN(who_rests_hangs_up_and_sends_the_last_words_later);
	RUN(last_words_to_nobody_are_tried_once);
	RUN(a_unix_socket_of_datagrams_is_served);
	return 0;
}
