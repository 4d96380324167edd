/* What needs no loop: names, the search list, the order of addresses, the hosts file. */

#include "core/resolve_private.h"

#include "check.h"

/* ---- names ---- */

static void names_become_a_labels(void)
{
	static const struct {
		const char *given, *name;
		bool absolute;
	} table[] = {
		{ "example.org", "example.org", false },
		{ "Example.ORG.", "example.org", true },
		{ "_xmpp-client._tcp.example.org", "_xmpp-client._tcp.example.org", false },
		{ "m\303\274ller.example", "xn--mller-kva.example", false },
		{ "M\303\234LLER.example.", "xn--mller-kva.example", true },
		{ "fa\303\237.de", "xn--fa-hia.de", false }, /* non-transitional: not fass.de */
		{ "example\343\200\202org", "example.org", false }, /* an ideographic dot */
		{ "_sip._tcp.m\303\274ller.example", "_sip._tcp.xn--mller-kva.example", false },
		{ "\357\274\221\357\274\222\357\274\227.0.0.1", "127.0.0.1", false },
		{ "a--b.-c-", "a--b.-c-", false },
	};

	for (size_t i = 0; i < REED_COUNT(table); i++) {
		struct reed_fault *fault = NULL;
		struct reed_name name;

		check_int(reed_name_read(reed_slice_of(table[i].given), &name, &fault), REED_OK);
		check_str(name.text, table[i].name);
		check_int(name.absolute, table[i].absolute);
	}
}

static void what_cannot_be_a_name_is_told_so(void)
{
	static const struct {
		const char *given, *why;
	} table[] = {
		{ "", "it is empty" },
		{ ".", "" },
		{ "a..b", "nothing stands before a dot" },
		{ ".a", "nothing stands before a dot" },
		{ "a.b..", "two dots follow one another" },
		{ "a b", "letters, digits, hyphens and dots make one" },
		{ "a/b", "letters, digits" },
		{ "a\\.b", "letters, digits" },
		{ "[::1]", "letters, digits" },
		{ "a:80", "letters, digits" },
		{ "\303(", "" },
		{ "m\303\274 ller", "letters, digits" },
	};

	for (size_t i = 0; i < REED_COUNT(table); i++) {
		struct reed_fault *fault = NULL;
		struct reed_name name;

		check_int(reed_name_read(reed_slice_of(table[i].given), &name, &fault),
		          REED_ESYNTAX);
		if (!strstr(fault->sentence, table[i].why))
			fprintf(stderr, "%s\n", fault->sentence);
		check(strstr(fault->sentence, "is no host name"));
		check(strstr(fault->sentence, table[i].why));
		reed_fault_free(fault);
	}
}

static void a_nul_byte_is_in_no_name(void)
{
	struct reed_fault *fault = NULL;
	struct reed_name name;

	check_int(reed_name_read(REED_STR("good.example\0.evil.example"), &name, &fault),
	          REED_ESYNTAX);
	check(strstr(fault->sentence, "NUL"));
	reed_fault_free(fault);
}

static void names_have_limits(void)
{
	struct reed_fault *fault = NULL;
	struct reed_name name;
	char text[300];

	memset(text, 'a', sizeof(text));
	check_int(reed_name_read(reed_slice(text, 63), &name, &fault), REED_OK);
	check_int(reed_name_read(reed_slice(text, 64), &name, &fault), REED_ESYNTAX);
	reed_fault_free(fault);
	for (size_t i = 49; i < sizeof(text); i += 50)
		text[i] = '.';
	check_int(reed_name_read(reed_slice(text, 253), &name, &fault), REED_OK);
	check_int(strlen(name.text), 253);
	check_int(reed_name_read(reed_slice(text, 254), &name, &fault), REED_ESYNTAX);
	reed_fault_free(fault);
}

static void a_name_is_in_a_domain(void)
{
	check(reed_name_is_in("localhost", "localhost"));
	check(reed_name_is_in("a.localhost", "localhost"));
	check(!reed_name_is_in("alocalhost", "localhost"));
	check(!reed_name_is_in("localhost.example", "localhost"));
	check(!reed_name_is_in("host", "localhost"));
}

