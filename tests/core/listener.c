/* What listeners and servers promise. */

#include "reed/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/os.h"
#include "reed/endpoint.h"
#include "tests/core/tools.h"

static struct reed_listener *listener;

static void listen_here(void)
{
	struct reed_address at = { .family = REED_FAMILY_IPV4, .ip = { 127, 0, 0, 1 } };
	struct reed_fault *fault = NULL;

	check_int(reed_listen_address(loop, &at, NULL, &listener, &fault), REED_OK);
	check(listener->address.port != 0);
}

/* The number that the next descriptor has. */
static int next_fd(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

/* A bare descriptor at the other end. */
static int dial(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		                  .sin_port = htons(listener->address.port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	return fd;
}

/* Waits for it, and hears nothing before. */
static bool sees_a_reset(int fd)
{
	char byte;
	bool reset = read(fd, &byte, 1) < 0 && errno == ECONNRESET;

	close(fd);
	return reset;
}

/* ---- accepting ---- */

static void connections_are_accepted_one_at_a_time(void)
{
	struct reed_stream *s[3];
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	int fd[3];

	listen_here();
	for (int i = 0; i < 3; i++)
		fd[i] = dial();
	for (int i = 0; i < 3; i++)
		check_int(outcome(reed_accept(listener, &s[i])), REED_OK);
	check_int(listener->accepted, 3);
	reed_stream_facts(s[0], &facts);
	check(facts.local.port == listener->address.port && facts.peer.port != 0);
	check(facts.peer.family == REED_FAMILY_IPV4 && reed_address_is_loopback(&facts.peer));
	for (int i = 0; i < 3; i++) {
		reed_abort(s[i]);
		check(sees_a_reset(fd[i]));
	}
	reed_listener_close(listener);
	check(idle());
}

static void a_dropped_accept_leaves_the_connection_to_the_next(void)
{
	struct reed_stream *s = NULL;
	struct owner o;
	int fd;

	listen_here();
	own(&o, reed_all(reed_accept(listener, &s), reed_forever(loop)));
	fd = dial();
	turns(3);
	check(listener->stream && !s); /* it was tried, and is held */
	disown(&o);
	check(!s);
	check_int(outcome(reed_accept(listener, &s)), REED_OK);
	reed_abort(s);
	check(sees_a_reset(fd));
	reed_listener_close(listener);
}

static void who_accepts_is_told_of_a_close(void)
{
	for (int when = 0; when < 3; when++) {
		struct reed_stream *s = NULL;
		struct owner o;
		int fd = -1;

		listen_here();
		own(&o, reed_all(reed_accept(listener, &s), reed_sleep(loop, 50)));
		turns(1);
		if (when)
			fd = dial();
		if (when == 1)
			until_settled(&listener->accepting);
		if (when == 2)
			turns(2);
		reed_listener_close(listener);
		run();
		check(o.told == 1 && o.err == REED_ECANCELED && !s);
		if (fd >= 0)
			close(fd);
	}
	reed_listener_close(NULL);
}

static void a_listener_that_nobody_listens_to_costs_no_turns(void)
{
	struct reed_stream *s = NULL;
	struct owner o;
	int fd;

	listen_here();
	own(&o, reed_all(reed_accept(listener, &s), reed_sleep(loop, 300)));
	fd = dial();
	turns(3);
	close(dial());
	check(turns_of_a_while() <= 6);
	disown(&o);
	close(fd);
	reed_listener_close(listener);
}

static void what_is_in_use_is_told_by_name(void)
{
	struct reed_fault *fault = NULL;
	struct reed_listener *other;
	char text[REED_ADDRESS_TEXT], wanted[200];

	listen_here();
	check_int(reed_listen_address(loop, &listener->address, NULL, &other, &fault),
	          REED_EADDRINUSE);
	snprintf(wanted, sizeof(wanted), "cannot listen on %s: Address already in use",
	         reed_address_text(&listener->address, text));
	check_str(fault->sentence, wanted);
	reed_fault_free(fault);
	reed_listener_close(listener);
}

/* ---- UNIX sockets ---- */

static char folder[32];

static struct reed_address unix_address(void)
{
	struct reed_address at = { .family = REED_FAMILY_UNIX };

	snprintf(folder, sizeof(folder), "/tmp/reed-test-XXXXXX");
	check(mkdtemp(folder) != NULL);
	snprintf(at.path, sizeof(at.path), "%s/socket", folder);
	return at;
}

static int bind_unix(int fd, const struct sockaddr_un *to)
{
	return bind(fd, (const struct sockaddr *)to, sizeof(*to));
}

static void a_socket_file_has_its_mode_and_goes_with_its_listener(void)
{
	struct reed_address at = unix_address();
	struct reed_bind bind = { .mode = 0640 };
	struct reed_fault *fault = NULL;
	struct stat st;

	check_int(reed_listen_address(loop, &at, &bind, &listener, &fault), REED_OK);
	check(lstat(at.path, &st) == 0 && (st.st_mode & 0777) == 0640);
	reed_listener_close(listener);
	check(lstat(at.path, &st) < 0);
	check(rmdir(folder) == 0);
}

static void a_socket_file_nobody_listens_on_is_replaced_and_another_is_not(void)
{
	struct reed_address at = unix_address();
	struct reed_bind bind = { .mode = -1 };
	struct reed_fault *fault = NULL;
	struct reed_listener *second;
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", at.path);
	check(bind_unix(fd, &to) == 0);
	close(fd); /* the file stays, as after a crash */
	check_int(reed_listen_address(loop, &at, &bind, &listener, &fault), REED_OK);
	check_int(reed_listen_address(loop, &at, &bind, &second, &fault), REED_EADDRINUSE);
	reed_fault_free(fault);
	reed_listener_close(listener);
	check(rmdir(folder) == 0);
}

static void a_file_that_is_no_socket_is_not_removed(void)
{
	struct reed_address at = unix_address();
	struct reed_bind bind = { .mode = -1 };
	struct reed_fault *fault = NULL;
	FILE *file = fopen(at.path, "w");

	fclose(file);
	check_int(reed_listen_address(loop, &at, &bind, &listener, &fault), REED_EADDRINUSE);
	reed_fault_free(fault);
	check(unlink(at.path) == 0 && rmdir(folder) == 0);
}

/* ---- the system's queue ---- */

#ifdef __linux__
static unsigned system_limit(void)
{
	FILE *file = fopen("/proc/sys/net/core/somaxconn", "r");
	unsigned limit = 0;

	check(file && fscanf(file, "%u", &limit) == 1 && limit > 0);
	fclose(file);
	return limit;
}

static void a_thousand_may_wait_to_be_accepted(void)
{
	struct tcp_info info = { 0 };
	socklen_t n = sizeof(info);
	unsigned limit = system_limit();
	int fd = next_fd();

	listen_here();
	check_int(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n), 0);
	check(info.tcpi_sacked >= (limit < 1024 ? limit : 1024)); /* of a listener: how many */
	reed_listener_close(listener);
}
#endif

/* ---- inherited descriptors ---- */

static int bare_listener(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	check(bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(fd, 1) == 0);
	return fd;
}

static void an_inherited_descriptor_is_listened_on_or_dialled(void)
{
	struct reed_stream *s = NULL, *us = NULL;
	char endpoint[32];
	int peer;

	snprintf(endpoint, sizeof(endpoint), "fd:%d", bare_listener());
	check_int(outcome(reed_listen(loop, endpoint, &listener)), REED_OK);
	peer = dial();
	snprintf(endpoint, sizeof(endpoint), "fd:%d", peer);
	check_int(outcome(reed_dial(loop, endpoint, &us)), REED_OK);
	check_int(outcome(reed_accept(listener, &s)), REED_OK);
	reed_write_str(us, "hello");
	check_int(outcome(reed_more(s)), REED_OK);
	check_slice(reed_peek(s), "hello");
	reed_abort(us);
	reed_abort(s);
	reed_listener_close(listener);
}

static void check_refused(struct reed_future *f, const char *endpoint)
{
	char wanted[128];

	snprintf(wanted, sizeof(wanted),
	         "\"%s\", column 4: descriptor %s is another endpoint's already; name each once",
	         endpoint, endpoint + 3);
	check_int(outcome(f), REED_ESYNTAX);
	check(why_is(wanted));
}

static void a_listening_descriptor_is_named_once(void)
{
	struct reed_listener *second = NULL;
	struct reed_stream *s = NULL;
	char endpoint[32];

	snprintf(endpoint, sizeof(endpoint), "fd:%d", bare_listener());
	check_int(outcome(reed_listen(loop, endpoint, &listener)), REED_OK);
	check_refused(reed_listen(loop, endpoint, &second), endpoint);
	check_refused(reed_dial(loop, endpoint, &s), endpoint);
	reed_listener_close(listener);
}

static void a_connected_descriptor_is_named_once_until_it_is_closed(void)
{
	struct reed_stream *s = NULL, *second = NULL;
	char endpoint[32];
	int fds[2];

	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	snprintf(endpoint, sizeof(endpoint), "fd:%d", fds[0]);
	check_int(outcome(reed_dial(loop, endpoint, &s)), REED_OK);
	check_refused(reed_dial(loop, endpoint, &second), endpoint);
	reed_abort(s);
	check(dup2(fds[1], fds[0]) == fds[0]);
	check_int(outcome(reed_dial(loop, endpoint, &s)), REED_OK);
	reed_abort(s);
	close(fds[1]);
}

/* ---- connecting ---- */

static enum reed_err connect_to(const struct reed_address *to)
{
	struct reed_stream *s = NULL;
	enum reed_err err = outcome(reed_connect_address(loop, to, NULL, &s));

	check(!s == !!err);
	reed_abort(s);
	return err;
}

static void a_refused_connection_names_its_address(void)
{
	struct reed_address at;
	char text[REED_ADDRESS_TEXT], wanted[200];

	listen_here();
	at = listener->address;
	reed_listener_close(listener);
	check_int(connect_to(&at), REED_EREFUSED);
	snprintf(wanted, sizeof(wanted), "%s: Connection refused", reed_address_text(&at, text));
	check(why_is(wanted));
	at = unix_address();
	check_int(connect_to(&at), REED_ENOENT);
	check(rmdir(folder) == 0);
}

static void a_dropped_connection_closes_its_descriptor(void)
{
	struct reed_stream *s = NULL;
	int before = next_fd();

	listen_here();
	reed_drop(reed_connect_address(loop, &listener->address, NULL, &s));
	reed_listener_close(listener);
	check(next_fd() == before && !s);
}

/* The system says "again" where others wait or refuse. */
static void a_full_unix_listener_does_not_hang_who_connects(void)
{
	struct reed_address at = unix_address();
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct reed_stream *s[10] = { NULL };
	enum reed_err err = REED_OK;

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", at.path);
	check(bind_unix(fd, &to) == 0 && listen(fd, 0) == 0);
	for (int i = 0; i < 10 && !err; i++)
		err = outcome(reed_within(1000, reed_connect_address(loop, &at, NULL, &s[i])));
	check_int(err, REED_EREFUSED);
	for (int i = 0; i < 10; i++)
		reed_abort(s[i]);
	close(fd);
	check(unlink(at.path) == 0 && rmdir(folder) == 0);
}

/* ---- what both ends of TCP have ---- */

static bool is_on(int fd, int level, int option)
{
	int value = 0;
	socklen_t n = sizeof(value);

	check(getsockopt(fd, level, option, &value, &n) == 0);
	return value != 0;
}

static void check_tuned(struct reed_stream *s)
{
	int fd;

	check_int(reed_stream_take_socket(s, &fd), REED_OK);
	check(is_on(fd, IPPROTO_TCP, TCP_NODELAY));
	check(is_on(fd, SOL_SOCKET, SO_KEEPALIVE));
	close(fd);
	reed_abort(s);
}

static void either_end_asks_whether_a_silent_peer_is_there(void)
{
	struct reed_stream *theirs, *ours;

	listen_here();
	check_int(outcome(reed_connect_address(loop, &listener->address, NULL, &theirs)), REED_OK);
	check_int(outcome(reed_accept(listener, &ours)), REED_OK);
	check_tuned(theirs);
	check_tuned(ours);
	reed_listener_close(listener);
}

int main(void)
{
	lab_open();
	RUN(connections_are_accepted_one_at_a_time);
	RUN(a_dropped_accept_leaves_the_connection_to_the_next);
	RUN(who_accepts_is_told_of_a_close);
	RUN(a_listener_that_nobody_listens_to_costs_no_turns);
	RUN(what_is_in_use_is_told_by_name);

	RUN(a_socket_file_has_its_mode_and_goes_with_its_listener);
	RUN(a_socket_file_nobody_listens_on_is_replaced_and_another_is_not);
	RUN(a_file_that_is_no_socket_is_not_removed);

#ifdef __linux__
	RUN(a_thousand_may_wait_to_be_accepted);
#endif
	RUN(an_inherited_descriptor_is_listened_on_or_dialled);
	RUN(a_listening_descriptor_is_named_once);
	RUN(a_connected_descriptor_is_named_once_until_it_is_closed);

	RUN(a_refused_connection_names_its_address);
	RUN(a_dropped_connection_closes_its_descriptor);
	RUN(a_full_unix_listener_does_not_hang_who_connects);

	RUN(either_end_asks_whether_a_silent_peer_is_there);
	lab_close();
	return 0;
}
