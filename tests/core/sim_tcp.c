/* The simulated network: what TCP promises, and what it does not. */

#include "sim_tools.h"

#include "core/os.h"
#include "core/private.h"

enum { ROUND_TRIP_MS = 20 };

/* ---- connecting ---- */

static void connecting_takes_a_round_trip(void)
{
	struct world w;

	world_exact(&w);
	check_int(reed_sim_now(w.sim), REED_MS(30)); /* accepted half a round trip later */
	world_finish(&w);
}

static void both_ends_know_both_addresses(void)
{
	struct reed_stream_facts a = { .size = sizeof(a) }, b = { .size = sizeof(b) };
	char text[REED_ADDRESS_TEXT];
	struct world w;

	world_exact(&w);
	reed_stream_facts(w.at_a, &a);
	reed_stream_facts(w.at_b, &b);
	check_str(reed_address_host(&a.local, text), "10.0.0.1");
	check_str(reed_address_text(&a.peer, text), "10.0.0.2:7");
	check(reed_address_eq(&a.local, &b.peer));
	check(reed_address_eq(&a.peer, &b.local));
	check(a.local.port >= 32768);
	world_finish(&w);
}

static void where_nobody_listens_a_connection_is_refused(void)
{
	struct reed_stream *s = NULL;
	struct reed_fault *fault;
	struct world w;

	world_exact(&w);
	check_int(reed_sim_run_until(w.sim, reed_sim_dial(w.a, "b.example", 8, &s), &fault),
	          REED_EREFUSED);
	check_str(fault->sentence, "10.0.0.2:8: connection refused");
	check_int(reed_sim_now(w.sim), REED_MS(30 + ROUND_TRIP_MS));
	check(!s);
	reed_fault_free(fault);
	world_finish(&w);
}

static void an_unknown_name_is_told_at_once(void)
{
	struct reed_stream *s;
	struct world w;

	world_exact(&w);
	ends_as(&w, reed_sim_dial(w.a, "c.example", 8, &s), REED_ENAME);
	check_int(reed_sim_now(w.sim), REED_MS(30));
	world_finish(&w);
}

/* As Linux does: six repetitions, 127 seconds. */
static void a_host_that_is_down_does_not_answer(void)
{
	struct reed_stream *s;
	struct world w;

	world_exact(&w);
	reed_sim_host(w.sim, "c.example");
	reed_sim_crash(w.sim, "c.example");
	ends_as(&w, reed_sim_dial(w.a, "c.example", PORT, &s), REED_ETIMEDOUT);
	check_int(reed_sim_now(w.sim), REED_MS(30) + REED_S(127));
	world_finish(&w);
}

static void a_dropped_dial_leaves_nothing(void)
{
	struct reed_stream *s = NULL;
	struct reed_future *f;
	struct world w;

	world_init(&w, NULL);
	for (int us = 0; us < 1000; us += 10) {
		f = reed_sim_dial(w.a, "b.example", PORT, &s);
		check_int(reed_sim_run_for(w.sim, REED_US(us)), REED_OK);
		reed_drop(f);
		check_int(reed_sim_run(w.sim), REED_OK);
		check(!s);
		check_int(stats_of(w.sim).sockets, 0);
	}
	world_finish(&w);
}

static void a_host_connects_to_itself(void)
{
	struct reed_listener *l;
	struct world w;

	world_init(&w, NULL);
	check_int(reed_sim_listen(w.a, 9, &l), REED_OK);
	ends_as(&w, reed_sim_dial(w.a, "localhost", 9, &w.at_a), REED_OK);
	ends_as(&w, reed_accept(l, &w.at_b), REED_OK);
	reed_write_str(w.at_a, "x\n");
	ends_as(&w, reed_more(w.at_b), REED_OK);
	check_slice(reed_peek(w.at_b), "x\n");
	reed_listener_close(l);
	world_finish(&w);
}

static void names_have_addresses_of_both_families(void)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	struct reed_sim_options options = REED_SIM_OPTIONS;
	char text[REED_ADDRESS_TEXT];
	struct world w;

	options.ipv6 = true;
	world_init(&w, &options);
	world_connect(&w);
	reed_stream_facts(w.at_a, &facts);
	check_str(reed_address_text(&facts.peer, text), "[fd00::2]:7");
	world_finish(&w);
}

/* ---- listening ---- */

