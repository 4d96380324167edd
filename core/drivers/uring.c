/* io_uring: the ring and its turns, and readiness by polls. */

#include "uring.h"

#include <poll.h>
#include <sys/stat.h>

_Static_assert(REED_READ == POLLIN && REED_WRITE == POLLOUT, "events are poll's");

static struct uring *self_of(struct reed_driver *d)
{
	return reed_container_of(d, struct uring, driver);
}

/* ---- handles ---- */

static int slot_take(struct uring *self)
{
	int slot = self->slot_free;

	if (slot) {
		self->slot_free = self->free_next[slot];
		return slot;
	}
	if (self->slot_count >= self->slot_size) {
		size_t n = self->slot_size ? (size_t)self->slot_size * 2 : 64;

		self->slots = reed_realloc(self->slots, n * sizeof(struct uring_handle *));
		self->free_next = reed_realloc(self->free_next, n * sizeof(int));
		self->slot_size = (int)n;
	}
	return self->slot_count++;
}

struct uring_handle *reed_uring_handle(struct uring *self, struct reed_fd_watch *w,
                                       enum uring_kind kind)
{
	struct uring_handle *h = reed_alloc(sizeof(*h));

	h->ring = self;
	h->watch = w;
	h->fd = w->fd;
	h->kind = kind;
	h->first = h->last = -1;
	reed_list_append(&self->all, &h->all);
	w->slot = slot_take(self);
	self->slots[w->slot] = h;
	return h;
}

struct uring_handle *reed_uring_of(struct reed_driver *d, const struct reed_fd_watch *w)
{
	return w->slot ? self_of(d)->slots[w->slot] : NULL;
}

static void destroy(struct uring_handle *h)
{
	reed_list_unlink(&h->todo);
	reed_list_unlink(&h->news);
	reed_list_unlink(&h->all);
	reed_free(h->fds);
	reed_free(h);
}

static void end_if_over(struct uring_handle *h)
{
	if (!h->watch && h->flight == 0 && (h->kind != URING_SOCKET || reed_uring_socket_over(h)))
		destroy(h);
}

/* The caller has told what is on its way to end. */
void reed_uring_release(struct uring_handle *h)
{
	struct uring *self = h->ring;
	int slot = h->watch->slot;

	for (int i = 0; i < self->out_count; i++)
		if (self->out[i].watch == h->watch)
			self->out[i].watch = NULL;
	self->slots[slot] = NULL;
	self->free_next[slot] = self->slot_free;
	self->slot_free = slot;
	h->watch->slot = 0;
	h->watch = NULL;
	h->armed = 0;
	reed_list_unlink(&h->news);
	end_if_over(h);
}

void reed_uring_todo(struct uring_handle *h)
{
	if (!reed_linked(&h->todo))
		reed_list_append(&h->ring->todo, &h->todo);
}

void reed_uring_news(struct uring_handle *h)
{
	if (h->watch && !reed_linked(&h->news))
		reed_list_append(&h->ring->news, &h->news);
}

/* ---- entries ---- */

static struct io_uring_sqe *raw_entry(struct uring *self)
{
	struct io_uring_sqe *e = io_uring_get_sqe(&self->ring);

	while (!e) {
		reed_uring_enable(self);
		io_uring_submit(&self->ring);
		e = io_uring_get_sqe(&self->ring);
	}
	return e;
}

static uint64_t mark_of(const struct uring_handle *h, enum uring_tag tag)
{
	return (uint64_t)(uintptr_t)h | tag;
}

/* To be prepared by the caller, who calls reed_uring_mark() then. */
struct io_uring_sqe *reed_uring_entry(struct uring *self)
{
	return raw_entry(self);
}

/* Preparing clears what an entry is known by, so it is marked after. */
void reed_uring_mark(struct io_uring_sqe *e, struct uring_handle *h, enum uring_tag tag)
{
	h->flight++;
	io_uring_sqe_set_data64(e, mark_of(h, tag));
}

/* What is canceled is completed all the same, if only as canceled. */
void reed_uring_cancel(struct uring_handle *h, enum uring_tag tag)
{
	struct io_uring_sqe *e = raw_entry(h->ring);

	io_uring_prep_cancel64(e, mark_of(h, tag), 0);
	io_uring_sqe_set_data64(e, 0);
}

/* ---- polls ---- */

