/* Routers, as they are put together. */

#include "route.h"

#include <stdlib.h>

struct reed_http_router *reed_http_router_new(void)
{
	struct reed_http_router *self = reed_alloc(sizeof(*self));

	self->root.router = self;
	return self;
}

static void free_routes(struct node *node)
{
	while (node->routes) {
		struct route *route = node->routes;

		node->routes = route->next;
		reed_free(route->method_name);
		reed_free(route->name);
		reed_free(route->pattern);
		reed_free(route);
	}
}

static void free_children(struct node *node)
{
	while (node->children) {
		struct node *child = node->children;

		node->children = child->next;
		free_children(child);
		free_routes(child);
		reed_http_router_free(child->sub);
		reed_free(child->text);
		reed_free(child);
	}
}

void reed_http_router_free(struct reed_http_router *self)
{
	if (!self)
		return;
	free_children(&self->root);
	free_routes(&self->root);
	reed_free(self->arounds);
	reed_free(self->prefix);
	reed_free(self);
}

/* Kept in the order in which they are tried. */
static struct node *child_for(struct node *parent, const struct segment *segment)
{
	struct node **at = &parent->children, *node;

	while (*at && (*at)->type < segment->type)
		at = &(*at)->next;
	for (; *at && (*at)->type == segment->type; at = &(*at)->next)
		if (reed_slice_is(segment->text, (*at)->text))
			return *at;
	node = reed_alloc(sizeof(*node));
	node->router = parent->router;
	node->type = segment->type;
	node->text = reed_slice_dup(segment->text);
	node->next = *at;
	*at = node;
	return node;
}

static unsigned params_of(const char *pattern)
{
	unsigned n = 0;

	while ((pattern = strchr(pattern, '{'))) {
		n++;
		pattern++;
	}
	return n;
}

static enum reed_err fail(struct reed_fault **fault, enum reed_err err, const char *pattern,
                          const char *why)
{
	if (fault)
		*fault = reed_fault(err, NULL, "route %s: %s", pattern, why);
	return err;
}

static enum reed_err node_for(struct reed_http_router *self, const char *pattern, struct node **out,
                              struct reed_fault **fault)
{
	struct reed_slice rest = reed_slice_of(pattern);
	struct node *node = &self->root;
	struct segment segment;
	const char *why;

	if (params_of(pattern) > REED_HTTP_PARAMS)
		return fail(fault, REED_ETOOBIG, pattern, "too many parameters");
	while (segment_next(&rest, &segment, &why))
		node = child_for(node, &segment);
	if (why)
		return fail(fault, REED_ESYNTAX, pattern, why);
	*out = node;
	return REED_OK;
}

enum reed_err reed_http_try_route(struct reed_http_router *self, const char *method,
                                  const char *pattern, const char *name,
                                  reed_http_handler_fn *handler, void *arg,
                                  struct reed_fault **fault)
{
	struct route *route, **end;
	struct node *node;
	enum reed_err err = node_for(self, pattern, &node, fault);

	if (err)
		return err;
	if (!reed_http_is_token(reed_slice_of(method)))
		return fail(fault, REED_ESYNTAX, pattern, "the method is not a token");
	if (node->sub)
		return fail(fault, REED_EEXIST, pattern, "another router is mounted there");
	for (end = &node->routes; *end; end = &(*end)->next)
		if (strcmp((*end)->method_name, method) == 0)
			return fail(fault, REED_EEXIST, pattern, "there is such a route already");
	route = reed_alloc(sizeof(*route));
	route->method = reed_http_method_of(reed_slice_of(method));
	route->method_name = reed_strdup(method);
	route->name = reed_strdup(name);
	route->pattern = reed_strdup(pattern);
	route->handler = handler;
	route->arg = arg;
	*end = route;
	return REED_OK;
}

/* A mistake of the program, found before anything is served. */
static void insist(enum reed_err err, struct reed_fault *fault)
{
	if (!err)
		return;
	reed_fault_print(stderr, fault);
	abort();
}

void reed_http_route_named(struct reed_http_router *self, const char *method, const char *pattern,
                           const char *name, reed_http_handler_fn *handler, void *arg)
{
	struct reed_fault *fault = NULL;
	enum reed_err err = reed_http_try_route(self, method, pattern, name, handler, arg, &fault);

	insist(err, fault);
}

void reed_http_route(struct reed_http_router *self, const char *method, const char *pattern,
                     reed_http_handler_fn *handler, void *arg)
{
	reed_http_route_named(self, method, pattern, NULL, handler, arg);
}

void reed_http_mount(struct reed_http_router *self, const char *prefix,
                     struct reed_http_router *sub)
{
	struct reed_fault *fault = NULL;
	struct node *node;
	enum reed_err err = node_for(self, prefix, &node, &fault);

	if (!err && (params_of(prefix) > 0 || node->sub || node->routes || sub->parent))
		err = fail(&fault, REED_EEXIST, prefix, "nothing can be mounted there");
	insist(err, fault);
	node->sub = sub;
	sub->parent = self;
	sub->prefix = reed_strdup(prefix);
}

void reed_http_around(struct reed_http_router *self, reed_http_handler_fn *fn, void *arg)
{
	self->arounds =
		reed_realloc(self->arounds, (self->around_count + 1) * sizeof(*self->arounds));
	self->arounds[self->around_count++] = (struct around){ fn, arg };
}

void reed_http_on_error(struct reed_http_router *self, reed_http_error_fn *fn, void *arg)
{
	self->error = fn;
	self->error_arg = arg;
}

/* ---- URLs ---- */

static const struct route *named(const struct node *node, const char *name,
                                 const struct reed_http_router **router)
{
	const struct route *found = NULL;

	for (const struct route *r = node->routes; r; r = r->next)
		if (r->name && strcmp(r->name, name) == 0) {
			*router = node->router;
			return r;
		}
	if (node->sub)
		found = named(&node->sub->root, name, router);
	for (const struct node *child = node->children; child && !found; child = child->next)
		found = named(child, name, router);
	return found;
}

static void add_prefix(const struct reed_http_router *router, struct reed_buf *out)
{
	if (!router->parent)
		return;
	add_prefix(router->parent, out);
	reed_buf_add_str(out, router->prefix);
}

static enum reed_err add_segment(const struct segment *segment,
                                 const struct reed_http_param *params, size_t count,
                                 struct reed_buf *out)
{
	reed_buf_add_char(out, '/');
	if (segment->type == SEGMENT_TEXT) {
		reed_http_encode(segment->text, "!$&'()*+,;=:@", out);
		return REED_OK;
	}
	for (size_t i = 0; i < count; i++) {
		if (!reed_slice_eq(params[i].name, segment->text))
			continue;
		if (!segment_accepts(segment->type, params[i].value))
			return REED_EINVAL;
		reed_http_encode(params[i].value, segment->type == SEGMENT_PATH ? "/" : "", out);
		return REED_OK;
	}
	return REED_EINVAL;
}

enum reed_err reed_http_url(const struct reed_http_router *self, const char *name,
                            const struct reed_http_param *params, size_t count,
                            struct reed_buf *out)
{
	const struct reed_http_router *router = NULL;
	const struct route *route = named(&self->root, name, &router);
	struct reed_slice pattern;
	struct segment segment;
	const char *why;

	if (!route)
		return REED_ENOENT;
	pattern = reed_slice_of(route->pattern);
	add_prefix(router, out);
	while (segment_next(&pattern, &segment, &why)) {
		enum reed_err err = add_segment(&segment, params, count, out);

		if (err)
			return err;
	}
	return out->err;
}
