/* Whom a TLS client believes, and the sentence when it does not. */

#include "tests/core/tls_kit.h"

#include <string.h>

static const int64_t DAY = 86400 * REED_S(1);

static struct reed_slice pem;
static struct reed_tls_client_options co;
static struct reed_tls_client_ctx_options ctx_options;

static void begin(struct reed_slice (*make)(const char *name), const char *name)
{
	kit_begin();
	pem = make(name);
	co = (struct reed_tls_client_options)REED_TLS_CLIENT_OPTIONS;
	ctx_options = (struct reed_tls_client_ctx_options)REED_TLS_CLIENT_CTX_OPTIONS;
	ctx_options.ca_pem = kit_ca;
	ctx_options.no_system_roots = true;
	co.server = "server.example";
}

static void end(void)
{
	kit_disconnect();
	kit_end();
	kit_clock = 0;
}

static enum reed_err shake_hands(void)
{
	struct reed_tls_ctx *ctx;
	enum reed_err err;

	check_int(reed_tls_client_ctx(&ctx_options, &ctx, NULL), REED_OK);
	kit_connect(ctx, &co, kit_server_ctx(pem), NULL);
	reed_tls_ctx_release(ctx);
	err = kit_shake_hands();
	return err;
}

static void refused_because(const char *why)
{
	check_int(shake_hands(), REED_ECERT);
	check_str(kit_why(), why);
	check_str(reed_stream_why(client), why);
	check_int(kit_await(reed_more(client)), REED_ECERT);
}

static void accepted(void)
{
	if (shake_hands())
		check_str(kit_why(), "");
	check(kit_facts(client)->verified && !kit_facts(client)->why_not);
}

/* ---- names ---- */

static void the_right_name_is_accepted(void)
{
	begin(kit_issue_for, "server.example");
	accepted();
	check_str(kit_facts(server)->server, "server.example");
	end();
}

static void case_and_a_last_dot_make_no_difference(void)
{
	begin(kit_issue_for, "Server.Example");
	co.server = "SERVER.example.";
	accepted();
	end();
}

static void a_wildcard_stands_for_one_label(void)
{
	begin(kit_issue_for, "*.example.org");
	co.server = "chat.example.org";
	accepted();
	kit_disconnect();
	co.server = "a.chat.example.org";
	refused_because("the certificate is for *.example.org, not for a.chat.example.org");
	end();
}

static void another_name_is_refused_with_those_it_has(void)
{
	static const char *const names[] = { "a.example", "b.example", "c.example", "d.example",
		                             "e.example", "f.example", NULL };

	begin(kit_issue_for, "other.example");
	refused_because("the certificate is for other.example, not for server.example");
	kit_disconnect();
	pem = kit_issue(REED_CERT_ECDSA, kit_wall(), 0, names);
	refused_because("the certificate is for a.example, b.example, c.example, d.example and 2 "
	                "more, not for server.example");
	end();
}

/* RFC 9525 2: only subjectAltName counts. */
static void a_common_name_is_no_name(void)
{
	begin(kit_issue_for, "x.example");
	pem = kit_issue(REED_CERT_ECDSA, kit_wall(), 0, NULL);
	co.server = "nobody";
	refused_because("the certificate is for no name, not for nobody");
	end();
}

static void addresses_are_verified_as_addresses(void)
{
	static const char *const addresses[] = { "192.0.2.7", "2001:db8::7" };

	for (size_t i = 0; i < REED_COUNT(addresses); i++) {
		begin(kit_issue_for, addresses[i]);
		co.server = addresses[i];
		accepted();
		check(kit_facts(server)->server == NULL); /* RFC 6066 3 */
		end();
	}
	begin(kit_issue_for, "192.0.2.7");
	co.server = "192.0.2.8";
	refused_because("the certificate is for 192.0.2.7, not for 192.0.2.8");
	end();
}

static void names_of_any_script_are_verified_in_ascii(void)
{
	begin(kit_issue_for, "xn--bcher-kva.example");
	co.server = "B\303\274cher.example";
	accepted();
	check_str(kit_facts(client)->server, "xn--bcher-kva.example");
	end();
}

/* ---- dates, by the clock of the loop, which is the kit's to turn ---- */

