/* Files that come piece by piece. */

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "private.h"
#include "reed/part.h"

static enum reed_err checked(int fd, uint64_t *size)
{
	struct stat st;

	if (fd < 0)
		return errno == ELOOP ? REED_EINVAL : reed_err_of(errno);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		*size = (uint64_t)st.st_size;
		return REED_OK;
	}
	close(fd);
	return REED_EINVAL;
}

/* Without O_NONBLOCK the other end of a pipe would be waited for. */
enum reed_err reed_part_source(const char *path, int *fd, uint64_t *size)
{
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return checked(*fd, size);
}

enum reed_err reed_part_open(const char *part, int *fd, uint64_t *have)
{
	enum reed_err err;

	*fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640);
	err = checked(*fd, have);
	if (err || flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return err;
	err = errno == EWOULDBLOCK ? REED_EBUSY : reed_err_of(errno);
	close(*fd);
	return err;
}

static enum reed_err cut_off(int fd, uint64_t offset)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return reed_err_of(errno);
	if ((uint64_t)st.st_size > offset && ftruncate(fd, (off_t)offset) < 0)
		return reed_err_of(errno);
	return REED_OK;
}

enum reed_err reed_part_write(int fd, uint64_t offset, struct reed_slice bytes)
{
	enum reed_err err = cut_off(fd, offset);

	while (!err && bytes.n > 0) {
		ssize_t n = pwrite(fd, bytes.p, bytes.n, (off_t)offset);

		if (n < 0 && errno != EINTR)
			err = reed_err_of(errno);
		if (n <= 0)
			continue;
		bytes = reed_slice_from(bytes, (size_t)n);
		offset += (uint64_t)n;
	}
	return err;
}

static bool is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* A link does not replace what is there, but not every file system has them. */
enum reed_err reed_part_keep(int fd, const char *part, const char *path, bool replace)
{
	if (fsync(fd) < 0)
		return reed_err_of(errno);
	if (!replace && link(part, path) == 0) {
		unlink(part);
		return REED_OK;
	}
	if (!replace && is_there(path))
		return REED_EEXIST;
	return rename(part, path) < 0 ? reed_err_of(errno) : REED_OK;
}
