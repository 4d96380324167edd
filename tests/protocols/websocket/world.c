/* Clients and servers of this tree over a simulated network: both faces, compression, faults. */

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/http/server.h"
#include "reed/sim.h"
#include "reed/websocket.h"
#include "tests/check.h"

/* ---- a server whose handler says messages again ---- */

struct world {
	struct reed_sim *sim;
	struct reed_loop *loop; /* of the client */
	struct reed_http_server *server;
	struct reed_scope scope; /* of the server */
	struct reed_ws_options there, here;
	struct reed_ws *ws; /* of the client */
	int rests;          /* the server's echo holds for as many seconds before each message */
	enum reed_err result;
	unsigned code;
	size_t served;
};

struct echo {
	struct reed_co co;
	struct world *world;
	struct reed_http_request *request;
	struct reed_ws *ws;
	struct reed_ws_message message;
};

static void echo_run(struct reed_co *co)
{
	struct echo *self = reed_frame(co, struct echo);

	reed_coroutine (co) {
		reed_try(co, reed_ws_upgrade(self->request, &self->world->there, &self->ws));
		for (;;) {
			if (self->world->rests)
				reed_try(co, reed_sleep(co->loop, 1000 * self->world->rests));
			reed_await(co, reed_ws_receive(self->ws, &self->message));
			self->world->result = co->err;
			self->world->code = reed_ws_code(self->ws);
			if (co->err)
				reed_return(co, REED_OK);
			self->world->served++;
			reed_ws_send(self->ws, self->message.kind, self->message.bytes);
			reed_await(co, reed_ws_drain(self->ws));
		}
	}
}

static void echo_end(struct reed_co *co)
{
	reed_ws_close(reed_frame(co, struct echo)->ws);
}

static const struct reed_co_kind echo_kind = { "echo", sizeof(struct echo), echo_run, NULL,
	                                       echo_end };

static struct reed_future *handler(void *arg, struct reed_http_request *request)
{
	struct echo *self = reed_co_new(reed_http_loop(request), &echo_kind);

	self->world = arg;
	self->request = request;
	return reed_start(&self->co);
}

static void world_open(struct world *w, const struct reed_sim_options *sim)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct reed_loop *loop;

	*w = (struct world){ .sim = reed_sim_new(sim),
		             .there = REED_WS_OPTIONS,
		             .here = REED_WS_OPTIONS };
	loop = reed_sim_host(w->sim, "server");
	w->loop = reed_sim_host(w->sim, "client");
	options.handler = handler;
	options.arg = w;
	w->server = reed_http_server_new(loop, &options);
	reed_scope_init(&w->scope, loop, NULL, "server");
	w->scope.policy = REED_SCOPE_IGNORE;
	reed_scope_add(&w->scope, reed_http_serve(w->server, "tcp:80"));
	reed_sim_run_for(w->sim, REED_MS(1));
}

static void world_close(struct world *w)
{
	check(!reed_sim_failure(w->sim));
	reed_ws_close(w->ws);
	reed_sim_run_for(w->sim, REED_S(20));
	reed_scope_finish(&w->scope);
	reed_http_server_free(w->server);
	reed_sim_run_for(w->sim, REED_S(10));
	reed_sim_free(w->sim);
}

static void dial(struct world *w)
{
	check_int(reed_sim_run_until(w->sim,
	                             reed_ws_dial(w->loop, "ws://server/chat?x=1", &w->here,
	                                          &w->ws),
	                             NULL),
	          REED_OK);
}

static enum reed_err receive(struct world *w, struct reed_ws_message *m)
{
	return reed_sim_run_until(w->sim, reed_ws_receive(w->ws, m), NULL);
}

/* n bytes of text that is not too easy to compress. */
static char *text_of(size_t n)
{
	char *text = reed_alloc(n + 1);
	unsigned state = 1;

	for (size_t i = 0; i < n; i++) {
		state = state * 1103515245u + 12345u;
		text[i] = "etaoin shrdlu0123456789"[(state >> 16) % 23];
	}
	return text;
}

