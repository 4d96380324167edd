#include "deny.h"

#include "field.h"

static bool has(const struct dns_proof *p, uint16_t type)
{
	struct reed_slice bitmap;

	return !reed_dns_rdata_bitmap(p->type, p->rdata, &bitmap) &&
	       reed_dns_bitmap_has(bitmap, type);
}

/* It speaks for the parent's side of a delegation: RFC 6840 4.1. */
static bool is_cut(const struct dns_proof *p)
{
	return has(p, REED_DNS_TYPE_NS) && !has(p, REED_DNS_TYPE_SOA);
}

/* The record of the name itself: does it say that the type is not there? */
static void judge_match(const struct dns_proof *p, const struct reed_dns_name *name, uint16_t type,
                        struct dns_denied *d)
{
	bool ds = type == REED_DNS_TYPE_DS;

	if (has(p, type) || has(p, REED_DNS_TYPE_CNAME))
		return;
	if (ds && has(p, REED_DNS_TYPE_SOA) && name->labels)
		return; /* the child's, which does not know of its DS */
	if (!ds && is_cut(p))
		return;
	d->denial = DNS_DENY_TYPE;
	d->delegation = is_cut(p);
}

/* ---- NSEC ---- */

static struct reed_dns_name next_of(const struct dns_proof *p)
{
	struct reed_dns_name next = { 0 };

	reed_dns_name_take(p->rdata, &next);
	return next;
}

/* A name below one that is delegated or renamed is not its zone's to deny. */
static bool nsec_covers(const struct dns_proofs *proofs, const struct dns_proof *p,
                        const struct reed_dns_name *name)
{
	struct reed_dns_name next = next_of(p);

	if (!next.n || reed_dns_name_cmp(&p->owner, name) >= 0)
		return false;
	if (reed_dns_name_is_under(name, &p->owner) && (is_cut(p) || has(p, REED_DNS_TYPE_DNAME)))
		return false;
	return reed_dns_name_eq(&next, &proofs->zone) || reed_dns_name_cmp(name, &next) < 0;
}

static const struct dns_proof *nsec_at(const struct dns_proofs *proofs,
                                       const struct reed_dns_name *name)
{
	for (size_t i = 0; i < proofs->n; i++)
		if (proofs->all[i].type == REED_DNS_TYPE_NSEC &&
		    reed_dns_name_eq(&proofs->all[i].owner, name))
			return &proofs->all[i];
	return NULL;
}

static const struct dns_proof *nsec_over(const struct dns_proofs *proofs,
                                         const struct reed_dns_name *name)
{
	for (size_t i = 0; i < proofs->n; i++)
		if (proofs->all[i].type == REED_DNS_TYPE_NSEC &&
		    nsec_covers(proofs, &proofs->all[i], name))
			return &proofs->all[i];
	return NULL;
}

/* "*." in front of the last labels of the name; false: that is too long for a name. */
static bool wildcard(const struct reed_dns_name *name, unsigned labels, struct reed_dns_name *wild)
{
	reed_dns_name_suffix(name, labels, wild);
	return !reed_dns_name_prepend(REED_STR("*"), wild, wild);
}

/* How many labels of the name are there: those it has in common with its neighbours. */
static unsigned enclosed(const struct dns_proof *p, const struct reed_dns_name *name)
{
	struct reed_dns_name next = next_of(p);
	unsigned a = reed_dns_name_common(&p->owner, name), b = reed_dns_name_common(&next, name);

	return a > b ? a : b;
}

static void deny_nsec(const struct dns_proofs *proofs, const struct reed_dns_name *name,
                      uint16_t type, struct dns_denied *d)
{
	const struct dns_proof *p = nsec_at(proofs, name), *over;
	struct reed_dns_name next, wild;

	if (p) {
		judge_match(p, name, type, d);
		return;
	}
	over = nsec_over(proofs, name);
	if (!over)
		return;
	next = next_of(over);
	if (reed_dns_name_is_under(&next, name)) { /* there, for what is below it */
		d->denial = DNS_DENY_TYPE;
		return;
	}
	if (!wildcard(name, enclosed(over, name), &wild))
		return;
	p = nsec_at(proofs, &wild);
	if (p)
		judge_match(p, &wild, type, d);
	else if (nsec_over(proofs, &wild))
		d->denial = DNS_DENY_NAME;
}

/* ---- NSEC3 ---- */

struct nsec3 {
	uint8_t flags;
	unsigned iterations;
	struct reed_slice salt;
	const uint8_t *next;
	uint8_t hash[NSEC3_HASH];
};

/* False: not one of this zone that is understood (RFC 5155 8.1, 8.2). */
static bool read_nsec3(const struct dns_proofs *proofs, const struct dns_proof *p, struct nsec3 *n)
{
	const uint8_t *r = (const uint8_t *)p->rdata.p;

	if (p->type != REED_DNS_TYPE_NSEC3 || p->rdata.n < 6 || r[0] != 1 || r[1] > 1 ||
	    p->rdata.n < 6U + r[4] + NSEC3_HASH || r[5 + r[4]] != NSEC3_HASH)
		return false;
	n->flags = r[1];
	n->iterations = dns_get16(r + 2);
	n->salt = reed_slice(r + 5, r[4]);
	n->next = r + 6 + r[4];
	return p->owner.wire[0] == NSEC3_LABEL && p->owner.labels == proofs->zone.labels + 1U &&
	       dns_nsec3_read_label(p->owner.wire + 1, n->hash);
}

