/* The portal itself: what it is made of, and what it tells. */

#include "auth_portal.h"

static struct reed_future *plain_avatar(struct reed_realm *self,
                                        const struct reed_principal *account, const char *interface,
                                        struct reed_avatar **out);

static const struct reed_realm_ops plain_ops = { .avatar = plain_avatar };

static const struct reed_avatar_ops plain_avatar_ops = { .logout = NULL };

/* Made at delivery, so that there is nothing to release before. */
struct making {
	struct reed_future future;
	struct reed_avatar **out;
};

static void making_deliver(struct reed_future *f)
{
	struct reed_avatar *avatar = reed_alloc(sizeof(*avatar));

	avatar->ops = &plain_avatar_ops;
	*reed_container_of(f, struct making, future)->out = avatar;
}

static void making_free(struct reed_future *f)
{
	reed_free(reed_container_of(f, struct making, future));
}

static const struct reed_future_kind making_kind = { .name = "avatar",
	                                             .deliver = making_deliver,
	                                             .free = making_free };

static struct reed_future *plain_avatar(struct reed_realm *self,
                                        const struct reed_principal *account, const char *interface,
                                        struct reed_avatar **out)
{
	struct reed_portal *portal = reed_container_of(self, struct reed_portal, plain);
	struct making *making = reed_alloc(sizeof(*making));

	(void)account;
	(void)interface;
	reed_future_init(&making->future, portal->loop, &making_kind);
	making->out = out;
	reed_settle(&making->future, REED_OK);
	return &making->future;
}

static uint32_t or_else(uint32_t given, uint32_t otherwise)
{
	return given ? given : otherwise;
}

static void fill_in(struct reed_portal *self, const struct reed_portal_options *given)
{
	struct reed_portal_options *o = &self->options;

	if (given)
		memcpy(o, given, given->size < sizeof(*o) ? given->size : sizeof(*o));
	if (!o->realm)
		o->realm = &self->plain;
	if (!o->rules)
		o->rules = &reed_auth_rules_ascii;
	o->iterations = or_else(o->iterations, REED_ITERATIONS);
	if (o->iterations < REED_ITERATIONS)
		o->iterations = REED_ITERATIONS;
	if (o->iterations > REED_ITERATIONS_MAX)
		o->iterations = REED_ITERATIONS_MAX;
	o->derivations = or_else(o->derivations, 2);
	o->waiting = or_else(o->waiting, 256);
	o->shortest_password = or_else(o->shortest_password, 8);
}

struct reed_portal *reed_portal_new(struct reed_loop *loop,
                                    const struct reed_portal_options *options)
{
	struct reed_portal *self = reed_alloc(sizeof(*self));
	size_t each;

	self->loop = loop;
	self->plain.ops = &plain_ops;
	fill_in(self, options);
	self->throttle = reed_throttle_new(&self->options.limits, reed_random(loop));
	reed_list_init(&self->sessions);
	reed_list_init(&self->watches);
	if (self->options.fake_key) {
		memcpy(self->key, self->options.fake_key, sizeof(self->key));
		self->has_key = true;
	} else {
		reed_random_bytes(loop, self->key, sizeof(self->key));
	}
	each = (self->options.waiting + self->options.derivations - 1) / self->options.derivations;
	self->lanes = reed_alloc(self->options.derivations * sizeof(self->lanes[0]));
	for (uint32_t i = 0; i < self->options.derivations; i++)
		self->lanes[i] = reed_lane_new(loop, "passwords", each);
	return self;
}

static void disown(struct reed_portal *self)
{
	struct reed_list *link;

	while ((link = reed_list_take(&self->sessions)))
		reed_container_of(link, struct reed_avatar, link)->portal = NULL;
}

void reed_portal_free(struct reed_portal *self)
{
	if (!self)
		return;
	disown(self);
	for (uint32_t i = 0; i < self->options.derivations; i++)
		reed_lane_close(self->lanes[i]);
	for (size_t i = 0; i < self->checker_count; i++)
		reed_checker_free(self->checkers[i]);
	reed_throttle_free(self->throttle);
	reed_wipe(self->key, sizeof(self->key));
	reed_free(self->checkers);
	reed_free(self->lanes);
	reed_free(self);
}

struct reed_loop *reed_portal_loop(const struct reed_portal *self)
{
	return self->loop;
}

void reed_portal_add(struct reed_portal *self, struct reed_checker *checker)
{
	size_t n = self->checker_count++;

	self->checkers = reed_realloc(self->checkers, (n + 1) * sizeof(self->checkers[0]));
	self->checkers[n] = checker;
	if (self->has_key || !checker->has_key)
		return;
	memcpy(self->key, checker->key, sizeof(self->key));
	self->has_key = true;
}

unsigned reed_portal_takes(const struct reed_portal *self)
{
	unsigned takes = 0;

	for (size_t i = 0; i < self->checker_count; i++)
		takes |= self->checkers[i]->ops->takes;
	return takes;
}

unsigned reed_portal_shares(const struct reed_portal *self, unsigned kinds)
{
	unsigned shared = kinds & reed_portal_takes(self);

	for (size_t i = 0; i < self->checker_count; i++)
		if (self->checkers[i]->ops->takes & kinds)
			shared &= self->checkers[i]->ops->takes;
	return shared;
}

struct reed_audit reed_audit_of(enum reed_audit_what what, enum reed_err outcome,
                                const char *account)
{
	return (struct reed_audit){ .what = what,
		                    .outcome = outcome,
		                    .account = account,
		                    .why = reed_strerror(outcome) };
}

void reed_portal_tell(struct reed_portal *self, const struct reed_audit *event)
{
	struct reed_auditor *auditor = self->options.auditor;

	if (auditor)
		auditor->hear(auditor, event);
}

int64_t reed_portal_wait(struct reed_portal *self, struct reed_slice user,
                         const struct reed_peer *from)
{
	char name[REED_ACCOUNT_ROOM] = "";
	const char *why;

	if (self->options.rules->account(self->options.rules, user, name, &why))
		name[0] = '\0';
	return reed_throttle_wait(self->throttle, reed_now(self->loop), reed_slice_of(name), from);
}

void reed_portal_stats(const struct reed_portal *self, struct reed_portal_stats *out)
{
	struct reed_portal_stats stats = self->stats;
	size_t size = out->size < sizeof(stats) ? out->size : sizeof(stats);

	stats.size = out->size;
	stats.remembered = reed_throttle_remembered(self->throttle);
	memcpy(out, &stats, size);
}
