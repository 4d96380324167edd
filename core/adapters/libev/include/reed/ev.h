/*
 * libev and Reed in one thread.
 *
 * Guest: a program that calls ev_run() uses Reed.  Over: Reed's loop waits in
 * libev's, so that reed_loop_run() runs both; this is how what was written for
 * libev runs in a Reed program, as libev does not tell when its next timer is
 * due, and so can be nobody's inner loop.
 *
 * All of it is to be called in the thread of both loops.  docs/guide/loops.md
 * compares them.
 */

#ifndef REED_EV_H
#define REED_EV_H

#include "reed/loop.h"

REED_BEGIN_DECLS

struct ev_loop;

struct reed_ev_guest;

/*
 * From here on ev_run() gives the loop its turns, and goes on for as long as
 * the loop has something to wait for.  REED_EBUSY: the loop has a host;
 * REED_ENOTSUP: its driver has no descriptor.  Ends with reed_ev_guest_free(),
 * which has to come before reed_loop_free() and ev_loop_destroy().
 */
REED_API enum reed_err reed_ev_guest_new(struct reed_loop *loop, struct ev_loop *ev,
                                         struct reed_ev_guest **guest);

/* At any time, also from inside a callback of either loop.  May be NULL. */
REED_API void reed_ev_guest_free(struct reed_ev_guest *guest);

/*
 * A loop that waits in ev, to be run with reed_loop_run(); ev must not be run
 * by others meanwhile.  ev may be NULL for one of its own.  options may be
 * NULL.  REED_EMFILE: libev could not make a loop.
 */
REED_API enum reed_err reed_ev_loop_new(const struct reed_loop_options *options, struct ev_loop *ev,
                                        struct reed_loop **loop);

REED_END_DECLS

#endif
