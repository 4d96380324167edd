/* RRsets copied into an answer: their pointers are put right, their owners written once. */

#include "answer.h"

#include "lower.h"

enum { POINTER_MAX = 0x3fff };

struct dns_owner dns_owner_of(const struct dns_answer *a, const struct dns_node *node)
{
	const struct reed_dns_name *q = &a->question->name;
	unsigned at;

	if (node->labels > q->labels || node->n > q->n)
		return (struct dns_owner){ 0, node };
	at = q->n - node->n;
	if (node->labels != a->zone->name.labels &&
	    (!lower_eq(q->wire + at, node->wire, node->n) ||
	     reed_dns_name_label(q, q->labels - node->labels).p != (const char *)q->wire + at + 1))
		return (struct dns_owner){ 0, node };
	return dns_owner_at(REED_DNS_HEADER_SIZE + at);
}

bool dns_is_done(const struct dns_answer *a, const struct dns_rrset *set)
{
	for (unsigned i = 0; i < a->done_count; i++)
		if (a->done[i] == set)
			return true;
	return false;
}

/* Records of one owner, from their second byte on: pos is where byte 0 would be. */
static void put_bytes(struct dns_answer *a, const struct dns_rrset *set, size_t pos, unsigned owner)
{
	const uint8_t *bytes = dns_rrset_bytes(set);
	unsigned apex = POINTER_BITS | a->apex_at;

	memcpy(a->p + pos + 2, bytes + 2, set->size - 2);
	for (uint32_t i = 0; i < set->fix_count; i++)
		dns_put16(a->p + pos + set->fixes[i], apex);
	if (owner == REED_DNS_HEADER_SIZE)
		return;
	for (size_t at = RECORD_HEAD + dns_get16(bytes + 10); at < set->size;
	     at += RECORD_HEAD + dns_get16(bytes + at + 10))
		dns_put16(a->p + pos + at, POINTER_BITS | owner);
}

/* What a name has in front of the zone's. */
static size_t own_part(const struct dns_answer *a, const struct dns_node *node)
{
	return node->n - a->zone->name.n;
}

static size_t put_owner(struct dns_answer *a, struct dns_owner owner)
{
	size_t own = owner.at ? 0 : own_part(a, owner.node);

	if (own)
		memcpy(a->p + a->n, owner.node->wire, own);
	dns_put16(a->p + a->n + own, (unsigned)POINTER_BITS | (owner.at ? owner.at : a->apex_at));
	return own;
}

bool dns_put_set(struct dns_answer *a, enum reed_dns_section section, const struct dns_rrset *set,
                 struct dns_owner owner, unsigned *at)
{
	const struct dns_rrset *sigs = a->dnssec ? set->sigs : NULL;
	size_t own = owner.at ? 0 : own_part(a, owner.node);
	size_t total = own + set->size + (sigs ? sigs->size : 0);
	unsigned begin = (unsigned)a->n;

	if (dns_is_done(a, set))
		return true;
	if (total > a->limit - a->n || a->n > POINTER_MAX)
		return false;
	if (a->done_count < DONE_MAX)
		a->done[a->done_count++] = set;
	put_owner(a, owner);
	*at = begin + (unsigned)own;
	put_bytes(a, set, *at, owner.at ? owner.at : begin);
	a->n += own + set->size;
	a->counts[section] += (uint16_t)set->count;
	if (!sigs)
		return true;
	dns_put16(a->p + a->n, (unsigned)POINTER_BITS | (owner.at ? owner.at : begin));
	put_bytes(a, sigs, a->n, owner.at ? owner.at : begin);
	a->n += sigs->size;
	a->counts[section] += (uint16_t)sigs->count;
	return true;
}

bool dns_must_put_set(struct dns_answer *a, enum reed_dns_section section,
                      const struct dns_rrset *set, struct dns_owner owner, unsigned *at)
{
	unsigned ignored;

	if (!a->tc)
		a->tc = !dns_put_set(a, section, set, owner, at ? at : &ignored);
	return !a->tc;
}

/* ---- addresses ---- */

static bool is_at_or_under(const struct dns_node *node, const struct dns_node *top)
{
	while (node && node != top)
		node = node->parent;
	return node != NULL;
}

static void put_addresses(struct dns_answer *a, const struct dns_node *host, struct dns_owner owner,
                          bool needed)
{
	static const uint16_t types[] = { REED_DNS_TYPE_A, REED_DNS_TYPE_AAAA };
	unsigned at;

	for (unsigned i = 0; i < REED_COUNT(types); i++) {
		const struct dns_rrset *set = dns_node_set(host, types[i]);

		if (set && !dns_put_set(a, REED_DNS_ADDITIONAL, set, owner, &at) && needed)
			a->tc = true;
	}
}

void dns_put_hosts(struct dns_answer *a, const struct dns_rrset *set, unsigned at,
                   const struct dns_node *cut)
{
	for (unsigned i = 0; i < set->host_count && !a->tc; i++) {
		const struct dns_host *host = &set->hosts[i];
		bool needed = cut && is_at_or_under(host->node, cut);

		if (at + host->at > POINTER_MAX)
			return;
		put_addresses(a, host->node, dns_owner_at(at + host->at), needed);
	}
}
