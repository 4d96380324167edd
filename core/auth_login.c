/*
 * One attempt to come in.
 *
 * It is counted before any work is done, so that many at once gain nothing, and
 * given back when it was right.  For one that was wrong the same questions are
 * asked and the same keys derived whether there is such an account or not.
 */

#include "auth_login.h"

#include <openssl/crypto.h>

/* ---- what it was given ---- */

static struct reed_slice keep(struct login *self, int i, struct reed_slice s)
{
	self->memory[i] = reed_slice_dup(s);
	self->kept[i] = reed_slice(self->memory[i], s.n);
	return self->kept[i];
}

static void forget(struct login *self)
{
	for (int i = 0; i < LOGIN_SLICES; i++) {
		if (self->memory[i])
			reed_wipe(self->memory[i], self->kept[i].n);
		reed_free(self->memory[i]);
	}
}

static void copy_credential(struct login *self, const struct reed_credential *c)
{
	self->credential = *c;
	self->credential.authzid = keep(self, 0, c->authzid);
	self->credential.user = keep(self, 1, c->user);
	self->credential.secret = keep(self, 2, c->secret);
	self->credential.message = keep(self, 3, c->message);
	self->credential.signature = keep(self, 4, c->signature);
	if (!c->certificate)
		return;
	self->certificate = *c->certificate;
	self->credential.certificate = &self->certificate;
}

/* The name attempts are counted by; "" when none is known before. */
static void take_name(struct login *self)
{
	const struct reed_auth_rules *rules = self->portal->options.rules;
	const struct reed_credential *c = &self->credential;
	const char *why;

	if (c->kind == REED_CREDENTIAL_SCRAM)
		memcpy(self->name, c->exchange->name, sizeof(self->name));
	else if (c->kind == REED_CREDENTIAL_ANONYMOUS || c->kind == REED_CREDENTIAL_CERTIFICATE ||
	         c->kind == REED_CREDENTIAL_TOKEN)
		self->name[0] = '\0';
	else if (rules->account(rules, c->user, self->name, &why))
		self->name[0] = '\0';
}

/* ---- how it ends ---- */

/* As it was given, for the eyes of the operator. */
static void who(const struct login *self, char into[REED_ACCOUNT_ROOM])
{
	struct reed_slice name = reed_slice_of(self->account.name);

	if (name.n == 0)
		name = reed_slice_of(self->name);
	if (name.n == 0)
		name = self->credential.user;
	name.n = name.n < REED_ACCOUNT_ROOM ? name.n : REED_ACCOUNT_ROOM - 1;
	reed_slice_copy(into, REED_ACCOUNT_ROOM, name);
}

static void tell(const struct login *self, enum reed_audit_what what, enum reed_err outcome,
                 const char *why)
{
	char account[REED_ACCOUNT_ROOM];
	struct reed_audit event;

	who(self, account);
	event = reed_audit_of(what, outcome, account);
	event.how = reed_credential_name(self->credential.kind);
	event.interface = self->interface;
	event.door = self->door;
	event.address = self->address;
	if (why)
		event.why = why;
	reed_portal_tell(self->portal, &event);
}

/* What the peer is told: nothing that it did not know. */
static const char *sentence(enum reed_credential_kind kind)
{
	switch (kind) {
	case REED_CREDENTIAL_PASSWORD:
	case REED_CREDENTIAL_SCRAM:
	case REED_CREDENTIAL_DIGEST:
	case REED_CREDENTIAL_DIGEST_MD5:
	case REED_CREDENTIAL_CRAM_MD5:
	case REED_CREDENTIAL_APOP:
		return "the name or the password is wrong";
	case REED_CREDENTIAL_CERTIFICATE:
		return "the certificate is not that of an account";
	case REED_CREDENTIAL_TOKEN:
		return "the token is wrong, or does not open this door";
	case REED_CREDENTIAL_PUBLIC_KEY:
		return "the key is not that of the account";
	case REED_CREDENTIAL_ANONYMOUS:
		break;
	}
	return "an account is needed here";
}

static struct reed_future *refused(struct login *self, const char *told, const char *why)
{
	self->portal->stats.refused++;
	tell(self, REED_AUDIT_LOGIN, REED_EAUTH, why);
	return reed_failed(self->portal->loop, REED_EAUTH, "%s", told);
}

static struct reed_future *wrong(struct login *self)
{
	return refused(self, sentence(self->credential.kind), self->wrong);
}

static struct reed_future *stranger(struct login *self, const char *why)
{
	return refused(self, "not permitted to act as that account", why);
}

struct reed_future *reed_portal_throttled(struct reed_portal *portal, int64_t wait)
{
	int64_t seconds = (wait + REED_S(1) - 1) / REED_S(1);

	portal->stats.throttled++;
	return reed_failed(portal->loop, REED_ETHROTTLED,
	                   "too many attempts: try again in %lld second%s", (long long)seconds,
	                   seconds == 1 ? "" : "s");
}

