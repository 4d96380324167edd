/*
 * SIGHUP: settings that were changed, in a process that goes on.
 *
 * They are read in a thread, as files may be slow.  Settings that are wrong
 * change nothing.  What changed is told, and what of it needs a restart; then
 * the services are asked to take what they can.
 */

#include "daemon_private.h"
#include "crew.h"
#include "service_private.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/cell.h"
#include "reed/blame.h"
#include "reed/co.h"
#include "reed/offload.h"
#include "reed/tls.h"

enum {
	CHANGES_ROOM = 256 << 10,
	SHOWN = 200
}; /* bytes; of both values of a change, in an answer */

/* ---- in the thread ---- */

/* What was read; the keys are of a suite. */
struct read {
	struct reed_settings *settings;
	struct reed_keys keys;
};

static void read_finish(struct read *read)
{
	reed_settings_free(read->settings);
	reed_keys_finish(&read->keys);
}

struct reading {
	struct reed_job job;
	const struct plan *plan;
	struct read read, *out;
};

static enum reed_err reading_run(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);
	struct read *read = &self->read;

	read->settings = reed_plan_gather(self->plan);
	reed_settings_probe(read->settings, true);
	if (self->plan->catalog)
		reed_keys_of_file(reed_plan_file(self->plan, read->settings), &read->keys);
	return REED_OK;
}

static void reading_deliver(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);

	*self->out = self->read;
	self->read = (struct read){ 0 };
}

static void reading_end(struct reed_job *job)
{
	read_finish(&reed_job_frame(job, struct reading)->read);
}

static const struct reed_job_kind reading_kind = { .name = "settings",
	                                           .size = sizeof(struct reading),
	                                           .run = reading_run,
	                                           .deliver = reading_deliver,
	                                           .end = reading_end };

static struct reed_future *read_anew(struct daemon *d, struct read *out)
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

static void tell_change(const struct reed_settings_change *c, struct reed_buf *told)
{
	const char *before = shown(c, c->before), *after = shown(c, c->after);

	reed_buf_add_str(told, c->key);
	if (before && after && strlen(before) + strlen(after) < SHOWN)
		reed_buf_printf(told, ": %s -> %s", *before ? before : "-", *after ? after : "-");
	reed_buf_printf(told, "%s\n", c->reload == REED_SETTING_LIVE ? "" : " (needs a restart)");
}

static void log_change(struct daemon *d, const struct reed_settings_change *c,
                       struct reed_buf *told)
{
	tell_change(c, told);
	if (c->reload == REED_SETTING_LIVE)
		reed_log(d->loop, REED_LOG_INFO, "setting has changed key=%s before=%s after=%s",
		         c->key, shown(c, c->before), shown(c, c->after));
	else
		reed_log(d->loop, REED_LOG_WARN,
		         "setting has changed and needs a restart key=%s before=%s after=%s",
		         c->key, shown(c, c->before), shown(c, c->after));
}

static size_t log_changes_since(struct daemon *d, const struct generation *before,
                                const struct reed_settings *after, enum reed_setting_reload which,
                                struct reed_buf *told)
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
		log_change(d, change, told);
		n++;
	}
	reed_pool_finish(&pool);
	return n;
}

/* What needs a restart is told each time, until there was one. */
static void log_changes(struct daemon *d, const struct reed_settings *after, struct reed_buf *told)
{
	size_t n = log_changes_since(d, d->latest, after, REED_SETTING_LIVE, told);

	if (n + log_changes_since(d, d->first, after, REED_SETTING_RESTART, told) > 0)
		return;
	reed_buf_add_str(told, "no setting has changed\n");
	reed_log(d->loop, REED_LOG_INFO, "no setting has changed");
}

void reed_daemon_log_warnings(struct daemon *d, const struct reed_settings *settings)
{
	const char *warning;

	for (size_t i = 0; (warning = reed_settings_warning(settings, i)); i++)
		reed_log(d->loop, REED_LOG_WARN, "a setting has another name now warning=%s",
		         warning);
}

static size_t log_problems(struct daemon *d, const struct reed_settings *settings)
{
	const char *problem;
	size_t n = 0;

	for (; (problem = reed_settings_problem(settings, n)); n++)
		reed_log(d->loop, REED_LOG_ERROR,
		         "settings are wrong and were not taken problem=%s", problem);
	return n;
}

/* ---- what is taken ---- */

static void release(void *holder)
{
	reed_generation_release(holder);
}

void reed_generation_give(struct generation *self, size_t i, struct reed_service *service)
{
	const void *values = reed_settings_part(self->settings, PARTS_BEFORE + i);

	if (!service)
		return;
	reed_service_renew(service, (struct lease){ values, reed_generation_share(self), release });
	if (service->kind->reload && service->condition.value <= REED_SERVICE_READY)
		service->kind->reload(service, values);
}

/* Services may look at the values of the last reload until this one is over. */
static void take(struct daemon *d, struct reed_settings *settings, struct reed_buf *told)
{
	struct generation *before = d->latest;
	struct reed_fault *fault = NULL;

	reed_daemon_log_warnings(d, settings);
	log_changes(d, settings, told);
	reed_daemon_log_beyond(d, settings, told);
	d->latest = reed_generation_new(settings);
	reed_blame(d->loop, reed_generation_daemon(d->latest)->slow_turn);
	if (reed_daemon_open_log(d, &fault)) {
		reed_buf_printf(told, "the log stays where it is: %s\n", fault->sentence);
		reed_log(d->loop, REED_LOG_ERROR, "the log stays where it is why=%s",
		         fault->sentence);
	}
	reed_fault_free(fault);
	reed_daemon_ship(d);
	reed_cell_touch(reed_log_moved(reed_log_of(d->loop)));
	for (size_t i = 0; i < d->plan->count; i++)
		reed_generation_give(d->latest, i, d->services[i]);
	reed_loops_tell_level(d);
	reed_generation_release(before);
}

