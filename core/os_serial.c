/* Serial ports as streams. */

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "os.h"
#include "os_serial.h"
#include "private.h"

enum { LOOK_MS = 20, LEAVE_MS = 5000 };

/*
 * The port outlives its stream while what was written leaves: a close of a
 * descriptor would wait for that, for half a minute if need be.
 */
struct port {
	struct reed_loop *loop;
	int fd;
	char *path;
	struct termios before;
	uint32_t speed_before;
	bool gone, hang_up;
	int64_t until;
	struct reed_timer leaving;
	struct reed_last finish;
};

struct serial {
	struct reed_stream stream;
	struct reed_fd_watch watch;
	struct port *port;
};

static struct serial *self_of(struct reed_stream *s)
{
	return reed_container_of(s, struct serial, stream);
}

/* ---- the port ---- */

static bool has_left(const struct port *p)
{
	int queued = 0;

	return p->gone || ioctl(p->fd, TIOCOUTQ, &queued) < 0 || queued == 0;
}

static void port_close(struct port *p)
{
	reed_timer_stop(&p->leaving);
	reed_list_unlink(&p->finish.link);
	if (!p->gone) {
		if (!has_left(p))
			tcflush(p->fd, TCOFLUSH);
		if (!p->hang_up) /* else it would not happen */
			tcsetattr(p->fd, TCSANOW, &p->before);
		if (!p->hang_up && p->speed_before)
			reed_serial_speed(p->fd, p->speed_before);
		flock(p->fd, LOCK_UN);
#ifdef TIOCNXCL
		ioctl(p->fd, TIOCNXCL);
#endif
	}
	close(p->fd);
	reed_free(p->path);
	reed_free(p);
}

static void leaving_fire(struct reed_timer *t)
{
	struct port *p = reed_container_of(t, struct port, leaving);

	if (has_left(p) || reed_now(p->loop) >= p->until)
		port_close(p);
	else
		reed_timer_start(p->loop, &p->leaving, REED_MS(LOOK_MS));
}

static void finish_run(struct reed_last *last)
{
	port_close(reed_container_of(last, struct port, finish));
}

static void port_leave(struct port *p, bool at_once)
{
	if (at_once || has_left(p)) {
		port_close(p);
		return;
	}
	p->until = reed_now(p->loop) + REED_MS(LEAVE_MS);
	p->leaving.fire = leaving_fire;
	p->finish.run = finish_run;
	reed_at_loop_end(p->loop, &p->finish);
	reed_timer_start(p->loop, &p->leaving, REED_MS(LOOK_MS));
}

/* ---- the stream ---- */

static ssize_t unplugged(struct reed_stream *s, int system_errno)
{
	struct port *p = self_of(s)->port;

	if (system_errno == EINTR || system_errno == EAGAIN || system_errno == EWOULDBLOCK)
		return REED_EAGAIN;
	p->gone = true;
	reed_stream_blame(s, reed_fault(REED_EIO, NULL, "%s is gone%s%s", p->path,
	                                system_errno == 0 || system_errno == EIO
	                                        ? ": unplugged, or its line was hung up"
	                                        : ": ",
	                                system_errno == 0 || system_errno == EIO
	                                        ? ""
	                                        : strerror(system_errno)));
	return REED_EIO;
}

static ssize_t serial_read(struct reed_stream *s, char *into, size_t room)
{
	ssize_t n = read(self_of(s)->watch.fd, into, room);

	return n > 0 ? n : unplugged(s, n == 0 ? 0 : errno);
}

static ssize_t serial_write(struct reed_stream *s, const struct iovec *iov, int count)
{
	ssize_t n = writev(self_of(s)->watch.fd, iov, count);

	return n >= 0 ? n : unplugged(s, errno);
}

static void serial_want(struct reed_stream *s, unsigned events)
{
	reed_fd_watch(&self_of(s)->watch, events);
}

static void serial_close(struct reed_stream *s)
{
	struct serial *self = self_of(s);

	reed_fd_unwatch(&self->watch);
	port_leave(self->port, s->aborted);
}

static const struct reed_stream_ops serial_ops = {
	.name = "serial",
	.read = serial_read,
	.write = serial_write,
	.want = serial_want,
	.close = serial_close,
};

static void serial_ready(struct reed_fd_watch *w, unsigned events)
{
	reed_stream_ready(&reed_container_of(w, struct serial, watch)->stream, events);
}

/* ---- opening ---- */

static struct reed_fault *cannot(const char *path, struct reed_fault *cause)
{
	return reed_fault(cause->err, cause, "cannot open %s", path);
}

static struct reed_fault *cannot_open(const char *path, int system_errno)
{
	bool busy = system_errno == EWOULDBLOCK || system_errno == EBUSY;

