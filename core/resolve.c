/* Addresses of digits, and connecting to them. */

#include "reed/resolve.h"

#include "private.h"

#include "os.h"

void reed_addresses_finish(struct reed_addresses *a)
{
	reed_free(a->list);
	*a = (struct reed_addresses){ NULL, 0 };
}

struct reed_future *reed_connect(struct reed_loop *loop, struct reed_slice host, uint16_t port,
                                 const struct reed_connect_options *options,
                                 struct reed_stream **stream)
{
	struct reed_address to;

	if (reed_slice_is(host, "localhost"))
		host = REED_STR("127.0.0.1");
	if (reed_address_parse(host, port, &to))
		return reed_failed(loop, REED_ENAME, "no such host name: " REED_FMT,
		                   REED_ARG(host));
	return reed_net_connect(loop, &to, options ? options->from : NULL, stream);
}
