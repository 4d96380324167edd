/* What servers promise: a session for each connection, and a listener that rests. */

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/os.h"
#include "tests/core/tools.h"

static struct reed_listener *listener;
static uint16_t port;

static void listen_here(void)
{
	struct reed_address at = { .family = REED_FAMILY_IPV4, .ip = { 127, 0, 0, 1 } };
	struct reed_fault *fault = NULL;

	check_int(reed_listen_address(loop, &at, NULL, &listener, &fault), REED_OK);
	port = listener->address.port;
}

static int dial(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	return fd;
}

/* While the loop turns: its end must come. */
static void reads_end(int fd)
{
	char c;

	until(recv(fd, &c, 1, MSG_DONTWAIT) == 0);
	close(fd);
}

/* ---- a guest stays until it hears a byte, and says goodbye when interrupted ---- */

struct guest {
	struct reed_co co;
	struct reed_stream *stream;
};

static int arrived, guests, farewells;

static void guest_run(struct reed_co *co)
{
	struct guest *self = reed_frame(co, struct guest);

	reed_coroutine (co) {
		reed_await(co, reed_more(self->stream));
		if (co->err == REED_ECANCELED) {
			reed_write_str(self->stream, "bye");
			reed_await(co, reed_shield(reed_sleep(co->loop, 5)));
			farewells++;
		}
		reed_return(co, co->err);
	}
}

static void guest_end(struct reed_co *co)
{
	guests--;
	reed_close(reed_frame(co, struct guest)->stream);
}

static const struct reed_co_kind guest_kind = {
	.name = "guest",
	.size = sizeof(struct guest),
	.run = guest_run,
	.end = guest_end,
};

static struct reed_future *guest(void *arg, struct reed_stream *s)
{
	struct guest *self = reed_co_new(s->loop, &guest_kind);

	if (arg)
		check(s->limits == arg);
	arrived++;
	guests++;
	self->stream = s;
	return reed_start(&self->co);
}

static struct reed_future *nobody(void *arg, struct reed_stream *s)
{
	check(arg == NULL && s != NULL);
	return NULL;
}

static void begin(void)
{
	arrived = guests = farewells = 0;
	listen_here();
}

/* ---- serving ---- */

static void each_connection_has_its_session(void)
{
	struct owner o;
	int fd[3];

	begin();
	own(&o, reed_serve(listener, guest, NULL, NULL));
	for (int i = 0; i < 3; i++)
		fd[i] = dial();
	until(guests == 3);
	check(write(fd[0], "x", 1) == 1);
	until(guests == 2);
	disown(&o);
	check_int(guests, 0);
	for (int i = 0; i < 3; i++)
		reads_end(fd[i]);
	run();
	check_int(farewells, 0);
}

static void an_interrupted_server_lets_its_sessions_say_goodbye(void)
{
	struct owner o;
	int fd[2];
	char said[4];

	begin();
	own(&o, reed_serve(listener, guest, NULL, NULL));
	fd[0] = dial();
	fd[1] = dial();
	until(guests == 2);
	reed_interrupt(o.waiter.future);
	until(o.told);
	check(!o.err && farewells == 2 && guests == 0);
	for (int i = 0; i < 2; i++) {
		check(recv(fd[i], said, 3, MSG_WAITALL) == 3 && memcmp(said, "bye", 3) == 0);
		reads_end(fd[i]);
	}
	run();
}

static void who_is_refused_is_closed(void)
{
	struct owner o;
	int fd;

	begin();
	own(&o, reed_serve(listener, nobody, NULL, NULL));
	fd = dial();
	reads_end(fd);
	disown(&o);
	run();
}

static void beyond_the_most_nobody_is_accepted(void)
{
	struct reed_serve_options options = REED_SERVE_OPTIONS;
	struct owner o;
	int fd[4];

	begin();
	options.sessions = 2;
	own(&o, reed_serve(listener, guest, NULL, &options));
	for (int i = 0; i < 4; i++)
		fd[i] = dial();
	until(guests == 2);
	check(turns_of_a_while() <= 6);
	check_int(guests, 2);
	check(write(fd[0], "x", 1) == 1);
	until(arrived == 3);
	check_int(guests, 2);
	disown(&o);
	for (int i = 0; i < 4; i++)
		close(fd[i]);
	run();
}

