/*
 * systemd's sd-event and Reed in one thread, three ways.
 *
 * Guest: a program that calls sd_event_loop() uses Reed.  Host: a program that
 * calls reed_loop_run() uses what was written for sd-event, such as sd-bus.
 * Over: Reed's loop waits in sd-event's.
 *
 * All of it is to be called in the thread of both loops.  The event loop is
 * held until what was made for it is freed.  docs/guide/loops.md compares the
 * three.
 */

#ifndef REED_SD_EVENT_H
#define REED_SD_EVENT_H

#include "reed/loop.h"

REED_BEGIN_DECLS

struct sd_event;

/* ---- Reed inside sd-event ---- */

struct reed_sd_event_guest;

/*
 * From here on sd_event_loop() gives the loop its turns.  REED_EBUSY: the loop has a host;
 * REED_ENOTSUP: its driver has no descriptor.  Ends with reed_sd_event_guest_free(),
 * which has to come before reed_loop_free().
 */
REED_API enum reed_err reed_sd_event_guest_new(struct reed_loop *loop, struct sd_event *event,
                                               struct reed_sd_event_guest **guest);

/* At any time, also from inside a callback of either loop.  May be NULL. */
REED_API void reed_sd_event_guest_free(struct reed_sd_event_guest *guest);

/* ---- sd-event inside Reed ---- */

struct reed_sd_event_host;

/*
 * From here on turns of the loop give the event loop its own, until that has
 * been told to exit.  As sd-event does not tell whether anybody waits for it,
 * reed_loop_run() goes on till then, or until reed_loop_stop().  REED_ENOTSUP:
 * a simulated loop.
 */
REED_API enum reed_err reed_sd_event_host_new(struct reed_loop *loop, struct sd_event *event,
                                              struct reed_sd_event_host **host);

/*
 * At any time, also from inside a callback of either loop.  What sd-event was
 * about to call is called before this returns.  May be NULL.
 */
REED_API void reed_sd_event_host_free(struct reed_sd_event_host *host);

/* ---- Reed over sd-event ---- */

/*
 * A loop that waits in the event loop, to be run with reed_loop_run(); that must
 * not be run by others meanwhile.  event may be NULL for one of its own.
 * options may be NULL.
 */
REED_API enum reed_err reed_sd_event_loop_new(const struct reed_loop_options *options,
                                              struct sd_event *event, struct reed_loop **loop);

REED_END_DECLS

#endif
