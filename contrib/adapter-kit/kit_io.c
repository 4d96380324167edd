/* Descriptors and connections. */

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <reed/alloc.h>
#include <reed/endpoint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "kit.h"

/* ---- a pipe that is watched ---- */

struct tap {
	struct reed_fd_watch watch;
	int other, told;
	unsigned events;
	void (*then)(struct tap *self);
	void *arg;
};

static void tap_ready(struct reed_fd_watch *w, unsigned events)
{
	struct tap *self = reed_container_of(w, struct tap, watch);

	self->told++;
	self->events = events;
	if (self->then)
		self->then(self);
}

static void tap_fds(struct tap *self, int fd, int other)
{
	*self = (struct tap){ .watch = { .loop = kit_loop, .ready = tap_ready, .fd = fd },
		              .other = other };
}

static void tap_open(struct tap *self)
{
	int fds[2];

	require(pipe2(fds, O_NONBLOCK | O_CLOEXEC) == 0);
	tap_fds(self, fds[0], fds[1]);
	reed_fd_watch(&self->watch, REED_READ);
}

static void tap_close(struct tap *self)
{
	reed_fd_unwatch(&self->watch);
	close(self->watch.fd);
	if (self->other >= 0)
		close(self->other);
}

static void tap_say(struct tap *self)
{
	require(write(self->other, "x", 1) == 1);
}

static void tap_hear(struct tap *self)
{
	char c;

	require(read(self->watch.fd, &c, 1) == 1);
}

/* ---- readiness ---- */

static void what_is_ready_is_told_until_it_is_read(void)
{
	struct tap t;

	tap_open(&t);
	tap_say(&t);
	kit_until(t.told >= 3);
	t.then = tap_hear;
	kit_until(t.told >= 4);
	tap_close(&t);
}

static void close_the_other(struct tap *self)
{
	struct tap *other = self->arg;

	if (!other)
		return;
	self->arg = NULL;
	tap_close(other);
	memset(other, 0x5a, sizeof(*other));
}

static void who_is_closed_in_a_callback_is_not_told(void)
{
	for (int i = 0; i < 20; i++) {
		struct tap *a = calloc(1, sizeof(*a)), *b = calloc(1, sizeof(*b)), *left;

		tap_open(a);
		tap_open(b);
		a->then = b->then = close_the_other;
		a->arg = b;
		b->arg = a;
		tap_say(a);
		tap_say(b);
		kit_until(!a->arg || !b->arg);
		left = a->arg ? b : a;
		require(left->told == 1);
		tap_close(left);
		free(a);
		free(b);
	}
}

static void close_self(struct tap *self)
{
	tap_close(self);
	free(self);
}

static void a_watch_may_end_and_be_freed_in_its_own_callback(void)
{
	struct kit_alarm alarm;
	struct tap *t;
	int over = 0;

	for (int i = 0; i < 10; i++) {
		t = calloc(1, sizeof(*t));
		tap_open(t);
		t->then = close_self;
		tap_say(t);
	}
	kit_alarm(&alarm, 20, kit_count, &over);
	kit_until(over);
}

/* A server that closes a connection and accepts the next gets the same number at once. */
static void a_number_used_anew_at_once_is_the_new_ones(void)
{
	struct tap fresh;

	for (int i = 0; i < 50; i++) {
		struct tap old;
		int number;

		tap_open(&old);
		tap_say(&old);
		if (i % 2)
			kit_until(old.told);
		number = old.watch.fd;
		tap_close(&old);
		tap_open(&fresh);
		require(fresh.watch.fd == number);
		tap_say(&fresh);
		kit_until(fresh.told);
		require(fresh.events == REED_READ);
		tap_close(&fresh);
	}
}

/* ---- errors and hang-ups ---- */

static void a_hang_up_is_told_as_what_is_wanted(void)
{
	struct tap t;

	tap_open(&t);
	close(t.other);
	t.other = -1;
	kit_until(t.told);
	require(t.events == REED_READ);
	tap_close(&t);
}

static void an_error_is_told_and_does_not_spin_when_nobody_wants_it(void)
{
	struct reed_loop_stats stats = { .size = sizeof(stats) };
	struct kit_alarm alarm;
	struct tap t;
	int fds[2], over = 0;
	uint64_t before;

	require(pipe2(fds, O_NONBLOCK | O_CLOEXEC) == 0);
	tap_fds(&t, fds[1], -1);
	while (write(fds[1], &t, sizeof(t)) > 0)
		continue;
	reed_fd_watch(&t.watch, REED_WRITE);
	close(fds[0]); /* who writes into a pipe that nobody reads has an error */
	kit_until(t.told);
	require(t.events == REED_WRITE);
	kit_until(t.told >= 3);
	reed_fd_watch(&t.watch, 0);
	reed_loop_stats(kit_loop, &stats);
	before = stats.turns;
	kit_alarm(&alarm, 200, kit_count, &over);
	kit_until(over);
	reed_loop_stats(kit_loop, &stats);
	require(stats.turns - before <= 8);
	tap_close(&t);
}

/* ---- a thousand connections ---- */

enum { CONNECTIONS = 1000, ROUNDS = 3, RESTING = 20, FEW_TURNS = 10 };

struct crowd {
	struct sockaddr_un at;
	int fds[CONNECTIONS];
	bool failed;
	struct reed_post post;
	bool over;
};

static size_t echo_data(struct reed_protocol *self, struct reed_slice in)
{
	reed_write(self->stream, in);
	return in.n;
}

static void echo_free(struct reed_protocol *self)
{
	reed_free(self);
}

