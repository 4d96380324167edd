/*
 * reed ctl accounts: those who may come in, in the hands of who runs the
 * process.  Everything goes through the portal, as what people do for
 * themselves does, so that the audit log has it.
 */

#include "control.h"

#include <stdlib.h>

#include "daemon_private.h"
#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/random.h"

enum { LISTED = 200 }; /* in one answer */

/* ---- in words ---- */

static void tell_account(const struct reed_principal *account, struct reed_buf *out)
{
	reed_buf_printf(out, "%s: %s", account->name,
	                account->has_password ? "password" : "no password");
	if (account->fingerprints > 0)
		reed_buf_printf(out, ", %u certificate%s", account->fingerprints,
		                account->fingerprints > 1 ? "s" : "");
	if (account->roles[0])
		reed_buf_printf(out, ", roles %s", account->roles);
	reed_buf_add_char(out, '\n');
}

static void tell_account_json(const struct reed_principal *account, struct reed_buf *out)
{
	reed_buf_printf(out, "{\"password\":%s,\"certificates\":%u",
	                account->has_password ? "true" : "false", account->fingerprints);
	reed_control_add_member(out, "account", account->name);
	reed_control_add_member(out, "roles", account->roles);
	reed_buf_add_str(out, "}\n");
}

static void tell_sessions(const struct reed_portal *portal, const char *account,
                          struct reed_buf *out)
{
	int64_t now = reed_wall(reed_portal_loop(portal));

	reed_list_each (link, reed_portal_sessions(portal)) {
		struct reed_avatar *a = reed_container_of(link, struct reed_avatar, link);

		if (reed_slice_is(reed_slice_of(a->account), account))
			reed_buf_printf(out, "  here by %s over %s from %s, %.0f s\n", a->how,
			                *a->door ? a->door : "-", *a->address ? a->address : "-",
			                (double)(now - a->since) / 1e9);
	}
}

static void tell_all(const struct reed_portal *portal, const struct reed_principal *account,
                     struct reed_buf *out)
{
	char text[REED_FINGERPRINT_ROOM];

	tell_account(account, out);
	for (uint32_t i = 0; i < account->fingerprints; i++) {
		reed_fingerprint_print(account->fingerprint[i], text);
		reed_buf_printf(out, "  certificate %s\n", text);
	}
	tell_sessions(portal, account->name, out);
}

/* ---- what is asked first and then told ---- */

struct telling {
	struct reed_co co;
	struct reed_portal *portal;
	struct reed_future *asked;
	struct reed_principal_list list;
	struct reed_principal one;
	struct reed_buf text, *out;
	bool lists, json;
};

static void tell(struct telling *self)
{
	if (!self->lists)
		tell_all(self->portal, &self->one, &self->text);
	for (size_t i = 0; i < self->list.n && i < LISTED; i++)
		if (self->json)
			tell_account_json(&self->list.accounts[i], &self->text);
		else
			tell_account(&self->list.accounts[i], &self->text);
	if (self->list.n > LISTED && !self->json)
		reed_buf_printf(&self->text, "and more: accounts list %s\n",
		                self->list.accounts[LISTED - 1].name);
}

static void telling_run(struct reed_co *co)
{
	struct telling *self = reed_frame(co, struct telling);
	struct reed_future *asked = self->asked;

	reed_coroutine (co) {
		self->asked = NULL;
		reed_try(co, asked);
		tell(self);
	}
}

static void telling_deliver(struct reed_co *co)
{
	struct telling *self = reed_frame(co, struct telling);

	reed_buf_add(self->out, reed_buf_slice(&self->text));
}

static void telling_end(struct reed_co *co)
{
	struct telling *self = reed_frame(co, struct telling);

	reed_drop(self->asked);
	reed_free(self->list.accounts);
	reed_buf_finish(&self->text);
}

static const struct reed_co_kind telling_kind = { .name = "tell of accounts",
	                                          .size = sizeof(struct telling),
	                                          .run = telling_run,
	                                          .deliver = telling_deliver,
	                                          .end = telling_end };

static struct telling *telling_new(struct reed_portal *portal, struct reed_buf *out)
{
	struct telling *self = reed_co_new(reed_portal_loop(portal), &telling_kind);

	self->portal = portal;
	self->out = out;
	return self;
}

/* ---- what may be said ---- */

struct wish {
	struct reed_portal *portal;
	const struct reed_slice *args; /* behind the verb */
	unsigned count;
	struct reed_slice secret;
	struct reed_buf *out;
};

static struct reed_future *list(const struct wish *w)
{
	struct telling *self = telling_new(w->portal, w->out);
	char after[REED_ACCOUNT_ROOM] = "";