static void issued_in_2026_for_30_days(void)
{
	static const char *const names[] = { "server.example", NULL };

	kit_clock = KIT_2026;
	begin(kit_issue_for, "server.example");
	pem = kit_issue(REED_CERT_ECDSA, KIT_2026, 30, names);
}

static void a_certificate_is_good_between_its_dates(void)
{
	issued_in_2026_for_30_days();
	kit_clock = KIT_2026 + 29 * DAY;
	accepted();
	end();
}

static void an_expired_certificate_is_refused(void)
{
	issued_in_2026_for_30_days();
	kit_clock = KIT_2026 + 31 * DAY;
	refused_because("the certificate of server.example expired on 2026-02-01");
	end();
}

static void a_certificate_of_the_future_is_refused(void)
{
	issued_in_2026_for_30_days();
	pem = kit_issue(REED_CERT_ECDSA, KIT_2026 + 5 * DAY, 30,
	                (const char *const[]){ "server.example", NULL });
	refused_because("the certificate of server.example is not valid before 2026-01-06 "
	                "(the clock here says 2026-01-02)");
	end();
}

static void an_expired_ca_is_refused_by_name(void)
{
	issued_in_2026_for_30_days();
	pem = kit_issue(REED_CERT_ECDSA, KIT_2026, 5000,
	                (const char *const[]){ "server.example", NULL });
	kit_clock = KIT_2026 + 4000 * DAY;
	refused_because("the certificate of Test CA expired on 2035-12-31");
	end();
}

/* ---- issuers ---- */

static void a_self_signed_certificate_says_how_to_trust_it(void)
{
	char *why;

	begin(kit_self_signed, "server.example");
	why = reed_sprintf("the certificate of server.example is self-signed; to trust it, pin its "
	                   "key (%s) or name it as a CA",
	                   kit_pin(pem));
	refused_because(why);
	reed_free(why);
	end();
}

static void a_self_signed_certificate_named_as_a_ca_is_trusted(void)
{
	begin(kit_self_signed, "server.example");
	ctx_options.ca_pem = pem;
	accepted();
	end();
}

static void an_unknown_ca_is_refused_by_name(void)
{
	begin(kit_issue_for, "server.example");
	ctx_options.ca_pem = kit_self_signed("elsewhere.example");
	refused_because("the certificate of server.example was issued by Test CA, which is not "
	                "known here: either the peer does not send its whole chain, or that CA is "
	                "to be trusted first");
	end();
}

static void an_unknown_ca_in_the_chain_is_refused_by_name(void)
{
	struct reed_buf chain;

	begin(kit_issue_for, "server.example");
	reed_buf_init(&chain, 0);
	reed_buf_add(&chain, pem);
	reed_buf_add(&chain, kit_ca);
	pem = reed_buf_slice(&chain);
	ctx_options.ca_pem = kit_self_signed("elsewhere.example");
	refused_because("the chain ends with the CA Test CA, which is not trusted here");
	reed_buf_finish(&chain);
	end();
}

static void the_server_hears_why_it_was_left(void)
{
	begin(kit_issue_for, "server.example");
	ctx_options.ca_pem = kit_self_signed("elsewhere.example");
	check_int(shake_hands(), REED_ECERT);
	check_int(kit_await(reed_more(server)), REED_ECERT);
	check_str(kit_why(), "the peer ended TLS: it does not know the CA of our certificate");
	end();
}

/* ---- pins ---- */

static void a_pinned_key_is_all_that_counts(void)
{
	begin(kit_self_signed, "any.example");
	co.pin = kit_pin(pem);
	accepted();
	kit_disconnect();
	co.server = NULL;
	accepted();
	end();
}

static void one_of_several_pins_is_enough(void)
{
	char *pins;

	begin(kit_self_signed, "any.example");
	pins = reed_sprintf("%s, %s", kit_pin(kit_self_signed("b.example")), kit_pin(pem));
	co.pin = pins;
	accepted();
	reed_free(pins);
	end();
}

static void another_key_than_the_pinned_is_refused(void)
{
	char *why;

	begin(kit_issue_for, "server.example");
	co.pin = kit_pin(kit_self_signed("b.example"));
	why = reed_sprintf("the key of server.example is another than the one pinned: %s",
	                   kit_pin(pem));
	refused_because(why);
	reed_free(why);
	end();
}

