/*
 * The directory that is watched, or that a file is in: it may be missing, and come
 * and go.  While it is missing, the nearest one above it that is there tells when
 * to try again.
 */

#include "os_watch_linux.h"

#include <string.h>
#include <sys/stat.h>

enum { TRIES = 16 };

/* ---- the directory itself, which may be missing ---- */

/* "/a/b" to "/a", "/a" to "/", "a" to "."; false at the top. */
bool reed_watch_go_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (strcmp(path, "/") == 0 || strcmp(path, ".") == 0)
		return false;
	if (!slash)
		strcpy(path, ".");
	else if (slash == path)
		path[1] = '\0';
	else
		*slash = '\0';
	return true;
}

static void leave_ancestor(struct watched *self)
{
	if (self->ancestor >= 0 && self->ancestor != self->base)
		inotify_rm_watch(self->fd.fd, self->ancestor);
	self->ancestor = -1;
	reed_free(self->awaited);
	self->awaited = NULL;
}

static bool exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

/* What comes next on the way down from path. */
static struct reed_slice step_below(const struct watched *self, const char *path)
{
	size_t n = strcmp(path, ".") == 0 ? 0 : strlen(path);
	struct reed_slice rest = reed_slice_of(self->folder + n);

	while (rest.n > 0 && rest.p[0] == '/')
		rest = reed_slice_from(rest, 1);
	return reed_slice_cut(&rest, '/');
}

/* False: what was missing below it has come in the meantime. */
static bool watch_ancestor(struct watched *self)
{
	char *path = reed_strdup(self->folder), *next;
	bool missing = true;

	while (self->ancestor < 0 && reed_watch_go_up(path))
		self->ancestor = inotify_add_watch(self->fd.fd, path, APPEARS | IN_ONLYDIR);
	if (self->ancestor >= 0) {
		self->awaited = reed_slice_dup(step_below(self, path));
		next = reed_sprintf("%s/%s", path, self->awaited);
		missing = !exists(next);
		reed_free(next);
	}
	reed_free(path);
	return missing;
}

static struct reed_fault *base_found(struct watched *self, bool tell)
{
	struct reed_file_watch *w = &self->watch;

	if (is_file(self)) {
		self->present = exists(w->path);
		if (tell && self->present)
			reed_watch_found(self, w->path, false);
		return NULL;
	}
	if (tell)
		reed_watch_tell(w, REED_FILE_CREATED, true, self->folder, NULL);
	if (!tell && w->options.what != REED_WATCH_TREE)
		return NULL;
	return reed_watch_add_below(self, self->folder, tell);
}

/* What stands in the way of the directory, and stays, is waited for to go. */
struct reed_fault *reed_watch_find_base(struct watched *self, bool tell)
{
	self->base = -1;
	for (int i = 0; i < TRIES; i++) {
		if (reed_watch_add(self, self->folder, &self->base)) {
			leave_ancestor(self);
			return base_found(self, tell);
		}
		if (errno != ENOENT && (errno != ENOTDIR || exists(self->folder)))
			return reed_watch_cannot(self->folder, errno);
		leave_ancestor(self);
		if (watch_ancestor(self))
			break;
	}
	return NULL;
}

static void find_base_again(struct watched *self)
{
	struct reed_fault *fault = reed_watch_find_base(self, true);

	if (fault)
		reed_watch_fail(&self->watch, fault);
}

void reed_watch_ancestor_changed(struct watched *self, const struct inotify_event *e)
{
	if (!(e->mask & GONE) && e->len > 0 && strcmp(e->name, self->awaited) != 0)
		return;
	find_base_again(self);
}

void reed_watch_base_gone(struct watched *self)
{
	inotify_rm_watch(self->fd.fd, self->base);
	reed_watch_move(self, self->folder, NULL);
	if (!is_file(self))
		reed_watch_tell(&self->watch, REED_FILE_DELETED, true, self->folder, NULL);
	else if (self->present)
		reed_watch_tell(&self->watch, REED_FILE_DELETED, false, self->watch.path, NULL);
	find_base_again(self);
}
