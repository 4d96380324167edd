/* Accounts in the hands of those they belong to: NickServ's PASSWORD, CERT and DROP. */

#include <openssl/hmac.h>
#include <string.h>

#include "irc_login.h"

#include "reed/co.h"

static const char service[] = "NickServ";

/* ---- one change, and what is told of it ---- */

static void tell_failed(struct irc_conn *c, enum reed_err err, const struct reed_fault *fault)
{
	if (err == REED_EEXIST)
		reed_irc_service_notice(c, service, "That certificate opens an account already");
	else if (err == REED_ETOOBIG)
		reed_irc_service_notice(c, service, "An account has at most %d certificates",
		                        REED_FINGERPRINTS);
	else if (err == REED_ENOENT)
		reed_irc_service_notice(c, service, "Your account has no such certificate");
	else if (err == REED_ENOTSUP)
		reed_irc_service_notice(c, service,
		                        "Accounts are kept elsewhere: ask who runs this server");
	else
		reed_irc_service_notice(c, service, "%s", reed_irc_login_why(err, fault));
}

static void changed_woken(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct irc_login *login = reed_irc_login_woken(w);
	struct irc_conn *c = login->conn;

	if (err)
		tell_failed(c, err, fault);
	else
		reed_irc_service_notice(c, service, "%s", login->done);
	reed_fault_free(fault);
	reed_irc_label_end(c);
	reed_irc_login_over(login);
}

static void change(struct irc_conn *c, struct reed_future *f, const char *done)
{
	struct irc_login *login = reed_irc_login_new(c);

	login->done = done;
	reed_irc_login_wait(login, f, changed_woken);
}

static bool is_in(struct irc_conn *c)
{
	if (c->avatar)
		return true;
	reed_irc_service_notice(c, service, "You are not logged in; IDENTIFY first");
	return false;
}

static struct reed_slice account_of(const struct irc_conn *c)
{
	return reed_slice_of(c->avatar->account);
}

/* ---- PASSWORD ---- */

void reed_irc_change_password(struct irc_conn *c, struct reed_slice rest)
{
	struct reed_slice password = reed_slice_cut(&rest, ' ');

	if (!is_in(c))
		return;
	if (!reed_irc_may_tell_password(c))
		reed_irc_service_notice(c, service, "Passwords are taken over TLS only");
	else if (password.n == 0 || rest.n > 0)
		reed_irc_service_notice(c, service, "PASSWORD <new password>, without spaces");
	else
		change(c, reed_portal_set_password(c->server->portal, account_of(c), password),
		       "Your password is another one now");
}

/* As other services call it. */
void reed_irc_set_something(struct irc_conn *c, struct reed_slice rest)
{
	struct reed_slice what = reed_slice_cut(&rest, ' ');

	if (reed_slice_is_nocase(what, "PASSWORD") || reed_slice_is_nocase(what, "PASS"))
		reed_irc_change_password(c, reed_slice_trim(rest));
	else
		reed_irc_service_notice(c, service, "SET PASSWORD <new password> is all there is");
}

/* ---- CERT ---- */

static const struct reed_cert *certificate_of(struct irc_conn *c)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	reed_stream_facts(c->protocol.stream, &facts);
	return facts.tls ? facts.tls->peer : NULL;
}

/* That which was named, or else that of this connection. */
static bool which(struct irc_conn *c, struct reed_slice named, uint8_t out[REED_FINGERPRINT_BYTES])
{
	const struct reed_cert *cert = certificate_of(c);
	struct reed_certificate facts;

	if (named.n > 0 && !reed_fingerprint_parse(named, out))
		return true;
	if (named.n > 0) {
		reed_irc_service_notice(c, service,
		                        "A fingerprint is the SHA-256 of a certificate: 64 "
		                        "hexadecimal digits");
		return false;
	}
	if (!cert) {
		reed_irc_service_notice(c, service,
		                        "You have come without a certificate: connect over TLS "
		                        "with one, or name its fingerprint");
		return false;
	}
	reed_certificate_of(cert, &facts);
	memcpy(out, facts.sha256, sizeof(facts.sha256));
	return true;
}

static void tell_certificates(struct irc_conn *c, const struct reed_principal *account)
{
	char text[REED_FINGERPRINT_ROOM];

	if (account->fingerprints == 0)
		reed_irc_service_notice(c, service, "Your account has no certificate");
	for (uint32_t i = 0; i < account->fingerprints; i++) {
		reed_fingerprint_print(account->fingerprint[i], text);
		reed_irc_service_notice(c, service, "%s", text);
	}
}

