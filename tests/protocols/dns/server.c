/* The name server: what it answers, to queries right and wrong. */

#include "check.h"
#include "names.h"
#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/dns/edns.h"
#include "reed/dns/server.h"

#include "protocols/dns/serve.h"

static const char zone_text[] = "$TTL 3600\n"
				"@ SOA ns1 admin 7 3600 600 86400 300\n"
				"@ NS ns1\n"
				"ns1 A 192.0.2.53\n"
				"www CNAME host\n"
				"host A 192.0.2.1\n"
				"loop CNAME loop\n"
				"*.wild A 192.0.2.9\n"
				"sub NS ns.sub\n"
				"ns.sub A 192.0.2.100\n"
				"$GENERATE 1-100 many A 10.0.0.$\n";

static const struct reed_address client = { .family = REED_FAMILY_IPV4,
	                                    .port = 4000,
	                                    .ip = { 198, 51, 100, 1 } };

struct house {
	struct reed_loop *loop;
	struct reed_dns_server *server;
	uint8_t bytes[REED_DNS_MESSAGE_MAX];
	struct reed_dns_message m; /* the last answer */
	struct reed_buf text;      /* the same as text */
};

static struct reed_dns_zone *zone_of(const char *text)
{
	struct reed_dns_name name = name_of("example.org");
	struct reed_dns_zone *zone;
	struct reed_fault *fault = NULL;

	if (reed_dns_zone_parse(reed_slice_of(text), "zone", &name, &zone, &fault))
		fprintf(stderr, "%s\n", fault->sentence);
	check(zone);
	return zone;
}

static void house_open(struct house *h, const struct reed_dns_server_options *options)
{
	memset(h, 0, sizeof(*h));
	check_int(reed_loop_new(NULL, &h->loop), REED_OK);
	h->server = reed_dns_server_new(h->loop, options);
	reed_dns_server_put(h->server, zone_of(zone_text), NULL);
}

static void house_close(struct house *h)
{
	reed_buf_finish(&h->text);
	reed_dns_server_free(h->server);
	reed_loop_free(h->loop);
}

/* The answer's text, "" when there is none. */
static const char *said(struct house *h, enum reed_dns_door door, struct reed_slice query)
{
	size_t n = reed_dns_server_ask(h->server, door, &client, query, h->bytes, sizeof(h->bytes));

	reed_buf_clear(&h->text);
	if (n) {
		check_int(reed_dns_message_parse(reed_slice(h->bytes, n), &h->m), REED_OK);
		check_int(reed_dns_message_print(&h->m, &h->text), REED_OK);
	}
	reed_buf_add_char(&h->text, '\0');
	return h->text.p + h->text.begin;
}

static struct reed_slice query_of(uint8_t *p, const char *name, uint16_t type)
{
	struct reed_dns_name owner = name_of(name);
	struct reed_dns_builder b;
	struct reed_slice query;

	reed_dns_build(&b, p, REED_DNS_UDP_MAX);
	reed_dns_build_header(&b, 7, REED_DNS_RD);
	reed_dns_build_question(&b, &owner, type, REED_DNS_CLASS_IN);
	check_int(reed_dns_build_end(&b, &query), REED_OK);
	return query;
}

static const char *asked(struct house *h, const char *name, uint16_t type)
{
	uint8_t p[REED_DNS_UDP_MAX];

	return said(h, REED_DNS_UDP, query_of(p, name, type));
}

/* ---- answers ---- */

static void an_alias_is_followed_and_the_case_of_the_question_is_kept(void)
{
	struct house h;

	house_open(&h, NULL);
	check_str(asked(&h, "WWW.Example.ORG", REED_DNS_TYPE_A),
	          ";; QUERY, NOERROR, id 7, flags: qr aa rd; 1 question, 2 answers, 0 authority, 0 "
	          "additional\n"
	          ";; question\n;WWW.Example.ORG. IN A\n"
	          ";; answer\n"
	          "WWW.Example.ORG. 3600 IN CNAME host.Example.ORG.\n"
	          "host.Example.ORG. 3600 IN A 192.0.2.1\n");
	house_close(&h);
}

