/* Records that programs publish, beside a zone and in one that is kept. */

#include <unistd.h>

#include "check.h"
#include "names.h"
#include "reed/alloc.h"
#include "reed/base64.h"
#include "reed/cert.h"
#include "reed/dns/edns.h"
#include "reed/dns/keeper.h"
#include "reed/challenge.h"
#include "reed/dns/publish.h"

static const char zone_text[] = "$TTL 3600\n"
				"@ SOA ns1 admin 7 3600 600 86400 300\n"
				"@ NS ns1\n"
				"ns1 A 192.0.2.53\n"
				"* A 192.0.2.9\n"
				"sub NS ns.elsewhere.net.\n";

static const struct reed_address client = { .family = REED_FAMILY_IPV4,
	                                    .port = 4000,
	                                    .ip = { 198, 51, 100, 1 } };

struct house {
	struct reed_loop *loop;
	struct reed_dns_server *server;
	struct reed_buf text;
};

static struct reed_dns_zone *zone_of(const char *text)
{
	struct reed_dns_name name = name_of("example.org");
	struct reed_dns_zone *zone;

	check_int(reed_dns_zone_parse(reed_slice_of(text), "zone", &name, &zone, NULL), REED_OK);
	return zone;
}

static void house_open(struct house *h)
{
	memset(h, 0, sizeof(*h));
	check_int(reed_loop_new(NULL, &h->loop), REED_OK);
	h->server = reed_dns_server_new(h->loop, NULL);
	reed_dns_server_put(h->server, zone_of(zone_text), NULL);
}

static void house_close(struct house *h)
{
	reed_buf_finish(&h->text);
	reed_dns_server_free(h->server);
	reed_loop_free(h->loop);
}

static enum reed_err done(struct house *h, struct reed_future *f)
{
	return reed_loop_run_until(h->loop, f, NULL);
}

/* The response code, and the answers as text. */
static const char *asked(struct house *h, const char *name, uint16_t type)
{
	struct reed_dns_name owner = name_of(name);
	uint8_t p[512], answer[4096], room[4096];
	struct reed_dns_builder b;
	struct reed_dns_message m;
	struct reed_dns_record r;
	struct reed_dns_walk walk;
	struct reed_slice query, rdata;
	char word[REED_DNS_WORD_SIZE];
	size_t n;

	reed_dns_build(&b, p, sizeof(p));
	reed_dns_build_header(&b, 7, 0);
	reed_dns_build_question(&b, &owner, type, REED_DNS_CLASS_IN);
	check_int(reed_dns_build_end(&b, &query), REED_OK);
	n = reed_dns_server_ask(h->server, REED_DNS_TCP, &client, query, answer, sizeof(answer));
	check_int(reed_dns_message_parse(reed_slice(answer, n), &m), REED_OK);
	reed_buf_clear(&h->text);
	reed_buf_add_str(&h->text, reed_dns_rcode_format(m.flags & 15, word).p);
	reed_dns_walk(&m, REED_DNS_ANSWER, &walk);
	while (reed_dns_next(&walk, &r)) {
		check_int(reed_dns_record_rdata(&r, room, sizeof(room), &rdata), REED_OK);
		reed_buf_printf(&h->text, " %u ", r.ttl);
		reed_dns_rdata_print(r.type, rdata, &h->text);
	}
	if (!m.counts[REED_DNS_ANSWER] && m.counts[REED_DNS_AUTHORITY] == 1)
		reed_buf_add_str(&h->text, m.flags & REED_DNS_AA ? " soa" : " referral");
	reed_buf_add_char(&h->text, '\0');
	return h->text.p + h->text.begin;
}

static void what_is_published_is_answered_as_if_it_were_in_the_zone(void)
{
	struct house h;

	house_open(&h);
	check_str(asked(&h, "_irc._tcp.example.org", REED_DNS_TYPE_SRV), "NOERROR soa");
	check_int(done(&h, reed_dns_publish_text(h.server, "_irc._tcp.example.org 30 SRV 0 0 6697 "
	                                                   "irc.example.org.")),
	          REED_OK);
	check_str(asked(&h, "_irc._tcp.example.org", REED_DNS_TYPE_SRV),
	          "NOERROR 30 0 0 6697 irc.example.org.");
	/* the name is there now, and no wildcard is for it, for what is above or below it */
	check_str(asked(&h, "_irc._tcp.example.org", REED_DNS_TYPE_A), "NOERROR soa");
	check_str(asked(&h, "_tcp.example.org", REED_DNS_TYPE_A), "NOERROR soa");
	check_str(asked(&h, "x._tcp.example.org", REED_DNS_TYPE_A), "NXDOMAIN soa");
	check_str(asked(&h, "x.example.org", REED_DNS_TYPE_A), "NOERROR 3600 192.0.2.9");
	check_int(done(&h, reed_dns_withdraw_text(h.server, "_irc._tcp.example.org SRV")), REED_OK);
	check_str(asked(&h, "_irc._tcp.example.org", REED_DNS_TYPE_A), "NOERROR 3600 192.0.2.9");
	house_close(&h);
}

