/* Both sides of SASL, talking to each other, and the server to those who cheat. */

#include "reed/sasl.h"

#include "reed/base64.h"
#include "reed/checker.h"

#include "check.h"

struct house {
	struct reed_loop *loop;
	struct reed_portal *portal;
	struct reed_certificate certificate;
	struct reed_sasl_options options;
	struct reed_sasl_client_options client;
	char offered[128];
};

static enum reed_err run(struct house *h, struct reed_future *f)
{
	return reed_loop_run_until(h->loop, f, NULL);
}

static void add_checker(struct house *h, const char *text)
{
	struct reed_checker_options o = REED_CHECKER_OPTIONS;
	struct reed_checker *checker = NULL;

	o.rules = &reed_auth_rules_unicode;
	check(!run(h, reed_checker_new(h->loop, text, &o, &checker)));
	reed_portal_add(h->portal, checker);
}

/* As over TLS, with everything there is. */
static void open_house(struct house *h)
{
	struct reed_portal_options o = REED_PORTAL_OPTIONS;

	*h = (struct house){ .options = REED_SASL_OPTIONS, .client = REED_SASL_CLIENT_OPTIONS };
	o.rules = &reed_auth_rules_unicode;
	o.limits.none = true;
	check(!reed_loop_new(NULL, &h->loop));
	h->portal = reed_portal_new(h->loop, &o);
	add_checker(h, "memory:alice:wonderland:b\xc3\xb6"
	               "b:m\xc2\xa0"
	               "d");
	h->options.portal = h->portal;
	h->options.interface = "chat";
	h->options.from = (struct reed_peer){ "192.0.2.1", "test" };
	h->options.channel.secure = true;
	h->client.channel.secure = true;
	h->client.user = "alice";
	h->client.password = "wonderland";
}

static void close_house(struct house *h)
{
	reed_portal_free(h->portal);
	reed_loop_free(h->loop);
}

static void bind_to(struct house *h, const char *exporter, const char *end_point)
{
	struct reed_sasl_channel channel = { .secure = true,
		                             .exporter = reed_slice_of(exporter),
		                             .end_point = reed_slice_of(end_point) };

	h->options.channel = h->client.channel = channel;
}

static const char *offer(struct house *h)
{
	struct reed_buf b;

	reed_buf_init(&b, sizeof(h->offered) - 1);
	reed_sasl_mechanisms(&h->options, ' ', &b);
	check(reed_slice_copy(h->offered, sizeof(h->offered), reed_buf_slice(&b)));
	reed_buf_finish(&b);
	return h->offered;
}

/* How an exchange went. */
struct talk {
	enum reed_err server, client;
	struct reed_avatar *avatar;
	int steps;
	char mechanism[32];
};

/* The protocol between the two, with an initial response or without. */
static void converse(struct house *h, struct reed_sasl *server, struct reed_sasl_client *client,
                     bool initial, struct talk *t)
{
	struct reed_sasl_reply s = { 0 }, c = { 0 };

	if (!initial) {
		t->server = run(h, reed_sasl_step(server, REED_SASL_NOTHING, &s));
		check(!t->server && s.has_data && s.data.n == 0 && !s.done);
	}
	t->client = run(h, reed_sasl_client_step(client, REED_SASL_NOTHING, &c));
	while (!t->client && !t->server) {
		t->steps++;
		t->server = run(h, reed_sasl_step(server, c.data, &s));
		if (t->server || s.done)
			break;
		t->client = run(h, reed_sasl_client_step(client, s.data, &c));
	}
	if (s.done && !t->server) {
		t->client =
			reed_sasl_client_succeed(client, s.has_data ? s.data : REED_SASL_NOTHING);
		t->avatar = s.avatar;
	}
}

static struct talk talk(struct house *h, bool initial)
{
	struct reed_sasl_client *client = NULL;
	struct reed_sasl *server = NULL;
	struct talk t = { 0 };

	t.client =
		reed_sasl_client_new(h->loop, &h->client, reed_slice_of(offer(h)), &client, NULL);
	if (t.client)
		return t;
	snprintf(t.mechanism, sizeof(t.mechanism), "%s", reed_sasl_client_mechanism(client));
	check(!reed_sasl_new(&h->options, reed_slice_of(t.mechanism), &server));
	converse(h, server, client, initial, &t);
	reed_sasl_client_free(client);
	reed_sasl_free(server);
	return t;
}

