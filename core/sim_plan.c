/* What befalls hosts and links without being asked for. */

#include "sim_private.h"

#include <string.h>

struct misfortune {
	struct sim_event event;
	struct reed_sim *sim;
	int64_t every; /* mean; 0: never */
	void (*befall)(struct reed_sim *sim);
};

enum { PARTITION, CLOG, CRASH, PAUSE, RESET, MISFORTUNES };

struct sim_plan {
	struct reed_sim_faults as;
	struct misfortune misfortunes[MISFORTUNES];
	struct sim_event healed, over;
	struct reed_sim *sim;
};

/* Never under half of the mean. */
static int64_t duration(struct reed_sim *sim, int64_t mean)
{
	return mean / 2 + reed_sim_exponential(&sim->chance, mean / 2);
}

static struct sim_host *some_host(struct reed_sim *sim)
{
	return sim->host_count ? sim->hosts[1 + reed_sim_below(&sim->chance, sim->host_count)]
	                       : NULL;
}

static void separate(struct sim_host *a, struct sim_host *b, unsigned ways)
{
	if (a == b)
		return;
	if (ways & 1)
		reed_sim_link(a, b)->cut_by_plan = true;
	if (ways & 2)
		reed_sim_link(b, a)->cut_by_plan = true;
}

/* In the order of their numbers; side has a bit of chance for each. */
static void separate_sides(struct reed_sim *sim, const bool *side, unsigned ways)
{
	for (uint32_t i = 1; i <= sim->host_count; i++)
		for (uint32_t j = 1; j <= sim->host_count; j++)
			if (side[i] && !side[j])
				separate(sim->hosts[i], sim->hosts[j], ways);
}

static void befall_partition(struct reed_sim *sim)
{
	struct sim_plan *plan = sim->plan;
	unsigned ways = reed_sim_chance(&sim->chance, plan->as.one_way) ? 1 : 3;
	struct sim_host *a = some_host(sim), *b = some_host(sim);
	bool *side;

	if (sim->host_count < 2 || plan->healed.place)
		return;
	side = reed_alloc(sim->host_count + 1);
	for (uint32_t i = 1; i <= sim->host_count; i++)
		side[i] = plan->as.partition == REED_SIM_TWO_SIDES
		                  ? reed_sim_chance(&sim->chance, 0.5)
		                  : sim->hosts[i] == a;
	reed_sim_record_fault(sim, "a partition begins%s, at %s", ways == 1 ? ", one way" : "",
	                      a->name);
	if (plan->as.partition == REED_SIM_ONE_LINK)
		separate(a, b, ways);
	else
		separate_sides(sim, side, ways);
	reed_free(side);
	reed_sim_event_set(sim, &plan->healed, sim->now + duration(sim, plan->as.partition_for),
	                   SIM_IDLE);
}

static void heal_all(struct reed_sim *sim)
{
	bool was = false;

	reed_list_each (at, &sim->links) {
		struct sim_link *link = reed_container_of(at, struct sim_link, all);

		was |= link->cut_by_plan;
		link->cut_by_plan = false;
	}
	if (was)
		reed_sim_record_fault(sim, "the partition ends");
}

static void befall_clog(struct reed_sim *sim)
{
	size_t n = sim->link_count ? reed_sim_below(&sim->chance, sim->link_count) : 0;
	struct reed_list *at = sim->links.next;
	int64_t ns = duration(sim, sim->plan->as.clog_for);
	struct sim_link *link;

	if (reed_list_empty(&sim->links))
		return;
	for (; n > 0; n--)
		at = at->next;
	link = reed_container_of(at, struct sim_link, all);
	if (link->from != link->to)
		reed_sim_clog(sim, link->from->name, link->to->name, ns);
}

static void befall_crash(struct reed_sim *sim)
{
	struct sim_host *h = some_host(sim);
	int64_t ns = duration(sim, sim->plan->as.down_for);

	if (!h || !h->boot || h->spared || !h->loop)
		return;
	reed_sim_host_crash(h);
	reed_sim_event_set(sim, &h->comes_up, sim->now + ns, SIM_HARD);
}

