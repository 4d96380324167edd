/*
 * Files that come piece by piece, from strangers: under another name until they
 * are whole.  All of it blocks: for threads of the offload pool.  Descriptors
 * are the caller's, who closes them with reed_folder_close() (folder.h).
 */

#ifndef REED_PART_H
#define REED_PART_H

#include "reed/slice.h"

REED_BEGIN_DECLS

/*
 * Opens or makes (0640) the part, of which have bytes are there, and locks it
 * until it is closed: REED_EBUSY when it is locked.  No link is followed;
 * REED_EINVAL: it is no plain file.
 */
REED_API enum reed_err reed_part_open(const char *part, int *fd, uint64_t *have);

/* What was there from offset on goes; then come the bytes, which may be none. */
REED_API enum reed_err reed_part_write(int fd, uint64_t offset, struct reed_slice bytes);

/*
 * The part becomes path, and is there even if the power fails.  REED_EEXIST:
 * something is there that is not to be replaced.
 */
REED_API enum reed_err reed_part_keep(int fd, const char *part, const char *path, bool replace);

/* The other side of it: a plain file that is to be sent, for reading. */
REED_API enum reed_err reed_part_source(const char *path, int *fd, uint64_t *size);

REED_END_DECLS

#endif
