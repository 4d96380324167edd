/*
 * The codec beside ldns: what the one prints the other reads, and both say the
 * same of bytes, order and messages.
 */

#include <ldns/ldns.h>

#include "check.h"
#include "random.h"
#include "reed/alloc.h"
#include "reed/dns/edns.h"
#include "reed/dns/zone.h"

enum { EACH = 1500, MESSAGES = 5000 };

/*
 * Left out, as ldns 1.8.3 does not know them or has another mind:
 * ZONEMD, SVCB and HTTPS are not built in, NSAP-PTR is what it takes 23 for.
 */
static bool ldns_knows(uint16_t type)
{
	const ldns_rr_descriptor *d = ldns_rr_descript(type);
	char word[REED_DNS_WORD_SIZE];

	return d && d->_name && strcmp(d->_name, reed_dns_type_format(type, word).p) == 0;
}

static ldns_rr *from_wire(const struct reed_dns_name *owner, uint16_t type, struct reed_slice rdata)
{
	uint8_t wire[8192];
	size_t n = owner->n, at = 0;
	ldns_rr *rr = NULL;
	ldns_status status;

	memcpy(wire, owner->wire, n);
	memcpy(wire + n,
	       (const uint8_t[]){ (uint8_t)(type >> 8), (uint8_t)type, 0, 1, 0, 0, 1, 0,
	                          (uint8_t)(rdata.n >> 8), (uint8_t)rdata.n },
	       10);
	if (rdata.n)
		memcpy(wire + n + 10, rdata.p, rdata.n);
	n += 10 + rdata.n;
	status = ldns_wire2rr(&rr, wire, n, &at, LDNS_SECTION_ANSWER);
	if (status)
		fprintf(stderr, "type %u: %s\n", type, ldns_get_errorstr_by_id(status));
	check_int(status, LDNS_STATUS_OK);
	return rr;
}

/* The rdata of a record of ldns, which is the caller's to free. */
static uint8_t *wire_of(const ldns_rr *rr, const struct reed_dns_name *owner,
                        struct reed_slice *rdata)
{
	uint8_t *wire;
	size_t n;

	check_int(ldns_rr2wire(&wire, rr, LDNS_SECTION_ANSWER, &n), LDNS_STATUS_OK);
	check(n >= owner->n + 10U && memcmp(wire, owner->wire, owner->n) == 0);
	*rdata = reed_slice(wire + owner->n + 10, n - owner->n - 10);
	return wire;
}

static void tell(const char *what, const char *text, uint16_t type, struct reed_slice rdata)
{
	fprintf(stderr, "%s, type %u: %s\n", what, type, text);
	for (size_t i = 0; i < rdata.n; i++)
		fprintf(stderr, "%02x", (uint8_t)rdata.p[i]);
	fputc('\n', stderr);
}

static void ldns_reads_what_is_printed(const struct reed_dns_name *owner, uint16_t type,
                                       struct reed_slice rdata)
{
	struct reed_buf out = { 0 };
	ldns_rr *rr = NULL;
	struct reed_slice got;
	ldns_status status;
	uint8_t *wire;
	char *text;

	reed_dns_print_record(owner, 256, 1, type, rdata, &out);
	text = reed_buf_take(&out);
	status = ldns_rr_new_frm_str(&rr, text, 0, NULL, NULL);
	if (status)
		tell(ldns_get_errorstr_by_id(status), text, type, rdata);
	check_int(status, LDNS_STATUS_OK);
	wire = wire_of(rr, owner, &got);
	if (!reed_slice_eq(got, rdata))
		tell("ldns reads something else", text, type, got);
	check(reed_slice_eq(got, rdata));
	ldns_rr_free(rr);
	free(wire);
	reed_free(text);
}

static void what_ldns_prints_is_read(const struct reed_dns_name *owner, uint16_t type,
                                     struct reed_slice rdata)
{
	ldns_rr *rr = from_wire(owner, type, rdata);
	struct reed_dns_scanner *s = reed_dns_scanner_new(NULL);
	char *text = ldns_rr2str(rr);
	struct reed_dns_zone_record r = { 0 };
	enum reed_err err;

	check_int(reed_dns_scanner_feed(s, reed_slice_of(text)), REED_OK);
	reed_dns_scanner_finish(s);
	err = reed_dns_scanner_next(s, &r);
	if (err || !reed_slice_eq(r.rdata, rdata))
		tell(err ? reed_dns_scanner_why(s) : "we read something else", text, type, rdata);
	check_int(err, REED_OK);
	check(reed_slice_eq(r.rdata, rdata));
	check(reed_slice_eq(reed_dns_name_wire(r.owner), reed_dns_name_wire(owner)));
	check_int(r.ttl, 256);
	reed_dns_scanner_free(s);
	ldns_rr_free(rr);
	free(text);
}

