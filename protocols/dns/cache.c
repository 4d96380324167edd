/* A table of chains, and one list by age in which what was used gets a second chance. */

#include "cache.h"

#include "reed/alloc.h"

#include "field.h"

enum { SLOTS_LEAST = 1024, TTL_BEFORE_RDATA = 6, SECOND = 1000000000 };

struct dns_cache {
	struct dns_entry **slots;
	size_t mask, count, bytes, limit;
	uint64_t seed;
	struct reed_list ages; /* the youngest first */
};

static uint64_t hash_of(const struct dns_cache *self, const struct reed_dns_name *name,
                        uint16_t type, uint8_t kind)
{
	uint64_t h = reed_dns_name_hash(name, self->seed) ^
	             ((uint64_t)type << 8 | kind) * UINT64_C(0x9e3779b97f4a7c15);

	return h ^ h >> 29;
}

static size_t size_of(const struct dns_entry *e)
{
	return sizeof(*e) + e->n + 2 * (size_t)e->times;
}

static uint8_t *times_of(struct dns_entry *e)
{
	return e->data + e->n;
}

struct dns_cache *dns_cache_new(size_t bytes, uint64_t seed)
{
	struct dns_cache *self = reed_alloc(sizeof(*self));

	self->limit = bytes;
	self->seed = seed;
	self->mask = SLOTS_LEAST - 1;
	self->slots = reed_alloc(SLOTS_LEAST * sizeof(*self->slots));
	reed_list_init(&self->ages);
	return self;
}

struct dns_entry *dns_entry_share(struct dns_entry *entry)
{
	entry->holders++;
	return entry;
}

void dns_entry_release(struct dns_entry *entry)
{
	if (entry && !--entry->holders)
		reed_free(entry);
}

static struct dns_entry **slot_of(struct dns_cache *self, uint64_t hash)
{
	return &self->slots[hash & self->mask];
}

static void take_out(struct dns_cache *self, struct dns_entry *entry)
{
	struct dns_entry **at = slot_of(self, entry->hash);

	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	reed_list_remove(&entry->age);
	self->bytes -= size_of(entry);
	self->count--;
	dns_entry_release(entry);
}

static struct dns_entry *oldest(struct dns_cache *self)
{
	return reed_container_of(self->ages.prev, struct dns_entry, age);
}

static void make_room(struct dns_cache *self)
{
	while (self->bytes > self->limit && self->count) {
		struct dns_entry *entry = oldest(self);

		if (entry->used) {
			entry->used = false;
			reed_list_remove(&entry->age);
			reed_list_prepend(&self->ages, &entry->age);
		} else {
			take_out(self, entry);
		}
	}
}

void dns_cache_limit(struct dns_cache *self, size_t bytes)
{
	self->limit = bytes;
	make_room(self);
}

void dns_cache_clear(struct dns_cache *self)
{
	while (self->count)
		take_out(self, oldest(self));
}

void dns_cache_free(struct dns_cache *self)
{
	if (!self)
		return;
	dns_cache_clear(self);
	reed_free(self->slots);
	reed_free(self);
}

size_t dns_cache_bytes(const struct dns_cache *self)
{
	return self->bytes;
}

size_t dns_cache_count(const struct dns_cache *self)
{
	return self->count;
}

static bool is_of(const struct dns_entry *e, const struct reed_dns_name *name, uint16_t type,
                  uint8_t kind)
{
	const uint8_t *p = e->data + REED_DNS_HEADER_SIZE;

	return e->kind == kind && e->body == REED_DNS_HEADER_SIZE + name->n + 4 &&
	       dns_get16(p + name->n) == type && memcmp(p, name->wire, name->n) == 0;
}

static struct dns_entry *find(struct dns_cache *self, uint64_t hash,
                              const struct reed_dns_name *name, uint16_t type, uint8_t kind)
{
	for (struct dns_entry *e = *slot_of(self, hash); e; e = e->next)
		if (e->hash == hash && is_of(e, name, type, kind))
			return e;
	return NULL;
}

