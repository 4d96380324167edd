/* Rdata on the wire and as text, from the examples of the RFCs. */

#include "check.h"
#include "reed/alloc.h"
#include "reed/base64.h"
#include "reed/dns/rdata.h"

static const struct reed_dns_name *origin(void)
{
	static struct reed_dns_name name;

	check_int(reed_dns_name_parse(REED_STR("example."), NULL, &name), REED_OK);
	return &name;
}

static uint16_t type_of(const char *text)
{
	uint16_t type;

	check_int(reed_dns_type_parse(reed_slice_of(text), &type), REED_OK);
	return type;
}

static void check_bytes(struct reed_slice bytes, const char *hex)
{
	char *got = reed_alloc(REED_HEX_ROOM(bytes.n));

	reed_hex(bytes, got);
	check_str(got, hex);
	reed_free(got);
}

/* This text is these bytes, and is printed like that. */
static void is(const char *type, const char *text, const char *hex, const char *printed)
{
	static uint8_t bytes[REED_DNS_RDATA_MAX];
	struct reed_buf out = { 0 };
	struct reed_slice rdata;
	struct reed_dns_mistake mistake;
	enum reed_err err = reed_dns_rdata_parse(type_of(type), reed_slice_of(text), origin(),
	                                         bytes, sizeof(bytes), &rdata, &mistake);

	if (err) {
		reed_dns_mistake_print(&mistake, &out);
		fprintf(stderr, "%s %s: " REED_FMT "\n", type, text,
		        REED_ARG(reed_buf_slice(&out)));
	}
	check_int(err, REED_OK);
	check_bytes(rdata, hex);
	check_int(reed_dns_rdata_check(type_of(type), rdata), REED_OK);
	reed_dns_rdata_print(type_of(type), rdata, &out);
	check_slice(reed_buf_slice(&out), printed ? printed : text);
	reed_buf_finish(&out);
}

static void the_types_of_rfc_1035(void)
{
	is("A", "26.3.0.103", "1a030067", NULL);
	is("NS", "ns.example.", "026e73076578616d706c6500", NULL);
	is("NS", "ns", "026e73076578616d706c6500", "ns.example.");
	is("CNAME", "@", "076578616d706c6500", "example.");
	is("SOA", "VENERA Action\\.domains 20 7200 600 3600000 60",
	   "0656454e455241076578616d706c65000e416374696f6e2e646f6d61696e73076578616d706c6500"
	   "0000001400001c20000002580036ee800000003c",
	   "VENERA.example. Action\\.domains.example. 20 7200 600 3600000 60");
	is("SOA", ". . 1 1h 1h30m 1w2d 0",
	   "0000000000010000"
	   "0e10"
	   "00001518"
	   "000bdd80"
	   "00000000",
	   ". . 1 3600 5400 777600 0");
	is("MX", "10 a.", "000a016100", NULL);
	is("HINFO", "VAX-11/780 \"UNIX \\\"V\\\" \\200\"",
	   "0a5641582d31312f3738300a554e495820225622"
	   "20c8",
	   "\"VAX-11/780\" \"UNIX \\\"V\\\" \\200\"");
	is("TXT", "a \"b c\" \"\"",
	   "016103622063"
	   "00",
	   "\"a\" \"b c\" \"\"");
	is("TXT", "a;b", "0161", "\"a\"");
	is("PTR", "a.b.", "0161016200", NULL);
}

