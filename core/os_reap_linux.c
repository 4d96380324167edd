/* Ends of children by pidfd: no SIGCHLD, whose disposition stays the program's. */

#include "os_spawn.h"

#include <unistd.h>

static void reap_ready(struct reed_fd_watch *w, unsigned events)
{
	struct reed_reap *self = reed_container_of(w, struct reed_reap, watch);

	(void)events;
	self->try(self);
}

enum reed_err reed_reap_prepare(struct reed_loop *loop)
{
	(void)loop;
	return REED_OK;
}

void reed_reap_start(struct reed_reap *r, int pidfd)
{
	r->watch.loop = r->loop;
	r->watch.ready = reap_ready;
	r->watch.fd = pidfd;
	reed_fd_watch(&r->watch, REED_READ);
}

void reed_reap_stop(struct reed_reap *r)
{
	if (r->watch.fd < 0)
		return;
	reed_fd_unwatch(&r->watch);
	close(r->watch.fd);
	r->watch.fd = -1;
}