static void a_name_that_is_not_is_denied_with_the_soa_and_its_minimum(void)
{
	struct house h;

	house_open(&h, NULL);
	check_str(asked(&h, "nope.example.org", REED_DNS_TYPE_A),
	          ";; QUERY, NXDOMAIN, id 7, flags: qr aa rd; 1 question, 0 answers, 1 authority, "
	          "0 additional\n"
	          ";; question\n;nope.example.org. IN A\n"
	          ";; authority\n"
	          "example.org. 300 IN SOA ns1.example.org. admin.example.org. 7 3600 600 86400 "
	          "300\n");
	house_close(&h);
}

static void a_delegation_is_referred_to_with_its_glue_and_without_authority(void)
{
	struct house h;

	house_open(&h, NULL);
	check_str(asked(&h, "a.sub.example.org", REED_DNS_TYPE_A),
	          ";; QUERY, NOERROR, id 7, flags: qr rd; 1 question, 0 answers, 1 authority, 1 "
	          "additional\n"
	          ";; question\n;a.sub.example.org. IN A\n"
	          ";; authority\nsub.example.org. 3600 IN NS ns.sub.example.org.\n"
	          ";; additional\nns.sub.example.org. 3600 IN A 192.0.2.100\n");
	house_close(&h);
}

static void an_alias_of_itself_ends(void)
{
	struct house h;

	house_open(&h, NULL);
	check(strstr(asked(&h, "loop.example.org", REED_DNS_TYPE_A), "1 question, 1 answer,"));
	house_close(&h);
}

static void what_is_not_ours_is_refused(void)
{
	struct house h;

	house_open(&h, NULL);
	check(strstr(asked(&h, "example.com", REED_DNS_TYPE_A), "REFUSED"));
	check(strstr(asked(&h, "org", REED_DNS_TYPE_A), "REFUSED"));
	check(strstr(asked(&h, "example.org", REED_DNS_TYPE_AXFR), "REFUSED"));
	house_close(&h);
}

static void what_does_not_fit_is_truncated_and_over_tcp_is_not(void)
{
	struct house h;
	uint8_t p[REED_DNS_UDP_MAX];

	house_open(&h, NULL);
	check(strstr(asked(&h, "many.example.org", REED_DNS_TYPE_A), "flags: qr aa tc rd"));
	check(h.m.bytes.n <= REED_DNS_UDP_MAX);
	check(strstr(said(&h, REED_DNS_TCP, query_of(p, "many.example.org", REED_DNS_TYPE_A)),
	             "100 answers"));
	house_close(&h);
}

/* RFC 8482 4.1 */
static void who_asks_for_all_has_one_rrset(void)
{
	struct house h;

	house_open(&h, NULL);
	check(strstr(asked(&h, "example.org", REED_DNS_TYPE_ANY), "1 question, 1 answer, 0"));
	check(strstr(asked(&h, "www.example.org", REED_DNS_TYPE_ANY), "1 question, 1 answer, 0"));
	house_close(&h);
}

/* ---- queries that are wrong ---- */

static void an_answer_and_rubbish_get_no_answer(void)
{
	struct house h;
	uint8_t p[REED_DNS_UDP_MAX];
	struct reed_slice query = query_of(p, "example.org", REED_DNS_TYPE_A);

	house_open(&h, NULL);
	check_str(said(&h, REED_DNS_UDP, reed_slice(p, 11)), "");
	p[2] |= 0x80;
	check_str(said(&h, REED_DNS_UDP, query), "");
	house_close(&h);
}

static void a_query_that_is_cut_off_is_a_format_error(void)
{
	struct house h;
	uint8_t p[REED_DNS_UDP_MAX];
	struct reed_slice query = query_of(p, "example.org", REED_DNS_TYPE_A);

	house_open(&h, NULL);
	for (size_t n = 12; n < query.n; n++)
		check(strstr(said(&h, REED_DNS_UDP, reed_slice(p, n)), "FORMERR"));
	p[5] = 2; /* two questions, of which one is there */
	check(strstr(said(&h, REED_DNS_UDP, query), "FORMERR"));
	p[5] = 0;
	check(strstr(said(&h, REED_DNS_UDP, query), "FORMERR"));
	house_close(&h);
}

