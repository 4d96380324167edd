/*
 * A client that comes back: it says what it is given whenever there is a
 * connection, each a netstring, and prints the answers; how the connection fares
 * goes to stderr.  ^C or SIGTERM ends it.
 *
 *	follow ENDPOINT TEXT...
 */

#include <stdio.h>

#include <reed/co.h>
#include <reed/endpoint.h>
#include <reed/frame.h>
#include <reed/keeper.h>

enum { LONGEST = 4096 };

/* ---- before it counts as a connection: the other side says hello too ---- */

struct greeting {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_slice answer;
};

static void greeting_run(struct reed_co *co)
{
	struct greeting *self = reed_frame(co, struct greeting);

	reed_coroutine (co) {
		reed_write_frame(self->stream, REED_FRAME_NETSTRING, REED_STR("hello"));
		reed_try(co, reed_read_frame(self->stream, REED_FRAME_NETSTRING, LONGEST,
		                             &self->answer));
		if (!reed_slice_is(self->answer, "hello"))
			reed_return(co, reed_because(co, REED_EPROTO, "that is no greeting"));
	}
}

static const struct reed_co_kind greeting_kind = {
	.name = "greeting",
	.size = sizeof(struct greeting),
	.run = greeting_run,
};

static struct reed_future *greet(void *arg, struct reed_stream *stream)
{
	struct greeting *self = reed_co_new(stream->loop, &greeting_kind);

	(void)arg;
	self->stream = stream;
	return reed_start(&self->co);
}

/* ---- a connection ---- */

struct session {
	struct reed_co co;
	struct reed_stream *stream;
	char **texts;
	struct reed_slice message;
};

static void session_run(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	reed_coroutine (co) {
		for (char **text = self->texts; *text; text++)
			reed_write_frame(self->stream, REED_FRAME_NETSTRING, reed_slice_of(*text));
		for (;;) {
			reed_try(co, reed_read_frame(self->stream, REED_FRAME_NETSTRING, LONGEST,
			                             &self->message));
			printf(REED_FMT "\n", REED_ARG(self->message));
			fflush(stdout);
		}
	}
}

static void session_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct session)->stream);
}

static const struct reed_co_kind session_kind = {
	.name = "session",
	.size = sizeof(struct session),
	.run = session_run,
	.end = session_end,
};

static struct reed_future *session(void *arg, struct reed_stream *stream)
{
	struct session *self = reed_co_new(stream->loop, &session_kind);

	self->stream = stream;
	self->texts = arg;
	return reed_start(&self->co);
}

/* ---- how it fares ---- */

struct watch {
	struct reed_co co;
	struct reed_keeper *keeper;
	struct reed_cell *state;
};

static void tell(const struct watch *self)
{
	if (self->state->value == REED_KEEPER_CONNECTED)
		fprintf(stderr, "connected\n");
	if (self->state->value == REED_KEEPER_RESTING)
		fprintf(stderr, "resting: %s\n", reed_keeper_why(self->keeper));
}

static void watch_run(struct reed_co *co)
{
	struct watch *self = reed_frame(co, struct watch);

	reed_coroutine (co) {
		for (;;) {
			reed_try(co, reed_cell_changed(co->loop, self->state, self->state->count));
			tell(self);
		}
	}
}

static const struct reed_co_kind watch_kind = {
	.name = "watch",
	.size = sizeof(struct watch),
	.run = watch_run,
};

static struct reed_future *watch(struct reed_loop *loop, struct reed_keeper *keeper)
{
	struct watch *self = reed_co_new(loop, &watch_kind);

	self->keeper = keeper;
	self->state = reed_keeper_state(keeper);
	return reed_start(&self->co);
}

/* ---- all of it ---- */

struct follow {
	struct reed_co co;
	struct reed_keeper *keeper;
};

static void follow_run(struct reed_co *co)
{
	struct follow *self = reed_frame(co, struct follow);

	reed_coroutine (co) {
		reed_try(co, reed_any(NULL, watch(co->loop, self->keeper),
		                      reed_keeper_run(self->keeper)));
	}
}

static void follow_end(struct reed_co *co)
{
	reed_keeper_free(reed_frame(co, struct follow)->keeper);
}

static const struct reed_co_kind follow_kind = {
	.name = "follow",
	.size = sizeof(struct follow),
	.run = follow_run,
	.end = follow_end,
};

static struct reed_future *follow(struct reed_loop *loop, int argc, char **argv)
{
	struct reed_keeper_options options = REED_KEEPER_OPTIONS;
	struct reed_backoff impatient = REED_BACKOFF;
	struct follow *self;

	if (argc < 2)
		return reed_failed(loop, REED_EINVAL, "follow ENDPOINT TEXT...");
	impatient.first_ms = 200;
	impatient.longest_ms = 5000;
	options.endpoint = argv[1];
	options.prepare = greet;
	options.session = session;
	options.arg = argv + 2;
	options.backoff = &impatient;
	self = reed_co_new(loop, &follow_kind);
	self->keeper = reed_keeper_new(loop, &options);
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, follow);
}
