/* What the tests of the simulation share: two hosts, and a connection between them. */

#ifndef REED_TESTS_SIM_TOOLS_H
#define REED_TESTS_SIM_TOOLS_H

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/random.h"
#include "reed/sim.h"

#include "check.h"

enum { PORT = 7 };

struct world {
	struct reed_sim *sim;
	struct reed_loop *a, *b; /* a connects to b */
	struct reed_listener *listener;
	struct reed_stream *at_a, *at_b;
};

/* Ten milliseconds each way, to the nanosecond. */
#define EXACT_LINK                                                              \
	{                                                                       \
		.size = sizeof(struct reed_sim_link), .delay_min = REED_MS(10), \
		.delay_mean = REED_MS(10)                                       \
	}

/* The future ends so, whatever its host and the others have to do for it. */
#define ends_as(world, future, wanted) \
	check_int(reed_sim_run_until((world)->sim, (future), NULL), (wanted))

static inline void world_init(struct world *w, const struct reed_sim_options *options)
{
	*w = (struct world){ .sim = reed_sim_new(options) };
	w->a = reed_sim_host(w->sim, "a.example");
	w->b = reed_sim_host(w->sim, "b.example");
	check_int(reed_sim_listen(w->b, PORT, &w->listener), REED_OK);
}

static inline void world_connect(struct world *w)
{
	ends_as(w, reed_sim_dial(w->a, "b.example", PORT, &w->at_a), REED_OK);
	ends_as(w, reed_accept(w->listener, &w->at_b), REED_OK);
}

/* Two hosts that are connected over exact links. */
static inline void world_exact(struct world *w)
{
	struct reed_sim_link link = EXACT_LINK;
	struct reed_sim_options options = REED_SIM_OPTIONS;

	options.link = &link;
	world_init(w, &options);
	world_connect(w);
}

static inline void world_finish(struct world *w)
{
	reed_close(w->at_a);
	reed_close(w->at_b);
	reed_listener_close(w->listener);
	check_int(reed_sim_run(w->sim), REED_OK);
	reed_sim_free(w->sim);
}

static inline struct reed_sim_stats stats_of(const struct reed_sim *sim)
{
	struct reed_sim_stats stats = { .size = sizeof(stats) };

	reed_sim_stats(sim, &stats);
	return stats;
}

#endif
