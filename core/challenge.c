#include "reed/challenge.h"

#include "private.h"

struct reed_challenge {
	struct reed_list link; /* of the loop, the latest first */
	enum reed_challenge_kind kind;
	char *key;
	struct reed_slice value; /* owned */
};

struct reed_challenge *reed_challenge_new(struct reed_loop *loop, enum reed_challenge_kind kind,
                                          const char *key, struct reed_slice value)
{
	struct reed_challenge *self = reed_alloc(sizeof(*self));

	self->kind = kind;
	self->key = reed_strdup(key);
	self->value = reed_slice(reed_slice_dup(value), value.n);
	reed_list_prepend(&loop->challenges, &self->link);
	return self;
}

/* There may be a private key in it. */
void reed_challenge_free(struct reed_challenge *self)
{
	char *value;

	if (!self)
		return;
	reed_list_remove(&self->link);
	value = (char *)(uintptr_t)self->value.p;
	reed_wipe(value, self->value.n);
	reed_free(value);
	reed_free(self->key);
	reed_free(self);
}

static bool is_for(const struct reed_challenge *c, enum reed_challenge_kind kind,
                   struct reed_slice key)
{
	if (c->kind != kind)
		return false;
	return kind == REED_CHALLENGE_HTTP ? reed_slice_is(key, c->key)
	                                   : reed_slice_is_nocase(key, c->key);
}

struct reed_slice reed_challenge_find(const struct reed_loop *loop, enum reed_challenge_kind kind,
                                      struct reed_slice key, size_t n)
{
	reed_list_each (link, &loop->challenges) {
		struct reed_challenge *c = reed_container_of(link, struct reed_challenge, link);

		if (is_for(c, kind, key) && n-- == 0)
			return c->value;
	}
	return reed_slice(NULL, 0);
}

bool reed_challenge_none(const struct reed_loop *loop)
{
	return reed_list_empty(&loop->challenges);
}

/* ---- dns-01 ---- */

void reed_challenge_publisher_add(struct reed_loop *loop,
                                  struct reed_challenge_publisher *publisher)
{
	reed_list_prepend(&loop->publishers, &publisher->link);
}

void reed_challenge_publisher_remove(struct reed_challenge_publisher *publisher)
{
	reed_list_unlink(&publisher->link);
}

struct reed_future *reed_challenge_publish(struct reed_loop *loop, const char *domain,
                                           const char *digest, bool there)
{
	struct reed_challenge_publisher *first;

	if (reed_list_empty(&loop->publishers))
		return reed_failed(loop, REED_ENOENT,
		                   "no name server of ours is here, which could answer for %s",
		                   domain);
	first = reed_container_of(loop->publishers.next, struct reed_challenge_publisher, link);
	return first->publish(first, domain, digest, there);
}
