/* Headers of the PROXY protocol: what is understood, what is refused, what is written. */

#include "reed/proxy.h"

#include "reed/alloc.h"
#include "tests/check.h"

static struct reed_proxy_facts told;
static size_t length;
static char why[256];
static char bytes[8192];
static size_t n;

static enum reed_err parse(struct reed_slice in)
{
	struct reed_fault *fault = NULL;
	enum reed_err err = reed_proxy_parse(in, &told, &length, &fault);

	check((fault != NULL) == (err && err != REED_EAGAIN));
	snprintf(why, sizeof(why), "%s", reed_fault_why(fault, err));
	reed_fault_free(fault);
	return err;
}

static enum reed_err parse_text(const char *text)
{
	return parse(reed_slice_of(text));
}

static void is_at(const struct reed_address *address, const char *text)
{
	char own[REED_ADDRESS_TEXT];

	check_str(reed_address_text(address, own), text);
}

/* ---- version 1 ---- */

static void a_line_tells_who_the_client_is(void)
{
	check_int(parse_text("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\nGET"), REED_OK);
	check_int(length, 45);
	check_int(told.version, 1);
	is_at(&told.source, "192.0.2.1:56324");
	is_at(&told.destination, "198.51.100.2:443");
	check_int(parse_text("PROXY TCP6 2001:db8::1 ::1 1 65535\r\n"), REED_OK);
	is_at(&told.source, "[2001:db8::1]:1");
	is_at(&told.destination, "[::1]:65535");
}

static void an_unknown_client_may_have_anything_in_its_line(void)
{
	check_int(parse_text("PROXY UNKNOWN\r\n"), REED_OK);
	check_int(told.source.family, REED_FAMILY_NONE);
	check_int(parse_text("PROXY UNKNOWN ffff:f...f:ffff what 65535\r\n"), REED_OK);
	check_int(told.source.family, REED_FAMILY_NONE);
	check_int(length, 42);
}

static void every_beginning_of_a_header_is_waited_on(void)
{
	const char *line = "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n";

	for (size_t i = 0; i < strlen(line); i++)
		check_int(parse(reed_slice(line, i)), REED_EAGAIN);
	check_int(parse_text(line), REED_OK);
}

static void lines_of_every_wrong_kind_are_refused(void)
{
	static const char *const lines[] = {
		"GET / HTTP/1.1\r\n",
		"proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
		"PROXY TCP5 192.0.2.1 192.0.2.2 1 2\r\n",
		"PROXY  TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
		"PROXY TCP4 192.0.2.1  192.0.2.2 1 2\r\n",
		"PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n",
		"PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n",
		"PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n",
		"PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n",
		"PROXY TCP4 192.0.2.1 192.0.2.2 -1 2\r\n",
		"PROXY TCP4 192.0.2.1 192.0.2.2 +1 2\r\n",
		"PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n",
		"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n",
		"PROXY TCP4 192.0.2.1 192.0.2.256 1 2\r\n",
		"PROXY TCP4 192.0.2.1 ::1 1 2\r\n",
		"PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n",
		"PROXY TCP6 fe80::1%lo ::1 1 2\r\n",
		"PROXY TCP4 example.org 192.0.2.2 1 2\r\n",
		"PROXY \r\n",
		"PROXY \n",
	};

	for (size_t i = 0; i < REED_COUNT(lines); i++)
		if (parse_text(lines[i]) != REED_EPROTO) {
			fprintf(stderr, "was not refused: %s", lines[i]);
			abort();
		}
	parse_text("EHLO \x1b[2J");
	check_str(why, "a connection that begins with \"EHLO .[2J\" and not with a PROXY header");
}

static void a_line_of_more_than_107_bytes_is_refused(void)
{
	memset(bytes, 'x', sizeof(bytes));
	memcpy(bytes, "PROXY UNKNOWN ", 14);
	check_int(parse(reed_slice(bytes, 106)), REED_EAGAIN);
	check_int(parse(reed_slice(bytes, 107)), REED_ETOOBIG);
	memcpy(bytes + 105, "\r\n", 2);
	check_int(parse(reed_slice(bytes, 200)), REED_OK);
	check_int(length, 107);
}

/* ---- version 2 ---- */

static void begin(unsigned char command, unsigned char family)
{
	memcpy(bytes, "\r\n\r\n\0\r\nQUIT\n", 12);
	bytes[12] = (char)command;
	bytes[13] = (char)family;
	n = 16;
}

static void add(const void *p, size_t size)
{
	memcpy(bytes + n, p, size);
	n += size;
}

static void add_tlv(unsigned type, const void *p, size_t size)
{
	unsigned char head[3] = { (unsigned char)type, (unsigned char)(size >> 8),
		                  (unsigned char)size };

	add(head, 3);
	add(p, size);
}

