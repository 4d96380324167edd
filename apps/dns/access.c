/* Keys, remotes and access lists as the server takes them. */

#include "dns.h"

#include "reed/alloc.h"

static bool key_of(const struct dns_key_settings *s, struct reed_dns_key *key)
{
	return !reed_dns_key_parse(s->id, (enum reed_dns_hmac)s->algorithm,
	                           reed_slice_of(s->secret), key, NULL);
}

struct reed_dns_keys *dns_keys_of(const struct dns_settings *s)
{
	struct reed_dns_keys *keys = reed_dns_keys_new();
	struct reed_dns_key key;

	for (size_t i = 0; i < s->key.n; i++)
		if (key_of(&s->key.items[i], &key))
			reed_dns_keys_add(keys, &key, s->key.items[i].sha1);
	reed_wipe(&key, sizeof(key));
	return keys;
}

/* ---- access lists ---- */

static struct reed_dns_prefix *networks(const struct reed_texts *texts, struct reed_pool *pool,
                                        size_t *n)
{
	struct reed_dns_prefix *all = reed_pool_alloc(pool, (texts->n + 1) * sizeof(*all));

	*n = 0;
	for (size_t i = 0; i < texts->n; i++)
		*n += !reed_dns_prefix_parse(reed_slice_of(texts->items[i]), &all[*n]);
	return all;
}

static struct reed_dns_name *names(const struct reed_texts *texts, struct reed_pool *pool,
                                   size_t *n)
{
	struct reed_dns_name *all = reed_pool_alloc(pool, (texts->n + 1) * sizeof(*all));

	*n = 0;
	for (size_t i = 0; i < texts->n; i++)
		*n += !reed_dns_name_parse(reed_slice_of(texts->items[i]), NULL, &all[*n]);
	return all;
}

static uint16_t *types(const struct reed_texts *texts, struct reed_pool *pool, size_t *n)
{
	uint16_t *all = reed_pool_alloc(pool, (texts->n + 1) * sizeof(*all));

	*n = 0;
	for (size_t i = 0; i < texts->n; i++)
		*n += !reed_dns_type_parse(reed_slice_of(texts->items[i]), &all[*n]);
	return all;
}

static void rule_of(const struct dns_acl_settings *acl, struct reed_pool *pool,
                    struct reed_dns_rule *rule)
{
	*rule = (struct reed_dns_rule){
		.deny = acl->deny,
		.match = (enum reed_dns_owner_match)acl->match,
		.owner_is_key = acl->owner_is_key,
	};
	for (size_t i = 0; i < acl->action.n; i++)
		rule->actions |= 1U << acl->action.items[i];
	rule->networks = networks(&acl->address, pool, &rule->network_count);
	rule->keys = names(&acl->key, pool, &rule->key_count);
	rule->owners = names(&acl->owner, pool, &rule->owner_count);
	rule->types = types(&acl->type, pool, &rule->type_count);
}

void dns_access_of(const struct dns_settings *s, const struct dns_zone_entry *entry,
                   struct reed_pool *pool, struct reed_dns_access *access)
{
	const struct reed_texts *ids = entry->more ? &entry->more->acl : NULL;
	struct reed_dns_rule *rules;

	*access = (struct reed_dns_access)REED_DNS_ACCESS;
	access->closed = entry->more && entry->more->catalog && !entry->catalog;
	access->transfer = networks(entry->transfer, pool, &access->transfer_count);
	if (!ids || !ids->n)
		return;
	rules = reed_pool_alloc(pool, ids->n * sizeof(*rules));
	for (size_t i = 0; i < ids->n; i++)
		rule_of(dns_acl_of(s, ids->items[i]), pool, &rules[i]);
	access->rules = rules;
	access->rule_count = ids->n;
}

size_t dns_remotes_of(const struct dns_settings *s, const struct reed_texts *ids,
                      const struct reed_dns_keys *keys, struct reed_pool *pool,
                      const struct reed_dns_remote **remotes)
{
	struct reed_dns_remote *all = reed_pool_alloc(pool, (ids->n + 1) * sizeof(*all));
	struct reed_dns_name name;

	for (size_t i = 0; i < ids->n; i++) {
		const struct dns_remote_settings *remote = dns_remote_of(s, ids->items[i]);

		all[i] = (struct reed_dns_remote){ .endpoint = remote->address };
		if (remote->key && !reed_dns_name_parse(reed_slice_of(remote->key), NULL, &name))
			all[i].key = reed_dns_keys_find(keys, &name);
	}
	*remotes = all;
	return ids->n;
}
