/* The kinds of streams there are, as pairs of connected ends. */

#include "tests/conformance/stream.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- descriptors ---- */

static void of_fds(struct reed_loop *on, const int fds[2], struct reed_stream **one,
                   struct reed_stream **other)
{
	check_int(reed_stream_of_fd(on, fds[0], one), REED_OK);
	check_int(reed_stream_of_fd(on, fds[1], other), REED_OK);
}

static bool make_socketpair(struct reed_loop *on, struct reed_stream **one,
                            struct reed_stream **other)
{
	int fds[2];

	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	of_fds(on, fds, one, other);
	return true;
}

/* Little fits into it, so that most writes are cut. */
static bool make_narrow(struct reed_loop *on, struct reed_stream **one, struct reed_stream **other)
{
	int fds[2], room = 2304;

	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	for (int i = 0; i < 2; i++)
		check(setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)) == 0);
	of_fds(on, fds, one, other);
	return true;
}

static bool make_pipes(struct reed_loop *on, struct reed_stream **one, struct reed_stream **other)
{
	int there[2], back[2];

	check(pipe2(there, O_NONBLOCK | O_CLOEXEC) == 0);
	check(pipe2(back, O_NONBLOCK | O_CLOEXEC) == 0);
	*one = reed_stream_of_pipes(on, back[0], there[1]);
	*other = reed_stream_of_pipes(on, there[0], back[1]);
	return true;
}

/* ---- connections ---- */

static void connect_to(struct reed_loop *on, const struct reed_address *at,
                       struct reed_stream **one, struct reed_stream **other)
{
	struct reed_bind bind = { .mode = -1 };
	struct reed_fault *fault = NULL;
	struct reed_listener *listener;
	struct owner dialled, accepted;

	check_int(reed_listen_address(on, at, &bind, &listener, &fault), REED_OK);
	own(&accepted, reed_accept(listener, other));
	own(&dialled, reed_connect_address(on, &listener->address, NULL, one));
	until(dialled.told && accepted.told);
	check_int(dialled.err, REED_OK);
	check_int(accepted.err, REED_OK);
	reed_listener_close(listener);
}

static bool make_tcp4(struct reed_loop *on, struct reed_stream **one, struct reed_stream **other)
{
	struct reed_address at = { .family = REED_FAMILY_IPV4, .ip = { 127, 0, 0, 1 } };

	connect_to(on, &at, one, other);
	return true;
}

static bool make_tcp6(struct reed_loop *on, struct reed_stream **one, struct reed_stream **other)
{
	struct reed_address at = { .family = REED_FAMILY_IPV6, .ip = { [15] = 1 } };
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	if (fd < 0) {
		printf("no IPv6 sockets on this system: %s\n", strerror(errno));
		return false;
	}
	close(fd);
	connect_to(on, &at, one, other);
	return true;
}

static bool make_unix(struct reed_loop *on, struct reed_stream **one, struct reed_stream **other)
{
	struct reed_address at = { .family = REED_FAMILY_UNIX };
	char folder[] = "/tmp/reed-test-XXXXXX";

	check(mkdtemp(folder) != NULL);
	snprintf(at.path, sizeof(at.path), "%s/socket", folder);
	connect_to(on, &at, one, other);
	check(rmdir(folder) == 0); /* the listener has removed its socket */
	return true;
}

/* ---- in memory ---- */

static bool make_memory(struct reed_loop *on, struct reed_stream **one, struct reed_stream **other)
{
	reed_stream_pair(on, 0, one, other);
	return true;
}

static bool make_small_memory(struct reed_loop *on, struct reed_stream **one,
                              struct reed_stream **other)
{
	reed_stream_pair(on, 100, one, other);
	return true;
}

/* ---- streams made from streams ---- */

static bool make_scrambled(struct reed_loop *on, struct reed_stream **one,
                           struct reed_stream **other)
{
	make_socketpair(on, one, other);
	*one = scramble(*one);
	*other = scramble(*other);
	return true;
}

static bool make_twice_scrambled(struct reed_loop *on, struct reed_stream **one,
                                 struct reed_stream **other)
{
	make_scrambled(on, one, other);
	*one = scramble(*one);
	*other = scramble(*other);
	return true;
}

static bool make_records(struct reed_loop *on, struct reed_stream **one, struct reed_stream **other)
{
	make_tcp4(on, one, other);
	*one = in_records(*one);
	*other = in_records(*other);
	return true;
}

