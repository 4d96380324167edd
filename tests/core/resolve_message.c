/* What is read from DNS messages, good and bad. */

#include "core/resolve_private.h"

#include "check.h"
#include "dns_message.h"

static struct dns_message m;

static void begin(const char *name, int type)
{
	dns_begin(&m, 1, DNS_RESPONSE);
	dns_question(&m, name, type);
}

static void add(int section, const char *owner, int type, uint32_t ttl, const char *data)
{
	dns_add(&m, section, &(struct dns_record){ owner, type, ttl, data });
}

static enum reed_err read_as(const char *name, enum reed_record_type type, struct reed_answer *a)
{
	return reed_message_read(dns_end(&m), name, type, a);
}

static void has_address(const struct reed_answer *a, size_t i, const char *wanted)
{
	char text[REED_ADDRESS_TEXT];

	check(i < a->count);
	check_str(reed_address_host(&a->list[i].address, text), wanted);
}

/* ---- good ones ---- */

static void addresses_are_read(void)
{
	struct reed_answer a;

	begin("host.example", REED_RECORD_A);
	add(1, "host.example", REED_RECORD_A, 300, "192.0.2.1");
	add(1, "HOST.example", REED_RECORD_A, 200, "192.0.2.2");
	add(1, "other.example", REED_RECORD_A, 100, "192.0.2.3");
	add(1, "host.example", REED_RECORD_AAAA, 100, "2001:db8::1");
	check_int(read_as("host.example", REED_RECORD_A, &a), REED_OK);
	check_int(a.count, 2);
	has_address(&a, 0, "192.0.2.1");
	has_address(&a, 1, "192.0.2.2");
	check_int(a.ttl, 200);
	reed_answer_finish(&a);
	check_int(read_as("host.example", REED_RECORD_AAAA, &a), REED_OK);
	check_int(a.count, 1);
	has_address(&a, 0, "2001:db8::1");
	reed_answer_finish(&a);
}

static void aliases_are_followed_in_any_order(void)
{
	struct reed_answer a;

	begin("www.example", REED_RECORD_A);
	add(1, "c.example", REED_RECORD_A, 300, "192.0.2.1");
	add(1, "b.example", DNS_CNAME, 60, "c.example");
	add(1, "www.example", DNS_CNAME, 500, "b.example");
	check_int(read_as("www.example", REED_RECORD_A, &a), REED_OK);
	check_int(a.count, 1);
	has_address(&a, 0, "192.0.2.1");
	check_int(a.ttl, 60); /* no longer than the alias that dies first */
	reed_answer_finish(&a);
}

static void an_alias_to_nothing_is_nothing(void)
{
	struct reed_answer a;

	begin("www.example", REED_RECORD_A);
	add(1, "www.example", DNS_CNAME, 500, "b.example");
	add(2, "example", DNS_SOA, 900, "30");
	check_int(read_as("www.example", REED_RECORD_A, &a), REED_OK);
	check_int(a.count, 0);
	check_int(a.ttl, 30);
	reed_answer_finish(&a);
}

static void services_are_read(void)
{
	struct reed_answer a;

	begin("_x._tcp.example", REED_RECORD_SRV);
	add(1, "_x._tcp.example", REED_RECORD_SRV, 60, "10 20 5222 Host.example");
	add(1, "_x._tcp.example", REED_RECORD_SRV, 60, "0 0 0 .");
	check_int(read_as("_x._tcp.example", REED_RECORD_SRV, &a), REED_OK);
	check_int(a.count, 2);
	check_int(a.list[0].priority, 10);
	check_int(a.list[0].weight, 20);
	check_int(a.list[0].port, 5222);
	check_slice(a.list[0].text, "host.example");
	check_slice(a.list[1].text, "");
	reed_answer_finish(&a);
}

static void texts_are_put_together(void)
{
	struct reed_answer a;

	begin("example", REED_RECORD_TXT);
	add(1, "example", REED_RECORD_TXT, 60, "v=spf1 |-all");
	add(1, "example", REED_RECORD_TXT, 60, "");
	check_int(read_as("example", REED_RECORD_TXT, &a), REED_OK);
	check_int(a.count, 2);
	check_slice(a.list[0].text, "v=spf1 -all");
	check_slice(a.list[1].text, "");
	reed_answer_finish(&a);
}

