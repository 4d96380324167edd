/*
 * What the rdata of each type is made of.  The table in field.c drives
 * everything that is done with rdata: checking, expanding, compressing,
 * canonical form, order, text both ways.
 */

#ifndef REED_DNS_FIELD_H
#define REED_DNS_FIELD_H

#include "reed/dns/rdata.h"

enum field_kind {
	FIELD_END,
	FIELD_U8,
	FIELD_U16,
	FIELD_U32,
	FIELD_PERIOD, /* seconds in 32 bits, as 1h30m too */
	FIELD_STAMP,  /* seconds since 1970 in 32 bits, as YYYYMMDDHHmmSS: RFC 4034 3.2 */
	FIELD_U48,
	FIELD_TYPE,
	FIELD_ALGORITHM, /* of DNSSEC */
	FIELD_CERT_TYPE,
	FIELD_A,
	FIELD_AAAA,
	FIELD_EUI48,
	FIELD_EUI64,
	FIELD_ID64, /* four groups of 16 bits: RFC 6742 */
	FIELD_LOC,
	FIELD_NAME,        /* compressed, expanded, folded in canonical form: RFC 1035's types */
	FIELD_NAME_EXPAND, /* never compressed, yet expanded and folded: RFC 3597 4, RFC 4034 6.2 */
	FIELD_NAME_FOLD,   /* folded only */
	FIELD_NAME_AS_IS,  /* neither */
	FIELD_STRING,      /* one length byte */
	FIELD_TAG,         /* the same, as a word */
	FIELD_SALT,        /* one length byte, as hexadecimal or "-" */
	FIELD_HASH,        /* one length byte, as base32hex */
	FIELD_DATA16,      /* two length bytes, as the length and base64: TSIG, TKEY */
	FIELD_GATEWAY,     /* of IPSECKEY */
	FIELD_HIP,         /* algorithm, tag and key of HIP */
	FIELD_NAMES,       /* these go to the end: names */
	FIELD_STRINGS,     /* one or more */
	FIELD_TEXT,        /* a string without a length */
	FIELD_HEX,
	FIELD_BASE64,
	FIELD_TYPES,    /* a bitmap: RFC 4034 4.1.2 */
	FIELD_PREFIXES, /* of APL */
	FIELD_PARAMS,   /* of SVCB */
};

/* A string of enum field_kind, ended by FIELD_END; NULL for a type that is not known. */
const uint8_t *dns_fields(uint16_t type);

struct field {
	enum field_kind kind;
	const uint8_t *p;
	size_t n;
};

struct walk {
	const uint8_t *kinds;
	const uint8_t *message; /* where pointers lead from; NULL: there are none */
	const uint8_t *begin, *p, *end;
};

/* NULL message: uncompressed.  The type must be known. */
void dns_walk(struct walk *w, uint16_t type, struct reed_slice rdata, const uint8_t *message);

/* The next field, FIELD_END behind the last; REED_EPROTO when it is not well-formed. */
enum reed_err dns_walk_next(struct walk *w, struct field *f);

static inline bool dns_field_is_name(enum field_kind kind)
{
	return kind >= FIELD_NAME && kind <= FIELD_NAME_AS_IS;
}

static inline unsigned dns_get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static inline uint32_t dns_get32(const uint8_t *p)
{
	return (uint32_t)dns_get16(p) << 16 | dns_get16(p + 2);
}

static inline void dns_put16(uint8_t *p, unsigned value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static inline void dns_put32(uint8_t *p, uint32_t value)
{
	dns_put16(p, value >> 16);
	dns_put16(p + 2, value & 0xffff);
}

/* The special ones: 0 and a fault, or how many bytes of p .. p + n they are. */
bool dns_bitmap_ok(const uint8_t *p, size_t n);
bool dns_prefixes_ok(const uint8_t *p, size_t n);
bool dns_params_ok(const uint8_t *p, size_t n);
bool dns_loc_ok(const uint8_t *p);

enum {
	SVCB_MANDATORY,
	SVCB_ALPN,
	SVCB_NO_ALPN,
	SVCB_PORT,
	SVCB_IPV4,
	SVCB_ECH,
	SVCB_IPV6,
	SVCB_DOHPATH
};

#endif
