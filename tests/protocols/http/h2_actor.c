#include "h2_actor.h"

#include "h2_text.h"
#include "reed/co.h"

struct actor {
	struct reed_co co;
	struct reed_stream *stream;
	const char *lines;
	bool closes;
};

static void actor_run(struct reed_co *co)
{
	struct actor *self = reed_frame(co, struct actor);
	struct reed_buf out = { .limit = 0 };

	reed_coroutine (co) {
		reed_try(co, reed_more(self->stream));
		reed_skip(self->stream, reed_peek(self->stream).n);
		h2_text_add_all(&out, self->lines);
		reed_write(self->stream, reed_buf_slice(&out));
		reed_buf_finish(&out);
		while (!self->closes) {
			reed_try(co, reed_more(self->stream));
			reed_skip(self->stream, reed_peek(self->stream).n);
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
	script->at += script->lines[script->at + 1] != NULL;
	return reed_start(&self->co);
}