static void texts_mean_the_same(void)
{
	uint16_t types[128];
	size_t count = random_types(types), tried = 0;
	struct reed_dns_name owner;
	uint8_t bytes[4096];

	random_seed(3);
	for (size_t i = 0; i < count * EACH; i++) {
		uint16_t type = types[i % count];
		struct reed_slice rdata;

		if (!ldns_knows(type) || reed_dns_type_is_meta(type))
			continue;
		random_name(&owner);
		rdata = reed_slice(bytes, random_rdata(type, bytes));
		ldns_reads_what_is_printed(&owner, type, rdata);
		what_ldns_prints_is_read(&owner, type, rdata);
		tried++;
	}
	printf("%zu records\n", tried);
	check(tried > 40 * EACH);
}

static int sign(int order)
{
	return (order > 0) - (order < 0);
}

static void the_order_is_the_same(void)
{
	uint16_t types[128];
	size_t count = random_types(types);
	struct reed_dns_name owner, other;
	uint8_t a[4096], b[4096];

	random_seed(4);
	for (size_t i = 0; i < count * EACH / 4; i++) {
		uint16_t type = types[i % count];
		struct reed_slice x, y;
		ldns_rr *in_a, *in_b;

		if (!ldns_knows(type))
			continue;
		random_name(&owner);
		random_name(&other);
		x = reed_slice(a, random_rdata(type, a));
		y = reed_slice(b, random_rdata(type, b));
		in_a = from_wire(&owner, type, x);
		in_b = from_wire(&other, type, y);
		check_int(sign(ldns_dname_compare(ldns_rr_owner(in_a), ldns_rr_owner(in_b))),
		          sign(reed_dns_name_cmp(&owner, &other)));
		ldns_rr_set_owner(in_b, (ldns_rdf_deep_free(ldns_rr_owner(in_b)),
		                         ldns_rdf_clone(ldns_rr_owner(in_a))));
		ldns_rr2canonical(in_a);
		ldns_rr2canonical(in_b);
		check_int(sign(ldns_rr_compare(in_a, in_b)), sign(reed_dns_rdata_cmp(type, x, y)));
		ldns_rr_free(in_a);
		ldns_rr_free(in_b);
	}
}

/* ---- messages ---- */

static void build_random(struct reed_dns_builder *b, struct reed_slice *bytes)
{
	uint16_t types[128];
	size_t count = random_types(types);
	struct reed_dns_name owner;
	uint8_t rdata[4096];

	reed_dns_build_header(b, (uint16_t)random_next(), REED_DNS_QR);
	random_name(&owner);
	reed_dns_build_question(b, &owner, REED_DNS_TYPE_A, 1);
	for (unsigned section = 1; section < REED_DNS_SECTIONS; section++) {
		for (unsigned n = random_below(8); n > 0; n--) {
			uint16_t type = types[random_below((unsigned)count)];

			if (random_below(3))
				random_name(&owner);
			if (!ldns_knows(type) || reed_dns_type_is_meta(type))
				continue;
			reed_dns_build_record(b, (enum reed_dns_section)section, &owner, type, 1,
			                      256, reed_slice(rdata, random_rdata(type, rdata)));
		}
	}
	check_int(reed_dns_build_end(b, bytes), REED_OK);
}

/* Record by record; names that were compressed may have the letters of others. */
static void same_records(const struct reed_dns_message *m, ldns_pkt *pkt)
{
	ldns_rr_list *all[] = { ldns_pkt_question(pkt), ldns_pkt_answer(pkt),
		                ldns_pkt_authority(pkt), ldns_pkt_additional(pkt) };
	static uint8_t room[REED_DNS_RDATA_MAX];
	struct reed_dns_record r;
	struct reed_dns_walk walk;
	size_t i;

	for (unsigned section = REED_DNS_ANSWER; section < REED_DNS_SECTIONS; section++) {
		check_int(m->counts[section], ldns_rr_list_rr_count(all[section]));
		reed_dns_walk(m, (enum reed_dns_section)section, &walk);
		for (i = 0; reed_dns_next(&walk, &r); i++) {
			struct reed_dns_name owner, theirs;
			struct reed_slice rdata, got;
			ldns_rr *rr = ldns_rr_list_rr(all[section], i);
			uint8_t *wire;
			size_t n;

			check_int(reed_dns_record_owner(&r, &owner), REED_OK);
			check_int(reed_dns_record_rdata(&r, room, sizeof(room), &rdata), REED_OK);
			check_int(ldns_rr2wire(&wire, rr, LDNS_SECTION_ANSWER, &n), LDNS_STATUS_OK);
			check_int(reed_dns_name_take(reed_slice(wire, n), &theirs), REED_OK);
			check(reed_dns_name_eq(&owner, &theirs));
			got = reed_slice(wire + theirs.n + 10, n - theirs.n - 10);
			check_int(reed_dns_rdata_cmp(r.type, rdata, got), 0);
			free(wire);
		}
	}
}

