/* Addresses: how many connections each has, and how they are shown to others. */

#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "irc_server.h"

enum { DEBTORS = 4096 };

/*
 * An address is remembered while it has connections, and when it has none until
 * the accounts that were made from it are long enough ago.
 */
struct irc_address {
	struct reed_list link; /* of a bucket */
	struct reed_list idle; /* of the debtors */
	enum reed_family family;
	unsigned char prefix[16];
	uint32_t count;
	int64_t paid_at; /* when no account that was made counts any more */
};

/* An IPv6 subscriber has a /64 at least (RFC 6177). */
static size_t prefix_bytes(const struct reed_address *a)
{
	return a->family == REED_FAMILY_IPV6 ? 8 : a->family == REED_FAMILY_IPV4 ? 4 : 0;
}

static struct reed_list *bucket(struct reed_irc_server *server, const struct reed_address *a)
{
	uint64_t h = reed_slice_hash(reed_slice(a->ip, prefix_bytes(a)), server->address_seed);

	return &server->addresses[h % REED_COUNT(server->addresses)];
}

static struct irc_address *find(struct reed_list *in, const struct reed_address *a)
{
	reed_list_each (link, in) {
		struct irc_address *each = reed_container_of(link, struct irc_address, link);

		if (each->family == a->family && !memcmp(each->prefix, a->ip, prefix_bytes(a)))
			return each;
	}
	return NULL;
}

bool reed_irc_address_hold(struct reed_irc_server *server, const struct reed_address *a,
                           struct irc_address **out)
{
	struct reed_list *in = bucket(server, a);
	struct irc_address *found = find(in, a);

	if (!found) {
		found = reed_alloc(sizeof(*found));
		found->family = a->family;
		memcpy(found->prefix, a->ip, prefix_bytes(a));
		reed_list_append(in, &found->link);
	} else if (found->count >= server->options.limits.connections_per_address) {
		return false;
	}
	if (reed_linked(&found->idle)) {
		reed_list_remove(&found->idle);
		server->debtor_count--;
	}
	found->count++;
	*out = found;
	return true;
}

static void forget(struct irc_address *address)
{
	reed_list_remove(&address->link);
	reed_free(address);
}

/* The oldest goes when there are too many, and who owes nothing any more. */
static void forget_debtors(struct reed_irc_server *server, size_t most)
{
	while (!reed_list_empty(&server->debtors)) {
		struct irc_address *oldest =
			reed_container_of(server->debtors.next, struct irc_address, idle);

		if (server->debtor_count <= most && oldest->paid_at > reed_now(server->loop))
			return;
		reed_list_remove(&oldest->idle);
		server->debtor_count--;
		forget(oldest);
	}
}

void reed_irc_address_release(struct reed_irc_server *server, struct irc_address *address)
{
	if (!address || --address->count > 0)
		return;
	if (address->paid_at <= reed_now(server->loop)) {
		forget(address);
	} else {
		reed_list_append(&server->debtors, &address->idle);
		server->debtor_count++;
	}
	forget_debtors(server, DEBTORS);
}

void reed_irc_addresses_finish(struct reed_irc_server *server)
{
	struct reed_list *link;

	while ((link = reed_list_take(&server->debtors)))
		forget(reed_container_of(link, struct irc_address, idle));
}

/* ---- accounts that are made ---- */

static int64_t price(const struct reed_irc_server *server)
{
	return REED_S(3600) / server->options.limits.registrations_per_hour;
}

bool reed_irc_address_register(struct reed_irc_server *server, struct irc_address *address)
{
	int64_t now = reed_now(server->loop);

	if (!address)
		return true;
	if (address->paid_at < now)
		address->paid_at = now;
	if (address->paid_at + price(server) > now + REED_S(3600))
		return false;
	address->paid_at += price(server);
	return true;
}

void reed_irc_address_unregister(struct reed_irc_server *server, struct irc_address *address)
{
	if (address)
		address->paid_at -= price(server);
}

/* ---- how they are shown ---- */

/*
 * A disguise is the same for the same address, says nothing of it, and keeps
 * what bans need: neighbours in a /24 or /48 share the end of it.
 */
static void digest(struct reed_irc_server *server, const void *p, size_t n, char out[9])
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned length = 0;

	HMAC(EVP_sha256(), server->cloak_key, sizeof(server->cloak_key), p, n, mac, &length);
	for (int i = 0; i < 8; i++)
		out[i] = "abcdefghijklmnopqrstuvwxyz234567"[mac[i] & 31];
	out[8] = '\0';
}

void reed_irc_shown_host(struct reed_irc_server *server, const struct reed_address *a,
                         char out[REED_ADDRESS_TEXT])
{
	char one[9], all[9];

	if (a->family == REED_FAMILY_UNIX || a->family == REED_FAMILY_NONE ||
	    reed_address_is_loopback(a)) {
		snprintf(out, REED_ADDRESS_TEXT, "localhost");
		return;
	}
	if (server->options.show_addresses) {
		reed_address_host(a, out);
		/* a host may not begin with a colon: it would end the parameters */
		if (out[0] == ':') {
			memmove(out + 1, out, strlen(out) + 1);
			out[0] = '0';
		}
		return;
	}
	digest(server, a->ip, a->family == REED_FAMILY_IPV4 ? 4 : 8, one);
	digest(server, a->ip, a->family == REED_FAMILY_IPV4 ? 3 : 6, all);
	snprintf(out, REED_ADDRESS_TEXT, "%s.%s.hidden", one, all);
}
