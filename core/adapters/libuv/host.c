/* libuv inside Reed: its backend descriptor and its timeout. */

#include <uv.h>

#include "reed/alloc.h"
#include "reed/driver.h"
#include "reed/embed.h"
#include "reed/uv.h"

struct reed_uv_host {
	struct reed_inner inner;
	uv_loop_t *uv;
};

static struct reed_uv_host *self_of(struct reed_inner *inner)
{
	return reed_container_of(inner, struct reed_uv_host, inner);
}

/*
 * libuv counts milliseconds of a clock that it reads once a turn, and coarsely:
 * so it is read anew, and the timeout counted from now, never from then.
 */
static int64_t prepare(struct reed_inner *inner)
{
	uv_loop_t *uv = self_of(inner)->uv;
	int ms;

	uv_update_time(uv);
	ms = uv_backend_timeout(uv);
	if (ms < 0)
		return REED_NEVER;
	return ms == 0 ? 0 : reed_system_now(NULL) + REED_MS(ms);
}

static void turn(struct reed_inner *inner)
{
	uv_run(self_of(inner)->uv, UV_RUN_NOWAIT);
}

static bool busy(struct reed_inner *inner)
{
	return uv_loop_alive(self_of(inner)->uv) != 0;
}

static const struct reed_inner_ops ops = {
	.prepare = prepare,
	.turn = turn,
	.busy = busy,
};

enum reed_err reed_uv_host_new(struct reed_loop *loop, struct uv_loop_s *uv,
                               struct reed_uv_host **host)
{
	struct reed_uv_host *self = reed_alloc(sizeof(*self));
	enum reed_err err;

	self->uv = uv;
	self->inner.ops = &ops;
	self->inner.fd = uv_backend_fd(uv);
	err = reed_inner_attach(loop, &self->inner);
	if (err) {
		reed_free(self);
		return err;
	}
	*host = self;
	return REED_OK;
}

void reed_uv_host_free(struct reed_uv_host *self)
{
	if (!self)
		return;
	reed_inner_detach(&self->inner);
	reed_free(self);
}
