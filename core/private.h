/* What the files of the kernel share. */

#ifndef REED_PRIVATE_H
#define REED_PRIVATE_H

#include <assert.h>
#include <stdatomic.h>

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/driver.h"
#include "reed/embed.h"
#include "reed/loop.h"
#include "reed/module.h"
#include "reed/stream.h"

enum {
	REED_TURN_EVENTS = 64, /* few: what they touch should stay in the cache */
	REED_TURN_WAKES = 1024,
	REED_TURN_TIMERS = 1024,
	REED_TURN_POSTS = 1024,
	REED_BUDGET_WAKES = 8,
	REED_TICK_BITS = 20, /* a slot of the lowest level is 1.05 ms wide */
	REED_SLOT_BITS = 6,
	REED_SLOTS = 1 << REED_SLOT_BITS,
	REED_LEVELS = 8,
};

/*
 * A timer lives at the level of the highest digit in which its tick differs
 * from the present one.  Equal deadlines so share a slot at any time, in order
 * of start; sorting a slot when its tick comes is all that exact order needs.
 */
struct reed_wheel {
	int64_t tick;
	struct reed_list due;         /* of this tick and before, sorted */
	uint64_t filled[REED_LEVELS]; /* may say so of a slot emptied since */
	struct reed_list slots[REED_LEVELS][REED_SLOTS];
};

struct reed_loop {
	struct reed_list ready; /* futures whose owner is to be woken */
	int64_t now;            /* monotonic, ns, as of this turn */
	struct reed_driver *driver;
	struct reed_waiter *waking;   /* its future is just being delivered */
	struct reed_binding *locals;  /* of whoever runs */
	struct reed_list lasts;       /* for the end of the turn */
	struct reed_list finishers;   /* for the end of the loop */
	struct reed_list tasks;       /* every coroutine */
	struct reed_list backgrounds; /* what nobody but the loop owns */
	struct reed_list always;      /* watches of files */
	struct reed_list tls_listeners;
	struct reed_list challenges;       /* of certificate authorities */
	struct reed_list publishers;       /* name servers that answer them */
	struct reed_list listening;        /* sockets of the system */
	uint64_t stream_count;             /* that there have been */
	struct reed_list receiving;        /* those for datagrams that are bound to an address */
	struct reed_list inherited;        /* of either kind, such that nobody has taken yet */
	struct reed_list named_fds;        /* that endpoints have by their number */
	struct reed_sockets *sockets;      /* of its team; NULL: it is in none */
	unsigned member, members;          /* its number there, and of how many; 0, 0: in none */
	struct reed_list processes;        /* those closed but not ended yet too */
	struct reed_list traffics;         /* logs of it */
	struct reed_stream_cache *streams; /* what streams of this loop share */
	struct reed_dgram_cache *dgrams;   /* the same of datagram sockets */
	struct reed_signals *signals;
	struct reaper *reaper; /* where there are no pidfds */
	struct reed_resolver *resolver;
	struct reed_offload_pool *offload;
	struct reed_log *log; /* these two: NULL until somebody asks */
	struct reed_metrics *metrics;
	struct reed_blame *blame; /* NULL: nobody asked */
	_Atomic(struct reed_post *) posts;
	size_t watches;           /* wanted, without the idle ones */
	size_t holds;             /* work under way that is not in the loop */
	struct reed_list inners;  /* other loops inside this one */
	struct reed_post *posted; /* taken over, but not run yet */
	struct reed_host *host;   /* NULL: it wants to be told nothing */
	int64_t host_deadline;
	int64_t budget; /* 0: none */
	int64_t turn_began;
	bool embedded, in_turn, stopped, simulated;
	bool in_foreign;           /* others run in a turn: the clock is read for them */
	bool host_busy;            /* told */
	bool crashed;              /* simulated: what was not done is not done */
	struct reed_event *events; /* of this turn, not yet dispatched */
	int event_count;
	size_t (*choose)(void *arg, size_t n);            /* of the ready queue; NULL: the first */
	void (*chosen)(void *arg, struct reed_future *f); /* who is woken next; may be NULL */
	void *choose_arg;
	uint64_t shuffle;
	size_t task_count;
	int turn_wakes; /* at the most; few, to stand between them */
	struct reed_loop_options options;
	struct reed_loop_stats stats;
	struct reed_wheel wheel;
};

