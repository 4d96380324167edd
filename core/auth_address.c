#include "auth_address.h"

#include <arpa/inet.h>

enum { V4 = 4, V6_NETWORK = 8, V6 = 16 };

static const char mapped[12] = "\0\0\0\0\0\0\0\0\0\0\xff\xff";

static void set_v4(struct address *a, const char *bytes)
{
	memcpy(a->bytes, bytes, V4);
	a->n = V4;
	a->loopback = bytes[0] == 127;
}

static void set_v6(struct address *a, const char *bytes)
{
	static const char loopback[V6] = { [15] = 1 };

	if (memcmp(bytes, mapped, sizeof(mapped)) == 0) {
		set_v4(a, bytes + sizeof(mapped));
		return;
	}
	memcpy(a->bytes, bytes, V6_NETWORK);
	a->n = V6_NETWORK;
	a->loopback = memcmp(bytes, loopback, V6) == 0;
}

/* Without brackets, port and scope. */
static struct reed_slice host_of(struct reed_slice text)
{
	struct reed_slice rest = text;

	if (reed_slice_starts(text, REED_STR("["))) {
		rest = reed_slice_from(text, 1);
		text = reed_slice_cut(&rest, ']');
	} else {
		struct reed_slice host = reed_slice_cut(&rest, ':');

		if (rest.n > 0 && reed_slice_find(rest, ':') == rest.n)
			text = host;
	}
	return reed_slice_cut(&text, '%');
}

struct address address_of(const char *text)
{
	struct address a = { .n = 0 };
	struct reed_slice all = reed_slice_of(text), host = host_of(all);
	char word[INET6_ADDRSTRLEN], bytes[V6];

	if (!text || !*text) {
		a.loopback = true;
	} else if (reed_slice_copy(word, sizeof(word), host) && inet_pton(AF_INET, word, bytes) == 1) {
		set_v4(&a, bytes);
	} else if (host.n < sizeof(word) && inet_pton(AF_INET6, word, bytes) == 1) {
		set_v6(&a, bytes);
	} else {
		a.n = all.n < sizeof(a.bytes) ? all.n : sizeof(a.bytes);
		memcpy(a.bytes, all.p, a.n);
	}
	return a;
}
