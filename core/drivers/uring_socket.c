/*
 * io_uring: bytes of a socket.
 *
 * What comes in goes to the ring's buffers by one request for all of it; it is
 * copied out in the turn in which it came, or moves to memory of the socket's
 * at the next one, so that a reader who tarries keeps no buffer from others.
 * Little that goes out is copied to a block and sent with all else of the turn;
 * much is written at once, as the call costs nothing beside the copy.
 *
 * A socket that brings much at a time is read directly when a poll says so: the
 * buffers would be one copy more.
 */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../os.h"
#include "uring.h"

enum {
	TO_BULK = 3,    /* full buffers in a row: more than 6 KiB at a time */
	FROM_BULK = 16, /* reads in a row that a buffer would have held */
};

static enum reed_err error_of(int err)
{
	if (err == EINTR || err == EWOULDBLOCK)
		return REED_EAGAIN;
	return reed_err_of(err);
}

/* ---- buffers ---- */

static char *buffer_at(struct uring *self, int i)
{
	return self->memory + (size_t)i * URING_BUFFER;
}

void reed_uring_lend(struct uring *self, int i)
{
	io_uring_buf_ring_add(self->lent, buffer_at(self, i), URING_BUFFER, (unsigned short)i,
	                      io_uring_buf_ring_mask(URING_BUFFERS), 0);
	io_uring_buf_ring_advance(self->lent, 1);
}

static void hold(struct uring_handle *h, int i, uint32_t n)
{
	struct uring *self = h->ring;

	self->next[i] = -1;
	self->length[i] = n;
	if (h->last >= 0)
		self->next[h->last] = i;
	else
		h->first = i;
	h->last = i;
	h->held += n;
	if (!reed_linked(&h->holding))
		reed_list_append(&self->holding, &h->holding);
}

/* The first of the ring's buffers goes back. */
static void let_go(struct uring_handle *h)
{
	int i = h->first;

	h->first = h->ring->next[i];
	h->taken = 0;
	if (h->first < 0) {
		h->last = -1;
		reed_list_unlink(&h->holding);
	}
	reed_uring_lend(h->ring, i);
}

static size_t take_spilled(struct uring_handle *h, char *into, size_t room)
{
	struct uring_spill *s = &h->spill;
	size_t n = s->end - s->begin < room ? s->end - s->begin : room;

	if (n > 0)
		memcpy(into, s->bytes + s->begin, n);
	s->begin += (uint32_t)n;
	if (s->bytes && s->begin == s->end) {
		reed_free(s->bytes);
		*s = (struct uring_spill){ NULL, 0, 0, 0 };
	}
	return n;
}

static size_t take_lent(struct uring_handle *h, char *into, size_t room)
{
	size_t got = 0, n;

	while (h->first >= 0 && got < room) {
		n = h->ring->length[h->first] - h->taken;
		n = n < room - got ? n : room - got;
		memcpy(into + got, buffer_at(h->ring, h->first) + h->taken, n);
		got += n;
		h->taken += (uint32_t)n;
		if (h->taken == h->ring->length[h->first])
			let_go(h);
	}
	return got;
}

static void spill(struct uring_handle *h)
{
	struct uring_spill *s = &h->spill;
	uint32_t here = s->end - s->begin;

	if (h->held > s->size - s->begin) {
		char *bytes = reed_alloc_raw(h->held);

		if (here > 0)
			memcpy(bytes, s->bytes + s->begin, here);
		reed_free(s->bytes);
		*s = (struct uring_spill){ bytes, 0, here, h->held };
	}
	s->end += (uint32_t)take_lent(h, s->bytes + s->end, h->held - here);
}

void reed_uring_spill(struct uring *self)
{
	while (!reed_list_empty(&self->holding))
		spill(reed_container_of(self->holding.next, struct uring_handle, holding));
}