static void the_types_that_came_later(void)
{
	is("AAAA", "2001:db8::1", "20010db8000000000000000000000001", NULL);
	is("AAAA", "2001:0DB8:0:0:1:0:0:1", "20010db8000000000001000000000001",
	   "2001:db8::1:0:0:1");
	is("AAAA", "::ffff:192.0.2.1", "00000000000000000000ffffc0000201", NULL);
	is("AAAA", "::", "00000000000000000000000000000000", NULL);
	is("AAAA", "1:0:2:3:4:5:6:7", "00010000000200030004000500060007", NULL);
	is("RP", "a. b.", "016100016200", NULL);
	is("AFSDB", "1 a.", "0001016100", NULL);
	is("SRV", "0 5 5060 a.", "0000000513c4016100", NULL);
	/* RFC 3403 6.2 */
	is("NAPTR", "100 50 \"a\" \"z3950+N2L+N2C\" \"\" cidserver.example.",
	   "0064003201610d7a333935302b4e324c2b4e32430009636964736572766572076578616d706c6500",
	   NULL);
	is("KX", "1 a.", "0001016100", NULL);
	is("DNAME", "a.", "016100", NULL);
	is("URI", "10 1 \"ftp://ftp1.example.com/public\"",
	   "000a00016674703a2f2f667470312e6578616d706c652e636f6d2f7075626c6963", NULL);
	is("CAA", "0 issue \"ca.example.net\"", "0005697373756563612e6578616d706c652e6e6574", NULL);
	is("CAA", "128 tbs \"\"", "8003746273", NULL);
	is("EUI48", "00-00-5e-00-53-2a", "00005e00532a", NULL);
	is("EUI64", "00-00-5e-ef-10-00-00-2a", "00005eef1000002a", NULL);
	is("NID", "10 0014:4fff:ff20:ee64", "000a00144fffff20ee64", NULL);
	is("L32", "10 10.1.2.0", "000a0a010200", NULL);
	is("SPF", "\"v=spf1 -all\"", "0b763d73706631202d616c6c", NULL);
}

static void places_and_prefixes(void)
{
	/* RFC 1876 4 */
	is("LOC", "42 21 54 N 71 06 18 W -24m 30m", "0033161389172dd070be15f000988d20",
	   "42 21 54.000 N 71 6 18.000 W -24.00m 30.00m 10000.00m 10.00m");
	is("LOC", "52 14 05 N 00 08 50 E 10m", "001216138b3556c88008165000989a68",
	   "52 14 5.000 N 0 8 50.000 E 10.00m 1.00m 10000.00m 10.00m");
	is("LOC", "32 7 19 s 116 2 25 e 10m", "00121613791b7d2898e6486800989a68",
	   "32 7 19.000 S 116 2 25.000 E 10.00m 1.00m 10000.00m 10.00m");
	is("LOC", "90 S 180 W 42849672.95 0 90000000 0.01", "000099106cb0270059604e00ffffffff",
	   "90 0 0.000 S 180 0 0.000 W 42849672.95m 0.00m 90000000.00m 0.01m");
	/* RFC 3123 8 */
	is("APL", "1:192.168.32.0/21 !1:192.168.38.0/28",
	   "000115"
	   "03c0a820"
	   "00011c83c0a826",
	   NULL);
	is("APL", "1:224.0.0.0/4 2:FF00:0:0:0:0:0:0:0/8",
	   "00010401e0"
	   "00020801ff",
	   "1:224.0.0.0/4 2:ff00::/8");
	is("APL", "", "", NULL);
}