/* ---- DANE ---- */

static char records[4096];

static const char *record(const char *kind, struct reed_slice of)
{
	snprintf(records, sizeof(records), "%s %s", kind, kit_pin(of));
	return records;
}

/* RFC 7671 5.1: names, dates and issuers do not count. */
static void a_key_that_its_record_knows_is_all_that_counts(void)
{
	kit_clock = KIT_2026;
	begin(kit_self_signed, "any.example");
	kit_clock = KIT_2026 + 4000 * DAY;
	co.dane = record("3 1 1", pem);
	accepted();
	end();
}

static void another_key_than_that_of_the_record_is_refused(void)
{
	char *why;

	begin(kit_issue_for, "server.example");
	co.dane = record("3 1 1", kit_self_signed("b.example"));
	why = reed_sprintf("the certificate of server.example matches none of the TLSA records; "
	                   "its own would be 3 1 1 %s",
	                   kit_pin(pem));
	refused_because(why);
	reed_free(why);
	end();
}

/* The CA itself has to be in the chain: RFC 7671 5.2.2. */
static struct reed_buf whole;

static void with_its_ca(void)
{
	reed_buf_add(&whole, pem);
	reed_buf_add(&whole, kit_ca);
	pem = reed_buf_slice(&whole);
}

static void a_ca_that_its_record_knows_vouches_for_the_name(void)
{
	begin(kit_issue_for, "server.example");
	with_its_ca();
	ctx_options.ca_pem = reed_slice(NULL, 0); /* trusted by nobody else */
	co.dane = record("2 1 1", kit_ca);
	accepted();
	reed_buf_finish(&whole);
	end();
	begin(kit_issue_for, "other.example");
	with_its_ca();
	ctx_options.ca_pem = reed_slice(NULL, 0);
	co.dane = record("2 1 1", kit_ca);
	refused_because("the certificate is for other.example, not for server.example");
	reed_buf_finish(&whole);
	end();
}

static void usages_of_pkix_ask_for_a_root_besides(void)
{
	begin(kit_issue_for, "server.example");
	co.dane = record("1 1 1", pem);
	accepted();
	kit_disconnect();
	co.dane = record("0 1 1", kit_ca);
	accepted();
	end();
	begin(kit_self_signed, "server.example");
	co.dane = record("1 1 1", pem);
	check_int(shake_hands(), REED_ECERT);
	end();
	begin(kit_issue_for, "other.example");
	co.dane = record("1 1 1", pem);
	refused_because("the certificate is for other.example, not for server.example");
	end();
}

static void one_record_of_several_is_enough(void)
{
	char *all;

	begin(kit_self_signed, "any.example");
	all = reed_sprintf("3 1 1 %s, 3 1 9 0102,3 1 1 %.32s %s",
	                   kit_pin(kit_self_signed("b.example")), kit_pin(pem), kit_pin(pem) + 32);
	co.dane = all;
	accepted();
	reed_free(all);
	end();
}

static void a_server_known_by_dane_shows_its_key_each_time(void)
{
	begin(kit_issue_for, "server.example");
	co.dane = record("3 1 1", pem);
	accepted();
	check(!kit_facts(client)->resumed);
	kit_says(server, client, "a ticket came along");
	kit_disconnect();
	co.dane = record("3 1 1", kit_self_signed("b.example"));
	check_int(shake_hands(), REED_ECERT);
	end();
}

static void records_that_say_nothing_are_refused(void)
{
	static const struct {
		const char *dane, *words;
	} cases[] = {
		{ "3 1 1", "\"3 1 1\" is no TLSA record: usage, selector" },
		{ "3 1 1 0", "is no TLSA record" },
		{ "3 1 1 zz", "is no TLSA record" },
		{ "3 1 1 00", "none of 1 TLSA records" }, /* no digest has one byte */
		{ "300 1 1 00", "is no TLSA record" },
		{ "", "none of 0 TLSA records" },
		{ "3 1 200 00", "none of 1 TLSA records is of a kind that is known" },
	};

	for (size_t i = 0; i < REED_COUNT(cases); i++) {
		begin(kit_issue_for, "server.example");
		co.dane = cases[i].dane;
		check_int(shake_hands(), REED_EINVAL);
		if (!strstr(kit_why(), cases[i].words))
			check_str(kit_why(), cases[i].words);
		end();
	}
	begin(kit_issue_for, "192.0.2.7");
	co.server = "192.0.2.7";
	co.dane = record("3 1 1", pem);
	check_int(shake_hands(), REED_EINVAL);
	check_str(kit_why(), "DANE: an address has no TLSA records");
	end();
}

