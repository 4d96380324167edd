/*
 * libevent and Reed in one thread.
 *
 * Guest: a program that calls event_base_loop() uses Reed.  Over: Reed's loop
 * waits in libevent's, so that reed_loop_run() runs both; this is how what was
 * written for libevent runs in a Reed program, as libevent shows no
 * descriptor to wait for, and so can be nobody's inner loop.
 *
 * All of it is to be called in the thread of both loops.  docs/guide/loops.md
 * compares them.
 */

#ifndef REED_LIBEVENT_H
#define REED_LIBEVENT_H

#include "reed/loop.h"

REED_BEGIN_DECLS

struct event_base;

struct reed_libevent_guest;

/*
 * From here on event_base_loop() gives the loop its turns, and does not end by
 * itself: libevent has no events that let it.  REED_EBUSY: the loop has a host;
 * REED_ENOTSUP: its driver has no descriptor.  Ends with
 * reed_libevent_guest_free(), which has to come before reed_loop_free() and
 * event_base_free().
 */
REED_API enum reed_err reed_libevent_guest_new(struct reed_loop *loop, struct event_base *base,
                                               struct reed_libevent_guest **guest);

/* At any time, also from inside a callback of either loop.  May be NULL. */
REED_API void reed_libevent_guest_free(struct reed_libevent_guest *guest);

/*
 * A loop that waits in base, to be run with reed_loop_run(); base must not be run
 * by others meanwhile.  base may be NULL for one of its own.  options may be
 * NULL.  REED_EMFILE: libevent could not make a base.
 */
REED_API enum reed_err reed_libevent_loop_new(const struct reed_loop_options *options,
                                              struct event_base *base, struct reed_loop **loop);

REED_END_DECLS

#endif
