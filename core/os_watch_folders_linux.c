/* The directories that inotify watches for us, by their numbers. */

#include "os_watch_linux.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

/* ---- folders ---- */

struct folder **reed_watch_folder(struct watched *self, int wd)
{
	struct folder **at = &self->buckets[(unsigned)wd % BUCKETS];

	while (*at && (*at)->wd != wd)
		at = &(*at)->next;
	return at;
}

void reed_watch_forget(struct watched *self, struct folder **at)
{
	struct folder *f = *at;

	*at = f->next;
	self->folder_count--;
	reed_free(f->path);
	reed_free(f);
}

/* What a directory that was moved was called does not hold any more. */
static void remember(struct watched *self, int wd, const char *path)
{
	struct folder **at = reed_watch_folder(self, wd);

	if (*at) {
		reed_free((*at)->path);
	} else {
		*at = reed_alloc(sizeof(**at));
		(*at)->wd = wd;
		self->folder_count++;
	}
	(*at)->path = reed_strdup(path);
}

struct reed_fault *reed_watch_cannot(const char *path, int system_errno)
{
	if (system_errno == ENOSPC)
		return reed_fault(REED_ENOSPC, NULL,
		                  "cannot watch %s: this user has as many watches as the setting "
		                  "fs.inotify.max_user_watches allows",
		                  path);
	return reed_fault(reed_err_of(system_errno), NULL, "cannot watch %s: %s", path,
	                  strerror(system_errno));
}

static bool below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* A directory has gone from the tree, or has another place in it (to). */
void reed_watch_move(struct watched *self, const char *from, const char *to)
{
	for (int i = 0; i < BUCKETS; i++) {
		struct folder **at = &self->buckets[i];

		while (*at) {
			struct folder *f = *at;
			char *path;

			if (!below(f->path, from)) {
				at = &f->next;
			} else if (to) {
				path = reed_sprintf("%s%s", to, f->path + strlen(from));
				reed_free(f->path);
				f->path = path;
				at = &f->next;
			} else {
				inotify_rm_watch(self->fd.fd, f->wd);
				reed_watch_forget(self, at);
			}
		}
	}
}

void reed_watch_forget_all(struct watched *self)
{
	for (int i = 0; i < BUCKETS; i++)
		while (self->buckets[i])
			reed_watch_forget(self, &self->buckets[i]);
}

/* ---- trees ---- */

static bool is_entry(const char *name)
{
	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

bool reed_watch_add(struct watched *self, const char *path, int *wd)
{
	bool base = strcmp(path, self->folder) == 0;
	uint32_t mask = CHANGES | IN_ONLYDIR | (base ? 0 : IN_DONT_FOLLOW);

	*wd = inotify_add_watch(self->fd.fd, path, mask);
	if (*wd < 0)
		return false;
	remember(self, *wd, path);
	return true;
}

/* The stack of those not looked into yet; recursion would be as deep as somebody likes. */
struct walk {
	char **paths;
	size_t count, room;
};

static void walk_push(struct walk *walk, char *path)
{
	if (walk->count == walk->room) {
		walk->room = walk->room ? walk->room * 2 : 16;
		walk->paths = reed_realloc(walk->paths, walk->room * sizeof(*walk->paths));
	}
	walk->paths[walk->count++] = path;
}

/* Whoever wrote it may have closed it before there was a watch, and will not again. */
void reed_watch_found(struct watched *self, const char *path, bool directory)
{
	reed_watch_tell(&self->watch, REED_FILE_CREATED, directory, path, NULL);
	if (!directory)
		reed_watch_tell(&self->watch, REED_FILE_WRITTEN, false, path, NULL);
}

static void look_into(struct watched *self, struct walk *walk, const char *path, bool tell)
{
	DIR *d = opendir(path);
	struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d))) {
		char *full = is_entry(e->d_name) ? reed_sprintf("%s/%s", path, e->d_name) : NULL;
		bool directory = full && lstat(full, &st) == 0 && S_ISDIR(st.st_mode);

		if (full && tell)
			reed_watch_found(self, full, directory);
		if (directory && self->watch.options.what == REED_WATCH_TREE)
			walk_push(walk, full);
		else
			reed_free(full);
	}
	if (d)
		closedir(d);
}

/* Each is watched before it is looked into, so that nothing falls in between. */
struct reed_fault *reed_watch_add_below(struct watched *self, const char *top, bool tell)
{
	struct reed_fault *fault = NULL;
	struct walk walk = { .count = 0 };
	int wd;

	walk_push(&walk, reed_strdup(top));
	while (walk.count > 0) {
		char *path = walk.paths[--walk.count];

		if (!fault && self->folder_count >= self->watch.options.most_directories &&
		    strcmp(path, self->folder) != 0)
			fault = reed_fault(REED_ETOOBIG, NULL,
			                   "there are more than %zu directories in %s",
			                   self->watch.options.most_directories, self->folder);
		else if (!fault && reed_watch_add(self, path, &wd))
			look_into(self, &walk, path, tell);
		else if (!fault && errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			fault = reed_watch_cannot(path, errno);
		reed_free(path);
	}
	reed_free(walk.paths);
	return fault;
}
