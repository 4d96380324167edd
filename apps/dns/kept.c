/* Zones that change while they are served: those of primaries, and those that are updated. */

#include "dns.h"

#include "reed/alloc.h"

/* ---- by name ---- */

enum { FIRST_SLOTS = 16 };

static struct dns_kept **slot_of(const struct dns_app *app, const struct reed_dns_name *name)
{
	return &app->kept_table[reed_dns_name_hash(name, 0) % app->kept_slots];
}

struct dns_kept *dns_kept_find(const struct dns_app *app, const struct reed_dns_name *name)
{
	struct dns_kept *kept = app->kept_slots ? *slot_of(app, name) : NULL;

	while (kept && !reed_dns_name_eq(&kept->name, name))
		kept = kept->same;
	return kept;
}

static void link_in(struct dns_app *app, struct dns_kept *kept)
{
	struct dns_kept **slot = slot_of(app, &kept->name);

	kept->same = *slot;
	*slot = kept;
}

static void grow(struct dns_app *app)
{
	reed_free(app->kept_table);
	app->kept_slots = app->kept_slots ? 2 * app->kept_slots : FIRST_SLOTS;
	app->kept_table = reed_alloc(app->kept_slots * sizeof(struct dns_kept *));
	for (struct dns_kept *kept = app->kept; kept; kept = kept->next)
		link_in(app, kept);
}

static void add(struct dns_app *app, struct dns_kept *kept)
{
	if (app->kept_count++ == app->kept_slots)
		grow(app);
	link_in(app, kept);
	kept->back = &app->kept;
	kept->next = app->kept;
	if (kept->next)
		kept->next->back = &kept->next;
	app->kept = kept;
}

/* Its keeper is the caller's. */
static void take_out(struct dns_app *app, struct dns_kept *kept)
{
	struct dns_kept **slot = slot_of(app, &kept->name);

	while (*slot != kept)
		slot = &(*slot)->same;
	*slot = kept->same;
	*kept->back = kept->next;
	if (kept->next)
		kept->next->back = kept->back;
	app->kept_count--;
	reed_free(kept->file);
	reed_free(kept);
}

/* ---- their files ---- */

/* A name of a file: letters and digits as they are, the rest as %XX; long ones are cut. */
static char *file_name(const struct reed_dns_name *name)
{
	char text[REED_DNS_NAME_TEXT_SIZE];
	struct reed_buf out = { 0 };
	struct reed_dns_name lower = *name;

	reed_dns_name_lower(&lower);
	reed_dns_name_format(&lower, text);
	for (const char *p = text; *p && (p[1] || p == text); p++)
		if ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '-' ||
		    *p == '_' || (*p == '.' && p > text))
			reed_buf_add_char(&out, *p);
		else
			reed_buf_printf(&out, "%%%02X", (unsigned char)*p);
	if (reed_buf_held(&out) > 200) {
		out.end = out.begin + 160;
		reed_buf_printf(&out, "%%%016jx", (uintmax_t)reed_dns_name_hash(name, 0));
	}
	return reed_buf_take(&out);
}

static char *state_path(const struct dns_app *app, const struct reed_dns_name *name,
                        const char *end)
{
	char *file = file_name(name), *path;
	const char *state = app->service->state;

	path = reed_sprintf("%s/%s%s", state ? state : ".", file, end);
	reed_free(file);
	return path;
}

char *dns_kept_file(const struct dns_app *app, const struct dns_zone_entry *entry)
{
	return entry->file ? reed_strdup(entry->file) : state_path(app, &entry->name, ".zone");
}

static uint32_t seconds(int64_t ns)
{
	return (uint32_t)(ns / 1000000000);
}

static void policy_of(const struct dns_zone_settings *z, struct reed_dns_policy *p)
{
	*p = (struct reed_dns_policy){
		REED_DNS_POLICY,
		.algorithm = z->sign.algorithm ? REED_DNS_ED25519 : REED_DNS_ECDSAP256,
		.split = z->sign.split,
		.zsk_lifetime = seconds(z->sign.zsk_lifetime),
		.ksk_lifetime = seconds(z->sign.ksk_lifetime),
		.dnskey_ttl = seconds(z->sign.dnskey_ttl),
		.propagation = seconds(z->sign.propagation),
		.ds_ttl = seconds(z->sign.ds_ttl),
		.lifetime = seconds(z->sign.lifetime),
		.refresh = seconds(z->sign.refresh),
		.jitter = seconds(z->sign.jitter),
		.nsec3 = z->sign.nsec3,
		.opt_out = z->sign.opt_out,
		.unsign = z->sign.unsign,
	};
}

/* ---- keepers ---- */

static void fill(struct dns_app *app, const struct dns_zone_entry *entry,
                 const struct reed_dns_keys *keys, struct reed_pool *pool,
                 struct reed_dns_access *access, struct reed_dns_keeper_options *o)
{
	const struct dns_zone_settings *z = entry->more;

