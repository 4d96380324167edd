/* A program of one coroutine. */

#include "private.h"

#include <signal.h>

#include "reed/init.h"

struct program {
	struct reed_loop *loop;
	struct reed_waiter waiter; /* owns the program's future */
	struct reed_waiter on_signal[2];
	enum reed_err err;
	int signo;
	bool ended;
	bool hurried; /* a signal came after that */
};

static const int stopping[2] = { SIGINT, SIGTERM };

static void program_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct program *self = reed_container_of(w, struct program, waiter);

	self->ended = true;
	self->err = err;
	if (err && !(err == REED_ECANCELED && self->signo))
		fprintf(stderr, "%s\n", reed_fault_why(fault, err));
	reed_fault_free(fault);
}

/* The first signal is polite, the second is not. */
static void program_signal(struct program *self, int which, enum reed_err err)
{
	if (err)
		return;
	if (self->ended) {
		self->hurried = true;
	} else if (self->signo) {
		self->ended = true;
		reed_unwait(self->loop, &self->waiter);
	} else if (self->waiter.future) {
		self->signo = stopping[which];
		reed_interrupt(self->waiter.future);
	}
	reed_wait(reed_signal(self->loop, stopping[which]), &self->on_signal[which]);
}

static void program_sigint(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	reed_fault_free(fault);
	program_signal(reed_container_of(w, struct program, on_signal[0]), 0, err);
}

static void program_sigterm(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	reed_fault_free(fault);
	program_signal(reed_container_of(w, struct program, on_signal[1]), 1, err);
}

/* Streams that were closed say goodbye, and children end, unless somebody is in a hurry. */
static void say_goodbye(struct program *self)
{
	reed_background_drop(self->loop);
	reed_loop_turn(self->loop, 0);
	while (!self->hurried && reed_linger_turn(self->loop))
		continue;
}

static void run(struct program *self, struct reed_future *f)
{
	self->waiter.wake = program_wake;
	self->on_signal[0].wake = program_sigint;
	self->on_signal[1].wake = program_sigterm;
	reed_wait(f, &self->waiter);
	for (int i = 0; i < 2; i++)
		reed_wait(reed_signal(self->loop, stopping[i]), &self->on_signal[i]);
	while (!self->ended)
		reed_loop_turn(self->loop, REED_NEVER);
	say_goodbye(self);
	for (int i = 0; i < 2; i++)
		reed_unwait(self->loop, &self->on_signal[i]);
}

int reed_main(int argc, char **argv, reed_main_fn *start)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	struct program self = { .err = REED_OK };
	enum reed_err err;

	reed_process_init(NULL);
	err = reed_loop_new(NULL, &self.loop);
	if (err) {
		fprintf(stderr, "no loop: %s\n", reed_strerror(err));
		return 1;
	}
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGPIPE, &ignore, &before);
	run(&self, start(self.loop, argc, argv));
	reed_loop_free(self.loop);
	sigaction(SIGPIPE, &before, NULL);
	reed_process_finish();
	if (self.signo)
		return 128 + self.signo;
	return self.err ? 1 : 0;
}
