/* The scheme tcp. */

#include "reed/co.h"

#include "endpoint_private.h"
#include "private.h"

enum { PORT_TRIES = 8 };

/* ---- listening ---- */

/* Both families where the system has them. */
static struct reed_future *listen_on_any(struct reed_loop *loop, uint16_t port,
                                         const struct reed_bind *bind, struct reed_listener **out)
{
	struct reed_address v6 = { .family = REED_FAMILY_IPV6, .port = port };
	struct reed_address v4 = { .family = REED_FAMILY_IPV4, .port = port };
	struct reed_fault *fault = NULL;
	struct reed_listener *l;

	if (!reed_net_listen(loop, &v6, bind, &l, &fault))
		return reed_endpoint_listening(l, out);
	if (fault->err == REED_EADDRINUSE || fault->err == REED_EACCES)
		return reed_failed_with(loop, fault);
	reed_fault_free(fault);
	return reed_endpoint_listen_on(loop, &v4, bind, out);
}

/* ---- listening on a name, which may have several addresses ---- */

struct named {
	struct reed_co co;
	char *name, *text; /* text: the endpoint */
	unsigned column;
	uint16_t port;
	struct reed_bind bind;
	struct reed_addresses at;
	struct reed_listener *listener, **out;
};

/* A system without IPv6 has only one of the two loopback addresses. */
static bool may_be_missing(const struct reed_address *at, enum reed_err err)
{
	return reed_address_is_loopback(at) &&
	       (err == REED_EADDRNOTAVAIL || err == REED_ENOTSUP || err == REED_EIO);
}

static void close_all(struct reed_listener **list, size_t count)
{
	while (count > 0)
		reed_listener_close(list[--count]);
}

/* Port 0: the one that the first address got is for all of them. */
static enum reed_err listen_on_each(struct named *self, struct reed_listener **list, size_t *count,
                                    struct reed_fault **fault)
{
	uint16_t port = self->port;
	size_t n = 0;

	for (size_t i = 0; i < self->at.count; i++) {
		struct reed_address at = self->at.list[i];
		enum reed_err err;

		at.port = port;
		reed_fault_free(*fault);
		*fault = NULL;
		err = reed_net_listen(self->co.loop, &at, &self->bind, &list[n], fault);
		if (!err) {
			port = list[n++]->address.port;
		} else if (!may_be_missing(&at, err) || (n == 0 && i + 1 == self->at.count)) {
			close_all(list, n);
			return err;
		}
	}
	reed_fault_free(*fault);
	*fault = NULL;
	*count = n;
	return REED_OK;
}

/* The port of the first may be taken on the second. */
static enum reed_err listen_on_all(struct named *self, struct reed_fault **fault)
{
	struct reed_listener **list = reed_alloc(self->at.count * sizeof(struct reed_listener *));
	enum reed_err err = REED_EADDRINUSE;
	size_t n = 0;

	for (int tries = 0; err == REED_EADDRINUSE && tries < PORT_TRIES; tries++) {
		err = listen_on_each(self, list, &n, fault);
		if (self->port)
			break;
	}
	if (!err)
		self->listener = n == 1 ? list[0] : reed_listener_join(list, n);
	reed_free(list);
	return err;
}

static void named_run(struct reed_co *co)
{
	struct named *self = reed_frame(co, struct named);
	struct reed_fault *fault = NULL;

	reed_coroutine (co) {
		reed_await(co, reed_resolve(co->loop, reed_slice_of(self->name), self->port,
		                            &self->at));
		if (!co->err && listen_on_all(self, &fault))
			reed_await(co, reed_failed_with(co->loop, fault));
		if (co->err)
			reed_return(co, reed_because(co, co->err, "\"%s\", column %u", self->text,
			                             self->column));
	}
}

static void named_deliver(struct reed_co *co)
{
	struct named *self = reed_frame(co, struct named);

	*self->out = self->listener;
	self->listener = NULL;
}

static void named_end(struct reed_co *co)
{
	struct named *self = reed_frame(co, struct named);

	reed_listener_close(self->listener);
	reed_addresses_finish(&self->at);
	reed_free(self->name);
	reed_free(self->text);
}

static const struct reed_co_kind named_kind = {
	.name = "listen",
	.size = sizeof(struct named),
	.run = named_run,
	.deliver = named_deliver,
	.end = named_end,
};

static struct reed_future *listen_on_name(struct reed_loop *loop, const struct reed_endpoint *e,
                                          const struct reed_endpoint_part *interface, uint16_t port,
                                          const struct reed_bind *bind, struct reed_listener **out)
{
	struct named *self = reed_co_new(loop, &named_kind);

	self->name = reed_slice_dup(interface->value);
	self->text = reed_slice_dup(e->text);
	self->column = interface->column;
	self->port = port;
	self->bind = *bind;
	self->out = out;
	return reed_start(&self->co);
}

