/* Finding the route of a request, and what stands around its handler. */

#include "route.h"

/* ---- walking the tree ---- */

struct walk {
	struct reed_http_request *r;
	struct reed_http_router *deepest; /* whose prefix has matched */
	struct node *other;               /* the path is there, not the method */
	struct route *route;
	bool bad; /* an encoding that is none */
};

static struct route *exact(struct node *node, enum reed_http_method method, struct reed_slice name)
{
	for (struct route *route = node->routes; route; route = route->next)
		if (method != REED_HTTP_OTHER ? route->method == method
		                              : reed_slice_is(name, route->method_name))
			return route;
	return NULL;
}

static struct route *route_for(struct node *node, const struct reed_http_head *head)
{
	struct route *route = exact(node, head->method, head->method_name);

	if (!route && head->method == REED_HTTP_HEAD)
		route = exact(node, REED_HTTP_GET, REED_STR("GET"));
	return route ? route : exact(node, REED_HTTP_OTHER, REED_STR("*"));
}

static bool ends_at(struct walk *w, struct node *node)
{
	if (!node->routes)
		return false;
	w->route = route_for(node, &w->r->head);
	if (!w->route && !w->other)
		w->other = node;
	return w->route != NULL;
}

/* Where it was sent when that needs no decoding. */
static struct reed_slice plain(struct walk *w, struct reed_slice raw)
{
	char *p;
	size_t n;

	if (reed_slice_find(raw, '%') == raw.n)
		return raw;
	p = reed_pool_alloc(&w->r->pool, raw.n);
	if (!p || reed_http_decode(raw, p, &n)) {
		w->bad = true;
		return REED_STR("");
	}
	return reed_slice(p, n);
}

static bool walk(struct walk *w, struct node *node, struct reed_slice rest, unsigned depth);

static bool try_param(struct walk *w, struct node *child, struct reed_slice value,
                      struct reed_slice rest, unsigned depth)
{
	struct reed_http_request *r = w->r;

	if (!segment_accepts(child->type, value) || r->param_count == REED_HTTP_PARAMS)
		return false;
	r->params[r->param_count++] = (struct reed_http_param){ reed_slice_of(child->text), value };
	if (walk(w, child, rest, depth + 1))
		return true;
	r->param_count--;
	return false;
}

static bool try_child(struct walk *w, struct node *child, struct reed_slice rest,
                      struct reed_slice segment, unsigned depth)
{
	struct reed_slice all = reed_slice_from(rest, 1), behind;

	if (child->type == SEGMENT_PATH)
		return try_param(w, child, plain(w, all), REED_STR(""), depth);
	behind = reed_slice_from(all, reed_slice_find(all, '/'));
	if (child->type != SEGMENT_TEXT)
		return try_param(w, child, segment, behind, depth);
	return reed_slice_is(segment, child->text) && walk(w, child, behind, depth + 1);
}

static bool walk(struct walk *w, struct node *node, struct reed_slice rest, unsigned depth)
{
	struct reed_slice segment;

	if (node->sub) {
		w->deepest = node->sub;
		w->r->rest = rest;
		return walk(w, &node->sub->root, rest, depth);
	}
	if (rest.n == 0)
		return ends_at(w, node);
	if (depth == REED_HTTP_SEGMENTS || rest.p[0] != '/')
		return false;
	segment = reed_slice_from(rest, 1);
	segment = plain(w, reed_slice_first(segment, reed_slice_find(segment, '/')));
	for (struct node *child = node->children; child && !w->bad; child = child->next)
		if (try_child(w, child, rest, segment, depth))
			return true;
	return false;
}

/* ---- answers of the router's own ---- */

static bool knows_method(const struct node *node, struct reed_slice name)
{
	for (const struct route *route = node->routes; route; route = route->next)
		if (reed_slice_is(name, route->method_name))
			return true;
	if (node->sub && knows_method(&node->sub->root, name))
		return true;
	for (const struct node *child = node->children; child; child = child->next)
		if (knows_method(child, name))
			return true;
	return false;
}

static void allow(struct reed_http_request *r, struct node *node)
{
	struct reed_buf list = { .limit = 1024 };

	for (const struct route *route = node->routes; route; route = route->next)
		reed_buf_printf(&list, "%s, ", route->method_name);
	if (exact(node, REED_HTTP_GET, REED_STR("GET")) &&
	    !exact(node, REED_HTTP_HEAD, REED_STR("HEAD")))
		reed_buf_add_str(&list, "HEAD, ");
	if (!exact(node, REED_HTTP_OPTIONS, REED_STR("OPTIONS")))
		reed_buf_add_str(&list, "OPTIONS, ");
	reed_http_add(r, "Allow",
	              reed_slice_first(reed_buf_slice(&list), reed_buf_held(&list) - 2));
	reed_buf_finish(&list);
}

static struct reed_future *bad_path(void *arg, struct reed_http_request *r)
{
	(void)arg;
	reed_http_fail(r, 400, "a '%' stands before two digits, which are not 00");
	return NULL;
}

