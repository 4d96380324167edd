/* A program of somebody else's, in C: a coroutine on a loop that says how it went. */

#include <stdio.h>

#include <reed/co.h>
#include <reed/loop.h>
#include <reed/slice.h>

struct greeting {
	struct reed_co co;
	struct reed_slice words;
	int which;
};

static void greeting_run(struct reed_co *co)
{
	struct greeting *self = reed_frame(co, struct greeting);

	reed_coroutine (co) {
		reed_try(co, reed_within(5000, reed_sleep(co->loop, 1)));
		reed_try(co, reed_any(&self->which, reed_sleep(co->loop, 5000),
		                      reed_sleep(co->loop, 1)));
		if (self->which == 1)
			printf(REED_FMT, REED_ARG(self->words));
	}
}

static const struct reed_co_kind greeting_kind = {
	.name = "greeting",
	.size = sizeof(struct greeting),
	.run = greeting_run,
};

int main(void)
{
	struct greeting *greeting;
	struct reed_loop *loop;
	enum reed_err err = reed_loop_new(NULL, &loop);

	if (err)
		return 1;
	greeting = reed_co_new(loop, &greeting_kind);
	greeting->words = REED_STR("consumer: ");
	err = reed_loop_run_until(loop, reed_start(&greeting->co), NULL);
	puts(reed_strerror(err));
	reed_loop_free(loop);
	return err ? 1 : 0;
}
