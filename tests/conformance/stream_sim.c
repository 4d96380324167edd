/* The simulated stream: a host's connection with itself, in several worlds. */

#include "tests/conformance/stream.h"

static const struct reed_sim_options plain = REED_SIM_OPTIONS;

/* Half of the reads bring less than there is, and whoever is ready may go first. */
static const struct reed_sim_options unruly = {
	.size = sizeof(unruly),
	.seed = 1,
	.schedule = REED_SIM_SHUFFLED,
	.partial_reads = 0.5,
};

static const struct reed_sim_options narrow = {
	.size = sizeof(narrow),
	.seed = 2,
	.send_buffer = 900,
	.receive_buffer = 700,
};

static bool make_sim(struct reed_loop *on, struct reed_stream **one, struct reed_stream **other)
{
	struct reed_listener *listener;
	struct owner dialled, accepted;

	check_int(reed_sim_listen(on, 0, &listener), REED_OK);
	own(&accepted, reed_accept(listener, other));
	own(&dialled, reed_sim_dial(on, "localhost", listener->address.port, one));
	until(dialled.told && accepted.told);
	check_int(dialled.err, REED_OK);
	check_int(accepted.err, REED_OK);
	reed_listener_close(listener);
	return true;
}

static bool make_records(struct reed_loop *on, struct reed_stream **one, struct reed_stream **other)
{
	make_sim(on, one, other);
	*one = in_records(*one);
	*other = in_records(*other);
	return true;
}

static bool make_tls(struct reed_loop *on, struct reed_stream **one, struct reed_stream **other)
{
	make_sim(on, one, other);
	over_tls(one, other);
	return true;
}

const struct kind simulated_kinds[] = {
	{ "simulated", make_sim, &plain, true },
	{ "unruly simulated", make_sim, &unruly, true },
	{ "narrow simulated", make_sim, &narrow, true },
	{ "records simulated", make_records, &unruly, true },
	{ "TLS simulated", make_tls, &unruly, true },
	{ "TLS narrow simulated", make_tls, &narrow, true },
};

const size_t simulated_kind_count = REED_COUNT(simulated_kinds);