static void listed_woken(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct irc_login *login = reed_irc_login_woken(w);
	struct irc_conn *c = login->conn;

	if (err)
		tell_failed(c, err, fault);
	else
		tell_certificates(c, login->known_account);
	reed_fault_free(fault);
	reed_irc_label_end(c);
	reed_irc_login_over(login);
}

static void list(struct irc_conn *c)
{
	struct irc_login *login = reed_irc_login_new(c);

	login->known_account = reed_alloc(sizeof(*login->known_account));
	reed_irc_login_wait(login,
	                    reed_portal_account(c->server->portal, account_of(c),
	                                        login->known_account),
	                    listed_woken);
}

static bool is_one(struct reed_slice word, const char *a, const char *b)
{
	return reed_slice_is_nocase(word, a) || reed_slice_is_nocase(word, b);
}

void reed_irc_certificates(struct irc_conn *c, struct reed_slice rest)
{
	struct reed_slice verb = reed_slice_cut(&rest, ' ');
	struct reed_portal *portal = c->server->portal;
	bool adds = reed_slice_is_nocase(verb, "ADD"), removes = is_one(verb, "DEL", "REMOVE");
	uint8_t fingerprint[REED_FINGERPRINT_BYTES];

	if (!is_in(c))
		return;
	if (reed_slice_is_nocase(verb, "LIST"))
		list(c);
	else if (!adds && !removes)
		reed_irc_service_notice(c, service, "CERT ADD, DEL or LIST [fingerprint]");
	else if (!which(c, reed_slice_trim(rest), fingerprint))
		return;
	else if (adds)
		change(c, reed_portal_add_fingerprint(portal, account_of(c), fingerprint),
		       "That certificate logs you in from now on (SASL EXTERNAL)");
	else
		change(c, reed_portal_remove_fingerprint(portal, account_of(c), fingerprint),
		       "That certificate does not log you in any more");
}

/* ---- DROP ---- */

/* Goes on without who asked: it is done as a whole, or not. */
struct dropping {
	struct reed_co co;
	struct reed_irc_server *server;
	struct reed_future *removed;
	uint64_t serial; /* of the user who asked */
};

static void tell_dropped(struct dropping *self, enum reed_err err)
{
	struct reed_user *user = reed_user_after(self->server->hub, self->serial - 1);

	if (!user || user->serial != self->serial)
		return;
	if (err == REED_ENOTSUP)
		reed_user_note(user, REED_STR("NickServ: accounts are kept elsewhere; ask who runs "
		                              "this server"));
	else if (err)
		reed_user_note(user, REED_STR("NickServ: that is not possible just now"));
	else
		reed_user_note(user, REED_STR("NickServ: your account is gone, and the rooms you "
		                              "founded are no longer registered"));
}

static void dropping_run(struct reed_co *co)
{
	struct dropping *self = reed_frame(co, struct dropping);
	struct reed_future *removed = self->removed;

	reed_coroutine (co) {
		self->removed = NULL;
		reed_await(co, removed);
		tell_dropped(self, co->err);
	}
}

static void dropping_end(struct reed_co *co)
{
	reed_drop(reed_frame(co, struct dropping)->removed);
}

static const struct reed_co_kind dropping_kind = {
	.name = "account dropped",
	.size = sizeof(struct dropping),
	.run = dropping_run,
	.end = dropping_end,
};

/* The same for this login, and nobody else knows it: nothing needs to be remembered. */
static void word_of(const struct irc_conn *c, char out[9])
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned length = 0;

	HMAC(EVP_sha256(), c->server->cloak_key, sizeof(c->server->cloak_key),
	     (const unsigned char *)&c->avatar->id, sizeof(c->avatar->id), mac, &length);
	for (int i = 0; i < 8; i++)
		out[i] = "abcdefghijklmnopqrstuvwxyz234567"[mac[i] & 31];
	out[8] = '\0';
}

void reed_irc_drop_account(struct irc_conn *c, struct reed_slice rest)
{
	struct dropping *self;
	char word[9];

	if (!is_in(c))
		return;
	word_of(c, word);
	if (!reed_slice_is_nocase(reed_slice_trim(rest), word)) {
		reed_irc_service_notice(c, service,
		                        "This removes the account %s for good, with its nicks; "
		                        "the rooms it has founded are no longer registered. To do "
		                        "that, say DROP %s",
		                        c->avatar->account, word);
		return;
	}
	self = reed_co_new(c->server->loop, &dropping_kind);
	self->server = c->server;
	self->serial = irc_user(c)->serial;
	self->removed = reed_portal_remove(c->server->portal, account_of(c));
	reed_scope_add(&c->server->work, reed_start(&self->co));
}
