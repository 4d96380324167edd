/*
 * Runs of datagrams of one size: that they really pass the system as one message
 * (UDP_SEGMENT, UDP_GRO) where it can do that, and one by one where it cannot.
 * What is on the other side is a socket of the system, without us.
 */

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/os_dgram.h"
#include "tests/core/dgram_kit.h"

enum { RUN_OF = 40, SIZE = 100 };

static char bytes[RUN_OF * SIZE];

/* ---- the other side ---- */

static int raw(struct reed_address *at)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	struct sockaddr_storage got_at;
	socklen_t n = sizeof(got_at);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check(fd >= 0 && bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0);
	check(getsockname(fd, (struct sockaddr *)&got_at, &n) == 0);
	reed_address_of_system(&got_at, n, at);
	return fd;
}

#if defined(UDP_SEGMENT) && defined(UDP_GRO)

static bool takes_runs(int fd)
{
	int one = 1;

	return setsockopt(fd, IPPROTO_UDP, UDP_GRO, &one, sizeof(one)) == 0;
}

/* The length of the next message; *segment is that of the datagrams in it, 0: it is one. */
static ssize_t next(int fd, int *segment)
{
	_Alignas(struct cmsghdr) char control[128];
	static char into[65536];
	struct iovec iov = { into, sizeof(into) };
	struct msghdr m = { .msg_iov = &iov,
		            .msg_iovlen = 1,
		            .msg_control = control,
		            .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &m, 0);

	*segment = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO)
			memcpy(segment, CMSG_DATA(c), sizeof(*segment));
	check(n <= 0 || memcmp(into, bytes, (size_t)n) == 0 || *segment == 0);
	return n;
}

/* All of it as one message; false: this system does not do that. */
static bool say_run(int fd, const struct reed_address *to)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(uint16_t))] = { 0 };
	struct sockaddr_storage at;
	struct iovec iov = { bytes, sizeof(bytes) };
	struct msghdr m = { .msg_name = &at,
		            .msg_namelen = reed_address_to_system(to, &at),
		            .msg_iov = &iov,
		            .msg_iovlen = 1,
		            .msg_control = control,
		            .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	uint16_t size = SIZE;

	c->cmsg_level = IPPROTO_UDP;
	c->cmsg_type = UDP_SEGMENT;
	c->cmsg_len = CMSG_LEN(sizeof(size));
	memcpy(CMSG_DATA(c), &size, sizeof(size));
	return sendmsg(fd, &m, 0) == sizeof(bytes);
}

/* Asked of the system itself, so that a kernel of ours that does not use it is found out. */
static bool system_has_runs(void)
{
	struct reed_address at, other;
	int to = raw(&at), from = raw(&other), segment = 0;
	bool has = takes_runs(to) && say_run(from, &at);

	if (has)
		has = next(to, &segment) == sizeof(bytes) && segment == SIZE;
	close(to);
	close(from);
	return has;
}

#else

static bool takes_runs(int fd)
{
	(void)fd;
	return false;
}

static ssize_t next(int fd, int *segment)
{
	static char into[65536];

	*segment = 0;
	return recv(fd, into, sizeof(into), 0);
}

static bool system_has_runs(void)
{
	return false;
}

#endif

#ifdef REED_POSIX_ONLY
static const bool used = false;
#else
static const bool used = true;
#endif

/* ---- ours ---- */

static void fill(void)
{
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 31 + i / SIZE);
}

static void send_run(const struct reed_address *to)
{
	for (int i = 0; i < RUN_OF; i++)
		check_int(reed_dgram_send(us, to, reed_slice(bytes + i * SIZE, SIZE)), REED_OK);
}

static void a_run_leaves_as_one_message_where_the_system_can(void)
{
	bool whole = used && system_has_runs();
	struct reed_address at;
	int to = raw(&at), segment;

	takes_runs(to);
	us = bound("127.0.0.1", 0);
	send_run(&at);
	check_int(outcome(reed_dgram_drain(us)), REED_OK);
	if (whole) {
		check_int(next(to, &segment), sizeof(bytes));
		check_int(segment, SIZE);
	} else {
		for (int i = 0; i < RUN_OF; i++)
			check_int(next(to, &segment), SIZE);
	}
	check_int(recv(to, &segment, sizeof(segment), MSG_DONTWAIT), -1);
	printf("%s\n", whole ? "one message" : "one by one: this system has no runs");
	close(to);
}

/* As with a socket for which the system has refused one. */
static void without_runs_each_leaves_by_itself(void)
{
	struct reed_address at;
	int to = raw(&at), segment;

	takes_runs(to);
	us = bound("127.0.0.1", 0);
	reed_sock_dgram_of(us)->no_segments = true;
	send_run(&at);
	check_int(outcome(reed_dgram_drain(us)), REED_OK);
	for (int i = 0; i < RUN_OF; i++) {
		check_int(next(to, &segment), SIZE);
		check_int(segment, 0);
	}
	close(to);
}

#if defined(UDP_SEGMENT) && defined(UDP_GRO)

/* In one message they lie one behind the other, else each has a place of its own. */
static void a_run_arrives_as_one_message_and_is_taken_apart(void)
{
	struct reed_address ignored;
	int from = raw(&ignored);
	const char *first = NULL;
	bool whole = used && system_has_runs();

	us = bound("127.0.0.1", 0);
	if (!say_run(from, &us->local)) {
		close(from);
		return;
	}
	for (int i = 0; i < RUN_OF; i++) {
		check_int(outcome(reed_dgram_receive(us, &got)), REED_OK);
		check(reed_slice_eq(got.data, reed_slice(bytes + i * SIZE, SIZE)));
		first = i == 0 ? got.data.p : first;
		if (whole)
			check(got.data.p == first + i * SIZE);
	}
	hears_nothing(us);
	close(from);
}

#endif

int main(void)
{
	fill();
	RUN_ALONE(a_run_leaves_as_one_message_where_the_system_can);
	RUN_ALONE(without_runs_each_leaves_by_itself);
#if defined(UDP_SEGMENT) && defined(UDP_GRO)
	RUN_ALONE(a_run_arrives_as_one_message_and_is_taken_apart);
#endif
	return 0;
}