static void keys_and_signatures(void)
{
	/* RFC 4034 2.3, 5.4 (shortened), 4.3 */
	is("DNSKEY", "256 3 5 AQPS",
	   "0100030501"
	   "03d2",
	   NULL);
	is("DNSKEY", "256 3 RSASHA1 AQ PS", "010003050103d2", "256 3 5 AQPS");
	is("CDNSKEY", "0 3 0 AA==", "0000030000", NULL);
	is("DS", "60485 5 1 ( 2BB183AF5F22588179A53B0A 98631FAD1A292118 )",
	   "ec4505012bb183af5f22588179a53b0a98631fad1a292118",
	   "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118");
	is("CDS", "0 0 0 00", "0000000000", NULL);
	is("RRSIG", "A 5 3 86400 20030322173103 20030220173103 2642 example.com. oJB1",
	   "00010503000151803e7c9dd73e5510d70a52076578616d706c6503636f6d00a09075", NULL);
	is("RRSIG", "TYPE65280 ED25519 0 0 4294967295 0 1 . AA==",
	   "ff000f0000000000ffffffff0000000000010000",
	   "TYPE65280 15 0 0 21060207062815 19700101000000 1 . AA==");
	is("NSEC", "host.example.com. A MX RRSIG NSEC TYPE1234",
	   "04686f7374076578616d706c6503636f6d000006400100000003041b0000000000000000000000000000"
	   "00000000000000000000000020",
	   NULL);
	is("NSEC", ".", "00", NULL);
	/* RFC 5155 appendix A */
	is("NSEC3", "1 1 12 aabbccdd 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG",
	   "0101000c04aabbccdd1417f3df17b2b2adaef615257de4d2020b80ac6c7c0006400000000002",
	   "1 1 12 AABBCCDD 2VPTU5TIMAMQTTGL4LUU9KG21E0AOR3S A RRSIG");
	is("NSEC3PARAM", "1 0 0 -", "0100000000", NULL);
	is("TLSA", "3 1 1 aBcD", "030101abcd", "3 1 1 ABCD");
	is("SSHFP", "4 2 00", "040200", NULL);
	is("CERT", "PKIX 1 8 AAA=", "00010001080000", NULL);
	is("CERT", "65280 1 8 AAA=", "ff000001080000", NULL);
	is("OPENPGPKEY", "AAEC", "000102", NULL);
	is("DHCID", "AAEC", "000102", NULL);
	is("CSYNC", "66 3 A NS AAAA",
	   "0000004200030004600000"
	   "08",
	   NULL);
	is("ZONEMD", "2018031500 1 1 62e6", "7848b78c010162e6", "2018031500 1 1 62E6");
}

static void gateways_and_identities(void)
{
	/* RFC 4025 3.2 */
	is("IPSECKEY", "10 1 2 192.0.2.38 AQNR", "0a0102c0000226010351", NULL);
	is("IPSECKEY", "10 0 2 . AQNR", "0a0002010351", NULL);
	is("IPSECKEY", "10 3 2 mygateway.example.com. AQNR",
	   "0a0302096d7967617465776179076578616d706c6503636f6d00010351", NULL);
	is("IPSECKEY", "10 2 2 2001:db8:0:8002::2000:1 AQNR",
	   "0a020220010db80000800200000000200000010103"
	   "51",
	   NULL);
	/* RFC 8005 6 (shortened) */
	is("HIP", "2 200100107B1A AwEA rvs.example.com.",
	   "06020003200100107b1a03010003727673076578616d706c6503636f6d00", NULL);
	is("TSIG", "hmac-sha256. 1 300 3 AAEC 77 16 0",
	   "0b686d61632d73686132353600000000000001012c0003000102004d00100000", NULL);
	is("TKEY", "a. 19700101000001 19700101000002 3 0 0 2 AAE=",
	   "016100000000010000000200030000000000020001", NULL);
}

/* RFC 9460 appendix D */
static void service_bindings(void)
{
	is("HTTPS", "0 foo.example.com.", "000003666f6f076578616d706c6503636f6d00", NULL);
	is("SVCB", "1 .", "000100", NULL);
	is("SVCB", "16 foo.example.com. port=53",
	   "001003666f6f076578616d706c6503636f6d00000300020035", NULL);
	is("SVCB", "1 foo.example.com. key667=\"hello\\210qoo\"",
	   "000103666f6f076578616d706c6503636f6d00029b000968656c6c6fd2716f6f", NULL);
	is("SVCB", "1 foo.example.com. ipv6hint=\"2001:db8::1,2001:db8::53:1\"",
	   "000103666f6f076578616d706c6503636f6d000006002020010db800000000000000000000000120010db8"
	   "000000000000000000530001",
	   "1 foo.example.com. ipv6hint=2001:db8::1,2001:db8::53:1");
	is("SVCB", "16 foo.example.org. (alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1)",
	   "001003666f6f076578616d706c65036f7267000000000400010004000100090268320568332d3139000400"
	   "04c0000201",
	   "16 foo.example.org. mandatory=alpn,ipv4hint alpn=h2,h3-19 ipv4hint=192.0.2.1");
	is("SVCB", "16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\"",
	   "001003666f6f076578616d706c65036f726700000"
	   "1000c08665c6f6f2c626172026832",
	   "16 foo.example.org. alpn=f\\\\\\\\oo\\\\,bar,h2");
	is("SVCB", "16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2",
	   "001003666f6f076578616d706c65036f7267000001000c08665c6f6f2c626172026832",
	   "16 foo.example.org. alpn=f\\\\\\\\oo\\\\,bar,h2");
	is("HTTPS", "1 . alpn=h2 no-default-alpn dohpath=/q{?dns} ech=AAEC",
	   "000100000100030268320002000000050003000102000700082f717b3f646e737d",
	   "1 . alpn=h2 no-default-alpn ech=AAEC dohpath=\"/q{?dns}\"");
}

