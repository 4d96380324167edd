/* Proofs that something is not there: NSEC (RFC 4035 3.1.3) and NSEC3 (RFC 5155 7.2). */

#include "answer.h"

enum { WILD_SIZE = REED_DNS_NAME_MAX + 2 };

static bool wants_proof(const struct dns_answer *a)
{
	return a->dnssec && (a->zone->order_count || a->zone->has_nsec3);
}

static void put_proof(struct dns_answer *a, const struct dns_node *node, uint16_t type)
{
	const struct dns_rrset *set = node ? dns_node_set(node, type) : NULL;

	if (set)
		dns_must_put_set(a, REED_DNS_AUTHORITY, set, dns_owner_of(a, node), NULL);
}

/* ---- NSEC ---- */

/* The record that says there is nothing between it and the next. */
static void put_nsec(struct dns_answer *a, const uint8_t *wire)
{
	put_proof(a, dns_zone_before(a->zone, wire), REED_DNS_TYPE_NSEC);
}

/* "*" in front of a node's name; one that would be too long cannot be there anyhow. */
static const uint8_t *wild_name(const struct dns_node *node, uint8_t wire[WILD_SIZE])
{
	wire[0] = 1;
	wire[1] = '*';
	memcpy(wire + 2, node->wire, node->n);
	return node->n + 2 <= REED_DNS_NAME_MAX ? wire : node->wire;
}

/* ---- NSEC3 ---- */

static void put_match(struct dns_answer *a, const uint8_t *wire)
{
	uint8_t hash[NSEC3_HASH];

	if (dns_zone_hash(a->zone, wire, hash))
		put_proof(a, dns_zone_nsec3(a->zone, hash, false), REED_DNS_TYPE_NSEC3);
}

static void put_cover(struct dns_answer *a, const uint8_t *wire)
{
	uint8_t hash[NSEC3_HASH];

	if (dns_zone_hash(a->zone, wire, hash))
		put_proof(a, dns_zone_nsec3(a->zone, hash, true), REED_DNS_TYPE_NSEC3);
}

static const struct dns_node *match_of(const struct dns_answer *a, const uint8_t *wire)
{
	uint8_t hash[NSEC3_HASH];

	return dns_zone_hash(a->zone, wire, hash) ? dns_zone_nsec3(a->zone, hash, false) : NULL;
}

static const uint8_t *next_closer(const struct dns_answer *a, unsigned depth)
{
	return a->name->wire + a->path->starts[depth - 1];
}

/* Of a name without a record, as one below an opt-out may be (RFC 5155 7.2.4 and 7.2.7). */
static void put_provable_encloser(struct dns_answer *a, const struct dns_node *node)
{
	const struct dns_node *below = node;

	for (node = node->parent; node && !match_of(a, node->wire); node = node->parent)
		below = node;
	if (!node)
		return;
	put_match(a, node->wire);
	put_cover(a, below->wire);
}

/* ---- what is asked for ---- */

void dns_deny_type(struct dns_answer *a, const struct dns_node *node)
{
	if (!wants_proof(a))
		return;
	if (!a->zone->has_nsec3)
		put_nsec(a, node->wire); /* before it, when it has only names below */
	else if (match_of(a, node->wire))
		put_match(a, node->wire);
	else
		put_provable_encloser(a, node);
}

void dns_deny_name(struct dns_answer *a, const struct dns_node *encloser, unsigned depth)
{
	uint8_t wire[WILD_SIZE];

	if (!wants_proof(a))
		return;
	if (!a->zone->has_nsec3) {
		put_nsec(a, a->name->wire);
		put_nsec(a, wild_name(encloser, wire));
		return;
	}
	if (match_of(a, encloser->wire))
		put_match(a, encloser->wire);
	else
		put_provable_encloser(a, encloser);
	put_cover(a, next_closer(a, depth));
	put_cover(a, wild_name(encloser, wire));
}

void dns_deny_closer(struct dns_answer *a, const struct dns_closer *closer)
{
	if (!wants_proof(a))
		return;
	if (a->zone->has_nsec3)
		put_cover(a, closer->name.wire + closer->at);
	else
		put_nsec(a, closer->name.wire);
}

void dns_deny_wild_type(struct dns_answer *a, const struct dns_node *encloser, unsigned depth)
{
	if (!wants_proof(a))
		return;
	if (a->zone->has_nsec3) {
		put_match(a, encloser->wire);
		put_cover(a, next_closer(a, depth));
		put_match(a, encloser->wild->wire);
	} else {
		put_nsec(a, encloser->wild->wire);
		put_nsec(a, a->name->wire);
	}
}
