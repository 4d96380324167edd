/* io_uring: how a ring begins and ends. */

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "uring.h"

enum { GROUP = 0, OPEN_TRIES = 3, CLOSE_TRIES = 20, PATIENCE_NS = 50000000 };

static struct uring *self_of(struct reed_driver *d)
{
	return reed_container_of(d, struct uring, driver);
}

/* The shared liburing 2.3 does not export its functions for these. */
static int ring_register(struct uring *self, unsigned what, void *arg, unsigned n)
{
	long got = syscall(SYS_io_uring_register, self->ring.ring_fd, what, arg, n);

	return got < 0 ? -errno : 0;
}

void reed_uring_enable(struct uring *self)
{
	if (!self->enabled)
		ring_register(self, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
	self->enabled = true;
}

/* ---- the end ---- */

static bool in_flight(struct uring *self)
{
	reed_list_each (link, &self->all)
		if (reed_container_of(link, struct uring_handle, all)->flight > 0)
			return true;
	return false;
}

/*
 * Whatever the system may still write into stays until it says that it will not.
 * Another thread than the one that ran the loop cannot ask for that, nor need it:
 * bytes move in calls of that thread only, and there will be none.
 */
static bool call_all_back(struct uring *self)
{
	struct __kernel_timespec t = { .tv_nsec = PATIENCE_NS };
	struct io_uring_cqe *cqe;
	struct io_uring_sqe *e;
	int err = 0;

	for (int i = 0; in_flight(self) && i < CLOSE_TRIES && err != -EEXIST; i++) {
		e = io_uring_get_sqe(&self->ring);
		if (e) {
			io_uring_prep_cancel64(e, 0,
			                       IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL);
			io_uring_sqe_set_data64(e, 0);
		}
		err = io_uring_submit_and_wait_timeout(&self->ring, &cqe, 1, &t, NULL);
		reed_uring_reap(self);
	}
	return err == -EEXIST || !in_flight(self);
}

static void free_handles(struct uring *self)
{
	struct reed_list *link;

	while ((link = reed_list_take(&self->all))) {
		struct uring_handle *h = reed_container_of(link, struct uring_handle, all);

		if (h->kind == URING_SOCKET)
			reed_uring_forget_bytes(h);
		if (h->kind == URING_SOCKET && h->lingers)
			close(h->fd);
		reed_free(h->out);
		reed_free(h->fds);
		reed_free(h);
	}
}

static void unmap(struct uring *self)
{
	struct uring_block *block;

	if (self->lent)
		munmap(self->lent, URING_BUFFERS * sizeof(struct io_uring_buf));
	if (self->memory)
		munmap(self->memory, (size_t)URING_BUFFERS * URING_BUFFER);
	while ((block = self->blocks)) {
		self->blocks = block->next;
		reed_free(block);
	}
}

static void uring_close(struct reed_driver *d)
{
	struct uring *self = self_of(d);
	bool is_over = !self->enabled || call_all_back(self);

	io_uring_queue_exit(&self->ring);
	reed_uring_host_close(self);
	close(self->bell);
	reed_wakeup_close(self->wakeup);
	if (!is_over) /* better lost than written into when it is somebody else's */
		return;
	free_handles(self);
	unmap(self);
	reed_free(self->slots);
	reed_free(self->free_next);
	reed_free(self);
}

static const struct reed_driver_ops uring_ops = {
	.name = "uring",
	.close = uring_close,
	.arm = reed_uring_arm,
	.wait = reed_uring_wait,
	.wake = reed_uring_wake,
	.host = reed_uring_host,
	.now = reed_system_now,
	.wall = reed_system_wall,
	.random = reed_system_random,
};

/* ---- the beginning ---- */

static void *map(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int lend_buffers(struct uring *self)
{
	struct io_uring_buf_reg reg = { .ring_entries = URING_BUFFERS, .bgid = GROUP };
	int err;

	self->lent = map(URING_BUFFERS * sizeof(struct io_uring_buf));
	self->memory = map((size_t)URING_BUFFERS * URING_BUFFER);
	if (!self->lent || !self->memory)
		return -ENOMEM;
	reg.ring_addr = (uint64_t)(uintptr_t)self->lent;
	err = io_uring_register_buf_ring(&self->ring, &reg, 0);
	if (err < 0)
		return err;
	io_uring_buf_ring_init(self->lent);
	for (int i = 0; i < URING_BUFFERS; i++)
		reed_uring_lend(self, i);
	return 0;
}

/*
 * The ring can do no more than this, whoever writes into it: what a sandbox
 * forbids by call is forbidden here as well.
 */
static int restrict_ops(struct uring *self)
{
	static const uint8_t ops[] = { IORING_OP_NOP,          IORING_OP_POLL_ADD,
		                       IORING_OP_POLL_REMOVE,  IORING_OP_RECV,
		                       IORING_OP_SEND,         IORING_OP_ACCEPT,
		                       IORING_OP_ASYNC_CANCEL, IORING_OP_LINK_TIMEOUT };
	struct io_uring_restriction all[REED_COUNT(ops) + 2] = {
		{ .opcode = IORING_RESTRICTION_REGISTER_OP,
		  .register_op = IORING_REGISTER_ENABLE_RINGS },
		{ .opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED,
		  .sqe_flags = IOSQE_BUFFER_SELECT | IOSQE_IO_LINK },
	};

	for (size_t i = 0; i < REED_COUNT(ops); i++) {
		all[i + 2].opcode = IORING_RESTRICTION_SQE_OP;
		all[i + 2].sqe_op = ops[i];
	}
	return ring_register(self, IORING_REGISTER_RESTRICTIONS, all, REED_COUNT(all));
}

static int hang_bell(struct uring *self)
{
	int err;

	self->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (self->bell < 0)
		return -errno;
	err = ring_register(self, IORING_REGISTER_EVENTFD, &self->bell, 1);
	if (err == 0)
		err = io_uring_cq_eventfd_toggle(&self->ring, false);
	if (err < 0)
		close(self->bell);
	return err;
}

/*
 * Not enabled yet: the thread that does that is the one that may use it.  Linux takes the
 * pages of a ring all at once, and has no memory for it if it gets fewer at that moment.
 */
static int open_ring(struct uring *self)
{
	struct io_uring_params p = { .flags = IORING_SETUP_SINGLE_ISSUER |
		                              IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_R_DISABLED |
		                              IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE,
		                     .cq_entries = URING_COMPLETIONS };
	int err = -ENOMEM;

	for (int i = 0; i < OPEN_TRIES && err == -ENOMEM; i++)
		err = io_uring_queue_init_params(URING_ENTRIES, &self->ring, &p);
	if (err < 0)
		return err;
	err = lend_buffers(self);
	if (err == 0)
		err = hang_bell(self);
	if (err == 0) {
		err = restrict_ops(self);
		if (err < 0)
			close(self->bell);
	}
	if (err < 0)
		io_uring_queue_exit(&self->ring);
	return err;
}

static enum reed_err open_all(struct uring *self)
{
	enum reed_err err = reed_wakeup_open(self->wakeup);
	int got;

	if (err)
		return err;
	got = open_ring(self);
	if (got == 0)
		return REED_OK;
	reed_wakeup_close(self->wakeup);
	return got == -EMFILE || got == -ENFILE ? reed_err_of(-got) : REED_ENOTSUP;
}

static void watch_wakeup(struct uring *self)
{
	struct uring_handle *h;

	self->wakeup_watch.fd = self->wakeup[0];
	h = reed_uring_handle(self, &self->wakeup_watch, URING_WATCH);
	h->armed = REED_READ;
	reed_uring_todo(h);
}

enum reed_err reed_uring_open(struct reed_driver **driver)
{
	struct uring *self = reed_alloc(sizeof(*self));
	enum reed_err err;

	self->driver.ops = &uring_ops;
	self->driver.sockets = &reed_uring_sockets;
	self->host = self->timer = -1;
	self->slot_count = 1;
	self->linger.tv_sec = URING_LINGER_S;
	reed_list_init(&self->all);
	reed_list_init(&self->todo);
	reed_list_init(&self->news);
	reed_list_init(&self->holding);
	err = open_all(self);
	if (err) {
		unmap(self);
		reed_free(self);
		return err;
	}
	watch_wakeup(self);
	*driver = &self->driver;
	return REED_OK;
}
