/* TLS streams: data both ways, their ends, and what a bad wire does to them. */

#include "tests/core/tls_kit.h"

#include <sys/socket.h>

#include "core/tls_private.h"

static void begin(void)
{
	kit_begin();
	kit_connect_well();
}

static void end(void)
{
	kit_disconnect();
	kit_end();
}

/* ---- in good order ---- */

static void both_ends_hear_each_other(void)
{
	begin();
	check_int(kit_shake_hands(), REED_OK);
	kit_says(client, server, "hello");
	kit_says(server, client, "hello yourself");
	end();
}

static void nobody_need_wait_for_the_handshake(void)
{
	begin();
	kit_says(client, server, "written before anything was");
	kit_says(server, client, "answered");
	end();
}

static void a_handshake_may_be_awaited_by_several_and_late(void)
{
	struct reed_future *a, *b;

	begin();
	a = reed_tls_handshake(client);
	b = reed_tls_handshake(client);
	check_int(kit_await(reed_all(a, b)), REED_OK);
	check_int(kit_await(reed_tls_handshake(client)), REED_OK);
	end();
}

static void a_dropped_wait_for_the_handshake_harms_nothing(void)
{
	begin();
	reed_drop(reed_tls_handshake(client));
	check_int(kit_shake_hands(), REED_OK);
	end();
}

static void closing_tells_who_waits_for_the_handshake(void)
{
	struct reed_future *f;

	begin();
	client_wire->left = 0;
	f = reed_tls_handshake(client);
	reed_abort(client);
	client = NULL;
	check_int(kit_await(f), REED_ECANCELED);
	end();
}

/* Every byte on its own, each way: whatever can be cut is. */
static void one_byte_at_a_time_is_enough(void)
{
	begin();
	client_wire->read_most = server_wire->read_most = 1;
	client_wire->write_most = server_wire->write_most = 1;
	check_int(kit_shake_hands(), REED_OK);
	kit_says(client, server, "slowly");
	kit_says(server, client, "but surely");
	end();
}

/* ---- much of it ---- */

enum { MUCH = 3000000 };

static char pattern(size_t i)
{
	return (char)(i * 7 + i / 251);
}

struct taker {
	struct reed_co co;
	struct reed_stream *stream;
	size_t taken;
	bool wrong, clean;
};

static void taker_run(struct reed_co *co)
{
	struct taker *self = reed_frame(co, struct taker);
	struct reed_slice s;

	reed_coroutine (co) {
		for (;;) {
			reed_await(co, reed_more(self->stream));
			if (co->err)
				break;
			s = reed_peek(self->stream);
			for (size_t i = 0; i < s.n; i++)
				self->wrong |= s.p[i] != pattern(self->taken + i);
			self->taken += s.n;
			reed_skip(self->stream, s.n);
		}
		self->clean = kit_facts(self->stream)->clean_end;
		reed_return(co, co->err == REED_EEOF ? REED_OK : co->err);
	}
}

static size_t taken;
static bool taken_wrong, taken_clean;

static void taker_end(struct reed_co *co)
{
	struct taker *self = reed_frame(co, struct taker);

	taken = self->taken;
	taken_wrong = self->wrong;
	taken_clean = self->clean;
}

static const struct reed_co_kind taker_kind = {
	.name = "taker", .size = sizeof(struct taker), .run = taker_run, .end = taker_end
};

static struct reed_future *take_all(struct reed_stream *s)
{
	struct taker *self = reed_co_new(loop, &taker_kind);

	self->stream = s;
	return reed_start(&self->co);
}

struct giver {
	struct reed_co co;
	struct reed_stream *stream;
	size_t given, step;
};

static void giver_run(struct reed_co *co)
{
	struct giver *self = reed_frame(co, struct giver);
	static char chunk[100000];
	size_t n;

	reed_coroutine (co) {
		while (self->given < MUCH) {
			n = self->step < MUCH - self->given ? self->step : MUCH - self->given;
			for (size_t i = 0; i < n; i++)
				chunk[i] = pattern(self->given + i);
			reed_write(self->stream, reed_slice(chunk, n));
			self->given += n;
			if (reed_must_drain(self->stream))
				reed_try(co, reed_drain(self->stream));
		}
		reed_shutdown(self->stream);
	}
}

static const struct reed_co_kind giver_kind = {
	.name = "giver", .size = sizeof(struct giver), .run = giver_run
};

static struct reed_future *give_all(struct reed_stream *s, size_t step)
{
	struct giver *self = reed_co_new(loop, &giver_kind);

