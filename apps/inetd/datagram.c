/* Datagrams: the socket is a program's from the first that comes until it ends. */

#include "inetd.h"

#include "reed/alloc.h"
#include "reed/cell.h"
#include "reed/co.h"
#include "reed/folder.h"

enum { LAST_WORDS_MS = 1000, REST_MS = 1000 };

struct door {
	struct reed_co co;
	struct inetd_one *one;
	struct reed_dgram *dgram; /* keeps the socket bound, and reads nothing of it */
	int fd, pid;
	struct reed_fd_watch watch;
	struct reed_cell came;
	struct inetd_start start;
	struct reed_process *process;
	struct reed_exit exit;
	struct reed_scope said;
	bool failed;
};

static void ready(struct reed_fd_watch *watch, unsigned events)
{
	struct door *self = reed_container_of(watch, struct door, watch);

	(void)events;
	reed_fd_unwatch(watch);
	reed_cell_touch(&self->came);
}

static struct reed_future *somebody(struct door *self)
{
	self->watch =
		(struct reed_fd_watch){ .loop = self->co.loop, .ready = ready, .fd = self->fd };
	reed_fd_watch(&self->watch, REED_READ);
	return reed_cell_changed(self->co.loop, &self->came, self->came.count);
}

static struct reed_future *spawn(struct door *self)
{
	inetd_start_finish(&self->start);
	inetd_start_init(&self->start, self->one, NULL, &self->dgram->local);
	self->start.options.in.is = REED_CHILD_OURS;
	self->start.options.in.of = self->fd;
	self->start.options.out.is = REED_CHILD_SAME;
	self->start.options.out.of = 0;
	return inetd_spawn(self->one, &self->start, &self->process);
}

static struct reed_future *attend(struct door *self)
{
	self->pid = reed_process_pid(self->process);
	inetd_started(self->one, self->process, &self->said);
	return reed_process_wait(self->process, &self->exit);
}

static struct reed_future *stop(struct door *self)
{
	return reed_shield(
		reed_process_stop(self->process, self->start.options.grace_ms, &self->exit));
}

static void has_ended(struct door *self)
{
	inetd_ended(self->one, self->pid, &self->exit);
	self->failed = !reed_exit_well(&self->exit);
	reed_process_close(self->process);
	self->process = NULL;
	reed_scope_drop(&self->said);
}

static void serve_run(struct reed_co *co)
{
	struct door *self = reed_frame(co, struct door);

	reed_coroutine (co) {
		for (;;) {
			reed_try(co, somebody(self));
			/* what it has not read, or is refused, is there still */
			if (self->failed || !inetd_may_start(self->one))
				reed_try(co, reed_sleep(co->loop, REST_MS));
			reed_await(co, spawn(self));
			self->failed = co->err != REED_OK;
			if (co->err == REED_ECANCELED)
				break;
			if (co->err) {
				inetd_not_started(self->one, reed_co_why(co));
				continue;
			}
			reed_await(co, attend(self));
			if (co->err) {
				reed_await(co, stop(self));
				has_ended(self);
				break;
			}
			reed_await(co, reed_within(LAST_WORDS_MS, reed_scope_wait(&self->said)));
			has_ended(self);
		}
	}
}

static void serve_end(struct reed_co *co)
{
	struct door *self = reed_frame(co, struct door);

	if (self->watch.loop)
		reed_fd_unwatch(&self->watch);
	reed_folder_close(self->fd);
	reed_scope_finish(&self->said);
	reed_process_close(self->process);
	inetd_start_finish(&self->start);
	reed_dgram_close(self->dgram);
}

static const struct reed_co_kind serve_kind = { .name = "inetd datagrams",
	                                        .size = sizeof(struct door),
	                                        .run = serve_run,
	                                        .end = serve_end };

struct reed_future *inetd_datagrams(struct inetd_one *one, struct reed_dgram *dgram, int fd)
{
	struct door *self = reed_co_new(dgram->loop, &serve_kind);

	self->one = one;
	self->dgram = dgram;
	self->fd = fd;
	reed_scope_init(&self->said, dgram->loop, NULL, one->entry->name);
	self->said.policy = REED_SCOPE_IGNORE;
	return reed_start(&self->co);
}
