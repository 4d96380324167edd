/*
 * Counts the lines of files by asking wc, which is what it takes to run a program:
 *
 *	count FILE...
 */

#include <stdio.h>

#include <reed/co.h>
#include <reed/process.h>

struct count {
	struct reed_co co;
	struct reed_buf out;
	char **files;
};

static struct reed_future *ask(struct count *self)
{
	const char *argv[] = { "wc", "-l", "--", *self->files, NULL };

	return reed_run(self->co.loop, argv, REED_STR(""), &self->out);
}

static void count_run(struct reed_co *co)
{
	struct count *self = reed_frame(co, struct count);

	reed_coroutine (co) {
		for (; *self->files; self->files++) {
			reed_try(co, reed_within(10000, ask(self)));
			printf("there: " REED_FMT, REED_ARG(reed_buf_slice(&self->out)));
			reed_buf_clear(&self->out);
		}
	}
}

static void count_end(struct reed_co *co)
{
	reed_buf_finish(&reed_frame(co, struct count)->out);
}

static const struct reed_co_kind count_kind = {
	.name = "count",
	.size = sizeof(struct count),
	.run = count_run,
	.end = count_end,
};

static struct reed_future *begin(struct reed_loop *loop, int argc, char **argv)
{
	struct count *self = reed_co_new(loop, &count_kind);

	(void)argc;
	self->files = argv + 1;
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, begin);
}
