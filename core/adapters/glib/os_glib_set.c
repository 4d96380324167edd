#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "glib_set.h"
#include "reed/alloc.h"

enum reed_err glib_set_open(struct glib_set *set)
{
	*set = (struct glib_set){ .epoll = epoll_create1(EPOLL_CLOEXEC) };
	return set->epoll < 0 ? reed_err_of(errno) : REED_OK;
}

void glib_set_close(struct glib_set *set)
{
	close(set->epoll);
	reed_free(set->fds);
}

void glib_set_grow(struct glib_set *set, int room)
{
	if (room <= set->room)
		return;
	set->fds = reed_realloc(set->fds, (size_t)room * sizeof(*set->fds));
	set->room = room;
}

static bool is_among(const GPollFD *fds, int count, int fd)
{
	for (int i = 0; i < count; i++)
		if (fds[i].fd == fd)
			return true;
	return false;
}

/*
 * All are told to epoll every time: a number that was closed and opened again
 * looks the same here, but epoll has forgotten it.
 */
static bool tell(struct glib_set *set, const GPollFD *fd)
{
	struct epoll_event e = { .events = fd->events, .data.fd = fd->fd };

	if (epoll_ctl(set->epoll, EPOLL_CTL_MOD, fd->fd, &e) == 0)
		return true;
	return errno == ENOENT && epoll_ctl(set->epoll, EPOLL_CTL_ADD, fd->fd, &e) == 0;
}

void glib_set_update(struct glib_set *set, const GPollFD *before, int count_before)
{
	for (int i = 0; i < count_before; i++)
		if (!is_among(set->fds, set->count, before[i].fd))
			epoll_ctl(set->epoll, EPOLL_CTL_DEL, before[i].fd, NULL);
	set->always = false;
	for (int i = 0; i < set->count; i++)
		if (!tell(set, &set->fds[i]))
			set->always = true;
}

void glib_set_look(struct glib_set *set)
{
	if (g_poll(set->fds, (guint)set->count, 0) > 0)
		return;
	for (int i = 0; i < set->count; i++)
		set->fds[i].revents = 0;
}
