/* Signatures of RRsets: what is signed, and in which form (RFC 4034 3.1.8.1, 6). */

#include "zone_key.h"

#include <stdlib.h>

#include "reed/alloc.h"

#include "field.h"
#include "lower.h"

enum { FIXED = 18 }; /* bytes of an RRSIG in front of the name */

enum reed_err reed_dns_rrsig_read(struct reed_slice rdata, struct reed_dns_rrsig *sig)
{
	const uint8_t *p = (const uint8_t *)rdata.p;

	if (rdata.n < FIXED || reed_dns_name_take(reed_slice_from(rdata, FIXED), &sig->signer))
		return REED_EPROTO;
	sig->type = (uint16_t)dns_get16(p);
	sig->algorithm = p[2];
	sig->labels = p[3];
	sig->ttl = dns_get32(p + 4);
	sig->expiration = dns_get32(p + 8);
	sig->inception = dns_get32(p + 12);
	sig->tag = (uint16_t)dns_get16(p + 16);
	sig->signature = reed_slice_from(rdata, FIXED + (size_t)sig->signer.n);
	return sig->signature.n && sig->signature.n <= REED_DNS_SIGNATURE_MAX ? REED_OK
	                                                                      : REED_EPROTO;
}

bool reed_dns_rrsig_in_time(const struct reed_dns_rrsig *sig, uint32_t now)
{
	return !reed_dns_serial_newer(sig->inception, now) &&
	       !reed_dns_serial_newer(now, sig->expiration) &&
	       !reed_dns_serial_newer(sig->inception, sig->expiration);
}

/* ---- the canonical form of a set ---- */

/* As bytes, the shorter first (RFC 4034 6.3). */
static int rdata_cmp(const void *a, const void *b)
{
	const struct reed_slice *x = a, *y = b;
	size_t n = x->n < y->n ? x->n : y->n;
	int order = n ? memcmp(x->p, y->p, n) : 0;

	return order ? order : (x->n > y->n) - (x->n < y->n);
}

enum reed_err dns_canonical(const struct reed_dns_rrset *set, struct dns_canonical *out)
{
	size_t total = 0, at = 0;

	*out = (struct dns_canonical){ 0 };
	if (set->count == 0 || set->count > REED_DNS_RRSET_MOST)
		return REED_ETOOBIG;
	for (size_t i = 0; i < set->count; i++)
		total += set->rdata[i].n;
	out->memory = reed_alloc_raw(set->count * sizeof(struct reed_slice) + total);
	out->rdata = (struct reed_slice *)(void *)out->memory;
	for (size_t i = 0; i < set->count; i++) {
		char *p = out->memory + set->count * sizeof(struct reed_slice) + at;

		reed_dns_rdata_canonical(set->type, set->rdata[i], p);
		out->rdata[i] = reed_slice(p, set->rdata[i].n);
		at += set->rdata[i].n;
	}
	if (set->count > 1)
		qsort(out->rdata, set->count, sizeof(struct reed_slice), rdata_cmp);
	for (size_t i = 0; i < set->count; i++)
		if (!i || rdata_cmp(&out->rdata[i], &out->rdata[out->count - 1]) != 0)
			out->rdata[out->count++] = out->rdata[i];
	return REED_OK;
}

void dns_canonical_finish(struct dns_canonical *c)
{
	reed_free(c->memory);
	*c = (struct dns_canonical){ 0 };
}

/* ---- what is signed ---- */

/* The owner, or the wildcard it came from: RFC 4035 5.3.2. */
static enum reed_err owner_of(const struct reed_dns_rrset *set, unsigned labels,
                              struct reed_dns_name *owner)
{
	*owner = *set->owner;
	reed_dns_name_lower(owner);
	if (labels + reed_dns_name_is_wild(owner) >= owner->labels)
		return labels <= owner->labels ? REED_OK : REED_EAUTH;
	reed_dns_name_suffix(owner, labels, owner);
	return reed_dns_name_prepend(REED_STR("*"), owner, owner);
}

/* Behind the RRSIG without its signature, which is in bytes already. */
static enum reed_err add_records(const struct reed_dns_rrset *set, const struct reed_slice *rdata,
                                 size_t count, unsigned labels, uint32_t ttl,
                                 struct reed_buf *bytes)
{
	struct reed_dns_name owner;
	uint8_t head[10];
	enum reed_err err = owner_of(set, labels, &owner);

