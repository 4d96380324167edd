/* Streams over WebSockets, and the schemes that make them, in a simulation. */

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/module.h"
#include "reed/sim.h"
#include "reed/websocket.h"
#include "tests/check.h"

/* ---- a server that says lines again, with a mark ---- */

struct lines {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_slice line;
};

static void lines_run(struct reed_co *co)
{
	struct lines *self = reed_frame(co, struct lines);

	reed_coroutine (co) {
		for (;;) {
			reed_await(co, reed_read_line(self->stream, &self->line));
			if (co->err)
				reed_return(co, REED_OK);
			if (reed_slice_is(self->line, "quit"))
				reed_return(co, REED_OK);
			reed_printf(self->stream, "> " REED_FMT "\r\n", REED_ARG(self->line));
			reed_await(co, reed_drain(self->stream));
		}
	}
}

static void lines_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct lines)->stream);
}

static const struct reed_co_kind lines_kind = { "lines", sizeof(struct lines), lines_run, NULL,
	                                        lines_end };

static struct reed_future *lines(void *arg, struct reed_stream *stream)
{
	struct lines *self = reed_co_new(stream->loop, &lines_kind);

	(void)arg;
	self->stream = stream;
	return reed_start(&self->co);
}

/* ---- a world ---- */

static struct reed_sim *sim;
static struct reed_loop *here;
static struct reed_scope scope;

static void open_world(const char *endpoint)
{
	struct reed_loop *there;

	sim = reed_sim_new(NULL);
	there = reed_sim_host(sim, "server");
	here = reed_sim_host(sim, "client");
	reed_scope_init(&scope, there, NULL, "server");
	reed_scope_add(&scope, reed_listen_and_serve(there, endpoint, lines, NULL, NULL));
	reed_sim_run_for(sim, REED_MS(1));
}

static void close_world(void)
{
	reed_sim_run_for(sim, REED_S(20));
	reed_scope_finish(&scope);
	check(!reed_sim_failure(sim));
	reed_sim_run_for(sim, REED_S(20));
	reed_sim_free(sim);
}

static enum reed_err ends_as(struct reed_future *f)
{
	return reed_sim_run_until(sim, f, NULL);
}

static struct reed_ws *dial_ws(const char *protocols)
{
	struct reed_ws_options o = REED_WS_OPTIONS;
	struct reed_ws *ws = NULL;

	o.protocols = protocols;
	check_int(ends_as(reed_ws_dial(here, "ws://server/irc", &o, &ws)), REED_OK);
	check_slice(reed_ws_protocol(ws), protocols ? protocols : "");
	return ws;
}

static void hears(struct reed_ws *ws, enum reed_ws_opcode kind, const char *text)
{
	struct reed_ws_message m;

	check_int(ends_as(reed_ws_receive(ws, &m)), REED_OK);
	check_int(m.kind, kind);
	check_slice(m.bytes, text);
}

/* ---- tests ---- */

/* IRCv3's WebSocket: a line a message, without its end. */
static void a_line_is_a_message_where_the_subprotocol_says_so(void)
{
	struct reed_ws_message m;
	struct reed_ws *ws;

	open_world("ws:80");
	ws = dial_ws("text.ircv3.net");
	reed_ws_send(ws, REED_WS_TEXT, REED_STR("NICK alice"));
	reed_ws_send(ws, REED_WS_TEXT, REED_STR("with an end\r\n"));
	hears(ws, REED_WS_TEXT, "> NICK alice");
	hears(ws, REED_WS_TEXT, "> with an end");
	reed_ws_send_piece(ws, REED_WS_TEXT, REED_STR("in "), false);
	reed_ws_send_piece(ws, REED_WS_TEXT, REED_STR("pieces\r"), false);
	reed_ws_send_piece(ws, REED_WS_TEXT, REED_STR("\n"), true);
	hears(ws, REED_WS_TEXT, "> in pieces");
	reed_ws_send(ws, REED_WS_BINARY, REED_STR("a\xff\xe2\x82z\xc3\xb6"));
	hears(ws, REED_WS_TEXT, "> a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\xc3\xb6");
	reed_ws_send(ws, REED_WS_TEXT, REED_STR("quit"));
	check_int(ends_as(reed_ws_receive(ws, &m)), REED_EEOF);
	check_int(reed_ws_code(ws), 1000);
	reed_ws_close(ws);
	close_world();
}

