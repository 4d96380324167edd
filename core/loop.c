/* Turns: what the loop does, in which order. */

#include "private.h"

#include <stdlib.h>
#include <string.h>

#include "reed/handover.h"
#include "reed/log.h"
#include "reed/random.h"

/* ---- ready queue ---- */

void reed_queue(struct reed_future *f)
{
	struct reed_loop *loop = f->loop;

	assert(!reed_linked(&f->ready));
	reed_list_append(&loop->ready, &f->ready);
	if (loop->embedded && !loop->in_turn)
		reed_loop_nudge(loop, 0);
}

static struct reed_future *ready_of(struct reed_list *link)
{
	return reed_container_of(link, struct reed_future, ready);
}

/* The queue is the schedule: who explores schedules chooses from it. */
static struct reed_future *next_ready(struct reed_loop *loop)
{
	struct reed_list *link = loop->ready.next;
	size_t n = 0, chosen;

	if (!loop->choose)
		return ready_of(link);
	reed_list_each (each, &loop->ready)
		n++;
	for (chosen = loop->choose(loop->choose_arg, n); chosen > 0; chosen--)
		link = link->next;
	return ready_of(link);
}

/* A host has its own to do; asked every few wakes, as the clock is not for nothing. */
static bool is_over_budget(struct reed_loop *loop, int left)
{
	return loop->budget > 0 && left % REED_BUDGET_WAKES == 0 && left != loop->turn_wakes &&
	       loop->driver->ops->now(loop->driver) - loop->turn_began > loop->budget;
}

static void wake_ready(struct reed_loop *loop)
{
	for (int left = loop->turn_wakes; !reed_list_empty(&loop->ready) && left > 0; left--) {
		struct reed_future *f = next_ready(loop);

		if (loop->chosen)
			loop->chosen(loop->choose_arg, f);
		if (loop->blame)
			reed_blame_begin_wake(loop, f);
		reed_wake(f);
		if (loop->blame)
			reed_blame_end(loop);
		if (is_over_budget(loop, left))
			break;
	}
}

/* xorshift64*: of the schedule only, so that the seed means the same on every machine. */
static size_t choose_shuffled(void *arg, size_t n)
{
	struct reed_loop *loop = arg;
	uint64_t x = loop->shuffle;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	loop->shuffle = x;
	return (size_t)((x * 0x2545f4914f6cdd1du >> 32) % n);
}

/* ---- the end of the turn ---- */

void reed_at_turn_end(struct reed_loop *loop, struct reed_last *last)
{
	if (reed_linked(&last->link))
		return;
	reed_list_append(&loop->lasts, &last->link);
	if (loop->embedded && !loop->in_turn)
		reed_loop_nudge(loop, 0);
}

/* What they add themselves is for the next turn: else two of them could keep this one for ever. */
static void run_lasts(struct reed_list *list)
{
	struct reed_list todo, *link;

	reed_list_init(&todo);
	reed_list_splice(&todo, list);
	while ((link = reed_list_take(&todo))) {
		struct reed_last *last = reed_container_of(link, struct reed_last, link);

		last->run(last);
	}
}

/* ---- posts ---- */

void reed_post(struct reed_loop *loop, struct reed_post *post)
{
	struct reed_post *top = atomic_load(&loop->posts);

	do
		post->next = top;
	while (!atomic_compare_exchange_weak(&loop->posts, &top, post));
	if (!top)
		loop->driver->ops->wake(loop->driver);
}

/* Those that came since, in the order in which they came. */
static struct reed_post *posts_since(struct reed_loop *loop)
{
	struct reed_post *post, *next, *in_order = NULL;

	if (!atomic_load_explicit(&loop->posts, memory_order_relaxed))
		return NULL;
	for (post = atomic_exchange(&loop->posts, NULL); post; post = next) {
		next = post->next;
		post->next = in_order;
		in_order = post;
	}
	return in_order;
}

static void take_posts(struct reed_loop *loop)
{
	if (!loop->posted)
		loop->posted = posts_since(loop);
	for (int left = REED_TURN_POSTS; loop->posted && left > 0; left--) {
		struct reed_post *post = loop->posted;

		loop->posted = post->next;
		loop->stats.posts++;
		post->run(post);
	}
}

/* Each has memory of its own: those that are there, and those that these still post. */
static void take_last_posts(struct reed_loop *loop)
{
	for (int round = 0; round < 2; round++)
		do
			take_posts(loop);
		while (loop->posted);
}

