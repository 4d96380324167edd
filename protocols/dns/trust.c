/* Anchors, and zones that were judged. */

#include "trust.h"

#include "reed/alloc.h"
#include "reed/random.h"

static unsigned or_else(unsigned value, unsigned preset)
{
	return value ? value : preset;
}

const char *reed_dns_security_name(enum reed_dns_security security)
{
	static const char *const names[] = { "indeterminate", "secure", "insecure", "bogus" };

	return names[security];
}

struct reed_dns_validator *reed_dns_validator_new(struct reed_loop *loop,
                                                  const struct reed_dns_validator_options *options)
{
	struct reed_dns_validator *self = reed_alloc(sizeof(*self));
	struct reed_dns_validator_options *o = &self->options;

	self->loop = loop;
	memcpy(o, options, options->size < sizeof(*o) ? options->size : sizeof(*o));
	o->zones = o->zones ? o->zones : 1024;
	o->verifies = or_else(o->verifies, 64);
	o->questions = or_else(o->questions, 64);
	o->same_tag = or_else(o->same_tag, 4);
	o->iterations = or_else(o->iterations, 100);
	o->hashes = or_else(o->hashes, 256);
	o->failures = or_else(o->failures, 16);
	reed_list_init(&self->used);
	return self;
}

int64_t dns_trust_now(const struct reed_dns_validator *self)
{
	return (self->options.clock ? self->options.clock(self->options.arg)
	                            : reed_wall(self->loop)) /
	       1000000000;
}

/* ---- what was judged ---- */

static struct dns_trusted **slot_of(struct reed_dns_validator *self,
                                    const struct reed_dns_name *zone)
{
	struct dns_trusted **at = &self->slots[reed_dns_name_hash(zone, 0) % TRUST_SLOTS];

	while (*at && !reed_dns_name_eq(&(*at)->zone, zone))
		at = &(*at)->next;
	return at;
}

static void forget(struct reed_dns_validator *self, const struct reed_dns_name *zone)
{
	struct dns_trusted **at = slot_of(self, zone), *t = *at;

	if (!t)
		return;
	*at = t->next;
	reed_list_unlink(&t->link);
	self->count--;
	dns_trusted_release(t);
}

struct dns_trusted *dns_trust_find(struct reed_dns_validator *self,
                                   const struct reed_dns_name *zone)
{
	struct dns_trusted *t = *slot_of(self, zone);

	if (t && t->expires <= dns_trust_now(self)) {
		forget(self, zone);
		return NULL;
	}
	if (t) {
		reed_list_unlink(&t->link);
		reed_list_append(&self->used, &t->link);
	}
	return t;
}

void dns_trust_keep(struct reed_dns_validator *self, struct dns_trusted *t)
{
	struct dns_trusted **at;

	forget(self, &t->zone);
	at = slot_of(self, &t->zone);
	t->next = NULL;
	t->holders++;
	*at = t;
	reed_list_append(&self->used, &t->link);
	if (++self->count > self->options.zones) {
		struct dns_trusted *oldest =
			reed_container_of(self->used.next, struct dns_trusted, link);

		forget(self, &oldest->zone);
	}
}

void reed_dns_validator_flush(struct reed_dns_validator *self)
{
	while (!reed_list_empty(&self->used)) {
		struct dns_trusted *t =
			reed_container_of(self->used.next, struct dns_trusted, link);
		struct reed_dns_name zone = t->zone;

		forget(self, &zone);
	}
}

/* ---- anchors ---- */

static void add_anchor(struct reed_dns_validator *self, const struct reed_dns_name *zone,
                       uint16_t type, struct reed_slice rdata)
{
	struct dns_anchor *a = reed_alloc(sizeof(*a) + rdata.n);

	a->zone = *zone;
	a->type = type;
	a->n = rdata.n;
	if (rdata.n)
		memcpy(a->rdata, rdata.p, rdata.n);
	a->next = self->anchors;
	self->anchors = a;
	reed_dns_validator_flush(self);
}

enum reed_err reed_dns_validator_trust(struct reed_dns_validator *self,
                                       const struct reed_dns_name *zone, uint16_t type,
                                       struct reed_slice rdata)
{
	struct reed_dns_zone_key *key;
	enum reed_err err = reed_dns_rdata_check(type, rdata);

	if (err || (type != REED_DNS_TYPE_DS && type != REED_DNS_TYPE_DNSKEY))
		return REED_EPROTO;
	if (type == REED_DNS_TYPE_DS && !dns_ds_any_known(&rdata, 1))
		return REED_ENOTSUP;
	if (type == REED_DNS_TYPE_DNSKEY) {
		err = reed_dns_zone_key_read(rdata, &key);
		if (err)
			return err;
		reed_dns_zone_key_free(key);
	}
	add_anchor(self, zone, type, rdata);
	return REED_OK;
}

void reed_dns_validator_distrust(struct reed_dns_validator *self, const struct reed_dns_name *zone)
{
	add_anchor(self, zone, 0, reed_slice("", 0));
}

const struct dns_anchor *dns_trust_anchor(const struct reed_dns_validator *self,
                                          const struct reed_dns_name *name)
{
	const struct dns_anchor *best = NULL;

	for (const struct dns_anchor *a = self->anchors; a; a = a->next)
		if (reed_dns_name_is_under(name, &a->zone) &&
		    (!best || a->zone.labels > best->zone.labels ||
		     (a->zone.labels == best->zone.labels && !a->type)))
			best = a;
	return best;
}

void reed_dns_validator_free(struct reed_dns_validator *self)
{
	if (!self)
		return;
	reed_dns_validator_flush(self);
	while (self->anchors) {
		struct dns_anchor *a = self->anchors;

		self->anchors = a->next;
		reed_free(a);
	}
	reed_free(self);
}
