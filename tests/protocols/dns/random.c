/* Random rdata: what is written follows the fields, what is in them does not matter. */

#include "random.h"

#include "check.h"
#include "protocols/dns/field.h"

static uint64_t state = 1;

void random_seed(uint64_t seed)
{
	state = seed;
}

uint64_t random_next(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

unsigned random_below(unsigned n)
{
	return (unsigned)(random_next() % n);
}

/* Mostly letters; now and then anything. */
static uint8_t character(void)
{
	static const char plain[] = "abcdefghijkLMNOPQRSTUVWXYZ0123456789-_";

	uint8_t any = (uint8_t)random_next();

	/* Two that ldns does not escape, and one it takes for the origin when it is. */
	if (any == '"' || any == '$' || any == '@')
		any++;
	return random_below(16) ? (uint8_t)plain[random_below(sizeof(plain) - 1)] : any;
}

void random_name(struct reed_dns_name *name)
{
	static const char *const tails[] = { ".", "example.org.", "Example.ORG.", "net.",
		                             "a.b.c.d." };
	unsigned labels = random_below(5);

	check_int(reed_dns_name_parse(reed_slice_of(tails[random_below(5)]), NULL, name), REED_OK);
	for (unsigned i = 0; i < labels; i++) {
		unsigned n = 1 + (random_below(8) ? random_below(8) : random_below(63));
		char label[REED_DNS_LABEL_MAX];

		for (unsigned j = 0; j < n; j++)
			label[j] = (char)character();
		if (reed_dns_name_prepend(reed_slice(label, n), name, name))
			return;
	}
}

static size_t bytes(uint8_t *into, size_t n)
{
	for (size_t i = 0; i < n; i++)
		into[i] = (uint8_t)random_next();
	return n;
}

static size_t text(uint8_t *into, size_t n)
{
	for (size_t i = 0; i < n; i++)
		into[i] = character();
	return n;
}

static size_t name(uint8_t *into)
{
	struct reed_dns_name n;

	random_name(&n);
	memcpy(into, n.wire, n.n);
	return n.n;
}

static size_t bitmap(uint8_t *into)
{
	/* Names that ldns has and we have not, or the other way round. */
	static const uint16_t avoided[] = { 0,   23,  56,  57,  100, 101, 102, 103,  128,
		                            258, 259, 260, 261, 262, 263, 264, 32768 };
	size_t n = 0;

	for (unsigned window = 2 * random_below(2); window < 256; window += 2 + random_below(200)) {
		unsigned length = 1 + random_below(32);

		into[n] = (uint8_t)window;
		into[n + 1] = (uint8_t)length;
		bytes(into + n + 2, length);
		for (size_t i = 0; i < REED_COUNT(avoided); i++)
			if (avoided[i] >> 8 == window && (avoided[i] & 255U) / 8 < length)
				into[n + 2 + (avoided[i] & 255) / 8] &=
					(uint8_t) ~(0x80 >> (avoided[i] & 7));
		into[n + 1 + length] |= 0x10;
		n += 2 + length;
	}
	return n;
}

static size_t prefixes(uint8_t *into)
{
	size_t n = 0;

	for (unsigned i = random_below(4); i > 0; i--) {
		unsigned four = random_below(2), width = four ? 4 : 16,
			 length = random_below(width + 1);

		dns_put16(into + n, four ? 1 : 2);
		into[n + 2] = (uint8_t)random_below(width * 8 + 1);
		into[n + 3] = (uint8_t)(length | random_below(2) << 7);
		bytes(into + n + 4, length);
		if (length)
			into[n + 3 + length] |= 1;
		n += 4 + length;
	}
	return n;
}

static size_t place(uint8_t *into)
{
	into[0] = 0;
	for (unsigned i = 1; i < 4; i++)
		into[i] = (uint8_t)((1 + random_below(9)) << 4 | random_below(10));
	dns_put32(into + 4, UINT32_C(0x80000000) - 324000000 + random_below(648000001));
	dns_put32(into + 8, UINT32_C(0x80000000) - 648000000 + random_below(1296000001));
	bytes(into + 12, 4);
	return 16;
}

/* ldns prints what would need escapes without them. */
static size_t letters(uint8_t *into, size_t n)
{
	for (size_t i = 0; i < n; i++)
		into[i] = (uint8_t)('a' + random_below(26));
	return n;
}

static size_t value(unsigned key, uint8_t *into)
{
	size_t n;

	switch (key) {
	case SVCB_ALPN:
		n = letters(into + 1, 1 + random_below(8));
		into[0] = (uint8_t)n;
		return n + 1;
	case SVCB_NO_ALPN:
		return 0;
	case SVCB_PORT:
		return bytes(into, 2);
	case SVCB_IPV4:
		return bytes(into, 4 * (1 + random_below(3)));
	case SVCB_IPV6:
		return bytes(into, 16 * (1 + random_below(3)));
	case SVCB_DOHPATH:
		memcpy(into, "/q{?dns}", 8);
		return 8;
	default:
		return letters(into, 1 + random_below(20));
	}
}

static size_t params(uint8_t *into)
{
	size_t n = 0;

	for (unsigned key = 1 + random_below(3); key < 20; key += 1 + random_below(4)) {
		size_t length;

		if (key == 8) /* ohttp, which ldns does not know */
			continue;
		if (!n && random_below(2)) {
			/* This one is mandatory. */
			memcpy(into, "\0\0\0\2\0", 5);
			into[5] = (uint8_t)key;
			n = 6;
		}
		length = value(key, into + n + 4);
		dns_put16(into + n, key);
		dns_put16(into + n + 2, (unsigned)length);
		n += 4 + length;
	}
	return n;
}

static size_t gateway(const uint8_t *rdata, uint8_t *into)
{
	unsigned kind = rdata[1];

	return kind == 0   ? 0
	       : kind == 1 ? bytes(into, 4)
	       : kind == 2 ? bytes(into, 16)
	                   : name(into);
}

static size_t counted(uint8_t *into, unsigned least, bool plain)
{
	unsigned n = least + (random_below(8) ? random_below(20) : random_below(256 - least));

	into[0] = (uint8_t)n;
	return 1 + (plain ? text(into + 1, n) : bytes(into + 1, n));
}

static size_t data16(uint8_t *into)
{
	unsigned n = random_below(40);

	dns_put16(into, n);
	return 2 + bytes(into + 2, n);
}

static size_t hip(uint8_t *into)
{
	unsigned tag = 1 + random_below(20), key = 1 + random_below(60);

	into[0] = (uint8_t)tag;
	into[1] = (uint8_t)random_next();
	dns_put16(into + 2, key);
	return 4 + bytes(into + 4, tag + key);
}

static size_t several(enum field_kind kind, uint8_t *into)
{
	size_t n = 0;

	for (unsigned i = random_below(4) + (kind == FIELD_STRINGS); i > 0; i--)
		n += kind == FIELD_NAMES ? name(into + n) : counted(into + n, 0, true);
	return n;
}

static size_t fixed(enum field_kind kind, uint8_t *into)
{
	static const uint8_t sizes[] = {
		[FIELD_U8] = 1,        [FIELD_ALGORITHM] = 1, [FIELD_U16] = 2,    [FIELD_TYPE] = 2,
		[FIELD_CERT_TYPE] = 2, [FIELD_U32] = 4,       [FIELD_PERIOD] = 4, [FIELD_STAMP] = 4,
		[FIELD_A] = 4,         [FIELD_U48] = 6,       [FIELD_EUI48] = 6,  [FIELD_EUI64] = 8,
		[FIELD_ID64] = 8,      [FIELD_AAAA] = 16
	};

	if (kind == FIELD_TYPE) {
		dns_put16(into, 1 + random_below(16));
		return 2;
	}
	return kind == FIELD_LOC ? place(into) : bytes(into, sizes[kind]);
}

static size_t field(enum field_kind kind, const uint8_t *rdata, uint8_t *into)
{
	if (kind <= FIELD_LOC)
		return fixed(kind, into);
	if (dns_field_is_name(kind))
		return name(into);
	switch ((unsigned)kind) {
	case FIELD_STRING:
		return counted(into, 0, true);
	case FIELD_TAG:
		memcpy(into, "\5issue", 6);
		return 6;
	case FIELD_SALT:
		return counted(into, 0, false);
	case FIELD_HASH:
		/* Of SHA-1, the only one there is; ldns wants multiples of five. */
		into[0] = 20;
		return 1 + bytes(into + 1, 20);
	case FIELD_DATA16:
		return data16(into);
	case FIELD_GATEWAY:
		return gateway(rdata, into);
	case FIELD_HIP:
		return hip(into);
	case FIELD_NAMES:
	case FIELD_STRINGS:
		return several(kind, into);
	case FIELD_TEXT:
		return text(into, 1 + random_below(100));
	case FIELD_TYPES:
		return bitmap(into);
	case FIELD_PREFIXES:
		return prefixes(into);
	case FIELD_PARAMS:
		return params(into);
	default:
		return bytes(into, 1 + random_below(100));
	}
}

size_t random_rdata(uint16_t type, uint8_t into[4096])
{
	const uint8_t *kinds = dns_fields(type);
	size_t n = 0;

	for (; *kinds; kinds++) {
		n += field((enum field_kind) * kinds, into, into + n);
		if (type == REED_DNS_TYPE_IPSECKEY && n == 2)
			into[1] %= 4;
	}
	return n;
}

size_t random_types(uint16_t types[128])
{
	size_t n = 0;

	for (unsigned type = 1; type < 65536; type++)
		if (dns_fields((uint16_t)type))
			types[n++] = (uint16_t)type;
	check(n < 128);
	return n;
}
