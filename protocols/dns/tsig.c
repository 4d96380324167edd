/* Signing messages and looking at signatures: RFC 8945. */

#include "reed/dns/tsig.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "reed/alloc.h"

#include "field.h"

enum {
	RECORD = 10,       /* type, class, TTL, length */
	FIXED = 16,        /* of rdata: time, fudge, size, original id, error, size of other */
	TIME = 6,          /* bytes of a time */
	LEAST_MAC = 10,    /* RFC 8945 5.2.2.1 */
	COUNT_AT = 10,     /* of the additional section, in the header */
	PENDING = 4 << 20, /* bytes of messages that are not signed */
};

/* What is in a TSIG record. */
struct record {
	struct reed_dns_name name, algorithm;
	uint64_t when;
	uint16_t fudge, original_id, error;
	struct reed_slice mac, other;
};

static const char *const digests[] = {
	[REED_DNS_HMAC_SHA256] = "SHA256",
	[REED_DNS_HMAC_SHA384] = "SHA384",
	[REED_DNS_HMAC_SHA512] = "SHA512",
	[REED_DNS_HMAC_SHA1] = "SHA1",
};

static size_t full_size(enum reed_dns_hmac hmac)
{
	static const uint8_t sizes[] = { 32, 48, 64, 20 };

	return sizes[hmac];
}

static struct reed_dns_name algorithm_name(enum reed_dns_hmac hmac)
{
	struct reed_dns_name name;

	reed_dns_name_parse(reed_slice_of(reed_dns_hmac_name(hmac)), NULL, &name);
	return name;
}

static uint64_t get48(const uint8_t *p)
{
	return (uint64_t)dns_get16(p) << 32 | dns_get32(p + 2);
}

static void put48(uint8_t *p, uint64_t value)
{
	dns_put16(p, (unsigned)(value >> 32) & 0xffff);
	dns_put32(p + 2, (uint32_t)value);
}

/* ---- the record ---- */

static enum reed_err read_rdata(const uint8_t *p, size_t n, struct record *r)
{
	size_t mac, other;

	if (reed_dns_name_take(reed_slice(p, n), &r->algorithm) ||
	    n < (size_t)r->algorithm.n + FIXED)
		return REED_EPROTO;
	p += r->algorithm.n;
	n -= r->algorithm.n;
	r->when = get48(p);
	r->fudge = (uint16_t)dns_get16(p + 6);
	mac = dns_get16(p + 8);
	if (n < FIXED + mac)
		return REED_EPROTO;
	r->mac = reed_slice(p + 10, mac);
	p += 10 + mac;
	r->original_id = (uint16_t)dns_get16(p);
	r->error = (uint16_t)dns_get16(p + 2);
	other = dns_get16(p + 4);
	r->other = reed_slice(p + 6, other);
	return n == FIXED + mac + other ? REED_OK : REED_EPROTO;
}

/* RFC 8945 4.2: of class ANY, with a TTL of 0. */
static enum reed_err read_record(const struct reed_dns_message *m, struct record *r)
{
	const uint8_t *p = (const uint8_t *)m->bytes.p;
	size_t at = m->tsig, n;

	if (reed_dns_name_read(m->bytes, &at, &r->name) || m->bytes.n - at < RECORD)
		return REED_EPROTO;
	n = dns_get16(p + at + 8);
	if (dns_get16(p + at + 2) != REED_DNS_CLASS_ANY || dns_get32(p + at + 4) != 0 ||
	    m->bytes.n - at - RECORD < n)
		return REED_EPROTO;
	return read_rdata(p + at + RECORD, n, r);
}

/* ---- the digest ---- */

static void add16(struct reed_buf *b, unsigned value)
{
	uint8_t p[2];

	dns_put16(p, value);
	reed_buf_add(b, reed_slice(p, sizeof(p)));
}

