/* Links and the packets on them. */

#include "sim_private.h"

enum {
	HEADERS = 40,          /* bytes of IP and TCP before the payload, */
	DATAGRAM_HEADERS = 28, /* of IP and UDP */
	LOOPBACK_NS = 20000,
};

/* Every direction has chances of its own: traffic elsewhere changes nothing here. */
static struct sim_link *link_new(struct sim_host *from, struct sim_host *to)
{
	struct reed_sim *sim = from->sim;
	struct sim_link *link = reed_alloc(sizeof(*link));

	link->from = from;
	link->to = to;
	link->as = sim->link;
	if (from == to)
		link->as = (struct reed_sim_link){ .delay_min = LOOPBACK_NS };
	link->chance.state =
		reed_sim_mix(reed_sim_mix(sim->options.seed, from->number), to->number);
	reed_list_append(&sim->links, &link->all);
	sim->link_count++;
	return link;
}

struct sim_link *reed_sim_link(struct sim_host *from, struct sim_host *to)
{
	uint32_t i = to->number, room = from->link_room;

	if (i >= room) {
		from->link_room = from->sim->host_room;
		from->links = reed_realloc(from->links, from->link_room * sizeof(*from->links));
		for (; room < from->link_room; room++)
			from->links[room] = NULL;
	}
	if (!from->links[i])
		from->links[i] = link_new(from, to);
	return from->links[i];
}

/* ---- packets ---- */

static bool is_cut(const struct sim_link *link)
{
	return link->cut || link->cut_by_plan;
}

static void lose(struct sim_packet *p, const char *why)
{
	struct reed_sim *sim = p->link->from->sim;

	sim->stats.lost++;
	reed_sim_record_packet(p, why);
	if (!(p->flags & SIM_DATAGRAM))
		reed_sim_lost(p);
	reed_free(p);
}

static void arrive(struct sim_event *e)
{
	struct sim_packet *p = reed_container_of(e, struct sim_packet, event);
	struct sim_link *link = p->link;
	struct reed_sim *sim = link->from->sim;

	if (is_cut(link)) {
		lose(p, "cut");
	} else if (link->clogged_until > sim->now) {
		reed_sim_event_set(sim, e, link->clogged_until, SIM_HARD);
	} else if (!link->to->loop || link->to->dying) {
		lose(p, "down");
	} else {
		reed_sim_record_packet(p, "arrives");
		if (p->flags & SIM_DATAGRAM)
			reed_sim_dgram_receive(p);
		else
			reed_sim_receive(p);
	}
}

struct sim_packet *reed_sim_packet(struct sim_link *link, size_t n)
{
	struct sim_packet *p = reed_alloc_raw(sizeof(*p) + n);

	*p = (struct sim_packet){ .event.fire = arrive, .link = link, .n = (uint32_t)n };
	return p;
}

static int64_t delay(struct sim_link *link)
{
	return link->as.delay_min +
	       reed_sim_exponential(&link->chance, link->as.delay_mean - link->as.delay_min);
}

/* When the last byte has left, after those that leave before. */
static int64_t departure(struct sim_link *link, size_t bytes)
{
	int64_t now = link->from->sim->now;

	if (!link->as.bandwidth)
		return now;
	if (link->free_at < now)
		link->free_at = now;
	link->free_at += (int64_t)((double)bytes * 1e9 / (double)link->as.bandwidth);
	return link->free_at;
}

static void dispatch(struct sim_packet *p, int64_t departs, bool overtakes)
{
	struct sim_link *link = p->link;
	int64_t at = departs + delay(link);

	if (at < link->clogged_until)
		at = link->clogged_until;
	if (!overtakes) {
		at = at > link->last_arrival ? at : link->last_arrival;
		link->last_arrival = at;
	}
	reed_sim_event_set(link->from->sim, &p->event, at, SIM_HARD);
}

struct sim_packet *reed_sim_packet_copy(const struct sim_packet *p)
{
	struct sim_packet *copy = reed_sim_packet(p->link, p->n);

	memcpy(copy, p, sizeof(*p) + p->n);
	return copy;
}

void reed_sim_send(struct sim_packet *p)
{
	struct sim_link *link = p->link;
	struct sim_rng *chance = &link->chance;
	size_t headers = p->flags & SIM_DATAGRAM ? DATAGRAM_HEADERS : HEADERS;
	int64_t departs = departure(link, p->n + headers);

	link->from->sim->stats.packets++;
	if (is_cut(link) || link->from->dying) {
		lose(p, "cut");
		return;
	}
	if (reed_sim_chance(chance, link->as.duplicate))
		dispatch(reed_sim_packet_copy(p), departs, false);
	if (reed_sim_chance(chance, link->as.loss))
		lose(p, "lost");
	else
		dispatch(p, departs, reed_sim_chance(chance, link->as.reorder));
}
