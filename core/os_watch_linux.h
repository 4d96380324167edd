/* What the files of inotify share. */

#ifndef REED_OS_WATCH_LINUX_H
#define REED_OS_WATCH_LINUX_H

#include <sys/inotify.h>

#include "watch_private.h"

enum {
	BUCKETS = 256,
	GONE = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT,
	APPEARS = IN_CREATE | IN_MOVED_TO | GONE,
	CHANGES = APPEARS | IN_DELETE | IN_MOVED_FROM | IN_MODIFY | IN_CLOSE_WRITE,
};

struct folder {
	struct folder *next; /* in its bucket */
	int wd;
	char *path;
};

/* The first half of a move, until the second comes, or does not. */
struct half {
	uint32_t cookie; /* 0: none */
	bool directory;
	char *path;
};

struct watched {
	struct reed_file_watch watch;
	struct reed_fd_watch fd;
	struct folder *buckets[BUCKETS];
	size_t folder_count;
	int base;         /* of the watched directory; -1: it is missing, and */
	int ancestor;     /* that of the nearest one above it, or -1 */
	char *awaited;    /* the next one on the way from there; NULL: none */
	char *folder;     /* the directory: path, or where a file is */
	const char *name; /* of a file, in path */
	bool present;     /* the file */
	struct half half;
	struct reed_timer half_timer;
};

static inline bool is_file(const struct watched *self)
{
	return self->watch.options.what == REED_WATCH_FILE;
}

/* ---- os_watch_folders_linux.c ---- */

struct folder **reed_watch_folder(struct watched *self, int wd);
void reed_watch_forget(struct watched *self, struct folder **at);
void reed_watch_forget_all(struct watched *self);

/* A directory has gone from the tree (to is NULL), or has another place in it. */
void reed_watch_move(struct watched *self, const char *from, const char *to);

/* errno. */
bool reed_watch_add(struct watched *self, const char *path, int *wd);

/* Of a tree all directories from top down; what is in them is told of if wanted. */
struct reed_fault *reed_watch_add_below(struct watched *self, const char *top, bool tell);

/* It was there when its directory came to be watched. */
void reed_watch_found(struct watched *self, const char *path, bool directory);

struct reed_fault *reed_watch_cannot(const char *path, int system_errno);

/* ---- os_watch_base_linux.c ---- */

/* "/a/b" to "/a", "/a" to "/", "a" to "."; false at the top. */
bool reed_watch_go_up(char *path);

/* Watches the directory, or what is there of the way to it. */
struct reed_fault *reed_watch_find_base(struct watched *self, bool tell);
void reed_watch_base_gone(struct watched *self);
void reed_watch_ancestor_changed(struct watched *self, const struct inotify_event *e);

#endif
