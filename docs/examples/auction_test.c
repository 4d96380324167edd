/*
 * An evening at the auction, in a simulation: people who bid as high as they
 * can, on a network that delays and loses, from two hundred seeds; and then
 * with the hall and the people disturbed wherever they may wait.
 */

#include <stdio.h>

#include <reed/co.h>
#include <reed/endpoint.h>
#include <reed/random.h>
#include <reed/sim.h>

#include "auction.h"

/* ---- somebody who wants the first lot ---- */

struct buyer {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_slice line;
	unsigned most, mine;
	unsigned *paid; /* by whom it was sold to */
};

/* What this line asks to be said; 0: nothing. */
static unsigned price_in(const struct buyer *self)
{
	unsigned price = 0;
	char line[80];

	reed_slice_copy(line, sizeof(line), self->line);
	if (sscanf(line, "lot %*u, %u is bid", &price) == 1 || sscanf(line, "no, %u", &price) == 1)
		return price + 1;
	return sscanf(line, "%u is bid", &price) == 1 && price != self->mine ? price + 1 : 0;
}

static bool is_sold(struct buyer *self)
{
	unsigned price;
	char line[80];

	reed_slice_copy(line, sizeof(line), self->line);
	if (sscanf(line, "sold to you for %u", &price) == 1)
		*self->paid = price;
	return reed_slice_starts(self->line, REED_STR("sold"));
}

static void outbid(struct buyer *self)
{
	unsigned price = price_in(self);

	if (price == 0 || price > self->most)
		return;
	self->mine = price;
	reed_printf(self->stream, "%u\n", price);
}

static void buyer_run(struct reed_co *co)
{
	struct buyer *self = reed_frame(co, struct buyer);

	reed_coroutine (co) {
		reed_await(co, reed_dial(co->loop, "tcp:hall:7777", &self->stream));
		while (!co->err && !is_sold(self)) {
			reed_try(co, reed_sleep(co->loop, reed_random_below(co->loop, 2000)));
			outbid(self);
			reed_await(co, reed_read_line(self->stream, &self->line));
		}
	}
}

static void buyer_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct buyer)->stream);
}

static const struct reed_co_kind buyer_kind = { .name = "buyer",
	                                        .size = sizeof(struct buyer),
	                                        .run = buyer_run,
	                                        .end = buyer_end };

static struct reed_future *buyer(struct reed_sim *sim, const char *host, unsigned most,
                                 unsigned *paid)
{
	struct buyer *self = reed_co_new(reed_sim_host(sim, host), &buyer_kind);

	self->most = most;
	self->paid = paid;
	return reed_start(&self->co);
}

/* ---- an evening ---- */

static struct reed_future *open_hall(void *arg, struct reed_loop *loop)
{
	(void)arg;
	return auction_serve(loop, "tcp:7777", REED_S(30));
}

static enum reed_err evening(void *arg, struct reed_sim *sim)
{
	unsigned paid[3] = { 0 };
	enum reed_err err;

	(void)arg;
	reed_sim_boot(sim, "hall", open_hall, NULL);
	reed_sim_add(sim, buyer(sim, "ada", 20, &paid[0]));
	reed_sim_add(sim, buyer(sim, "bob", 30, &paid[1]));
	reed_sim_add(sim, buyer(sim, "cy", 25, &paid[2]));
	err = reed_sim_run(sim);
	if (paid[0] || paid[2] || paid[1] < 25 || paid[1] > 30)
		reed_sim_fail(sim, "sold to ada for %u, to bob for %u, to cy for %u", paid[0],
		              paid[1], paid[2]);
	return err;
}

static enum reed_err evenings(void)
{
	struct reed_sim_explore_options options = REED_SIM_EXPLORE_OPTIONS;
	struct reed_sim_options world = REED_SIM_OPTIONS;
	struct reed_sim_link link = REED_SIM_ROUGH;

	world.link = &link;
	world.schedule = REED_SIM_SHUFFLED;
	options.sim = &world;
	options.runs = 200;
	return reed_sim_explore(evening, NULL, &options);
}

/* ---- disturbed ---- */

static unsigned nobody_cares;

static struct reed_future *of_a_buyer(void *arg, struct reed_sim *sim)
{
	reed_sim_boot(sim, "hall", open_hall, NULL);
	reed_sim_add(sim, buyer(sim, "ada", 2, &nobody_cares));
	return buyer(sim, "bob", 3, arg);
}

static struct reed_future *of_the_hall(void *arg, struct reed_sim *sim)
{
	struct reed_loop *hall = reed_sim_host(sim, "hall");

	reed_sim_add(sim, buyer(sim, "ada", 2, arg));
	return reed_any(NULL, open_hall(NULL, hall), reed_sleep(hall, 60000)); /* closing time */
}

static enum reed_err disturbed(reed_sim_scenario_fn *scenario)
{
	struct reed_sim_suspension_options options = REED_SIM_SUSPENSION_OPTIONS;

	return reed_sim_each_suspension(scenario, NULL, &nobody_cares, &options);
}

int main(void)
{
	if (evenings() || disturbed(of_a_buyer) || disturbed(of_the_hall))
		return 1;
	puts("200 evenings, and each lot was sold to who would pay most");
	return 0;
}
