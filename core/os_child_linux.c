/* Children by pidfd: no SIGCHLD, whose disposition stays the program's. */

#include "private.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct child {
	struct reed_future future;
	struct reed_fd_watch watch;
	int pid, *out;
};

static struct child *child_of(struct reed_future *f)
{
	return reed_container_of(f, struct child, future);
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
	reed_fd_watch(&self->watch, REED_READ);
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

	if (self->watch.fd >= 0) {
		reed_fd_unwatch(&self->watch);
		close(self->watch.fd);
	}
	reed_free(self);
}

static const struct reed_future_kind child_kind = {
	.name = "child",
	.attempt = child_attempt,
	.deliver = child_deliver,
	.free = child_free,
};

static void child_ready(struct reed_fd_watch *w, unsigned events)
{
	struct child *self = reed_container_of(w, struct child, watch);

	(void)events;
	reed_fd_unwatch(w);
	if (!self->future.settled)
		reed_settle(&self->future, REED_OK);
}

struct reed_future *reed_child(struct reed_loop *loop, int pid, int *status)
{
	struct child *self = reed_alloc(sizeof(*self));

	reed_future_init(&self->future, loop, &child_kind);
	self->pid = pid;
	self->out = status;
	self->watch.loop = loop;
	self->watch.ready = child_ready;
	self->watch.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (self->watch.fd >= 0)
		reed_settle(&self->future, REED_OK); /* the attempt looks, and watches */
	else if (errno == ESRCH)
		reed_fail(&self->future, REED_ENOENT, "no child with pid %d", pid);
	else
		reed_fail(&self->future, reed_err_of(errno), "no descriptor for pid %d", pid);
	return &self->future;
}
