#include "reed/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>

/* RFC 4007 11.2: the zone is a number, or the name of an interface */
static bool parse_zone(struct reed_slice zone, uint32_t *id)
{
	char name[IF_NAMESIZE];
	uint64_t number;

	if (!reed_slice_u64(zone, UINT32_MAX, &number)) {
		*id = (uint32_t)number;
		return true;
	}
	if (!reed_slice_copy(name, sizeof(name), zone))
		return false;
	*id = if_nametoindex(name);
	return *id != 0;
}

enum reed_err reed_address_parse(struct reed_slice text, uint16_t port,
                                 struct reed_address *address)
{
	char digits[INET6_ADDRSTRLEN];
	struct reed_address a = { .port = port };
	struct reed_slice zone = text, host = reed_slice_cut(&zone, '%');
	bool zoned = host.n < text.n;

	/* what stands behind a NUL would be seen by some and not by others */
	if (reed_slice_find(text, '\0') < text.n || !reed_slice_copy(digits, sizeof(digits), host))
		return REED_ESYNTAX;
	if (!zoned && inet_pton(AF_INET, digits, a.ip) == 1)
		a.family = REED_FAMILY_IPV4;
	else if (inet_pton(AF_INET6, digits, a.ip) == 1)
		a.family = REED_FAMILY_IPV6;
	else
		return REED_ESYNTAX;
	if (zoned && !parse_zone(zone, &a.scope_id))
		return REED_ESYNTAX;
	*address = a;
	return REED_OK;
}

enum reed_err reed_address_read(struct reed_slice text, struct reed_address *address)
{
	struct reed_slice host, port = text;
	bool brackets = reed_slice_starts(text, REED_STR("["));
	uint64_t number;

	if (brackets)
		port = reed_slice_from(text, 1);
	host = reed_slice_cut(&port, brackets ? ']' : ':');
	if (brackets && !reed_slice_starts(port, REED_STR(":")))
		return REED_ESYNTAX;
	if (reed_slice_u64(reed_slice_from(port, brackets), 65535, &number) ||
	    reed_address_parse(host, (uint16_t)number, address) ||
	    brackets != (address->family == REED_FAMILY_IPV6))
		return REED_ESYNTAX;
	return REED_OK;
}

const char *reed_address_host(const struct reed_address *a, char text[REED_ADDRESS_TEXT])
{
	size_t n;

	switch (a->family) {
	case REED_FAMILY_IPV4:
		inet_ntop(AF_INET, a->ip, text, REED_ADDRESS_TEXT);
		break;
	case REED_FAMILY_IPV6:
		inet_ntop(AF_INET6, a->ip, text, REED_ADDRESS_TEXT);
		n = strlen(text);
		if (a->scope_id)
			snprintf(text + n, REED_ADDRESS_TEXT - n, "%%%u", a->scope_id);
		break;
	case REED_FAMILY_UNIX:
		snprintf(text, REED_ADDRESS_TEXT, "unix:%s", a->path);
		break;
	case REED_FAMILY_NONE:
		snprintf(text, REED_ADDRESS_TEXT, "local");
		break;
	}
	return text;
}

const char *reed_address_text(const struct reed_address *a, char text[REED_ADDRESS_TEXT])
{
	char host[REED_ADDRESS_TEXT];

	reed_address_host(a, host);
	if (a->family == REED_FAMILY_IPV4)
		snprintf(text, REED_ADDRESS_TEXT, "%.100s:%u", host, a->port);
	else if (a->family == REED_FAMILY_IPV6)
		snprintf(text, REED_ADDRESS_TEXT, "[%.100s]:%u", host, a->port);
	else
		memcpy(text, host, sizeof(host));
	return text;
}

bool reed_address_is_loopback(const struct reed_address *a)
{
	static const unsigned char v6[16] = { [15] = 1 };

	switch (a->family) {
	case REED_FAMILY_IPV4:
		return a->ip[0] == 127;
	case REED_FAMILY_IPV6:
		return memcmp(a->ip, v6, 16) == 0;
	case REED_FAMILY_UNIX:
	case REED_FAMILY_NONE:
		return true;
	}
	return false;
}

bool reed_address_eq(const struct reed_address *a, const struct reed_address *b)
{
	return a->family == b->family && a->port == b->port && a->scope_id == b->scope_id &&
	       memcmp(a->ip, b->ip, sizeof(a->ip)) == 0 && strcmp(a->path, b->path) == 0;
}

