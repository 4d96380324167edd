/* poll, for every POSIX system. */

#include "../private.h"

#include <poll.h>
#include <unistd.h>

/* Slot 0 is the wakeup; a watch knows its slot, and the last one fills a gap. */
struct poll_driver {
	struct reed_driver driver;
	struct pollfd *fds;
	struct reed_fd_watch **watches;
	int count, size, next; /* next: where the last scan ended */
	int wakeup[2];
};

static struct poll_driver *self_of(struct reed_driver *d)
{
	return reed_container_of(d, struct poll_driver, driver);
}

static void poll_driver_close(struct reed_driver *d)
{
	struct poll_driver *self = self_of(d);

	reed_wakeup_close(self->wakeup);
	reed_free(self->fds);
	reed_free(self->watches);
	reed_free(self);
}

static short poll_events(unsigned events)
{
	return (short)((events & REED_READ ? POLLIN : 0) | (events & REED_WRITE ? POLLOUT : 0));
}

static void slot_add(struct poll_driver *self, struct reed_fd_watch *w, int fd)
{
	if (self->count == self->size) {
		self->size = self->size ? self->size * 2 : 16;
		self->fds = reed_realloc(self->fds, (size_t)self->size * sizeof(*self->fds));
		self->watches =
			reed_realloc(self->watches, (size_t)self->size * sizeof(*self->watches));
	}
	self->fds[self->count] = (struct pollfd){ .fd = fd };
	self->watches[self->count] = w;
	if (w)
		w->slot = self->count;
	self->count++;
}

static void slot_remove(struct poll_driver *self, int slot)
{
	self->count--;
	if (slot == self->count)
		return;
	self->fds[slot] = self->fds[self->count];
	self->watches[slot] = self->watches[self->count];
	self->watches[slot]->slot = slot;
}

static enum reed_err poll_arm(struct reed_driver *d, struct reed_fd_watch *w, unsigned events)
{
	struct poll_driver *self = self_of(d);

	if (!w->armed)
		slot_add(self, w, w->fd);
	if (events)
		self->fds[w->slot].events = poll_events(events);
	else
		slot_remove(self, w->slot);
	return REED_OK;
}

static int poll_ms(int64_t ns)
{
	return ns < REED_MS(INT32_MAX - 1) ? (int)((ns + 999999) / 1000000) : -1;
}

static unsigned loop_events(short got)
{
	unsigned events = 0;

	if (got & (POLLERR | POLLHUP | POLLNVAL))
		return REED_READ | REED_WRITE;
	events |= got & POLLIN ? REED_READ : 0;
	events |= got & POLLOUT ? REED_WRITE : 0;
	return events;
}

/* With more than there is room for, the next scan begins where this one ended. */
static int poll_driver_wait(struct reed_driver *d, int64_t ns, struct reed_event *out, int room)
{
	struct poll_driver *self = self_of(d);
	int left = poll(self->fds, (nfds_t)self->count, poll_ms(ns)), count = 0, scanned;

	if (left > 0 && self->fds[0].revents) {
		reed_wakeup_clear(self->wakeup);
		self->fds[0].revents = 0;
		left--;
	}
	for (scanned = 0; scanned < self->count && left > 0 && count < room; scanned++) {
		int i = (self->next + scanned) % self->count;

		if (!self->fds[i].revents)
			continue;
		left--;
		out[count++] =
			(struct reed_event){ self->watches[i], loop_events(self->fds[i].revents) };
	}
	self->next = left > 0 ? (self->next + scanned) % self->count : 0;
	return count;
}

static void poll_driver_wake(struct reed_driver *d)
{
	reed_wakeup_signal(self_of(d)->wakeup);
}

static const struct reed_driver_ops poll_ops = {
	.name = "poll",
	.close = poll_driver_close,
	.arm = poll_arm,
	.wait = poll_driver_wait,
	.wake = poll_driver_wake,
	.now = reed_system_now,
	.wall = reed_system_wall,
	.random = reed_system_random,
};

enum reed_err reed_poll_open(struct reed_driver **driver)
{
	struct poll_driver *self = reed_alloc(sizeof(*self));
	enum reed_err err = reed_wakeup_open(self->wakeup);

	if (err) {
		reed_free(self);
		return err;
	}
	self->driver.ops = &poll_ops;
	slot_add(self, NULL, self->wakeup[0]);
	self->fds[0].events = POLLIN;
	*driver = &self->driver;
	return REED_OK;
}