	self->stream = s;
	self->step = step;
	return reed_start(&self->co);
}

static void carry_back(size_t step)
{
	check_int(kit_await(reed_all(give_all(client, step), take_all(client))), REED_OK);
	check_int(taken, MUCH);
	check(!taken_wrong && taken_clean);
}

static void carry(size_t step)
{
	check_int(kit_await(reed_all(give_all(client, step), take_all(server))), REED_OK);
	check_int(taken, MUCH);
	check(!taken_wrong && taken_clean);
}

static void much_arrives_as_it_was_sent(void)
{
	static const size_t steps[] = { 100000, 16384, 16353, 4095, 700 };

	for (size_t i = 0; i < REED_COUNT(steps); i++) {
		begin();
		carry(steps[i]);
		end();
	}
}

static void a_narrow_wire_carries_much_too(void)
{
	static const size_t rooms[] = { 3000, 17000, 40000 };

	for (size_t i = 0; i < REED_COUNT(rooms); i++) {
		begin();
		client_wire->other->room = client_wire->room = rooms[i];
		server_wire->write_most = 1111;
		carry(100000);
		end();
	}
}

/* The memory pair has no descriptors; sockets are what it is for. */
static void sockets_carry_much_too(void)
{
	struct reed_tls_client_options co = REED_TLS_CLIENT_OPTIONS;
	struct reed_stream *a, *b;
	int fds[2];

	kit_begin();
	check_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	check_int(reed_stream_of_fd(loop, fds[0], &a), REED_OK);
	check_int(reed_stream_of_fd(loop, fds[1], &b), REED_OK);
	co.server = "server.example";
	client = reed_tls_client(a, kit_client_ctx(), &co);
	server = reed_tls_server(b, kit_server_ctx(kit_issue_for("server.example")), NULL);
	carry(50000);
	end();
}

static void tls_goes_through_tls(void)
{
	struct reed_tls_client_options co = REED_TLS_CLIENT_OPTIONS;
	struct reed_tls_ctx *inner;

	kit_begin();
	inner = kit_server_ctx(kit_issue_for("inner.example"));
	kit_connect_well();
	co.server = "inner.example";
	client = reed_tls_client(client, kit_client_ctx(), &co);
	server = reed_tls_server(server, inner, NULL);
	carry(30000);
	check_str(kit_facts(client)->server, "inner.example");
	end();
}

static void small_writes_of_a_turn_make_one_record(void)
{
	uint64_t before;
	struct reed_slice got;

	begin();
	check_int(kit_shake_hands(), REED_OK);
	kit_says(server, client, "tickets are gone with this");
	before = client_wire->written;
	for (int i = 0; i < 100; i++)
		reed_write_str(client, "twenty bytes of text");
	check_int(kit_await(reed_read_exactly(server, 2000, &got)), REED_OK);
	check_int(client_wire->written - before, 2000 + 22);    /* RFC 8446 5.2 */
	end();
}

/* ---- flush and back-pressure ---- */

static void a_flush_ends_when_the_wire_has_taken_it_all(void)
{
	static char much[200000];
	struct reed_future *f;
	bool settled;

	begin();
	check_int(kit_shake_hands(), REED_OK);
	server_wire->room = 50000;
	reed_write(client, reed_slice(much, sizeof(much)));
	f = reed_flush(client);
	kit_settle();
	settled = f->settled;
	check(!settled && reed_queued(client) > 0);
	reed_drop(f);
	server_wire->room = 1 << 20;
	reed_background(take_all(server), NULL, NULL);
	check_int(kit_await(reed_flush(client)), REED_OK);
	check_int(reed_queued(client), 0);
	check(server_wire->stream.bytes_in + server_wire->held >= sizeof(much));
	reed_abort(client);
	client = NULL;
	kit_settle();
	reed_abort(server);
	server = NULL;
	kit_end();
}

static void output_over_its_limit_breaks_the_stream(void)
{
	static const struct reed_stream_limits little = {
		.size = sizeof(little), .input = 65536, .output = 65536, .high = 32768,
		.low = 16384, .linger_ms = 100,
	};
	static char much[60000];

	begin();
	check_int(kit_shake_hands(), REED_OK);
	server_wire->room = 1000;
	client->limits = &little;
	reed_write(client, reed_slice(much, sizeof(much)));
	reed_write(client, reed_slice(much, sizeof(much)));
	check_int(kit_await(reed_drain(client)), REED_ETOOBIG);
	end();
}