static void any_type_may_be_given_as_bytes(void)
{
	is("TYPE65280", "\\# 3 aB CdEf", "abcdef", "\\# 3 ABCDEF");
	is("TYPE65280", "\\# 0", "", "\\# 0");
	is("A", "\\# 4 0a000001", "0a000001", "10.0.0.1");
	is("NULL", "\\# 1 00", "00", NULL);
	is("TYPE1", "192.0.2.1", "c0000201", NULL);
}

/* What is said about a mistake. */
static void wrong(const char *type, const char *text, size_t at, const char *sentence)
{
	uint8_t bytes[1024];
	struct reed_buf out = { 0 };
	struct reed_dns_mistake mistake = { 0 };
	struct reed_slice rdata;

	check_int(reed_dns_rdata_parse(type_of(type), reed_slice_of(text), origin(), bytes,
	                               sizeof(bytes), &rdata, &mistake),
	          REED_ESYNTAX);
	check_int(rdata.n, 0);
	reed_dns_mistake_print(&mistake, &out);
	check_slice(reed_buf_slice(&out), sentence);
	check_int(mistake.at, at);
	reed_buf_finish(&out);
}

static void a_mistake_says_what_would_be_right(void)
{
	wrong("A", "1.2.3", 0, "\"1.2.3\" is not an address, as 192.0.2.1");
	wrong("A", "", 0, "the record ends here, where it needs an address, as 192.0.2.1");
	wrong("A", "1.2.3.4 5", 8, "\"5\": the record should have ended here");
	wrong("A", "1.2.3.256", 0, "\"1.2.3.256\" is not an address, as 192.0.2.1");
	wrong("MX", "70000 a", 0, "\"70000\" is not a number up to 65535");
	wrong("MX", "10 (a", 5, "a parenthesis is still open: \")\" is missing");
	wrong("MX", "10 a)", 4, "\")\": no parenthesis is open here");
	wrong("TXT", "\"a", 0, "\"\"a\": a quote is not closed on its line");
	wrong("TXT", "a\\25", 0,
	      "\"a\\25\": a backslash is followed by one character, or by three digits up to 255");
	wrong("DS", "1 13 2 abc", 10,
	      "the record ends here, where it needs an even number of hexadecimal "
	      "digits");
	wrong("DS", "1 13 2 ab cx", 10, "\"cx\" is not an even number of hexadecimal digits");
	wrong("RRSIG", "A 5 3 1 20030230000000 1 1 a AA==", 8,
	      "\"20030230000000\" is not a time as YYYYMMDDHHmmSS, or in seconds");
	wrong("TYPE65280", "1.2.3.4", 0,
	      "\"1.2.3.4\" is not \\#, a number of bytes and the bytes in hexadecimal: there is no "
	      "other form for this type");
	wrong("A", "\\# 4 0a00", 9, "there are not as many bytes as said behind \\#");
	wrong("A", "\\# 3 0a0000", 11, "these bytes are no rdata of this type");
	wrong("SVCB", "1 . port=1 port=2", 11, "\"port=2\": this key has been given before");
	wrong("SVCB", "1 . mandatory=port", 18, "a key that is said to be mandatory is missing");
	wrong("SVCB", "1 . frob=1", 4,
	      "\"frob=1\" is not a parameter, as alpn=h2,h3, port=443 or key65280=abc");
	wrong("LOC", "91 N 0 E 0", 0, "\"91\" is not a latitude, as 52 22 23.000 N");
	wrong("EUI48", "00-00-5e-00-53", 0,
	      "\"00-00-5e-00-53\" is not six bytes, as 00-00-5e-00-53-2a");
	wrong("TSIG", "a. 1 300 4 AAEC 77 16 0", 11,
	      "\"AAEC\": this is not as long as said in front of it");
}

