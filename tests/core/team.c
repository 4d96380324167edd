/* What teams promise. */

#include "reed/team.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reed/endpoint.h"
#include "reed/handover.h"
#include "tests/core/tools.h"

static struct reed_loop *first;

static struct reed_future *team_of(unsigned loops, reed_team_fn *fn, void *arg)
{
	struct reed_team_options options = REED_TEAM_OPTIONS;

	options.loops = loops;
	return reed_team(first, &options, fn, arg);
}

/* ---- threads ---- */

struct hall {
	pthread_t threads[REED_TEAM_MOST];
	struct reed_loop *loops[REED_TEAM_MOST];
	atomic_uint came;
};

static struct reed_future *sign(void *arg, const struct reed_team_member *self)
{
	struct hall *hall = arg;

	hall->threads[self->number] = pthread_self();
	hall->loops[self->number] = self->loop;
	hall->came++;
	return reed_sleep(self->loop, 1);
}

static void each_member_has_a_loop_and_a_thread_but_the_first(void)
{
	struct hall hall = { .came = 0 };

	check_int(reed_loop_run_until(first, team_of(5, sign, &hall), NULL), REED_OK);
	check_int(hall.came, 5);
	check(pthread_equal(hall.threads[0], pthread_self()) && hall.loops[0] == first);
	for (int i = 1; i < 5; i++)
		check(!pthread_equal(hall.threads[i], pthread_self()) && hall.loops[i] != first);
}

static void a_team_has_as_many_as_there_are_processors(void)
{
	struct hall hall = { .came = 0 };

	check_int(reed_loop_run_until(first, reed_team(first, NULL, sign, &hall), NULL), REED_OK);
	check(hall.came >= 1 && hall.came <= (unsigned)sysconf(_SC_NPROCESSORS_ONLN));
}

/* ---- ends ---- */

static struct reed_future *stay_but_the_third(void *arg, const struct reed_team_member *self)
{
	atomic_uint *came = arg;

	++*came;
	if (self->number == 2)
		return reed_failed(self->loop, REED_EIO, "member %u has had enough", self->number);
	return reed_forever(self->loop);
}

static void the_first_that_fails_ends_all_and_says_why(void)
{
	struct reed_fault *fault = NULL;
	atomic_uint came = 0;

	check_int(reed_loop_run_until(first, team_of(4, stay_but_the_third, &came), &fault),
	          REED_EIO);
	check_str(reed_fault_why(fault, REED_EIO), "member 2 has had enough");
	reed_fault_free(fault);
	check_int(came, 4);
}

static struct reed_future *stay(void *arg, const struct reed_team_member *self)
{
	atomic_uint *came = arg;

	++*came;
	return reed_forever(self->loop);
}

struct owner_of_team {
	struct reed_waiter waiter;
	enum reed_err err;
};

static void woken(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	reed_container_of(w, struct owner_of_team, waiter)->err = err;
	reed_fault_free(fault);
}

static void an_interrupt_reaches_all(void)
{
	struct owner_of_team owner = { .waiter.wake = woken };
	atomic_uint came = 0;

	reed_wait(team_of(4, stay, &came), &owner.waiter);
	reed_interrupt(owner.waiter.future); /* perhaps before there are loops */
	while (owner.waiter.future)
		reed_loop_turn(first, REED_NEVER);
	check_int(owner.err, REED_ECANCELED);
	check_int(came, 4);
}

static void a_drop_leaves_no_thread(void)
{
	atomic_uint came = 0;

	reed_drop(team_of(4, stay, &came));
	came = 0;
	struct owner_of_team owner = { .waiter.wake = woken };

	reed_wait(team_of(4, stay, &came), &owner.waiter);
	while (came < 4)
		reed_loop_turn(first, 0);
	reed_unwait(first, &owner.waiter);
	check(!owner.waiter.future);
}

static void a_signal_is_for_the_loop_that_waits_for_it(void)
{
	struct owner_of_team owner = { .waiter.wake = woken };
	struct reed_future *signal;
	atomic_uint came = 0;

	reed_wait(team_of(3, stay, &came), &owner.waiter);
	while (came < 3)
		reed_loop_turn(first, REED_MS(1));
	signal = reed_signal(first, SIGUSR1);
	kill(getpid(), SIGUSR1);
	check_int(reed_loop_run_until(first, signal, NULL), REED_OK);
	reed_unwait(first, &owner.waiter);
}

/* ---- threads that there are not ---- */

typedef int create_fn(pthread_t *thread, const pthread_attr_t *attr, void *(*body)(void *),
                      void *arg);

static int refused; /* the thread that the system refuses, counted from 1; 0: none */

