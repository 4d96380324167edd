/*
 * Signals by sigaction and a pipe.  A handler is ours from the first watch of
 * its signal until the loop is freed; then the one before is put back.  One
 * loop of a process at a time may watch a signal.
 */

#include "private.h"

#include <signal.h>
#include <unistd.h>

enum { SIGNALS = 65 };

struct reed_signals {
	struct reed_loop *loop;
	struct reed_fd_watch watch;
	int pipe[2];
	struct reed_list waits;
	struct sigaction before[SIGNALS];
	int pipe_before[SIGNALS]; /* of the loop whose handler that may be */
	bool ours[SIGNALS];
	/* Came while nobody waited, or who did was dropped; any number of them is one. */
	bool pending[SIGNALS];
	struct reed_last finish;
};

struct signal_wait {
	struct reed_future future;
	struct reed_list link;
	int signo;
	bool delivered;
};

/* A handler knows its signal's number only. */
static volatile int pipe_of[SIGNALS];

static void handle(int signo)
{
	unsigned char number = (unsigned char)signo;
	int err = errno;
	ssize_t n = write(pipe_of[signo], &number, 1);

	(void)n;
	errno = err;
}

static struct signal_wait *wait_of(struct reed_future *f)
{
	return reed_container_of(f, struct signal_wait, future);
}

static bool tell(struct reed_signals *self, int signo)
{
	bool told = false;

	reed_list_each_safe (link, &self->waits) {
		struct signal_wait *w = reed_container_of(link, struct signal_wait, link);

		if (w->signo != signo)
			continue;
		reed_list_remove(link);
		reed_settle(&w->future, REED_OK);
		told = true;
	}
	return told;
}

/* Without a wait the pipe does not keep the loop running. */
static void update(struct reed_signals *self)
{
	reed_fd_watch(&self->watch, reed_list_empty(&self->waits) ? 0 : REED_READ);
}

static void signals_ready(struct reed_fd_watch *w, unsigned events)
{
	struct reed_signals *self = reed_container_of(w, struct reed_signals, watch);
	bool came[SIGNALS] = { false };
	unsigned char number;

	(void)events;
	while (read(w->fd, &number, 1) == 1)
		if (number < SIGNALS)
			came[number] = true;
	for (int i = 1; i < SIGNALS; i++)
		if (came[i] && !tell(self, i))
			self->pending[i] = true;
	update(self);
}

static void signals_finish(struct reed_last *last)
{
	struct reed_signals *self = reed_container_of(last, struct reed_signals, finish);

	for (int i = 1; i < SIGNALS; i++)
		if (self->ours[i]) {
			sigaction(i, &self->before[i], NULL);
			pipe_of[i] = self->pipe_before[i];
		}
	reed_fd_unwatch(&self->watch);
	reed_wakeup_close(self->pipe);
	self->loop->signals = NULL;
	reed_free(self);
}

static struct reed_signals *signals_of(struct reed_loop *loop)
{
	struct reed_signals *self = loop->signals;

	if (self)
		return self;
	self = reed_alloc(sizeof(*self));
	if (reed_wakeup_open(self->pipe)) {
		reed_free(self);
		return NULL;
	}
	loop->signals = self;
	self->loop = loop;
	reed_list_init(&self->waits);
	self->watch.loop = loop;
	self->watch.ready = signals_ready;
	self->watch.fd = self->pipe[0];
	self->finish.run = signals_finish;
	reed_at_loop_end(loop, &self->finish);
	return self;
}

static void take(struct reed_signals *self, int signo)
{
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_RESTART };

	if (self->ours[signo])
		return;
	sigemptyset(&action.sa_mask);
	self->pipe_before[signo] = pipe_of[signo];
	pipe_of[signo] = self->pipe[1];
	sigaction(signo, &action, &self->before[signo]);
	self->ours[signo] = true;
}

static void signal_cancel(struct reed_future *f)
{
	reed_list_remove(&wait_of(f)->link);
	update(f->loop->signals);
}

static void signal_deliver(struct reed_future *f)
{
	wait_of(f)->delivered = true;
}

static void signal_free(struct reed_future *f)
{
	struct signal_wait *w = wait_of(f);

	if (f->settled && !f->err && !w->delivered)
		f->loop->signals->pending[w->signo] = true;
	reed_free(w);
}

static const struct reed_future_kind signal_kind = {
	.name = "signal",
	.cancel = signal_cancel,
	.deliver = signal_deliver,
	.free = signal_free,
};

struct reed_future *reed_signal(struct reed_loop *loop, int signo)
{
	struct reed_signals *self = signals_of(loop);
	struct signal_wait *w;

	if (!self)
		return reed_failed(loop, REED_EMFILE, "no descriptor left for signals");
	if (signo < 1 || signo >= SIGNALS)
		return reed_failed(loop, REED_EINVAL, "there is no signal %d", signo);
	w = reed_alloc(sizeof(*w));
	reed_future_init(&w->future, loop, &signal_kind);
	w->signo = signo;
	take(self, signo);
	if (self->pending[signo]) {
		self->pending[signo] = false;
		reed_list_init(&w->link);
		reed_settle(&w->future, REED_OK);
		return &w->future;
	}
	reed_list_append(&self->waits, &w->link);
	update(self);
	return &w->future;
}