static void opcodes_that_nobody_needs_are_not_implemented(void)
{
	struct house h;
	uint8_t p[REED_DNS_UDP_MAX];
	struct reed_slice query = query_of(p, "example.org", REED_DNS_TYPE_SOA);

	house_open(&h, NULL);
	for (unsigned opcode = 1; opcode < 16; opcode++) {
		bool known = opcode == REED_DNS_OPCODE_NOTIFY || opcode == REED_DNS_OPCODE_UPDATE;

		p[2] = (uint8_t)(opcode << 3);
		/* of a zone that does not change they are not taken */
		check(strstr(said(&h, REED_DNS_UDP, query), known ? "NOTAUTH" : "NOTIMP"));
		check_int(reed_dns_opcode(h.m.flags), opcode);
	}
	house_close(&h);
}

/* ---- EDNS ---- */

static struct reed_slice edns_query(uint8_t *p, const struct reed_dns_edns *edns)
{
	struct reed_dns_name owner = name_of("host.example.org");
	struct reed_dns_builder b;
	struct reed_slice query;

	reed_dns_build(&b, p, REED_DNS_UDP_MAX);
	reed_dns_build_header(&b, 7, 0);
	reed_dns_build_question(&b, &owner, REED_DNS_TYPE_A, REED_DNS_CLASS_IN);
	reed_dns_build_opt(&b, edns);
	reed_dns_build_opt_end(&b);
	check_int(reed_dns_build_end(&b, &query), REED_OK);
	return query;
}

static void another_version_of_edns_is_told_which_we_have(void)
{
	struct house h;
	uint8_t p[REED_DNS_UDP_MAX];
	struct reed_dns_edns edns = { .udp_size = 1232, .version = 1 };

	house_open(&h, NULL);
	said(&h, REED_DNS_UDP, edns_query(p, &edns));
	check_int(reed_dns_edns_rcode(&h.m), REED_DNS_RCODE_BADVERS);
	check_int(reed_dns_edns(&h.m, &edns), REED_OK);
	check_int(edns.version, 0);
	house_close(&h);
}

static void a_cookie_is_known_again_and_one_of_another_client_is_not(void)
{
	struct house h;
	uint8_t p[REED_DNS_UDP_MAX];
	struct reed_dns_edns edns = { .udp_size = 1232, .options = REED_STR("\0\12\0\10abcdefgh") };
	struct dns_exchange x;
	struct dns_served *served;
	struct dns_coder *coder;
	struct reed_address other = client;
	struct reed_slice data;
	uint8_t options[28] = { 0, 10, 0, 24 };

	house_open(&h, NULL);
	said(&h, REED_DNS_UDP, edns_query(p, &edns));
	check_int(reed_dns_edns(&h.m, &edns), REED_OK);
	check(reed_dns_option(&edns, REED_DNS_OPTION_COOKIE, &data));
	check_int(data.n, 24);
	memcpy(options + 4, data.p, 24);
	edns = (struct reed_dns_edns){ .udp_size = 1232, .options = reed_slice(options, 28) };
	dns_exchange_init(&x, h.server, REED_DNS_UDP, &client);
	dns_exchange(&x, edns_query(p, &edns), &served, &coder);
	check(x.knows_us);
	other.ip[3]++;
	dns_exchange_init(&x, h.server, REED_DNS_UDP, &other);
	dns_exchange(&x, edns_query(p, &edns), &served, &coder);
	check(!x.knows_us);
	edns.options = REED_STR("\0\12\0\7abcdefg");
	check(strstr(said(&h, REED_DNS_UDP, edns_query(p, &edns)), "FORMERR"));
	house_close(&h);
}

/* RFC 9018 A.1 */
static void cookies_are_those_of_the_rfc(void)
{
	static const uint8_t secret[] = { 0xe5, 0xe9, 0x73, 0xe5, 0xa6, 0xb2, 0xa4, 0x3f,
		                          0x48, 0xe7, 0xdc, 0x84, 0x9e, 0x37, 0xbf, 0xcf };
	static const uint8_t asker[] = { 0x24, 0x64, 0xc4, 0xab, 0xcf, 0x10, 0xc9, 0x57 };
	static const uint8_t head[] = { 1, 0, 0, 0, 0x5c, 0xf7, 0x9f, 0x11 };
	static const uint8_t wanted[] = { 0x1f, 0x81, 0x30, 0xc3, 0xee, 0xe2, 0x94, 0x80 };
	struct reed_address address = client;
	uint8_t hash[8];

	address.ip[3] = 100;
	dns_cookie_hash(secret, asker, head, &address, hash);
	check(memcmp(hash, wanted, sizeof(hash)) == 0);
}

