/* Zone files. */

#include "check.h"
#include "reed/dns/zone.h"

/* What a scanner says of a text: records as lines, mistakes behind "! ". */
static void scan(struct reed_dns_scanner *s, struct reed_buf *out)
{
	struct reed_dns_zone_record r;
	enum reed_err err;

	for (;;) {
		err = reed_dns_scanner_next(s, &r);
		if (err == REED_OK)
			reed_dns_print_record(r.owner, r.ttl, r.klass, r.type, r.rdata, out);
		else if (err == REED_ESYNTAX)
			reed_buf_printf(out, "! %s", reed_dns_scanner_why(s));
		else
			break;
		reed_buf_add_char(out, '\n');
	}
	check(err == REED_EAGAIN || err == REED_EEOF);
}

static struct reed_dns_scanner *scanner(void)
{
	struct reed_dns_name origin;
	struct reed_dns_scanner_options options = { REED_DNS_SCANNER_OPTIONS, .name = "dir/z",
		                                    .origin = &origin };

	check_int(reed_dns_name_parse(REED_STR("example.org"), NULL, &origin), REED_OK);
	return reed_dns_scanner_new(&options);
}

/* The same whether it is fed at once or in pieces of any size. */
static void gives(const char *text, const char *wanted)
{
	size_t length = strlen(text);

	for (size_t piece = 1; piece <= length; piece = piece < 20 ? piece + 1 : length + 1) {
		struct reed_dns_scanner *s = scanner();
		struct reed_buf out = { 0 };

		for (size_t i = 0; i < length; i += piece) {
			struct reed_slice rest = reed_slice(text + i, length - i);

			check_int(reed_dns_scanner_feed(s, reed_slice_first(rest, piece)), REED_OK);
			scan(s, &out);
		}
		reed_dns_scanner_finish(s);
		scan(s, &out);
		check_slice(reed_buf_slice(&out), wanted);
		reed_buf_finish(&out);
		reed_dns_scanner_free(s);
	}
}

/* RFC 1035 5.3, its own example. */
static void the_example_of_rfc_1035(void)
{
	gives("$ORIGIN ISI.EDU.\n"
	      "$TTL 60\n"
	      "@   IN  SOA     VENERA      Action\\.domains (\n"
	      "                                 20     ; SERIAL\n"
	      "                                 7200   ; REFRESH\n"
	      "                                 600    ; RETRY\n"
	      "                                 3600000; EXPIRE\n"
	      "                                 60)    ; MINIMUM\n"
	      "\n"
	      "        NS      A.ISI.EDU.\n"
	      "        MX      10      VENERA\n"
	      "\n"
	      "A       A       26.3.0.103\n",
	      "ISI.EDU. 60 IN SOA VENERA.ISI.EDU. Action\\.domains.ISI.EDU. 20 7200 600 3600000 60\n"
	      "ISI.EDU. 60 IN NS A.ISI.EDU.\n"
	      "ISI.EDU. 60 IN MX 10 VENERA.ISI.EDU.\n"
	      "A.ISI.EDU. 60 IN A 26.3.0.103\n");
}

static void ttl_and_class_come_in_either_order(void)
{
	gives("a 1h IN A 192.0.2.1\n"
	      "a IN 2h A 192.0.2.1\n"
	      "a A 192.0.2.1\n"
	      "$TTL 1w2d3h4m5s\n"
	      "a in A 192.0.2.1\n"
	      "a 0 A 192.0.2.1",
	      "a.example.org. 3600 IN A 192.0.2.1\n"
	      "a.example.org. 7200 IN A 192.0.2.1\n"
	      "a.example.org. 7200 IN A 192.0.2.1\n"
	      "a.example.org. 788645 IN A 192.0.2.1\n"
	      "a.example.org. 0 IN A 192.0.2.1\n");
}

static void a_soa_may_bring_its_ttl(void)
{
	gives("@ SOA . . 1 2 3 4 900\nb A 192.0.2.1\n",
	      "example.org. 900 IN SOA . . 1 2 3 4 900\nb.example.org. 900 IN A 192.0.2.1\n");
}

