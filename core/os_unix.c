/*
 * UNIX sockets in the file system: whose they are, and those left behind.
 *
 * A socket file outlives a process that was killed.  Whether somebody is still
 * behind one, a connect tells; but not of a socket that is bound and does not
 * listen yet.  So who binds holds a lock from before the look until it listens,
 * and two who start at the same time do not remove each other's.  A lock that
 * is held says that somebody is just taking the name: it is in use.
 */

#include "private.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os.h"

enum { TRIES = 10, RECORD = 16384 };

/* ---- the lock ---- */

struct lock {
	char *path;
	int fd;
};

/* Who unlocked may have removed the file between our open and our lock: then again. */
static int lock_once(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600), err;
	struct stat ours, there;

	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &ours) == 0 &&
	    lstat(path, &there) == 0 && ours.st_ino == there.st_ino && ours.st_dev == there.st_dev)
		return fd;
	err = errno;
	close(fd);
	errno = err == EWOULDBLOCK ? EADDRINUSE : err == ENOENT || err == 0 ? EAGAIN : err;
	return -1;
}

static bool lock_take(struct lock *lock, const char *of)
{
	lock->path = reed_sprintf("%s.lock", of);
	for (int i = 0; i < TRIES; i++) {
		errno = 0;
		lock->fd = lock_once(lock->path);
		if (lock->fd >= 0 || (errno != EAGAIN && errno != EADDRINUSE))
			break;
	}
	if (lock->fd >= 0)
		return true;
	reed_free(lock->path);
	return false;
}

static void lock_release(struct lock *lock)
{
	int err = errno;

	unlink(lock->path);
	close(lock->fd);
	reed_free(lock->path);
	errno = err;
}

/* ---- what was left behind ---- */

/* 0: the name is free now; else an errno. */
static int make_way(const struct reed_address *at, int type)
{
	struct sockaddr_storage to;
	socklen_t n = reed_address_to_system(at, &to);
	struct stat st;
	int fd, err = 0;

	if (lstat(at->path, &st) < 0)
		return errno == ENOENT ? 0 : errno;
	if (!S_ISSOCK(st.st_mode))
		return ENOTSOCK;
	fd = reed_os_socket(at, type);
	if (fd < 0)
		return errno;
	if (connect(fd, (struct sockaddr *)&to, n) == 0 || errno != ECONNREFUSED)
		err = EADDRINUSE;
	else if (unlink(at->path) < 0 && errno != ENOENT)
		err = errno;
	close(fd);
	return err;
}

struct reed_unix_file reed_unix_file_of(const struct reed_address *at)
{
	struct reed_unix_file file = { .made = false };
	struct stat st;

	if (at->family == REED_FAMILY_UNIX && at->path[0] != '@' && lstat(at->path, &st) == 0 &&
	    S_ISSOCK(st.st_mode)) {
		file.made = true;
		file.dev = st.st_dev;
		file.ino = st.st_ino;
	}
	return file;
}

void reed_unix_remove(const struct reed_unix_file *file, const char *path)
{
	struct stat st;

	if (file->made && lstat(path, &st) == 0 && st.st_dev == file->dev && st.st_ino == file->ino)
		unlink(path);
}

/* Also at a reload, when it is too late for root to do it. */
static enum reed_err cannot_listen(const struct reed_address *at, struct reed_fault **fault)
{
	enum reed_err err = reed_os_fail(fault, at, "cannot listen on");
	struct reed_fault *why = *fault;

	if (err != REED_EACCES)
		return err;
	*fault = reed_fault(err, NULL, "%s; its folder has to let user %u make files",
	                    why->sentence, (unsigned)geteuid());
	reed_fault_free(why);
	return err;
}

/* ---- whose it is ---- */

static bool is_number(const char *name, unsigned *id)
{
	uint64_t number;

	if (reed_slice_u64(reed_slice_of(name), UINT32_MAX - 1, &number))
		return false;
	*id = (unsigned)number;
	return true;
}

static bool find_user(const char *name, unsigned *id)
{
	char *record = reed_alloc_raw(RECORD);
	struct passwd entry, *found = NULL;

	getpwnam_r(name, &entry, record, RECORD, &found);
	if (found)
		*id = entry.pw_uid;
	reed_free(record);
	return found;
}