static void an_identity_may_go_while_an_answer_is_made(void)
{
	struct reed_dns_server_options options = REED_DNS_SERVER_OPTIONS;
	struct house h;
	uint8_t p[REED_DNS_UDP_MAX];
	struct reed_dns_edns edns = { .udp_size = 1232, .options = REED_STR("\0\3\0\0") };
	struct dns_exchange x;
	struct dns_served *served;
	struct dns_coder *coder;
	enum dns_verdict verdict;

	options.identity = "one";
	house_open(&h, &options);
	check(strstr(said(&h, REED_DNS_UDP, edns_query(p, &edns)), "name server \"one\""));
	dns_exchange_init(&x, h.server, REED_DNS_UDP, &client);
	verdict = dns_exchange(&x, edns_query(p, &edns), &served, &coder);
	reed_dns_server_update(h.server, NULL);
	check(dns_exchange_answer(&x, verdict, served, h.bytes, REED_DNS_UDP_MAX) > 0);
	check(!x.wants_nsid);
	house_close(&h);
}

static void the_longest_identity_and_name_fit_into_the_smallest_answer(void)
{
	struct reed_dns_server_options options = REED_DNS_SERVER_OPTIONS;
	struct house h;
	char identity[300], name[256];
	uint8_t p[REED_DNS_UDP_MAX];
	struct reed_dns_edns edns = { .udp_size = 512,
		                      .options = REED_STR("\0\3\0\0\0\12\0\10abcdefgh") };
	struct reed_dns_name owner;
	struct reed_dns_builder b;
	struct reed_slice query;

	memset(identity, 'i', sizeof(identity));
	identity[sizeof(identity) - 1] = '\0';
	options.identity = identity;
	house_open(&h, &options);
	for (size_t i = 0; i < 240; i++)
		name[i] = i % 60 == 59 ? '.' : 'n';
	strcpy(name + 240, "x.org");
	owner = name_of(name);
	reed_dns_build(&b, p, sizeof(p));
	reed_dns_build_header(&b, 7, 0);
	reed_dns_build_question(&b, &owner, REED_DNS_TYPE_A, REED_DNS_CLASS_IN);
	reed_dns_build_opt(&b, &edns);
	reed_dns_build_opt_end(&b);
	check_int(reed_dns_build_end(&b, &query), REED_OK);
	check(strstr(said(&h, REED_DNS_UDP, query), "REFUSED"));
	check(h.m.bytes.n <= REED_DNS_UDP_MAX);
	house_close(&h);
}

static void over_tls_answers_are_padded_when_asked_for(void)
{
	struct house h;
	uint8_t p[REED_DNS_UDP_MAX];
	struct reed_dns_edns edns = { .udp_size = 1232, .options = REED_STR("\0\14\0\0") };

	house_open(&h, NULL);
	said(&h, REED_DNS_TLS, edns_query(p, &edns));
	check_int(h.m.bytes.n, 468);
	said(&h, REED_DNS_TCP, edns_query(p, &edns));
	check(h.m.bytes.n < 100);
	house_close(&h);
}

/* ---- zones ---- */

static void a_new_zone_takes_the_place_of_the_old(void)
{
	struct house h;
	struct reed_dns_name name = name_of("example.org");

	house_open(&h, NULL);
	reed_dns_server_put(h.server, zone_of("@ 60 SOA a b 8 1 1 1 1\n@ 60 NS a\n"), NULL);
	check(strstr(asked(&h, "host.example.org", REED_DNS_TYPE_A), "NXDOMAIN"));
	check_int(reed_dns_server_take(h.server, &name), REED_OK);
	check_int(reed_dns_server_take(h.server, &name), REED_ENOENT);
	check(strstr(asked(&h, "example.org", REED_DNS_TYPE_A), "REFUSED"));
	house_close(&h);
}