static void add48(struct reed_buf *b, uint64_t value)
{
	uint8_t p[TIME];

	put48(p, value);
	reed_buf_add(b, reed_slice(p, sizeof(p)));
}

static void add_name(struct reed_buf *b, struct reed_dns_name name)
{
	reed_dns_name_lower(&name);
	reed_buf_add(b, reed_dns_name_wire(&name));
}

/* The message without its TSIG record, under the id it was signed with. */
static void add_message(struct reed_buf *b, const uint8_t *p, size_t n, uint16_t id, bool has_tsig)
{
	uint8_t head[REED_DNS_HEADER_SIZE];

	memcpy(head, p, sizeof(head));
	dns_put16(head, id);
	dns_put16(head + COUNT_AT, dns_get16(head + COUNT_AT) - (has_tsig ? 1U : 0));
	reed_buf_add(b, reed_slice(head, sizeof(head)));
	reed_buf_add(b, reed_slice(p + sizeof(head), n - sizeof(head)));
}

/* RFC 8945 4.3.3; of a later message of an answer the times alone (5.3.1). */
static void add_variables(struct reed_buf *b, const struct record *r, bool timers)
{
	static const uint8_t any[6] = { 0, REED_DNS_CLASS_ANY };

	if (!timers) {
		add_name(b, r->name);
		reed_buf_add(b, reed_slice(any, sizeof(any)));
		add_name(b, r->algorithm);
	}
	add48(b, r->when);
	add16(b, r->fudge);
	if (timers)
		return;
	add16(b, r->error);
	add16(b, (unsigned)r->other.n);
	reed_buf_add(b, r->other);
}

static void add_mac(struct reed_buf *b, const struct reed_dns_tsig *self)
{
	if (!self->mac_size)
		return;
	add16(b, self->mac_size);
	reed_buf_add(b, reed_slice(self->mac, self->mac_size));
}

static void digest(const struct reed_dns_key *key, struct reed_slice bytes,
                   uint8_t mac[REED_DNS_MAC_MAX])
{
	unsigned size = REED_DNS_MAC_MAX;
	EVP_MD *md = EVP_MD_fetch(NULL, digests[key->hmac], NULL);

	HMAC(md, key->secret, key->n, (const uint8_t *)bytes.p, bytes.n, mac, &size);
	EVP_MD_free(md);
}

/* p has n bytes without the record. */
static void compute(const struct reed_dns_tsig *self, const uint8_t *p, size_t n, bool has_tsig,
                    const struct record *r, uint8_t mac[REED_DNS_MAC_MAX])
{
	struct reed_buf b = { 0 };

	add_mac(&b, self);
	reed_buf_add(&b, reed_buf_slice(&self->pending));
	add_message(&b, p, n, r->original_id, has_tsig);
	add_variables(&b, r, self->count > 0);
	digest(&self->key, reed_buf_slice(&b), mac);
	reed_buf_finish(&b);
}

static void remember(struct reed_dns_tsig *self, const void *mac, size_t n)
{
	self->mac_size = (uint16_t)n;
	memcpy(self->mac, mac, n);
}

/* ---- sending ---- */

void reed_dns_tsig_begin(struct reed_dns_tsig *self, const struct reed_dns_key *key)
{
	*self = (struct reed_dns_tsig){ .fudge = REED_DNS_FUDGE };
	if (!key)
		return;
	self->present = true;
	self->key = *key;
	self->algorithm = algorithm_name(key->hmac);
}

void reed_dns_tsig_finish(struct reed_dns_tsig *self)
{
	reed_buf_finish(&self->pending);
	OPENSSL_cleanse(self->key.secret, sizeof(self->key.secret));
	*self = (struct reed_dns_tsig){ 0 };
}

size_t reed_dns_tsig_size(const struct reed_dns_tsig *self)
{
	if (!self->present)
		return 0;
	return self->key.name.n + RECORD + self->algorithm.n + FIXED + REED_DNS_MAC_MAX + TIME;
}

