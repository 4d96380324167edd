/*
 * Signals by signalfd.  A signal is blocked in the loop's thread from its first
 * watch until the loop is freed, so that none is lost between two waits; what
 * was blocked before stays blocked.
 */

#include "private.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct reed_signals {
	struct reed_loop *loop;
	struct reed_fd_watch watch;
	struct reed_list waits;
	sigset_t blocked; /* by us */
	sigset_t owed;    /* read, but whom it was told to was dropped before */
	struct reed_last finish;
};

struct signal_wait {
	struct reed_future future;
	struct reed_list link;
	int signo;
	bool delivered;
};

static struct signal_wait *wait_of(struct reed_future *f)
{
	return reed_container_of(f, struct signal_wait, future);
}

/* Only what somebody waits for is read; the rest stays pending in the system. */
static void update(struct reed_signals *self)
{
	sigset_t wanted;

	sigemptyset(&wanted);
	reed_list_each (link, &self->waits)
		sigaddset(&wanted, reed_container_of(link, struct signal_wait, link)->signo);
	signalfd(self->watch.fd, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
	if (reed_list_empty(&self->waits))
		reed_fd_unwatch(&self->watch);
	else
		reed_fd_watch(&self->watch, REED_READ);
}

static void tell(struct reed_signals *self, int signo)
{
	reed_list_each_safe (link, &self->waits) {
		struct signal_wait *w = reed_container_of(link, struct signal_wait, link);

		if (w->signo != signo)
			continue;
		reed_list_remove(link);
		reed_settle(&w->future, REED_OK);
	}
}

static void signals_ready(struct reed_fd_watch *w, unsigned events)
{
	struct reed_signals *self = reed_container_of(w, struct reed_signals, watch);
	struct signalfd_siginfo info;

	(void)events;
	while (!reed_list_empty(&self->waits) &&
	       read(w->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		tell(self, (int)info.ssi_signo);
		update(self);
	}
}

static void signals_finish(struct reed_last *last)
{
	struct reed_signals *self = reed_container_of(last, struct reed_signals, finish);

	reed_fd_unwatch(&self->watch);
	close(self->watch.fd);
	pthread_sigmask(SIG_UNBLOCK, &self->blocked, NULL);
	self->loop->signals = NULL;
	reed_free(self);
}

static struct reed_signals *signals_of(struct reed_loop *loop)
{
	struct reed_signals *self = loop->signals;
	sigset_t none;

	if (self)
		return self;
	self = loop->signals = reed_alloc(sizeof(*self));
	self->loop = loop;
	reed_list_init(&self->waits);
	sigemptyset(&self->blocked);
	sigemptyset(&self->owed);
	sigemptyset(&none);
	self->watch.loop = loop;
	self->watch.ready = signals_ready;
	self->watch.fd = signalfd(-1, &none, SFD_NONBLOCK | SFD_CLOEXEC);
	self->finish.run = signals_finish;
	reed_at_loop_end(loop, &self->finish);
	return self;
}

static void block(struct reed_signals *self, const sigset_t *one, int signo)
{
	sigset_t before;

	pthread_sigmask(SIG_BLOCK, one, &before);
	if (!sigismember(&before, signo))
		sigaddset(&self->blocked, signo);
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
		sigaddset(&f->loop->signals->owed, w->signo);
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
	sigset_t one;

	if (self->watch.fd < 0)
		return reed_failed(loop, REED_EMFILE, "no descriptor left for signals");
	sigemptyset(&one);
	if (sigaddset(&one, signo) < 0)
		return reed_failed(loop, REED_EINVAL, "there is no signal %d", signo);
	w = reed_alloc(sizeof(*w));
	reed_future_init(&w->future, loop, &signal_kind);
	w->signo = signo;
	if (sigismember(&self->owed, signo)) {
		sigdelset(&self->owed, signo);
		reed_settle(&w->future, REED_OK);
		return &w->future;
	}
	reed_list_append(&self->waits, &w->link);
	block(self, &one, signo);
	update(self);
	return &w->future;
}
