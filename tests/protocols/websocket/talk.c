/* A peer that is told in words what to send. */

#include "talk.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"

/* ---- words to frames ---- */

static int hex(char c)
{
	const char *digits = "0123456789abcdef", *p = strchr(digits, c);

	check(p && c);
	return (int)(p - digits);
}

static void add_payload(struct reed_buf *out, struct reed_slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] != '%') {
			reed_buf_add_char(out, text.p[i]);
			continue;
		}
		reed_buf_add_char(out, (char)(hex(text.p[i + 1]) * 16 + hex(text.p[i + 2])));
		i += 2;
	}
}

static void add_frame(struct reed_buf *out, enum reed_ws_opcode opcode, bool fin,
                      struct reed_slice payload)
{
	struct reed_ws_frame frame = {
		.opcode = opcode,
		.fin = fin,
		.masked = true,
		.length = payload.n,
	};
	char head[REED_WS_HEAD];

	reed_buf_add(out, reed_slice(head, reed_ws_frame_put(&frame, head)));
	reed_buf_add(out, payload);
}

static enum reed_ws_opcode opcode_of(char c)
{
	switch (c) {
	case 't':
		return REED_WS_TEXT;
	case 'b':
		return REED_WS_BINARY;
	case 'c':
		return REED_WS_CONTINUATION;
	case 'p':
		return REED_WS_PING;
	case 'o':
		return REED_WS_PONG;
	default:
		check(c == 'x');
		return REED_WS_CLOSE;
	}
}

static void add_close(struct reed_buf *payload, struct reed_slice text)
{
	struct reed_slice code = reed_slice_cut(&text, ':');
	uint64_t n;

	if (code.n == 0)
		return;
	check(!reed_slice_u64(code, 65535, &n));
	reed_buf_add_char(payload, (char)(n >> 8));
	reed_buf_add_char(payload, (char)n);
	add_payload(payload, text);
}

static void add_word(struct reed_buf *out, struct reed_slice word)
{
	struct reed_buf payload = { .limit = 0 };
	struct reed_slice head;

	if (word.p[0] == '=') {
		for (size_t i = 1; i + 1 < word.n; i += 2)
			reed_buf_add_char(out, (char)(hex(word.p[i]) * 16 + hex(word.p[i + 1])));
		return;
	}
	head = reed_slice_cut(&word, ':');
	if (head.p[0] == 'x')
		add_close(&payload, word);
	else
		add_payload(&payload, word);
	add_frame(out, opcode_of(head.p[0]), head.n == 1, reed_buf_slice(&payload));
	reed_buf_finish(&payload);
}

void talk_encode(const char *words, struct reed_buf *out)
{
	struct reed_slice rest = reed_slice_of(words);

	while (rest.n > 0) {
		struct reed_slice word = reed_slice_cut(&rest, ' ');

		if (word.n > 0)
			add_word(out, word);
	}
}

/* ---- frames to words ---- */

static void put(char *out, size_t room, const char *format, ...) REED_PRINTF(3, 4);

static void put(char *out, size_t room, const char *format, ...)
{
	size_t n = strlen(out);
	va_list args;

	va_start(args, format);
	vsnprintf(out + n, room - n, format, args);
	va_end(args);
}

static void put_payload(struct talk *t, struct reed_slice payload)
{
	if (payload.n > 200) {
		put(t->heard, sizeof(t->heard), "(%zu)", payload.n);
		return;
	}
	for (size_t i = 0; i < payload.n; i++) {
		unsigned char c = (unsigned char)payload.p[i];

		put(t->heard, sizeof(t->heard), c > ' ' && c < 127 ? "%c" : "%%%02x", c);
	}
}