static bool make_narrow_records(struct reed_loop *on, struct reed_stream **one,
                                struct reed_stream **other)
{
	make_narrow(on, one, other);
	*one = in_records(*one);
	*other = in_records(*other);
	return true;
}

static bool make_records_in_memory(struct reed_loop *on, struct reed_stream **one,
                                   struct reed_stream **other)
{
	make_small_memory(on, one, other);
	*one = in_records(*one);
	*other = in_records(*other);
	return true;
}

static bool make_tls(struct reed_loop *on, struct reed_stream **one, struct reed_stream **other)
{
	make_tcp4(on, one, other);
	over_tls(one, other);
	return true;
}

static bool make_narrow_tls(struct reed_loop *on, struct reed_stream **one,
                            struct reed_stream **other)
{
	make_narrow(on, one, other);
	over_tls(one, other);
	return true;
}

static bool make_tls_in_memory(struct reed_loop *on, struct reed_stream **one,
                               struct reed_stream **other)
{
	make_small_memory(on, one, other);
	over_tls(one, other);
	return true;
}

static bool make_tls_in_tls(struct reed_loop *on, struct reed_stream **one,
                            struct reed_stream **other)
{
	make_tls(on, one, other);
	over_tls(one, other);
	return true;
}

static bool make_logged(struct reed_loop *on, struct reed_stream **one, struct reed_stream **other)
{
	make_tcp4(on, one, other);
	over_log(one, other);
	return true;
}

static bool make_narrow_logged(struct reed_loop *on, struct reed_stream **one,
                               struct reed_stream **other)
{
	make_narrow(on, one, other);
	over_log(one, other);
	return true;
}

static bool make_logged_in_memory(struct reed_loop *on, struct reed_stream **one,
                                  struct reed_stream **other)
{
	make_small_memory(on, one, other);
	over_log(one, other);
	return true;
}

static bool make_throttled(struct reed_loop *on, struct reed_stream **one,
                           struct reed_stream **other)
{
	make_tcp4(on, one, other);
	over_throttle(one, other);
	return true;
}

static bool make_tls_over_throttle(struct reed_loop *on, struct reed_stream **one,
                                   struct reed_stream **other)
{
	make_throttled(on, one, other);
	over_tls(one, other);
	return true;
}

static bool make_behind_proxy(struct reed_loop *on, struct reed_stream **one,
                              struct reed_stream **other)
{
	make_tcp4(on, one, other);
	behind_proxy(one, other);
	return true;
}

static bool make_through_socks(struct reed_loop *on, struct reed_stream **one,
                               struct reed_stream **other)
{
	make_tcp4(on, one, other);
	through_socks(one, other);
	return true;
}

static bool make_through_connect(struct reed_loop *on, struct reed_stream **one,
                                 struct reed_stream **other)
{
	make_narrow(on, one, other);
	through_connect(one, other);
	return true;
}

const struct kind kinds[] = {
	{ "tcp over IPv4", make_tcp4, NULL, true },
	{ "narrow socketpair", make_narrow, NULL, false },
	{ "socketpair", make_socketpair, NULL, false },
	{ "tcp over IPv6", make_tcp6, NULL, true },
	{ "unix", make_unix, NULL, false },
	{ "pipes", make_pipes, NULL, false },
	{ "memory", make_memory, NULL, true },
	{ "small memory", make_small_memory, NULL, true },
	{ "scrambled", make_scrambled, NULL, false },
	{ "twice scrambled", make_twice_scrambled, NULL, false },
	{ "records", make_records, NULL, true },
	{ "narrow records", make_narrow_records, NULL, false },
	{ "records in memory", make_records_in_memory, NULL, false },
	{ "TLS", make_tls, NULL, true },
	{ "narrow TLS", make_narrow_tls, NULL, false },
	{ "TLS in memory", make_tls_in_memory, NULL, false },
	{ "TLS in TLS", make_tls_in_tls, NULL, true },
	{ "logged", make_logged, NULL, true },
	{ "narrow logged", make_narrow_logged, NULL, false },
	{ "logged in memory", make_logged_in_memory, NULL, true },
	{ "throttled", make_throttled, NULL, true },
	{ "TLS over throttled", make_tls_over_throttle, NULL, true },
	{ "behind a proxy", make_behind_proxy, NULL, true },
	{ "through SOCKS5", make_through_socks, NULL, true },
	{ "through HTTP CONNECT", make_through_connect, NULL, false },
};

const size_t kind_count = REED_COUNT(kinds), few_kind_count = 2;
