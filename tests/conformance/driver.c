/* Descriptors, under any driver. */

#include "tests/conformance/driver.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- readiness ---- */

static void a_descriptor_is_told_when_it_is_ready(void)
{
	struct tap t = { .told = 0 };

	tap_reader(&t);
	turn_loop(loop, 0);
	check_int(t.told, 0);
	tap_say(&t);
	until(t.told);
	check_int(t.events, REED_READ);
	tap_close(&t);
}

static void readiness_is_told_in_each_turn_until_it_is_used(void)
{
	struct tap t = { .told = 0 };

	tap_reader(&t);
	tap_say(&t);
	tap_say(&t);
	for (int i = 1; i <= 3; i++) {
		turn_loop(loop, REED_S(1));
		check_int(t.told, i);
	}
	t.then = tap_hear;
	until(t.told == 5);
	turn_loop(loop, 0);
	check_int(t.told, 5);
	tap_close(&t);
}

static void a_full_pipe_is_told_when_it_takes_more(void)
{
	static char block[4096];
	struct tap t = { .told = 0 };
	ssize_t n;

	tap_writer(&t);
	until(t.told);
	check_int(t.events, REED_WRITE);
	while (write(t.watch.fd, block, sizeof(block)) > 0)
		continue;
	t.told = 0;
	turn_loop(loop, 0);
	check_int(t.told, 0);
	do
		n = read(t.other, block, sizeof(block));
	while (n > 0);
	until(t.told);
	tap_close(&t);
}

static void socket_tap(struct tap *t)
{
	int fds[2];

	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
	tap_reader(t);
	tap_close(t);
	t->watch.fd = fds[0];
	t->other = fds[1];
	t->told = 0;
}

static void both_interests_of_one_descriptor_are_told_at_once(void)
{
	struct tap t = { .told = 0 };

	socket_tap(&t);
	reed_fd_watch(&t.watch, REED_READ | REED_WRITE);
	tap_say(&t);
	until(t.events == (REED_READ | REED_WRITE));
	check_int(t.told, 1);
	tap_close(&t);
}

static void only_what_is_wanted_is_told(void)
{
	struct tap t = { .told = 0 };

	socket_tap(&t);
	reed_fd_watch(&t.watch, REED_READ);
	turn_loop(loop, 0);
	check_int(t.told, 0);
	reed_fd_watch(&t.watch, REED_READ | REED_WRITE); /* more interest counts at once */
	turn_loop(loop, 0);
	check(t.told == 1 && t.events == REED_WRITE);
	reed_fd_watch(&t.watch, REED_READ); /* less as well, for who is told */
	turn_loop(loop, 0);
	check_int(t.told, 1);
	tap_say(&t);
	reed_fd_watch(&t.watch, REED_WRITE);
	turn_loop(loop, 0);
	check(t.told == 2 && t.events == REED_WRITE);
	tap_close(&t);
}

static void what_nobody_wants_any_more_does_not_wake_the_loop(void)
{
	struct tap t = { .told = 0 };

	tap_reader(&t);
	reed_fd_watch(&t.watch, 0);
	tap_say(&t);
	check(turns_of_a_while() <= 4);
	check_int(t.told, 0);
	reed_fd_watch(&t.watch, REED_READ);
	until(t.told);
	tap_close(&t);
}

/* ---- hang-ups ---- */

static void a_hang_up_counts_as_what_is_wanted(void)
{
	struct tap reader = { .told = 0 }, writer = { .told = 0 };

	tap_reader(&reader);
	close(reader.other);
	reader.other = -1;
	until(reader.told);
	check_int(reader.events, REED_READ);
	tap_close(&reader);

	tap_writer(&writer);
	close(writer.other);
	writer.other = -1;
	until(writer.told);
	check_int(writer.events, REED_WRITE);
	tap_close(&writer);
}

static void a_hang_up_that_nobody_wants_does_not_spin(void)
{
	struct tap t = { .told = 0 };

	socket_tap(&t);
	reed_fd_watch(&t.watch, REED_READ);
	turn_loop(loop, 0);
	reed_fd_watch(&t.watch, 0);
	close(t.other);
	t.other = -1;
	check(turns_of_a_while() <= 4);
	check_int(t.told, 0);
	reed_fd_watch(&t.watch, REED_READ);
	until(t.told);
	tap_close(&t);
}

/* ---- changes in the turn itself ---- */

static void close_the_other(struct tap *self)
{
	struct tap *other = self->arg;

	if (!other->arg)
		return;
	tap_close(other);
	memset(other, 0x5a, sizeof(*other));
	self->arg = NULL;
}

