/* The schemes of the kernel but for TCP: unix, fd, systemd, stdio. */

#include <stdlib.h>
#include <string.h>

#include "private.h"

#include "endpoint_private.h"

struct ready_listener {
	struct reed_future future;
	struct reed_listener *listener, **out;
};

static void ready_deliver(struct reed_future *f)
{
	struct ready_listener *self = reed_container_of(f, struct ready_listener, future);

	*self->out = self->listener;
	self->listener = NULL;
}

static void ready_free(struct reed_future *f)
{
	struct ready_listener *self = reed_container_of(f, struct ready_listener, future);

	reed_listener_close(self->listener);
	reed_free(self);
}

static const struct reed_future_kind ready_kind = {
	.name = "listen",
	.deliver = ready_deliver,
	.free = ready_free,
};

struct reed_future *reed_endpoint_listening(struct reed_listener *l, struct reed_listener **out)
{
	struct ready_listener *self = reed_alloc(sizeof(*self));

	reed_future_init(&self->future, l->loop, &ready_kind);
	self->listener = l;
	self->out = out;
	reed_settle(&self->future, REED_OK);
	return &self->future;
}

/* The same for a stream. */
struct ready_stream {
	struct reed_future future;
	struct reed_stream *stream, **out;
};

static void stream_deliver(struct reed_future *f)
{
	struct ready_stream *self = reed_container_of(f, struct ready_stream, future);

	*self->out = self->stream;
	self->stream = NULL;
}

static void stream_free(struct reed_future *f)
{
	struct ready_stream *self = reed_container_of(f, struct ready_stream, future);

	reed_close(self->stream);
	reed_free(self);
}

static const struct reed_future_kind stream_kind = {
	.name = "dial",
	.deliver = stream_deliver,
	.free = stream_free,
};

static struct reed_future *dialled(struct reed_stream *s, struct reed_stream **out)
{
	struct ready_stream *self = reed_alloc(sizeof(*self));

	reed_future_init(&self->future, s->loop, &stream_kind);
	self->stream = s;
	self->out = out;
	reed_settle(&self->future, REED_OK);
	return &self->future;
}

enum reed_err reed_endpoint_number(const struct reed_endpoint *e, const char *key, uint64_t max,
                                   int base, int *out, struct reed_fault **fault)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, key);
	char digits[24], *end = digits;
	unsigned long value = 0;

	if (!part)
		return REED_OK;
	if (part->value.n > 0 && reed_slice_copy(digits, sizeof(digits), part->value))
		value = strtoul(digits, &end, base);
	if (end == digits || *end || value > max) {
		*fault =
			reed_endpoint_fault(e, part,
		                            base == 8 ? "an octal number up to %llo must stand here"
		                                      : "a number up to %llu must stand here",
		                            (unsigned long long)max);
		return REED_ESYNTAX;
	}
	*out = (int)value;
	return REED_OK;
}

struct reed_future *reed_endpoint_listen_on(struct reed_loop *loop, const struct reed_address *at,
                                            const struct reed_bind *bind,
                                            struct reed_listener **out)
{
	struct reed_fault *fault = NULL;
	struct reed_listener *l;
	enum reed_err err = reed_net_listen(loop, at, bind, &l, &fault);

	if (!err)
		return reed_endpoint_listening(l, out);
	return fault ? reed_failed_with(loop, fault) : reed_ready(loop, err);
}

/* ---- unix ---- */

char *reed_endpoint_text(const struct reed_endpoint *e, const char *key)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, key);

	return part ? reed_slice_dup(part->value) : NULL;
}

/* A NUL would end the path for the system, and not for who reads the settings. */
enum reed_err reed_endpoint_unix(const struct reed_endpoint *e, struct reed_address *at,
                                 struct reed_fault **fault)
{
	const struct reed_endpoint_part *path = reed_endpoint_arg(e, 0);

	*at = (struct reed_address){ .family = REED_FAMILY_UNIX };
	if (path->value.n > 0 && reed_slice_find(path->value, '\0') == path->value.n &&
	    !reed_slice_is(path->value, "@") &&
	    reed_slice_copy(at->path, sizeof(at->path), path->value))
		return REED_OK;
	*fault = reed_endpoint_fault(e, path, "a path of 1 to %zu bytes must stand here",
	                             sizeof(at->path) - 1);
	return REED_ESYNTAX;
}

