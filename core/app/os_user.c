/* Users and groups: who a daemon that root has started becomes. */

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "confine.h"
#include "daemon_private.h"
#include "reed/alloc.h"
#include "reed/settings.h"

static bool is_number(const char *text, unsigned *id)
{
	uint64_t number;

	if (reed_slice_u64(reed_slice_of(text), UINT32_MAX - 1, &number))
		return false;
	*id = (unsigned)number;
	return true;
}

/* A number without an entry is somebody too, but his group has to be told. */
static enum reed_err find_user(const char *user, bool has_group, struct run_as *out,
                               struct reed_fault **fault)
{
	const struct passwd *entry = getpwnam(user);

	if (!entry && is_number(user, &out->uid))
		entry = getpwuid((uid_t)out->uid);
	else if (!entry)
		*fault = reed_fault(REED_ENOENT, NULL, "there is no user \"%s\" on this machine",
		                    user);
	if (*fault)
		return REED_ENOENT;
	if (entry) {
		out->name = reed_strdup(entry->pw_name);
		out->uid = entry->pw_uid;
		out->gid = entry->pw_gid;
		return REED_OK;
	}
	if (has_group)
		return REED_OK;
	*fault =
		reed_fault(REED_EINVAL, NULL, "nobody has the number %s, so say --group too", user);
	return REED_EINVAL;
}

static enum reed_err find_group(const char *group, struct run_as *out, struct reed_fault **fault)
{
	const struct group *entry = getgrnam(group);

	if (entry)
		out->gid = entry->gr_gid;
	else if (!is_number(group, &out->gid))
		*fault = reed_fault(REED_ENOENT, NULL, "there is no group \"%s\" on this machine",
		                    group);
	return *fault ? REED_ENOENT : REED_OK;
}

enum reed_err reed_os_user_find(const char *user, const char *group, struct run_as *out,
                                struct reed_fault **fault)
{
	const char *of = "--user";
	enum reed_err err = REED_OK;

	*out = (struct run_as){ .given = user || group, .uid = geteuid(), .gid = getegid() };
	*fault = NULL;
	if (user)
		err = find_user(user, group != NULL, out, fault);
	if (!err && group) {
		of = "--group";
		err = find_group(group, out, fault);
	}
	if (err)
		*fault = reed_fault(err, *fault, "%s", of);
	return err;
}

enum reed_err reed_os_user_of_program(const char *user, const char *group,
                                      struct user_of_program *out, struct reed_fault **fault)
{
	struct run_as found = { .uid = geteuid(), .gid = getegid() };
	gid_t groups[USER_GROUPS];
	int n = USER_GROUPS;
	enum reed_err err = REED_OK;

	*fault = NULL;
	if (user)
		err = find_user(user, group != NULL, &found, fault);
	if (!err && group)
		err = find_group(group, &found, fault);
	if (!err && (!found.name || getgrouplist(found.name, found.gid, groups, &n) < 0)) {
		groups[0] = found.gid; /* of a number, or of too many */
		n = 1;
	}
	for (int i = 0; i < n && !err; i++)
		out->groups[i] = groups[i];
	out->user = (struct reed_child_user){ found.uid, found.gid, out->groups, (size_t)n };
	reed_user_finish(&found);
	return err;
}

enum reed_err reed_setting_user(const char *user, struct reed_fault **fault)
{
	unsigned id;

	if (getpwnam(user) || is_number(user, &id))
		return REED_OK;
	*fault = reed_fault(REED_ENOENT, NULL, "there is no user \"%s\" on this machine", user);
	return REED_ENOENT;
}

enum reed_err reed_setting_group(const char *group, struct reed_fault **fault)
{
	unsigned id;

	if (getgrnam(group) || is_number(group, &id))
		return REED_OK;
	*fault = reed_fault(REED_ENOENT, NULL, "there is no group \"%s\" on this machine", group);
	return REED_ENOENT;
}

void reed_user_finish(struct run_as *self)
{
	reed_free(self->name);
	self->name = NULL;
}

static bool is_us(const struct run_as *self)
{
	return self->uid == geteuid() && self->gid == getegid();
}

static enum reed_err failed(const char *what, struct reed_fault **fault)
{
	enum reed_err err = reed_err_of(errno);

	*fault = reed_fault(err, NULL, "%s: %s", what, strerror(errno));
	return err;
}

/* Groups first: who is no longer root cannot change them. */
static int become(const struct run_as *self)
{
	gid_t only = self->gid;

	if ((self->name ? initgroups(self->name, only) : setgroups(1, &only)) < 0)
		return -1;
	return setregid(only, only) < 0 ? -1 : setreuid(self->uid, self->uid);
}

enum reed_err reed_user_take(const struct run_as *self, struct reed_fault **fault)
{
	if (!self->given || is_us(self))
		return REED_OK;
	if (geteuid() != 0) {
		*fault = reed_fault(REED_EPERM, NULL,
		                    "only root can become somebody else; leave out --user and "
		                    "--group, or start as root");
		return REED_EPERM;
	}
	if (become(self) < 0)
		return failed("cannot become the user of --user", fault);
	if (self->uid != 0 && (setuid(0) == 0 || geteuid() == 0)) {
		*fault = reed_fault(REED_EPERM, NULL, "root could not be left for good");
		return REED_EPERM;
	}
	return REED_OK;
}

/* ---- what is made for them ---- */

enum reed_err reed_user_own_folder(const struct run_as *self, const char *path,
                                   struct reed_fault **fault)
{
	struct stat st;

	if (!self->given || is_us(self) || geteuid() != 0 || lstat(path, &st) == 0)
		return REED_OK;
	if (reed_state_make(path, fault))
		return (*fault)->err;
	if (lchown(path, self->uid, self->gid) < 0)
		return failed(path, fault);
	return REED_OK;
}

enum reed_err reed_user_own_file(const struct run_as *self, const char *path,
                                 struct reed_fault **fault)
{
	int fd;

	if (!self->given || is_us(self) || geteuid() != 0)
		return REED_OK;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd < 0)
		return REED_OK; /* it is there, or who opens it will say why not */
	if (fchown(fd, self->uid, self->gid) < 0)
		failed(path, fault);
	close(fd);
	return *fault ? (*fault)->err : REED_OK;
}
