/* What two peers agree on and know of each other: ALPN, certificates, tickets, bindings. */

#include "core/os.h"
#include "tests/core/tls_kit.h"

#include <unistd.h>

static struct reed_tls_client_ctx_options cco;
static struct reed_tls_server_ctx_options sco;
static struct reed_tls_client_options co;
static struct reed_tls_server_options so;
static struct reed_tls_ctx *client_ctx, *server_ctx;

static void begin(void)
{
	kit_begin();
	cco = (struct reed_tls_client_ctx_options)REED_TLS_CLIENT_CTX_OPTIONS;
	sco = (struct reed_tls_server_ctx_options)REED_TLS_SERVER_CTX_OPTIONS;
	co = (struct reed_tls_client_options)REED_TLS_CLIENT_OPTIONS;
	so = (struct reed_tls_server_options)REED_TLS_SERVER_OPTIONS;
	cco.ca_pem = kit_ca;
	cco.no_system_roots = true;
	sco.cert_pem = kit_issue_for("server.example");
	co.server = "server.example";
	client_ctx = server_ctx = NULL;
}

static void end(void)
{
	kit_disconnect();
	reed_tls_ctx_release(client_ctx);
	reed_tls_ctx_release(server_ctx);
	kit_end();
}

static enum reed_err connect_now(void)
{
	if (!client_ctx)
		check_int(reed_tls_client_ctx(&cco, &client_ctx, NULL), REED_OK);
	if (!server_ctx)
		check_int(reed_tls_server_ctx(&sco, &server_ctx, NULL), REED_OK);
	kit_connect(client_ctx, &co, server_ctx, &so);
	return kit_shake_hands();
}

/* ---- facts ---- */

static void facts_come_with_the_handshake(void)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	const struct reed_tls_facts *f;

	begin();
	check_int(reed_tls_client_ctx(&cco, &client_ctx, NULL), REED_OK);
	check_int(reed_tls_server_ctx(&sco, &server_ctx, NULL), REED_OK);
	kit_connect(client_ctx, &co, server_ctx, &so);
	f = kit_facts(client);
	check(!f->complete && !f->version && !f->verified);
	reed_stream_facts(client, &facts);
	check(!facts.secure);
	check_int(kit_shake_hands(), REED_OK);
	check(f == kit_facts(client) && f->complete && f->verified && !f->resumed);
	check_str(f->version, "TLSv1.3");
	check_str(f->group, "x25519");
	check_str(f->server, "server.example");
	check(f->cipher && strstr(f->cipher, "TLS_AES"));
	check_str(f->peer->subject, "CN=server.example");
	check_str(f->peer->issuer, "CN=Test CA");
	check(f->alpn == NULL);
	reed_stream_facts(client, &facts);
	check(facts.secure && facts.peer.port == 6697); /* of the stream below */
	end();
}

static void a_server_knows_what_it_did_not_ask(void)
{
	begin();
	check_int(connect_now(), REED_OK);
	check(!kit_facts(server)->verified && !kit_facts(server)->peer);
	check_str(kit_facts(server)->why_not, "the client was not asked for a certificate");
	end();
}

static void a_stream_without_tls_has_no_tls_facts(void)
{
	uint8_t bytes[REED_TLS_BINDING_ROOM];
	struct wire *a, *b;
	size_t n;

	begin();
	check_int(connect_now(), REED_OK);
	wire_pair(0, &a, &b);
	check_int(kit_await(reed_tls_handshake(&a->stream)), REED_EINVAL);
	check_int(reed_tls_binding(&a->stream, REED_TLS_EXPORTER, bytes, &n), REED_EINVAL);
	reed_abort(&a->stream);
	reed_abort(&b->stream);
	end();
}

/* ---- ALPN ---- */

static void the_server_chooses_the_protocol(void)
{
	begin();
	co.alpn = "http/1.1, h2";
	so.alpn = "h2,http/1.1";
	check_int(connect_now(), REED_OK);
	check_str(kit_facts(client)->alpn, "h2");
	check_str(kit_facts(server)->alpn, "h2");
	end();
}

static void whoever_offers_nothing_gets_nothing(void)
{
	begin();
	so.alpn = "irc";
	check_int(connect_now(), REED_OK);
	check(!kit_facts(client)->alpn && !kit_facts(server)->alpn);
	kit_disconnect();
	co.alpn = "irc";
	so.alpn = NULL;
	check_int(connect_now(), REED_OK);
	check(!kit_facts(client)->alpn && !kit_facts(server)->alpn);
	end();
}