static void messages_mean_the_same(void)
{
	static uint8_t p[REED_DNS_MESSAGE_MAX];

	for (unsigned seed = 0; seed < MESSAGES; seed++) {
		struct reed_dns_builder b;
		struct reed_dns_message m;
		struct reed_slice bytes;
		ldns_pkt *pkt = NULL;
		uint8_t *theirs;
		size_t n;

		random_seed(seed);
		reed_dns_build(&b, p, seed % 2 ? sizeof(p) : 512 + random_below(1000));
		build_random(&b, &bytes);
		check_int(reed_dns_message_parse(bytes, &m), REED_OK);
		check_int(ldns_wire2pkt(&pkt, (const uint8_t *)bytes.p, bytes.n), LDNS_STATUS_OK);
		check_int(ldns_pkt_tc(pkt), !!(m.flags & REED_DNS_TC));
		same_records(&m, pkt);
		/* Their compression, read by us. */
		check_int(ldns_pkt2wire(&theirs, pkt, &n), LDNS_STATUS_OK);
		check_int(reed_dns_message_parse(reed_slice(theirs, n), &m), REED_OK);
		same_records(&m, pkt);
		free(theirs);
		ldns_pkt_free(pkt);
	}
}

/* ---- EDNS ---- */

enum { OPTIONS = 9 };

static void build_options(struct reed_dns_builder *b)
{
	struct reed_dns_subnet subnet = { .family = 1, .source = (uint8_t)random_below(33) };
	struct reed_dns_error error = { (uint16_t)random_below(30), REED_STR("it is so") };
	struct reed_dns_cookie cookie = { REED_STR("01234567"), REED_STR("server's") };
	uint8_t any[64];

	for (size_t i = 0; i < sizeof(any); i++)
		any[i] = (uint8_t)random_next();
	memcpy(subnet.address, any, 4);
	reed_dns_build_option(b, REED_DNS_OPTION_NSID, reed_slice(any, random_below(64)));
	reed_dns_build_option(b, REED_DNS_OPTION_EXPIRE, reed_slice(any, 4 * random_below(2)));
	reed_dns_build_option(b, (uint16_t)(20 + random_below(65000)), reed_slice(any, 5));
	reed_dns_build_cookie(b, &cookie);
	reed_dns_build_subnet(b, &subnet);
	subnet.family = 2;
	reed_dns_build_subnet(b, &subnet);
	reed_dns_build_keepalive(b, (uint16_t)random_next());
	reed_dns_build_error(b, &error);
	reed_dns_build_padding(b, 128, 0);
}

static void same_options(const struct reed_dns_message *m, ldns_pkt *pkt)
{
	ldns_edns_option_list *theirs = ldns_pkt_edns_get_option_list(pkt);
	struct reed_slice rest, data;
	struct reed_dns_edns edns;
	uint16_t code;
	size_t n = 0;

	check_int(reed_dns_edns(m, &edns), REED_OK);
	check_int(ldns_edns_option_list_get_count(theirs), OPTIONS);
	check_int(ldns_pkt_edns_udp_size(pkt), edns.udp_size);
	check_int(ldns_pkt_edns_do(pkt), !!(edns.flags & REED_DNS_DO));
	for (rest = edns.options; reed_dns_option_next(&rest, &code, &data); n++) {
		ldns_edns_option *o = ldns_edns_option_list_get_option(theirs, n);

		check_int(ldns_edns_get_code(o), code);
		check(reed_slice_eq(data,
		                    reed_slice(ldns_edns_get_data(o), ldns_edns_get_size(o))));
	}
	check_int(n, OPTIONS);
}

static void options_mean_the_same(void)
{
	struct reed_dns_edns edns = { .udp_size = 1232, .flags = REED_DNS_DO };
	struct reed_dns_name name;
	uint8_t p[1024], *theirs;

	for (unsigned seed = 0; seed < MESSAGES; seed++) {
		struct reed_dns_builder b;
		struct reed_dns_message m;
		struct reed_slice bytes;
		ldns_pkt *pkt = NULL;
		size_t n;

		random_seed(seed);
		random_name(&name);
		reed_dns_build(&b, p, sizeof(p));
		reed_dns_build_header(&b, 1, 0);
		reed_dns_build_question(&b, &name, REED_DNS_TYPE_A, 1);
		reed_dns_build_opt(&b, &edns);
		build_options(&b);
		reed_dns_build_opt_end(&b);
		check_int(reed_dns_build_end(&b, &bytes), REED_OK);
		check_int(bytes.n % 128, 0);
		check_int(reed_dns_message_parse(bytes, &m), REED_OK);
		check_int(ldns_wire2pkt(&pkt, (const uint8_t *)bytes.p, bytes.n), LDNS_STATUS_OK);
		same_options(&m, pkt);
		check_int(ldns_pkt2wire(&theirs, pkt, &n), LDNS_STATUS_OK);
		check_int(reed_dns_message_parse(reed_slice(theirs, n), &m), REED_OK);
		same_options(&m, pkt);
		free(theirs);
		ldns_pkt_free(pkt);
	}
}

int main(void)
{
	RUN(options_mean_the_same);
	RUN(texts_mean_the_same);
	RUN(the_order_is_the_same);
	RUN(messages_mean_the_same);
	return 0;
}
