/* What a client makes of the OCSP response that a server shows, or does not show. */

#include "tests/core/tls_kit.h"

#include <openssl/ocsp.h>

#include "core/tls_private.h"

static const int64_t DAY = 86400 * REED_S(1);
static const char *const SERVER[] = { "server.example", NULL };

static struct reed_tls_ctx *server_ctx, *client_ctx;
static struct reed_slice pem;

static void begin_with(bool must_staple)
{
	kit_clock = KIT_2026;
	kit_begin();
	pem = kit_issue(REED_CERT_ECDSA, KIT_2026, 300, SERVER);
	if (must_staple)
		pem = kit_must_staple(pem);
	server_ctx = kit_server_ctx(pem);
	client_ctx = kit_client_ctx();
}

static void begin(void)
{
	begin_with(false);
}

static void end(void)
{
	kit_end();
	kit_clock = 0;
}

/* The server hands that out, whatever it is: a reed would have refused to load it. */
static void plant(struct reed_slice der)
{
	struct reed_tls_material *m = reed_tls_ctx_material(server_ctx);
	struct reed_staple *staple = &m->shelf.staples[0];

	reed_staple_finish(staple);
	staple->path = reed_strdup("planted");
	staple->from = 0;
	staple->until = INT64_MAX;
	reed_buf_init(&staple->der, 0);
	reed_buf_add(&staple->der, der);
	reed_tls_material_release(m);
}

static struct reed_slice says(int status, int days)
{
	return kit_ocsp(pem, status, KIT_2026, days, kit_ca, kit_ca_key);
}

/* Connects, and asks so; the peers are there still. */
static enum reed_err asks(enum reed_tls_staple how)
{
	struct reed_tls_client_options co = REED_TLS_CLIENT_OPTIONS;

	co.server = "server.example";
	co.staple = how;
	kit_connect(client_ctx, &co, server_ctx, NULL);
	return kit_shake_hands();
}

static void is_accepted(enum reed_tls_staple how, bool stapled)
{
	check_str(asks(how) ? kit_why() : "", "");
	check_int(kit_facts(client)->stapled, stapled);
	check(kit_facts(client)->verified && !kit_facts(client)->resumed);
	kit_says(client, server, "hello");
	kit_says(server, client, "hello");
	kit_disconnect();
}

static void is_refused(enum reed_tls_staple how, const char *words)
{
	check_int(asks(how), REED_ECERT);
	if (!strstr(kit_why(), words))
		check_str(kit_why(), words);
	kit_disconnect();
}

/* ---- tests ---- */

static void a_response_that_says_good_is_taken_and_told(void)
{
	begin();
	plant(says(V_OCSP_CERTSTATUS_GOOD, 7));
	is_accepted(REED_TLS_STAPLE_CHECKED, true);
	is_accepted(REED_TLS_STAPLE_REQUIRED, true);
	is_accepted(REED_TLS_STAPLE_REQUIRED, true);
	end();
}

static void who_does_not_ask_gets_none(void)
{
	begin();
	plant(says(V_OCSP_CERTSTATUS_REVOKED, 7));
	is_accepted(REED_TLS_STAPLE_IGNORED, false);
	end();
}

static void without_a_response_it_depends_on_who_asks(void)
{
	begin();
	is_accepted(REED_TLS_STAPLE_CHECKED, false);
	is_refused(REED_TLS_STAPLE_REQUIRED, "server.example shows no OCSP response");
	end();
}

static void a_revoked_certificate_is_refused_with_the_day(void)
{
	begin();
	plant(says(V_OCSP_CERTSTATUS_REVOKED, 7));
	is_refused(REED_TLS_STAPLE_CHECKED,
	           "the certificate of server.example was revoked on 2026-01-02");
	is_refused(REED_TLS_STAPLE_REQUIRED, "was revoked on 2026-01-02");
	end();
}

static void one_that_proves_nothing_is_refused(void)
{
	struct reed_slice other;

	begin();
	plant(REED_STR("no DER"));
	is_refused(REED_TLS_STAPLE_CHECKED, "is no OCSP response");
	plant(says(V_OCSP_CERTSTATUS_UNKNOWN, 7));
	is_refused(REED_TLS_STAPLE_CHECKED, "does not know the certificate");
	other = kit_issue(REED_CERT_ECDSA, KIT_2026, 300, SERVER);
	plant(kit_ocsp(other, V_OCSP_CERTSTATUS_GOOD, KIT_2026, 7, kit_ca, kit_ca_key));
	is_refused(REED_TLS_STAPLE_CHECKED, "is about another certificate");
	end();
}

