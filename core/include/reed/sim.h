/*
 * Simulation: hosts, a network between them and time, all from one seed.
 *
 * A simulated host is a loop like any other: what runs in production runs in
 * it unchanged.  Its clock is the simulation's and moves only when nobody has
 * anything to do; its entropy comes from the seed; its sockets speak TCP and
 * UDP, a packet at a time, over links that delay, lose, reorder, repeat, clog
 * and break.  Descriptors of the system may be watched but are never ready.
 *
 * The same seed gives the same run, to the last byte: reed_sim_hash() of two
 * runs is equal.  For this the program must take time and entropy from its
 * loop, and must not let an address in memory decide anything.  What OpenSSL
 * draws in the turns of a host, and in what it boots, is of the seed too: keys,
 * nonces, tickets, and so all of TLS.  For this a process has a RAND_METHOD of
 * ours as long as there is a simulation; it leaves all others to the one before.
 *
 * Not simulated: files and what is kept in them, which are the system's and
 * survive a crash; UNIX sockets, signals, and programs nobody has given it.
 * Jobs for threads (offload.h) run in the loop, and those that wait are lost
 * in a crash.
 *
 * The simulation owns its loops, and what a host runs when it was given by
 * reed_sim_boot() or reed_sim_add(): a crash drops it all.  Streams, listeners
 * and futures of a loop that somebody else holds must be let go before that.
 * End functions do run in a crash, so that memory is freed, but whatever they
 * say to a peer is lost.
 *
 * Host names are as in DNS, and any case.  NULL for a host of a link stands
 * for every host.  Times are nanoseconds; probabilities are from 0 to 1.
 * One thread at a time.
 */

#ifndef REED_SIM_H
#define REED_SIM_H

#include "reed/listener.h"
#include "reed/stream.h"

REED_BEGIN_DECLS

struct reed_sim;

/* ---- what the world is like ---- */

/* One direction between two hosts. */
struct reed_sim_link {
	size_t size;                   /* of this struct */
	int64_t delay_min, delay_mean; /* at least, and on average (exponential beyond the least) */
	uint64_t bandwidth;            /* bytes a second; 0: no limit */
	double loss;                   /* of a packet; TCP sends it again, a datagram is gone */
	double reorder;                /* a packet may overtake those before it */
	double duplicate;              /* a packet comes twice */
};

/* A cable, a continent, a train; or one of your own, whose size is set. */
#define REED_SIM_LAN                                                             \
	{                                                                        \
		.size = sizeof(struct reed_sim_link), .delay_min = REED_US(100), \
		.delay_mean = REED_US(200)                                       \
	}
#define REED_SIM_WAN                                                                              \
	{                                                                                         \
		.size = sizeof(struct reed_sim_link), .delay_min = REED_MS(20),                   \
		.delay_mean = REED_MS(25), .bandwidth = 12500000, .loss = 0.001, .reorder = 0.001 \
	}
#define REED_SIM_ROUGH                                                                         \
	{                                                                                      \
		.size = sizeof(struct reed_sim_link), .delay_min = REED_MS(5),                 \
		.delay_mean = REED_MS(60), .bandwidth = 125000, .loss = 0.03, .reorder = 0.05, \
		.duplicate = 0.02                                                              \
	}

enum reed_sim_partition {
	REED_SIM_ONE_HOST,  /* from all others */
	REED_SIM_TWO_SIDES, /* each host falls on one of them */
	REED_SIM_ONE_LINK,
};

/*
 * What befalls the world without being asked for.  Each pair is a mean time
 * between two of a kind and a mean duration, never under half of it; 0: never.
 */
struct reed_sim_faults {
	size_t size; /* of this struct */
	int64_t partition_every, partition_for;
	enum reed_sim_partition partition;
	double one_way;                 /* of the partitions: packets still pass one way */
	int64_t clog_every, clog_for;   /* a link holds back everything */
	int64_t crash_every, down_for;  /* of hosts that were given something to boot */
	int64_t pause_every, pause_for; /* a host's programs stand still; its network does not */
	int64_t reset_every;            /* one connection is broken */
	int64_t until; /* then all is healed and stays so; 0: it goes on for ever */
};

