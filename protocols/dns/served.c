/* What a server serves, found by the longest name that it has. */

#include "dynamic.h"
#include "publish.h"

#include "lower.h"

enum { FIRST = 16 };

static uint32_t hash_of(const struct reed_dns_name *name)
{
	struct dns_path path;

	dns_path_of(&path, name->wire);
	return path.hashes[0];
}

static struct dns_served **place(const struct reed_dns_server *self, uint32_t hash,
                                 const uint8_t *wire, unsigned n)
{
	struct dns_served **at = &self->table[hash & self->mask];

	while (*at &&
	       ((*at)->hash != hash || (*at)->name.n != n || !lower_eq((*at)->name.wire, wire, n)))
		at = &(*at)->next;
	return at;
}

static bool has_depth(const struct reed_dns_server *self, unsigned labels)
{
	return self->depths[labels / 64] >> labels % 64 & 1;
}

static struct dns_coder *coder_for(const struct dns_served *served, uint16_t type)
{
	struct dns_coder *coder = served->coders;

	while (coder && coder->type && coder->type != type)
		coder = coder->next;
	return coder;
}

/*
 * A parent that is here too knows of the DS record, and the zone itself does not
 * (RFC 4035 3.1.4.1).
 */
struct dns_served *dns_served_find(const struct reed_dns_server *self,
                                   const struct reed_dns_question *question, struct dns_path *path,
                                   struct dns_coder **coder)
{
	const struct reed_dns_name *name = &question->name;
	struct dns_served *found = NULL;
	struct dns_coder *own = NULL;

	if (!self->count)
		return NULL;
	dns_path_of(path, name->wire);
	for (unsigned i = 0; i <= path->labels; i++) {
		struct dns_served *served;

		if (!has_depth(self, path->labels - i))
			continue;
		served = *place(self, path->hashes[i], name->wire + path->starts[i],
		                name->n - path->starts[i]);
		*coder = served ? coder_for(served, question->type) : NULL;
		if (*coder && (i || question->type != REED_DNS_TYPE_DS || !(*coder)->dynamic))
			return served;
		if (*coder) { /* the parent may be here too */
			found = served;
			own = *coder;
			*coder = NULL;
			continue;
		}
		if (!served || (!served->zone && !served->held))
			continue;
		if (i || question->type != REED_DNS_TYPE_DS)
			return served;
		found = served;
		own = NULL;
	}
	*coder = own;
	return found;
}

/* ---- changes ---- */

static void rehash(struct reed_dns_server *self, size_t slots)
{
	struct dns_served **before = self->table;
	size_t n = before ? self->mask + 1 : 0;

	self->table = reed_alloc(slots * sizeof(struct dns_served *));
	self->mask = slots - 1;
	for (size_t i = 0; i < n; i++)
		while (before[i]) {
			struct dns_served *served = before[i];

			before[i] = served->next;
			served->next = self->table[served->hash & self->mask];
			self->table[served->hash & self->mask] = served;
		}
	reed_free(before);
}

static struct dns_served *make(struct reed_dns_server *self, const struct reed_dns_name *name)
{
	uint32_t hash = hash_of(name);
	struct dns_served **at;

	if (!self->table || self->count > self->mask)
		rehash(self, self->table ? (self->mask + 1) * 2 : FIRST);
	at = place(self, hash, name->wire, name->n);
	if (!*at) {
		*at = reed_alloc(sizeof(**at));
		(*at)->hash = hash;
		(*at)->name = *name;
		self->count++;
		self->depths[name->labels / 64] |= UINT64_C(1) << name->labels % 64;
	}
	return *at;
}

void dns_served_allow(struct dns_served *served, const struct reed_dns_access *access)
{
	size_t n = access ? access->transfer_count : 0;

	reed_free(served->transfer);
	served->transfer = n ? reed_alloc(n * sizeof(*served->transfer)) : NULL;
	served->transfer_count = n;
	if (n)
		memcpy(served->transfer, access->transfer, n * sizeof(*served->transfer));
	served->closed = access && access->closed;
	dns_rules_release(served->rules);
	served->rules = access && access->rule_count
	                        ? dns_rules_new(access->rules, access->rule_count)
	                        : NULL;
}

void dns_served_renew(struct reed_dns_server *self, struct dns_served *served,
                      struct reed_dns_zone *zone)
{
	self->zones += !served->zone;
	reed_dns_zone_release(served->zone);
	served->zone = zone;
	dns_overlay_renew(served);
}