	return reed_fault(busy ? REED_EBUSY : reed_err_of(system_errno), NULL, "cannot open %s: %s",
	                  path, busy ? "another program has it" : strerror(system_errno));
}

/* The lock is for programs that ask, the other for those that do not; root is let in by that. */
static bool lock(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return false;
#ifdef TIOCEXCL
	ioctl(fd, TIOCEXCL);
#endif
	return true;
}

static struct reed_fault *open_port(const char *path, const struct reed_serial_options *o,
                                    struct port *p)
{
	struct reed_fault *fault;

	p->fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (p->fd < 0)
		return cannot_open(path, errno);
	if (!isatty(p->fd))
		fault = reed_fault(REED_ENOTSUP, NULL, "cannot open %s: it is not a serial port",
		                   path);
	else if (!o->shared && !lock(p->fd))
		fault = cannot_open(path, errno);
	else if (tcgetattr(p->fd, &p->before) < 0)
		fault = cannot_open(path, errno);
	else if (p->speed_before = reed_serial_speed_now(p->fd),
	         reed_serial_apply(p->fd, o, &fault))
		fault = cannot(path, fault);
	else
		return NULL;
	close(p->fd);
	return fault;
}

struct opened {
	struct reed_future future;
	struct reed_stream *stream, **out;
};

static void opened_deliver(struct reed_future *f)
{
	struct opened *self = reed_container_of(f, struct opened, future);

	*self->out = self->stream;
	self->stream = NULL;
}

static void opened_free(struct reed_future *f)
{
	struct opened *self = reed_container_of(f, struct opened, future);

	reed_abort(self->stream);
	reed_free(self);
}

static const struct reed_future_kind opened_kind = {
	.name = "serial",
	.deliver = opened_deliver,
	.free = opened_free,
};

static struct reed_stream *stream_new(struct reed_loop *loop, struct port *port)
{
	struct serial *self = reed_alloc(sizeof(*self));

	reed_stream_init(&self->stream, loop, &serial_ops);
	self->port = port;
	self->watch.loop = loop;
	self->watch.ready = serial_ready;
	self->watch.fd = port->fd;
	return &self->stream;
}

static struct reed_serial_options options_of(const struct reed_serial_options *given)
{
	struct reed_serial_options options = REED_SERIAL_OPTIONS;

	if (given)
		memcpy(&options, given,
		       given->size < sizeof(options) ? given->size : sizeof(options));
	return options;
}

struct reed_future *reed_serial_open(struct reed_loop *loop, const char *path,
                                     const struct reed_serial_options *given,
                                     struct reed_stream **stream)
{
	struct reed_serial_options options = options_of(given);
	struct reed_fault *fault;
	struct opened *self;
	struct port *port;

	if (reed_loop_simulated(loop))
		return reed_failed(loop, REED_ENOTSUP, "a simulation has no serial port %s", path);
	port = reed_alloc(sizeof(*port));
	fault = open_port(path, &options, port);
	if (fault) {
		reed_free(port);
		return reed_failed_with(loop, fault);
	}
	port->loop = loop;
	port->path = reed_strdup(path);
	port->hang_up = options.hang_up;
	self = reed_alloc(sizeof(*self));
	reed_future_init(&self->future, loop, &opened_kind);
	self->stream = stream_new(loop, port);
	self->out = stream;
	reed_settle(&self->future, REED_OK);
	return &self->future;
}

/* ---- settings of an open one ---- */

static struct port *port_of(struct reed_stream *s)
{
	return s->ops == &serial_ops ? self_of(s)->port : NULL;
}

enum reed_err reed_serial_configure(struct reed_stream *s, const struct reed_serial_options *given,
                                    struct reed_fault **fault)
{
	struct reed_serial_options options = options_of(given);
	struct port *p = port_of(s);
	struct reed_fault *why = NULL;
	enum reed_err err = REED_EINVAL;

	if (p) {
		options.hang_up = p->hang_up;
		err = reed_serial_apply(p->fd, &options, &why);
	}
	if (fault)
		*fault = why;
	else
		reed_fault_free(why);
	return err;
}

enum reed_err reed_serial_discard(struct reed_stream *s)
{
	struct port *p = port_of(s);

	if (!p)
		return REED_EINVAL;
	reed_stream_discard_output(s);
	reed_skip(s, reed_peek(s).n);
	return tcflush(p->fd, TCIOFLUSH) < 0 ? reed_err_of(errno) : REED_OK;
}

int reed_serial_fd(struct reed_stream *s)
{
	return port_of(s) ? port_of(s)->fd : -1;
}

bool reed_serial_has_left(struct reed_stream *s)
{
	return has_left(port_of(s));
}