#define REED_SIM_FAULTS                                \
	{                                              \
		.size = sizeof(struct reed_sim_faults) \
	}

enum reed_sim_schedule {
	REED_SIM_IN_ORDER, /* as in production */
	REED_SIM_SHUFFLED, /* by the seed */
	REED_SIM_CHOSEN,   /* by choose() */
};

struct reed_sim_options {
	size_t size; /* of this struct */
	uint64_t seed;
	int64_t start;                    /* wall clock at the beginning; 0: 2026-01-01 00:00 UTC */
	const struct reed_sim_link *link; /* all links at first; NULL: REED_SIM_LAN */
	const struct reed_sim_faults *faults; /* NULL: none */
	enum reed_sim_schedule schedule;
	/* One of n to go on: who of the ready queue of a loop, or which of the hosts. */
	size_t (*choose)(void *arg, size_t n);
	void *arg;
	double partial_reads;                 /* fewer bytes than there are */
	double partial_writes;                /* fewer than there is room for */
	uint32_t send_buffer, receive_buffer; /* of a socket, bytes; 0: 64 KiB */
	uint32_t backlog;                     /* connections nobody has accepted yet; 0: 128 */
	int64_t keepalive;   /* idle for so long, a connection is probed; 0: never */
	bool ipv6;           /* names resolve to IPv6 addresses too, and first */
	bool lenient;        /* a failure that nobody heard of is noted only */
	uint64_t most_turns; /* more of them fail the simulation; 0: no limit */
	size_t steps_kept;   /* for reed_sim_trace(); 0: 1000 */
	FILE *live;          /* each step and packet as it happens; may be NULL */
	int64_t job_mean; /* that a job for a thread takes, half before and half after; 0: none */
};

#define REED_SIM_OPTIONS                                \
	{                                               \
		.size = sizeof(struct reed_sim_options) \
	}

/* options may be NULL; what they point to is copied. */
REED_API struct reed_sim *reed_sim_new(const struct reed_sim_options *options);

/* All hosts go down first, as in a crash.  May be NULL. */
REED_API void reed_sim_free(struct reed_sim *sim);

/* ---- hosts ---- */

/*
 * The loop of a host, which comes up, or is made, when there is none.  It has
 * an address (10.x, fd00::x) to which its name resolves.  The name is at most
 * 253 bytes.
 */
REED_API struct reed_loop *reed_sim_host(struct reed_sim *sim, const char *name);

/* What the host runs from now on, and again whenever it comes up; NULL: nothing. */
typedef struct reed_future *reed_sim_boot_fn(void *arg, struct reed_loop *loop);
REED_API struct reed_loop *reed_sim_boot(struct reed_sim *sim, const char *name,
                                         reed_sim_boot_fn *boot, void *arg);

/*
 * The host of its loop owns f from here on.  A failure of it fails the
 * simulation, as does one that a program puts into the background.
 */
REED_API void reed_sim_add(struct reed_sim *sim, struct reed_future *f);

/* NULL when the loop is not simulated. */
REED_API struct reed_sim *reed_sim_of(const struct reed_loop *loop);
REED_API const char *reed_sim_host_name(const struct reed_loop *loop);

/*
 * ---- its network, by hand ----
 *
 * The same as reed_listen() and reed_dial() (endpoint.h) with "sim:host:port".
 * There "tcp:" and all that is built on it work as well, unchanged: a name is
 * that of a simulated host, or "localhost".
 */

/* On every address of the host; port 0 is any.  REED_EADDRINUSE. */
REED_API enum reed_err reed_sim_listen(struct reed_loop *loop, uint16_t port,
                                       struct reed_listener **listener);

/* REED_ENAME, REED_EREFUSED, REED_ETIMEDOUT (after two minutes), REED_ERESET. */
REED_API struct reed_future *reed_sim_dial(struct reed_loop *loop, const char *host, uint16_t port,
                                           struct reed_stream **stream);

/* ---- its programs: what reed_spawn() starts, without a process ---- */

