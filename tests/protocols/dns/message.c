/* Messages, written and read. */

#include "check.h"
#include "reed/dns/edns.h"

static struct reed_dns_name name(const char *text)
{
	struct reed_dns_name n;

	check_int(reed_dns_name_parse(reed_slice_of(text), NULL, &n), REED_OK);
	return n;
}

static void add(struct reed_dns_builder *b, enum reed_dns_section section, const char *owner,
                uint16_t type, const char *text)
{
	struct reed_dns_name n = name(owner);
	uint8_t bytes[1024];
	struct reed_slice rdata;

	check_int(reed_dns_rdata_parse(type, reed_slice_of(text), NULL, bytes, sizeof(bytes),
	                               &rdata, NULL),
	          REED_OK);
	reed_dns_build_record(b, section, &n, type, REED_DNS_CLASS_IN, 300, rdata);
}

static void ask(struct reed_dns_builder *b, void *p, size_t limit, const char *owner, uint16_t type)
{
	struct reed_dns_name n = name(owner);

	reed_dns_build(b, p, limit);
	reed_dns_build_header(b, 7, REED_DNS_QR);
	reed_dns_build_question(b, &n, type, REED_DNS_CLASS_IN);
}

static struct reed_dns_message end(struct reed_dns_builder *b)
{
	struct reed_dns_message m;
	struct reed_slice bytes;

	check_int(reed_dns_build_end(b, &bytes), REED_OK);
	check_int(reed_dns_message_parse(bytes, &m), REED_OK);
	return m;
}

static void prints(const struct reed_dns_message *m, const char *text)
{
	struct reed_buf out = { 0 };

	check_int(reed_dns_message_print(m, &out), REED_OK);
	check_slice(reed_buf_slice(&out), text);
	reed_buf_finish(&out);
}

static void a_message_comes_back_as_it_was(void)
{
	uint8_t p[512];
	struct reed_dns_builder b;
	struct reed_dns_message m;
	struct reed_dns_question q;

	ask(&b, p, sizeof(p), "Example.org", REED_DNS_TYPE_MX);
	add(&b, REED_DNS_ANSWER, "example.org", REED_DNS_TYPE_MX, "10 mail.example.org.");
	add(&b, REED_DNS_ANSWER, "example.org", REED_DNS_TYPE_MX, "20 mail.example.net.");
	add(&b, REED_DNS_ADDITIONAL, "mail.example.org", REED_DNS_TYPE_A, "192.0.2.1");
	m = end(&b);
	check_int(m.id, 7);
	check_int(m.counts[REED_DNS_ANSWER], 2);
	check_int(reed_dns_message_question(&m, &q), REED_OK);
	check_int(q.type, REED_DNS_TYPE_MX);
	check_int(q.name.n, 13);
	prints(&m,
	       ";; QUERY, NOERROR, id 7, flags: qr; 1 question, 2 answers, 0 authority, 1 additional\n"
	       ";; question\n"
	       ";Example.org. IN MX\n"
	       ";; answer\n"
	       "Example.org. 300 IN MX 10 mail.Example.org.\n"
	       "Example.org. 300 IN MX 20 mail.example.net.\n"
	       ";; additional\n"
	       "mail.Example.org. 300 IN A 192.0.2.1\n");
	/* 12 + 17; 12 + 2 + 5 + 2; 12 + 2 + 5 + 8 + 5 - the root and org. are not shared; 2 + 14 */
	check_int(m.bytes.n, 12 + 17 + (12 + 9) + (12 + 20) + 16);
}

static void names_of_newer_types_are_not_compressed(void)
{
	uint8_t p[512];
	struct reed_dns_builder b;
	struct reed_dns_message m;

	ask(&b, p, sizeof(p), "a.b", REED_DNS_TYPE_SRV);
	add(&b, REED_DNS_ANSWER, "a.b", REED_DNS_TYPE_SRV, "1 2 3 a.b.");
	add(&b, REED_DNS_ANSWER, "a.b", REED_DNS_TYPE_NS, "a.b.");
	m = end(&b);
	check_int(m.bytes.n, 12 + 9 + (12 + 6 + 5) + (12 + 2));
	ask(&b, p, sizeof(p), "a.b", REED_DNS_TYPE_NS);
	b.plain = true;
	add(&b, REED_DNS_ANSWER, "a.b", REED_DNS_TYPE_NS, "a.b.");
	m = end(&b);
	check_int(m.bytes.n, 12 + 9 + (5 + 10 + 5));
}