static void refused(const char *text, const char *why)
{
	struct reed_dns_name name = name_of("example.org");
	struct reed_dns_zone *zone;
	struct reed_fault *fault = NULL;

	check_int(reed_dns_zone_parse(reed_slice_of(text), "zone", &name, &zone, &fault),
	          REED_ESYNTAX);
	check(!zone);
	check_str(fault->sentence, why);
	reed_fault_free(fault);
}

static void a_zone_that_breaks_a_rule_is_refused_with_its_line(void)
{
	refused("@ 60 NS a\n",
	        "zone: there is no SOA record of example.org., with which a zone begins");
	refused("@ 60 SOA a b 8 1 1 1 1\n",
	        "zone: there is no NS record of example.org.; every zone names its servers");
	refused("@ 60 SOA a b 8 1 1 1 1\n@ NS a\na A 192.0.2.1\na CNAME b\n",
	        "zone:3: a.example.org. is an alias (CNAME) and can have no other data");
	refused("@ 60 SOA a b 8 1 1 1 1\n@ NS a\nexample.com. A 192.0.2.1\n",
	        "zone:3: example.com. is not in the zone example.org.");
	refused("@ 60 SOA a b 8 1 1 1 1\n@ NS a\na A 192.0.2\n",
	        "zone:3:5: \"192.0.2\" is not an address, as 192.0.2.1");
}

/* ---- rates ---- */

static void the_same_answer_too_often_is_dropped_or_truncated(void)
{
	struct reed_dns_server_options options = REED_DNS_SERVER_OPTIONS;
	struct house h;
	struct dns_exchange x = { .client = &client, .rate_key = 1 };
	unsigned got[3] = { 0 };

	options.rate = 10;
	options.slip = 2;
	house_open(&h, &options);
	for (unsigned i = 0; i < 30; i++)
		got[dns_rate(h.server, &x)]++;
	check_int(got[DNS_RATE_PASS], 10);
	check_int(got[DNS_RATE_SLIP], 10);
	check_int(got[DNS_RATE_DROP], 10);
	x.rate_key = 2;
	check_int(dns_rate(h.server, &x), DNS_RATE_PASS);
	x.rate_key = 1;
	x.knows_us = true;
	check_int(dns_rate(h.server, &x), DNS_RATE_PASS);
	house_close(&h);
}

static void an_address_has_so_many_connections_and_this_machine_any(void)
{
	struct reed_dns_server_options options = REED_DNS_SERVER_OPTIONS;
	struct reed_address other = client, here = client;
	struct house h;

	options.connections = 2;
	house_open(&h, &options);
	other.ip[3]++;
	memcpy(here.ip, (const uint8_t[]){ 127, 0, 0, 1 }, 4);
	check(dns_guest_enter(h.server, &client) && dns_guest_enter(h.server, &client));
	check(!dns_guest_enter(h.server, &client));
	check(dns_guest_enter(h.server, &other));
	dns_guest_leave(h.server, &client);
	check(dns_guest_enter(h.server, &client));
	for (int i = 0; i < 10; i++)
		check(dns_guest_enter(h.server, &here));
	house_close(&h);
}

/* ---- code ---- */

static struct reed_future *slow(void *arg, struct reed_dns_request *request)
{
	(void)arg;
	check_int(reed_dns_reply(request, REED_DNS_TYPE_TXT, 5, "\"late\""), REED_OK);
	check_int(reed_dns_reply(request, REED_DNS_TYPE_A, 5, "nonsense"), REED_ESYNTAX);
	return reed_sleep(request->loop, 1);
}

static struct reed_future *never(void *arg, struct reed_dns_request *request)
{
	(void)arg;
	return reed_forever(request->loop);
}

struct talk {
	struct reed_co co;
	struct house *house;
	const char *name;
	struct reed_stream *ours;
	struct reed_future *session;
	struct reed_slice bytes;
	char text[2000];
};

static void write_query(struct talk *self)
{
	uint8_t p[2 + REED_DNS_UDP_MAX];
	struct reed_slice query = query_of(p + 2, self->name, REED_DNS_TYPE_TXT);

	p[0] = 0;
	p[1] = (uint8_t)query.n;
	reed_write(self->ours, reed_slice(p, 2 + query.n));
	reed_shutdown(self->ours);
}

