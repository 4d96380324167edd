/* Accounts of all checkers as one list, and those who watch what becomes of them. */

#include "auth_portal.h"

struct listing {
	struct reed_co co;
	struct reed_portal *portal;
	char after[REED_ACCOUNT_ROOM];
	size_t max, i;
	struct reed_principal_list all, one;
	struct reed_principal_list *out;
};

/* Both are sorted by name; what stands in both is taken from the first. */
static void merge(struct listing *self)
{
	struct reed_principal_list *a = &self->all, *b = &self->one, both = { 0 };
	size_t i = 0, j = 0;

	both.accounts = reed_alloc((a->n + b->n + 1) * sizeof(*both.accounts));
	while (both.n < self->max && (i < a->n || j < b->n)) {
		int order = i == a->n   ? 1
		            : j == b->n ? -1
		                        : strcmp(a->accounts[i].name, b->accounts[j].name);

		both.accounts[both.n++] = order <= 0 ? a->accounts[i] : b->accounts[j];
		i += order <= 0;
		j += order >= 0;
	}
	reed_free(a->accounts);
	reed_free(b->accounts);
	*a = both;
	*b = (struct reed_principal_list){ 0 };
}

static struct reed_future *ask(struct listing *self)
{
	struct reed_checker *checker = self->portal->checkers[self->i];

	if (!checker->ops->list)
		return reed_ready(self->portal->loop, REED_OK);
	return checker->ops->list(checker, self->after, self->max, &self->one);
}

static void listing_run(struct reed_co *co)
{
	struct listing *self = reed_frame(co, struct listing);

	reed_coroutine (co) {
		for (; self->i < self->portal->checker_count; self->i++) {
			reed_try(co, ask(self));
			merge(self);
		}
	}
}

static void listing_deliver(struct reed_co *co)
{
	struct listing *self = reed_frame(co, struct listing);

	*self->out = self->all;
	self->all = (struct reed_principal_list){ 0 };
}

static void listing_end(struct reed_co *co)
{
	struct listing *self = reed_frame(co, struct listing);

	reed_free(self->all.accounts);
	reed_free(self->one.accounts);
}

static const struct reed_co_kind listing_kind = { .name = "list accounts",
	                                          .size = sizeof(struct listing),
	                                          .run = listing_run,
	                                          .deliver = listing_deliver,
	                                          .end = listing_end };

struct reed_future *reed_portal_list(struct reed_portal *portal, const char *after, size_t max,
                                     struct reed_principal_list *out)
{
	struct listing *self = reed_co_new(portal->loop, &listing_kind);

	self->portal = portal;
	self->max = max;
	self->out = out;
	reed_slice_copy(self->after, sizeof(self->after), reed_slice_of(after));
	return reed_start(&self->co);
}

/* ---- who watches ---- */

void reed_portal_watch(struct reed_portal *portal, struct reed_account_watch *watch)
{
	reed_list_append(&portal->watches, &watch->link);
}

void reed_portal_unwatch(struct reed_account_watch *watch)
{
	reed_list_unlink(&watch->link);
}

void reed_portal_forget(struct reed_portal *portal, const char *account)
{
	reed_list_each_safe (link, &portal->watches) {
		struct reed_account_watch *watch =
			reed_container_of(link, struct reed_account_watch, link);

		watch->forget(watch, account);
	}
}
