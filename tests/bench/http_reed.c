/*
 * http_reed PORT|ENDPOINT FOLDER: "Hello, World!" at /hello, and the files of a folder, as http.sh asks for.
 * http_reed PORT FOLDER UPSTREAM [2]: all of it from there, over HTTP/2 with a 2, as proxy.sh does.
 */

#include "reed/co.h"
#include "reed/http/files.h"
#include "reed/http/proxy.h"
#include "reed/http/router.h"
#include "reed/http/server.h"

struct bench {
	struct reed_co co;
	struct reed_http_router *router;
	struct reed_http_files *files;
	struct reed_http_proxy *proxy;
	struct reed_http_server *server;
	const char *folder;
	const char *upstreams[2];
	bool second;
	char endpoint[256];
};

static struct reed_future *hello(void *arg, struct reed_http_request *request)
{
	(void)arg;
	reed_http_respond(request, 200, "text/plain", REED_STR("Hello, World!"));
	return NULL;
}

static enum reed_err serve_files(struct bench *self, struct reed_fault **fault)
{
	struct reed_http_files_options o = REED_HTTP_FILES_OPTIONS;
	enum reed_err err;

	o.root = self->folder;
	err = reed_http_files_new(self->co.loop, &o, &self->files, fault);
	reed_http_route(self->router, "GET", "/hello", hello, NULL);
	reed_http_route(self->router, "GET", "/{rest:path}", reed_http_files_handler, self->files);
	return err;
}

static enum reed_err serve_upstream(struct bench *self, struct reed_fault **fault)
{
	struct reed_http_proxy_options o = REED_HTTP_PROXY_OPTIONS;
	enum reed_err err;

	o.upstreams = self->upstreams;
	o.version = self->second ? REED_HTTP_VERSION_2 : REED_HTTP_VERSION_ANY;
	err = reed_http_proxy_new(self->co.loop, &o, &self->proxy, fault);
	reed_http_route(self->router, "*", "/{rest:path}", reed_http_proxy_handler, self->proxy);
	return err;
}

static void bench_run(struct reed_co *co)
{
	struct bench *self = reed_frame(co, struct bench);
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct reed_fault *fault = NULL;

	reed_coroutine (co) {
		self->router = reed_http_router_new();
		if (self->upstreams[0] ? serve_upstream(self, &fault) : serve_files(self, &fault)) {
			reed_fault_print(stderr, fault);
			reed_fault_free(fault);
			reed_return(co, REED_EINVAL);
		}
		options.handler = reed_http_routed;
		options.arg = self->router;
		self->server = reed_http_server_new(co->loop, &options);
		reed_try(co, reed_http_serve(self->server, self->endpoint));
	}
}

static void bench_end(struct reed_co *co)
{
	struct bench *self = reed_frame(co, struct bench);

	reed_http_server_free(self->server);
	reed_http_router_free(self->router);
	reed_http_files_free(self->files);
	reed_http_proxy_free(self->proxy);
}

static const struct reed_co_kind bench_kind = { "bench", sizeof(struct bench), bench_run, NULL,
	                                        bench_end };

static struct reed_future *bench(struct reed_loop *loop, int argc, char **argv)
{
	struct bench *self = reed_co_new(loop, &bench_kind);
	const char *where = argc > 1 ? argv[1] : "8080";

	snprintf(self->endpoint, sizeof(self->endpoint),
	         strchr(where, ':') ? "%s" : "tcp:%s:interface=127.0.0.1", where);
	self->folder = argc > 2 ? argv[2] : ".";
	self->upstreams[0] = argc > 3 ? argv[3] : NULL;
	self->second = argc > 4 && strcmp(argv[4], "2") == 0;
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, bench);
}