static void talk_run(struct reed_co *co)
{
	struct talk *self = reed_frame(co, struct talk);

	reed_coroutine (co) {
		write_query(self);
		reed_await(co, reed_read_exactly(self->ours, 2, &self->bytes));
		check_int(co->err, REED_OK);
		reed_await(co,
		           reed_read_exactly(self->ours, (uint8_t)self->bytes.p[1], &self->bytes));
		check_int(co->err, REED_OK);
		check_int(reed_dns_message_parse(self->bytes, &self->house->m), REED_OK);
		reed_buf_clear(&self->house->text);
		check_int(reed_dns_message_print(&self->house->m, &self->house->text), REED_OK);
	}
}

static const struct reed_co_kind talk_kind = {
	.name = "talk",
	.size = sizeof(struct talk),
	.run = talk_run,
};

static void over_tcp(struct house *h, const char *name)
{
	struct reed_stream *ours, *theirs;
	struct talk *talk = reed_co_new(h->loop, &talk_kind);

	reed_stream_pair(h->loop, 0, &ours, &theirs);
	talk->house = h;
	talk->name = name;
	talk->ours = ours;
	reed_background(reed_dns_session(h->server, theirs), NULL, NULL);
	reed_background(reed_start(&talk->co), NULL, NULL);
	reed_loop_run(h->loop);
	reed_buf_add_char(&h->text, '\0');
	reed_close(ours);
	reed_loop_run(h->loop);
}

static void code_answers_when_it_has_an_answer_even_after_the_end_of_the_queries(void)
{
	struct house h;
	struct reed_dns_name name = name_of("dyn.example.org");

	house_open(&h, NULL);
	reed_dns_server_answer(h.server, &name, REED_DNS_TYPE_TXT, slow, NULL);
	over_tcp(&h, "x.dyn.example.org");
	check(strstr(h.text.p + h.text.begin, "x.dyn.example.org. 5 IN TXT \"late\"\n"));
	check(strstr(asked(&h, "dyn.example.org", REED_DNS_TYPE_A), "NXDOMAIN"));
	house_close(&h);
}

static void code_that_never_answers_is_a_server_failure(void)
{
	struct reed_dns_server_options options = REED_DNS_SERVER_OPTIONS;
	struct house h;
	struct reed_dns_name name = name_of("dyn.example.org");

	options.patience = 1000000;
	house_open(&h, &options);
	reed_dns_server_answer(h.server, &name, 0, never, NULL);
	over_tcp(&h, "dyn.example.org");
	check(strstr(h.text.p + h.text.begin, "SERVFAIL"));
	house_close(&h);
}

int main(void)
{
	RUN(an_alias_is_followed_and_the_case_of_the_question_is_kept);
	RUN(a_name_that_is_not_is_denied_with_the_soa_and_its_minimum);
	RUN(a_delegation_is_referred_to_with_its_glue_and_without_authority);
	RUN(an_alias_of_itself_ends);
	RUN(what_is_not_ours_is_refused);
	RUN(what_does_not_fit_is_truncated_and_over_tcp_is_not);
	RUN(who_asks_for_all_has_one_rrset);
	RUN(an_answer_and_rubbish_get_no_answer);
	RUN(a_query_that_is_cut_off_is_a_format_error);
	RUN(opcodes_that_nobody_needs_are_not_implemented);
	RUN(another_version_of_edns_is_told_which_we_have);
	RUN(a_cookie_is_known_again_and_one_of_another_client_is_not);
	RUN(cookies_are_those_of_the_rfc);
	RUN(an_identity_may_go_while_an_answer_is_made);
	RUN(the_longest_identity_and_name_fit_into_the_smallest_answer);
	RUN(over_tls_answers_are_padded_when_asked_for);
	RUN(a_new_zone_takes_the_place_of_the_old);
	RUN(a_zone_that_breaks_a_rule_is_refused_with_its_line);
	RUN(the_same_answer_too_often_is_dropped_or_truncated);
	RUN(an_address_has_so_many_connections_and_this_machine_any);
	RUN(code_answers_when_it_has_an_answer_even_after_the_end_of_the_queries);
	RUN(code_that_never_answers_is_a_server_failure);
	return 0;
}
