/*
 * Whether files could be made or added to, asked before anybody tries.  Asked of
 * the user one is: root may do more than who it becomes.
 */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os.h"
#include "private.h"
#include "reed/file.h"
#include "reed/folder.h"

static enum reed_err failed(const char *path, const char *what, struct reed_fault **fault)
{
	enum reed_err err = reed_err_of(errno);

	*fault = reed_fault(err, NULL, "%s %s: %s", path, what, reed_strerror(err));
	return err;
}

/* EEXIST is good news too: somebody could. */
static int make_and_unmake(const char *folder)
{
	char *name = reed_sprintf("%s/.reed-%d", folder, (int)getpid());
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600),
	    why = errno;

	if (fd >= 0) {
		unlink(name);
		close(fd);
	}
	reed_free(name);
	errno = why;
	return fd >= 0 || why == EEXIST ? 0 : -1;
}

/* Permissions do not say it of folders like /proc, which take nothing; only trying does. */
static int take_a_file(const char *folder)
{
#ifdef O_TMPFILE
	/* one without a name is seen by nobody; not every file system has them */
	int fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd >= 0 ? 0 : -1;
#endif
	return make_and_unmake(folder);
}

enum reed_err reed_folder_probe(const char *path, struct reed_fault **fault)
{
	struct stat st;

	if (stat(path, &st) < 0 && errno == ENOENT) {
		*fault =
			reed_fault(REED_ENOENT, NULL, "there is no folder %s; make it first", path);
		return REED_ENOENT;
	}
	if (stat(path, &st) < 0)
		return failed(path, "cannot be looked at", fault);
	if (!S_ISDIR(st.st_mode)) {
		*fault = reed_fault(REED_ENOTDIR, NULL, "%s is no folder", path);
		return REED_ENOTDIR;
	}
	if (faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) < 0)
		return failed(path, "is a folder that we may not write to", fault);
	if (take_a_file(path) < 0)
		return failed(path, "is a folder that takes no new files", fault);
	return REED_OK;
}

/* The folder that path is in. */
static enum reed_err probe_folder_of(const char *path, struct reed_fault **fault)
{
	const char *slash = strrchr(path, '/');
	char *folder = !slash          ? reed_strdup(".")
	               : slash == path ? reed_strdup("/")
	                               : reed_slice_dup(reed_slice(path, (size_t)(slash - path)));
	enum reed_err err = reed_folder_probe(folder, fault);

	reed_free(folder);
	return err;
}

/* What a link that leads to nothing would have made in its place: the caller frees it. */
static char *behind_link(const char *path)
{
	char target[4096];
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	const char *slash = strrchr(path, '/');

	if (n <= 0)
		return NULL;
	target[n] = '\0';
	return target[0] == '/' || !slash
	               ? reed_strdup(target)
	               : reed_sprintf("%.*s/%s", (int)(slash - path), path, target);
}

/* More links in a row than the system follows are refused before they are seen here. */
static enum reed_err probe_new(const char *path, struct reed_fault **fault)
{
	char *behind = behind_link(path);
	enum reed_err err =
		behind ? reed_file_probe_end(behind, fault) : probe_folder_of(path, fault);

	reed_free(behind);
	return err;
}

/* A pipe or a device will do as well. */
enum reed_err reed_file_probe_end(const char *path, struct reed_fault **fault)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT ? probe_new(path, fault)
		                       : failed(path, "cannot be looked at", fault);
	if (S_ISDIR(st.st_mode)) {
		*fault = reed_fault(REED_EISDIR, NULL, "%s is a folder; write the path of a file",
		                    path);
		return REED_EISDIR;
	}
	if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0)
		return failed(path, "cannot be written to", fault);
	return REED_OK;
}

/* One that is there may have been left behind. */
enum reed_err reed_unix_probe(const char *path, struct reed_fault **fault)
{
	struct stat st;

	if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode)) {
		*fault =
			reed_fault(REED_EEXIST, NULL,
		                   "%s is there already and is no socket; take another path", path);
		return REED_EEXIST;
	}
	return probe_folder_of(path, fault);
}
