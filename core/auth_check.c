/* Is the credential right?  Every kind is asked about in the same few steps. */

#include <openssl/crypto.h>

#include "auth_login.h"

struct check {
	struct reed_co co;
	struct login *login;
	struct found found;
	bool has_password; /* one that could be right */
};

/* ---- what to ask the checkers ---- */

static void ask_by_hash(struct query *q, enum reed_lookup_by by, const uint8_t *hash)
{
	struct reed_lookup *lookup = &q->by[q->count++];

	lookup->by = by;
	memcpy(lookup->hash, hash, REED_KEY_BYTES);
}

static void ask_by_name(struct query *q, const struct login *login)
{
	struct reed_lookup *lookup = &q->by[q->count++];

	lookup->by = REED_BY_NAME;
	memcpy(lookup->name, login->name, REED_ACCOUNT_ROOM);
}

/* The certificate itself first, then its key, which outlives a renewal. */
static void fill_query(struct query *q, const struct login *login)
{
	uint8_t hash[REED_KEY_BYTES];

	switch (login->credential.kind) {
	case REED_CREDENTIAL_CERTIFICATE:
		ask_by_hash(q, REED_BY_FINGERPRINT, login->certificate.sha256);
		ask_by_hash(q, REED_BY_FINGERPRINT, login->certificate.spki_sha256);
		return;
	case REED_CREDENTIAL_TOKEN:
		reed_token_hash(login->credential.secret, hash);
		ask_by_hash(q, REED_BY_TOKEN, hash);
		return;
	case REED_CREDENTIAL_ANONYMOUS:
	case REED_CREDENTIAL_PASSWORD:
	case REED_CREDENTIAL_SCRAM:
	case REED_CREDENTIAL_PUBLIC_KEY:
	case REED_CREDENTIAL_DIGEST:
	case REED_CREDENTIAL_DIGEST_MD5:
	case REED_CREDENTIAL_CRAM_MD5:
	case REED_CREDENTIAL_APOP:
		ask_by_name(q, login);
		return;
	}
}

static struct reed_future *ask(struct check *self)
{
	struct login *login = self->login;
	struct reed_peer from = { login->address, login->door };
	struct query q = { .takes = REED_CREDENTIAL_BIT(login->credential.kind),
		           .credential = &login->credential };

	login->from = from;
	q.from = &login->from;
	fill_query(&q, login);
	return reed_portal_search(login->portal, &q, &self->found);
}

/* A password may be a token: programs that know nothing else send it as one. */
static struct reed_future *ask_for_token(struct check *self)
{
	struct query q = { .takes = REED_CREDENTIAL_BIT(REED_CREDENTIAL_TOKEN) };
	uint8_t hash[REED_KEY_BYTES];

	reed_token_hash(self->login->credential.secret, hash);
	ask_by_hash(&q, REED_BY_TOKEN, hash);
	return reed_portal_search(self->login->portal, &q, &self->found);
}

/* ---- what the answer means ---- */

static void accept(struct check *self)
{
	struct login *login = self->login;

	login->wrong = NULL;
	login->account = self->found.account;
	login->checker = self->found.verified ? NULL : self->found.checker;
}

/* Of a name that was given too, it must be that account's. */
static const char *token_fault(const struct check *self)
{
	const struct login *login = self->login;
	const struct found *found = &self->found;

	if (!found->checker)
		return "no such token";
	if (login->credential.kind == REED_CREDENTIAL_PASSWORD &&
	    strcmp(found->account.name, login->name) != 0)
		return "a token of another account";
	if (!reed_token_opens(&found->token, login->door, reed_wall(login->portal->loop)))
		return "the token has expired, or is for another door";
	return NULL;
}

static void judge_token(struct check *self)
{
	self->login->wrong = token_fault(self);
	if (self->login->wrong)
		return;
	accept(self);
	memcpy(self->login->token, self->found.token.id, sizeof(self->login->token));
}

static const char *scram_fault(const struct check *self)
{
	const struct reed_credential *c = &self->login->credential;
	const struct reed_principal *account = &self->found.account;
	bool proved = reed_verifier_proves(&c->exchange->verifier, c->message, c->secret);

	if (!self->found.checker || !c->exchange->known)
		return "no such account, or it has no password";
	if (!account->has_password || !reed_verifier_eq(&account->verifier, &c->exchange->verifier))
		return "the password has been changed in the meantime";
	return proved ? NULL : "wrong password";
}

static const char *record_fault(const struct check *self)
{
	switch (self->login->credential.kind) {
	case REED_CREDENTIAL_SCRAM:
		return scram_fault(self);
	case REED_CREDENTIAL_CERTIFICATE:
		return self->found.checker ? NULL : "no account has this certificate";
	case REED_CREDENTIAL_PASSWORD:
	case REED_CREDENTIAL_TOKEN:
	case REED_CREDENTIAL_ANONYMOUS:
	case REED_CREDENTIAL_PUBLIC_KEY:
	case REED_CREDENTIAL_DIGEST:
	case REED_CREDENTIAL_DIGEST_MD5:
	case REED_CREDENTIAL_CRAM_MD5:
	case REED_CREDENTIAL_APOP:
		break;
	}
	return "no checker that takes it knows the account";
}

