/* Rules of a forward proxy: what they say, and what is none. */

#include "tests/check.h"

#include "protocols/http/forward.h"

static struct rules rules;

static void set(const char *const *texts)
{
	struct reed_buf why = { .limit = 1024 };

	rules_finish(&rules);
	check_int(rules_parse(texts, &rules, &why), REED_OK);
}

static bool name(const char *host, uint16_t port)
{
	return rules_name(&rules, reed_slice_of(host), port);
}

static bool address(const char *text, uint16_t port)
{
	struct reed_address a;

	check_int(reed_address_parse(reed_slice_of(text), port, &a), REED_OK);
	return rules_have(&rules, &a);
}

static void a_name_is_that_name_and_with_a_star_what_is_below(void)
{
	set((const char *const[]){ "example.org", "*.Example.net:8080", NULL });
	check(name("example.org", 443) && name("EXAMPLE.org", 80));
	check(!name("www.example.org", 443) && !name("example.org", 8080));
	check(name("a.example.net", 8080) && name("a.b.EXAMPLE.net", 8080));
	check(!name("example.net", 8080) && !name("badexample.net", 8080));
	check(!name(".example.net", 80) && !name("a.example.net", 443));
	check(!address("192.0.2.1", 443) && !rules_have_port(&rules, 443));
}

static void ports_are_one_or_some_or_all(void)
{
	set((const char *const[]){ "a:1", "b:10-20", "c:*", "d", NULL });
	check(name("a", 1) && !name("a", 2) && !name("a", 80));
	check(name("b", 10) && name("b", 20) && !name("b", 9) && !name("b", 21));
	check(name("c", 1) && name("c", 65535));
	check(name("d", 80) && name("d", 443) && !name("d", 81) && !name("d", 25));
}

static void an_address_is_of_its_prefix(void)
{
	set((const char *const[]){ "10.0.0.0/8:22", "[2001:db8::/32]:*", "192.0.2.7", NULL });
	check(address("10.255.0.1", 22) && !address("10.0.0.1", 23) && !address("11.0.0.1", 22));
	check(address("::ffff:10.0.0.1", 22));
	check(address("2001:db8:1::1", 99) && !address("2001:db9::1", 99));
	check(address("192.0.2.7", 443) && !address("192.0.2.8", 443));
	check(!name("10.255.0.1", 22)); /* as a name it is nobody's */
	check(rules_have_port(&rules, 22) && rules_have_port(&rules, 80));
}

static void a_star_alone_is_all_there_is(void)
{
	set((const char *const[]){ "*", "*:993", NULL });
	check(name("any.example", 80) && name("192.0.2.1", 443) && name("x", 993));
	check(!name("any.example", 25) && !address("192.0.2.1", 443));
	set(NULL);
	check(!name("any.example", 80) && !address("192.0.2.1", 80));
}

static void what_is_no_rule_is_refused_with_an_example(void)
{
	static const char *const wrong[] = { "",
		                             ":443",
		                             "a:",
		                             "a:0",
		                             "a:65536",
		                             "a:20-10",
		                             "a:1-2-3",
		                             "a:-1",
		                             "a:x",
		                             "a:**",
		                             "a.*.b",
		                             "*a",
		                             "*.",
		                             "a..b",
		                             ".a",
		                             "a.",
		                             "a b",
		                             "http://a",
		                             "10.0.0.0/33",
		                             "10.0.0.0/8/8",
		                             "2001:db8::/32",
		                             "[2001:db8::/32",
		                             "[example.org]",
		                             "[]",
		                             "[*]:80",
		                             "[::1]80",
		                             "a/24",
		                             "h\xc3\xb6.example" };

	for (size_t i = 0; i < REED_COUNT(wrong); i++) {
		struct reed_buf why = { .limit = 1024 };
		struct rule rule;

		if (rule_parse(reed_slice_of(wrong[i]), &rule, &why) != REED_ESYNTAX) {
			fprintf(stderr, "taken for a rule: %s\n", wrong[i]);
			abort();
		}
		check(reed_slice_search(reed_buf_slice(&why), REED_STR("192.0.2.0/24:8000")) <
		      reed_buf_slice(&why).n);
		rule_finish(&rule);
		reed_buf_finish(&why);
	}
}

int main(void)
{
	RUN(a_name_is_that_name_and_with_a_star_what_is_below);
	RUN(ports_are_one_or_some_or_all);
	RUN(an_address_is_of_its_prefix);
	RUN(a_star_alone_is_all_there_is);
	RUN(what_is_no_rule_is_refused_with_an_example);
	rules_finish(&rules);
	return 0;
}