/* Stands in front of the system's. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*body)(void *), void *arg)
{
	union {
		void *found;
		create_fn *call;
	} real = { dlsym(RTLD_NEXT, "pthread_create") };

	if (refused && --refused == 0)
		return EAGAIN;
	return real.call(thread, attr, body, arg);
}

static void a_thread_that_cannot_be_had_ends_all(void)
{
	struct reed_fault *fault = NULL;
	atomic_uint came = 0;

	for (int nth = 1; nth < 4; nth++) {
		refused = nth;
		check_int(reed_loop_run_until(first, team_of(4, stay, &came), &fault), REED_ENOMEM);
		check_int(refused, 0);
		check(strstr(reed_fault_why(fault, REED_ENOMEM), "no thread for member"));
		reed_fault_free(fault);
	}
}

/* ---- listening ---- */

struct door {
	const char *endpoint;
	atomic_uint open, accepted, wrong;
	atomic_uint port;
	atomic_uint of[REED_TEAM_MOST]; /* accepted by each member */
	atomic_bool go;
};

struct porter {
	struct reed_co co;
	struct door *door;
	unsigned number;
	bool stands;
	struct reed_listener *listener;
	struct reed_stream *stream;
};

static void note_port(struct porter *self)
{
	unsigned port = self->listener->address.port, none = 0;

	if (!atomic_compare_exchange_strong(&self->door->port, &none, port) && none != port)
		self->door->wrong++;
	self->door->open++;
}

/* The door is open when somebody stands at it, who is given his share from then on. */
static struct reed_future *next_guest(struct porter *self)
{
	struct reed_future *f = reed_accept(self->listener, &self->stream);

	if (!self->stands)
		note_port(self);
	self->stands = true;
	return f;
}

static void porter_run(struct reed_co *co)
{
	struct porter *self = reed_frame(co, struct porter);

	reed_coroutine (co) {
		reed_try(co, reed_listen(co->loop, self->door->endpoint, &self->listener));
		for (;;) {
			reed_try(co, next_guest(self));
			self->door->accepted++;
			self->door->of[self->number]++;
			reed_write_str(self->stream, "welcome\n");
			reed_close(self->stream);
			self->stream = NULL;
		}
	}
}

static void porter_end(struct reed_co *co)
{
	struct porter *self = reed_frame(co, struct porter);

	reed_close(self->stream);
	reed_listener_close(self->listener);
}

static const struct reed_co_kind porter_kind = { .name = "porter",
	                                         .size = sizeof(struct porter),
	                                         .run = porter_run,
	                                         .end = porter_end };

static struct reed_future *keep_door(void *arg, const struct reed_team_member *self)
{
	struct porter *porter = reed_co_new(self->loop, &porter_kind);

	porter->door = arg;
	porter->number = self->number;
	return reed_start(&porter->co);
}

static void knock(const char *endpoint)
{
	struct reed_stream *stream;
	struct reed_slice line;

	check_int(reed_loop_run_until(first, reed_dial(first, endpoint, &stream), NULL), REED_OK);
	check_int(reed_loop_run_until(first, reed_read_line(stream, &line), NULL), REED_OK);
	check_slice(line, "welcome");
	reed_close(stream);
}

static void visit(struct door *door, unsigned members, int visitors)
{
	struct owner_of_team owner = { .waiter.wake = woken };
	char *dial;

	reed_wait(team_of(members, keep_door, door), &owner.waiter);
	while (door->open < members && owner.waiter.future)
		reed_loop_turn(first, REED_MS(1));
	check(owner.waiter.future);
	dial = door->port ? reed_sprintf("tcp:127.0.0.1:%u", door->port)
	                  : reed_strdup(door->endpoint);
	for (int i = 0; i < visitors; i++)
		knock(dial);
	reed_free(dial);
	check_int(door->accepted, visitors);
	check_int(door->wrong, 0);
	reed_unwait(first, &owner.waiter);
}

static void all_listen_on_one_socket(void)
{
	struct door door = { .endpoint = "tcp:0:interface=127.0.0.1" };

	visit(&door, 4, 50);
}

static void connections_go_to_the_members_in_turn(void)
{
	struct door door = { .endpoint = "tcp:0:interface=127.0.0.1" };

	visit(&door, 4, 40);
	for (int i = 0; i < 4; i++)
		check_int(door.of[i], 10);
}

/* Below the ports that the system gives to clients, one of whom could take it meanwhile. */
static char *free_endpoint(void)
{
	struct reed_listener *probe = NULL;
	char *endpoint = NULL;

	for (unsigned port = 10000 + (unsigned)getpid() % 20000; !probe; port++) {
		reed_free(endpoint);
		endpoint = reed_sprintf("tcp:%u:interface=127.0.0.1:reuseport=1", port);
		reed_loop_run_until(first, reed_listen(first, endpoint, &probe), NULL);
	}
	reed_listener_close(probe);
	return endpoint;
}

