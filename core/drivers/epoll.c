/* epoll, level-triggered. */

#include "../private.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

_Static_assert(REED_READ == (int)EPOLLIN && REED_WRITE == (int)EPOLLOUT, "events are epoll's");

struct epoll_driver {
	struct reed_driver driver;
	int fd, timer; /* timer: -1 unless there is a host */
	int wakeup[2];
	bool no_pwait2;
};

static struct epoll_driver *self_of(struct reed_driver *d)
{
	return reed_container_of(d, struct epoll_driver, driver);
}

static void epoll_driver_close(struct reed_driver *d)
{
	struct epoll_driver *self = self_of(d);

	if (self->timer >= 0)
		close(self->timer);
	reed_wakeup_close(self->wakeup);
	close(self->fd);
	reed_free(self);
}

static int control(struct reed_driver *d, struct reed_fd_watch *w, int op, unsigned events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };

	return epoll_ctl(self_of(d)->fd, op, w->fd, &e);
}

/* What is watched exclusively cannot be modified. */
static int control_exclusive(struct reed_driver *d, struct reed_fd_watch *w, unsigned events)
{
	if (w->armed && control(d, w, EPOLL_CTL_DEL, 0) < 0)
		return -1;
	return events ? control(d, w, EPOLL_CTL_ADD, events | EPOLLEXCLUSIVE) : 0;
}

static enum reed_err epoll_arm(struct reed_driver *d, struct reed_fd_watch *w, unsigned events)
{
	int op = !w->armed ? EPOLL_CTL_ADD : events ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;
	int done = w->exclusive ? control_exclusive(d, w, events) : control(d, w, op, events);

	if (done == 0)
		return REED_OK;
	return errno == EPERM ? REED_ENOTSUP : reed_err_of(errno);
}

static int wait_ms(int epoll, struct epoll_event *events, int room, int64_t ns)
{
	int ms = -1;

	/* rounded up: a millisecond early is a turn for nothing */
	if (ns < REED_MS(INT32_MAX - 1))
		ms = (int)((ns + 999999) / 1000000);
	return epoll_wait(epoll, events, room, ms);
}

static int wait_ns(struct epoll_driver *self, struct epoll_event *events, int room, int64_t ns)
{
	struct timespec t = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };
	int n;

	if (ns == 0 || ns > REED_S(100000) || self->no_pwait2)
		return wait_ms(self->fd, events, room, ns);
	n = epoll_pwait2(self->fd, events, room, &t, NULL);
	if (n >= 0 || errno != ENOSYS)
		return n;
	self->no_pwait2 = true;
	return wait_ms(self->fd, events, room, ns);
}

/* Its own two descriptors are told apart by where data points. */
static bool is_own(struct epoll_driver *self, struct epoll_event *e)
{
	uint64_t count;

	if (e->data.ptr == self->wakeup) {
		reed_wakeup_clear(self->wakeup);
		return true;
	}
	if (e->data.ptr != &self->timer)
		return false;
	if (read(self->timer, &count, sizeof(count)) < 0)
		return true; /* set anew in the meantime */
	return true;
}

static int epoll_driver_wait(struct reed_driver *d, int64_t ns, struct reed_event *out, int room)
{
	struct epoll_driver *self = self_of(d);
	struct epoll_event events[REED_TURN_EVENTS];
	int n, count = 0;

	if (room > REED_TURN_EVENTS)
		room = REED_TURN_EVENTS;
	n = wait_ns(self, events, room, ns);
	for (int i = 0; i < n; i++) {
		unsigned got = events[i].events;

		if (is_own(self, &events[i]))
			continue;
		if (got & (EPOLLERR | EPOLLHUP))
			got |= REED_READ | REED_WRITE;
		out[count++] =
			(struct reed_event){ events[i].data.ptr, got & (REED_READ | REED_WRITE) };
	}
	return count;
}

static void epoll_driver_wake(struct reed_driver *d)
{
	reed_wakeup_signal(self_of(d)->wakeup);
}

static int add_own(struct epoll_driver *self, int fd, void *mark)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = mark };

	return epoll_ctl(self->fd, EPOLL_CTL_ADD, fd, &e);
}

static int open_timer(struct epoll_driver *self)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), err;

	if (fd < 0)
		return (int)reed_err_of(errno);
	if (add_own(self, fd, &self->timer) < 0) {
		err = (int)reed_err_of(errno);
		close(fd);
		return err;
	}
	return self->timer = fd;
}

static int epoll_host(struct reed_driver *d, int64_t at)
{
	struct epoll_driver *self = self_of(d);
	struct itimerspec spec = { 0 };
	int timer = self->timer >= 0 ? self->timer : open_timer(self);

	if (timer < 0)
		return timer;
	if (at != REED_NEVER) {
		at = at > 0 ? at : 1;
		spec.it_value.tv_sec = at / 1000000000;
		spec.it_value.tv_nsec = at % 1000000000;
	}
	timerfd_settime(timer, TFD_TIMER_ABSTIME, &spec, NULL);
	return self->fd;
}

static const struct reed_driver_ops epoll_ops = {
	.name = "epoll",
	.close = epoll_driver_close,
	.arm = epoll_arm,
	.wait = epoll_driver_wait,
	.wake = epoll_driver_wake,
	.host = epoll_host,
	.now = reed_system_now,
	.wall = reed_system_wall,
	.random = reed_system_random,
};

enum reed_err reed_epoll_open(struct reed_driver **driver)
{
	struct epoll_driver *self = reed_alloc(sizeof(*self));
	enum reed_err err;

	self->driver.ops = &epoll_ops;
	self->timer = -1;
	self->fd = epoll_create1(EPOLL_CLOEXEC);
	err = self->fd < 0 ? reed_err_of(errno) : reed_wakeup_open(self->wakeup);
	if (err) {
		if (self->fd >= 0)
			close(self->fd);
		reed_free(self);
		return err;
	}
	add_own(self, self->wakeup[0], self->wakeup);
	*driver = &self->driver;
	return REED_OK;
}
