/* Catalogs that are made of the settings, for secondaries to have (RFC 9432). */

#include "catalogs.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/dns/catalog.h"
#include "reed/file.h"
#include "reed/log.h"
#include "reed/offload.h"
#include "reed/random.h"

enum { LANE = 16 };

struct making {
	struct reed_job job;
	struct reed_dns_name name;
	char *path;
	struct members members;
	int64_t wall; /* s since 1970 */
};

struct comparing {
	const struct members *members;
	size_t i;
};

static enum reed_err is_next(void *arg, const struct reed_dns_name *name, uint64_t id)
{
	struct comparing *c = arg;

	(void)id;
	return c->i < c->members->n && reed_dns_name_eq(&c->members->all[c->i++].name, name)
	               ? REED_OK
	               : REED_EEXIST;
}

/* It is there and lists just that; *serial is what it has. */
static bool is_as_wanted(const struct making *self, uint32_t *serial)
{
	struct reed_dns_zone_facts facts = { .size = sizeof(facts) };
	struct comparing c = { .members = &self->members };
	struct reed_dns_zone *zone = NULL;
	bool good;

	if (reed_dns_zone_load(self->path, &self->name, &zone, NULL))
		return false;
	reed_dns_zone_facts(zone, &facts);
	*serial = facts.serial;
	good = !reed_dns_catalog_each(zone, is_next, &c, NULL) && c.i == self->members.n;
	reed_dns_zone_release(zone);
	return good;
}

static enum reed_err making_run(struct reed_job *job)
{
	struct making *self = reed_job_frame(job, struct making);
	struct reed_dns_name *names;
	struct reed_file_stamp stamp;
	struct reed_buf text = { 0 };
	uint32_t serial = 0;
	enum reed_err err;

	if (is_as_wanted(self, &serial))
		return REED_OK;
	names = reed_alloc((self->members.n + 1) * sizeof(*names));
	for (size_t i = 0; i < self->members.n; i++)
		names[i] = self->members.all[i].name;
	serial = reed_dns_serial_newer((uint32_t)self->wall, serial)
	                 ? (uint32_t)self->wall
	                 : reed_dns_serial_add(serial, 1);
	reed_dns_catalog_print(&self->name, serial, names, self->members.n, &text);
	err = reed_file_replace(self->path, reed_buf_slice(&text), &stamp);
	reed_buf_finish(&text);
	reed_free(names);
	return err ? reed_job_fail(job, err, "%s: %s", self->path, reed_strerror(err)) : REED_OK;
}

static void making_end(struct reed_job *job)
{
	struct making *self = reed_job_frame(job, struct making);

	dns_members_finish(&self->members);
	reed_free(self->path);
}

static const struct reed_job_kind making_kind = {
	.name = "catalog",
	.size = sizeof(struct making),
	.run = making_run,
	.end = making_end,
};

struct syncing {
	struct reed_co co;
	struct dns_app *app;
	size_t i;
};

static bool is_made(const struct dns_zone_entry *entry)
{
	return entry->more && entry->more->catalog == DNS_CATALOG_GENERATE;
}

/* Where the next one is that is made, from *i on. */
static bool next_made(const struct dns_app *app, size_t *i, struct dns_zone_entry *entry)
{
	while (dns_zone_entry(app->settings, *i, entry)) {
		if (is_made(entry))
			return true;
		++*i;
	}
	return false;
}

static struct reed_future *make(struct syncing *self)
{
	struct dns_app *app = self->app;
	struct reed_loop *loop = app->service->loop;
	struct making *making;
	struct dns_zone_entry entry;

	if (!next_made(app, &self->i, &entry))
		return reed_ready(loop, REED_OK);
	if (!app->catalogs_lane)
		app->catalogs_lane = reed_lane_new(loop, "catalogs", LANE);
	making = reed_job_new(loop, &making_kind);
	making->name = entry.name;
	making->path = dns_kept_file(app, &entry);
	making->members = dns_members_of(app->settings, &entry.name);
	making->wall = reed_wall(loop) / 1000000000;
	return reed_lane_run(app->catalogs_lane, &making->job);
}

static void syncing_run(struct reed_co *co)
{
	struct syncing *self = reed_frame(co, struct syncing);
	struct dns_zone_entry entry;

	reed_coroutine (co) {
		for (; next_made(self->app, &self->i, &entry); self->i++) {
			reed_await(co, make(self));
			if (co->err == REED_ECANCELED)
				reed_return(co, co->err);
			if (co->err)
				reed_log(co->loop, REED_LOG_ERROR, "catalog was not made why=%s",
				         reed_co_why(co));
		}
		dns_kept_sync(self->app);
	}
}

static const struct reed_co_kind syncing_kind = {
	.name = "catalogs",
	.size = sizeof(struct syncing),
	.run = syncing_run,
};

struct reed_future *dns_catalogs_sync(struct dns_app *app)
{
	struct dns_zone_entry entry;
	struct syncing *self;
	size_t i = 0;

	if (!next_made(app, &i, &entry)) {
		dns_kept_sync(app);
		return reed_ready(app->service->loop, REED_OK);
	}
	self = reed_co_new(app->service->loop, &syncing_kind);
	self->app = app;
	return reed_start(&self->co);
}
