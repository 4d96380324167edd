#include "access.h"

#include "store.h"

struct dns_rules {
	unsigned holders;
	size_t n;
	struct dns_arena arena; /* of what the rules point to */
	struct reed_dns_rule all[];
};

static const void *copy(struct dns_arena *arena, const void *p, size_t n)
{
	void *to = n ? dns_arena_alloc(arena, n) : NULL;

	if (n)
		memcpy(to, p, n);
	return to;
}

struct dns_rules *dns_rules_new(const struct reed_dns_rule *rules, size_t n)
{
	struct dns_rules *self = reed_alloc(sizeof(*self) + n * sizeof(self->all[0]));

	self->holders = 1;
	self->n = n;
	for (size_t i = 0; i < n; i++) {
		struct reed_dns_rule *r = &self->all[i];

		*r = rules[i];
		r->networks =
			copy(&self->arena, r->networks, r->network_count * sizeof(*r->networks));
		r->keys = copy(&self->arena, r->keys, r->key_count * sizeof(*r->keys));
		r->owners = copy(&self->arena, r->owners, r->owner_count * sizeof(*r->owners));
		r->types = copy(&self->arena, r->types, r->type_count * sizeof(*r->types));
	}
	return self;
}

struct dns_rules *dns_rules_share(struct dns_rules *rules)
{
	if (rules)
		rules->holders++;
	return rules;
}

void dns_rules_release(struct dns_rules *rules)
{
	if (!rules || --rules->holders)
		return;
	dns_arena_finish(&rules->arena);
	reed_free(rules);
}

/* ---- who ---- */

static bool is_from(const struct reed_dns_rule *rule, const struct reed_address *client)
{
	for (size_t i = 0; i < rule->network_count; i++)
		if (reed_dns_prefix_has(&rule->networks[i], client))
			return true;
	return rule->network_count == 0;
}

static bool is_signed(const struct reed_dns_rule *rule, const struct reed_dns_tsig *tsig)
{
	for (size_t i = 0; i < rule->key_count && tsig->good; i++)
		if (reed_dns_name_eq(&rule->keys[i], &tsig->key.name))
			return true;
	return rule->key_count == 0;
}

static bool is_about(const struct reed_dns_rule *rule, enum reed_dns_action action,
                     const struct reed_address *client, const struct reed_dns_tsig *tsig)
{
	return rule->actions & action && is_from(rule, client) && is_signed(rule, tsig);
}

/* Whether an update may change anything is not decided by a rule that denies some of it. */
static bool is_whole(const struct reed_dns_rule *rule)
{
	return rule->match == REED_DNS_OWNER_ANY && !rule->type_count;
}

bool dns_rules_allow(const struct dns_rules *rules, enum reed_dns_action action,
                     const struct reed_address *client, const struct reed_dns_tsig *tsig)
{
	for (size_t i = 0; rules && i < rules->n; i++) {
		const struct reed_dns_rule *rule = &rules->all[i];

		if (!is_about(rule, action, client, tsig) ||
		    (action == REED_DNS_MAY_UPDATE && rule->deny && !is_whole(rule)))
			continue;
		return !rule->deny;
	}
	return false;
}

bool dns_rules_mention(const struct dns_rules *rules, enum reed_dns_action action)
{
	for (size_t i = 0; rules && i < rules->n; i++)
		if (rules->all[i].actions & action && !rules->all[i].deny)
			return true;
	return false;
}

/* ---- what ---- */

static bool fits(enum reed_dns_owner_match match, const struct reed_dns_name *owner,
                 const struct reed_dns_name *of)
{
	if (match == REED_DNS_OWNER_EQUAL || reed_dns_name_eq(owner, of))
		return match != REED_DNS_OWNER_SUB && reed_dns_name_eq(owner, of);
	return reed_dns_name_is_under(owner, of);
}

static bool has_owner(const struct reed_dns_rule *rule, const struct reed_dns_tsig *tsig,
                      const struct reed_dns_name *owner)
{
	if (rule->match == REED_DNS_OWNER_ANY)
		return true;
	if (rule->owner_is_key)
		return tsig->good && fits(rule->match, owner, &tsig->key.name);
	for (size_t i = 0; i < rule->owner_count; i++)
		if (fits(rule->match, owner, &rule->owners[i]))
			return true;
	return false;
}

/* All types are allowed by a rule of all, and denied by a rule of any. */
static bool has_type(const struct reed_dns_rule *rule, uint16_t type)
{
	for (size_t i = 0; i < rule->type_count; i++)
		if (rule->types[i] == type || (type == REED_DNS_TYPE_ANY && rule->deny))
			return true;
	return rule->type_count == 0;
}

bool dns_rules_allow_change(const struct dns_rules *rules, const struct reed_address *client,
                            const struct reed_dns_tsig *tsig, const struct reed_dns_name *owner,
                            uint16_t type)
{
	for (size_t i = 0; rules && i < rules->n; i++) {
		const struct reed_dns_rule *rule = &rules->all[i];

		if (is_about(rule, REED_DNS_MAY_UPDATE, client, tsig) &&
		    has_owner(rule, tsig, owner) && has_type(rule, type))
			return !rule->deny;
	}
	return false;
}
