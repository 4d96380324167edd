/*
 * One scenario, dropped and interrupted at each point where it may suspend,
 * and at each moment between settling and waking.
 */

#include "reed/scope.h"
#include "reed/stream.h"
#include "tests/core/tools.h"

#include <sys/socket.h>
#include <unistd.h>

/* ---- a peer that reads a question and gives an answer ---- */

struct peer {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_slice line;
};

static void peer_run(struct reed_co *co)
{
	struct peer *self = reed_frame(co, struct peer);

	reed_coroutine (co) {
		while (!co->err) {
			reed_try(co, reed_read_line(self->stream, &self->line));
			reed_try(co, reed_sleep(co->loop, 3));
			reed_printf(self->stream, "you said something\n");
			reed_write(self->stream, REED_STR("0123456789"));
			reed_try(co, reed_flush(self->stream));
		}
	}
}

static void peer_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct peer)->stream);
}

static const struct reed_co_kind peer_kind = {
	.name = "peer",
	.size = sizeof(struct peer),
	.run = peer_run,
	.end = peer_end,
};

static struct reed_future *peer(struct reed_stream *s)
{
	struct peer *self = reed_co_new(loop, &peer_kind);

	self->stream = s;
	return reed_start(&self->co);
}

/* ---- a pushed one, which answers a byte with a byte ---- */

static size_t mirror_data(struct reed_protocol *self, struct reed_slice in)
{
	reed_write(self->stream, in);
	return in.n;
}

static void mirror_interrupted(struct reed_protocol *self)
{
	reed_write_str(self->stream, "bye");
	reed_finish(self, REED_ECANCELED);
}

static void mirror_free(struct reed_protocol *self)
{
	reed_free(self);
}

static const struct reed_protocol_ops mirror_ops = {
	.data = mirror_data,
	.interrupted = mirror_interrupted,
	.free = mirror_free,
};

static struct reed_future *mirror(struct reed_stream *s)
{
	struct reed_protocol *self = reed_alloc(sizeof(*self));

	self->ops = &mirror_ops;
	return reed_stream_attach(s, self);
}

/* ---- one coroutine that meets them all ---- */

struct errand {
	struct reed_co co;
	struct pair pair;
	struct reed_scope scope;
	struct reed_stream *one, *other, *theirs;
	struct reed_slice line, block;
	int a, b, c, d, which;
	int *out;
};

static struct reed_future *one_more(void *arg, enum reed_err err)
{
	return err ? NULL : take(1, arg);
}

static void connect_pair(struct reed_stream **ours, struct reed_stream **theirs)
{
	int fds[2];

	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	check_int(reed_stream_of_fd(loop, fds[0], ours), REED_OK);
	check_int(reed_stream_of_fd(loop, fds[1], theirs), REED_OK);
}

static void begin_talks(struct errand *self)
{
	connect_pair(&self->one, &self->theirs);
	reed_scope_add(&self->scope, peer(self->theirs));
	connect_pair(&self->other, &self->theirs);
	reed_scope_add(&self->scope, mirror(self->theirs));
	reed_write_str(self->one, "hello\n");
	reed_write_str(self->other, "abc");
}

static void errand_run(struct reed_co *co)
{
	struct errand *self = reed_frame(co, struct errand);

	reed_coroutine (co) {
		reed_try(co, reed_within(1000, fetch(&self->a)));
		reed_try(co, reed_all(take(2, &self->b), fetch(&self->c)));
		reed_try(co, reed_any(&self->which, fetch(&self->d), take(2, &self->d)));
		check_int(self->which, 1);
		reed_try(co, reed_then(fetch(&self->d), one_more, &self->d));
		reed_try(co, reed_yield(co->loop));
		reed_try(co, flaky((struct flaky){ 2, 2, true, REED_OK }, &self->b));
		reed_cell_set(&self->pair.b, 1);
		reed_try(co, reed_union_wait(&self->pair.either, -1));
		reed_await(co,
		           reed_any(NULL, layer(2, true), reed_union_wait(&self->pair.either, 7)));

		begin_talks(self);
		reed_try(co, reed_within(90, reed_read_line(self->one, &self->line)));
		check_slice(self->line, "you said something");
		reed_try(co, reed_all(reed_read_exactly(self->one, 10, &self->block),
		                      reed_read_exactly(self->other, 3, &self->line)));
		check_slice(self->line, "abc");
		reed_write_str(self->one, "again\n");
		reed_try(co, reed_any(&self->which, reed_more(self->other),
		                      reed_read_line(self->one, &self->line)));
		check_int(self->which, 1);
		reed_try(co, reed_flush(self->one));
		reed_await(co, reed_shield(reed_scope_stop(&self->scope, 50)));
		check_int(co->err, REED_OK);
		reed_await(co, reed_read_exactly(self->other, 4, &self->line));
	}
}

