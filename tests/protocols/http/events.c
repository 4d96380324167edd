/* Server-sent events: the format, and a client that comes back where it was. */

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/http/events.h"
#include "reed/http/server.h"
#include "reed/sim.h"
#include "tests/check.h"

/* ---- the format ---- */

/* "[type id data]..." of what is heard of text, given n bytes at a time. */
static const char *heard(struct reed_slice text, size_t n)
{
	static char out[1024];
	struct reed_http_event_parser p = { .limit = 200 };
	struct reed_http_event e;
	enum reed_err err = REED_EAGAIN;

	out[0] = '\0';
	while (text.n > 0 && err != REED_ETOOBIG) {
		struct reed_slice part = reed_slice_first(text, n);

		text = reed_slice_from(text, part.n);
		while (!(err = reed_http_event_parse(&p, &part, &e)))
			snprintf(out + strlen(out), sizeof(out) - strlen(out),
			         "[" REED_FMT " " REED_FMT " " REED_FMT "]", REED_ARG(e.type),
			         REED_ARG(e.id), REED_ARG(e.data));
	}
	if (err == REED_ETOOBIG)
		strcat(out, "!");
	reed_http_event_parser_finish(&p);
	return out;
}

static void hears(const char *text, const char *wanted)
{
	for (size_t n = 1; n <= strlen(text); n++)
		check_str(heard(reed_slice_of(text), n), wanted);
}

static void events_are_read_as_the_standard_has_it(void)
{
	hears("data: one\n\n", "[message  one]");
	hears("data:one\ndata: two\ndata\n\n", "[message  one\ntwo\n]");
	hears("event: add\ndata: 1\n\ndata: 2\n\n", "[add  1][message  2]");
	hears("id: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
	      "[message 7 a][message 7 b][message  c]");
	hears("id: 7\n\ndata: a\n\n", "[message 7 a]");
	hears(": a comment\n\nevent: x\n\ndata: y\n\n", "[message  y]");
	hears("data: a\r\rdata: b\r\n\r\ndata: c\n\n", "[message  a][message  b][message  c]");
	hears("\xef\xbb\xbf"
	      "data: a\n\n",
	      "[message  a]");
	hears("data:  two spaces\nother: x\nretry: 5x\n\n", "[message   two spaces]");
	hears("data\n\n", "[message  ]");
	hears("data: half", "");
}

static void an_event_has_a_limit(void)
{
	char text[400];

	memset(text, 'x', sizeof(text));
	check_str(heard(reed_slice(text, sizeof(text)), 10), "!");
	memcpy(text, "data: ", 6);
	for (int i = 90; i < 390; i += 90)
		memcpy(text + i, "\ndata: ", 7);
	check_str(heard(reed_slice(text, sizeof(text)), 7), "!");
}

/* ---- both sides ---- */

static struct {
	struct reed_sim *sim;
	struct reed_loop *loop;
	struct reed_http_server *server;
	struct reed_http_client *client;
	struct reed_http_events *events;
	int visits, stops_after; /* events of a connection */
	int status[4];           /* of the first visits; 0: events */
	bool silent;
} w;

/* Counts on from Last-Event-ID. */
struct teller {
	struct reed_co co;
	struct reed_http_request *request;
	uint64_t count;
	int told;
};

static enum reed_err tell(struct teller *self)
{
	char id[24], data[64];
	int n = snprintf(id, sizeof(id), "%llu", (unsigned long long)++self->count);
	int m = snprintf(data, sizeof(data), "number\r\n%s\n", id);

	self->told++;
	return reed_http_event(self->request,
	                       &(struct reed_http_event){ REED_STR("count"),
	                                                  reed_slice(data, (size_t)m),
	                                                  reed_slice(id, (size_t)n) });
}

static void teller_run(struct reed_co *co)
{
	struct teller *self = reed_frame(co, struct teller);

	reed_coroutine (co) {
		reed_slice_u64(reed_http_last_event_id(self->request), UINT64_MAX, &self->count);
		reed_http_events_begin(self->request, 500);
		while (self->told < w.stops_after) {
			check_int(tell(self), REED_OK);
			reed_try(co, reed_http_drain(self->request));
			reed_try(co, reed_sleep(co->loop, 100));
			reed_http_events_alive(self->request);
		}
		if (w.silent)
			reed_try(co, reed_forever(co->loop));
	}
}

static const struct reed_co_kind teller_kind = { "teller", sizeof(struct teller), teller_run, NULL,
	                                         NULL };

static struct reed_future *handler(void *arg, struct reed_http_request *request)
{
	int visit = w.visits++;
	struct teller *self;

	(void)arg;
	check_slice(reed_http_header(request, "Accept"), "text/event-stream");
	if (visit < 4 && w.status[visit]) {
		reed_http_respond(request, (unsigned)w.status[visit], "text/plain", REED_STR(""));
		return NULL;
	}
	self = reed_co_new(reed_http_loop(request), &teller_kind);
	self->request = request;
	return reed_start(&self->co);
}