void reed_uring_forget_bytes(struct uring_handle *h)
{
	while (h->first >= 0)
		let_go(h);
	reed_free(h->spill.bytes);
	h->spill = (struct uring_spill){ NULL, 0, 0, 0 };
	h->held = 0;
}

/* ---- receiving ---- */

static bool should_receive(const struct uring_handle *h)
{
	return h->armed & REED_READ && !h->end && h->held < URING_HELD && !h->bulk;
}

static void receive(struct uring_handle *h)
{
	struct io_uring_sqe *e = reed_uring_entry(h->ring);

	io_uring_prep_recv_multishot(e, h->fd, NULL, 0, 0);
	e->flags |= IOSQE_BUFFER_SELECT;
	e->buf_group = 0;
	reed_uring_mark(e, h, TAG_RECEIVE);
	h->receiving = true;
	h->stopping = false;
}

static void judge_size(struct uring_handle *h, bool is_other_way, unsigned enough)
{
	h->in_a_row = is_other_way ? (unsigned char)(h->in_a_row + 1) : 0;
	if (h->in_a_row < enough)
		return;
	h->bulk = !h->bulk;
	h->in_a_row = 0;
	reed_uring_todo(h);
}

static void keep(struct uring_handle *h, int i, uint32_t n)
{
	if (!h->watch) {
		reed_uring_lend(h->ring, i);
		return;
	}
	hold(h, i, n);
	if (!h->bulk)
		judge_size(h, n == URING_BUFFER, TO_BULK);
	if (h->held >= URING_HELD)
		reed_uring_todo(h);
}

/* Out of buffers, or called off: it is begun anew when somebody still wants it. */
static bool is_passing(int res)
{
	return res == -ENOBUFS || res == -ECANCELED || res == -EINTR || res == -EAGAIN;
}

void reed_uring_received(struct uring_handle *h, const struct io_uring_cqe *cqe)
{
	if (!(cqe->flags & IORING_CQE_F_MORE)) {
		h->receiving = false;
		reed_uring_todo(h);
	}
	if (cqe->res > 0)
		keep(h, (int)(cqe->flags >> IORING_CQE_BUFFER_SHIFT), (uint32_t)cqe->res);
	else if (cqe->flags & IORING_CQE_F_BUFFER)
		reed_uring_lend(h->ring, (int)(cqe->flags >> IORING_CQE_BUFFER_SHIFT));
	if (cqe->res == 0)
		h->end = REED_EEOF;
	else if (cqe->res < 0 && !is_passing(cqe->res))
		h->end = (int)reed_err_of(-cqe->res);
	reed_uring_news(h);
}

/* While a request is on its way what is in the socket may be older than what comes of that. */
static ssize_t receive_directly(struct uring_handle *h, char *into, size_t room)
{
	ssize_t n;

	if (h->receiving || !reed_uring_settled(h->ring))
		return REED_EAGAIN;
	n = recv(h->fd, into, room, MSG_DONTWAIT);
	if (n > 0 && h->bulk)
		judge_size(h, n <= URING_BUFFER, FROM_BULK);
	if (n < 0)
		return (ssize_t)error_of(errno);
	return n > 0 ? n : (ssize_t)REED_EEOF;
}

static ssize_t socket_receive(struct reed_driver *d, struct reed_fd_watch *w, char *into,
                              size_t room)
{
	struct uring_handle *h = reed_uring_of(d, w);
	size_t n = take_spilled(h, into, room);

	n += take_lent(h, into + n, room - n);
	if (n > 0) {
		h->held -= (uint32_t)n;
		if (!h->receiving)
			reed_uring_todo(h);
		return (ssize_t)n;
	}
	return h->end ? (ssize_t)h->end : receive_directly(h, into, room);
}

/* ---- sending ---- */

static struct uring_block *block_take(struct uring *self)
{
	struct uring_block *b = self->blocks;

	if (b) {
		self->blocks = b->next;
		self->block_count--;
	} else {
		b = reed_alloc_raw(sizeof(*b));
	}
	b->begin = b->end = 0;
	return b;
}