static void it_stays_when_the_zone_is_read_again(void)
{
	struct house h;

	house_open(&h);
	check_int(done(&h, reed_dns_publish_text(h.server, "ns1.example.org IN TXT kept")),
	          REED_OK);
	check_int(done(&h, reed_dns_publish_text(h.server, "example.org TXT \"of the top\"")),
	          REED_OK);
	reed_dns_server_put(h.server, zone_of(zone_text), NULL);
	check_str(asked(&h, "ns1.example.org", REED_DNS_TYPE_TXT), "NOERROR 60 \"kept\"");
	check_str(asked(&h, "example.org", REED_DNS_TYPE_TXT), "NOERROR 60 \"of the top\"");
	check_str(asked(&h, "ns1.example.org", REED_DNS_TYPE_A), "NOERROR 3600 192.0.2.53");
	check_str(asked(&h, "example.org", REED_DNS_TYPE_NS), "NOERROR 3600 ns1.example.org.");
	house_close(&h);
}

static void names_that_are_delegated_are_not_published(void)
{
	struct house h;

	house_open(&h);
	check_int(done(&h, reed_dns_publish_text(h.server, "x.sub.example.org A 192.0.2.3")),
	          REED_OK);
	check_str(asked(&h, "x.sub.example.org", REED_DNS_TYPE_A), "NOERROR referral");
	house_close(&h);
}

static void two_challenges_are_there_at_a_time_and_go_one_by_one(void)
{
	struct house h;

	house_open(&h);
	check_int(done(&h, reed_dns_challenge(h.server, "example.org", "one", true)), REED_OK);
	check_int(done(&h, reed_dns_challenge(h.server, "*.example.org", "two", true)), REED_OK);
	check_int(done(&h, reed_challenge_publish(h.loop, "*.example.org", "two", true)), REED_OK);
	check_str(asked(&h, "_acme-challenge.example.org", REED_DNS_TYPE_TXT),
	          "NOERROR 60 \"one\" 60 \"two\"");
	check_int(done(&h, reed_dns_challenge(h.server, "example.org", "one", false)), REED_OK);
	check_str(asked(&h, "_acme-challenge.example.org", REED_DNS_TYPE_TXT),
	          "NOERROR 60 \"two\"");
	check_int(done(&h, reed_challenge_publish(h.loop, "example.org", "two", false)), REED_OK);
	check_str(asked(&h, "_acme-challenge.example.org", REED_DNS_TYPE_TXT), "NOERROR soa");
	house_close(&h);
}

/* ---- services ---- */

static void make_key(struct reed_buf *key, struct reed_buf *cert)
{
	static const char *const names[] = { "irc.example.org", NULL };
	struct reed_cert_options o = REED_CERT_OPTIONS;

	check_int(reed_cert_make_key(REED_CERT_ECDSA, key), REED_OK);
	o.wall = INT64_C(1700000000000000000);
	o.names = names;
	check_int(reed_cert_self_sign(reed_buf_slice(key), &o, cert, NULL), REED_OK);
}

static char *tlsa_of(struct reed_slice cert)
{
	struct reed_cert *read;
	char hex[REED_HEX_ROOM(32)], *text;

	check_int(reed_cert_read(cert, reed_slice(NULL, 0), INT64_C(1700000000000000000), &read,
	                         NULL),
	          REED_OK);
	reed_hex(reed_slice(read->spki_sha256, 32), hex);
	for (char *c = hex; *c; c++)
		*c = *c >= 'a' ? (char)(*c - 32) : *c;
	text = reed_sprintf("300 3 1 1 %s", hex);
	reed_cert_free(read);
	return text;
}