static void each_has_a_socket_of_its_own_where_that_is_asked_for(void)
{
	char *endpoint = free_endpoint();
	struct door door = { .endpoint = endpoint };

	visit(&door, 3, 60);
	for (int i = 0; i < 3; i++)
		check(door.of[i] > 0); /* by chance it is not once in 10^10 */
	reed_free(endpoint);
}

/* ---- members that do not accept ---- */

static void wait_at_door_run(struct reed_co *co)
{
	struct porter *self = reed_frame(co, struct porter);

	reed_coroutine (co) {
		reed_try(co, reed_listen(co->loop, self->door->endpoint, &self->listener));
		reed_drop(next_guest(self));
		while (!self->door->go)
			reed_try(co, reed_sleep(co->loop, 1));
		reed_listener_close(self->listener);
		self->listener = NULL;
		reed_try(co, reed_forever(co->loop));
	}
}

static const struct reed_co_kind wait_at_door_kind = { .name = "wait at door",
	                                               .size = sizeof(struct porter),
	                                               .run = wait_at_door_run,
	                                               .end = porter_end };

/* The last is a porter, the others have come for nothing. */
static struct reed_future *keep_door_alone(void *arg, const struct reed_team_member *self)
{
	struct porter *porter;

	if (self->number == self->count - 1)
		return keep_door(arg, self);
	porter = reed_co_new(self->loop, &wait_at_door_kind);
	porter->door = arg;
	return reed_start(&porter->co);
}

static void who_does_not_accept_hands_on_what_it_was_given(void)
{
	struct owner_of_team owner = { .waiter.wake = woken };
	struct door door = { .endpoint = "tcp:0:interface=127.0.0.1" };
	struct reed_stream *guests[9];
	struct reed_slice line;
	char *dial;

	reed_wait(team_of(3, keep_door_alone, &door), &owner.waiter);
	while (door.open < 3 && owner.waiter.future)
		reed_loop_turn(first, REED_MS(1));
	dial = reed_sprintf("tcp:127.0.0.1:%u", door.port);
	for (int i = 0; i < 9; i++)
		check_int(reed_loop_run_until(first, reed_dial(first, dial, &guests[i]), NULL),
		          REED_OK);
	door.go = true;
	for (int i = 0; i < 9; i++) {
		check_int(reed_loop_run_until(first, reed_read_line(guests[i], &line), NULL),
		          REED_OK);
		check_slice(line, "welcome");
		reed_close(guests[i]);
	}
	reed_free(dial);
	reed_unwait(first, &owner.waiter);
}

static void the_file_of_a_socket_goes_with_the_last(void)
{
	char *path = reed_sprintf("/tmp/reed-team-%ld", (long)getpid());
	char *endpoint = reed_sprintf("unix:%s", path);
	struct door door = { .endpoint = endpoint };
	struct stat st;

	visit(&door, 3, 20);
	check(stat(path, &st) < 0);
	reed_free(endpoint);
	reed_free(path);
}

static void what_was_inherited_is_shared(void)
{
	struct reed_listener *before;
	char *endpoint;
	int fd;

	check_int(reed_loop_run_until(first,
	                              reed_listen(first, "tcp:0:interface=127.0.0.1", &before),
	                              NULL),
	          REED_OK);
	check_int(reed_listening(first, &fd, 1), 1);
	fd = dup(fd);
	endpoint = reed_sprintf("tcp:%u:interface=127.0.0.1", before->address.port);
	reed_listener_close(before);
	check_int(reed_inherit(first, fd), REED_OK);

	struct door door = { .endpoint = endpoint };

	visit(&door, 3, 20);
	reed_free(endpoint);
}

static void a_port_that_is_taken_fails_the_team(void)
{
	struct reed_listener *taken;
	struct reed_fault *fault = NULL;
	struct door door = { .endpoint = NULL };
	char *endpoint;

	check_int(reed_loop_run_until(first,
	                              reed_listen(first, "tcp:0:interface=127.0.0.1", &taken),
	                              NULL),
	          REED_OK);
	door.endpoint = endpoint = reed_sprintf("tcp:%u:interface=127.0.0.1", taken->address.port);
	check_int(reed_loop_run_until(first, team_of(2, keep_door, &door), &fault),
	          REED_EADDRINUSE);
	check(strstr(reed_fault_why(fault, REED_EADDRINUSE), "cannot listen"));
	reed_fault_free(fault);
	reed_free(endpoint);
	reed_listener_close(taken);
}

