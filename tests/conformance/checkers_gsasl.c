/* SCRAM and the rest against somebody else's: libgsasl as the client, then as the server. */

#include <gsasl.h>

#include "checkers.h"
#include "reed/base64.h"

static Gsasl *library;

/* What the library asks for is set beforehand; of the rest it gets nothing. */
static int callback(Gsasl *ctx, Gsasl_session *session, Gsasl_property property)
{
	(void)ctx;
	(void)session;
	(void)property;
	return GSASL_NO_CALLBACK;
}

struct words {
	char text[REED_SASL_MESSAGE];
	size_t n;
};

/* The library's next message; what it says of the exchange. */
static int theirs(Gsasl_session *session, struct reed_slice in, struct words *out)
{
	char *text = NULL;
	size_t n = 0;
	int rc = gsasl_step(session, in.p, in.n, &text, &n);

	out->n = 0;
	if (rc == GSASL_OK || rc == GSASL_NEEDS_MORE) {
		check(n < sizeof(out->text));
		if (n > 0)
			memcpy(out->text, text, n);
		out->n = n;
	}
	gsasl_free(text);
	return rc;
}

static const char exporter[] = "0123456789abcdef0123456789abcdef";

static void set_binding(Gsasl_session *session)
{
	char text[REED_BASE64_ROOM(sizeof(exporter))];

	reed_base64(REED_STR("0123456789abcdef0123456789abcdef"), text);
	check(gsasl_property_set(session, GSASL_CB_TLS_EXPORTER, text) == GSASL_OK);
}

/* ---- they are the client ---- */

static enum reed_err our_step(struct house *h, struct reed_sasl *server, const struct words *in,
                              struct reed_sasl_reply *reply)
{
	return run(h, reed_sasl_step(server, reed_slice(in->text, in->n), reply));
}

static enum reed_err come_in(struct house *h, const char *mechanism, const char *user,
                             const char *password, bool bound)
{
	struct reed_sasl_options o = REED_SASL_OPTIONS;
	struct reed_sasl_reply reply = { 0 };
	struct reed_sasl *server;
	Gsasl_session *session;
	struct words words;
	enum reed_err err;
	int rc;

	o.portal = h->portal;
	o.interface = "chat";
	o.from = home;
	o.channel.secure = true;
	if (bound)
		o.channel.exporter = REED_STR("0123456789abcdef0123456789abcdef");
	check(!reed_sasl_new(&o, reed_slice_of(mechanism), &server));
	check(gsasl_client_start(library, mechanism, &session) == GSASL_OK);
	gsasl_property_set(session, GSASL_AUTHID, user);
	gsasl_property_set(session, GSASL_PASSWORD, password);
	if (bound)
		set_binding(session);
	rc = theirs(session, REED_STR(""), &words);
	check(rc == GSASL_OK || rc == GSASL_NEEDS_MORE);
	for (err = our_step(h, server, &words, &reply); !err && !reply.done;
	     err = our_step(h, server, &words, &reply))
		check(theirs(session, reply.data, &words) == GSASL_NEEDS_MORE);
	/* the client believes us only if we have shown that we have the verifier */
	if (!err && reply.has_data)
		check_int(theirs(session, reply.data, &words), GSASL_OK);
	reed_avatar_logout(reply.avatar);
	reed_sasl_free(server);
	gsasl_finish(session);
	return err;
}

static void their_client_comes_in(void)
{
	struct house h;

	open_house(&h);
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	check_int(come_in(&h, "SCRAM-SHA-256", "alice", "wonderland", false), REED_OK);
	check_int(come_in(&h, "SCRAM-SHA-256", "alice", "underland", false), REED_EAUTH);
	check_int(come_in(&h, "SCRAM-SHA-256", "nobody", "wonderland", false), REED_EAUTH);
	check_int(come_in(&h, "SCRAM-SHA-256-PLUS", "alice", "wonderland", true), REED_OK);
	check_int(come_in(&h, "SCRAM-SHA-256-PLUS", "alice", "underland", true), REED_EAUTH);
	check_int(come_in(&h, "PLAIN", "alice", "wonderland", false), REED_OK);
	check_int(come_in(&h, "PLAIN", "alice", "underland", false), REED_EAUTH);
	close_house(&h);
}