void reed_address_unmap(struct reed_address *a)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (a->family != REED_FAMILY_IPV6 || memcmp(a->ip, mapped, 12) != 0)
		return;
	a->family = REED_FAMILY_IPV4;
	memmove(a->ip, a->ip + 12, 4);
	memset(a->ip + 4, 0, 12);
}

/* ---- prefixes ---- */

static unsigned bits_of(enum reed_family family)
{
	return family == REED_FAMILY_IPV4 ? 32 : family == REED_FAMILY_IPV6 ? 128 : 0;
}

void reed_prefix_of(const struct reed_address *address, unsigned bits, struct reed_prefix *prefix)
{
	unsigned most = bits_of(address->family);

	*prefix = (struct reed_prefix){ .address.family = address->family,
		                        .bits = bits < most ? bits : most };
	for (unsigned i = 0; i < prefix->bits; i++)
		prefix->address.ip[i / 8] |=
			(unsigned char)(address->ip[i / 8] & (0x80 >> (i % 8)));
}

enum reed_err reed_prefix_parse(struct reed_slice text, struct reed_prefix *prefix)
{
	struct reed_slice length = text, host = reed_slice_cut(&length, '/');
	struct reed_address address;
	uint64_t bits = 128;
	enum reed_err err = reed_address_parse(host, 0, &address);

	if (err)
		return err;
	if (host.n < text.n)
		err = reed_slice_u64(length, bits_of(address.family), &bits);
	if (!err)
		reed_prefix_of(&address, (unsigned)bits, prefix);
	return err;
}

bool reed_prefix_has(const struct reed_prefix *prefix, const struct reed_address *address)
{
	struct reed_address plain = *address;
	struct reed_prefix own;

	reed_address_unmap(&plain);
	reed_prefix_of(&plain, prefix->bits, &own);
	return plain.family == prefix->address.family && own.bits == prefix->bits &&
	       memcmp(own.address.ip, prefix->address.ip, sizeof(own.address.ip)) == 0;
}

/* ---- what is no place in the Internet (RFC 6890) ---- */

/* IPv4, its first bytes. */
static const struct {
	unsigned char ip[4], bits;
} not_global[] = {
	{ { 0 }, 8 },             /* this network */
	{ { 10 }, 8 },            /* private: RFC 1918 */
	{ { 100, 64 }, 10 },      /* of providers: RFC 6598 */
	{ { 127 }, 8 },           /* this host */
	{ { 169, 254 }, 16 },     /* this link; where clouds tell secrets */
	{ { 172, 16 }, 12 },      /* private */
	{ { 192, 0, 0 }, 24 },    /* protocol assignments */
	{ { 192, 0, 2 }, 24 },    /* documents */
	{ { 192, 88, 99 }, 24 },  /* relays of 6to4: RFC 7526 */
	{ { 192, 168 }, 16 },     /* private */
	{ { 198, 18 }, 15 },      /* benchmarks: RFC 2544 */
	{ { 198, 51, 100 }, 24 }, /* documents */
	{ { 203, 0, 113 }, 24 },  /* documents */
	{ { 224 }, 3 },           /* multicast, reserved, broadcast */
};

static bool is_global_4(const struct reed_address *a)
{
	for (size_t i = 0; i < REED_COUNT(not_global); i++) {
		struct reed_prefix prefix = { .bits = not_global[i].bits };

		prefix.address.family = REED_FAMILY_IPV4;
		memcpy(prefix.address.ip, not_global[i].ip, 4);
		if (reed_prefix_has(&prefix, a))
			return false;
	}
	return true;
}

/* Of 2000::/3, all that has been given away, what is not for documents or IPv4 inside. */
static bool is_global_6(const unsigned char ip[16])
{
	unsigned first = (unsigned)ip[0] << 8 | ip[1], second = (unsigned)ip[2] << 8 | ip[3];

	if (first == 0x2001)
		return second >= 0x0200 && second != 0x0db8;           /* RFC 2928, 3849 */
	return first >> 13 == 1 && first != 0x2002 && first != 0x3fff; /* RFC 3056, 9637 */
}

bool reed_address_is_global(const struct reed_address *address)
{
	struct reed_address plain = *address;

	reed_address_unmap(&plain);
	switch (plain.family) {
	case REED_FAMILY_IPV4:
		return is_global_4(&plain);
	case REED_FAMILY_IPV6:
		return is_global_6(plain.ip);
	case REED_FAMILY_UNIX:
	case REED_FAMILY_NONE:
		return false;
	}
	return false;
}
