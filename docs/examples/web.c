/* A web server: web [ENDPOINT [FOLDER]], then try curl http://127.0.0.1:8080/hello/you */

#include <reed/co.h>
#include <reed/http/files.h>
#include <reed/http/router.h>
#include <reed/http/server.h>

static struct reed_future *hello(void *arg, struct reed_http_request *request)
{
	(void)arg;
	reed_http_respondf(request, 200, "text/plain", "Hello, " REED_FMT "!\n",
	                   REED_ARG(reed_http_param(request, "name")));
	return NULL;
}

/* A handler that takes its time is a coroutine; when the client leaves, it is dropped. */
struct upload {
	struct reed_co co;
	struct reed_http_request *request;
	struct reed_slice piece;
	size_t bytes;
};

static void upload_run(struct reed_co *co)
{
	struct upload *self = reed_frame(co, struct upload);

	reed_coroutine (co) {
		reed_http_body_limit(self->request, 1 << 30);
		do {
			reed_try(co, reed_http_read(self->request, &self->piece));
			self->bytes += self->piece.n;
		} while (self->piece.n > 0);
		reed_http_respondf(self->request, 200, "text/plain", "%zu bytes\n", self->bytes);
	}
}

static const struct reed_co_kind upload_kind = { "upload", sizeof(struct upload), upload_run, NULL,
	                                         NULL };

static struct reed_future *upload(void *arg, struct reed_http_request *request)
{
	struct upload *self = reed_co_new(reed_http_loop(request), &upload_kind);

	(void)arg;
	self->request = request;
	return reed_start(&self->co);
}

struct web {
	struct reed_co co;
	struct reed_http_router *router;
	struct reed_http_server *server;
	struct reed_http_files *files;
	const char *endpoint, *folder;
};

/* FOLDER, at /files/. */
static enum reed_err add_files(struct web *self)
{
	struct reed_http_files_options options = REED_HTTP_FILES_OPTIONS;
	struct reed_fault *fault = NULL;
	enum reed_err err;

	options.root = self->folder;
	options.listing = options.precompressed = true;
	err = reed_http_files_new(self->co.loop, &options, &self->files, &fault);
	if (err)
		reed_fault_print(stderr, fault);
	else
		reed_http_route(self->router, "GET", "/files/{rest:path}", reed_http_files_handler,
		                self->files);
	reed_fault_free(fault);
	return err;
}

static void web_run(struct reed_co *co)
{
	struct web *self = reed_frame(co, struct web);
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;

	reed_coroutine (co) {
		self->router = reed_http_router_new();
		reed_http_route(self->router, "GET", "/hello/{name}", hello, NULL);
		reed_http_route(self->router, "PUT", "/upload", upload, NULL);
		if (self->folder && add_files(self))
			reed_return(co, REED_EINVAL);
		options.handler = reed_http_routed;
		options.arg = self->router;
		self->server = reed_http_server_new(co->loop, &options);
		reed_try(co, reed_http_serve(self->server, self->endpoint));
	}
}

static void web_end(struct reed_co *co)
{
	reed_http_server_free(reed_frame(co, struct web)->server);
	reed_http_router_free(reed_frame(co, struct web)->router);
	reed_http_files_free(reed_frame(co, struct web)->files);
}

static const struct reed_co_kind web_kind = { "web", sizeof(struct web), web_run, NULL, web_end };

static struct reed_future *web(struct reed_loop *loop, int argc, char **argv)
{
	struct web *self = reed_co_new(loop, &web_kind);

	self->endpoint = argc > 1 ? argv[1] : "tcp:8080:interface=127.0.0.1";
	self->folder = argc > 2 ? argv[2] : NULL;
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, web);
}
