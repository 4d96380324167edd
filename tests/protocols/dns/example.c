/* The two examples of protocols/dns/README.md: the one reads what the other writes. */

#include "check.h"
#include "reed/dns/edns.h"

static void print_answer(struct reed_slice bytes, struct reed_buf *text)
{
	struct reed_dns_message m;
	struct reed_dns_walk walk;
	struct reed_dns_record r;
	struct reed_dns_name owner;
	struct reed_slice rdata;
	uint8_t room[1024];

	if (reed_dns_message_parse(bytes, &m) != REED_OK)
		return;
	reed_dns_walk(&m, REED_DNS_ANSWER, &walk);
	while (reed_dns_next(&walk, &r)) {
		if (reed_dns_record_owner(&r, &owner) ||
		    reed_dns_record_rdata(&r, room, sizeof(room), &rdata))
			return;
		reed_dns_print_record(&owner, r.ttl, r.klass, r.type, rdata, text);
		reed_buf_add_char(text, '\n');
	}
}

static struct reed_slice write_answer(const struct reed_dns_message *m, void *p,
                                      const struct reed_slice *rdata, size_t count)
{
	static const struct reed_dns_edns edns = { .udp_size = 1232 };
	struct reed_dns_builder b;
	struct reed_dns_question question;
	struct reed_slice message;

	check_int(reed_dns_message_question(m, &question), REED_OK);
	reed_dns_build(&b, p, 1232);
	reed_dns_build_header(&b, m->id, REED_DNS_QR | REED_DNS_AA);
	reed_dns_build_question(&b, &question.name, question.type, question.klass);
	reed_dns_build_reserve(&b, 11); /* for OPT */
	for (size_t i = 0; i < count; i++)
		reed_dns_build_record(&b, REED_DNS_ANSWER, &question.name, REED_DNS_TYPE_MX, 1,
		                      3600, rdata[i]);
	reed_dns_build_opt(&b, &edns);
	reed_dns_build_opt_end(&b);
	check_int(reed_dns_build_end(&b, &message), REED_OK);
	return message;
}

static void what_is_answered_is_printed(void)
{
	static const char query[] = "\0\7\1\0\0\1\0\0\0\0\0\0\7example\3org\0\0\17\0\1";
	struct reed_slice rdata[2] = { reed_slice("\0\12\1a\7example\3org\0", 17),
		                       reed_slice("\0\24\1b\7example\3net\0", 17) };
	struct reed_buf text = { 0 };
	struct reed_dns_message m;
	uint8_t p[1232];

	check_int(reed_dns_message_parse(reed_slice(query, sizeof(query) - 1), &m), REED_OK);
	print_answer(write_answer(&m, p, rdata, 2), &text);
	check_slice(reed_buf_slice(&text), "example.org. 3600 IN MX 10 a.example.org.\n"
	                                   "example.org. 3600 IN MX 20 b.example.net.\n");
	reed_buf_finish(&text);
}

int main(void)
{
	RUN(what_is_answered_is_printed);
	return 0;
}