static void malformed(const char *type, const char *hex)
{
	uint8_t bytes[256];
	size_t n = strlen(hex) / 2;

	check_int(reed_hex_decode(reed_slice_of(hex), bytes, n), REED_OK);
	check_int(reed_dns_rdata_check(type_of(type), reed_slice(bytes, n)), REED_EPROTO);
}

static void what_is_malformed_is_found(void)
{
	malformed("A", "0a0000");
	malformed("A", "0a00000100");
	malformed("NS", "0161");
	malformed("NS", "c000");
	malformed("TXT", "");
	malformed("TXT", "0261");
	malformed("NSEC", "00000100"); /* a window without bits */
	malformed("NSEC", "00000240"
	                  "00"); /* a zero byte at its end */
	malformed("NSEC", "000001400001"
	                  "40");
	malformed("NSEC", "0001014000"
	                  "0140");
	malformed("APL", "00012004c0000000");
	malformed("APL", "000121"
	                 "01c0");
	malformed("SVCB", "0001000003000200350003"
	                  "00020035");
	malformed("SVCB", "00010000030001"
	                  "35");
	malformed("SVCB", "0001000000000200"
	                  "03");
	malformed("IPSECKEY", "0a0402");
	malformed("LOC", "01121613"
	                 "80000000"
	                 "80000000"
	                 "00989680");
	malformed("NSEC3", "0100000000"
	                   "00");
	malformed("TSIG", "00000000000001012c0003000102004d0010");
}

static void canonical_form_folds_names(void)
{
	struct {
		const char *type, *text, *canonical;
	} of[] = {
		{ "MX", "10 A.Example.", "10 a.example." },
		{ "NSEC", "A.Example. A", "A.Example. A" }, /* RFC 6840 5.1 */
		{ "RRSIG", "A 5 3 0 0 0 1 Example. AAAA",
		  "A 5 3 0 19700101000000 19700101000000 1 example. AAAA" },
		{ "SRV", "1 2 3 A.", "1 2 3 a." },
		{ "SVCB", "1 A.", "1 A." },
		{ "HINFO", "A B", "\"A\" \"B\"" },
	};

	for (size_t i = 0; i < REED_COUNT(of); i++) {
		uint8_t bytes[256];
		struct reed_slice rdata;
		struct reed_buf out = { 0 };

		check_int(reed_dns_rdata_parse(type_of(of[i].type), reed_slice_of(of[i].text), NULL,
		                               bytes, sizeof(bytes), &rdata, NULL),
		          REED_OK);
		reed_dns_rdata_canonical(type_of(of[i].type), rdata, bytes);
		reed_dns_rdata_print(type_of(of[i].type), rdata, &out);
		check_slice(reed_buf_slice(&out), of[i].canonical);
		reed_buf_finish(&out);
	}
}

static int order(const char *type, const char *a, const char *b)
{
	uint8_t in_a[256], in_b[256];
	struct reed_slice x, y;

	check_int(reed_dns_rdata_parse(type_of(type), reed_slice_of(a), NULL, in_a, 256, &x, NULL),
	          0);
	check_int(reed_dns_rdata_parse(type_of(type), reed_slice_of(b), NULL, in_b, 256, &y, NULL),
	          0);
	check_int(reed_dns_rdata_cmp(type_of(type), x, y) < 0,
	          reed_dns_rdata_cmp(type_of(type), y, x) > 0);
	return reed_dns_rdata_cmp(type_of(type), x, y);
}