/* Or a client of one protocol could be made to talk to a server of another. */
static void no_protocol_in_common_ends_it(void)
{
	begin();
	co.alpn = "xmpp-client";
	so.alpn = "irc";
	check_int(connect_now(), REED_EPROTO);
	check_str(kit_why(), "server.example ended TLS: it speaks none of the protocols offered "
	                     "(ALPN)");
	check_int(kit_await(reed_more(server)), REED_EPROTO);
	check_str(kit_why(), "TLS with the peer failed: it speaks none of our protocols (ALPN)");
	end();
}

/* ---- certificates of clients ---- */

static void show_client_cert(struct reed_slice pem)
{
	cco.cert_pem = pem;
}

static void a_verified_client_is_known(void)
{
	begin();
	show_client_cert(kit_issue_for("alice.example"));
	sco.client_cert = REED_TLS_REQUIRE_VERIFIED;
	sco.client_ca_pem = kit_ca;
	check_int(connect_now(), REED_OK);
	check(kit_facts(server)->verified);
	check_str(kit_facts(server)->peer->subject, "CN=alice.example");
	check_int(memcmp(kit_facts(server)->peer->spki_sha256, kit_facts(server)->peer->sha256,
	                 32) != 0,
	          1);
	end();
}

static void any_client_is_let_in_where_any_will_do(void)
{
	begin();
	show_client_cert(kit_self_signed("bob.example"));
	sco.client_cert = REED_TLS_ASK;
	check_int(connect_now(), REED_OK);
	check(!kit_facts(server)->verified);
	check_str(kit_facts(server)->why_not, "the certificate of bob.example is self-signed");
	check_str(kit_facts(server)->peer->subject, "CN=bob.example");
	kit_says(client, server, "hello");
	end();
}

static void whoever_has_none_is_let_in_where_one_is_asked_for(void)
{
	static const enum reed_tls_client_cert asks[] = { REED_TLS_ASK, REED_TLS_ASK_VERIFIED };

	for (size_t i = 0; i < REED_COUNT(asks); i++) {
		begin();
		sco.client_cert = asks[i];
		sco.client_ca_pem = kit_ca;
		check_int(connect_now(), REED_OK);
		check(!kit_facts(server)->peer && !kit_facts(server)->verified);
		check_str(kit_facts(server)->why_not, "the client has shown no certificate");
		end();
	}
}

/* RFC 8446 4.4.2: the client is through before the server has seen what it shows. */
static void refused_at_the_first_read(const char *why_server, const char *why_client)
{
	check_int(reed_tls_client_ctx(&cco, &client_ctx, NULL), REED_OK);
	check_int(reed_tls_server_ctx(&sco, &server_ctx, NULL), REED_OK);
	kit_connect(client_ctx, &co, server_ctx, &so);
	check_int(kit_await(reed_tls_handshake(server)), REED_ECERT);
	check_str(kit_why(), why_server);
	check_int(kit_await(reed_more(client)), REED_ECERT);
	check_str(kit_why(), why_client);
}

static void a_required_certificate_that_is_missing_ends_it(void)
{
	begin();
	sco.client_cert = REED_TLS_REQUIRE;
	refused_at_the_first_read("TLS with the peer failed: it has to show a certificate, and has "
	                          "none",
	                          "server.example ended TLS: it wants a certificate of ours");
	end();
}

static void a_certificate_nobody_vouches_for_ends_it(void)
{
	begin();
	show_client_cert(kit_self_signed("mallory.example"));
	sco.client_cert = REED_TLS_ASK_VERIFIED;
	sco.client_ca_pem = kit_ca;
	refused_at_the_first_read("the certificate of mallory.example is self-signed",
	                          "server.example ended TLS: it does not know the CA of our "
	                          "certificate");
	end();
}

/* ---- resumption ---- */

static bool resumes(void)
{
	bool resumed;

	check_int(connect_now(), REED_OK);
	resumed = kit_facts(client)->resumed;
	check(kit_facts(server)->resumed == resumed);
	check(kit_facts(client)->verified);
	check_str(kit_facts(client)->peer->subject, "CN=server.example");
	kit_says(server, client, "with tickets before it");
	kit_disconnect();
	return resumed;
}

static void the_second_handshake_is_shorter(void)
{
	static const enum reed_tls_version versions[] = { REED_TLS_1_2, REED_TLS_1_3 };

	for (size_t i = 0; i < REED_COUNT(versions); i++) {
		begin();
		cco.policy.max = versions[i];
		check(!resumes());
		check(resumes());
		check(resumes());
		end();
	}
}

