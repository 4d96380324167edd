/* What has changed from one serial of a zone to another. */

#include "item.h"

/* ---- one ---- */

static bool begins_with_soa(struct reed_slice items, uint32_t *serial)
{
	struct dns_item item;

	if (!dns_item_next(&items, &item) || item.type != REED_DNS_TYPE_SOA || item.rdata.n < 22)
		return false;
	*serial = dns_soa_number(item.rdata, SOA_SERIAL);
	while (items.n)
		if (!dns_item_next(&items, &item) || item.type == REED_DNS_TYPE_SOA)
			return false;
	return true;
}

enum reed_err dns_delta_make(struct reed_slice gone, struct reed_slice come,
                             struct dns_delta **delta)
{
	uint32_t from, to;

	*delta = NULL;
	if (!begins_with_soa(gone, &from) || !begins_with_soa(come, &to))
		return REED_EPROTO;
	*delta = reed_alloc_raw(sizeof(**delta) + gone.n + come.n);
	(*delta)->holders = 1;
	(*delta)->from = from;
	(*delta)->to = to;
	(*delta)->split = gone.n;
	(*delta)->n = gone.n + come.n;
	memcpy((*delta)->bytes, gone.p, gone.n);
	memcpy((*delta)->bytes + gone.n, come.p, come.n);
	return REED_OK;
}

struct dns_delta *dns_delta_share(struct dns_delta *delta)
{
	delta->holders++;
	return delta;
}

void dns_delta_release(struct dns_delta *delta)
{
	if (delta && --delta->holders == 0)
		reed_free(delta);
}

/* ---- applying them ---- */

struct applying {
	struct dns_marks marks;
	struct dns_loading loading;
};

static struct reed_fault *misfit(const char *what, const struct dns_item *item)
{
	struct reed_dns_name owner;
	char name[REED_DNS_NAME_TEXT_SIZE], type[REED_DNS_WORD_SIZE];

	reed_dns_name_take(item->owner, &owner);
	return reed_fault(REED_EPROTO, NULL, "a change %s: " REED_FMT " " REED_FMT, what,
	                  REED_ARG(reed_dns_name_format(&owner, name)),
	                  REED_ARG(reed_dns_type_format(item->type, type)));
}

/* The last of several changes of one record counts. */
static struct reed_fault *note_gone(struct applying *a, struct reed_slice items)
{
	struct dns_item item;

	dns_item_next(&items, &item); /* its SOA record */
	while (dns_item_next(&items, &item)) {
		struct dns_mark *mark = dns_marks_at(&a->marks, &item);

		if (mark->come)
			mark->come = false;
		else if (mark->gone)
			return misfit("takes away what is not there", &item);
		else
			mark->gone = true;
	}
	return NULL;
}

static struct reed_fault *note_come(struct applying *a, struct reed_slice items)
{
	struct dns_item item;

	dns_item_next(&items, &item);
	while (dns_item_next(&items, &item)) {
		struct dns_mark *mark = dns_marks_at(&a->marks, &item);

		if (mark->come)
			return misfit("adds what is there already", &item);
		mark->item = item;
		mark->come = true;
	}
	return NULL;
}

static enum reed_err keep_rest(void *arg, const struct dns_item *item)
{
	struct applying *a = arg;
	struct dns_mark *mark = dns_marks_find(&a->marks, item);

	if (item->type == REED_DNS_TYPE_SOA)
		return REED_OK;
	if (!mark)
		return dns_item_load(&a->loading, item);
	if (!mark->gone && mark->come) {
		a->loading.fault = misfit("adds what is there already", item);
		return REED_EPROTO;
	}
	mark->seen = true;
	return mark->gone ? REED_OK : dns_item_load(&a->loading, item);
}

static enum reed_err load_new(struct applying *a, const struct dns_delta *last)
{
	struct reed_slice items = dns_delta_come(last);
	enum reed_err err = REED_OK;
	struct dns_item soa;

	dns_item_next(&items, &soa);
	err = dns_item_load(&a->loading, &soa);
	for (size_t i = 0; a->marks.slots && i <= a->marks.mask && !err; i++) {
		const struct dns_mark *mark = &a->marks.slots[i];

		if (!mark->used)
			continue;
		if (mark->gone && !mark->seen) {
			a->loading.fault = misfit("takes away what is not there", &mark->item);
			err = REED_EPROTO;
		} else if (mark->come) {
			err = dns_item_load(&a->loading, &mark->item);
		}
	}
	return err;
}

static struct reed_fault *note_all(struct applying *a, uint32_t serial,
                                   struct dns_delta *const *deltas, size_t n)
{
	struct reed_fault *fault = NULL;