static void what_does_not_fit_takes_its_rrset_along(void)
{
	for (size_t limit = 23; limit < 200; limit++) {
		uint8_t p[200];
		struct reed_dns_builder b;
		struct reed_dns_message m;

		memset(p, 0xee, sizeof(p));
		ask(&b, p, limit, "a.b", REED_DNS_TYPE_A);
		add(&b, REED_DNS_ANSWER, "a.b", REED_DNS_TYPE_CNAME, "c.b.");  /* 12 + 4 */
		add(&b, REED_DNS_ANSWER, "c.b", REED_DNS_TYPE_A, "192.0.2.1"); /* 16 */
		add(&b, REED_DNS_ANSWER, "c.b", REED_DNS_TYPE_A, "192.0.2.2"); /* 16 */
		add(&b, REED_DNS_ANSWER, "c.b", REED_DNS_TYPE_RRSIG,
		    "A 5 3 0 0 0 1 b. AA==");                               /* 12 + 18 + 3 + 1 */
		add(&b, REED_DNS_AUTHORITY, "b", REED_DNS_TYPE_NS, "d.b."); /* 12 + 4 */
		m = end(&b);
		check(m.bytes.n <= limit);
		for (size_t i = limit; i < sizeof(p); i++)
			check_int(p[i], 0xee);
		if (limit < 21 + 16)
			check_int(m.bytes.n, 21);
		else if (limit < 37 + 66)
			check_int(m.bytes.n, 37);
		else if (limit < 103 + 16)
			check_int(m.bytes.n, 103);
		else
			check_int(m.bytes.n, 119);
		check_int(!!(m.flags & REED_DNS_TC), limit < 119);
		check_int(m.counts[REED_DNS_ANSWER], limit < 37 ? 0 : limit < 103 ? 1 : 4);
		check_int(m.counts[REED_DNS_AUTHORITY], limit < 119 ? 0 : 1);
	}
}

static void what_is_additional_may_be_missed(void)
{
	uint8_t p[200];
	struct reed_dns_builder b;
	struct reed_dns_message m;

	for (int needed = 0; needed < 2; needed++) {
		ask(&b, p, 21 + 16 + 20, "a.b", REED_DNS_TYPE_NS);
		b.needed = needed;
		add(&b, REED_DNS_ANSWER, "a.b", REED_DNS_TYPE_NS, "c.b.");
		add(&b, REED_DNS_ADDITIONAL, "c.b", REED_DNS_TYPE_AAAA, "2001:db8::1"); /* 28 */
		/* Of what has been left out nothing is left, even if it would fit. */
		add(&b, REED_DNS_ADDITIONAL, "c.b", REED_DNS_TYPE_AAAA,
		    "\\# 16 "
		    "00000000000000000000000000000001");
		add(&b, REED_DNS_ADDITIONAL, "c.b", REED_DNS_TYPE_A, "192.0.2.1"); /* 16 */
		m = end(&b);
		check_int(m.counts[REED_DNS_ADDITIONAL], needed ? 0 : 1);
		check_int(!!(m.flags & REED_DNS_TC), needed);
	}
}

static void what_was_taken_back_is_not_pointed_to(void)
{
	uint8_t p[100];
	struct reed_dns_builder b;
	struct reed_dns_message m;

	ask(&b, p, 70, "a.b", REED_DNS_TYPE_NS);
	add(&b, REED_DNS_ANSWER, "a.b", REED_DNS_TYPE_NS, "c.b.");
	add(&b, REED_DNS_ADDITIONAL, "some.where.else", REED_DNS_TYPE_AAAA, "2001:db8::1");
	add(&b, REED_DNS_ADDITIONAL, "some.where.else", REED_DNS_TYPE_A, "192.0.2.1");
	m = end(&b);
	check_int(m.counts[REED_DNS_ADDITIONAL], 1);
	prints(&m,
	       ";; QUERY, NOERROR, id 7, flags: qr; 1 question, 1 answer, 0 authority, 1 additional\n"
	       ";; question\n;a.b. IN NS\n;; answer\na.b. 300 IN NS c.b.\n"
	       ";; additional\nsome.where.else. 300 IN A 192.0.2.1\n");
}