static void rdata_is_ordered_by_its_canonical_bytes(void)
{
	check(order("A", "1.2.3.4", "1.2.3.5") < 0);
	check(order("MX", "10 a.", "10 A.") == 0);
	check(order("MX", "10 b.", "9 c.") > 0);
	check(order("MX", "10 aa.", "10 b.") > 0); /* by bytes, the length is one */
	check(order("TXT", "a", "A") > 0);
	check(order("TXT", "a b", "a") > 0);
	check(order("NSEC", "a. A", "A. A") > 0);
	check(order("RRSIG", "A 5 3 0 0 0 1 E. AAAA", "A 5 3 0 0 0 1 e. AAAB") < 0);
}

static void what_is_asked_of_rdata(void)
{
	uint8_t bytes[256];
	char text[REED_DNS_NAME_TEXT_SIZE];
	struct reed_slice rdata, bitmap, params, value;
	struct reed_dns_name name;
	uint16_t priority, key;

	check_int(reed_dns_rdata_parse(REED_DNS_TYPE_SRV, REED_STR("1 2 3 a.b."), NULL, bytes, 256,
	                               &rdata, NULL),
	          REED_OK);
	check_int(reed_dns_rdata_name(REED_DNS_TYPE_SRV, rdata, &name), REED_OK);
	check_slice(reed_dns_name_format(&name, text), "a.b.");
	check_int(reed_dns_rdata_name(REED_DNS_TYPE_A, REED_STR("1234"), &name), REED_ENOENT);
	check_int(reed_dns_rdata_bitmap(REED_DNS_TYPE_A, REED_STR("1234"), &bitmap), REED_ENOENT);

	check_int(reed_dns_rdata_parse(REED_DNS_TYPE_NSEC, REED_STR("a. A TYPE1234 CAA"), NULL,
	                               bytes, 256, &rdata, NULL),
	          REED_OK);
	check_int(reed_dns_rdata_bitmap(REED_DNS_TYPE_NSEC, rdata, &bitmap), REED_OK);
	check(reed_dns_bitmap_has(bitmap, REED_DNS_TYPE_A));
	check(reed_dns_bitmap_has(bitmap, REED_DNS_TYPE_CAA));
	check(reed_dns_bitmap_has(bitmap, 1234));
	check(!reed_dns_bitmap_has(bitmap, 1235));
	check(!reed_dns_bitmap_has(bitmap, REED_DNS_TYPE_NS));
	check(!reed_dns_bitmap_has(bitmap, 65535));

	check_int(reed_dns_rdata_parse(REED_DNS_TYPE_HTTPS, REED_STR("1 a. port=8 alpn=h2"), NULL,
	                               bytes, 256, &rdata, NULL),
	          REED_OK);
	check_int(reed_dns_svcb(rdata, &priority, &name, &params), REED_OK);
	check_int(priority, 1);
	check(reed_dns_svcb_next(&params, &key, &value));
	check_int(key, 1);
	check_slice(value, "\2h2");
	check(reed_dns_svcb_next(&params, &key, &value));
	check_int(key, 3);
	check(!reed_dns_svcb_next(&params, &key, &value));
}

/* RFC 4034 5.4: its key and the tag in its DS. */
static void a_key_has_its_tag(void)
{
	uint8_t bytes[512];
	struct reed_slice rdata;

	check_int(reed_dns_rdata_parse(REED_DNS_TYPE_DNSKEY,
	                               REED_STR("256 3 5 ( AQOeiiR0GOMYkDshWoSKz9Xz"
	                                        " fwJr1AYtsmx3TGkJaNXVbfi/"
	                                        " 2pHm822aJ5iI9BMzNXxeYCmZ"
	                                        " DRD99WYwYqUSdjMmmAphXdvx"
	                                        " egXd/M5+X7OrzKBaMbCVdFLU"
	                                        " Uh6DhweJBjEVv5f2wwjM9Xzc"
	                                        " nOf+EPbtG9DMBmADjFDc2w/r"
	                                        " ljwvFw==)"),
	                               NULL, bytes, sizeof(bytes), &rdata, NULL),
	          REED_OK);
	check_int(reed_dns_key_tag(rdata), 60485);
}

