/*
 * For whom a proxy asks, as it says itself.
 *
 * Each proxy adds the address of its own peer at the right, so that what is
 * furthest to the right was seen by one that is believed; it leads on to the left
 * as long as the address is again one that is believed.  What is further to the left
 * is whatever somebody has sent.
 */

#include "access.h"

/* The last of the list, without quotes: one that has no end would hide what follows it. */
static struct reed_slice take_last(struct reed_slice *list)
{
	size_t n = list->n;
	struct reed_slice member;

	while (n > 0 && list->p[n - 1] != ',')
		n--;
	member = reed_slice_trim(reed_slice_from(*list, n));
	*list = reed_slice_first(*list, n > 0 ? n - 1 : 0);
	return member;
}

/* RFC 7239 4: for=192.0.2.60;proto=http, for="[2001:db8::17]:4711" */
static struct reed_slice node_of(struct reed_slice member)
{
	struct reed_slice pair, name;

	while (member.n > 0) {
		pair = reed_slice_trim(reed_slice_cut(&member, ';'));
		name = reed_slice_cut(&pair, '=');
		if (!reed_slice_is_nocase(name, "for"))
			continue;
		if (pair.n > 1 && pair.p[0] == '"' && pair.p[pair.n - 1] == '"')
			return reed_slice(pair.p + 1, pair.n - 2);
		return pair;
	}
	return REED_STR("");
}

/* 192.0.2.1, 192.0.2.1:80, 2001:db8::1, [2001:db8::1]:80; what hides itself is none. */
static bool read_node(struct reed_slice node, struct reed_address *address)
{
	size_t colon = reed_slice_find(node, ':');

	if (node.n > 0 && node.p[0] == '[')
		node = reed_slice_first(reed_slice_from(node, 1), reed_slice_find(node, ']') - 1);
	else if (reed_slice_find(reed_slice_from(node, colon + 1), ':') ==
	         reed_slice_from(node, colon + 1).n)
		node = reed_slice_first(node, colon);
	return !reed_address_parse(node, 0, address);
}

static bool is_believed(const struct peers *trust, const struct reed_address *address)
{
	struct reed_address plain = *address;

	reed_address_unmap(&plain);
	return peers_have(trust, &plain);
}

/* Goes on to the left; false: that is the client, as far as is known. */
static bool follow(struct reed_slice list, const struct peers *trust, bool forwarded,
                   struct reed_address *client, bool *found)
{
	struct reed_address next;
	struct reed_slice member;

	while (list.n > 0) {
		member = take_last(&list);
		if (member.n == 0)
			continue;
		if (!read_node(forwarded ? node_of(member) : member, &next))
			return false;
		*client = next;
		*found = true;
		if (!is_believed(trust, client))
			return false;
	}
	return true;
}

bool access_find_client(const struct reed_http_access *a, const struct peers *trust, bool forwarded,
                        struct reed_address *client)
{
	const char *name = forwarded ? "forwarded" : "x-forwarded-for";
	bool found = false, goes_on = a->head && is_believed(trust, &a->peer);

	for (size_t i = goes_on ? a->head->count : 0; i-- > 0 && goes_on;)
		if (reed_slice_is_nocase(a->head->fields[i].name, name))
			goes_on =
				follow(a->head->fields[i].value, trust, forwarded, client, &found);
	return found;
}
