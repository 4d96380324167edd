/* Reed inside libevent: one descriptor that libevent watches. */

#include <event2/event.h>

#include "reed/alloc.h"
#include "reed/embed.h"
#include "reed/libevent.h"

struct reed_libevent_guest {
	struct reed_loop *loop; /* NULL: detached */
	struct event *event;
	bool in_turn;
};

static void ready(evutil_socket_t fd, short what, void *arg)
{
	struct reed_libevent_guest *self = arg;

	(void)fd;
	(void)what;
	self->in_turn = true;
	reed_loop_turn(self->loop, 0);
	self->in_turn = false;
	if (!self->loop)
		reed_free(self);
}

enum reed_err reed_libevent_guest_new(struct reed_loop *loop, struct event_base *base,
                                      struct reed_libevent_guest **guest)
{
	struct reed_libevent_guest *self;
	enum reed_err err;
	int fd;

	err = reed_loop_attach(loop, NULL, &fd);
	if (err)
		return err;
	self = reed_alloc(sizeof(*self));
	self->event = event_new(base, fd, EV_READ | EV_PERSIST, ready, self);
	if (!self->event || event_add(self->event, NULL) < 0) {
		if (self->event)
			event_free(self->event);
		reed_free(self);
		reed_loop_detach(loop);
		return REED_ENOMEM;
	}
	self->loop = loop;
	*guest = self;
	return REED_OK;
}

void reed_libevent_guest_free(struct reed_libevent_guest *self)
{
	if (!self || !self->loop)
		return;
	reed_loop_detach(self->loop);
	self->loop = NULL;
	event_free(self->event);
	if (!self->in_turn)
		reed_free(self);
}
