/*
 * Changes to files, found by looking: a thread makes a list of what is there, and
 * the loop compares it with the one before.
 */

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reed/offload.h"
#include "watch_private.h"

struct entry {
	char *path;
	uint64_t device, inode;
	int64_t size, modified, changed;
	bool directory;
	bool fresh; /* was modified at the last look: is it whole? */
	bool known; /* matched with one of the other list */
};

struct list {
	struct entry *entries; /* sorted by path */
	size_t count, room;
};

struct polled {
	struct reed_file_watch watch;
	struct list list;
	struct reed_waiter waiter; /* owns the look under way */
	struct list fresh;         /* what that has found */
	struct reed_timer timer;
};

static struct polled *self_of(struct reed_file_watch *w)
{
	return reed_container_of(w, struct polled, watch);
}

/* ---- looking, in a thread ---- */

static void list_finish(struct list *l)
{
	for (size_t i = 0; i < l->count; i++)
		reed_free(l->entries[i].path);
	reed_free(l->entries);
	*l = (struct list){ .count = 0 };
}

static int64_t ns_of(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void add(struct list *l, const char *path, const struct stat *st)
{
	if (l->count == l->room) {
		l->room = l->room ? l->room * 2 : 16;
		l->entries = reed_realloc(l->entries, l->room * sizeof(*l->entries));
	}
	l->entries[l->count++] = (struct entry){
		.path = reed_strdup(path),
		.device = (uint64_t)st->st_dev,
		.inode = (uint64_t)st->st_ino,
		.size = S_ISDIR(st->st_mode) ? 0 : (int64_t)st->st_size,
		.modified = S_ISDIR(st->st_mode) ? 0 : ns_of(st->st_mtim),
		.changed = S_ISDIR(st->st_mode) ? 0 : ns_of(st->st_ctim),
		.directory = S_ISDIR(st->st_mode),
	};
}

static bool is_entry(const char *name)
{
	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* What is gone by the time it is looked at was never there. */
static void list_directory(struct list *l, const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d))) {
		char *full = is_entry(e->d_name) ? reed_sprintf("%s/%s", path, e->d_name) : NULL;

		if (full && lstat(full, &st) == 0)
			add(l, full, &st);
		reed_free(full);
	}
	if (d)
		closedir(d);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

/* The list grows while it is walked, and so goes down. */
static enum reed_err look(struct list *l, const char *path, const struct reed_file_watch_options *o,
                          struct reed_fault **fault)
{
	size_t directories = 0;
	struct stat st;

	if (stat(path, &st) == 0)
		add(l, path, &st);
	for (size_t i = 0; o->what != REED_WATCH_FILE && i < l->count; i++) {
		if (!l->entries[i].directory || (i > 0 && o->what == REED_WATCH_DIRECTORY))
			continue;
		if (++directories > o->most_directories) {
			*fault = reed_fault(REED_ETOOBIG, NULL,
			                    "there are more than %zu directories in %s",
			                    o->most_directories, path);
			return REED_ETOOBIG;
		}
		list_directory(l, l->entries[i].path);
	}
	if (l->count > 0)
		qsort(l->entries, l->count, sizeof(*l->entries), by_path);
	return REED_OK;
}

struct glance {
	struct reed_job job;
	struct reed_file_watch_options options;
	char *path;
	struct list list, *out;
};

static enum reed_err glance_run(struct reed_job *job)
{
	struct glance *self = reed_job_frame(job, struct glance);

	return look(&self->list, self->path, &self->options, &job->fault);
}

static void glance_deliver(struct reed_job *job)
{
	struct glance *self = reed_job_frame(job, struct glance);

	*self->out = self->list;
	self->list = (struct list){ .count = 0 };
}

static void glance_end(struct reed_job *job)
{
	struct glance *self = reed_job_frame(job, struct glance);

	list_finish(&self->list);
	reed_free(self->path);
}

static const struct reed_job_kind glance_kind = {
	.name = "look at files",
	.size = sizeof(struct glance),
	.run = glance_run,
	.deliver = glance_deliver,
	.end = glance_end,
};

/* ---- comparing ---- */

static bool is_same_file(const struct entry *a, const struct entry *b)
{
	return a->device == b->device && a->inode == b->inode && a->directory == b->directory;
}

static bool is_unchanged(const struct entry *a, const struct entry *b)
{
	return is_same_file(a, b) && a->size == b->size && a->modified == b->modified &&
	       a->changed == b->changed;
}