/* ---- insecure, and wrong options ---- */

static void who_accepts_any_is_told_what_is_wrong_with_it(void)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	begin(kit_issue_for, "other.example");
	ctx_options.insecure_accept_any = true;
	check_int(shake_hands(), REED_OK);
	check(!kit_facts(client)->verified);
	check_str(kit_facts(client)->why_not,
	          "the certificate is for other.example, not for server.example");
	reed_stream_facts(client, &facts);
	check(!facts.secure);
	kit_says(client, server, "trusting soul");
	end();
}

static void begin_wrongly(void (*spoil)(void), const char *why)
{
	begin(kit_issue_for, "server.example");
	spoil();
	check_int(shake_hands(), REED_EINVAL);
	check_str(kit_why(), why);
	check_int(kit_await(reed_more(client)), REED_EINVAL);
	reed_write_str(client, "goes nowhere");
	check_int(kit_await(reed_flush(client)), REED_EINVAL);
	end();
}

static void no_server(void)
{
	co.server = NULL;
}

static void bad_server(void)
{
	co.server = "two words";
}

static void empty_server(void)
{
	co.server = ".";
}

static void bad_pin(void)
{
	co.pin = "12345";
}

static void bad_alpn(void)
{
	co.alpn = "h2,,http/1.1";
}

static void wrong_options_are_told_as_the_handshake_fails(void)
{
	begin_wrongly(no_server, "a TLS client has to know the name of the server, to verify it");
	begin_wrongly(bad_server, "\"two words\" is no host name: letters, digits and hyphens "
	                          "make labels of 1 to 63, dots stand between them");
	begin_wrongly(empty_server, "\".\" is no host name: letters, digits and hyphens make "
	                            "labels of 1 to 63, dots stand between them");
	begin_wrongly(bad_pin, "\"12345\" is no pin: the SHA-256 of a public key has 64 "
	                       "hexadecimal digits");
	begin_wrongly(bad_alpn, "\"h2,,http/1.1\" is no list of protocols: h2,http/1.1 would be");
}

static void a_server_context_makes_no_client(void)
{
	begin(kit_issue_for, "server.example");
	kit_connect(kit_server_ctx(pem), &co, kit_client_ctx(), NULL);
	check_int(kit_await(reed_tls_handshake(client)), REED_EINVAL);
	check_str(kit_why(), "a TLS client needs a context made for it");
	check_int(kit_await(reed_tls_handshake(server)), REED_EINVAL);
	check_str(kit_why(), "a TLS server needs a context made for it");
	end();
}

/* ---- versions ---- */

static void no_version_in_common_is_said_at_both_ends(void)
{
	struct reed_tls_server_ctx_options so = REED_TLS_SERVER_CTX_OPTIONS;
	struct reed_tls_ctx *c, *s;

	begin(kit_issue_for, "server.example");
	so.cert_pem = pem;
	so.policy.min = REED_TLS_1_3;
	ctx_options.policy.max = REED_TLS_1_2;
	check_int(reed_tls_server_ctx(&so, &s, NULL), REED_OK);
	check_int(reed_tls_client_ctx(&ctx_options, &c, NULL), REED_OK);
	kit_connect(c, &co, s, NULL);
	reed_tls_ctx_release(c);
	reed_tls_ctx_release(s);
	check_int(kit_shake_hands(), REED_EPROTO);
	check_str(kit_why(), "server.example ended TLS: it speaks none of the TLS versions that "
	                     "we allow");
	check_int(kit_await(reed_more(server)), REED_EPROTO);
	check_str(kit_why(), "TLS with the peer failed: it speaks none of the TLS versions that "
	                     "we allow");
	end();
}

