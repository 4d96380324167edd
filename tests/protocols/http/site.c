#include "site.h"

#include "reed/co.h"

static struct reed_future *hello(void *arg, struct reed_http_request *request)
{
	(void)arg;
	reed_http_respondf(request, 200, "text/plain", "Hello, " REED_FMT "!",
	                   REED_ARG(reed_http_param(request, "name")));
	return NULL;
}

static struct reed_future *number(void *arg, struct reed_http_request *request)
{
	(void)arg;
	reed_http_respondf(request, 200, "text/plain", "number %lld",
	                   (long long)reed_http_param_int(request, "n"));
	return NULL;
}

static struct reed_future *query(void *arg, struct reed_http_request *request)
{
	struct reed_slice q = reed_http_query(request, "q");

	(void)arg;
	reed_http_respond(request, 200, "text/plain", q.p ? q : REED_STR("none"));
	return NULL;
}

static struct reed_future *silent(void *arg, struct reed_http_request *request)
{
	(void)arg;
	(void)request;
	return NULL;
}

static struct reed_future *no_content(void *arg, struct reed_http_request *request)
{
	(void)arg;
	reed_http_respond(request, 204, NULL, REED_STR("ignored"));
	return NULL;
}

static struct reed_future *splits(void *arg, struct reed_http_request *request)
{
	(void)arg;
	reed_http_add(request, "X-Good", REED_STR("yes"));
	reed_http_add(request, "X-Bad", REED_STR("a\r\nSet-Cookie: b"));
	reed_http_respond(request, 200, NULL, REED_STR(""));
	return NULL;
}

static struct reed_future *stream(void *arg, struct reed_http_request *request)
{
	(void)arg;
	reed_http_early(request, 103);
	reed_http_begin(request, 200, "text/plain", -1);
	reed_http_write(request, REED_STR("one"));
	reed_http_write(request, REED_STR(", two"));
	reed_http_add_trailer(request, "Sum", REED_STR("2"));
	reed_http_end(request);
	return NULL;
}

static struct reed_future *forbidden(void *arg, struct reed_http_request *request)
{
	(void)arg;
	return reed_failed(reed_http_loop(request), REED_EACCES, "a secret");
}

/* ---- handlers that take time ---- */

struct work {
	struct reed_co co;
	struct site *site;
	struct reed_http_request *request;
	struct reed_slice piece;
	struct reed_stream *stream;
	int64_t ms;
	bool over;
};

static void work_end(struct reed_co *co)
{
	struct work *self = reed_frame(co, struct work);

	reed_close(self->stream);
	self->site->dropped += !self->over;
}

static struct reed_future *start(struct site *site, struct reed_http_request *request,
                                 const struct reed_co_kind *kind)
{
	struct work *self = reed_co_new(reed_http_loop(request), kind);

	site->begun++;
	self->site = site;
	self->request = request;
	return reed_start(&self->co);
}

static void echo_run(struct reed_co *co)
{
	struct work *self = reed_frame(co, struct work);

	reed_coroutine (co) {
		reed_try(co, reed_http_read_all(self->request, &self->piece));
		reed_http_respond(self->request, 200, "text/plain", self->piece);
		self->over = true;
	}
}

static const struct reed_co_kind echo_kind = { "echo", sizeof(struct work), echo_run, NULL,
	                                       work_end };

static struct reed_future *echo(void *arg, struct reed_http_request *request)
{
	return start(arg, request, &echo_kind);
}

/* As it comes, so that neither side has all of it. */
static void pipe_run(struct reed_co *co)
{
	struct work *self = reed_frame(co, struct work);

	reed_coroutine (co) {
		reed_http_body_limit(self->request, 1 << 30);
		reed_http_begin(self->request, 200, "text/plain", -1);
		for (;;) {
			reed_try(co, reed_http_read(self->request, &self->piece));
			if (self->piece.n == 0)
				break;
			reed_http_write(self->request, self->piece);
			if (reed_http_must_drain(self->request))
				reed_try(co, reed_http_drain(self->request));
		}
		reed_http_add_trailer(self->request, "Sum",
		                      reed_http_trailer(self->request, "Sum"));
		reed_http_end(self->request);
		self->over = true;
	}
}

static const struct reed_co_kind pipe_kind = { "pipe", sizeof(struct work), pipe_run, NULL,
	                                       work_end };

static struct reed_future *pipe_through(void *arg, struct reed_http_request *request)
{
	return start(arg, request, &pipe_kind);
}

static void slow_run(struct reed_co *co)
{
	struct work *self = reed_frame(co, struct work);

	reed_coroutine (co) {
		self->ms = reed_http_param_int(self->request, "ms");
		reed_try(co, reed_sleep(co->loop, self->ms));
		reed_http_respond(self->request, 200, "text/plain", REED_STR("slow"));
		self->over = true;
	}
}

static const struct reed_co_kind slow_kind = { "slow", sizeof(struct work), slow_run, NULL,
	                                       work_end };

