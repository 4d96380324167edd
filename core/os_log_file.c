/* What the log's writer asks of the system: files that are moved away, and the journal. */

#include "log_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "reed/alloc.h"

uint64_t reed_log_os_size(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

enum reed_err reed_log_os_rotate(const char *path, unsigned keep)
{
	enum reed_err err = REED_OK;

	for (unsigned i = keep; i > 0 && !err; i--) {
		char *to = reed_sprintf("%s.%u", path, i);
		char *from = i > 1 ? reed_sprintf("%s.%u", path, i - 1) : reed_strdup(path);

		if (rename(from, to) < 0 && errno != ENOENT)
			err = reed_err_of(errno);
		reed_free(from);
		reed_free(to);
	}
	return err;
}

/* $JOURNAL_STREAM is DEVICE:INODE (systemd.exec(5)): it may be inherited by one with another stderr. */
bool reed_log_os_is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char own[64];
	struct stat st;

	if (!stream || fstat(fd, &st) < 0)
		return false;
	snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(stream, own) == 0;
}

int reed_log_os_journal(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(to.sun_path))
		return -1;
	memcpy(to.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

bool reed_log_os_journal_send(int fd, struct reed_slice record)
{
	ssize_t n;

	do
		n = send(fd, record.p, record.n, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n >= 0;
}