static void addresses_have_names(void)
{
	struct reed_address a = { 0 };
	struct reed_name name;

	check_int(reed_address_parse(REED_STR("192.0.2.17"), 0, &a), REED_OK);
	reed_name_of_address(&a, &name);
	check_str(name.text, "17.2.0.192.in-addr.arpa");
	check_int(reed_address_parse(REED_STR("2001:db8::567:89ab"), 0, &a), REED_OK);
	reed_name_of_address(&a, &name);
	check_str(name.text, "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"
	                     ".ip6.arpa");
}

/* ---- the search list ---- */

static void candidates_are(const char *given, int ndots, const char *const *wanted)
{
	char one[] = "a.example", two[] = "b.example.";
	char *domains[] = { one, two };
	struct reed_search search = { domains, 2, ndots };
	struct reed_fault *fault = NULL;
	struct reed_name name, candidate;
	int n = 0;

	check_int(reed_name_read(reed_slice_of(given), &name, &fault), REED_OK);
	for (; reed_name_candidate(&name, &search, n, &candidate); n++) {
		check(wanted[n]);
		check_str(candidate.text, wanted[n]);
	}
	check(!wanted[n]);
}

static void short_names_are_searched_for(void)
{
	candidates_are("host", 1,
	               (const char *[]){ "host.a.example", "host.b.example", "host", NULL });
	candidates_are("host.net", 1,
	               (const char *[]){ "host.net", "host.net.a.example", "host.net.b.example",
	                                 NULL });
	candidates_are("host.net", 2,
	               (const char *[]){ "host.net.a.example", "host.net.b.example", "host.net",
	                                 NULL });
	candidates_are("host", 0,
	               (const char *[]){ "host", "host.a.example", "host.b.example", NULL });
}

static void a_trailing_dot_keeps_the_search_list_away(void)
{
	candidates_are("host.", 1, (const char *[]){ "host", NULL });
	candidates_are("host.net.", 5, (const char *[]){ "host.net", NULL });
}

static void a_candidate_too_long_is_passed_over(void)
{
	char label[] = "a", list[] = "too-long.example";
	char *domains[] = { list, label };
	struct reed_search search = { domains, 2, 1 };
	struct reed_name from = { .absolute = false }, candidate;

	for (size_t i = 0; i < 250; i++)
		from.text[i] = i % 50 == 49 ? '.' : 'x';
	from.text[250] = 'x';
	check(reed_name_candidate(&from, &search, 0, &candidate));
	check_str(candidate.text, from.text);
	check(reed_name_candidate(&from, &search, 1, &candidate));
	check_int(strlen(candidate.text), 253);
	check(!reed_name_candidate(&from, &search, 2, &candidate));
}

/* ---- RFC 6724 ---- */

static struct reed_address address(const char *text)
{
	struct reed_address a = { .family = REED_FAMILY_NONE };

	if (text)
		check_int(reed_address_parse(reed_slice_of(text), 0, &a), REED_OK);
	return a;
}

