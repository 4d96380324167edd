/*
 * Zones read in a thread, those that are new and those whose files have changed;
 * queries are answered meanwhile from what is there.
 */

#include "dns.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/log.h"
#include "reed/offload.h"

struct item {
	struct reed_dns_name name;
	char *file;
	struct reed_dns_zone *before; /* shared; NULL: there is none */
	struct reed_dns_zone *zone;   /* NULL: as before, or a mistake */
	struct reed_fault *fault;
	bool kept; /* by others, and not to be read here */
};

struct items {
	struct item *all;
	size_t n;
};

struct loading {
	struct reed_job job;
	struct dns_app *app;
	struct items items, *out;
};

/* ---- in the thread ---- */

static enum reed_err loading_run(struct reed_job *job)
{
	struct loading *self = reed_job_frame(job, struct loading);

	for (size_t i = 0; i < self->items.n; i++) {
		struct item *item = &self->items.all[i];

		if (item->kept)
			continue;
		if (!item->before || reed_dns_zone_is_stale(item->before))
			reed_dns_zone_load(item->file, &item->name, &item->zone, &item->fault);
	}
	return REED_OK;
}

static void loading_deliver(struct reed_job *job)
{
	struct loading *self = reed_job_frame(job, struct loading);

	*self->out = self->items;
	self->items = (struct items){ 0 };
}

static void items_finish(struct items *items)
{
	for (size_t i = 0; i < items->n; i++) {
		struct item *item = &items->all[i];

		reed_dns_zone_release(item->before);
		reed_dns_zone_release(item->zone);
		reed_fault_free(item->fault);
		reed_free(item->file);
	}
	reed_free(items->all);
	*items = (struct items){ 0 };
}

static void loading_end(struct reed_job *job)
{
	items_finish(&reed_job_frame(job, struct loading)->items);
}

static const struct reed_job_kind loading_kind = {
	.name = "zones",
	.size = sizeof(struct loading),
	.run = loading_run,
	.deliver = loading_deliver,
	.end = loading_end,
};

static size_t entries(const struct dns_app *app)
{
	return app->settings->zone.n + app->settings->zones.n;
}

/* Settings may change while it reads: it has its own copy of what it needs.  only: NULL: all. */
static struct reed_future *read_zones(struct dns_app *app, const struct reed_dns_name *only,
                                      struct items *out)
{
	struct loading *self = reed_job_new(app->service->loop, &loading_kind);
	struct dns_zone_entry entry;

	self->items.all = reed_alloc((only ? 1 : entries(app) + 1) * sizeof(struct item));
	for (size_t i = 0; dns_zone_entry(app->settings, i, &entry); i++) {
		struct item *item = &self->items.all[self->items.n];
		struct reed_dns_zone *zone;

		if (only && (self->items.n || !reed_dns_name_eq(&entry.name, only)))
			continue;
		self->items.n++;
		zone = reed_dns_server_zone(app->server, &entry.name);

		item->name = entry.name;
		item->file = reed_strdup(entry.file);
		item->kept = entry.kept;
		item->before = zone && !entry.kept && reed_dns_zone_is_of(zone, entry.file)
		                       ? reed_dns_zone_share(zone)
		                       : NULL;
	}
	self->out = out;
	return reed_offload(&self->job);
}

/* ---- serving them ---- */

static void put_zone(struct dns_app *app, struct reed_dns_zone *zone,
                     const struct dns_zone_entry *entry)
{
	struct reed_dns_access access;
	struct reed_pool pool;

	reed_pool_init(&pool, 0);
	dns_access_of(app->settings, entry, &pool, &access);
	reed_dns_server_put(app->server, zone, &access);
	reed_pool_finish(&pool);
}

static void notify(struct dns_app *app, const struct dns_zone_entry *entry, uint32_t serial)
{
	for (size_t i = 0; i < entry->notify->n; i++)
		reed_scope_add(&app->service->scope,
		               reed_dns_notify(app->service->loop, entry->notify->items[i],
		                               &entry->name, serial));
}

static void use_new(struct dns_app *app, struct item *item, const struct dns_zone_entry *entry)
{
	struct reed_dns_zone_facts facts = { .size = sizeof(facts) };
	char text[REED_DNS_NAME_TEXT_SIZE];

	reed_dns_zone_facts(item->zone, &facts);
	reed_dns_name_format(&item->name, text);
	reed_log(app->service->loop, REED_LOG_INFO,
	         "zone is served zone=%s serial=%u records=%zu file=%s", text, facts.serial,
	         facts.records, item->file);
	if (facts.warning)
		reed_log(app->service->loop, REED_LOG_WARN, "zone looks wrong zone=%s why=%s", text,
		         facts.warning);
	put_zone(app, item->zone, entry);
	item->zone = NULL;
	notify(app, entry, facts.serial);
}

