#include "browser.h"

#include <stdlib.h>

#include "reed/endpoint.h"

/* ---- the page ---- */

struct browser {
	struct reed_co co;
	struct browser_notes *notes;
	struct reed_http_client *client;
	struct reed_http_response *response;
	struct reed_ws *ws;
	struct reed_ws_message message;
	char token[64];
	long long given, had, sent;
	struct {
		long long number;
		char text[64];
	} waiting[256];
	int count, calls, which, left;
	struct reed_buf out;
	bool up;
};

static void push(struct browser *self, const char *text)
{
	if (self->count == 256) {
		reed_sim_fail(reed_sim_of(self->co.loop), "the page has too much to say");
		return;
	}
	self->waiting[self->count].number = ++self->given;
	snprintf(self->waiting[self->count++].text, 64, "%lld %s\n", self->given, text);
}

static void acknowledged(struct browser *self, long long up_to)
{
	int n = 0;

	while (n < self->count && self->waiting[n].number <= up_to)
		n++;
	memmove(self->waiting, self->waiting + n,
	        (size_t)(self->count - n) * sizeof(self->waiting[0]));
	self->count -= n;
}

/* At most eight calls are under way. */
static void call_some(struct browser *self)
{
	char text[64];

	while (self->calls < ROUNDS && self->count < 8) {
		self->calls++;
		snprintf(text, sizeof(text), "call %d add [%d]", self->calls, self->calls);
		push(self, text);
	}
}

static void add_lines(struct browser *self)
{
	reed_buf_printf(&self->out, "ack %lld\n", self->had);
	for (int i = 0; i < self->count; i++)
		if (self->waiting[i].number > self->sent) {
			reed_buf_add_str(&self->out, self->waiting[i].text);
			self->sent = self->waiting[i].number;
		}
}

static void wrong(struct browser *self, const char *text)
{
	reed_sim_fail(reed_sim_of(self->co.loop), "the page hears out of turn: %s", text);
}

static void take_message(struct browser *self, const char *text)
{
	struct browser_notes *notes = self->notes;
	int a, b;
	char answer[64];

	if (sscanf(text, "say tick [%d]", &a) == 1) {
		if (a != ++notes->ticks)
			wrong(self, text);
	} else if (sscanf(text, "call %d double [%d]", &a, &b) == 2) {
		if (b != ++notes->doubles)
			wrong(self, text);
		snprintf(answer, sizeof(answer), "ok %d %d", a, 2 * b);
		push(self, answer);
	} else if (sscanf(text, "ok %d %d", &a, &b) == 2 && a >= 1 && a <= ROUNDS) {
		if (b != 2 * a || ++notes->answered[a] != 1)
			wrong(self, text);
	} else {
		wrong(self, text);
	}
}

static void take_line(struct browser *self, const char *line)
{
	long long number;
	int used = 0;

	if (sscanf(line, "welcome %60s %lld", self->token, &number) == 2) {
		acknowledged(self, number);
		self->up = true;
	} else if (sscanf(line, "ack %lld", &number) == 1) {
		acknowledged(self, number);
	} else if (strcmp(line, "expired") == 0) {
		self->notes->expired++;
	} else if (sscanf(line, "%lld %n", &number, &used) == 1 && used > 0) {
		if (number > self->had + 1)
			wrong(self, line);
		if (number != self->had + 1)
			return;
		self->had = number;
		take_message(self, line + used);
	} else if (strcmp(line, "pong") != 0) {
		wrong(self, line);
	}
}

static void take(struct browser *self, struct reed_slice text)
{
	while (text.n > 0) {
		char *line = reed_slice_dup(reed_slice_cut(&text, '\n'));

		take_line(self, line);
		reed_free(line);
	}
}

static bool is_done(const struct browser *self)
{
	if (self->notes->give_up || (self->notes->few && self->notes->answered[3] == 1))
		return true;
	for (int i = 1; i <= ROUNDS; i++)
		if (self->notes->answered[i] != 1)
			return false;
	return self->notes->ticks == ROUNDS && self->notes->doubles == ROUNDS && self->count == 0;
}

static void hello(struct browser *self)
{
	reed_buf_clear(&self->out);
	reed_buf_printf(&self->out, "hello %s %lld\n", self->token, self->had);
	self->sent = self->up ? 0 : self->given; /* nothing before there is a link */
}

static struct reed_future *post(struct browser *self, const char *what)
{
	static const struct reed_http_field field = { { "Reed-Live", 9 }, { "1", 1 } };
	struct reed_http_fetch fetch = REED_HTTP_FETCH;
	struct reed_future *f;
	char url[64];

