/* A loop of io_uring inside a host that polls its descriptor. */

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "reed/embed.h"
#include "reed/stream.h"
#include "tests/core/uring_kit.h"

enum { SIGNALS = 5, PATIENCE_MS = 10000 };

static struct pollfd host;

static void attach(void)
{
	host.events = POLLIN;
	check_int(reed_loop_fd(loop, &host.fd), REED_OK);
}

static bool host_turn(int ms)
{
	if (poll(&host, 1, ms) <= 0)
		return false;
	reed_loop_turn(loop, 0);
	return true;
}

static void settle_down(void)
{
	for (int i = 0; host_turn(0); i++)
		check(i < 5);
}

/* ---- an eventfd, watched as it is or in an epoll ---- */

struct ear {
	struct reed_fd_watch watch;
	int signal, told;
};

static void hear(struct reed_fd_watch *w, unsigned events)
{
	struct ear *self = reed_container_of(w, struct ear, watch);
	eventfd_t signals;

	check_int((int)events, REED_READ);
	self->told++;
	check(eventfd_read(self->signal, &signals) == 0);
}

static void ear_open(struct ear *self, bool nested)
{
	struct epoll_event e = { .events = EPOLLIN };

	self->told = 0;
	self->signal = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	self->watch = (struct reed_fd_watch){ .loop = loop, .ready = hear, .fd = self->signal };
	if (nested) {
		self->watch.fd = epoll_create1(EPOLL_CLOEXEC);
		check(epoll_ctl(self->watch.fd, EPOLL_CTL_ADD, self->signal, &e) == 0);
	}
	reed_fd_watch(&self->watch, REED_READ);
}

static void ear_close(struct ear *self)
{
	reed_fd_unwatch(&self->watch);
	if (self->watch.fd != self->signal)
		close(self->watch.fd);
	close(self->signal);
}

static void signal_and_be_heard(struct ear *ear)
{
	int before = ear->told;

	for (int i = 1; i <= SIGNALS; i++) {
		check(eventfd_write(ear->signal, 1) == 0);
		while (ear->told < before + i)
			check(host_turn(PATIENCE_MS));
		settle_down();
		check_int(ear->told, before + i);
	}
}

/* ---- what a host hears ---- */

static void hear_in_a_host(void)
{
	struct ear ear;

	attach();
	for (int nested = 0; nested < 2; nested++) {
		ear_open(&ear, nested);
		signal_and_be_heard(&ear);
		ear_close(&ear);
	}
}

static void a_host_hears_each_signal_of_an_eventfd(void)
{
	in_a_loop(hear_in_a_host, 0);
}

static void hear_in_a_late_host(void)
{
	struct ear bare, nested;

	ear_open(&bare, false);
	ear_open(&nested, true);
	short_turns(1);
	attach();
	signal_and_be_heard(&bare);
	signal_and_be_heard(&nested);
	reed_loop_detach(loop);
	check(eventfd_write(bare.signal, 1) == 0);
	while (bare.told == SIGNALS)
		reed_loop_turn(loop, REED_NEVER);
	attach();
	signal_and_be_heard(&nested);
	ear_close(&bare);
	ear_close(&nested);
}

static void a_host_that_comes_late_or_again_hears_them_too(void)
{
	in_a_loop(hear_in_a_late_host, 0);
}

static void post_was_run(struct reed_post *post)
{
	(void)post;
}

static void hear_posts(void)
{
	struct reed_post post = { .run = post_was_run };
	struct reed_loop_stats stats = { .size = sizeof(stats) };

	attach();
	settle_down();
	for (uint64_t i = 1; i <= SIGNALS; i++) {
		reed_post(loop, &post);
		while (reed_loop_stats(loop, &stats), stats.posts < i)
			check(host_turn(PATIENCE_MS));
		settle_down();
	}
}

static void a_host_hears_each_post(void)
{
	in_a_loop(hear_posts, 0);
}

static void count(struct reed_fd_watch *w, unsigned events)
{
	check_int((int)events, REED_READ);
	reed_container_of(w, struct ear, watch)->told++;
}

static void hear_what_is_always_ready(void)
{
	struct ear early = { .watch = { .loop = loop, .ready = count } }, late = early;

	early.watch.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	late.watch.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	reed_fd_watch(&early.watch, REED_READ);
	attach();
	while (early.told < SIGNALS)
		check(host_turn(PATIENCE_MS));
	reed_fd_watch(&late.watch, REED_READ);
	reed_fd_unwatch(&early.watch);
	while (late.told < SIGNALS)
		check(host_turn(PATIENCE_MS));
	reed_fd_unwatch(&late.watch);
	close(early.watch.fd);
	close(late.watch.fd);
}

static void a_host_hears_of_what_is_always_ready(void)
{
	in_a_loop(hear_what_is_always_ready, 0);
}

/* ---- what is done between two turns ---- */

/* What is on its way keeps the socket until it is called back. */
static void abort_between_turns(void)
{
	static char block[3000];
	struct reed_address at;
	int listener = bare_listener(1, &at), peer = bare_dial(&at);
	struct pollfd seen = { .fd = peer }; /* an error is told to all */
	struct reed_stream *us;
	struct ear other;

	check_int(reed_stream_of_fd(loop, accept(listener, NULL, NULL), &us), REED_OK);
	close(listener);
	attach();
	ear_open(&other, false); /* or the end of the last watch would be told to the host */
	for (int i = 0; i < 3000 && !reed_must_drain(us); i++) {
		reed_write(us, reed_slice(block, sizeof(block)));
		reed_loop_turn(loop, 0);
	}
	check(reed_must_drain(us));
	settle_down();
	reed_abort(us);
	while (poll(&seen, 1, 0) == 0)
		check(host_turn(PATIENCE_MS));
	ear_close(&other);
	close(peer);
}

