/* This loop inside a host's, and other loops inside this one. */

#include "reed/embed.h"

#include "private.h"

enum { BUDGET_MS = 4 }; /* a quarter of a frame */

/* ---- inside a host ---- */

static void tell_deadline(struct reed_loop *loop, int64_t at)
{
	loop->host_deadline = at;
	if (loop->host && loop->host->deadline)
		loop->host->deadline(loop->host, at);
	else if (loop->driver->ops->host)
		loop->driver->ops->host(loop->driver, at);
}

static void tell_busy(struct reed_loop *loop, bool busy)
{
	if (loop->host_busy == busy)
		return;
	loop->host_busy = busy;
	if (loop->host && loop->host->busy)
		loop->host->busy(loop->host, busy);
}

void reed_loop_nudge(struct reed_loop *loop, int64_t at)
{
	tell_busy(loop, true);
	if (loop->embedded && at < loop->host_deadline)
		tell_deadline(loop, at);
}

/* A deadline that has passed must be set anew, or the host would be woken for it again. */
void reed_loop_tell_host(struct reed_loop *loop)
{
	int64_t at = reed_loop_deadline(loop);

	if (at != loop->host_deadline || at <= loop->now)
		tell_deadline(loop, at);
	if (loop->embedded && loop->host && loop->host->busy)
		tell_busy(loop, reed_loop_has_work(loop));
}

enum reed_err reed_loop_attach(struct reed_loop *loop, struct reed_host *host, int *fd)
{
	int got = -1;

	if (loop->embedded)
		return loop->simulated ? REED_ENOTSUP : REED_EBUSY;
	if (fd || !host || !host->deadline) {
		if (!loop->driver->ops->host)
			return REED_ENOTSUP;
		got = loop->driver->ops->host(loop->driver, REED_NEVER);
		if (got < 0)
			return (enum reed_err)got;
	}
	if (fd)
		*fd = got;
	loop->embedded = true;
	loop->host = host;
	loop->budget = host && host->budget > 0 ? host->budget : REED_MS(BUDGET_MS);
	loop->host_busy = reed_loop_has_work(loop);
	if (host && host->busy)
		host->busy(host, loop->host_busy);
	tell_deadline(loop, reed_loop_deadline(loop));
	return REED_OK;
}

void reed_loop_detach(struct reed_loop *loop)
{
	if (!loop->embedded || loop->simulated)
		return;
	if (!loop->host || !loop->host->deadline)
		tell_deadline(loop, REED_NEVER);
	loop->embedded = false;
	loop->host = NULL;
	loop->budget = 0;
}

enum reed_err reed_loop_fd(struct reed_loop *loop, int *fd)
{
	int got;

	if (!loop->embedded)
		return reed_loop_attach(loop, NULL, fd);
	got = loop->driver->ops->host ? loop->driver->ops->host(loop->driver, loop->host_deadline)
	                              : REED_ENOTSUP;
	if (got < 0)
		return (enum reed_err)got;
	*fd = got;
	return REED_OK;
}

/* ---- other loops inside this one ---- */

static struct reed_inner *inner_of(struct reed_list *link)
{
	return reed_container_of(link, struct reed_inner, link);
}

/* One that waits for nothing does not look at its descriptor either, which then would spin. */
static int64_t prepare(struct reed_inner *inner)
{
	bool busy = inner->ops->busy(inner);

	if (inner->fd >= 0)
		reed_fd_watch(&inner->watch, busy ? REED_READ : 0);
	return inner->due = busy ? inner->ops->prepare(inner) : REED_NEVER;
}

/* Each once, whoever of them leaves meanwhile. */
int64_t reed_inners_prepare(struct reed_loop *loop)
{
	struct reed_list todo, *link;
	int64_t due, first = REED_NEVER;

	reed_list_init(&todo);
	reed_list_splice(&todo, &loop->inners);
	while ((link = reed_list_take(&todo))) {
		struct reed_inner *inner = inner_of(link);

		reed_list_append(&loop->inners, link);
		due = prepare(inner);
		first = due < first ? due : first;
	}
	return first;
}

void reed_inners_turn(struct reed_loop *loop)
{
	struct reed_list todo, *link;

	reed_list_init(&todo);
	reed_list_splice(&todo, &loop->inners);
	while ((link = reed_list_take(&todo))) {
		struct reed_inner *inner = inner_of(link);

		reed_list_append(&loop->inners, link);
		if (!inner->ready && inner->due > loop->now)
			continue;
		inner->ready = false;
		loop->in_foreign = true;
		inner->ops->turn(inner);
		loop->in_foreign = false;
	}
}

bool reed_inners_busy(const struct reed_loop *loop)
{
	reed_list_each (link, &loop->inners) {
		struct reed_inner *inner = inner_of(link);

		if (inner->ops->busy(inner))
			return true;
	}
	return false;
}

static void inner_ready(struct reed_fd_watch *w, unsigned events)
{
	(void)events;
	reed_container_of(w, struct reed_inner, watch)->ready = true;
}

enum reed_err reed_inner_attach(struct reed_loop *loop, struct reed_inner *inner)
{
	if (loop->simulated)
		return REED_ENOTSUP;
	if (reed_linked(&inner->link))
		return REED_EBUSY;
	inner->watch = (struct reed_fd_watch){ .loop = loop,
		                               .ready = inner_ready,
		                               .fd = inner->fd,
		                               .idle = true };
	inner->ready = true;
	inner->due = 0;
	reed_list_append(&loop->inners, &inner->link);
	if (inner->fd >= 0)
		reed_fd_watch(&inner->watch, REED_READ);
	reed_inner_changed(inner);
	return REED_OK;
}

void reed_inner_detach(struct reed_inner *inner)
{
	if (!reed_linked(&inner->link))
		return;
	reed_list_unlink(&inner->link);
	if (inner->fd >= 0)
		reed_fd_unwatch(&inner->watch);
}

void reed_inner_changed(struct reed_inner *inner)
{
	struct reed_loop *loop = inner->watch.loop;

	if (reed_linked(&inner->link) && loop->embedded && !loop->in_turn)
		reed_loop_nudge(loop, 0);
}
