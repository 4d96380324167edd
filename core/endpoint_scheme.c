/* The registry of schemes, and what listens and dials by them. */

#include <string.h>

#include "endpoint_private.h"
#include "private.h"

enum { SCHEMES = 64 };

/* Part of what reed_process_init() stands for: filled before the first loop runs. */
static struct {
	const struct reed_scheme *list[SCHEMES];
	unsigned count;
} registry;

static void add(const struct reed_scheme *scheme)
{
	unsigned i = registry.count++;

	for (; i > 0 && strcmp(registry.list[i - 1]->name, scheme->name) > 0; i--)
		registry.list[i] = registry.list[i - 1];
	registry.list[i] = scheme;
}

static void add_own(void)
{
	if (registry.count > 0)
		return;
	for (const struct reed_scheme *const *s = reed_core_schemes; *s; s++)
		add(*s);
}

static const struct reed_scheme *find(struct reed_slice name)
{
	add_own();
	for (unsigned i = 0; i < registry.count; i++)
		if (reed_slice_is(name, registry.list[i]->name))
			return registry.list[i];
	return NULL;
}

enum reed_err reed_scheme_register(const struct reed_scheme *scheme)
{
	if (find(reed_slice_of(scheme->name)))
		return REED_EEXIST;
	if (registry.count == SCHEMES)
		return REED_ETOOBIG;
	add(scheme);
	return REED_OK;
}

const struct reed_scheme *reed_scheme_at(unsigned n)
{
	add_own();
	return n < registry.count ? registry.list[n] : NULL;
}

/* ---- is it what the scheme wants? ---- */

static struct reed_fault *unknown_scheme(const struct reed_endpoint *e)
{
	const char *best = NULL;
	size_t least = 3;

	for (unsigned i = 0; i < registry.count; i++) {
		size_t d = reed_slice_distance(e->scheme, reed_slice_of(registry.list[i]->name), 2);

		if (d < least) {
			least = d;
			best = registry.list[i]->name;
		}
	}
	if (best)
		return reed_endpoint_fault(e, NULL,
		                           "there is no scheme \"" REED_FMT "\"; did you mean %s?",
		                           REED_ARG(e->scheme), best);
	return reed_endpoint_fault(e, NULL,
	                           "there is no scheme \"" REED_FMT
	                           "\"; `reed endpoints` lists them",
	                           REED_ARG(e->scheme));
}

static void consider(const struct reed_scheme_key *k, struct reed_slice key, const char **best,
                     size_t *least)
{
	for (; k && k->name; k++) {
		size_t d = reed_slice_distance(key, reed_slice_of(k->name), 2);

		if (d < *least) {
			*least = d;
			*best = k->name;
		}
	}
}

/* The key itself when there is one. */
static const char *nearest_key(const struct reed_scheme *s, struct reed_slice key,
                               const struct reed_scheme_key *common)
{
	const char *best = NULL;
	size_t least = 3;

	consider(s->keys, key, &best, &least);
	consider(common, key, &best, &least);
	return best;
}

/* common: those that every endpoint of streams has; NULL for datagrams. */
static struct reed_fault *check_keys(const struct reed_scheme *s, const struct reed_endpoint *e,
                                     const struct reed_scheme_key *common)
{
	for (unsigned i = 0; i < e->count; i++) {
		const struct reed_endpoint_part *part = &e->args[i];
		const char *best;

		if (part->key.n == 0)
			continue;
		best = nearest_key(s, part->key, common);
		if (best && reed_slice_is(part->key, best))
			continue;
		return reed_endpoint_fault(e, part, "%s has no key \"" REED_FMT "\"%s%s%s", s->name,
		                           REED_ARG(part->key), best ? "; did you mean " : "",
		                           best ? best : "", best ? "?" : "");
	}
	return NULL;
}

