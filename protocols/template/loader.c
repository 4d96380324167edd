/* Templates kept by name: what was read, and read again when it changes. */

#include "reed/template_loader.h"

#include "reed/co.h"
#include "reed/log.h"
#include "reed/offload.h"
#include "reed/scope.h"
#include "reed/watch.h"
#include "set.h"

/* Stays as long as the loader; what is in it may be read again. */
struct page {
	struct reed_list link;
	char *name;
	struct template_set *set;
	bool changed, broken;
};

struct reed_template_loader {
	struct reed_loop *loop;
	char *folder, *schemes;
	struct reed_template_options options;
	struct reed_list pages;
	uint64_t changes; /* heard of; one that has been read since may be older */
	struct reed_file_watch *watch;
	struct reed_scope scope;
};

/* ---- reading, in a thread ---- */

struct reading {
	struct reed_job job;
	char *folder, *name, *schemes; /* of its own: the loader may be gone */
	struct reed_template_options options;
	struct template_set *set, **out;
};

static enum reed_err reading_run(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);

	return template_set_read(self->folder, self->name, &self->options, &self->set, &job->fault);
}

static void reading_deliver(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);

	*self->out = self->set;
	self->set = NULL;
}

static void reading_end(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);

	template_set_release(self->set);
	reed_free(self->folder);
	reed_free(self->name);
	reed_free(self->schemes);
}

static struct reed_future *read_set(const struct reed_template_loader *loader, const char *name,
                                    struct template_set **out)
{
	static const struct reed_job_kind kind = { .name = "template file",
		                                   .size = sizeof(struct reading),
		                                   .run = reading_run,
		                                   .deliver = reading_deliver,
		                                   .end = reading_end };
	struct reading *self = reed_job_new(loader->loop, &kind);

	self->folder = reed_strdup(loader->folder);
	self->name = reed_strdup(name);
	self->options = loader->options;
	if (loader->schemes)
		self->options.schemes = self->schemes = reed_strdup(loader->schemes);
	self->out = out;
	return reed_offload(&self->job);
}

/* ---- what is kept ---- */

static struct page *find(const struct reed_template_loader *self, const char *name)
{
	reed_list_each (link, &self->pages) {
		struct page *page = reed_container_of(link, struct page, link);

		if (strcmp(page->name, name) == 0)
			return page;
	}
	return NULL;
}

static void keep_set(struct page *page, struct template_set *set)
{
	set->holds++;
	template_set_release(page->set);
	page->set = set;
	page->broken = false;
}

static void keep(struct reed_template_loader *self, const char *name, struct template_set *set)
{
	struct page *page = find(self, name);

	if (!page) {
		page = reed_alloc(sizeof(*page));
		page->name = reed_strdup(name);
		reed_list_append(&self->pages, &page->link);
	}
	keep_set(page, set);
}

/* ---- loading ---- */

struct loading {
	struct reed_co co;
	struct reed_template_loader *loader;
	char *name;
	const struct reed_template **out;
	struct template_set *set;
	uint64_t changes;
};

static void loading_run(struct reed_co *co)
{
	struct loading *self = reed_frame(co, struct loading);

	reed_coroutine (co) {
		while (!find(self->loader, self->name)) {
			self->changes = self->loader->changes;
			reed_try(co, read_set(self->loader, self->name, &self->set));
			if (self->changes == self->loader->changes)
				keep(self->loader, self->name, self->set);
			else
				template_set_release(self->set);
		}
	}
}

/* What is good now, and not what was when it had been read. */
static void loading_deliver(struct reed_co *co)
{
	struct loading *self = reed_frame(co, struct loading);

	*self->out = reed_template_loaded(self->loader, self->name);
}

static void loading_end(struct reed_co *co)
{
	reed_free(reed_frame(co, struct loading)->name);
}

struct reed_future *reed_template_load(struct reed_template_loader *loader, const char *name,
                                       const struct reed_template **out)
{
	static const struct reed_co_kind kind = { "template load", sizeof(struct loading),
		                                  loading_run, loading_deliver, loading_end };
	struct loading *self = reed_co_new(loader->loop, &kind);

	self->loader = loader;
	self->name = reed_strdup(name);
	self->out = out;
	return reed_start(&self->co);
}

const struct reed_template *reed_template_loaded(const struct reed_template_loader *self,
                                                 const char *name)
{
	struct page *page = find(self, name);

	return page ? template_set_asked(page->set) : NULL;
}

/* ---- changes ---- */

struct watching {
	struct reed_co co;
	struct reed_template_loader *loader;
	struct reed_file_change change;
	struct page *page;
	struct template_set *set;
};