static void best_goes_first(void)
{
	/* to, from; in the order in which they come; then the order in which they should be */
	static const struct {
		const char *why;
		const char *routes[3][2];
		int order[3];
	} table[] = {
		/* RFC 6724 10.2 */
		{ "matching scope, IPv6",
		  { { "2001:db8:1::1", "2001:db8:1::2" }, { "198.51.100.121", "169.254.13.78" } },
		  { 0, 1 } },
		{ "matching scope, IPv4",
		  { { "2001:db8:1::1", "fe80::1" }, { "198.51.100.121", "198.51.100.117" } },
		  { 1, 0 } },
		{ "higher precedence",
		  { { "10.1.2.3", "10.1.2.4" }, { "2001:db8:1::1", "2001:db8:1::2" } },
		  { 1, 0 } },
		{ "smaller scope",
		  { { "2001:db8:1::1", "2001:db8:1::2" }, { "fe80::1", "fe80::2" } },
		  { 1, 0 } },
		{ "longest matching prefix",
		  { { "2001:db8:3ffe::1", "2001:db8:1::2" }, { "2001:db8:1::1", "2001:db8:1::2" } },
		  { 1, 0 } },
		{ "matching label, 6to4",
		  { { "2001:db8:1::1", "2002:c633:6401::2" },
		    { "2002:c633:6401::1", "2002:c633:6401::2" } },
		  { 1, 0 } },
		{ "higher precedence than 6to4",
		  { { "2002:c633:6401::1", "2002:c633:6401::2" },
		    { "2001:db8:1::1", "2001:db8:1::2" } },
		  { 1, 0 } },
		/* and ours */
		{ "no route", { { "2001:db8::1", NULL }, { "192.0.2.1", "192.0.2.2" } }, { 1, 0 } },
		{ "no route to any of them",
		  { { "192.0.2.1", NULL }, { "2001:db8::1", NULL } },
		  { 1, 0 } },
		{ "unique local addresses go behind IPv4",
		  { { "fd00::1", "fd00::2" }, { "192.0.2.1", "192.0.2.2" } },
		  { 1, 0 } },
		{ "Teredo goes behind all of these",
		  { { "2001::1", "2001::2" },
		    { "2002:c633:6401::1", "2002:c633:6401::2" },
		    { "192.0.2.1", "192.0.2.2" } },
		  { 2, 1, 0 } },
		{ "loopback", { { "127.0.0.1", "127.0.0.1" }, { "::1", "::1" } }, { 1, 0 } },
		{ "IPv4 stays as the server rotates it",
		  { { "192.0.2.200", "192.0.2.2" },
		    { "198.51.100.1", "192.0.2.2" },
		    { "192.0.2.3", "192.0.2.2" } },
		  { 0, 1, 2 } },
		{ "beyond 64 bits IPv6 does so too",
		  { { "2001:db8::8000:1", "2001:db8::1" }, { "2001:db8::2", "2001:db8::1" } },
		  { 0, 1 } },
		{ "link-local IPv4 from a global address",
		  { { "169.254.1.1", "192.0.2.2" }, { "192.0.2.1", "192.0.2.2" } },
		  { 1, 0 } },
	};

	for (size_t i = 0; i < REED_COUNT(table); i++) {
		size_t n = table[i].routes[2][0] ? 3 : 2;
		struct reed_route routes[3];

		for (size_t j = 0; j < n; j++)
			routes[j] = (struct reed_route){ address(table[i].routes[j][0]),
				                         address(table[i].routes[j][1]) };
		reed_routes_sort(routes, n);
		for (size_t j = 0; j < n; j++) {
			struct reed_address a = address(table[i].routes[table[i].order[j]][0]);

			if (!reed_address_eq(&routes[j].to, &a))
				fprintf(stderr, "%s\n", table[i].why);
			check(reed_address_eq(&routes[j].to, &a));
		}
	}
}

/* ---- the hosts file ---- */

static void hosts_have(const struct reed_hosts *hosts, const char *name, const char *v6,
                       const char *v4)
{
	const char *wanted[] = { v6, v4 };
	char text[256], one[REED_ADDRESS_TEXT];

	for (int i = 0; i < 2; i++) {
		struct reed_addresses a = { NULL, 0 };
		size_t n = 0;

		text[0] = '\0';
		reed_hosts_addresses(hosts, name, i ? REED_FAMILY_IPV4 : REED_FAMILY_IPV6, &a);
		for (size_t j = 0; j < a.count; j++)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", j ? " " : "",
			                      reed_address_host(&a.list[j], one));
		check_str(text, wanted[i]);
		reed_addresses_finish(&a);
	}
}