static struct reed_fault *check_count(const struct reed_scheme *s, const struct reed_endpoint *e,
                                      bool listen)
{
	const unsigned *range = listen ? s->listen_args : s->dial_args;
	const char *usage = listen ? s->listen_usage : s->dial_usage;
	unsigned n = 0;

	if (!usage)
		return reed_endpoint_fault(e, NULL, "%s cannot be %s", s->name,
		                           listen ? "listened on" : "dialled");
	while (reed_endpoint_arg(e, n))
		n++;
	if (n < range[0] || n > range[1])
		return reed_endpoint_fault(e, n > range[1] ? &e->args[range[1]] : NULL,
		                           "%s; write %s",
		                           n < range[0] ? "something is missing" : "too much",
		                           usage);
	return NULL;
}

enum way { LISTEN, DIAL, DGRAM_LISTEN, DGRAM_DIAL };

/* A scheme may be older than what stands at the end of the struct. */
static bool has_dgrams(const struct reed_scheme *s)
{
	return s->size >= offsetof(struct reed_scheme, dgram_dial) + sizeof(s->dgram_dial);
}

static bool can(const struct reed_scheme *s, enum way way)
{
	switch (way) {
	case LISTEN:
		return s->listen;
	case DIAL:
		return s->dial;
	case DGRAM_LISTEN:
		return has_dgrams(s) && s->dgram_listen;
	case DGRAM_DIAL:
		return has_dgrams(s) && s->dgram_dial;
	}
	return false;
}

static struct reed_fault *check_way(const struct reed_scheme *s, const struct reed_endpoint *e,
                                    enum way way)
{
	bool listen = way == LISTEN || way == DGRAM_LISTEN, dgram = way >= DGRAM_LISTEN;
	struct reed_fault *fault = check_count(s, e, listen);

	if (!fault && dgram)
		fault = check_keys(s, e, NULL);
	else if (!fault)
		fault = check_keys(s, e,
		                   listen ? reed_endpoint_listen_keys : reed_endpoint_dial_keys);
	if (fault || can(s, way))
		return fault;
	return reed_endpoint_fault(e, NULL, "%s is of %s; %s must stand here", s->name,
	                           dgram ? "streams" : "datagrams",
	                           dgram ? "one of datagrams, such as udp,"
	                                 : "one of streams, such as tcp,");
}

/* *fault is set when it is not. */
static const struct reed_scheme *understand(const char *text, struct reed_endpoint *e, enum way way,
                                            struct reed_fault **fault)
{
	const struct reed_scheme *s;

	if (reed_endpoint_parse(reed_slice_of(text), e, fault))
		return NULL;
	s = find(e->scheme);
	*fault = s ? check_way(s, e, way) : unknown_scheme(e);
	return s;
}

/* tls:[tcp:host:port] and not tcp:[::1]:6667 */
static bool is_wrapped(const struct reed_endpoint *e, const struct reed_endpoint_part *part)
{
	return part->nested && !reed_endpoint_arg(e, 1);
}

/* A scheme may be older than this. */
static int host_argument(const struct reed_scheme *s)
{
	return s->size > offsetof(struct reed_scheme, dial_host) ? s->dial_host
	                                                         : REED_SCHEME_NO_HOST;
}

static char *host_of(struct reed_slice text, int depth)
{
	const struct reed_endpoint_part *part = NULL;
	struct reed_fault *fault = NULL;
	const struct reed_scheme *s;
	struct reed_endpoint e;
	char *host = NULL;
	int where;

	s = reed_endpoint_parse(text, &e, &fault) ? NULL : find(e.scheme);
	where = s ? host_argument(s) : REED_SCHEME_NO_HOST;
	if (where == REED_SCHEME_HOST_INSIDE)
		part = reed_endpoint_arg(&e, 0);
	else if (where > 0)
		part = reed_endpoint_arg(&e, (unsigned)where - 1);
	if (part && (where == REED_SCHEME_HOST_INSIDE || is_wrapped(&e, part)))
		host = depth < REED_ENDPOINT_DEPTH ? host_of(part->value, depth + 1) : NULL;
	else if (part)
		host = reed_slice_dup(part->value);
	reed_fault_free(fault);
	reed_endpoint_finish(&e);
	return host;
}

