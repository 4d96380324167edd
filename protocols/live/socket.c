/* A link over a WebSocket: a message of it is any number of lines. */

#include "private.h"

#include "reed/websocket.h"

enum { AT_ONCE = 64 << 10, EXPIRED = 4410, BUSY = 1013, FORBIDDEN = 4403, BROKEN = 1002 };

struct live_socket {
	struct reed_co co;
	struct reed_live *live;
	struct reed_http_request *request;
	struct reed_ws *ws;
	struct reed_ws_message message;
	struct live_carrier carrier;
	uint64_t seen;
	int which;
	bool greeted;
};

static void send_lines(struct live_socket *self, struct reed_buf *out)
{
	if (reed_buf_held(out) > 0)
		reed_ws_send(self->ws, REED_WS_TEXT, reed_buf_slice(out));
	reed_buf_finish(out);
}

static void send_what_there_is(struct live_socket *self)
{
	struct reed_buf out = { .limit = 0 };

	do {
		live_fill(self->carrier.of, &out, AT_ONCE);
		send_lines(self, &out);
	} while (self->carrier.of->next != &self->carrier.of->queue &&
	         !reed_ws_must_drain(self->ws));
}

static enum reed_err refuse(struct live_socket *self, unsigned status)
{
	unsigned code = status == 503 ? BUSY : status == 403 ? FORBIDDEN : EXPIRED;

	if (status == 410)
		reed_ws_send(self->ws, REED_WS_TEXT, REED_STR("expired\n"));
	reed_ws_say_close(self->ws, code, status == 503 ? "too many pages" : "no such link");
	return REED_ECLOSED;
}

/* The first message. */
static enum reed_err greet(struct live_socket *self)
{
	struct reed_slice rest = self->message.bytes;
	struct reed_buf out = { .limit = 0 };
	struct reed_live_link *link;
	struct live_line hello;
	unsigned status;

	if (live_line_parse(reed_slice_cut(&rest, '\n'), &hello) || hello.word != LIVE_HELLO)
		return REED_EPROTO;
	link = live_link_find(self->live, self->request, hello.token, &status);
	if (!link)
		return refuse(self, status);
	live_carrier_attach(&self->carrier, link, "socket");
	if (live_carrier_take_over(&self->carrier, hello.number))
		return REED_EPROTO;
	live_welcome(link, &out);
	send_lines(self, &out);
	self->greeted = true;
	return live_take(link, rest);
}

static struct reed_future *wait(struct live_socket *self)
{
	struct reed_future *fs[4] = { reed_cell_changed(self->co.loop, &self->carrier.stir,
		                                        self->seen) };
	int n = 1;

	if (reed_ws_must_drain(self->ws))
		fs[n++] = reed_ws_drain(self->ws);
	self->message.bytes = reed_slice(NULL, 0);
	if (live_may_take(self->carrier.of))
		fs[n++] = reed_ws_receive(self->ws, &self->message);
	fs[n] = NULL;
	return reed_any_of(&self->which, fs);
}

static bool is_current(const struct live_socket *self)
{
	return self->carrier.of && self->carrier.of->down == &self->carrier;
}

static void say_goodbye(struct live_socket *self, enum reed_err err)
{
	if (!self->ws || err == REED_ECLOSED)
		return;
	if (err == REED_EPROTO)
		reed_ws_say_close(self->ws, BROKEN, "not a line that was expected");
	else if (self->greeted && !self->carrier.of)
		refuse(self, 410);
}

static void socket_run(struct reed_co *co)
{
	struct live_socket *self = reed_frame(co, struct live_socket);
	struct reed_ws_options options = REED_WS_OPTIONS;
	enum reed_err err;

	reed_coroutine (co) {
		options.message = self->live->options.limits.message;
		options.origins = self->live->origins;
		options.ping_ms = self->live->options.limits.quiet_ms;
		reed_await(co, reed_ws_upgrade(self->request, &options, &self->ws));
		if (co->err) /* it has been answered */
			reed_return(co, REED_OK);
		reed_await(co, reed_within(self->live->options.limits.hello_ms,
		                           reed_ws_receive(self->ws, &self->message)));
		err = co->err ? REED_ECLOSED : greet(self);
		while (!err && is_current(self)) {
			self->seen = self->carrier.stir.count;
			send_what_there_is(self);
			reed_await(co, wait(self));
			err = co->err;
			if (!err && self->carrier.of && self->message.bytes.p)
				err = live_take(self->carrier.of, self->message.bytes);
		}
		say_goodbye(self, err);
	}
}

static void socket_end(struct reed_co *co)
{
	struct live_socket *self = reed_frame(co, struct live_socket);

	live_carrier_detach(&self->carrier);
	reed_ws_close(self->ws);
}

static const struct reed_co_kind socket_kind = { "live socket", sizeof(struct live_socket),
	                                         socket_run, NULL, socket_end };

struct reed_future *live_socket(struct reed_live *live, struct reed_http_request *request)
{
	struct live_socket *self = reed_co_new(live->loop, &socket_kind);

	self->live = live;
	self->request = request;
	return reed_start(&self->co);
}
