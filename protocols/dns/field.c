/* The table, and the one walk over the fields it names. */

#include "field.h"

#define F(...) ((const uint8_t[]){ __VA_ARGS__, FIELD_END })

#define KEY F(FIELD_U16, FIELD_U8, FIELD_ALGORITHM, FIELD_BASE64)
#define DS  F(FIELD_U16, FIELD_ALGORITHM, FIELD_U8, FIELD_HEX)
#define SIG_ \
	FIELD_TYPE, FIELD_ALGORITHM, FIELD_U8, FIELD_PERIOD, FIELD_STAMP, FIELD_STAMP, FIELD_U16
#define TLSA    F(FIELD_U8, FIELD_U8, FIELD_U8, FIELD_HEX)
#define SVCB    F(FIELD_U16, FIELD_NAME_AS_IS, FIELD_PARAMS)
#define LOCATOR F(FIELD_U16, FIELD_ID64)

/* Types up to 109, and those from 249. */
static const uint8_t *const low[] = {
	[REED_DNS_TYPE_A] = F(FIELD_A),
	[REED_DNS_TYPE_NS] = F(FIELD_NAME),
	[REED_DNS_TYPE_MD] = F(FIELD_NAME),
	[REED_DNS_TYPE_MF] = F(FIELD_NAME),
	[REED_DNS_TYPE_CNAME] = F(FIELD_NAME),
	[REED_DNS_TYPE_SOA] = F(FIELD_NAME, FIELD_NAME, FIELD_U32, FIELD_PERIOD, FIELD_PERIOD,
	                        FIELD_PERIOD, FIELD_PERIOD),
	[REED_DNS_TYPE_MB] = F(FIELD_NAME),
	[REED_DNS_TYPE_MG] = F(FIELD_NAME),
	[REED_DNS_TYPE_MR] = F(FIELD_NAME),
	[REED_DNS_TYPE_PTR] = F(FIELD_NAME),
	[REED_DNS_TYPE_HINFO] = F(FIELD_STRING, FIELD_STRING),
	[REED_DNS_TYPE_MINFO] = F(FIELD_NAME, FIELD_NAME),
	[REED_DNS_TYPE_MX] = F(FIELD_U16, FIELD_NAME),
	[REED_DNS_TYPE_TXT] = F(FIELD_STRINGS),
	[REED_DNS_TYPE_RP] = F(FIELD_NAME_EXPAND, FIELD_NAME_EXPAND),
	[REED_DNS_TYPE_AFSDB] = F(FIELD_U16, FIELD_NAME_EXPAND),
	[REED_DNS_TYPE_X25] = F(FIELD_STRING),
	[REED_DNS_TYPE_RT] = F(FIELD_U16, FIELD_NAME_EXPAND),
	[REED_DNS_TYPE_SIG] = F(SIG_, FIELD_NAME_EXPAND, FIELD_BASE64),
	[REED_DNS_TYPE_KEY] = KEY,
	[REED_DNS_TYPE_PX] = F(FIELD_U16, FIELD_NAME_EXPAND, FIELD_NAME_EXPAND),
	[REED_DNS_TYPE_GPOS] = F(FIELD_STRING, FIELD_STRING, FIELD_STRING),
	[REED_DNS_TYPE_AAAA] = F(FIELD_AAAA),
	[REED_DNS_TYPE_LOC] = F(FIELD_LOC),
	[REED_DNS_TYPE_SRV] = F(FIELD_U16, FIELD_U16, FIELD_U16, FIELD_NAME_EXPAND),
	[REED_DNS_TYPE_NAPTR] = F(FIELD_U16, FIELD_U16, FIELD_STRING, FIELD_STRING, FIELD_STRING,
	                          FIELD_NAME_EXPAND),
	[REED_DNS_TYPE_KX] = F(FIELD_U16, FIELD_NAME_FOLD),
	[REED_DNS_TYPE_CERT] = F(FIELD_CERT_TYPE, FIELD_U16, FIELD_ALGORITHM, FIELD_BASE64),
	[REED_DNS_TYPE_DNAME] = F(FIELD_NAME_FOLD),
	[REED_DNS_TYPE_APL] = F(FIELD_PREFIXES),
	[REED_DNS_TYPE_DS] = DS,
	[REED_DNS_TYPE_SSHFP] = F(FIELD_U8, FIELD_U8, FIELD_HEX),
	[REED_DNS_TYPE_IPSECKEY] = F(FIELD_U8, FIELD_U8, FIELD_U8, FIELD_GATEWAY, FIELD_BASE64),
	[REED_DNS_TYPE_RRSIG] = F(SIG_, FIELD_NAME_FOLD, FIELD_BASE64),
	[REED_DNS_TYPE_NSEC] = F(FIELD_NAME_AS_IS, FIELD_TYPES),
	[REED_DNS_TYPE_DNSKEY] = KEY,
	[REED_DNS_TYPE_DHCID] = F(FIELD_BASE64),
	[REED_DNS_TYPE_NSEC3] =
		F(FIELD_U8, FIELD_U8, FIELD_U16, FIELD_SALT, FIELD_HASH, FIELD_TYPES),
	[REED_DNS_TYPE_NSEC3PARAM] = F(FIELD_U8, FIELD_U8, FIELD_U16, FIELD_SALT),
	[REED_DNS_TYPE_TLSA] = TLSA,
	[REED_DNS_TYPE_SMIMEA] = TLSA,
	[REED_DNS_TYPE_HIP] = F(FIELD_HIP, FIELD_NAMES),
	[REED_DNS_TYPE_TALINK] = F(FIELD_NAME_AS_IS, FIELD_NAME_AS_IS),
	[REED_DNS_TYPE_CDS] = DS,
	[REED_DNS_TYPE_CDNSKEY] = KEY,
	[REED_DNS_TYPE_OPENPGPKEY] = F(FIELD_BASE64),
	[REED_DNS_TYPE_CSYNC] = F(FIELD_U32, FIELD_U16, FIELD_TYPES),
	[REED_DNS_TYPE_ZONEMD] = F(FIELD_U32, FIELD_U8, FIELD_U8, FIELD_HEX),
	[REED_DNS_TYPE_SVCB] = SVCB,
	[REED_DNS_TYPE_HTTPS] = SVCB,
	[REED_DNS_TYPE_SPF] = F(FIELD_STRINGS),
	[REED_DNS_TYPE_NID] = LOCATOR,
	[REED_DNS_TYPE_L32] = F(FIELD_U16, FIELD_A),
	[REED_DNS_TYPE_L64] = LOCATOR,
	[REED_DNS_TYPE_LP] = F(FIELD_U16, FIELD_NAME_AS_IS),
	[REED_DNS_TYPE_EUI48] = F(FIELD_EUI48),
	[REED_DNS_TYPE_EUI64] = F(FIELD_EUI64),
	[REED_DNS_TYPE_TKEY] = F(FIELD_NAME_AS_IS, FIELD_STAMP, FIELD_STAMP, FIELD_U16, FIELD_U16,
	                         FIELD_DATA16, FIELD_DATA16),
	[REED_DNS_TYPE_TSIG] = F(FIELD_NAME_AS_IS, FIELD_U48, FIELD_U16, FIELD_DATA16, FIELD_U16,
	                         FIELD_U16, FIELD_DATA16),
	[REED_DNS_TYPE_URI] = F(FIELD_U16, FIELD_U16, FIELD_TEXT),
	[REED_DNS_TYPE_CAA] = F(FIELD_U8, FIELD_TAG, FIELD_TEXT),
	[REED_DNS_TYPE_AVC] = F(FIELD_STRINGS),
};

