/* Accounts from the side of those who run them. */

#include "auth_portal.h"
#include "auth_value.h"

/* NULL, or why it is no name. */
static struct reed_fault *take_name(const struct reed_portal *portal, struct reed_slice name,
                                    char into[REED_ACCOUNT_ROOM])
{
	const struct reed_auth_rules *rules = portal->options.rules;
	const char *why;

	if (!rules->account(rules, name, into, &why))
		return NULL;
	return reed_fault(REED_EINVAL, NULL, "\"" REED_FMT "\" is no name for an account: %s",
	                  REED_ARG(reed_slice_first(name, 64)), why);
}

enum reed_err reed_portal_check_name(const struct reed_portal *portal, struct reed_slice name,
                                     const char **why)
{
	const struct reed_auth_rules *rules = portal->options.rules;
	char normal[REED_ACCOUNT_ROOM];

	return rules->account(rules, name, normal, why);
}

uint32_t reed_portal_shortest_password(const struct reed_portal *portal)
{
	return portal->options.shortest_password;
}

/* Of UTF-8: all but the bytes that go on. */
static size_t characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static struct reed_fault *take_password(const struct reed_portal *portal,
                                        struct reed_slice password, char into[REED_PASSWORD_ROOM])
{
	const struct reed_auth_rules *rules = portal->options.rules;
	const char *why;

	if (rules->password(rules, password, true, into, &why))
		return reed_fault(REED_EINVAL, NULL, "the password: %s", why);
	if (characters(into) < portal->options.shortest_password)
		return reed_fault(REED_EINVAL, NULL, "a password has at least %u characters",
		                  portal->options.shortest_password);
	return NULL;
}

static void tell(struct reed_co *co, struct reed_portal *portal, enum reed_audit_what what,
                 const char *name)
{
	struct reed_audit event = reed_audit_of(what, co->err, name);

	event.why = reed_co_why(co);
	reed_portal_tell(portal, &event);
}

/* Drops a coroutine that was not started. */
static struct reed_future *refuse(struct reed_co *co, struct reed_fault *fault)
{
	struct reed_loop *loop = co->loop;

	reed_drop(&co->future);
	return reed_failed_with(loop, fault);
}

static struct reed_future *unknown(struct reed_portal *portal, const char *name)
{
	return reed_failed(portal->loop, REED_ENOENT, "no account %s", name);
}

static struct reed_future *unable(struct reed_portal *portal, const struct reed_checker *checker)
{
	return reed_failed(portal->loop, REED_ENOTSUP,
	                   "accounts of kind %s: cannot do that from here", checker->ops->name);
}

/* ---- a new account ---- */

struct creation {
	struct reed_co co;
	struct reed_portal *portal;
	struct reed_principal account;
	struct found found;
	char password[REED_PASSWORD_ROOM];
};

static struct reed_future *add(struct creation *self)
{
	struct reed_portal *portal = self->portal;

	if (self->found.checker)
		return reed_failed(portal->loop, REED_EEXIST, "there is an account %s already",
		                   self->account.name);
	for (size_t i = 0; i < portal->checker_count; i++)
		if (portal->checkers[i]->ops->add)
			return portal->checkers[i]->ops->add(portal->checkers[i], &self->account);
	return reed_failed(portal->loop, REED_ENOTSUP, "no accounts can be created here");
}

static void creation_run(struct reed_co *co)
{
	struct creation *self = reed_frame(co, struct creation);

	reed_coroutine (co) {
		reed_try(co, reed_portal_find(self->portal, self->account.name, &self->found));
		reed_portal_salt(self->portal, &self->account.verifier);
		reed_try(co,
		         reed_portal_derive(self->portal, &self->account.verifier, self->password));
		reed_await(co, add(self));
		tell(co, self->portal, REED_AUDIT_ACCOUNT, self->account.name);
		if (!co->err)
			reed_portal_forget(self->portal, self->account.name);
		reed_return(co, co->err);
	}
}