static void the_peer_sees_an_abort_between_two_turns(void)
{
	in_a_loop(abort_between_turns, 2);
}

static void told(struct reed_fd_watch *w, unsigned events)
{
	(void)w;
	check(!events);
}

/* What was ready and was used up before the turn is not told any more. */
static void use_up_between_turns(void)
{
	eventfd_t most = UINT64_MAX - 1;
	struct reed_fd_watch watch = { .loop = loop, .ready = told };

	attach();
	watch.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	reed_fd_watch(&watch, REED_WRITE);
	check(eventfd_write(watch.fd, most) == 0);
	reed_loop_turn(loop, 0);
	reed_fd_unwatch(&watch);
	close(watch.fd);
}

static void a_turn_tells_what_is_ready_then(void)
{
	in_a_loop(use_up_between_turns, 0);
}

/* ---- loops of io_uring in one another ---- */

static struct reed_loop *inner;

static void turn_inner(struct reed_fd_watch *w, unsigned events)
{
	(void)w;
	(void)events;
	reed_loop_turn(inner, 0);
}

static void hear_through_another(void)
{
	struct reed_fd_watch watch = { .loop = loop, .ready = turn_inner };
	struct reed_loop *outer = loop;
	struct ear ear;

	open_uring();
	inner = loop;
	ear_open(&ear, false);
	check_int(reed_loop_fd(inner, &watch.fd), REED_OK);
	loop = outer;
	reed_fd_watch(&watch, REED_READ);
	attach();
	signal_and_be_heard(&ear);
	reed_fd_unwatch(&watch);
	ear_close(&ear);
	reed_loop_free(inner);
}

static void a_host_may_be_a_guest_itself(void)
{
	in_a_loop(hear_through_another, 0);
}

/* ---- silence ---- */

static void stop_hearing(void)
{
	struct ear ear;

	attach();
	ear_open(&ear, false);
	signal_and_be_heard(&ear);
	reed_fd_watch(&ear.watch, 0);
	check(eventfd_write(ear.signal, 1) == 0);
	settle_down(); /* interest is taken back lazily: it is told once that nobody listens */
	check_int(ear.told, SIGNALS);
	reed_fd_watch(&ear.watch, REED_READ);
	while (ear.told == SIGNALS)
		check(host_turn(PATIENCE_MS));
	reed_fd_unwatch(&ear.watch);
	check(eventfd_write(ear.signal, 1) == 0);
	settle_down();
	check_int(ear.told, SIGNALS + 1);
	ear_close(&ear);
}

static void a_host_hears_nothing_that_nobody_wants(void)
{
	in_a_loop(stop_hearing, 0);
}

/* ---- the beginning and the end, in each state ---- */

static void attach_without_descriptors(void)
{
	int first = dup(0), fd = -1;
	struct rlimit was, few;
	struct ear ear;

	close(first);
	ear_open(&ear, false);
	check(getrlimit(RLIMIT_NOFILE, &was) == 0);
	few = was;
	for (int left = 0; left < 2; left++) {
		few.rlim_cur = (rlim_t)(first + 1 + left);
		check(setrlimit(RLIMIT_NOFILE, &few) == 0);
		check_int(reed_loop_fd(loop, &fd), REED_EMFILE);
	}
	check(setrlimit(RLIMIT_NOFILE, &was) == 0);
	attach();
	signal_and_be_heard(&ear);
	ear_close(&ear);
}

static void a_host_that_found_no_descriptor_may_try_again(void)
{
	in_a_loop(attach_without_descriptors, 0);
}

static void attached(void)
{
	attach();
}

static void with_a_timer(void)
{
	attach();
	reed_background(reed_sleep(loop, 1), NULL, NULL);
}

static void with_a_signal_that_nobody_heard(void)
{
	struct ear ear;

	attach();
	ear_open(&ear, true);
	settle_down();
	check(eventfd_write(ear.signal, 1) == 0);
	ear_close(&ear);
}

static void detached(void)
{
	attach();
	reed_loop_detach(loop);
}

static void a_hosted_loop_may_be_freed_in_every_state(void)
{
	static void (*const states[])(void) = { attached, with_a_timer,
		                                with_a_signal_that_nobody_heard, detached };

	for (size_t i = 0; i < REED_COUNT(states); i++)
		for (int after = 0; after <= 2; after += 2)
			in_a_loop(states[i], after);
}

int main(void)
{
	RUN(a_host_hears_each_signal_of_an_eventfd);
	RUN(a_host_that_comes_late_or_again_hears_them_too);
	RUN(a_host_hears_each_post);
	RUN(a_host_hears_of_what_is_always_ready);
	RUN(the_peer_sees_an_abort_between_two_turns);
	RUN(a_turn_tells_what_is_ready_then);
	RUN(a_host_may_be_a_guest_itself);
	RUN(a_host_hears_nothing_that_nobody_wants);
	RUN(a_host_that_found_no_descriptor_may_try_again);
	RUN(a_hosted_loop_may_be_freed_in_every_state);
	return 0;
}
