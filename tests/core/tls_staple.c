/* OCSP responses that go with a server's certificate. */

#include "tests/core/tls_kit.h"

#include <openssl/ocsp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/tls_private.h"
#include "reed/endpoint.h"
#include "reed/log.h"

static const int64_t DAY = 86400 * REED_S(1);
static const char *const SERVER[] = { "server.example", NULL };

static char folder[64];
static struct reed_tls_server_ctx_options so;
static struct reed_tls_ctx *ctx;
static struct reed_slice pem;
static char logged[512];

static void hear(struct reed_log_tap *tap, const struct reed_log_event *event)
{
	size_t n = strlen(logged);

	(void)tap;
	snprintf(logged + n, sizeof(logged) - n, REED_FMT " " REED_FMT "\n",
	         REED_ARG(event->message), REED_ARG(reed_log_value(event, "until")));
}

static struct reed_log_tap tap = { .hear = hear, .level = REED_LOG_WARN };

static void put(const char *name, struct reed_slice bytes)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	check_int(reed_cert_write(path, bytes, true, NULL), REED_OK);
}

/* In 2026, with a chain of server and CA in 1.pem. */
static void begin(void)
{
	struct reed_log_options log = REED_LOG_OPTIONS;
	struct reed_buf whole = { .limit = 0 };

	kit_clock = KIT_2026;
	kit_begin();
	log.to = REED_LOG_TO_NOBODY;
	check_int(reed_log_open(reed_log_of(loop), &log, NULL), REED_OK);
	logged[0] = '\0';
	reed_log_tap(reed_log_of(loop), &tap);
	snprintf(folder, sizeof(folder), "/tmp/reed-ocsp-XXXXXX");
	check(mkdtemp(folder) != NULL);
	pem = kit_issue(REED_CERT_ECDSA, KIT_2026, 300, SERVER);
	reed_buf_add(&whole, pem);
	reed_buf_add(&whole, kit_ca);
	put("1.pem", reed_buf_slice(&whole));
	reed_buf_finish(&whole);
	so = (struct reed_tls_server_ctx_options)REED_TLS_SERVER_CTX_OPTIONS;
	so.cert = folder;
	so.wall = KIT_2026;
}

static void end(void)
{
	char *command = reed_sprintf("rm -rf %s", folder);

	kit_disconnect();
	check_int(system(command), 0);
	reed_free(command);
	reed_log_untap(reed_log_of(loop), &tap);
	kit_end();
	kit_clock = 0;
}

/* ---- a responder ---- */

static void respond(const char *name, struct reed_slice of, int status, int days,
                    struct reed_slice signer, struct reed_slice signers_key)
{
	put(name, kit_ocsp(of, status, KIT_2026, days, signer, signers_key));
}

static void says_good(const char *name, int days)
{
	respond(name, pem, V_OCSP_CERTSTATUS_GOOD, days, kit_ca, kit_ca_key);
}

/* How many bytes of a response a client gets that asks, or does not. */
static long stapled(bool asks)
{
	struct reed_tls_client_options co = REED_TLS_CLIENT_OPTIONS;
	unsigned char *der;
	long n;

	co.server = "server.example";
	kit_connect(kit_client_ctx(), &co, ctx, NULL);
	if (asks)
		SSL_set_tlsext_status_type(reed_tls_of(client)->ssl, TLSEXT_STATUSTYPE_ocsp);
	check_str(kit_shake_hands() ? kit_why() : "", "");
	n = SSL_get_tlsext_status_ocsp_resp(reed_tls_of(client)->ssl, &der);
	kit_disconnect();
	return n;
}

static void load(void)
{
	struct reed_fault *fault = NULL;

	if (reed_tls_server_ctx(&so, &ctx, &fault))
		check_str(fault->sentence, "");
}

static void refused(enum reed_err err, const char *words)
{
	struct reed_fault *fault = NULL;

	check_int(reed_tls_server_ctx(&so, &ctx, &fault), err);
	if (!strstr(fault->sentence, words))
		check_str(fault->sentence, words);
	reed_fault_free(fault);
}

/* ---- tests ---- */

static void who_asks_gets_what_lies_beside_the_certificate(void)
{
	begin();
	says_good("1.ocsp", 7);
	load();
	check(stapled(true) > 100);
	check_int(stapled(false), -1);
	check_int(reed_tls_ctx_staple_until(ctx), KIT_2026 + 7 * DAY);
	reed_tls_ctx_release(ctx);
	end();
}

