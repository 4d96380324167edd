/* Reed inside libev: one descriptor that libev watches. */

#include <ev.h>

#include "reed/alloc.h"
#include "reed/embed.h"
#include "reed/ev.h"

struct reed_ev_guest {
	struct reed_host host;
	struct reed_loop *loop; /* NULL: detached */
	struct ev_loop *ev;
	struct ev_io io;
	bool in_turn, is_let; /* is_let: ev_run() may end in spite of it */
	bool is_started;
};

/* libev counts every watcher; one that keeps nobody is taken off that count by hand. */
static void start(struct reed_ev_guest *self)
{
	ev_io_start(self->ev, &self->io);
	self->is_started = true;
	if (self->is_let)
		ev_unref(self->ev);
}

static void stop(struct reed_ev_guest *self)
{
	if (!self->is_started)
		return;
	if (self->is_let)
		ev_ref(self->ev);
	ev_io_stop(self->ev, &self->io);
	self->is_started = false;
}

static void busy(struct reed_host *host, bool is_busy)
{
	struct reed_ev_guest *self = reed_container_of(host, struct reed_ev_guest, host);
	bool was_started = self->is_started;

	stop(self);
	self->is_let = !is_busy;
	if (was_started)
		start(self);
}

/* A callback of Reed's may run libev in itself: that loop does without us until it is over. */
static void ready(struct ev_loop *ev, struct ev_io *io, int events)
{
	struct reed_ev_guest *self = reed_container_of(io, struct reed_ev_guest, io);

	(void)ev;
	(void)events;
	if (self->in_turn) {
		stop(self);
		return;
	}
	self->in_turn = true;
	reed_loop_turn(self->loop, 0);
	self->in_turn = false;
	if (!self->loop)
		reed_free(self);
	else if (!self->is_started)
		start(self);
}

enum reed_err reed_ev_guest_new(struct reed_loop *loop, struct ev_loop *ev,
                                struct reed_ev_guest **guest)
{
	struct reed_ev_guest *self = reed_alloc(sizeof(*self));
	enum reed_err err;
	int fd;

	self->ev = ev;
	self->host.busy = busy;
	err = reed_loop_attach(loop, &self->host, &fd);
	if (err) {
		reed_free(self);
		return err;
	}
	self->loop = loop;
	ev_init(&self->io, ready);
	ev_io_set(&self->io, fd, EV_READ);
	start(self);
	*guest = self;
	return REED_OK;
}

void reed_ev_guest_free(struct reed_ev_guest *self)
{
	if (!self || !self->loop)
		return;
	reed_loop_detach(self->loop);
	self->loop = NULL;
	stop(self);
	if (!self->in_turn)
		reed_free(self);
}
