/*
 * A zone, message by message: all of it (AXFR, RFC 5936), or what has changed (IXFR,
 * RFC 1995 4) if that is known and is less.
 */

#include "serve.h"

enum {
	MESSAGE = 16 << 10, /* up to where pointers reach */
};

/* More than the zone itself are no good. */
static void look_for_changes(struct dns_transfer *t, const struct dns_served *served,
                             uint32_t serial)
{
	const struct dns_history *h = &served->history;
	size_t first = dns_history_find(h, serial), bytes = 0;

	for (size_t i = first; i < h->n; i++)
		bytes += h->all[i]->n;
	if (first < h->n && h->all[h->n - 1]->to == t->zone->serial &&
	    bytes <= t->zone->arena.bytes)
		dns_history_copy(h, first, &t->changes);
}

void dns_transfer_begin(struct dns_transfer *t, const struct dns_exchange *x,
                        const struct dns_served *served)
{
	struct reed_dns_walk walk;
	struct reed_dns_record r;
	const uint8_t *end;

	*t = (struct dns_transfer){ .zone = reed_dns_zone_share(served->zone) };
	x->server->transfers->value++;
	if (x->question.type != REED_DNS_TYPE_IXFR)
		return;
	reed_dns_walk(&x->m, REED_DNS_AUTHORITY, &walk);
	if (!reed_dns_next(&walk, &r) || r.type != REED_DNS_TYPE_SOA || r.size < 22)
		return;
	end = (const uint8_t *)x->m.bytes.p + r.rdata + r.size;
	t->only_soa = !reed_dns_serial_newer(t->zone->serial, dns_get32(end - 20));
	if (!t->only_soa)
		look_for_changes(t, served, dns_get32(end - 20));
}

void dns_transfer_finish(struct dns_transfer *t)
{
	reed_dns_zone_release(t->zone);
	t->zone = NULL;
	dns_history_finish(&t->changes);
}

/* ---- what comes next ---- */

/* The zone's own SOA record begins and ends it, and is not in between. */
static const struct dns_rrset *skip_soa(const struct dns_transfer *t, const struct dns_rrset *set)
{
	return set && set->type == REED_DNS_TYPE_SOA && t->node == t->zone->apex ? set->next : set;
}

static void next_node(struct dns_transfer *t)
{
	if (t->stage == TRANSFER_NODES) {
		t->node = t->node->next;
		if (t->node)
			return;
		t->stage = TRANSFER_NSEC3;
	}
	if (t->nsec3 < t->zone->nsec3_count) {
		t->node = t->zone->nsec3[t->nsec3++].node;
		return;
	}
	t->stage = TRANSFER_END;
	t->node = t->zone->apex;
}

/* The RRset that is sent now; NULL: that was all. */
static const struct dns_rrset *current(const struct dns_transfer *t)
{
	return t->sigs ? t->sigs : t->set;
}

static void to_next_set(struct dns_transfer *t)
{
	t->at = 0;
	t->fix = 0;
	if (t->stage == TRANSFER_END) {
		t->set = t->sigs = NULL;
		dns_transfer_finish(t);
		return;
	}
	if (t->stage == TRANSFER_BEGIN && t->changes.n) {
		t->stage = TRANSFER_CHANGES;
		return;
	}
	if (t->stage == TRANSFER_BEGIN && !t->sigs && t->set->sigs && !t->only_soa) {
		t->sigs = t->set->sigs;
		return;
	}
	if (t->stage == TRANSFER_BEGIN) {
		if (t->only_soa) {
			dns_transfer_finish(t);
			return;
		}
		t->stage = TRANSFER_NODES;
		t->sigs = NULL;
		t->set = skip_soa(t, t->node->sets);
	} else if (!t->sigs && t->set->sigs) {
		t->sigs = t->set->sigs;
		return;
	} else {
		t->sigs = NULL;
		t->set = skip_soa(t, t->set->next);
	}
	while (!t->set && t->stage != TRANSFER_END) {
		next_node(t);
		t->set = t->stage == TRANSFER_END ? t->zone->soa : t->node->sets;
	}
}

/* ---- one message ---- */

struct sheet {
	struct dns_answer a;
	const struct dns_node *owner; /* that was written last, and where */
	unsigned owner_at;
};