/* One challenge, and its answer. */
static enum reed_err prove(struct house *h, const char *user, const char *password)
{
	struct reed_sasl_options o = REED_SASL_OPTIONS;
	struct reed_sasl_reply reply = { 0 };
	struct words words = { .n = 0 };
	struct reed_sasl *server;
	Gsasl_session *session;
	enum reed_err err;

	o.portal = h->portal;
	o.from = home;
	o.host = "house.example";
	check_int(reed_sasl_new(&o, REED_STR("CRAM-MD5"), &server), REED_ENOTSUP);
	o.cram_md5 = true;
	check_int(reed_sasl_new(&o, REED_STR("CRAM-MD5"), &server), REED_OK);
	check(gsasl_client_start(library, "CRAM-MD5", &session) == GSASL_OK);
	gsasl_property_set(session, GSASL_AUTHID, user);
	gsasl_property_set(session, GSASL_PASSWORD, password);
	check_int(our_step(h, server, &words, &reply), REED_OK);
	check(reply.has_data && !reply.done &&
	      reed_slice_ends(reply.data, REED_STR("@house.example>")));
	check_int(theirs(session, reply.data, &words), GSASL_OK);
	err = our_step(h, server, &words, &reply);
	check(err || reply.done);
	if (!err)
		reed_avatar_logout(reply.avatar);
	reed_sasl_free(server);
	gsasl_finish(session);
	return err;
}

/* The words of a client after the challenge; NULL: instead of it. */
static void break_cram_md5(struct house *h, const char *first, const char *second)
{
	struct reed_sasl_options o = REED_SASL_OPTIONS;
	struct reed_sasl_reply reply = { 0 };
	struct reed_sasl *server;

	o.portal = h->portal;
	o.from = home;
	o.cram_md5 = true;
	check_int(reed_sasl_new(&o, REED_STR("cram-md5"), &server), REED_OK);
	check_int(run(h, reed_sasl_step(server, reed_slice_of(first), &reply)),
	          second ? REED_OK : REED_EPROTO);
	if (second)
		check_int(run(h, reed_sasl_step(server, reed_slice_of(second), &reply)),
		          REED_EPROTO);
	reed_sasl_free(server);
}

static void break_all_of_cram_md5(struct house *h)
{
	break_cram_md5(h, "tim", NULL);
	break_cram_md5(h, "", "");
	break_cram_md5(h, "", "tim");
	break_cram_md5(h, "", " b913a602c7eda7a495b4e6e7334d3890");
	break_cram_md5(h, "", "tim:b913a602c7eda7a495b4e6e7334d3890");
	break_cram_md5(h, "", "tim b913a602c7eda7a495b4e6e7334d389x");
	break_cram_md5(h, "", "\xff b913a602c7eda7a495b4e6e7334d3890");
}

static void their_client_proves_a_secret_where_it_is_kept(void)
{
	struct reed_sasl_options o = REED_SASL_OPTIONS;
	struct reed_checker *secrets;
	struct reed_sasl *server;
	char spec[128];
	struct house h;
	FILE *f;

	open_house(&h);
	o.portal = h.portal;
	o.cram_md5 = true;
	check_int(reed_sasl_new(&o, REED_STR("CRAM-MD5"), &server), REED_ENOTSUP);
	snprintf(spec, sizeof(spec), "secrets:%s/secrets", h.folder);
	f = fopen(spec + 8, "w");
	check(f && fputs("tim:tanstaaftanstaaf\n", f) >= 0 && fclose(f) == 0);
	check(chmod(spec + 8, 0600) == 0);
	check_int(run(&h, reed_checker_new(h.loop, spec, NULL, &secrets)), REED_OK);
	reed_portal_add(h.portal, secrets);
	check_int(prove(&h, "tim", "tanstaaftanstaaf"), REED_OK);
	check_int(prove(&h, "tim@house.example", "tanstaaftanstaaf"), REED_OK);
	check_int(prove(&h, "tim", "tanstaaf"), REED_EAUTH);
	check_int(prove(&h, "alice", "tanstaaftanstaaf"), REED_EAUTH);
	break_all_of_cram_md5(&h);
	close_house(&h);
}

