/*
 * What the files of the simulation share.
 *
 * sim.c          the simulation: who has a turn, when time moves
 * sim_host.c     its hosts
 * sim_event.c    what will happen when; random numbers
 * sim_entropy.c  those that OpenSSL asks for
 * sim_net.c      links and packets
 * sim_tcp_*.c    connections, from packet to packet
 * sim_socket.c   the same as streams of a loop, with
 * sim_listener.c sim_connect.c
 * sim_dgram.c    datagrams
 * sim_fault.c    what befalls hosts and links by call; sim_plan.c by itself
 * sim_program.c  its child processes
 * sim_trace.c    what happened
 * sim_explore.c  many runs
 * drivers/sim.c  the driver of a host's loop
 */

#ifndef REED_SIM_PRIVATE_H
#define REED_SIM_PRIVATE_H

#include "reed/buf.h"
#include "reed/dgram.h"
#include "reed/listener.h"
#include "reed/scope.h"
#include "reed/sim.h"

#include "private.h"

struct sim_link;
struct sim_listener;
struct sim_packet;

/* ---- events and chance (sim_event.c) ---- */

/* What an event is worth when the question is whether anything is left to happen. */
enum sim_weight {
	SIM_IDLE, /* nothing: a fault of the plan, an orphan's last timer */
	SIM_SOFT, /* something to who waits for a future: a probe */
	SIM_HARD,
	SIM_WEIGHTS,
};

struct sim_event {
	int64_t at;
	uint64_t order; /* among those of one time */
	size_t place;   /* in the heap, from 1; 0: not in it */
	enum sim_weight weight;
	void (*fire)(struct sim_event *e);
};

struct sim_events {
	struct sim_event **heap; /* from 1 */
	size_t count, room;
	uint64_t order;
	size_t weights[SIM_WEIGHTS]; /* so many of each */
};

void reed_sim_event_set(struct reed_sim *sim, struct sim_event *e, int64_t at,
                        enum sim_weight weight);
void reed_sim_event_clear(struct reed_sim *sim, struct sim_event *e);
struct sim_event *reed_sim_event_first(struct reed_sim *sim);

/* splitmix64: one word of state, so that everything can have a stream of its own. */
struct sim_rng {
	uint64_t state;
};

uint64_t reed_sim_random(struct sim_rng *rng);
size_t reed_sim_below(struct sim_rng *rng, size_t n);
bool reed_sim_chance(struct sim_rng *rng, double p);
int64_t reed_sim_exponential(struct sim_rng *rng, int64_t mean);
void reed_sim_random_bytes(struct sim_rng *rng, void *into, size_t n);
uint64_t reed_sim_mix(uint64_t a, uint64_t b);
uint64_t reed_sim_mix_bytes(uint64_t a, const void *p, size_t n);

/* ---- hosts (sim.c, sim_host.c, drivers/sim.c) ---- */

/* Told to the loop in its own turn: a socket that is ready, a listener. */
struct sim_news {
	struct reed_list link;                 /* in host->news */
	bool (*wanted)(struct sim_news *news); /* is anybody waiting to be told? */
	void (*tell)(struct sim_news *news);
};

struct sim_sockets {
	struct sim_socket **chains;
	size_t size, count; /* of chains, a power of two; of sockets */
	struct reed_list all;
};

struct sim_host {
	struct reed_driver driver; /* of its loop */
	struct reed_sim *sim;
	struct reed_loop *loop; /* NULL: down */
	char *name;
	uint32_t number; /* its address */
	unsigned lives;
	struct sim_rng entropy, schedule, io;
	struct sim_rng secrets; /* OpenSSL's: how many it takes is its own affair */
	int64_t wall_step;
	reed_sim_boot_fn *boot;
	void *boot_arg;
	struct reed_scope tasks; /* what it runs */
	struct reed_list news;
	struct reed_list busy;     /* in sim->busy */
	struct sim_event turn;     /* its next timer, or the end of a pause */
	struct sim_event comes_up; /* after a crash of the plan */
	int64_t paused_until;
	int64_t spins_at; /* so many turns began with news at that time */
	unsigned spins;
	struct sim_event rested; /* from spinning */
	bool dying;              /* crashed within its own turn */
	bool spared;
	struct sim_link **links; /* by the number of the other host; may be NULL */
	uint32_t link_room;
	struct sim_sockets sockets;
	struct reed_list listeners;
	struct reed_list dgrams;
	uint16_t next_port;
	unsigned tasks_begun;
};

