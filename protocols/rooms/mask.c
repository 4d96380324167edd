/* Masks: whom a ban means. */

#include "private.h"

#include <stdio.h>

#include "reed/address.h"

/* ---- globs ---- */

struct letters {
	char last; /* 'A' to this one have a lower case */
};

static const struct letters ascii = { 'Z' };
static const struct letters rfc1459 = { '^' };

static char lower(const struct letters *letters, char c)
{
	return c >= 'A' && c <= letters->last ? (char)(c + 'a' - 'A') : c;
}

/* Where the character at i ends. */
static size_t past(struct reed_slice text, size_t i)
{
	for (i++; i < text.n && ((unsigned char)text.p[i] & 0xc0) == 0x80; i++)
		continue;
	return i;
}

/*
 * Only the last star is ever tried anew: what an earlier one could do, it can.
 * So it takes no longer than pattern times text.
 */
static bool glob(const struct letters *letters, struct reed_slice pattern, struct reed_slice text)
{
	size_t p = 0, t = 0, star = SIZE_MAX, again = 0;

	while (t < text.n) {
		char c = p < pattern.n ? pattern.p[p] : '\0';

		if (p < pattern.n && c == '*') {
			star = p++;
			again = t;
		} else if (p < pattern.n && c == '?') {
			p++;
			t = past(text, t);
		} else if (p < pattern.n && lower(letters, c) == lower(letters, text.p[t])) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			t = ++again;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

bool reed_glob(struct reed_slice pattern, struct reed_slice text)
{
	return glob(&ascii, pattern, text);
}

/* ---- addresses ---- */

static bool same_bits(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

struct network {
	struct reed_address address;
	uint64_t bits;
};

static bool network_of(struct reed_slice mask, struct network *network)
{
	struct reed_slice address = reed_slice_cut(&mask, '/');

	if (reed_address_parse(address, 0, &network->address))
		return false;
	return !reed_slice_u64(mask, network->address.family == REED_FAMILY_IPV4 ? 32 : 128,
	                       &network->bits);
}

static bool network_has(const struct network *network, const char *text)
{
	struct reed_address address;

	return text && !reed_address_parse(reed_slice_of(text), 0, &address) &&
	       address.family == network->address.family &&
	       same_bits(address.ip, network->address.ip, (unsigned)network->bits);
}

/* ---- a mask and a session ---- */

struct matching {
	const struct letters *letters;
	struct reed_slice mask;
	const struct reed_user *user;
	bool whole; /* the mask is of nick!username@host */
	bool is_network;
	struct network network;
};

static bool matches_session(const struct matching *m, const struct reed_session *session)
{
	char full[2 * REED_NAME_MAX + REED_ADDRESS_TEXT + 3];
	const char *address = session->address ? session->address : "";

	if (m->is_network)
		return network_has(&m->network, address);
	if (!m->whole)
		return glob(m->letters, m->mask, reed_slice_of(address));
	snprintf(full, sizeof(full), "%s!%s@%s", m->user->nick, m->user->username, address);
	return glob(m->letters, m->mask, reed_slice_of(full));
}

static bool matches_shown(const struct matching *m)
{
	return !m->is_network &&
	       glob(m->letters, m->mask, reed_slice_of(m->whole ? m->user->full : m->user->host));
}

bool reed_match_default(struct reed_hub *hub, struct reed_slice mask, const struct reed_user *user,
                        const struct reed_session *session)
{
	struct matching m = { .mask = mask, .user = user };
	struct reed_slice account = REED_STR("account:");

	if (reed_slice_starts(mask, account))
		return user->account && reed_same_name(hub, reed_slice_from(mask, account.n),
		                                       reed_slice_of(user->account->name));
	m.letters = hub->options.fold == reed_fold_rfc1459 ? &rfc1459 : &ascii;
	m.whole = reed_slice_find(mask, '!') < mask.n || reed_slice_find(mask, '@') < mask.n;
	m.is_network = !m.whole && network_of(mask, &m.network);
	if (matches_shown(&m))
		return true;
	if (session)
		return matches_session(&m, session);
	for (session = user->sessions; session; session = session->sibling)
		if (matches_session(&m, session))
			return true;
	return false;
}