/* ---- the scheme ---- */

static enum reed_err listening(const struct reed_endpoint *e, uint16_t *port,
                               struct reed_bind *bind, struct reed_fault **fault)
{
	int reuse = 0;
	enum reed_err err = reed_endpoint_port(e, reed_endpoint_arg(e, 0), port, fault);

	if (!err)
		err = reed_endpoint_number(e, "backlog", 65535, 10, &bind->backlog, fault);
	if (!err)
		err = reed_endpoint_number(e, "reuseport", 1, 10, &reuse, fault);
	bind->reuse_port = reuse;
	return err;
}

static struct reed_future *tcp_listen(struct reed_loop *loop, const struct reed_endpoint *e,
                                      struct reed_listener **out)
{
	const struct reed_endpoint_part *interface = reed_endpoint_key(e, "interface");
	struct reed_bind bind = { .mode = -1 };
	struct reed_fault *fault = NULL;
	struct reed_address at;
	uint16_t port;

	if (listening(e, &port, &bind, &fault))
		return reed_failed_with(loop, fault);
	if (!interface)
		return listen_on_any(loop, port, &bind, out);
	if (reed_address_parse(interface->value, port, &at))
		return listen_on_name(loop, e, interface, port, &bind, out);
	return reed_endpoint_listen_on(loop, &at, &bind, out);
}

enum reed_err reed_endpoint_dialling(const struct reed_endpoint *e,
                                     struct reed_connect_options *options,
                                     struct reed_address *from, int *timeout_s,
                                     struct reed_fault **fault)
{
	const struct reed_endpoint_part *bind = reed_endpoint_key(e, "bind");
	enum reed_err err = reed_endpoint_number(e, "timeout", 86400, 10, timeout_s, fault);

	if (err)
		return err;
	if (bind && reed_address_parse(bind->value, 0, from)) {
		*fault = reed_endpoint_fault(e, bind,
		                             "\"" REED_FMT "\" is no address; write one "
		                             "such as 192.0.2.1 or [2001:db8::1]",
		                             REED_ARG(bind->value));
		return REED_ESYNTAX;
	}
	options->from = bind ? from : NULL;
	return REED_OK;
}

static struct reed_future *tcp_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                    struct reed_stream **out)
{
	struct reed_connect_options options = REED_CONNECT_OPTIONS;
	struct reed_fault *fault = NULL;
	struct reed_address from;
	struct reed_future *f;
	int timeout = 0;
	uint16_t port;

	if (reed_endpoint_port(e, reed_endpoint_arg(e, 1), &port, &fault) ||
	    reed_endpoint_dialling(e, &options, &from, &timeout, &fault))
		return reed_failed_with(loop, fault);
	f = reed_connect(loop, reed_endpoint_arg(e, 0)->value, port, &options, out);
	return timeout ? reed_within((int64_t)timeout * 1000, f) : f;
}

enum reed_err reed_tcp_check(const struct reed_endpoint *e, enum reed_endpoint_use use,
                             struct reed_fault **fault)
{
	struct reed_connect_options options = REED_CONNECT_OPTIONS;
	struct reed_bind bind = { .mode = -1 };
	struct reed_address from;
	int timeout;
	uint16_t port;
	enum reed_err err;

	if (reed_endpoint_is_listening(use))
		return listening(e, &port, &bind, fault);
	err = reed_endpoint_port(e, reed_endpoint_arg(e, 1), &port, fault);
	return err ? err : reed_endpoint_dialling(e, &options, &from, &timeout, fault);
}

static const struct reed_scheme_key tcp_keys[] = {
	{ "interface", "the address to listen on, or a name: all addresses it has, such as "
	               "localhost; without it all there are, IPv6 and IPv4" },
	{ "backlog", "connections that may wait to be accepted" },
	{ "reuseport", "1: several processes may listen" },
	{ "timeout", "seconds after which dialling is given up" },
	{ "bind", "the address to dial from" },
	{ NULL, NULL },
};

const struct reed_scheme reed_tcp_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "tcp",
	.listen_usage = "tcp:PORT[:interface=ADDRESS-OR-NAME]",
	.dial_usage = "tcp:HOST:PORT",
	.help = "TCP, over IPv4 and IPv6.",
	.listen_args = { 1, 1 },
	.dial_args = { 2, 2 },
	.dial_host = 1,
	.keys = tcp_keys,
	.listen = tcp_listen,
	.dial = tcp_dial,
	.check = reed_tcp_check,
};
