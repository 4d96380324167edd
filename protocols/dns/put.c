/*
 * Bytes into a message, and names compressed (RFC 1035 4.1.4).  A small table
 * has where names begin by the hash of what follows; what it has no room for is
 * not compressed.
 */

#include "put.h"

#include "field.h"
#include "lower.h"

enum { POINTER = 0xc000, PROBES = 8, ENTRIES_MAX = REED_DNS_COMPRESS_SLOTS * 3 / 4, STEP = 1024 };

static bool grow(struct reed_dns_builder *b, size_t n)
{
	size_t more = b->n + n + STEP < b->limit ? n + STEP : b->limit - b->n;

	if (!b->buf)
		return false;
	/* What is written counts while it may be moved. */
	b->buf->end = b->buf->begin + b->before + b->n;
	if (reed_buf_reserve(b->buf, more)) {
		dns_build_fail(b, REED_ETOOBIG);
		return false;
	}
	b->p = (uint8_t *)b->buf->p + b->buf->begin + b->before;
	b->room = b->n + more;
	return true;
}

bool dns_put(struct reed_dns_builder *b, size_t cap, const void *p, size_t n)
{
	if (b->n + n > cap || (b->n + n > b->room && !grow(b, n)))
		return false;
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	return true;
}

void dns_put_back(struct reed_dns_builder *b, size_t n)
{
	b->n = n;
	for (unsigned i = 0; i < REED_DNS_COMPRESS_SLOTS; i++) {
		if (b->slots[i] >= n) {
			b->slots[i] = 0;
			b->entries--;
		}
	}
}

/* Whether the name at `at`, written by ourselves, is this one. */
static bool is_name(const struct reed_dns_builder *b, size_t at, const uint8_t *wire)
{
	for (;;) {
		unsigned n = b->p[at];

		if (n > REED_DNS_LABEL_MAX) {
			at = dns_get16(b->p + at) & ~(unsigned)POINTER;
			continue;
		}
		if (n != *wire || !lower_eq(b->p + at + 1, wire + 1, n))
			return false;
		if (n == 0)
			return true;
		at += n + 1;
		wire += n + 1;
	}
}

static uint16_t *slot_of(struct reed_dns_builder *b, uint64_t hash, const uint8_t *wire)
{
	for (unsigned i = 0; i < PROBES; i++) {
		uint16_t *slot = &b->slots[(hash + i) % REED_DNS_COMPRESS_SLOTS];

		if (!*slot || is_name(b, *slot, wire))
			return slot;
	}
	return NULL;
}

struct suffixes {
	unsigned count;
	uint8_t starts[REED_DNS_LABELS_MAX];
	uint64_t hashes[REED_DNS_LABELS_MAX];
};

static void hash_suffixes(struct suffixes *s, const uint8_t *wire)
{
	uint64_t hash = 0;
	unsigned at = 0;

	for (s->count = 0; wire[at]; at += wire[at] + 1U)
		s->starts[s->count++] = (uint8_t)at;
	for (unsigned i = s->count; i-- > 0;) {
		const uint8_t *label = wire + s->starts[i];

		hash = lower_hash(label, *label + 1U, hash);
		s->hashes[i] = hash;
	}
}

/* Notes where the first n suffixes will be. */
static void note(struct reed_dns_builder *b, const struct suffixes *s, unsigned n,
                 const uint8_t *wire, size_t base)
{
	for (unsigned i = 0; i < n && b->entries < ENTRIES_MAX; i++) {
		size_t at = base + s->starts[i];
		uint16_t *slot = slot_of(b, s->hashes[i], wire + s->starts[i]);

		if (at >= 1 << 14)
			return;
		if (slot && !*slot) {
			*slot = (uint16_t)at;
			b->entries++;
		}
	}
}

bool dns_put_name(struct reed_dns_builder *b, size_t cap, const uint8_t *wire, bool compress,
                  size_t *at)
{
	struct suffixes s;
	unsigned i = 0;
	size_t base = b->n, n;
	uint8_t tail[2] = { 0 };
	uint16_t found = 0;

	hash_suffixes(&s, wire);
	for (; compress && !b->plain && i < s.count && !found; i++) {
		uint16_t *slot = slot_of(b, s.hashes[i], wire + s.starts[i]);

		found = slot ? *slot : 0;
	}
	i = found ? i - 1 : s.count;
	n = i < s.count ? s.starts[i] : s.count ? s.starts[i - 1] + wire[s.starts[i - 1]] + 1U : 0;
	*at = found && n == 0 ? found : base;
	if (!dns_put(b, cap, wire, n))
		return false;
	if (found)
		dns_put16(tail, (unsigned)POINTER | found);
	if (!dns_put(b, cap, tail, found ? 2 : 1)) {
		b->n = base;
		return false;
	}
	note(b, &s, i, wire, base);
	return true;
}
