/*
 * Connections: what is sent, and when it is sent again.
 *
 * TCP without congestion control, options and urgent data.  Sequence numbers,
 * windows, retransmission, probes and resets are real, so that what a fault
 * does to a connection follows from the packets and from nothing else.
 */

#include "sim_tcp.h"

#include <string.h>

/* ---- the table of a host ---- */

static size_t chain_of(const struct sim_host *h, uint32_t peer, uint16_t peer_port, uint16_t port)
{
	uint64_t key = (uint64_t)peer << 32 | (uint64_t)peer_port << 16 | port;

	return (size_t)reed_sim_mix(key, 0) & (h->sockets.size - 1);
}

static size_t chain_of_socket(const struct sim_socket *s)
{
	return chain_of(s->host, s->link->to->number, s->peer_port, s->port);
}

static void grow(struct sim_host *h)
{
	struct sim_sockets *sockets = &h->sockets;

	reed_free(sockets->chains);
	sockets->size = sockets->size ? sockets->size * 2 : 16;
	sockets->chains = reed_alloc(sockets->size * sizeof(struct sim_socket *));
	reed_list_each (link, &sockets->all) {
		struct sim_socket *s = reed_container_of(link, struct sim_socket, all);
		struct sim_socket **chain = &sockets->chains[chain_of_socket(s)];

		s->next = *chain;
		*chain = s;
	}
}

static void enter(struct sim_socket *s)
{
	struct sim_sockets *sockets = &s->host->sockets;
	struct sim_socket **chain;

	if (sockets->count >= sockets->size)
		grow(s->host);
	chain = &sockets->chains[chain_of_socket(s)];
	s->next = *chain;
	*chain = s;
	reed_list_append(&sockets->all, &s->all);
	sockets->count++;
	s->host->sim->stats.sockets++;
}

static void leave(struct sim_socket *s)
{
	struct sim_sockets *sockets = &s->host->sockets;
	struct sim_socket **at = &sockets->chains[chain_of_socket(s)];

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	reed_list_remove(&s->all);
	sockets->count--;
	s->host->sim->stats.sockets--;
}

struct sim_socket *reed_sim_socket_find(struct sim_host *h, uint32_t peer, uint16_t peer_port,
                                        uint16_t port)
{
	struct sim_socket *s = NULL;

	if (h->sockets.size)
		s = h->sockets.chains[chain_of(h, peer, peer_port, port)];
	while (s && (s->link->to->number != peer || s->peer_port != peer_port || s->port != port))
		s = s->next;
	return s;
}

/* ---- the timer ---- */

static int64_t backoff(const struct sim_socket *s)
{
	int64_t ns = s->rto << (s->tries < 10 ? s->tries : 10);

	return ns < REED_S(RTO_MOST_S) ? ns : REED_S(RTO_MOST_S);
}

/* Everything sent is acknowledged, and the rest must wait for the peer's window to open. */
static bool is_shut_out(const struct sim_socket *s)
{
	return s->state == SIM_OPEN && s->una == s->nxt && s->edge <= s->una &&
	       reed_buf_held(&s->out) > 0;
}

static int64_t probe_at(const struct sim_socket *s)
{
	int64_t idle = s->host->sim->options.keepalive;

	if (!idle || s->state != SIM_OPEN || !s->owner)
		return REED_NEVER;
	return s->heard_at + idle + s->probes * REED_S(PROBE_EVERY_S);
}

static void set_timer(struct sim_socket *s)
{
	struct reed_sim *sim = s->host->sim;
	bool unanswered = s->tries > 0 || s->probes > 0 || s->worried;
	enum sim_weight weight = unanswered ? SIM_HARD : SIM_SOFT;
	int64_t at = s->resend_at;

	if (at != REED_NEVER && !is_shut_out(s))
		weight = SIM_HARD;
	if (at == REED_NEVER)
		at = probe_at(s);
	if (at == REED_NEVER && s->dies_at) {
		at = s->dies_at;
		weight = SIM_IDLE;
	}
	if (at == REED_NEVER)
		reed_sim_event_clear(sim, &s->timer);
	else
		reed_sim_event_set(sim, &s->timer, at, weight);
}

static void arm(struct sim_socket *s)
{
	if (s->una == s->nxt && !is_shut_out(s))
		s->resend_at = REED_NEVER;
	else if (s->resend_at == REED_NEVER)
		s->resend_at = s->host->sim->now + backoff(s);
	set_timer(s);
}

/* ---- sending ---- */

/* RFC 9293 3.8.6.2.2: the window opens by a segment at least, and never shuts. */
static uint64_t offer(struct sim_socket *s)
{
	uint32_t most = s->host->sim->options.receive_buffer;
	uint64_t edge = s->rcv + most - reed_buf_held(&s->in);
	uint64_t least = most / 2 < SEGMENT ? most / 2 : SEGMENT;

	if (edge >= s->offered + least)
		s->offered = edge;
	return s->offered;
}