	snprintf(url, sizeof(url), "http://server/live/%s", what);
	fetch.url = url;
	fetch.method = "POST";
	fetch.fields = &field;
	fetch.field_count = 1;
	fetch.body = reed_buf_slice(&self->out);
	reed_http_response_free(self->response);
	self->response = NULL;
	f = reed_http_fetch(self->client, &fetch, &self->response);
	return reed_within(3000, f);
}

static void take_response(struct browser *self)
{
	if (self->response && self->response->status == 200)
		take(self, self->response->body);
}

static void send_over_socket(struct browser *self)
{
	call_some(self);
	if (!self->up)
		return;
	reed_buf_clear(&self->out);
	add_lines(self);
	reed_ws_send(self->ws, REED_WS_TEXT, reed_buf_slice(&self->out));
}

static void browser_run(struct reed_co *co)
{
	struct browser *self = reed_frame(co, struct browser);

	reed_coroutine (co) {
		while (!is_done(self)) {
			self->left = 1 + (int)reed_random_below(co->loop, 30);
			if (reed_random_below(co->loop, 3) == 0)
				goto polls;
			reed_await(co, reed_within(3000,
			                           reed_ws_dial(co->loop, "ws://server/live/socket",
			                                        NULL, &self->ws)));
			if (!co->err) {
				hello(self);
				reed_ws_send(self->ws, REED_WS_TEXT, reed_buf_slice(&self->out));
				self->notes->sockets++;
			}
			while (!co->err && self->left-- > 0 && !is_done(self)) {
				reed_await(co, reed_within(2000, reed_ws_receive(self->ws,
				                                                 &self->message)));
				if (co->err)
					break;
				take(self, self->message.bytes);
				send_over_socket(self);
			}
			reed_ws_close(self->ws);
			self->ws = NULL;
			continue;
polls:
			while (self->left-- > 0 && !is_done(self)) {
				hello(self);
				reed_buf_add_str(&self->out, "ping\n");
				reed_await(co, post(self, "poll"));
				if (co->err)
					break;
				self->notes->polls++;
				take_response(self);
				if (!self->up)
					break;
				call_some(self);
				hello(self);
				add_lines(self);
				reed_await(co, post(self, "send"));
				if (co->err)
					break;
				take_response(self);
			}
			reed_try(co, reed_sleep(co->loop, 10));
		}
		self->notes->done = true;
	}
}

static void browser_end(struct reed_co *co)
{
	struct browser *self = reed_frame(co, struct browser);

	reed_ws_close(self->ws);
	reed_http_response_free(self->response);
	reed_http_client_free(self->client);
	reed_buf_finish(&self->out);
}

static const struct reed_co_kind browser_kind = { "browser", sizeof(struct browser), browser_run,
	                                          NULL, browser_end };

struct reed_future *browser(struct reed_loop *loop, struct browser_notes *notes)
{
	struct browser *self = reed_co_new(loop, &browser_kind);

	self->notes = notes;
	snprintf(self->token, sizeof(self->token), "-");
	self->client = reed_http_client_new(loop, NULL);
	return reed_start(&self->co);
}

/* ---- the server ---- */

struct desk {
	struct reed_live_page page;
	struct office *office;
	struct reed_live_link *link;
	struct reed_scope scope;
};

/* Every second answer takes a while, so that they overtake each other. */
struct adding {
	struct reed_co co;
	struct reed_live_call *call;
	int n;
	bool slow;
};

static void adding_run(struct reed_co *co)
{
	struct adding *self = reed_frame(co, struct adding);
	char text[32];

	reed_coroutine (co) {
		reed_try(co, reed_sleep(co->loop,
		                        self->slow ? 10000
		                                   : (int64_t)reed_random_below(co->loop, 400)));
		snprintf(text, sizeof(text), "\n%d", 2 * self->n);
		reed_live_answer(self->call, reed_slice_of(text));
	}
}

static const struct reed_co_kind adding_kind = { "adding", sizeof(struct adding), adding_run, NULL,
	                                         NULL };

static struct reed_future *desk_call(struct reed_live_page *page, struct reed_live_call *call)
{
	struct desk *self = reed_container_of(page, struct desk, page);
	struct adding *adding;
	char text[32];
	struct reed_slice arg;
	uint64_t got = 0;
	int n;