static void a_service_is_announced_with_its_key_and_the_next_one(void)
{
	/* The fingerprint is what ssh-keygen -r prints for this key. */
	static const char *const ssh[] = { "ssh-ed25519 "
		                           "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBU"
		                           "WFxgZGhscHR4f host" };
	struct reed_buf key[2] = { 0 }, cert[2] = { 0 };
	struct reed_slice keys[2];
	struct reed_dns_service s = { REED_DNS_SERVICE,
		                      .domain = "example.org",
		                      .service = "_ircs._tcp",
		                      .host = "irc.example.org",
		                      .port = 6697,
		                      .keys = keys,
		                      .ssh_keys = ssh,
		                      .ssh_key_count = 1 };
	char *tlsa[2], *both;
	const char *got;
	struct house h;

	house_open(&h);
	for (int i = 0; i < 2; i++) {
		make_key(&key[i], &cert[i]);
		tlsa[i] = tlsa_of(reed_buf_slice(&cert[i]));
	}
	keys[0] = reed_buf_slice(&cert[0]);
	keys[1] = reed_buf_slice(&key[1]); /* has no certificate yet */
	s.key_count = 2;
	check_int(done(&h, reed_dns_announce(h.server, &s)), REED_OK);
	check_str(asked(&h, "_ircs._tcp.example.org", REED_DNS_TYPE_SRV),
	          "NOERROR 300 0 0 6697 irc.example.org.");
	got = asked(&h, "_6697._tcp.irc.example.org", REED_DNS_TYPE_TLSA);
	check(strstr(got, tlsa[0]) && strstr(got, tlsa[1]));
	check_str(asked(&h, "irc.example.org", REED_DNS_TYPE_SSHFP),
	          "NOERROR 300 4 2 "
	          "66402C9468C58941DD19FFD650BF2B42F9226F83D3BD06AD515D0E5104A77020");
	keys[0] = reed_buf_slice(&cert[1]); /* it has, and the first one is not used any more */
	s.key_count = 1;
	check_int(done(&h, reed_dns_announce(h.server, &s)), REED_OK);
	both = reed_sprintf("NOERROR %s", tlsa[1]);
	check_str(asked(&h, "_6697._tcp.irc.example.org", REED_DNS_TYPE_TLSA), both);
	check_int(done(&h, reed_dns_renounce(h.server, &s)), REED_OK);
	check_str(asked(&h, "_ircs._tcp.example.org", REED_DNS_TYPE_SRV), "NOERROR soa");
	for (int i = 0; i < 2; i++) {
		reed_buf_finish(&key[i]);
		reed_buf_finish(&cert[i]);
		reed_free(tlsa[i]);
	}
	reed_free(both);
	house_close(&h);
}

/* ---- what cannot be ---- */

static void mistakes_change_nothing(void)
{
	static const char *const lines[] = { "",
		                             "example.org",
		                             "example.org A",
		                             "example.org A 192.0.2",
		                             "example.org NOTYPE x",
		                             "example.org ANY x",
		                             "exam..ple.org A 192.0.2.1" };
	struct reed_dns_service s = { REED_DNS_SERVICE, .host = "a.example.org", .key_count = 1 };
	struct reed_slice rubbish = REED_STR("-----BEGIN CERTIFICATE-----\n");
	static const char *const ssh[] = { "ssh-ed25519 !" };
	struct house h;

	house_open(&h);
	for (size_t i = 0; i < REED_COUNT(lines); i++)
		check_int(done(&h, reed_dns_publish_text(h.server, lines[i])), REED_ESYNTAX);
	check_int(done(&h, reed_dns_publish_text(h.server, "example.net A 192.0.2.1")),
	          REED_ENOENT);
	check_int(done(&h, reed_dns_publish_text(h.server, "ns2.example.org CNAME ns1")), REED_OK);
	check_int(done(&h, reed_dns_publish_text(h.server, "ns2.example.org A 192.0.2.1")),
	          REED_EINVAL);
	check_int(done(&h, reed_dns_challenge(h.server, "a..b", "x", true)), REED_ESYNTAX);
	check_int(done(&h, reed_dns_challenge(h.server, "example.org", "", true)), REED_ESYNTAX);
	s.keys = &rubbish;
	check_int(done(&h, reed_dns_announce(h.server, &s)), REED_ESYNTAX);
	s.key_count = 0;
	s.ssh_keys = ssh;
	s.ssh_key_count = 1;
	check_int(done(&h, reed_dns_announce(h.server, &s)), REED_ESYNTAX);
	check_str(asked(&h, "a.example.org", REED_DNS_TYPE_SSHFP), "NOERROR soa");
	house_close(&h);
}

