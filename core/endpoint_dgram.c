/* Endpoints of datagrams: the scheme udp, and UNIX and inherited sockets. */

#include "reed/co.h"

#include "endpoint_private.h"
#include "private.h"

/* ---- a socket that is there already, for a future that can be dropped ---- */

struct ready_dgram {
	struct reed_future future;
	struct reed_dgram *dgram, **out;
};

static void ready_deliver(struct reed_future *f)
{
	struct ready_dgram *self = reed_container_of(f, struct ready_dgram, future);

	*self->out = self->dgram;
	self->dgram = NULL;
}

static void ready_free(struct reed_future *f)
{
	struct ready_dgram *self = reed_container_of(f, struct ready_dgram, future);

	reed_dgram_close(self->dgram);
	reed_free(self);
}

static const struct reed_future_kind ready_kind = {
	.name = "dgram",
	.deliver = ready_deliver,
	.free = ready_free,
};

static struct reed_future *opened(struct reed_dgram *d, struct reed_dgram **out)
{
	struct ready_dgram *self = reed_alloc(sizeof(*self));

	reed_future_init(&self->future, d->loop, &ready_kind);
	self->dgram = d;
	self->out = out;
	reed_settle(&self->future, REED_OK);
	return &self->future;
}

/* ---- unix, fd, systemd ---- */

struct reed_future *reed_endpoint_dgram_of_fd(struct reed_loop *loop, const struct reed_endpoint *e,
                                              const struct reed_endpoint_part *part, int fd,
                                              struct reed_dgram **out)
{
	struct reed_dgram *d;
	enum reed_err err = reed_dgram_of_fd(loop, fd, NULL, &d);

	if (err)
		return reed_endpoint_unfit(loop, e, part, fd, err, "is no datagram socket");
	return opened(d, out);
}

struct reed_future *reed_unix_dgram_listen(struct reed_loop *loop, const struct reed_endpoint *e,
                                           struct reed_dgram **out)
{
	struct reed_dgram_options o = REED_DGRAM_OPTIONS;
	char *user = reed_endpoint_text(e, "user"), *group = reed_endpoint_text(e, "group");
	struct reed_fault *fault = NULL;
	struct reed_address at;
	struct reed_dgram *d = NULL;

	o.user = user;
	o.group = group;
	if (!reed_endpoint_unix(e, &at, &fault) &&
	    !reed_endpoint_number(e, "mode", 0777, 8, &o.mode, &fault))
		reed_dgram_bind(loop, &at, &o, &d, &fault);
	reed_free(user);
	reed_free(group);
	return fault ? reed_failed_with(loop, fault) : opened(d, out);
}

struct reed_future *reed_unix_dgram_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                         struct reed_dgram **out)
{
	struct reed_fault *fault = NULL;
	struct reed_address at;
	struct reed_dgram *d = NULL;

	if (!reed_endpoint_unix(e, &at, &fault))
		reed_dgram_connect(loop, &at, NULL, NULL, &d, &fault);
	return fault ? reed_failed_with(loop, fault) : opened(d, out);
}

/* ---- udp ---- */

struct opening {
	struct reed_co co;
	char *name, *text; /* name: NULL for every address; text: the endpoint */
	unsigned column;
	uint16_t port;
	bool dials, has_from;
	struct reed_address from;
	struct reed_dgram_options options;
	struct reed_dgram_group group; /* of no family: none */
	struct reed_addresses at;
	struct reed_dgram *dgram, **out;
};

static enum reed_err open_at(struct opening *self, const struct reed_address *at,
                             struct reed_fault **fault)
{
	struct reed_loop *loop = self->co.loop;

	if (!self->dials)
		return reed_dgram_bind(loop, at, &self->options, &self->dgram, fault);
	return reed_dgram_connect(loop, at, self->has_from ? &self->from : NULL, &self->options,
	                          &self->dgram, fault);
}

/* The first that there is a way to; the reason is that of the last. */
static void open_one(struct opening *self, struct reed_fault **fault)
{
	for (size_t i = 0; i < self->at.count && !self->dgram; i++) {
		reed_fault_free(*fault);
		*fault = NULL;
		open_at(self, &self->at.list[i], fault);
	}
}