/* As templates call it; empty when all may have changed; p is NULL when none has. */
static struct reed_slice changed_name(const struct reed_template_loader *self,
                                      const struct reed_file_change *change)
{
	const char *path = change->to ? change->to : change->path;
	bool moved = change->kind == REED_FILE_MOVED;

	if (change->kind == REED_FILE_LOST || (moved && change->directory))
		return REED_STR("");
	if (change->directory || (!moved && change->kind != REED_FILE_WRITTEN))
		return reed_slice(NULL, 0); /* what is being written, or gone, is no version */
	return reed_slice_of(path + strlen(self->folder) + 1);
}

static void mark(struct reed_template_loader *self, const struct reed_file_change *change)
{
	struct reed_slice name = changed_name(self, change);

	if (!name.p)
		return;
	self->changes++;
	reed_list_each (link, &self->pages) {
		struct page *page = reed_container_of(link, struct page, link);

		if (name.n == 0 || page->broken || template_set_has(page->set, name))
			page->changed = true;
	}
}

static struct page *next_changed(const struct reed_template_loader *self)
{
	reed_list_each (link, &self->pages) {
		struct page *page = reed_container_of(link, struct page, link);

		if (page->changed)
			return page;
	}
	return NULL;
}

static void take_again(struct watching *self)
{
	struct page *page = self->page;

	if (self->co.err) {
		page->broken = true;
		reed_log(self->co.loop, REED_LOG_WARN,
		         "template is broken, and stays as it was name=%s why=%s", page->name,
		         reed_co_why(&self->co));
		return;
	}
	keep_set(page, self->set);
	reed_log(self->co.loop, REED_LOG_INFO, "template has been read again name=%s", page->name);
}

static void watching_run(struct reed_co *co)
{
	struct watching *self = reed_frame(co, struct watching);
	struct reed_template_loader *loader = self->loader;

	reed_coroutine (co) {
		for (;;) {
			reed_await(co, reed_file_watch_next(loader->watch, &self->change));
			if (co->err)
				reed_return(co, reed_because(co, co->err,
				                             "templates are watched no more"));
			mark(loader, &self->change);
			while ((self->page = next_changed(loader)) != NULL) {
				self->page->changed = false;
				reed_await(co, read_set(loader, self->page->name, &self->set));
				take_again(self);
			}
		}
	}
}

static enum reed_err begin_watch(struct reed_template_loader *self, int64_t poll_ms,
                                 struct reed_fault **fault)
{
	static const struct reed_co_kind kind = { "template watch", sizeof(struct watching),
		                                  watching_run, NULL, NULL };
	struct reed_file_watch_options options = REED_FILE_WATCH_OPTIONS;
	struct watching *watching;
	enum reed_err err;

	options.what = REED_WATCH_TREE;
	if (poll_ms > 0)
		options.poll_ms = poll_ms;
	err = reed_file_watch_new(self->loop, self->folder, &options, &self->watch, fault);
	if (err)
		return err;
	watching = reed_co_new(self->loop, &kind);
	watching->loader = self;
	reed_scope_add(&self->scope, reed_start(&watching->co));
	return REED_OK;
}

/* ---- both ends ---- */

/* Changes are told with the path as it was given, and a slash. */
static char *folder_of(const char *folder)
{
	struct reed_slice s = reed_slice_of(folder);

	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	return reed_slice_dup(s);
}

enum reed_err reed_template_loader_new(struct reed_loop *loop, const char *folder,
                                       const struct reed_template_loader_options *options,
                                       struct reed_template_loader **loader,
                                       struct reed_fault **fault)
{
	struct reed_template_loader_options o = REED_TEMPLATE_LOADER_OPTIONS;
	struct reed_template_loader *self = reed_alloc(sizeof(*self));
	enum reed_err err = REED_OK;

	if (options)
		memcpy(&o, options, options->size < sizeof(o) ? options->size : sizeof(o));
	self->loop = loop;
	self->folder = folder_of(folder);
	self->options = (struct reed_template_options){ .size = sizeof(self->options),
		                                        .form = o.form,
		                                        .limit = o.limit };
	if (o.schemes)
		self->schemes = reed_strdup(o.schemes);
	reed_list_init(&self->pages);
	reed_scope_init(&self->scope, loop, NULL, "templates");
	if (o.watch)
		err = begin_watch(self, o.poll_ms, fault);
	if (err) {
		reed_template_loader_free(self);
		self = NULL;
	}
	*loader = self;
	return err;
}

void reed_template_loader_free(struct reed_template_loader *self)
{
	struct reed_list *link;

	if (!self)
		return;
	reed_scope_finish(&self->scope);
	reed_file_watch_free(self->watch);
	while ((link = reed_list_take(&self->pages)) != NULL) {
		struct page *page = reed_container_of(link, struct page, link);

		template_set_release(page->set);
		reed_free(page->name);
		reed_free(page);
	}
	reed_free(self->folder);
	reed_free(self->schemes);
	reed_free(self);
}
