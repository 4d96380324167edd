/*
 * Teams.
 *
 * Each member but the first has a thread, which makes a loop, runs it until the
 * member's future has ended, and frees it.  What the team has to say to a member
 * goes by reed_post(), under a lock that keeps the loop alive meanwhile; the
 * other way there is one word, that it has ended.
 */

#include "reed/team.h"

#include <pthread.h>
#ifndef REED_POSIX_ONLY
#include <sched.h>
#endif
#include <unistd.h>

#include "os_thread.h"
#include "private.h"
#include "team.h"

/* That a member has ended.  It may arrive when the team has gone. */
struct word {
	struct reed_post post;
	struct member *of;
};

struct member {
	struct reed_team_member self;
	struct reed_team *team;
	struct reed_waiter waiter; /* of what the function returned; in the member's thread */
	struct reed_post to_interrupt, to_drop;
	struct word *word;
	pthread_t thread;
	pthread_mutex_t lock; /* self.loop lives while it is held */
	bool started, over, hurried;
	bool interrupted, dropped; /* before there was anything to */
	enum reed_err err;
	struct reed_fault *fault;
};

struct reed_team {
	struct reed_future future;
	struct reed_team_options options;
	struct reed_loop_options loop;
	reed_team_fn *fn;
	void *arg;
	struct reed_sockets *sockets;
	unsigned count, left;
	enum reed_err err; /* of the first that failed */
	struct reed_fault *fault;
	struct member members[];
};

static struct reed_team *team_of(struct reed_future *f)
{
	return reed_container_of(f, struct reed_team, future);
}

static void member_ended(struct member *m);

/* ---- in a member's thread ---- */

static void member_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct member *m = reed_container_of(w, struct member, waiter);

	m->err = err;
	m->fault = fault;
	m->over = true;
	if (m->self.number == 0)
		member_ended(m);
}

static void member_interrupt(struct reed_post *post)
{
	struct member *m = reed_container_of(post, struct member, to_interrupt);

	if (m->waiter.future)
		reed_interrupt(m->waiter.future);
}

static void member_drop(struct reed_post *post)
{
	struct member *m = reed_container_of(post, struct member, to_drop);

	m->hurried = true;
	if (m->over)
		return;
	reed_unwait(m->self.loop, &m->waiter);
	m->err = REED_ECANCELED;
	m->over = true;
}

static void member_begin(struct member *m)
{
	struct reed_loop *loop = m->self.loop;

	loop->sockets = m->team->sockets;
	loop->member = m->self.number;
	loop->members = m->self.count;
	loop->stream_count += m->self.number + m->self.count - loop->stream_count % m->self.count;
	m->waiter.wake = member_wake;
	reed_wait(m->team->fn(m->team->arg, &m->self), &m->waiter);
}

/* What it has closed is sent, and children end, as at the end of reed_main(). */
static void say_goodbye(struct member *m)
{
	struct reed_loop *loop = m->self.loop;

	reed_background_drop(loop);
	reed_loop_turn(loop, 0);
	while (!m->hurried && reed_linger_turn(loop))
		continue;
}

/* From here on nothing is posted to it. */
static void take_loop_away(struct member *m)
{
	struct reed_loop *loop = m->self.loop;

	pthread_mutex_lock(&m->lock);
	m->self.loop = NULL;
	pthread_mutex_unlock(&m->lock);
	reed_loop_free(loop);
}

static bool give_loop(struct member *m)
{
	struct reed_loop *loop;

	m->err = reed_loop_new(&m->team->loop, &loop);
	if (m->err)
		return false;
	pthread_mutex_lock(&m->lock);
	m->self.loop = loop;
	if (m->interrupted)
		reed_post(loop, &m->to_interrupt);
	if (m->dropped)
		reed_post(loop, &m->to_drop);
	pthread_mutex_unlock(&m->lock);
	return true;
}

static void *member_run(void *arg)
{
	struct member *m = arg;

#ifndef REED_POSIX_ONLY
	char name[16]; /* of Linux, with its NUL */

	snprintf(name, sizeof(name), "%.10s/%u",
	         m->team->options.name ? m->team->options.name : "reed", m->self.number);
	pthread_setname_np(pthread_self(), name);
#endif
	if (give_loop(m)) {
		member_begin(m);
		while (!m->over)
			reed_loop_turn(m->self.loop, REED_NEVER);
		say_goodbye(m);
		take_loop_away(m);
	}
	reed_post(m->team->future.loop, &m->word->post);
	return NULL;
}

/* ---- in the thread of the team ---- */

/* early: the thread has no loop yet, or not any more. */
static void tell(struct member *m, struct reed_post *post, bool *early)
{
	pthread_mutex_lock(&m->lock);
	if (!*early && m->self.loop)
		reed_post(m->self.loop, post);
	*early = true;
	pthread_mutex_unlock(&m->lock);
}

static void interrupt_others(struct reed_team *team)
{
	for (unsigned i = 1; i < team->count; i++)
		if (team->members[i].started)
			tell(&team->members[i], &team->members[i].to_interrupt,
			     &team->members[i].interrupted);
	if (team->members[0].started)
		member_interrupt(&team->members[0].to_interrupt);
}

