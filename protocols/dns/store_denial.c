/* NSEC (RFC 4034 4) and NSEC3 (RFC 5155) records, in the order in which they prove that a name is not. */

#include <stdlib.h>

#include <openssl/sha.h>

#include "store.h"

#include "lower.h"

enum {
	LABEL = NSEC3_LABEL,
	HASH_SHA1 = 1,
	/* Resolvers take what has more for unsigned (RFC 9276 3.2), and each costs us time. */
	ITERATIONS_MAX = 500,
};

static int digit(uint8_t c)
{
	c = lower1(c);
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'v' ? c - 'a' + 10 : -1;
}

/* RFC 4648 7: eight digits are five bytes. */
bool dns_nsec3_read_label(const uint8_t *label, uint8_t hash[NSEC3_HASH])
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < LABEL; i++) {
		int value = digit(label[i]);

		if (value < 0)
			return false;
		bits = bits << 5 | (unsigned)value;
		if (i % 8 == 7)
			for (unsigned k = 0; k < 5; k++)
				hash[i / 8 * 5 + k] = (uint8_t)(bits >> (32 - 8 * k));
	}
	return true;
}

enum reed_err dns_zone_add_nsec3(struct reed_dns_zone *zone, const struct reed_dns_name *owner,
                                 struct dns_raw *raw)
{
	struct dns_nsec3 entry = { .raw = raw };

	if (owner->wire[0] != LABEL || owner->labels != zone->name.labels + 1U ||
	    !dns_nsec3_read_label(owner->wire + 1, entry.hash))
		return REED_ESYNTAX;
	if (zone->nsec3_count == zone->nsec3_room) {
		zone->nsec3_room = zone->nsec3_room ? 2 * zone->nsec3_room : 64;
		zone->nsec3 = reed_realloc(zone->nsec3, zone->nsec3_room * sizeof(entry));
	}
	zone->nsec3[zone->nsec3_count++] = entry;
	return REED_OK;
}

/* ---- NSEC3: the arrays ---- */

static int nsec3_cmp(const void *a, const void *b)
{
	return memcmp(((const struct dns_nsec3 *)a)->hash, ((const struct dns_nsec3 *)b)->hash,
	              NSEC3_HASH);
}

void dns_nsec3_label(uint8_t *label, const uint8_t hash[NSEC3_HASH])
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";

	for (unsigned i = 0; i < LABEL; i++) {
		unsigned bit = i * 5, word = (unsigned)hash[bit / 8] << 8;

		if (bit / 8 + 1 < NSEC3_HASH)
			word |= hash[bit / 8 + 1];
		label[i] = (uint8_t)digits[word >> (11 - bit % 8) & 31];
	}
}

static struct dns_node *nsec3_node(struct reed_dns_zone *zone, const uint8_t hash[NSEC3_HASH])
{
	unsigned n = LABEL + 1U + zone->name.n;
	struct dns_node *node = dns_arena_alloc(&zone->arena, sizeof(*node) + n);

	node->n = (uint8_t)n;
	node->labels = (uint8_t)(zone->name.labels + 1);
	node->parent = zone->apex;
	node->wire[0] = LABEL;
	dns_nsec3_label(node->wire + 1, hash);
	memcpy(node->wire + 1 + LABEL, zone->name.wire, zone->name.n);
	return node;
}

static void gather_nsec3(struct reed_dns_zone *zone)
{
	size_t kept = 0, i = 0;

	if (zone->nsec3_count)
		qsort(zone->nsec3, zone->nsec3_count, sizeof(*zone->nsec3), nsec3_cmp);
	while (i < zone->nsec3_count) {
		struct dns_nsec3 entry = zone->nsec3[i];
		struct dns_node *node = nsec3_node(zone, entry.hash);

		for (; i < zone->nsec3_count && nsec3_cmp(&zone->nsec3[i], &entry) == 0; i++) {
			zone->nsec3[i].raw->next = node->raw;
			node->raw = zone->nsec3[i].raw;
		}
		dns_compile_node(zone, node);
		zone->nsec3[kept].node = node;
		memcpy(zone->nsec3[kept++].hash, entry.hash, NSEC3_HASH);
	}
	zone->nsec3_count = kept;
}

/* RFC 5155 4: what the hashes are made with. */
static enum reed_err read_param(struct reed_dns_zone *zone, struct reed_fault **fault)
{
	const struct dns_rrset *set = dns_node_set(zone->apex, REED_DNS_TYPE_NSEC3PARAM);
	const uint8_t *rdata = set ? dns_rrset_bytes(set) + RECORD_HEAD : NULL;
	char text[REED_DNS_NAME_TEXT_SIZE];