static void goes_well(struct house *h, const char *mechanism, const char *account, int steps)
{
	for (int initial = 0; initial < 2; initial++) {
		struct talk t = talk(h, initial);

		check_str(t.mechanism, mechanism);
		check_int(t.server, REED_OK);
		check_int(t.client, REED_OK);
		check(t.avatar);
		check_str(t.avatar->account, account);
		check_int(t.steps, steps);
		reed_avatar_logout(t.avatar);
	}
}

static void goes_wrong(struct house *h, enum reed_err server, enum reed_err client)
{
	struct talk t = talk(h, true);

	check_int(t.server, server);
	check_int(t.client, client);
	check(!t.avatar);
	check(reed_list_empty(reed_portal_sessions(h->portal)));
}

/* ---- what is offered ---- */

static void the_offer_depends_on_the_channel(void)
{
	struct house h;

	open_house(&h);
	check_str(offer(&h), "SCRAM-SHA-256 PLAIN");
	bind_to(&h, "exported", NULL);
	check_str(offer(&h), "SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN");
	h.options.certificate = &h.certificate;
	add_checker(&h, "anonymous:");
	check_str(offer(&h), "SCRAM-SHA-256-PLUS SCRAM-SHA-256 EXTERNAL PLAIN ANONYMOUS");
	h.options.certificate = NULL;
	h.options.channel = (struct reed_sasl_channel){ .secure = false };
	check_str(offer(&h), "SCRAM-SHA-256 ANONYMOUS");
	h.options.plain_in_clear = true;
	check_str(offer(&h), "SCRAM-SHA-256 PLAIN ANONYMOUS");
	close_house(&h);
}

static void what_is_not_offered_is_not_begun(void)
{
	struct reed_sasl *server = NULL;
	struct house h;

	open_house(&h);
	check_int(reed_sasl_new(&h.options, REED_STR("EXTERNAL"), &server), REED_ENOTSUP);
	check_int(reed_sasl_new(&h.options, REED_STR("SCRAM-SHA-256-PLUS"), &server), REED_ENOTSUP);
	check_int(reed_sasl_new(&h.options, REED_STR("SCRAM-SHA-1"), &server), REED_ENOTSUP);
	check_int(reed_sasl_new(&h.options, REED_STR(""), &server), REED_ENOTSUP);
	check(!server);
	check_int(reed_sasl_new(&h.options, REED_STR("scram-sha-256"), &server), REED_OK);
	reed_sasl_free(server);
	close_house(&h);
}

static void bindings_are_listed(void)
{
	struct reed_buf b;
	struct house h;

	open_house(&h);
	reed_buf_init(&b, 0);
	bind_to(&h, "x", "y");
	reed_sasl_bindings(&h.options.channel, ',', &b);
	check(reed_slice_is(reed_buf_slice(&b), "tls-exporter,tls-server-end-point"));
	reed_buf_clear(&b);
	bind_to(&h, NULL, "y");
	reed_sasl_bindings(&h.options.channel, ',', &b);
	check(reed_slice_is(reed_buf_slice(&b), "tls-server-end-point"));
	reed_buf_finish(&b);
	close_house(&h);
}

/* ---- what goes well ---- */

static void scram_is_the_best_without_a_binding(void)
{
	struct house h;

	open_house(&h);
	goes_well(&h, "SCRAM-SHA-256", "alice", 2);
	h.client.user = "ALICE";
	goes_well(&h, "SCRAM-SHA-256", "alice", 2);
	close_house(&h);
}

static void both_bindings_bind(void)
{
	struct house h;

	open_house(&h);
	bind_to(&h, "exported", "hash");
	goes_well(&h, "SCRAM-SHA-256-PLUS", "alice", 2);
	bind_to(&h, NULL, "hash");
	goes_well(&h, "SCRAM-SHA-256-PLUS", "alice", 2);
	h.options.channel.exporter = REED_STR("exported");
	goes_well(&h, "SCRAM-SHA-256-PLUS", "alice", 2);
	close_house(&h);
}

static void where_success_is_bare_the_client_has_the_last_word(void)
{
	struct house h;

	open_house(&h);
	h.options.success_is_bare = true;
	goes_well(&h, "SCRAM-SHA-256", "alice", 3);
	h.client.mechanism = "PLAIN";
	goes_well(&h, "PLAIN", "alice", 1);
	close_house(&h);
}