static void the_hosts_file_is_read(void)
{
	struct reed_hosts *hosts =
		reed_hosts_parse(REED_STR("# a comment\n"
	                                  "\n"
	                                  "192.0.2.1 one.example one\n"
	                                  "  192.0.2.2\tTWO.example. two#a comment\r\n"
	                                  "2001:db8::1 one.example\n"
	                                  "192.0.2.3 one.example\n"
	                                  "192.0.2.3 one.example\n"
	                                  "no-address three\n"
	                                  "192.0.2.300 three\n"
	                                  "192.0.2.4\n"
	                                  "192.0.2.5 a/b . x..y three #four\n"
	                                  "fe80::1%1 link\n"
	                                  "192.0.2.6 last"));
	struct reed_addresses none = { NULL, 0 };

	hosts_have(hosts, "one.example", "2001:db8::1", "192.0.2.1 192.0.2.3");
	hosts_have(hosts, "one", "", "192.0.2.1");
	hosts_have(hosts, "two.example", "", "192.0.2.2");
	hosts_have(hosts, "two", "", "192.0.2.2");
	hosts_have(hosts, "three", "", "192.0.2.5");
	hosts_have(hosts, "link", "fe80::1%1", "");
	hosts_have(hosts, "last", "", "192.0.2.6");
	check(!reed_hosts_addresses(hosts, "four", REED_FAMILY_IPV4, &none));
	check(!reed_hosts_addresses(hosts, "comment", REED_FAMILY_IPV4, &none));
	check(reed_hosts_addresses(hosts, "one", REED_FAMILY_IPV6, &none));
	check_int(none.count, 0);
	reed_hosts_free(hosts);
}

static void the_hosts_file_knows_names_of_addresses(void)
{
	struct reed_hosts *hosts = reed_hosts_parse(REED_STR("192.0.2.1 one.example one\n"
	                                                     "192.0.2.2 two\n"
	                                                     "192.0.2.1 uno\n"));
	struct reed_address a = address("192.0.2.1");

	check_slice(reed_hosts_name(hosts, &a, 0), "one.example");
	check_slice(reed_hosts_name(hosts, &a, 1), "one");
	check_slice(reed_hosts_name(hosts, &a, 2), "uno");
	check_slice(reed_hosts_name(hosts, &a, 3), "");
	a = address("192.0.2.9");
	check_slice(reed_hosts_name(hosts, &a, 0), "");
	reed_hosts_free(hosts);
}

static void an_empty_hosts_file_has_nothing(void)
{
	struct reed_hosts *hosts = reed_hosts_parse(REED_STR(""));
	struct reed_address a = address("127.0.0.1");

	hosts_have(hosts, "one", "", "");
	check_slice(reed_hosts_name(hosts, &a, 0), "");
	reed_hosts_free(hosts);
}

static void a_name_has_no_more_addresses_than_the_limit(void)
{
	struct reed_addresses a = { NULL, 0 };
	struct reed_hosts *hosts;
	struct reed_buf text;

	reed_buf_init(&text, 0);
	for (int i = 0; i < 1000; i++)
		reed_buf_printf(&text, "10.0.%d.%d many\n", i / 256, i % 256);
	hosts = reed_hosts_parse(reed_buf_slice(&text));
	check(reed_hosts_addresses(hosts, "many", REED_FAMILY_IPV4, &a));
	check_int(a.count, REED_ADDRESSES_MAX);
	reed_addresses_finish(&a);
	reed_hosts_free(hosts);
	reed_buf_finish(&text);
}

int main(void)
{
	RUN(names_become_a_labels);
	RUN(what_cannot_be_a_name_is_told_so);
	RUN(a_nul_byte_is_in_no_name);
	RUN(names_have_limits);
	RUN(a_name_is_in_a_domain);
	RUN(addresses_have_names);
	RUN(short_names_are_searched_for);
	RUN(a_trailing_dot_keeps_the_search_list_away);
	RUN(a_candidate_too_long_is_passed_over);
	RUN(best_goes_first);
	RUN(the_hosts_file_is_read);
	RUN(the_hosts_file_knows_names_of_addresses);
	RUN(an_empty_hosts_file_has_nothing);
	RUN(a_name_has_no_more_addresses_than_the_limit);
	return 0;
}