/* ---- descriptors ---- */

/* Each once, whoever of them leaves meanwhile. */
static void always_ready(struct reed_loop *loop)
{
	struct reed_list todo, *link;

	reed_list_init(&todo);
	reed_list_splice(&todo, &loop->always);
	while ((link = reed_list_take(&todo))) {
		struct reed_fd_watch *w = reed_container_of(link, struct reed_fd_watch, link);

		reed_list_append(&loop->always, link);
		if (w->wanted)
			w->ready(w, w->wanted);
	}
}

static void arm(struct reed_fd_watch *w, unsigned events)
{
	struct reed_loop *loop = w->loop;
	enum reed_err err = loop->driver->ops->arm(loop->driver, w, events);

	if (err == REED_ENOTSUP) {
		w->always = true;
		reed_list_append(&loop->always, &w->link);
		return;
	}
	if (err) {
		fprintf(stderr, "reed: descriptor %d cannot be watched: %s\n", w->fd,
		        reed_strerror(err));
		abort();
	}
	w->armed = (unsigned char)events;
}

/* What is armed but not wanted keeps no loop running. */
static void set_wanted(struct reed_fd_watch *w, unsigned events)
{
	struct reed_loop *loop = w->loop;

	if (!w->idle && (events != 0) != (w->wanted != 0)) {
		loop->watches += events ? 1 : -(size_t)1;
		if (loop->embedded && !loop->in_turn && loop->watches == (events != 0))
			reed_loop_nudge(loop, 0); /* it may have become busy, or idle */
	}
	w->wanted = (unsigned char)events;
}

void reed_fd_watch(struct reed_fd_watch *w, unsigned events)
{
	set_wanted(w, events);
	if (!w->always && (events & ~(unsigned)w->armed))
		arm(w, events);
}

void reed_fd_unwatch(struct reed_fd_watch *w)
{
	set_wanted(w, 0);
	if (w->always) {
		reed_list_unlink(&w->link);
		w->always = false;
	} else if (w->armed) {
		arm(w, 0);
	}
	for (int i = 0; i < w->loop->event_count; i++)
		if (w->loop->events[i].watch == w)
			w->loop->events[i].watch = NULL;
}

/*
 * An event nobody wants disarms: else it would come again and again.  A
 * hang-up cannot be masked, so without any wish the descriptor leaves the set.
 */
static void dispatch(struct reed_loop *loop)
{
	while (loop->event_count > 0) {
		struct reed_event *e = loop->events++;
		struct reed_fd_watch *w = e->watch;

		loop->event_count--;
		if (!w)
			continue;
		if (w->armed != w->wanted && (!w->wanted || e->events & ~(unsigned)w->wanted))
			arm(w, w->wanted);
		if (e->events & w->wanted)
			w->ready(w, e->events & w->wanted);
	}
}

/* ---- turns ---- */

static bool work_now(struct reed_loop *loop)
{
	if (!reed_list_empty(&loop->ready) || !reed_list_empty(&loop->lasts) || loop->posts ||
	    loop->posted)
		return true;
	reed_list_each (link, &loop->always)
		if (reed_container_of(link, struct reed_fd_watch, link)->wanted)
			return true;
	return false;
}

/* inner: when a loop inside this one is due. */
static int64_t deadline_of(struct reed_loop *loop, int64_t inner)
{
	int64_t timer;

	if (work_now(loop))
		return 0;
	timer = reed_wheel_deadline(&loop->wheel);
	return inner < timer ? inner : timer;
}

int64_t reed_loop_deadline(struct reed_loop *loop)
{
	return deadline_of(loop, reed_inners_prepare(loop));
}

/* What the loop does itself, until the next such call. */
static void blame_phase(struct reed_loop *loop, const char *name)
{
	if (!loop->blame)
		return;
	reed_blame_end(loop);
	if (name)
		reed_blame_begin(loop, name);
}

