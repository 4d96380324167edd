/*
 * File watching: what changes at a path, as it happens.
 *
 *	reed_file_watch_new(loop, "/etc/reed.yaml", NULL, &self->watch, &fault);
 *	for (;;) {
 *		reed_try(co, reed_file_watch_next(self->watch, &self->change));
 *		if (self->change.kind == REED_FILE_WRITTEN)
 *			...
 *	}
 *
 * It is the name that is watched and not what it stands for: a file that is
 * replaced by another, deleted and made anew, or not there yet is followed, and so
 * is one whose directory comes and goes.  What inotify does not tell of is a
 * directory further up that is renamed, and a symbolic link on the way that begins to
 * point elsewhere.
 *
 * Changes are kept until they are asked for, up to a limit; beyond that the system
 * drops them, and REED_FILE_LOST says so in their place: then all must be looked at
 * again.  A change may be told twice, when a directory fills while the watch
 * begins, but what LOST does not stand for is told once at least.
 *
 * Linux tells by inotify.  Elsewhere, on request, and for file systems on which
 * other machines write, the path is looked at every poll_ms while somebody waits,
 * in a thread; what comes and goes between two looks is not seen.
 *
 * Under simulation there are no files: REED_ENOTSUP.
 */

#ifndef REED_WATCH_H
#define REED_WATCH_H

#include "reed/loop.h"

REED_BEGIN_DECLS

struct reed_file_watch;

enum reed_file_change_kind {
	REED_FILE_CREATED,  /* there was none of that name, or it came from where nobody looks */
	REED_FILE_MODIFIED, /* and somebody may write on */
	/*
	 * Whoever wrote has closed it, or it was moved here: it is whole.  Or it was found,
	 * when the directory it is in had just come; then somebody may write on.
	 */
	REED_FILE_WRITTEN,
	REED_FILE_DELETED, /* or moved to where nobody looks */
	REED_FILE_MOVED,   /* from path to `to`, both in what is watched */
	REED_FILE_LOST,    /* some changes */
};

/* The strings are good until the next one has been delivered. */
struct reed_file_change {
	enum reed_file_change_kind kind;
	bool directory;
	const char *path; /* begins as the path that is watched was given */
	const char *to;   /* NULL but for REED_FILE_MOVED */
};

enum reed_file_watch_what {
	REED_WATCH_FILE,      /* one name */
	REED_WATCH_DIRECTORY, /* all names in it, and it itself */
	REED_WATCH_TREE,      /* in the directories below too; symbolic links are not followed */
};

struct reed_file_watch_options {
	size_t size; /* of this struct */
	enum reed_file_watch_what what;
	size_t most_directories; /* of a tree: beyond it REED_ETOOBIG, and the watch is over */
	size_t most_changes;     /* kept here; the system keeps some, too */
	int64_t poll_ms;         /* when it is polled */
	bool poll;               /* even where there is inotify */
};

/* a file, 8192, 4096, 1 s */
#define REED_FILE_WATCH_OPTIONS                                                           \
	{                                                                                 \
		.size = sizeof(struct reed_file_watch_options), .most_directories = 8192, \
		.most_changes = 4096, .poll_ms = 1000                                     \
	}

/*
 * Tells of changes from this call on.  A tree is walked before it returns.  options
 * may be NULL; *fault is the caller's, and set with the error: REED_EMFILE (of
 * watches, by fs.inotify.max_user_instances, too), REED_ENOSPC (max_user_watches),
 * REED_ETOOBIG, REED_EACCES, REED_ENOTDIR (a directory is a file), REED_ENOTSUP.
 */
REED_API enum reed_err reed_file_watch_new(struct reed_loop *loop, const char *path,
                                           const struct reed_file_watch_options *options,
                                           struct reed_file_watch **watch,
                                           struct reed_fault **fault);

/* One at a time.  Nobody loses a change by a drop.  An error is the end of the watch. */
REED_API struct reed_future *reed_file_watch_next(struct reed_file_watch *w,
                                                  struct reed_file_change *change);

/* Nobody waits for it.  May be NULL. */
REED_API void reed_file_watch_free(struct reed_file_watch *w);

REED_END_DECLS

#endif
