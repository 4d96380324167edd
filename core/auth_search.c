/*
 * Asking the checkers, in their order.
 *
 * All that keep records are asked even when one of the first has answered: how
 * many look-ups an attempt takes tells nothing about the account.
 */

#include "auth_portal.h"

struct search {
	struct reed_co co;
	struct reed_portal *portal;
	struct query query;
	struct found *out;
	struct found found;
	size_t form, at;
	struct reed_principal account; /* of the look-up under way */
	struct reed_token token;
};

static bool concerns(const struct search *self, const struct reed_checker *checker)
{
	return checker->ops->takes & self->query.takes;
}

/* What this checker is to be asked; NULL: nothing. */
static struct reed_future *ask(struct search *self, struct reed_checker *checker)
{
	const struct query *q = &self->query;

	if (checker->ops->verify) {
		if (self->form > 0 || self->found.checker || !q->credential)
			return NULL;
		return checker->ops->verify(checker, q->credential, q->from, &self->account);
	}
	if (!checker->ops->find)
		return NULL;
	self->portal->stats.lookups++;
	return checker->ops->find(checker, &q->by[self->form], &self->account);
}

static void note(struct search *self, struct reed_checker *checker, enum reed_err err)
{
	if (err == REED_ENOENT || self->found.checker)
		return;
	self->found.checker = checker;
	self->found.verified = checker->ops->verify && !err;
	self->found.refused = err == REED_EAUTH;
	if (err)
		return;
	self->found.account = self->account;
	self->found.token = self->token;
}

static struct reed_checker *checker_at(const struct search *self)
{
	return self->portal->checkers[self->at];
}

/* A checker that cannot answer must not make room for the next one's account of that name. */
static void search_run(struct reed_co *co)
{
	struct search *self = reed_frame(co, struct search);
	struct reed_future *question;

	reed_coroutine (co) {
		for (self->form = 0; self->form < self->query.count; self->form++) {
			for (self->at = 0; self->at < self->portal->checker_count; self->at++) {
				if (!concerns(self, checker_at(self)))
					continue;
				question = ask(self, checker_at(self));
				if (!question)
					continue;
				reed_await(co, question);
				if (co->err && co->err != REED_ENOENT && co->err != REED_EAUTH &&
				    !self->found.checker)
					reed_return(co, co->err);
				if (co->err == REED_ECANCELED)
					reed_return(co, co->err);
				note(self, checker_at(self), co->err);
			}
		}
	}
}

static void search_deliver(struct reed_co *co)
{
	struct search *self = reed_frame(co, struct search);

	*self->out = self->found;
}

static const struct reed_co_kind search_kind = { .name = "find account",
	                                         .size = sizeof(struct search),
	                                         .run = search_run,
	                                         .deliver = search_deliver };

struct reed_future *reed_portal_search(struct reed_portal *portal, const struct query *query,
                                       struct found *out)
{
	struct search *self = reed_co_new(portal->loop, &search_kind);

	self->portal = portal;
	self->query = *query;
	for (size_t i = 0; i < query->count; i++)
		self->query.by[i].token = &self->token;
	self->out = out;
	return reed_start(&self->co);
}

struct reed_future *reed_portal_find(struct reed_portal *portal, const char *name,
                                     struct found *out)
{
	struct query query = { .count = 1, .takes = ~0u };

	query.by[0].by = REED_BY_NAME;
	reed_slice_copy(query.by[0].name, REED_ACCOUNT_ROOM, reed_slice_of(name));
	return reed_portal_search(portal, &query, out);
}