static void there_and_back(struct world *w, size_t n)
{
	char *text = text_of(n);
	struct reed_ws_message m;

	check_int(reed_ws_send(w->ws, REED_WS_TEXT, reed_slice(text, n)), REED_OK);
	check_int(receive(w, &m), REED_OK);
	check_int(m.kind, REED_WS_TEXT);
	check(reed_slice_eq(m.bytes, reed_slice(text, n)));
	reed_free(text);
}

/* ---- tests ---- */

static void messages_go_there_and_back_compressed_or_not(void)
{
	static const size_t lengths[] = { 0, 1, 125, 126, 255, 256, 257, 4096, 65536, 300000 };
	struct world w;

	for (int how = 0; how < 4; how++) {
		world_open(&w, NULL);
		w.here.plain = how == 1;
		w.there.plain = how == 2;
		w.here.takeover = w.there.takeover = how == 3;
		dial(&w);
		for (int twice = 0; twice < 2; twice++)
			for (size_t i = 0; i < REED_COUNT(lengths); i++)
				there_and_back(&w, lengths[i]);
		world_close(&w);
	}
}

static void compression_makes_less_of_it(void)
{
	char *text = reed_alloc(100001);
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	struct reed_loop_stats before = { .size = sizeof(before) }, after = before;
	struct reed_ws_message m;
	struct world w;

	memset(text, 'x', 100000);
	world_open(&w, NULL);
	dial(&w);
	reed_loop_stats(w.loop, &before);
	reed_ws_send(w.ws, REED_WS_TEXT, reed_slice(text, 100000));
	check_int(receive(&w, &m), REED_OK);
	check_int(m.bytes.n, 100000);
	reed_loop_stats(w.loop, &after);
	check(after.bytes_out - before.bytes_out < 2000);
	check(after.bytes_in - before.bytes_in < 2000);
	reed_ws_facts(w.ws, &facts);
	check_int(facts.peer.port, 80);
	world_close(&w);
	reed_free(text);
}

static void what_decompresses_to_too_much_is_1009(void)
{
	char *text = reed_alloc(1 << 20);
	struct reed_ws_message m;
	struct world w;

	world_open(&w, NULL);
	w.there.message = 65536;
	dial(&w);
	reed_ws_send(w.ws, REED_WS_BINARY, reed_slice(text, 1 << 20));
	check_int(receive(&w, &m), REED_EEOF);
	check_int(reed_ws_code(w.ws), 1009);
	check_int(w.result, REED_ETOOBIG);
	world_close(&w);
	reed_free(text);
}

static void a_close_is_answered_and_both_know_its_code(void)
{
	struct reed_ws_message m;
	struct world w;

	world_open(&w, NULL);
	dial(&w);
	reed_ws_say_close(w.ws, 4001, "enough");
	check_int(reed_ws_send(w.ws, REED_WS_TEXT, REED_STR("late")), REED_ECLOSED);
	check_int(receive(&w, &m), REED_EEOF);
	check_int(reed_ws_code(w.ws), 4001);
	check_int(w.code, 4001);
	check_int(w.result, REED_EEOF);
	check_int(receive(&w, &m), REED_EEOF); /* and again */
	world_close(&w);
}

static void a_server_that_stops_says_1001(void)
{
	struct reed_ws_message m;
	struct world w;

	world_open(&w, NULL);
	dial(&w);
	there_and_back(&w, 10);
	reed_scope_interrupt(&w.scope);
	check_int(receive(&w, &m), REED_EEOF);
	check(reed_ws_code(w.ws) == 1001 || reed_ws_code(w.ws) == 1000);
	world_close(&w);
}

static void a_peer_that_goes_without_a_close_is_1006(void)
{
	struct reed_ws_message m;
	struct world w;

	world_open(&w, NULL);
	dial(&w);
	there_and_back(&w, 10);
	reed_sim_reset(w.sim, "client", "server");
	check_int(receive(&w, &m), REED_ERESET);
	check_int(reed_ws_code(w.ws), 1006);
	check_int(w.result, REED_ERESET);
	check_int(w.code, 1006);
	check_str(reed_ws_why(w.ws), "the peer went without a Close");
	world_close(&w);
}