static void plain_takes_what_scram_takes(void)
{
	struct house h;

	open_house(&h);
	h.client.mechanism = "PLAIN";
	goes_well(&h, "PLAIN", "alice", 1);
	h.client.authzid = "alice";
	goes_well(&h, "PLAIN", "alice", 1);
	h.client.mechanism = "SCRAM-SHA-256";
	goes_well(&h, "SCRAM-SHA-256", "alice", 2);
	close_house(&h);
}

/* o with dots above, or o and then the dots; a space of one kind or the other */
static void names_and_passwords_are_known_in_every_spelling(void)
{
	static const char *const users[] = { "b\xc3\xb6"
		                             "b",
		                             "Bo\xcc\x88"
		                             "b",
		                             "B\xc3\x96"
		                             "B" };
	static const char *const secrets[] = { "m\xc2\xa0"
		                               "d",
		                               "m d" };
	static const char *const both[] = { "PLAIN", "SCRAM-SHA-256" };
	struct house h;

	open_house(&h);
	for (size_t i = 0; i < 12; i++) {
		h.client.user = users[i % 3];
		h.client.password = secrets[i / 3 % 2];
		h.client.mechanism = both[i / 6];
		goes_well(&h, both[i / 6], users[0], i / 6 ? 2 : 1);
	}
	close_house(&h);
}

static void the_host_may_stand_behind_the_name(void)
{
	struct house h;

	open_house(&h);
	h.options.host = "example.org";
	h.client.user = "alice@Example.ORG";
	h.client.authzid = "alice@example.org";
	goes_well(&h, "SCRAM-SHA-256", "alice", 2);
	h.client.mechanism = "PLAIN";
	goes_well(&h, "PLAIN", "alice", 1);
	h.client.user = "alice@example.net";
	goes_wrong(&h, REED_EAUTH, REED_OK);
	close_house(&h);
}

static void a_certificate_opens_the_door(void)
{
	struct house h;

	open_house(&h);
	memset(h.certificate.sha256, 1, REED_FINGERPRINT_BYTES);
	memset(h.certificate.spki_sha256, 2, REED_FINGERPRINT_BYTES);
	h.options.certificate = &h.certificate;
	h.client.certificate = true;
	h.client.password = NULL;
	goes_wrong(&h, REED_EAUTH, REED_OK);
	check(!run(&h, reed_portal_add_fingerprint(h.portal, REED_STR("alice"),
	                                           h.certificate.spki_sha256)));
	goes_well(&h, "EXTERNAL", "alice", 1);
	h.client.authzid = "alice";
	goes_well(&h, "EXTERNAL", "alice", 1);
	h.client.authzid = "bob";
	goes_wrong(&h, REED_EAUTH, REED_OK);
	close_house(&h);
}

static void anonymous_is_the_last_resort(void)
{
	struct house h;

	open_house(&h);
	add_checker(&h, "anonymous:");
	h.client.anonymous = true;
	goes_well(&h, "SCRAM-SHA-256", "alice", 2);
	h.client.password = NULL;
	goes_well(&h, "ANONYMOUS", "", 1);
	close_house(&h);
}

static void a_token_goes_where_a_password_goes(void)
{
	char token[REED_TOKEN_TEXT_ROOM];
	struct house h;

	open_house(&h);
	check(!run(&h, reed_portal_create_token(h.portal, REED_STR("alice"), "test", "phone", 0,
	                                        token)));
	h.client.password = token;
	h.client.mechanism = "PLAIN";
	goes_well(&h, "PLAIN", "alice", 1);
	h.client.user = "b\xc3\xb6"
			"b";
	goes_wrong(&h, REED_EAUTH, REED_OK);
	close_house(&h);
}

/* ---- what goes wrong ---- */

static void a_wrong_password_is_refused(void)
{
	struct house h;

	open_house(&h);
	h.client.password = "underland";
	goes_wrong(&h, REED_EAUTH, REED_OK);
	h.client.mechanism = "PLAIN";
	goes_wrong(&h, REED_EAUTH, REED_OK);
	h.client.user = "nobody";
	goes_wrong(&h, REED_EAUTH, REED_OK);
	h.client.mechanism = "SCRAM-SHA-256";
	goes_wrong(&h, REED_EAUTH, REED_OK);
	close_house(&h);
}

static void another_channel_is_noticed(void)
{
	struct house h;

	open_house(&h);
	bind_to(&h, "exported", NULL);
	h.client.channel.exporter = REED_STR("of another connection");
	goes_wrong(&h, REED_EPROTO, REED_OK);
	close_house(&h);
}

