/* The file server: which path is meant, and from where it comes. */

#include "files.h"

#include "reed/co.h"

/* ---- its life ---- */

static void destroy(struct reed_http_files *self)
{
	files_forget(self);
	reed_folder_close(self->fd);
	reed_free(self->root);
	reed_free(self->index);
	reed_free(self->cache_control);
	reed_free(self->endings);
	reed_free(self);
}

enum reed_err reed_http_files_new(struct reed_loop *loop,
                                  const struct reed_http_files_options *options,
                                  struct reed_http_files **files, struct reed_fault **fault)
{
	struct reed_http_files *self = reed_alloc(sizeof(*self));
	struct reed_http_files_options *own = &self->options;
	enum reed_err err;

	memcpy(own, options, options->size < sizeof(*own) ? options->size : sizeof(*own));
	self->loop = loop;
	self->root = reed_strdup(own->root);
	self->index = reed_strdup(own->index ? own->index : "index.html");
	self->cache_control = reed_strdup(own->cache_control);
	self->endings = reed_strdup(own->endings);
	own->kept = own->kept ? own->kept : 32 << 20;
	own->kept_each = own->kept_each ? own->kept_each : 32 << 10;
	own->fresh_ms = own->fresh_ms ? own->fresh_ms : 1000;
	reed_list_init(&self->used);
	err = reed_folder_open(self->root, &self->fd);
	if (err) {
		*fault = reed_fault(err, NULL, "%s: %s", self->root, reed_strerror(err));
		destroy(self);
		return err;
	}
	*files = self;
	return REED_OK;
}

void reed_http_files_free(struct reed_http_files *self)
{
	if (!self)
		return;
	self->closed = true;
	if (self->busy == 0)
		destroy(self);
}

void files_release(struct reed_http_files *self)
{
	if (--self->busy == 0 && self->closed)
		destroy(self);
}

/* ---- paths ---- */

static bool name_is_good(const struct reed_http_files *self, struct reed_slice name, bool last)
{
	if (name.n == 0)
		return last; /* a folder's slash, at the end */
	if (name.p[0] != '.')
		return true;
	if (name.n == 1 || reed_slice_is(name, ".."))
		return false;
	return self->options.hidden || reed_slice_is(name, ".well-known");
}

/* Relative to the root, and nothing in it that leads elsewhere. */
static bool path_is_good(const struct reed_http_files *self, struct reed_slice path)
{
	while (path.n > 0) {
		struct reed_slice name = reed_slice_first(path, reed_slice_find(path, '/'));
		bool last = name.n == path.n;

		if (!name_is_good(self, name, last))
			return false;
		path = reed_slice_from(path, name.n + 1);
	}
	return true;
}

static struct reed_slice path_of(struct reed_http_request *r)
{
	struct reed_slice path = reed_http_param(r, "rest");

	if (path.p)
		return path;
	path = reed_http_path(r);
	return path.p ? reed_slice_from(path, 1) : path;
}

static unsigned codings_of(const struct reed_http_files *self, const struct reed_http_request *r)
{
	struct reed_slice accept;
	unsigned codings = 0;

	if (!self->options.precompressed)
		return 0;
	accept = reed_http_header(r, "Accept-Encoding");
	for (unsigned i = 0; i < CODINGS; i++)
		if (reed_http_accepts_coding(accept, coding_names[i]))
			codings |= 1u << i;
	return codings;
}

/* ---- one that has to be looked at ---- */

struct serve {
	struct reed_co co;
	struct reed_http_files *files;
	struct reed_http_request *request;
	struct found found;
	struct reed_future *rest;
	char *path;
	unsigned codings;
};

static void serve_run(struct reed_co *co)
{
	struct serve *self = reed_frame(co, struct serve);

	reed_coroutine (co) {
		reed_try(co, files_look(self->files, self->path, self->codings, &self->found));
		files_keep(self->files, self->path, self->codings, &self->found);
		self->rest = files_send(self->files, self->request, &self->found);
		if (self->rest)
			reed_try(co, self->rest);
	}
}

static void serve_end(struct reed_co *co)
{
	struct serve *self = reed_frame(co, struct serve);

	found_finish(&self->found);
}

static const struct reed_co_kind serve_kind = { "serve a file", sizeof(struct serve), serve_run,
	                                        NULL, serve_end };

static struct reed_future *look_and_send(struct reed_http_files *files, struct reed_http_request *r,
                                         char *path, unsigned codings)
{
	struct serve *self = reed_co_new(r->loop, &serve_kind);

	self->files = files;
	self->request = r;
	self->path = path;
	self->codings = codings;
	self->found.file.fd = -1;
	return reed_start(&self->co);
}

static struct reed_future *send_kept(struct reed_http_files *files, struct reed_http_request *r,
                                     const struct found *kept)
{
	struct found found = *kept;

	if (found.blob)
		reed_blob_share(found.blob);
	else
		reed_source_share(found.source);
	return files_send(files, r, &found);
}

struct reed_future *reed_http_files_handler(void *arg, struct reed_http_request *r)
{
	return reed_http_files_answer(arg, r, path_of(r));
}

struct reed_future *reed_http_files_answer(struct reed_http_files *files,
                                           struct reed_http_request *r, struct reed_slice rest)
{
	unsigned codings = codings_of(files, r);
	const struct found *kept;
	char *path;

	if (r->head.method != REED_HTTP_GET && r->head.method != REED_HTTP_HEAD) {
		reed_http_add(r, "Allow", REED_STR("GET, HEAD"));
		reed_http_fail(r, 405, NULL);
		return NULL;
	}
	path = rest.p && path_is_good(files, rest) ? reed_pool_strdup(&r->pool, rest) : NULL;
	if (!path) {
		reed_http_fail(r, 404, NULL);
		return NULL;
	}
	kept = files_kept(files, path, codings);
	return kept ? send_kept(files, r, kept) : look_and_send(files, r, path, codings);
}