static void a_message_dropped_while_it_is_awaited_is_not_lost(void)
{
	struct reed_ws_message m;
	struct reed_future *f;
	struct world w;

	world_open(&w, NULL);
	dial(&w);
	reed_ws_send(w.ws, REED_WS_TEXT, REED_STR("one"));
	reed_ws_send(w.ws, REED_WS_TEXT, REED_STR("two"));
	f = reed_ws_receive(w.ws, &m);
	reed_sim_run_for(w.sim, REED_S(1));
	reed_drop(f);
	check_int(receive(&w, &m), REED_OK);
	check_slice(m.bytes, "one");
	check_int(receive(&w, &m), REED_OK);
	check_slice(m.bytes, "two");
	world_close(&w);
}

/* While the server rests nothing is read, so that the client is made to wait. */
static void a_peer_that_does_not_receive_stops_the_sender(void)
{
	char *text = text_of(60000);
	struct world w;
	size_t sent = 0;

	world_open(&w, NULL);
	w.here.plain = true;
	w.rests = 3600;
	dial(&w);
	while (!reed_ws_must_drain(w.ws) && sent < 1000) {
		reed_ws_send(w.ws, REED_WS_TEXT, reed_slice(text, 60000));
		sent++;
		reed_sim_run_for(w.sim, REED_MS(100));
	}
	check(sent < 10);
	world_close(&w);
	reed_free(text);
}

static void pings_keep_an_idle_connection(void)
{
	struct world w;

	world_open(&w, NULL);
	dial(&w);
	there_and_back(&w, 1);
	reed_sim_run_for(w.sim, REED_S(600));
	there_and_back(&w, 1);
	world_close(&w);
}

static void a_server_that_is_none_is_told_of(void)
{
	struct reed_fault *fault = NULL;
	struct reed_ws *ws = NULL;
	struct world w;

	world_open(&w, NULL);
	w.there.origins = "https://example.org";
	w.here.origin = "https://evil.example";
	check_int(reed_sim_run_until(w.sim, reed_ws_dial(w.loop, "ws://server/", &w.here, &ws),
	                             &fault),
	          REED_EPROTO);
	check(strstr(fault->sentence, "answered 403 Forbidden"));
	reed_fault_free(fault);
	fault = NULL;
	check_int(reed_sim_run_until(w.sim, reed_ws_dial(w.loop, "http://server/", NULL, &ws),
	                             &fault),
	          REED_ESYNTAX);
	check(strstr(fault->sentence, "ws://HOST/PATH"));
	reed_fault_free(fault);
	world_close(&w);
}

static void a_blob_goes_to_many_and_to_no_server(void)
{
	struct reed_blob *blob = reed_ws_encode(REED_WS_TEXT, REED_STR("to all"));
	struct world w;

	world_open(&w, NULL);
	dial(&w);
	check_slice(reed_blob_slice(blob), "\x81\x06to all");
	check_int(reed_ws_send_blob(w.ws, blob), REED_EINVAL); /* a client's frames are masked */
	check_int(reed_ws_send(w.ws, REED_WS_TEXT, REED_STR("\xff")), REED_EINVAL);
	check_int(reed_ws_ping(w.ws, reed_slice("", 0)), REED_OK);
	check_int(reed_ws_send_piece(w.ws, REED_WS_TEXT, REED_STR("a"), false), REED_OK);
	check_int(reed_ws_send(w.ws, REED_WS_TEXT, REED_STR("b")), REED_EINVAL);
	check_int(reed_ws_send_piece(w.ws, REED_WS_TEXT, REED_STR("c"), true), REED_OK);
	world_close(&w);
	reed_blob_release(blob);
}

/* ---- a handler that has had enough ---- */

struct once {
	struct reed_ws_handler handler;
	struct reed_future *session;
	int heard, *gone;
};

static void hear_once(struct reed_ws_handler *h, struct reed_ws *ws, enum reed_ws_opcode kind,
                      struct reed_slice bytes)
{
	struct once *self = reed_container_of(h, struct once, handler);

	(void)ws;
	(void)kind;
	(void)bytes;
	check_int(++self->heard, 1);
	reed_drop(self->session);
}

static void once_free(struct reed_ws_handler *h)
{
	struct once *self = reed_container_of(h, struct once, handler);

	*self->gone = self->heard;
	reed_free(self);
}

