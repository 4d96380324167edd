/* Which zones the settings name, and whether their files will do. */

#include "dns.h"

#include "reed/alloc.h"
#include "reed/needs.h"

/* It has changes to hand out, or takes some. */
static bool is_kept(const struct dns_settings *s, const struct dns_zone_settings *zone)
{
	const struct dns_acl_settings *acl;

	for (size_t i = 0; i < zone->acl.n; i++) {
		acl = dns_acl_of(s, zone->acl.items[i]);
		if (acl && dns_acl_has(acl, REED_DNS_MAY_UPDATE) && !acl->deny)
			return true;
	}
	return zone->primary.n || zone->secondary.n || zone->journal || zone->sign.on ||
	       zone->catalog;
}

bool dns_zone_entry(const struct dns_settings *s, size_t n, struct dns_zone_entry *entry)
{
	const struct dns_zone_settings *zone;
	const char *domain;

	entry->transfer = &s->transfer;
	entry->notify = &s->notify;
	entry->more = NULL;
	entry->kept = false;
	entry->catalog = NULL;
	if (n < s->zone.n) {
		domain = s->zone.items[n].name;
		entry->file = s->zone.items[n].value;
	} else if (n < s->zone.n + s->zones.n) {
		zone = &s->zones.items[n - s->zone.n];
		domain = zone->domain;
		entry->file = zone->file;
		entry->more = zone;
		entry->kept = is_kept(s, zone);
		entry->transfer = zone->transfer.n ? &zone->transfer : entry->transfer;
		entry->notify = zone->notify.n ? &zone->notify : entry->notify;
	} else {
		return false;
	}
	reed_dns_name_parse(reed_slice_of(domain), NULL, &entry->name);
	return true;
}

static bool check_one(const struct dns_zone_entry *entry, struct reed_buf *out)
{
	struct reed_dns_zone_facts facts = { .size = sizeof(facts) };
	struct reed_fault *fault = NULL;
	struct reed_dns_zone *zone = NULL;
	enum reed_err err = reed_dns_zone_load(entry->file, &entry->name, &zone, &fault);

	if (err) {
		reed_buf_printf(out, "%s\n", reed_fault_why(fault, err));
	} else {
		reed_dns_zone_facts(zone, &facts);
		if (facts.warning)
			reed_buf_printf(out, "warning: %s\n", facts.warning);
	}
	reed_fault_free(fault);
	reed_dns_zone_release(zone);
	return !err;
}

bool dns_zones_check(const void *values, struct reed_buf *out)
{
	struct dns_zone_entry entry;
	struct dns_settings view;
	bool good = true;

	for (size_t i = 0; dns_zone_entry(values, i, &entry); i++)
		if (entry.file && (!entry.more || !entry.more->primary.n)) /* may be there later */
			good &= check_one(&entry, out);
	for (size_t i = 0; dns_view_settings_at(values, i, &view); i++)
		good &= dns_zones_check(&view, out);
	return good;
}

/* Where it listens when nobody says so, and whom it asks. */
static void need_world(const struct dns_settings *s, struct reed_needs *needs)
{
	const struct reed_texts *listen = dns_resolves(s) ? &dns_listen_here : &dns_listen_world;

	for (size_t i = 0; !s->listen.n && i < listen->n; i++)
		reed_needs_endpoint(needs, listen->items[i]);
	for (size_t i = 0; !s->listen.n && dns_resolves(s) && i < dns_listen_else.n; i++)
		reed_needs_endpoint(needs, dns_listen_else.items[i]);
	for (size_t i = 0; i < s->forward.n; i++)
		reed_needs_endpoint(needs, s->forward.items[i]);
	if (dns_resolves(s))
		reed_needs_dial_anywhere(needs); /* a truncated answer is asked for over TCP */
}

/* A file that is written is replaced, or made. */
static void need_folder(const char *file, struct reed_needs *needs)
{
	const char *slash = strrchr(file, '/');
	char *folder = slash ? reed_slice_dup(reed_slice(file, (size_t)(slash - file) + 1))
	                     : reed_strdup(".");

	reed_needs_write(needs, folder);
	reed_free(folder);
}

void dns_zones_need(const void *values, struct reed_needs *needs)
{
	const struct dns_settings *s = values;
	struct dns_zone_entry entry;

	need_world(s, needs);
	if (s->tap.file)
		need_folder(s->tap.file, needs);
	for (size_t i = 0; dns_zone_entry(s, i, &entry); i++)
		if (entry.kept && entry.file)
			need_folder(entry.file, needs);
}