static enum reed_err unix_listening(const struct reed_endpoint *e, struct reed_address *at,
                                    struct reed_bind *bind, struct reed_fault **fault)
{
	enum reed_err err = reed_endpoint_unix(e, at, fault);

	if (!err)
		err = reed_endpoint_number(e, "mode", 0777, 8, &bind->mode, fault);
	if (!err)
		err = reed_endpoint_number(e, "backlog", 65535, 10, &bind->backlog, fault);
	return err;
}

static struct reed_future *unix_listen(struct reed_loop *loop, const struct reed_endpoint *e,
                                       struct reed_listener **out)
{
	char *user = reed_endpoint_text(e, "user"), *group = reed_endpoint_text(e, "group");
	struct reed_bind bind = { .mode = -1, .user = user, .group = group };
	struct reed_fault *fault = NULL;
	struct reed_address at;
	struct reed_future *f;

	if (unix_listening(e, &at, &bind, &fault))
		f = reed_failed_with(loop, fault);
	else
		f = reed_endpoint_listen_on(loop, &at, &bind, out);
	reed_free(user);
	reed_free(group);
	return f;
}

static struct reed_future *unix_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                     struct reed_stream **out)
{
	struct reed_fault *fault = NULL;
	struct reed_address at;

	if (reed_endpoint_unix(e, &at, &fault))
		return reed_failed_with(loop, fault);
	return reed_net_connect(loop, &at, NULL, out);
}

static enum reed_err unix_check(const struct reed_endpoint *e, enum reed_endpoint_use use,
                                struct reed_fault **fault)
{
	struct reed_bind bind;
	struct reed_address at;

	return reed_endpoint_is_listening(use) ? unix_listening(e, &at, &bind, fault)
	                                       : reed_endpoint_unix(e, &at, fault);
}

/* A name that is taken by a socket may be one that was left behind. */
static enum reed_err unix_probe(const struct reed_endpoint *e, enum reed_endpoint_use use,
                                struct reed_fault **fault)
{
	struct reed_bind bind;
	struct reed_address at;

	if (!reed_endpoint_is_listening(use) || unix_listening(e, &at, &bind, fault) ||
	    at.path[0] == '@')
		return *fault ? (*fault)->err : REED_OK;
	return reed_unix_probe(at.path, fault);
}

static const struct reed_scheme_key unix_keys[] = {
	{ "mode", "of the socket file, octal, such as 660" },
	{ "user", "whose the socket file is, a name or a number" },
	{ "group", "the same of its group" },
	{ "backlog", "connections that may wait to be accepted" },
	{ NULL, NULL },
};

static const struct reed_scheme unix_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "unix",
	.listen_usage = "unix:PATH[:mode=OCTAL]",
	.dial_usage = "unix:PATH",
	.help = "A UNIX socket; a path that begins with @ is an abstract name.",
	.listen_args = { 1, 1 },
	.dial_args = { 1, 1 },
	.keys = unix_keys,
	.listen = unix_listen,
	.dial = unix_dial,
	.dgram_listen = reed_unix_dgram_listen,
	.dgram_dial = reed_unix_dgram_dial,
	.check = unix_check,
	.probe = unix_probe,
};

/* ---- fd, systemd ---- */

void reed_fd_name(struct reed_loop *loop, struct reed_named_fd *named, int fd)
{
	named->fd = fd;
	reed_list_append(&loop->named_fds, &named->link);
}

bool reed_fd_is_named(const struct reed_loop *loop, int fd)
{
	reed_list_each (link, &loop->named_fds)
		if (reed_container_of(link, struct reed_named_fd, link)->fd == fd)
			return true;
	return false;
}

struct reed_future *reed_endpoint_unfit(struct reed_loop *loop, const struct reed_endpoint *e,
                                        const struct reed_endpoint_part *part, int fd,
                                        enum reed_err err, const char *why)
{
	if (err == REED_EBUSY)
		why = "is another endpoint's already; name each once";
	return reed_failed_with(loop, reed_endpoint_fault(e, part, "descriptor %d %s", fd, why));
}

static struct reed_future *listen_on_fd(struct reed_loop *loop, const struct reed_endpoint *e,
                                        const struct reed_endpoint_part *part, int fd,
                                        struct reed_listener **out)
{
	struct reed_listener *l;
	enum reed_err err = reed_listener_of_fd(loop, fd, &l);

	if (err)
		return reed_endpoint_unfit(loop, e, part, fd, err, "is not a listening socket");
	return reed_endpoint_listening(l, out);
}