/* RFC 6960 4.2.2.2: another certificate of the same CA may not speak for it, nor the server itself. */
static void one_that_anybody_has_signed_is_refused(void)
{
	struct reed_slice other;

	begin();
	other = kit_self_signed("ca.example");
	plant(kit_ocsp(pem, V_OCSP_CERTSTATUS_GOOD, KIT_2026, 7, other, other));
	is_refused(REED_TLS_STAPLE_CHECKED, "is not signed by who issued the certificate");
	other = kit_issue(REED_CERT_ECDSA, KIT_2026, 300, SERVER);
	plant(kit_ocsp(pem, V_OCSP_CERTSTATUS_GOOD, KIT_2026, 7, other, other));
	is_refused(REED_TLS_STAPLE_CHECKED, "is not signed by who issued the certificate");
	plant(kit_ocsp(pem, V_OCSP_CERTSTATUS_GOOD, KIT_2026, 7, pem, pem));
	is_refused(REED_TLS_STAPLE_CHECKED, "is not signed by who issued the certificate");
	end();
}

static void one_of_another_day_is_refused(void)
{
	begin();
	plant(says(V_OCSP_CERTSTATUS_GOOD, 7));
	kit_clock = KIT_2026 + 8 * DAY;
	is_refused(REED_TLS_STAPLE_CHECKED, "is of no use since 2026-01-09");
	kit_clock = KIT_2026;
	plant(kit_ocsp(pem, V_OCSP_CERTSTATUS_GOOD, KIT_2026 + 2 * DAY, 7, kit_ca, kit_ca_key));
	is_refused(REED_TLS_STAPLE_CHECKED, "is not good before 2026-01-04");
	plant(says(V_OCSP_CERTSTATUS_GOOD, 0));
	is_accepted(REED_TLS_STAPLE_CHECKED, true);
	kit_clock = KIT_2026 + 2 * DAY;
	is_refused(REED_TLS_STAPLE_CHECKED, "is of no use since 2026-01-03");
	end();
}

static void a_certificate_may_say_that_there_has_to_be_one(void)
{
	begin_with(true);
	is_refused(REED_TLS_STAPLE_CHECKED, "(Must-Staple)");
	is_refused(REED_TLS_STAPLE_REQUIRED, "(Must-Staple)");
	plant(says(V_OCSP_CERTSTATUS_GOOD, 7));
	is_accepted(REED_TLS_STAPLE_CHECKED, true);
	end();
}

/* What was agreed upon before nobody looked at a response is no proof for who wants one. */
static void nothing_is_resumed_that_was_not_looked_at(void)
{
	begin();
	is_accepted(REED_TLS_STAPLE_IGNORED, false);
	is_refused(REED_TLS_STAPLE_REQUIRED, "shows no OCSP response");
	end();
}

static void tls_1_2_has_it_too(void)
{
	struct reed_tls_client_ctx_options o = REED_TLS_CLIENT_CTX_OPTIONS;

	begin();
	o.ca_pem = kit_ca;
	o.no_system_roots = true;
	o.policy.max = REED_TLS_1_2;
	check_int(reed_tls_client_ctx(&o, &client_ctx, NULL), REED_OK);
	is_refused(REED_TLS_STAPLE_REQUIRED, "shows no OCSP response");
	plant(says(V_OCSP_CERTSTATUS_REVOKED, 7));
	is_refused(REED_TLS_STAPLE_CHECKED, "was revoked on 2026-01-02");
	plant(says(V_OCSP_CERTSTATUS_GOOD, 7));
	is_accepted(REED_TLS_STAPLE_REQUIRED, true);
	reed_tls_ctx_release(client_ctx);
	end();
}

static void a_pin_and_a_response_do_not_go_together(void)
{
	struct reed_tls_client_options co = REED_TLS_CLIENT_OPTIONS;

	begin();
	co.server = "server.example";
	co.pin = kit_pin(pem);
	co.staple = REED_TLS_STAPLE_CHECKED;
	kit_connect(client_ctx, &co, server_ctx, NULL);
	check_int(kit_shake_hands(), REED_EINVAL);
	check_str(kit_why(), "staple: a pin decides alone");
	kit_disconnect();
	end();
}

int main(void)
{
	RUN(a_response_that_says_good_is_taken_and_told);
	RUN(who_does_not_ask_gets_none);
	RUN(without_a_response_it_depends_on_who_asks);
	RUN(a_revoked_certificate_is_refused_with_the_day);
	RUN(one_that_proves_nothing_is_refused);
	RUN(one_that_anybody_has_signed_is_refused);
	RUN(one_of_another_day_is_refused);
	RUN(a_certificate_may_say_that_there_has_to_be_one);
	RUN(nothing_is_resumed_that_was_not_looked_at);
	RUN(tls_1_2_has_it_too);
	RUN(a_pin_and_a_response_do_not_go_together);
	return 0;
}
