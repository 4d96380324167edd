/* The state directory: where it is, that it is ours, that it is ours alone. */

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon_private.h"
#include "reed/alloc.h"
#include "reed/folder.h"

/* sun_path holds 108 bytes, with the name of the control socket and its end. */
enum { STATE_MOST = 108 - sizeof("/ctl.sock") };

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

char *reed_state_default(const char *command, struct reed_fault **fault)
{
	const char *given = environment("STATE_DIRECTORY"), *home = environment("HOME");
	const char *xdg = environment("XDG_STATE_HOME");

	if (given)
		return reed_sprintf("%.*s", (int)strcspn(given, ":"), given);
	if (geteuid() == 0)
		return reed_sprintf("/var/lib/reed/%s", command);
	if (xdg && *xdg == '/')
		return reed_sprintf("%s/reed/%s", xdg, command);
	if (home)
		return reed_sprintf("%s/.local/state/reed/%s", home, command);
	*fault = reed_fault(REED_EINVAL, NULL,
	                    "there is no $HOME to keep state in; say where with --state DIR");
	return NULL;
}

#define TAKE_ANOTHER "take another with --state DIR"

/* What can be done about it. */
static const char *advice(enum reed_err err)
{
	if (err == REED_EACCES || err == REED_EPERM || err == REED_EROFS)
		return "; make it and give it to the user who runs this (chown), or " TAKE_ANOTHER;
	return err == REED_ENOSPC ? "; make room on that disk" : "; " TAKE_ANOTHER;
}

static enum reed_err failed(const char *path, const char *what, struct reed_fault **fault)
{
	int why = errno;
	enum reed_err err = reed_err_of(why);

	*fault = reed_fault(err, NULL, "the state directory %s %s: %s%s", path, what, strerror(why),
	                    advice(err));
	return err;
}

static enum reed_err refused(const char *path, const char *why, struct reed_fault **fault)
{
	*fault = reed_fault(REED_EACCES, NULL, "the state directory %s %s, or " TAKE_ANOTHER, path,
	                    why);
	return REED_EACCES;
}

/* Those above may be shared with others; the last one is for us. */
static int make_all(const char *path)
{
	char *part = reed_strdup(path);
	int rc = 0;

	for (char *p = part + 1; rc == 0 && (p = strchr(p, '/')); p++) {
		*p = '\0';
		rc = mkdir(part, 0755);
		if (rc < 0 && errno == EEXIST)
			rc = 0;
		*p = '/';
	}
	if (rc == 0)
		rc = mkdir(path, 0700);
	if (rc < 0 && errno == EEXIST)
		rc = 0;
	reed_free(part);
	return rc;
}

static enum reed_err look_at(const char *path, const struct stat *st, unsigned whose,
                             struct reed_fault **fault)
{
	if (!S_ISDIR(st->st_mode))
		return refused(path, "is no directory; make one there", fault);
	if (access(path, R_OK | W_OK | X_OK) < 0)
		return failed(path, "cannot be written to", fault);
	if (st->st_uid != whose && st->st_uid != 0)
		return refused(
			path, "belongs to somebody else; give it to the user who runs this (chown)",
			fault);
	if (st->st_mode & S_IWOTH)
		return refused(path, "can be written to by everybody; chmod 700 it", fault);
	return REED_OK;
}

enum reed_err reed_state_make(const char *path, struct reed_fault **fault)
{
	struct stat st;

	if (stat(path, &st) < 0 && (make_all(path) < 0 || stat(path, &st) < 0))
		return failed(path, "cannot be made", fault);
	return look_at(path, &st, geteuid(), fault);
}

/* "/a/b" becomes "/a", then "/"; "a" becomes ".".  Those are always there. */
static void go_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		path[0] = '.';
	else
		*(slash == path ? slash + 1 : slash) = '\0';
	if (!slash)
		path[1] = '\0';
}

/* What is in it already does on a full disk too. */
static enum reed_err probe_folder(const char *path, const char *what, const char *folder,
                                  struct reed_fault **fault)
{
	struct reed_fault *cause = NULL;
	enum reed_err err = reed_folder_probe(folder, &cause);

	if (!err || err == REED_ENOSPC) {
		reed_fault_free(cause);
		return REED_OK;
	}
	*fault = reed_fault(err, NULL, "the state directory %s %s: %s%s", path, what,
	                    cause->sentence, advice(err));
	reed_fault_free(cause);
	return err;
}

/* The nearest above it that is there is what would have to take it. */
static enum reed_err probe_above(const char *path, struct reed_fault **fault)
{
	char *above = reed_strdup(path);
	enum reed_err err;
	struct stat st;
	int rc;

	while ((rc = stat(above, &st)) < 0 && (errno == ENOENT || errno == ENOTDIR))
		go_up(above);
	if (rc == 0 && !S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		rc = -1;
	} else if (rc == 0) {
		rc = access(above, W_OK | X_OK);
	}
	err = rc < 0 ? failed(path, "cannot be made", fault)
	             : probe_folder(path, "cannot be made", above, fault);
	reed_free(above);
	return err;
}

/* Root may be about to become somebody else, whose it is. */
enum reed_err reed_state_probe(const char *path, struct reed_fault **fault)
{
	struct stat st;
	enum reed_err err;