void reed_dns_server_put(struct reed_dns_server *self, struct reed_dns_zone *zone,
                         const struct reed_dns_access *access)
{
	struct dns_served *served = make(self, &zone->name);

	dns_served_renew(self, served, zone);
	dns_served_allow(served, access);
}

static void served_free(struct dns_served *served)
{
	struct dns_coder *next;

	for (struct dns_coder *coder = served->coders; coder; coder = next) {
		next = coder->next;
		dns_dynamic_free(coder->dynamic);
		reed_free(coder);
	}
	dns_overlay_finish(served);
	reed_dns_zone_release(served->zone);
	dns_rules_release(served->rules);
	dns_history_finish(&served->history);
	reed_free(served->transfer);
	reed_free(served);
}

void dns_served_withdraw(struct reed_dns_server *self, struct dns_served *served)
{
	self->zones -= served->zone != NULL;
	reed_dns_zone_release(served->zone);
	served->zone = NULL;
	dns_overlay_finish(served);
	dns_history_finish(&served->history);
}

enum reed_err reed_dns_server_take(struct reed_dns_server *self, const struct reed_dns_name *name)
{
	struct dns_served **at =
		self->table ? place(self, hash_of(name), name->wire, name->n) : NULL;
	struct dns_served *served = at ? *at : NULL;

	if (!served || (!served->zone && !served->held))
		return REED_ENOENT;
	dns_served_withdraw(self, served);
	served->held = false;
	served->hooks = NULL;
	if (served->coders)
		return REED_OK;
	*at = served->next; /* the depth may stay: it costs one look */
	self->count--;
	served_free(served);
	return REED_OK;
}

struct dns_served *dns_served_exact(const struct reed_dns_server *self,
                                    const struct reed_dns_name *name)
{
	return self->table ? *place(self, hash_of(name), name->wire, name->n) : NULL;
}

struct dns_served *dns_served_keep(struct reed_dns_server *self, const struct reed_dns_name *name,
                                   const struct dns_hooks *hooks, void *arg)
{
	struct dns_served *served = make(self, name);

	served->held = true;
	served->hooks = hooks;
	served->hooks_arg = arg;
	return served;
}

struct reed_dns_zone *reed_dns_server_zone(const struct reed_dns_server *self,
                                           const struct reed_dns_name *name)
{
	const struct dns_served *served = dns_served_exact(self, name);

	return served ? served->zone : NULL;
}

size_t reed_dns_server_zones(const struct reed_dns_server *self)
{
	return self->zones;
}

const struct reed_dns_name *reed_dns_server_zone_at(const struct reed_dns_server *self, size_t i)
{
	for (size_t chain = 0; self->table && chain <= self->mask; chain++)
		for (const struct dns_served *served = self->table[chain]; served;
		     served = served->next)
			if (served->zone && i-- == 0)
				return &served->name;
	return NULL;
}

static struct dns_coder *add_coder(struct dns_served *served, uint16_t type, reed_dns_answer_fn *fn,
                                   void *arg)
{
	struct dns_coder *coder = reed_alloc(sizeof(*coder)), **end = &served->coders;

	*coder = (struct dns_coder){ .type = type, .fn = fn, .arg = arg };
	while (*end && (*end)->type) /* the one for every type is the last to be asked */
		end = &(*end)->next;
	coder->next = *end;
	*end = coder;
	return coder;
}

void reed_dns_server_answer(struct reed_dns_server *self, const struct reed_dns_name *name,
                            uint16_t type, reed_dns_answer_fn *fn, void *arg)
{
	add_coder(make(self, name), type, fn, arg);
}

struct dns_dynamic *dns_served_dynamic(struct reed_dns_server *self,
                                       const struct reed_dns_name *name, reed_dns_answer_fn *fn,
                                       void *arg, size_t size)
{
	struct dns_served *served = make(self, name);
	struct dns_coder *coder = served->coders;

	while (coder && !coder->dynamic)
		coder = coder->next;
	if (!coder) {
		coder = add_coder(served, 0, fn, arg);
		coder->dynamic = reed_alloc(size);
	}
	coder->fn = fn;
	coder->arg = arg;
	return coder->dynamic;
}

void dns_served_finish(struct reed_dns_server *self)
{
	for (size_t i = 0; self->table && i <= self->mask; i++)
		while (self->table[i]) {
			struct dns_served *served = self->table[i];

			self->table[i] = served->next;
			served_free(served);
		}
	reed_free(self->table);
}
