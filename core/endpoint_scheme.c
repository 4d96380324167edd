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

/* The kernel's, then the others in the order of registration; NULL past the end. */
static const struct reed_scheme *scheme_at(unsigned i)
{
	unsigned own = 0;

	for (; reed_core_schemes[own]; own++)
		if (own == i)
			return reed_core_schemes[i];
	return i - own < registry.count ? registry.list[i - own] : NULL;
}

static const struct reed_scheme *find(struct reed_slice name)
{
	const struct reed_scheme *s;

	for (unsigned i = 0; (s = scheme_at(i)); i++)
		if (reed_slice_is(name, s->name))
			return s;
	return NULL;
}

enum reed_err reed_scheme_register(const struct reed_scheme *scheme)
{
	if (find(reed_slice_of(scheme->name)))
		return REED_EEXIST;
	if (registry.count == SCHEMES)
		return REED_ETOOBIG;
	registry.list[registry.count++] = scheme;
	return REED_OK;
}

/* The one that comes next by name; NULL after the last. */
static const struct reed_scheme *after(const char *name)
{
	const struct reed_scheme *s, *best = NULL;

	for (unsigned i = 0; (s = scheme_at(i)); i++)
		if (strcmp(s->name, name) > 0 && (!best || strcmp(s->name, best->name) < 0))
			best = s;
	return best;
}

const struct reed_scheme *reed_scheme_at(unsigned n)
{
	const struct reed_scheme *s = after("");

	while (s && n-- > 0)
		s = after(s->name);
	return s;
}

/* Of a module too, if one has it; *fault is what is wrong with that one. */
static const struct reed_scheme *seek(struct reed_slice name, struct reed_fault **fault)
{
	const struct reed_scheme *s = find(name);

	*fault = NULL;
	if (!s && reed_module_find(REED_MODULE_SCHEME, name, fault) == REED_OK)
		s = find(name);
	return s;
}

const struct reed_scheme *reed_scheme_find(struct reed_slice name)
{
	struct reed_fault *fault;
	const struct reed_scheme *s = seek(name, &fault);

	reed_fault_free(fault);
	return s;
}

/* ---- is it what the scheme wants? ---- */

/* NULL: none is like it. */
static const char *nearest_scheme(struct reed_slice name)
{
	size_t least = name.n < 3 ? name.n : 3;
	const char *best = NULL;
	const struct reed_scheme *s;

	for (unsigned i = 0; (s = scheme_at(i)); i++) {
		size_t d = reed_slice_distance(name, reed_slice_of(s->name), 2);

		if (d < least) {
			least = d;
			best = s->name;
		}
	}
	return best;
}

/* Which modules were asked, if any, and what can be done when it is one of theirs. */
static struct reed_fault *unknown_scheme(const struct reed_endpoint *e)
{
	static const struct {
		const char *where, *hint;
	} told[] = {
		[REED_MODULES_ASKED] = { "", "; `reed endpoints` lists them" },
		[REED_MODULES_SEALED] = { " in this process, which loads no more modules",
		                          "; if one has it, restart it" },
		[REED_MODULES_NONE] = { " in this program, which loads no modules",
		                        "; reed/catalog.h says how one does, and `reed modules` which "
		                        "there are" },
	};
	enum reed_module_reach reach = reed_module_reach();
	const char *best = nearest_scheme(e->scheme);

	return reed_endpoint_fault(e, NULL, "there is no scheme \"" REED_FMT "\"%s%s%s%s",
	                           REED_ARG(e->scheme), told[reach].where,
	                           best ? "; did you mean " : told[reach].hint, best ? best : "",
	                           best ? "?" : "");
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

/* A scheme may be older than what stands at the end of the struct. */
#define HAS(s, member) \
	((s)->size >= offsetof(struct reed_scheme, member) + sizeof((s)->member) && (s)->member)

static bool can(const struct reed_scheme *s, enum reed_endpoint_use use)
{
	switch (use) {
	case REED_ENDPOINT_LISTEN:
		return s->listen;
	case REED_ENDPOINT_DIAL:
		return s->dial;
	case REED_ENDPOINT_DGRAM_LISTEN:
		return HAS(s, dgram_listen);
	case REED_ENDPOINT_DGRAM_DIAL:
		return HAS(s, dgram_dial);
	case REED_ENDPOINT_ANY:
		break;
	}
	return true;
}

static bool fits(const struct reed_scheme *s, const struct reed_endpoint *e,
                 enum reed_endpoint_use use, unsigned *most)
{
	const unsigned *range = reed_endpoint_is_listening(use) ? s->listen_args : s->dial_args;
	unsigned n = 0;

