#include "auth_address.h"

#include "reed/address.h"

enum { SUBSCRIBER = 8 };

/* Without brackets and port. */
static struct reed_slice host_of(struct reed_slice text)
{
	struct reed_slice rest = text, host;

	if (reed_slice_starts(text, REED_STR("["))) {
		rest = reed_slice_from(text, 1);
		return reed_slice_cut(&rest, ']');
	}
	host = reed_slice_cut(&rest, ':');
	return rest.n > 0 && reed_slice_find(rest, ':') == rest.n ? host : text;
}

/* As reed_address_text() writes what has no number. */
static bool is_local(struct reed_slice text)
{
	return text.n == 0 || reed_slice_is(text, "local") ||
	       reed_slice_starts(text, REED_STR("unix:"));
}

static void add(struct address *a, const void *bytes, size_t n)
{
	a->n = n < sizeof(a->bytes) ? n : sizeof(a->bytes);
	memcpy(a->bytes, bytes, a->n);
}

struct address reed_auth_address(const char *text)
{
	struct reed_slice all = reed_slice_of(text);
	struct address a = { .loopback = is_local(all) };
	struct reed_address address;

	if (a.loopback)
		return a;
	if (reed_address_parse(host_of(all), 0, &address)) {
		add(&a, all.p, all.n);
		return a;
	}
	reed_address_unmap(&address);
	add(&a, address.ip, address.family == REED_FAMILY_IPV4 ? 4 : SUBSCRIBER);
	a.loopback = reed_address_is_loopback(&address);
	return a;
}