/* Somebody in between took the mechanism with the binding off the list. */
static void a_shortened_list_is_noticed(void)
{
	struct reed_sasl_client *client;
	struct reed_sasl *server;
	struct talk t = { 0 };
	struct house h;

	open_house(&h);
	bind_to(&h, "exported", NULL);
	check(!reed_sasl_client_new(h.loop, &h.client, REED_STR("SCRAM-SHA-256,PLAIN"), &client,
	                            NULL));
	check(!reed_sasl_new(&h.options, REED_STR("SCRAM-SHA-256"), &server));
	converse(&h, server, client, true, &t);
	check_int(t.server, REED_EPROTO);
	reed_sasl_client_free(client);
	reed_sasl_free(server);
	close_house(&h);
}

static void a_client_shows_no_password_to_those_in_between(void)
{
	struct reed_sasl_client *client = NULL;
	const char *why = NULL;
	struct house h;

	open_house(&h);
	h.client.channel.secure = false;
	check_int(reed_sasl_client_new(h.loop, &h.client, REED_STR("PLAIN"), &client, &why),
	          REED_ENOTSUP);
	check_str(why, "the server wants the password in clear, and this is not TLS");
	check_int(reed_sasl_client_new(h.loop, &h.client, REED_STR("GSSAPI"), &client, &why),
	          REED_ENOTSUP);
	check_str(why, "the server offers no mechanism that would do");
	check(!client);
	h.client.plain_in_clear = true;
	check(!reed_sasl_client_new(h.loop, &h.client, REED_STR("GSSAPI PLAIN"), &client, &why));
	reed_sasl_client_free(client);
	close_house(&h);
}

/* One who knows no password says that all is well. */
static void a_client_believes_no_server_that_proves_nothing(void)
{
	struct reed_sasl_client *client;
	struct reed_sasl_reply reply;
	struct house h;

	open_house(&h);
	check(!reed_sasl_client_new(h.loop, &h.client, REED_STR("SCRAM-SHA-256"), &client, NULL));
	check_int(reed_sasl_client_succeed(client, REED_SASL_NOTHING), REED_EAUTH);
	check(!run(&h, reed_sasl_client_step(client, REED_SASL_NOTHING, &reply)));
	check_int(reed_sasl_client_succeed(client, REED_STR("v=AAAA")), REED_EAUTH);
	reed_sasl_client_free(client);
	close_house(&h);
}

static enum reed_err challenge_with(struct house *h, const char *salt_and_iterations,
                                    bool with_nonce)
{
	struct reed_sasl_client *client;
	struct reed_sasl_reply reply;
	struct reed_slice rest;
	char challenge[256];
	enum reed_err err;

	check(!reed_sasl_client_new(h->loop, &h->client, REED_STR("SCRAM-SHA-256"), &client, NULL));
	check(!run(h, reed_sasl_client_step(client, REED_SASL_NOTHING, &reply)));
	rest = reed_slice_from(reply.data, reed_slice_search(reply.data, REED_STR("r=")) + 2);
	snprintf(challenge, sizeof(challenge), "r=" REED_FMT "%s,%s", REED_ARG(rest),
	         with_nonce ? "more" : "", salt_and_iterations);
	err = run(h, reed_sasl_client_step(client, reed_slice_of(challenge), &reply));
	reed_sasl_client_free(client);
	return err;
}

static void a_client_works_neither_too_little_nor_for_ever(void)
{
	struct house h;

	open_house(&h);
	check_int(challenge_with(&h, "s=QUJD,i=4096", true), REED_OK);
	check_int(challenge_with(&h, "s=QUJD,i=4095", true), REED_EPROTO);
	check_int(challenge_with(&h, "s=QUJD,i=1000001", true), REED_EPROTO);
	check_int(challenge_with(&h, "s=QUJD,i=4096", false), REED_EPROTO);
	h.client.iterations_max = 5000;
	check_int(challenge_with(&h, "s=QUJD,i=5001", true), REED_EPROTO);
	close_house(&h);
}

/* ---- those who cheat ---- */

static enum reed_err say(struct house *h, struct reed_sasl *server, struct reed_slice in,
                         struct reed_sasl_reply *reply)
{
	*reply = (struct reed_sasl_reply){ 0 };
	return run(h, reed_sasl_step(server, in, reply));
}

static enum reed_err first_words(struct house *h, const char *mechanism, struct reed_slice in)
{
	struct reed_sasl_reply reply;
	struct reed_sasl *server;
	enum reed_err err;