static enum reed_err fd_number(const struct reed_endpoint *e, int *fd, struct reed_fault **fault)
{
	const struct reed_endpoint_part *part = reed_endpoint_arg(e, 0);
	uint64_t number;

	if (!reed_slice_u64(part->value, INT32_MAX, &number)) {
		*fd = (int)number;
		return REED_OK;
	}
	*fault = reed_endpoint_fault(e, part, "the number of a descriptor must stand here");
	return REED_ESYNTAX;
}

static struct reed_future *fd_listen(struct reed_loop *loop, const struct reed_endpoint *e,
                                     struct reed_listener **out)
{
	struct reed_fault *fault = NULL;
	int fd;

	if (fd_number(e, &fd, &fault))
		return reed_failed_with(loop, fault);
	return listen_on_fd(loop, e, reed_endpoint_arg(e, 0), fd, out);
}

struct named_stream {
	struct reed_rider rider;
	struct reed_named_fd named;
};

static void named_gone(struct reed_rider *rider)
{
	struct named_stream *self = reed_container_of(rider, struct named_stream, rider);

	reed_list_remove(&self->named.link);
	reed_free(self);
}

static const struct reed_rider_ops named_ops = { .name = "descriptor", .gone = named_gone };

static enum reed_err stream_of_named(struct reed_loop *loop, int fd, struct reed_stream **s)
{
	struct named_stream *self;
	enum reed_err err =
		reed_fd_is_named(loop, fd) ? REED_EBUSY : reed_stream_of_fd(loop, fd, s);

	if (err)
		return err;
	self = reed_alloc(sizeof(*self));
	self->rider.ops = &named_ops;
	reed_fd_name(loop, &self->named, fd);
	reed_stream_carry(*s, &self->rider);
	return REED_OK;
}

static struct reed_future *fd_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                   struct reed_stream **out)
{
	struct reed_fault *fault = NULL;
	struct reed_stream *s;
	enum reed_err err;
	int fd;

	if (fd_number(e, &fd, &fault))
		return reed_failed_with(loop, fault);
	err = stream_of_named(loop, fd, &s);
	if (err)
		return reed_endpoint_unfit(loop, e, reed_endpoint_arg(e, 0), fd, err,
		                           "is not open");
	return dialled(s, out);
}

static struct reed_future *fd_dgram(struct reed_loop *loop, const struct reed_endpoint *e,
                                    struct reed_dgram **out)
{
	struct reed_fault *fault = NULL;
	int fd;

	if (fd_number(e, &fd, &fault))
		return reed_failed_with(loop, fault);
	return reed_endpoint_dgram_of_fd(loop, e, reed_endpoint_arg(e, 0), fd, out);
}

static enum reed_err fd_check(const struct reed_endpoint *e, enum reed_endpoint_use use,
                              struct reed_fault **fault)
{
	int fd;

	(void)use;
	return fd_number(e, &fd, fault);
}

static const struct reed_scheme fd_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "fd",
	.listen_usage = "fd:NUMBER",
	.dial_usage = "fd:NUMBER",
	.help = "A descriptor that was inherited: a listening socket, or a connected one.",
	.listen_args = { 1, 1 },
	.dial_args = { 1, 1 },
	.listen = fd_listen,
	.dial = fd_dial,
	.dgram_listen = fd_dgram,
	.dgram_dial = fd_dgram,
	.check = fd_check,
};

/* sd_listen_fds(3): descriptors from 3 on, meant for $LISTEN_PID, named by $LISTEN_FDNAMES */
static int systemd_fd(struct reed_slice name)
{
	const char *names = getenv("LISTEN_FDNAMES");
	struct reed_slice rest = reed_slice_of(names);
	int count = reed_os_inherited();
	uint64_t index;

	if (!reed_slice_u64(name, INT32_MAX, &index))
		return (int)index < count ? 3 + (int)index : -1;
	for (int i = 0; names && i < count; i++)
		if (reed_slice_eq(reed_slice_cut(&rest, ':'), name))
			return 3 + i;
	return -1;
}

static const struct reed_endpoint_part *systemd_part(const struct reed_endpoint *e)
{
	const struct reed_endpoint_part *name = reed_endpoint_key(e, "name");

	return name ? name : reed_endpoint_key(e, "index");
}

