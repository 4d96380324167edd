/*
 * pages FOLDER [ENDPOINT]: the templates of a folder; GET /NAME is NAME.html, and
 * new when that is saved.
 */

#include <stdio.h>

#include <reed/co.h>
#include <reed/http/router.h>
#include <reed/http/server.h>
#include <reed/template_loader.h>

struct pages {
	struct reed_co co;
	const char *folder, *endpoint;
	struct reed_template_loader *loader;
	struct reed_http_router *router;
	struct reed_http_server *server;
};

/* ---- a request ---- */

struct show {
	struct reed_co co;
	struct pages *pages;
	struct reed_http_request *request;
	const struct reed_template *page;
	struct reed_template_pair pair;
	struct reed_template_pairs data;
	char file[80];
};

static void show_run(struct reed_co *co)
{
	struct show *self = reed_frame(co, struct show);

	reed_coroutine (co) {
		snprintf(self->file, sizeof(self->file), REED_FMT ".html",
		         REED_ARG(reed_http_param(self->request, "name")));
		self->pair.name = "host";
		self->pair.value = reed_template_text(reed_http_head(self->request)->host);
		reed_try(co, reed_template_load(self->pages->loader, self->file, &self->page));
		reed_try(co,
		         reed_template_respond(self->page, self->request,
		                               reed_template_pairs(&self->data, &self->pair, 1)));
	}
}

static struct reed_future *show(void *arg, struct reed_http_request *request)
{
	static const struct reed_co_kind kind = { "show", sizeof(struct show), show_run, NULL,
		                                  NULL };
	struct show *self = reed_co_new(reed_http_loop(request), &kind);

	self->pages = arg;
	self->request = request;
	return reed_start(&self->co);
}

/* ---- the program ---- */

static struct reed_future *serve(struct pages *self)
{
	struct reed_template_loader_options options = REED_TEMPLATE_LOADER_OPTIONS;
	struct reed_http_server_options http = REED_HTTP_SERVER_OPTIONS;
	struct reed_fault *fault;

	options.watch = true; /* for as long as somebody works on them */
	if (reed_template_loader_new(self->co.loop, self->folder, &options, &self->loader, &fault))
		return reed_failed_with(self->co.loop, fault);
	self->router = reed_http_router_new();
	reed_http_route(self->router, "GET", "/{name}", show, self);
	http.handler = reed_http_routed;
	http.arg = self->router;
	self->server = reed_http_server_new(self->co.loop, &http);
	return reed_http_serve(self->server, self->endpoint);
}

static void pages_run(struct reed_co *co)
{
	struct pages *self = reed_frame(co, struct pages);

	reed_coroutine (co) {
		reed_try(co, serve(self));
	}
}

static void pages_end(struct reed_co *co)
{
	struct pages *self = reed_frame(co, struct pages);

	reed_http_server_free(self->server);
	reed_http_router_free(self->router);
	reed_template_loader_free(self->loader);
}

static struct reed_future *pages(struct reed_loop *loop, int argc, char **argv)
{
	static const struct reed_co_kind kind = { "pages", sizeof(struct pages), pages_run, NULL,
		                                  pages_end };
	struct pages *self = reed_co_new(loop, &kind);

	self->folder = argc > 1 ? argv[1] : ".";
	self->endpoint = argc > 2 ? argv[2] : "tcp:8080:interface=127.0.0.1";
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, pages);
}