	while (reed_endpoint_arg(e, n))
		n++;
	*most = range[1];
	return n >= range[0] && n <= range[1];
}

/* Those that every endpoint has, whatever its scheme. */
static const struct reed_scheme_key *common_keys(enum reed_endpoint_use use)
{
	if (use == REED_ENDPOINT_LISTEN)
		return reed_endpoint_listen_keys;
	return use == REED_ENDPOINT_DIAL ? reed_endpoint_dial_keys : NULL;
}

static struct reed_fault *check_form(const struct reed_scheme *s, const struct reed_endpoint *e,
                                     enum reed_endpoint_use use)
{
	bool listen = reed_endpoint_is_listening(use);
	const char *usage = listen ? s->listen_usage : s->dial_usage;
	const struct reed_endpoint_part *extra;
	unsigned most;

	if (!usage)
		return reed_endpoint_fault(e, NULL, "%s cannot be %s", s->name,
		                           listen ? "listened on" : "dialled");
	if (fits(s, e, use, &most))
		return check_keys(s, e, common_keys(use));
	extra = reed_endpoint_arg(e, most);
	return reed_endpoint_fault(e, extra, "%s; write %s",
	                           extra ? "too much" : "something is missing", usage);
}

static struct reed_fault *check(const struct reed_scheme *s, const struct reed_endpoint *e,
                                enum reed_endpoint_use use)
{
	bool dgram = use >= REED_ENDPOINT_DGRAM_LISTEN;
	struct reed_fault *fault = check_form(s, e, use);

	if (!fault && !can(s, use))
		return reed_endpoint_fault(e, NULL, "%s is of %s; %s must stand here", s->name,
		                           dgram ? "streams" : "datagrams",
		                           dgram ? "one of datagrams, such as udp,"
		                                 : "one of streams, such as tcp,");
	if (!fault && !dgram)
		reed_endpoint_check_rules(e, &fault);
	if (!fault && HAS(s, check))
		s->check(e, use, &fault);
	return fault;
}

/*
 * Nobody said what it is for.  If it will do for nothing, what is wrong is told
 * as of the first use for which the number of its arguments would be right.
 */
static struct reed_fault *check_any(const struct reed_scheme *s, const struct reed_endpoint *e)
{
	struct reed_fault *told = NULL;
	bool told_fits = false;

	for (int i = REED_ENDPOINT_LISTEN; i <= REED_ENDPOINT_DGRAM_DIAL; i++) {
		enum reed_endpoint_use use = (enum reed_endpoint_use)i;
		struct reed_fault *fault;
		unsigned most;

		if (!can(s, use))
			continue;
		fault = check(s, e, use);
		if (!fault || !told || (!told_fits && fits(s, e, use, &most))) {
			reed_fault_free(told);
			told = fault;
			told_fits = fits(s, e, use, &most);
		} else {
			reed_fault_free(fault);
		}
		if (!told)
			return NULL;
	}
	return told;
}

/* *fault is set when it is not. */
static const struct reed_scheme *understand(struct reed_slice text, struct reed_endpoint *e,
                                            enum reed_endpoint_use use, struct reed_fault **fault)
{
	const struct reed_scheme *s;

	if (reed_endpoint_parse(text, e, fault))
		return NULL;
	s = seek(e->scheme, fault);
	if (s)
		*fault = use == REED_ENDPOINT_ANY ? check_any(s, e) : check(s, e, use);
	else if (!*fault)
		*fault = unknown_scheme(e);
	return s;
}

enum reed_err reed_endpoint_check(struct reed_slice text, enum reed_endpoint_use use,
                                  struct reed_fault **fault)
{
	struct reed_endpoint e;