/* Both families where the system has them; a group has one. */
static void open_any(struct opening *self, struct reed_fault **fault)
{
	struct reed_address at = { .family = REED_FAMILY_IPV6, .port = self->port };
	enum reed_err err;

	if (self->group.group.family == REED_FAMILY_IPV4)
		at.family = REED_FAMILY_IPV4;
	err = open_at(self, &at, fault);
	if (!err || err == REED_EADDRINUSE || err == REED_EACCES ||
	    self->group.group.family != REED_FAMILY_NONE)
		return;
	reed_fault_free(*fault);
	*fault = NULL;
	at.family = REED_FAMILY_IPV4;
	open_at(self, &at, fault);
}

static void join(struct opening *self, struct reed_fault **fault)
{
	struct reed_dgram_multicast how = REED_DGRAM_MULTICAST;
	char text[REED_ADDRESS_TEXT];
	enum reed_err err;

	if (!self->dgram || self->group.group.family == REED_FAMILY_NONE)
		return;
	how.interface = self->group.interface;
	how.ttl = self->options.ttl ? self->options.ttl : how.ttl;
	err = reed_dgram_join(self->dgram, &self->group);
	err = err ? err : reed_dgram_set_multicast(self->dgram, &how);
	if (err)
		*fault =
			reed_fault(err, NULL, "cannot join %s: %s",
		                   reed_address_host(&self->group.group, text), reed_strerror(err));
}

static void opening_run(struct reed_co *co)
{
	struct opening *self = reed_frame(co, struct opening);
	struct reed_fault *fault = NULL;

	reed_coroutine (co) {
		if (self->name)
			reed_await(co, reed_resolve(co->loop, reed_slice_of(self->name), self->port,
			                            &self->at));
		if (!co->err && self->name)
			open_one(self, &fault);
		else if (!co->err)
			open_any(self, &fault);
		if (!co->err && !fault)
			join(self, &fault);
		if (fault)
			reed_await(co, reed_failed_with(co->loop, fault));
		if (co->err)
			reed_return(co, reed_because(co, co->err, "\"%s\", column %u", self->text,
			                             self->column));
	}
}

static void opening_deliver(struct reed_co *co)
{
	struct opening *self = reed_frame(co, struct opening);

	*self->out = self->dgram;
	self->dgram = NULL;
}

static void opening_end(struct reed_co *co)
{
	struct opening *self = reed_frame(co, struct opening);

	reed_dgram_close(self->dgram);
	reed_addresses_finish(&self->at);
	reed_free(self->name);
	reed_free(self->text);
}

static const struct reed_co_kind opening_kind = {
	.name = "udp",
	.size = sizeof(struct opening),
	.run = opening_run,
	.deliver = opening_deliver,
	.end = opening_end,
};

/* ---- its keys ---- */

static enum reed_err address_key(const struct reed_endpoint *e, const char *key,
                                 struct reed_address *out, struct reed_fault **fault)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, key);

	if (!part || !reed_address_parse(part->value, 0, out))
		return REED_OK;
	*fault = reed_endpoint_fault(e, part,
	                             "\"" REED_FMT "\" is no address; write one such as "
	                             "192.0.2.1 or [2001:db8::1]",
	                             REED_ARG(part->value));
	return REED_ESYNTAX;
}

static enum reed_err group_addresses(const struct reed_endpoint *e, struct reed_dgram_group *group,
                                     struct reed_fault **fault)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, "group");

	if (address_key(e, "group", &group->group, fault) ||
	    address_key(e, "source", &group->source, fault))
		return REED_ESYNTAX;
	if (part && !reed_address_is_multicast(&group->group)) {
		*fault = reed_endpoint_fault(e, part,
		                             "\"" REED_FMT "\" is no group; write one "
		                             "such as 239.1.2.3 or [ff02::123]",
		                             REED_ARG(part->value));
		return REED_ESYNTAX;
	}
	return REED_OK;
}

static enum reed_err group_keys(const struct reed_endpoint *e, struct reed_dgram_group *group,
                                struct reed_fault **fault)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, "via");
	enum reed_err err = group_addresses(e, group, fault);
	char *via;

	if (err || !part)
		return err;
	via = reed_slice_dup(part->value);
	group->interface = reed_interface(via);
	reed_free(via);
	if (group->interface)
		return REED_OK;
	*fault = reed_endpoint_fault(e, part, "there is no interface \"" REED_FMT "\"",
	                             REED_ARG(part->value));
	return REED_ESYNTAX;
}

static enum reed_err option_keys(const struct reed_endpoint *e, struct reed_dgram_options *o,
                                 struct reed_fault **fault)
{
	int broadcast = 0, reuse_port = 0, shared = 0, queue = 0, room = 0;

