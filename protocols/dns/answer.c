/* How a zone is asked: RFC 1034 4.3.2 as RFC 4592, 6672 and 8482 have it now. */

#include "answer.h"

static void put_negative_soa(struct dns_answer *a)
{
	dns_must_put_set(a, REED_DNS_AUTHORITY, a->zone->negative_soa, dns_owner_at(a->apex_at),
	                 NULL);
}

/* ---- aliases ---- */

/* From here on for the name at `at` of the message; false: the answer is complete. */
static bool follow(struct dns_answer *a, unsigned at)
{
	size_t end = at;

	if (++a->chain > CHAIN_MAX || reed_dns_name_read(reed_slice(a->p, a->n), &end, &a->alias) ||
	    !reed_dns_name_is_under(&a->alias, &a->zone->name))
		return false;
	a->name_at = at;
	a->name = &a->alias;
	a->path = &a->alias_path;
	dns_path_of(&a->alias_path, a->alias.wire);
	return true;
}

static bool follow_cname(struct dns_answer *a, const struct dns_rrset *set)
{
	unsigned at;

	if (dns_is_done(a, set)) /* they lead in a circle */
		return false;
	return dns_must_put_set(a, REED_DNS_ANSWER, set, dns_owner_at(a->name_at), &at) &&
	       follow(a, at + RECORD_HEAD);
}

/* The CNAME record that a DNAME record stands for (RFC 6672 3.1); false: it does not fit. */
static bool put_synthesized(struct dns_answer *a, const struct reed_dns_name *to, uint32_t ttl)
{
	uint8_t head[RECORD_HEAD];

	if (RECORD_HEAD + (size_t)to->n > a->limit - a->n) {
		a->tc = true;
		return false;
	}
	dns_put16(head, (unsigned)POINTER_BITS | a->name_at);
	dns_put16(head + 2, REED_DNS_TYPE_CNAME);
	dns_put16(head + 4, REED_DNS_CLASS_IN);
	dns_put32(head + 6, ttl);
	dns_put16(head + 10, to->n);
	memcpy(a->p + a->n, head, sizeof(head));
	memcpy(a->p + a->n + sizeof(head), to->wire, to->n);
	a->n += sizeof(head) + to->n;
	a->counts[REED_DNS_ANSWER]++;
	return true;
}

static bool follow_dname(struct dns_answer *a, const struct dns_node *node)
{
	const struct dns_rrset *set = dns_node_set(node, REED_DNS_TYPE_DNAME);
	struct reed_dns_name from, to;
	unsigned at = 0;

	if (dns_is_done(a, set) ||
	    !dns_must_put_set(a, REED_DNS_ANSWER, set, dns_owner_of(a, node), &at))
		return false;
	reed_dns_name_take(reed_slice(node->wire, node->n), &from);
	reed_dns_name_take(reed_slice(dns_rrset_bytes(set) + RECORD_HEAD, set->size - RECORD_HEAD),
	                   &to);
	if (reed_dns_name_replace(a->name, &from, &to, &to)) {
		a->yxdomain = true;
		return false;
	}
	at = (unsigned)a->n + RECORD_HEAD;
	if (!put_synthesized(a, &to, set->ttl))
		return false;
	/* who asked for just that has it */
	return a->type != REED_DNS_TYPE_CNAME && a->type != REED_DNS_TYPE_ANY && follow(a, at);
}

/* ---- a name that is there ---- */

/* One RRset is enough for those who ask for all (RFC 8482 4.1), and its signatures for RRSIG. */
static const struct dns_rrset *wanted(const struct dns_node *node, uint16_t type)
{
	const struct dns_rrset *set = node->sets;

	if (type == REED_DNS_TYPE_ANY)
		return set;
	if (type != REED_DNS_TYPE_RRSIG)
		return dns_node_set(node, type);
	while (set && !set->sigs)
		set = set->next;
	return set ? set->sigs : NULL;
}

static void note_wild(struct dns_answer *a, unsigned depth)
{
	if (!a->dnssec || a->wild_count == WILD_MAX)
		return;
	a->wild[a->wild_count].name = *a->name;
	a->wild[a->wild_count++].at = a->path->starts[depth - 1];
}