static struct entry *find(struct list *l, const struct entry *wanted)
{
	if (l->count == 0)
		return NULL;
	return bsearch(wanted, l->entries, l->count, sizeof(*l->entries), by_path);
}

static void compare_names(struct polled *self)
{
	for (size_t i = 0; i < self->fresh.count; i++) {
		struct entry *now = &self->fresh.entries[i], *before = find(&self->list, now);

		if (!before)
			continue;
		now->known = before->known = true;
		now->fresh = !is_unchanged(now, before);
		if (now->fresh)
			reed_watch_tell(&self->watch, REED_FILE_MODIFIED, now->directory, now->path,
			                NULL);
		else if (before->fresh && !now->directory)
			reed_watch_tell(&self->watch, REED_FILE_WRITTEN, false, now->path, NULL);
	}
}

static struct entry *where_it_went(struct polled *self, const struct entry *gone)
{
	for (size_t i = 0; i < self->fresh.count; i++) {
		struct entry *now = &self->fresh.entries[i];

		if (!now->known && is_same_file(now, gone))
			return now;
	}
	return NULL;
}

/* What went and what came may be the same under another name. */
static void compare_the_rest(struct polled *self)
{
	for (size_t i = 0; i < self->list.count; i++) {
		struct entry *before = &self->list.entries[i], *now;

		if (before->known)
			continue;
		now = where_it_went(self, before);
		if (now)
			now->known = true;
		reed_watch_tell(&self->watch, now ? REED_FILE_MOVED : REED_FILE_DELETED,
		                before->directory, before->path, now ? now->path : NULL);
	}
	for (size_t i = 0; i < self->fresh.count; i++) {
		struct entry *now = &self->fresh.entries[i];

		if (now->known)
			continue;
		now->fresh = true;
		reed_watch_tell(&self->watch, REED_FILE_CREATED, now->directory, now->path, NULL);
	}
}

/* ---- again and again ---- */

static void glance_at(struct polled *self);

static void waiting(struct reed_file_watch *w, bool is_waiting)
{
	struct polled *self = self_of(w);

	if (!is_waiting)
		reed_timer_stop(&self->timer);
	else if (!self->waiter.future && !w->fault)
		reed_timer_start(w->loop, &self->timer, reed_ns_of_ms(w->options.poll_ms));
}

static void glanced(struct reed_waiter *waiter, enum reed_err err, struct reed_fault *fault)
{
	struct polled *self = reed_container_of(waiter, struct polled, waiter);

	if (err) {
		reed_watch_fail(&self->watch, fault ? fault : reed_fault(err, NULL, "not polled"));
		return;
	}
	compare_names(self);
	compare_the_rest(self);
	list_finish(&self->list);
	self->list = self->fresh;
	for (size_t i = 0; i < self->list.count; i++)
		self->list.entries[i].known = false;
	self->fresh = (struct list){ .count = 0 };
	if (self->watch.is_waiting)
		waiting(&self->watch, true);
}

static void glance_at(struct polled *self)
{
	struct glance *g = reed_job_new(self->watch.loop, &glance_kind);

	g->options = self->watch.options;
	g->path = reed_strdup(self->watch.path);
	g->out = &self->fresh;
	reed_wait(reed_offload(&g->job), &self->waiter);
}

static void timer_fire(struct reed_timer *t)
{
	glance_at(reed_container_of(t, struct polled, timer));
}

static void polled_close(struct reed_file_watch *w)
{
	struct polled *self = self_of(w);

	reed_timer_stop(&self->timer);
	reed_unwait(w->loop, &self->waiter);
	list_finish(&self->list);
	list_finish(&self->fresh);
}

static const struct reed_file_watch_ops polled_ops = {
	.waiting = waiting,
	.close = polled_close,
};

/* The first look is taken at once, as changes count from here. */
enum reed_err reed_watch_by_polling(const char *path, const struct reed_file_watch_options *o,
                                    struct reed_loop *loop, struct reed_file_watch **w,
                                    struct reed_fault **fault)
{
	struct polled *self = reed_alloc(sizeof(*self));
	enum reed_err err;

	reed_watch_init(&self->watch, loop, path, o, &polled_ops);
	self->waiter.wake = glanced;
	self->timer.fire = timer_fire;
	err = look(&self->list, path, o, fault);
	if (err) {
		reed_file_watch_free(&self->watch);
		return err;
	}
	*w = &self->watch;
	return REED_OK;
}