struct sim_plan;
struct sim_record;

struct reed_sim {
	struct reed_sim_options options;
	struct reed_sim_link link, first_link; /* of new links; at the beginning */
	int64_t now;
	struct sim_events events;
	struct sim_rng chance;   /* which host goes on; faults of the plan */
	struct sim_host **hosts; /* by number, from 1 */
	uint32_t host_count, host_room;
	struct reed_list busy; /* hosts that have something to do now */
	size_t busy_count;
	atomic_bool woken;      /* a post came, perhaps from a thread */
	struct reed_list owing; /* sockets that have not acknowledged yet */
	struct reed_list links;
	size_t link_count;
	struct sim_plan *plan; /* may be NULL */
	struct reed_list programs;
	struct sim_record *record;
	struct reed_fault *failure;
	bool single; /* a turn wakes one at most */
	bool running;
	const struct sim_host *in_turn; /* NULL: none */
	struct reed_sim_stats stats;
};

enum {
	SIM_SPINS = 1000,
	SIM_BEGIN_S = 1, /* of the monotonic clock: 0 is "never" to many a program */
	SIM_WHERE = 200,
};

/* It has something to do. */
void reed_sim_busy(struct sim_host *h);
void reed_sim_not_busy(struct sim_host *h);
bool reed_sim_has_work(struct sim_host *h);

/* Its loop must have a turn then; REED_NEVER: when there is news. */
void reed_sim_set_deadline(struct sim_host *h, int64_t at);

/* Somebody in that loop waits while the others go on, for ns at most. */
void reed_sim_pass(struct sim_host *h, int64_t ns);

/* Until so many turns are over, or *ended; false: there is nothing left before. */
bool reed_sim_run_turns(struct reed_sim *sim, uint64_t turns, const bool *ended);

struct sim_host *reed_sim_find(struct reed_sim *sim, const char *name);
struct sim_host *reed_sim_get(struct reed_sim *sim, const char *name);
void reed_sim_up(struct sim_host *h);
void reed_sim_down(struct sim_host *h);
void reed_sim_loop_gone(struct sim_host *h);
void reed_sim_host_free(struct sim_host *h);
void reed_sim_fail_with(struct reed_sim *sim, struct reed_fault *fault);

/* ", at file:line (name)" of the innermost coroutine f waits for; "" when there is none. */
void reed_sim_where(struct reed_future *f, char text[SIM_WHERE]);

void reed_sim_driver_init(struct sim_host *h);
struct sim_host *reed_sim_host_of(const struct reed_loop *loop);

/* ---- OpenSSL's random numbers (sim_entropy.c) ---- */

/* One more simulation, or one less. */
void reed_sim_entropy_begin(void);
void reed_sim_entropy_end(void);

/* ---- */

/* The schedule says: one of n. */
size_t reed_sim_choose_host(struct reed_sim *sim, size_t n);
void reed_sim_schedule(struct sim_host *h);

/* ---- links and packets (sim_net.c) ---- */

struct sim_link {
	struct reed_list all; /* of the simulation */
	struct sim_host *from, *to;
	struct reed_sim_link as; /* what it is like */
	struct sim_rng chance;
	bool cut, cut_by_plan;
	int64_t clogged_until;
	int64_t free_at; /* when the last byte has left */
	int64_t last_arrival;
};