	if (!reed_live_element(reed_live_args(call), 0, &arg))
		reed_slice_u64(arg, 1000, &got);
	n = (int)got;
	if (!reed_slice_is(reed_live_name(call), "add") || n != ++self->office->added)
		reed_sim_fail(reed_sim_of(self->office->loop), "add(%d) is not the %dth", n,
		              self->office->added);
	if (n % 2 && !self->office->slow) {
		snprintf(text, sizeof(text), "%d", 2 * n);
		reed_live_answer(call, reed_slice_of(text));
		return NULL;
	}
	adding = reed_co_new(self->office->loop, &adding_kind);
	adding->call = call;
	adding->n = n;
	adding->slow = self->office->slow;
	return reed_start(&adding->co);
}

static void desk_gone(struct reed_live_page *page, const char *why)
{
	struct desk *self = reed_container_of(page, struct desk, page);

	self->office->gone++;
	self->office->why = why;
	reed_scope_finish(&self->scope);
	reed_free(self);
}

static const struct reed_live_page_ops desk_ops = { .call = desk_call, .gone = desk_gone };

/* Tells and asks, as long as the page is there. */
struct telling {
	struct reed_co co;
	struct desk *desk;
	struct reed_live_result result;
	int n;
};

static enum reed_err say_tick(struct telling *self)
{
	char text[32];

	snprintf(text, sizeof(text), "[%d]", self->n);
	return reed_live_say(self->desk->link, "tick", reed_slice_of(text));
}

static struct reed_future *ask_double(struct telling *self)
{
	char text[32];

	snprintf(text, sizeof(text), "[%d]", self->n);
	return reed_live_ask(self->desk->link, "double", reed_slice_of(text), &self->result);
}

static void check_double(struct telling *self)
{
	if (self->result.refused || atoi(self->result.json) != 2 * self->n)
		reed_sim_fail(reed_sim_of(self->co.loop), "double(%d) is %s", self->n,
		              self->result.json);
	self->desk->office->asked++;
	reed_free(self->result.json);
	self->result.json = NULL;
}

static void telling_run(struct reed_co *co)
{
	struct telling *self = reed_frame(co, struct telling);

	reed_coroutine (co) {
		while (self->n++ < ROUNDS) {
			reed_try(co, reed_sleep(co->loop, 20));
			if (say_tick(self))
				reed_return(co, REED_OK);
			reed_await(co, ask_double(self));
			if (co->err)
				reed_return(co, REED_OK);
			check_double(self);
		}
	}
}

static void telling_end(struct reed_co *co)
{
	reed_free(reed_frame(co, struct telling)->result.json);
}

static const struct reed_co_kind telling_kind = { "telling", sizeof(struct telling), telling_run,
	                                          NULL, telling_end };

static struct reed_live_page *desk_open(void *arg, struct reed_http_request *request,
                                        struct reed_live_link *link)
{
	struct office *office = arg;
	struct desk *self = reed_alloc(sizeof(*self));
	struct telling *telling;

	(void)request;
	office->link = link;
	office->opened++;
	office->added = 0; /* a link that nobody heard of calls nothing */
	self->page.ops = &desk_ops;
	self->office = office;
	self->link = link;
	reed_scope_init(&self->scope, office->loop, NULL, "desk");
	if (office->silent)
		return &self->page;
	telling = reed_co_new(office->loop, &telling_kind);
	telling->desk = self;
	reed_scope_add(&self->scope, reed_start(&telling->co));
	return &self->page;
}

bool office_refuses(void *arg, struct reed_http_request *request, struct reed_live_page *page)
{
	(void)arg;
	(void)request;
	(void)page;
	return false;
}

void office_open(struct office *self, struct reed_loop *loop,
                 const struct reed_live_options *options)
{
	struct reed_http_server_options http = REED_HTTP_SERVER_OPTIONS;
	struct reed_live_options mine = REED_LIVE_OPTIONS;

	*self = (struct office){ .loop = loop };
	if (options)
		mine = *options;
	mine.open = desk_open;
	mine.arg = self;
	self->live = reed_live_new(loop, &mine);
	http.handler = reed_live_handler;
	http.arg = self->live;
	self->server = reed_http_server_new(loop, &http);
	reed_scope_init(&self->scope, loop, NULL, "server");
	self->scope.policy = REED_SCOPE_IGNORE;
	reed_scope_add(&self->scope, reed_http_serve(self->server, "tcp:80"));
}

void office_close(struct office *self)
{
	reed_scope_finish(&self->scope);
	reed_live_free(self->live);
	reed_http_server_free(self->server);
}
