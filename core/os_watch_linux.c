/*
 * Changes to files by inotify.
 *
 * What is watched is always a directory: of a file the one it is in, so that the
 * file may be replaced.  inotify(7) has the two halves of a move as events
 * of their own, which nearly always come together.
 */

#include "os_watch_linux.h"

#include <string.h>
#include <unistd.h>

enum { READ = 16384, HALF_MOVE_MS = 5 };

static struct watched *self_of(struct reed_file_watch *w)
{
	return reed_container_of(w, struct watched, watch);
}

/* ---- events ---- */

static void half_move_ends(struct watched *self)
{
	if (!self->half.cookie)
		return;
	if (self->half.directory)
		reed_watch_move(self, self->half.path, NULL);
	reed_watch_tell(&self->watch, REED_FILE_DELETED, self->half.directory, self->half.path,
	                NULL);
	reed_free(self->half.path);
	self->half = (struct half){ .cookie = 0 };
	reed_timer_stop(&self->half_timer);
}

static void half_timer_fire(struct reed_timer *t)
{
	half_move_ends(reed_container_of(t, struct watched, half_timer));
}

static void half_move_begins(struct watched *self, const struct inotify_event *e, const char *path)
{
	half_move_ends(self);
	self->half = (struct half){ e->cookie, e->mask & IN_ISDIR, reed_strdup(path) };
	reed_timer_start(self->watch.loop, &self->half_timer, REED_MS(HALF_MOVE_MS));
}

static void directory_appears(struct watched *self, const char *path)
{
	struct reed_fault *fault;

	if (self->watch.options.what != REED_WATCH_TREE)
		return;
	fault = reed_watch_add_below(self, path, true);
	if (fault)
		reed_watch_fail(&self->watch, fault);
}

static void moved_to(struct watched *self, const struct inotify_event *e, const char *path)
{
	bool directory = e->mask & IN_ISDIR;

	if (self->half.cookie && self->half.cookie == e->cookie) {
		reed_watch_tell(&self->watch, REED_FILE_MOVED, directory, self->half.path, path);
		if (directory)
			reed_watch_move(self, self->half.path, path);
		reed_free(self->half.path);
		self->half = (struct half){ .cookie = 0 };
		reed_timer_stop(&self->half_timer);
		return;
	}
	reed_watch_tell(&self->watch, REED_FILE_CREATED, directory, path, NULL);
	if (directory)
		directory_appears(self, path);
	else
		reed_watch_tell(&self->watch, REED_FILE_WRITTEN, false, path, NULL);
}

static void in_directory(struct watched *self, const struct inotify_event *e, const char *path)
{
	struct reed_file_watch *w = &self->watch;
	bool directory = e->mask & IN_ISDIR;

	if (e->mask & IN_CREATE) {
		reed_watch_tell(w, REED_FILE_CREATED, directory, path, NULL);
		if (directory)
			directory_appears(self, path);
	} else if (e->mask & IN_MODIFY) {
		reed_watch_tell(w, REED_FILE_MODIFIED, directory, path, NULL);
	} else if (e->mask & IN_CLOSE_WRITE) {
		reed_watch_tell(w, REED_FILE_WRITTEN, directory, path, NULL);
	} else if (e->mask & IN_DELETE) {
		reed_watch_tell(w, REED_FILE_DELETED, directory, path, NULL);
	} else if (e->mask & IN_MOVED_FROM) {
		half_move_begins(self, e, path);
	} else if (e->mask & IN_MOVED_TO) {
		moved_to(self, e, path);
	}
}

static void of_file(struct watched *self, const struct inotify_event *e)
{
	static const struct {
		uint32_t mask;
		enum reed_file_change_kind kind;
		bool present;
	} all[] = {
		{ IN_CREATE, REED_FILE_CREATED, true },
		{ IN_MODIFY, REED_FILE_MODIFIED, true },
		{ IN_CLOSE_WRITE, REED_FILE_WRITTEN, true },
		{ IN_MOVED_TO, REED_FILE_WRITTEN, true },
		{ IN_DELETE | IN_MOVED_FROM, REED_FILE_DELETED, false },
	};

	if (strcmp(e->name, self->name) != 0)
		return;
	for (size_t i = 0; i < REED_COUNT(all); i++) {
		if (!(e->mask & all[i].mask))
			continue;
		self->present = all[i].present;
		reed_watch_tell(&self->watch, all[i].kind, e->mask & IN_ISDIR, self->watch.path,
		                NULL);
		return;
	}
}

