/* This loop inside a host's, and other loops inside this one; adapters go through contrib/adapter-kit. */

#include "reed/embed.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "reed/sim.h"
#include "tests/core/tools.h"

/* ---- a host that writes down what it is told ---- */

struct diary {
	struct reed_host host;
	int64_t at;
	int told, times_busy, times_idle;
};

static struct diary *diary_of(struct reed_host *host)
{
	return reed_container_of(host, struct diary, host);
}

static void note_deadline(struct reed_host *host, int64_t at)
{
	diary_of(host)->at = at;
	diary_of(host)->told++;
}

static void note_busy(struct reed_host *host, bool busy)
{
	diary_of(host)->times_busy += busy;
	diary_of(host)->times_idle += !busy;
}

static void open_epoll(void)
{
	struct reed_loop_options options = REED_LOOP_OPTIONS;

	options.driver = "epoll";
	check_int(reed_loop_new(&options, &loop), REED_OK);
}

static void close_epoll(void)
{
	reed_loop_free(loop);
	loop = NULL;
}

static bool is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void do_nothing(struct reed_timer *t)
{
	(void)t;
}

/* ---- what a host is told ---- */

static void a_host_that_keeps_the_time_is_told_each_deadline(void)
{
	struct diary d = { .host.deadline = note_deadline };
	struct reed_timer early = { .fire = do_nothing }, late = { .fire = do_nothing };
	int fd, told;

	open_epoll();
	check_int(reed_loop_attach(loop, &d.host, &fd), REED_OK);
	check_int(d.at, REED_NEVER);
	reed_timer_start(loop, &late, REED_S(100));
	check_int(d.at, late.at);
	reed_timer_start(loop, &early, REED_S(50));
	check_int(d.at, early.at);
	told = d.told;
	reed_timer_start(loop, &late, REED_S(200)); /* no change: somebody else is first */
	check_int(d.told, told);
	reed_background(reed_ready(loop, REED_OK), NULL, NULL);
	check_int(d.at, 0);
	check(!is_readable(fd)); /* the time is the host's */
	reed_loop_turn(loop, 0);
	check_int(d.at, early.at);
	reed_timer_stop(&early);
	reed_timer_stop(&late);
	reed_loop_turn(loop, 0);
	check_int(d.at, REED_NEVER);
	close_epoll();
}

static void a_host_is_told_whether_there_is_anything_to_wait_for(void)
{
	struct diary d = { .host.busy = note_busy };
	struct reed_timer t = { .fire = do_nothing };
	int fd;

	open_epoll();
	check_int(reed_loop_attach(loop, &d.host, &fd), REED_OK);
	check(d.times_busy == 0 && d.times_idle == 1);
	reed_timer_start(loop, &t, REED_S(100));
	check(d.times_busy == 1 && d.times_idle == 1);
	reed_loop_turn(loop, 0);
	check(d.times_busy == 1 && d.times_idle == 1);
	reed_timer_stop(&t);
	reed_loop_turn(loop, 0);
	check(d.times_busy == 1 && d.times_idle == 2);
	close_epoll();
}

static void a_watch_begun_or_ended_between_turns_is_told_too(void)
{
	struct diary d = { .host.busy = note_busy };
	struct reed_fd_watch w = { .ready = NULL };
	int fd, fds[2];

	open_epoll();
	check(pipe2(fds, O_CLOEXEC) == 0);
	w.loop = loop;
	w.fd = fds[0];
	check_int(reed_loop_attach(loop, &d.host, &fd), REED_OK);
	reed_fd_watch(&w, REED_READ);
	check_int(d.times_busy, 1);
	reed_loop_turn(loop, 0);
	check(d.times_idle == 1 && !is_readable(fd));
	reed_fd_unwatch(&w);
	check(is_readable(fd));
	reed_loop_turn(loop, 0);
	check(d.times_idle == 2 && !is_readable(fd));
	close(fds[0]);
	close(fds[1]);
	close_epoll();
}

static void a_loop_has_one_host_and_may_have_another_afterwards(void)
{
	struct diary first = { .host.deadline = note_deadline }, second = first;
	struct reed_timer t = { .fire = do_nothing };
	int fd;

	open_epoll();
	reed_loop_detach(loop); /* nobody is there */
	check_int(reed_loop_attach(loop, &first.host, &fd), REED_OK);
	check_int(reed_loop_attach(loop, &second.host, &fd), REED_EBUSY);
	reed_loop_detach(loop);
	check_int(reed_loop_attach(loop, &second.host, &fd), REED_OK);
	reed_timer_start(loop, &t, REED_S(1));
	check(first.told == 1 && second.told == 2);
	reed_loop_detach(loop);
	reed_timer_start(loop, &t, REED_MS(1));
	check_int(second.told, 2);
	reed_timer_stop(&t);
	close_epoll();
}

