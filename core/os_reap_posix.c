/*
 * Ends of children by SIGCHLD, which a loop watches from its first child to its
 * end.  A signal stands for any number of children, so each is asked.
 */

#include "os_spawn.h"

#include <signal.h>

struct reaper {
	struct reed_loop *loop;
	struct reed_list children;
	struct reed_waiter waiter; /* owns the wait for SIGCHLD */
	struct reed_last finish;
};

static struct reed_reap *reap_of(struct reed_list *link)
{
	return reed_container_of(link, struct reed_reap, link);
}

/* Only while there are children does the wait keep the loop running. */
static void listen_on(struct reaper *self)
{
	if (!self->waiter.future && !reed_list_empty(&self->children))
		reed_wait(reed_signal(self->loop, SIGCHLD), &self->waiter);
}

static void try_all(struct reaper *self)
{
	reed_list_each_safe (link, &self->children)
		reap_of(link)->try(reap_of(link));
}

static void reaper_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct reaper *self = reed_container_of(w, struct reaper, waiter);

	reed_fault_free(fault);
	if (err)
		return;
	try_all(self);
	listen_on(self);
}

static void reaper_finish(struct reed_last *last)
{
	struct reaper *self = reed_container_of(last, struct reaper, finish);

	reed_unwait(self->loop, &self->waiter);
	self->loop->reaper = NULL;
	reed_free(self);
}

/*
 * From the first wait on, even a dropped one, no signal is lost.  The signals of
 * the loop come to be before this does, and so end after it.
 */
enum reed_err reed_reap_prepare(struct reed_loop *loop)
{
	struct reaper *self = loop->reaper;
	struct reed_future *signal;
	enum reed_err err;

	if (self)
		return REED_OK;
	signal = reed_signal(loop, SIGCHLD);
	err = signal->settled ? signal->err : REED_OK;
	reed_drop(signal);
	if (err)
		return err;
	self = loop->reaper = reed_alloc(sizeof(*self));
	self->loop = loop;
	self->waiter.wake = reaper_wake;
	self->finish.run = reaper_finish;
	reed_list_init(&self->children);
	reed_at_loop_end(loop, &self->finish);
	return REED_OK;
}

void reed_reap_start(struct reed_reap *r, int pidfd)
{
	struct reaper *self = r->loop->reaper;

	(void)pidfd;
	reed_list_append(&self->children, &r->link);
	listen_on(self);
}

void reed_reap_stop(struct reed_reap *r)
{
	struct reaper *self = r->loop->reaper;

	if (!reed_linked(&r->link))
		return;
	reed_list_remove(&r->link);
	if (reed_list_empty(&self->children))
		reed_unwait(r->loop, &self->waiter);
}