/* What follows the answers: that wildcards were right to be used. */
static void end_answers(struct dns_answer *a)
{
	for (unsigned i = 0; i < a->wild_count; i++)
		dns_deny_closer(a, &a->wild[i]);
	a->wild_count = 0;
}

static void answer_set(struct dns_answer *a, const struct dns_rrset *set, bool wild, unsigned depth)
{
	unsigned at = 0;

	if (wild)
		note_wild(a, depth);
	a->exact = !wild;
	dns_must_put_set(a, REED_DNS_ANSWER, set, dns_owner_at(a->name_at), &at);
	end_answers(a);
	if (set->host_count && at)
		dns_put_hosts(a, set, at, NULL);
}

/* False: the answer is complete.  encloser: node is its wildcard. */
static bool answer_node(struct dns_answer *a, const struct dns_node *node,
                        const struct dns_node *encloser, unsigned depth)
{
	const struct dns_rrset *set = wanted(node, a->type), *cname;

	a->aa = true;
	if (set) {
		answer_set(a, set, encloser != NULL, depth);
		return false;
	}
	/* what may stand beside an alias is looked for there only (RFC 4034 3 and 4) */
	cname = a->type == REED_DNS_TYPE_NSEC || a->type == REED_DNS_TYPE_RRSIG
	                ? NULL
	                : dns_node_set(node, REED_DNS_TYPE_CNAME);
	if (cname) {
		if (encloser)
			note_wild(a, depth);
		return follow_cname(a, cname);
	}
	put_negative_soa(a);
	if (encloser)
		dns_deny_wild_type(a, encloser, depth);
	else
		dns_deny_type(a, node);
	return false;
}

/* ---- and one that is not ---- */

static void refer(struct dns_answer *a, const struct dns_node *cut)
{
	const struct dns_rrset *ns = dns_node_set(cut, REED_DNS_TYPE_NS);
	const struct dns_rrset *ds = dns_node_set(cut, REED_DNS_TYPE_DS);
	unsigned at = 0;

	if (!dns_must_put_set(a, REED_DNS_AUTHORITY, ns, dns_owner_of(a, cut), &at))
		return;
	if (a->dnssec && ds && ds->sigs)
		dns_must_put_set(a, REED_DNS_AUTHORITY, ds, dns_owner_of(a, cut), NULL);
	else
		dns_deny_type(a, cut);
	end_answers(a);
	dns_put_hosts(a, ns, at, cut);
}

static const struct dns_node *dname_above(const struct dns_node *node, unsigned depth)
{
	const struct dns_node *found = NULL;

	if (depth == 0)
		node = node->parent; /* RFC 6672 2.3: not its own name */
	for (; node; node = node->parent)
		if (node->flags & NODE_DNAME)
			found = node;
	return found;
}

static bool answer_name(struct dns_answer *a)
{
	unsigned depth;
	const struct dns_node *node = dns_zone_encloser(a->zone, a->name->wire, a->path, &depth),
			      *dname;
	bool is_ds = a->type == REED_DNS_TYPE_DS && depth == 0 && node->cut == node;

	if (node->cut && !is_ds) {
		refer(a, node->cut);
		return false;
	}
	dname = a->zone->has_dname ? dname_above(node, depth) : NULL;
	if (dname) {
		a->aa = true;
		return follow_dname(a, dname);
	}
	if (depth == 0)
		return answer_node(a, node, NULL, 0);
	if (node->wild)
		return answer_node(a, node->wild, node, depth);
	a->aa = true;
	a->nxdomain = true;
	put_negative_soa(a);
	dns_deny_name(a, node, depth);
	return false;
}

void dns_answer(struct dns_answer *a, const struct dns_path *path)
{
	a->name = &a->question->name;
	a->path = path;
	a->name_at = REED_DNS_HEADER_SIZE;
	a->apex_at = REED_DNS_HEADER_SIZE + a->question->name.n - a->zone->name.n;
	while (answer_name(a))
		continue;
	end_answers(a);
}
