/* A zone that has been read: what has to hold in it, and what is known of it from then on. */

#include "store.h"

#include <stdarg.h>
#include <stdio.h>

enum { WHY = 1200 };

struct reed_fault *dns_raw_fault(const struct dns_raw *raw, const char *format, ...)
{
	char why[WHY];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	return reed_fault(REED_ESYNTAX, NULL, "%s:%u: %s", raw->file->path, raw->line, why);
}

static struct reed_slice name_text(const uint8_t *wire, char text[REED_DNS_NAME_TEXT_SIZE])
{
	struct reed_dns_name name;

	reed_dns_name_take(reed_slice(wire, REED_DNS_NAME_MAX), &name);
	return reed_dns_name_format(&name, text);
}

/* ---- rules ---- */

static const struct dns_raw *raw_of(const struct dns_node *node, uint16_t type)
{
	const struct dns_raw *raw = node->raw;

	while (raw && raw->type != type)
		raw = raw->next;
	return raw;
}

static bool same(const struct dns_raw *a, const struct dns_raw *b)
{
	return reed_dns_rdata_cmp(a->type, reed_slice(a->rdata, a->n),
	                          reed_slice(b->rdata, b->n)) == 0;
}

/* Types of which there is one record at most. */
static struct reed_fault *check_single(const struct dns_node *node, uint16_t type)
{
	const struct dns_raw *first = raw_of(node, type), *raw = first ? first->next : NULL;
	char name[REED_DNS_NAME_TEXT_SIZE], word[REED_DNS_WORD_SIZE];

	for (; raw; raw = raw->next)
		if (raw->type == type && !same(first, raw))
			return dns_raw_fault(first,
			                     REED_FMT " has another " REED_FMT " record already",
			                     REED_ARG(name_text(node->wire, name)),
			                     REED_ARG(reed_dns_type_format(type, word)));
	return NULL;
}

/* RFC 2181 10.1, RFC 4034 3 and 4; the lists have the last record first. */
static struct reed_fault *check_alias(const struct dns_node *node)
{
	char name[REED_DNS_NAME_TEXT_SIZE];

	if (!raw_of(node, REED_DNS_TYPE_CNAME))
		return NULL;
	for (const struct dns_raw *raw = node->raw; raw; raw = raw->next)
		if (raw->type != REED_DNS_TYPE_CNAME && raw->type != REED_DNS_TYPE_RRSIG &&
		    raw->type != REED_DNS_TYPE_NSEC && raw->type != REED_DNS_TYPE_KEY)
			return dns_raw_fault(raw,
			                     REED_FMT
			                     " is an alias (CNAME) and can have no other data",
			                     REED_ARG(name_text(node->wire, name)));
	return NULL;
}

static struct reed_fault *check_node(const struct reed_dns_zone *zone, const struct dns_node *node)
{
	const struct dns_raw *soa = raw_of(node, REED_DNS_TYPE_SOA);
	char name[REED_DNS_NAME_TEXT_SIZE];
	struct reed_fault *fault = NULL;

	if (soa && node != zone->apex)
		return dns_raw_fault(soa,
		                     "the SOA record is of the zone's own name " REED_FMT " only",
		                     REED_ARG(name_text(zone->name.wire, name)));
	fault = check_alias(node);
	if (!fault)
		fault = check_single(node, REED_DNS_TYPE_CNAME);
	if (!fault)
		fault = check_single(node, REED_DNS_TYPE_DNAME);
	return fault ? fault : check_single(node, REED_DNS_TYPE_SOA);
}

static struct reed_fault *check(const struct reed_dns_zone *zone, const char *path)
{
	char name[REED_DNS_NAME_TEXT_SIZE];
	struct reed_fault *fault;

	for (const struct dns_node *node = zone->apex; node; node = node->next)
		if ((fault = check_node(zone, node)))
			return fault;
	if (!raw_of(zone->apex, REED_DNS_TYPE_SOA))
		return reed_fault(REED_ESYNTAX, NULL,
		                  "%s: there is no SOA record of " REED_FMT
		                  ", with which a zone begins",
		                  path, REED_ARG(name_text(zone->name.wire, name)));
	if (!raw_of(zone->apex, REED_DNS_TYPE_NS))
		return reed_fault(REED_ESYNTAX, NULL,
		                  "%s: there is no NS record of " REED_FMT
		                  "; every zone names its servers",
		                  path, REED_ARG(name_text(zone->name.wire, name)));
	return NULL;
}

/* ---- what is known from then on ---- */

/* Parents come before their children. */
static void find_cuts(struct reed_dns_zone *zone)
{
	for (struct dns_node *node = zone->apex; node; node = node->next) {
		if (dns_node_set(node, REED_DNS_TYPE_DNAME)) {
			node->flags |= NODE_DNAME;
			zone->has_dname = true;
		}
		if (node->parent && dns_node_set(node, REED_DNS_TYPE_NS))
			node->flags |= NODE_CUT;
		if (node->parent && node->parent->cut)
			node->cut = node->parent->cut;
		else if (node->flags & NODE_CUT)
			node->cut = node;
	}
}

/* RFC 2308 3: the lower one of its TTL and its last field. */
static void read_soa(struct reed_dns_zone *zone)
{
	const struct dns_rrset *soa = dns_node_set(zone->apex, REED_DNS_TYPE_SOA);
	const uint8_t *end = dns_rrset_bytes(soa) + soa->size;
	uint32_t minimum = dns_get32(end - 4);

	zone->serial = dns_get32(end - 20);
	zone->negative_ttl = minimum < soa->ttl ? minimum : soa->ttl;
	zone->soa = dns_compile_copy(zone, soa, soa->ttl);
	zone->negative_soa = dns_compile_copy(zone, soa, zone->negative_ttl);
	if (soa->sigs)
		zone->negative_soa->sigs = dns_compile_copy(zone, soa->sigs, zone->negative_ttl);
}

/* A server below the name it serves, of which nobody could learn the address. */
static void look_for_glue(struct reed_dns_zone *zone, const struct dns_node *node)
{
	const struct dns_raw *raw = node->raw;
	struct reed_dns_name host, owner;
	char text[REED_DNS_NAME_TEXT_SIZE];
	struct dns_node *found;

	for (; raw && !zone->warning; raw = raw->next) {
		if (raw->type != REED_DNS_TYPE_NS ||
		    reed_dns_name_take(reed_slice(raw->rdata, raw->n), &host))
			continue;
		reed_dns_name_take(reed_slice(node->wire, node->n), &owner);
		found = dns_zone_find(zone, host.wire);
		if (reed_dns_name_is_under(&host, &owner) && (!found || !found->raw))
			zone->warning =
				reed_sprintf("%s:%u: the server " REED_FMT " has no address",
			                     raw->file->path, raw->line,
			                     REED_ARG(reed_dns_name_format(&host, text)));
	}
}

enum reed_err dns_zone_finish(struct reed_dns_zone *zone, const char *path,
                              struct reed_fault **fault)
{
	enum reed_err err;

	*fault = check(zone, path);
	if (*fault)
		return (*fault)->err;
	for (struct dns_node *node = zone->apex; node; node = node->next)
		look_for_glue(zone, node);
	for (struct dns_node *node = zone->apex; node; node = node->next)
		dns_compile_node(zone, node);
	find_cuts(zone);
	for (struct dns_node *node = zone->apex; node; node = node->next)
		dns_compile_hosts(zone, node);
	read_soa(zone);
	err = dns_zone_index_denial(zone, fault);
	return err;
}
