/* Files beneath a folder, and nowhere else. */

#include "reed/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__linux__) && !defined(REED_POSIX_ONLY)
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

#include "reed/alloc.h"

enum { FLAGS = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC };

enum reed_err reed_folder_make(const char *path)
{
	struct stat st;

	if (mkdir(path, 0700) == 0)
		return REED_OK;
	if (errno != EEXIST || stat(path, &st) < 0)
		return reed_err_of(errno);
	return S_ISDIR(st.st_mode) ? REED_OK : REED_ENOTDIR;
}

enum reed_err reed_folder_real(const char *path, char **real)
{
	char *found = realpath(path, NULL);

	if (!found)
		return reed_err_of(errno);
	*real = reed_strdup(found);
	free(found); /* of the C library */
	return REED_OK;
}

enum reed_err reed_folder_open(const char *path, int *fd)
{
	*fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *fd < 0 ? reed_err_of(errno) : REED_OK;
}

void reed_folder_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* ---- opening ---- */

/* Each folder on its own, so that no link is followed and nothing leads up. */
static int open_by_parts(int root, const char *path)
{
	char part[256];
	int at = dup(root), next;

	while (at >= 0 && *path) {
		size_t n = strcspn(path, "/");
		bool last = path[n] == '\0';

		if (n == 0 || !reed_slice_copy(part, sizeof(part), reed_slice(path, n))) {
			errno = ENOENT;
			next = -1;
		} else {
			next = openat(at, part, FLAGS | O_NOFOLLOW | (last ? 0 : O_DIRECTORY));
		}
		close(at);
		at = next;
		path += n + !last;
	}
	return at;
}

static int open_beneath(int root, const char *path, bool symlinks)
{
#ifdef SYS_openat2
	struct open_how how = {
		.flags = FLAGS,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS |
		           (symlinks ? 0 : (unsigned)RESOLVE_NO_SYMLINKS),
	};
	long fd = syscall(SYS_openat2, root, *path ? path : ".", &how, sizeof(how));

	if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
		return (int)fd;
#endif
	(void)symlinks; /* that they stay beneath could not be seen */
	return open_by_parts(root, path);
}

static void describe(const struct stat *st, struct reed_folder_file *file)
{
	file->folder = S_ISDIR(st->st_mode);
	file->size = st->st_size;
	file->modified = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* A link that leads out (EXDEV) or is not followed (ELOOP) is not there for a client. */
static enum reed_err open_error(int err)
{
	return err == EXDEV || err == ELOOP || err == ENOTDIR || err == ENAMETOOLONG || err == ENXIO
	               ? REED_ENOENT
	               : reed_err_of(err);
}

enum reed_err reed_folder_look(int root, const char *path, bool symlinks,
                               struct reed_folder_file *file)
{
	struct stat st;
	int fd = open_beneath(root, path, symlinks);

	file->fd = -1;
	if (fd < 0)
		return open_error(errno);
	if (fstat(fd, &st) < 0 || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))) {
		close(fd);
		return REED_EACCES;
	}
	describe(&st, file);
	file->fd = fd;
	return REED_OK;
}

enum reed_err reed_folder_read(int fd, void *into, size_t n, uint64_t offset)
{
	char *p = into;

	while (n > 0) {
		ssize_t got = pread(fd, p, n, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? reed_err_of(errno) : REED_EIO;
		p += got;
		n -= (size_t)got;
		offset += (uint64_t)got;
	}
	return REED_OK;
}

/* ---- listing ---- */

/* A number in a name, without its zeros in front; what follows it is left. */
static struct reed_slice take_number(const char **p)
{
	struct reed_slice digits = reed_slice_first(reed_slice_of(*p), strspn(*p, "0123456789"));

	*p += digits.n;
	while (digits.n > 0 && digits.p[0] == '0')
		digits = reed_slice_from(digits, 1);
	return digits;
}

static int compare_numbers(struct reed_slice a, struct reed_slice b)
{
	return a.n != b.n ? (a.n > b.n) - (a.n < b.n) : reed_slice_cmp(a, b);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* As people count: 2 before 10. */
static int compare_names(const char *a, const char *b)
{
	const char *p = a, *q = b;
	int order = 0;

	while (order == 0 && *p && *q)
		if (is_digit(*p) && is_digit(*q))
			order = compare_numbers(take_number(&p), take_number(&q));
		else
			order = (unsigned char)*p++ - (unsigned char)*q++;
	if (order == 0)
		order = (unsigned char)*p - (unsigned char)*q;
	return order ? order : strcmp(a, b); /* 01 and 1 are two files */
}

static int by_name(const void *a, const void *b)
{
	const struct reed_folder_entry *x = a, *y = b;

	if (x->file.folder != y->file.folder)
		return x->file.folder ? -1 : 1;
	return compare_names(x->name, y->name);
}

static bool wanted(int dir, const char *name, bool hidden, struct reed_folder_entry *entry)
{
	struct stat st;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || (name[0] == '.' && !hidden))
		return false;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		return false;
	entry->name = reed_strdup(name);
	entry->file.fd = -1;
	describe(&st, &entry->file);
	return true;
}

enum reed_err reed_folder_list(int fd, bool hidden, size_t most, struct reed_folder_entry **entries,
                               size_t *count, bool *more)
{
	int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = own >= 0 ? fdopendir(own) : NULL;
	struct dirent *each;

	*count = 0;
	*more = false;
	if (!dir) {
		reed_folder_close(own);
		return reed_err_of(errno);
	}
	*entries = reed_alloc(most * sizeof(**entries));
	while ((each = readdir(dir)) && !*more) {
		if (*count == most)
			*more = true;
		else if (wanted(own, each->d_name, hidden, &(*entries)[*count]))
			++*count;
	}
	closedir(dir);
	qsort(*entries, *count, sizeof(**entries), by_name);
	return REED_OK;
}

void reed_folder_list_free(struct reed_folder_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++)
		reed_free(entries[i].name);
	reed_free(entries);
}