static void a_port_is_taken_once(void)
{
	struct reed_listener *l;
	struct world w;

	world_init(&w, NULL);
	check_int(reed_sim_listen(w.b, PORT, &l), REED_EADDRINUSE);
	check_int(reed_sim_listen(w.a, PORT, &l), REED_OK);
	reed_listener_close(l);
	check_int(reed_sim_listen(w.a, PORT, &l), REED_OK);
	reed_listener_close(l);
	world_finish(&w);
}

static void port_0_is_any_port(void)
{
	struct reed_listener *l;
	struct world w;

	world_init(&w, NULL);
	check_int(reed_sim_listen(w.b, 0, &l), REED_OK);
	check(l->address.port >= 32768);
	ends_as(&w, reed_sim_dial(w.a, "b.example", l->address.port, &w.at_a), REED_OK);
	ends_as(&w, reed_accept(l, &w.at_b), REED_OK);
	reed_listener_close(l);
	world_finish(&w);
}

/* Beyond the backlog nobody is refused: a SYN is lost, and comes again after a second. */
static void who_is_beyond_the_backlog_comes_later(void)
{
	struct reed_sim_options options = REED_SIM_OPTIONS;
	struct reed_stream *at_a[3] = { NULL }, *at_b[3];
	struct reed_future *f;
	struct world w;

	options.backlog = 2;
	world_init(&w, &options);
	for (int i = 0; i < 2; i++)
		ends_as(&w, reed_sim_dial(w.a, "b.example", PORT, &at_a[i]), REED_OK);
	f = reed_sim_dial(w.a, "b.example", PORT, &at_a[2]);
	reed_sim_run_for(w.sim, REED_MS(500));
	check(!f->settled);
	ends_as(&w, reed_accept(w.listener, &at_b[0]), REED_OK);
	ends_as(&w, f, REED_OK);
	check(reed_sim_now(w.sim) > REED_S(1) && reed_sim_now(w.sim) < REED_MS(1010));
	for (int i = 1; i < 3; i++)
		ends_as(&w, reed_accept(w.listener, &at_b[i]), REED_OK);
	for (int i = 0; i < 3; i++) {
		reed_close(at_a[i]);
		reed_close(at_b[i]);
	}
	world_finish(&w);
}

static void a_closed_listener_resets_who_was_not_accepted(void)
{
	struct world w;

	world_init(&w, NULL);
	ends_as(&w, reed_sim_dial(w.a, "b.example", PORT, &w.at_a), REED_OK);
	reed_sim_run(w.sim);
	reed_listener_close(w.listener);
	w.listener = NULL;
	ends_as(&w, reed_more(w.at_a), REED_ERESET);
	world_finish(&w);
}

/* ---- bytes ---- */

struct sender {
	struct reed_co co;
	struct reed_stream *stream;
	size_t left;
	unsigned char next;
};

static void some_bytes(struct sender *self)
{
	unsigned char bytes[5000];
	size_t n = 1 + reed_random_below(self->co.loop, sizeof(bytes));

	n = n < self->left ? n : self->left;
	for (size_t i = 0; i < n; i++)
		bytes[i] = self->next++;
	self->left -= n;
	reed_write(self->stream, reed_slice(bytes, n));
}

static void sender_run(struct reed_co *co)
{
	struct sender *self = reed_frame(co, struct sender);

	reed_coroutine (co) {
		while (self->left > 0) {
			some_bytes(self);
			if (reed_must_drain(self->stream))
				reed_try(co, reed_drain(self->stream));
		}
		reed_try(co, reed_flush(self->stream));
		reed_shutdown(self->stream);
	}
}

static const struct reed_co_kind sender_kind = {
	.name = "sender",
	.size = sizeof(struct sender),
	.run = sender_run,
};

static struct reed_future *send_bytes(struct reed_stream *s, size_t n)
{
	struct sender *self = reed_co_new(s->loop, &sender_kind);

	self->stream = s;
	self->left = n;
	return reed_start(&self->co);
}

/* Reads to the end, and checks that each byte is the one that has to come. */
static void receive_bytes(struct world *w, struct reed_stream *s, size_t n)
{
	unsigned char next = 0;
	enum reed_err err;

	while (!(err = reed_sim_run_until(w->sim, reed_more(s), NULL))) {
		struct reed_slice in = reed_peek(s);

		for (size_t i = 0; i < in.n; i++)
			check_int((unsigned char)in.p[i], next++);
		check(in.n <= n);
		n -= in.n;
		reed_skip(s, in.n);
	}
	check_int(err, REED_EEOF);
	check_int(n, 0);
}

