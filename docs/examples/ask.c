/*
 * Says lines to a server and prints what it answers, a line each:
 *
 *	ask ENDPOINT LINE...
 *
 * A server that is just being started is waited for, 5 s at most.
 */

#include <reed/co.h>
#include <reed/endpoint.h>
#include <reed/tls.h>

struct ask {
	struct reed_co co;
	const char *endpoint;
	char **lines;
	int tries;
	struct reed_stream *stream;
	struct reed_slice answer;
};

static bool may_come(enum reed_err err)
{
	return err == REED_EREFUSED || err == REED_ENOENT;
}

static struct reed_future *dial(struct ask *self)
{
	return reed_within(10000, reed_dial(self->co.loop, self->endpoint, &self->stream));
}

static void ask_run(struct reed_co *co)
{
	struct ask *self = reed_frame(co, struct ask);

	reed_coroutine (co) {
		reed_await(co, dial(self));
		while (may_come(co->err) && self->tries++ < 50) {
			reed_try(co, reed_sleep(co->loop, 100));
			reed_await(co, dial(self));
		}
		if (co->err)
			reed_return(co, co->err);
		for (; *self->lines; self->lines++) {
			reed_printf(self->stream, "%s\r\n", *self->lines);
			reed_try(co, reed_read_line(self->stream, &self->answer));
			printf(REED_FMT "\n", REED_ARG(self->answer));
		}
	}
}

static void ask_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct ask)->stream);
}

static const struct reed_co_kind ask_kind = {
	.name = "ask",
	.size = sizeof(struct ask),
	.run = ask_run,
	.end = ask_end,
};

static struct reed_future *ask(struct reed_loop *loop, int argc, char **argv)
{
	struct ask *self;

	if (argc < 2)
		return reed_failed(loop, REED_EINVAL, "say whom: ask ENDPOINT LINE...");
	self = reed_co_new(loop, &ask_kind);
	self->endpoint = argv[1];
	self->lines = argv + 2;
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, ask);
}