struct dns_entry *dns_cache_find(struct dns_cache *self, const struct reed_dns_name *name,
                                 uint16_t type, uint8_t kind)
{
	struct dns_entry *e = find(self, hash_of(self, name, type, kind), name, type, kind);

	if (e)
		e->used = true;
	return e;
}

static void grow(struct dns_cache *self)
{
	struct dns_entry **before = self->slots;
	size_t n = self->mask + 1;

	if (self->count < n)
		return;
	self->slots = reed_alloc(2 * n * sizeof(*self->slots));
	self->mask = 2 * n - 1;
	for (size_t i = 0; i < n; i++)
		for (struct dns_entry *e = before[i], *next; e; e = next) {
			next = e->next;
			e->next = *slot_of(self, e->hash);
			*slot_of(self, e->hash) = e;
		}
	reed_free(before);
}

static void note_times(struct dns_entry *e, const struct reed_dns_message *m)
{
	struct reed_dns_record record;
	struct reed_dns_walk walk;
	uint16_t i = 0;

	reed_dns_walk_all(m, &walk);
	while (reed_dns_next(&walk, &record))
		if (record.section != REED_DNS_QUESTION && record.type != REED_DNS_TYPE_OPT)
			dns_put16(times_of(e) + 2 * (size_t)i++, record.rdata - TTL_BEFORE_RDATA);
	e->times = i;
}

static size_t records(const struct reed_dns_message *m)
{
	return (size_t)m->counts[1] + m->counts[2] + m->counts[3];
}

struct dns_entry *dns_cache_put(struct dns_cache *self, const struct dns_key *key,
                                const struct reed_dns_message *m)
{
	uint64_t hash = hash_of(self, &key->name, key->type, key->kind);
	struct dns_entry *e = find(self, hash, &key->name, key->type, key->kind);

	if (e)
		take_out(self, e);
	e = reed_alloc_raw(sizeof(*e) + m->bytes.n + 2 * records(m));
	memset(e, 0, sizeof(*e));
	if (sizeof(*e) + m->bytes.n + 2 * records(m) > self->limit) {
		reed_free(e);
		return NULL;
	}
	e->hash = hash;
	e->kind = key->kind;
	e->rcode = (uint8_t)reed_dns_rcode(m->flags);
	e->n = (uint16_t)m->bytes.n;
	e->body = (uint16_t)(REED_DNS_HEADER_SIZE + key->name.n + 4);
	e->holders = 1;
	memcpy(e->data, m->bytes.p, m->bytes.n);
	note_times(e, m);
	grow(self);
	e->next = *slot_of(self, hash);
	*slot_of(self, hash) = e;
	reed_list_prepend(&self->ages, &e->age);
	self->bytes += size_of(e);
	self->count++;
	e->used = true; /* so that it is not the first to go */
	make_room(self);
	return e;
}

void dns_entry_message(const struct dns_entry *entry, struct reed_dns_message *m)
{
	reed_dns_message_parse(reed_slice(entry->data, entry->n), m);
}

size_t dns_entry_copy(const struct dns_entry *e, uint8_t *p, size_t at, size_t most, int64_t now,
                      uint32_t least)
{
	uint32_t age = (uint32_t)((now - e->made) / SECOND);
	const uint8_t *times = e->data + e->n;
	size_t n = e->n - (size_t)e->body;

	if (at + n > most)
		return 0;
	memcpy(p + at, e->data + e->body, n);
	for (uint16_t i = 0; i < e->times; i++) {
		uint8_t *ttl = p + dns_get16(times + 2 * (size_t)i);
		uint32_t left = dns_get32(ttl);

		left = left > age ? left - age : 0;
		dns_put32(ttl, left > least ? left : least);
	}
	return at + n;
}