	check(!reed_sasl_new(&h->options, reed_slice_of(mechanism), &server));
	err = say(h, server, in, &reply);
	check(!reply.avatar);
	/* after an error there is no further step */
	if (err)
		check_int(say(h, server, in, &reply), REED_EINVAL);
	reed_sasl_free(server);
	return err;
}

static void messages_against_the_rules_are_refused(void)
{
	static char long_one[REED_SASL_MESSAGE + 2];
	struct house h;

	open_house(&h);
	bind_to(&h, "exported", NULL);
	h.options.certificate = &h.certificate;
	add_checker(&h, "anonymous:");
	memset(long_one, 'a', sizeof(long_one) - 1);
	check_int(first_words(&h, "PLAIN", REED_STR("")), REED_EPROTO);
	check_int(first_words(&h, "PLAIN", REED_STR("alice")), REED_EPROTO);
	check_int(first_words(&h, "PLAIN", REED_STR("\0alice")), REED_EPROTO);
	check_int(first_words(&h, "PLAIN", REED_STR("\0alice\0")), REED_EPROTO);
	check_int(first_words(&h, "PLAIN", REED_STR("\0\0wonderland")), REED_EPROTO);
	check_int(first_words(&h, "PLAIN", REED_STR("\0alice\0wonder\0land")), REED_EPROTO);
	check_int(first_words(&h, "PLAIN", REED_STR("\0\xff\0wonderland")), REED_EPROTO);
	check_int(first_words(&h, "PLAIN", reed_slice_of(long_one)), REED_EPROTO);
	check_int(first_words(&h, "EXTERNAL", REED_STR("\0")), REED_EPROTO);
	check_int(first_words(&h, "EXTERNAL", REED_STR("\xff")), REED_EPROTO);
	check_int(first_words(&h, "ANONYMOUS", REED_STR("\xff")), REED_EPROTO);
	check_int(first_words(&h, "ANONYMOUS", reed_slice_of(long_one)), REED_EPROTO);
	check_int(first_words(&h, "SCRAM-SHA-256", REED_STR("")), REED_EPROTO);
	check_int(first_words(&h, "SCRAM-SHA-256", REED_STR("n,,n=alice")), REED_EPROTO);
	check_int(first_words(&h, "SCRAM-SHA-256", REED_STR("n,,n=a=b,r=x")), REED_EPROTO);
	check_int(first_words(&h, "SCRAM-SHA-256", REED_STR("n,a=a=b,n=a,r=x")), REED_EPROTO);
	check_int(first_words(&h, "SCRAM-SHA-256", REED_STR("p=tls-exporter,,n=a,r=x")),
	          REED_EPROTO);
	check_int(first_words(&h, "SCRAM-SHA-256-PLUS", REED_STR("n,,n=a,r=x")), REED_EPROTO);
	check_int(first_words(&h, "SCRAM-SHA-256-PLUS", REED_STR("p=tls-unique,,n=a,r=x")),
	          REED_EPROTO);
	check_int(first_words(&h, "SCRAM-SHA-256-PLUS", REED_STR("p=tls-exporter,,n=a,r=x")),
	          REED_OK);
	close_house(&h);
}

#define NO_PROOF "p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static enum reed_err last_words(struct house *h, const char *binding, const char *behind_nonce)
{
	struct reed_sasl_reply reply;
	struct reed_sasl *server;
	struct reed_slice nonce;
	char final[256];
	enum reed_err err;

	check(!reed_sasl_new(&h->options, REED_STR("SCRAM-SHA-256"), &server));
	check(!say(h, server, REED_STR("n,,n=alice,r=abc"), &reply));
	nonce = reed_slice_from(reply.data, 2);
	nonce = reed_slice_cut(&nonce, ',');
	check(reed_slice_starts(nonce, REED_STR("abc")) && nonce.n >= 3 + 20);
	snprintf(final, sizeof(final), "%s,r=" REED_FMT "%s", binding, REED_ARG(nonce),
	         behind_nonce);
	err = say(h, server, reed_slice_of(final), &reply);
	reed_sasl_free(server);
	return err;
}

static void another_nonce_or_channel_or_proof_is_refused(void)
{
	struct house h;

	open_house(&h);
	check_int(last_words(&h, "c=biws", "!," NO_PROOF), REED_EPROTO);
	check_int(last_words(&h, "c=eSws", "," NO_PROOF), REED_EPROTO);
	check_int(last_words(&h, "c=biws", "," NO_PROOF), REED_EAUTH);
	check_int(last_words(&h, "c=biws", ",p=AAAA"), REED_EAUTH);
	close_house(&h);
}

