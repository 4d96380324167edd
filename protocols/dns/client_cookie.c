/*
 * Cookies as a client has them (RFC 7873 5.1, RFC 9018 3): our half is made of
 * the server's address and a secret; theirs is kept as long as nobody else takes
 * its place.
 */

#include "client.h"

#include "reed/alloc.h"
#include "reed/dns/edns.h"

#include "serve.h"

enum { THEIRS_LEAST = 8 };

static uint64_t hash_of(const struct reed_dns_asker *self, const struct reed_address *server)
{
	uint8_t key[2 + sizeof(server->ip)] = { (uint8_t)(server->port >> 8),
		                                (uint8_t)server->port };

	memcpy(key + 2, server->ip, sizeof(server->ip));
	return dns_siphash(self->secret, key, sizeof(key));
}

static struct dns_jar_slot *slot_of(struct reed_dns_asker *self, uint64_t hash)
{
	if (!self->jar)
		self->jar = reed_alloc(JAR * sizeof(*self->jar));
	return &self->jar[hash >> 32 & (JAR - 1)];
}

size_t dns_jar_get(struct reed_dns_asker *self, const struct reed_address *server,
                   uint8_t into[COOKIE_OURS + COOKIE_THEIRS])
{
	uint64_t hash = hash_of(self, server);
	struct dns_jar_slot *slot = slot_of(self, hash);

	memcpy(into, &hash, COOKIE_OURS);
	if (!slot->n || !reed_address_eq(&slot->server, server))
		return COOKIE_OURS;
	memcpy(into + COOKIE_OURS, slot->theirs, slot->n);
	return COOKIE_OURS + (size_t)slot->n;
}

bool dns_jar_put(struct reed_dns_asker *self, const struct reed_address *server,
                 const struct reed_dns_message *m)
{
	struct dns_jar_slot *slot;
	struct reed_dns_cookie cookie;
	struct reed_dns_edns edns;
	struct reed_slice data;
	uint64_t hash = hash_of(self, server);

	slot = slot_of(self, hash);
	if (reed_dns_edns(m, &edns) || !reed_dns_option(&edns, REED_DNS_OPTION_COOKIE, &data))
		/* RFC 7873 5.3: who has had a cookie of this server expects one */
		return !slot->n || !reed_address_eq(&slot->server, server);
	if (reed_dns_cookie_read(data, &cookie) || memcmp(cookie.client.p, &hash, COOKIE_OURS) != 0)
		return false;
	if (cookie.server.n < THEIRS_LEAST || cookie.server.n > COOKIE_THEIRS)
		return true;
	slot->server = *server;
	slot->n = (uint8_t)cookie.server.n;
	memcpy(slot->theirs, cookie.server.p, cookie.server.n);
	return true;
}

void dns_jar_forget(struct reed_dns_asker *self, const struct reed_address *server)
{
	struct dns_jar_slot *slot = slot_of(self, hash_of(self, server));

	if (reed_address_eq(&slot->server, server))
		slot->n = 0;
}