static void block_give(struct uring_handle *h)
{
	struct uring *self = h->ring;
	struct uring_block *b = h->out;

	h->out = NULL;
	if (self->block_count == URING_BLOCKS_KEPT) {
		reed_free(b);
		return;
	}
	b->next = self->blocks;
	self->blocks = b;
	self->block_count++;
}

static void went(struct uring_handle *h, ssize_t n)
{
	h->out->begin += (uint32_t)n;
	if (h->out->begin == h->out->end)
		block_give(h);
}

static void broke(struct uring_handle *h, int err)
{
	h->send_err = (int)reed_err_of(err);
	if (!h->end)
		h->end = h->send_err; /* who only reads hears of it so */
	block_give(h);
	h->ready |= REED_READ | REED_WRITE;
}

/* What waits for the end of the turn goes now. */
static void push_out(struct uring_handle *h)
{
	ssize_t n;

	if (!h->out || h->sending)
		return;
	n = send(h->fd, h->out->bytes + h->out->begin, h->out->end - h->out->begin,
	         MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n >= 0)
		went(h, n);
	else if (error_of(errno) != REED_EAGAIN)
		broke(h, errno);
}

static size_t total_of(const struct iovec *iov, int count)
{
	size_t n = 0;

	for (int i = 0; i < count; i++)
		n += iov[i].iov_len;
	return n;
}

static void add(struct uring_handle *h, const struct iovec *iov, int count)
{
	if (!h->out)
		h->out = block_take(h->ring);
	for (int i = 0; i < count; i++) {
		memcpy(h->out->bytes + h->out->end, iov[i].iov_base, iov[i].iov_len);
		h->out->end += (uint32_t)iov[i].iov_len;
	}
	reed_uring_todo(h);
}

static ssize_t send_directly(struct uring_handle *h, const struct iovec *iov, int count, bool more)
{
	ssize_t n;

	push_out(h);
	if (h->send_err)
		return (ssize_t)h->send_err;
	if (h->out)
		return REED_EAGAIN;
	if (count == 0)
		return 0;
	n = reed_os_send(h->fd, iov, count, more);
	return n >= 0 ? n : (ssize_t)error_of(errno);
}

static ssize_t socket_send(struct reed_driver *d, struct reed_fd_watch *w, const struct iovec *iov,
                           int count, bool more)
{
	struct uring_handle *h = reed_uring_of(d, w);
	size_t n = total_of(iov, count), here = h->out ? h->out->end : 0;

	if (h->send_err)
		return (ssize_t)h->send_err;
	if (h->sending)
		return REED_EAGAIN;
	if (more || n == 0 || here + n > URING_BLOCK)
		return send_directly(h, iov, count, more);
	add(h, iov, count);
	return (ssize_t)n;
}

/* One that lingers has a time for all of it, so that a peer who takes nothing holds nothing. */
static void begin_sending(struct uring_handle *h)
{
	struct uring *self = h->ring;
	int flags = h->lingers ? MSG_NOSIGNAL | MSG_WAITALL : MSG_NOSIGNAL;
	struct io_uring_sqe *e;

	/* a submission in between would part the two of a link */
	if (h->lingers && io_uring_sq_space_left(&self->ring) < 2)
		io_uring_submit(&self->ring);
	e = reed_uring_entry(self);
	io_uring_prep_send(e, h->fd, h->out->bytes + h->out->begin, h->out->end - h->out->begin,
	                   flags);
	reed_uring_mark(e, h, TAG_SEND);
	h->sending = true;
	if (!h->lingers)
		return;
	e->flags |= IOSQE_IO_LINK;
	e = reed_uring_entry(self);
	io_uring_prep_link_timeout(e, &self->linger, 0);
	io_uring_sqe_set_data64(e, 0);
}

static void finish_closing(struct uring_handle *h)
{
	if (h->out)
		block_give(h);
	if (h->lingers)
		close(h->fd);
	h->lingers = false;
}

