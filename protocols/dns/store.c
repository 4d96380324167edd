/* Zones read into memory, and how long they stay there. */

#include "store.h"

static const struct dns_file *file_of(struct dns_loading *l, const char *path)
{
	struct dns_file *file = l->zone->files;

	if (l->file && strcmp(l->file->path, path) == 0)
		return l->file;
	while (file && strcmp(file->path, path) != 0)
		file = file->next;
	if (!file) {
		file = dns_arena_alloc(&l->zone->arena, sizeof(*file));
		file->path = dns_arena_alloc(&l->zone->arena, strlen(path) + 1);
		strcpy(file->path, path);
		reed_file_look(path, &file->stamp); /* that of no file will differ */
		file->next = l->zone->files;
		l->zone->files = file;
	}
	l->file = file;
	return file;
}

static enum reed_err refuse(struct dns_loading *l, struct reed_fault *fault)
{
	l->fault = fault;
	return fault->err;
}

static struct dns_raw *keep(struct dns_loading *l, const struct reed_dns_zone_record *r)
{
	struct dns_raw *raw = dns_arena_alloc(&l->zone->scratch, sizeof(*raw) + r->rdata.n);

	raw->file = file_of(l, r->file);
	raw->line = r->line;
	raw->type = r->type;
	raw->ttl = r->ttl;
	raw->n = (uint16_t)r->rdata.n;
	memcpy(raw->rdata, r->rdata.p, r->rdata.n);
	return raw;
}

static bool is_of_nsec3(const struct dns_raw *raw)
{
	return raw->type == REED_DNS_TYPE_NSEC3 ||
	       (raw->type == REED_DNS_TYPE_RRSIG && raw->n > 2 &&
	        dns_get16(raw->rdata) == REED_DNS_TYPE_NSEC3);
}

enum reed_err dns_loading_add(void *arg, const struct reed_dns_zone_record *r)
{
	struct dns_loading *l = arg;
	struct reed_dns_zone *zone = l->zone;
	struct dns_raw *raw = keep(l, r);
	char name[REED_DNS_NAME_TEXT_SIZE], of[REED_DNS_NAME_TEXT_SIZE], type[REED_DNS_WORD_SIZE];
	struct dns_node *node;

	if (!reed_dns_name_is_under(r->owner, &zone->name))
		return refuse(l, dns_raw_fault(raw, REED_FMT " is not in the zone " REED_FMT,
		                               REED_ARG(reed_dns_name_format(r->owner, name)),
		                               REED_ARG(reed_dns_name_format(&zone->name, of))));
	if (reed_dns_type_is_meta(r->type))
		return refuse(l, dns_raw_fault(raw, REED_FMT " cannot be in a zone",
		                               REED_ARG(reed_dns_type_format(r->type, type))));
	if (is_of_nsec3(raw)) {
		if (dns_zone_add_nsec3(zone, r->owner, raw))
			return refuse(
				l, dns_raw_fault(raw, REED_FMT " is no name of an NSEC3 record",
			                         REED_ARG(reed_dns_name_format(r->owner, name))));
		return REED_OK;
	}
	node = dns_zone_make(zone, r->owner->wire);
	raw->next = node->raw;
	node->raw = raw;
	return REED_OK;
}

static struct reed_dns_zone *zone_new(const struct reed_dns_name *name)
{
	struct reed_dns_zone *zone = reed_alloc(sizeof(*zone));

	zone->name = *name;
	zone->holders = 1;
	dns_zone_make(zone, name->wire);
	return zone;
}

void dns_loading_begin(struct dns_loading *l, const struct reed_dns_name *name)
{
	*l = (struct dns_loading){ .zone = zone_new(name) };
}

enum reed_err dns_loading_finish(struct dns_loading *l, const char *path, enum reed_err err,
                                 struct reed_dns_zone **zone, struct reed_fault **fault)
{
	if (!err)
		err = dns_zone_finish(l->zone, path, &l->fault);
	dns_arena_finish(&l->zone->scratch);
	if (err) {
		reed_dns_zone_release(l->zone);
		l->zone = NULL;
	}
	*zone = l->zone;
	if (fault)
		*fault = l->fault;
	else
		reed_fault_free(l->fault);
	return err;
}

