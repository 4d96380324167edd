/* Listeners that yield TLS streams, and their certificates read anew. */

#include "tls_private.h"

#include <string.h>

#include "reed/offload.h"
#include "reed/random.h"

struct tls_map {
	struct reed_list link; /* of the loop */
	struct reed_tls_ctx *ctx;
	struct reed_tls_server_options options;
	char *alpn;
};

static struct reed_stream *map(void *arg, struct reed_stream *below)
{
	struct tls_map *self = arg;

	return reed_tls_server(below, self->ctx, &self->options);
}

static void map_free(void *arg)
{
	struct tls_map *self = arg;

	reed_list_remove(&self->link);
	reed_tls_ctx_release(self->ctx);
	reed_free(self->alpn);
	reed_free(self);
}

static const struct reed_map_ops map_ops = { .name = "tls", .map = map, .free = map_free };

struct reed_listener *reed_tls_listener(struct reed_listener *below, struct reed_tls_ctx *ctx,
                                        const struct reed_tls_server_options *given)
{
	struct tls_map *self = reed_alloc(sizeof(*self));

	self->ctx = reed_tls_ctx_share(ctx);
	self->options = (struct reed_tls_server_options)REED_TLS_SERVER_OPTIONS;
	if (given)
		memcpy(&self->options, given,
		       given->size < sizeof(self->options) ? given->size : sizeof(self->options));
	self->options.size = sizeof(self->options);
	self->alpn = reed_strdup(self->options.alpn);
	self->options.alpn = self->alpn;
	reed_list_append(&below->loop->tls_listeners, &self->link);
	reed_tls_ctx_tell(ctx, below->loop);
	return reed_listener_map(below, &map_ops, self);
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

/* In the loop's thread, whatever the outcome: some may have been read. */
static void reload_end(struct reed_job *job)
{
	struct reload *self = reed_job_frame(job, struct reload);

	while (self->count > 0) {
		reed_tls_ctx_tell(self->ctxs[--self->count], job->future.loop);
		reed_tls_ctx_release(self->ctxs[self->count]);
	}
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
		add_once(self, reed_container_of(link, struct tls_map, link)->ctx);
	return reed_offload(&self->job);
}
