/*
 * Needs: what a service asks of the system, from which its sandbox is made.
 *
 * Most of it is known without asking: paths and endpoints among the settings
 * (reed/setting.h), the state directory, accounts, the log, what names are
 * looked up with.  A kind whose services need more says so in needs()
 * (service.h); what nobody has asked for is refused to a running daemon with
 * REED_EACCES or REED_EPERM.
 *
 * All strings are copied.  Nothing here suspends or fails; the files need not
 * be there yet.
 */

#ifndef REED_NEEDS_H
#define REED_NEEDS_H

#include "reed/api.h"

REED_BEGIN_DECLS

struct reed_needs;

/* A file or folder to read, and what takes its place later (a renewed certificate). */
REED_API void reed_needs_read(struct reed_needs *self, const char *path);

/* A folder in which files and folders are made, written, read and removed. */
REED_API void reed_needs_write(struct reed_needs *self, const char *folder);

/* A device to speak to: "/dev/ttyUSB0". */
REED_API void reed_needs_device(struct reed_needs *self, const char *path);

/* A TCP port to listen on: 0 is one that the system chooses. */
REED_API void reed_needs_listen(struct reed_needs *self, uint16_t port);

/* A TCP port to dial, wherever it is. */
REED_API void reed_needs_dial(struct reed_needs *self, uint16_t port);

/* TCP ports that are not known before: all of them. */
REED_API void reed_needs_listen_anywhere(struct reed_needs *self);
REED_API void reed_needs_dial_anywhere(struct reed_needs *self);

/*
 * A program to run: a path, or a name that is looked for in the usual folders.
 * It is confined as we are, and reads what programs read: libraries, /etc.
 */
REED_API void reed_needs_program(struct reed_needs *self, const char *program);

/*
 * Programs that are nobody's business but the operator's run here, and need what
 * they need: there is no sandbox, and no right of root is given up, as all of it
 * would be theirs too.
 */
REED_API void reed_needs_everything(struct reed_needs *self);

/* What an endpoint takes that is listened on or dialled; what is wrong with it others say. */
REED_API void reed_needs_endpoint(struct reed_needs *self, const char *endpoint);

/* So many descriptors at once: a low limit is told at the start.  They add up. */
REED_API void reed_needs_descriptors(struct reed_needs *self, uint64_t count);

REED_END_DECLS

#endif