static const struct reed_ws_handler_ops once_ops = { .message = hear_once, .free = once_free };

static void what_drops_itself_hears_no_more(void)
{
	struct once *self = reed_alloc(sizeof(*self));
	int gone = 0;
	struct world w;

	world_open(&w, NULL);
	dial(&w);
	for (int i = 0; i < 3; i++)
		reed_ws_send(w.ws, REED_WS_TEXT, REED_STR("there and back"));
	self->handler.ops = &once_ops;
	self->gone = &gone;
	self->session = reed_ws_attach(w.ws, &self->handler);
	w.ws = NULL;
	reed_sim_run_for(w.sim, REED_S(1));
	check_int(gone, 1);
	world_close(&w);
}

/* ---- faults ---- */

/* Says a hundred numbered messages and hears each once, in order; or the connection ends. */
struct counting {
	struct reed_co co;
	struct reed_ws *ws;
	struct reed_ws_options options;
	struct reed_ws_message message;
	int said, heard;
	char text[700];
};

static void counting_run(struct reed_co *co)
{
	struct counting *self = reed_frame(co, struct counting);

	reed_coroutine (co) {
		reed_await(co, reed_ws_dial(co->loop, "ws://server/", &self->options, &self->ws));
		if (co->err)
			reed_return(co, REED_OK);
		while (self->heard < 100) {
			for (; self->said < self->heard + 5; self->said++) {
				memset(self->text, 'x', sizeof(self->text));
				snprintf(self->text, sizeof(self->text), "%d ", self->said);
				reed_ws_send(self->ws, REED_WS_BINARY,
				             reed_slice(self->text, sizeof(self->text)));
			}
			reed_await(co, reed_ws_receive(self->ws, &self->message));
			if (co->err)
				reed_return(co, REED_OK);
			check_int(self->message.bytes.n, sizeof(self->text));
			check_int(atoi(self->message.bytes.p), self->heard);
			self->heard++;
		}
	}
}

static void counting_end(struct reed_co *co)
{
	reed_ws_close(reed_frame(co, struct counting)->ws);
}

static const struct reed_co_kind counting_kind = { "counting", sizeof(struct counting),
	                                           counting_run, NULL, counting_end };

static void messages_come_once_and_in_order_or_the_connection_ends(void)
{
	static const struct reed_sim_link rough = REED_SIM_ROUGH;

	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct reed_sim_options options = REED_SIM_OPTIONS;
		struct reed_sim_faults faults = REED_SIM_FAULTS;
		struct world w;

		faults.reset_every = REED_S(20);
		faults.clog_every = REED_S(10);
		faults.clog_for = REED_S(3);
		faults.partition_every = REED_S(60);
		faults.partition_for = REED_S(30);
		options.seed = seed;
		options.link = &rough;
		options.faults = &faults;
		options.partial_reads = options.partial_writes = 0.3;
		options.schedule = REED_SIM_SHUFFLED;
		world_open(&w, &options);
		for (int i = 0; i < 5; i++) {
			struct counting *c = reed_co_new(w.loop, &counting_kind);

			c->options = (struct reed_ws_options)REED_WS_OPTIONS;
			c->options.takeover = i & 1;
			reed_sim_add(w.sim, reed_start(&c->co));
		}
		reed_sim_run_for(w.sim, REED_S(300));
		world_close(&w);
	}
}

int main(void)
{
	RUN(messages_go_there_and_back_compressed_or_not);
	RUN(compression_makes_less_of_it);
	RUN(what_decompresses_to_too_much_is_1009);
	RUN(a_close_is_answered_and_both_know_its_code);
	RUN(a_server_that_stops_says_1001);
	RUN(a_peer_that_goes_without_a_close_is_1006);
	RUN(a_message_dropped_while_it_is_awaited_is_not_lost);
	RUN(a_peer_that_does_not_receive_stops_the_sender);
	RUN(pings_keep_an_idle_connection);
	RUN(a_server_that_is_none_is_told_of);
	RUN(a_blob_goes_to_many_and_to_no_server);
	RUN(what_drops_itself_hears_no_more);
	RUN(messages_come_once_and_in_order_or_the_connection_ends);
	return 0;
}