static void team_settle(struct reed_team *team)
{
	struct reed_fault *fault = team->fault;

	team->fault = NULL;
	if (fault)
		reed_fail_with(&team->future, fault);
	else
		reed_settle(&team->future, team->err);
}

static void join(struct member *m)
{
	pthread_join(m->thread, NULL);
	m->word = NULL;
	m->started = false;
	reed_loop_release(m->team->future.loop);
}

static void member_ended(struct member *m)
{
	struct reed_team *team = m->team;

	m->started = false;
	team->left--;
	if (m->err && !team->err) {
		team->err = m->err;
		team->fault = m->fault;
		m->fault = NULL;
		interrupt_others(team);
	}
	if (team->left == 0)
		team_settle(team);
}

static void word_arrives(struct reed_post *post)
{
	struct word *word = reed_container_of(post, struct word, post);
	struct member *m = word->of;

	reed_free(word);
	if (!m)
		return;
	join(m);
	member_ended(m);
}

static enum reed_err start_thread(struct member *m)
{
	struct word *word = reed_alloc(sizeof(*word));
	enum reed_err err;

	word->post.run = word_arrives;
	word->of = m;
	m->word = word;
	err = reed_os_start_thread(&m->thread, member_run, m);
	if (err)
		reed_free(word);
	else
		reed_loop_hold(m->team->future.loop);
	return err;
}

/* When one has failed to start the others are not begun. */
static void start(struct member *m)
{
	enum reed_err err;

	if (m->team->err) {
		member_ended(m);
		return;
	}
	m->started = true;
	if (m->self.number == 0) {
		member_begin(m);
		return;
	}
	err = start_thread(m);
	if (!err)
		return;
	m->err = err;
	m->fault = reed_fault(err, NULL, "no thread for member %u of a team", m->self.number);
	member_ended(m);
}

static void team_interrupt(struct reed_future *f)
{
	interrupt_others(team_of(f));
}

/* Those in threads come to it at the end of a turn at the latest. */
static void team_cancel(struct reed_future *f)
{
	struct reed_team *team = team_of(f);

	for (unsigned i = 1; i < team->count; i++)
		if (team->members[i].started)
			tell(&team->members[i], &team->members[i].to_drop,
			     &team->members[i].dropped);
	if (team->members[0].started)
		member_drop(&team->members[0].to_drop);
	for (unsigned i = 1; i < team->count; i++) {
		if (!team->members[i].started)
			continue;
		team->members[i].word->of = NULL;
		join(&team->members[i]);
	}
}

static void team_free(struct reed_future *f)
{
	struct reed_team *team = team_of(f);

	for (unsigned i = 0; i < team->count; i++) {
		pthread_mutex_destroy(&team->members[i].lock);
		reed_fault_free(team->members[i].fault);
	}
	if (team->sockets) {
		f->loop->sockets = NULL;
		reed_sockets_leave(team->sockets);
	}
	reed_fault_free(team->fault);
	reed_free(team);
}

static const struct reed_future_kind team_kind = { .name = "team",
	                                           .cancel = team_cancel,
	                                           .free = team_free,
	                                           .interrupt = team_interrupt };

unsigned reed_team_processors(void)
{
#ifndef REED_POSIX_ONLY
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		return (unsigned)CPU_COUNT(&set);
#endif
	return (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
}

static unsigned size_of_team(struct reed_loop *loop, const struct reed_team_options *options)
{
	unsigned n = options->loops ? options->loops : reed_team_processors();

	if (loop->simulated)
		return 1;
	return n > REED_TEAM_MOST ? REED_TEAM_MOST : n;
}

static void member_init(struct member *m, struct reed_team *team, unsigned number)
{
	m->self.number = number;
	m->self.count = team->count;
	m->self.loop = number == 0 ? team->future.loop : NULL;
	m->team = team;
	m->to_interrupt.run = member_interrupt;
	m->to_drop.run = member_drop;
	pthread_mutex_init(&m->lock, NULL);
}

/* All who are to share a socket know of it before the first asks for one. */
struct reed_future *reed_team(struct reed_loop *loop, const struct reed_team_options *options,
                              reed_team_fn *fn, void *arg)
{
	static const struct reed_team_options plain = REED_TEAM_OPTIONS;
	static const struct reed_loop_options plain_loop = REED_LOOP_OPTIONS;
	unsigned n = size_of_team(loop, options ? options : &plain);
	struct reed_team *team = reed_alloc(sizeof(*team) + n * sizeof(team->members[0]));

	assert(!loop->sockets);
	reed_future_init(&team->future, loop, &team_kind);
	team->options = options ? *options : plain;
	team->loop = team->options.loop ? *team->options.loop : plain_loop;
	team->fn = fn;
	team->arg = arg;
	team->count = team->left = n;
	if (n > 1) {
		team->sockets = reed_sockets_new();
		reed_sockets_inherit(team->sockets, loop);
	}
	for (unsigned i = 0; i < n; i++)
		member_init(&team->members[i], team, i);
	for (unsigned i = 0; i < n; i++)
		start(&team->members[i]);
	return &team->future;
}
