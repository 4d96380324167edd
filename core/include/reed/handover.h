/*
 * Handing sockets from one process to the next: those that listen, and those for
 * datagrams that are bound to an address and connected to none.
 *
 * The socket is the same one all the time: who connects meanwhile waits in its
 * queue, and is never refused, and so do datagrams, as far as its buffer has
 * room for them.  The next process gives what it was handed to its loop before
 * it listens; then reed_listen() and reed_dgram_listen() take what is bound to
 * the address asked for, and bind one of their own only if there is none.
 *
 * How descriptors travel is the caller's: by reed_write_fds(), by systemd's
 * store (sd_notify(3), FDSTORE=1), or through exec.
 */

#ifndef REED_HANDOVER_H
#define REED_HANDOVER_H

#include <stddef.h>

#include "reed/err.h"

REED_BEGIN_DECLS

struct reed_loop;

/*
 * The loop owns fd from here on, also when this fails: REED_EINVAL, it is no
 * socket that listens, nor one for datagrams.
 */
REED_API enum reed_err reed_inherit(struct reed_loop *loop, int fd);

/*
 * The same for a socket that the process could not bind again, since it has given up the right
 * to: when its listener is closed it waits for the next one on its address, and so do those who
 * connect meanwhile.
 */
REED_API enum reed_err reed_inherit_for_good(struct reed_loop *loop, int fd);

/* From now on those are closed with their listeners, and those that wait at once. */
REED_API void reed_inherit_let_go(struct reed_loop *loop);

/* Closes what was inherited and nobody has taken; returns how many those were. */
REED_API size_t reed_inherit_end(struct reed_loop *loop);

/*
 * Descriptors of the sockets that listen or receive now, n at most; they stay the
 * loop's.  Returns how many there are.
 */
REED_API size_t reed_listening(struct reed_loop *loop, int *fds, size_t n);

/* They are another process's too: closing them leaves the files of UNIX sockets where they are. */
REED_API void reed_listening_shared(struct reed_loop *loop);

struct reed_address;

/*
 * Nobody new is let in: the listeners end, as REED_EEOF, and with them those
 * that are made from them; but for the one of that address, which may be NULL.
 * Connections go on.
 */
REED_API void reed_listening_end(struct reed_loop *loop, const struct reed_address *except);

REED_END_DECLS

#endif