static void who_is_unwatched_in_the_same_turn_is_not_told(void)
{
	struct tap *a = calloc(1, sizeof(*a)), *b = calloc(1, sizeof(*b)), *left;

	tap_reader(a);
	tap_reader(b);
	a->then = b->then = close_the_other;
	a->arg = b;
	b->arg = a;
	tap_say(a);
	tap_say(b);
	until(!a->arg || !b->arg);
	left = a->arg ? b : a;
	check_int(left->told, 1);
	tap_close(left);
	free(a);
	free(b);
}

/* The number of the one that was closed is given to the next that is opened. */
struct reuse {
	struct tap *victim, *fresh;
};

static void take_the_number(struct tap *self)
{
	struct reuse *reuse = self->arg;
	struct tap *victim = reuse->victim, *fresh = reuse->fresh;

	self->then = NULL;
	reed_fd_unwatch(&victim->watch);
	tap_reader(fresh);
	reed_fd_unwatch(&fresh->watch);
	check(dup2(fresh->watch.fd, victim->watch.fd) == victim->watch.fd);
	close(fresh->watch.fd);
	fresh->watch.fd = victim->watch.fd;
	reed_fd_watch(&fresh->watch, REED_READ);
}

static void a_number_used_anew_in_the_same_turn_is_not_told_of_the_old_event(void)
{
	for (int order = 0; order <= 1; order++) {
		struct tap t[2] = { { .told = 0 } }, fresh = { .told = 0 };
		struct tap *actor = &t[order], *victim = &t[!order];
		struct reuse reuse = { victim, &fresh };

		tap_reader(&t[0]);
		tap_reader(&t[1]);
		actor->then = take_the_number;
		actor->arg = &reuse;
		tap_say(&t[0]);
		tap_say(&t[1]);
		turn_loop(loop, REED_S(1));
		turn_loop(loop, 0);
		check_int(fresh.told, 0);
		tap_say(&fresh);
		until(fresh.told);
		close(victim->other);
		tap_close(actor);
		tap_close(&fresh);
	}
}

static void unwatch_and_watch_again(struct tap *self)
{
	reed_fd_unwatch(&self->watch);
	reed_fd_watch(&self->watch, REED_READ);
}

static void a_watch_may_leave_and_come_back_in_its_own_turn(void)
{
	struct tap t = { .told = 0 };

	tap_reader(&t);
	t.then = unwatch_and_watch_again;
	tap_say(&t);
	until(t.told == 3);
	tap_close(&t);
}

struct late {
	struct reed_timer timer;
	struct tap *tap;
};

static void late_fire(struct reed_timer *timer)
{
	struct late *self = reed_container_of(timer, struct late, timer);

	tap_close(self->tap);
	free(self->tap);
	self->tap = NULL;
}

/* The linger timer of a stream fires in the turn in which its peer says something. */
static void a_timer_may_close_what_is_ready_in_the_same_turn(void)
{
	struct late late = { .timer.fire = late_fire, .tap = calloc(1, sizeof(struct tap)) };

	tap_reader(late.tap);
	tap_say(late.tap);
	reed_timer_start(loop, &late.timer, 1);
	until(!late.tap);
}

/* ---- files ---- */

static void file_tap(struct tap *t)
{
	char name[] = "/tmp/reed-test-XXXXXX";
	int fd = mkstemp(name);

	check(fd >= 0);
	unlink(name);
	tap_reader(t);
	tap_close(t);
	t->watch.fd = fd;
	t->other = -1;
	t->told = 0;
	reed_fd_watch(&t->watch, REED_READ);
}

static void a_file_is_always_ready(void)
{
	struct tap t = { .told = 0 };

	file_tap(&t);
	for (int i = 1; i <= 3; i++) {
		turn_loop(loop, REED_S(1));
		check_int(t.told, i);
	}
	reed_fd_watch(&t.watch, 0);
	check(turns_of_a_while() <= 4);
	check_int(t.told, 3);
	reed_fd_watch(&t.watch, REED_READ | REED_WRITE);
	turn_loop(loop, REED_S(1));
	check(t.told == 4 && t.events == (REED_READ | REED_WRITE));
	tap_close(&t);
}

static void close_own(struct tap *self)
{
	tap_close(self);
}

static void a_file_may_be_closed_when_it_is_told(void)
{
	struct tap a = { .told = 0 }, b = { .told = 0 };

	a.then = b.then = close_own;
	file_tap(&a);
	file_tap(&b);
	turn_loop(loop, REED_S(1));
	check(a.told == 1 && b.told == 1);
}

