/* Trust anchors: those of the settings, of a file, and how the root's roll. */

#include "dns.h"

#include "reed/alloc.h"
#include "reed/dns/anchor.h"
#include "reed/dns/validate.h"
#include "reed/file.h"
#include "reed/log.h"
#include "reed/offload.h"

enum { FILE_MOST = 1 << 20 };

static enum reed_err read_file(const char *path, struct reed_buf *text, struct reed_fault **fault)
{
	struct reed_fault *why = NULL;
	struct reed_file_stamp stamp;
	enum reed_err err;

	text->limit = FILE_MOST;
	err = reed_file_read(path, text, &stamp);
	if (err) {
		*fault = reed_fault(err, NULL, "%s: %s", path, reed_strerror(err));
		return err;
	}
	err = reed_dns_validator_trust_text(NULL, reed_buf_slice(text), &why);
	if (err)
		*fault = reed_fault(err, NULL, "%s: %s", path, reed_fault_why(why, err));
	reed_fault_free(why);
	return err;
}

enum reed_err dns_anchors_probe(const char *path, struct reed_fault **fault)
{
	struct reed_buf text = { 0 };
	enum reed_err err = read_file(path, &text, fault);

	reed_buf_finish(&text);
	return err;
}

/* ---- read in a thread ---- */

struct reading {
	struct reed_job job;
	struct dns_app *app;
	char *path; /* NULL: there are only those of the settings */
	struct reed_buf listed, text;
	struct reed_fault *fault;
};

static enum reed_err reading_run(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);

	if (self->path && read_file(self->path, &self->text, &self->fault))
		reed_buf_clear(&self->text);
	return REED_OK;
}

static bool is_as_before(const struct dns_app *app, const char *anchors)
{
	return app->anchors && anchors ? strcmp(app->anchors, anchors) == 0
	                               : app->anchors == anchors;
}

static void take(struct dns_app *app, struct reed_slice text)
{
	char *anchors = text.n ? reed_slice_dup(text) : NULL;

	if (is_as_before(app, anchors)) {
		reed_free(anchors);
		return;
	}
	reed_free(app->anchors);
	app->anchors = anchors;
	if (app->resolver)
		dns_resolving_sync(app);
	if (app->views)
		dns_views_sync(app);
}

static void reading_deliver(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);

	if (self->fault) {
		reed_log(self->app->service->loop, REED_LOG_ERROR,
		         "trust anchors were not read, and stay as they were why=%s",
		         self->fault->sentence);
		return;
	}
	reed_buf_add(&self->listed, reed_buf_slice(&self->text));
	take(self->app, reed_buf_slice(&self->listed));
}

static void reading_end(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);

	reed_free(self->path);
	reed_buf_finish(&self->listed);
	reed_buf_finish(&self->text);
	reed_fault_free(self->fault);
}

static const struct reed_job_kind reading_kind = {
	.name = "trust anchors",
	.size = sizeof(struct reading),
	.run = reading_run,
	.deliver = reading_deliver,
	.end = reading_end,
};

struct reed_future *dns_anchors_load(struct dns_app *app)
{
	struct reading *self = reed_job_new(app->service->loop, &reading_kind);
	const struct dns_settings *s = app->settings;

	self->app = app;
	self->path = s->anchors ? reed_strdup(s->anchors) : NULL;
	for (size_t i = 0; i < s->anchor.n; i++)
		reed_buf_printf(&self->listed, "%s\n", s->anchor.items[i]);
	return reed_offload(&self->job);
}

/* ---- RFC 5011 ---- */

void dns_anchors_finish(struct dns_app *app)
{
	reed_drop(app->following);
	reed_free(app->anchors);
	app->following = NULL;
	app->anchors = NULL;
}

void dns_anchors_follow(struct dns_app *app)
{
	const struct dns_settings *s = app->settings;
	char *path;

	reed_drop(app->following);
	app->following = NULL;
	if (!app->resolver || !dns_resolves(s) || !dns_validates(s) || !s->follow)
		return;
	path = app->service->state ? reed_sprintf("%s/trust-anchors%s%s", app->service->state,
	                                          app->view ? "-" : "", app->view ? app->view : "")
	                           : NULL;
	app->following = reed_dns_resolver_follow(app->resolver, path);
	reed_free(path);
}
