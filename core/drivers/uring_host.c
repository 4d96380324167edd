/*
 * io_uring: what a host looks at.
 *
 * Whoever polls the ring itself does not hear of work that is put off until its
 * thread comes by (IORING_SETUP_DEFER_TASKRUN); an eventfd, the bell, is rung for
 * that too.  But where one eventfd would ring from within the signal of another,
 * Linux puts that off as well, and of those that it has put off it rings only the
 * first (io_uring/eventfd.c; seen with 6.18).  Whatever the ring watches by polls
 * may be an eventfd, or have one inside as an epoll does, so a host gets an epoll
 * in which the bell stands beside all of these.
 */

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "uring.h"

_Static_assert(REED_READ == (int)EPOLLIN && REED_WRITE == (int)EPOLLOUT, "events are epoll's");

static int control(struct uring *self, int op, int fd, unsigned events)
{
	struct epoll_event e = { .events = events };

	return epoll_ctl(self->host, op, fd, &e);
}

/* What no epoll takes is always ready: the ring says so, as of a socket. */
static bool put(struct uring_handle *h, int op, unsigned events)
{
	if (control(h->ring, op, h->fd, events) == 0)
		return true;
	h->unshown = errno == EPERM;
	return h->unshown;
}

enum reed_err reed_uring_show(struct uring_handle *h, unsigned events)
{
	int op = !h->armed ? EPOLL_CTL_ADD : events ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;

	if (h->kind != URING_WATCH || h->ring->host < 0 || events == h->armed)
		return REED_OK;
	return put(h, op, events) ? REED_OK : reed_err_of(errno);
}

static bool show_all(struct uring *self)
{
	reed_list_each (link, &self->all) {
		struct uring_handle *h = reed_container_of(link, struct uring_handle, all);

		if (h->kind == URING_WATCH && h->armed && !put(h, EPOLL_CTL_ADD, h->armed))
			return false;
	}
	return true;
}

void reed_uring_host_close(struct uring *self)
{
	if (self->host >= 0)
		close(self->host);
	if (self->timer >= 0)
		close(self->timer);
	self->host = self->timer = -1;
}

/* What came already has not rung. */
static void start_ringing(struct uring *self)
{
	io_uring_cq_eventfd_toggle(&self->ring, true);
	if (self->enabled)
		io_uring_submit_and_get_events(&self->ring);
	if (!reed_uring_settled(self))
		eventfd_write(self->bell, 1);
}

static enum reed_err host_open(struct uring *self)
{
	enum reed_err err;

	self->host = epoll_create1(EPOLL_CLOEXEC);
	self->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (self->host >= 0 && self->timer >= 0 &&
	    control(self, EPOLL_CTL_ADD, self->bell, EPOLLIN) == 0 &&
	    control(self, EPOLL_CTL_ADD, self->timer, EPOLLIN) == 0 && show_all(self)) {
		start_ringing(self);
		return REED_OK;
	}
	err = reed_err_of(errno);
	reed_uring_host_close(self);
	return err;
}

/* What came before it fell silent is completed by now; what comes after rings it again. */
void reed_uring_hear_bell(struct uring *self)
{
	eventfd_t rings;

	if (self->host >= 0 && eventfd_read(self->bell, &rings) == 0)
		io_uring_submit_and_get_events(&self->ring);
}

/* The timer falls silent when it is set anew, as it is in each turn that it was due for. */
int reed_uring_host(struct reed_driver *d, int64_t at)
{
	struct uring *self = reed_container_of(d, struct uring, driver);
	struct itimerspec spec = { 0 };
	enum reed_err err = self->host < 0 ? host_open(self) : REED_OK;

	if (err)
		return (int)err;
	if (at != REED_NEVER) {
		at = at > 0 ? at : 1;
		spec.it_value.tv_sec = at / 1000000000;
		spec.it_value.tv_nsec = at % 1000000000;
	}
	timerfd_settime(self->timer, TFD_TIMER_ABSTIME, &spec, NULL);
	reed_uring_flush(d);
	return self->host;
}
