/* Reed inside libuv: one descriptor that libuv polls. */

#include <uv.h>

#include "reed/alloc.h"
#include "reed/embed.h"
#include "reed/uv.h"

/* libuv frees handles later, so this lives until both the turn and libuv have done with it. */
struct reed_uv_guest {
	struct reed_host host;
	struct reed_loop *loop; /* NULL: detached */
	uv_poll_t poll;
	bool in_turn, is_closed, is_busy;
};

static void let_go(struct reed_uv_guest *self)
{
	if (self->is_closed && !self->in_turn)
		reed_free(self);
}

static void closed(uv_handle_t *h)
{
	struct reed_uv_guest *self = h->data;

	self->is_closed = true;
	let_go(self);
}

/* An error is for the loop to find out: its own turn reads the descriptor anyhow. */
static void ready(uv_poll_t *poll, int status, int events)
{
	struct reed_uv_guest *self = poll->data;

	(void)status;
	(void)events;
	self->in_turn = true;
	reed_loop_turn(self->loop, 0);
	self->in_turn = false;
	let_go(self);
}

/* What waits for nothing keeps no uv_run() running. */
static void hold(struct reed_uv_guest *self)
{
	if (self->is_busy)
		uv_ref((uv_handle_t *)&self->poll);
	else
		uv_unref((uv_handle_t *)&self->poll);
}

static void busy(struct reed_host *host, bool is_busy)
{
	struct reed_uv_guest *self = reed_container_of(host, struct reed_uv_guest, host);

	self->is_busy = is_busy;
	if (self->poll.data) /* else it comes with the handle */
		hold(self);
}

enum reed_err reed_uv_guest_new(struct reed_loop *loop, struct uv_loop_s *uv,
                                struct reed_uv_guest **guest)
{
	struct reed_uv_guest *self = reed_alloc(sizeof(*self));
	enum reed_err err;
	int fd, failed;

	self->host.busy = busy;
	err = reed_loop_attach(loop, &self->host, &fd);
	if (err) {
		reed_free(self);
		return err;
	}
	failed = uv_poll_init(uv, &self->poll, fd);
	if (failed < 0) {
		reed_loop_detach(loop);
		reed_free(self);
		return reed_err_of(-failed);
	}
	self->loop = loop;
	self->poll.data = self;
	uv_poll_start(&self->poll, UV_READABLE, ready);
	hold(self);
	*guest = self;
	return REED_OK;
}

void reed_uv_guest_free(struct reed_uv_guest *self)
{
	if (!self || !self->loop)
		return;
	reed_loop_detach(self->loop);
	self->loop = NULL;
	uv_close((uv_handle_t *)&self->poll, closed);
}