static void no_kind_of_key_in_common_is_said_at_both_ends(void)
{
	struct reed_tls_ctx *c;

	begin(kit_issue_for, "server.example");
	ctx_options.policy.max = REED_TLS_1_2;
	ctx_options.policy.ciphers = "ECDHE-RSA-AES128-GCM-SHA256";
	check_int(reed_tls_client_ctx(&ctx_options, &c, NULL), REED_OK);
	kit_connect(c, &co, kit_server_ctx(pem), NULL);
	reed_tls_ctx_release(c);
	check_int(kit_shake_hands(), REED_EPROTO);
	check_str(kit_why(), "server.example ended TLS: it finds nothing in what we offer that it "
	                     "could use (versions, ciphers, kinds of key), or wants a certificate "
	                     "of ours");
	check_int(kit_await(reed_more(server)), REED_EPROTO);
	check_str(kit_why(), "TLS with the peer failed: it offers no cipher, or kind of key, that "
	                     "we have");
	end();
}

static void old_versions_are_spoken_only_when_asked_for(void)
{
	struct reed_tls_server_ctx_options so = REED_TLS_SERVER_CTX_OPTIONS;
	struct reed_tls_ctx *c, *s;

	begin(kit_issue_for, "server.example");
	so.cert_pem = pem;
	so.policy.min = ctx_options.policy.min = REED_TLS_1_0_INSECURE;
	so.policy.max = REED_TLS_1_0_INSECURE;
	check_int(reed_tls_server_ctx(&so, &s, NULL), REED_OK);
	check_int(reed_tls_client_ctx(&ctx_options, &c, NULL), REED_OK);
	kit_connect(c, &co, s, NULL);
	check_int(kit_shake_hands(), REED_OK);
	check_str(kit_facts(client)->version, "TLSv1");
	kit_says(client, server, "good old times");
	kit_disconnect();
	reed_tls_ctx_release(c);
	ctx_options.policy.min = REED_TLS_DEFAULT;
	check_int(reed_tls_client_ctx(&ctx_options, &c, NULL), REED_OK);
	kit_connect(c, &co, s, NULL);
	check_int(kit_shake_hands(), REED_EPROTO);
	reed_tls_ctx_release(c);
	reed_tls_ctx_release(s);
	end();
}

int main(void)
{
	RUN(the_right_name_is_accepted);
	RUN(case_and_a_last_dot_make_no_difference);
	RUN(a_wildcard_stands_for_one_label);
	RUN(another_name_is_refused_with_those_it_has);
	RUN(a_common_name_is_no_name);
	RUN(addresses_are_verified_as_addresses);
	RUN(names_of_any_script_are_verified_in_ascii);
	RUN(a_certificate_is_good_between_its_dates);
	RUN(an_expired_certificate_is_refused);
	RUN(a_certificate_of_the_future_is_refused);
	RUN(an_expired_ca_is_refused_by_name);
	RUN(a_self_signed_certificate_says_how_to_trust_it);
	RUN(a_self_signed_certificate_named_as_a_ca_is_trusted);
	RUN(an_unknown_ca_is_refused_by_name);
	RUN(an_unknown_ca_in_the_chain_is_refused_by_name);
	RUN(the_server_hears_why_it_was_left);
	RUN(a_pinned_key_is_all_that_counts);
	RUN(one_of_several_pins_is_enough);
	RUN(another_key_than_the_pinned_is_refused);
	RUN(a_key_that_its_record_knows_is_all_that_counts);
	RUN(another_key_than_that_of_the_record_is_refused);
	RUN(a_ca_that_its_record_knows_vouches_for_the_name);
	RUN(usages_of_pkix_ask_for_a_root_besides);
	RUN(one_record_of_several_is_enough);
	RUN(a_server_known_by_dane_shows_its_key_each_time);
	RUN(records_that_say_nothing_are_refused);
	RUN(who_accepts_any_is_told_what_is_wrong_with_it);
	RUN(wrong_options_are_told_as_the_handshake_fails);
	RUN(a_server_context_makes_no_client);
	RUN(no_version_in_common_is_said_at_both_ends);
	RUN(no_kind_of_key_in_common_is_said_at_both_ends);
	RUN(old_versions_are_spoken_only_when_asked_for);
	return 0;
}