static void creation_end(struct reed_co *co)
{
	struct creation *self = reed_frame(co, struct creation);

	reed_wipe(self->password, sizeof(self->password));
}

static const struct reed_co_kind creation_kind = { .name = "create account",
	                                           .size = sizeof(struct creation),
	                                           .run = creation_run,
	                                           .end = creation_end };

struct reed_future *reed_portal_create(struct reed_portal *portal, struct reed_slice name,
                                       struct reed_slice password)
{
	struct creation *self = reed_co_new(portal->loop, &creation_kind);
	struct reed_fault *fault = take_name(portal, name, self->account.name);

	if (!fault)
		fault = take_password(portal, password, self->password);
	if (fault)
		return refuse(&self->co, fault);
	self->portal = portal;
	self->account.has_password = true;
	return reed_start(&self->co);
}

/* ---- changes to an account ---- */

struct edit {
	struct reed_co co;
	struct reed_portal *portal;
	struct reed_change change;
	enum reed_audit_what what;
	struct found found;
	char password[REED_PASSWORD_ROOM];
	char token[REED_TOKEN_TEXT_ROOM]; /* a new one's text */
	char *token_out;
};

static struct reed_future *apply(struct edit *self)
{
	struct reed_checker *checker = self->found.checker;

	if (!checker)
		return unknown(self->portal, self->change.name);
	if (!checker->ops->change)
		return unable(self->portal, checker);
	return checker->ops->change(checker, &self->change);
}

static struct reed_future *derive(struct edit *self)
{
	if (self->change.what != REED_CHANGE_PASSWORD)
		return reed_ready(self->portal->loop, REED_OK);
	reed_portal_salt(self->portal, &self->change.verifier);
	return reed_portal_derive(self->portal, &self->change.verifier, self->password);
}

static struct reed_future *taken(struct edit *self)
{
	return reed_failed(self->portal->loop, REED_EEXIST,
	                   "that certificate opens an account already");
}

static void edit_run(struct reed_co *co)
{
	struct edit *self = reed_frame(co, struct edit);

	reed_coroutine (co) {
		reed_try(co, reed_portal_find(self->portal, self->change.name, &self->found));
		reed_try(co, derive(self));
		reed_await(co, apply(self));
		tell(co, self->portal, self->what, self->change.name);
		if (!co->err && self->change.what == REED_REMOVE_TOKEN)
			reed_portal_revoke_token(self->portal, self->change.name,
			                         self->change.token.id);
		if (co->err == REED_EEXIST && self->change.what == REED_ADD_FINGERPRINT)
			reed_try(co, taken(self));
		reed_return(co, co->err);
	}
}

static void edit_deliver(struct reed_co *co)
{
	struct edit *self = reed_frame(co, struct edit);

	if (self->token_out)
		memcpy(self->token_out, self->token, sizeof(self->token));
}

static void edit_end(struct reed_co *co)
{
	struct edit *self = reed_frame(co, struct edit);

	reed_wipe(self->password, sizeof(self->password));
	reed_wipe(self->token, sizeof(self->token));
}

static const struct reed_co_kind edit_kind = { .name = "change account",
	                                       .size = sizeof(struct edit),
	                                       .run = edit_run,
	                                       .deliver = edit_deliver,
	                                       .end = edit_end };

static struct edit *edit_new(struct reed_portal *portal, struct reed_slice name,
                             enum reed_change_what change, enum reed_audit_what what,
                             struct reed_fault **fault)
{
	struct edit *self = reed_co_new(portal->loop, &edit_kind);

	self->portal = portal;
	self->change.what = change;
	self->what = what;
	*fault = take_name(portal, name, self->change.name);
	return self;
}

static struct reed_future *edit_go(struct edit *self, struct reed_fault *fault)
{
	return fault ? refuse(&self->co, fault) : reed_start(&self->co);
}

