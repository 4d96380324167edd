#include "reed/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reed/alloc.h"

static int64_t ns_of(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static enum reed_err stamp_of(const struct stat *st, struct reed_file_stamp *stamp)
{
	*stamp = (struct reed_file_stamp){
		.device = (uint64_t)st->st_dev,
		.inode = (uint64_t)st->st_ino,
		.size = (int64_t)st->st_size,
		.modified = ns_of(st->st_mtim),
		.changed = ns_of(st->st_ctim),
		.mode = (uint32_t)st->st_mode & 07777,
	};
	return S_ISREG(st->st_mode) ? REED_OK : REED_EINVAL;
}

enum reed_err reed_file_look(const char *path, struct reed_file_stamp *stamp)
{
	struct stat st;

	*stamp = (struct reed_file_stamp){ 0 };
	if (stat(path, &st) < 0)
		return reed_err_of(errno);
	return stamp_of(&st, stamp);
}

bool reed_file_same(const struct reed_file_stamp *a, const struct reed_file_stamp *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->modified == b->modified && a->changed == b->changed && a->mode == b->mode;
}

static enum reed_err read_all(int fd, struct reed_buf *text)
{
	for (;;) {
		enum reed_err err = reed_buf_reserve(text, 1);
		size_t room = text->size - text->end;
		ssize_t n;

		if (err)
			return err;
		if (text->limit && room > text->limit - reed_buf_held(text))
			room = text->limit - reed_buf_held(text);
		n = read(fd, text->p + text->end, room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? reed_err_of(errno) : REED_OK;
		reed_buf_added(text, (size_t)n);
	}
}

enum reed_err reed_file_read(const char *path, struct reed_buf *text, struct reed_file_stamp *stamp)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	enum reed_err err;

	*stamp = (struct reed_file_stamp){ 0 };
	if (fd < 0)
		return reed_err_of(errno);
	err = fstat(fd, &st) < 0 ? reed_err_of(errno) : stamp_of(&st, stamp);
	if (!err)
		err = read_all(fd, text);
	close(fd);
	return err;
}

/* From reed_alloc(): the folder path is in. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return reed_strdup(".");
	return reed_slice_dup(reed_slice(path, slash == path ? 1 : (size_t)(slash - path)));
}

static int open_folder(const char *path)
{
	char *folder = folder_of(path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	reed_free(folder);
	return fd;
}

enum reed_err reed_file_lock(const char *path, int *lock)
{
	int fd = open_folder(path), rc;

	*lock = -1;
	if (fd < 0)
		return reed_err_of(errno);
	do
		rc = flock(fd, LOCK_EX);
	while (rc < 0 && errno == EINTR);
	if (rc < 0) {
		enum reed_err err = reed_err_of(errno);

		close(fd);
		return err;
	}
	*lock = fd;
	return REED_OK;
}

void reed_file_unlock(int lock)
{
	close(lock);
}

static enum reed_err write_all(int fd, struct reed_slice text)
{
	while (text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return reed_err_of(errno);
		text = reed_slice_from(text, (size_t)n);
	}
	return fsync(fd) < 0 ? reed_err_of(errno) : REED_OK;
}

static enum reed_err write_new(const char *path, struct reed_slice text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	enum reed_err err;

	if (fd < 0)
		return reed_err_of(errno);
	/* it may have been left over by somebody who died, with another mode */
	err = fchmod(fd, 0600) < 0 ? reed_err_of(errno) : write_all(fd, text);
	if (close(fd) < 0 && !err)
		err = reed_err_of(errno);
	return err;
}

static enum reed_err rename_for_good(const char *from, const char *to)
{
	int folder;
	enum reed_err err;

	if (rename(from, to) < 0)
		return reed_err_of(errno);
	folder = open_folder(to);
	if (folder < 0)
		return reed_err_of(errno);
	err = fsync(folder) < 0 ? reed_err_of(errno) : REED_OK;
	close(folder);
	return err;
}

enum reed_err reed_file_replace(const char *path, struct reed_slice text,
                                struct reed_file_stamp *stamp)
{
	char *real = realpath(path, NULL);
	const char *to = real ? real : path;
	char *fresh = reed_sprintf("%s.new", to);
	enum reed_err err = write_new(fresh, text);

	if (!err)
		err = rename_for_good(fresh, to);
	else
		unlink(fresh);
	if (!err)
		err = reed_file_look(to, stamp);
	reed_free(fresh);
	free(real);
	return err;
}

/* ---- files that grow ---- */

enum reed_err reed_file_open_end(const char *path, int *fd)
{
	*fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
	return *fd < 0 ? reed_err_of(errno) : REED_OK;
}

enum reed_err reed_file_add(int fd, struct reed_slice bytes)
{
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return reed_err_of(errno);
		bytes = reed_slice_from(bytes, (size_t)n);
	}
	return REED_OK;
}