static void another_name_resumes_nothing(void)
{
	static const char *const NAMES[] = { "server.example", "www.example", NULL };

	begin();
	sco.cert_pem = kit_issue(REED_CERT_ECDSA, kit_wall(), 0, NAMES);
	check(!resumes());
	co.server = "www.example";
	check(!resumes());
	co.server = "server.example";
	check(resumes());
	end();
}

static void nothing_is_resumed_where_it_is_switched_off(void)
{
	begin();
	cco.policy.no_resumption = true;
	check(!resumes());
	check(!resumes());
	reed_tls_ctx_release(client_ctx);
	client_ctx = NULL;
	cco.policy.no_resumption = false;
	sco.policy.no_resumption = true;
	reed_tls_ctx_release(server_ctx);
	server_ctx = NULL;
	check(!resumes());
	check(!resumes());
	end();
}

static void a_pinned_server_shows_its_key_each_time(void)
{
	begin();
	check(!resumes());
	co.pin = kit_pin(sco.cert_pem);
	check(!resumes());
	check(!resumes());
	end();
}

static void a_resumed_client_is_still_known(void)
{
	begin();
	show_client_cert(kit_self_signed("bob.example"));
	sco.client_cert = REED_TLS_ASK;
	check(!resumes());
	check_int(connect_now(), REED_OK);
	check(kit_facts(server)->resumed && !kit_facts(server)->verified);
	check_str(kit_facts(server)->peer->subject, "CN=bob.example");
	check_str(kit_facts(server)->why_not, "the certificate of bob.example is self-signed");
	end();
}

static void tickets_of_a_reloaded_context_are_not_taken(void)
{
	begin();
	check(!resumes());
	check_int(reed_tls_ctx_reload(server_ctx, 0, NULL), REED_OK);
	check(!resumes());
	check(resumes());
	end();
}

/* The turn's clock, so that half a day passes in no time. */
static void old_ticket_keys_are_replaced(void)
{
	begin();
	check(!resumes());
	loop->now += 13 * 3600 * REED_S(1);
	check_int(connect_now(), REED_OK);
	kit_disconnect();
	check(resumes());
	end();
}

/* ---- channel bindings ---- */

static void same_binding(enum reed_tls_binding kind, size_t size)
{
	uint8_t a[REED_TLS_BINDING_ROOM], b[REED_TLS_BINDING_ROOM];
	size_t an, bn;

	check_int(reed_tls_binding(client, kind, a, &an), REED_OK);
	check_int(reed_tls_binding(server, kind, b, &bn), REED_OK);
	check_int(an, size);
	check_int(bn, size);
	check(memcmp(a, b, size) == 0);
}

static void bindings_are_the_same_at_both_ends(void)
{
	uint8_t bytes[REED_TLS_BINDING_ROOM];
	size_t n;

	begin();
	check_int(connect_now(), REED_OK);
	same_binding(REED_TLS_EXPORTER, 32);
	same_binding(REED_TLS_SERVER_END_POINT, 32);
	check_int(reed_tls_binding(client, REED_TLS_UNIQUE, bytes, &n), REED_ENOTSUP);
	end();
}

static void with_tls_1_2_there_is_a_unique_one_too(void)
{
	begin();
	cco.policy.max = REED_TLS_1_2;
	for (int resumed = 0; resumed < 2; resumed++) {
		check_int(connect_now(), REED_OK);
		check(kit_facts(client)->resumed == resumed);
		same_binding(REED_TLS_EXPORTER, 32);
		same_binding(REED_TLS_SERVER_END_POINT, 32);
		same_binding(REED_TLS_UNIQUE, 12);
		kit_disconnect();
	}
	end();
}

static void two_handshakes_have_different_bindings(void)
{
	uint8_t a[REED_TLS_BINDING_ROOM], b[REED_TLS_BINDING_ROOM];
	size_t n;

	begin();
	check_int(connect_now(), REED_OK);
	check_int(reed_tls_binding(client, REED_TLS_EXPORTER, a, &n), REED_OK);
	kit_disconnect();
	check_int(connect_now(), REED_OK);
	check_int(reed_tls_binding(client, REED_TLS_EXPORTER, b, &n), REED_OK);
	check(memcmp(a, b, n) != 0);
	end();
}