	dns_access_of(app->settings, entry, pool, access);
	o->name = &entry->name;
	o->journal_most = (size_t)z->journal_limit;
	o->primary_count = dns_remotes_of(app->settings, &z->primary, keys, pool, &o->primaries);
	o->secondary_count =
		dns_remotes_of(app->settings, &z->secondary, keys, pool, &o->secondaries);
	o->access = access;
	o->serial = (enum reed_dns_serial_policy)z->serial;
	o->sync = z->sync;
	o->refresh_least = z->refresh_least;
	o->refresh_most = z->refresh_most;
	o->zone_most = (size_t)z->limit;
}

/* Secondaries may have been given as endpoints as well, which have no key. */
static void add_endpoints(const struct reed_texts *endpoints, struct reed_pool *pool,
                          struct reed_dns_keeper_options *o)
{
	size_t n = o->secondary_count;
	struct reed_dns_remote *all = reed_pool_alloc(pool, (n + endpoints->n + 1) * sizeof(*all));

	memcpy(all, o->secondaries, n * sizeof(*all));
	for (size_t i = 0; i < endpoints->n; i++)
		all[n + i] = (struct reed_dns_remote){ .endpoint = endpoints->items[i] };
	o->secondaries = all;
	o->secondary_count = n + endpoints->n;
}

/* What cannot change while it is kept. */
static bool fits(const struct dns_kept *kept, const char *file,
                 const struct reed_dns_keeper_options *o)
{
	return strcmp(kept->file, file) == 0 && kept->is_secondary == (o->primary_count > 0) &&
	       kept->is_signed == (o->sign != NULL) && kept->journal_limit == o->journal_most &&
	       kept->is_catalog == (o->served != NULL);
}

static void forget(struct dns_app *app, struct dns_kept *kept)
{
	reed_dns_keeper_free(kept->keeper);
	take_out(app, kept);
}

static void begin(struct dns_app *app, const struct dns_zone_entry *entry, char *file,
                  struct reed_dns_keeper_options *o)
{
	struct dns_kept *kept = reed_alloc(sizeof(*kept));
	char *journal = state_path(app, &entry->name, ".journal");

	kept->name = entry->name;
	kept->file = file;
	kept->is_secondary = o->primary_count > 0;
	kept->is_signed = o->sign != NULL;
	kept->journal_limit = o->journal_most;
	kept->is_catalog = o->served != NULL;
	kept->catalog = entry->catalog;
	kept->wanted = true;
	o->file = file;
	o->journal = journal;
	kept->keeper = reed_dns_keeper_new(app->server, o);
	add(app, kept);
	reed_free(journal);
}

static void sync_one(struct dns_app *app, const struct dns_zone_entry *entry,
                     const struct reed_dns_keys *keys)
{
	struct reed_dns_keeper_options o = REED_DNS_KEEPER_OPTIONS;
	struct dns_kept *kept = dns_kept_find(app, &entry->name);
	struct reed_dns_access access;
	struct reed_dns_policy policy;
	struct reed_pool pool;
	char *file = dns_kept_file(app, entry);

	reed_pool_init(&pool, 0);
	fill(app, entry, keys, &pool, &access, &o);
	policy_of(entry->more, &policy);
	o.sign = entry->more->sign.on ? &policy : NULL;
	add_endpoints(entry->notify, &pool, &o);
	if (entry->more->catalog == DNS_CATALOG_INTERPRET && !entry->catalog)
		o.served = &app->catalogs_change;
	if (kept && kept->catalog == entry->catalog && fits(kept, file, &o)) {
		kept->wanted = true;
		reed_dns_keeper_update(kept->keeper, &o);
		if (!kept->is_secondary)
			reed_dns_keeper_reload(kept->keeper);
		reed_free(file);
	} else {
		if (kept)
			forget(app, kept);
		begin(app, entry, file, &o);
	}
	reed_pool_finish(&pool);
}

void dns_kept_sync(struct dns_app *app)
{
	struct reed_dns_keys *keys = dns_keys_of(app->settings);
	struct dns_zone_entry entry;
	struct dns_kept *next;

	dns_catalogs_choose(app);
	for (struct dns_kept *kept = app->kept; kept; kept = kept->next)
		kept->wanted = false;
	for (size_t i = 0; dns_app_entry(app, i, &entry); i++)
		if (entry.kept)
			sync_one(app, &entry, keys);
	for (struct dns_kept *kept = app->kept; kept; kept = next) {
		next = kept->next;
		if (!kept->wanted)
			forget(app, kept);
	}
	reed_dns_server_keys(app->server, keys);
}

void dns_kept_begin(struct dns_app *app, const struct dns_zone_entry *entry)
{
	struct reed_dns_keys *keys = dns_keys_of(app->settings);

	sync_one(app, entry, keys);
	reed_dns_keys_free(keys);
}

void dns_kept_erase(struct dns_app *app, struct dns_kept *kept)
{
	reed_scope_add(&app->service->scope, reed_dns_keeper_erase(kept->keeper));
	take_out(app, kept);
}

void dns_kept_finish(struct dns_app *app)
{
	while (app->kept)
		forget(app, app->kept);
	reed_free(app->kept_table);
	dns_catalogs_finish(app);
}