static void one_file_may_close_another(void)
{
	for (int first = 0; first < 3; first++) {
		struct tap t[3] = { { .told = 0 } };
		int other = (first + 1) % 3;

		for (int i = 0; i < 3; i++)
			file_tap(&t[i]);
		t[first].then = close_the_other;
		t[first].arg = &t[other];
		t[other].arg = &t[first];
		turn_loop(loop, REED_S(1));
		check(t[first].told == 1 && t[3 - first - other].told == 1);
		tap_close(&t[first]);
		tap_close(&t[3 - first - other]);
	}
}

/* ---- many ---- */

enum { MANY = 300 };

static void of_many_each_gets_its_turn(void)
{
	static struct tap many[MANY];
	int told = 0;

	for (int i = 0; i < MANY; i++) {
		many[i] = (struct tap){ .told = 0 };
		tap_reader(&many[i]);
		tap_say(&many[i]);
	}
	for (int turn = 0; turn < 3 * MANY / 64 && told < MANY; turn++) {
		turn_loop(loop, REED_S(1));
		told = 0;
		for (int i = 0; i < MANY; i++)
			told += many[i].told > 0;
	}
	check_int(told, MANY);
	for (int i = 0; i < MANY; i++)
		tap_close(&many[i]);
}

static void watches_may_leave_in_any_order(void)
{
	static struct tap many[MANY];

	for (int i = 0; i < MANY; i++) {
		many[i] = (struct tap){ .told = 0 };
		tap_reader(&many[i]);
	}
	for (int i = 0; i < MANY; i += 2)
		tap_close(&many[(i * 7) % MANY]);
	for (int i = 1; i < MANY; i += 2)
		tap_say(&many[(i * 7) % MANY]);
	for (int i = 1; i < MANY; i += 2)
		until(many[(i * 7) % MANY].told);
	for (int i = 0; i < MANY; i++)
		check_int(many[(i * 7) % MANY].told > 0, i % 2);
	for (int i = 1; i < MANY; i += 2)
		tap_close(&many[(i * 7) % MANY]);
}

static void what_is_always_ready_starves_nobody(void)
{
	struct tap busy = { .told = 0 }, other = { .told = 0 };
	struct reed_future *f = reed_sleep(loop, 1);

	tap_reader(&busy);
	tap_reader(&other);
	tap_say(&busy);
	check_int(outcome(f), REED_OK);
	tap_say(&other);
	turn_loop(loop, 0);
	check_int(other.told, 1);
	tap_close(&busy);
	tap_close(&other);
}

/* ---- what keeps a loop running ---- */

static void a_watch_keeps_the_loop_running_and_an_idle_one_does_not(void)
{
	struct tap t = { .told = 0 }, background = { .told = 0 };

	t.then = close_own;
	tap_reader(&t);
	tap_reader(&background);
	reed_fd_unwatch(&background.watch);
	background.watch.idle = true;
	reed_fd_watch(&background.watch, REED_READ);
	tap_say(&t);
	leave_alone(loop);
	reed_loop_run(loop);
	check(t.told == 1 && background.told == 0);
	tap_close(&background);
	reed_loop_run(loop);
}

void driver(void)
{
	RUN_WITH_DRIVER(a_descriptor_is_told_when_it_is_ready);
	RUN_WITH_DRIVER(readiness_is_told_in_each_turn_until_it_is_used);
	RUN_WITH_DRIVER(a_full_pipe_is_told_when_it_takes_more);
	RUN_WITH_DRIVER(both_interests_of_one_descriptor_are_told_at_once);
	RUN_WITH_DRIVER(only_what_is_wanted_is_told);
	RUN_WITH_DRIVER(what_nobody_wants_any_more_does_not_wake_the_loop);

	RUN_WITH_DRIVER(a_hang_up_counts_as_what_is_wanted);
	RUN_WITH_DRIVER(a_hang_up_that_nobody_wants_does_not_spin);

	RUN_WITH_DRIVER(who_is_unwatched_in_the_same_turn_is_not_told);
	RUN_WITH_DRIVER(a_number_used_anew_in_the_same_turn_is_not_told_of_the_old_event);
	RUN_WITH_DRIVER(a_watch_may_leave_and_come_back_in_its_own_turn);
	RUN_WITH_DRIVER(a_timer_may_close_what_is_ready_in_the_same_turn);

	RUN_WITH_DRIVER(a_file_is_always_ready);
	RUN_WITH_DRIVER(a_file_may_be_closed_when_it_is_told);
	RUN_WITH_DRIVER(one_file_may_close_another);

	RUN_WITH_DRIVER(of_many_each_gets_its_turn);
	RUN_WITH_DRIVER(watches_may_leave_in_any_order);
	RUN_WITH_DRIVER(what_is_always_ready_starves_nobody);
	RUN_WITH_DRIVER(a_watch_keeps_the_loop_running_and_an_idle_one_does_not);
}
