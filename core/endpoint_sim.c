/* The scheme sim: hosts of a simulation, by name.  Schemes of TCP reach them too. */

#include "endpoint_private.h"
#include "private.h"
#include "reed/sim.h"

/* A mistake of whoever wrote the string, with its place; no syntax error. */
static struct reed_future *fail(struct reed_loop *loop, const struct reed_endpoint *e,
                                unsigned column, enum reed_err err, const char *what)
{
	return reed_failed(loop, err, "\"" REED_FMT "\", column %u: %s", REED_ARG(e->text), column,
	                   what);
}

/* NULL: go on. */
static struct reed_future *refuse_if_real(struct reed_loop *loop, const struct reed_endpoint *e)
{
	if (loop->simulated)
		return NULL;
	return fail(loop, e, 1, REED_ENOTSUP,
	            "there are no simulated hosts outside a simulation (reed/sim.h); "
	            "tcp: reaches real ones");
}

static bool is_here(struct reed_loop *loop, struct reed_slice host)
{
	return reed_slice_is_nocase(host, reed_sim_host_name(loop)) ||
	       reed_slice_is_nocase(host, "localhost");
}

static struct reed_future *sim_listen(struct reed_loop *loop, const struct reed_endpoint *e,
                                      struct reed_listener **out)
{
	struct reed_future *refused = refuse_if_real(loop, e);
	const struct reed_endpoint_part *host = reed_endpoint_arg(e, 0);
	struct reed_fault *fault = NULL;
	struct reed_listener *l;
	uint16_t port;
	enum reed_err err;

	if (refused)
		return refused;
	if (reed_endpoint_port(e, reed_endpoint_arg(e, 1), &port, &fault))
		return reed_failed_with(loop, fault);
	if (!is_here(loop, host->value))
		return reed_failed(loop, REED_EADDRNOTAVAIL,
		                   "\"" REED_FMT "\", column %u: this host is called %s",
		                   REED_ARG(e->text), host->column, reed_sim_host_name(loop));
	err = reed_sim_listen(loop, port, &l);
	if (err)
		return fail(loop, e, reed_endpoint_arg(e, 1)->column, err, reed_strerror(err));
	return reed_endpoint_listening(l, out);
}

static struct reed_future *sim_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                    struct reed_stream **out)
{
	struct reed_future *refused = refuse_if_real(loop, e);
	struct reed_fault *fault = NULL;
	struct reed_future *f;
	uint16_t port;
	char *host;

	if (refused)
		return refused;
	if (reed_endpoint_port(e, reed_endpoint_arg(e, 1), &port, &fault))
		return reed_failed_with(loop, fault);
	host = reed_slice_dup(reed_endpoint_arg(e, 0)->value);
	f = reed_sim_dial(loop, host, port, out);
	reed_free(host);
	return f;
}

static enum reed_err sim_check(const struct reed_endpoint *e, enum reed_endpoint_use use,
                               struct reed_fault **fault)
{
	uint16_t port;

	(void)use;
	return reed_endpoint_port(e, reed_endpoint_arg(e, 1), &port, fault);
}

const struct reed_scheme reed_sim_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "sim",
	.listen_usage = "sim:HOST:PORT",
	.dial_usage = "sim:HOST:PORT",
	.help = "A host of a simulation, and nothing else. In one, tcp and tls reach simulated "
		"hosts as well.",
	.listen_args = { 2, 2 },
	.dial_args = { 2, 2 },
	.listen = sim_listen,
	.dial = sim_dial,
	.check = sim_check,
};
