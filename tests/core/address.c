/* What addresses promise. */

#include "reed/address.h"

#include <net/if.h>

#include "tests/check.h"

static void reads_as(const char *text, const char *wanted)
{
	char got[REED_ADDRESS_TEXT];
	struct reed_address a;

	check_int(reed_address_parse(reed_slice_of(text), 6667, &a), REED_OK);
	check_str(reed_address_text(&a, got), wanted);
	check_int(a.port, 6667);
}

static void addresses_of_digits_are_read_and_written(void)
{
	reads_as("192.0.2.1", "192.0.2.1:6667");
	reads_as("2001:DB8:0:0:0:0:0:1", "[2001:db8::1]:6667");
	reads_as("::", "[::]:6667");
	reads_as("::ffff:192.0.2.1", "[::ffff:192.0.2.1]:6667");
	reads_as("fe80::1%2", "[fe80::1%2]:6667");
}

static void a_zone_may_be_the_name_of_an_interface(void)
{
	struct reed_address a;

	check_int(reed_address_parse(REED_STR("fe80::1%lo"), 1, &a), REED_OK);
	check_int(a.scope_id, if_nametoindex("lo"));
}

static void what_is_no_address_is_not_well_formed(void)
{
	static const char *const wrong[] = {
		"",
		" ",
		"example.org",
		"192.0.2",
		"192.0.2.1.",
		"192.0.2.256",
		"192.0.2.1:80",
		"192.0.2.1%1",
		"::1::",
		"[::1]",
		"12345::",
		":::",
		"fe80::1%",
		"%",
		"fe80::1%no-such-if",
		"fe80::1%99999999999",
		"1.2.3.4 ",
		"0x7f.1",
		"127.1",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:1111:2222:3333:4444:5555",
	};
	struct reed_address a = { .port = 77 };

	for (size_t i = 0; i < REED_COUNT(wrong); i++)
		if (reed_address_parse(reed_slice_of(wrong[i]), 1, &a) != REED_ESYNTAX) {
			fprintf(stderr, "\"%s\" is taken for an address\n", wrong[i]);
			abort();
		}
	check_int(a.port, 77);
}

/* What stands behind a NUL would be seen by some and not by others. */
static void a_nul_does_not_end_an_address(void)
{
	struct reed_address a;

	check_int(reed_address_parse(REED_STR("1.2.3.4\0.evil"), 1, &a), REED_ESYNTAX);
	check_int(reed_address_parse(REED_STR("::1\0"), 1, &a), REED_ESYNTAX);
	check_int(reed_address_parse(REED_STR("fe80::1%lo\0x"), 1, &a), REED_ESYNTAX);
}

static void each_family_has_a_text(void)
{
	struct reed_address a = { .family = REED_FAMILY_UNIX };
	char text[REED_ADDRESS_TEXT];

	snprintf(a.path, sizeof(a.path), "/run/x");
	check_str(reed_address_text(&a, text), "unix:/run/x");
	check_str(reed_address_host(&a, text), "unix:/run/x");
	a.family = REED_FAMILY_NONE;
	check_str(reed_address_text(&a, text), "local");
	check_int(reed_address_parse(REED_STR("2001:db8::1"), 80, &a), REED_OK);
	check_str(reed_address_host(&a, text), "2001:db8::1");
	check_int(reed_address_parse(REED_STR("192.0.2.1"), 80, &a), REED_OK);
	check_str(reed_address_host(&a, text), "192.0.2.1");
}

static void the_longest_path_fits_into_a_text(void)
{
	struct reed_address a = { .family = REED_FAMILY_UNIX };
	char text[REED_ADDRESS_TEXT];

	memset(a.path, 'p', sizeof(a.path) - 1);
	check_int(strlen(reed_address_text(&a, text)), 5 + sizeof(a.path) - 1);
}

static bool loopback(const char *text)
{
	struct reed_address a;

	check_int(reed_address_parse(reed_slice_of(text), 1, &a), REED_OK);
	return reed_address_is_loopback(&a);
}

static void loopback_is_told_from_the_world(void)
{
	struct reed_address a = { .family = REED_FAMILY_UNIX };

	check(loopback("127.0.0.1") && loopback("127.255.255.254") && loopback("::1"));
	check(!loopback("128.0.0.1") && !loopback("0.0.0.0") && !loopback("::"));
	check(!loopback("::2") && !loopback("1::1") && !loopback("7f00:1::"));
	check(reed_address_is_loopback(&a));
}

