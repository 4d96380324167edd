/*
 * Sources: files that streams send from, without a copy where the system can
 * (reed_write_source() of reed/stream.h).  Shared by those who hold them, of
 * one thread.
 *
 * The system may have to wait for a disk while it sends.  Whoever must not
 * asks first whether the bytes are at hand, and has them fetched if not.
 */

#ifndef REED_SOURCE_H
#define REED_SOURCE_H

#include "reed/future.h"

REED_BEGIN_DECLS

struct reed_source;

/* A file open for reading, owned from here on.  The caller is the first holder. */
REED_API struct reed_source *reed_source_new(int fd);

/* One more holder; returns source. */
REED_API struct reed_source *reed_source_share(struct reed_source *source);

/* One holder less; the last one closes the file.  May be NULL. */
REED_API void reed_source_release(struct reed_source *source);

REED_API int reed_source_fd(const struct reed_source *source);

/* As far as the system tells: both ends of the range are in memory.  True where it does not. */
REED_API bool reed_source_is_at_hand(const struct reed_source *source, uint64_t offset, size_t n);

/* Reads them in the offload pool, so that they are.  REED_EIO: the file is shorter. */
REED_API struct reed_future *reed_source_fetch(struct reed_loop *loop, struct reed_source *source,
                                               uint64_t offset, size_t n);

REED_END_DECLS

#endif
