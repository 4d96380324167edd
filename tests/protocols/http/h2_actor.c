#include "h2_actor.h"

#include "h2_text.h"
#include "reed/alloc.h"
#include "reed/co.h"

struct actor {
	struct reed_co co;
	struct reed_stream *stream;
	const char *lines, *each;
	bool closes;
};

static void say(struct actor *self, const char *lines)
{
	struct reed_buf out = { .limit = 0 };

	h2_text_add_all(&out, lines);
	reed_write(self->stream, reed_buf_slice(&out));
	reed_buf_finish(&out);
}

static void say_of(struct actor *self, unsigned id)
{
	struct reed_buf lines = { .limit = 0 };
	char *text;

	for (const char *p = self->each; *p; p++)
		if (*p == '#')
			reed_buf_printf(&lines, "%u", id);
		else
			reed_buf_add_char(&lines, *p);
	text = reed_buf_take(&lines);
	say(self, text);
	reed_free(text);
}

/* The frames that are here; a head is a request. */
static void answer(struct actor *self)
{
	const unsigned char *p = (const unsigned char *)reed_peek(self->stream).p;
	size_t left = reed_peek(self->stream).n, n;

	while (left >= 9 && left >= (n = 9u + ((unsigned)p[0] << 16 | p[1] << 8 | p[2]))) {
		if (p[3] == NGHTTP2_HEADERS)
			say_of(self, (unsigned)p[7] << 8 | p[8]);
		p += n;
		left -= n;
		reed_skip(self->stream, n);
	}
}

static void actor_run(struct reed_co *co)
{
	struct actor *self = reed_frame(co, struct actor);

	reed_coroutine (co) {
		reed_try(co, reed_more(self->stream));
		reed_skip(self->stream,
		          self->each ? NGHTTP2_CLIENT_MAGIC_LEN : reed_peek(self->stream).n);
		say(self, self->lines);
		while (!self->closes) {
			if (self->each)
				answer(self);
			else
				reed_skip(self->stream, reed_peek(self->stream).n);
			reed_try(co, reed_more(self->stream));
		}
	}
}

static void actor_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct actor)->stream);
}

static const struct reed_co_kind actor_kind = { "actor", sizeof(struct actor), actor_run, NULL,
	                                        actor_end };

struct reed_future *h2_actor(void *arg, struct reed_stream *stream)
{
	struct actor *self = reed_co_new(stream->loop, &actor_kind);
	struct h2_script *script = arg;

	self->stream = stream;
	self->lines = script->lines[script->at];
	self->closes = script->closes;
	self->each = script->each;
	script->connections++;
	script->at += script->lines[script->at + 1] != NULL;
	return reed_start(&self->co);
}