	*fault = NULL;
	understand(text, &e, use, fault);
	reed_endpoint_finish(&e);
	return *fault ? (*fault)->err : REED_OK;
}

enum reed_err reed_endpoint_check_nested(const struct reed_endpoint *e,
                                         const struct reed_endpoint_part *part,
                                         enum reed_endpoint_use use, struct reed_fault **fault)
{
	struct reed_fault *inner;

	if (!reed_endpoint_check(part->value, use, &inner))
		return REED_OK;
	*fault = reed_endpoint_fault(e, part, "%s", inner->sentence);
	reed_fault_free(inner);
	return REED_ESYNTAX;
}

/* ---- are its files as they should be? ---- */

/* The first that it is good for. */
static enum reed_endpoint_use use_of(const struct reed_scheme *s, const struct reed_endpoint *e)
{
	int i = REED_ENDPOINT_LISTEN;

	for (; i < REED_ENDPOINT_DGRAM_DIAL; i++) {
		enum reed_endpoint_use use = (enum reed_endpoint_use)i;
		struct reed_fault *fault = can(s, use) ? check(s, e, use) : NULL;
		bool good = can(s, use) && !fault;

		reed_fault_free(fault);
		if (good)
			break;
	}
	return (enum reed_endpoint_use)i;
}

/* Brackets may hold an IPv6 address as well. */
static void probe_nested(const struct reed_endpoint *e, enum reed_endpoint_use use,
                         struct reed_fault **fault)
{
	struct reed_address at;

	for (unsigned i = 0; i < e->count && !*fault; i++)
		if (e->args[i].nested && e->args[i].key.n == 0 &&
		    reed_address_parse(e->args[i].value, 0, &at))
			reed_endpoint_probe(e->args[i].value, use, fault);
}

enum reed_err reed_endpoint_probe(struct reed_slice text, enum reed_endpoint_use use,
                                  struct reed_fault **fault)
{
	struct reed_endpoint e;
	const struct reed_scheme *s = understand(text, &e, use, fault);

	if (s && !*fault) {
		if (use == REED_ENDPOINT_ANY)
			use = use_of(s, &e);
		if (HAS(s, probe))
			s->probe(&e, use, fault);
		probe_nested(&e, use, fault);
	}
	reed_endpoint_finish(&e);
	return *fault ? (*fault)->err : REED_OK;
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

	s = understand(reed_slice_of(endpoint), &e, REED_ENDPOINT_LISTEN, &fault);
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

	s = understand(reed_slice_of(endpoint), &e, REED_ENDPOINT_DIAL, &fault);
	f = fault ? reed_failed_with(loop, fault) : reed_endpoint_dial_by(loop, s, &e, stream);
	reed_endpoint_finish(&e);
	return f;
}

static struct reed_future *open_dgram(struct reed_loop *loop, const char *endpoint,
                                      enum reed_endpoint_use use, struct reed_dgram **d)
{
	struct reed_fault *fault = NULL;
	const struct reed_scheme *s;
	struct reed_endpoint e;
	struct reed_future *f;

	s = understand(reed_slice_of(endpoint), &e, use, &fault);
	if (fault)
		f = reed_failed_with(loop, fault);
	else
		f = (use == REED_ENDPOINT_DGRAM_LISTEN ? s->dgram_listen : s->dgram_dial)(loop, &e,
		                                                                          d);
	reed_endpoint_finish(&e);
	return f;
}

struct reed_future *reed_dgram_listen(struct reed_loop *loop, const char *endpoint,
                                      struct reed_dgram **d)
{
	return open_dgram(loop, endpoint, REED_ENDPOINT_DGRAM_LISTEN, d);
}

struct reed_future *reed_dgram_dial(struct reed_loop *loop, const char *endpoint,
                                    struct reed_dgram **d)
{
	return open_dgram(loop, endpoint, REED_ENDPOINT_DGRAM_DIAL, d);
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
