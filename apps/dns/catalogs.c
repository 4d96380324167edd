/* Catalogs of others (RFC 9432), whose members come and go while the daemon runs. */

#include "catalogs.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/dns/catalog.h"
#include "reed/log.h"
#include "reed/offload.h"

struct dns_catalog {
	struct dns_catalog *next;
	struct reed_dns_name name;
	size_t at; /* which entry of the settings it is */
	bool wanted;
	struct members members;
};

/* ---- entries ---- */

static void entry_of(const struct dns_app *app, const struct dns_catalog *c,
                     const struct member *member, struct dns_zone_entry *entry)
{
	dns_zone_entry(app->settings, c->at, entry);
	entry->name = member->name;
	entry->file = NULL;
	entry->catalog = c;
}

bool dns_app_entry(const struct dns_app *app, size_t n, struct dns_zone_entry *entry)
{
	if (dns_zone_entry(app->settings, n, entry))
		return true;
	n -= app->settings->zone.n + app->settings->zones.n;
	for (const struct dns_catalog *c = app->catalogs; c; c = c->next) {
		if (n < c->members.n) {
			entry_of(app, c, &c->members.all[n], entry);
			return true;
		}
		n -= c->members.n;
	}
	return false;
}

static struct dns_catalog **find(struct dns_app *app, const struct reed_dns_name *name)
{
	struct dns_catalog **at = &app->catalogs;

	while (*at && !reed_dns_name_eq(&(*at)->name, name))
		at = &(*at)->next;
	return at;
}

static void want(struct dns_app *app, const struct dns_zone_entry *entry, size_t at)
{
	struct dns_catalog **c = find(app, &entry->name);

	if (!*c) {
		*c = reed_alloc(sizeof(**c));
		(*c)->name = entry->name;
	}
	(*c)->at = at;
	(*c)->wanted = true;
}

/* What the settings have themselves no catalog has (RFC 9432 5.2). */
static void leave_out(struct members *m, const struct members *own)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		if (!dns_members_have(own, &m->all[i].name))
			m->all[n++] = m->all[i];
	m->n = n;
}

void dns_catalogs_choose(struct dns_app *app)
{
	struct dns_catalog **at = &app->catalogs, *gone;
	struct dns_zone_entry entry;
	struct members own;

	for (struct dns_catalog *c = app->catalogs; c; c = c->next)
		c->wanted = false;
	for (size_t i = 0; dns_zone_entry(app->settings, i, &entry); i++)
		if (entry.more && entry.more->catalog == DNS_CATALOG_INTERPRET)
			want(app, &entry, i);
	if (!app->catalogs)
		return;
	own = dns_members_of(app->settings, NULL);
	while ((gone = *at)) {
		if (gone->wanted) {
			leave_out(&gone->members, &own);
			at = &gone->next;
			continue;
		}
		*at = gone->next;
		dns_members_finish(&gone->members);
		reed_free(gone);
	}
	dns_members_finish(&own);
	reed_cell_touch(&app->catalogs_change); /* what was left out before may be back */
}

/* ---- those of others ---- */

struct reading {
	struct reed_job job;
	struct reed_dns_zone *zone; /* shared */
	struct members members, *out;
};

static enum reed_err reading_run(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);

	return reed_dns_catalog_each(self->zone, dns_members_add, &self->members, &job->fault);
}

static void reading_deliver(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);

	*self->out = self->members;
	self->members = (struct members){ 0 };
}

static void reading_end(struct reed_job *job)
{
	struct reading *self = reed_job_frame(job, struct reading);

	dns_members_finish(&self->members);
	reed_dns_zone_release(self->zone);
}

static const struct reed_job_kind reading_kind = {
	.name = "catalog",
	.size = sizeof(struct reading),
	.run = reading_run,
	.deliver = reading_deliver,
	.end = reading_end,
};

struct following {
	struct reed_co co;
	struct dns_app *app;
	struct reed_dns_name name; /* of the catalog that is read; it may go meanwhile */
	struct members members, own;
	uint64_t seen;
	size_t i;
};

static bool next_catalog(struct following *self)
{
	const struct dns_catalog *c = self->app->catalogs;

	for (size_t i = self->i++; c && i > 0; i--)
		c = c->next;
	if (c)
		self->name = c->name;
	return c != NULL;
}

static struct reed_future *read_catalog(struct following *self)
{
	struct reed_dns_zone *zone = reed_dns_server_zone(self->app->server, &self->name);
	struct reading *reading;