static void no_two_exchanges_have_one_nonce(void)
{
	struct reed_sasl_reply a, b;
	struct reed_sasl *one, *two;
	struct house h;

	open_house(&h);
	check(!reed_sasl_new(&h.options, REED_STR("SCRAM-SHA-256"), &one));
	check(!reed_sasl_new(&h.options, REED_STR("SCRAM-SHA-256"), &two));
	check(!say(&h, one, REED_STR("n,,n=nobody,r=abc"), &a));
	check(!say(&h, two, REED_STR("n,,n=nobody,r=abc"), &b));
	check(!reed_slice_eq(a.data, b.data));
	/* but nobody has the same salt each time, as if he were somebody */
	check(reed_slice_eq(reed_slice_from(a.data, reed_slice_search(a.data, REED_STR(",s="))),
	                    reed_slice_from(b.data, reed_slice_search(b.data, REED_STR(",s=")))));
	reed_sasl_free(one);
	reed_sasl_free(two);
	close_house(&h);
}

static void a_step_dropped_at_any_time_leaves_nothing(void)
{
	struct reed_sasl_reply reply = { 0 };
	struct house h;

	open_house(&h);
	for (int turns = 0; turns < 20; turns++) {
		struct reed_sasl *server;
		struct reed_future *f;

		check(!reed_sasl_new(&h.options, REED_STR("PLAIN"), &server));
		f = reed_sasl_step(server, REED_STR("\0alice\0wonderland"), &reply);
		for (int i = 0; i < turns; i++)
			reed_loop_turn(h.loop, REED_MS(1));
		reed_drop(f);
		check(!reply.avatar && !reply.done);
		reed_sasl_free(server);
		check(reed_list_empty(reed_portal_sessions(h.portal)));
	}
	close_house(&h);
}

/* The avatar is in, but the client has not said its last word. */
static void an_exchange_that_is_given_up_logs_out(void)
{
	struct reed_sasl_client *client;
	struct reed_sasl_reply s, c;
	struct reed_sasl *server;
	struct house h;

	open_house(&h);
	h.options.success_is_bare = true;
	check(!reed_sasl_client_new(h.loop, &h.client, REED_STR("SCRAM-SHA-256"), &client, NULL));
	check(!reed_sasl_new(&h.options, REED_STR("SCRAM-SHA-256"), &server));
	check(!run(&h, reed_sasl_client_step(client, REED_SASL_NOTHING, &c)));
	check(!say(&h, server, c.data, &s));
	check(!run(&h, reed_sasl_client_step(client, s.data, &c)));
	check(!say(&h, server, c.data, &s));
	check(!s.done && !s.avatar && s.has_data);
	check(!reed_list_empty(reed_portal_sessions(h.portal)));
	reed_sasl_free(server);
	check(reed_list_empty(reed_portal_sessions(h.portal)));
	reed_sasl_client_free(client);
	close_house(&h);
}

int main(void)
{
	RUN(the_offer_depends_on_the_channel);
	RUN(what_is_not_offered_is_not_begun);
	RUN(bindings_are_listed);
	RUN(scram_is_the_best_without_a_binding);
	RUN(both_bindings_bind);
	RUN(where_success_is_bare_the_client_has_the_last_word);
	RUN(plain_takes_what_scram_takes);
	RUN(names_and_passwords_are_known_in_every_spelling);
	RUN(the_host_may_stand_behind_the_name);
	RUN(a_certificate_opens_the_door);
	RUN(anonymous_is_the_last_resort);
	RUN(a_token_goes_where_a_password_goes);
	RUN(a_wrong_password_is_refused);
	RUN(another_channel_is_noticed);
	RUN(a_shortened_list_is_noticed);
	RUN(a_client_shows_no_password_to_those_in_between);
	RUN(a_client_believes_no_server_that_proves_nothing);
	RUN(a_client_works_neither_too_little_nor_for_ever);
	RUN(messages_against_the_rules_are_refused);
	RUN(another_nonce_or_channel_or_proof_is_refused);
	RUN(no_two_exchanges_have_one_nonce);
	RUN(a_step_dropped_at_any_time_leaves_nothing);
	RUN(an_exchange_that_is_given_up_logs_out);
	return 0;
}