static void judge(struct check *self)
{
	struct login *login = self->login;

	if (self->found.verified)
		login->wrong = NULL;
	else if (self->found.refused)
		login->wrong = "refused by the checker";
	else
		login->wrong = record_fault(self);
	if (!login->wrong)
		accept(self);
}

/* ---- passwords ---- */

/* Those of nobody are derived as well, those that cannot be right, and those a checker refused. */
static struct reed_future *derive(struct check *self)
{
	struct login *login = self->login;
	struct reed_portal *portal = login->portal;
	const struct reed_auth_rules *rules = portal->options.rules;
	const char *why;

	self->has_password = self->found.checker && self->found.account.has_password;
	reed_portal_fake(portal, reed_slice_of(login->name), &login->verifier);
	if (self->has_password)
		login->verifier = self->found.account.verifier;
	if (rules->password(rules, login->credential.secret, false, login->password, &why)) {
		reed_slice_copy(login->password, sizeof(login->password), REED_STR("?"));
		self->has_password = false;
	}
	return reed_portal_derive(portal, &login->verifier, login->password);
}

static void judge_password(struct check *self)
{
	struct login *login = self->login;
	bool same = CRYPTO_memcmp(login->verifier.stored_key,
	                          self->found.account.verifier.stored_key, REED_KEY_BYTES) == 0;

	if (!self->found.checker)
		login->wrong = "no such account";
	else if (self->found.refused)
		login->wrong = "refused by the checker";
	else
		login->wrong = self->has_password && same ? NULL : "wrong password";
	if (!login->wrong)
		accept(self);
}

static struct reed_future *busy(struct check *self)
{
	return reed_failed(self->co.loop, REED_ETHROTTLED,
	                   "too many attempts at once: try again in a moment");
}

static bool is_password(const struct check *self)
{
	return self->login->credential.kind == REED_CREDENTIAL_PASSWORD;
}

static void check_run(struct reed_co *co)
{
	struct check *self = reed_frame(co, struct check);
	struct login *login = self->login;

	reed_coroutine (co) {
		if (is_password(self) && reed_token_looks_like(login->credential.secret)) {
			reed_try(co, ask_for_token(self));
			judge_token(self);
			if (!login->wrong)
				break;
		}
		reed_try(co, ask(self));
		if (login->credential.kind == REED_CREDENTIAL_TOKEN && !self->found.verified) {
			judge_token(self);
		} else if (is_password(self) && !self->found.verified) {
			reed_await(co, derive(self));
			if (co->err == REED_ETOOBIG)
				reed_try(co, busy(self));
			if (co->err)
				reed_return(co, co->err);
			judge_password(self);
		} else {
			judge(self);
		}
	}
}

static const struct reed_co_kind check_kind = { .name = "check credential",
	                                        .size = sizeof(struct check),
	                                        .run = check_run };

struct reed_future *reed_login_check(struct login *login)
{
	struct check *self = reed_co_new(login->portal->loop, &check_kind);

	self->login = login;
	return reed_start(&self->co);
}

/* ---- verifiers from another time ---- */

bool reed_login_is_outdated(const struct login *self)
{
	return self->credential.kind == REED_CREDENTIAL_PASSWORD && !*self->token &&
	       self->checker && self->checker->ops->change &&
	       self->account.verifier.iterations < self->portal->options.iterations;
}

struct renewal {
	struct reed_co co;
	struct login *login;
	struct reed_change change;
};

static void renewal_run(struct reed_co *co)
{
	struct renewal *self = reed_frame(co, struct renewal);
	struct login *login = self->login;
	struct reed_audit event;

	reed_coroutine (co) {
		reed_try(co, reed_portal_derive(login->portal, &self->change.verifier,
		                                login->password));
		reed_await(co, login->checker->ops->change(login->checker, &self->change));
		event = reed_audit_of(REED_AUDIT_PASSWORD, co->err, login->account.name);
		event.why = co->err ? reed_co_why(co) : "derived anew, with more iterations";
		reed_portal_tell(login->portal, &event);
	}
}

static const struct reed_co_kind renewal_kind = { .name = "renew verifier",
	                                          .size = sizeof(struct renewal),
	                                          .run = renewal_run };

/* Only if it is still the verifier that was right: its owner may just be changing it. */
struct reed_future *reed_login_renew(struct login *login)
{
	struct renewal *self = reed_co_new(login->portal->loop, &renewal_kind);

	self->login = login;
	self->change.what = REED_CHANGE_PASSWORD;
	self->change.only_instead = true;
	self->change.before = login->account.verifier;
	memcpy(self->change.name, login->account.name, sizeof(self->change.name));
	reed_portal_salt(login->portal, &self->change.verifier);
	return reed_start(&self->co);
}