char *reed_endpoint_host(struct reed_slice endpoint)
{
	return host_of(endpoint, 0);
}

struct reed_future *reed_listen(struct reed_loop *loop, const char *endpoint,
                                struct reed_listener **listener)
{
	struct reed_fault *fault = NULL;
	const struct reed_scheme *s;
	struct reed_endpoint e;
	struct reed_future *f;

	s = understand(endpoint, &e, LISTEN, &fault);
	f = fault ? reed_failed_with(loop, fault) : reed_endpoint_listen_by(loop, s, &e, listener);
	reed_endpoint_finish(&e);
	return f;
}

struct reed_future *reed_dial(struct reed_loop *loop, const char *endpoint,
                              struct reed_stream **stream)
{
	struct reed_fault *fault = NULL;
	const struct reed_scheme *s;
	struct reed_endpoint e;
	struct reed_future *f;

	s = understand(endpoint, &e, DIAL, &fault);
	f = fault ? reed_failed_with(loop, fault) : reed_endpoint_dial_by(loop, s, &e, stream);
	reed_endpoint_finish(&e);
	return f;
}

static struct reed_future *open_dgram(struct reed_loop *loop, const char *endpoint, enum way way,
                                      struct reed_dgram **d)
{
	struct reed_fault *fault = NULL;
	const struct reed_scheme *s;
	struct reed_endpoint e;
	struct reed_future *f;

	s = understand(endpoint, &e, way, &fault);
	if (fault)
		f = reed_failed_with(loop, fault);
	else
		f = (way == DGRAM_LISTEN ? s->dgram_listen : s->dgram_dial)(loop, &e, d);
	reed_endpoint_finish(&e);
	return f;
}

struct reed_future *reed_dgram_listen(struct reed_loop *loop, const char *endpoint,
                                      struct reed_dgram **d)
{
	return open_dgram(loop, endpoint, DGRAM_LISTEN, d);
}

struct reed_future *reed_dgram_dial(struct reed_loop *loop, const char *endpoint,
                                    struct reed_dgram **d)
{
	return open_dgram(loop, endpoint, DGRAM_DIAL, d);
}

/* ---- listen, then serve ---- */

struct serving {
	struct reed_co co;
	char *endpoint;
	struct reed_listener *listener;
	reed_session_fn *session;
	void *arg;
	struct reed_serve_options options;
};

static void serving_run(struct reed_co *co)
{
	struct serving *self = reed_frame(co, struct serving);
	struct reed_listener *l;

	reed_coroutine (co) {
		reed_try(co, reed_listen(co->loop, self->endpoint, &self->listener));
		l = self->listener;
		self->listener = NULL;
		reed_try(co, reed_serve(l, self->session, self->arg, &self->options));
	}
}

static void serving_end(struct reed_co *co)
{
	struct serving *self = reed_frame(co, struct serving);

	reed_listener_close(self->listener);
	reed_free(self->endpoint);
}

static const struct reed_co_kind serving_kind = {
	.name = "listen_and_serve",
	.size = sizeof(struct serving),
	.run = serving_run,
	.end = serving_end,
};

struct reed_future *reed_listen_and_serve(struct reed_loop *loop, const char *endpoint,
                                          reed_session_fn *session, void *arg,
                                          const struct reed_serve_options *options)
{
	struct serving *self = reed_co_new(loop, &serving_kind);

	self->endpoint = reed_strdup(endpoint);
	self->session = session;
	self->arg = arg;
	self->options = (struct reed_serve_options)REED_SERVE_OPTIONS;
	if (options)
		memcpy(&self->options, options,
		       options->size < sizeof(self->options) ? options->size
		                                             : sizeof(self->options));
	return reed_start(&self->co);
}
