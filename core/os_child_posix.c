/* Children by SIGCHLD and waitpid, each asked for by its own pid. */

#include "private.h"

#include <signal.h>
#include <sys/wait.h>

struct child {
	struct reed_future future;
	struct reed_waiter waiter; /* owns the wait for SIGCHLD */
	int pid, *out;
};

static struct child *child_of(struct reed_future *f)
{
	return reed_container_of(f, struct child, future);
}

static void wait_for_signal(struct child *self)
{
	if (!self->waiter.future)
		reed_wait(reed_signal(self->future.loop, SIGCHLD), &self->waiter);
}

/* Looked at here and reaped at delivery: who drops the future has reaped nothing. */
static enum reed_err child_attempt(struct reed_future *f)
{
	struct child *self = child_of(f);
	siginfo_t info = { 0 };

	if (waitid(P_PID, (id_t)self->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0) {
		f->fault = reed_fault(REED_ENOENT, NULL, "no child with pid %d", self->pid);
		return REED_ENOENT;
	}
	if (info.si_pid == self->pid)
		return REED_OK;
	wait_for_signal(self);
	return REED_EAGAIN;
}

static void child_deliver(struct reed_future *f)
{
	int status = 0;

	if (f->err)
		return;
	waitpid(child_of(f)->pid, &status, 0);
	if (child_of(f)->out)
		*child_of(f)->out = status;
}

static void child_free(struct reed_future *f)
{
	struct child *self = child_of(f);

	reed_unwait(f->loop, &self->waiter);
	reed_free(self);
}

static const struct reed_future_kind child_kind = {
	.name = "child",
	.attempt = child_attempt,
	.deliver = child_deliver,
	.free = child_free,
};

static void child_signalled(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct child *self = reed_container_of(w, struct child, waiter);

	if (self->future.settled)
		reed_fault_free(fault);
	else if (err)
		reed_fail_with(&self->future, fault ? fault : reed_fault(err, NULL, "no signals"));
	else
		reed_settle(&self->future, REED_OK);
}

/* The signal is asked for first, so that none falls between it and the first look. */
struct reed_future *reed_child(struct reed_loop *loop, int pid, int *status)
{
	struct child *self = reed_alloc(sizeof(*self));

	reed_future_init(&self->future, loop, &child_kind);
	self->waiter.wake = child_signalled;
	self->pid = pid;
	self->out = status;
	wait_for_signal(self);
	reed_settle(&self->future, REED_OK);
	return &self->future;
}
