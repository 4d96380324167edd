/* Programs of others that a service runs: as whom, and what they say. */

#ifndef REED_PROGRAMS_H
#define REED_PROGRAMS_H

#include "reed/process.h"

REED_BEGIN_DECLS

/*
 * reed_spawn() for a user and a group, each a name or a number or NULL, in all
 * other groups that the user is of.  A group of NULL is his own; both NULL are
 * who we are.  The accounts of the system are asked in a thread of the pool.
 * All that is given stays until the future has ended.  REED_ENOENT: there is no
 * such user or group; REED_EINVAL: a number that nobody has needs a group.
 */
REED_API struct reed_future *reed_spawn_as(struct reed_loop *loop,
                                           const struct reed_process_options *options,
                                           const char *user, const char *group,
                                           struct reed_process **process);

/*
 * Logs what a program says, a record a line: "says program= on= line=", until the
 * stream, which it owns, has ended.  Longer lines than 4096 bytes are several.
 * program is copied, on is a constant: "stderr".
 */
REED_API struct reed_future *reed_log_lines(struct reed_stream *stream, const char *program,
                                            const char *on);

REED_END_DECLS

#endif
