/*
 * GLib, and so GTK, and Reed in one thread, three ways.
 *
 * Guest: a program that runs a GMainLoop uses Reed.  Host: a program that calls
 * reed_loop_run() uses what was written for GLib.  Over: Reed's loop waits in a
 * GMainContext.
 *
 * All of it is to be called in the thread of both loops.  A context is held
 * until what was made for it is freed.  NULL is the default context.
 * docs/guide/loops.md compares the three.
 */

#ifndef REED_GLIB_H
#define REED_GLIB_H

#include "reed/loop.h"

REED_BEGIN_DECLS

struct _GMainContext; /* GMainContext */

/* ---- Reed inside GLib ---- */

struct reed_glib_guest;

/*
 * From here on the context gives the loop its turns, at GLib's default
 * priority.  A dialogue that runs the context inside one of these turns does
 * without Reed until it is over.  REED_EBUSY: the loop has a host;
 * REED_ENOTSUP: its driver has no descriptor.  Ends with reed_glib_guest_free(),
 * which has to come before reed_loop_free().
 */
REED_API enum reed_err reed_glib_guest_new(struct reed_loop *loop, struct _GMainContext *context,
                                           struct reed_glib_guest **guest);

/* At any time, also from inside a callback of either loop.  May be NULL. */
REED_API void reed_glib_guest_free(struct reed_glib_guest *guest);

/* ---- GLib inside Reed ---- */

struct reed_glib_host;

/*
 * From here on turns of the loop give the context its own.  A context does not
 * tell whether anybody waits for it, so reed_loop_run() goes on until
 * reed_loop_stop().  REED_EBUSY: the context is another thread's; REED_ENOTSUP:
 * a simulated loop; REED_EMFILE.
 */
REED_API enum reed_err reed_glib_host_new(struct reed_loop *loop, struct _GMainContext *context,
                                          struct reed_glib_host **host);

/* At any time, also from inside a callback of either loop.  May be NULL. */
REED_API void reed_glib_host_free(struct reed_glib_host *host);

/* ---- Reed over GLib ---- */

/*
 * A loop that waits in the context, to be run with reed_loop_run(); the context
 * must not be run by others meanwhile.  NULL is a context of its own here.  Sleeps
 * have GLib's resolution of a millisecond.  options may be
 * NULL.
 */
REED_API enum reed_err reed_glib_loop_new(const struct reed_loop_options *options,
                                          struct _GMainContext *context, struct reed_loop **loop);

REED_END_DECLS

#endif