static bool find_group(const char *name, unsigned *id)
{
	char *record = reed_alloc_raw(RECORD);
	struct group entry, *found = NULL;

	getgrnam_r(name, &entry, record, RECORD, &found);
	if (found)
		*id = entry.gr_gid;
	reed_free(record);
	return found;
}

static enum reed_err find_owner(const struct reed_bind *bind, unsigned *uid, unsigned *gid,
                                struct reed_fault **fault)
{
	bool known = true;
	const char *name = bind->user, *what = "user";

	if (bind->user)
		known = is_number(bind->user, uid) || find_user(bind->user, uid);
	if (known && bind->group) {
		name = bind->group;
		what = "group";
		known = is_number(bind->group, gid) || find_group(bind->group, gid);
	}
	if (known)
		return REED_OK;
	*fault = reed_fault(REED_ENOENT, NULL, "there is no %s \"%s\" on this system", what, name);
	return REED_ENOENT;
}

/* The owner before the mode: a change of owner may take bits of the mode away. */
static enum reed_err own_file(const struct reed_address *at, const struct reed_bind *bind,
                              unsigned uid, unsigned gid, struct reed_fault **fault)
{
	if ((bind->user || bind->group) && lchown(at->path, uid, gid) < 0)
		return reed_os_fail(fault, at, "cannot set the owner of");
	if (bind->mode >= 0 && chmod(at->path, (mode_t)bind->mode) < 0)
		return reed_os_fail(fault, at, "cannot set the mode of");
	return REED_OK;
}

/* ---- binding ---- */

static enum reed_err bind_there(int fd, const struct reed_address *at, int type, int backlog,
                                struct reed_fault **fault)
{
	struct sockaddr_storage to;
	socklen_t n = reed_address_to_system(at, &to);

	if (bind(fd, (struct sockaddr *)&to, n) < 0 ||
	    (at->path[0] == '@' && type == SOCK_STREAM && listen(fd, backlog) < 0))
		return cannot_listen(at, fault);
	return REED_OK;
}

static enum reed_err bind_file(int fd, const struct reed_address *at, int type, int backlog,
                               const struct reed_bind *bind, struct reed_unix_file *file,
                               struct reed_fault **fault)
{
	unsigned uid = (unsigned)-1, gid = (unsigned)-1;
	enum reed_err err = find_owner(bind, &uid, &gid, fault);
	struct stat st;

	if (err)
		return err;
	/* Until the mode is set nobody may be let in whom it would keep out. */
	if (bind->mode >= 0)
		fchmod(fd, (mode_t)bind->mode & 0600);
	err = bind_there(fd, at, type, backlog, fault);
	if (err)
		return err;
	file->made = lstat(at->path, &st) == 0;
	file->dev = st.st_dev;
	file->ino = st.st_ino;
	err = own_file(at, bind, uid, gid, fault);
	if (!err && type == SOCK_STREAM && listen(fd, backlog) < 0)
		err = reed_os_fail(fault, at, "cannot listen on");
	if (err)
		reed_unix_remove(file, at->path);
	return err;
}

static enum reed_err in_the_way(const struct reed_address *at, int why, struct reed_fault **fault)
{
	char text[REED_ADDRESS_TEXT];

	errno = why;
	if (why != ENOTSOCK)
		return reed_os_fail(fault, at, "cannot listen on");
	*fault = reed_fault(REED_EADDRINUSE, NULL,
	                    "cannot listen on %s: a file is there that is no socket",
	                    reed_address_text(at, text));
	return REED_EADDRINUSE;
}

enum reed_err reed_unix_bind(int fd, const struct reed_address *at, int type, int backlog,
                             const struct reed_bind *bind, struct reed_unix_file *file,
                             struct reed_fault **fault)
{
	struct lock lock;
	enum reed_err err;
	int why;

	if (at->path[0] == '@')
		return bind_there(fd, at, type, backlog, fault);
	if (!lock_take(&lock, at->path))
		return cannot_listen(at, fault);
	why = make_way(at, type);
	err = why ? in_the_way(at, why, fault)
	          : bind_file(fd, at, type, backlog, bind, file, fault);
	lock_release(&lock);
	return err;
}