static void a_message_grows_within_a_buffer(void)
{
	struct reed_buf buf = { 0 };
	struct reed_dns_builder b;
	struct reed_slice bytes;
	struct reed_dns_message m;
	struct reed_dns_name n = name("example.org");
	char owner[40];

	reed_buf_add(&buf, REED_STR("what is there already"));
	reed_buf_skip(&buf, 5);
	reed_dns_build_in(&b, &buf, REED_DNS_MESSAGE_MAX, true);
	reed_dns_build_header(&b, 9, REED_DNS_QR);
	reed_dns_build_question(&b, &n, REED_DNS_TYPE_AXFR, REED_DNS_CLASS_IN);
	for (unsigned i = 0; i < 2000; i++) {
		snprintf(owner, sizeof(owner), "host%u.example.org", i);
		add(&b, REED_DNS_ANSWER, owner, REED_DNS_TYPE_A, "192.0.2.1");
	}
	check_int(reed_dns_build_end(&b, &bytes), REED_OK);
	check(bytes.n > 40000);
	check_int(reed_buf_held(&buf), 16 + 2 + bytes.n);
	check_slice(reed_slice_first(reed_buf_slice(&buf), 16), "is there already");
	check_int((uint8_t)bytes.p[-2] << 8 | (uint8_t)bytes.p[-1], bytes.n);
	check_int(reed_dns_message_parse(bytes, &m), REED_OK);
	check_int(m.counts[REED_DNS_ANSWER], 2000);
	reed_buf_finish(&buf);
}

static void a_buffer_that_is_full_stays_as_it_was(void)
{
	struct reed_buf buf;
	struct reed_dns_builder b;
	struct reed_slice bytes;
	struct reed_dns_name n = name("example.org");

	reed_buf_init(&buf, 20);
	reed_buf_add(&buf, REED_STR("there"));
	reed_dns_build_in(&b, &buf, 512, true);
	reed_dns_build_header(&b, 9, 0);
	reed_dns_build_question(&b, &n, 1, 1);
	check_int(reed_dns_build_end(&b, &bytes), REED_ETOOBIG);
	check_int(bytes.n, 0);
	check_slice(reed_buf_slice(&buf), "there");
	reed_buf_finish(&buf);
}

static void options_come_back_as_they_were(void)
{
	uint8_t p[512];
	struct reed_dns_builder b;
	struct reed_dns_message m;
	struct reed_dns_edns edns = { 1232, 1, 0, REED_DNS_DO, REED_STR("") }, got;
	struct reed_dns_cookie cookie = { REED_STR("12345678"), REED_STR("abcdefgh") }, cookie_got;
	struct reed_dns_subnet subnet = { 1, 20, 0, { 192, 0, 0xff } }, subnet_got;
	struct reed_dns_error error = { 3, REED_STR("old\n") }, error_got;
	struct reed_slice data;
	uint16_t tenths;
	bool given;

	ask(&b, p, sizeof(p), "a.b", REED_DNS_TYPE_A);
	reed_dns_build_reserve(&b, 200);
	reed_dns_build_opt(&b, &edns);
	reed_dns_build_option(&b, REED_DNS_OPTION_NSID, REED_STR("ns1"));
	reed_dns_build_cookie(&b, &cookie);
	reed_dns_build_subnet(&b, &subnet);
	reed_dns_build_keepalive(&b, 1234);
	reed_dns_build_error(&b, &error);
	reed_dns_build_padding(&b, 128, 0);
	reed_dns_build_opt_end(&b);
	m = end(&b);
	check_int(m.bytes.n, 128);
	check_int(reed_dns_edns(&m, &got), REED_OK);
	check_int(got.udp_size, 1232);
	check_int(got.flags, REED_DNS_DO);
	check_int(reed_dns_edns_rcode(&m), 16);
	check(reed_dns_option(&got, REED_DNS_OPTION_NSID, &data));
	check_slice(data, "ns1");
	check(!reed_dns_option(&got, REED_DNS_OPTION_EXPIRE, &data));
	check(reed_dns_option(&got, REED_DNS_OPTION_COOKIE, &data));
	check_int(reed_dns_cookie_read(data, &cookie_got), REED_OK);
	check_slice(cookie_got.client, "12345678");
	check_slice(cookie_got.server, "abcdefgh");
	check(reed_dns_option(&got, REED_DNS_OPTION_SUBNET, &data));
	check_int(reed_dns_subnet_read(data, &subnet_got), REED_OK);
	check_int(subnet_got.address[2], 0xf0);
	check(reed_dns_option(&got, REED_DNS_OPTION_KEEPALIVE, &data));
	check_int(reed_dns_keepalive_read(data, &given, &tenths), REED_OK);
	check_int(given ? tenths : 0, 1234);
	check(reed_dns_option(&got, REED_DNS_OPTION_ERROR, &data));
	check_int(reed_dns_error_read(data, &error_got), REED_OK);
	check_slice(error_got.text, "old\n");
	prints(&m,
	       ";; QUERY, BADVERS, id 7, flags: qr; 1 question, 0 answers, 0 authority, 1 additional\n"
	       ";; EDNS version 0, DO, UDP up to 1232 bytes\n"
	       ";; name server \"ns1\"\n"
	       ";; cookie 31323334353637386162636465666768\n"
	       ";; client subnet 192.0.240.0/20/0\n"
	       ";; keep-alive 123.4 s\n"
	       ";; error 3 (Stale Answer): \"old\\010\"\n"
	       ";; padding 38 bytes\n"
	       ";; question\n;a.b. IN A\n");
}