static void odd_bytes_in_names_are_escaped(void)
{
	struct reed_answer a;

	begin("1.2.0.192.in-addr.arpa", REED_RECORD_PTR);
	add(1, "1.2.0.192.in-addr.arpa", REED_RECORD_PTR, 60, "a b\033.example");
	check_int(read_as("1.2.0.192.in-addr.arpa", REED_RECORD_PTR, &a), REED_OK);
	check_int(a.count, 1);
	check_slice(a.list[0].text, "a\\032b\\027.example");
	check(!reed_name_is_host(a.list[0].text));
	reed_answer_finish(&a);
}

static void names_may_be_compressed(void)
{
	struct reed_answer a;

	begin("host.example", REED_RECORD_PTR); /* at 12; "example" at 17 */
	dns_u16(&m, 0xc00c);
	dns_u16(&m, REED_RECORD_PTR);
	dns_u16(&m, 1);
	dns_u16(&m, 0);
	dns_u16(&m, 60);
	dns_u16(&m, 6);
	dns_u8(&m, 3);
	dns_u8(&m, 'w');
	dns_u8(&m, 'w');
	dns_u8(&m, 'w');
	dns_u16(&m, 0xc011);
	m.counts[1]++;
	add(1, "host.example", REED_RECORD_PTR, 60, "second.example");
	check_int(read_as("host.example", REED_RECORD_PTR, &a), REED_OK);
	check_int(a.count, 2);
	check_slice(a.list[0].text, "www.example");
	check_slice(a.list[1].text, "second.example");
	reed_answer_finish(&a);
}

/* ---- that there is nothing ---- */

static void absence_is_kept_as_long_as_the_lesser_number_says(void)
{
	static const struct {
		uint32_t ttl;
		const char *minimum;
		uint32_t kept;
	} table[] = { { 900, "30", 30 },
		      { 20, "300", 20 },
		      { 0, "300", 0 },
		      { 0x80000001, "300", 0 } };

	for (size_t i = 0; i < REED_COUNT(table); i++) {
		struct reed_answer a;

		dns_begin(&m, 1, DNS_RESPONSE | DNS_NXDOMAIN);
		dns_question(&m, "no.example", REED_RECORD_A);
		add(2, "example", 2, 60, "ns.example");
		add(2, "example", DNS_SOA, table[i].ttl, table[i].minimum);
		check_int(read_as("no.example", REED_RECORD_A, &a), REED_OK);
		check_int(a.count, 0);
		check(a.no_name);
		check_int(a.ttl, table[i].kept);
		reed_answer_finish(&a);
	}
}

static void absence_without_a_number_is_not_kept(void)
{
	struct reed_answer a;

	begin("no.example", REED_RECORD_A);
	check_int(read_as("no.example", REED_RECORD_A, &a), REED_OK);
	check_int(a.count, 0);
	check(!a.no_name);
	check_int(a.ttl, 0);
	reed_answer_finish(&a);
}

/* ---- bad ones ---- */

static void aliases_in_a_circle_are_refused(void)
{
	struct reed_answer a;

	begin("a.example", REED_RECORD_A);
	add(1, "a.example", DNS_CNAME, 60, "b.example");
	add(1, "b.example", DNS_CNAME, 60, "a.example");
	check_int(read_as("a.example", REED_RECORD_A, &a), REED_EPROTO);
	check_int(a.count, 0);
}

static void owner_is_refused(const unsigned char *owner, size_t n)
{
	struct reed_answer a;

	begin("host.example", REED_RECORD_A);
	for (size_t i = 0; i < n; i++)
		dns_u8(&m, owner[i]);
	dns_u16(&m, REED_RECORD_A);
	dns_u16(&m, 1);
	dns_u16(&m, 0);
	dns_u16(&m, 60);
	dns_u16(&m, 4);
	dns_u16(&m, 0xc000);
	dns_u16(&m, 0x0201);
	m.counts[1]++;
	check_int(read_as("host.example", REED_RECORD_A, &a), REED_EPROTO);
}

static void pointers_lead_back_only(void)
{
	/* the owner stands at 12 + 14 + 4 = 30 */
	owner_is_refused((const unsigned char[]){ 0xc0, 30 }, 2);
	owner_is_refused((const unsigned char[]){ 0xc0, 32 }, 2);
	owner_is_refused((const unsigned char[]){ 0xff, 0xff }, 2);
	owner_is_refused((const unsigned char[]){ 1, 'a', 0xc0, 30 }, 4);
	owner_is_refused((const unsigned char[]){ 0x40, 0 }, 2);
	owner_is_refused((const unsigned char[]){ 0x80, 0 }, 2);
}

static void a_name_of_more_than_255_bytes_is_refused(void)
{
	unsigned char owner[5 * 64 + 1];

	memset(owner, 'x', sizeof(owner));
	for (int i = 0; i < 5; i++)
		owner[i * 64] = 63;
	owner[5 * 64] = 0;
	owner_is_refused(owner, sizeof(owner));
}

