/* What befalls hosts and links by call. */

#include "sim_private.h"

#include <string.h>

/* ---- links ---- */

typedef void link_fn(struct sim_link *link, void *arg);

/* For each pair of hosts that is meant; NULL is every host, but not itself. */
static void each_link(struct reed_sim *sim, const char *from, const char *to, link_fn *fn,
                      void *arg)
{
	struct sim_host *only_from = from ? reed_sim_get(sim, from) : NULL;
	struct sim_host *only_to = to ? reed_sim_get(sim, to) : NULL;

	for (uint32_t i = 1; i <= sim->host_count; i++) {
		for (uint32_t j = 1; j <= sim->host_count; j++) {
			struct sim_host *a = sim->hosts[i], *b = sim->hosts[j];

			if (a != b && (!from || a == only_from) && (!to || b == only_to))
				fn(reed_sim_link(a, b), arg);
		}
	}
}

static const char *or_all(const char *name)
{
	return name ? name : "all";
}

static void set_as(struct sim_link *link, void *arg)
{
	link->as = *(struct reed_sim_link *)arg;
}

void reed_sim_set_link(struct reed_sim *sim, const char *from, const char *to,
                       const struct reed_sim_link *given)
{
	struct reed_sim_link link = REED_SIM_LAN;

	if (sim->first_link.size)
		link = sim->first_link;
	if (given) {
		memset(&link, 0, sizeof(link));
		memcpy(&link, given, given->size < sizeof(link) ? given->size : sizeof(link));
	}
	if (!sim->first_link.size)
		sim->first_link = link;
	if (!from && !to)
		sim->link = link;
	each_link(sim, from, to, set_as, &link);
}

static void set_cut(struct sim_link *link, void *arg)
{
	link->cut = *(bool *)arg;
	if (!link->cut)
		link->cut_by_plan = false;
}

void reed_sim_cut(struct reed_sim *sim, const char *from, const char *to)
{
	bool cut = true;

	reed_sim_record_fault(sim, "%s is cut off from %s", or_all(to), or_all(from));
	each_link(sim, from, to, set_cut, &cut);
}

void reed_sim_mend(struct reed_sim *sim, const char *from, const char *to)
{
	bool cut = false;

	reed_sim_record_fault(sim, "%s hears %s again", or_all(to), or_all(from));
	each_link(sim, from, to, set_cut, &cut);
}

void reed_sim_part(struct reed_sim *sim, const char *a, const char *b)
{
	reed_sim_cut(sim, a, b);
	reed_sim_cut(sim, b, a);
}

void reed_sim_heal(struct reed_sim *sim, const char *a, const char *b)
{
	reed_sim_mend(sim, a, b);
	reed_sim_mend(sim, b, a);
}

static void set_clog(struct sim_link *link, void *until)
{
	link->clogged_until = *(int64_t *)until;
}

void reed_sim_clog(struct reed_sim *sim, const char *from, const char *to, int64_t ns)
{
	int64_t until = sim->now + ns;

	reed_sim_record_fault(sim, "from %s to %s is clogged for %.3f s", or_all(from), or_all(to),
	                      (double)ns / 1e9);
	each_link(sim, from, to, set_clog, &until);
}

/* Both ends hear of it without a packet, as from a middlebox that has lost its state. */
void reed_sim_reset_socket(struct sim_socket *s)
{
	struct sim_socket *other =
		reed_sim_socket_find(s->link->to, s->host->number, s->port, s->peer_port);

	if (other && other != s)
		reed_sim_socket_die(other, REED_ERESET);
	reed_sim_socket_die(s, REED_ERESET);
}

static void reset_link(struct sim_link *link, void *arg)
{
	struct reed_list *sockets = &link->from->sockets.all, *next;

	(void)arg;
	for (struct reed_list *at = sockets->next; at != sockets; at = next) {
		struct sim_socket *s = reed_container_of(at, struct sim_socket, all);

		next = at->next;
		if (s->link == link)
			reed_sim_reset_socket(s);
	}
}

void reed_sim_reset(struct reed_sim *sim, const char *a, const char *b)
{
	reed_sim_record_fault(sim, "between %s and %s all is reset", or_all(a), or_all(b));
	each_link(sim, a, b, reset_link, NULL);
	each_link(sim, b, a, reset_link, NULL);
}

/* ---- hosts ---- */

void reed_sim_host_crash(struct sim_host *h)
{
	if (!h->loop || h->dying)
		return;
	reed_sim_record_fault(h->sim, "%s crashes", h->name);
	h->dying = true;
	if (h->loop->in_turn)
		reed_sim_host_cut(h);
	else
		reed_sim_down(h);
}

void reed_sim_crash(struct reed_sim *sim, const char *name)
{
	struct sim_host *h = reed_sim_find(sim, name);

	if (h)
		reed_sim_host_crash(h);
}

struct reed_loop *reed_sim_restart(struct reed_sim *sim, const char *name)
{
	struct sim_host *h;

	reed_sim_crash(sim, name);
	h = reed_sim_get(sim, name);
	if (h->dying) {
		reed_sim_event_set(sim, &h->comes_up, sim->now, SIM_HARD);
		return NULL;
	}
	reed_sim_up(h);
	return h->loop;
}

bool reed_sim_is_up(struct reed_sim *sim, const char *name)
{
	struct sim_host *h = reed_sim_find(sim, name);

	return h && h->loop && !h->dying;
}

void reed_sim_host_pause(struct sim_host *h, int64_t ns)
{
	reed_sim_record_fault(h->sim, "%s stands still for %.3f s", h->name, (double)ns / 1e9);
	h->paused_until = h->sim->now + ns;
}

void reed_sim_pause(struct reed_sim *sim, const char *name, int64_t ns)
{
	reed_sim_host_pause(reed_sim_get(sim, name), ns);
}

void reed_sim_step_wall(struct reed_sim *sim, const char *name, int64_t ns)
{
	reed_sim_record_fault(sim, "the clock of %s jumps by %.3f s", name, (double)ns / 1e9);
	reed_sim_get(sim, name)->wall_step += ns;
}

void reed_sim_spare(struct reed_sim *sim, const char *name)
{
	reed_sim_get(sim, name)->spared = true;
}