/* The request without a time was called back; what is left of it goes with one. */
static void sent_of_closed(struct uring_handle *h, int res)
{
	bool goes_on = h->lingers && h->recalled && (res > 0 || res == -ECANCELED);

	h->recalled = false;
	if (res > 0)
		went(h, res);
	if (goes_on && h->out)
		reed_uring_todo(h);
	else
		finish_closing(h);
}

void reed_uring_sent(struct uring_handle *h, int res)
{
	h->sending = false;
	if (!h->watch) {
		sent_of_closed(h, res);
		return;
	}
	if (res > 0)
		went(h, res);
	else if (res != -EINTR && res != -EAGAIN)
		broke(h, -res);
	if (h->out) {
		reed_uring_todo(h);
		return;
	}
	if (h->shut && !h->send_err)
		shutdown(h->fd, SHUT_WR);
	h->ready |= REED_WRITE;
	reed_uring_news(h);
}

/* ---- what is to be done ---- */

void reed_uring_socket_prepare(struct uring_handle *h)
{
	if (h->out && !h->sending)
		begin_sending(h);
	if (!h->receiving && should_receive(h)) {
		receive(h);
	} else if (h->receiving && !h->stopping && !should_receive(h)) {
		h->stopping = true;
		reed_uring_cancel(h, TAG_RECEIVE);
	}
}

void reed_uring_prepare_sends(struct uring *self)
{
	reed_list_each (link, &self->todo) {
		struct uring_handle *h = reed_container_of(link, struct uring_handle, todo);

		if (h->out && !h->sending)
			begin_sending(h);
	}
}

unsigned reed_uring_socket_polls(const struct uring_handle *h)
{
	unsigned wish = 0;

	if (h->armed & REED_READ && h->bulk && !h->receiving && !h->end && h->held == 0)
		wish |= REED_READ;
	if (h->armed & REED_WRITE && !h->sending && !h->out)
		wish |= REED_WRITE;
	return wish;
}

static void socket_shutdown(struct reed_driver *d, struct reed_fd_watch *w)
{
	struct uring_handle *h = reed_uring_of(d, w);

	push_out(h);
	h->shut = true;
	if (!h->out)
		shutdown(h->fd, SHUT_WR);
}

/* Cancellations name no descriptor, so they may wait for the turn's submission. */
static void call_back(struct uring_handle *h)
{
	if (h->receiving && !h->stopping)
		reed_uring_cancel(h, TAG_RECEIVE);
	if (h->polled)
		reed_uring_cancel(h, TAG_POLL);
	if (h->sending)
		reed_uring_cancel(h, TAG_SEND);
	h->recalled = h->sending;
}

static void socket_close(struct reed_driver *d, struct reed_fd_watch *w, bool abort)
{
	struct uring_handle *h = reed_uring_of(d, w);

	if (h->kind == URING_LISTENER) {
		reed_uring_listener_close(h);
		return;
	}
	reed_uring_forget_bytes(h);
	if (!abort)
		push_out(h);
	call_back(h);
	h->lingers = h->out && !abort;
	if (h->lingers)
		reed_uring_todo(h);
	else
		close(h->fd);
	if (h->out && !h->lingers && !h->sending)
		block_give(h);
	reed_uring_release(h);
	reed_uring_flush_between_turns(d, w->loop);
}

bool reed_uring_socket_over(const struct uring_handle *h)
{
	return !h->lingers;
}

static void adopt(struct reed_driver *d, struct reed_fd_watch *w, bool listens)
{
	reed_uring_handle(reed_container_of(d, struct uring, driver), w,
	                  listens ? URING_LISTENER : URING_SOCKET);
}

const struct reed_socket_ops reed_uring_sockets = {
	.adopt = adopt,
	.receive = socket_receive,
	.send = socket_send,
	.shutdown = socket_shutdown,
	.close = socket_close,
	.accept = reed_uring_accept,
	.share = reed_uring_share,
	.flush = reed_uring_flush,
};
