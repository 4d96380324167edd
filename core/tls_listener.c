/* Listeners that yield TLS streams, and their certificates read anew. */

#include "tls_private.h"

#include <string.h>

#include "reed/offload.h"
#include "reed/random.h"

struct tls_listener {
	struct reed_listener listener;
	struct reed_list link; /* of the loop */
	struct reed_listener *below;
	struct reed_tls_ctx *ctx;
	struct reed_tls_server_options options;
	char *alpn;
	struct reed_waiter waiter; /* of an accept below */
	struct reed_stream *arrived;
	enum reed_err err;
};

static struct tls_listener *listener_of(struct reed_listener *l)
{
	return reed_container_of(l, struct tls_listener, listener);
}

static void ask_below(struct tls_listener *self)
{
	if (!self->waiter.future && !self->arrived && !self->err)
		reed_wait(reed_accept(self->below, &self->arrived), &self->waiter);
}

static void arrived(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct tls_listener *self = reed_container_of(w, struct tls_listener, waiter);

	self->err = err;
	if (err && !self->listener.fault)
		self->listener.fault = fault;
	else
		reed_fault_free(fault);
	self->listener.more = true;
	reed_listener_ready(&self->listener);
}

static enum reed_err listener_accept(struct reed_listener *l, struct reed_stream **stream)
{
	struct tls_listener *self = listener_of(l);
	enum reed_err err = self->err;

	self->err = REED_OK;
	if (err)
		return err;
	if (!self->arrived) {
		ask_below(self);
		return REED_EAGAIN;
	}
	*stream = reed_tls_server(self->arrived, self->ctx, &self->options);
	self->arrived = NULL;
	return REED_OK;
}

static void listener_want(struct reed_listener *l, bool wanted)
{
	struct tls_listener *self = listener_of(l);

	if (wanted)
		ask_below(self);
	else
		reed_unwait(l->loop, &self->waiter);
}

static void listener_close(struct reed_listener *l)
{
	struct tls_listener *self = listener_of(l);

	reed_list_remove(&self->link);
	reed_unwait(l->loop, &self->waiter);
	reed_listener_close(self->below);
	reed_close(self->arrived);
	reed_tls_ctx_release(self->ctx);
	reed_free(self->alpn);
}

static const struct reed_listener_ops listener_ops = {
	.name = "tls",
	.accept = listener_accept,
	.want = listener_want,
	.close = listener_close,
};

struct reed_listener *reed_tls_listener(struct reed_listener *below, struct reed_tls_ctx *ctx,
                                        const struct reed_tls_server_options *given)
{
	struct tls_listener *self = reed_alloc(sizeof(*self));

	reed_listener_init(&self->listener, below->loop, &listener_ops);
	self->listener.address = below->address;
	self->below = below;
	self->ctx = reed_tls_ctx_share(ctx);
	self->waiter.wake = arrived;
	self->options = (struct reed_tls_server_options)REED_TLS_SERVER_OPTIONS;
	if (given)
		memcpy(&self->options, given,
		       given->size < sizeof(self->options) ? given->size : sizeof(self->options));
	self->options.size = sizeof(self->options);
	self->alpn = reed_strdup(self->options.alpn);
	self->options.alpn = self->alpn;
	reed_list_append(&below->loop->tls_listeners, &self->link);
	return &self->listener;
}

/* ---- reload ---- */

struct reload {
	struct reed_job job;
	struct reed_tls_ctx **ctxs;
	size_t count;
	int64_t wall;
};

static enum reed_err reload_run(struct reed_job *job)
{
	struct reload *self = reed_job_frame(job, struct reload);
	enum reed_err first = REED_OK;

	for (size_t i = 0; i < self->count; i++) {
		struct reed_fault *fault = NULL;
		enum reed_err err = reed_tls_ctx_reload(self->ctxs[i], self->wall, &fault);

		if (err && !first)
			first = reed_job_fail(job, err, "%s", reed_fault_why(fault, err));
		reed_fault_free(fault);
	}
	return first;
}

static void reload_end(struct reed_job *job)
{
	struct reload *self = reed_job_frame(job, struct reload);

	while (self->count > 0)
		reed_tls_ctx_release(self->ctxs[--self->count]);
	reed_free(self->ctxs);
}

static const struct reed_job_kind reload_kind = {
	.name = "tls reload",
	.size = sizeof(struct reload),
	.run = reload_run,
	.end = reload_end,
};

static void add_once(struct reload *self, struct reed_tls_ctx *ctx)
{
	for (size_t i = 0; i < self->count; i++)
		if (self->ctxs[i] == ctx)
			return;
	self->ctxs = reed_realloc(self->ctxs, (self->count + 1) * sizeof(*self->ctxs));
	self->ctxs[self->count++] = reed_tls_ctx_share(ctx);
}

struct reed_future *reed_tls_reload(struct reed_loop *loop)
{
	struct reload *self = reed_job_new(loop, &reload_kind);

	self->wall = reed_wall(loop);
	reed_list_each (link, &loop->tls_listeners)
		add_once(self, reed_container_of(link, struct tls_listener, link)->ctx);
	return reed_offload(&self->job);
}