struct reed_sim_child {
	struct reed_loop *loop;
	const char *const *argv; /* as long as it runs */
	/* Its end of 0, 1 and 2; NULL: /dev/null.  Whoever closes one sets it to NULL. */
	struct reed_stream *in, *out, *err;
	int status; /* of its exit, when its future ends well; an error is 1 at least */
};

/*
 * Every host has a program of this name, the first word of argv.  What it
 * returns is the process: its end is the end of that; an interrupt is SIGTERM,
 * SIGINT, SIGHUP or SIGQUIT, and a drop is SIGKILL.  Other signals do nothing.
 * A name that is given again means the last.
 */
typedef struct reed_future *reed_sim_program_fn(void *arg, struct reed_sim_child *child);
REED_API void reed_sim_program(struct reed_sim *sim, const char *name, reed_sim_program_fn *program,
                               void *arg);

/* ---- running ---- */

/*
 * All three end early when the simulation fails, and return why.  A step is
 * the turn of a host that has something to do, in an order the schedule says;
 * when none has, the clock goes to the next event.
 *
 * run() ends when nothing is left that will happen by itself.  Faults of the
 * plan, keep-alives and probes of a peer that does not read are not counted.
 * run_for() ends when so much time has passed.  run_until() ends when f has,
 * and says how; REED_ETIMEDOUT: it would wait for ever, and was dropped.
 */
REED_API enum reed_err reed_sim_run(struct reed_sim *sim);
REED_API enum reed_err reed_sim_run_for(struct reed_sim *sim, int64_t ns);
REED_API enum reed_err reed_sim_run_until(struct reed_sim *sim, struct reed_future *f,
                                          struct reed_fault **fault);

/* Since the beginning. */
REED_API int64_t reed_sim_now(const struct reed_sim *sim);

/* The simulation stops after the present turn, as REED_ECORRUPT; the first failure counts. */
#define reed_sim_fail(sim, ...) reed_sim_fail_at((sim), __FILE__, __LINE__, __VA_ARGS__)
REED_API void reed_sim_fail_at(struct reed_sim *sim, const char *file, int line, const char *format,
                               ...) REED_PRINTF(4, 5);

/* NULL: it has not failed.  Lives as long as the simulation. */
REED_API const struct reed_fault *reed_sim_failure(const struct reed_sim *sim);

/* ---- faults ---- */

/* NULL: what it was at the beginning. */
REED_API void reed_sim_set_link(struct reed_sim *sim, const char *from, const char *to,
                                const struct reed_sim_link *link);

/* What is sent one way, or under way, is lost; until mended. */
REED_API void reed_sim_cut(struct reed_sim *sim, const char *from, const char *to);
REED_API void reed_sim_mend(struct reed_sim *sim, const char *from, const char *to);

/* The same, both ways. */
REED_API void reed_sim_part(struct reed_sim *sim, const char *a, const char *b);
REED_API void reed_sim_heal(struct reed_sim *sim, const char *a, const char *b);

/* What is sent one way, or under way, arrives ns from now at the earliest. */
REED_API void reed_sim_clog(struct reed_sim *sim, const char *from, const char *to, int64_t ns);

/* Every connection between the two is reset, at both ends. */
REED_API void reed_sim_reset(struct reed_sim *sim, const char *a, const char *b);

/*
 * The host is gone, without a word to anybody, and answers no more.  It comes
 * up again by reed_sim_restart() or reed_sim_host(), with a new loop, knowing
 * nothing of connections there were.  For the host that calls both take effect
 * when its turn ends, and a restart returns NULL.
 */
REED_API void reed_sim_crash(struct reed_sim *sim, const char *name);
REED_API struct reed_loop *reed_sim_restart(struct reed_sim *sim, const char *name);
REED_API bool reed_sim_is_up(struct reed_sim *sim, const char *name);

/* Its programs stand still for ns. */
REED_API void reed_sim_pause(struct reed_sim *sim, const char *name, int64_t ns);

/* The host's wall clock jumps; the monotonic one does not. */
REED_API void reed_sim_step_wall(struct reed_sim *sim, const char *name, int64_t ns);

/* The plan of faults leaves it alone, but for partitions and clogs. */
REED_API void reed_sim_spare(struct reed_sim *sim, const char *name);

/* ---- what happened ---- */

