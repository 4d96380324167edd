/*
 * The other loops of a daemon (--loops): its hands.
 *
 * Each has a thread, and the same services as the first loop, as far as these can
 * be sharded.  They share nothing with it but listening sockets and settings: what
 * the first loop wishes goes through a bounded mailbox, what they have to say
 * comes as posts.  Their log is the first loop's, and so are the signals, the
 * control socket and whatever else there is one of in a process.
 */

#ifndef REED_CREW_H
#define REED_CREW_H

#include "control.h"
#include "daemon_private.h"
#include "reed/log.h"
#include "reed/metric.h"
#include "reed/queue.h"
#include "reed/team.h"

struct crew;

enum crew_what {
	CREW_BEGIN,  /* with the services: those of the first loop are ready */
	CREW_RELOAD, /* has nothing to tell */
	CREW_LEVEL,
	CREW_DRAIN,
	CREW_METRICS, /* tells numbers */
	CREW_COUNT,   /* tells how many connections it has */
	CREW_TOP,     /* tells figures for reed top */
	CREW_TELL,    /* answers a line of the control socket */
};

struct crew_wish {
	enum crew_what what;
	struct generation *generation;    /* of CREW_BEGIN and CREW_RELOAD; borrowed */
	enum reed_log_level level;        /* the least that anybody wants */
	char line[REED_CONTROL_LINE + 1]; /* of CREW_TELL, with its NUL */
};

/* What a hand has told. */
struct crew_reply {
	struct reed_buf text;
	bool done;                    /* the line was one that it could do */
	size_t conns;                 /* of CREW_COUNT */
	struct reed_metrics *metrics; /* NULL: none */
};

struct crew_replies {
	struct crew_reply all[REED_TEAM_MOST];
	size_t count;
};

void reed_loops_replies_finish(struct crew_replies *replies);

/* ---- of the first loop ---- */

/* On how many loops to serve. */
unsigned reed_loops_wanted(const struct daemon_settings *settings);

/* Why the i-th service runs on one loop only; NULL: it can be sharded. */
const char *reed_loops_why_not(const struct plan *plan, const struct reed_settings *settings,
                               size_t i);

/* With a sentence when there is nothing to shard. */
enum reed_err reed_loops_check(const struct plan *plan, const struct reed_settings *settings,
                               struct reed_fault **fault);

/* Threads that wait for CREW_BEGIN, in the scope of root, whose failure theirs is. */
void reed_loops_start(struct daemon *d, struct reed_service *root, unsigned loops);

/* Has all begin; settles when they are ready. */
struct reed_future *reed_loops_begin(struct daemon *d);
bool reed_loops_is_ready(const struct daemon *d);

/* The number of those that have not ended, which changes. */
struct reed_cell *reed_loops_working(struct daemon *d);

/*
 * Settles when all have done it; replies may be NULL.  A hand that has ended says
 * nothing.  REED_EBUSY: one has too much to do yet.
 */
struct reed_future *reed_loops_ask(struct daemon *d, const struct crew_wish *wish,
                                   struct crew_replies *replies);

/* The same for whatever has no answer, and needs nobody to wait for it. */
void reed_loops_tell(struct daemon *d, const struct crew_wish *wish);

/* The log's level, or who listens to it, may have changed. */
void reed_loops_tell_level(struct daemon *d);

/* When nothing of it can come any more. */
void reed_loops_free(struct crew *crew);

/* ---- what the files of the crew share ---- */

struct hand {
	struct crew *crew;
	unsigned number;          /* of its loop; the first has 0 */
	struct reed_mailbox *box; /* for the first loop; NULL: it is not there yet */
};

struct crew {
	struct daemon *daemon;
	struct reed_cell working; /* these of the first loop */
	struct reed_cell present, ready;
	atomic_size_t logged; /* bytes of records that are on their way */
	atomic_uint lost;
	unsigned count;
	struct hand hands[]; /* but the first, who is no hand */
};

/* A wish on its way to a hand, and what it says back. */
struct errand {
	struct reed_post post; /* to the first loop: it is done */
	struct crew_wish wish;
	struct crew_reply reply;
	struct asking *of;
};

/* As it lies in a mailbox. */
struct parcel {
	struct errand *errand;
	struct crew *crew;
};

extern const struct reed_item_kind reed_errand_kind; /* of struct parcel */

/* In the hand's loop: the errand is the first loop's again. */
void reed_errand_done(struct errand *errand, struct crew *crew);

/* crew_hand.c: what a member of the team does; arg is the crew. */
struct reed_future *reed_hand_work(void *arg, const struct reed_team_member *member);

enum crew_word { HAND_PRESENT, HAND_READY, HAND_GONE };

/* From the hand's thread. */
void reed_hand_says(struct hand *hand, enum crew_word word, struct reed_mailbox *box);

/* crew_log.c: what a hand logs goes to the first loop's log. */
struct hand_log {
	struct reed_log_tap tap;
	struct hand *hand;
	struct reed_loop *loop;
};

void reed_hand_log_begin(struct hand_log *log, struct hand *hand, struct reed_loop *loop);
void reed_hand_log_level(struct hand_log *log, enum reed_log_level level);
void reed_hand_log_end(struct hand_log *log);

#endif
