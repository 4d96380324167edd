/* Modem lines and breaks of serial ports. */

#include <sys/ioctl.h>

#include "os_serial.h"
#include "private.h"
#include "reed/co.h"

enum { LOOK_MS = 20 };

static enum reed_err cannot_do(int system_errno)
{
	if (system_errno == ENOTTY || system_errno == EINVAL)
		return REED_ENOTSUP;
	return system_errno == ENXIO || system_errno == ENODEV ? REED_EIO
	                                                       : reed_err_of(system_errno);
}

static const struct {
	unsigned line;
	int bit;
} lines_of[] = {
	{ REED_SERIAL_DTR, TIOCM_DTR }, { REED_SERIAL_RTS, TIOCM_RTS },
	{ REED_SERIAL_CTS, TIOCM_CTS }, { REED_SERIAL_DSR, TIOCM_DSR },
	{ REED_SERIAL_DCD, TIOCM_CAR }, { REED_SERIAL_RI, TIOCM_RNG },
};

static int bits_of(unsigned lines)
{
	int bits = 0;

	for (size_t i = 0; i < REED_COUNT(lines_of); i++)
		if (lines & lines_of[i].line)
			bits |= lines_of[i].bit;
	return bits;
}

enum reed_err reed_serial_lines(struct reed_stream *s, unsigned *lines)
{
	int fd = reed_serial_fd(s);
	int bits = 0;

	if (fd < 0)
		return REED_EINVAL;
	if (ioctl(fd, TIOCMGET, &bits) < 0)
		return cannot_do(errno);
	*lines = 0;
	for (size_t i = 0; i < REED_COUNT(lines_of); i++)
		if (bits & lines_of[i].bit)
			*lines |= lines_of[i].line;
	return REED_OK;
}

enum reed_err reed_serial_set_lines(struct reed_stream *s, unsigned up, unsigned down)
{
	const unsigned ours = REED_SERIAL_DTR | REED_SERIAL_RTS;
	int fd = reed_serial_fd(s);
	int rise = bits_of(up), fall = bits_of(down);

	if (fd < 0 || ((up | down) & ~ours) || (up & down))
		return REED_EINVAL;
	if (rise && ioctl(fd, TIOCMBIS, &rise) < 0)
		return cannot_do(errno);
	return fall && ioctl(fd, TIOCMBIC, &fall) < 0 ? cannot_do(errno) : REED_OK;
}

struct change {
	struct reed_co co;
	struct reed_stream *stream;
	unsigned which, seen, now, *out;
	enum reed_err err;
};

/* Whether there is something to tell. */
static bool look(struct change *self)
{
	self->err = reed_serial_lines(self->stream, &self->now);
	return self->err || ((self->now ^ self->seen) & self->which);
}

static void change_run(struct reed_co *co)
{
	struct change *self = reed_frame(co, struct change);

	reed_coroutine (co) {
		while (!look(self))
			reed_try(co, reed_sleep(co->loop, LOOK_MS));
		reed_return(co, self->err);
	}
}

static void change_deliver(struct reed_co *co)
{
	struct change *self = reed_frame(co, struct change);

	*self->out = self->now;
}

static const struct reed_co_kind change_kind = {
	.name = "modem lines",
	.size = sizeof(struct change),
	.run = change_run,
	.deliver = change_deliver,
};

struct reed_future *reed_serial_lines_change(struct reed_stream *s, unsigned which, unsigned seen,
                                             unsigned *lines)
{
	struct change *self = reed_co_new(s->loop, &change_kind);

	self->stream = s;
	self->which = which;
	self->seen = seen;
	self->out = lines;
	return reed_start(&self->co);
}

/* ---- break ---- */

struct hold {
	struct reed_co co;
	struct reed_stream *stream;
	int64_t ms;
	int fd; /* of the line that is held; -1: none */
};

static void hold_run(struct reed_co *co)
{
	struct hold *self = reed_frame(co, struct hold);

	reed_coroutine (co) {
		reed_try(co, reed_flush(self->stream));
		while (!reed_serial_has_left(self->stream))
			reed_try(co, reed_sleep(co->loop, LOOK_MS));
		self->fd = reed_serial_fd(self->stream);
		if (ioctl(self->fd, TIOCSBRK) < 0)
			reed_return(co, cannot_do(errno));
		reed_try(co, reed_sleep(co->loop, self->ms));
	}
}

static void hold_end(struct reed_co *co)
{
	struct hold *self = reed_frame(co, struct hold);

	if (self->fd >= 0)
		ioctl(self->fd, TIOCCBRK);
}

static const struct reed_co_kind hold_kind = {
	.name = "break",
	.size = sizeof(struct hold),
	.run = hold_run,
	.end = hold_end,
};

struct reed_future *reed_serial_break(struct reed_stream *s, int64_t ms)
{
	struct hold *self;

	if (reed_serial_fd(s) < 0)
		return reed_failed(s->loop, REED_EINVAL, "a break needs a serial port");
	self = reed_co_new(s->loop, &hold_kind);
	self->stream = s;
	self->ms = ms;
	self->fd = -1;
	return reed_start(&self->co);
}