/* A datagram is no segment; with SIM_RST it says that nobody listens. */
enum { SIM_SYN = 1, SIM_ACK = 2, SIM_FIN = 4, SIM_RST = 8, SIM_DATAGRAM = 16 };

struct sim_packet {
	struct sim_event event;
	struct sim_link *link;
	struct reed_list early; /* came before its turn */
	uint16_t from_port, to_port;
	uint8_t flags;
	bool ipv6, repeated;
	bool to_many; /* of a datagram: to the group or everybody of to_ip */
	uint8_t ttl;
	unsigned char to_ip[16];
	uint32_t n;
	uint64_t seq, ack;
	uint64_t edge; /* of the window: what may be sent ends there */
	char bytes[];
};

struct sim_link *reed_sim_link(struct sim_host *from, struct sim_host *to);
struct sim_packet *reed_sim_packet(struct sim_link *link, size_t n);
struct sim_packet *reed_sim_packet_copy(const struct sim_packet *p);
void reed_sim_send(struct sim_packet *p);

/* ---- connections (sim_tcp_send.c, sim_tcp_receive.c) ---- */

enum sim_state {
	SIM_CONNECTING, /* RFC 9293 3.3.2: SYN-SENT */
	SIM_ANSWERING,  /* SYN-RECEIVED */
	SIM_OPEN,       /* ESTABLISHED and all that follow: see fin and ended */
	SIM_DEAD,       /* CLOSED, and somebody has yet to hear of it */
};

/* Sequence numbers have 64 bits: they begin anywhere, and never wrap. */
struct sim_socket {
	struct sim_host *host;
	struct reed_list all;    /* of the host */
	struct sim_socket *next; /* of its chain */
	struct sim_link *link;   /* to the peer */
	uint16_t port, peer_port;
	bool ipv6;
	enum sim_state state;
	enum reed_err err; /* of a dead one */

	struct sim_listener *listener; /* not accepted yet */
	struct reed_list queue;        /* of the listener */
	void *owner;                   /* a stream, or who connects; NULL: an orphan */
	unsigned wanted;               /* by the owner, REED_READ and REED_WRITE */
	struct sim_news news;
	struct reed_list owing; /* an acknowledgement */

	struct reed_buf out;    /* from una on */
	uint64_t una, nxt, max; /* unacknowledged; to be sent next; sent at most */
	uint64_t edge;          /* of the peer's window */
	bool fin, fin_acked;    /* nothing follows out; the peer knows */

	struct reed_buf in;
	uint64_t rcv;           /* expected next */
	uint64_t offered;       /* the edge of the window we told */
	struct reed_list early; /* packets that came before their turn, in order */
	bool ended;             /* the peer's end has come */

	struct sim_event timer;
	int64_t resend_at; /* REED_NEVER: nothing to resend, nor to probe */
	int64_t dies_at;   /* an orphan that waits for the peer's end only */
	int64_t heard_at;
	int64_t rto, srtt, rttvar; /* RFC 6298; srtt 0: not measured yet */
	int64_t timed_at;          /* when what ends at timed was sent; 0: none */
	uint64_t timed;
	unsigned tries, probes;
	bool worried; /* the peer may not know what we think it knows */
};

struct sim_socket *reed_sim_socket_find(struct sim_host *h, uint32_t peer, uint16_t peer_port,
                                        uint16_t port);
struct sim_socket *reed_sim_connect(struct sim_host *h, struct sim_host *peer, uint16_t peer_port,
                                    uint16_t port, bool ipv6);
void reed_sim_receive(struct sim_packet *p);

/* p will not arrive. */
void reed_sim_lost(struct sim_packet *p);

void reed_sim_output(struct sim_socket *s);
void reed_sim_acknowledge(struct sim_socket *s);

/* Takes n bytes; a connection at rest holds no memory for any. */
static inline void reed_sim_take(struct reed_buf *b, size_t n)
{
	reed_buf_skip(b, n);
	if (reed_buf_held(b) == 0)
		reed_buf_finish(b);
}