/* ---- ends ---- */

static void a_shutdown_ends_one_direction_only(void)
{
	begin();
	check_int(kit_shake_hands(), REED_OK);
	reed_shutdown(client);
	check_int(kit_await(reed_more(server)), REED_EEOF);
	check(kit_facts(server)->clean_end);
	kit_says(server, client, "but I go on");
	end();
}

static void a_shutdown_before_the_handshake_waits_for_it(void)
{
	begin();
	reed_shutdown(client);
	check_int(kit_await(reed_more(server)), REED_EEOF);
	check(kit_facts(server)->complete && kit_facts(server)->clean_end);
	kit_says(server, client, "you have not said a word");
	end();
}

static void a_close_delivers_what_was_written_last(void)
{
	struct reed_slice got;

	begin();
	reed_write_str(client, "last words");
	reed_close(client);
	client = NULL;
	check_int(kit_await(reed_read_exactly(server, 10, &got)), REED_OK);
	check_slice(got, "last words");
	check_int(kit_await(reed_more(server)), REED_EEOF);
	check(kit_facts(server)->clean_end);
	end();
}

static void whoever_closes_second_says_goodbye_too(void)
{
	begin();
	check_int(kit_shake_hands(), REED_OK);
	reed_shutdown(client);
	check_int(kit_await(reed_more(server)), REED_EEOF);
	reed_close(server);
	server = NULL;
	check_int(kit_await(reed_more(client)), REED_EEOF);
	check(kit_facts(client)->clean_end);
	end();
}

static void an_abort_says_nothing(void)
{
	begin();
	check_int(kit_shake_hands(), REED_OK);
	reed_abort(client);
	client = NULL;
	check_int(kit_await(reed_more(server)), REED_EEOF);
	check(!kit_facts(server)->clean_end);
	end();
}

static void a_strict_end_takes_a_missing_goodbye_for_an_error(void)
{
	struct reed_tls_client_options co = REED_TLS_CLIENT_OPTIONS;

	kit_begin();
	co.server = "server.example";
	co.strict_end = true;
	kit_connect(kit_client_ctx(), &co, kit_server_ctx(kit_issue_for("server.example")), NULL);
	check_int(kit_shake_hands(), REED_OK);
	reed_abort(server);
	server = NULL;
	check_int(kit_await(reed_more(client)), REED_EPROTO);
	check_str(kit_why(), "the stream ended without close_notify: it may have been cut short");
	end();
}

static void a_close_before_the_handshake_is_no_handshake(void)
{
	begin();
	reed_close(client);
	client = NULL;
	check_int(kit_await(reed_more(server)), REED_EPROTO);
	check_str(kit_why(), "the peer hung up during the TLS handshake");
	end();
}

static void a_peer_that_never_hears_out_is_left_in_time(void)
{
	static const struct reed_stream_limits short_linger = {
		.size = sizeof(short_linger), .input = 1 << 20, .output = 4 << 20,
		.high = 65536, .low = 16384, .linger_ms = 20,
	};

	begin();
	check_int(kit_shake_hands(), REED_OK);
	client->limits = &short_linger;
	reed_close(client);
	client = NULL;
	check_int(kit_await(reed_sleep(loop, 50)), REED_OK);
	check(server_wire->other == NULL);
	end();
}

/* ---- a bad wire ---- */

static void a_broken_wire_is_told_with_its_reason(void)
{
	begin();
	check_int(kit_shake_hands(), REED_OK);
	client_wire->reset = true;
	client_wire->stream.fault = reed_fault(REED_ERESET, NULL, "the cable was cut");
	reed_stream_ready(&client_wire->stream, REED_READ);
	check_int(kit_await(reed_more(client)), REED_ERESET);
	check_str(kit_why(), "the cable was cut");
	end();
}

static void a_wire_that_breaks_in_the_handshake_is_told(void)
{
	begin();
	client_wire->reset = true;
	check_int(kit_shake_hands(), REED_ERESET);
	check_str(kit_why(), "during the TLS handshake: connection reset by peer");
	end();
}

static void garbage_after_the_handshake_breaks_it(void)
{
	static const char garbage[] = "\027\003\003\000\020garbagegarbageXX";
	struct iovec iov = { (void *)(uintptr_t)garbage, sizeof(garbage) - 1 };

	begin();
	check_int(kit_shake_hands(), REED_OK);
	kit_says(server, client, "so far so good");
	client_wire->stream.ops->write(&client_wire->stream, &iov, 1);
	check_int(kit_await(reed_more(server)), REED_EPROTO);
	check_str(kit_why(), "TLS with the peer failed: decryption failed or bad record mac");
	check_int(kit_await(reed_more(client)), REED_EPROTO);
	check_str(kit_why(), "server.example ended TLS: bad record mac");
	end();
}

