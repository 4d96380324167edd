/* What the kernel's words cost when nothing has to be waited for: nanoseconds each, best of five. */

#include <stdio.h>
#include <time.h>

#include "reed/alloc.h"
#include "reed/cell.h"
#include "reed/co.h"
#include "reed/loop.h"

enum { TIMES = 2000000 };

struct spin {
	struct reed_co co;
	long i;
	struct reed_future here;
	struct reed_cell cell;
	struct reed_watch watch[2];
	struct reed_union either;
};

static void allocated_run(struct reed_co *co)
{
	struct spin *self = reed_frame(co, struct spin);

	reed_coroutine (co) {
		for (; self->i < TIMES; self->i++)
			reed_try(co, reed_ready(co->loop, REED_OK));
	}
}

static void here_free(struct reed_future *f)
{
	(void)f;
}

static const struct reed_future_kind here_kind = { .name = "here", .free = here_free };

static struct reed_future *here(struct spin *self)
{
	reed_future_init(&self->here, self->co.loop, &here_kind);
	reed_settle(&self->here, REED_OK);
	return &self->here;
}

static void embedded_run(struct reed_co *co)
{
	struct spin *self = reed_frame(co, struct spin);

	reed_coroutine (co) {
		for (; self->i < TIMES; self->i++)
			reed_try(co, here(self));
	}
}

static void nothing_run(struct reed_co *co)
{
	reed_coroutine (co) {
	}
}

static const struct reed_co_kind nothing_kind = {
	.name = "nothing",
	.size = sizeof(struct reed_co),
	.run = nothing_run,
};

static void call_run(struct reed_co *co)
{
	struct spin *self = reed_frame(co, struct spin);

	reed_coroutine (co) {
		for (; self->i < TIMES; self->i++)
			reed_try(co, reed_start(reed_co_new(co->loop, &nothing_kind)));
	}
}

static void within_run(struct reed_co *co)
{
	struct spin *self = reed_frame(co, struct spin);

	reed_coroutine (co) {
		for (; self->i < TIMES; self->i++)
			reed_try(co, reed_within(REED_MS(1000), here(self)));
	}
}

static void union_run(struct reed_co *co)
{
	struct spin *self = reed_frame(co, struct spin);

	reed_coroutine (co) {
		for (; self->i < TIMES; self->i++) {
			reed_cell_set(&self->cell, self->i + 1);
			reed_try(co, reed_union_wait(&self->either, REED_MS(1000)));
		}
	}
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double once(const struct reed_co_kind *kind)
{
	struct reed_loop *loop;
	struct spin *s;
	double began;

	if (reed_loop_new(NULL, &loop))
		return 0;
	s = reed_co_new(loop, kind);
	began = seconds();

	reed_union_init(&s->either, loop);
	reed_union_add(&s->either, &s->watch[0], &s->cell);
	reed_union_add(&s->either, &s->watch[1], &s->cell);
	reed_background(reed_start(&s->co), NULL, NULL);
	reed_loop_run(loop);
	reed_loop_free(loop);
	return seconds() - began;
}

static void measure(const char *what, void (*run)(struct reed_co *co))
{
	const struct reed_co_kind kind = { .name = what, .size = sizeof(struct spin), .run = run };
	double best = 1e9;

	for (int round = 0; round < 5; round++) {
		double took = once(&kind) / TIMES * 1e9;

		best = took < best ? took : best;
	}
	printf("%-40s %6.1f ns\n", what, best);
}

int main(void)
{
	printf("bytes: future %zu, coroutine %zu, cell %zu, watch %zu, union %zu\n",
	       sizeof(struct reed_future), sizeof(struct reed_co), sizeof(struct reed_cell),
	       sizeof(struct reed_watch), sizeof(struct reed_union));
	measure("await, settled, allocated", allocated_run);
	measure("await, settled, embedded", embedded_run);
	measure("await within a deadline, embedded", within_run);
	measure("coroutine called and awaited", call_run);
	measure("cell set, union of two awaited", union_run);
	return 0;
}
