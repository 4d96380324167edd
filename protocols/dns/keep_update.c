/* Updates that wait their turn, and those who wait for them. */

#include "keep.h"

#include "reed/random.h"

/* ---- waiting ---- */

static struct dns_waiting *waiting_of(struct reed_future *f)
{
	return reed_container_of(f, struct dns_waiting, future);
}

static void waiting_cancel(struct reed_future *f)
{
	reed_list_unlink(&waiting_of(f)->link);
}

static void waiting_deliver(struct reed_future *f)
{
	struct dns_waiting *w = waiting_of(f);

	if (w->out && !f->err)
		*w->out = w->update.rcode;
}

static void waiting_free(struct reed_future *f)
{
	struct dns_waiting *w = waiting_of(f);

	dns_rules_release(w->update.rules);
	reed_free(w->update.memory);
	reed_free(w);
}

static const struct reed_future_kind waiting_kind = {
	.name = "zone",
	.cancel = waiting_cancel,
	.deliver = waiting_deliver,
	.free = waiting_free,
};

void dns_waiting_new(struct reed_dns_keeper *self, struct reed_list *list, struct dns_waiting **out)
{
	struct dns_waiting *w = reed_alloc(sizeof(*w));

	reed_future_init(&w->future, self->loop, &waiting_kind);
	reed_list_append(list, &w->link);
	*out = w;
}

void dns_waiting_settle(struct dns_waiting *w, enum reed_err err, unsigned rcode)
{
	reed_list_unlink(&w->link);
	w->update.rcode = rcode;
	reed_settle(&w->future, err);
}

/* ---- what was here before ---- */

static struct dns_seen_update *find_seen(struct reed_dns_keeper *self,
                                         const struct reed_dns_tsig *tsig)
{
	for (size_t i = 0; self->seen && i < SEEN_UPDATES; i++)
		if (self->seen[i].when == tsig->when && tsig->when &&
		    memcmp(self->seen[i].mac, tsig->mac, SEEN_MAC) == 0)
			return &self->seen[i];
	return NULL;
}

/* The place of the oldest that is answered. */
static struct dns_seen_update *note_seen(struct reed_dns_keeper *self,
                                         const struct reed_dns_tsig *tsig)
{
	struct dns_seen_update *seen;

	if (!self->seen)
		self->seen = reed_alloc(SEEN_UPDATES * sizeof(*self->seen));
	seen = &self->seen[self->seen_next];
	if (seen->when && !seen->done)
		return NULL;
	self->seen_next = (self->seen_next + 1) % SEEN_UPDATES;
	*seen = (struct dns_seen_update){ .when = tsig->when };
	memcpy(seen->mac, tsig->mac, SEEN_MAC);
	return seen;
}

/* ---- coming in ---- */

static unsigned judge(const struct reed_dns_keeper *self)
{
	if (!self->served->zone || self->frozen)
		return REED_DNS_RCODE_SERVFAIL;
	/* nothing here would sign what is new */
	if (!self->shelf->seal &&
	    (self->served->zone->order_count || self->served->zone->has_nsec3))
		return REED_DNS_RCODE_REFUSED;
	return REED_DNS_RCODE_NOERROR;
}

static struct reed_future *wait_for_twin(struct reed_dns_keeper *self, struct dns_seen_update *seen,
                                         unsigned *rcode)
{
	struct dns_waiting *w;

	*rcode = seen->rcode;
	if (seen->done)
		return NULL;
	dns_waiting_new(self, &self->twins, &w);
	w->seen = seen;
	w->out = rcode;
	return &w->future;
}

static struct dns_waiting *take(struct reed_dns_keeper *self, struct reed_slice message,
                                struct dns_rules *rules, unsigned *rcode)
{
	struct dns_waiting *w;

	dns_waiting_new(self, &self->updates, &w);
	w->update.memory = reed_slice_dup(message);
	w->update.message = reed_slice(w->update.memory, message.n);
	w->update.rules = rules;
	w->out = rcode;
	dns_keeper_wake(self);
	return w;
}

struct reed_future *dns_keeper_take_update(void *arg, struct reed_slice message,
                                           const struct reed_dns_tsig *tsig,
                                           const struct reed_address *client, unsigned *rcode)
{
	struct reed_dns_keeper *self = arg;
	struct dns_seen_update *seen = tsig->good ? find_seen(self, tsig) : NULL;
	struct dns_waiting *w;

	if (dns_keeper_is_secondary(self)) {
		*rcode = REED_DNS_RCODE_NOTAUTH; /* RFC 2136 3.1.2: nothing is passed on */
		return NULL;
	}
	if (seen)
		return wait_for_twin(self, seen, rcode);
	*rcode = judge(self);
	if (*rcode)
		return NULL;
	w = take(self, message, dns_rules_share(self->served->rules), rcode);
	w->update.client = *client;
	w->update.tsig.good = tsig->good;
	w->update.tsig.key.name = tsig->key.name;
	w->seen = tsig->good ? note_seen(self, tsig) : NULL;
	return &w->future;
}

struct reed_future *dns_keeper_take_change(void *arg, struct reed_slice message, unsigned *rcode)
{
	static const struct reed_dns_rule everything = { .actions = REED_DNS_MAY_UPDATE };
	struct reed_dns_keeper *self = arg;

	*rcode = judge(self);
	return *rcode ? NULL : &take(self, message, dns_rules_new(&everything, 1), rcode)->future;
}

/* ---- and worked out ---- */

static size_t count(const struct reed_list *list)
{
	size_t n = 0;

	reed_list_each (link, list)
		n++;
	return n;
}

struct dns_chore *dns_keeper_updates(struct reed_dns_keeper *self, struct dns_chore_result *out)
{
	struct dns_chore *chore = dns_keeper_chore(self, dns_chore_update, out);
	size_t n = count(&self->updates);

	chore->updates = reed_alloc(n * sizeof(struct dns_update));
	chore->serial = self->serial;
	while (!reed_list_empty(&self->updates)) {
		struct dns_waiting *w =
			reed_container_of(reed_list_take(&self->updates), struct dns_waiting, link);

		w->number = chore->update_count;
		chore->updates[chore->update_count++] = w->update;
		w->update.rules = NULL;
		w->update.memory = NULL;
		reed_list_append(&self->under_way, &w->link);
	}
	return chore;
}

/* One that nobody waits for any more has been worked out all the same. */
void dns_keeper_answer(struct reed_dns_keeper *self, enum reed_err err, const unsigned *rcodes)
{
	reed_list_each_safe (link, &self->under_way) {
		struct dns_waiting *w = reed_container_of(link, struct dns_waiting, link);
		unsigned rcode = err ? REED_DNS_RCODE_SERVFAIL : rcodes[w->number];

		if (w->seen) {
			w->seen->done = true;
			w->seen->rcode = rcode;
		}
		self->applied->value += rcode == REED_DNS_RCODE_NOERROR;
		dns_waiting_settle(w, REED_OK, rcode);
	}
	reed_list_each_safe (link, &self->twins) {
		struct dns_waiting *w = reed_container_of(link, struct dns_waiting, link);

		if (w->seen->done)
			dns_waiting_settle(w, REED_OK, w->seen->rcode);
	}
}