static const struct reed_protocol_ops echo_ops = { .data = echo_data, .free = echo_free };

static struct reed_future *echo(void *arg, struct reed_stream *stream)
{
	struct reed_protocol *self = reed_alloc(sizeof(*self));

	(void)arg;
	self->ops = &echo_ops;
	return reed_stream_attach(stream, self);
}

static bool hears_itself(int fd, int number, int round)
{
	char line[64], back[64];
	int n = snprintf(line, sizeof(line), "this is %d, for the %d. time\n", number, round),
	    got = 0;

	if (write(fd, line, (size_t)n) != n)
		return false;
	while (got < n) {
		ssize_t more = read(fd, back + got, (size_t)(n - got));

		if (more <= 0)
			return false;
		got += (int)more;
	}
	return memcmp(line, back, (size_t)n) == 0;
}

static bool come_in(struct crowd *self, int i)
{
	self->fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return self->fds[i] >= 0 &&
	       connect(self->fds[i], (struct sockaddr *)&self->at, sizeof(self->at)) == 0;
}

static void *be_a_crowd(void *arg)
{
	struct crowd *self = arg;

	for (int i = 0; i < CONNECTIONS && !self->failed; i++)
		self->failed = !come_in(self, i);
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < CONNECTIONS && !self->failed; i++)
			self->failed = !hears_itself(self->fds[i], i, round);
	for (int i = 0; i < CONNECTIONS; i++)
		if (self->fds[i] > 0)
			close(self->fds[i]);
	reed_post(kit_loop, &self->post);
	return NULL;
}

static void crowd_is_over(struct reed_post *post)
{
	reed_container_of(post, struct crowd, post)->over = true;
}

static void a_thousand_connections_are_served(void)
{
	static struct crowd crowd;
	char folder[] = "/tmp/adapter-kit-XXXXXX", endpoint[128];
	struct reed_future *server;
	pthread_t thread;
	int ticks = 0;
	void *timer;

	crowd = (struct crowd){ .at.sun_family = AF_UNIX, .post.run = crowd_is_over };
	require(mkdtemp(folder) != NULL);
	snprintf(crowd.at.sun_path, sizeof(crowd.at.sun_path), "%s/s", folder);
	snprintf(endpoint, sizeof(endpoint), "unix:%s", crowd.at.sun_path);
	server = reed_listen_and_serve(kit_loop, endpoint, echo, NULL, NULL);
	timer = kit->timer_new(kit_foreign, 1, kit_count, &ticks);
	kit_until(access(crowd.at.sun_path, F_OK) == 0);
	require(pthread_create(&thread, NULL, be_a_crowd, &crowd) == 0);
	kit_until(crowd.over);
	pthread_join(thread, NULL);
	require(!crowd.failed && ticks > 0);
	kit->timer_free(timer);
	reed_drop(server);
	unlink(crowd.at.sun_path);
	rmdir(folder);
}

/* ---- no descriptors ---- */

static uint64_t turns(void)
{
	struct reed_loop_stats stats = { .size = sizeof(stats) };

	reed_loop_stats(kit_loop, &stats);
	return stats.turns;
}

static void no_more_descriptors(struct rlimit *was)
{
	struct rlimit few;
	int next = dup(0);

	close(next);
	getrlimit(RLIMIT_NOFILE, was);
	few = *was;
	few.rlim_cur = (rlim_t)next;
	setrlimit(RLIMIT_NOFILE, &few);
}

static bool is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

/* An abstract name of ours alone: "@NAME" in an endpoint. */
static socklen_t name_one(struct sockaddr_un *at, char *endpoint, size_t size)
{
	int n = snprintf(endpoint, size, "unix:@reed-adapter-kit-%d", (int)getpid()) - 6;

	*at = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(at->sun_path + 1, endpoint + 6, (size_t)n);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
}

/* The guest waits in the system's queue, which is readable all the time. */
static void who_is_out_of_descriptors_rests_and_serves_later(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), ticks = 0;
	void *timer = kit->timer_new(kit_foreign, 5, kit_count, &ticks);
	struct reed_future *server;
	struct sockaddr_un at;
	char endpoint[64];
	socklen_t n = name_one(&at, endpoint, sizeof(endpoint));
	struct rlimit was;
	uint64_t before;

	server = reed_listen_and_serve(kit_loop, endpoint, echo, NULL, NULL);
	kit_until(connect(fd, (struct sockaddr *)&at, n) == 0);
	no_more_descriptors(&was);
	require(write(fd, "x", 1) == 1);
	before = turns();
	kit_until(ticks >= RESTING);
	require(turns() - before < RESTING * FEW_TURNS);
	require(!is_readable(fd));
	setrlimit(RLIMIT_NOFILE, &was);
	kit_until(is_readable(fd));
	kit->timer_free(timer);
	reed_drop(server);
	close(fd);
}

#define TEST(test)                         \
	{                                  \
		.name = #test, .run = test \
	}

const struct kit_test kit_io_tests[] = {
	TEST(what_is_ready_is_told_until_it_is_read),
	TEST(who_is_closed_in_a_callback_is_not_told),
	TEST(a_watch_may_end_and_be_freed_in_its_own_callback),
	TEST(a_number_used_anew_at_once_is_the_new_ones),
	TEST(a_hang_up_is_told_as_what_is_wanted),
	TEST(an_error_is_told_and_does_not_spin_when_nobody_wants_it),
	TEST(a_thousand_connections_are_served),
	TEST(who_is_out_of_descriptors_rests_and_serves_later),
	{ .name = NULL },
};
