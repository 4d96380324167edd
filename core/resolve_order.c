/*
 * Which address is best (RFC 6724 6).
 *
 * Rules 3, 4 and 7 (deprecated, home and tunnelled addresses) are left out, and
 * 9 is for IPv6 only: how long the prefix of an IPv4 network is nobody tells
 * us, and a guess would undo the order a server rotates its answers in.
 */

#include <string.h>

#include "resolve_private.h"

/* ---- RFC 6724 2.1: the default policy ---- */

static const struct policy {
	unsigned char prefix[16];
	int bits, precedence, label;
} policies[] = {
	{ { [15] = 1 }, 128, 50, 0 },                /* ::1 */
	{ { [10] = 0xff, [11] = 0xff }, 96, 35, 4 }, /* ::ffff:0:0/96 */
	{ { 0 }, 96, 1, 3 },                         /* ::/96 */
	{ { 0x20, 0x01 }, 32, 5, 5 },                /* 2001::/32 */
	{ { 0x20, 0x02 }, 16, 30, 2 },               /* 2002::/16 */
	{ { 0x3f, 0xfe }, 16, 1, 12 },               /* 3ffe::/16 */
	{ { 0xfe, 0xc0 }, 10, 1, 11 },               /* fec0::/10 */
	{ { 0xfc }, 7, 3, 13 },                      /* fc00::/7 */
	{ { 0 }, 0, 40, 1 },                         /* everything else */
};

static int common_bits(const unsigned char *a, const unsigned char *b)
{
	for (int i = 0; i < 16; i++) {
		int n = 0;

		if (a[i] == b[i])
			continue;
		while (!((a[i] ^ b[i]) & (0x80 >> n)))
			n++;
		return i * 8 + n;
	}
	return 128;
}

/* IPv4 goes as ::ffff:a.b.c.d. */
static void as_v6(const struct reed_address *a, unsigned char ip[16])
{
	if (a->family == REED_FAMILY_IPV6) {
		memcpy(ip, a->ip, 16);
		return;
	}
	memset(ip, 0, 16);
	ip[10] = ip[11] = 0xff;
	memcpy(ip + 12, a->ip, 4);
}

static const struct policy *policy_of(const struct reed_address *a)
{
	const struct policy *p = policies;
	unsigned char ip[16];

	as_v6(a, ip);
	while (common_bits(ip, p->prefix) < p->bits)
		p++;
	return p;
}

enum { SCOPE_LINK = 2, SCOPE_SITE = 5, SCOPE_GLOBAL = 14 };

/* RFC 6724 3.1 and 3.2 */
static int scope_of(const struct reed_address *a)
{
	const unsigned char *ip = a->ip;

	if (a->family == REED_FAMILY_IPV4)
		return ip[0] == 127 || (ip[0] == 169 && ip[1] == 254) ? SCOPE_LINK : SCOPE_GLOBAL;
	if (ip[0] == 0xff)
		return ip[1] & 15;
	if (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80)
		return SCOPE_LINK;
	if (ip[0] == 0xfe && (ip[1] & 0xc0) == 0xc0)
		return SCOPE_SITE;
	return reed_address_is_loopback(a) ? SCOPE_LINK : SCOPE_GLOBAL;
}

/* RFC 6724 2.2: what identifies an interface is no part of the prefix. */
static int common_prefix(const struct reed_route *r)
{
	int n;

	if (r->to.family != REED_FAMILY_IPV6 || r->from.family != REED_FAMILY_IPV6)
		return 0;
	n = common_bits(r->to.ip, r->from.ip);
	return n < 64 ? n : 64;
}

/* How the rules see an address; a greater number is better in each. */
struct merits {
	int usable, scope_matches, label_matches, precedence, scope, prefix;
};

static struct merits merits_of(const struct reed_route *r)
{
	const struct policy *p = policy_of(&r->to);
	struct merits m = { .precedence = p->precedence, .scope = -scope_of(&r->to) };

	if (r->from.family == REED_FAMILY_NONE)
		return m;
	m.usable = 1;
	m.scope_matches = scope_of(&r->from) == scope_of(&r->to);
	m.label_matches = policy_of(&r->from)->label == p->label;
	m.prefix = common_prefix(r);
	return m;
}

struct ranked {
	struct reed_route route;
	struct merits merits;
};

static bool is_better(const struct ranked *a, const struct ranked *b)
{
	const struct merits *x = &a->merits, *y = &b->merits;

	if (x->usable != y->usable) /* rule 1 */
		return x->usable > y->usable;
	if (x->scope_matches != y->scope_matches) /* rule 2 */
		return x->scope_matches > y->scope_matches;
	if (x->label_matches != y->label_matches) /* rule 5 */
		return x->label_matches > y->label_matches;
	if (x->precedence != y->precedence) /* rule 6 */
		return x->precedence > y->precedence;
	if (x->scope != y->scope) /* rule 8 */
		return x->scope > y->scope;
	/* rule 9 */
	return a->route.to.family == b->route.to.family && x->prefix > y->prefix;
}

/* Rule 10: else they stay as they came. */
void reed_routes_sort(struct reed_route *routes, size_t count)
{
	struct ranked *all = reed_alloc(count * sizeof(*all) + 1);

	for (size_t i = 0; i < count; i++) {
		struct ranked r = { routes[i], merits_of(&routes[i]) };
		size_t at = i;

		for (; at > 0 && is_better(&r, &all[at - 1]); at--)
			all[at] = all[at - 1];
		all[at] = r;
	}
	for (size_t i = 0; i < count; i++)
		routes[i] = all[i].route;
	reed_free(all);
}

/* In a network that is make-believe every address is its own source: that leaves rules 6 and 8. */
void reed_addresses_sort(struct reed_loop *loop, struct reed_addresses *a)
{
	struct reed_route *routes;

	if (a->count < 2)
		return;
	routes = reed_alloc(a->count * sizeof(*routes));
	for (size_t i = 0; i < a->count; i++) {
		routes[i].to = routes[i].from = a->list[i];
		if (!loop->driver->net && !reed_os_source(&a->list[i], &routes[i].from))
			routes[i].from.family = REED_FAMILY_NONE;
	}
	reed_routes_sort(routes, a->count);
	for (size_t i = 0; i < a->count; i++)
		a->list[i] = routes[i].to;
	reed_free(routes);
}

void reed_addresses_add(struct reed_addresses *a, const struct reed_address *address)
{
	if (a->count % 4 == 0)
		a->list = reed_realloc(a->list, (a->count + 4) * sizeof(*a->list));
	a->list[a->count++] = *address;
}

void reed_addresses_finish(struct reed_addresses *a)
{
	reed_free(a->list);
	*a = (struct reed_addresses){ NULL, 0 };
}