static struct reed_future *throttled(struct login *self)
{
	tell(self, REED_AUDIT_LOGIN, REED_ETHROTTLED, "too many attempts");
	return reed_portal_throttled(self->portal, self->wait);
}

/* Neither right nor wrong.  An interrupted attempt may have been either, and stays counted. */
static void trouble(struct login *self, enum reed_err err, const char *why)
{
	if (err != REED_ECANCELED)
		reed_throttle_undo(self->portal->throttle, &self->attempt);
	tell(self, REED_AUDIT_LOGIN, err, why);
}

/* ---- the parts of the way ---- */

/* NULL: go on. */
static struct reed_future *count(struct login *self)
{
	struct reed_peer from = { self->address, self->door };

	self->wait = reed_throttle_take(self->portal->throttle, reed_now(self->portal->loop),
	                                reed_slice_of(self->name), &from, &self->attempt);
	return self->wait > 0 ? throttled(self) : NULL;
}

/* Whoever asks to be somebody else: NULL when that is oneself, or nobody was asked for. */
static struct reed_future *become(struct login *self)
{
	struct reed_portal *portal = self->portal;
	struct reed_realm *realm = portal->options.realm;
	const struct reed_auth_rules *rules = portal->options.rules;
	struct reed_slice authzid = self->credential.authzid;
	char name[REED_ACCOUNT_ROOM];
	const char *why;
	enum reed_err err;

	if (authzid.n == 0)
		return NULL;
	if (realm->ops->act_as)
		err = realm->ops->act_as(realm, &self->account, authzid, name);
	else
		err = rules->account(rules, authzid, name, &why);
	if (!err && !self->account.anonymous && strcmp(name, self->account.name) == 0)
		return NULL;
	if (err || !realm->ops->act_as || self->account.anonymous)
		return stranger(self, "asked to act as somebody else");
	self->asked = true;
	return reed_portal_find(portal, name, &self->other);
}

static struct reed_future *be_other(struct login *self)
{
	if (!self->asked)
		return NULL;
	if (!self->other.checker)
		return stranger(self, "asked to act as somebody who does not exist");
	self->account = self->other.account;
	return NULL;
}

static void right(struct login *self)
{
	reed_throttle_right(self->portal->throttle, reed_now(self->portal->loop), &self->attempt);
}

static struct reed_future *make_avatar(struct login *self)
{
	struct reed_realm *realm = self->portal->options.realm;

	return realm->ops->avatar(realm, &self->account, self->interface, &self->avatar);
}

static void login_run(struct reed_co *co)
{
	struct login *self = reed_frame(co, struct login);
	struct reed_future *f;

	reed_coroutine (co) {
		f = count(self);
		if (f)
			reed_try(co, f);
		reed_await(co, reed_login_check(self));
		if (co->err) {
			trouble(self, co->err, reed_co_why(co));
			reed_return(co, co->err);
		}
		if (self->wrong)
			reed_try(co, wrong(self));
		right(self);
		if (reed_login_is_outdated(self))
			reed_await(co, reed_login_renew(self));
		f = become(self);
		if (f)
			reed_try(co, f);
		f = be_other(self);
		if (f)
			reed_try(co, f);
		reed_await(co, make_avatar(self));
		if (co->err)
			tell(self, REED_AUDIT_LOGIN, co->err, reed_co_why(co));
		reed_return(co, co->err);
	}
}

static void login_deliver(struct reed_co *co)
{
	struct login *self = reed_frame(co, struct login);
	struct reed_avatar facts = { .interface = self->interface,
		                     .door = self->door,
		                     .address = self->address,
		                     .token = self->token,
		                     .how = reed_credential_name(self->credential.kind) };

	self->portal->stats.logins++;
	reed_portal_enter(self->portal, self->avatar, &self->account, &facts);
	tell(self, REED_AUDIT_LOGIN, REED_OK, NULL);
	*self->out = self->avatar;
	self->avatar = NULL;
}

static void login_end(struct reed_co *co)
{
	struct login *self = reed_frame(co, struct login);

	reed_avatar_discard(self->avatar);
	forget(self);
	reed_wipe(self->password, sizeof(self->password));
	reed_wipe(&self->verifier, sizeof(self->verifier));
	reed_free(self->interface);
	reed_free(self->door);
	reed_free(self->address);
}

static const struct reed_co_kind login_kind = { .name = "login",
	                                        .size = sizeof(struct login),
	                                        .run = login_run,
	                                        .deliver = login_deliver,
	                                        .end = login_end };

struct reed_future *reed_portal_login(struct reed_portal *portal,
                                      const struct reed_credential *credential,
                                      const char *interface, const struct reed_peer *from,
                                      struct reed_avatar **out)
{
	struct login *self = reed_co_new(portal->loop, &login_kind);

	self->portal = portal;
	self->out = out;
	self->interface = reed_strdup(interface ? interface : "");
	self->door = reed_strdup(from && from->door ? from->door : "");
	self->address = reed_strdup(from && from->address ? from->address : "");
	copy_credential(self, credential);
	take_name(self);
	return reed_start(&self->co);
}