static void bytes_arrive_whole_whatever_befalls_the_packets(void)
{
	struct reed_sim_link rough = REED_SIM_ROUGH;
	struct reed_sim_options options = REED_SIM_OPTIONS;
	struct world w;

	options.link = &rough;
	options.partial_reads = options.partial_writes = 0.5;
	for (options.seed = 1; options.seed <= 10; options.seed++) {
		options.send_buffer = (uint32_t)(100 * options.seed * options.seed);
		options.receive_buffer = (uint32_t)(40000 / options.seed);
		world_init(&w, &options);
		world_connect(&w);
		reed_sim_add(w.sim, send_bytes(w.at_a, 100000));
		receive_bytes(&w, w.at_b, 100000);
		check(stats_of(w.sim).lost > 0);
		check(stats_of(w.sim).resent > 0);
		world_finish(&w);
	}
}

/* One byte of window: each has to be asked for. */
static void the_smallest_buffers_do(void)
{
	struct reed_sim_link lossy = { .size = sizeof(lossy),
		                       .delay_min = REED_MS(1),
		                       .delay_mean = REED_MS(1),
		                       .loss = 0.1 };
	struct reed_sim_options options = REED_SIM_OPTIONS;
	struct world w;

	options.link = &lossy;
	options.send_buffer = options.receive_buffer = 1;
	world_init(&w, &options);
	world_connect(&w);
	reed_sim_add(w.sim, send_bytes(w.at_a, 300));
	receive_bytes(&w, w.at_b, 300);
	world_finish(&w);
}

static void a_read_may_bring_less_than_there_is(void)
{
	struct reed_sim_options options = REED_SIM_OPTIONS;
	int whole = 0;
	struct world w;

	options.partial_reads = 0.5;
	world_init(&w, &options);
	world_connect(&w);
	for (int i = 0; i < 100; i++) {
		reed_write_str(w.at_a, "0123456789");
		reed_sim_run(w.sim);
		ends_as(&w, reed_more(w.at_b), REED_OK);
		whole += reed_peek(w.at_b).n == 10;
		while (reed_peek(w.at_b).n < 10)
			ends_as(&w, reed_more(w.at_b), REED_OK);
		check_slice(reed_peek(w.at_b), "0123456789");
		reed_skip(w.at_b, 10);
	}
	check(whole > 20 && whole < 80);
	world_finish(&w);
}

/* What the sender has queued, its buffer, and the receiver's window; no byte more. */
static void who_is_not_read_is_held_up(void)
{
	static char bytes[40000];
	struct reed_sim_options options = REED_SIM_OPTIONS;
	struct reed_future *f;
	struct world w;

	options.send_buffer = 10000;
	options.receive_buffer = 20000;
	world_init(&w, &options);
	world_connect(&w);
	reed_write(w.at_a, reed_slice(bytes, sizeof(bytes)));
	f = reed_flush(w.at_a);
	check_int(reed_sim_run_for(w.sim, REED_S(3600)), REED_OK);
	check(!f->settled);
	check_int(reed_queued(w.at_a), 10000);
	for (size_t n = 0; n < sizeof(bytes); reed_skip(w.at_b, reed_peek(w.at_b).n)) {
		ends_as(&w, reed_more(w.at_b), REED_OK);
		n += reed_peek(w.at_b).n;
	}
	ends_as(&w, f, REED_OK);
	world_finish(&w);
}

static ssize_t take_nothing(struct reed_stream *s, const struct iovec *iov, int count)
{
	(void)s;
	(void)iov;
	(void)count;
	return REED_EAGAIN;
}

/* Ready, told, and not used: again and again, but not for ever at one time. */
static void who_never_uses_what_is_ready_does_not_stop_time(void)
{
	struct reed_stream_ops idle;
	struct world w;

	world_exact(&w);
	idle = *w.at_a->ops;
	idle.write = take_nothing;
	w.at_a->ops = &idle;
	reed_write_str(w.at_a, "x");
	ends_as(&w, reed_within(20, reed_flush(w.at_a)), REED_ETIMEDOUT);
	check_int(reed_sim_now(w.sim), REED_MS(50));
	reed_abort(w.at_a);
	w.at_a = NULL;
	world_finish(&w);
}