static void a_server_ends_when_its_listener_is_closed(void)
{
	struct owner o;

	begin();
	own(&o, reed_serve(listener, guest, NULL, NULL));
	disown(&o);
	begin();
	own(&o, reed_serve(listener, guest, NULL, NULL));
	reed_interrupt(o.waiter.future);
	until(o.told);
	check_int(o.err, REED_OK);
	run();
}

static void sessions_have_the_limits_and_the_scope_they_were_given(void)
{
	static struct reed_stream_limits limits = REED_STREAM_LIMITS;
	struct reed_serve_options options = REED_SERVE_OPTIONS;
	struct reed_scope outer;
	int fd;

	begin();
	reed_scope_init(&outer, loop, NULL, "outer");
	options.limits = &limits;
	options.scope = &outer;
	reed_scope_add(&outer, reed_serve(listener, guest, &limits, &options));
	fd = dial();
	until(guests == 1);
	check_int(outcome(reed_scope_stop(&outer, 1000)), REED_OK);
	check(farewells == 1 && guests == 0 && reed_list_empty(&outer.inners));
	reed_scope_finish(&outer);
	close(fd);
	run();
}

static void a_failed_session_is_nobody_elses_concern(void)
{
	struct owner o;
	int fd[2];

	begin();
	unheard.count = 0;
	own(&o, reed_serve(listener, guest, NULL, NULL));
	fd[0] = dial();
	fd[1] = dial();
	until(guests == 2);
	close(fd[0]);
	until(guests == 1);
	check(!o.told && unheard.count == 0);
	disown(&o);
	close(fd[1]);
	run();
}

/* ---- out of descriptors ---- */

static struct rlimit plenty;

/* So that the next descriptor would be one too many. */
static void use_up_descriptors(void)
{
	struct rlimit few;
	int next = dup(0);

	check(next >= 0);
	close(next);
	getrlimit(RLIMIT_NOFILE, &plenty);
	few = plenty;
	few.rlim_cur = (rlim_t)next;
	check(setrlimit(RLIMIT_NOFILE, &few) == 0);
}

static void out_of_descriptors_a_listener_rests_and_recovers(void)
{
	struct owner o;
	uint64_t turns_before;
	int fd[2];

	begin();
	unheard.count = 0;
	own(&o, reed_serve(listener, guest, NULL, NULL));
	turns(2);
	fd[0] = dial();
	fd[1] = dial();
	use_up_descriptors();
	turns_before = turns_so_far();
	check_int(outcome(reed_sleep(loop, 1000)), REED_OK);
	check(guests == 0 && !o.told);
	check(turns_so_far() - turns_before <= 45);
	check(unheard.count == 1 && unheard.err == REED_EMFILE);
	setrlimit(RLIMIT_NOFILE, &plenty);
	until(guests == 2);
	disown(&o);
	close(fd[0]);
	close(fd[1]);
	run();
}

static void a_resting_listener_may_be_closed_or_dropped(void)
{
	for (int drop = 0; drop <= 1; drop++) {
		struct reed_stream *s = NULL;
		struct owner o;
		int fd;

		begin();
		own(&o, reed_accept(listener, &s));
		fd = dial();
		use_up_descriptors();
		until(listener->rests);
		setrlimit(RLIMIT_NOFILE, &plenty);
		if (drop)
			disown(&o);
		reed_listener_close(listener);
		run();
		check(!s && o.told == !drop);
		close(fd);
	}
}

int main(void)
{
	lab_open();
	RUN(each_connection_has_its_session);
	RUN(an_interrupted_server_lets_its_sessions_say_goodbye);
	RUN(who_is_refused_is_closed);
	RUN(beyond_the_most_nobody_is_accepted);
	RUN(a_server_ends_when_its_listener_is_closed);
	RUN(sessions_have_the_limits_and_the_scope_they_were_given);
	RUN(a_failed_session_is_nobody_elses_concern);

	RUN(out_of_descriptors_a_listener_rests_and_recovers);
	RUN(a_resting_listener_may_be_closed_or_dropped);
	lab_close();
	return 0;
}