static void options_that_are_wrong_are_found(void)
{
	struct reed_dns_cookie cookie;
	struct reed_dns_subnet subnet;
	struct reed_dns_error error;
	uint16_t tenths;
	bool given;

	check_int(reed_dns_cookie_read(REED_STR("1234567"), &cookie), REED_EPROTO);
	check_int(reed_dns_cookie_read(REED_STR("123456789"), &cookie), REED_EPROTO);
	check_int(reed_dns_cookie_read(REED_STR("12345678"), &cookie), REED_OK);
	check_int(reed_dns_subnet_read(reed_slice("\0\1\30\0\300\0\2", 7), &subnet), REED_OK);
	check_int(reed_dns_subnet_read(reed_slice("\0\1\30\0\300\0", 6), &subnet), REED_EPROTO);
	check_int(reed_dns_subnet_read(reed_slice("\0\1\27\0\300\0\3", 7), &subnet), REED_EPROTO);
	check_int(reed_dns_subnet_read(reed_slice("\0\1\41\0\300\0\3\0\0", 9), &subnet),
	          REED_EPROTO);
	check_int(reed_dns_subnet_read(reed_slice("\0\3\0\0", 4), &subnet), REED_OK);
	check_int(reed_dns_keepalive_read(REED_STR("1"), &given, &tenths), REED_EPROTO);
	check_int(reed_dns_error_read(REED_STR("1"), &error), REED_EPROTO);
}

static void room_is_kept_for_what_must_be_there(void)
{
	uint8_t p[80];
	struct reed_dns_builder b;
	struct reed_dns_message m;
	struct reed_dns_edns edns = { 1232, 0, 0, 0, REED_STR("") };
	struct reed_dns_name key = name("k");

	ask(&b, p, 80, "a.b", REED_DNS_TYPE_A);
	reed_dns_build_reserve(&b, 11 + 3 + 10 + 16);
	add(&b, REED_DNS_ANSWER, "a.b", REED_DNS_TYPE_A, "192.0.2.1");
	add(&b, REED_DNS_ANSWER, "x.y", REED_DNS_TYPE_A, "192.0.2.1");
	reed_dns_build_opt(&b, &edns);
	reed_dns_build_opt_end(&b);
	reed_dns_build_last(&b, &key, REED_DNS_TYPE_TSIG, REED_DNS_CLASS_ANY, 0,
	                    reed_slice("\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0", 17));
	check_int(b.err, REED_OK);
	m = end(&b);
	check_int(m.counts[REED_DNS_ANSWER], 1);
	check(m.flags & REED_DNS_TC);
	check(m.opt && m.tsig);
	check_int(m.bytes.n, 21 + 16 + 11 + 30);
}

static void parse(const char *hex_like, size_t n, enum reed_err wanted)
{
	struct reed_dns_message m;

	check_int(reed_dns_message_parse(reed_slice(hex_like, n), &m), wanted);
}