static void a_link_has_a_bandwidth(void)
{
	struct reed_sim_link slow = EXACT_LINK;
	struct reed_sim_options options = REED_SIM_OPTIONS;
	struct world w;

	slow.bandwidth = 100000;
	options.link = &slow;
	world_init(&w, &options);
	world_connect(&w);
	reed_sim_add(w.sim, send_bytes(w.at_a, 1000000));
	receive_bytes(&w, w.at_b, 1000000);
	/* a million bytes of payload, 40 of headers to each 1460 */
	check(reed_sim_now(w.sim) > REED_MS(10270) && reed_sim_now(w.sim) < REED_S(11));
	world_finish(&w);
}

/* ---- ends ---- */

static void a_half_closed_connection_still_brings_answers(void)
{
	struct world w;

	world_exact(&w);
	reed_write_str(w.at_a, "question");
	reed_shutdown(w.at_a);
	ends_as(&w, reed_more(w.at_b), REED_OK);
	ends_as(&w, reed_more(w.at_b), REED_EEOF);
	reed_write_str(w.at_b, "answer");
	ends_as(&w, reed_more(w.at_a), REED_OK);
	check_slice(reed_peek(w.at_a), "answer");
	reed_close(w.at_b);
	w.at_b = NULL;
	ends_as(&w, reed_more(w.at_a), REED_EEOF);
	world_finish(&w);
}

static void what_was_written_before_a_close_arrives(void)
{
	struct world w;

	world_exact(&w);
	reed_write_str(w.at_a, "last words");
	reed_close(w.at_a);
	w.at_a = NULL;
	ends_as(&w, reed_more(w.at_b), REED_OK);
	check_slice(reed_peek(w.at_b), "last words");
	ends_as(&w, reed_more(w.at_b), REED_EEOF);
	world_finish(&w);
}

static void an_abort_resets(void)
{
	struct world w;

	world_exact(&w);
	reed_abort(w.at_a);
	w.at_a = NULL;
	ends_as(&w, reed_more(w.at_b), REED_ERESET);
	world_finish(&w);
}

static void what_came_before_a_reset_is_still_read(void)
{
	struct world w;

	world_exact(&w);
	reed_write_str(w.at_a, "farewell");
	ends_as(&w, reed_flush(w.at_a), REED_OK);
	reed_abort(w.at_a);
	w.at_a = NULL;
	reed_sim_run(w.sim);
	ends_as(&w, reed_more(w.at_b), REED_OK);
	check_slice(reed_peek(w.at_b), "farewell");
	ends_as(&w, reed_more(w.at_b), REED_ERESET);
	world_finish(&w);
}

/* It has ended, as far as the peer can tell; what it sends now, nobody reads. */
static void who_writes_to_a_closed_peer_is_reset(void)
{
	static const struct reed_stream_limits hasty = {
		.size = sizeof(hasty),
		.input = 1 << 20,
		.output = 1 << 20,
		.high = 1000,
		.low = 100,
		.linger_ms = 1,
	};
	struct world w;

	world_exact(&w);
	w.at_a->limits = &hasty;
	reed_close(w.at_a);
	w.at_a = NULL;
	ends_as(&w, reed_more(w.at_b), REED_EEOF);
	reed_write_str(w.at_b, "are you there?");
	ends_as(&w, reed_flush(w.at_b), REED_OK);
	check_int(reed_sim_run(w.sim), REED_OK);
	reed_write_str(w.at_b, "are you there?");
	ends_as(&w, reed_flush(w.at_b), REED_ERESET);
	world_finish(&w);
}

static void who_closes_without_reading_resets(void)
{
	struct world w;

	world_exact(&w);
	reed_shutdown(w.at_a);
	ends_as(&w, reed_more(w.at_b), REED_EEOF);
	reed_write_str(w.at_b, "you did not read this");
	reed_sim_run(w.sim);
	reed_abort(w.at_a);
	w.at_a = NULL;
	reed_sim_run(w.sim);
	reed_write_str(w.at_b, "nor this");
	ends_as(&w, reed_flush(w.at_b), REED_ERESET);
	world_finish(&w);
}

static void connections_leave_nothing_behind(void)
{
	struct world w;

	world_init(&w, NULL);
	for (int i = 0; i < 100; i++) {
		world_connect(&w);
		reed_write_str(w.at_a, "x");
		ends_as(&w, reed_more(w.at_b), REED_OK);
		reed_close(i % 2 ? w.at_a : w.at_b);
		reed_close(i % 2 ? w.at_b : w.at_a);
	}
	w.at_a = w.at_b = NULL;
	check_int(reed_sim_run(w.sim), REED_OK);
	check_int(stats_of(w.sim).sockets, 0);
	world_finish(&w);
}