static void put_frame(struct talk *t, const struct reed_ws_frame *frame, struct reed_slice payload)
{
	static const char letters[] = "ctb.....xpo";

	check(!frame->masked);
	put(t->heard, sizeof(t->heard), "%s%c%s:", t->heard[0] ? " " : "", letters[frame->opcode],
	    frame->fin ? "" : "+");
	if (frame->opcode != REED_WS_CLOSE) {
		put_payload(t, payload);
		return;
	}
	if (payload.n >= 2) /* why is for people */
		put(t->heard, sizeof(t->heard), "%u",
		    (unsigned)(uint8_t)payload.p[0] << 8 | (uint8_t)payload.p[1]);
}

static void decode(struct talk *t)
{
	struct reed_slice in = reed_buf_slice(&t->raw);
	struct reed_ws_frame frame;
	size_t used;

	t->heard[0] = '\0';
	while (in.n > 0) {
		check_int(reed_ws_frame_parse(in, &frame, &used), REED_OK);
		in = reed_slice_from(in, used);
		check(frame.length <= in.n);
		put_frame(t, &frame, reed_slice_first(in, (size_t)frame.length));
		in = reed_slice_from(in, (size_t)frame.length);
	}
	if (t->ended)
		put(t->heard, sizeof(t->heard), "%s|", t->heard[0] ? " " : "");
}

/* ---- the server: it says again what it hears ---- */

struct server {
	struct reed_co co;
	struct talk *talk;
	struct reed_stream *stream;
	struct reed_ws *ws;
	struct reed_ws_message message;
	struct reed_ws_handler handler;
};

static void echo_message(struct reed_ws_handler *h, struct reed_ws *ws, enum reed_ws_opcode kind,
                         struct reed_slice bytes)
{
	(void)h;
	check(kind == REED_WS_TEXT || kind == REED_WS_BINARY);
	check(kind != REED_WS_TEXT || reed_slice_is_utf8(bytes));
	check_int(reed_ws_send(ws, kind, bytes), REED_OK);
}

static void echo_piece(struct reed_ws_handler *h, struct reed_ws *ws, enum reed_ws_opcode kind,
                       struct reed_slice bytes, bool last)
{
	(void)h;
	check_int(reed_ws_send_piece(ws, kind, bytes, last), REED_OK);
}

static void note_end(struct reed_ws_handler *h, struct reed_ws *ws, enum reed_err err)
{
	struct server *self = reed_container_of(h, struct server, handler);

	self->talk->result = err;
	self->talk->code = reed_ws_code(ws);
}

static void stays(struct reed_ws_handler *h)
{
	(void)h;
}

static const struct reed_ws_handler_ops whole_ops = {
	.message = echo_message,
	.ended = note_end,
	.free = stays,
};

static const struct reed_ws_handler_ops piece_ops = {
	.piece = echo_piece,
	.ended = note_end,
	.free = stays,
};

static struct reed_future *answer(struct server *self)
{
	struct reed_stream *stream = self->stream;

	self->stream = NULL;
	return reed_ws_answer(stream, &self->talk->options, &self->ws);
}

static struct reed_future *attach(struct server *self)
{
	struct reed_ws *ws = self->ws;

	self->ws = NULL;
	self->handler.ops = self->talk->face == TALK_PUSH ? &whole_ops : &piece_ops;
	return reed_ws_attach(ws, &self->handler);
}

static void server_run(struct reed_co *co)
{
	struct server *self = reed_frame(co, struct server);

	reed_coroutine (co) {
		reed_try(co, answer(self));
		if (self->talk->face != TALK_PULL)
			reed_try(co, attach(self));
		while (self->ws) {
			reed_await(co, reed_ws_receive(self->ws, &self->message));
			self->talk->result = co->err;
			self->talk->code = reed_ws_code(self->ws);
			if (co->err)
				break;
			reed_ws_send(self->ws, self->message.kind, self->message.bytes);
			reed_try(co, reed_ws_drain(self->ws));
		}
	}
}

static void server_end(struct reed_co *co)
{
	struct server *self = reed_frame(co, struct server);

	reed_close(self->stream);
	reed_ws_close(self->ws);
}

