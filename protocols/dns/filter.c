/* Records of one's own, sorted by the hash of their names; and the list of what is blocked. */

#include "filter.h"

#include <stdlib.h>

#include "reed/alloc.h"

enum { TTL = 300 };

struct own {
	uint64_t hash;
	struct dns_piece piece; /* its data is in the text of all */
};

struct reed_dns_filter {
	struct reed_dns_blocklist *list;
	struct own *own;
	size_t count;
	struct reed_buf data;
};

struct reed_dns_filter *reed_dns_filter_new(void)
{
	return reed_alloc(sizeof(struct reed_dns_filter));
}

static void forget(struct reed_dns_filter *self)
{
	reed_free(self->own);
	reed_buf_finish(&self->data);
	self->own = NULL;
	self->count = 0;
}

void reed_dns_filter_free(struct reed_dns_filter *self)
{
	if (!self)
		return;
	forget(self);
	reed_dns_blocklist_free(self->list);
	reed_free(self);
}

void reed_dns_filter_block(struct reed_dns_filter *self, struct reed_dns_blocklist *list)
{
	reed_dns_blocklist_free(self->list);
	self->list = list;
}

/* ---- records ---- */

static enum reed_err mistaken(struct reed_dns_mistake *mistake, struct reed_slice word,
                              const char *wanted)
{
	*mistake = (struct reed_dns_mistake){ .word = word, .wanted = wanted };
	return REED_ESYNTAX;
}

static enum reed_err parse(struct reed_slice text, uint8_t *room, struct dns_piece *piece,
                           struct reed_dns_mistake *mistake)
{
	struct reed_slice rest = text, word = reed_slice_word(&rest);
	uint64_t ttl = TTL;

	if (reed_dns_name_parse(word, NULL, &piece->owner))
		return mistaken(mistake, word, "a name, as in \"nas.home A 192.168.1.2\"");
	reed_dns_name_lower(&piece->owner);
	word = reed_slice_word(&rest);
	if (word.n && !reed_slice_u64(word, INT32_MAX, &ttl))
		word = reed_slice_word(&rest);
	if (reed_dns_type_parse(word, &piece->type) || reed_dns_type_is_meta(piece->type))
		return mistaken(mistake, word, "a type, as in \"nas.home A 192.168.1.2\"");
	piece->section = REED_DNS_ANSWER;
	piece->ttl = (uint32_t)ttl;
	return reed_dns_rdata_parse(piece->type, reed_slice_trim(rest), NULL, room,
	                            REED_DNS_RDATA_MAX, &piece->rdata, mistake);
}

static int by_hash(const void *a, const void *b)
{
	uint64_t x = ((const struct own *)a)->hash, y = ((const struct own *)b)->hash;

	return (x > y) - (x < y);
}

/* Data move while they are added to, so that they are pointed to at the end. */
static void settle(struct reed_dns_filter *self)
{
	size_t at = 0;

	for (size_t i = 0; i < self->count; i++) {
		self->own[i].piece.rdata.p = self->data.p + at;
		at += self->own[i].piece.rdata.n;
	}
	qsort(self->own, self->count, sizeof(*self->own), by_hash);
}

enum reed_err reed_dns_filter_records(struct reed_dns_filter *self, const char *const *records,
                                      size_t count, struct reed_dns_mistake *mistake)
{
	uint8_t *room = reed_alloc_raw(REED_DNS_RDATA_MAX);
	struct reed_dns_filter made = { 0 };
	enum reed_err err = REED_OK;

	made.own = reed_alloc((count + 1) * sizeof(*made.own));
	for (; made.count < count && !err; made.count += !err) {
		struct own *own = &made.own[made.count];

		err = parse(reed_slice_of(records[made.count]), room, &own->piece, mistake);
		if (err)
			continue;
		own->hash = reed_dns_name_hash(&own->piece.owner, 0);
		reed_buf_add(&made.data, own->piece.rdata);
	}
	reed_free(room);
	if (err || !self) {
		forget(&made);
		return err;
	}
	settle(&made);
	forget(self);
	made.list = self->list;
	*self = made;
	return REED_OK;
}

/* ---- looking ---- */

static size_t first_of(const struct reed_dns_filter *self, uint64_t hash)
{
	size_t low = 0, high = self->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (self->own[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool add_own(const struct reed_dns_filter *self, const struct reed_dns_name *name,
                    uint16_t type, struct reed_buf *pile)
{
	uint64_t hash = reed_dns_name_hash(name, 0);
	bool found = false;

	for (size_t i = first_of(self, hash); i < self->count && self->own[i].hash == hash; i++) {
		const struct dns_piece *piece = &self->own[i].piece;

		if (!reed_dns_name_eq(&piece->owner, name))
			continue;
		found = true;
		if (piece->type == type || type == REED_DNS_TYPE_ANY ||
		    piece->type == REED_DNS_TYPE_CNAME)
			dns_pile_add(pile, piece);
	}
	return found;
}

enum dns_filtered dns_filter_look(const struct reed_dns_filter *self,
                                  const struct reed_dns_name *name, uint16_t type,
                                  struct reed_buf *pile)
{
	if (self->count && add_own(self, name, type, pile))
		return DNS_FILTER_RECORDS;
	return self->list && reed_dns_blocklist_has(self->list, name) ? DNS_FILTER_BLOCKED
	                                                              : DNS_FILTER_PASS;
}
