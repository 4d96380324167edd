/*
 * A message from anybody.  What is well-formed can be printed, and written anew
 * it is the same message.
 */

#include "check.h"
#include "reed/dns/edns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t room[REED_DNS_RDATA_MAX];

static bool copy(const struct reed_dns_record *r, struct reed_dns_builder *b)
{
	struct reed_dns_name owner;
	struct reed_slice rdata;

	if (reed_dns_record_owner(r, &owner))
		return false;
	if (r->section == REED_DNS_QUESTION) {
		reed_dns_build_question(b, &owner, r->type, r->klass);
		return true;
	}
	if (reed_dns_record_rdata(r, room, sizeof(room), &rdata))
		return false;
	reed_dns_build_record(b, r->section, &owner, r->type, r->klass, r->ttl, rdata);
	return true;
}

/* false: some of it is not well-formed, or too long uncompressed. */
static bool rewrite(const struct reed_dns_message *m, bool plain, uint8_t *p,
                    struct reed_slice *bytes)
{
	struct reed_dns_builder b;
	struct reed_dns_record r;
	struct reed_dns_walk walk;

	reed_dns_build(&b, p, REED_DNS_MESSAGE_MAX);
	reed_dns_build_header(&b, m->id, (uint16_t)(m->flags & ~REED_DNS_TC));
	b.plain = plain;
	reed_dns_walk_all(m, &walk);
	while (reed_dns_next(&walk, &r))
		if (!copy(&r, &b))
			return false;
	return !reed_dns_build_end(&b, bytes) && !b.truncated && !b.gone;
}

static void options(const struct reed_dns_message *m)
{
	struct reed_dns_edns edns;
	struct reed_slice rest, data;
	struct reed_dns_cookie cookie;
	struct reed_dns_subnet subnet;
	struct reed_dns_error error;
	uint16_t code, tenths;
	bool given;

	if (reed_dns_edns(m, &edns))
		return;
	for (rest = edns.options; reed_dns_option_next(&rest, &code, &data);) {
		(void)reed_dns_cookie_read(data, &cookie);
		(void)reed_dns_keepalive_read(data, &given, &tenths);
		(void)reed_dns_error_read(data, &error);
		if (!reed_dns_subnet_read(data, &subnet))
			check(subnet.source <= 128);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t p[REED_DNS_MESSAGE_MAX], q[REED_DNS_MESSAGE_MAX];
	struct reed_dns_message m, again;
	struct reed_slice first, second;
	struct reed_buf out = { 0 };

	if (reed_dns_message_parse(reed_slice(data, size), &m))
		return 0;
	(void)reed_dns_message_print(&m, &out);
	reed_buf_finish(&out);
	options(&m);
	if (!rewrite(&m, true, p, &first))
		return 0;
	check_int(reed_dns_message_parse(first, &again), REED_OK);
	check(rewrite(&again, true, q, &second));
	check(reed_slice_eq(first, second));
	check(rewrite(&again, false, q, &second));
	check(second.n <= first.n);
	check_int(reed_dns_message_parse(second, &again), REED_OK);
	return 0;
}