struct reed_future *reed_portal_set_password(struct reed_portal *portal, struct reed_slice name,
                                             struct reed_slice password)
{
	struct reed_fault *fault;
	struct edit *self =
		edit_new(portal, name, REED_CHANGE_PASSWORD, REED_AUDIT_PASSWORD, &fault);

	if (!fault)
		fault = take_password(portal, password, self->password);
	return edit_go(self, fault);
}

struct reed_future *reed_portal_set_roles(struct reed_portal *portal, struct reed_slice name,
                                          struct reed_slice roles)
{
	struct reed_fault *fault;
	struct edit *self = edit_new(portal, name, REED_CHANGE_ROLES, REED_AUDIT_ROLES, &fault);

	if (!fault && reed_roles_check(roles))
		fault = reed_fault(REED_EINVAL, NULL,
		                   "roles: words of a-z, 0-9 and '-', with commas between them");
	if (!fault)
		reed_slice_copy(self->change.roles, sizeof(self->change.roles), roles);
	return edit_go(self, fault);
}

static struct reed_future *change_fingerprint(struct reed_portal *portal, struct reed_slice name,
                                              enum reed_change_what what,
                                              const uint8_t *fingerprint)
{
	struct reed_fault *fault;
	struct edit *self = edit_new(portal, name, what, REED_AUDIT_CERTIFICATE, &fault);

	memcpy(self->change.fingerprint, fingerprint, REED_FINGERPRINT_BYTES);
	return edit_go(self, fault);
}

struct reed_future *reed_portal_add_fingerprint(struct reed_portal *portal, struct reed_slice name,
                                                const uint8_t fingerprint[REED_FINGERPRINT_BYTES])
{
	return change_fingerprint(portal, name, REED_ADD_FINGERPRINT, fingerprint);
}

struct reed_future *reed_portal_remove_fingerprint(
	struct reed_portal *portal, struct reed_slice name,
	const uint8_t fingerprint[REED_FINGERPRINT_BYTES])
{
	return change_fingerprint(portal, name, REED_REMOVE_FINGERPRINT, fingerprint);
}

struct reed_future *reed_portal_create_token(struct reed_portal *portal, struct reed_slice name,
                                             const char *door, const char *label, int64_t expires,
                                             char out[REED_TOKEN_TEXT_ROOM])
{
	struct reed_fault *fault;
	struct edit *self = edit_new(portal, name, REED_ADD_TOKEN, REED_AUDIT_TOKEN, &fault);
	struct reed_token *token = &self->change.token;

	reed_token_make(portal->loop, token, self->token);
	memcpy(token->account, self->change.name, sizeof(token->account));
	token->expires = expires;
	self->token_out = out;
	if (!fault && !reed_slice_copy(token->door, REED_DOOR_ROOM, reed_slice_of(door)))
		fault = reed_fault(REED_EINVAL, NULL, "the name of a door has at most 31 bytes");
	if (!fault && !reed_slice_copy(token->label, REED_LABEL_ROOM, reed_slice_of(label)))
		fault = reed_fault(REED_EINVAL, NULL, "a label has at most 63 bytes");
	return edit_go(self, fault);
}

struct reed_future *reed_portal_remove_token(struct reed_portal *portal, struct reed_slice name,
                                             const char *id)
{
	struct reed_fault *fault;
	struct edit *self = edit_new(portal, name, REED_REMOVE_TOKEN, REED_AUDIT_TOKEN, &fault);

	if (!reed_slice_copy(self->change.token.id, REED_TOKEN_ID + 1, reed_slice_of(id)) && !fault)
		fault = reed_fault(REED_ENOENT, NULL, "no token has an id as long as that");
	return edit_go(self, fault);
}

/* ---- the rest: removing and asking ---- */

struct inquiry {
	struct reed_co co;
	struct reed_portal *portal;
	char name[REED_ACCOUNT_ROOM];
	struct found found;
	struct reed_principal *account_out;
	struct reed_token *tokens, **tokens_out;
	size_t n, *n_out;
};