static void wait_for_system(struct reed_loop *loop, int64_t longest)
{
	struct reed_driver *d = loop->driver;
	struct reed_event events[REED_TURN_EVENTS];
	int64_t deadline = deadline_of(loop, reed_inners_prepare(loop));
	int n;

	if (longest > 0 && deadline != REED_NEVER) {
		int64_t left = deadline ? deadline - d->ops->now(d) : 0;

		longest = left < longest ? left : longest;
	}
	loop->in_foreign = true;
	n = d->ops->wait(d, longest > 0 ? longest : 0, events, REED_TURN_EVENTS);
	loop->in_foreign = false;
	loop->now = d->ops->now(d);
	loop->turn_began = loop->now;
	loop->stats.events += (uint64_t)n;
	loop->events = events; /* a timer that fires may unwatch one of them */
	loop->event_count = n;
	blame_phase(loop, "(timers and descriptors)");
	reed_wheel_fire(loop);
	dispatch(loop);
	if (!reed_list_empty(&loop->always))
		always_ready(loop);
	if (!reed_list_empty(&loop->inners)) {
		blame_phase(loop, "(inner loops)");
		reed_inners_turn(loop);
	}
}

static void turn(struct reed_loop *loop, int64_t longest_ns)
{
	struct sim_rng *outer = loop->simulated ? reed_sim_enter(loop) : NULL;

	assert(!loop->in_turn);
	loop->in_turn = true;
	loop->stats.turns++;
	wait_for_system(loop, longest_ns);
	blame_phase(loop, "(posts)");
	take_posts(loop);
	blame_phase(loop, NULL);
	wake_ready(loop);
	blame_phase(loop, "(end of turn)");
	run_lasts(&loop->lasts);
	blame_phase(loop, NULL);
	loop->in_turn = false;
	if (loop->embedded)
		reed_loop_tell_host(loop);
	if (loop->simulated)
		reed_sim_leave(outer);
}

/* What was written has left when the last turn ends, as nobody knows when there will be another. */
static void hand_over(struct reed_loop *loop)
{
	if (loop->driver->sockets)
		loop->driver->sockets->flush(loop->driver);
}

void reed_loop_turn(struct reed_loop *loop, int64_t longest_ns)
{
	turn(loop, longest_ns);
	hand_over(loop);
}

bool reed_loop_has_work(struct reed_loop *loop)
{
	return loop->watches > 0 || loop->holds > 0 || reed_inners_busy(loop) ||
	       deadline_of(loop, REED_NEVER) != REED_NEVER;
}

void reed_loop_run(struct reed_loop *loop)
{
	loop->stopped = false;
	while (!loop->stopped && reed_loop_has_work(loop))
		turn(loop, REED_NEVER);
	hand_over(loop);
}

void reed_loop_stop(struct reed_loop *loop)
{
	loop->stopped = true;
}

void reed_until_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct reed_until *self = reed_container_of(w, struct reed_until, waiter);

	self->err = err;
	self->fault = fault;
	self->ended = true;
}

enum reed_err reed_until_end(struct reed_until *self, struct reed_fault **fault)
{
	if (fault)
		*fault = self->fault;
	else
		reed_fault_free(self->fault);
	return self->err;
}

enum reed_err reed_loop_run_until(struct reed_loop *loop, struct reed_future *f,
                                  struct reed_fault **fault)
{
	struct reed_until until = { .waiter.wake = reed_until_wake };

	reed_wait(f, &until.waiter);
	while (!until.ended)
		turn(loop, REED_NEVER);
	hand_over(loop);
	return reed_until_end(&until, fault);
}

/* ---- the rest ---- */

int64_t reed_now(const struct reed_loop *loop)
{
	/* A foreign loop below this one calls its people while it waits. */
	return loop->in_foreign ? loop->driver->ops->now(loop->driver) : loop->now;
}

const char *reed_loop_driver(const struct reed_loop *loop)
{
	return loop->driver->ops->name;
}

bool reed_loop_simulated(const struct reed_loop *loop)
{
	return loop->simulated;
}

void reed_loop_stats(const struct reed_loop *loop, struct reed_loop_stats *stats)
{
	size_t size = stats->size < sizeof(*stats) ? stats->size : sizeof(*stats);
	struct reed_loop_stats all = loop->stats;

	all.size = stats->size;
	all.watches = loop->watches;
	all.tasks = loop->task_count;
	memcpy(stats, &all, size);
}

void reed_unheard(struct reed_loop *loop, const char *what, enum reed_err err, const char *why)
{
	if (loop->options.unheard)
		loop->options.unheard(loop->options.arg, loop, what, err, why);
	else
		reed_log(loop, REED_LOG_ERROR, "failed, and nobody heard what=%s why=%s err=%s",
		         what, why, reed_err_name(err));
}

static struct reed_loop_options options_of(const struct reed_loop_options *given)
{
	struct reed_loop_options options = REED_LOOP_OPTIONS;