static enum reed_err systemd_check(const struct reed_endpoint *e, enum reed_endpoint_use use,
                                   struct reed_fault **fault)
{
	(void)use;
	if (systemd_part(e))
		return REED_OK;
	*fault = reed_endpoint_fault(e, NULL, "write systemd:name=NAME or systemd:index=NUMBER");
	return REED_ESYNTAX;
}

static enum reed_err systemd_socket(const struct reed_endpoint *e,
                                    const struct reed_endpoint_part **part, int *fd,
                                    struct reed_fault **fault)
{
	*part = systemd_part(e);
	*fd = systemd_fd((*part)->value);
	if (*fd >= 0)
		return REED_OK;
	*fault = reed_endpoint_fault(e, *part,
	                             "systemd has passed no socket \"" REED_FMT
	                             "\" ($LISTEN_FDS, $LISTEN_FDNAMES)",
	                             REED_ARG((*part)->value));
	return REED_ESYNTAX;
}

static struct reed_future *systemd_listen(struct reed_loop *loop, const struct reed_endpoint *e,
                                          struct reed_listener **out)
{
	const struct reed_endpoint_part *part;
	struct reed_fault *fault = NULL;
	int fd;

	if (systemd_socket(e, &part, &fd, &fault))
		return reed_failed_with(loop, fault);
	return listen_on_fd(loop, e, part, fd, out);
}

static struct reed_future *systemd_dgram(struct reed_loop *loop, const struct reed_endpoint *e,
                                         struct reed_dgram **out)
{
	const struct reed_endpoint_part *part;
	struct reed_fault *fault = NULL;
	int fd;

	if (systemd_socket(e, &part, &fd, &fault))
		return reed_failed_with(loop, fault);
	return reed_endpoint_dgram_of_fd(loop, e, part, fd, out);
}

static const struct reed_scheme_key systemd_keys[] = {
	{ "name", "FileDescriptorName= of the socket unit" },
	{ "index", "its number, from 0" },
	{ NULL, NULL },
};

static const struct reed_scheme systemd_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "systemd",
	.listen_usage = "systemd:name=NAME",
	.help = "A listening socket passed by systemd.",
	.keys = systemd_keys,
	.listen = systemd_listen,
	.dgram_listen = systemd_dgram,
	.check = systemd_check,
};

/* ---- stdio ---- */

static struct reed_future *stdio_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                      struct reed_stream **out)
{
	struct reed_stream *s;

	if (reed_stream_of_stdio(loop, &s))
		return reed_failed_with(loop,
		                        reed_endpoint_fault(e, NULL,
		                                            "standard input or output is closed"));
	return dialled(s, out);
}

/* A listener with one connection in it. */
static enum reed_err stdio_accept(struct reed_listener *l, struct reed_stream **stream)
{
	if (l->accepted > 0)
		return REED_EEOF;
	return reed_stream_of_stdio(l->loop, stream);
}

static void stdio_want(struct reed_listener *l, bool wanted)
{
	if (wanted)
		reed_listener_ready(l);
}

static void stdio_close(struct reed_listener *l)
{
	(void)l;
}

static const struct reed_listener_ops stdio_ops = {
	.name = "stdio",
	.accept = stdio_accept,
	.want = stdio_want,
	.close = stdio_close,
};

static struct reed_future *stdio_listen(struct reed_loop *loop, const struct reed_endpoint *e,
                                        struct reed_listener **out)
{
	struct reed_listener *l = reed_alloc(sizeof(*l));

	(void)e;
	reed_listener_init(l, loop, &stdio_ops);
	return reed_endpoint_listening(l, out);
}

static const struct reed_scheme stdio_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "stdio",
	.listen_usage = "stdio:",
	.dial_usage = "stdio:",
	.help = "Standard input and output as one connection.",
	.listen = stdio_listen,
	.dial = stdio_dial,
};

const struct reed_scheme *const reed_core_schemes[] = {
	&reed_tcp_scheme,
	&reed_udp_scheme,
	&reed_srv_scheme,
	&unix_scheme,
	&fd_scheme,
	&systemd_scheme,
	&stdio_scheme,
	&reed_exec_scheme,
	&reed_file_endpoint_scheme,
	&reed_serial_scheme,
	&reed_tls_scheme,
	&reed_sim_scheme,
	&reed_haproxy_scheme,
	&reed_socks5_scheme,
	&reed_socks4a_scheme,
	&reed_http_connect_scheme,
	&reed_log_scheme,
	&reed_throttle_scheme,
	NULL,
};