static void transmit(struct sim_socket *s, unsigned flags, uint64_t seq, size_t n)
{
	struct sim_packet *p = reed_sim_packet(s->link, n);

	p->from_port = s->port;
	p->to_port = s->peer_port;
	p->ipv6 = s->ipv6;
	p->flags = (uint8_t)flags;
	p->seq = seq;
	if (flags & SIM_ACK) {
		p->ack = s->rcv;
		p->edge = offer(s);
		reed_list_unlink(&s->owing);
	}
	if (n > 0)
		memcpy(p->bytes, reed_buf_slice(&s->out).p + (seq - s->una), n);
	reed_sim_send(p);
}

/* Karn: what is sent again is not timed. */
static void time_it(struct sim_socket *s, uint64_t end)
{
	if (s->timed_at || end <= s->max)
		return;
	s->timed_at = s->host->sim->now;
	s->timed = end;
}

/* While nothing gets through, one segment is enough to try. */
static bool send_next(struct sim_socket *s)
{
	uint64_t end = s->una + reed_buf_held(&s->out);
	uint64_t room = s->edge > s->nxt ? s->edge - s->nxt : 0;
	uint64_t n = end > s->nxt ? end - s->nxt : 0;
	bool fin;

	n = n < room ? n : room;
	n = n < SEGMENT ? n : SEGMENT;
	fin = s->fin && s->nxt + n == end;
	if ((n == 0 && !fin) || s->fin_acked || (s->tries > 0 && s->nxt > s->una))
		return false;
	transmit(s, SIM_ACK | (fin ? SIM_FIN : 0u), s->nxt, n);
	s->nxt += n + fin;
	time_it(s, s->nxt);
	s->max = s->max > s->nxt ? s->max : s->nxt;
	return true;
}

void reed_sim_output(struct sim_socket *s)
{
	if (s->state != SIM_OPEN)
		return;
	while (send_next(s))
		continue;
	arm(s);
}

void reed_sim_acknowledge(struct sim_socket *s)
{
	transmit(s, SIM_ACK, s->max, 0);
}

void reed_sim_owe(struct sim_socket *s)
{
	if (!reed_linked(&s->owing))
		reed_list_append(&s->host->sim->owing, &s->owing);
}

/* A peer that still has half a window need not hear of every read. */
void reed_sim_window(struct sim_socket *s)
{
	uint32_t most = s->host->sim->options.receive_buffer;
	uint64_t edge = s->rcv + most - reed_buf_held(&s->in);
	uint64_t least = most / 2 < SEGMENT ? most / 2 : SEGMENT;

	if (s->state == SIM_OPEN && !s->ended && edge >= s->offered + least &&
	    s->offered - s->rcv <= most / 2)
		reed_sim_owe(s);
}

void reed_sim_syn(struct sim_socket *s)
{
	transmit(s, s->state == SIM_ANSWERING ? SIM_SYN | SIM_ACK : SIM_SYN, s->una, 0);
	s->nxt = s->una + 1;
	time_it(s, s->nxt);
	s->max = s->nxt;
	arm(s);
}

/* ---- again ---- */

/* RFC 6298 2 */
static void measured(struct sim_socket *s, int64_t r)
{
	int64_t off = s->srtt > r ? s->srtt - r : r - s->srtt;

	s->rttvar = s->srtt ? (3 * s->rttvar + off) / 4 : r / 2;
	s->srtt = s->srtt ? (7 * s->srtt + r) / 8 : r;
	s->rto = s->srtt + 4 * s->rttvar;
	s->rto = s->rto > REED_MS(RTO_LEAST_MS) ? s->rto : REED_MS(RTO_LEAST_MS);
}

void reed_sim_progress(struct sim_socket *s)
{
	if (s->timed_at && s->una >= s->timed) {
		measured(s, s->host->sim->now - s->timed_at);
		s->timed_at = 0;
	}
	s->tries = 0;
	s->resend_at = REED_NEVER;
}

/* The peer is there, whatever it says. */
void reed_sim_heard(struct sim_socket *s)
{
	s->heard_at = s->host->sim->now;
	s->probes = 0;
	s->worried = false;
	if (is_shut_out(s)) {
		s->tries = 0;
		s->resend_at = REED_NEVER;
	}
	arm(s);
}

/* What was sent before is repeated when the first of it has been acknowledged. */
static void resend(struct sim_socket *s)
{
	bool probing = is_shut_out(s);

	if (s->tries >= (s->state == SIM_OPEN ? DATA_TRIES : SYN_TRIES)) {
		reed_sim_socket_die(s, REED_ETIMEDOUT);
		return;
	}
	s->host->sim->stats.resent++;
	s->tries++;
	s->timed_at = 0;
	s->resend_at = REED_NEVER;
	if (s->state != SIM_OPEN) {
		s->max = s->nxt = s->una + 1;
		reed_sim_syn(s);
	} else if (probing) {
		transmit(s, SIM_ACK, s->una - 1, 0);
		arm(s);
	} else {
		s->nxt = s->una;
		reed_sim_output(s);
	}
}