static void names_in_messages_are_expanded(void)
{
	static const char message[] = "\0\0\0\0\0\0\0\0\0\0\0\0\1b\1a\0\0\12\1m\300\14";
	struct reed_slice m = reed_slice(message, sizeof(message) - 1), rdata;
	uint8_t into[300];

	check_int(reed_dns_rdata_read(REED_DNS_TYPE_MX, m, 17, 6, into, sizeof(into), &rdata),
	          REED_OK);
	check(reed_slice_eq(rdata, reed_slice("\0\12\1m\1b\1a\0", 9)));
	check_int(reed_dns_rdata_read(REED_DNS_TYPE_MX, m, 17, 6, into, 8, &rdata), REED_ETOOBIG);
	/* RFC 3597 4: not in types that are newer */
	check_int(reed_dns_rdata_read(REED_DNS_TYPE_KX, m, 17, 6, into, sizeof(into), &rdata),
	          REED_EPROTO);
	check_int(reed_dns_rdata_read(REED_DNS_TYPE_MX, m, 17, 7, into, sizeof(into), &rdata),
	          REED_EPROTO);
	/* What has no pointer stays where it is. */
	check_int(reed_dns_rdata_read(REED_DNS_TYPE_NS, m, 12, 5, into, 0, &rdata), REED_OK);
	check(rdata.p == message + 12);
}

static void serial_numbers_go_around(void)
{
	/* RFC 1982 5.1 with 32 bits */
	check(reed_dns_serial_newer(1, 0));
	check(!reed_dns_serial_newer(0, 1));
	check(!reed_dns_serial_newer(7, 7));
	check(reed_dns_serial_newer(0, UINT32_MAX));
	check(reed_dns_serial_newer(UINT32_C(0x7fffffff), 0));
	check(!reed_dns_serial_newer(UINT32_C(0x80000000), 0));
	check(!reed_dns_serial_newer(0, UINT32_C(0x80000000)));
	check_int(reed_dns_serial_add(UINT32_MAX, 2), 1);
}

static void numbers_have_names(void)
{
	char word[REED_DNS_WORD_SIZE];
	uint16_t number;

	check_slice(reed_dns_type_format(51, word), "NSEC3PARAM");
	check_slice(reed_dns_type_format(65280, word), "TYPE65280");
	check_int(reed_dns_type_parse(REED_STR("type65280"), &number), REED_OK);
	check_int(number, 65280);
	check_int(reed_dns_type_parse(REED_STR("TYPE65536"), &number), REED_ESYNTAX);
	check_int(reed_dns_type_parse(REED_STR("TYPE"), &number), REED_ESYNTAX);
	check_int(reed_dns_type_parse(REED_STR(""), &number), REED_ESYNTAX);
	check_int(reed_dns_class_parse(REED_STR("ch"), &number), REED_OK);
	check_int(number, REED_DNS_CLASS_CH);
	check_slice(reed_dns_class_format(5, word), "CLASS5");
	check_slice(reed_dns_rcode_format(3, word), "NXDOMAIN");
	check_slice(reed_dns_rcode_format(16, word), "BADVERS");
	check_int(reed_dns_rcode_parse(REED_STR("BADSIG"), &number), REED_OK);
	check_int(number, 16);
	check_slice(reed_dns_opcode_format(5, word), "UPDATE");
	check(reed_dns_type_is_meta(REED_DNS_TYPE_OPT));
	check(reed_dns_type_is_meta(REED_DNS_TYPE_ANY));
	check(!reed_dns_type_is_meta(REED_DNS_TYPE_CAA));
}

int main(void)
{
	RUN(the_types_of_rfc_1035);
	RUN(the_types_that_came_later);
	RUN(places_and_prefixes);
	RUN(keys_and_signatures);
	RUN(gateways_and_identities);
	RUN(service_bindings);
	RUN(any_type_may_be_given_as_bytes);
	RUN(a_mistake_says_what_would_be_right);
	RUN(what_is_malformed_is_found);
	RUN(canonical_form_folds_names);
	RUN(rdata_is_ordered_by_its_canonical_bytes);
	RUN(what_is_asked_of_rdata);
	RUN(a_key_has_its_tag);
	RUN(names_in_messages_are_expanded);
	RUN(serial_numbers_go_around);
	RUN(numbers_have_names);
	return 0;
}
