/* Connections: what a packet that has arrived does. */

#include "sim_tcp.h"

#include <string.h>

static size_t length(const struct sim_packet *p)
{
	return p->n + !!(p->flags & SIM_FIN) + !!(p->flags & SIM_SYN);
}

/* RFC 9293 3.10.7.1 */
static void refuse(const struct sim_packet *p)
{
	struct sim_packet *answer;

	if (p->flags & SIM_RST)
		return;
	answer = reed_sim_packet(reed_sim_link(p->link->to, p->link->from), 0);
	answer->from_port = p->to_port;
	answer->to_port = p->from_port;
	answer->ipv6 = p->ipv6;
	answer->flags = SIM_RST | SIM_ACK;
	answer->seq = p->flags & SIM_ACK ? p->ack : 0;
	answer->ack = p->seq + length(p);
	reed_sim_send(answer);
}

static void answer_syn(struct sim_listener *l, const struct sim_packet *p)
{
	struct reed_sim *sim = l->host->sim;
	struct sim_socket *s;

	if (l->queued >= sim->options.backlog)
		return; /* it will ask again */
	s = reed_sim_socket_new(l->host, p->link->from, p->from_port, p->to_port, p->ipv6);
	s->state = SIM_ANSWERING;
	s->listener = l;
	s->rcv = p->seq + 1;
	s->offered = s->rcv + sim->options.receive_buffer;
	reed_list_append(&l->queue, &s->queue);
	l->queued++;
	reed_sim_syn(s);
}

static void meet_stranger(const struct sim_packet *p)
{
	struct sim_listener *l = NULL;

	if ((p->flags & (SIM_SYN | SIM_ACK | SIM_RST)) == SIM_SYN)
		l = reed_sim_listener(p->link->to, p->to_port, p->ipv6);
	if (l)
		answer_syn(l, p);
	else
		refuse(p);
}

/* RFC 9293 3.10.7.3 */
static void hear_answer(struct sim_socket *s, const struct sim_packet *p)
{
	if (!(p->flags & SIM_ACK))
		return;
	if (p->ack != s->nxt) {
		refuse(p);
		return;
	}
	if (p->flags & SIM_RST) {
		reed_sim_socket_die(s, REED_EREFUSED);
	} else if (p->flags & SIM_SYN) {
		s->state = SIM_OPEN;
		s->una = p->ack;
		s->edge = p->edge;
		s->rcv = p->seq + 1;
		s->offered = s->rcv + s->host->sim->options.receive_buffer;
		reed_sim_progress(s);
		reed_sim_heard(s);
		reed_sim_owe(s);
		reed_sim_changed(s);
	}
}

/* What the sequence number says is not ours, or not any more, resets nothing (RFC 5961 3). */
static void hear_reset(struct sim_socket *s, const struct sim_packet *p)
{
	if (p->seq >= s->rcv && p->seq <= s->offered + 1)
		reed_sim_socket_die(s, REED_ERESET);
}

static void hear_ack(struct sim_socket *s, const struct sim_packet *p)
{
	size_t held = reed_buf_held(&s->out);
	uint64_t n;

	if (p->ack > s->max || !(p->flags & SIM_ACK))
		return;
	s->edge = s->edge > p->edge ? s->edge : p->edge;
	if (p->ack <= s->una)
		return;
	n = p->ack - s->una;
	s->fin_acked = n > held;
	reed_sim_take(&s->out, n < held ? n : held);
	s->una = p->ack;
	s->nxt = s->nxt > s->una ? s->nxt : s->una;
	reed_sim_progress(s);
	reed_sim_changed(s);
}

/* What is new in it, up to the edge of the window. */
static void take(struct sim_socket *s, const struct sim_packet *p)
{
	uint64_t known = s->rcv - p->seq, room = s->offered - s->rcv;
	size_t n = known < p->n ? p->n - known : 0;
	bool all = n <= room;

	n = all ? n : room;
	if (n > 0)
		reed_buf_add(&s->in, reed_slice(p->bytes + known, n));
	s->rcv += n;
	if (all && (p->flags & SIM_FIN) && !s->ended && s->rcv == p->seq + p->n) {
		s->ended = true;
		s->rcv++;
	}
}

/* False: it is known already. */
static bool keep(struct sim_socket *s, struct sim_packet *p)
{
	struct reed_list *at = s->early.prev;

	while (at != &s->early) {
		struct sim_packet *other = reed_container_of(at, struct sim_packet, early);

		if (other->seq < p->seq)
			break;
		if (other->seq == p->seq && length(other) >= length(p))
			return false;
		at = at->prev;
	}
	reed_list_insert_before(at->next, &p->early);
	return true;
}

static void take_early(struct sim_socket *s)
{
	while (!reed_list_empty(&s->early)) {
		struct sim_packet *p = reed_container_of(s->early.next, struct sim_packet, early);

		if (p->seq > s->rcv)
			return;
		reed_list_remove(&p->early);
		take(s, p);
		reed_free(p);
	}
}

/* Returns whether p is kept. */
static bool hear_data(struct sim_socket *s, struct sim_packet *p)
{
	reed_sim_owe(s);
	if (p->seq + length(p) <= s->rcv || p->seq > s->offered)
		return false;
	if (p->seq > s->rcv)
		return keep(s, p);
	take(s, p);
	take_early(s);
	reed_sim_changed(s);
	return false;
}

static bool is_orphan(const struct sim_socket *s)
{
	return !s->owner && !s->listener;
}

/* RFC 9293 3.10.7.4; a SYN that comes now is of another life (RFC 5961 4). */
static bool hear(struct sim_socket *s, struct sim_packet *p)
{
	bool kept = false;

	if (p->flags & SIM_SYN) {
		reed_sim_owe(s);
		return false;
	}
	hear_ack(s, p);
	reed_sim_heard(s);
	if (is_orphan(s) && p->n > 0 && p->seq + p->n > s->rcv) {
		reed_sim_socket_reset(s); /* nobody will ever read it */
		return false;
	}
	if (length(p) > 0)
		kept = hear_data(s, p);
	else if (p->seq < s->rcv)
		reed_sim_owe(s); /* a probe */
	reed_sim_output(s);
	reed_sim_part_with(s);
	return kept;
}

/* RFC 9293 3.10.7.4, SYN-RECEIVED */
static bool hear_first(struct sim_socket *s, struct sim_packet *p)
{
	if (p->flags & SIM_SYN) {
		reed_sim_syn(s);
		return false;
	}
	if (p->ack != s->nxt) {
		refuse(p);
		return false;
	}
	s->state = SIM_OPEN;
	s->una = p->ack;
	reed_sim_progress(s);
	reed_sim_queue_changed(s->listener);
	return hear(s, p);
}

void reed_sim_receive(struct sim_packet *p)
{
	struct sim_socket *s =
		reed_sim_socket_find(p->link->to, p->link->from->number, p->from_port, p->to_port);
	bool kept = false;

	if (!s)
		meet_stranger(p);
	else if (s->state == SIM_CONNECTING)
		hear_answer(s, p);
	else if (p->flags & SIM_RST)
		hear_reset(s, p);
	else if (s->state == SIM_ANSWERING)
		kept = hear_first(s, p);
	else
		kept = hear(s, p);
	if (!kept)
		reed_free(p);
}