static void probe(struct sim_socket *s)
{
	if (s->probes >= PROBES) {
		reed_sim_socket_die(s, REED_ETIMEDOUT);
		return;
	}
	s->probes++;
	transmit(s, SIM_ACK, s->max - 1, 0);
	set_timer(s);
}

static void timer_fire(struct sim_event *e)
{
	struct sim_socket *s = reed_container_of(e, struct sim_socket, timer);
	int64_t now = s->host->sim->now;

	if (s->resend_at <= now)
		resend(s);
	else if (probe_at(s) <= now)
		probe(s);
	else if (s->dies_at && s->dies_at <= now)
		reed_sim_socket_die(s, REED_OK);
	else
		set_timer(s);
}

/* ---- the life of a socket ---- */

struct sim_socket *reed_sim_socket_new(struct sim_host *h, struct sim_host *peer,
                                       uint16_t peer_port, uint16_t port, bool ipv6)
{
	struct sim_socket *s = reed_alloc(sizeof(*s));

	s->host = h;
	s->link = reed_sim_link(h, peer);
	s->port = port;
	s->peer_port = peer_port;
	s->ipv6 = ipv6;
	s->una = s->nxt = s->max = reed_sim_random(&h->io) >> 32;
	s->rto = REED_S(1); /* RFC 6298 2.1 */
	s->resend_at = REED_NEVER;
	s->timer.fire = timer_fire;
	reed_list_init(&s->early);
	enter(s);
	return s;
}

struct sim_socket *reed_sim_connect(struct sim_host *h, struct sim_host *peer, uint16_t peer_port,
                                    uint16_t port, bool ipv6)
{
	struct sim_socket *s = reed_sim_socket_new(h, peer, peer_port, port, ipv6);

	s->state = SIM_CONNECTING;
	reed_sim_syn(s);
	return s;
}

static void forget_early(struct sim_socket *s)
{
	struct reed_list *link;

	while ((link = reed_list_take(&s->early)))
		reed_free(reed_container_of(link, struct sim_packet, early));
}

static void socket_free(struct sim_socket *s)
{
	reed_list_unlink(&s->news.link);
	reed_buf_finish(&s->in);
	reed_free(s);
}

/* What came before is still to be read; a socket of nobody's is freed. */
void reed_sim_socket_die(struct sim_socket *s, enum reed_err err)
{
	leave(s);
	s->state = SIM_DEAD;
	s->err = err;
	reed_sim_event_clear(s->host->sim, &s->timer);
	reed_list_unlink(&s->owing);
	forget_early(s);
	reed_buf_finish(&s->out);
	if (s->listener) {
		s->listener->queued--;
		reed_list_remove(&s->queue);
		reed_sim_queue_changed(s->listener);
	}
	if (s->owner)
		reed_sim_changed(s);
	else
		socket_free(s);
}

void reed_sim_socket_reset(struct sim_socket *s)
{
	transmit(s, SIM_RST | SIM_ACK, s->max, 0);
	reed_sim_socket_die(s, REED_ERESET);
}

/* An orphan that has said everything waits for the peer's end, but not for ever. */
void reed_sim_part_with(struct sim_socket *s)
{
	if (s->owner || s->listener || !s->fin_acked)
		return;
	if (s->ended) {
		if (reed_linked(&s->owing))
			reed_sim_acknowledge(s);
		reed_sim_socket_die(s, REED_OK);
	} else if (!s->dies_at) {
		s->dies_at = s->host->sim->now + REED_S(ORPHAN_S);
		set_timer(s);
	}
}

/* RFC 2525 2.17: who closes without having read everything resets. */
static bool must_reset(const struct sim_socket *s, bool aborted)
{
	return reed_buf_held(&s->in) > 0 || (!s->fin && (aborted || !s->ended));
}

void reed_sim_socket_close(struct sim_socket *s, bool aborted)
{
	s->owner = NULL;
	s->wanted = 0;
	reed_list_unlink(&s->news.link);
	if (s->state == SIM_DEAD) {
		socket_free(s);
	} else if (s->state == SIM_CONNECTING) {
		reed_sim_socket_die(s, REED_OK);
	} else if (must_reset(s, aborted)) {
		reed_sim_socket_reset(s);
	} else {
		s->fin = true;
		reed_sim_output(s);
		reed_sim_part_with(s);
	}
}

/* ---- what the peer may not know ---- */

static void worry(struct sim_host *h, const struct sim_host *peer, uint16_t peer_port,
                  uint16_t port)
{
	struct sim_socket *s = reed_sim_socket_find(h, peer->number, peer_port, port);

	if (!s)
		return;
	s->worried = true;
	set_timer(s);
}

void reed_sim_lost(struct sim_packet *p)
{
	worry(p->link->to, p->link->from, p->from_port, p->to_port);
}

void reed_sim_host_cut(struct sim_host *h)
{
	while (!reed_list_empty(&h->sockets.all)) {
		struct sim_socket *s =
			reed_container_of(h->sockets.all.next, struct sim_socket, all);

		worry(s->link->to, h, s->port, s->peer_port);
		reed_sim_socket_die(s, REED_ERESET);
	}
}