static struct reed_stream *over_text(const char *text, bool as_server)
{
	struct reed_tls_client_options co = REED_TLS_CLIENT_OPTIONS;

	wire_pair(0, &client_wire, &server_wire);
	reed_write_str(&client_wire->stream, text);
	co.server = "server.example";
	client = &client_wire->stream;
	server = as_server ? reed_tls_server(&server_wire->stream,
	                                     kit_server_ctx(kit_issue_for("a.example")), NULL)
	                   : reed_tls_client(&server_wire->stream, kit_client_ctx(), &co);
	return server;
}

static void a_peer_that_speaks_plain_text_is_quoted(void)
{
	kit_begin();
	check_int(kit_await(reed_more(over_text("220 mail.example ESMTP\r\n", false))),
	          REED_EPROTO);
	check_str(kit_why(), "server.example does not speak TLS: it says \"220 mail.example ESMTP\"");
	kit_disconnect();
	check_int(kit_await(reed_more(over_text("NICK newcomer\r\n", true))), REED_EPROTO);
	check_str(kit_why(), "the peer does not speak TLS: it says \"NICK newcomer\"");
	kit_disconnect();
	check_int(kit_await(reed_more(over_text("GET / HTTP/1.1\r\n\r\n", true))), REED_EPROTO);
	check_str(kit_why(), "the peer does not speak TLS: it says \"GET / HTTP/1.1\"");
	kit_disconnect();
	check_int(kit_await(reed_more(over_text("\001\002\003\004\005\006\007\010", true))),
	          REED_EPROTO);
	check_str(kit_why(), "the peer does not speak TLS");
	kit_disconnect();
	kit_end();
}

static void a_wire_cut_at_any_byte_of_the_handshake_ends_it(void)
{
	uint64_t most;

	begin();
	check_int(kit_shake_hands(), REED_OK);
	most = client_wire->written;
	end();
	for (size_t cut = 0; cut < most; cut += 7) {
		begin();
		client_wire->left = cut;
		kit_settle();
		reed_abort(client);
		client = NULL;
		check_int(kit_await(reed_more(server)), REED_EPROTO);
		check_str(kit_why(), "the peer hung up during the TLS handshake");
		end();
	}
}

/* With one byte a turn each way there is a turn for every state there is. */
static void either_end_may_be_dropped_at_any_time(void)
{
	for (int way = 0; way < 4; way++) {
		for (int turns = 0; turns < 200; turns++) {
			begin();
			client_wire->read_most = server_wire->read_most = 40;
			client_wire->write_most = server_wire->write_most = 40;
			reed_write_str(client, "hello");
			for (int i = 0; i < turns; i++)
				reed_loop_turn(loop, 0);
			if (way & 1)
				reed_abort(way & 2 ? server : client);
			else
				reed_close(way & 2 ? server : client);
			*(way & 2 ? &server : &client) = NULL;
			kit_settle();
			end();
		}
	}
}

static void a_loop_may_be_freed_with_streams_that_linger(void)
{
	begin();
	check_int(kit_shake_hands(), REED_OK);
	reed_write_str(client, "never read");
	reed_close(client);
	reed_loop_turn(loop, 0);
	reed_close(server);
	server = client = NULL;
	while (loop->wheel.filled[0] && reed_loop_deadline(loop) == 0)
		reed_loop_turn(loop, 0);
	kit_end();
}

/* ---- messages after the handshake ---- */