static size_t put_owner(struct sheet *sheet, const struct dns_node *node)
{
	struct dns_answer *a = &sheet->a;
	size_t own = node == sheet->owner ? 0 : node->n - (size_t)a->zone->name.n;
	unsigned at = node == sheet->owner ? sheet->owner_at : REED_DNS_HEADER_SIZE;

	if (node != sheet->owner) {
		sheet->owner = node;
		sheet->owner_at = own ? (unsigned)a->n : REED_DNS_HEADER_SIZE;
	}
	memcpy(a->p + a->n, node->wire, own);
	dns_put16(a->p + a->n + own, (unsigned)POINTER_BITS | at);
	return own;
}

/* False: it does not fit. */
static bool put_record(struct dns_transfer *t, struct sheet *sheet)
{
	const struct dns_rrset *set = current(t);
	const uint8_t *bytes = dns_rrset_bytes(set) + t->at;
	size_t n = RECORD_HEAD + dns_get16(bytes + 10);
	struct dns_answer *a = &sheet->a;
	size_t own;

	if (n + t->node->n > a->limit - a->n)
		return false;
	own = put_owner(sheet, t->node);
	a->n += own;
	memcpy(a->p + a->n + 2, bytes + 2, n - 2);
	for (; t->fix < set->fix_count && set->fixes[t->fix] < t->at + n; t->fix++)
		dns_put16(a->p + a->n + (set->fixes[t->fix] - t->at),
		          (unsigned)POINTER_BITS | REED_DNS_HEADER_SIZE);
	a->n += n;
	a->counts[REED_DNS_ANSWER]++;
	t->at += n;
	return true;
}

/* An item of the changes; its owner is below the zone's name, which the question has. */
static bool put_item(struct dns_answer *a, const struct dns_item *item)
{
	size_t own = item->owner.n - a->zone->name.n;
	uint8_t *p = a->p + a->n + own;

	if (own + RECORD_HEAD + item->rdata.n > a->limit - a->n)
		return false;
	memcpy(a->p + a->n, item->owner.p, own);
	dns_put16(p, QUESTION_POINTER);
	dns_put16(p + 2, item->type);
	dns_put16(p + 4, REED_DNS_CLASS_IN);
	dns_put32(p + 6, item->ttl);
	dns_put16(p + 10, (unsigned)item->rdata.n);
	memcpy(p + RECORD_HEAD, item->rdata.p, item->rdata.n);
	a->n += own + RECORD_HEAD + item->rdata.n;
	a->counts[REED_DNS_ANSWER]++;
	return true;
}

/* False: it does not fit. */
static bool put_change(struct dns_transfer *t, struct dns_answer *a)
{
	const struct dns_delta *delta = t->changes.all[t->change];
	struct reed_slice rest = reed_slice(delta->bytes + t->change_at, delta->n - t->change_at);
	struct dns_item item;

	if (!dns_item_next(&rest, &item)) {
		t->change_at = 0;
		if (++t->change == t->changes.n)
			t->stage = TRANSFER_END; /* where the SOA record is once more */
		return true;
	}
	if (!put_item(a, &item))
		return false;
	t->change_at = delta->n - rest.n;
	return true;
}

/* What comes next; false: it does not fit. */
static bool put_next(struct dns_transfer *t, struct sheet *sheet)
{
	return t->stage == TRANSFER_CHANGES ? put_change(t, &sheet->a) : put_record(t, sheet);
}

size_t dns_transfer_next(struct dns_transfer *t, struct dns_exchange *x, uint8_t *into, size_t room)
{
	struct sheet sheet = { .owner = NULL };
	struct dns_answer *a = &sheet.a;

	if (!t->zone)
		return 0;
	if (!t->node) {
		t->node = t->zone->apex;
		t->set = t->zone->soa;
	}
	dns_exchange_begin(x, a, into, room);
	a->zone = t->zone;
	a->aa = true;
	a->limit = MESSAGE < a->limit ? MESSAGE : a->limit;
	while (t->zone) {
		if (!put_next(t, &sheet)) {
			if (a->counts[REED_DNS_ANSWER])
				break;
			a->limit = dns_exchange_room(x, room) - dns_exchange_opt_size(x);
			if (!put_next(t, &sheet))
				dns_transfer_finish(
					t); /* it fits into no message: the end is missing */
		}
		if (t->zone && t->stage != TRANSFER_CHANGES && t->at == current(t)->size)
			to_next_set(t);
	}
	return dns_exchange_end(x, a, room);
}