struct hashed {
	struct nsec3 like; /* which all of them are */
	uint8_t hash[NSEC3_HASH];
	bool good;
};

static bool hash_name(struct dns_proofs *proofs, const struct reed_dns_name *name, struct hashed *h)
{
	h->good = false;
	for (size_t i = 0; i < proofs->n && !h->good; i++)
		h->good = read_nsec3(proofs, &proofs->all[i], &h->like);
	if (!h->good)
		return false;
	proofs->too_many |= h->like.iterations > proofs->iterations;
	h->good = !proofs->too_many && proofs->hashes > 0;
	if (!h->good)
		return false;
	proofs->hashes--;
	dns_nsec3_hash(name->wire, h->like.iterations, h->like.salt, h->hash);
	return true;
}

static bool is_over(const struct nsec3 *n, const uint8_t *hash)
{
	bool after = memcmp(n->hash, hash, NSEC3_HASH) < 0,
	     before = memcmp(hash, n->next, NSEC3_HASH) < 0;

	return memcmp(n->hash, n->next, NSEC3_HASH) < 0 ? after && before : after || before;
}

/* The record of the name, or the one that covers it. */
static const struct dns_proof *find_nsec3(struct dns_proofs *proofs,
                                          const struct reed_dns_name *name, bool over,
                                          bool *opt_out)
{
	struct hashed h;
	struct nsec3 n;

	if (!hash_name(proofs, name, &h))
		return NULL;
	for (size_t i = 0; i < proofs->n; i++) {
		if (!read_nsec3(proofs, &proofs->all[i], &n) || n.iterations != h.like.iterations ||
		    !reed_slice_eq(n.salt, h.like.salt))
			continue;
		if (over ? !is_over(&n, h.hash) : memcmp(n.hash, h.hash, NSEC3_HASH) != 0)
			continue;
		if (opt_out)
			*opt_out |= n.flags & 1;
		return &proofs->all[i];
	}
	return NULL;
}

/* RFC 5155 8.3; how many labels of the name are there, or -1. */
static int enclosed3(struct dns_proofs *proofs, const struct reed_dns_name *name, bool *opt_out)
{
	struct reed_dns_name at;

	for (int labels = name->labels - 1; labels >= proofs->zone.labels; labels--) {
		const struct dns_proof *p;

		reed_dns_name_suffix(name, (unsigned)labels, &at);
		p = find_nsec3(proofs, &at, false, NULL);
		if (!p)
			continue;
		if (is_cut(p) || has(p, REED_DNS_TYPE_DNAME))
			return -1;
		reed_dns_name_suffix(name, (unsigned)labels + 1, &at);
		return find_nsec3(proofs, &at, true, opt_out) ? labels : -1;
	}
	return -1;
}

static void deny_nsec3(struct dns_proofs *proofs, const struct reed_dns_name *name, uint16_t type,
                       struct dns_denied *d)
{
	const struct dns_proof *p = find_nsec3(proofs, name, false, NULL);
	struct reed_dns_name wild;
	bool opt_out = false;
	int labels;

	if (p) {
		judge_match(p, name, type, d);
		return;
	}
	labels = enclosed3(proofs, name, &opt_out);
	if (labels < 0)
		return;
	if (opt_out && type == REED_DNS_TYPE_DS) { /* RFC 5155 8.6 */
		*d = (struct dns_denied){ DNS_DENY_TYPE, true, false };
		return;
	}
	if (!wildcard(name, (unsigned)labels, &wild))
		return;
	p = find_nsec3(proofs, &wild, false, NULL);
	if (p)
		judge_match(p, &wild, type, d);
	else if (find_nsec3(proofs, &wild, true, NULL))
		d->denial = DNS_DENY_NAME;
	d->opt_out = opt_out;
}

/* ---- either ---- */

void dns_deny(struct dns_proofs *proofs, const struct reed_dns_name *name, uint16_t type,
              struct dns_denied *denied)
{
	*denied = (struct dns_denied){ DNS_DENY_NOTHING, false, false };
	if (!reed_dns_name_is_under(name, &proofs->zone))
		return;
	deny_nsec(proofs, name, type, denied);
	if (denied->denial == DNS_DENY_NOTHING)
		deny_nsec3(proofs, name, type, denied);
}

bool dns_deny_wild(struct dns_proofs *proofs, const struct reed_dns_name *name, unsigned labels,
                   bool *opt_out)
{
	struct reed_dns_name closer;

	*opt_out = false;
	if (name->labels <= labels || !reed_dns_name_is_under(name, &proofs->zone))
		return false;
	reed_dns_name_suffix(name, labels + 1, &closer); /* RFC 5155 8.8 */
	return nsec_over(proofs, name) || find_nsec3(proofs, &closer, true, opt_out);
}