enum reed_err reed_dns_zone_load(const char *path, const struct reed_dns_name *name,
                                 struct reed_dns_zone **zone, struct reed_fault **fault)
{
	struct reed_dns_scanner_options options = { REED_DNS_SCANNER_OPTIONS };
	struct dns_loading l = { .zone = zone_new(name) };
	struct reed_fault *read_fault = NULL;
	enum reed_err err;

	options.name = path;
	options.origin = name;
	file_of(&l, path); /* as it was before it is read */
	err = reed_dns_zone_read(&options, dns_loading_add, &l, &read_fault);
	if (l.fault)
		reed_fault_free(read_fault);
	else
		l.fault = read_fault;
	return dns_loading_finish(&l, path, err, zone, fault);
}

static enum reed_err scan(struct reed_dns_scanner *scanner, struct dns_loading *l)
{
	struct reed_dns_zone_record record;
	enum reed_err err;

	do {
		err = reed_dns_scanner_next(scanner, &record);
		if (!err)
			err = dns_loading_add(l, &record);
		else if (err == REED_EAGAIN) {
			reed_dns_scanner_refuse(scanner, "a text includes no files");
			err = REED_OK;
		}
	} while (!err);
	if (err == REED_ESYNTAX && !l->fault)
		l->fault = reed_fault(err, NULL, "%s", reed_dns_scanner_why(scanner));
	return err == REED_EEOF ? REED_OK : err;
}

enum reed_err reed_dns_zone_parse(struct reed_slice text, const char *path,
                                  const struct reed_dns_name *name, struct reed_dns_zone **zone,
                                  struct reed_fault **fault)
{
	struct reed_dns_scanner_options options = { REED_DNS_SCANNER_OPTIONS };
	struct dns_loading l = { .zone = zone_new(name) };
	struct reed_dns_scanner *scanner;
	enum reed_err err;

	options.name = path;
	options.origin = name;
	scanner = reed_dns_scanner_new(&options);
	reed_dns_scanner_feed(scanner, text);
	reed_dns_scanner_finish(scanner);
	err = scan(scanner, &l);
	reed_dns_scanner_free(scanner);
	return dns_loading_finish(&l, path, err, zone, fault);
}

/* ---- holders ---- */

struct reed_dns_zone *reed_dns_zone_share(struct reed_dns_zone *zone)
{
	zone->holders++;
	return zone;
}

void reed_dns_zone_release(struct reed_dns_zone *zone)
{
	if (!zone || --zone->holders)
		return;
	dns_arena_finish(&zone->arena);
	dns_arena_finish(&zone->scratch);
	reed_free(zone->table);
	reed_free(zone->order);
	reed_free(zone->nsec3);
	reed_free(zone->warning);
	reed_free(zone);
}

void reed_dns_zone_facts(const struct reed_dns_zone *zone, struct reed_dns_zone_facts *facts)
{
	struct reed_dns_zone_facts all = {
		.size = facts->size,
		.name = &zone->name,
		.serial = zone->serial,
		.names = zone->nodes,
		.records = zone->records,
		.bytes = sizeof(*zone) + zone->arena.bytes +
		         (zone->mask + 1) * sizeof(struct dns_slot) +
		         zone->order_count * sizeof(struct dns_node *) +
		         zone->nsec3_room * sizeof(struct dns_nsec3),
		.is_signed = zone->order_count || zone->has_nsec3,
		.warning = zone->warning,
	};

	memcpy(facts, &all, facts->size < sizeof(all) ? facts->size : sizeof(all));
}

/* The first file that was noted is the last in the list. */
bool reed_dns_zone_is_of(const struct reed_dns_zone *zone, const char *path)
{
	const struct dns_file *file = zone->files;

	while (file && file->next)
		file = file->next;
	return file && strcmp(file->path, path) == 0;
}

bool reed_dns_zone_is_stale(const struct reed_dns_zone *zone)
{
	for (const struct dns_file *file = zone->files; file; file = file->next) {
		struct reed_file_stamp stamp;

		if (reed_file_look(file->path, &stamp) || !reed_file_same(&stamp, &file->stamp))
			return true;
	}
	return false;
}
