/*
 * How a process gets the listening sockets of the one it replaces: from the
 * control socket of that one, or from systemd's store.
 *
 * This blocks, as there is no loop yet and nothing to serve.
 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "daemon_private.h"
#include "handover.h"
#include "reed/alloc.h"
#include "reed/handover.h"

enum { ANSWER_S = 10, LOOK_AGAIN_MS = 10 };

static enum reed_err failed(const char *path, const char *what, struct reed_fault **fault)
{
	enum reed_err err = reed_err_of(errno);

	*fault = reed_fault(err, NULL, "%s %s: %s", path, what, strerror(errno));
	return err;
}

/* ---- asking ---- */

/* -1 with errno. */
static int dial(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = ANSWER_S };
	int fd;

	if (strlen(path) >= sizeof(to.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(to.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void take_fds(struct handover *h, struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			if (h->count < HANDOVER_SOCKETS)
				h->fds[h->count++] = fd;
			else
				close(fd);
		}
	}
}

/* One line; -1 with errno, 0 when the other side has ended without it. */
static ssize_t read_answer(struct handover *h, char *line, size_t room)
{
	union {
		char bytes[CMSG_SPACE(HANDOVER_SOCKETS * sizeof(int))];
		struct cmsghdr align;
	} control;
	size_t n = 0;

	while (n < room - 1 && !memchr(line, '\n', n)) {
		struct iovec iov = { line + n, room - 1 - n };
		struct msghdr message = { .msg_iov = &iov,
			                  .msg_iovlen = 1,
			                  .msg_control = &control,
			                  .msg_controllen = sizeof(control) };
		ssize_t got = recvmsg(h->connection, &message, MSG_CMSG_CLOEXEC);

		if (got <= 0)
			return got;
		take_fds(h, &message);
		n += (size_t)got;
	}
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return (ssize_t)n;
}

static enum reed_err hear(struct handover *h, const char *path, struct reed_fault **fault)
{
	char line[512];
	ssize_t n = read_answer(h, line, sizeof(line));

	if (n < 0)
		return failed(path, "does not answer", fault);
	if (strcmp(line, "ok") == 0 && n > 0)
		return REED_OK;
	*fault = reed_fault(REED_EBUSY, NULL, "the process that is to be replaced refuses: %s",
	                    n > 0 ? line : "it has ended");
	return REED_EBUSY;
}

enum reed_err reed_handover_ask(const char *state, struct handover *h, struct reed_fault **fault)
{
	static const char request[] = "hand-over\n";
	char *path = reed_sprintf("%s/ctl.sock", state);
	enum reed_err err;

	h->connection = dial(path);
	if (h->connection < 0)
		err = failed(path, "cannot be asked for its sockets", fault);
	else if (send(h->connection, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
		err = failed(path, "cannot be asked for its sockets", fault);
	else
		err = hear(h, path, fault);
	reed_free(path);
	return err;
}

/* ---- waiting ---- */

/* The lock is free a moment after the process has let go of the connection. */
enum reed_err reed_handover_wait(const char *state, int *lock, int64_t longest,
                                 struct reed_fault **fault)
{
	struct timespec pause = { .tv_nsec = LOOK_AGAIN_MS * 1000000 };
	enum reed_err err = reed_state_lock(state, lock, fault);
	int64_t waited = 0;

	while (err == REED_EBUSY && waited < longest) {
		reed_fault_free(*fault);
		*fault = NULL;
		nanosleep(&pause, NULL);
		waited += pause.tv_nsec;
		err = reed_state_lock(state, lock, fault);
	}
	return err;
}

void reed_handover_end(struct handover *h)
{
	while (h->count > 0)
		close(h->fds[--h->count]);
	if (h->connection >= 0)
		close(h->connection);
	h->connection = -1;
}

/* ---- systemd ---- */

/* sd_listen_fds_with_names(3): those we stored ourselves have our name. */
void reed_handover_stored(struct handover *h)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	const char *name = getenv("LISTEN_FDNAMES");

	if (!pid || !fds || !name || atol(pid) != (long)getpid())
		return;
	for (int i = 0, n = atoi(fds); i < n && name; i++) {
		size_t length = strcspn(name, ":");

		if (length == strlen(HANDOVER_NAME) && strncmp(name, HANDOVER_NAME, length) == 0 &&
		    h->count < HANDOVER_SOCKETS)
			h->fds[h->count++] = 3 + i;
		name = name[length] ? name + length + 1 : NULL;
	}
}

void reed_handover_inherit(struct handover *h, struct reed_loop *loop, bool for_good)
{
	for (size_t i = 0; i < h->count; i++)
		(for_good ? reed_inherit_for_good : reed_inherit)(loop, h->fds[i]);
	h->count = 0;
}
