/* What holds for any rdata and any message: whatever goes out one way comes back another. */

#include "check.h"
#include "random.h"
#include "reed/dns/edns.h"

enum { EACH = 300, MESSAGES = 3000 };

static void text_and_back(uint16_t type, struct reed_slice rdata)
{
	struct reed_buf out = { 0 };
	struct reed_slice again;
	static uint8_t into[REED_DNS_RDATA_MAX];

	reed_dns_rdata_print(type, rdata, &out);
	check_int(out.err, REED_OK);
	check_int(reed_dns_rdata_parse(type, reed_buf_slice(&out), NULL, into, sizeof(into), &again,
	                               NULL),
	          REED_OK);
	check(reed_slice_eq(rdata, again));
	reed_buf_finish(&out);
}

static void any_rdata_is_the_same_after_text(void)
{
	uint16_t types[128];
	size_t count = random_types(types);
	uint8_t bytes[4096];

	random_seed(1);
	for (size_t i = 0; i < count * EACH; i++) {
		uint16_t type = types[i % count];
		struct reed_slice rdata = reed_slice(bytes, random_rdata(type, bytes));

		check_int(reed_dns_rdata_check(type, rdata), REED_OK);
		text_and_back(type, rdata);
		text_and_back(65280, rdata);
	}
}

/* Folding is all that canonical form does, and the order is that of its bytes. */
static void the_order_is_that_of_canonical_bytes(void)
{
	uint16_t types[128];
	size_t count = random_types(types);
	uint8_t a[4096], b[4096], x[4096], y[4096];

	random_seed(2);
	for (size_t i = 0; i < count * EACH; i++) {
		uint16_t type = types[i % count];
		struct reed_slice in_a = reed_slice(a, random_rdata(type, a)), in_b = in_a;
		int order, wanted;

		if (i % 3)
			in_b = reed_slice(b, random_rdata(type, b));
		reed_dns_rdata_canonical(type, in_a, x);
		reed_dns_rdata_canonical(type, in_b, y);
		check_int(reed_dns_rdata_check(type, reed_slice(x, in_a.n)), REED_OK);
		order = reed_dns_rdata_cmp(type, in_a, in_b);
		wanted = reed_slice_cmp(reed_slice(x, in_a.n), reed_slice(y, in_b.n));
		check_int((order > 0) - (order < 0), (wanted > 0) - (wanted < 0));
	}
}

static void build_random(struct reed_dns_builder *b, struct reed_slice *bytes)
{
	uint16_t types[128];
	size_t count = random_types(types);
	struct reed_dns_name owner;
	uint8_t rdata[4096];

	reed_dns_build_header(b, (uint16_t)random_next(), (uint16_t)(random_next() & ~REED_DNS_TC));
	random_name(&owner);
	reed_dns_build_question(b, &owner, (uint16_t)random_next(), 1);
	for (unsigned section = 1; section < REED_DNS_SECTIONS; section++) {
		for (unsigned n = random_below(6); n > 0; n--) {
			uint16_t type = types[random_below((unsigned)count)];

			if (random_below(3))
				random_name(&owner);
			if (type == REED_DNS_TYPE_TSIG)
				continue;
			reed_dns_build_record(b, (enum reed_dns_section)section, &owner, type, 1,
			                      random_below(1U << 31),
			                      reed_slice(rdata, random_rdata(type, rdata)));
		}
	}
	check_int(reed_dns_build_end(b, bytes), REED_OK);
}

/* Every record of the one into the other. */
static void rewrite(const struct reed_dns_message *m, struct reed_dns_builder *b,
                    struct reed_slice *bytes)
{
	static uint8_t room[REED_DNS_RDATA_MAX];
	struct reed_dns_name owner;
	struct reed_dns_record r;
	struct reed_dns_walk walk;
	struct reed_slice rdata;

	reed_dns_build_header(b, m->id, (uint16_t)(m->flags & ~REED_DNS_TC));
	reed_dns_walk_all(m, &walk);
	while (reed_dns_next(&walk, &r)) {
		check_int(reed_dns_record_owner(&r, &owner), REED_OK);
		if (r.section == REED_DNS_QUESTION) {
			reed_dns_build_question(b, &owner, r.type, r.klass);
			continue;
		}
		check_int(reed_dns_record_rdata(&r, room, sizeof(room), &rdata), REED_OK);
		reed_dns_build_record(b, r.section, &owner, r.type, r.klass, r.ttl, rdata);
	}
	check_int(reed_dns_build_end(b, bytes), REED_OK);
}

static void a_message_rewritten_is_the_same(void)
{
	static uint8_t p[REED_DNS_MESSAGE_MAX], q[REED_DNS_MESSAGE_MAX],
		plain[REED_DNS_MESSAGE_MAX];

	for (unsigned seed = 0; seed < MESSAGES; seed++) {
		struct reed_dns_builder b;
		struct reed_dns_message m;
		struct reed_slice first, second, third;

		random_seed(seed);
		reed_dns_build(&b, p, seed % 2 ? sizeof(p) : 300 + random_below(1200));
		build_random(&b, &first);
		check_int(reed_dns_message_parse(first, &m), REED_OK);
		reed_dns_build(&b, plain, sizeof(plain));
		b.plain = true;
		rewrite(&m, &b, &second);
		check(second.n >= first.n);
		check_int(reed_dns_message_parse(second, &m), REED_OK);
		reed_dns_build(&b, q, sizeof(q));
		rewrite(&m, &b, &third);
		/* But for the letters of names that were compressed, and TC. */
		check_int(third.n, first.n);
		check_int(reed_dns_message_parse(third, &m), REED_OK);
		reed_dns_build(&b, p, sizeof(p));
		rewrite(&m, &b, &first);
		check(reed_slice_eq(third, first));
	}
}

/* Whatever is changed in a message, it is read or refused. */
static void a_message_that_is_damaged_does_no_harm(void)
{
	static uint8_t p[REED_DNS_MESSAGE_MAX];

	for (unsigned seed = 0; seed < MESSAGES; seed++) {
		struct reed_dns_builder b;
		struct reed_dns_message m;
		struct reed_slice bytes;
		struct reed_buf out;

		random_seed(seed);
		reed_dns_build(&b, p, 1500);
		build_random(&b, &bytes);
		for (unsigned i = random_below(4); i > 0; i--)
			p[random_below((unsigned)bytes.n)] ^= (uint8_t)(1U << random_below(8));
		reed_buf_init(&out, 0);
		if (!reed_dns_message_parse(bytes, &m))
			(void)reed_dns_message_print(&m, &out);
		reed_buf_finish(&out);
	}
}

int main(void)
{
	RUN(any_rdata_is_the_same_after_text);
	RUN(the_order_is_that_of_canonical_bytes);
	RUN(a_message_rewritten_is_the_same);
	RUN(a_message_that_is_damaged_does_no_harm);
	return 0;
}
