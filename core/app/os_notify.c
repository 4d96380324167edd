/*
 * What systemd is told (sd_notify(3)): a datagram to $NOTIFY_SOCKET.  Nobody
 * waits for it, and nobody misses it where there is no systemd.
 */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon_private.h"

/* False when there is nobody to tell. */
static bool address_of(struct sockaddr_un *to, socklen_t *n)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t length = path ? strlen(path) : 0;

	if (length == 0 || length >= sizeof(to->sun_path) || !strchr("/@", *path))
		return false;
	*to = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(to->sun_path, path, length);
	if (*path == '@')
		to->sun_path[0] = '\0';
	*n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	return true;
}

static void send_text(const char *text, const int *fds, size_t n)
{
	struct sockaddr_un to;
	union {
		char bytes[CMSG_SPACE(HANDOVER_SOCKETS * sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct iovec iov = { (char *)(uintptr_t)text, strlen(text) };
	struct msghdr message = { .msg_name = &to, .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;
	int fd;

	if (!address_of(&to, &message.msg_namelen))
		return;
	if (n > 0) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(n * sizeof(int));
		c = CMSG_FIRSTHDR(&message);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	}
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	sendmsg(fd, &message, MSG_NOSIGNAL);
	close(fd);
}

void reed_notify(const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	send_text(text, NULL, 0);
}

void reed_notify_store(const int *fds, size_t n, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	send_text(text, fds, n < HANDOVER_SOCKETS ? n : HANDOVER_SOCKETS);
}

/* WATCHDOG_PID is for when the main process forks another one that inherits these. */
int64_t reed_notify_watchdog(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	uint64_t us;

	if (!usec || reed_slice_u64(reed_slice_of(usec), INT64_MAX / 1000, &us) || us == 0)
		return 0;
	if (pid && atoi(pid) != (int)getpid())
		return 0;
	return (int64_t)us * 1000;
}
