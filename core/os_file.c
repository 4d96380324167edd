/* Whole files, for start and reload and worker threads: all of this may block. */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "reed/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os.h"
#include "reed/alloc.h"

/* More than a key takes, so that none leaves a copy behind when the buffer grows. */
enum { STEP = 16384 };

/* For those who tell people; the others look at the number alone. */
static enum reed_err fail(struct reed_fault **fault, int saved, const char *what, const char *path)
{
	enum reed_err err = reed_err_of(saved);
	const char *hint = saved == EACCES ? " (the user this runs as may not)" : "";

	if (fault)
		*fault = reed_fault(err, NULL, "cannot %s %s: %s%s", what, path, strerror(saved),
		                    hint);
	return err;
}

/* ---- looking ---- */

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

bool reed_os_is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool ends_in(const char *name, const char *suffix)
{
	return name[0] != '.' && reed_slice_ends(reed_slice_of(name), reed_slice_of(suffix));
}

enum reed_err reed_os_list(const char *path, const char *suffix, char ***names, size_t *count,
                           struct reed_fault **fault)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, by_name);

	if (n < 0)
		return fail(fault, errno, "list", path);
	*names = reed_alloc((size_t)(n + 1) * sizeof(**names));
	*count = 0;
	for (int i = 0; i < n; i++) {
		if (ends_in(entries[i]->d_name, suffix))
			(*names)[(*count)++] = reed_sprintf("%s/%s", path, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return REED_OK;
}

void reed_os_list_free(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		reed_free(names[i]);
	reed_free(names);
}

/* ---- reading ---- */

/* A buffer that is full to its limit cannot tell whether there is more. */
static enum reed_err make_room(struct reed_buf *into, size_t *room)
{
	*room = STEP;
	if (into->limit && *room > into->limit - reed_buf_held(into))
		*room = into->limit - reed_buf_held(into);
	return *room ? reed_buf_reserve(into, *room) : REED_ETOOBIG;
}

static enum reed_err read_all(int fd, const char *path, struct reed_buf *into,
                              struct reed_fault **fault)
{
	enum reed_err err;
	size_t room;
	ssize_t n;

	do {
		err = make_room(into, &room);
		if (err && fault)
			*fault = reed_fault(err, NULL, "%s is larger than %zu bytes", path,
			                    into->limit);
		if (err)
			return err;
		n = read(fd, into->p + into->end, room);
		if (n < 0 && errno != EINTR)
			return fail(fault, errno, "read", path);
		if (n > 0)
			reed_buf_added(into, (size_t)n);
	} while (n != 0);
	return REED_OK;
}

/* Also from a pipe, as bash makes one for <(command). */
enum reed_err reed_os_read_file(const char *path, struct reed_buf *into, struct reed_fault **fault)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	enum reed_err err;

	if (fd < 0)
		return fail(fault, errno, "read", path);
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		err = fail(fault, EISDIR, "read", path);
	else
		err = read_all(fd, path, into, fault);
	close(fd);
	return err;
}

enum reed_err reed_file_read(const char *path, struct reed_buf *text, struct reed_file_stamp *stamp)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	enum reed_err err;

	*stamp = (struct reed_file_stamp){ 0 };
	if (fd < 0)
		return reed_err_of(errno);
	err = fstat(fd, &st) < 0 ? reed_err_of(errno) : stamp_of(&st, stamp);
	if (!err)
		err = read_all(fd, path, text, NULL);
	close(fd);
	return err;
}

/* ---- writing ---- */

static int open_folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? reed_slice_dup(reed_slice(path, (size_t)(slash - path) + 1))
	                     : reed_strdup(".");
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	reed_free(folder);
	return fd;
}

static int write_all(int fd, struct reed_slice bytes)
{
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0)
			bytes = reed_slice_from(bytes, (size_t)n);
	}
	return fsync(fd);
}

/* Without the sync of the folder the rename may be lost with the power. */
static int rename_for_good(const char *from, const char *to)
{
	int folder, rc;

	if (rename(from, to) < 0)
		return -1;
	folder = open_folder_of(to);
	if (folder < 0)
		return -1;
	rc = fsync(folder);
	close(folder);
	return rc;
}

/* The new file, which is open, takes the place of the other when it is whole.  0 or errno. */
static int put_in_place(int fd, const char *fresh, const char *path, struct reed_slice bytes,
                        unsigned mode)
{
	int failed = 0;

	if (fchmod(fd, (mode_t)mode) < 0 || write_all(fd, bytes) < 0)
		failed = errno;
	if (close(fd) < 0 && !failed)
		failed = errno;
	if (!failed && rename_for_good(fresh, path) < 0)
		failed = errno;
	if (failed)
		unlink(fresh);
	return failed;
}

/* Whoever writes it at the same time has a new file of its own. */
enum reed_err reed_os_write_file(const char *path, struct reed_slice bytes, unsigned mode,
                                 struct reed_fault **fault)
{
	char *fresh = reed_sprintf("%s.XXXXXX", path);
	int fd = mkostemp(fresh, O_CLOEXEC), failed;
	enum reed_err err = REED_OK;

	if (fd < 0) {
		err = fail(fault, errno, "create a file beside", path);
	} else {
		failed = put_in_place(fd, fresh, path, bytes, mode);
		if (failed)
			err = fail(fault, failed, "write", path);
	}
	reed_free(fresh);
	return err;
}

enum reed_err reed_file_lock(const char *path, int *lock)
{
	int fd = open_folder_of(path), rc;
	enum reed_err err = REED_OK;

	*lock = -1;
	if (fd < 0)
		return reed_err_of(errno);
	do
		rc = flock(fd, LOCK_EX);
	while (rc < 0 && errno == EINTR);
	if (rc < 0) {
		err = reed_err_of(errno);
		close(fd);
	} else {
		*lock = fd;
	}
	return err;
}

void reed_file_unlock(int lock)
{
	close(lock);
}

/* Whoever does so has the lock, so one name will do, and what a crash left there is no more. */
enum reed_err reed_file_replace(const char *path, struct reed_slice text,
                                struct reed_file_stamp *stamp)
{
	char *real = realpath(path, NULL);
	const char *to = real ? real : path;
	char *fresh = reed_sprintf("%s.new", to);
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	int failed = fd < 0 ? errno : put_in_place(fd, fresh, to, text, 0600);
	enum reed_err err = failed ? reed_err_of(failed) : reed_file_look(to, stamp);

	reed_free(fresh);
	free(real);
	return err;
}

enum reed_err reed_file_remove(const char *path)
{
	int folder;
	enum reed_err err;

	if (unlink(path) < 0)
		return reed_err_of(errno);
	folder = open_folder_of(path);
	if (folder < 0)
		return reed_err_of(errno);
	err = fsync(folder) < 0 ? reed_err_of(errno) : REED_OK;
	close(folder);
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

enum reed_err reed_file_sync(int fd)
{
	int rc;

	do
		rc = fsync(fd);
	while (rc < 0 && errno == EINTR);
	return rc < 0 ? reed_err_of(errno) : REED_OK;
}

enum reed_err reed_file_cut(int fd, uint64_t n)
{
	int rc;

	do
		rc = ftruncate(fd, (off_t)n);
	while (rc < 0 && errno == EINTR);
	return rc < 0 ? reed_err_of(errno) : REED_OK;
}

bool reed_os_is_file(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
}
