/* Names and addresses that mean something of their own. */

#include "resolve.h"

#include "reed/dns/rdata.h"

enum { LOCAL_TTL = 10800, IPV4_HINT = 4, IPV6_HINT = 6 };

/* ---- names ---- */

struct special {
	const char *name;
	bool from_root; /* only when there is nobody behind us who may know better */
};

/* RFC 6761, RFC 7686, RFC 8375, RFC 6762 22.1; RFC 6303 4.1 to 4.5. */
static const struct special specials[] = {
	{ "invalid", false },
	{ "onion", false },
	{ "test", true },
	{ "local", true },
	{ "home.arpa", true },
	{ "internal", true },
	{ "10.in-addr.arpa", true },
	{ "168.192.in-addr.arpa", true },
	{ "254.169.in-addr.arpa", true },
	{ "127.in-addr.arpa", true },
	{ "0.in-addr.arpa", true },
	{ "2.0.192.in-addr.arpa", true },
	{ "d.f.ip6.arpa", true },
	{ "8.e.f.ip6.arpa", true },
	{ "9.e.f.ip6.arpa", true },
	{ "a.e.f.ip6.arpa", true },
	{ "b.e.f.ip6.arpa", true },
};

static bool is_under(const struct reed_dns_name *name, const char *text)
{
	struct reed_dns_name of;

	return !reed_dns_name_parse(reed_slice_of(text), NULL, &of) &&
	       reed_dns_name_is_under(name, &of);
}

static void add_loopback(const struct dns_key *key, struct reed_buf *pile)
{
	static const uint8_t ipv4[4] = { 127, 0, 0, 1 }, ipv6[16] = { [15] = 1 };
	struct dns_piece item = { .section = REED_DNS_ANSWER,
		                  .owner = key->name,
		                  .type = key->type,
		                  .ttl = LOCAL_TTL };

	if (key->type == REED_DNS_TYPE_A)
		item.rdata = reed_slice(ipv4, sizeof(ipv4));
	else if (key->type == REED_DNS_TYPE_AAAA)
		item.rdata = reed_slice(ipv6, sizeof(ipv6));
	else
		return;
	dns_pile_add(pile, &item);
}

/* 16.172.in-addr.arpa to 31.172.in-addr.arpa */
static bool is_172(const struct reed_dns_name *name)
{
	struct reed_slice label;
	uint64_t n;

	if (name->labels < 4 || !is_under(name, "172.in-addr.arpa"))
		return false;
	label = reed_dns_name_label(name, name->labels - 4u);
	return !reed_slice_u64(label, 31, &n) && n >= 16;
}

bool dns_special(const struct reed_dns_resolver *self, const struct dns_key *key,
                 struct reed_buf *pile, unsigned *rcode)
{
	*rcode = REED_DNS_RCODE_NOERROR;
	if (is_under(&key->name, "localhost")) {
		add_loopback(key, pile);
		return true;
	}
	*rcode = REED_DNS_RCODE_NXDOMAIN;
	if (!self->upstream_count && is_172(&key->name))
		return true;
	for (size_t i = 0; i < REED_COUNT(specials); i++)
		if ((!specials[i].from_root || !self->upstream_count) &&
		    is_under(&key->name, specials[i].name))
			return true;
	return false;
}

/* ---- addresses ---- */

static bool is_private4(const uint8_t *p)
{
	return p[0] == 0 || p[0] == 10 || p[0] == 127 || (p[0] == 172 && p[1] >> 4 == 1) ||
	       (p[0] == 192 && p[1] == 168) || (p[0] == 169 && p[1] == 254) ||
	       (p[0] == 100 && p[1] >> 6 == 1); /* RFC 6598 */
}

static bool is_private6(const uint8_t *p)
{
	static const uint8_t zero[15], mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t translated[12] = { 0, 0x64, 0xff, 0x9b }; /* RFC 6052 2.1 */

	if (memcmp(p, mapped, sizeof(mapped)) == 0 ||
	    memcmp(p, translated, sizeof(translated)) == 0)
		return is_private4(p + 12);
	return (memcmp(p, zero, sizeof(zero)) == 0 && p[15] <= 1) || (p[0] & 0xfe) == 0xfc ||
	       (p[0] == 0xfe && p[1] >> 6 >= 2);
}

/* RFC 9460 7.3: browsers go where the hints say. */
static bool has_private_hint(struct reed_slice rdata)
{
	struct reed_dns_name target;
	struct reed_slice params, value;
	uint16_t priority, key;

	if (reed_dns_svcb(rdata, &priority, &target, &params))
		return false;
	while (reed_dns_svcb_next(&params, &key, &value)) {
		const uint8_t *p = (const uint8_t *)value.p;
		size_t size = key == IPV4_HINT ? 4 : key == IPV6_HINT ? 16 : 0;

		for (size_t at = 0; size && at + size <= value.n; at += size)
			if (size == 4 ? is_private4(p + at) : is_private6(p + at))
				return true;
	}
	return false;
}

bool dns_is_private(uint16_t type, struct reed_slice rdata)
{
	const uint8_t *p = (const uint8_t *)rdata.p;

	if (type == REED_DNS_TYPE_SVCB || type == REED_DNS_TYPE_HTTPS)
		return has_private_hint(rdata);

	if (type == REED_DNS_TYPE_A && rdata.n == 4)
		return is_private4(p);
	return type == REED_DNS_TYPE_AAAA && rdata.n == 16 && is_private6(p);
}

/* ---- the root ---- */

/* a to m.root-servers.net, as of 2025. */
static const char *const roots[] = {
	"198.41.0.4",      "170.247.170.2",       "192.33.4.12",        "199.7.91.13",
	"192.203.230.10",  "192.5.5.241",         "192.112.36.4",       "198.97.190.53",
	"192.36.148.17",   "192.58.128.30",       "193.0.14.129",       "199.7.83.42",
	"202.12.27.33",    "2001:503:ba3e::2:30", "2801:1b8:10::b",     "2001:500:2::c",
	"2001:500:2d::d",  "2001:500:a8::e",      "2001:500:2f::f",     "2001:500:12::d0d",
	"2001:500:1::53",  "2001:7fe::53",        "2001:503:c27::2:30", "2001:7fd::1",
	"2001:500:9f::42", "2001:dc3::35",
};

size_t dns_root_hints(struct reed_address *into, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < REED_COUNT(roots) && n < room; i++)
		n += !reed_address_parse(reed_slice_of(roots[i]), 53, &into[n]);
	return n;
}
