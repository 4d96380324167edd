/*
 * Keeps a program running: when it ends it is started again, after a second, then
 * two, four, up to a minute; one that has run for a minute begins at a second again.
 * ^C or SIGTERM ends both, the program first.
 *
 *	keep [-n TIMES] PROGRAM ARGUMENT...
 *
 * With -n it gives up after so many starts.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <reed/co.h>
#include <reed/process.h>
#include <reed/scope.h>

enum { FIRST_MS = 1000, LAST_MS = 60000, GOOD_MS = 60000, GRACE_MS = 5000 };

/* ---- one program ---- */

struct keeper {
	struct reed_co co;
	struct reed_process_options options;
	struct reed_process *process;
	struct reed_exit end;
	int64_t pause_ms, started;
	int starts_left; /* negative: no limit */
};

/* How long to wait before the next start. */
static int64_t pause_after(struct keeper *self)
{
	int64_t ran_ms = (reed_now(self->co.loop) - self->started) / 1000000;

	if (ran_ms >= GOOD_MS || self->pause_ms == 0)
		self->pause_ms = FIRST_MS;
	else if (self->pause_ms < LAST_MS)
		self->pause_ms *= 2;
	return self->pause_ms < LAST_MS ? self->pause_ms : LAST_MS;
}

static void tell_end(struct keeper *self)
{
	char text[REED_EXIT_TEXT];

	fprintf(stderr, "%s %s\n", self->options.argv[0], reed_exit_text(&self->end, text));
}

static struct reed_future *start(struct keeper *self)
{
	self->started = reed_now(self->co.loop);
	self->starts_left--;
	return reed_spawn(self->co.loop, &self->options, &self->process);
}

static void keeper_run(struct reed_co *co)
{
	struct keeper *self = reed_frame(co, struct keeper);

	reed_coroutine (co) {
		for (;;) {
			reed_try(co, start(self));
			reed_try(co, reed_process_wait(self->process, &self->end));
			tell_end(self);
			reed_process_close(self->process);
			self->process = NULL;
			if (self->starts_left == 0)
				break;
			reed_try(co, reed_sleep(co->loop, pause_after(self)));
		}
	}
}

/* Whatever ends the keeper ends the program: SIGTERM, and SIGKILL after the grace time. */
static void keeper_end(struct reed_co *co)
{
	reed_process_close(reed_frame(co, struct keeper)->process);
}

static const struct reed_co_kind keeper_kind = {
	.name = "keeper",
	.size = sizeof(struct keeper),
	.run = keeper_run,
	.end = keeper_end,
};

static struct reed_future *keep(struct reed_loop *loop, char **argv, int starts)
{
	struct keeper *self = reed_co_new(loop, &keeper_kind);

	self->options = (struct reed_process_options)REED_PROCESS_OPTIONS;
	self->options.argv = (const char *const *)argv;
	self->options.out.is = self->options.err.is = REED_CHILD_INHERITS;
	self->options.grace_ms = GRACE_MS;
	self->starts_left = starts;
	return reed_start(&self->co);
}

/* ---- all of them ---- */

struct all {
	struct reed_co co;
	struct reed_scope scope; /* of keepers */
	char **argv;
	int starts;
};

static void all_run(struct reed_co *co)
{
	struct all *self = reed_frame(co, struct all);

	reed_coroutine (co) {
		reed_scope_init(&self->scope, co->loop, NULL, "kept");
		self->scope.policy = REED_SCOPE_FAIL;
		reed_scope_add(&self->scope, keep(co->loop, self->argv, self->starts));
		reed_try(co, reed_scope_wait(&self->scope));
	}
}

static void all_end(struct reed_co *co)
{
	struct all *self = reed_frame(co, struct all);

	if (self->scope.loop)
		reed_scope_finish(&self->scope);
}

static const struct reed_co_kind all_kind = {
	.name = "keep",
	.size = sizeof(struct all),
	.run = all_run,
	.end = all_end,
};

static struct reed_future *begin(struct reed_loop *loop, int argc, char **argv)
{
	bool limited = argc > 2 && strcmp(argv[1], "-n") == 0;
	struct all *self;

	if (argc < (limited ? 4 : 2))
		return reed_failed(loop, REED_EINVAL, "keep [-n TIMES] PROGRAM ARGUMENT...");
	self = reed_co_new(loop, &all_kind);
	self->argv = argv + (limited ? 3 : 1);
	self->starts = limited ? (int)strtol(argv[2], NULL, 10) : -1;
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, begin);
}