/* RFC 5929 4.1: hashed as its signature is; Ed25519 has no hash of its own. */
static void the_end_point_is_hashed_as_its_certificate_is_signed(void)
{
	uint8_t bytes[REED_TLS_BINDING_ROOM];
	static const char *const NAMES[] = { "server.example", NULL };
	struct reed_cert_options o = REED_CERT_OPTIONS;
	struct reed_slice key;
	struct reed_buf pem;
	size_t n;

	begin();
	key = kit_key(REED_CERT_ED25519);
	o.wall = kit_wall();
	o.names = NAMES;
	reed_buf_init(&pem, 0);
	check_int(reed_cert_self_sign(key, &o, &pem, NULL), REED_OK);
	sco.cert_pem = cco.ca_pem = reed_buf_slice(&pem);
	sco.key_pem = key;
	check_int(connect_now(), REED_OK);
	check_int(reed_tls_binding(client, REED_TLS_SERVER_END_POINT, bytes, &n), REED_ENOTSUP);
	kit_disconnect();
	reed_buf_clear(&pem);
	key = kit_key(REED_CERT_ECDSA_384);
	check_int(reed_cert_self_sign(key, &o, &pem, NULL), REED_OK);
	sco.cert_pem = cco.ca_pem = reed_buf_slice(&pem);
	sco.key_pem = key;
	reed_tls_ctx_release(client_ctx);
	reed_tls_ctx_release(server_ctx);
	client_ctx = server_ctx = NULL;
	check_int(connect_now(), REED_OK);
	same_binding(REED_TLS_SERVER_END_POINT, 48);
	reed_buf_finish(&pem);
	end();
}

static void there_is_no_binding_before_the_handshake(void)
{
	uint8_t bytes[REED_TLS_BINDING_ROOM];
	size_t n = 7;

	begin();
	check_int(connect_now(), REED_OK);
	kit_disconnect();
	kit_connect(client_ctx, &co, server_ctx, &so);
	check_int(reed_tls_binding(client, REED_TLS_EXPORTER, bytes, &n), REED_EAGAIN);
	check_int(n, 0);
	end();
}

/* ---- listeners ---- */

static struct reed_future *greet(void *arg, struct reed_stream *s)
{
	(void)arg;
	server = s;
	reed_write_str(s, "welcome");
	return reed_forever(s->loop);
}

static void a_listener_yields_streams_before_their_handshakes(void)
{
	struct reed_address at = { .family = REED_FAMILY_IPV4, .ip = { 127, 0, 0, 1 } };
	struct reed_listener *below, *l;
	struct reed_fault *fault = NULL;
	struct reed_stream *a;
	struct reed_slice got;
	struct reed_future *serving;

	begin();
	check_int(reed_tls_client_ctx(&cco, &client_ctx, NULL), REED_OK);
	check_int(reed_tls_server_ctx(&sco, &server_ctx, NULL), REED_OK);
	check_int(reed_listen_address(loop, &at, NULL, &below, &fault), REED_OK);
	at = below->address;
	so.alpn = "greeting";
	l = reed_tls_listener(below, server_ctx, &so);
	check_int(l->address.port, at.port);
	serving = reed_serve(l, greet, NULL, NULL);
	co.alpn = "greeting";
	for (int i = 0; i < 3; i++) {
		check_int(kit_await(reed_connect_address(loop, &at, NULL, &a)), REED_OK);
		client = reed_tls_client(a, client_ctx, &co);
		check_int(kit_await(reed_read_exactly(client, 7, &got)), REED_OK);
		check_slice(got, "welcome");
		check_str(kit_facts(client)->alpn, "greeting");
		kit_disconnect();
	}
	reed_drop(serving);
	end();
}

static void a_listener_may_be_closed_while_somebody_knocks(void)
{
	struct reed_address at = { .family = REED_FAMILY_IPV4, .ip = { 127, 0, 0, 1 } };
	struct reed_listener *below, *l;
	struct reed_fault *fault = NULL;
	struct reed_stream *a, *b;
	struct reed_future *f;

	begin();
	check_int(reed_tls_server_ctx(&sco, &server_ctx, NULL), REED_OK);
	check_int(reed_listen_address(loop, &at, NULL, &below, &fault), REED_OK);
	at = below->address;
	l = reed_tls_listener(below, server_ctx, NULL);
	f = reed_accept(l, &b);
	check_int(kit_await(reed_connect_address(loop, &at, NULL, &a)), REED_OK);
	kit_settle();
	reed_listener_close(l);
	check_int(kit_await(f), REED_ECANCELED);
	check(kit_await(reed_more(a)) < 0);
	reed_close(a);
	end();
}

static struct reed_listener *listen_with(const char *path, struct reed_address *at)
{
	struct reed_tls_server_ctx_options o = REED_TLS_SERVER_CTX_OPTIONS;
	struct reed_fault *fault = NULL;
	struct reed_listener *below, *l;
	struct reed_tls_ctx *ctx;