static void what_is_not_well_formed_is_refused(void)
{
	static const char opt[] = "\0\0\51\2\0\0\0\0\0\0\0";
	char two[12 + 22] = "\0\1\0\0\0\0\0\0\0\0\0\2",
		      tsig[12 + 11 + 11] = "\0\1\0\0\0\0\0\0\0\0\0\2";

	parse("\0\1\0\0\0\0\0\0\0\0\0\0", 12, REED_OK);
	parse("\0\1\0\0\0\0\0\0\0\0\0", 11, REED_EPROTO);
	parse("\0\1\0\0\0\0\0\0\0\0\0\0x", 13, REED_EPROTO);
	parse("\0\1\0\0\0\1\0\0\0\0\0\0", 12, REED_EPROTO);
	parse("\0\1\0\0\0\1\0\0\0\0\0\0\0\0\1\0\1", 17, REED_OK);
	parse("\0\1\0\0\0\1\0\0\0\0\0\0\0\0\1\0", 16, REED_EPROTO);
	parse("\0\1\0\0\377\377\0\0\0\0\0\0\0\0\1\0\1", 17, REED_EPROTO);
	parse("\0\1\0\0\0\0\0\1\0\0\0\0\0\0\1\0\1\0\0\0\0\0\1", 23, REED_EPROTO);
	/* two OPT; one that is no additional record; one of another owner */
	memcpy(two + 12, opt, 11);
	memcpy(two + 23, opt, 11);
	parse(two, sizeof(two), REED_EPROTO);
	two[11] = 1;
	parse(two, 23, REED_OK);
	two[11] = 0;
	two[9] = 1;
	parse(two, 23, REED_EPROTO);
	parse("\0\1\0\0\0\0\0\0\0\0\0\1\1a\0\0\51\2\0\0\0\0\0\0\0", 25, REED_EPROTO);
	/* TSIG before OPT */
	memcpy(tsig + 12, "\0\0\372\0\377\0\0\0\0\0\0", 11);
	memcpy(tsig + 23, opt, 11);
	parse(tsig, sizeof(tsig), REED_EPROTO);
}

static void a_name_that_loops_is_found_when_it_is_read(void)
{
	static const char bytes[] = "\0\1\0\0\0\1\0\0\0\0\0\0\300\14\0\1\0\1";
	struct reed_dns_message m;
	struct reed_dns_question q;

	check_int(reed_dns_message_parse(reed_slice(bytes, 18), &m), REED_OK);
	check_int(reed_dns_message_question(&m, &q), REED_EPROTO);
}

static void an_update_may_have_records_without_rdata(void)
{
	/* RFC 2136 2.5.2 */
	static const char bytes[] = "\0\1\50\0\0\0\0\0\0\1\0\0\0\0\1\0\377\0\0\0\0\0\0";
	struct reed_dns_message m;
	struct reed_dns_record r;
	struct reed_dns_walk walk;
	struct reed_slice rdata;

	check_int(reed_dns_message_parse(reed_slice(bytes, 23), &m), REED_OK);
	check_int(reed_dns_opcode(m.flags), REED_DNS_OPCODE_UPDATE);
	reed_dns_walk(&m, REED_DNS_AUTHORITY, &walk);
	check(reed_dns_next(&walk, &r));
	check_int(reed_dns_record_rdata(&r, NULL, 0, &rdata), REED_OK);
	check_int(rdata.n, 0);
	check(!reed_dns_next(&walk, &r));
	r.klass = REED_DNS_CLASS_IN;
	check_int(reed_dns_record_rdata(&r, NULL, 0, &rdata), REED_EPROTO);
}

static void sections_come_in_their_order(void)
{
	uint8_t p[512];
	struct reed_dns_builder b;
	struct reed_slice bytes;

	ask(&b, p, sizeof(p), "a.b", REED_DNS_TYPE_A);
	add(&b, REED_DNS_AUTHORITY, "a.b", REED_DNS_TYPE_A, "192.0.2.1");
	add(&b, REED_DNS_ANSWER, "a.b", REED_DNS_TYPE_A, "192.0.2.1");
	check_int(reed_dns_build_end(&b, &bytes), REED_EINVAL);
	reed_dns_build(&b, p, 11);
	check_int(reed_dns_build_end(&b, &bytes), REED_ETOOBIG);
	reed_dns_build(&b, p, 12);
	check_int(reed_dns_build_end(&b, &bytes), REED_EINVAL);
}

int main(void)
{
	RUN(a_message_comes_back_as_it_was);
	RUN(names_of_newer_types_are_not_compressed);
	RUN(what_does_not_fit_takes_its_rrset_along);
	RUN(what_is_additional_may_be_missed);
	RUN(what_was_taken_back_is_not_pointed_to);
	RUN(a_message_grows_within_a_buffer);
	RUN(a_buffer_that_is_full_stays_as_it_was);
	RUN(options_come_back_as_they_were);
	RUN(options_that_are_wrong_are_found);
	RUN(room_is_kept_for_what_must_be_there);
	RUN(what_is_not_well_formed_is_refused);
	RUN(a_name_that_loops_is_found_when_it_is_read);
	RUN(an_update_may_have_records_without_rdata);
	RUN(sections_come_in_their_order);
	return 0;
}