static struct reed_future *slow(void *arg, struct reed_http_request *request)
{
	return start(arg, request, &slow_kind);
}

static void tunnel_run(struct reed_co *co)
{
	struct work *self = reed_frame(co, struct work);

	reed_coroutine (co) {
		if (reed_http_upgrade(self->request, "echo", &self->stream)) {
			reed_http_fail(self->request, 426, "ask for an upgrade to echo");
			self->over = true;
			reed_return(co, REED_OK);
		}
		for (;;) {
			if (reed_peek(self->stream).n == 0)
				reed_await(co, reed_more(self->stream));
			if (co->err)
				break;
			reed_write(self->stream, reed_peek(self->stream));
			reed_skip(self->stream, reed_peek(self->stream).n);
		}
		self->over = true;
	}
}

static const struct reed_co_kind tunnel_kind = { "tunnel", sizeof(struct work), tunnel_run, NULL,
	                                         work_end };

static struct reed_future *tunnel(void *arg, struct reed_http_request *request)
{
	return start(arg, request, &tunnel_kind);
}

/* Fails when half of what it promised is written. */
static void half_run(struct reed_co *co)
{
	struct work *self = reed_frame(co, struct work);

	reed_coroutine (co) {
		reed_http_begin(self->request, 200, "text/plain", -1);
		reed_http_write(self->request, REED_STR("half"));
		reed_try(co, reed_sleep(co->loop, 1));
		reed_try(co, reed_failed(co->loop, REED_EIO, "the other half is gone"));
	}
}

static const struct reed_co_kind half_kind = { "half", sizeof(struct work), half_run, NULL,
	                                       work_end };

static struct reed_future *half(void *arg, struct reed_http_request *request)
{
	return start(arg, request, &half_kind);
}

/* ---- around ---- */

static struct reed_future *stamp(void *arg, struct reed_http_request *request)
{
	reed_http_add(request, "X-Around", reed_slice_of(arg));
	return reed_http_next(request);
}

static struct reed_future *guard(void *arg, struct reed_http_request *request)
{
	(void)arg;
	if (!reed_http_header(request, "X-Key").p) {
		reed_http_fail(request, 401, "no key");
		return NULL;
	}
	return reed_http_next(request);
}

static void api_error(void *arg, struct reed_http_request *request, unsigned status,
                      const char *why)
{
	(void)arg;
	reed_http_respondf(request, status, "application/json", "{\"error\":\"%s\"}",
	                   why ? why : reed_http_reason(status));
}

static struct reed_http_router *api(void)
{
	struct reed_http_router *router = reed_http_router_new();

	reed_http_route_named(router, "GET", "/people/{name:word}", "person", hello, NULL);
	reed_http_route(router, "DELETE", "/people/{name:word}", no_content, NULL);
	reed_http_around(router, stamp, "api");
	reed_http_around(router, guard, NULL);
	reed_http_on_error(router, api_error, NULL);
	return router;
}

/* ---- the site ---- */

static void seen(void *arg, const struct reed_http_access *access)
{
	struct site *self = arg;

	self->answered += access->status >= 100;
}

void site_open(struct site *self, struct reed_loop *loop,
               const struct reed_http_server_options *given)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct reed_http_router *r = reed_http_router_new();

	*self = (struct site){ .router = r };
	if (given)
		options = *given;
	reed_http_route(r, "GET", "/hello/{name}", hello, NULL);
	reed_http_route(r, "GET", "/hello/world", no_content, NULL);
	reed_http_route(r, "GET", "/n/{n:int}", number, NULL);
	reed_http_route(r, "GET", "/n/{name:path}", hello, NULL);
	reed_http_route(r, "GET", "/query", query, NULL);
	reed_http_route(r, "GET", "/silent", silent, NULL);
	reed_http_route(r, "GET", "/none", no_content, NULL);
	reed_http_route(r, "GET", "/splits", splits, NULL);
	reed_http_route(r, "GET", "/stream", stream, NULL);
	reed_http_route(r, "GET", "/forbidden", forbidden, NULL);
	reed_http_route(r, "POST", "/echo", echo, self);
	reed_http_route(r, "POST", "/pipe", pipe_through, self);
	reed_http_route(r, "POST", "/deaf", no_content, NULL);
	reed_http_route(r, "GET", "/slow/{ms:int}", slow, self);
	reed_http_route(r, "POST", "/slow/{ms:int}", slow, self);
	reed_http_route(r, "GET", "/tunnel", tunnel, self);
	reed_http_route(r, "CONNECT", "", tunnel, self);
	reed_http_route(r, "GET", "/half", half, self);
	reed_http_mount(r, "/api/v1", api());
	options.handler = reed_http_routed;
	options.arg = r;
	options.access = seen;
	options.access_arg = self;
	self->server = reed_http_server_new(loop, &options);
}

void site_close(struct site *self)
{
	reed_http_server_free(self->server);
	reed_http_router_free(self->router);
}
