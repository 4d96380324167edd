/* Descriptors of Reed's loop as one of GLib's: that wakes itself with every change to its own. */

#ifndef REED_GLIB_EPOLL_H
#define REED_GLIB_EPOLL_H

#include "reed/foreign.h"

/* A descriptor, or an error. */
int glib_epoll_open(void);
void glib_epoll_close(int epoll);
enum reed_err glib_epoll_watch(int epoll, struct reed_foreign_watch *w, unsigned events);

/* Tells of what is ready, without waiting. */
void glib_epoll_tell(int epoll);

#endif