static void keep_old(struct dns_app *app, const struct item *item,
                     const struct dns_zone_entry *entry)
{
	struct reed_dns_zone *zone = reed_dns_server_zone(app->server, &item->name);
	char text[REED_DNS_NAME_TEXT_SIZE];

	if (zone) /* who may transfer it may be new */
		put_zone(app, reed_dns_zone_share(zone), entry);
	if (!item->fault)
		return;
	reed_dns_name_format(&item->name, text);
	reed_log(app->service->loop, REED_LOG_ERROR, "zone was not read%s zone=%s why=%s",
	         zone ? " and stays as it was" : "", text, item->fault->sentence);
	if (!app->mistake)
		app->mistake = reed_strdup(item->fault->sentence);
}

/*
 * The entry of that name, which most likely is where it was; what was taken out
 * of the settings meanwhile has none.
 */
static bool find_entry(const struct dns_app *app, const struct reed_dns_name *name, size_t likely,
                       struct dns_zone_entry *entry)
{
	if (dns_zone_entry(app->settings, likely, entry) && reed_dns_name_eq(&entry->name, name))
		return true;
	for (size_t i = 0; dns_zone_entry(app->settings, i, entry); i++)
		if (reed_dns_name_eq(&entry->name, name))
			return true;
	return false;
}

static void use(struct dns_app *app, struct items *items)
{
	struct dns_zone_entry entry;

	reed_free(app->mistake);
	app->mistake = NULL;
	for (size_t i = 0; i < items->n; i++) {
		if (!find_entry(app, &items->all[i].name, i, &entry) || entry.kept ||
		    items->all[i].kept)
			continue;
		if (items->all[i].zone)
			use_new(app, &items->all[i], &entry);
		else
			keep_old(app, &items->all[i], &entry);
	}
}

static size_t kept_served(const struct dns_app *app)
{
	size_t n = 0;

	for (const struct dns_kept *kept = app->kept; kept; kept = kept->next)
		n += reed_dns_server_zone(app->server, &kept->name) != NULL;
	return n;
}

/* Zones that are in the settings no more; there are none when as many are served as were read. */
static void drop_gone(struct dns_app *app, const struct items *items)
{
	const struct reed_dns_name *name;
	struct dns_zone_entry entry;
	char text[REED_DNS_NAME_TEXT_SIZE];
	size_t i = kept_served(app);

	for (size_t k = 0; k < items->n; k++)
		i += !items->all[k].kept &&
		     reed_dns_server_zone(app->server, &items->all[k].name) != NULL;
	if (i == reed_dns_server_zones(app->server) && items->n == entries(app))
		return;
	i = 0;
	while ((name = reed_dns_server_zone_at(app->server, i))) {
		if (dns_kept_find(app, name) || find_entry(app, name, i, &entry)) {
			i++;
			continue;
		}
		reed_dns_name_format(name, text);
		reed_log(app->service->loop, REED_LOG_INFO, "zone is not served any more zone=%s",
		         text);
		reed_dns_server_take(app->server, name);
	}
}

struct load {
	struct reed_co co;
	struct dns_app *app;
	struct items items;
	bool one; /* the zone of that name, in the first round */
	struct reed_dns_name name;
};

static void load_run(struct reed_co *co)
{
	struct load *self = reed_frame(co, struct load);

	reed_coroutine (co) {
		do {
			self->app->again = false;
			reed_try(co, read_zones(self->app, self->one ? &self->name : NULL,
			                        &self->items));
			use(self->app, &self->items);
			if (!self->one)
				drop_gone(self->app, &self->items);
			self->one = false;
			items_finish(&self->items);
		} while (self->app->again);
	}
}

static void load_end(struct reed_co *co)
{
	struct load *self = reed_frame(co, struct load);

	self->app->loading = false;
	items_finish(&self->items);
}

static const struct reed_co_kind load_kind = {
	.name = "zones",
	.size = sizeof(struct load),
	.run = load_run,
	.end = load_end,
};

struct reed_future *dns_load(struct dns_app *app, const struct reed_dns_name *only)
{
	struct load *self = reed_co_new(app->service->loop, &load_kind);

	self->app = app;
	self->one = only != NULL;
	if (only)
		self->name = *only;
	app->loading = true;
	return reed_start(&self->co);
}
