/* Sockets of the system, or of the driver when it has a network of its own. */

#include "private.h"

#include "os.h"
#include "reed/dgram.h"

enum reed_err reed_net_listen(struct reed_loop *loop, const struct reed_address *at,
                              const struct reed_bind *bind, struct reed_listener **out,
                              struct reed_fault **fault)
{
	struct reed_driver *d = loop->driver;

	if (d->net && at->family != REED_FAMILY_UNIX)
		return d->net->listen(d, loop, at, out, fault);
	return reed_listen_address(loop, at, bind, out, fault);
}

struct reed_future *reed_net_connect(struct reed_loop *loop, const struct reed_address *to,
                                     const struct reed_address *from, struct reed_stream **out)
{
	struct reed_driver *d = loop->driver;

	if (d->net && to->family != REED_FAMILY_UNIX)
		return d->net->connect(d, loop, to, from, out);
	return reed_connect_address(loop, to, from, out);
}

static enum reed_err dgram(struct reed_loop *loop, const struct reed_address *at,
                           const struct reed_address *to, const struct reed_dgram_options *options,
                           struct reed_dgram **out, struct reed_fault **fault)
{
	struct reed_driver *d = loop->driver;
	enum reed_family family = at ? at->family : to->family;

	if (family == REED_FAMILY_NONE || (at && to && at->family != to->family)) {
		*fault = reed_fault(REED_EINVAL, NULL,
		                    "a datagram socket has addresses of one family");
		return REED_EINVAL;
	}
	if (!d->net || family == REED_FAMILY_UNIX)
		return reed_os_dgram(loop, at, to, options, out, fault);
	if (d->net->dgram)
		return d->net->dgram(d, loop, at, to, options, out, fault);
	*fault = reed_fault(REED_ENOTSUP, NULL, "the driver %s has no datagrams", d->ops->name);
	return REED_ENOTSUP;
}

enum reed_err reed_dgram_bind(struct reed_loop *loop, const struct reed_address *at,
                              const struct reed_dgram_options *options, struct reed_dgram **d,
                              struct reed_fault **fault)
{
	return dgram(loop, at, NULL, options, d, fault);
}

enum reed_err reed_dgram_connect(struct reed_loop *loop, const struct reed_address *to,
                                 const struct reed_address *from,
                                 const struct reed_dgram_options *options, struct reed_dgram **d,
                                 struct reed_fault **fault)
{
	return dgram(loop, from, to, options, d, fault);
}
