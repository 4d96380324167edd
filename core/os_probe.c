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

/* A pipe or a device will do as well. */
enum reed_err reed_file_probe_end(const char *path, struct reed_fault **fault)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT ? probe_folder_of(path, fault)
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
