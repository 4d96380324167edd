#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "glib_epoll.h"

enum { ROOM = 64 };

int glib_epoll_open(void)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	return fd < 0 ? (int)reed_err_of(errno) : fd;
}

void glib_epoll_close(int epoll)
{
	close(epoll);
}

/* The handle says no more than that there is one. */
enum reed_err glib_epoll_watch(int epoll, struct reed_foreign_watch *w, unsigned events)
{
	struct epoll_event e = { .data.ptr = w };
	int op = !w->handle ? EPOLL_CTL_ADD : events ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;

	e.events = (events & REED_READ ? (uint32_t)EPOLLIN : 0) |
	           (events & REED_WRITE ? (uint32_t)EPOLLOUT : 0);
	if (epoll_ctl(epoll, op, w->fd, &e) < 0)
		return reed_err_of(errno);
	w->handle = events ? w : NULL;
	return REED_OK;
}

void glib_epoll_tell(int epoll)
{
	struct epoll_event events[ROOM];
	int n = epoll_wait(epoll, events, ROOM, 0);

	for (int i = 0; i < n; i++) {
		unsigned got = events[i].events;

		if (got & (EPOLLERR | EPOLLHUP))
			got |= EPOLLIN | EPOLLOUT;
		reed_foreign_tell(events[i].data.ptr, (got & EPOLLIN ? REED_READ : 0) |
		                                              (got & EPOLLOUT ? REED_WRITE : 0));
	}
}
