/* Simulated hosts: their loops, which come and go, and what stays. */

#include "sim_private.h"

#include <string.h>

enum { NAME = 253 }; /* RFC 1035 2.3.4, in text */

/* ---- having something to do ---- */

void reed_sim_busy(struct sim_host *h)
{
	if (reed_linked(&h->busy) || !h->loop || h->loop->in_turn)
		return;
	reed_list_append(&h->sim->busy, &h->busy);
	h->sim->busy_count++;
}

void reed_sim_set_deadline(struct sim_host *h, int64_t at)
{
	if (at <= h->sim->now)
		reed_sim_busy(h);
	else if (at == REED_NEVER)
		reed_sim_event_clear(h->sim, &h->turn);
	else
		reed_sim_event_set(h->sim, &h->turn, at, SIM_HARD);
}

void reed_sim_not_busy(struct sim_host *h)
{
	if (!reed_linked(&h->busy))
		return;
	reed_list_remove(&h->busy);
	h->sim->busy_count--;
}

/* ---- names ---- */

struct sim_host *reed_sim_find(struct reed_sim *sim, const char *name)
{
	for (uint32_t i = 1; i <= sim->host_count; i++)
		if (reed_slice_is_nocase(reed_slice_of(name), sim->hosts[i]->name))
			return sim->hosts[i];
	return NULL;
}

static void turn_fire(struct sim_event *e)
{
	reed_sim_busy(reed_container_of(e, struct sim_host, turn));
}

static void rested_fire(struct sim_event *e)
{
	reed_sim_busy(reed_container_of(e, struct sim_host, rested));
}

static void comes_up_fire(struct sim_event *e)
{
	reed_sim_up(reed_container_of(e, struct sim_host, comes_up));
}

static struct sim_host *host_new(struct reed_sim *sim, const char *name)
{
	struct sim_host *h = reed_alloc(sizeof(*h));

	assert(strlen(name) <= NAME && sim->host_count < 1 << 24);
	if (sim->host_count + 2 > sim->host_room) {
		sim->host_room = sim->host_room ? sim->host_room * 2 : 8;
		sim->hosts = reed_realloc(sim->hosts, sim->host_room * sizeof(*sim->hosts));
	}
	h->sim = sim;
	h->name = reed_strdup(name);
	h->number = ++sim->host_count;
	h->turn.fire = turn_fire;
	h->rested.fire = rested_fire;
	h->comes_up.fire = comes_up_fire;
	reed_list_init(&h->news);
	reed_list_init(&h->listeners);
	reed_list_init(&h->dgrams);
	reed_list_init(&h->sockets.all);
	sim->hosts[h->number] = h;
	return h;
}

void reed_sim_host_free(struct sim_host *h)
{
	reed_free(h->sockets.chains);
	reed_free(h->links);
	reed_free(h->name);
	reed_free(h);
}

struct sim_host *reed_sim_get(struct reed_sim *sim, const char *name)
{
	struct sim_host *h = reed_sim_find(sim, name);

	return h ? h : host_new(sim, name);
}

/* ---- up and down ---- */

static void unheard(void *arg, struct reed_loop *loop, const char *what, enum reed_err err,
                    const char *why)
{
	struct sim_host *h = arg;

	(void)loop;
	if (h->sim->options.lenient && what != h->name) {
		reed_sim_note(h->sim, "nobody heard that %s failed: %s", what, why);
		return;
	}
	reed_sim_fail_with(h->sim, reed_fault(err, NULL, "%s: %s: %s", h->name, what, why));
}

/* Chances of its own, so that what another host does changes nothing here. */
static void seed_host(struct sim_host *h)
{
	uint64_t seed = reed_sim_mix(h->sim->options.seed, h->lives);

	seed = reed_sim_mix_bytes(seed, h->name, strlen(h->name));
	h->entropy.state = reed_sim_mix(seed, 1);
	h->schedule.state = reed_sim_mix(seed, 2);
	h->io.state = reed_sim_mix(seed, 3);
	h->secrets.state = reed_sim_mix(seed, 4);
	h->next_port = (uint16_t)reed_sim_random(&h->io);
}

/* Embedded, the loop says when it has something to do, whoever gave it that. */
static void loop_new(struct sim_host *h)
{
	struct reed_loop_options options = REED_LOOP_OPTIONS;

	options.unheard = unheard;
	options.arg = h;
	reed_sim_driver_init(h);
	reed_loop_new_on(&options, &h->driver, &h->loop);
	h->loop->simulated = true;
	h->loop->embedded = true;
	h->loop->host_deadline = REED_NEVER;
	reed_sim_schedule(h);
	reed_scope_init(&h->tasks, h->loop, NULL, h->name);
}

static void boot(struct sim_host *h)
{
	struct sim_rng *outer = reed_sim_enter(h->loop);
	struct reed_future *f = h->boot(h->boot_arg, h->loop);

	reed_sim_leave(outer);
	if (f)
		reed_scope_add(&h->tasks, f);
}

void reed_sim_up(struct sim_host *h)
{
	if (h->loop)
		return;
	reed_sim_event_clear(h->sim, &h->comes_up);
	h->lives++;
	h->sim->stats.hosts++;
	seed_host(h);
	loop_new(h);
	if (h->lives > 1)
		reed_sim_record_fault(h->sim, "%s comes up", h->name);
	if (h->boot)
		boot(h);
}

/* The host lives on without a loop; what an end function began goes with it. */
void reed_sim_loop_gone(struct sim_host *h)
{
	reed_sim_host_cut(h);
	reed_list_init(&h->listeners);
	reed_list_init(&h->dgrams);
	reed_list_init(&h->news);
	reed_sim_not_busy(h);
	reed_sim_event_clear(h->sim, &h->turn);
	reed_sim_event_clear(h->sim, &h->rested);
	h->loop = NULL;
	h->paused_until = 0;
	h->dying = false;
	h->sim->stats.hosts--;
}

/* The network first: what end functions say is not heard. */
void reed_sim_down(struct sim_host *h)
{
	struct sim_rng *outer = reed_sim_enter(h->loop);

	h->loop->crashed = true;
	reed_sim_host_cut(h);
	reed_scope_finish(&h->tasks);
	reed_loop_free(h->loop);
	reed_sim_leave(outer);
}

/* ---- by name ---- */

struct reed_loop *reed_sim_host(struct reed_sim *sim, const char *name)
{
	struct sim_host *h = reed_sim_get(sim, name);

	reed_sim_up(h);
	return h->loop;
}

struct reed_loop *reed_sim_boot(struct reed_sim *sim, const char *name, reed_sim_boot_fn *fn,
                                void *arg)
{
	struct sim_host *h = reed_sim_get(sim, name);
	bool was_up = h->loop;

	h->boot = fn;
	h->boot_arg = arg;
	reed_sim_up(h);
	if (was_up && fn)
		boot(h);
	return h->loop;
}

void reed_sim_add(struct reed_sim *sim, struct reed_future *f)
{
	struct sim_host *h = reed_sim_host_of(f->loop);

	(void)sim;
	assert(h && h->sim == sim);
	reed_scope_add(&h->tasks, f);
}

struct reed_sim *reed_sim_of(const struct reed_loop *loop)
{
	return loop->simulated ? reed_sim_host_of(loop)->sim : NULL;
}

const char *reed_sim_host_name(const struct reed_loop *loop)
{
	return loop->simulated ? reed_sim_host_of(loop)->name : NULL;
}