static void too_much_is_too_much(void)
{
	struct house h;
	char line[80];

	house_open(&h);
	for (int i = 0; i < REED_DNS_PUBLISHED_MOST; i++) {
		snprintf(line, sizeof(line), "p%d.example.org A 192.0.2.1", i);
		check_int(done(&h, reed_dns_publish_text(h.server, line)), REED_OK);
	}
	check_int(done(&h, reed_dns_publish_text(h.server, "more.example.org A 192.0.2.1")),
	          REED_ETOOBIG);
	check_int(done(&h, reed_dns_withdraw_text(h.server, "p7.example.org A")), REED_OK);
	check_int(done(&h, reed_dns_publish_text(h.server, "more.example.org A 192.0.2.1")),
	          REED_OK);
	house_close(&h);
}

static void a_zone_that_others_have_signed_is_left_alone(void)
{
	struct house h;

	house_open(&h);
	reed_dns_server_put(h.server,
	                    zone_of("@ 60 SOA . . 1 2 3 4 5\n@ 60 NS ns\n"
	                            "@ 60 NSEC @ SOA NS NSEC\n"),
	                    NULL);
	check_int(done(&h, reed_dns_publish_text(h.server, "x.example.org A 192.0.2.1")),
	          REED_ENOTSUP);
	house_close(&h);
}

/* ---- a zone that is kept ---- */

static void in_a_zone_that_is_kept_it_is_an_update(void)
{
	struct reed_dns_keeper_options o = REED_DNS_KEEPER_OPTIONS;
	struct reed_dns_keeper_facts facts = { .size = sizeof(facts) };
	struct reed_dns_name name = name_of("example.org");
	char folder[] = "/tmp/reed-publish-XXXXXX";
	struct reed_file_stamp stamp;
	struct reed_dns_keeper *keeper;
	char *file, *journal;
	struct house h;

	house_open(&h);
	check_int(reed_dns_server_take(h.server, &name), REED_OK);
	check(mkdtemp(folder));
	file = reed_sprintf("%s/zone", folder);
	journal = reed_sprintf("%s/journal", folder);
	check_int(reed_file_replace(file, reed_slice_of(zone_text), &stamp), REED_OK);
	o.name = &name;
	o.file = file;
	o.journal = journal;
	keeper = reed_dns_keeper_new(h.server, &o);
	check_int(done(&h, reed_dns_publish_text(h.server, "x.example.org A 192.0.2.1")),
	          REED_EBUSY);
	check_int(done(&h, reed_dns_keeper_idle(keeper)), REED_OK);
	check_int(done(&h, reed_dns_challenge(h.server, "example.org", "token", true)), REED_OK);
	check_str(asked(&h, "_acme-challenge.example.org", REED_DNS_TYPE_TXT),
	          "NOERROR 60 \"token\"");
	reed_dns_keeper_facts(keeper, &facts);
	check_int(facts.serial, 8);
	check_int(done(&h, reed_dns_challenge(h.server, "example.org", "token", false)), REED_OK);
	check_str(asked(&h, "_acme-challenge.example.org", REED_DNS_TYPE_TXT), "NOERROR soa");
	/* whoever does not wait for it is not told */
	reed_drop(reed_dns_challenge(h.server, "example.org", "token", true));
	reed_dns_keeper_free(keeper);
	house_close(&h);
	unlink(file);
	unlink(journal);
	check_int(rmdir(folder), 0);
	reed_free(file);
	reed_free(journal);
}

int main(void)
{
	RUN(what_is_published_is_answered_as_if_it_were_in_the_zone);
	RUN(it_stays_when_the_zone_is_read_again);
	RUN(names_that_are_delegated_are_not_published);
	RUN(two_challenges_are_there_at_a_time_and_go_one_by_one);
	RUN(a_service_is_announced_with_its_key_and_the_next_one);
	RUN(mistakes_change_nothing);
	RUN(too_much_is_too_much);
	RUN(a_zone_that_others_have_signed_is_left_alone);
	RUN(in_a_zone_that_is_kept_it_is_an_update);
	return 0;
}