/* ready queue */
void reed_queue(struct reed_future *f);
void reed_wake(struct reed_future *f);

static inline void reed_unqueue(struct reed_future *f)
{
	reed_list_remove(&f->ready);
}

/* blame.c: only while loop->blame; begin and end pair up, a wait in between says where to. */
struct reed_place {
	const char *file;
	int line;
};

void reed_blame_begin(struct reed_loop *loop, const char *name);
void reed_blame_begin_wake(struct reed_loop *loop, struct reed_future *f);
void reed_blame_waits(struct reed_loop *loop, const char *file, int line);
void reed_blame_end(struct reed_loop *loop);

/* embed.c.  The host of an embedded loop must look again at the given time; what a turn changed. */
void reed_loop_nudge(struct reed_loop *loop, int64_t at);
void reed_loop_tell_host(struct reed_loop *loop);
bool reed_loop_has_work(struct reed_loop *loop);

/* Loops inside this one: when the first is due, turns of those that are, whether any has work. */
int64_t reed_inners_prepare(struct reed_loop *loop);
void reed_inners_turn(struct reed_loop *loop);
bool reed_inners_busy(const struct reed_loop *loop);

/* Work that goes on elsewhere, in a thread, keeps reed_loop_run() running. */
static inline void reed_loop_hold(struct reed_loop *loop)
{
	loop->holds++;
}

static inline void reed_loop_release(struct reed_loop *loop)
{
	loop->holds--;
}

/* To be run once when the loop is freed, the youngest first. */
static inline void reed_at_loop_end(struct reed_loop *loop, struct reed_last *last)
{
	reed_list_prepend(&loop->finishers, &last->link);
}

/* Somebody's children end; those that have not when the loop is freed are killed. */
bool reed_processes_linger(const struct reed_loop *loop);
void reed_processes_finish(struct reed_loop *loop);
/* From here to there in this thread OpenSSL's random numbers are of a simulated loop's seed. */
struct sim_rng;
struct sim_rng *reed_sim_enter(struct reed_loop *loop);
void reed_sim_leave(struct sim_rng *outer);

/* Whether jobs take time there, and how much the next half of one; ns may be NULL. */
bool reed_sim_job_takes(struct reed_loop *loop, int64_t *ns);

/* What is in the background still is dropped with its loop. */
void reed_background_drop(struct reed_loop *loop);

/* A failure that has no owner. */
void reed_unheard(struct reed_loop *loop, const char *what, enum reed_err err, const char *why);

/* The last of what a loop lets go of. */
void reed_log_finish(struct reed_loop *loop);
void reed_metrics_finish(struct reed_loop *loop);

/* timers */
static inline int64_t reed_ns_of_ms(int64_t ms)
{
	if (ms <= 0)
		return 0;
	return ms < REED_NEVER / 1000000 ? REED_MS(ms) : REED_NEVER;
}

void reed_wheel_init(struct reed_wheel *wheel, int64_t now);
int64_t reed_wheel_deadline(struct reed_wheel *wheel);
void reed_wheel_fire(struct reed_loop *loop);

/* drivers; REED_ENOTSUP where there is no such thing */
enum reed_err reed_poll_open(struct reed_driver **driver);
#ifndef REED_POSIX_ONLY
enum reed_err reed_epoll_open(struct reed_driver **driver);
#else
static inline enum reed_err reed_epoll_open(struct reed_driver **driver)
{
	(void)driver;
	return REED_ENOTSUP;
}
#endif

#ifdef REED_URING
enum reed_err reed_uring_open(struct reed_driver **driver);
#else
static inline enum reed_err reed_uring_open(struct reed_driver **driver)
{
	(void)driver;
	return REED_ENOTSUP;
}
#endif

/* The first to be woken by a thread: an eventfd, or a pipe. */
enum reed_err reed_wakeup_open(int fds[2]);
void reed_wakeup_close(int fds[2]);
void reed_wakeup_signal(int fds[2]);
void reed_wakeup_clear(int fds[2]);