static bool global(const char *text)
{
	struct reed_address a;

	check_int(reed_address_parse(reed_slice_of(text), 80, &a), REED_OK);
	return reed_address_is_global(&a);
}

static void what_is_of_the_internet_is_told_from_what_is_nearer(void)
{
	static const char *const far[] = { "1.1.1.1",    "9.255.255.255",  "11.0.0.0",
		                           "100.63.0.1", "100.128.0.0",    "172.15.255.255",
		                           "172.32.0.0", "198.17.255.255", "198.20.0.0",
		                           "223.1.2.3",  "192.0.1.1",      "192.169.0.1",
		                           "2000::1",    "2606:4700::1",   "2001:200::1",
		                           "2001:db9::", "3ffe::1",        "::ffff:8.8.8.8" };
	static const char *const near[] = { "0.0.0.0",
		                            "10.1.2.3",
		                            "100.64.0.1",
		                            "127.0.0.1",
		                            "169.254.169.254",
		                            "172.16.0.1",
		                            "172.31.255.1",
		                            "192.0.0.8",
		                            "192.0.2.1",
		                            "192.88.99.1",
		                            "192.168.1.1",
		                            "198.19.0.1",
		                            "198.51.100.1",
		                            "203.0.113.1",
		                            "224.0.0.1",
		                            "240.0.0.1",
		                            "255.255.255.255",
		                            "::",
		                            "::1",
		                            "fe80::1",
		                            "fc00::1",
		                            "fd12::1",
		                            "ff02::1",
		                            "2001::1",
		                            "2001:db8::1",
		                            "2002:7f00:1::",
		                            "3fff::1",
		                            "64:ff9b::7f00:1",
		                            "::ffff:10.0.0.1",
		                            "::127.0.0.1",
		                            "4000::1",
		                            "100::1" };
	struct reed_address a = { .family = REED_FAMILY_UNIX };

	for (size_t i = 0; i < REED_COUNT(far); i++)
		check_str(global(far[i]) ? far[i] : "near", far[i]);
	for (size_t i = 0; i < REED_COUNT(near); i++)
		check_str(global(near[i]) ? "far" : near[i], near[i]);
	check(!reed_address_is_global(&a));
}

static void addresses_are_equal_in_all_their_parts(void)
{
	struct reed_address a, b;

	check_int(reed_address_parse(REED_STR("fe80::1%2"), 80, &a), REED_OK);
	b = a;
	check(reed_address_eq(&a, &b));
	b.port = 81;
	check(!reed_address_eq(&a, &b));
	b = a;
	b.scope_id = 3;
	check(!reed_address_eq(&a, &b));
	b = a;
	b.ip[15] = 2;
	check(!reed_address_eq(&a, &b));
	b = a;
	b.family = REED_FAMILY_IPV4;
	check(!reed_address_eq(&a, &b));
}

static void an_ipv4_address_in_ipv6_clothes_becomes_one(void)
{
	struct reed_address a, b;

	check_int(reed_address_parse(REED_STR("::ffff:192.0.2.1"), 80, &a), REED_OK);
	check_int(reed_address_parse(REED_STR("192.0.2.1"), 80, &b), REED_OK);
	reed_address_unmap(&a);
	check(reed_address_eq(&a, &b));
	reed_address_unmap(&a);
	check(reed_address_eq(&a, &b));
	check_int(reed_address_parse(REED_STR("::192.0.2.1"), 80, &a), REED_OK);
	reed_address_unmap(&a);
	check_int(a.family, REED_FAMILY_IPV6);
}

int main(void)
{
	RUN(addresses_of_digits_are_read_and_written);
	RUN(a_zone_may_be_the_name_of_an_interface);
	RUN(what_is_no_address_is_not_well_formed);
	RUN(a_nul_does_not_end_an_address);
	RUN(each_family_has_a_text);
	RUN(the_longest_path_fits_into_a_text);
	RUN(loopback_is_told_from_the_world);
	RUN(what_is_of_the_internet_is_told_from_what_is_nearer);
	RUN(addresses_are_equal_in_all_their_parts);
	RUN(an_ipv4_address_in_ipv6_clothes_becomes_one);
	return 0;
}