static void a_file_that_is_named_is_handed_out_too(void)
{
	char cert[128], staple[128];

	begin();
	says_good("other.ocsp", 7);
	snprintf(cert, sizeof(cert), "%s/1.pem", folder);
	snprintf(staple, sizeof(staple), "%s/other.ocsp", folder);
	so.cert = cert;
	so.staple = staple;
	load();
	check(stapled(true) > 100);
	reed_tls_ctx_release(ctx);
	so.cert = folder;
	refused(REED_EINVAL, "NAME.ocsp beside NAME.pem");
	so.cert = cert;
	snprintf(staple, sizeof(staple), "%s/none.ocsp", folder);
	refused(REED_ENOENT, "none.ocsp");
	end();
}

static void without_a_response_nothing_is_said(void)
{
	begin();
	load();
	check_int(stapled(true), -1);
	check_int(reed_tls_ctx_staple_until(ctx), INT64_MAX);
	reed_tls_ctx_release(ctx);
	end();
}

static void one_that_is_out_of_date_is_told_once_and_not_handed_out(void)
{
	begin();
	says_good("1.ocsp", 7);
	load();
	check(stapled(true) > 100);
	kit_clock = KIT_2026 + 8 * DAY;
	check_str(logged, "");
	check_int(stapled(true), -1);
	check_int(stapled(true), -1);
	check_str(logged, "OCSP response is out of date, and not handed out any more 2026-01-09\n");
	says_good("1.ocsp", 14);
	check_int(reed_tls_ctx_reload(ctx, kit_clock, NULL), REED_OK);
	check(stapled(true) > 100);
	reed_tls_ctx_release(ctx);
	end();
}

static void what_was_out_of_date_before_is_told_at_the_start(void)
{
	struct reed_listener *l;

	begin();
	says_good("1.ocsp", 7);
	kit_clock = so.wall = KIT_2026 + 8 * DAY;
	load();
	check_int(kit_await(reed_listen(loop, "tcp:0:interface=127.0.0.1", &l)), REED_OK);
	l = reed_tls_listener(l, ctx, NULL);
	check_str(logged, "OCSP response is out of date, and not handed out any more 2026-01-09\n");
	logged[0] = '\0';
	check_int(kit_await(reed_tls_reload(loop)), REED_OK);
	kit_settle();
	check_str(logged, "OCSP response is out of date, and not handed out any more 2026-01-09\n");
	reed_listener_close(l);
	reed_tls_ctx_release(ctx);
	end();
}

static void a_wrong_response_is_refused_and_said_why(void)
{
	struct reed_slice other;

	begin();
	put("1.ocsp", REED_STR("half-written"));
	refused(REED_ESYNTAX, "1.ocsp: this is no OCSP response in DER");
	other = kit_issue(REED_CERT_ECDSA, KIT_2026, 300, SERVER);
	respond("1.ocsp", other, V_OCSP_CERTSTATUS_GOOD, 7, kit_ca, kit_ca_key);
	refused(REED_ECERT, "is about another certificate");
	respond("1.ocsp", pem, V_OCSP_CERTSTATUS_UNKNOWN, 7, kit_ca, kit_ca_key);
	refused(REED_ECERT, "does not know the certificate");
	other = kit_self_signed("ca.example");
	respond("1.ocsp", pem, V_OCSP_CERTSTATUS_GOOD, 7, other, other);
	refused(REED_ECERT, "is not signed by who issued the certificate");
	end();
}

static void a_bad_one_at_a_reload_keeps_what_was_good(void)
{
	begin();
	says_good("1.ocsp", 7);
	load();
	put("1.ocsp", REED_STR("half-written"));
	check_int(reed_tls_ctx_reload(ctx, KIT_2026, NULL), REED_ESYNTAX);
	check(stapled(true) > 100);
	reed_tls_ctx_release(ctx);
	end();
}

/* A responder says when and why; nobody would take such a certificate any more. */
static void a_revoked_certificate_is_not_shown(void)
{
	begin();
	respond("1.ocsp", pem, V_OCSP_CERTSTATUS_REVOKED, 7, kit_ca, kit_ca_key);
	refused(REED_ECERT, "says that the certificate has been revoked");
	end();
}

int main(void)
{
	RUN(who_asks_gets_what_lies_beside_the_certificate);
	RUN(a_file_that_is_named_is_handed_out_too);
	RUN(without_a_response_nothing_is_said);
	RUN(one_that_is_out_of_date_is_told_once_and_not_handed_out);
	RUN(what_was_out_of_date_before_is_told_at_the_start);
	RUN(a_wrong_response_is_refused_and_said_why);
	RUN(a_bad_one_at_a_reload_keeps_what_was_good);
	RUN(a_revoked_certificate_is_not_shown);
	return 0;
}
