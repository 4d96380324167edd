/* The resolver of a loop, and the addresses of a name from it. */

#include "reed/co.h"
#include "reed/random.h"
#include "resolve_private.h"

/* ---- the resolver ---- */

static char *copy_of(const char *s)
{
	return s ? reed_strdup(s) : NULL;
}

void reed_resolver_options_copy(struct reed_resolver_options *to,
                                const struct reed_resolver_options *from)
{
	*to = (struct reed_resolver_options)REED_RESOLVER_OPTIONS;
	if (from)
		memcpy(to, from, from->size < sizeof(*to) ? from->size : sizeof(*to));
	to->size = sizeof(*to);
	to->hosts_file = copy_of(to->hosts_file);
	to->resolv_conf = copy_of(to->resolv_conf);
	to->servers = copy_of(to->servers);
}

static void string_free(const char *s)
{
	reed_free((void *)(uintptr_t)s);
}

void reed_resolver_options_finish(struct reed_resolver_options *options)
{
	string_free(options->hosts_file);
	string_free(options->resolv_conf);
	string_free(options->servers);
}

static void close_source(struct reed_resolver *r)
{
	if (r->source)
		r->source->ops->close(r->source);
	r->source = NULL;
}

static void resolver_end(struct reed_last *last)
{
	struct reed_resolver *r = reed_container_of(last, struct reed_resolver, last);

	reed_cache_cancel(r);
	reed_cache_forget(r);
	reed_look_finish(r);
	close_source(r);
	reed_resolver_options_finish(&r->options);
	r->loop->resolver = NULL;
	reed_free(r);
}

struct reed_resolver *reed_resolver_of(struct reed_loop *loop)
{
	struct reed_resolver *r = loop->resolver;

	if (r)
		return r;
	r = loop->resolver = reed_alloc(sizeof(*r));
	r->loop = loop;
	r->seed = reed_random(loop);
	r->last.run = resolver_end;
	reed_list_init(&r->retired);
	reed_cache_init(r);
	reed_resolver_options_copy(&r->options, NULL);
	reed_at_loop_end(loop, &r->last);
	return r;
}

bool reed_resolver_uses_system(const struct reed_resolver *r)
{
	const struct reed_net_ops *net = r->loop->driver->net;

	return !r->source && !(net && net->lookup);
}

/* All that is known, and all that may become known soon. */
static void start_over(struct reed_resolver *r)
{
	reed_cache_cancel(r);
	reed_cache_forget(r);
}

void reed_resolver_configure(struct reed_loop *loop, const struct reed_resolver_options *options)
{
	struct reed_resolver *r = reed_resolver_of(loop);

	start_over(r);
	reed_resolver_options_finish(&r->options);
	reed_resolver_options_copy(&r->options, options);
	reed_look_anew(r);
}

void reed_resolver_set(struct reed_loop *loop, struct reed_resolver_source *source)
{
	struct reed_resolver *r = reed_resolver_of(loop);

	start_over(r);
	close_source(r);
	r->source = source;
}

void reed_resolver_flush(struct reed_loop *loop)
{
	if (loop->resolver)
		reed_cache_forget(loop->resolver);
}

void reed_resolver_stats(const struct reed_loop *loop, struct reed_resolver_stats *stats)
{
	const struct reed_resolver *r = loop->resolver;
	struct reed_resolver_stats all = { .size = stats->size };

	if (r) {
		all.questions = r->questions;
		all.hits = r->hits;
		all.shared = r->shared;
		all.looks = r->looks;
		all.under_way = r->under_way;
		all.kept = r->kept;
		all.kept_bytes = r->kept_bytes;
	}
	memcpy(stats, &all, stats->size < sizeof(all) ? stats->size : sizeof(all));
}

/* ---- addresses ---- */

struct resolve {
	struct reed_co co;
	struct reed_future *seek; /* until it is waited for */
	struct reed_found found;
	struct reed_addresses *out;
};

static void resolve_run(struct reed_co *co)
{
	struct resolve *self = reed_frame(co, struct resolve);
	struct reed_future *seek = self->seek;

	reed_coroutine (co) {
		self->seek = NULL;
		reed_try(co, seek);
	}
}

static void resolve_deliver(struct reed_co *co)
{
	struct resolve *self = reed_frame(co, struct resolve);
	const struct reed_addresses *v4 = &self->found.of[REED_V4];

	*self->out = self->found.of[REED_V6];
	self->found.of[REED_V6] = (struct reed_addresses){ NULL, 0 };
	for (size_t i = 0; i < v4->count; i++)
		reed_addresses_add(self->out, &v4->list[i]);
	reed_addresses_sort(co->loop, self->out);
}

static void resolve_end(struct reed_co *co)
{
	struct resolve *self = reed_frame(co, struct resolve);

	reed_drop(self->seek);
	reed_found_finish(&self->found);
}

static const struct reed_co_kind resolve_kind = {
	.name = "resolve",
	.size = sizeof(struct resolve),
	.run = resolve_run,
	.deliver = resolve_deliver,
	.end = resolve_end,
};

struct reed_future *reed_resolve(struct reed_loop *loop, struct reed_slice host, uint16_t port,
                                 struct reed_addresses *out)
{
	struct resolve *self = reed_co_new(loop, &resolve_kind);

	self->out = out;
	self->seek = reed_seek(loop, host, port, 1u << REED_V6 | 1u << REED_V4, &self->found);
	return reed_start(&self->co);
}