/* ---- through the seam that resolver and endpoints use ---- */

static struct reed_address address(const char *text, uint16_t port)
{
	struct reed_address a;

	check_int(reed_address_parse(reed_slice_of(text), port, &a), REED_OK);
	return a;
}

static void a_program_binds_only_what_is_its_own(void)
{
	struct reed_address other = address("10.0.0.1", 9), own = address("10.0.0.2", 9);
	struct reed_address taken = address("::", PORT);
	struct reed_listener *l;
	struct reed_fault *fault;
	struct world w;

	world_init(&w, NULL);
	check_int(reed_net_listen(w.b, &other, NULL, &l, &fault), REED_EADDRNOTAVAIL);
	check_str(fault->sentence, "cannot listen on 10.0.0.1:9: address not available here");
	reed_fault_free(fault);
	check_int(reed_net_listen(w.b, &taken, NULL, &l, &fault), REED_EADDRINUSE);
	reed_fault_free(fault);
	check_int(reed_net_listen(w.b, &own, NULL, &l, &fault), REED_OK);
	ends_as(&w, reed_net_connect(w.a, &own, NULL, &w.at_a), REED_OK);
	ends_as(&w, reed_net_connect(w.a, &own, &own, &w.at_b), REED_EADDRNOTAVAIL);
	reed_listener_close(l);
	world_finish(&w);
}

static void what_is_not_there_cannot_be_reached(void)
{
	struct reed_address nobody = address("10.0.0.9", PORT), far = address("192.0.2.1", PORT);
	struct reed_stream *s;
	struct world w;

	world_init(&w, NULL);
	ends_as(&w, reed_net_connect(w.a, &far, NULL, &s), REED_ENETUNREACH);
	check_int(reed_sim_now(w.sim), 0);
	ends_as(&w, reed_net_connect(w.a, &nobody, NULL, &s), REED_EHOSTUNREACH);
	check_int(reed_sim_now(w.sim), REED_S(3));
	world_finish(&w);
}

static void names_are_looked_up_in_the_simulation(void)
{
	struct reed_address got[2];
	struct reed_driver *d;
	size_t n = 2;
	struct world w;

	world_init(&w, NULL);
	d = w.a->driver;
	check_int(d->net->lookup(d, REED_STR("B.Example"), got, &n), REED_OK);
	check_int(n, 1);
	check_int(got[0].ip[3], 2);
	check_int(d->net->lookup(d, REED_STR("nobody.example"), got, &n), REED_ENAME);
	world_finish(&w);
}

int main(void)
{
	RUN(connecting_takes_a_round_trip);
	RUN(both_ends_know_both_addresses);
	RUN(where_nobody_listens_a_connection_is_refused);
	RUN(an_unknown_name_is_told_at_once);
	RUN(a_host_that_is_down_does_not_answer);
	RUN(a_dropped_dial_leaves_nothing);
	RUN(a_host_connects_to_itself);
	RUN(names_have_addresses_of_both_families);
	RUN(a_port_is_taken_once);
	RUN(port_0_is_any_port);
	RUN(who_is_beyond_the_backlog_comes_later);
	RUN(a_closed_listener_resets_who_was_not_accepted);
	RUN(bytes_arrive_whole_whatever_befalls_the_packets);
	RUN(the_smallest_buffers_do);
	RUN(a_read_may_bring_less_than_there_is);
	RUN(who_is_not_read_is_held_up);
	RUN(who_never_uses_what_is_ready_does_not_stop_time);
	RUN(a_link_has_a_bandwidth);
	RUN(a_half_closed_connection_still_brings_answers);
	RUN(what_was_written_before_a_close_arrives);
	RUN(an_abort_resets);
	RUN(what_came_before_a_reset_is_still_read);
	RUN(who_writes_to_a_closed_peer_is_reset);
	RUN(who_closes_without_reading_resets);
	RUN(connections_leave_nothing_behind);
	RUN(a_program_binds_only_what_is_its_own);
	RUN(what_is_not_there_cannot_be_reached);
	RUN(names_are_looked_up_in_the_simulation);
	return 0;
}