/* RFC 8446 4.6.3 */
static void change_keys(struct reed_stream *s, bool of_both)
{
	struct reed_tls *self = reed_tls_of(s);

	check(SSL_key_update(self->ssl, of_both ? SSL_KEY_UPDATE_REQUESTED
	                                        : SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
	check(SSL_do_handshake(self->ssl) == 1);
	check_int(reed_tls_flush(self), REED_OK);
}

static void new_keys_in_the_middle_change_nothing(void)
{
	begin();
	check_int(kit_shake_hands(), REED_OK);
	for (int i = 0; i < 5; i++) {
		change_keys(client, i % 2);
		kit_says(client, server, "with my new key");
		change_keys(server, i % 2);
		kit_says(server, client, "and mine");
	}
	end();
}

static void new_keys_alone_are_not_endured_for_long(void)
{
	begin();
	check_int(kit_shake_hands(), REED_OK);
	for (int i = 0; i < REED_TLS_FLOOD - 1; i++)
		change_keys(client, false);
	kit_says(client, server, "patience");
	for (int i = 0; i < REED_TLS_FLOOD + 2; i++)
		change_keys(client, false);
	check_int(kit_await(reed_more(server)), REED_EPROTO);
	check_str(kit_why(), "the peer sends nothing but handshake messages");
	end();
}

/* A change of our own keys that finds no room stands in the way of reading too. */
static void a_read_may_have_to_wait_for_room_to_write(void)
{
	static char much[150000];
	struct reed_slice got, all;
	SSL *ssl;

	begin();
	check_int(kit_shake_hands(), REED_OK);
	kit_says(server, client, "tickets and all");
	client_wire->room = 1000;
	reed_write(server, reed_slice(much, sizeof(much)));
	kit_settle();
	ssl = reed_tls_of(server)->ssl;
	do
		check(SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
	while (SSL_do_handshake(ssl) == 1);
	reed_write_str(client, "after the keys");
	kit_settle();
	check_int(kit_await(reed_any(NULL, reed_more(server), reed_sleep(loop, 1))), REED_OK);
	check(reed_tls_of(server)->read_needs_write);
	check_int(kit_await(reed_all(reed_read_exactly(server, 14, &got),
	                             reed_read_exactly(client, sizeof(much), &all))), REED_OK);
	check_slice(got, "after the keys");
	end();
}

/* ---- push ---- */

struct echo {
	struct reed_protocol protocol;
};

static bool echo_freed;

static size_t echo_data(struct reed_protocol *p, struct reed_slice in)
{
	reed_write(p->stream, in);
	return in.n;
}

static void echo_free(struct reed_protocol *p)
{
	echo_freed = true;
	reed_free(reed_container_of(p, struct echo, protocol));
}

static const struct reed_protocol_ops echo_ops = { .data = echo_data, .free = echo_free };

static void a_protocol_is_pushed_to(void)
{
	struct echo *echo;

	begin();
	echo = reed_alloc(sizeof(*echo));
	echo->protocol.ops = &echo_ops;
	echo_freed = false;
	reed_background(reed_stream_attach(server, &echo->protocol), NULL, NULL);
	server = NULL;
	carry_back(30000);
	kit_settle();
	check(echo_freed);
	end();
}

int main(void)
{
	RUN(both_ends_hear_each_other);
	RUN(nobody_need_wait_for_the_handshake);
	RUN(a_handshake_may_be_awaited_by_several_and_late);
	RUN(a_dropped_wait_for_the_handshake_harms_nothing);
	RUN(closing_tells_who_waits_for_the_handshake);
	RUN(one_byte_at_a_time_is_enough);
	RUN(much_arrives_as_it_was_sent);
	RUN(a_narrow_wire_carries_much_too);
	RUN(sockets_carry_much_too);
	RUN(tls_goes_through_tls);
	RUN(small_writes_of_a_turn_make_one_record);
	RUN(a_flush_ends_when_the_wire_has_taken_it_all);
	RUN(output_over_its_limit_breaks_the_stream);
	RUN(a_shutdown_ends_one_direction_only);
	RUN(a_shutdown_before_the_handshake_waits_for_it);
	RUN(a_close_delivers_what_was_written_last);
	RUN(whoever_closes_second_says_goodbye_too);
	RUN(an_abort_says_nothing);
	RUN(a_strict_end_takes_a_missing_goodbye_for_an_error);
	RUN(a_close_before_the_handshake_is_no_handshake);
	RUN(a_peer_that_never_hears_out_is_left_in_time);
	RUN(a_broken_wire_is_told_with_its_reason);
	RUN(a_wire_that_breaks_in_the_handshake_is_told);
	RUN(garbage_after_the_handshake_breaks_it);
	RUN(a_peer_that_speaks_plain_text_is_quoted);
	RUN(a_wire_cut_at_any_byte_of_the_handshake_ends_it);
	RUN(either_end_may_be_dropped_at_any_time);
	RUN(a_loop_may_be_freed_with_streams_that_linger);
	RUN(new_keys_in_the_middle_change_nothing);
	RUN(new_keys_alone_are_not_endured_for_long);
	RUN(a_read_may_have_to_wait_for_room_to_write);
	RUN(a_protocol_is_pushed_to);
	return 0;
}