static unsigned poll_wish(const struct uring_handle *h)
{
	if (h->kind == URING_SOCKET)
		return reed_uring_socket_polls(h);
	if (h->kind == URING_LISTENER)
		return h->plain ? h->armed : 0;
	return h->armed;
}

/* One shot: asked anew after it was told, it is told again while it lasts. */
static void prepare_poll(struct uring_handle *h)
{
	unsigned wish = poll_wish(h);
	struct io_uring_sqe *e;

	if (!(wish & ~(unsigned)h->polled))
		return;
	e = raw_entry(h->ring);
	if (h->polled) {
		io_uring_prep_poll_update(e, mark_of(h, TAG_POLL), 0, wish,
		                          IORING_POLL_UPDATE_EVENTS);
		io_uring_sqe_set_data64(e, 0);
	} else {
		io_uring_prep_poll_add(e, h->fd, wish);
		reed_uring_mark(e, h, TAG_POLL);
	}
	h->polled = (unsigned char)wish;
}

static void polled(struct uring_handle *h, int res)
{
	h->polled = 0;
	reed_uring_todo(h);
	if (res == -ECANCELED || !h->watch)
		return;
	if (res < 0 || res & (POLLERR | POLLHUP | POLLNVAL))
		res = REED_READ | REED_WRITE;
	h->ready |= (unsigned char)(res & (REED_READ | REED_WRITE));
	reed_uring_news(h);
}

/* ---- what is told ---- */

static unsigned ready(const struct uring_handle *h)
{
	unsigned events = h->ready;

	if (h->kind == URING_SOCKET && (h->held > 0 || h->end))
		events |= REED_READ;
	if (h->kind == URING_LISTENER && (h->fd_count > 0 || h->accept_err))
		events |= REED_READ;
	return events & h->armed;
}

static struct uring_handle *of_news(struct reed_list *link)
{
	return reed_container_of(link, struct uring_handle, news);
}

/* What has been used up meanwhile leaves. */
static bool has_news(struct uring *self)
{
	while (!reed_list_empty(&self->news)) {
		if (ready(of_news(self->news.next)))
			return true;
		reed_list_take(&self->news);
	}
	return false;
}

/* Each once, in the order in which they came; what remains is told again in the next turn. */
static void tell(struct uring *self, int room)
{
	struct reed_list later, *link;

	reed_list_init(&later);
	while (self->out_count < room && (link = reed_list_take(&self->news))) {
		struct uring_handle *h = of_news(link);
		unsigned events = ready(h);

		if (!events)
			continue;
		h->ready = 0;
		reed_uring_todo(h);
		if (h->watch == &self->wakeup_watch) {
			reed_wakeup_clear(self->wakeup);
			continue;
		}
		self->out[self->out_count++] = (struct reed_event){ h->watch, events };
		reed_list_append(&later, &h->news);
	}
	reed_list_splice(&self->news, &later);
}

/* ---- arming ---- */

static enum reed_err begin_watch(struct uring *self, struct reed_fd_watch *w)
{
	struct stat st;

	if (fstat(w->fd, &st) < 0)
		return reed_err_of(errno);
	if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
		return REED_ENOTSUP;
	reed_uring_handle(self, w, URING_WATCH);
	return REED_OK;
}

/* At once: the poll keeps the file open, though its number is closed. */
static void end_watch(struct uring_handle *h)
{
	struct uring *self = h->ring;
	bool on_its_way = h->polled;

	reed_uring_show(h, 0);
	if (on_its_way)
		reed_uring_cancel(h, TAG_POLL);
	reed_uring_release(h);
	if (on_its_way)
		io_uring_submit_and_get_events(&self->ring);
}

enum reed_err reed_uring_arm(struct reed_driver *d, struct reed_fd_watch *w, unsigned events)
{
	struct uring_handle *h = reed_uring_of(d, w);
	enum reed_err err = REED_OK;

	if (!h)
		err = begin_watch(self_of(d), w);
	if (err)
		return err;
	h = reed_uring_of(d, w);
	if (!events && h->kind == URING_WATCH) {
		end_watch(h);
		return REED_OK;
	}
	err = reed_uring_show(h, events);
	if (err)
		return err;
	h->armed = (unsigned char)events;
	h->ready &= h->armed;
	reed_uring_todo(h);
	if (ready(h))
		reed_uring_news(h);
	reed_uring_flush_between_turns(d, w->loop);
	return REED_OK;
}