static void data_has_to_fill_its_length(void)
{
	static const struct {
		int type, length;
		enum reed_err err;
	} table[] = {
		{ REED_RECORD_A, 4, REED_OK },       { REED_RECORD_A, 3, REED_EPROTO },
		{ REED_RECORD_A, 5, REED_EPROTO },   { REED_RECORD_A, 0, REED_EPROTO },
		{ REED_RECORD_AAAA, 16, REED_OK },   { REED_RECORD_AAAA, 4, REED_EPROTO },
		{ REED_RECORD_SRV, 7, REED_OK },     { REED_RECORD_SRV, 6, REED_EPROTO },
		{ REED_RECORD_SRV, 8, REED_EPROTO }, { REED_RECORD_PTR, 1, REED_OK },
		{ REED_RECORD_PTR, 0, REED_EPROTO }, { REED_RECORD_TXT, 1, REED_OK },
		{ REED_RECORD_TXT, 0, REED_OK },
	};

	for (size_t i = 0; i < REED_COUNT(table); i++) {
		struct reed_answer a;

		begin("host.example", table[i].type);
		dns_name(&m, "host.example");
		dns_u16(&m, (unsigned)table[i].type);
		dns_u16(&m, 1);
		dns_u16(&m, 0);
		dns_u16(&m, 60);
		dns_u16(&m, (unsigned)table[i].length);
		for (int j = 0; j < table[i].length; j++)
			dns_u8(&m, 0);
		m.counts[1]++;
		check_int(read_as("host.example", (enum reed_record_type)table[i].type, &a),
		          table[i].err);
		reed_answer_finish(&a);
	}
}

static void a_text_longer_than_its_record_is_refused(void)
{
	struct reed_answer a;

	begin("example", REED_RECORD_TXT);
	add(1, "example", REED_RECORD_TXT, 60, "some text");
	m.p[m.n - 10]++;
	check_int(read_as("example", REED_RECORD_TXT, &a), REED_EPROTO);
}

static void whatever_is_cut_off_is_refused(void)
{
	struct reed_slice whole;

	begin("www.example", REED_RECORD_A);
	add(1, "www.example", DNS_CNAME, 60, "host.example");
	add(1, "host.example", REED_RECORD_A, 60, "192.0.2.1");
	whole = dns_end(&m);
	for (size_t n = 0; n < whole.n; n++) {
		struct reed_slice part = reed_slice_first(whole, n);
		char *copy = reed_slice_dup(part);
		struct reed_answer a;

		check_int(reed_message_read(reed_slice(copy, n), "www.example", REED_RECORD_A, &a),
		          REED_EPROTO);
		reed_free(copy);
	}
}

static void too_many_records_are_refused(void)
{
	struct reed_answer a;

	begin("host.example", REED_RECORD_A);
	for (int i = 0; i < REED_RECORDS_MAX; i++)
		add(1, "host.example", REED_RECORD_A, 60, "192.0.2.1");
	check_int(read_as("host.example", REED_RECORD_A, &a), REED_OK);
	check_int(a.count, REED_RECORDS_MAX);
	reed_answer_finish(&a);
	add(1, "host.example", REED_RECORD_A, 60, "192.0.2.1");
	check_int(read_as("host.example", REED_RECORD_A, &a), REED_ETOOBIG);
	begin("host.example", REED_RECORD_A);
	for (int i = 0; i < 1025; i++)
		add(1, "x", REED_RECORD_A, 60, "192.0.2.1");
	check_int(read_as("host.example", REED_RECORD_A, &a), REED_ETOOBIG);
}

int main(void)
{
	RUN(addresses_are_read);
	RUN(aliases_are_followed_in_any_order);
	RUN(an_alias_to_nothing_is_nothing);
	RUN(services_are_read);
	RUN(texts_are_put_together);
	RUN(odd_bytes_in_names_are_escaped);
	RUN(names_may_be_compressed);
	RUN(absence_is_kept_as_long_as_the_lesser_number_says);
	RUN(absence_without_a_number_is_not_kept);
	RUN(aliases_in_a_circle_are_refused);
	RUN(pointers_lead_back_only);
	RUN(a_name_of_more_than_255_bytes_is_refused);
	RUN(data_has_to_fill_its_length);
	RUN(a_text_longer_than_its_record_is_refused);
	RUN(whatever_is_cut_off_is_refused);
	RUN(too_many_records_are_refused);
	return 0;
}
