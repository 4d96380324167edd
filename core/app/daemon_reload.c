/*
 * SIGHUP: settings that were changed, in a process that goes on.
 *
 * They are read in a thread, as files may be slow.  Settings that are wrong
 * change nothing.  What changed is told, and what of it needs a restart; then
 * the services are asked to take what they can.
 */

#include "daemon_private.h"
#include "service_private.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/offload.h"

enum { CHANGES_ROOM = 256 << 10 };

/* ---- in the thread ---- */

struct reading {
	struct reed_job job;
	const struct plan *plan;
	struct reed_settings *settings, **out;
};

static enum reed_err reading_run(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);

	self->settings = reed_plan_gather(self->plan);
	return REED_OK;
}

static void reading_deliver(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);

	*self->out = self->settings;
	self->settings = NULL;
}

static void reading_end(struct reed_job *job)
{
	reed_settings_free(reed_job_frame(job, struct reading)->settings);
}

static const struct reed_job_kind reading_kind = { .name = "settings",
	                                           .size = sizeof(struct reading),
	                                           .run = reading_run,
	                                           .deliver = reading_deliver,
	                                           .end = reading_end };

static struct reed_future *read_anew(struct daemon *d, struct reed_settings **out)
{
	struct reading *self = reed_job_new(d->loop, &reading_kind);

	self->plan = d->plan;
	self->out = out;
	return reed_offload(&self->job);
}

/* ---- what changed ---- */

/* --auth memory: has passwords in it. */
static const char *shown(const struct reed_settings_change *c, const char *value)
{
	return strcmp(c->key, "auth") == 0 ? NULL : value;
}

static void log_change(struct daemon *d, const struct reed_settings_change *c)
{
	if (c->reload == REED_SETTING_LIVE)
		reed_log(d->loop, REED_LOG_INFO, "setting has changed key=%s before=%s after=%s",
		         c->key, shown(c, c->before), shown(c, c->after));
	else
		reed_log(d->loop, REED_LOG_WARN,
		         "setting has changed and needs a restart key=%s before=%s after=%s",
		         c->key, shown(c, c->before), shown(c, c->after));
}

static size_t log_changes_since(struct daemon *d, const struct generation *before,
                                const struct reed_settings *after, enum reed_setting_reload which)
{
	const struct reed_settings_change *change = NULL;
	struct reed_pool pool;
	size_t n = 0;

	reed_pool_init(&pool, CHANGES_ROOM);
	if (reed_settings_diff(before->settings, after, &pool, &change))
		reed_log(d->loop, REED_LOG_WARN, "too much has changed to tell all of it");
	for (; change; change = change->next) {
		if (change->reload != which)
			continue;
		log_change(d, change);
		n++;
	}
	reed_pool_finish(&pool);
	return n;
}

/* What needs a restart is told each time, until there was one. */
static void log_changes(struct daemon *d, const struct reed_settings *after)
{
	size_t n = log_changes_since(d, d->latest, after, REED_SETTING_LIVE);

	if (n + log_changes_since(d, d->first, after, REED_SETTING_RESTART) == 0)
		reed_log(d->loop, REED_LOG_INFO, "no setting has changed");
}

static void log_problems(struct daemon *d, const struct reed_settings *settings)
{
	const char *problem;

	for (size_t i = 0; (problem = reed_settings_problem(settings, i)); i++)
		reed_log(d->loop, REED_LOG_ERROR,
		         "settings are wrong and were not taken problem=%s", problem);
}

/* ---- what is taken ---- */

static void release(void *holder)
{
	reed_generation_release(holder);
}

static void reload_service(struct daemon *d, size_t i)
{
	struct reed_service *service = d->services[i];
	const void *values = reed_settings_part(d->latest->settings, PARTS_BEFORE + i);

	if (!service)
		return;
	reed_service_renew(service,
	                   (struct lease){ values, reed_generation_share(d->latest), release });
	if (service->kind->reload && service->condition.value <= REED_SERVICE_READY)
		service->kind->reload(service, values);
}

/* Services may look at the values of the last reload until this one is over. */
static void take(struct daemon *d, struct reed_settings *settings)
{
	struct generation *before = d->latest;
	struct reed_fault *fault = NULL;

	log_changes(d, settings);
	d->latest = reed_generation_new(settings);
	if (reed_daemon_open_log(d, &fault))
		reed_log(d->loop, REED_LOG_ERROR, "the log stays where it is why=%s",
		         fault->sentence);
	reed_fault_free(fault);
	for (size_t i = 0; i < d->plan->count; i++)
		reload_service(d, i);
	reed_generation_release(before);
}

struct reload {
	struct reed_co co;
	struct daemon *daemon;
	struct reed_settings *settings;
};

static void reload_run(struct reed_co *co)
{
	struct reload *self = reed_frame(co, struct reload);

	reed_coroutine (co) {
		reed_try(co, read_anew(self->daemon, &self->settings));
		if (reed_settings_problem(self->settings, 0)) {
			log_problems(self->daemon, self->settings);
			reed_return(co, reed_because(co, REED_EINVAL, "%s",
			                             reed_settings_problem(self->settings, 0)));
		}
		take(self->daemon, self->settings);
		self->settings = NULL;
	}
}

static void reload_end(struct reed_co *co)
{
	struct reload *self = reed_frame(co, struct reload);

	self->daemon->reloading = false;
	reed_settings_free(self->settings);
}

static const struct reed_co_kind reload_kind = { .name = "reload",
	                                         .size = sizeof(struct reload),
	                                         .run = reload_run,
	                                         .end = reload_end };

struct reed_future *reed_daemon_reload(struct daemon *d)
{
	struct reload *self;

	if (d->reloading)
		return reed_failed(d->loop, REED_EBUSY, "the settings are being read already");
	self = reed_co_new(d->loop, &reload_kind);
	self->daemon = d;
	d->reloading = true;
	return reed_start(&self->co);
}