static void comments_quotes_and_escapes(void)
{
	gives("$TTL 1 ; one\n"
	      ";nothing\n"
	      "   \t ; nothing\r\n"
	      "a TXT \"; no (comment\" ( ; comment \"(\n"
	      "\"b\\\"c\" )\r\n"
	      "a\\.b\\; TXT x\\;y\\032z\n"
	      "\\$c TXT \"\"\n"
	      "( d\n TXT ) e\n",
	      "a.example.org. 1 IN TXT \"; no (comment\" \"b\\\"c\"\n"
	      "a\\.b\\;.example.org. 1 IN TXT \"x;y z\"\n"
	      "\\$c.example.org. 1 IN TXT \"\"\n"
	      "d.example.org. 1 IN TXT \"e\"\n");
}

static void types_without_a_name_and_with_parameters(void)
{
	gives("$TTL 1\n"
	      "a TYPE65280 \\# 3 ( ab\n cdef )\n"
	      "a CLASS1 TYPE1 \\# 4 c0000201\n"
	      "a HTTPS 1 . alpn=\"h2,h3\" ( port=443\n ipv4hint=192.0.2.1 )\n",
	      "a.example.org. 1 IN TYPE65280 \\# 3 ABCDEF\n"
	      "a.example.org. 1 IN A 192.0.2.1\n"
	      "a.example.org. 1 IN HTTPS 1 . alpn=h2,h3 port=443 ipv4hint=192.0.2.1\n");
}

static void a_mistake_says_where_it_is_and_the_rest_goes_on(void)
{
	gives("a A 192.0.2.1\n"
	      "$TTL 1\n"
	      "b A 192.0.2.300\n"
	      "c MX ( 10 ; ten\n"
	      "  d e )\n"
	      "  AAAA ::1\n"
	      "$FROB x\n"
	      "d FROB x\n"
	      "d CH TXT x\n"
	      "d A\n"
	      "e..f A 192.0.2.1\n"
	      "f 99999999999 A 192.0.2.1\n"
	      "g TXT \"open\n"
	      "h A 192.0.2.1 )\n"
	      "i TSIG x\n"
	      "$ORIGIN\n"
	      "$TTL 5 6\n"
	      "j A 192.0.2.2\n"
	      "k A ( 192.0.2.3\n",
	      "! dir/z:1:14: no TTL is known here: write one in front of the type, or $TTL "
	      "3600 as the first line\n"
	      "! dir/z:3:5: \"192.0.2.300\" is not an address, as 192.0.2.1\n"
	      "! dir/z:5:5: \"e\": the record should have ended here\n"
	      "c.example.org. 1 IN AAAA ::1\n"
	      "! dir/z:7:1: \"$FROB\" is not $ORIGIN, $TTL, $INCLUDE or $GENERATE\n"
	      "! dir/z:8:3: \"FROB\" is not a type, as A or TYPE65280, nor a class, nor a TTL\n"
	      "! dir/z:9:3: \"CH\": this zone is of another class\n"
	      "! dir/z:10:4: the record ends here, where it needs an address, as 192.0.2.1\n"
	      "! dir/z:11:1: \"e..f\" is not a name\n"
	      "! dir/z:12:3: \"99999999999\" is not a TTL up to 2147483647, in seconds or as "
	      "1h30m\n"
	      "! dir/z:13:7: \"\"open\": a quote is not closed on its line\n"
	      "! dir/z:14:15: \")\": no parenthesis is open here\n"
	      "! dir/z:15:3: \"TSIG\": records of this type are never in a zone\n"
	      "! dir/z:16:8: the record ends here, where it needs a name\n"
	      "! dir/z:17:8: \"6\": the line should have ended here\n"
	      "j.example.org. 1 IN A 192.0.2.2\n"
	      "! dir/z:20:1: a parenthesis is still open: \")\" is missing\n");
}