static void their_client_prepares_as_we_do(void)
{
	struct house h;

	open_house(&h);
	check_int(create(&h,
	                 "b\xc3\xb6"
	                 "b",
	                 "m\xc2\xa0"
	                 "d\xc2\xad hatter"),
	          REED_OK);
	check_int(come_in(&h, "SCRAM-SHA-256",
	                  "b\xc3\xb6"
	                  "b",
	                  "m d hatter", false),
	          REED_OK);
	check_int(come_in(&h, "SCRAM-SHA-256",
	                  "bo\xcc\x88"
	                  "b",
	                  "m d\xc2\xad hatter", false),
	          REED_OK);
	check_int(create(&h, "eve", "a=b,c and more"), REED_OK);
	check_int(come_in(&h, "SCRAM-SHA-256", "eve", "a=b,c and more", false), REED_OK);
	check_int(come_in(&h, "SCRAM-SHA-256", "e,v=e", "a=b,c and more", false), REED_EAUTH);
	close_house(&h);
}

/* ---- they are the server ---- */

static enum reed_err call(struct house *h, const char *mechanism, const char *user,
                          const char *password, bool bound)
{
	struct reed_sasl_client_options o = REED_SASL_CLIENT_OPTIONS;
	struct reed_sasl_reply reply = { 0 };
	struct reed_sasl_client *client;
	Gsasl_session *session;
	struct words words;
	enum reed_err err;
	int rc = GSASL_NEEDS_MORE;

	o.user = user;
	o.password = password;
	o.channel.secure = true;
	if (bound)
		o.channel.exporter = REED_STR("0123456789abcdef0123456789abcdef");
	check(!reed_sasl_client_new(h->loop, &o, reed_slice_of(mechanism), &client, NULL));
	check_str(reed_sasl_client_mechanism(client), mechanism);
	check(gsasl_server_start(library, mechanism, &session) == GSASL_OK);
	gsasl_property_set(session, GSASL_PASSWORD, "wonderland");
	gsasl_property_set(session, GSASL_SCRAM_SALT, "QSXCR+Q6sek8bf92");
	gsasl_property_set(session, GSASL_SCRAM_ITER, "4096");
	if (bound)
		set_binding(session);
	err = run(h, reed_sasl_client_step(client, REED_SASL_NOTHING, &reply));
	while (!err && rc == GSASL_NEEDS_MORE) {
		rc = theirs(session, reply.data, &words);
		if (rc == GSASL_NEEDS_MORE)
			err = run(h, reed_sasl_client_step(client, reed_slice(words.text, words.n),
			                                   &reply));
	}
	if (!err && rc == GSASL_OK)
		err = reed_sasl_client_succeed(client, reed_slice(words.text, words.n));
	else if (!err)
		err = REED_EAUTH;
	reed_sasl_client_free(client);
	gsasl_finish(session);
	return err;
}

static void our_client_comes_in_there(void)
{
	struct house h;

	open_house(&h);
	check_int(call(&h, "SCRAM-SHA-256", "alice", "wonderland", false), REED_OK);
	check_int(call(&h, "SCRAM-SHA-256", "a,l=ice", "wonderland", false), REED_OK);
	check_int(call(&h, "SCRAM-SHA-256", "alice", "underland", false), REED_EAUTH);
	check_int(call(&h, "SCRAM-SHA-1", "alice", "wonderland", false), REED_OK);
	check_int(call(&h, "SCRAM-SHA-1", "alice", "underland", false), REED_EAUTH);
	check_int(call(&h, "SCRAM-SHA-256-PLUS", "alice", "wonderland", true), REED_OK);
	check_int(call(&h, "SCRAM-SHA-1-PLUS", "alice", "wonderland", true), REED_OK);
	close_house(&h);
}

static void suite(void)
{
	RUN(their_client_comes_in);
	RUN(their_client_proves_a_secret_where_it_is_kept);
	RUN(their_client_prepares_as_we_do);
	RUN(our_client_comes_in_there);
}

int main(void)
{
	check(gsasl_init(&library) == GSASL_OK);
	gsasl_callback_set(library, callback);
	run_over_all_kinds(suite);
	gsasl_done(library);
	return 0;
}
