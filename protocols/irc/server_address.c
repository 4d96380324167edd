/* Addresses, as they are shown to others. */

#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "irc_server.h"

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