/* ---- a turn ---- */

static void prepare_handle(struct uring_handle *h)
{
	if (h->kind == URING_SOCKET)
		reed_uring_socket_prepare(h);
	else if (h->kind == URING_LISTENER)
		reed_uring_listener_prepare(h);
	if (h->watch)
		prepare_poll(h);
	else
		end_if_over(h);
}

/* later: for those that a host hears of by itself; NULL: all go */
static void prepare(struct uring *self, struct reed_list *later)
{
	struct reed_list now, *link;

	reed_list_init(&now);
	reed_list_splice(&now, &self->todo);
	while ((link = reed_list_take(&now))) {
		struct uring_handle *h = reed_container_of(link, struct uring_handle, todo);

		if (later && h->kind == URING_WATCH && h->watch && !h->unshown)
			reed_list_append(later, link);
		else
			prepare_handle(h);
	}
}

static void completed(const struct io_uring_cqe *cqe)
{
	struct uring_handle *h = (void *)(uintptr_t)(cqe->user_data & ~(uint64_t)URING_TAGS);

	if (!h)
		return;
	if (!(cqe->flags & IORING_CQE_F_MORE))
		h->flight--;
	switch ((enum uring_tag)(cqe->user_data & URING_TAGS)) {
	case TAG_POLL:
		polled(h, cqe->res);
		break;
	case TAG_RECEIVE:
		reed_uring_received(h, cqe);
		break;
	case TAG_SEND:
		reed_uring_sent(h, cqe->res);
		break;
	case TAG_ACCEPT:
		reed_uring_accepted(h, cqe);
		break;
	}
	end_if_over(h);
}

void reed_uring_reap(struct uring *self)
{
	struct io_uring_cqe *cqe;
	unsigned head, n = 0;

	io_uring_for_each_cqe(&self->ring, head, cqe)
	{
		completed(cqe);
		n++;
	}
	io_uring_cq_advance(&self->ring, n);
}

bool reed_uring_settled(const struct uring *self)
{
	return io_uring_cq_ready(&self->ring) == 0 && !io_uring_cq_has_overflow(&self->ring);
}

static void enter(struct uring *self, int64_t ns)
{
	struct __kernel_timespec t = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };
	struct io_uring_cqe *cqe;

	if (ns > 0 && reed_uring_settled(self))
		io_uring_submit_and_wait_timeout(&self->ring, &cqe, 1,
		                                 ns > REED_S(100000) ? NULL : &t, NULL);
	else
		io_uring_submit_and_get_events(&self->ring);
}

int reed_uring_wait(struct reed_driver *d, int64_t ns, struct reed_event *out, int room)
{
	struct uring *self = self_of(d);
	int n;

	reed_uring_enable(self);
	reed_uring_spill(self);
	prepare(self, NULL);
	enter(self, has_news(self) ? 0 : ns);
	reed_uring_hear_bell(self);
	reed_uring_reap(self);
	self->out = out;
	tell(self, room);
	n = self->out_count;
	self->out_count = 0;
	return n;
}

/*
 * What was written goes.  Polls wait for wait(), as what they tell must not be
 * older than that; but a host has to see what the loop would, and know what it
 * knows already: of sockets through the ring, of watches by itself.
 */
void reed_uring_flush(struct reed_driver *d)
{
	struct uring *self = self_of(d);
	struct io_uring_sqe *e;
	struct reed_list later;

	reed_list_init(&later);
	if (self->host >= 0)
		prepare(self, &later);
	else
		reed_uring_prepare_sends(self);
	reed_list_splice(&self->todo, &later);
	if (self->host >= 0 && has_news(self)) {
		e = raw_entry(self);
		io_uring_prep_nop(e);
		io_uring_sqe_set_data64(e, 0);
	}
	if (io_uring_sq_ready(&self->ring) == 0)
		return;
	reed_uring_enable(self);
	io_uring_submit_and_get_events(&self->ring);
}

void reed_uring_flush_between_turns(struct reed_driver *d, const struct reed_loop *loop)
{
	if (loop->embedded && !loop->in_turn)
		reed_uring_flush(d);
}

void reed_uring_wake(struct reed_driver *d)
{
	reed_wakeup_signal(self_of(d)->wakeup);
}
