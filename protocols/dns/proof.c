/* The validator of a resolver, which asks the resolver itself for keys. */

#include "anchors.h"
#include "resolve.h"

#include "reed/alloc.h"

/* ---- keys, and whether there are any ---- */

struct fetching {
	struct reed_co co;
	struct reed_dns_resolver *resolver;
	struct dns_key key;
	struct dns_waiter waiter;
	struct dns_entry *entry;
	struct reed_buf *out;
};

static bool is_known(struct fetching *self)
{
	struct dns_entry *e = dns_cache_find(self->resolver->cache, &self->key.name, self->key.type,
	                                     self->key.kind);

	if (e && e->expires > reed_now(self->co.loop))
		self->entry = dns_entry_share(e);
	return self->entry != NULL;
}

static struct reed_future *wait_for_it(struct fetching *self)
{
	return reed_within(self->resolver->options.patience / 1000000,
	                   reed_cell_changed(self->co.loop, &self->waiter.done, 0));
}

static enum reed_err refuse(struct fetching *self, enum reed_err err)
{
	char name[REED_DNS_NAME_TEXT_SIZE], type[REED_DNS_WORD_SIZE];

	reed_dns_name_format(&self->key.name, name);
	return reed_because(&self->co, err, "nobody has said what " REED_FMT " records %s has",
	                    REED_ARG(reed_dns_type_format(self->key.type, type)), name);
}

static void fetching_run(struct reed_co *co)
{
	struct fetching *self = reed_frame(co, struct fetching);

	reed_coroutine (co) {
		if (!is_known(self)) {
			if (dns_ask_for(self->resolver, &self->key, &self->waiter))
				reed_return(co, refuse(self, REED_ETOOBIG));
			reed_await(co, wait_for_it(self));
			if (co->err == REED_ECANCELED)
				reed_return(co, co->err);
			if (co->err)
				reed_return(co, refuse(self, co->err));
			self->entry = self->waiter.entry;
			self->waiter.entry = NULL;
		}
		if (!self->entry || self->entry->failed)
			reed_return(co, refuse(self, REED_EIO));
	}
}

static void fetching_deliver(struct reed_co *co)
{
	struct fetching *self = reed_frame(co, struct fetching);

	reed_buf_add(self->out, reed_slice(self->entry->data, self->entry->n));
}

static void fetching_end(struct reed_co *co)
{
	struct fetching *self = reed_frame(co, struct fetching);

	dns_waiter_finish(&self->waiter);
	dns_entry_release(self->entry);
}

static const struct reed_co_kind fetching_kind = {
	.name = "dns keys",
	.size = sizeof(struct fetching),
	.run = fetching_run,
	.deliver = fetching_deliver,
	.end = fetching_end,
};

struct reed_future *dns_proof_ask(struct reed_dns_resolver *resolver,
                                  const struct reed_dns_name *name, uint16_t type,
                                  struct reed_buf *message)
{
	struct fetching *self = reed_co_new(resolver->loop, &fetching_kind);

	self->resolver = resolver;
	self->key = (struct dns_key){ .name = *name,
		                      .type = type,
		                      .kind = DNS_KEPT_DNSSEC | DNS_KEPT_CHECKING | DNS_KEPT_KEYS };
	reed_dns_name_lower(&self->key.name);
	self->out = message;
	return reed_start(&self->co);
}

static struct reed_future *fetch(void *arg, const struct reed_dns_name *name, uint16_t type,
                                 struct reed_buf *message)
{
	return dns_proof_ask(arg, name, type, message);
}

/* ---- as the options have it ---- */

void dns_proof_finish(struct reed_dns_resolver *self)
{
	reed_dns_validator_free(self->validator);
	reed_free(self->anchors);
	reed_free(self->rolled);
	reed_free(self->distrusted);
	self->validator = NULL;
	self->anchors = self->rolled = NULL;
	self->distrusted = NULL;
	self->distrusted_count = 0;
}

static char *anchors_of(const struct reed_dns_resolver_options *o)
{
	return o->anchors ? reed_strdup(o->anchors) : reed_slice_dup(reed_dns_root_anchors());
}

static struct reed_dns_name *names_of(const struct reed_dns_resolver_options *o, size_t *count)
{
	struct reed_dns_name *names = reed_alloc((o->distrusted_count + 1) * sizeof(*names));

	*count = 0;
	for (size_t i = 0; i < o->distrusted_count; i++)
		*count +=
			!reed_dns_name_parse(reed_slice_of(o->distrusted[i]), NULL, &names[*count]);
	return names;
}

static bool is_as_before(const struct reed_dns_resolver *self, const char *anchors,
                         const struct reed_dns_name *names, size_t count)
{
	bool same = self->validator && strcmp(self->anchors, anchors) == 0 &&
	            self->distrusted_count == count;

	for (size_t i = 0; same && i < count; i++)
		same = reed_dns_name_eq(&names[i], &self->distrusted[i]);
	return same;
}

static void make(struct reed_dns_resolver *self)
{
	struct reed_dns_validator_options o = { REED_DNS_VALIDATOR_OPTIONS, .ask = fetch,
		                                .arg = self };
	struct reed_dns_name root;

	reed_dns_name_root(&root);
	self->validator = reed_dns_validator_new(self->loop, &o);
	dns_trust_text(self->validator, reed_slice_of(self->anchors), self->rolled ? &root : NULL,
	               NULL);
	if (self->rolled)
		dns_trust_text(self->validator, reed_slice_of(self->rolled), NULL, NULL);
	for (size_t i = 0; i < self->distrusted_count; i++)
		reed_dns_validator_distrust(self->validator, &self->distrusted[i]);
}

struct reed_slice dns_proof_anchors(const struct reed_dns_resolver *self)
{
	return self->anchors ? reed_slice_of(self->anchors) : reed_dns_root_anchors();
}

/* Answers that were judged by the keys of before stay as long as they were to. */
void dns_proof_roll(struct reed_dns_resolver *self, struct reed_slice keys)
{
	if (!self->validator || (self->rolled && reed_slice_eq(reed_slice_of(self->rolled), keys)))
		return;
	reed_scope_drop(&self->scope);
	reed_dns_validator_free(self->validator);
	reed_free(self->rolled);
	self->rolled = reed_slice_dup(keys);
	make(self);
}

bool dns_proof_update(struct reed_dns_resolver *self, const struct reed_dns_resolver_options *o)
{
	bool had = self->validator != NULL;
	struct reed_dns_name *names;
	char *anchors;
	size_t count;

	if (!o->validate) {
		if (had)
			reed_scope_drop(&self->scope);
		dns_proof_finish(self);
		return had;
	}
	anchors = anchors_of(o);
	names = names_of(o, &count);
	if (is_as_before(self, anchors, names, count)) {
		reed_free(anchors);
		reed_free(names);
		return false;
	}
	reed_scope_drop(&self->scope);
	dns_proof_finish(self);
	self->anchors = anchors;
	self->distrusted = names;
	self->distrusted_count = count;
	make(self);
	return true;
}
