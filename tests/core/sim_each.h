/* Scenarios disturbed at each of their suspensions. */

#ifndef REED_TESTS_SIM_EACH_H
#define REED_TESTS_SIM_EACH_H

#include "reed/sim.h"

#include "tests/check.h"

/* Nothing is left of it wherever it is disturbed, and there are more such places than that. */
static inline void check_each_suspension(reed_sim_scenario_fn *scenario,
                                         reed_sim_check_fn *check_end, uint64_t more_than)
{
	struct reed_sim_suspension_options options = REED_SIM_SUSPENSION_OPTIONS;
	uint64_t points = 0;

	options.points = &points;
	check_int(reed_sim_each_suspension(scenario, check_end, NULL, &options), REED_OK);
	check(points > more_than);
}

/* It goes well from so many seeds, whose links lose a fifth, and the same twice from each. */
static inline void check_rough_links(reed_sim_test_fn *test, uint64_t runs)
{
	struct reed_sim_link link = REED_SIM_ROUGH;
	struct reed_sim_options rough = REED_SIM_OPTIONS;
	struct reed_sim_explore_options options = REED_SIM_EXPLORE_OPTIONS;

	link.loss = 0.2;
	rough.link = &link;
	rough.schedule = REED_SIM_SHUFFLED;
	options.sim = &rough;
	options.runs = runs;
	options.twice = true;
	check_int(reed_sim_explore(test, NULL, &options), REED_OK);
}

/* It ends well, unless it was interrupted. */
static inline void ends_well_or_canceled(void *arg, struct reed_sim *world,
                                         const struct reed_sim_suspension *at)
{
	(void)arg;
	if (at->err && (at->finished || at->err != REED_ECANCELED))
		reed_sim_fail(world, "ended with %s", reed_err_name(at->err));
}

#endif