static void errand_deliver(struct reed_co *co)
{
	struct errand *self = reed_frame(co, struct errand);

	*self->out += self->a;
	self->a = 0;
}

static void errand_end(struct reed_co *co)
{
	struct errand *self = reed_frame(co, struct errand);

	tokens -= self->a + self->b + self->c + self->d;
	reed_scope_finish(&self->scope);
	reed_close(self->one);
	reed_close(self->other);
}

static const struct reed_co_kind errand_kind = {
	.name = "errand",
	.size = sizeof(struct errand),
	.run = errand_run,
	.deliver = errand_deliver,
	.end = errand_end,
};

static struct reed_future *errand(int *out)
{
	struct errand *self = reed_co_new(loop, &errand_kind);

	pair_init(&self->pair);
	reed_scope_init(&self->scope, loop, NULL, "talks");
	self->out = out;
	return reed_within(5000, reed_start(&self->co));
}

/* ---- again and again, a step further each time ---- */

static void check_nothing_left(struct owner *o, const int *out)
{
	check(!o->waiter.future); /* it did not hang */
	check(idle() && reed_list_empty(&loop->tasks));
	check_int(tokens, *out); /* each was handed over or given back */
	tokens = 0;
}

static bool one_round(struct reed_future *(*scenario)(int *out), void (*act)(struct owner *o),
                      int steps)
{
	int *out = reed_alloc(sizeof(*out));
	struct owner o;
	bool finished;

	own(&o, scenario(out));
	for (int i = 0; i < steps; i++)
		step();
	finished = o.told;
	if (finished) {
		check(!o.err && *out == 1);
	} else {
		check_int(*out, 0); /* nothing before delivery */
		act(&o);
	}
	run();
	check_nothing_left(&o, out);
	reed_free(out); /* a write after this is the sanitizer's */
	return finished;
}

static uint64_t shuffle;

/* What streams keep for the next one is let go between rounds. */
static int each_suspension(struct reed_future *(*scenario)(int *out), void (*act)(struct owner *o))
{
	struct reed_loop_options options = REED_LOOP_OPTIONS;
	bool finished = false;
	int steps;

	for (steps = 0; !finished; steps++) {
		size_t live = memory.live;

		options.shuffle = shuffle;
		loop = lab_loop(&options);
		finished = one_round(scenario, act, steps);
		reed_loop_free(loop);
		check_int(memory.live, live);
	}
	return steps;
}

static void drop_it(struct owner *o)
{
	disown(o);
	check_int(tokens, 0);
}

static void interrupt_it(struct owner *o)
{
	reed_interrupt(o->waiter.future);
}

static void interrupt_and_drop_it(struct owner *o)
{
	reed_interrupt(o->waiter.future);
	step();
	disown(o);
	check(o->told || tokens == 0);
}

static void at_each_suspension_a_drop_leaves_nothing(void)
{
	check(each_suspension(errand, drop_it) > 60);
}

static void at_each_suspension_an_interrupt_ends_it(void)
{
	check(each_suspension(errand, interrupt_it) > 60);
}

static void at_each_suspension_a_drop_after_an_interrupt_leaves_nothing(void)
{
	check(each_suspension(errand, interrupt_and_drop_it) > 60);
}

static void so_it_is_whoever_of_the_ready_goes_first(void)
{
	for (shuffle = 1; shuffle <= 6; shuffle++) {
		at_each_suspension_a_drop_leaves_nothing();
		at_each_suspension_an_interrupt_ends_it();
	}
	shuffle = 0;
}

int main(void)
{
	count_memory();
	RUN(at_each_suspension_a_drop_leaves_nothing);
	RUN(at_each_suspension_an_interrupt_ends_it);
	RUN(at_each_suspension_a_drop_after_an_interrupt_leaves_nothing);
	RUN(so_it_is_whoever_of_the_ready_goes_first);
	check_int(memory.live, 0);
	return 0;
}