static void binary_lines_are_left_as_they_are(void)
{
	struct reed_ws *ws;

	open_world("ws:80:form=text");
	ws = dial_ws("binary.ircv3.net");
	reed_ws_send(ws, REED_WS_BINARY, REED_STR("a\xff"));
	hears(ws, REED_WS_BINARY, "> a\xff");
	reed_ws_close(ws);
	ws = dial_ws(NULL); /* as the endpoint says */
	reed_ws_send(ws, REED_WS_TEXT, REED_STR("plain"));
	hears(ws, REED_WS_TEXT, "> plain");
	reed_ws_close(ws);
	close_world();
}

static void speak(const char *endpoint)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	struct reed_stream *s = NULL;
	struct reed_slice line;

	check_int(ends_as(reed_dial(here, endpoint, &s)), REED_OK);
	reed_write_str(s, "one\ntw");
	reed_write_str(s, "o\n");
	check_int(ends_as(reed_read_line(s, &line)), REED_OK);
	check_slice(line, "> one");
	check_int(ends_as(reed_read_line(s, &line)), REED_OK);
	check_slice(line, "> two");
	reed_stream_facts(s, &facts);
	check_int(facts.peer.port, 80);
	reed_write_str(s, "quit\n");
	check_int(ends_as(reed_more(s)), REED_EEOF);
	reed_close(s);
}

static void the_schemes_dial_what_they_listen_on(void)
{
	open_world("ws:80:path=/irc");
	speak("ws:server:80:path=/irc");
	speak("ws://server/irc");
	speak("ws://server:80/irc");
	speak("ws:server:80:path=/irc:protocol=text.ircv3.net");
	speak("ws:server:80:path=/irc:protocol=binary");
	speak("ws:[tcp:server:80]:path=/irc:form=text:protocol=text.ircv3.net");
	close_world();
}

static void what_is_no_websocket_is_told_and_not_yielded(void)
{
	struct reed_fault *fault = NULL;
	struct reed_stream *s = NULL;
	struct reed_slice line;

	open_world("ws:80:path=/irc");
	check_int(reed_sim_run_until(sim, reed_dial(here, "ws://server/other", &s), &fault),
	          REED_EPROTO);
	check(strstr(fault->sentence, "answered 404 Not Found"));
	reed_fault_free(fault);
	check_int(ends_as(reed_dial(here, "tcp:server:80", &s)), REED_OK);
	reed_write_str(s, "GET /irc HTTP/1.1\r\nHost: server\r\n\r\n");
	check_int(ends_as(reed_read_line(s, &line)), REED_OK);
	check_slice(line, "HTTP/1.1 426 Upgrade Required");
	reed_close(s);
	check_int(ends_as(reed_dial(here, "tcp:server:80", &s)), REED_OK);
	reed_write_str(s, "NICK alice\r\n");
	check_int(ends_as(reed_read_line(s, &line)), REED_OK);
	check_slice(line, "HTTP/1.1 400 Bad Request");
	reed_close(s);
	close_world();
}

static void who_does_not_shake_hands_is_let_go(void)
{
	struct reed_stream *s = NULL;
	int64_t began;

	open_world("ws:80");
	check_int(ends_as(reed_dial(here, "tcp:server:80", &s)), REED_OK);
	reed_write_str(s, "GET / HTTP/1.1\r\n");
	began = reed_sim_now(sim);
	check_int(ends_as(reed_more(s)), REED_EEOF);
	check(reed_sim_now(sim) - began < REED_S(11));
	reed_close(s);
	close_world();
}

/* Much, both ways, with a small window: no byte is lost, and nobody piles up. */
static void much_goes_both_ways_in_bytes(void)
{
	struct reed_stream *s = NULL;
	struct reed_slice line;
	char text[1000];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	open_world("ws:80");
	check_int(ends_as(reed_dial(here, "ws:server:80", &s)), REED_OK);
	for (int i = 0; i < 2000; i++) {
		reed_write(s, reed_slice(text, sizeof(text)));
		if (reed_must_drain(s))
			reed_sim_run_for(sim, REED_MS(10)); /* its echo waits for us, unread */
		check(reed_queued(s) < 3 << 20);
	}
	for (int i = 0; i < 2000; i++) {
		check_int(ends_as(reed_read_line(s, &line)), REED_OK);
		check_int(line.n, sizeof(text) + 1);
	}
	reed_close(s);
	close_world();
}

