/* Calls both ways through cuts, resets and reordered packets, over many seeds. */

#include "browser.h"

#include "tests/check.h"

static struct {
	int sockets, polls, rounds;
} seen;

static enum reed_err story(void *arg, struct reed_sim *sim)
{
	struct reed_live_options options = REED_LIVE_OPTIONS;
	struct browser_notes notes = { .done = false };
	struct office office;
	enum reed_err err;

	(void)arg;
	options.limits.away_ms = 3600000;
	options.limits.poll_ms = 500;
	options.limits.calls = 3; /* so that calls wait for others, too */
	office_open(&office, reed_sim_host(sim, "server"), &options);
	reed_sim_run_for(sim, REED_MS(1));
	err = reed_sim_run_until(sim, browser(reed_sim_host(sim, "client"), &notes), NULL);
	if (!err &&
	    (!notes.done || notes.expired || office.added != ROUNDS || office.asked != ROUNDS))
		reed_sim_fail(sim, "added %d, asked %d, expired %d", office.added, office.asked,
		              notes.expired);
	seen.sockets += notes.sockets;
	seen.polls += notes.polls;
	seen.rounds++;
	office_close(&office);
	reed_sim_run_for(sim, REED_S(10));
	return err;
}

static void every_call_is_made_once_and_in_order(void)
{
	static const struct reed_sim_link rough = REED_SIM_ROUGH;
	static const struct reed_sim_faults faults = { .size = sizeof(faults),
		                                       .partition_every = REED_S(3),
		                                       .partition_for = REED_MS(800),
		                                       .partition = REED_SIM_ONE_LINK,
		                                       .one_way = 0.5,
		                                       .clog_every = REED_S(2),
		                                       .clog_for = REED_MS(500),
		                                       .reset_every = REED_MS(700),
		                                       .until = REED_S(60) };
	struct reed_sim_options sim = REED_SIM_OPTIONS;
	struct reed_sim_explore_options options = REED_SIM_EXPLORE_OPTIONS;

	sim.link = &rough;
	sim.faults = &faults;
	sim.schedule = REED_SIM_SHUFFLED;
	sim.partial_reads = sim.partial_writes = 0.2;
	sim.most_turns = 400000;
	options.sim = &sim;
	options.runs = 200;
	check_int(reed_sim_explore(story, NULL, &options), REED_OK);
	check(seen.sockets > 2 * seen.rounds && seen.polls > seen.rounds);
}

static void the_same_seed_is_the_same_story(void)
{
	struct reed_sim_explore_options options = REED_SIM_EXPLORE_OPTIONS;

	options.runs = 3;
	options.twice = true;
	check_int(reed_sim_explore(story, NULL, &options), REED_OK);
}

int main(void)
{
	RUN(every_call_is_made_once_and_in_order);
	RUN(the_same_seed_is_the_same_story);
	return 0;
}
