/* Names of the DNS. */

#include "check.h"
#include "reed/dns/name.h"

static struct reed_dns_name name(const char *text)
{
	struct reed_dns_name n;

	check_int(reed_dns_name_parse(reed_slice_of(text), NULL, &n), REED_OK);
	return n;
}

static void is(const struct reed_dns_name *n, const char *text)
{
	char p[REED_DNS_NAME_TEXT_SIZE];

	check_slice(reed_dns_name_format(n, p), text);
	check_int(p[strlen(text)], 0);
}

static void a_name_has_labels_and_the_root(void)
{
	struct reed_dns_name n = name("F.ISI.ARPA"), root = name(".");

	check_int(n.n, 12);
	check_int(n.labels, 3);
	check(memcmp(n.wire, "\1F\3ISI\4ARPA", 12) == 0);
	is(&n, "F.ISI.ARPA.");
	check_int(root.n, 1);
	check_int(root.labels, 0);
	is(&root, ".");
	check_slice(reed_dns_name_label(&n, 1), "ISI");
	check_slice(reed_dns_name_label(&n, 3), "");
}

static void an_origin_completes_what_has_no_dot_at_its_end(void)
{
	struct reed_dns_name origin = name("example.org."), n;

	check_int(reed_dns_name_parse(REED_STR("www"), &origin, &n), REED_OK);
	is(&n, "www.example.org.");
	check_int(n.labels, 3);
	check_int(reed_dns_name_parse(REED_STR("www."), &origin, &n), REED_OK);
	is(&n, "www.");
	check_int(n.labels, 1);
	check_int(reed_dns_name_parse(REED_STR("@"), &origin, &n), REED_OK);
	is(&n, "example.org.");
	check_int(reed_dns_name_parse(REED_STR("\\@"), &origin, &n), REED_OK);
	is(&n, "\\@.example.org.");
}

static void any_byte_may_be_in_a_label(void)
{
	struct reed_dns_name n = name("a\\.b\\000\\032\\\\\\255.c"), again;
	char p[REED_DNS_NAME_TEXT_SIZE];

	check_int(n.n, 11);
	check(memcmp(n.wire, "\7a.b\0 \\\377\1c", 11) == 0);
	is(&n, "a\\.b\\000\\032\\\\\\255.c.");
	for (unsigned i = 0; i < 256; i++) {
		struct reed_dns_name one = { 3, 1, { 1, (uint8_t)i, 0 } };

		again = name(reed_dns_name_format(&one, p).p);
		check_int(again.n, 3);
		check_int(again.wire[1], i);
	}
}

static void what_is_no_name_is_refused(void)
{
	static const char *const bad[] = { "",   "..",  ".a",    "a..b",   "a..",
		                           "\\", "a\\", "a\\25", "a\\256", "a\\2x5" };
	struct reed_dns_name n;

	for (size_t i = 0; i < REED_COUNT(bad); i++)
		check_int(reed_dns_name_parse(reed_slice_of(bad[i]), NULL, &n), REED_ESYNTAX);
}

static void labels_have_63_bytes_and_names_255(void)
{
	char text[260];
	struct reed_dns_name n, origin;

	memset(text, 'a', sizeof(text));
	check_int(reed_dns_name_parse(reed_slice(text, 63), NULL, &n), REED_OK);
	check_int(reed_dns_name_parse(reed_slice(text, 64), NULL, &n), REED_ETOOBIG);
	text[63] = text[127] = text[191] = '.';
	check_int(reed_dns_name_parse(reed_slice(text, 253), NULL, &n), REED_OK);
	check_int(n.n, 255);
	text[253] = '.';
	check_int(reed_dns_name_parse(reed_slice(text, 254), NULL, &n), REED_OK);
	check_int(n.n, 255);
	text[253] = 'a';
	check_int(reed_dns_name_parse(reed_slice(text, 254), NULL, &n), REED_ETOOBIG);
	text[254] = '.';
	check_int(reed_dns_name_parse(reed_slice(text, 255), NULL, &n), REED_ETOOBIG);
	text[253] = '.';
	check_int(reed_dns_name_parse(reed_slice(text, 255), NULL, &n), REED_ESYNTAX);
	origin = name("org");
	check_int(reed_dns_name_parse(reed_slice(text, 249), &origin, &n), REED_OK);
	check_int(n.n, 255);
	check_int(reed_dns_name_parse(reed_slice(text, 250), &origin, &n), REED_ETOOBIG);
}

static void the_longest_text_fits(void)
{
	struct reed_dns_name n = { 0, 0, { 0 } };
	char p[REED_DNS_NAME_TEXT_SIZE];

	while (n.n < 254) {
		unsigned label = 253U - n.n < 63 ? 253U - n.n : 63;

		n.wire[n.n++] = (uint8_t)label;
		for (; label; label--)
			n.wire[n.n++] = 1;
		n.labels++;
	}
	n.wire[n.n++] = 0;
	check_int(reed_dns_name_format(&n, p).n, REED_DNS_NAME_TEXT_SIZE - 1);
}

