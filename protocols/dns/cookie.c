/* Cookies that servers of one secret know from each other: RFC 7873, RFC 9018. */

#include "reed/random.h"

#include "serve.h"

enum {
	VERSION = 1,
	OLDEST = 3600, /* RFC 9018 4.3, in seconds */
	AHEAD = 300,
	COOKIE_MIN = 16, /* RFC 7873 5.2.2 */
	COOKIE_MAX = 40,
};

static uint64_t rotate(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static void round_of(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static uint64_t little(const uint8_t *p, size_t n)
{
	uint64_t x = 0;

	while (n-- > 0)
		x = x << 8 | p[n];
	return x;
}

static void mix(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	round_of(v);
	round_of(v);
	v[0] ^= word;
}

/* SipHash-2-4 of Aumasson and Bernstein. */
uint64_t dns_siphash(const uint8_t key[16], const uint8_t *p, size_t n)
{
	uint64_t k0 = little(key, 8), k1 = little(key + 8, 8);
	uint64_t v[4] = { k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d),
		          k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573) };
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		mix(v, little(p + i, 8));
	mix(v, little(p + i, n - i) | (uint64_t)n << 56);
	v[2] ^= 0xff;
	for (i = 0; i < 4; i++)
		round_of(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void dns_cookie_hash(const uint8_t secret[SECRET], const uint8_t client[COOKIE_CLIENT],
                     const uint8_t head[8], const struct reed_address *address, uint8_t hash[8])
{
	size_t ip = address->family == REED_FAMILY_IPV4 ? 4 : 16;
	uint8_t bytes[COOKIE_CLIENT + 8 + 16];
	uint64_t value;

	memcpy(bytes, client, COOKIE_CLIENT);
	memcpy(bytes + COOKIE_CLIENT, head, 8);
	memcpy(bytes + COOKIE_CLIENT + 8, address->ip, ip);
	value = dns_siphash(secret, bytes, COOKIE_CLIENT + 8 + ip);
	for (unsigned i = 0; i < 8; i++)
		hash[i] = (uint8_t)(value >> 8 * i);
}

static bool is_ours(const struct dns_exchange *x, const uint8_t *client, const uint8_t *server,
                    uint32_t now)
{
	uint32_t age = now - dns_get32(server + 4);
	uint8_t hash[8];

	if (server[0] != VERSION || (age > OLDEST && age < (uint32_t)-AHEAD))
		return false;
	dns_cookie_hash(x->server->secret, client, server, x->client, hash);
	return memcmp(hash, server + 8, sizeof(hash)) == 0;
}

enum reed_err dns_cookie_take(struct dns_exchange *x, struct reed_slice data)
{
	const uint8_t *p = (const uint8_t *)data.p;
	uint32_t now = (uint32_t)(reed_wall(x->server->loop) / 1000000000);
	uint8_t *server = x->cookie + COOKIE_CLIENT;

	if (data.n != COOKIE_CLIENT && (data.n < COOKIE_MIN || data.n > COOKIE_MAX))
		return REED_EPROTO;
	if (x->client->family != REED_FAMILY_IPV4 && x->client->family != REED_FAMILY_IPV6)
		return REED_OK;
	x->has_cookie = true;
	x->knows_us = data.n == sizeof(x->cookie) && is_ours(x, p, p + COOKIE_CLIENT, now);
	memcpy(x->cookie, p, COOKIE_CLIENT);
	memset(server, 0, 4);
	server[0] = VERSION;
	dns_put32(server + 4, now);
	dns_cookie_hash(x->server->secret, x->cookie, server, x->client, server + 8);
	return REED_OK;
}