/* Everything so far, as a number: each wake, each fault, each byte of each packet. */
REED_API uint64_t reed_sim_hash(const struct reed_sim *sim);

/*
 * Prints the schedule: when, on which host, and who was woken, with file:line
 * of the await it came back from; faults and notes between.
 */
REED_API void reed_sim_trace(struct reed_sim *sim, FILE *out);

/* Puts a line of yours into it. */
REED_API void reed_sim_note(struct reed_sim *sim, const char *format, ...) REED_PRINTF(2, 3);

struct reed_sim_stats {
	size_t size; /* set by the caller */
	uint64_t turns, wakes, packets, lost, resent, faults;
	size_t hosts, sockets; /* now; hosts that are up */
};

REED_API void reed_sim_stats(const struct reed_sim *sim, struct reed_sim_stats *stats);

/* ---- exploring ---- */

/* Failed when it returns an error, or when the simulation has failed. */
typedef enum reed_err reed_sim_test_fn(void *arg, struct reed_sim *sim);

struct reed_sim_explore_options {
	size_t size;                        /* of this struct */
	const struct reed_sim_options *sim; /* but for the seed; NULL: the schedule is shuffled */
	uint64_t first, runs;               /* seeds; 0: 1, and 100 of them */
	bool exhaustive;                    /* one seed, and every schedule, up to runs of them */
	bool twice;                         /* run each again: the hash must be the same */
	size_t steps_shown;                 /* of the schedule that fails; 0: 60 */
	FILE *out;                          /* the report of a failure; NULL: stderr */
	uint64_t *failed; /* the seed, or the number of the schedule; may be NULL */
	uint64_t *done;   /* so many were run; may be NULL */
};

#define REED_SIM_EXPLORE_OPTIONS                                \
	{                                                       \
		.size = sizeof(struct reed_sim_explore_options) \
	}

/*
 * Runs the test, each time in a new simulation, until one fails: reports it
 * with its schedule, and returns its error.  With REED_SIM_SEED in the
 * environment only that seed is run, and all its steps are shown.
 */
REED_API enum reed_err reed_sim_explore(reed_sim_test_fn *test, void *arg,
                                        const struct reed_sim_explore_options *options);

enum reed_sim_act {
	REED_SIM_DROP = 1,
	REED_SIM_INTERRUPT = 2,
	REED_SIM_CRASH = 4, /* of the host the scenario's future is of */
};

/* Where and how a scenario was disturbed. */
struct reed_sim_suspension {
	size_t size;
	enum reed_sim_act act;
	uint64_t step;     /* after so many */
	bool finished;     /* it had ended before, undisturbed */
	enum reed_err err; /* how it ended; after a drop REED_ECANCELED */
};

typedef struct reed_future *reed_sim_scenario_fn(void *arg, struct reed_sim *sim);
/* Calls reed_sim_fail() when something is not as it should be. */
typedef void reed_sim_check_fn(void *arg, struct reed_sim *sim,
                               const struct reed_sim_suspension *at);

struct reed_sim_suspension_options {
	size_t size; /* of this struct */
	const struct reed_sim_options *sim;
	unsigned acts;    /* of enum reed_sim_act; 0: drop and interrupt */
	int64_t within;   /* an interrupted one has so long to end; 0: an hour */
	FILE *out;        /* the report of a failure; NULL: stderr */
	uint64_t *points; /* so many were found; may be NULL */
};

#define REED_SIM_SUSPENSION_OPTIONS                                \
	{                                                          \
		.size = sizeof(struct reed_sim_suspension_options) \
	}

/*
 * Runs a scenario again and again, each time one step further (a step wakes
 * one owner at most, so that each await is found, and each moment between
 * settling and waking), disturbs it there, lets the simulation end, and checks:
 * an interrupt ends it, check() is content, all memory is given back.  Neither
 * scenario nor check may keep memory from one run to the next.  Returns the
 * error of the first run that fails, and reports it.
 */
REED_API enum reed_err reed_sim_each_suspension(reed_sim_scenario_fn *scenario,
                                                reed_sim_check_fn *check, void *arg,
                                                const struct reed_sim_suspension_options *options);

REED_END_DECLS

#endif
