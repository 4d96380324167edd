/* How TLS streams end, in good order and on a bad wire; and messages after the handshake. */

#include "core/tls_private.h"
#include "tests/core/tls_kit.h"

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
		.size = sizeof(short_linger),
		.input = 1 << 20,
		.output = 4 << 20,
		.high = 65536,
		.low = 16384,
		.linger_ms = 20,
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
	check_str(kit_why(),
	          "server.example does not speak TLS: it says \"220 mail.example ESMTP\"");
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
	                             reed_read_exactly(client, sizeof(much), &all))),
	          REED_OK);
	check_slice(got, "after the keys");
	end();
}

int main(void)
{
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
	return 0;
}