	if (!zone) /* it is not there yet, or has expired: members stay */
		return reed_ready(self->co.loop, REED_ENOENT);
	reading = reed_job_new(self->co.loop, &reading_kind);
	reading->zone = reed_dns_zone_share(zone);
	reading->out = &self->members;
	return reed_offload(&reading->job);
}

static void erase(struct dns_app *app, const struct dns_catalog *c,
                  const struct reed_dns_name *name)
{
	struct dns_kept *kept = dns_kept_find(app, name);

	if (kept && kept->catalog == c)
		dns_kept_erase(app, kept);
}

/* The first that has it keeps it (RFC 9432 5.2). */
static bool is_free(struct following *self, const struct reed_dns_name *name)
{
	char text[REED_DNS_NAME_TEXT_SIZE];

	if (!dns_members_have(&self->own, name) && !dns_kept_find(self->app, name))
		return true;
	reed_log(self->co.loop, REED_LOG_WARN,
	         "zone of a catalog is served already, and stays zone=%s",
	         reed_dns_name_format(name, text).p);
	return false;
}

/* Both are in order: what is in one of them only has gone, or is new. */
static void take(struct following *self, struct dns_catalog *c)
{
	struct members *before = &c->members, *now = &self->members;
	size_t i = 0, k = 0, n = 0, is_new = 0, gone = 0;
	struct dns_zone_entry entry;

	while (i < before->n || k < now->n) {
		int order = i == before->n ? 1
		            : k == now->n  ? -1
		                           : dns_members_compare(&before->all[i], &now->all[k]);
		bool same = !order && before->all[i].id == now->all[k].id;

		if (order <= 0 && !same) {
			erase(self->app, c, &before->all[i].name);
			gone++;
		}
		if (order >= 0 && (same || is_free(self, &now->all[k].name))) {
			entry_of(self->app, c, &now->all[k], &entry);
			if (!same)
				dns_kept_begin(self->app, &entry);
			is_new += !same;
			now->all[n++] = now->all[k];
		}
		i += order <= 0;
		k += order >= 0;
	}
	now->n = n;
	dns_members_finish(before);
	*before = *now;
	*now = (struct members){ 0 };
	if (is_new || gone)
		reed_log(self->co.loop, REED_LOG_INFO,
		         "catalog has changed members=%zu new=%zu gone=%zu", n, is_new, gone);
}

static void use(struct following *self)
{
	struct dns_catalog *c = *find(self->app, &self->name);
	char text[REED_DNS_NAME_TEXT_SIZE];

	if (self->co.err && self->co.err != REED_ENOENT && self->co.err != REED_ECANCELED)
		reed_log(self->co.loop, REED_LOG_WARN,
		         "catalog is not used, and what it listed stays zone=%s why=%s",
		         reed_dns_name_format(&self->name, text).p, reed_co_why(&self->co));
	if (!self->co.err && c) {
		self->own = dns_members_of(self->app->settings, NULL);
		take(self, c);
		dns_members_finish(&self->own);
	}
	dns_members_finish(&self->members);
}

static void following_run(struct reed_co *co)
{
	struct following *self = reed_frame(co, struct following);

	reed_coroutine (co) {
		for (;;) {
			self->seen = self->app->catalogs_change.count;
			for (self->i = 0; next_catalog(self);) {
				reed_await(co, read_catalog(self));
				use(self);
				if (co->err == REED_ECANCELED)
					reed_return(co, REED_OK);
			}
			reed_try(co, reed_cell_changed(co->loop, &self->app->catalogs_change,
			                               self->seen));
		}
	}
}

static void following_end(struct reed_co *co)
{
	struct following *self = reed_frame(co, struct following);

	dns_members_finish(&self->members);
}

static const struct reed_co_kind following_kind = {
	.name = "catalogs",
	.size = sizeof(struct following),
	.run = following_run,
	.end = following_end,
};

struct reed_future *dns_catalogs_follow(struct dns_app *app)
{
	struct following *self = reed_co_new(app->service->loop, &following_kind);

	self->app = app;
	return reed_start(&self->co);
}

void dns_catalogs_finish(struct dns_app *app)
{
	struct dns_catalog *c;

	while ((c = app->catalogs)) {
		app->catalogs = c->next;
		dns_members_finish(&c->members);
		reed_free(c);
	}
	reed_lane_close(app->catalogs_lane);
}
