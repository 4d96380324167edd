#include "tests/core/uring_kit.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

enum { LOOKED_AT = 256 };

void open_uring(void)
{
	struct reed_loop_options options = REED_LOOP_OPTIONS;

	options.driver = "uring";
	check_int(reed_loop_new(&options, &loop), REED_OK);
	uring_or_skip(loop);
}

void short_turns(int n)
{
	for (int i = 0; i < n; i++)
		reed_loop_turn(loop, REED_MS(1));
}

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		                     .sin_port = htons(port),
		                     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

int bare_listener(int backlog, struct reed_address *at)
{
	struct sockaddr_in here = loopback(0);
	socklen_t n = sizeof(here);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	check(bind(fd, (struct sockaddr *)&here, n) == 0 && listen(fd, backlog) == 0);
	check(getsockname(fd, (struct sockaddr *)&here, &n) == 0);
	*at = (struct reed_address){ .family = REED_FAMILY_IPV4,
		                     .port = ntohs(here.sin_port),
		                     .ip = { 127, 0, 0, 1 } };
	return fd;
}

int bare_dial(const struct reed_address *to)
{
	struct sockaddr_in there = loopback(to->port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	check(fd >= 0 && connect(fd, (struct sockaddr *)&there, sizeof(there)) == 0);
	return fd;
}

static int descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < LOOKED_AT; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

void in_a_loop(void (*test)(void), int turns_after)
{
	int before = descriptors();

	open_uring();
	test();
	short_turns(turns_after);
	reed_loop_free(loop);
	check_int(descriptors(), before);
}