/* A loop of its own again needs no system call to say when it is due. */
static void a_detached_loop_leaves_the_descriptor_silent(void)
{
	struct reed_timer t = { .fire = do_nothing };
	int fd;

	open_epoll();
	check_int(reed_loop_attach(loop, NULL, &fd), REED_OK);
	reed_timer_start(loop, &t, 1);
	while (!is_readable(fd))
		continue;
	reed_loop_detach(loop);
	check(!is_readable(fd));
	reed_timer_stop(&t);
	close_epoll();
}

static void a_driver_without_a_descriptor_and_a_simulation_refuse(void)
{
	struct reed_loop_options options = REED_LOOP_OPTIONS;
	struct diary d = { .host.deadline = note_deadline };
	struct reed_sim *sim = reed_sim_new(NULL);
	struct reed_inner inner = { .fd = -1 };
	int fd = -7;

	check_int(reed_loop_attach(reed_sim_host(sim, "a"), NULL, &fd), REED_ENOTSUP);
	check_int(reed_inner_attach(reed_sim_host(sim, "a"), &inner), REED_ENOTSUP);
	reed_sim_free(sim);
	options.driver = "poll";
	check_int(reed_loop_new(&options, &loop), REED_OK);
	check_int(reed_loop_attach(loop, NULL, &fd), REED_ENOTSUP);
	check_int(reed_loop_attach(loop, &d.host, &fd), REED_ENOTSUP);
	check_int(fd, -7);
	check_int(reed_loop_attach(loop, &d.host, NULL), REED_OK); /* it only makes turns */
	close_epoll();
}

/* ---- bounded turns ---- */

enum { MANY = 3000, BUSY = 100 };

static int count, spent;

static void spend(void *arg, enum reed_err err, const char *why)
{
	int64_t until = reed_system_now(NULL) + REED_MS(1);

	(void)arg;
	(void)err;
	(void)why;
	while (reed_system_now(NULL) < until)
		continue;
	spent++;
}

static void a_turn_ends_with_the_budget_of_the_host(void)
{
	struct reed_host host = { .budget = REED_MS(5) };
	int fd, turns = 0;

	open_epoll();
	spent = 0;
	check_int(reed_loop_attach(loop, &host, &fd), REED_OK);
	for (int i = 0; i < BUSY; i++)
		reed_background(reed_ready(loop, REED_OK), spend, NULL);
	reed_loop_turn(loop, 0);
	check(spent > 0 && spent <= BUSY / 2);
	for (; spent < BUSY; turns++) {
		check(is_readable(fd));
		reed_loop_turn(loop, 0);
	}
	check(turns > 1);
	close_epoll();
}

static void count_timer(struct reed_timer *t)
{
	static struct reed_timer *last;

	check(count == 0 || t == last + 1);
	last = t;
	count++;
}

static void a_turn_fires_so_many_timers_and_the_next_goes_on(void)
{
	static struct reed_timer timers[MANY];
	int last = 0;

	open_epoll();
	count = 0;
	for (int i = 0; i < MANY; i++) {
		timers[i] = (struct reed_timer){ .fire = count_timer };
		reed_timer_start(loop, &timers[i], 1);
	}
	while (count < MANY) {
		reed_loop_turn(loop, REED_S(1));
		check(count - last <= 1024);
		last = count;
	}
	close_epoll();
}

static void count_post(struct reed_post *post)
{
	(void)post;
	count++;
}

static void a_turn_takes_so_many_posts_and_the_next_goes_on(void)
{
	static struct reed_post posts[MANY];
	int fd;

	open_epoll();
	count = 0;
	check_int(reed_loop_attach(loop, NULL, &fd), REED_OK);
	for (int i = 0; i < MANY; i++) {
		posts[i] = (struct reed_post){ .run = count_post };
		reed_post(loop, &posts[i]);
	}
	reed_loop_turn(loop, 0);
	check(count > 0 && count <= 1024);
	while (count < MANY) {
		check(is_readable(fd));
		reed_loop_turn(loop, 0);
	}
	reed_loop_turn(loop, 0);
	check(!is_readable(fd));
	close_epoll();
}

/* ---- loops inside ---- */

struct fake {
	struct reed_inner inner;
	int64_t due;
	int turns, prepared;
	bool busy;
	void (*in_turn)(struct fake *self);
	int fds[2];
};

static struct fake *fake_of(struct reed_inner *inner)
{
	return reed_container_of(inner, struct fake, inner);
}

static int64_t fake_prepare(struct reed_inner *inner)
{
	fake_of(inner)->prepared++;
	return fake_of(inner)->due;
}

static void fake_turn(struct reed_inner *inner)
{
	struct fake *self = fake_of(inner);

	self->turns++;
	self->due = REED_NEVER;
	if (self->in_turn)
		self->in_turn(self);
}

