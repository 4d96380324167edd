/*
 * Files beneath a folder, found by paths that others choose: nothing outside of
 * the folder is reached, whatever the path says.  All of it blocks: for threads
 * of the offload pool.
 */

#ifndef REED_FOLDER_H
#define REED_FOLDER_H

#include "reed/slice.h"

REED_BEGIN_DECLS

/* Can files be made in it?  What is wrong is told of path as of a folder. */
REED_API enum reed_err reed_folder_probe(const char *path, struct reed_fault **fault);

/* For the owner only (0700), unless it is there already; the one it lies in has to be. */
REED_API enum reed_err reed_folder_make(const char *path);

/* Its name from the root on, without links; the caller frees it. */
REED_API enum reed_err reed_folder_real(const char *path, char **real);

/* The descriptor is the caller's, who closes it with reed_folder_close(). */
REED_API enum reed_err reed_folder_open(const char *path, int *fd);

/* May be -1. */
REED_API void reed_folder_close(int fd);

struct reed_folder_file {
	int fd; /* the caller's; -1: none */
	bool folder;
	int64_t size, modified; /* ns */
};

/*
 * Opens a file or folder for reading; path is relative, and empty for the
 * folder itself.  The system resolves it beneath the folder (openat2); where
 * it cannot, each part is opened on its own and no link is followed.
 * REED_ENOENT: there is none, or it leads out, or over a link when symlinks is
 * false; REED_EACCES: not permitted, or neither file nor folder.
 */
REED_API enum reed_err reed_folder_look(int folder, const char *path, bool symlinks,
                                        struct reed_folder_file *file);

/* All n bytes, or REED_EIO: the file has become shorter. */
REED_API enum reed_err reed_folder_read(int fd, void *into, size_t n, uint64_t offset);

struct reed_folder_entry {
	char *name;
	struct reed_folder_file file; /* without a descriptor */
};

/*
 * Files and folders in it, folders first, then by name, in which numbers count
 * as such: 2 is before 10.  Hidden ones begin with a dot.  At most so many, and
 * *more then.  Freed with the call below.
 */
REED_API enum reed_err reed_folder_list(int fd, bool hidden, size_t most,
                                        struct reed_folder_entry **entries, size_t *count,
                                        bool *more);
REED_API void reed_folder_list_free(struct reed_folder_entry *entries, size_t count);

REED_END_DECLS

#endif
