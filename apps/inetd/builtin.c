/* What inetd has always answered by itself: RFC 862 to 868, without a program. */

#include "inetd.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/random.h"

enum { LINE = 72, FIRST = 33, LETTERS = 94 }; /* '!' to '~' (RFC 864) */

#define TO_1900 2208988800u /* seconds, to 1970 (RFC 868) */

/* ---- what is said ---- */

/* RFC 867: any text with a line's end; in UTC, as it is said to nobody in particular. */
static void add_daytime(struct reed_loop *loop, struct reed_buf *out)
{
	char text[REED_WALL_TEXT];

	reed_buf_printf(out, "%s\r\n", reed_wall_text(reed_wall(loop), text));
}

static void add_time(struct reed_loop *loop, struct reed_buf *out)
{
	uint32_t seconds = (uint32_t)(reed_wall(loop) / REED_S(1)) + TO_1900;

	for (int shift = 24; shift >= 0; shift -= 8)
		reed_buf_add_char(out, (char)(seconds >> shift));
}

/* The n-th line begins one letter later than the one before. */
static void add_line(struct reed_buf *out, unsigned n)
{
	for (unsigned i = 0; i < LINE; i++)
		reed_buf_add_char(out, (char)(FIRST + (n + i) % LETTERS));
	reed_buf_add_str(out, "\r\n");
}

/* ---- connections ---- */

struct session {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_buf text;
	unsigned line;
	int builtin;
};

static void say(struct session *self)
{
	reed_buf_clear(&self->text);
	if (self->builtin == INETD_DAYTIME)
		add_daytime(self->co.loop, &self->text);
	else if (self->builtin == INETD_TIME)
		add_time(self->co.loop, &self->text);
	else if (self->builtin == INETD_CHARGEN)
		add_line(&self->text, self->line++);
	reed_write(self->stream, reed_buf_slice(&self->text));
}

static void hear(struct session *self)
{
	struct reed_slice heard = reed_peek(self->stream);

	if (self->builtin == INETD_ECHO)
		reed_write(self->stream, heard);
	reed_skip(self->stream, heard.n);
}

static void session_run(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	reed_coroutine (co) {
		say(self);
		while (self->builtin == INETD_CHARGEN) {
			reed_try(co, reed_drain(self->stream));
			reed_try(co, reed_yield(co->loop));
			say(self);
		}
		while (self->builtin == INETD_ECHO || self->builtin == INETD_DISCARD) {
			reed_try(co, reed_more(self->stream));
			hear(self);
			reed_try(co, reed_drain(self->stream));
		}
	}
}

static void session_end(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	reed_close(self->stream);
	reed_buf_finish(&self->text);
}

static const struct reed_co_kind session_kind = { .name = "inetd builtin",
	                                          .size = sizeof(struct session),
	                                          .run = session_run,
	                                          .end = session_end };

struct reed_future *inetd_builtin_session(struct inetd_one *one, struct reed_stream *stream)
{
	struct session *self = reed_co_new(stream->loop, &session_kind);

	self->stream = stream;
	self->builtin = one->entry->builtin;
	return reed_start(&self->co);
}

/* ---- datagrams ---- */

struct handler {
	struct reed_dgram_handler handler;
	struct inetd_one *one;
	struct reed_buf text;
	unsigned line;
};

/* Two that answer each other would never end: such a service sends from a port like ours. */
static bool may_answer(struct handler *self, const struct reed_datagram *in)
{
	return in->from->port >= 1024 && inetd_may_start(self->one);
}

static void answer(struct handler *self, const struct reed_datagram *in)
{
	struct reed_loop *loop = self->handler.dgram->loop;
	int builtin = self->one->entry->builtin;

	if (builtin == INETD_DISCARD || !may_answer(self, in))
		return;
	reed_buf_clear(&self->text);
	if (builtin == INETD_ECHO)
		reed_buf_add(&self->text, in->data);
	else if (builtin == INETD_DAYTIME)
		add_daytime(loop, &self->text);
	else if (builtin == INETD_TIME)
		add_time(loop, &self->text);
	else
		add_line(&self->text, self->line++);
	reed_dgram_reply(self->handler.dgram, in, reed_buf_slice(&self->text));
}

static void datagrams(struct reed_dgram_handler *handler, const struct reed_datagram *in, size_t n)
{
	for (size_t i = 0; i < n; i++)
		answer(reed_container_of(handler, struct handler, handler), &in[i]);
}

static void handler_free(struct reed_dgram_handler *handler)
{
	struct handler *self = reed_container_of(handler, struct handler, handler);

	reed_buf_finish(&self->text);
	reed_free(self);
}

static const struct reed_dgram_handler_ops handler_ops = { .datagrams = datagrams,
	                                                   .free = handler_free };

struct reed_future *inetd_builtin_datagrams(struct inetd_one *one, struct reed_dgram *d)
{
	struct handler *self = reed_alloc(sizeof(*self));

	self->handler.ops = &handler_ops;
	self->one = one;
	return reed_dgram_attach(d, &self->handler);
}