static void names_are_equal_whatever_the_case(void)
{
	struct reed_dns_name a = name("WWW.Example.ORG"), b = name("www.eXAMPLE.org"),
			     c = name("www.example.orh"), d = name("[.example"),
			     e = name("{.example");

	check(reed_dns_name_eq(&a, &b));
	check(reed_dns_name_hash(&a, 7) == reed_dns_name_hash(&b, 7));
	check(reed_dns_name_hash(&a, 7) != reed_dns_name_hash(&a, 8));
	check(!reed_dns_name_eq(&a, &c));
	check(!reed_dns_name_eq(&d, &e));
	reed_dns_name_lower(&a);
	is(&a, "www.example.org.");
}

/* Bytes beyond ASCII and beside the letters are not folded. */
static void only_letters_are_folded(void)
{
	for (unsigned i = 0; i < 256; i++) {
		for (unsigned j = 0; j < 256; j++) {
			struct reed_dns_name a = { 11, 1, "\011abcdefgh" }, b = a;
			unsigned x = i >= 'A' && i <= 'Z' ? i + 32 : i;
			unsigned y = j >= 'A' && j <= 'Z' ? j + 32 : j;

			a.wire[4] = a.wire[9] = (uint8_t)i;
			b.wire[4] = b.wire[9] = (uint8_t)j;
			check(reed_dns_name_eq(&a, &b) == (x == y));
			check((reed_dns_name_cmp(&a, &b) < 0) == (x < y));
		}
	}
}

/* RFC 4034 6.1, its own example. */
static void the_order_is_canonical(void)
{
	static const char *const sorted[] = {
		"example",         "a.example",      "yljkjljk.a.example",
		"Z.a.example",     "zABC.a.EXAMPLE", "z.example",
		"\\001.z.example", "*.z.example",    "\\200.z.example"
	};

	for (size_t i = 0; i < REED_COUNT(sorted); i++) {
		for (size_t j = 0; j < REED_COUNT(sorted); j++) {
			struct reed_dns_name a = name(sorted[i]), b = name(sorted[j]);
			int order = reed_dns_name_cmp(&a, &b);

			check((order < 0) == (i < j));
			check((order > 0) == (i > j));
		}
	}
}

static void a_name_is_under_its_parents(void)
{
	struct reed_dns_name n = name("a.b.Example.org"), zone = name("example.ORG"),
			     root = name(".");
	struct reed_dns_name other = name("b.example.net"), look = name("xexample.org"), up;

	check(reed_dns_name_is_under(&n, &zone));
	check(reed_dns_name_is_under(&zone, &zone));
	check(!reed_dns_name_is_under(&zone, &n));
	check(reed_dns_name_is_under(&n, &root));
	check(!reed_dns_name_is_under(&look, &zone));
	check_int(reed_dns_name_common(&n, &zone), 2);
	check_int(reed_dns_name_common(&n, &other), 0);
	check_int(reed_dns_name_common(&n, &root), 0);
	reed_dns_name_suffix(&n, 3, &up);
	is(&up, "b.Example.org.");
	reed_dns_name_suffix(&up, 0, &up);
	is(&up, ".");
	check_int(up.labels, 0);
}

static void names_are_made_from_parts(void)
{
	struct reed_dns_name zone = name("example.org"), n, to = name("example.net");

	check_int(reed_dns_name_prepend(REED_STR("*"), &zone, &n), REED_OK);
	is(&n, "*.example.org.");
	check(reed_dns_name_is_wild(&n));
	check(!reed_dns_name_is_wild(&zone));
	check_int(reed_dns_name_prepend(REED_STR("a"), &n, &n), REED_OK);
	is(&n, "a.*.example.org.");
	check_int(n.labels, 4);
	check_int(reed_dns_name_prepend(REED_STR(""), &zone, &n), REED_ESYNTAX);

	/* RFC 6672 2.2 */
	n = name("foo.bar.example.org");
	check_int(reed_dns_name_replace(&n, &zone, &to, &n), REED_OK);
	is(&n, "foo.bar.example.net.");
	check_int(n.labels, 4);
	check_int(reed_dns_name_replace(&n, &zone, &to, &n), REED_EINVAL);
}

static void a_name_may_become_too_long(void)
{
	struct reed_dns_name n = name("a"), root = name(".");

	while (n.n <= REED_DNS_NAME_MAX - 2)
		check_int(reed_dns_name_prepend(REED_STR("b"), &n, &n), REED_OK);
	check_int(n.labels, REED_DNS_LABELS_MAX);
	check_int(reed_dns_name_prepend(REED_STR("b"), &n, &n), REED_ETOOBIG);
	check_int(reed_dns_name_replace(&n, &root, &n, &n), REED_ETOOBIG);
	check_int(reed_dns_name_cmp(&n, &n), 0);
}