static const struct reed_co_kind server_kind = { "server", sizeof(struct server), server_run, NULL,
	                                         server_end };

/* ---- the client ---- */

struct client {
	struct reed_co co;
	struct talk *talk;
	struct reed_stream *stream;
	struct reed_slice line;
	struct reed_buf out;
};

static const char request[] = "GET /chat HTTP/1.1\r\nHost: server\r\nUpgrade: websocket\r\n"
			      "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n";

static bool send_some(struct client *self)
{
	struct reed_slice next = reed_slice_first(reed_buf_slice(&self->out),
	                                          self->talk->step ? self->talk->step : SIZE_MAX);

	reed_write(self->stream, next);
	reed_buf_skip(&self->out, next.n);
	return reed_buf_held(&self->out) > 0;
}

static void take(struct client *self)
{
	struct reed_slice all = reed_peek(self->stream);

	reed_buf_add(&self->talk->raw, all);
	reed_skip(self->stream, all.n);
}

static void client_run(struct reed_co *co)
{
	struct client *self = reed_frame(co, struct client);
	struct talk *t = self->talk;

	reed_coroutine (co) {
		do {
			reed_await(co, reed_read_line(self->stream, &self->line));
			if (co->err)
				reed_return(co, REED_OK);
			put(t->answer, sizeof(t->answer), "%.*s\n", REED_ARG(self->line));
		} while (self->line.n > 0);
		while (send_some(self))
			reed_try(co, reed_sleep(co->loop, 1));
		for (;;) {
			reed_await(co, reed_within(2000, reed_more(self->stream)));
			if (co->err)
				break;
			take(self);
		}
		t->ended = co->err == REED_EEOF;
	}
}

static void client_end(struct reed_co *co)
{
	struct client *self = reed_frame(co, struct client);

	reed_buf_finish(&self->out);
	reed_close(self->stream);
}

static const struct reed_co_kind client_kind = { "client", sizeof(struct client), client_run, NULL,
	                                         client_end };

static struct reed_future *serve(struct talk *t, struct reed_stream *stream)
{
	struct server *self = reed_co_new(t->loop, &server_kind);

	self->talk = t;
	self->stream = stream;
	return reed_start(&self->co);
}

const char *talk_bytes(struct talk *t, struct reed_slice bytes)
{
	struct client *self = reed_co_new(t->loop, &client_kind);
	struct reed_scope scope;
	struct reed_stream *other;

	t->ended = false;
	t->answer[0] = t->heard[0] = '\0';
	t->result = REED_OK;
	reed_buf_finish(&t->raw);
	reed_stream_pair(t->loop, 0, &self->stream, &other);
	reed_scope_init(&scope, t->loop, NULL, "server");
	scope.policy = REED_SCOPE_IGNORE;
	reed_scope_add(&scope, serve(t, other));
	self->talk = t;
	reed_printf(self->stream, "%s%s\r\n", request,
	            t->more ? t->more : "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
	reed_buf_add(&self->out, bytes);
	check_int(reed_sim_run_until(t->sim, reed_start(&self->co), NULL), REED_OK);
	reed_scope_finish(&scope);
	reed_sim_run_for(t->sim, REED_S(6));
	decode(t);
	return t->heard;
}

const char *talk(struct talk *t, const char *words)
{
	struct reed_buf bytes = { .limit = 0 };

	talk_encode(words, &bytes);
	talk_bytes(t, reed_buf_slice(&bytes));
	reed_buf_finish(&bytes);
	return t->heard;
}

void talk_open(struct talk *t)
{
	*t = (struct talk){ .sim = reed_sim_new(NULL), .options = REED_WS_OPTIONS };
	t->loop = reed_sim_host(t->sim, "here");
}

void talk_close(struct talk *t)
{
	check(!reed_sim_failure(t->sim));
	reed_buf_finish(&t->raw);
	reed_sim_free(t->sim);
}