static void befall_pause(struct reed_sim *sim)
{
	struct sim_host *h = some_host(sim);
	int64_t ns = duration(sim, sim->plan->as.pause_for);

	if (h && h->loop && !h->spared)
		reed_sim_host_pause(h, ns);
}

static void befall_reset(struct reed_sim *sim)
{
	struct sim_host *h = some_host(sim);
	struct reed_list *at;

	if (!h || h->spared || h->sockets.count == 0)
		return;
	at = h->sockets.all.next;
	for (size_t n = reed_sim_below(&sim->chance, h->sockets.count); n > 0; n--)
		at = at->next;
	reed_sim_record_fault(sim, "a connection of %s is reset", h->name);
	reed_sim_reset_socket(reed_container_of(at, struct sim_socket, all));
}

static void await_misfortune(struct misfortune *m)
{
	reed_sim_event_set(m->sim, &m->event,
	                   m->sim->now + 1 + reed_sim_exponential(&m->sim->chance, m->every),
	                   SIM_IDLE);
}

static void misfortune_fire(struct sim_event *e)
{
	struct misfortune *m = reed_container_of(e, struct misfortune, event);

	m->befall(m->sim);
	await_misfortune(m);
}

static void healed_fire(struct sim_event *e)
{
	heal_all(reed_container_of(e, struct sim_plan, healed)->sim);
}

static void plan_stop(struct sim_plan *plan)
{
	for (int i = 0; i < MISFORTUNES; i++)
		reed_sim_event_clear(plan->sim, &plan->misfortunes[i].event);
	reed_sim_event_clear(plan->sim, &plan->healed);
	reed_sim_event_clear(plan->sim, &plan->over);
}

static void recover(struct reed_sim *sim, struct sim_host *h)
{
	if (h->comes_up.place)
		reed_sim_up(h);
	if (h->paused_until > sim->now) {
		h->paused_until = sim->now;
		reed_sim_busy(h);
	}
}

static void over_fire(struct sim_event *e)
{
	struct sim_plan *plan = reed_container_of(e, struct sim_plan, over);
	struct reed_sim *sim = plan->sim;

	plan_stop(plan);
	reed_sim_record_fault(sim, "no more faults");
	heal_all(sim);
	reed_list_each (at, &sim->links)
		reed_container_of(at, struct sim_link, all)->clogged_until = 0;
	for (uint32_t i = 1; i <= sim->host_count; i++)
		recover(sim, sim->hosts[i]);
}

void reed_sim_plan_begin(struct reed_sim *sim, const struct reed_sim_faults *faults)
{
	struct sim_plan *plan = reed_alloc(sizeof(*plan));
	struct reed_sim_faults *as = &plan->as;

	memcpy(as, faults, faults->size < sizeof(*as) ? faults->size : sizeof(*as));
	plan->sim = sim;
	plan->healed.fire = healed_fire;
	plan->over.fire = over_fire;
	plan->misfortunes[PARTITION].every = as->partition_every;
	plan->misfortunes[PARTITION].befall = befall_partition;
	plan->misfortunes[CLOG].every = as->clog_every;
	plan->misfortunes[CLOG].befall = befall_clog;
	plan->misfortunes[CRASH].every = as->crash_every;
	plan->misfortunes[CRASH].befall = befall_crash;
	plan->misfortunes[PAUSE].every = as->pause_every;
	plan->misfortunes[PAUSE].befall = befall_pause;
	plan->misfortunes[RESET].every = as->reset_every;
	plan->misfortunes[RESET].befall = befall_reset;
	sim->plan = plan;
	for (int i = 0; i < MISFORTUNES; i++) {
		plan->misfortunes[i].sim = sim;
		plan->misfortunes[i].event.fire = misfortune_fire;
		if (plan->misfortunes[i].every)
			await_misfortune(&plan->misfortunes[i]);
	}
	if (as->until)
		reed_sim_event_set(sim, &plan->over, REED_S(SIM_BEGIN_S) + as->until, SIM_IDLE);
}

void reed_sim_plan_end(struct reed_sim *sim)
{
	if (!sim->plan)
		return;
	plan_stop(sim->plan);
	reed_free(sim->plan);
	sim->plan = NULL;
}