static void addresses_have_names(void)
{
	struct reed_dns_name n;

	/* RFC 1035 3.5, RFC 3596 2.5 */
	check_int(reed_dns_name_reverse(reed_slice("\12\2\0\64", 4), &n), REED_OK);
	is(&n, "52.0.2.10.in-addr.arpa.");
	check_int(n.labels, 6);
	check_int(reed_dns_name_reverse(reed_slice("\x43\x21\0\0\0\1\0\2\0\3\0\4\x05\x67\x89\xab",
	                                           16),
	                                &n),
	          REED_OK);
	is(&n, "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa.");
	check_int(n.labels, 34);
	check_int(reed_dns_name_reverse(REED_STR("12345"), &n), REED_EINVAL);
}

/* RFC 1035 4.1.4, its own example. */
static void pointers_lead_back(void)
{
	char message[] = "....................\1F\3ISI\4ARPA\0\3FOO\300\024\300\032\0";
	struct reed_slice m = reed_slice(message, sizeof(message) - 1);
	struct reed_dns_name n;
	size_t at = 32;

	check_int(reed_dns_name_read(m, &at, &n), REED_OK);
	is(&n, "FOO.F.ISI.ARPA.");
	check_int(at, 38);
	check_int(reed_dns_name_read(m, &at, &n), REED_OK);
	is(&n, "ARPA.");
	check_int(at, 40);
	check_int(reed_dns_name_read(m, &at, &n), REED_OK);
	is(&n, ".");
	check_int(at, 41);
	check_int(reed_dns_name_read(m, &at, &n), REED_EPROTO);
}

static void refused(const char *bytes, size_t n, size_t at)
{
	struct reed_dns_name got;
	size_t before = at;

	check_int(reed_dns_name_read(reed_slice(bytes, n), &at, &got), REED_EPROTO);
	check_int(at, before);
}

static void pointers_never_loop_nor_lead_on(void)
{
	refused("\300\0", 2, 0);
	refused("\300\2\1a\0", 5, 0);
	refused("\1a\300\2\0", 5, 2);
	refused("\300\2\300\0", 4, 2);
	refused("\1a\300\0", 4, 0); /* a name that goes on with itself */
	refused("\1a\1b\300\2", 6, 2);
	refused("\300", 1, 0);
	refused("\100a\0", 3, 0);
	refused("\200a\0", 3, 0);
	refused("\2a", 2, 0);
	refused("\1a", 2, 0);
	refused("", 0, 0);
}

static void pointers_to_pointers_are_followed_only_so_far(void)
{
	char m[2 * 130] = { 0 };
	struct reed_dns_name n;
	size_t at = 2 * 127;

	for (unsigned i = 1; i < 130; i++) {
		m[2 * i] = (char)(0xc0 | (2 * i - 2) >> 8);
		m[2 * i + 1] = (char)(2 * i - 2);
	}
	check_int(reed_dns_name_read(reed_slice(m, sizeof(m)), &at, &n), REED_OK);
	check_int(n.n, 1);
	refused(m, sizeof(m), 2 * 128);
}

static void a_name_of_pointers_is_no_longer_than_255(void)
{
	char m[600];
	struct reed_dns_name n;
	size_t at = 0;

	/* 63 bytes, then names that add 63 to the one before */
	memset(m, 'a', sizeof(m));
	for (unsigned i = 0; i < 5; i++) {
		m[i * 66] = 63;
		m[i * 66 + 64] = i ? (char)(0xc0 | (i - 1) * 66 >> 8) : 0;
		m[i * 66 + 65] = (char)((i - 1) * 66);
	}
	at = 2 * 66;
	check_int(reed_dns_name_read(reed_slice(m, sizeof(m)), &at, &n), REED_OK);
	check_int(n.n, 193);
	check_int(at, 3 * 66);
	refused(m, sizeof(m), 3 * 66);
}

int main(void)
{
	RUN(a_name_has_labels_and_the_root);
	RUN(an_origin_completes_what_has_no_dot_at_its_end);
	RUN(any_byte_may_be_in_a_label);
	RUN(what_is_no_name_is_refused);
	RUN(labels_have_63_bytes_and_names_255);
	RUN(the_longest_text_fits);
	RUN(names_are_equal_whatever_the_case);
	RUN(only_letters_are_folded);
	RUN(the_order_is_canonical);
	RUN(a_name_is_under_its_parents);
	RUN(names_are_made_from_parts);
	RUN(a_name_may_become_too_long);
	RUN(addresses_have_names);
	RUN(pointers_lead_back);
	RUN(pointers_never_loop_nor_lead_on);
	RUN(pointers_to_pointers_are_followed_only_so_far);
	RUN(a_name_of_pointers_is_no_longer_than_255);
	return 0;
}