/* Of none of RFC 9110, and of no route either. */
static bool is_strange(const struct reed_http_request *r, const struct reed_http_router *router)
{
	while (router->parent)
		router = router->parent;
	return r->head.method == REED_HTTP_OTHER &&
	       !knows_method(&router->root, r->head.method_name);
}

static struct reed_future *not_found(void *arg, struct reed_http_request *r)
{
	if (is_strange(r, arg))
		reed_http_fail(r, 501, "nothing here knows this method");
	else
		reed_http_fail(r, 404, NULL);
	return NULL;
}

static struct reed_future *not_allowed(void *arg, struct reed_http_request *r)
{
	const struct node *node = arg;

	if (is_strange(r, node->router)) {
		reed_http_fail(r, 501, "nothing here knows this method");
		return NULL;
	}
	allow(r, arg);
	if (r->head.method == REED_HTTP_OPTIONS)
		reed_http_respond(r, 204, NULL, REED_STR(""));
	else
		reed_http_fail(r, 405, NULL);
	return NULL;
}

/* RFC 9110 9.3.7: of the server, not of a resource. */
static struct reed_future *options_of_all(void *arg, struct reed_http_request *r)
{
	(void)arg;
	reed_http_respond(r, 204, NULL, REED_STR(""));
	return NULL;
}

/* ---- running it ---- */

static unsigned arounds(const struct reed_http_router *router)
{
	return router ? arounds(router->parent) + router->around_count : 0;
}

static struct around *copy_arounds(const struct reed_http_router *router, struct around *to)
{
	if (!router)
		return to;
	to = copy_arounds(router->parent, to);
	if (router->around_count > 0)
		memcpy(to, router->arounds, router->around_count * sizeof(*to));
	return to + router->around_count;
}

static struct reed_future *run(struct reed_http_request *r, struct reed_http_router *router,
                               reed_http_handler_fn *handler, void *arg)
{
	unsigned count = arounds(router);
	struct http_chain *chain;

	r->router = router;
	if (count == 0)
		return handler(arg, r);
	chain = reed_pool_alloc(&r->pool, sizeof(*chain) + (count + 1) * sizeof(chain->steps[0]));
	chain->count = count + 1;
	*copy_arounds(router, chain->steps) = (struct around){ handler, arg };
	r->chain = chain;
	r->chain_at = 0;
	return reed_http_next(r);
}

struct reed_future *reed_http_next(struct reed_http_request *r)
{
	const struct around *step;

	if (!r->chain || r->chain_at == r->chain->count)
		return reed_failed(r->loop, REED_EINVAL, "nothing comes next");
	step = &r->chain->steps[r->chain_at++];
	return step->fn(step->arg, r);
}

struct reed_future *reed_http_next_future(struct reed_http_request *r)
{
	struct reed_future *f = reed_http_next(r);

	return f ? f : reed_ready(r->loop, REED_OK);
}

struct reed_future *reed_http_routed(void *arg, struct reed_http_request *r)
{
	struct reed_http_router *router = arg;
	struct walk w = { .r = r, .deepest = router };

	if (r->head.form == REED_HTTP_ASTERISK)
		return run(r, router, options_of_all, NULL);
	if (walk(&w, &router->root, r->head.path, 0))
		return run(r, w.deepest, w.route->handler, w.route->arg);
	if (w.bad)
		return run(r, w.deepest, bad_path, NULL);
	if (w.other)
		return run(r, w.other->router, not_allowed, w.other);
	return run(r, w.deepest, not_found, router);
}

bool http_router_error(struct reed_http_request *r, unsigned status, const char *why)
{
	while (r->router) {
		const struct reed_http_router *router = r->router;

		r->router = router->parent; /* an error of its own is for the one around it */
		if (router->error)
			router->error(router->error_arg, r, status, why);
		if (r->begun)
			return true;
	}
	return false;
}

/* ---- parameters ---- */

struct reed_slice reed_http_param(const struct reed_http_request *r, const char *name)
{
	for (unsigned i = 0; i < r->param_count; i++)
		if (reed_slice_is(r->params[i].name, name))
			return r->params[i].value;
	return reed_slice(NULL, 0);
}

int64_t reed_http_param_int(const struct reed_http_request *r, const char *name)
{
	struct reed_slice s = reed_http_param(r, name);
	bool negative = s.n > 0 && s.p[0] == '-';
	uint64_t n = 0;

	if (reed_slice_u64(reed_slice_from(s, negative), (uint64_t)INT64_MAX + negative, &n))
		return 0;
	return negative ? (int64_t)(0 - n) : (int64_t)n;
}

uint64_t reed_http_param_uint(const struct reed_http_request *r, const char *name)
{
	uint64_t n = 0;

	return reed_slice_u64(reed_http_param(r, name), UINT64_MAX, &n) ? 0 : n;
}