	if (given)
		memcpy(&options, given,
		       given->size < sizeof(options) ? given->size : sizeof(options));
	return options;
}

enum reed_err reed_loop_new_on(const struct reed_loop_options *given, struct reed_driver *driver,
                               struct reed_loop **out)
{
	struct reed_loop *loop = reed_alloc(sizeof(*loop));

	loop->options = options_of(given);
	loop->driver = driver;
	loop->now = driver->ops->now(driver);
	reed_list_init(&loop->ready);
	reed_list_init(&loop->lasts);
	reed_list_init(&loop->finishers);
	reed_list_init(&loop->tasks);
	reed_list_init(&loop->backgrounds);
	reed_list_init(&loop->always);
	reed_list_init(&loop->tls_listeners);
	reed_list_init(&loop->challenges);
	reed_list_init(&loop->publishers);
	reed_list_init(&loop->listening);
	reed_list_init(&loop->receiving);
	reed_list_init(&loop->inherited);
	reed_list_init(&loop->named_fds);
	reed_list_init(&loop->processes);
	reed_list_init(&loop->traffics);
	reed_list_init(&loop->inners);
	reed_wheel_init(&loop->wheel, loop->now);
	loop->turn_wakes = REED_TURN_WAKES;
	loop->shuffle = loop->options.shuffle;
	if (loop->shuffle) {
		loop->choose = choose_shuffled;
		loop->choose_arg = loop;
	}
	*out = loop;
	return REED_OK;
}

static enum reed_err open_driver(const char *name, struct reed_driver **driver)
{
	enum reed_err err;

	if (!name || strcmp(name, "auto") == 0) {
		err = reed_epoll_open(driver);
		return err == REED_ENOTSUP ? reed_poll_open(driver) : err;
	}
	if (strcmp(name, "uring") == 0) {
		err = reed_uring_open(driver);
		return err == REED_ENOTSUP ? open_driver("auto", driver) : err;
	}
	if (strcmp(name, "epoll") == 0)
		return reed_epoll_open(driver);
	return strcmp(name, "poll") == 0 ? reed_poll_open(driver) : REED_ENOTSUP;
}

enum reed_err reed_loop_new(const struct reed_loop_options *given, struct reed_loop **loop)
{
	struct reed_loop_options options = options_of(given);
	const char *name = options.driver ? options.driver : getenv("REED_DRIVER");
	struct reed_driver *driver;
	enum reed_err err = open_driver(name, &driver);

	if (!err)
		err = reed_loop_new_on(&options, driver, loop);
	if (!err && name && strcmp(name, "uring") == 0 && strcmp(driver->ops->name, name) != 0)
		reed_log(*loop, REED_LOG_WARN,
		         "the system has no io_uring for us, or none of Linux 6.1 driver=%s",
		         driver->ops->name);
	return err;
}

void reed_loop_free(struct reed_loop *loop)
{
	if (!loop)
		return;
	reed_background_drop(loop);
	reed_processes_finish(loop);
	take_last_posts(loop);
	reed_background_drop(loop); /* what these have begun */
	run_lasts(&loop->lasts);
	run_lasts(&loop->finishers);
	reed_binding_release(loop->locals);
	reed_metrics_finish(loop);
	reed_log_finish(loop);
	loop->driver->ops->close(loop->driver);
	reed_inherit_end(loop);
	reed_free(loop->blame);
	reed_free(loop);
}

/* ---- entropy and wall-clock time ---- */

void reed_random_bytes(struct reed_loop *loop, void *into, size_t n)
{
	loop->driver->ops->random(loop->driver, into, n);
}

uint64_t reed_random(struct reed_loop *loop)
{
	uint64_t x;

	reed_random_bytes(loop, &x, sizeof(x));
	return x;
}

uint64_t reed_random_below(struct reed_loop *loop, uint64_t n)
{
	uint64_t x, unfair = -n % n; /* so many of the smallest would come once too often */

	do
		x = reed_random(loop);
	while (x < unfair);
	return x % n;
}

void reed_random_word(struct reed_loop *loop, char *into, size_t n)
{
	reed_random_bytes(loop, into, n);
	for (size_t i = 0; i < n; i++)
		into[i] = "abcdefghijklmnopqrstuvwxyz234567"[(unsigned char)into[i] & 31];
	into[n] = '\0';
}

int64_t reed_wall(struct reed_loop *loop)
{
	return loop->driver->ops->wall(loop->driver);
}
