/* Files without a name, which may get one.  All of this may block. */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os.h"
#include "reed/alloc.h"
#include "reed/file.h"
#include "reed/folder.h"

enum { STEP = 65536, PATH_OF_FD = 40 };

/* Where the system knows no files without a name, one is made and taken away. */
static int open_and_unlink(const char *folder)
{
	char *path = reed_sprintf("%s/.reed.XXXXXX", folder);
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd >= 0)
		unlink(path);
	reed_free(path);
	return fd;
}

static int open_nameless(const char *folder)
{
	int fd = -1;

#ifdef O_TMPFILE
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd;
#endif
	return fd < 0 ? open_and_unlink(folder) : fd;
}

enum reed_err reed_file_temporary(const char *folder, int *fd, struct reed_fault **fault)
{
	int saved;

	*fd = open_nameless(folder);
	if (*fd >= 0)
		return REED_OK;
	saved = errno;
	if (fault)
		*fault = reed_fault(reed_err_of(saved), NULL,
		                    "cannot make a temporary file in %s: %s", folder,
		                    strerror(saved));
	return reed_err_of(saved);
}

/* ---- a name ---- */

static bool give_name(int fd, const char *path)
{
#ifdef O_TMPFILE
	char self[PATH_OF_FD];

	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
#else
	(void)fd;
	(void)path;
	errno = EOPNOTSUPP;
	return false;
#endif
}

static enum reed_err copy_all(int from, int to)
{
	char *room = reed_alloc_raw(STEP);
	enum reed_err err = REED_OK;
	off_t at = 0;
	ssize_t n;

	while (!err && (n = pread(from, room, STEP, at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		err = n < 0 ? reed_err_of(errno) : reed_file_add(to, reed_slice(room, (size_t)n));
		at += n;
	}
	reed_free(room);
	return err ? err : reed_file_sync(to);
}

static enum reed_err copy_to(int fd, const char *path)
{
	int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	enum reed_err err;

	if (to < 0)
		return reed_err_of(errno);
	err = copy_all(fd, to);
	if (close(to) < 0 && !err)
		err = reed_err_of(errno);
	if (err)
		unlink(path);
	return err;
}

/* Without the sync of the folder the name may be lost with the power. */
static enum reed_err sync_folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? reed_slice_dup(reed_slice(path, (size_t)(slash - path) + 1))
	                     : reed_strdup(".");
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum reed_err err = fd < 0 ? reed_err_of(errno) : reed_file_sync(fd);

	if (fd >= 0)
		close(fd);
	reed_free(folder);
	return err;
}

enum reed_err reed_file_name(int fd, const char *path)
{
	enum reed_err err = fchmod(fd, 0640) < 0 ? reed_err_of(errno) : reed_file_sync(fd);

	if (err)
		return err;
	if (!give_name(fd, path)) {
		if (errno == EEXIST)
			return REED_EEXIST;
		err = copy_to(fd, path);
	}
	return err ? err : sync_folder_of(path);
}