static void a_first_line_needs_a_name(void)
{
	gives(" 1 A 192.0.2.1\na 1 A 192.0.2.1\n",
	      "! dir/z:1:2: \"1\": a line that begins with a space goes on with the name of the record "
	      "before, and there is none\n"
	      "a.example.org. 1 IN A 192.0.2.1\n");
}

static void generated_records(void)
{
	gives("$TTL 1\n"
	      "$GENERATE 1-3 host$ A 192.0.2.$\n"
	      "$GENERATE 0-20/10 $.x IN 5 PTR h-${100,5}-${-0,2,x}.\\$.${18,3,n}.\n"
	      "b A 192.0.2.9\n",
	      "host1.example.org. 1 IN A 192.0.2.1\n"
	      "host2.example.org. 1 IN A 192.0.2.2\n"
	      "host3.example.org. 1 IN A 192.0.2.3\n"
	      "0.x.example.org. 5 IN PTR h-00100-00.\\$.2.1.\n"
	      "10.x.example.org. 5 IN PTR h-00110-0a.\\$.c.1.\n"
	      "20.x.example.org. 5 IN PTR h-00120-14.\\$.6.2.\n"
	      "b.example.org. 1 IN A 192.0.2.9\n");
	gives("$TTL 1\n"
	      "$GENERATE 3-1 a A 192.0.2.1\n"
	      "$GENERATE 0-1048576 a A 192.0.2.1\n"
	      "$GENERATE 254-260 a$ A 192.0.2.$\n"
	      "$GENERATE 1-2\n"
	      "b A 192.0.2.9\n",
	      "! dir/z:2:11: \"3-1\" is not a range, as 1-254 or 0-100/2\n"
	      "! dir/z:3:11: \"0-1048576\": this would be more records than one $GENERATE may make\n"
	      "a254.example.org. 1 IN A 192.0.2.254\n"
	      "a255.example.org. 1 IN A 192.0.2.255\n"
	      "! dir/z:4:1: \"192.0.2.256\" is not an address, as 192.0.2.1\n"
	      "! dir/z:5:14: the record ends here, where it needs a record with $ in it\n"
	      "b.example.org. 1 IN A 192.0.2.9\n");
}

/* Files that are there by name. */
static const struct {
	const char *path, *text;
} files[] = {
	{ "dir/sub/a", "x A 192.0.2.1\n$INCLUDE b c\n A 192.0.2.3" },
	{ "dir/sub/b", "@ A 192.0.2.2\n$ORIGIN d.\n" },
	{ "dir/loop", "$INCLUDE sub/../loop\nl A 192.0.2.4\n" },
};

static void serve(struct reed_dns_scanner *s, struct reed_buf *out)
{
	scan(s, out);
	while (reed_dns_scanner_wants(s)) {
		size_t i = 0;

		while (i < REED_COUNT(files) &&
		       strcmp(files[i].path, reed_dns_scanner_wants(s)) != 0)
			i++;
		if (i < REED_COUNT(files)) {
			check_int(reed_dns_scanner_feed(s, reed_slice_of(files[i].text)), REED_OK);
			reed_dns_scanner_finish(s);
		} else {
			reed_dns_scanner_refuse(s, "no such file");
		}
		scan(s, out);
	}
}

static void files_within_files(void)
{
	struct reed_dns_scanner *s = scanner();
	struct reed_buf out = { 0 };

	check_int(reed_dns_scanner_feed(s, REED_STR("$TTL 1\nw A 192.0.2.0\n"
	                                            "$INCLUDE ./sub//a \n A 192.0.2.5\n"
	                                            "$INCLUDE loop\n"
	                                            "$INCLUDE \"/not there\" f.\n"
	                                            "v A 192.0.2.6\n")),
	          REED_OK);
	reed_dns_scanner_finish(s);
	check_int(reed_dns_scanner_feed(s, REED_STR("x")), REED_EINVAL);
	serve(s, &out);
	check_slice(reed_buf_slice(&out),
	            "w.example.org. 1 IN A 192.0.2.0\n"
	            "x.example.org. 1 IN A 192.0.2.1\n"
	            "c.example.org. 1 IN A 192.0.2.2\n"
	            "x.example.org. 1 IN A 192.0.2.3\n"
	            "w.example.org. 1 IN A 192.0.2.5\n"
	            "! dir/loop:1:10: \"sub/../loop\": this file would include itself\n"
	            "l.example.org. 1 IN A 192.0.2.4\n"
	            "! dir/z:6:1: \"/not there\": no such file\n"
	            "v.example.org. 1 IN A 192.0.2.6\n");
	reed_buf_finish(&out);
	reed_dns_scanner_free(s);
}

