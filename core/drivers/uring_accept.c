/*
 * io_uring: connections.
 *
 * One request accepts all that come.  What it has accepted cannot be put back, so
 * that is for sockets that are ours alone: on one that others listen on as well,
 * loops of a team or the process after this one, each is accepted when somebody
 * here wants it.
 */

#include <sys/socket.h>
#include <unistd.h>

#include "uring.h"

static bool should_accept(const struct uring_handle *h)
{
	return h->armed & REED_READ && !h->plain && !h->accept_err;
}

void reed_uring_listener_prepare(struct uring_handle *h)
{
	struct io_uring_sqe *e;

	if (!h->accepting && should_accept(h)) {
		e = reed_uring_entry(h->ring);
		io_uring_prep_multishot_accept(e, h->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		reed_uring_mark(e, h, TAG_ACCEPT);
		h->accepting = true;
		h->stopping = false;
	} else if (h->accepting && !h->stopping && !should_accept(h)) {
		h->stopping = true;
		reed_uring_cancel(h, TAG_ACCEPT);
	}
}

static void queue(struct uring_handle *h, int fd)
{
	if (h->fd_count == h->fd_size) {
		h->fd_size = h->fd_size ? h->fd_size * 2 : 16;
		h->fds = reed_realloc(h->fds, h->fd_size * sizeof(*h->fds));
	}
	h->fds[h->fd_count++] = fd;
}

void reed_uring_accepted(struct uring_handle *h, const struct io_uring_cqe *cqe)
{
	if (!(cqe->flags & IORING_CQE_F_MORE)) {
		h->accepting = false;
		reed_uring_todo(h);
	}
	if (cqe->res >= 0 && !h->watch)
		close(cqe->res);
	else if (cqe->res >= 0)
		queue(h, cqe->res);
	else if (cqe->res != -ECANCELED)
		h->accept_err = -cqe->res;
	reed_uring_news(h);
}

static int take(struct uring_handle *h)
{
	int fd = h->fds[h->fd_taken++];

	if (h->fd_taken == h->fd_count)
		h->fd_taken = h->fd_count = 0;
	return fd;
}

int reed_uring_accept(struct reed_driver *d, struct reed_fd_watch *w)
{
	struct uring_handle *h = reed_uring_of(d, w);
	int err = h->accept_err;

	if (h->fd_count > 0)
		return take(h);
	if (h->plain)
		return accept4(h->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	h->accept_err = 0;
	if (err)
		reed_uring_todo(h);
	errno = err ? err : EAGAIN;
	return -1;
}

/* At once: whoever listens there next must not find the address taken. */
static void call_back(struct uring_handle *h)
{
	if (h->accepting && !h->stopping)
		reed_uring_cancel(h, TAG_ACCEPT);
	if (h->polled)
		reed_uring_cancel(h, TAG_POLL);
	h->stopping = true;
}

void reed_uring_share(struct reed_driver *d, struct reed_fd_watch *w)
{
	struct uring_handle *h = reed_uring_of(d, w);

	h->plain = true;
	reed_uring_todo(h);
	if (h->accepting)
		reed_uring_flush(d);
}

void reed_uring_listener_close(struct uring_handle *h)
{
	struct uring *self = h->ring;

	while (h->fd_count > 0)
		close(take(h));
	call_back(h);
	reed_uring_release(h);
	if (io_uring_sq_ready(&self->ring) > 0)
		io_uring_submit_and_get_events(&self->ring);
}