static const uint8_t *const dlv = DS;

/* Of those that always are as long. */
static const uint8_t sizes[] = {
	[FIELD_U8] = 1,        [FIELD_U16] = 2,  [FIELD_U32] = 4,   [FIELD_PERIOD] = 4,
	[FIELD_STAMP] = 4,     [FIELD_U48] = 6,  [FIELD_TYPE] = 2,  [FIELD_ALGORITHM] = 1,
	[FIELD_CERT_TYPE] = 2, [FIELD_A] = 4,    [FIELD_AAAA] = 16, [FIELD_EUI48] = 6,
	[FIELD_EUI64] = 8,     [FIELD_ID64] = 8, [FIELD_LOC] = 16,
};

const uint8_t *dns_fields(uint16_t type)
{
	if (type < REED_COUNT(low))
		return low[type];
	return type == REED_DNS_TYPE_DLV ? dlv : NULL;
}

void dns_walk(struct walk *w, uint16_t type, struct reed_slice rdata, const uint8_t *message)
{
	w->kinds = dns_fields(type);
	w->message = message;
	w->begin = w->p = (const uint8_t *)rdata.p;
	w->end = w->begin + rdata.n;
}

/* How much of what is left a name is; 0: none. */
static size_t name_size(const struct walk *w, enum field_kind kind)
{
	bool pointers = w->message && (kind == FIELD_NAME || kind == FIELD_NAME_EXPAND);
	const uint8_t *p = w->p;

	while (p < w->end && *p && *p <= REED_DNS_LABEL_MAX)
		p += *p + 1;
	if (p >= w->end)
		return 0;
	if (*p)
		p += pointers && *p >= 0xc0 ? 1 : w->end - p;
	return p < w->end && p - w->p < REED_DNS_NAME_MAX ? (size_t)(p - w->p) + 1 : 0;
}