/* ---- goodbyes ---- */

enum { PARCEL = 3 << 20 };

struct letter {
	char endpoint[64];
	atomic_bool open;
	size_t got;
};

struct carrier {
	struct reed_co co;
	struct letter *letter;
	struct reed_listener *listener;
	struct reed_stream *stream;
	struct reed_slice slice;
};

static void write_parcel(struct reed_stream *stream)
{
	static const char piece[1 << 16];

	for (size_t n = 0; n < PARCEL; n += sizeof(piece))
		reed_write(stream, reed_slice(piece, sizeof(piece)));
}

static void sender_run(struct reed_co *co)
{
	struct carrier *self = reed_frame(co, struct carrier);

	reed_coroutine (co) {
		reed_try(co, reed_listen(co->loop, self->letter->endpoint, &self->listener));
		self->letter->open = true;
		reed_try(co, reed_accept(self->listener, &self->stream));
		write_parcel(self->stream);
	}
}

static void receiver_run(struct reed_co *co)
{
	struct carrier *self = reed_frame(co, struct carrier);

	reed_coroutine (co) {
		while (!self->letter->open)
			reed_try(co, reed_sleep(co->loop, 1));
		reed_try(co, reed_dial(co->loop, self->letter->endpoint, &self->stream));
		while (!co->err) {
			reed_await(co, reed_more(self->stream));
			self->letter->got += reed_peek(self->stream).n;
			reed_skip(self->stream, reed_peek(self->stream).n);
		}
		reed_return(co, co->err == REED_EEOF ? REED_OK : co->err);
	}
}

static void carrier_end(struct reed_co *co)
{
	struct carrier *self = reed_frame(co, struct carrier);

	reed_close(self->stream);
	reed_listener_close(self->listener);
}

static const struct reed_co_kind carrier_kinds[] = {
	{ .name = "receiver",
	  .size = sizeof(struct carrier),
	  .run = receiver_run,
	  .end = carrier_end },
	{ .name = "sender", .size = sizeof(struct carrier), .run = sender_run, .end = carrier_end },
};

static struct reed_future *carry(void *arg, const struct reed_team_member *self)
{
	struct carrier *carrier = reed_co_new(self->loop, &carrier_kinds[self->number]);

	carrier->letter = arg;
	return reed_start(&carrier->co);
}

static void what_a_member_has_closed_is_sent_before_its_loop_goes(void)
{
	struct letter letter = { .open = false };

	snprintf(letter.endpoint, sizeof(letter.endpoint), "unix:/tmp/reed-letter-%ld",
	         (long)getpid());
	check_int(reed_loop_run_until(first, team_of(2, carry, &letter), NULL), REED_OK);
	check_int(letter.got, PARCEL);
}

/* The first member's loop goes on when the team has ended. */
static struct reed_future *leave_it_open(void *arg, const struct reed_team_member *self)
{
	struct reed_listener **listener = arg;

	if (self->number > 0)
		return reed_sleep(self->loop, 1);
	return reed_listen(self->loop, "tcp:0:interface=127.0.0.1", listener);
}

static void a_listener_may_outlive_its_team(void)
{
	struct reed_listener *one = NULL, *two = NULL;

	check_int(reed_loop_run_until(first, team_of(2, leave_it_open, &one), NULL), REED_OK);
	check_int(reed_loop_run_until(first, team_of(2, leave_it_open, &two), NULL), REED_OK);
	check(one->address.port != two->address.port);
	reed_listener_close(one);
	reed_listener_close(two);
}

int main(void)
{
	check_int(reed_loop_new(NULL, &first), REED_OK);
	RUN(each_member_has_a_loop_and_a_thread_but_the_first);
	RUN(a_team_has_as_many_as_there_are_processors);
	RUN(the_first_that_fails_ends_all_and_says_why);
	RUN(an_interrupt_reaches_all);
	RUN(a_drop_leaves_no_thread);
	RUN(a_signal_is_for_the_loop_that_waits_for_it);
	RUN(a_thread_that_cannot_be_had_ends_all);
	RUN(all_listen_on_one_socket);
	RUN(connections_go_to_the_members_in_turn);
	RUN(each_has_a_socket_of_its_own_where_that_is_asked_for);
	RUN(who_does_not_accept_hands_on_what_it_was_given);
	RUN(the_file_of_a_socket_goes_with_the_last);
	RUN(what_was_inherited_is_shared);
	RUN(a_port_that_is_taken_fails_the_team);
	RUN(what_a_member_has_closed_is_sent_before_its_loop_goes);
	RUN(a_listener_may_outlive_its_team);
	reed_loop_free(first);
	return 0;
}