	if (reed_endpoint_number(e, "ttl", 255, 10, &o->ttl, fault) ||
	    reed_endpoint_number(e, "broadcast", 1, 10, &broadcast, fault) ||
	    reed_endpoint_number(e, "reuseport", 1, 10, &reuse_port, fault) ||
	    reed_endpoint_number(e, "shared", 1, 10, &shared, fault) ||
	    reed_endpoint_number(e, "queue", INT32_MAX, 10, &queue, fault) ||
	    reed_endpoint_number(e, "buffer", INT32_MAX, 10, &room, fault))
		return REED_ESYNTAX;
	o->broadcast = broadcast;
	o->reuse_port = reuse_port;
	o->reuse_address = shared;
	o->queue = (uint32_t)queue;
	o->receive_buffer = (uint32_t)room;
	return REED_OK;
}

/* host: what is to be resolved; NULL for every address of this host. */
static struct reed_future *begin(struct reed_loop *loop, const struct reed_endpoint *e,
                                 const struct reed_endpoint_part *host,
                                 const struct reed_endpoint_part *port, bool dials,
                                 struct reed_dgram **out)
{
	struct opening *self = reed_co_new(loop, &opening_kind);
	struct reed_fault *fault = NULL;

	self->options = (struct reed_dgram_options)REED_DGRAM_OPTIONS;
	if (reed_endpoint_port(e, port, &self->port, &fault) ||
	    option_keys(e, &self->options, &fault) || group_keys(e, &self->group, &fault) ||
	    address_key(e, "bind", &self->from, &fault)) {
		reed_drop(reed_start(&self->co));
		return reed_failed_with(loop, fault);
	}
	self->name = host ? reed_slice_dup(host->value) : NULL;
	self->text = reed_slice_dup(e->text);
	self->column = host ? host->column : port->column;
	self->dials = dials;
	self->has_from = self->from.family != REED_FAMILY_NONE;
	self->out = out;
	return reed_start(&self->co);
}

static struct reed_future *udp_listen(struct reed_loop *loop, const struct reed_endpoint *e,
                                      struct reed_dgram **out)
{
	return begin(loop, e, reed_endpoint_key(e, "interface"), reed_endpoint_arg(e, 0), false,
	             out);
}

static struct reed_future *udp_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                    struct reed_dgram **out)
{
	return begin(loop, e, reed_endpoint_arg(e, 0), reed_endpoint_arg(e, 1), true, out);
}

static enum reed_err udp_check(const struct reed_endpoint *e, enum reed_endpoint_use use,
                               struct reed_fault **fault)
{
	struct reed_dgram_options options = REED_DGRAM_OPTIONS;
	struct reed_dgram_group group = { .interface = 0 };
	struct reed_address from;
	uint16_t port;
	enum reed_err err =
		reed_endpoint_port(e, reed_endpoint_arg(e, reed_endpoint_is_listening(use) ? 0 : 1),
	                           &port, fault);

	if (!err)
		err = option_keys(e, &options, fault);
	if (!err)
		err = group_addresses(e, &group, fault);
	return err ? err : address_key(e, "bind", &from, fault);
}

static const struct reed_scheme_key udp_keys[] = {
	{ "interface", "the address to bind to, or a name: the first address it has; without it "
	               "all there are, IPv6 and IPv4" },
	{ "group", "a multicast group to join" },
	{ "source", "the only one to hear in that group" },
	{ "via", "the name of the interface for the group" },
	{ "ttl", "how many routers what is sent may pass" },
	{ "broadcast", "1: broadcasts may be sent" },
	{ "reuseport", "1: several processes may bind, and share the peers" },
	{ "shared", "1: several processes may bind, and each hears groups and broadcasts" },
	{ "queue", "bytes that may wait to be sent" },
	{ "buffer", "bytes that the system keeps until they are read; others it drops" },
	{ "bind", "the address to dial from" },
	{ NULL, NULL },
};

const struct reed_scheme reed_udp_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "udp",
	.listen_usage = "udp:PORT[:interface=ADDRESS-OR-NAME][:group=ADDRESS]",
	.dial_usage = "udp:HOST:PORT",
	.help = "UDP, over IPv4 and IPv6: datagrams.",
	.listen_args = { 1, 1 },
	.dial_args = { 2, 2 },
	.keys = udp_keys,
	.dgram_listen = udp_listen,
	.dgram_dial = udp_dial,
	.check = udp_check,
};
