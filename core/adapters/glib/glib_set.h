/* A set of GLib's descriptors as one descriptor, which is readable when one of them is ready. */

#ifndef REED_GLIB_SET_H
#define REED_GLIB_SET_H

#include <glib.h>

#include "reed/err.h"

struct glib_set {
	int epoll;
	GPollFD *fds; /* as GLib wants them polled */
	int count, room;
	bool always; /* one of them is a file, and so always ready */
};

enum reed_err glib_set_open(struct glib_set *set);
void glib_set_close(struct glib_set *set);

/* Room for n more descriptors than are there may have to be made first. */
void glib_set_grow(struct glib_set *set, int room);

/* Has fds[0..count) polled, and no others; before are those of the last time. */
void glib_set_update(struct glib_set *set, const GPollFD *before, int count_before);

/* Fills revents, without waiting. */
void glib_set_look(struct glib_set *set);

#endif