static size_t names_size(struct walk w)
{
	const uint8_t *begin = w.p;

	while (w.p < w.end) {
		size_t n = name_size(&w, FIELD_NAME_AS_IS);

		if (!n)
			return SIZE_MAX;
		w.p += n;
	}
	return (size_t)(w.p - begin);
}

static size_t strings_size(const struct walk *w)
{
	const uint8_t *p = w->p;

	while (p < w->end)
		p += *p + 1;
	return p == w->end && p > w->p ? (size_t)(p - w->p) : SIZE_MAX;
}

/* RFC 4025 2.5: the byte in front of the one in front says what it is. */
static size_t gateway_size(const struct walk *w)
{
	static const uint8_t sizes_of[] = { 0, 4, 16 };
	unsigned kind = w->begin[1];
	size_t n;

	if (kind < REED_COUNT(sizes_of))
		return sizes_of[kind];
	n = kind == 3 ? name_size(w, FIELD_NAME_AS_IS) : 0;
	return n ? n : SIZE_MAX;
}

/* A tag or a key of no bytes could not be written as text; RFC 8005 5 has both. */
static size_t hip_size(const uint8_t *p, size_t left)
{
	if (left < 4 || !p[0] || !dns_get16(p + 2))
		return SIZE_MAX;
	return 4 + p[0] + dns_get16(p + 2);
}

static size_t counted_size(const struct walk *w, enum field_kind kind, size_t left)
{
	if (kind == FIELD_DATA16)
		return left < 2 ? SIZE_MAX : 2 + dns_get16(w->p);
	if (!left || (!*w->p && (kind == FIELD_TAG || kind == FIELD_HASH)))
		return SIZE_MAX;
	return 1 + *w->p;
}

static size_t rest_size(const struct walk *w, enum field_kind kind, size_t left)
{
	bool ok = true;

	if (kind == FIELD_TYPES)
		ok = dns_bitmap_ok(w->p, left);
	else if (kind == FIELD_PREFIXES)
		ok = dns_prefixes_ok(w->p, left);
	else if (kind == FIELD_PARAMS)
		ok = dns_params_ok(w->p, left);
	return ok ? left : SIZE_MAX;
}

static size_t field_size(const struct walk *w, enum field_kind kind)
{
	size_t left = (size_t)(w->end - w->p), n;

	if (kind < REED_COUNT(sizes))
		return kind == FIELD_LOC && left >= 16 && !dns_loc_ok(w->p) ? SIZE_MAX
		                                                            : sizes[kind];
	if (dns_field_is_name(kind)) {
		n = name_size(w, kind);
		return n ? n : SIZE_MAX;
	}
	if (kind <= FIELD_DATA16)
		return counted_size(w, kind, left);
	if (kind == FIELD_GATEWAY)
		return gateway_size(w);
	if (kind == FIELD_HIP)
		return hip_size(w->p, left);
	if (kind == FIELD_NAMES)
		return names_size(*w);
	if (kind == FIELD_STRINGS)
		return strings_size(w);
	return rest_size(w, kind, left);
}

enum reed_err dns_walk_next(struct walk *w, struct field *f)
{
	f->kind = (enum field_kind) * w->kinds;
	f->p = w->p;
	f->n = 0;
	if (f->kind == FIELD_END)
		return w->p == w->end ? REED_OK : REED_EPROTO;
	f->n = field_size(w, f->kind);
	if (f->n > (size_t)(w->end - w->p))
		return REED_EPROTO;
	w->p += f->n;
	w->kinds++;
	return REED_OK;
}
