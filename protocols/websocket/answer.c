/* A WebSocket out of a stream on which a client asks for one, without an HTTP server. */

#include "handshake.h"

enum { FIELDS = 64 };

struct answering {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_ws_options options;
	char *protocols, *origins, *path;
	struct reed_http_field *fields;
	struct reed_http_head head;
	size_t scanned, used;
	int64_t until;
	struct ws_answer answer;
	struct reed_ws *ws, **out;
};

static void say_no(struct answering *self, unsigned status, const char *why)
{
	reed_printf(self->stream,
	            "HTTP/1.1 %u %s\r\n%sContent-Type: text/plain; charset=utf-8\r\n"
	            "Content-Length: %zu\r\nConnection: close\r\n\r\n%s\n",
	            status, reed_http_reason(status),
	            status == 426 ? "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" : "",
	            strlen(why) + 1, why);
}

static void say_yes(struct answering *self)
{
	struct reed_stream *s = self->stream;
	struct ws_answer *a = &self->answer;

	reed_printf(s,
	            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
	            "Connection: upgrade\r\nSec-WebSocket-Accept: %s\r\n",
	            a->accept);
	if (a->protocol.n > 0)
		reed_printf(s, "Sec-WebSocket-Protocol: " REED_FMT "\r\n", REED_ARG(a->protocol));
	if (reed_buf_held(&a->extensions) > 0)
		reed_printf(s, "Sec-WebSocket-Extensions: " REED_FMT "\r\n",
		            REED_ARG(reed_buf_slice(&a->extensions)));
	reed_write_str(s, "\r\n");
}

/* REED_EAGAIN: more of the head has to come. */
static enum reed_err take_head(struct answering *self)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	enum reed_err err;

	self->head.fields = self->fields;
	self->head.room = FIELDS;
	err = reed_http_parse_request(reed_peek(self->stream), NULL, &self->head, &self->scanned,
	                              &self->used);
	if (err == REED_EAGAIN)
		return err;
	reed_stream_facts(self->stream, &facts);
	if (err)
		self->answer =
			(struct ws_answer){ .status = self->head.status, .why = self->head.why };
	else
		ws_judge(&self->head, &self->options, facts.secure, &self->answer);
	if (self->answer.status != 101) {
		say_no(self, self->answer.status, self->answer.why);
		return self->answer.status == 403 ? REED_EACCES : REED_EPROTO;
	}
	say_yes(self);
	return REED_OK;
}

static void make(struct answering *self)
{
	struct reed_slice name = self->answer.protocol;

	self->ws = ws_new(self->stream, &self->options, false, &self->answer.agreed, name);
	reed_skip(self->stream, self->used);
	reed_stream_hand_on(self->stream);
	self->stream = NULL;
}

static int64_t left(const struct answering *self)
{
	int64_t ns = self->until - reed_now(self->co.loop);

	return ns > 0 ? (ns + 999999) / 1000000 : 0;
}

static void answering_run(struct reed_co *co)
{
	struct answering *self = reed_frame(co, struct answering);
	enum reed_err err;

	reed_coroutine (co) {
		self->until = reed_now(co->loop) + REED_MS((int64_t)self->options.handshake_ms);
		while ((err = take_head(self)) == REED_EAGAIN)
			reed_try(co, reed_within(left(self), reed_more(self->stream)));
		if (err)
			reed_try(co, reed_failed(co->loop, err, "%s", self->answer.why));
		make(self);
	}
}

static void answering_deliver(struct reed_co *co)
{
	struct answering *self = reed_frame(co, struct answering);

	*self->out = self->ws;
	self->ws = NULL;
}

static void answering_end(struct reed_co *co)
{
	struct answering *self = reed_frame(co, struct answering);

	reed_ws_close(self->ws);
	reed_close(self->stream);
	reed_buf_finish(&self->answer.extensions);
	reed_free(self->fields);
	reed_free(self->protocols);
	reed_free(self->origins);
	reed_free(self->path);
}

static const struct reed_co_kind answering_kind = { "answer a WebSocket", sizeof(struct answering),
	                                            answering_run, answering_deliver,
	                                            answering_end };

struct reed_future *reed_ws_answer(struct reed_stream *stream,
                                   const struct reed_ws_options *options, struct reed_ws **ws)
{
	struct answering *self = reed_co_new(stream->loop, &answering_kind);

	self->stream = stream;
	self->options = ws_options(options);
	self->options.protocols = self->protocols = reed_strdup(self->options.protocols);
	self->options.origins = self->origins = reed_strdup(self->options.origins);
	self->options.path = self->path = reed_strdup(self->options.path);
	self->fields = reed_alloc(FIELDS * sizeof(*self->fields));
	self->out = ws;
	return reed_start(&self->co);
}
