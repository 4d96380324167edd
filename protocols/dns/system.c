/* resolv.conf and hosts, line by line. */

#include "reed/dns/system.h"

enum { PORT = 53, DOTS_MOST = 15 };

static struct reed_slice next_line(struct reed_slice *text, const char *comments)
{
	struct reed_slice line = reed_slice_cut(text, '\n');

	for (size_t i = 0; i < line.n; i++)
		if (strchr(comments, line.p[i]))
			return reed_slice_first(line, i);
	return line;
}

/* ---- resolv.conf ---- */

static void take_search(struct reed_dns_system *system, struct reed_slice rest)
{
	struct reed_slice word;

	system->search_count = 0; /* the last line counts */
	while (system->search_count < REED_DNS_SEARCH_MOST && (word = reed_slice_word(&rest)).n)
		system->search_count +=
			!reed_dns_name_parse(word, NULL, &system->search[system->search_count]);
}

static void take_option(struct reed_dns_system *system, struct reed_slice word)
{
	uint64_t n;

	if (reed_slice_starts(word, REED_STR("ndots:")) &&
	    !reed_slice_u64(reed_slice_from(word, 6), UINT32_MAX, &n))
		system->dots = n < DOTS_MOST ? (unsigned)n : DOTS_MOST;
}

static void take_line(struct reed_dns_system *system, struct reed_slice line)
{
	struct reed_slice key = reed_slice_word(&line), word;

	if (reed_slice_is(key, "nameserver") && system->server_count < REED_DNS_SERVERS_MOST)
		system->server_count += !reed_address_parse(reed_slice_word(&line), PORT,
		                                            &system->servers[system->server_count]);
	else if (reed_slice_is(key, "search") || reed_slice_is(key, "domain"))
		take_search(system, line);
	else if (reed_slice_is(key, "options"))
		while ((word = reed_slice_word(&line)).n)
			take_option(system, word);
}

void reed_dns_system_read(struct reed_slice text, struct reed_dns_system *system)
{
	*system = (struct reed_dns_system){ .dots = 1 };
	while (text.n)
		take_line(system, next_line(&text, "#;"));
	if (!system->server_count)
		system->server_count +=
			!reed_address_parse(REED_STR("127.0.0.1"), PORT, &system->servers[0]);
}

bool reed_dns_system_name(const struct reed_dns_system *system, struct reed_slice text, size_t n,
                          struct reed_dns_name *name)
{
	size_t dots = 0, search = system->search_count, plain_at;

	for (size_t i = 0; i < text.n; i++)
		dots += text.p[i] == '.';
	if (reed_slice_ends(text, REED_STR(".")))
		search = 0;
	plain_at = dots >= system->dots ? 0 : search;
	if (n > search)
		return false;
	if (n == plain_at)
		return !reed_dns_name_parse(text, NULL, name);
	return !reed_dns_name_parse(text, &system->search[n - (n > plain_at)], name);
}

/* ---- hosts ---- */

static bool line_has(struct reed_slice line, struct reed_slice name)
{
	struct reed_slice word;

	while ((word = reed_slice_word(&line)).n)
		if (reed_slice_eq_nocase(word, name))
			return true;
	return false;
}

bool reed_dns_hosts_address(struct reed_slice hosts, struct reed_slice name, size_t n,
                            struct reed_address *address)
{
	if (reed_slice_ends(name, REED_STR(".")))
		name.n--;
	while (hosts.n) {
		struct reed_slice line = next_line(&hosts, "#"), first = reed_slice_word(&line);

		if (!reed_address_parse(first, 0, address) && line_has(line, name) && n-- == 0)
			return true;
	}
	return false;
}