/* After the owner has read. */
void reed_sim_window(struct sim_socket *s);

/* The owner lets go of it; aborted: an end it has not said is a reset. */
void reed_sim_socket_close(struct sim_socket *s, bool aborted);
void reed_sim_socket_reset(struct sim_socket *s);

/* Without a word to the peer. */
void reed_sim_socket_die(struct sim_socket *s, enum reed_err err);
void reed_sim_host_cut(struct sim_host *h);

/* ---- streams (sim_socket.c) ---- */

/* Of an open one, which it owns from here on. */
struct reed_stream *reed_sim_stream(struct sim_socket *s);

/* What the socket is ready for may have changed. */
void reed_sim_changed(struct sim_socket *s);
void reed_sim_set_news(struct sim_host *h, struct sim_news *news, bool is_news);

/* What somebody waits for keeps reed_loop_run() running. */
void reed_sim_want(struct sim_host *h, unsigned *wanted, unsigned events);

void reed_sim_address(const struct sim_host *h, bool ipv6, uint16_t port,
                      struct reed_address *address);
bool reed_sim_is_any(const struct reed_address *a);

/* NULL: of no host.  *local: of no host here, but one could have it. */
struct sim_host *reed_sim_host_at(struct sim_host *self, const struct reed_address *a, bool *local);

/* ---- listeners (sim_listener.c) ---- */

struct sim_listener {
	struct reed_listener listener;
	struct sim_host *host;
	struct reed_list link;  /* of the host */
	struct reed_list queue; /* half-open ones, and those to be accepted */
	size_t queued;
	uint16_t port;
	bool ipv4, ipv6, wanted;
	struct sim_news news;
};

enum reed_err reed_sim_net_listen(struct reed_driver *d, struct reed_loop *loop,
                                  const struct reed_address *at, struct reed_listener **out,
                                  struct reed_fault **fault);

/* NULL: nobody listens there. */
struct sim_listener *reed_sim_listener(struct sim_host *h, uint16_t port, bool ipv6);
void reed_sim_queue_changed(struct sim_listener *l);

uint16_t reed_sim_port(struct sim_host *h);
bool reed_sim_port_is_free(struct sim_host *h, uint16_t port);

/* ---- datagrams (sim_dgram.c) ---- */

enum reed_err reed_sim_net_dgram(struct reed_driver *d, struct reed_loop *loop,
                                 const struct reed_address *at, const struct reed_address *to,
                                 const struct reed_dgram_options *options, struct reed_dgram **out,
                                 struct reed_fault **fault);

/* Takes the packet. */
void reed_sim_dgram_receive(struct sim_packet *p);

/* ---- connecting, names (sim_connect.c) ---- */

extern const struct reed_net_ops reed_sim_net;

/* ---- faults (sim_fault.c, sim_plan.c) ---- */

void reed_sim_host_crash(struct sim_host *h);
void reed_sim_host_pause(struct sim_host *h, int64_t ns);

/* The connection, at both ends; s may be gone when it returns. */
void reed_sim_reset_socket(struct sim_socket *s);

void reed_sim_plan_begin(struct reed_sim *sim, const struct reed_sim_faults *faults);
void reed_sim_plan_end(struct reed_sim *sim);

/* ---- what happened (sim_trace.c) ---- */

void reed_sim_record_begin(struct reed_sim *sim);
void reed_sim_record_end(struct reed_sim *sim);
void reed_sim_record_wake(struct sim_host *h, struct reed_future *f);
void reed_sim_record_packet(const struct sim_packet *p, const char *fate);
void reed_sim_record_fault(struct reed_sim *sim, const char *format, ...) REED_PRINTF(2, 3);
void reed_sim_print(struct reed_sim *sim, FILE *out, size_t most);

/* ---- programs (sim_program.c) ---- */

void reed_sim_programs_end(struct reed_sim *sim);

#endif