	if (strlen(path) > STATE_MOST)
		return refused(path,
		               "has too long a path for a socket in it; make a short link to it",
		               fault);
	if (stat(path, &st) < 0)
		return probe_above(path, fault);
	err = look_at(path, &st, geteuid() == 0 ? st.st_uid : geteuid(), fault);
	if (!err)
		err = probe_folder(path, "cannot be used", path, fault);
	return err ? err : reed_state_check(path, fault);
}

/* ---- what it is written by ---- */

/* Without a mark it is the first; one that is no number is nobody's. */
static uint64_t version_of(const char *path)
{
	char *file = reed_sprintf("%s/version", path), text[24] = "";
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	uint64_t version = 1;

	if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 &&
	    reed_slice_u64(reed_slice_trim(reed_slice_of(text)), INT32_MAX, &version))
		version = 0;
	if (fd >= 0)
		close(fd);
	reed_free(file);
	return version;
}

enum reed_err reed_state_check(const char *path, struct reed_fault **fault)
{
	uint64_t version = version_of(path);

	if (version >= 1 && version <= STATE_VERSION)
		return REED_OK;
	if (version == 0)
		*fault = reed_fault(REED_ENOTSUP, NULL,
		                    "the state directory %s has a file \"version\" that is no "
		                    "number; write %d into it if it is a state directory, or take "
		                    "another with --state DIR",
		                    path, STATE_VERSION);
	else
		*fault = reed_fault(
			REED_ENOTSUP, NULL,
			"the state directory %s was written by a newer version of this "
			"program (format %ju, and this one knows %d); start that one, or "
			"take another with --state DIR",
			path, (uintmax_t)version, STATE_VERSION);
	return REED_ENOTSUP;
}

/* On a full disk it stays without: that is the first version too. */
void reed_state_mark(const char *path)
{
	char *file = reed_sprintf("%s/version", path), text[24];
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool written = false;

	snprintf(text, sizeof(text), "%d\n", STATE_VERSION);
	if (fd >= 0)
		written = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	if (fd >= 0)
		close(fd);
	if (fd >= 0 && !written)
		unlink(file);
	reed_free(file);
}

/* ---- one process at a time ---- */

static int pid_in(int fd)
{
	char text[24] = "";

	return pread(fd, text, sizeof(text) - 1, 0) > 0 ? atoi(text) : 0;
}

/* When the disk is full the lock holds without. */
static bool write_pid(int fd, const char *text)
{
	size_t n = strlen(text);

	return ftruncate(fd, 0) == 0 && pwrite(fd, text, n, 0) == (ssize_t)n;
}

enum reed_err reed_state_lock(const char *path, int *lock, struct reed_fault **fault)
{
	char *file = reed_sprintf("%s/lock", path);
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600), pid;
	char text[24];

	reed_free(file);
	if (fd < 0)
		return failed(path, "cannot be locked", fault);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		snprintf(text, sizeof(text), "%d\n", (int)getpid());
		write_pid(fd, text);
		*lock = fd;
		return REED_OK;
	}
	pid = pid_in(fd);
	close(fd);
	if (pid > 0)
		*fault = reed_fault(REED_EBUSY, NULL,
		                    "the state directory %s is in use by process %d; stop that "
		                    "one, take over from it with --replace, or take another "
		                    "with --state DIR",
		                    path, pid);
	else
		*fault = reed_fault(REED_EBUSY, NULL,
		                    "the state directory %s is in use by another process", path);
	return REED_EBUSY;
}

/* The file stays: to unlink it could take away the lock of one that has just come. */
void reed_state_unlock(int lock)
{
	if (lock < 0)
		return;
	write_pid(lock, "");
	close(lock);
}

/* ---- whose are in use ---- */

static bool is_locked(const char *path)
{
	char *file = reed_sprintf("%s/lock", path);
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	bool locked = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0;

	reed_free(file);
	if (fd >= 0)
		close(fd);
	return locked;
}

/* The names of those in use in folder, for people; *last is the path of the last one. */
static size_t list_running(const char *folder, struct reed_buf *names, char **last)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	size_t n = 0;

	while (dir && (entry = readdir(dir))) {
		char *path = reed_sprintf("%s/%s", folder, entry->d_name);

		if (entry->d_name[0] == '.' || !is_locked(path)) {
			reed_free(path);
			continue;
		}
		reed_buf_printf(names, "%s%s", n++ ? ", " : "", entry->d_name);
		reed_free(*last);
		*last = path;
	}
	if (dir)
		closedir(dir);
	return n;
}

char *reed_state_running(struct reed_fault **fault)
{
	char *folder = reed_state_default("", fault), *last = NULL;
	struct reed_buf names = { .limit = 1024 };
	size_t n;

	if (!folder || is_locked(folder))
		return folder;
	n = list_running(folder, &names, &last);
	if (n == 0)
		*fault = reed_fault(REED_ENOENT, NULL,
		                    "no server of yours runs in %s; say where with --state DIR",
		                    folder);
	else if (n > 1)
		*fault = reed_fault(REED_EINVAL, NULL,
		                    "several servers run in %s; say which with --of: " REED_FMT,
		                    folder, REED_ARG(reed_buf_slice(&names)));
	if (n != 1) {
		reed_free(last);
		last = NULL;
	}
	reed_buf_finish(&names);
	reed_free(folder);
	return last;
}