static bool fake_busy(struct reed_inner *inner)
{
	return fake_of(inner)->busy;
}

static const struct reed_inner_ops fake_ops = { fake_prepare, fake_turn, fake_busy };

static struct fake *fake_new(void)
{
	struct fake *self = calloc(1, sizeof(*self));

	check(pipe2(self->fds, O_CLOEXEC | O_NONBLOCK) == 0);
	self->inner.ops = &fake_ops;
	self->inner.fd = self->fds[0];
	self->busy = true;
	self->due = REED_NEVER;
	return self;
}

static void fake_free(struct fake *self)
{
	reed_inner_detach(&self->inner);
	close(self->fds[0]);
	close(self->fds[1]);
	free(self);
}

static void an_inner_loop_has_turns_when_it_is_ready_or_due(void)
{
	struct fake *f = fake_new();
	int64_t start;

	open_epoll();
	check_int(reed_inner_attach(loop, &f->inner), REED_OK);
	check_int(reed_inner_attach(loop, &f->inner), REED_EBUSY);
	reed_loop_turn(loop, 0);
	check_int(f->turns, 1); /* nobody knows what was there before */
	reed_loop_turn(loop, REED_MS(1));
	check_int(f->turns, 1);
	check(write(f->fds[1], "x", 1) == 1);
	reed_loop_turn(loop, REED_S(10));
	check_int(f->turns, 2);
	reed_loop_turn(loop, REED_S(10));
	check_int(f->turns, 3); /* it has not read it */
	check(read(f->fds[0], &(char){ 0 }, 1) == 1);
	start = reed_system_now(NULL);
	f->due = start + REED_MS(10);
	until(f->turns == 4);
	check(reed_system_now(NULL) - start >= REED_MS(10));
	check_int(reed_loop_deadline(loop), REED_NEVER);
	fake_free(f);
	close_epoll();
}

static void go_idle(struct fake *self)
{
	self->busy = false;
}

static void an_inner_loop_keeps_the_outer_one_running_while_it_is_busy(void)
{
	struct fake *f = fake_new();
	uint64_t before;

	open_epoll();
	f->in_turn = go_idle;
	f->due = reed_system_now(NULL) + REED_MS(20);
	check_int(reed_inner_attach(loop, &f->inner), REED_OK);
	reed_loop_run(loop);
	check(f->turns >= 1);
	check(write(f->fds[1], "x", 1) == 1); /* what waits for nothing is not looked at */
	before = turns_of_a_while();
	check(before <= 4);
	fake_free(f);
	close_epoll();
}

static void an_inner_loop_may_be_freed_in_its_own_turn(void)
{
	struct fake *f = fake_new(), *other = fake_new();

	open_epoll();
	f->in_turn = fake_free;
	check_int(reed_inner_attach(loop, &f->inner), REED_OK);
	check_int(reed_inner_attach(loop, &other->inner), REED_OK);
	reed_loop_turn(loop, 0);
	check_int(other->turns, 1);
	fake_free(other);
	close_epoll();
}

static void a_host_sees_the_loops_inside_too(void)
{
	struct fake *f = fake_new();
	int fd;

	open_epoll();
	check_int(reed_loop_attach(loop, NULL, &fd), REED_OK);
	check_int(reed_inner_attach(loop, &f->inner), REED_OK);
	check(is_readable(fd));
	reed_loop_turn(loop, 0);
	reed_loop_turn(loop, 0);
	check(!is_readable(fd));
	f->due = 1;
	reed_inner_changed(&f->inner);
	check(is_readable(fd));
	reed_loop_turn(loop, 0);
	reed_loop_turn(loop, 0);
	check(f->turns >= 2 && !is_readable(fd));
	check(write(f->fds[1], "x", 1) == 1);
	check(is_readable(fd));
	fake_free(f);
	close_epoll();
}

int main(void)
{
	RUN(a_driver_without_a_descriptor_and_a_simulation_refuse);
	RUN(a_host_that_keeps_the_time_is_told_each_deadline);
	RUN(a_host_is_told_whether_there_is_anything_to_wait_for);
	RUN(a_watch_begun_or_ended_between_turns_is_told_too);
	RUN(a_loop_has_one_host_and_may_have_another_afterwards);
	RUN(a_detached_loop_leaves_the_descriptor_silent);

	RUN(a_turn_ends_with_the_budget_of_the_host);
	RUN(a_turn_fires_so_many_timers_and_the_next_goes_on);
	RUN(a_turn_takes_so_many_posts_and_the_next_goes_on);

	RUN(an_inner_loop_has_turns_when_it_is_ready_or_due);
	RUN(an_inner_loop_keeps_the_outer_one_running_while_it_is_busy);
	RUN(an_inner_loop_may_be_freed_in_its_own_turn);
	RUN(a_host_sees_the_loops_inside_too);
	return 0;
}
