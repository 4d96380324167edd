/*
 * A disk that can be filled: preloaded into a program, it lets files under
 * $FULL_DISK grow only as long as there is no file $FULL_DISK/full.  What is
 * there can be written to, as on a real one.  A real one takes privileges.
 */

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static bool is_on_disk(int fd)
{
	const char *disk = getenv("FULL_DISK");
	char link[64], path[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	return disk && n > 0 && strncmp(path, disk, strlen(disk)) == 0;
}

static bool is_full(void)
{
	char flag[PATH_MAX];

	snprintf(flag, sizeof(flag), "%s/full", getenv("FULL_DISK"));
	return access(flag, F_OK) == 0;
}

/* Whether the file may become so long; of a socket or a pipe, always. */
static bool has_room(int fd, off_t size)
{
	int err = errno;
	struct stat st;
	bool room = fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || size <= st.st_size ||
	            !is_on_disk(fd) || !is_full();

	errno = room ? err : ENOSPC;
	return room;
}

typedef ssize_t write_fn(int, const void *, size_t);
typedef ssize_t pwrite_fn(int, const void *, size_t, off_t);
typedef int truncate_fn(int, off_t);
typedef int allocate_fn(int, off_t, off_t);

/* POSIX has it that a function fits into a pointer; C does not. */
static void find(const char *name, void *into)
{
	void *found = dlsym(RTLD_NEXT, name);

	memcpy(into, &found, sizeof(found));
}

#define EXPORT __attribute__((visibility("default")))

EXPORT ssize_t write(int fd, const void *p, size_t n);
EXPORT ssize_t pwrite(int fd, const void *p, size_t n, off_t at);
EXPORT ssize_t pwrite64(int fd, const void *p, size_t n, off_t at);
EXPORT int ftruncate(int fd, off_t size);
EXPORT int ftruncate64(int fd, off_t size);
EXPORT int posix_fallocate(int fd, off_t at, off_t n);

ssize_t write(int fd, const void *p, size_t n)
{
	static write_fn *real;
	off_t at = lseek(fd, 0, SEEK_CUR);

	if (!real)
		find("write", &real);
	return at < 0 || has_room(fd, at + (off_t)n) ? real(fd, p, n) : -1;
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	static pwrite_fn *real;

	if (!real)
		find("pwrite64", &real);
	return has_room(fd, at + (off_t)n) ? real(fd, p, n, at) : -1;
}

ssize_t pwrite64(int fd, const void *p, size_t n, off_t at)
{
	return pwrite(fd, p, n, at);
}

int ftruncate(int fd, off_t size)
{
	static truncate_fn *real;

	if (!real)
		find("ftruncate64", &real);
	return has_room(fd, size) ? real(fd, size) : -1;
}

int ftruncate64(int fd, off_t size)
{
	return ftruncate(fd, size);
}

int posix_fallocate(int fd, off_t at, off_t n)
{
	static allocate_fn *real;

	if (!real)
		find("posix_fallocate64", &real);
	return has_room(fd, at + n) ? real(fd, at, n) : ENOSPC;
}