/* RFC 8945 5.2: who does not know the key, or whether it is the key, cannot sign with it. */
static bool can_sign(const struct reed_dns_tsig *self)
{
	return self->key.n && self->error != REED_DNS_RCODE_BADKEY &&
	       self->error != REED_DNS_RCODE_BADSIG;
}

static size_t put_record(const struct record *r, uint8_t *p)
{
	uint8_t *at = p;

	memcpy(at, r->name.wire, r->name.n);
	at += r->name.n;
	dns_put16(at, REED_DNS_TYPE_TSIG);
	dns_put16(at + 2, REED_DNS_CLASS_ANY);
	dns_put32(at + 4, 0);
	dns_put16(at + 8, (unsigned)(r->algorithm.n + FIXED + r->mac.n + r->other.n));
	at += RECORD;
	memcpy(at, r->algorithm.wire, r->algorithm.n);
	at += r->algorithm.n;
	put48(at, r->when);
	dns_put16(at + 6, r->fudge);
	dns_put16(at + 8, (unsigned)r->mac.n);
	memcpy(at + 10, r->mac.p, r->mac.n);
	at += 10 + r->mac.n;
	dns_put16(at, r->original_id);
	dns_put16(at + 2, r->error);
	dns_put16(at + 4, (unsigned)r->other.n);
	memcpy(at + 6, r->other.p, r->other.n);
	return (size_t)(at - p) + 6 + r->other.n;
}

/* BADTIME tells our time, and is signed with that of the query (RFC 8945 5.2.3). */
static struct record record_to_send(const struct reed_dns_tsig *self, const uint8_t *p,
                                    uint64_t now, uint8_t other[TIME])
{
	struct record r = {
		.name = self->key.name,
		.algorithm = self->algorithm,
		.when = self->error ? self->when : now,
		.fudge = self->fudge,
		.original_id = (uint16_t)dns_get16(p),
		.error = self->error,
		.mac = reed_slice("", 0),
		.other = reed_slice("", 0),
	};

	if (self->error == REED_DNS_RCODE_BADTIME) {
		put48(other, now);
		r.other = reed_slice(other, TIME);
	}
	return r;
}

enum reed_err reed_dns_tsig_sign(struct reed_dns_tsig *self, uint8_t *p, size_t *n, size_t room,
                                 uint64_t now)
{
	uint8_t mac[REED_DNS_MAC_MAX], other[TIME];
	struct record r;

	if (!self->present)
		return REED_OK;
	if (*n > room || room - *n < reed_dns_tsig_size(self))
		return REED_ETOOBIG;
	r = record_to_send(self, p, now, other);
	if (can_sign(self)) {
		compute(self, p, *n, false, &r, mac);
		r.mac = reed_slice(mac, full_size(self->key.hmac));
		remember(self, mac, r.mac.n);
	}
	*n += put_record(&r, p + *n);
	dns_put16(p + COUNT_AT, dns_get16(p + COUNT_AT) + 1);
	self->count += self->answering;
	return REED_OK;
}

/* ---- receiving ---- */

/* 0, FORMERR, or BADTRUNC (RFC 8945 5.2.2.1). */
static unsigned judge_size(const struct reed_dns_key *key, size_t n)
{
	size_t full = full_size(key->hmac), least = full / 2 > LEAST_MAC ? full / 2 : LEAST_MAC;
	size_t wanted = key->mac_least ? key->mac_least : full;

	if (n > full || n < least)
		return REED_DNS_RCODE_FORMERR;
	return n < wanted ? REED_DNS_RCODE_BADTRUNC : 0;
}

static bool is_in_time(const struct record *r, uint64_t now)
{
	uint64_t apart = now > r->when ? now - r->when : r->when - now;

	return apart <= r->fudge;
}