	for (size_t i = 0; i < n && !fault; i++) {
		if (deltas[i]->from != serial)
			fault = reed_fault(REED_EPROTO, NULL,
			                   "a change from serial %u does not follow serial %u",
			                   deltas[i]->from, serial);
		if (!fault)
			fault = note_gone(a, dns_delta_gone(deltas[i]));
		if (!fault)
			fault = note_come(a, dns_delta_come(deltas[i]));
		serial = deltas[i]->to;
	}
	return fault;
}

enum reed_err dns_delta_apply(const struct reed_dns_zone *zone, struct dns_delta *const *deltas,
                              size_t n, struct reed_dns_zone **out, struct reed_fault **fault)
{
	struct applying a = { .marks = { 0 } };
	enum reed_err err = REED_OK;

	dns_loading_begin(&a.loading, &zone->name);
	a.loading.fault = note_all(&a, zone->serial, deltas, n);
	if (a.loading.fault)
		err = REED_EPROTO;
	if (!err)
		err = dns_zone_each(zone, keep_rest, &a);
	if (!err)
		err = load_new(&a, deltas[n - 1]);
	dns_marks_finish(&a.marks);
	return dns_loading_finish(&a.loading, "what was received", err, out, fault);
}

/* ---- what is different ---- */

struct comparing {
	struct dns_marks marks;
	struct reed_buf old, gone, come;
};

static enum reed_err compare(void *arg, const struct dns_item *item)
{
	struct comparing *c = arg;
	struct dns_mark *mark;

	if (item->type == REED_DNS_TYPE_SOA)
		return REED_OK;
	mark = dns_marks_find(&c->marks, item);
	if (mark && mark->item.ttl == item->ttl)
		mark->seen = true;
	else
		dns_item_add(&c->come, item);
	return REED_OK;
}

static void note_old(struct comparing *c)
{
	struct reed_slice items = reed_buf_slice(&c->old);
	struct dns_item item;

	while (dns_item_next(&items, &item))
		if (item.type != REED_DNS_TYPE_SOA)
			dns_marks_at(&c->marks, &item);
}

static void add_gone(struct comparing *c)
{
	struct reed_slice items = reed_buf_slice(&c->old);
	struct dns_item item;

	while (dns_item_next(&items, &item))
		if (item.type != REED_DNS_TYPE_SOA && !dns_marks_find(&c->marks, &item)->seen)
			dns_item_add(&c->gone, &item);
}

static void add_soa(const struct reed_dns_zone *zone, struct reed_buf *into)
{
	uint8_t room[3 * REED_DNS_NAME_MAX];
	struct dns_item item = {
		.owner = reed_slice(zone->apex->wire, zone->apex->n),
		.type = REED_DNS_TYPE_SOA,
		.ttl = zone->soa->ttl,
		.rdata = dns_zone_soa(zone, room, sizeof(room)),
	};

	dns_item_add(into, &item);
}

struct dns_delta *dns_delta_between(const struct reed_dns_zone *a, const struct reed_dns_zone *b)
{
	struct comparing c = { .marks = { 0 } };
	struct dns_delta *delta;

	dns_zone_each(a, dns_item_keep, &c.old);
	note_old(&c);
	add_soa(a, &c.gone);
	add_soa(b, &c.come);
	dns_zone_each(b, compare, &c);
	add_gone(&c);
	dns_delta_make(reed_buf_slice(&c.gone), reed_buf_slice(&c.come), &delta);
	dns_marks_finish(&c.marks);
	reed_buf_finish(&c.old);
	reed_buf_finish(&c.gone);
	reed_buf_finish(&c.come);
	return delta;
}

/* ---- several ---- */

void dns_history_forget(struct dns_history *h, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		h->bytes -= h->all[i]->n;
		dns_delta_release(h->all[i]);
	}
	h->n -= n;
	if (n)
		memmove(h->all, h->all + n, h->n * sizeof(struct dns_delta *));
}

void dns_history_add(struct dns_history *h, struct dns_delta *delta)
{
	if (h->n && h->all[h->n - 1]->to != delta->from)
		dns_history_forget(h, h->n);
	if (h->n == h->room) {
		h->room = h->room ? h->room * 2 : 8;
		h->all = reed_realloc(h->all, h->room * sizeof(struct dns_delta *));
	}
	h->all[h->n++] = delta;
	h->bytes += delta->n;
}

void dns_history_finish(struct dns_history *h)
{
	dns_history_forget(h, h->n);
	reed_free(h->all);
	*h = (struct dns_history){ 0 };
}

size_t dns_history_find(const struct dns_history *h, uint32_t serial)
{
	size_t i = 0;

	while (i < h->n && h->all[i]->from != serial)
		i++;
	return i;
}

void dns_history_copy(const struct dns_history *h, size_t first, struct dns_history *into)
{
	*into = (struct dns_history){ 0 };
	for (size_t i = first; i < h->n; i++)
		dns_history_add(into, dns_delta_share(h->all[i]));
}