static struct reed_slice whole(void)
{
	bytes[14] = (char)((n - 16) >> 8);
	bytes[15] = (char)(n - 16);
	return reed_slice(bytes, n);
}

static void begin_ipv4(void)
{
	begin(0x21, 0x11);
	add("\300\0\2\1\306\63\144\2\334\4\1\273", 12);
}

static void binary_addresses_of_each_family_are_understood(void)
{
	char paths[216] = "/run/client";

	begin_ipv4();
	check_int(parse(whole()), REED_OK);
	check_int(length, 28);
	check_int(told.version, 2);
	is_at(&told.source, "192.0.2.1:56324");
	is_at(&told.destination, "198.51.100.2:443");
	begin(0x21, 0x21);
	add("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	add("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\1\0\2", 20);
	check_int(parse(whole()), REED_OK);
	is_at(&told.source, "[2001:db8::1]:1");
	is_at(&told.destination, "[::1]:2");
	memcpy(paths + 108, "\0name", 5);
	begin(0x21, 0x31);
	add(paths, sizeof(paths));
	check_int(parse(whole()), REED_OK);
	is_at(&told.source, "unix:/run/client");
	is_at(&told.destination, "unix:@name");
}

static void a_proxys_own_connection_tells_nothing_else(void)
{
	begin(0x20, 0x00);
	add("\xff\xff\xff rubbish", 11);
	check_int(parse(whole()), REED_OK);
	check(told.local);
	check_int(length, n);
	check_int(told.tlvs.n, 0);
	begin(0x21, 0x00);
	check_int(parse(whole()), REED_OK);
	check(!told.local);
	check_int(told.source.family, REED_FAMILY_NONE);
}

static void what_is_told_beside_addresses_can_be_read(void)
{
	static const char tls[] = "\x07\0\0\0\0\x21\0\7TLSv1.3\x22\0\5alice\x23\0\3AES";
	struct reed_slice rest, value = { NULL, 0 };
	uint8_t type = 0;

	begin_ipv4();
	add_tlv(0x01, "h2", 2);
	add_tlv(0x02, "example.org", 11);
	add_tlv(0x04, "padding", 7);
	add_tlv(0x05, "\0\1\2", 3);
	add_tlv(0x30, "blue", 4);
	add_tlv(0xe0, "ours", 4);
	add_tlv(0x20, tls, sizeof(tls) - 1);
	check_int(parse(whole()), REED_OK);
	check_slice(told.alpn, "h2");
	check_slice(told.authority, "example.org");
	check(reed_slice_eq(told.unique_id, reed_slice("\0\1\2", 3)));
	check_slice(told.netns, "blue");
	check(told.tls && told.certificate && told.verified && !told.crc);
	check_slice(told.tls_version, "TLSv1.3");
	check_slice(told.tls_name, "alice");
	check_slice(told.tls_cipher, "AES");
	rest = told.tlvs;
	for (int i = 0; i < 6; i++)
		check(reed_proxy_next(&rest, &type, &value));
	check_int(type, 0xe0);
	check_slice(value, "ours");
	check(reed_proxy_next(&rest, &type, &value));
	check(!reed_proxy_next(&rest, &type, &value));
}

static void a_certificate_that_was_not_verified_is_told_as_such(void)
{
	begin_ipv4();
	add_tlv(0x20, "\x03\0\0\0\1", 5);
	check_int(parse(whole()), REED_OK);
	check(told.tls && told.certificate && !told.verified);
	begin_ipv4();
	add_tlv(0x20, "\x01\0\0\0\0", 5);
	check_int(parse(whole()), REED_OK);
	check(told.tls && !told.certificate && !told.verified);
}

static void binary_headers_of_every_wrong_kind_are_refused(void)
{
	static const char too_long[129];

	begin(0x11, 0x11);
	check_int(parse(whole()), REED_EPROTO);
	begin(0x22, 0x11);
	check_int(parse(whole()), REED_EPROTO);
	begin(0x21, 0x41);
	check_int(parse(whole()), REED_EPROTO);
	begin(0x21, 0x13);
	check_int(parse(whole()), REED_EPROTO);
	begin(0x21, 0x11);
	add("\300\0\2\1\306\63\144\2\334\4\1", 11);
	check_int(parse(whole()), REED_EPROTO);
	check_str(why, "a PROXY header of version 2 with fewer bytes than its addresses have");
	begin_ipv4();
	add("\1\0\5h2", 5);
	check_int(parse(whole()), REED_EPROTO);
	begin_ipv4();
	add("\1\0", 2);
	check_int(parse(whole()), REED_EPROTO);
	begin_ipv4();
	add_tlv(0x20, "\1\0\0\0", 4);
	check_int(parse(whole()), REED_EPROTO);
	begin_ipv4();
	add_tlv(0x20, "\1\0\0\0\0\x21\0\7TLS", 11);
	check_int(parse(whole()), REED_EPROTO);
	begin_ipv4();
	add_tlv(0x05, too_long, sizeof(too_long));
	check_int(parse(whole()), REED_EPROTO);
	begin_ipv4();
	add_tlv(0x03, "\1\2\3\4", 4);
	check_int(parse(whole()), REED_EPROTO);
	check_str(why, "a PROXY header of version 2 with a checksum that is wrong");
	begin_ipv4();
	bytes[11] = 'x';
	check_int(parse(whole()), REED_EPROTO);
}

static void a_binary_header_has_a_limit(void)
{
	begin_ipv4();
	n = 4096;
	memset(bytes + 28, 4, n - 28);
	bytes[29] = (char)((n - 31) >> 8);
	bytes[30] = (char)(n - 31);
	check_int(parse(whole()), REED_OK);
	n = 4097;
	check_int(parse(reed_slice_first(whole(), 16)), REED_ETOOBIG);
	check_str(why, "a PROXY header of 4097 bytes; 4096 are the most");
}

/* ---- writing ---- */

static struct reed_slice format(const struct reed_proxy_facts *facts)
{
	struct reed_buf out = { 0 };

	check_int(reed_proxy_format(facts, &out), REED_OK);
	n = reed_buf_held(&out);
	memcpy(bytes, reed_buf_slice(&out).p, n);
	reed_buf_finish(&out);
	return reed_slice(bytes, n);
}

static struct reed_proxy_facts some_facts(int version)
{
	struct reed_proxy_facts f = REED_PROXY_FACTS;

	f.version = version;
	check_int(reed_address_read(REED_STR("192.0.2.1:56324"), &f.source), REED_OK);
	check_int(reed_address_read(REED_STR("198.51.100.2:443"), &f.destination), REED_OK);
	return f;
}

static void what_is_written_can_be_read(void)
{
	struct reed_proxy_facts f = some_facts(2);

	f.alpn = REED_STR("irc");
	f.unique_id = REED_STR("7");
	f.crc = f.tls = f.certificate = f.verified = true;
	f.tls_name = REED_STR("alice");
	f.tlvs = REED_STR("\xe0\0\1x");
	check_int(parse(format(&f)), REED_OK);
	is_at(&told.source, "192.0.2.1:56324");
	is_at(&told.destination, "198.51.100.2:443");
	check_slice(told.alpn, "irc");
	check_slice(told.unique_id, "7");
	check_slice(told.tls_name, "alice");
	check(told.crc && told.tls && told.verified);
	f = some_facts(2);
	f.local = true;
	check_int(parse(format(&f)), REED_OK);
	check(told.local);
}

static void version_1_is_one_line(void)
{
	struct reed_proxy_facts f = some_facts(1);

	check_slice(format(&f), "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n");
	f.source.family = f.destination.family = REED_FAMILY_UNIX;
	check_slice(format(&f), "PROXY UNKNOWN\r\n");
}

static void what_cannot_be_said_is_not_written(void)
{
	struct reed_proxy_facts f = some_facts(2);
	struct reed_buf out = { 0 };

	f.tlvs = reed_slice(bytes, 4096);
	check_int(reed_proxy_format(&f, &out), REED_ETOOBIG);
	check_int(reed_buf_held(&out), 0);
	reed_buf_clear(&out);
	f = some_facts(2);
	f.source.family = REED_FAMILY_IPV6;
	check_int(reed_proxy_format(&f, &out), REED_EINVAL);
	reed_buf_finish(&out);
}

int main(void)
{
	RUN(a_line_tells_who_the_client_is);
	RUN(an_unknown_client_may_have_anything_in_its_line);
	RUN(every_beginning_of_a_header_is_waited_on);
	RUN(lines_of_every_wrong_kind_are_refused);
	RUN(a_line_of_more_than_107_bytes_is_refused);
	RUN(binary_addresses_of_each_family_are_understood);
	RUN(a_proxys_own_connection_tells_nothing_else);
	RUN(what_is_told_beside_addresses_can_be_read);
	RUN(a_certificate_that_was_not_verified_is_told_as_such);
	RUN(binary_headers_of_every_wrong_kind_are_refused);
	RUN(a_binary_header_has_a_limit);
	RUN(what_is_written_can_be_read);
	RUN(version_1_is_one_line);
	RUN(what_cannot_be_said_is_not_written);
	return 0;
}
