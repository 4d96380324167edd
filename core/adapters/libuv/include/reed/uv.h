/*
 * libuv and Reed in one thread, three ways.
 *
 * Guest: a program that calls uv_run() uses Reed.  Host: a program that calls
 * reed_loop_run() uses what was written for libuv.  Over: Reed's loop waits in
 * libuv's, so that there is one set of descriptors.
 *
 * All of it is to be called in the thread of both loops.  libuv closes handles
 * in a later turn of its own: after any of the three has ended, uv_run() it
 * once before uv_loop_close().  docs/guide/loops.md compares them.
 */

#ifndef REED_UV_H
#define REED_UV_H

#include "reed/loop.h"

REED_BEGIN_DECLS

struct uv_loop_s; /* uv_loop_t */

/* ---- Reed inside libuv ---- */

struct reed_uv_guest;

/*
 * From here on uv_run() gives the loop its turns, and goes on for as long as
 * the loop has something to wait for.  REED_EBUSY: the loop has a host;
 * REED_ENOTSUP: its driver has no descriptor.  Ends with reed_uv_guest_free(),
 * which has to come before reed_loop_free().
 */
REED_API enum reed_err reed_uv_guest_new(struct reed_loop *loop, struct uv_loop_s *uv,
                                         struct reed_uv_guest **guest);

/* At any time, also from inside a callback of either loop.  May be NULL. */
REED_API void reed_uv_guest_free(struct reed_uv_guest *guest);

/* ---- libuv inside Reed ---- */

struct reed_uv_host;

/*
 * From here on turns of the loop give uv its own, and reed_loop_run() goes on
 * for as long as uv_loop_alive() says.  REED_ENOTSUP: a simulated loop.
 */
REED_API enum reed_err reed_uv_host_new(struct reed_loop *loop, struct uv_loop_s *uv,
                                        struct reed_uv_host **host);

/* At any time, also from inside a callback of either loop.  May be NULL. */
REED_API void reed_uv_host_free(struct reed_uv_host *host);

/* ---- Reed over libuv ---- */

/*
 * A loop that waits in uv, to be run with reed_loop_run(); uv must not be run
 * by others meanwhile.  uv may be NULL for one of its own.  Sleeps have
 * libuv's resolution of a millisecond.  options may be NULL.
 */
REED_API enum reed_err reed_uv_loop_new(const struct reed_loop_options *options,
                                        struct uv_loop_s *uv, struct reed_loop **loop);

REED_END_DECLS

#endif