static void an_entry_has_a_limit(void)
{
	struct reed_dns_scanner_options options = { REED_DNS_SCANNER_OPTIONS, .entry = 1000 };
	struct reed_dns_scanner *s = reed_dns_scanner_new(&options);
	struct reed_dns_zone_record r;

	check_int(reed_dns_scanner_feed(s, REED_STR("$TTL 1\na TXT (\n")), REED_OK);
	for (int i = 0; i < 100; i++)
		check_int(reed_dns_scanner_feed(s, REED_STR("abcdefghi\n")), REED_OK);
	check_int(reed_dns_scanner_next(s, &r), REED_ESYNTAX);
	check_str(reed_dns_scanner_why(s),
	          "zone:2:1: this record is too long: is a parenthesis not closed?");
	check_int(reed_dns_scanner_feed(s, REED_STR("rest\na A 192.0.2.1\n")), REED_OK);
	reed_dns_scanner_finish(s);
	check_int(reed_dns_scanner_next(s, &r), REED_OK);
	check_int(r.line, 104);
	check_int(reed_dns_scanner_next(s, &r), REED_EEOF);
	reed_dns_scanner_free(s);
}

static enum reed_err count(void *arg, const struct reed_dns_zone_record *r)
{
	check(r->line > 0);
	++*(unsigned *)arg;
	return REED_OK;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	check(f != NULL);
	fputs(text, f);
	fclose(f);
}

static void files_on_disk(void)
{
	struct reed_dns_scanner_options options = { REED_DNS_SCANNER_OPTIONS,
		                                    .name = "dns.zone.tmp" };
	struct reed_fault *fault = NULL;
	unsigned n = 0;

	write_file("dns.zone.tmp",
	           "$TTL 1\na A 192.0.2.1\n$INCLUDE dns.zone.tmp2\nb A 192.0.2.2\n");
	write_file("dns.zone.tmp2", "c A 192.0.2.3\n");
	check_int(reed_dns_zone_read(&options, count, &n, &fault), REED_OK);
	check_int(n, 3);
	remove("dns.zone.tmp2");
	check_int(reed_dns_zone_read(&options, count, &n, &fault), REED_ESYNTAX);
	check_str(reed_fault_why(fault, REED_ESYNTAX),
	          "dns.zone.tmp:3:1: \"dns.zone.tmp2\": no such file, name or object");
	reed_fault_free(fault);
	fault = NULL;
	remove("dns.zone.tmp");
	check_int(reed_dns_zone_read(&options, count, &n, &fault), REED_ENOENT);
	check_str(reed_fault_why(fault, REED_ENOENT), "dns.zone.tmp: no such file, name or object");
	reed_fault_free(fault);
}

int main(void)
{
	RUN(the_example_of_rfc_1035);
	RUN(ttl_and_class_come_in_either_order);
	RUN(a_soa_may_bring_its_ttl);
	RUN(comments_quotes_and_escapes);
	RUN(types_without_a_name_and_with_parameters);
	RUN(a_first_line_needs_a_name);
	RUN(generated_records);
	RUN(an_entry_has_a_limit);
	RUN(files_on_disk);
	RUN(files_within_files);
	RUN(a_mistake_says_where_it_is_and_the_rest_goes_on);
	return 0;
}