static struct reed_future *inquire(struct reed_portal *portal, struct reed_slice name,
                                   struct inquiry *self)
{
	struct reed_fault *fault = take_name(portal, name, self->name);

	self->portal = portal;
	return fault ? refuse(&self->co, fault) : reed_start(&self->co);
}

static struct reed_future *remove_account(struct inquiry *self)
{
	struct reed_checker *checker = self->found.checker;

	if (!checker)
		return unknown(self->portal, self->name);
	if (!checker->ops->remove)
		return unable(self->portal, checker);
	return checker->ops->remove(checker, self->name);
}

static void removal_run(struct reed_co *co)
{
	struct inquiry *self = reed_frame(co, struct inquiry);

	reed_coroutine (co) {
		reed_try(co, reed_portal_find(self->portal, self->name, &self->found));
		reed_await(co, remove_account(self));
		tell(co, self->portal, REED_AUDIT_REMOVED, self->name);
		if (!co->err) {
			reed_portal_forget(self->portal, self->name);
			reed_portal_revoke_all(self->portal, self->name);
		}
		reed_return(co, co->err);
	}
}

static const struct reed_co_kind removal_kind = { .name = "remove account",
	                                          .size = sizeof(struct inquiry),
	                                          .run = removal_run };

struct reed_future *reed_portal_remove(struct reed_portal *portal, struct reed_slice name)
{
	return inquire(portal, name, reed_co_new(portal->loop, &removal_kind));
}

static void account_run(struct reed_co *co)
{
	struct inquiry *self = reed_frame(co, struct inquiry);

	reed_coroutine (co) {
		reed_try(co, reed_portal_find(self->portal, self->name, &self->found));
		if (!self->found.checker)
			reed_try(co, unknown(self->portal, self->name));
	}
}

static void account_deliver(struct reed_co *co)
{
	struct inquiry *self = reed_frame(co, struct inquiry);

	*self->account_out = self->found.account;
}

static const struct reed_co_kind account_kind = { .name = "look account up",
	                                          .size = sizeof(struct inquiry),
	                                          .run = account_run,
	                                          .deliver = account_deliver };

struct reed_future *reed_portal_account(struct reed_portal *portal, struct reed_slice name,
                                        struct reed_principal *out)
{
	struct inquiry *self = reed_co_new(portal->loop, &account_kind);

	self->account_out = out;
	return inquire(portal, name, self);
}

static struct reed_future *list_tokens(struct inquiry *self)
{
	struct reed_checker *checker = self->found.checker;

	if (!checker)
		return unknown(self->portal, self->name);
	if (!checker->ops->tokens)
		return reed_value_owned(self->portal->loop, NULL, 0, &self->tokens, &self->n);
	return checker->ops->tokens(checker, self->name, &self->tokens, &self->n);
}

static void tokens_run(struct reed_co *co)
{
	struct inquiry *self = reed_frame(co, struct inquiry);

	reed_coroutine (co) {
		reed_try(co, reed_portal_find(self->portal, self->name, &self->found));
		reed_try(co, list_tokens(self));
	}
}

static void tokens_deliver(struct reed_co *co)
{
	struct inquiry *self = reed_frame(co, struct inquiry);

	*self->tokens_out = self->tokens;
	*self->n_out = self->n;
	self->tokens = NULL;
}

static void tokens_end(struct reed_co *co)
{
	reed_free(reed_frame(co, struct inquiry)->tokens);
}

static const struct reed_co_kind tokens_kind = { .name = "list tokens",
	                                         .size = sizeof(struct inquiry),
	                                         .run = tokens_run,
	                                         .deliver = tokens_deliver,
	                                         .end = tokens_end };

struct reed_future *reed_portal_tokens(struct reed_portal *portal, struct reed_slice name,
                                       struct reed_token **out, size_t *n)
{
	struct inquiry *self = reed_co_new(portal->loop, &tokens_kind);

	self->tokens_out = out;
	self->n_out = n;
	return inquire(portal, name, self);
}
