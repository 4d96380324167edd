/*
 * The hosts file: hosts(5).  Every line counts, so a name may have addresses
 * of several; what cannot be an address or a name is passed over.
 */

#include "resolve_private.h"

enum { NONE = -1 };

struct host {
	const char *name; /* in the text */
	unsigned char ip[16];
	uint32_t scope_id;
	enum reed_family family;
	int by_name, by_address; /* the next one with the same hash, in order of the file */
};

struct reed_hosts {
	char *text; /* small letters; names end with NUL */
	struct host *list;
	size_t count, room;
	size_t buckets; /* a power of two */
	int *by_name, *by_address;
};

static uint64_t hash_of_name(const char *name)
{
	return reed_slice_hash(reed_slice_of(name), 0);
}

static uint64_t hash_of_ip(const unsigned char ip[16])
{
	return reed_slice_hash(reed_slice(ip, 16), 1);
}

static void add(struct reed_hosts *hosts, const struct reed_address *address, const char *name)
{
	struct host *host;

	if (hosts->count == hosts->room) {
		hosts->room = hosts->room ? hosts->room * 2 : 16;
		hosts->list = reed_realloc(hosts->list, hosts->room * sizeof(*hosts->list));
	}
	host = &hosts->list[hosts->count++];
	*host = (struct host){ .name = name,
		               .scope_id = address->scope_id,
		               .family = address->family };
	memcpy(host->ip, address->ip, sizeof(host->ip));
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* The next word of [*p, end); empty when there is none. */
static struct reed_slice take_word(char **p, const char *end)
{
	const char *from;

	while (*p < end && is_space(**p))
		(*p)++;
	from = *p;
	while (*p < end && !is_space(**p))
		(*p)++;
	return reed_slice(from, (size_t)(*p - from));
}

/* In place, where the character behind the name is no longer needed. */
static void take_name(struct reed_hosts *hosts, const struct reed_address *address, char *name,
                      size_t n)
{
	n -= n > 1 && name[n - 1] == '.';
	if (!reed_name_is_host(reed_slice(name, n)))
		return;
	for (size_t i = 0; i < n; i++)
		if (name[i] >= 'A' && name[i] <= 'Z')
			name[i] = (char)(name[i] - 'A' + 'a');
	name[n] = '\0';
	add(hosts, address, name);
}

static void take_line(struct reed_hosts *hosts, char *p, char *end)
{
	struct reed_address address;
	char *comment = memchr(p, '#', (size_t)(end - p));
	struct reed_slice word;

	if (comment)
		end = comment;
	if (reed_address_parse(take_word(&p, end), 0, &address))
		return;
	while ((word = take_word(&p, end)).n > 0) {
		char *name = p - word.n;

		p += p < end;
		take_name(hosts, &address, name, word.n);
	}
}

/* From the last one back, so that each is in front of what follows it. */
static void make_index(struct reed_hosts *hosts)
{
	hosts->buckets = 16;
	while (hosts->buckets < hosts->count)
		hosts->buckets *= 2;
	hosts->by_name = reed_alloc_raw(2 * hosts->buckets * sizeof(int));
	hosts->by_address = hosts->by_name + hosts->buckets;
	for (size_t i = 0; i < 2 * hosts->buckets; i++)
		hosts->by_name[i] = NONE;
	for (size_t i = hosts->count; i-- > 0;) {
		struct host *host = &hosts->list[i];
		int *name = &hosts->by_name[hash_of_name(host->name) % hosts->buckets];
		int *address = &hosts->by_address[hash_of_ip(host->ip) % hosts->buckets];

		host->by_name = *name;
		host->by_address = *address;
		*name = *address = (int)i;
	}
}

struct reed_hosts *reed_hosts_parse(struct reed_slice text)
{
	struct reed_hosts *hosts = reed_alloc(sizeof(*hosts));
	char *p, *end;

	hosts->text = reed_slice_dup(text);
	end = hosts->text + text.n;
	for (p = hosts->text; p < end;) {
		char *line = p, *newline = memchr(p, '\n', (size_t)(end - p));

		p = newline ? newline + 1 : end;
		take_line(hosts, line, newline ? newline : end);
	}
	make_index(hosts);
	return hosts;
}

void reed_hosts_free(struct reed_hosts *hosts)
{
	if (!hosts)
		return;
	reed_free(hosts->by_name);
	reed_free(hosts->list);
	reed_free(hosts->text);
	reed_free(hosts);
}

static struct reed_address address_of(const struct host *host)
{
	struct reed_address a = { .family = host->family, .scope_id = host->scope_id };

	memcpy(a.ip, host->ip, sizeof(a.ip));
	return a;
}

static bool has(const struct reed_addresses *a, const struct reed_address *address)
{
	for (size_t i = 0; i < a->count; i++)
		if (reed_address_eq(&a->list[i], address))
			return true;
	return false;
}

bool reed_hosts_addresses(const struct reed_hosts *hosts, const char *name, enum reed_family family,
                          struct reed_addresses *list)
{
	bool found = false;
	int i = hosts->by_name[hash_of_name(name) % hosts->buckets];

	for (; i != NONE; i = hosts->list[i].by_name) {
		struct reed_address a = address_of(&hosts->list[i]);

		if (strcmp(hosts->list[i].name, name) != 0)
			continue;
		found = true;
		if (a.family == family && list->count < REED_ADDRESSES_MAX && !has(list, &a))
			reed_addresses_add(list, &a);
	}
	return found;
}

struct reed_slice reed_hosts_name(const struct reed_hosts *hosts, const struct reed_address *a,
                                  size_t n)
{
	int i = hosts->by_address[hash_of_ip(a->ip) % hosts->buckets];

	for (; i != NONE; i = hosts->list[i].by_address) {
		const struct host *host = &hosts->list[i];

		if (host->family == a->family && memcmp(host->ip, a->ip, 16) == 0 && n-- == 0)
			return reed_slice_of(host->name);
	}
	return REED_STR("");
}
