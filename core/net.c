/* Sockets of the system, or of the driver when it has a network of its own. */

#include "private.h"

#include "os.h"

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