/* ---- services that come or go ---- */

static bool is_planned(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->count; i++)
		if (strcmp(plan->services[i].name, name) == 0)
			return true;
	return false;
}

/* The settings of one that does not run are known to nobody. */
static const char *added_service(const struct plan *plan, const struct reed_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		if (!is_planned(plan, keys->items[i]) &&
		    reed_plan_has_service(plan, keys->items[i]))
			return keys->items[i];
	return NULL;
}

static bool has_key(const struct reed_keys *keys, const char *name)
{
	for (size_t i = 0; i < keys->count; i++)
		if (strcmp(keys->items[i], name) == 0)
			return true;
	return false;
}

static void log_removed(struct daemon *d, const struct reed_keys *keys, struct reed_buf *told)
{
	for (size_t i = 0; d->plan->catalog && i < d->plan->count; i++) {
		const char *name = d->plan->services[i].name;

		if (has_key(keys, name))
			continue;
		reed_buf_printf(told, "%s was taken out, and goes on until a restart\n", name);
		reed_log(d->loop, REED_LOG_WARN,
		         "a service was taken out of the settings, and goes on until a "
		         "restart name=%s",
		         name);
	}
}

/* ---- all of it ---- */

struct reload {
	struct reed_co co;
	struct daemon *daemon;
	struct read read;
	enum reed_err result;
	struct reed_buf text, *out; /* what has come of it; out may be NULL */
};

/* Failed when the settings will not do, which has been logged then. */
static enum reed_err look(struct reload *self)
{
	struct daemon *d = self->daemon;
	const char *added = added_service(d->plan, &self->read.keys);
	const char *problem = reed_settings_problem(self->read.settings, 0);

	if (added) {
		reed_log(d->loop, REED_LOG_ERROR,
		         "a service was added to the settings, which needs a restart; nothing was "
		         "taken name=%s",
		         added);
		return reed_because(&self->co, REED_EINVAL, "%s was added, which needs a restart",
		                    added);
	}
	if (problem) {
		size_t more = log_problems(d, self->read.settings) - 1;

		if (more > 0)
			return reed_because(&self->co, REED_EINVAL, "%s (the log has %zu more)",
			                    problem, more);
		return reed_because(&self->co, REED_EINVAL, "%s", problem);
	}
	return REED_OK;
}

static void use(struct reload *self)
{
	log_removed(self->daemon, &self->read.keys, &self->text);
	take(self->daemon, self->read.settings, &self->text);
	self->read.settings = NULL;
}

/* Who asked for the reload may count on it everywhere. */
static struct reed_future *tell_others(struct reload *self)
{
	struct daemon *d = self->daemon;

	return reed_loops_ask(d,
	                      &(struct crew_wish){ .what = CREW_RELOAD, .generation = d->latest },
	                      NULL);
}

static void tell_of_certificates(struct reload *self)
{
	struct reed_co *co = &self->co;

	if (co->err) {
		reed_buf_printf(&self->text, "a certificate stays as it was: %s\n",
		                reed_co_why(co));
		reed_log(co->loop, REED_LOG_ERROR, "a certificate stays as it was why=%s",
		         reed_co_why(co));
	} else {
		reed_log(co->loop, REED_LOG_INFO, "certificates were read anew");
	}
}

/* Asked while it reads, it reads once more: what has been read may be the old file. */
static void reload_run(struct reed_co *co)
{
	struct reload *self = reed_frame(co, struct reload);

	reed_coroutine (co) {
		do {
			self->daemon->reload_again = false;
			reed_notify("RELOADING=1\nMONOTONIC_USEC=%jd",
			            (intmax_t)(reed_now(co->loop) / 1000));
			reed_try(co, read_anew(self->daemon, &self->read));
			if (look(self)) {
				self->result = co->err;
			} else {
				self->result = REED_OK;
				use(self);
				reed_await(co, tell_others(self));
				reed_await(co, reed_tls_reload(co->loop));
				tell_of_certificates(self);
			}
			read_finish(&self->read);
			self->read = (struct read){ 0 };
		} while (self->daemon->reload_again);
		reed_return(co, self->result);
	}
}

static void reload_deliver(struct reed_co *co)
{
	struct reload *self = reed_frame(co, struct reload);

	if (self->out)
		reed_buf_add(self->out, reed_buf_slice(&self->text));
}

static void reload_end(struct reed_co *co)
{
	struct reload *self = reed_frame(co, struct reload);

	self->daemon->reloading = false;
	reed_notify("READY=1");
	read_finish(&self->read);
	reed_buf_finish(&self->text);
}

static const struct reed_co_kind reload_kind = { .name = "reload",
	                                         .size = sizeof(struct reload),
	                                         .run = reload_run,
	                                         .deliver = reload_deliver,
	                                         .end = reload_end };

struct reed_future *reed_daemon_reload(struct daemon *d, struct reed_buf *out)
{
	struct reload *self;

	if (d->reloading)
		return reed_failed(d->loop, REED_EBUSY, "the settings are being read already");
	self = reed_co_new(d->loop, &reload_kind);
	self->daemon = d;
	self->out = out;
	d->reloading = true;
	return reed_start(&self->co);
}