/* task-local values */
struct reed_binding *reed_binding_share(struct reed_binding *b);
void reed_binding_release(struct reed_binding *b);

/* Is w the waiter of a coroutine?  Then that, else NULL. */
struct reed_co *reed_co_of_waiter(struct reed_waiter *w);
bool reed_future_is_co(const struct reed_future *f);

/* ---- streams ---- */

enum {
	REED_BUFFER = 65536, /* what a read is given */
	REED_CHUNK = 2048,   /* what small writes are gathered in */
};

struct reed_rights;

/* Something to be written: bytes of its own, or a share of a blob. */
struct reed_chunk {
	struct reed_chunk *next;
	struct reed_blob *blob;     /* NULL: the bytes are here */
	struct reed_rights *rights; /* descriptors that go with the first byte; NULL: none */
	struct reed_source *source; /* of a file: from offset on; else NULL */
	uint64_t offset;
	uint32_t begin, end, size;
	char bytes[];
};

struct reed_stream_cache;

void reed_stream_cache_init(struct reed_loop *loop);
struct reed_list *reed_stream_lingering(struct reed_loop *loop);
bool reed_stream_lingers(const struct reed_loop *loop);
/* One turn of a program that ends; false, and no turn, when nothing keeps it. */
bool reed_linger_turn(struct reed_loop *loop);
char *reed_buffer_take(struct reed_loop *loop);
void reed_buffer_return(struct reed_loop *loop, char *buf);
struct reed_chunk *reed_chunk_take(struct reed_loop *loop, size_t size);
void reed_chunk_return(struct reed_loop *loop, struct reed_chunk *c);

static inline uint32_t reed_stream_held(const struct reed_stream *s)
{
	return s->end - s->begin;
}

static inline void reed_stream_want(struct reed_stream *s, unsigned events)
{
	if (s->wanted == events)
		return;
	s->wanted = events & 7;
	s->ops->want(s, events);
}

struct reed_stream *reed_stream_of(struct reed_future *reading);
enum reed_err reed_stream_fill(struct reed_stream *s);
void reed_stream_tidy(struct reed_stream *s);
struct reed_future *reed_stream_read(struct reed_stream *s, const struct reed_future_kind *kind,
                                     bool ready);
void reed_stream_read_free(struct reed_future *f);
/* How an attempt ends: as err, with the stream's fault; not at all yet. */
enum reed_err reed_stream_told(struct reed_stream *s, enum reed_err err);
enum reed_err reed_stream_not_yet(struct reed_stream *s);
void reed_stream_push(struct reed_stream *s);
bool reed_stream_pushes(const struct reed_stream *s);
size_t reed_stream_output(struct reed_stream *s, struct reed_slice extra);

/*
 * What was written below before something was built upon it goes first; REED_EAGAIN while it
 * has not all gone.
 */
enum reed_err reed_stream_flush_below(struct reed_stream *below);
void reed_stream_flush(struct reed_last *last);
void reed_stream_discard_output(struct reed_stream *s);
void reed_stream_break_writing(struct reed_stream *s, enum reed_err err);
void reed_stream_gone(struct reed_stream *s);
void reed_stream_cut_off(struct reed_stream *s);

/* ---- running until one future has ended ---- */

struct reed_until {
	struct reed_waiter waiter; /* whose wake is the next */
	struct reed_fault *fault;
	enum reed_err err;
	bool ended;
};

void reed_until_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault);

/* How it ended; the fault goes to the caller, unless NULL. */
enum reed_err reed_until_end(struct reed_until *self, struct reed_fault **fault);

/* ---- modules ---- */

/* Has it registered by whoever finds modules; without name all of the kind.  REED_ENOENT: nobody. */
enum reed_err reed_module_find(enum reed_module_part part, struct reed_slice name,
                               struct reed_fault **fault);

/* Who would be asked: somebody, nobody any more, or nobody ever. */
enum reed_module_reach { REED_MODULES_ASKED, REED_MODULES_SEALED, REED_MODULES_NONE };

enum reed_module_reach reed_module_reach(void);

/* The second that time() tells, which OpenSSL reads: it may end some milliseconds late. */
int64_t reed_system_second(void);

#endif
