/* Whole files, for start and reload and worker threads: all of this may block. */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "os.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reed/alloc.h"

/* More than a key takes, so that none leaves a copy behind when the buffer grows. */
enum { STEP = 16384 };

static enum reed_err fail(struct reed_fault **fault, int saved, const char *what, const char *path)
{
	enum reed_err err = reed_err_of(saved);
	const char *hint = saved == EACCES ? " (the user this runs as may not)" : "";

	if (fault)
		*fault = reed_fault(err, NULL, "cannot %s %s: %s%s", what, path, strerror(saved),
		                    hint);
	return err;
}

/* ---- reading ---- */

static enum reed_err read_all(int fd, const char *path, struct reed_buf *into,
                              struct reed_fault **fault)
{
	ssize_t n;

	do {
		if (reed_buf_reserve(into, STEP)) {
			if (fault)
				*fault = reed_fault(REED_ETOOBIG, NULL,
				                    "%s is larger than %zu bytes", path,
				                    into->limit);
			return REED_ETOOBIG;
		}
		n = read(fd, into->p + into->end, into->size - into->end);
		if (n < 0 && errno != EINTR)
			return fail(fault, errno, "read", path);
		if (n > 0)
			reed_buf_added(into, (size_t)n);
	} while (n != 0);
	return REED_OK;
}

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

/* ---- writing ---- */

static int write_all(int fd, struct reed_slice bytes)
{
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno != EINTR)
			return errno;
		if (n > 0)
			bytes = reed_slice_from(bytes, (size_t)n);
	}
	return fsync(fd) < 0 ? errno : 0;
}

/* Without it the rename may be lost with the power. */
static void sync_folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? reed_slice_dup(reed_slice(path, (size_t)(slash - path) + 1))
	                     : reed_strdup(".");
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	reed_free(folder);
}

/* A new file beside it takes its place when it is whole. */
enum reed_err reed_os_write_file(const char *path, struct reed_slice bytes, unsigned mode,
                                 struct reed_fault **fault)
{
	char *fresh = reed_sprintf("%s.XXXXXX", path);
	int fd = mkostemp(fresh, O_CLOEXEC), failed;
	enum reed_err err = REED_OK;

	if (fd < 0) {
		err = fail(fault, errno, "create a file beside", path);
		reed_free(fresh);
		return err;
	}
	failed = write_all(fd, bytes);
	if (!failed && fchmod(fd, (mode_t)mode) < 0)
		failed = errno;
	close(fd);
	if (!failed && rename(fresh, path) < 0)
		failed = errno;
	if (failed) {
		err = fail(fault, failed, "write", path);
		unlink(fresh);
	} else {
		sync_folder_of(path);
	}
	reed_free(fresh);
	return err;
}