	o.cert = path;
	check_int(reed_tls_server_ctx(&o, &ctx, NULL), REED_OK);
	*at = (struct reed_address){ .family = REED_FAMILY_IPV4, .ip = { 127, 0, 0, 1 } };
	check_int(reed_listen_address(loop, at, NULL, &below, &fault), REED_OK);
	*at = below->address;
	l = reed_tls_listener(below, ctx, NULL);
	reed_tls_ctx_release(ctx);
	return l;
}

static const char *shown_at(const struct reed_address *at)
{
	struct reed_stream *a;
	static char name[64];

	check_int(kit_await(reed_connect_address(loop, at, NULL, &a)), REED_OK);
	client = reed_tls_client(a, client_ctx, &co);
	check_int(kit_await(reed_tls_handshake(client)), REED_OK);
	snprintf(name, sizeof(name), "%s", kit_facts(client)->peer->names[0]);
	reed_abort(client);
	client = NULL;
	return name;
}

/* A session that only listens. */
static size_t no_data(struct reed_protocol *p, struct reed_slice in)
{
	(void)p;
	return in.n;
}

static struct reed_protocol_ops silent = { .data = no_data };

static struct reed_future *keep_open(void *arg, struct reed_stream *s)
{
	(void)arg;
	return reed_push(&silent, s);
}

static void a_reload_is_for_all_listeners_and_keeps_what_is_good(void)
{
	char good[] = "/tmp/reed-tls-XXXXXX", bad[] = "/tmp/reed-tls-XXXXXX";
	struct reed_address at_good, at_bad;
	struct reed_future *a, *b;

	begin();
	close(mkstemp(good));
	close(mkstemp(bad));
	check_int(reed_cert_write(good, kit_issue_for("old.example"), true, NULL), REED_OK);
	check_int(reed_cert_write(bad, kit_issue_for("kept.example"), true, NULL), REED_OK);
	cco.insecure_accept_any = true;
	check_int(reed_tls_client_ctx(&cco, &client_ctx, NULL), REED_OK);
	a = reed_serve(listen_with(bad, &at_bad), keep_open, NULL, NULL);
	b = reed_serve(listen_with(good, &at_good), keep_open, NULL, NULL);
	check_str(shown_at(&at_good), "old.example");
	check_str(shown_at(&at_bad), "kept.example");
	check_int(reed_cert_write(good, kit_issue_for("new.example"), true, NULL), REED_OK);
	check_int(reed_cert_write(bad, REED_STR("nothing"), true, NULL), REED_OK);
	check_int(kit_await(reed_tls_reload(loop)), REED_ENOENT);
	check(strstr(kit_why(), bad) != NULL);
	check_str(shown_at(&at_good), "new.example");
	check_str(shown_at(&at_bad), "kept.example");
	reed_drop(a);
	check_int(kit_await(reed_tls_reload(loop)), REED_OK);
	reed_drop(b);
	unlink(good);
	unlink(bad);
	end();
}

int main(void)
{
	RUN(facts_come_with_the_handshake);
	RUN(a_server_knows_what_it_did_not_ask);
	RUN(a_stream_without_tls_has_no_tls_facts);
	RUN(the_server_chooses_the_protocol);
	RUN(whoever_offers_nothing_gets_nothing);
	RUN(no_protocol_in_common_ends_it);
	RUN(a_verified_client_is_known);
	RUN(any_client_is_let_in_where_any_will_do);
	RUN(whoever_has_none_is_let_in_where_one_is_asked_for);
	RUN(a_required_certificate_that_is_missing_ends_it);
	RUN(a_certificate_nobody_vouches_for_ends_it);
	RUN(the_second_handshake_is_shorter);
	RUN(another_name_resumes_nothing);
	RUN(nothing_is_resumed_where_it_is_switched_off);
	RUN(a_pinned_server_shows_its_key_each_time);
	RUN(a_resumed_client_is_still_known);
	RUN(tickets_of_a_reloaded_context_are_not_taken);
	RUN(old_ticket_keys_are_replaced);
	RUN(bindings_are_the_same_at_both_ends);
	RUN(with_tls_1_2_there_is_a_unique_one_too);
	RUN(two_handshakes_have_different_bindings);
	RUN(the_end_point_is_hashed_as_its_certificate_is_signed);
	RUN(there_is_no_binding_before_the_handshake);
	RUN(a_listener_yields_streams_before_their_handshakes);
	RUN(a_listener_may_be_closed_while_somebody_knocks);
	RUN(a_reload_is_for_all_listeners_and_keeps_what_is_good);
	return 0;
}
