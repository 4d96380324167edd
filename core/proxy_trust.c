/* Whose PROXY headers are believed. */

#include "proxy_private.h"
#include "reed/alloc.h"

static enum reed_err add(struct reed_proxy_trust *self, struct reed_slice word)
{
	struct reed_prefix prefix;
	enum reed_err err;

	if (reed_slice_is(word, "any")) {
		self->any = true;
		return REED_OK;
	}
	if (reed_slice_is(word, "unix")) {
		self->unix_peers = true;
		return REED_OK;
	}
	err = reed_prefix_parse(word, &prefix);
	if (err)
		return err;
	self->prefixes = reed_realloc(self->prefixes, (self->count + 1) * sizeof(*self->prefixes));
	self->prefixes[self->count++] = prefix;
	return REED_OK;
}

enum reed_err reed_proxy_trust_parse(const char *text, struct reed_proxy_trust *self,
                                     struct reed_fault **fault)
{
	struct reed_slice rest = reed_slice_of(text), word;

	*self = (struct reed_proxy_trust){ .local = !text };
	while (rest.n > 0) {
		word = reed_slice_trim(reed_slice_cut(&rest, ','));
		if (!add(self, word))
			continue;
		*fault = reed_fault(REED_ESYNTAX, NULL,
		                    "\"" REED_FMT "\" is nobody to trust; write prefixes with "
		                    "commas, such as 192.0.2.0/24,2001:db8::/64, unix or any",
		                    REED_ARG(word));
		reed_proxy_trust_finish(self);
		return REED_ESYNTAX;
	}
	return REED_OK;
}

bool reed_proxy_trusts(const struct reed_proxy_trust *self, const struct reed_address *peer)
{
	struct reed_address plain = *peer;

	reed_address_unmap(&plain);
	if (self->any || (self->local && reed_address_is_loopback(&plain)))
		return true;
	if (plain.family == REED_FAMILY_UNIX || plain.family == REED_FAMILY_NONE)
		return self->unix_peers;
	for (size_t i = 0; i < self->count; i++)
		if (reed_prefix_has(&self->prefixes[i], &plain))
			return true;
	return false;
}

void reed_proxy_trust_finish(struct reed_proxy_trust *self)
{
	reed_free(self->prefixes);
	*self = (struct reed_proxy_trust){ .count = 0 };
}