	for (unsigned i = 0; i < w->count; i++)
		if (reed_slice_is(w->args[i], "--json"))
			self->json = true;
		else
			reed_slice_copy(after, sizeof(after), w->args[i]);
	self->lists = true;
	self->asked = reed_portal_list(w->portal, after, LISTED + 1, &self->list);
	return reed_start(&self->co);
}

static struct reed_future *show(const struct wish *w)
{
	struct telling *self = telling_new(w->portal, w->out);

	self->asked = reed_portal_account(w->portal, w->args[0], &self->one);
	return reed_start(&self->co);
}

static struct reed_future *add(const struct wish *w)
{
	return reed_portal_create(w->portal, w->args[0], w->secret);
}

static struct reed_future *set_password(const struct wish *w)
{
	return reed_portal_set_password(w->portal, w->args[0], w->secret);
}

static struct reed_future *remove_account(const struct wish *w)
{
	return reed_portal_remove(w->portal, w->args[0]);
}

static struct reed_future *set_roles(const struct wish *w)
{
	return reed_portal_set_roles(w->portal, w->args[0],
	                             w->count > 1 ? w->args[1] : REED_STR(""));
}

static struct reed_future *fingerprint(const struct wish *w)
{
	uint8_t bytes[REED_FINGERPRINT_BYTES];
	bool added = reed_slice_is(w->args[0], "add");

	if (!added && !reed_slice_is(w->args[0], "remove"))
		return reed_failed(reed_portal_loop(w->portal), REED_EINVAL,
		                   "fingerprint add or fingerprint remove?");
	if (reed_fingerprint_parse(w->args[2], bytes))
		return reed_failed(reed_portal_loop(w->portal), REED_EINVAL,
		                   "a fingerprint is the SHA-256 of a certificate: 64 hexadecimal "
		                   "digits, as `reed cert show FILE` tells them");
	return added ? reed_portal_add_fingerprint(w->portal, w->args[1], bytes)
	             : reed_portal_remove_fingerprint(w->portal, w->args[1], bytes);
}

static const struct verb {
	const char *name, *args;
	unsigned least, most;
	bool secret;
	struct reed_future *(*run)(const struct wish *w);
} verbs[] = {
	{ "list", "[--json] [AFTER]", 0, 2, false, list },
	{ "show", "NAME", 1, 1, false, show },
	{ "add", "NAME", 1, 1, true, add },
	{ "remove", "NAME", 1, 1, false, remove_account },
	{ "password", "NAME", 1, 1, true, set_password },
	{ "roles", "NAME [ROLE,ROLE...]", 1, 2, false, set_roles },
	{ "fingerprint", "add|remove NAME SHA-256", 3, 3, false, fingerprint },
};

static const struct verb *find(const struct control_request *request)
{
	for (size_t i = 0; request->count > 0 && i < REED_COUNT(verbs); i++)
		if (reed_slice_is(request->args[0], verbs[i].name))
			return &verbs[i];
	return NULL;
}

bool reed_control_wants_secret(const struct control_request *request)
{
	const struct verb *verb = NULL;

	if (request->word->what == CONTROL_ACCOUNTS)
		verb = find(request);
	return verb && verb->secret && request->count == 2;
}

static struct reed_future *tell_usage(struct reed_loop *loop, const struct verb *verb)
{
	struct reed_buf text = { 0 };
	struct reed_future *f;

	for (size_t i = 0; i < REED_COUNT(verbs); i++)
		if (!verb || verb == &verbs[i])
			reed_buf_printf(&text, "%s%s %s", reed_buf_held(&text) ? ", " : "",
			                verbs[i].name, verbs[i].args);
	f = reed_failed(loop, REED_EINVAL, "write accounts %s" REED_FMT,
	                verb ? "" : "and one of: ", REED_ARG(reed_buf_slice(&text)));
	reed_buf_finish(&text);
	return f;
}

struct reed_future *reed_control_accounts(struct daemon *d, const struct control_request *request,
                                          struct reed_slice secret, struct reed_buf *out)
{
	const struct verb *verb = find(request);
	struct wish wish = {
		.portal = d->site.portal,
		.args = request->args + 1,
		.count = request->count - (request->count > 0),
		.secret = secret,
		.out = out,
	};

	if (!verb || wish.count < verb->least || wish.count > verb->most)
		return tell_usage(d->loop, verb);
	if (!wish.portal)
		return reed_failed(d->loop, REED_ENOTSUP,
		                   "this server keeps no accounts; --auth says where they are");
	return verb->run(&wish);
}
