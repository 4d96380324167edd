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

int64_t reed_log_os_written(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
		return 0;
	return REED_S((int64_t)st.st_mtim.tv_sec) + st.st_mtim.tv_nsec;
}

bool reed_log_os_was_moved(int fd, const char *path)
{
	struct stat open, named;

	return fstat(fd, &open) == 0 && stat(path, &named) == 0 &&
	       (open.st_ino != named.st_ino || open.st_dev != named.st_dev);
}

/* "path", "path.3", "path.3.gz"; the caller frees it. */
static char *numbered(const char *path, unsigned i, const char *suffix)
{
	return i > 0 ? reed_sprintf("%s.%u%s", path, i, suffix) : reed_strdup(path);
}

/* REED_ENOENT: there is none, which may well be. */
static enum reed_err move(const char *path, unsigned i, const char *suffix)
{
	char *from = numbered(path, i - 1, suffix), *to = numbered(path, i, suffix);
	enum reed_err err = rename(from, to) < 0 ? reed_err_of(errno) : REED_OK;

	reed_free(from);
	reed_free(to);
	return err;
}

static void remove_numbered(const char *path, unsigned i, const char *suffix)
{
	char *name = numbered(path, i, suffix);

	unlink(name);
	reed_free(name);
}

/* One number up, packed or not: what had that number before has left it, or goes. */
static enum reed_err move_up(const char *path, unsigned i, bool last)
{
	enum reed_err plain = move(path, i, ""), packed;

	if (plain && plain != REED_ENOENT)
		return plain;
	packed = i > 1 ? move(path, i, ".gz") : REED_ENOENT;
	if (last && !plain && packed)
		remove_numbered(path, i, ".gz");
	else if (last && plain && !packed)
		remove_numbered(path, i, "");
	return packed == REED_ENOENT ? REED_OK : packed;
}

enum reed_err reed_log_os_rotate(const char *path, unsigned keep)
{
	enum reed_err err = REED_OK;

	for (unsigned i = keep; i > 0 && !err; i--)
		err = move_up(path, i, i == keep);
	return err;
}

static bool is_file(const char *name, struct reed_log_file of)
{
	struct stat st;

	return lstat(name, &st) == 0 && (uint64_t)st.st_dev == of.device &&
	       (uint64_t)st.st_ino == of.inode;
}

/* The packed one is there before the other goes: a crash in between leaves both, and both whole. */
static enum reed_err replace(const char *name, const char *packed)
{
	char *to = reed_sprintf("%s.gz", name);
	enum reed_err err = REED_OK;

	if (rename(packed, to) < 0 || unlink(name) < 0)
		err = reed_err_of(errno);
	reed_free(to);
	return err;
}

enum reed_err reed_log_os_put_packed(const char *path, unsigned keep, const char *packed,
                                     struct reed_log_file of)
{
	enum reed_err err = REED_ENOENT;

	for (unsigned i = 1; path && i <= keep && err == REED_ENOENT; i++) {
		char *name = numbered(path, i, "");

		if (is_file(name, of))
			err = replace(name, packed);
		reed_free(name);
	}
	if (err)
		unlink(packed);
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
