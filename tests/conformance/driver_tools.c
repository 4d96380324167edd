#include "tests/conformance/driver.h"

#include <fcntl.h>
#include <unistd.h>

const struct suite suites[] = {
	{ "driver", driver },
	{ "driver_host", driver_host },
	{ NULL, NULL },
};

void with_driver(void (*test)(void), const char *name)
{
	if (!is_mine(loops_of, name))
		return;
	loop = open_loop();
	test();
	check_int(own_deadline(loop), REED_NEVER);
	close_loop(loop);
	loop = NULL;
}

/* ---- a pipe ---- */

static void tap_ready(struct reed_fd_watch *w, unsigned events)
{
	struct tap *self = reed_container_of(w, struct tap, watch);

	self->told++;
	self->events = events;
	if (self->then)
		self->then(self);
}

static void tap_open(struct tap *self, int watched)
{
	int fds[2];

	check(pipe2(fds, O_NONBLOCK | O_CLOEXEC) == 0);
	self->watch =
		(struct reed_fd_watch){ .loop = loop, .ready = tap_ready, .fd = fds[watched] };
	self->other = fds[!watched];
	self->told = 0;
	self->events = 0;
}

void tap_reader(struct tap *self)
{
	tap_open(self, 0);
	reed_fd_watch(&self->watch, REED_READ);
}

void tap_writer(struct tap *self)
{
	tap_open(self, 1);
	reed_fd_watch(&self->watch, REED_WRITE);
}

void tap_close(struct tap *self)
{
	reed_fd_unwatch(&self->watch);
	close(self->watch.fd);
	if (self->other >= 0)
		close(self->other);
}

void tap_say(struct tap *self)
{
	check(write(self->other, "x", 1) == 1);
}

void tap_hear(struct tap *self)
{
	char c;

	check(read(self->watch.fd, &c, 1) == 1);
}