static void begin(void)
{
	struct reed_http_server_options server = REED_HTTP_SERVER_OPTIONS;
	struct reed_http_client_options client = REED_HTTP_CLIENT_OPTIONS;
	struct reed_http_fetch fetch = REED_HTTP_FETCH;

	memset(&w, 0, sizeof(w));
	w.stops_after = 3;
	w.sim = reed_sim_new(NULL);
	w.loop = reed_sim_host(w.sim, "here");
	server.handler = handler;
	w.server = reed_http_server_new(w.loop, &server);
	client.dial = reed_http_fake_dial;
	client.dial_arg = w.server;
	client.silent_ms = 5000;
	w.client = reed_http_client_new(w.loop, &client);
	fetch.url = "http://a.example/news";
	w.events = reed_http_events_new(w.client, &fetch);
}

static void end(void)
{
	reed_http_events_free(w.events);
	reed_http_client_free(w.client);
	reed_sim_run_for(w.sim, REED_S(100));
	check(!reed_sim_failure(w.sim));
	reed_http_server_free(w.server);
	reed_sim_free(w.sim);
}

static enum reed_err next(struct reed_http_event *event)
{
	return reed_sim_run_until(w.sim, reed_http_events_next(w.events, event), NULL);
}

static void hears_number(int n)
{
	struct reed_http_event e;
	char data[64];

	snprintf(data, sizeof(data), "number\n%d\n", n);
	check_int(next(&e), REED_OK);
	check_slice(e.type, "count");
	check_slice(e.data, data);
}

static void a_client_comes_back_where_it_was(void)
{
	int64_t began;

	begin();
	for (int n = 1; n <= 10; n++)
		hears_number(n);
	check_int(w.visits, 4);
	hears_number(11);
	hears_number(12);
	began = reed_sim_now(w.sim);
	hears_number(13);
	check(reed_sim_now(w.sim) - began >= REED_MS(500)); /* as the server said */
	end();
}

static void an_event_that_was_not_delivered_is_the_next(void)
{
	struct reed_http_event e;
	struct reed_future *f;

	begin();
	hears_number(1);
	f = reed_http_events_next(w.events, &e);
	reed_sim_run_for(w.sim, REED_MS(50));
	reed_drop(f);
	hears_number(2);
	hears_number(3);
	end();
}

static void a_server_that_fails_is_asked_again_and_one_that_says_enough_is_not(void)
{
	struct reed_http_event e;

	begin();
	w.status[0] = 503;
	w.status[1] = 429;
	w.status[3] = 204;
	hears_number(1);
	hears_number(2);
	hears_number(3);
	check_int(next(&e), REED_EEOF);
	check_int(w.visits, 4);
	end();
	begin();
	w.status[0] = 404;
	check_int(next(&e), REED_EPROTO);
	end();
	begin();
	w.status[0] = 200; /* of text/plain */
	check_int(next(&e), REED_EPROTO);
	end();
}

static void a_connection_that_says_nothing_is_made_anew(void)
{
	begin();
	w.silent = true;
	w.stops_after = 1;
	hears_number(1);
	hears_number(2);
	check_int(w.visits, 2);
	end();
}

static struct reed_future *refused(void *arg, struct reed_http_request *request)
{
	const struct reed_http_event bad[] = {
		{ .type = REED_STR("a\nb") },
		{ .id = REED_STR("a\rb") },
		{ .data = REED_STR("\xff") },
	};

	(void)arg;
	reed_http_events_begin(request, 0);
	for (size_t i = 0; i < REED_COUNT(bad); i++)
		check_int(reed_http_event(request, &bad[i]), REED_EINVAL);
	reed_http_end(request);
	return NULL;
}

static void what_would_break_the_format_is_not_sent(void)
{
	struct reed_http_server_options server = REED_HTTP_SERVER_OPTIONS;
	struct reed_http_response *response = NULL;
	struct reed_http_fetch fetch = REED_HTTP_FETCH;

	begin();
	reed_http_server_free(w.server);
	server.handler = refused;
	w.server = reed_http_server_new(w.loop, &server);
	reed_http_client_free(w.client);
	w.client = reed_http_client_new(w.loop,
	                                &(struct reed_http_client_options){
						.size = sizeof(struct reed_http_client_options),
						.dial = reed_http_fake_dial,
						.dial_arg = w.server });
	fetch.url = "http://a.example/";
	check_int(reed_sim_run_until(w.sim, reed_http_fetch(w.client, &fetch, &response), NULL),
	          REED_OK);
	check_int(response->body.n, 0);
	reed_http_response_free(response);
	end();
}

int main(void)
{
	RUN(events_are_read_as_the_standard_has_it);
	RUN(an_event_has_a_limit);
	RUN(a_client_comes_back_where_it_was);
	RUN(an_event_that_was_not_delivered_is_the_next);
	RUN(a_server_that_fails_is_asked_again_and_one_that_says_enough_is_not);
	RUN(a_connection_that_says_nothing_is_made_anew);
	RUN(what_would_break_the_format_is_not_sent);
	return 0;
}