	if (err)
		return err;
	dns_put16(head, set->type);
	dns_put16(head + 2, REED_DNS_CLASS_IN);
	dns_put32(head + 4, ttl);
	for (size_t i = 0; i < count; i++) {
		dns_put16(head + 8, (unsigned)rdata[i].n);
		reed_buf_add(bytes, reed_dns_name_wire(&owner));
		reed_buf_add(bytes, reed_slice(head, sizeof(head)));
		reed_buf_add(bytes, rdata[i]);
	}
	return bytes->err;
}

static size_t put_head(const struct reed_dns_rrsig *sig, uint8_t *p)
{
	dns_put16(p, sig->type);
	p[2] = sig->algorithm;
	p[3] = sig->labels;
	dns_put32(p + 4, sig->ttl);
	dns_put32(p + 8, sig->expiration);
	dns_put32(p + 12, sig->inception);
	dns_put16(p + 16, sig->tag);
	lower_copy(p + FIXED, sig->signer.wire, sig->signer.n);
	return FIXED + (size_t)sig->signer.n;
}

enum reed_err dns_sign_canonical(const struct reed_dns_rrset *set,
                                 const struct reed_dns_zone_key *key,
                                 const struct reed_dns_name *signer, uint32_t inception,
                                 uint32_t expiration, struct reed_buf *bytes,
                                 uint8_t into[REED_DNS_RRSIG_MAX], struct reed_slice *rrsig)
{
	struct reed_dns_rrsig sig = {
		.type = set->type,
		.tag = key->tag,
		.algorithm = key->algorithm,
		.labels = (uint8_t)(set->owner->labels - reed_dns_name_is_wild(set->owner)),
		.ttl = set->ttl,
		.expiration = expiration,
		.inception = inception,
		.signer = *signer,
	};
	size_t head = put_head(&sig, into), n = 0;
	enum reed_err err;

	reed_buf_clear(bytes);
	reed_buf_add(bytes, reed_slice(into, head));
	err = add_records(set, set->rdata, set->count, sig.labels, set->ttl, bytes);
	if (!err)
		err = dns_key_sign(key, reed_buf_slice(bytes), into + head, &n);
	*rrsig = reed_slice(into, head + n);
	return err;
}

enum reed_err reed_dns_rrset_sign(const struct reed_dns_rrset *set,
                                  const struct reed_dns_zone_key *key,
                                  const struct reed_dns_name *signer, uint32_t inception,
                                  uint32_t expiration, uint8_t into[REED_DNS_RRSIG_MAX],
                                  struct reed_slice *rrsig)
{
	struct reed_dns_rrset sorted = *set;
	struct dns_canonical canonical;
	struct reed_buf bytes = { 0 };
	enum reed_err err = dns_canonical(set, &canonical);

	if (err)
		return err;
	sorted.rdata = canonical.rdata;
	sorted.count = canonical.count;
	err = dns_sign_canonical(&sorted, key, signer, inception, expiration, &bytes, into, rrsig);
	reed_buf_finish(&bytes);
	dns_canonical_finish(&canonical);
	return err;
}

enum reed_err reed_dns_rrset_verify(const struct reed_dns_rrset *set,
                                    const struct reed_dns_rrsig *sig,
                                    const struct reed_dns_zone_key *key)
{
	uint8_t head[FIXED + REED_DNS_NAME_MAX];
	struct dns_canonical canonical;
	struct reed_buf bytes = { 0 };
	enum reed_err err;

	if (sig->type != set->type || sig->tag != key->tag || sig->algorithm != key->algorithm)
		return REED_EAUTH;
	err = dns_canonical(set, &canonical);
	if (err)
		return err;
	reed_buf_add(&bytes, reed_slice(head, put_head(sig, head)));
	err = add_records(set, canonical.rdata, canonical.count, sig->labels, sig->ttl, &bytes);
	if (!err)
		err = dns_key_verify(key, reed_buf_slice(&bytes), sig->signature);
	reed_buf_finish(&bytes);
	dns_canonical_finish(&canonical);
	return err;
}
