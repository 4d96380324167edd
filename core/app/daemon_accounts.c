/* The accounts that the services of a process share, and the record of who came in. */

#include "daemon_private.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/checker.h"
#include "reed/co.h"

/* ---- the record ---- */

static enum reed_log_level level_of(const struct reed_audit *event)
{
	if (!event->outcome)
		return REED_LOG_INFO;
	return event->outcome == REED_EAUTH || event->outcome == REED_ETHROTTLED ? REED_LOG_WARN
	                                                                         : REED_LOG_ERROR;
}

static void hear(struct reed_auditor *auditor, const struct reed_audit *event)
{
	struct daemon *d = reed_container_of(auditor, struct daemon, auditor);

	reed_log(d->loop, level_of(event),
	         "account what=%s outcome=%s account=%s how=%s interface=%s door=%s peer=%s why=%s",
	         reed_audit_name(event->what), event->outcome ? "refused" : "done", event->account,
	         event->how, event->interface, event->door, event->address,
	         event->outcome ? event->why : NULL);
}

/* ---- where they are kept ---- */

struct accounts {
	struct reed_co co;
	struct daemon *daemon;
	struct reed_texts texts;
	const char *preset; /* what texts is when nobody says */
	struct reed_checker *checker;
	char *text;
	size_t i;
};

/* {state} becomes the directory. */
static char *expand(const char *text, const char *state)
{
	struct reed_slice rest = reed_slice_of(text), mark = REED_STR("{state}");
	struct reed_buf out = { 0 };
	size_t n;

	while ((n = reed_slice_search(rest, mark)) < rest.n) {
		reed_buf_add(&out, reed_slice_first(rest, n));
		reed_buf_add_str(&out, state);
		rest = reed_slice_from(rest, n + mark.n);
	}
	reed_buf_add(&out, rest);
	return reed_buf_take(&out);
}

static const struct reed_auth_rules *rules_of(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->services[i].kind->rules)
			return plan->services[i].kind->rules;
	return NULL;
}

static void make_portal(struct daemon *d)
{
	struct reed_portal_options options = REED_PORTAL_OPTIONS;

	d->auditor.hear = hear;
	options.auditor = &d->auditor;
	options.rules = rules_of(d->plan);
	d->site.portal = reed_portal_new(d->loop, &options);
}

static struct reed_future *open_next(struct accounts *self)
{
	struct reed_checker_options options = REED_CHECKER_OPTIONS;

	options.rules = rules_of(self->daemon->plan);
	reed_free(self->text);
	self->text = expand(self->texts.items[self->i], self->daemon->state);
	return reed_checker_new(self->co.loop, self->text, &options, &self->checker);
}

static enum reed_err explain(struct accounts *self)
{
	const char *const *member = &self->texts.items[self->i];
	const char *origin = reed_settings_origin_of(self->daemon->first->settings, member);

	return reed_because(&self->co, self->co.err, "%s", origin ? origin : "accounts");
}

static void accounts_run(struct reed_co *co)
{
	struct accounts *self = reed_frame(co, struct accounts);

	reed_coroutine (co) {
		for (; self->i < self->texts.n; self->i++) {
			reed_await(co, open_next(self));
			if (co->err)
				reed_return(co, explain(self));
			if (!self->daemon->site.portal)
				make_portal(self->daemon);
			reed_portal_add(self->daemon->site.portal, self->checker);
		}
	}
}

static void accounts_end(struct reed_co *co)
{
	reed_free(reed_frame(co, struct accounts)->text);
}

static const struct reed_co_kind accounts_kind = { .name = "accounts",
	                                           .size = sizeof(struct accounts),
	                                           .run = accounts_run,
	                                           .end = accounts_end };

struct reed_future *reed_daemon_open_accounts(struct daemon *d)
{
	struct accounts *self = reed_co_new(d->loop, &accounts_kind);

	self->daemon = d;
	self->texts = reed_generation_daemon(d->first)->auth;
	self->preset = reed_plan_accounts(d->plan);
	if (self->texts.n == 0 && self->preset)
		self->texts = (struct reed_texts){ &self->preset, 1 };
	return reed_start(&self->co);
}
