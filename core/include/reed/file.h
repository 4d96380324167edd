/*
 * Small files that are read and replaced as a whole, and such as grow.  All of it blocks: for
 * threads of the offload pool.
 */

#ifndef REED_FILE_H
#define REED_FILE_H

#include "reed/buf.h"

REED_BEGIN_DECLS

/* Another one means: read it again.  Zeroed is that of no file. */
struct reed_file_stamp {
	uint64_t device, inode;
	int64_t size, modified, changed; /* ns */
	uint32_t mode;
};

/* REED_ENOENT: no file; REED_EINVAL: not a regular one. */
REED_API enum reed_err reed_file_look(const char *path, struct reed_file_stamp *stamp);

REED_API bool reed_file_same(const struct reed_file_stamp *a, const struct reed_file_stamp *b);

/* Adds its bytes to text, which have to be less than its limit: REED_ETOOBIG. */
REED_API enum reed_err reed_file_read(const char *path, struct reed_buf *text,
                                      struct reed_file_stamp *stamp);

/*
 * Another process that does the same waits until the lock is given back.  It is
 * on the folder, as the file itself is replaced.
 */
REED_API enum reed_err reed_file_lock(const char *path, int *lock);
REED_API void reed_file_unlock(int lock);

/*
 * All of the text or all of what was there before, even if the power fails; for
 * the owner only (0600).  A symbolic link stays one.
 */
REED_API enum reed_err reed_file_replace(const char *path, struct reed_slice text,
                                         struct reed_file_stamp *stamp);

/* It stays away even if the power fails.  REED_ENOENT: it was not there. */
REED_API enum reed_err reed_file_remove(const char *path);

/*
 * A file that grows, such as a log: made if it is not there (0640).  The
 * descriptor is the caller's, who closes it with reed_folder_close() (folder.h).
 */
REED_API enum reed_err reed_file_open_end(const char *path, int *fd);

/* Could that be done with this path?  Nothing is made. */
REED_API enum reed_err reed_file_probe_end(const char *path, struct reed_fault **fault);

/* All of it, at the end. */
REED_API enum reed_err reed_file_add(int fd, struct reed_slice bytes);

/* What was added is there even if the power fails, when this returns. */
REED_API enum reed_err reed_file_sync(int fd);

/* Its first n bytes are left; for what was added in part. */
REED_API enum reed_err reed_file_cut(int fd, uint64_t n);

/*
 * A file without a name on the disk of that folder, for its owner only: what is
 * left of it when it is closed (reed_folder_close()) is nothing.  The caller owns
 * the fault, which may be NULL.
 */
REED_API enum reed_err reed_file_temporary(const char *folder, int *fd, struct reed_fault **fault);

/*
 * It stays, under this name (0640), even if the power fails; on another disk it
 * is a copy.  REED_EEXIST: something else has that name.
 */
REED_API enum reed_err reed_file_name(int fd, const char *path);

REED_END_DECLS

#endif
