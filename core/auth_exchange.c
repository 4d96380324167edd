/* SCRAM's first half: what somebody has to know to prove that he knows a password. */

#include "auth_portal.h"

void reed_exchange_free(struct reed_exchange *exchange)
{
	if (!exchange)
		return;
	reed_wipe(exchange, sizeof(*exchange));
	reed_free(exchange);
}

const struct reed_verifier *reed_exchange_verifier(const struct reed_exchange *exchange)
{
	return &exchange->verifier;
}

struct beginning {
	struct reed_co co;
	struct reed_portal *portal;
	struct reed_exchange *exchange; /* NULL: handed over */
	struct reed_exchange **out;
	char *user; /* as it was given */
	struct reed_slice name;
	struct found found;
};

/* A name against the rules is one that nobody has. */
static struct reed_future *search(struct beginning *self)
{
	struct query query = { .count = 1, .takes = REED_CREDENTIAL_BIT(REED_CREDENTIAL_SCRAM) };

	if (!*self->exchange->name)
		return reed_ready(self->portal->loop, REED_OK);
	query.by[0].by = REED_BY_NAME;
	memcpy(query.by[0].name, self->exchange->name, REED_ACCOUNT_ROOM);
	return reed_portal_search(self->portal, &query, &self->found);
}

static void settle_verifier(struct beginning *self)
{
	struct reed_exchange *exchange = self->exchange;

	exchange->known = self->found.checker && self->found.account.has_password;
	exchange->account = self->found.account;
	exchange->checker = self->found.checker;
	reed_portal_fake(self->portal, self->name, &exchange->verifier);
	if (exchange->known)
		exchange->verifier = exchange->account.verifier;
}

static void begin_run(struct reed_co *co)
{
	struct beginning *self = reed_frame(co, struct beginning);

	reed_coroutine (co) {
		reed_try(co, search(self));
		settle_verifier(self);
	}
}

static void begin_deliver(struct reed_co *co)
{
	struct beginning *self = reed_frame(co, struct beginning);

	*self->out = self->exchange;
	self->exchange = NULL;
}

static void begin_end(struct reed_co *co)
{
	struct beginning *self = reed_frame(co, struct beginning);

	reed_exchange_free(self->exchange);
	reed_free(self->user);
}

static const struct reed_co_kind begin_kind = { .name = "begin SCRAM",
	                                        .size = sizeof(struct beginning),
	                                        .run = begin_run,
	                                        .deliver = begin_deliver,
	                                        .end = begin_end };

struct reed_future *reed_portal_begin(struct reed_portal *portal, struct reed_slice user,
                                      const struct reed_peer *from, struct reed_exchange **out)
{
	const struct reed_auth_rules *rules = portal->options.rules;
	int64_t wait = reed_portal_wait(portal, user, from);
	struct beginning *self;
	const char *why;

	if (wait > 0)
		return reed_portal_throttled(portal, wait);
	self = reed_co_new(portal->loop, &begin_kind);
	self->portal = portal;
	self->out = out;
	self->exchange = reed_alloc(sizeof(*self->exchange));
	self->user = reed_slice_dup(user);
	self->name = reed_slice(self->user, user.n);
	if (rules->account(rules, user, self->exchange->name, &why))
		self->exchange->name[0] = '\0';
	else
		self->name = reed_slice_of(self->exchange->name);
	return reed_start(&self->co);
}