static void is_wrong(const char *endpoint, enum reed_endpoint_use use, const char *sentence)
{
	struct reed_fault *fault = NULL;

	check_int(reed_endpoint_check(reed_slice_of(endpoint), use, &fault), REED_ESYNTAX);
	check_str(fault->sentence, sentence);
	reed_fault_free(fault);
}

static void what_is_wrong_with_an_endpoint_is_told(void)
{
	is_wrong("ws:7O", REED_ENDPOINT_LISTEN,
	         "\"ws:7O\", column 4: \"7O\" is no port; a number from 0 to 65535 must stand "
	         "here");
	is_wrong("ws:80:path=irc", REED_ENDPOINT_LISTEN,
	         "\"ws:80:path=irc\", column 12: a path begins with / and has no spaces");
	is_wrong("ws:80:form=words", REED_ENDPOINT_LISTEN,
	         "\"ws:80:form=words\", column 12: bytes, text or binary must stand here");
	is_wrong("ws:server", REED_ENDPOINT_DIAL,
	         "\"ws:server\": a port is missing; write ws:HOST:PORT or ws://HOST/PATH");
	is_wrong("wss:443", REED_ENDPOINT_LISTEN,
	         "\"wss:443\": what is below it: \"tls:443\": a certificate is missing; write "
	         "tls:PORT:cert=FILE (`reed cert` makes one)");
	is_wrong("ws://server/", REED_ENDPOINT_LISTEN,
	         "\"ws://server/\", column 4: a port must stand here, as in ws:8080:path=/chat");
	check_int(reed_endpoint_check(REED_STR("wss:[tcp:443]:cert=a.pem"), REED_ENDPOINT_LISTEN,
	                              &(struct reed_fault *){ NULL }),
	          REED_OK);
}

/* ---- drops, interrupts and crashes at every point ---- */

struct visit {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_slice line;
};

static void visit_run(struct reed_co *co)
{
	struct visit *self = reed_frame(co, struct visit);

	reed_coroutine (co) {
		reed_try(co, reed_dial(co->loop, "ws:server:80:protocol=text.ircv3.net",
		                       &self->stream));
		reed_write_str(self->stream, "hello\r\n");
		reed_try(co, reed_read_line(self->stream, &self->line));
		check_slice(self->line, "> hello");
		reed_write_str(self->stream, "quit\r\n");
		reed_await(co, reed_more(self->stream));
		check(co->err == REED_EEOF || co->err == REED_ECANCELED);
	}
}

static void visit_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct visit)->stream);
}

static const struct reed_co_kind visit_kind = { "visit", sizeof(struct visit), visit_run, NULL,
	                                        visit_end };

static struct reed_future *boot(void *arg, struct reed_loop *loop)
{
	(void)arg;
	return reed_listen_and_serve(loop, "ws:80", lines, NULL, NULL);
}

static struct reed_future *begin(void *arg, struct reed_sim *world)
{
	struct visit *self;

	(void)arg;
	reed_sim_boot(world, "server", boot, NULL);
	reed_sim_run_for(world, REED_MS(1));
	self = reed_co_new(reed_sim_host(world, "client"), &visit_kind);
	return reed_start(&self->co);
}

static void a_client_may_be_stopped_at_every_point(void)
{
	check_int(reed_sim_each_suspension(begin, NULL, NULL, NULL), REED_OK);
}

int main(void)
{
	check_int(reed_scheme_register(&reed_ws_scheme), REED_OK);
	check_int(reed_scheme_register(&reed_wss_scheme), REED_OK);
	RUN(a_line_is_a_message_where_the_subprotocol_says_so);
	RUN(binary_lines_are_left_as_they_are);
	RUN(the_schemes_dial_what_they_listen_on);
	RUN(what_is_no_websocket_is_told_and_not_yielded);
	RUN(who_does_not_shake_hands_is_let_go);
	RUN(much_goes_both_ways_in_bytes);
	RUN(what_is_wrong_with_an_endpoint_is_told);
	RUN(a_client_may_be_stopped_at_every_point);
	return 0;
}