	if (!rdata)
		return REED_OK; /* not yet, or no more, what denies */
	zone->has_nsec3 = zone->nsec3_count > 0;
	zone->nsec3_iterations = (uint16_t)dns_get16(rdata + 2);
	zone->nsec3_salt_size = rdata[4];
	memcpy(zone->nsec3_salt, rdata + 5, rdata[4]);
	if (rdata[0] == HASH_SHA1 && zone->nsec3_iterations <= ITERATIONS_MAX)
		return REED_OK;
	*fault = reed_fault(REED_ESYNTAX, NULL,
	                    "NSEC3PARAM of " REED_FMT " has hash %u and %u iterations; hash 1 and "
	                    "at most %d of them are served",
	                    REED_ARG(reed_dns_name_format(&zone->name, text)), rdata[0],
	                    zone->nsec3_iterations, ITERATIONS_MAX);
	return REED_ESYNTAX;
}

bool dns_zone_hash(const struct reed_dns_zone *zone, const uint8_t *wire, uint8_t hash[NSEC3_HASH])
{
	if (!zone->has_nsec3)
		return false;
	dns_nsec3_hash(wire, zone->nsec3_iterations,
	               reed_slice(zone->nsec3_salt, zone->nsec3_salt_size), hash);
	return true;
}

void dns_nsec3_hash(const uint8_t *wire, unsigned iterations, struct reed_slice salt,
                    uint8_t hash[NSEC3_HASH])
{
	uint8_t bytes[REED_DNS_NAME_MAX + 255];
	size_t n = 0;

	while (wire[n])
		n += wire[n] + 1U;
	n++;
	lower_copy(bytes, wire, n);
	for (unsigned i = 0; i <= iterations; i++) {
		if (salt.n)
			memcpy(bytes + n, salt.p, salt.n);
		SHA1(bytes, n + salt.n, hash);
		memcpy(bytes, hash, NSEC3_HASH);
		n = NSEC3_HASH;
	}
}

struct dns_node *dns_zone_nsec3(const struct reed_dns_zone *zone, const uint8_t hash[NSEC3_HASH],
                                bool covers)
{
	size_t low = 0, high = zone->nsec3_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = memcmp(zone->nsec3[middle].hash, hash, NSEC3_HASH);

		if (order == 0)
			return covers ? NULL : zone->nsec3[middle].node;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (!covers || !zone->nsec3_count)
		return NULL;
	return zone->nsec3[low ? low - 1 : zone->nsec3_count - 1].node; /* the last wraps around */
}

/* ---- NSEC ---- */

static int wire_cmp(const uint8_t *a, const uint8_t *b)
{
	struct reed_dns_name x, y;

	reed_dns_name_take(reed_slice(a, REED_DNS_NAME_MAX), &x);
	reed_dns_name_take(reed_slice(b, REED_DNS_NAME_MAX), &y);
	return reed_dns_name_cmp(&x, &y);
}

static int node_cmp(const void *a, const void *b)
{
	return wire_cmp((*(const struct dns_node *const *)a)->wire,
	                (*(const struct dns_node *const *)b)->wire);
}

static void gather_nsec(struct reed_dns_zone *zone)
{
	size_t n = 0;

	if (!dns_node_set(zone->apex, REED_DNS_TYPE_NSEC))
		return;
	for (struct dns_node *node = zone->apex; node; node = node->next)
		n += dns_node_set(node, REED_DNS_TYPE_NSEC) != NULL;
	zone->order = reed_alloc(n * sizeof(struct dns_node *));
	for (struct dns_node *node = zone->apex; node; node = node->next)
		if (dns_node_set(node, REED_DNS_TYPE_NSEC))
			zone->order[zone->order_count++] = node;
	qsort(zone->order, n, sizeof(struct dns_node *), node_cmp);
}

struct dns_node *dns_zone_before(const struct reed_dns_zone *zone, const uint8_t *wire)
{
	size_t low = 0, high = zone->order_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (wire_cmp(zone->order[middle]->wire, wire) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? zone->order[low - 1] : NULL;
}

enum reed_err dns_zone_index_denial(struct reed_dns_zone *zone, struct reed_fault **fault)
{
	gather_nsec3(zone);
	gather_nsec(zone);
	return read_param(zone, fault);
}
