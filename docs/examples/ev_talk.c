/*
 * What is typed goes to a server, and what it answers is printed: ev_talk ENDPOINT
 *
 * libev runs, and watches the standard input as in any such program; Reed is its guest.
 */

#include <ev.h>
#include <reed/co.h>
#include <reed/endpoint.h>
#include <reed/ev.h>
#include <stdio.h>
#include <unistd.h>

struct talk {
	struct reed_co co;
	const char *endpoint;
	struct ev_loop *ev;
	struct ev_io input;
	struct reed_stream *stream;
	struct reed_slice line;
};

/* Who is cut off meanwhile is not there any more. */
static void drained(void *arg, enum reed_err err, const char *why)
{
	struct talk *self = arg;

	(void)why;
	if (!err)
		ev_io_start(self->ev, &self->input);
}

static void typed(struct ev_loop *ev, struct ev_io *input, int events)
{
	struct talk *self = reed_container_of(input, struct talk, input);
	char bytes[4096];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));

	(void)events;
	if (n > 0)
		reed_write(self->stream, reed_slice(bytes, (size_t)n));
	else
		reed_shutdown(self->stream);
	if (n <= 0 || reed_must_drain(self->stream))
		ev_io_stop(ev, input);
	if (n > 0 && reed_must_drain(self->stream))
		reed_background(reed_drain(self->stream), drained, self);
}

static void talk_run(struct reed_co *co)
{
	struct talk *self = reed_frame(co, struct talk);

	reed_coroutine (co) {
		reed_try(co, reed_dial(co->loop, self->endpoint, &self->stream));
		ev_io_start(self->ev, &self->input);
		for (;;) {
			reed_await(co, reed_read_line(self->stream, &self->line));
			if (co->err)
				reed_return(co, co->err == REED_EEOF ? REED_OK : co->err);
			printf(REED_FMT "\n", REED_ARG(self->line));
		}
	}
}

static void talk_end(struct reed_co *co)
{
	struct talk *self = reed_frame(co, struct talk);

	ev_io_stop(self->ev, &self->input);
	reed_close(self->stream);
}

static const struct reed_co_kind talk_kind = {
	.name = "talk",
	.size = sizeof(struct talk),
	.run = talk_run,
	.end = talk_end,
};

static struct reed_future *talk(struct reed_loop *loop, struct ev_loop *ev, const char *endpoint)
{
	struct talk *self = reed_co_new(loop, &talk_kind);

	self->endpoint = endpoint;
	self->ev = ev;
	ev_init(&self->input, typed);
	ev_io_set(&self->input, STDIN_FILENO, EV_READ);
	return reed_start(&self->co);
}

static void ended(void *arg, enum reed_err err, const char *why)
{
	if (err)
		fprintf(stderr, "ev_talk: %s\n", why);
	*(int *)arg = err ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct ev_loop *ev = ev_default_loop(0);
	struct reed_ev_guest *guest;
	struct reed_loop *loop;
	int status = 0;

	if (argc != 2) {
		fputs("ev_talk ENDPOINT\n", stderr);
		return 2;
	}
	if (reed_loop_new(NULL, &loop) || reed_ev_guest_new(loop, ev, &guest))
		return 1;
	reed_background(talk(loop, ev, argv[1]), ended, &status);
	ev_run(ev, 0); /* until neither has anything to wait for */
	reed_ev_guest_free(guest);
	reed_loop_free(loop);
	ev_loop_destroy(ev);
	return status;
}
