/*
 * Says back what it hears: echo ENDPOINT [pull]
 *
 * Twice the same server: pushed to, as one writes what must be fast, and as a
 * dialogue, a coroutine a connection.
 */

#include <reed/alloc.h>
#include <reed/co.h>
#include <reed/endpoint.h>

#include <string.h>

/* ---- push ---- */

static size_t push_data(struct reed_protocol *self, struct reed_slice in)
{
	reed_write(self->stream, in);
	return in.n;
}

static void push_free(struct reed_protocol *self)
{
	reed_free(self);
}

static const struct reed_protocol_ops push_ops = { .data = push_data, .free = push_free };

static struct reed_future *push(void *arg, struct reed_stream *stream)
{
	struct reed_protocol *self = reed_alloc(sizeof(*self));

	(void)arg;
	self->ops = &push_ops;
	return reed_stream_attach(stream, self);
}

/* ---- pull ---- */

struct pull {
	struct reed_co co;
	struct reed_stream *stream;
};

static void pull_run(struct reed_co *co)
{
	struct pull *self = reed_frame(co, struct pull);

	reed_coroutine (co) {
		for (;;) {
			reed_try(co, reed_more(self->stream));
			reed_write(self->stream, reed_peek(self->stream));
			reed_skip(self->stream, reed_peek(self->stream).n);
			if (reed_must_drain(self->stream))
				reed_try(co, reed_drain(self->stream));
		}
	}
}

static void pull_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct pull)->stream);
}

static const struct reed_co_kind pull_kind = {
	.name = "pull",
	.size = sizeof(struct pull),
	.run = pull_run,
	.end = pull_end,
};

static struct reed_future *pull(void *arg, struct reed_stream *stream)
{
	struct pull *self = reed_co_new(stream->loop, &pull_kind);

	(void)arg;
	self->stream = stream;
	return reed_start(&self->co);
}

/* ---- */

static struct reed_future *serve(struct reed_loop *loop, int argc, char **argv)
{
	const char *endpoint = argc > 1 ? argv[1] : "tcp:7777:interface=127.0.0.1";
	bool pulls = argc > 2 && strcmp(argv[2], "pull") == 0;

	return reed_listen_and_serve(loop, endpoint, pulls ? pull : push, NULL, NULL);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, serve);
}