/* 0 or an error of TSIG's, or FORMERR; in the order of RFC 8945 5.2. */
static unsigned judge(const struct reed_dns_tsig *self, const struct reed_dns_message *m,
                      const struct record *r, uint64_t now)
{
	uint8_t mac[REED_DNS_MAC_MAX];
	unsigned size = judge_size(&self->key, r->mac.n);

	if (size == REED_DNS_RCODE_FORMERR)
		return size;
	compute(self, (const uint8_t *)m->bytes.p, m->tsig, true, r, mac);
	if (CRYPTO_memcmp(mac, r->mac.p, r->mac.n) != 0)
		return REED_DNS_RCODE_BADSIG;
	if (!is_in_time(r, now))
		return REED_DNS_RCODE_BADTIME;
	return size;
}

unsigned reed_dns_tsig_take(struct reed_dns_tsig *self, const struct reed_dns_keys *keys,
                            const struct reed_dns_message *m, uint64_t now)
{
	const struct reed_dns_key *key;
	struct reed_dns_name algorithm;
	struct record r;
	unsigned error;

	*self = (struct reed_dns_tsig){ 0 };
	if (read_record(m, &r))
		return REED_DNS_RCODE_FORMERR;
	self->present = true;
	self->key.name = r.name;
	self->algorithm = r.algorithm;
	self->when = r.when;
	self->fudge = r.fudge;
	self->error = REED_DNS_RCODE_BADKEY;
	key = reed_dns_keys_find(keys, &r.name);
	if (!key)
		return REED_DNS_RCODE_NOTAUTH;
	algorithm = algorithm_name(key->hmac);
	if (!reed_dns_name_eq(&algorithm, &r.algorithm))
		return REED_DNS_RCODE_NOTAUTH;
	self->key = *key;
	error = judge(self, m, &r, now);
	self->answering = true;
	self->present = error != REED_DNS_RCODE_FORMERR;
	self->error = (uint16_t)error;
	if (self->present)
		remember(self, r.mac.p, r.mac.n);
	self->good = !error;
	return !error ? 0 : self->present ? REED_DNS_RCODE_NOTAUTH : error;
}

/* One between those that are signed (RFC 8945 5.3.1). */
static enum reed_err keep_unsigned(struct reed_dns_tsig *self, const struct reed_dns_message *m)
{
	if (self->count == 0 || ++self->unsigned_count > REED_DNS_UNSIGNED_MAX ||
	    reed_buf_held(&self->pending) + m->bytes.n > PENDING)
		return REED_EAUTH;
	reed_buf_add(&self->pending, m->bytes);
	return REED_OK;
}

/* What it says of ours: that it does not take it, or why. */
static bool is_refusal(const struct record *r)
{
	return r->error == REED_DNS_RCODE_BADKEY || r->error == REED_DNS_RCODE_BADSIG;
}

enum reed_err reed_dns_tsig_check(struct reed_dns_tsig *self, const struct reed_dns_message *m,
                                  uint64_t now)
{
	struct record r;

	if (!self->present)
		return m->tsig ? REED_EPROTO : REED_OK;
	if (!m->tsig)
		return keep_unsigned(self, m);
	if (read_record(m, &r))
		return REED_EPROTO;
	self->error = is_refusal(&r) ? r.error : REED_DNS_RCODE_BADKEY;
	if (is_refusal(&r) || !reed_dns_name_eq(&r.name, &self->key.name) ||
	    !reed_dns_name_eq(&r.algorithm, &self->algorithm))
		return REED_EAUTH;
	self->error =
		(uint16_t)judge(self, m, &r, r.error == REED_DNS_RCODE_BADTIME ? r.when : now);
	if (!self->error)
		self->error = r.error;
	if (self->error)
		return REED_EAUTH;
	remember(self, r.mac.p, r.mac.n);
	self->count++;
	self->unsigned_count = 0;
	reed_buf_clear(&self->pending);
	return REED_OK;
}
