/* TLS streams: handshakes, data both ways, back-pressure, both faces. */

#include "tests/core/tls_kit.h"

#include <sys/socket.h>

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
	.name = "taker",
	.size = sizeof(struct taker),
	.run = taker_run,
	.end = taker_end,
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
	.name = "giver",
	.size = sizeof(struct giver),
	.run = giver_run,
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
	check_int(client_wire->written - before, 2000 + 22); /* RFC 8446 5.2 */
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
		.size = sizeof(little),
		.input = 65536,
		.output = 65536,
		.high = 32768,
		.low = 16384,
		.linger_ms = 100,
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
	RUN(a_protocol_is_pushed_to);
	return 0;
}