static void named(struct watched *self, const struct inotify_event *e)
{
	struct folder *f = *reed_watch_folder(self, e->wd);
	char *path;

	if (!f || e->len == 0)
		return;
	if (is_file(self)) {
		of_file(self, e);
		return;
	}
	path = reed_sprintf("%s%s%s", f->path, strcmp(f->path, "/") == 0 ? "" : "/", e->name);
	in_directory(self, e, path);
	reed_free(path);
}

static void event(struct watched *self, const struct inotify_event *e)
{
	struct folder **at;

	if (e->mask & IN_Q_OVERFLOW) {
		reed_watch_tell(&self->watch, REED_FILE_LOST, false, self->watch.path, NULL);
	} else if (e->mask & IN_IGNORED) {
		at = reed_watch_folder(self, e->wd);
		if (*at)
			reed_watch_forget(self, at);
	} else if (e->wd == self->ancestor) {
		reed_watch_ancestor_changed(self, e);
	} else if (e->wd == self->base && e->mask & GONE) {
		reed_watch_base_gone(self);
	} else {
		named(self, e);
	}
}

/* ---- the descriptor ---- */

/* What does not fit stays with the system, which says so if it was too much. */
static void update(struct watched *self)
{
	bool reads = !reed_watch_is_full(&self->watch) && !self->watch.fault;

	reed_fd_watch(&self->fd, reads ? REED_READ : 0);
}

static void watched_ready(struct reed_fd_watch *fd, unsigned events)
{
	struct watched *self = reed_container_of(fd, struct watched, fd);
	_Alignas(struct inotify_event) char bytes[READ];
	ssize_t n = read(fd->fd, bytes, sizeof(bytes));

	(void)events;
	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *e = (const void *)(bytes + at);

		event(self, e);
		at += (ssize_t)(sizeof(*e) + e->len);
	}
	update(self);
}

/* Who waits keeps the loop running; the descriptor on its own does not. */
static void watched_waiting(struct reed_file_watch *w, bool waiting)
{
	if (waiting)
		reed_loop_hold(w->loop);
	else
		reed_loop_release(w->loop);
}

static void watched_room(struct reed_file_watch *w)
{
	update(self_of(w));
}

static void watched_close(struct reed_file_watch *w)
{
	struct watched *self = self_of(w);

	reed_timer_stop(&self->half_timer);
	reed_free(self->half.path);
	reed_watch_forget_all(self);
	reed_free(self->folder);
	reed_free(self->awaited);
	if (self->fd.fd < 0)
		return;
	reed_fd_unwatch(&self->fd);
	close(self->fd.fd);
}

static const struct reed_file_watch_ops watched_ops = {
	.waiting = watched_waiting,
	.room = watched_room,
	.close = watched_close,
};

/* ---- the beginning ---- */

static void name_parts(struct watched *self)
{
	char *slash;

	self->folder = reed_strdup(self->watch.path);
	for (size_t n = strlen(self->folder); n > 1 && self->folder[n - 1] == '/'; n--)
		self->folder[n - 1] = '\0';
	if (!is_file(self))
		return;
	slash = strrchr(self->watch.path, '/');
	self->name = slash ? slash + 1 : self->watch.path;
	reed_watch_go_up(self->folder);
}

static struct reed_fault *begin(struct watched *self)
{
	name_parts(self);
	if (is_file(self) && !self->name[0])
		return reed_fault(REED_EINVAL, NULL, "%s is the name of a directory, not of a file",
		                  self->watch.path);
	self->fd.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (self->fd.fd < 0 && errno == EMFILE)
		return reed_fault(REED_EMFILE, NULL,
		                  "cannot watch %s: too many open files, or as many watchers as "
		                  "the setting fs.inotify.max_user_instances allows",
		                  self->watch.path);
	return self->fd.fd < 0 ? reed_watch_cannot(self->watch.path, errno)
	                       : reed_watch_find_base(self, false);
}

enum reed_err reed_watch_by_system(const char *path, const struct reed_file_watch_options *o,
                                   struct reed_loop *loop, struct reed_file_watch **w,
                                   struct reed_fault **fault)
{
	struct watched *self = reed_alloc(sizeof(*self));
	enum reed_err err;

	reed_watch_init(&self->watch, loop, path, o, &watched_ops);
	self->fd = (struct reed_fd_watch){ .loop = loop,
		                           .fd = -1,
		                           .ready = watched_ready,
		                           .idle = true };
	self->base = self->ancestor = -1;
	self->half_timer.fire = half_timer_fire;
	*fault = begin(self);
	if (*fault) {
		err = (*fault)->err;
		reed_file_watch_free(&self->watch);
		return err;
	}
	update(self);
	*w = &self->watch;
	return REED_OK;
}
