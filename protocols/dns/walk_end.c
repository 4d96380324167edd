/* What a question has come to, put into the cache. */

#include "resolve.h"

#include "reed/dns/edns.h"

enum { SECOND = 1000000000, EDE_FILTERED = 17, EDE_CACHED_ERROR = 13, CUT_LEAST = 30 };

/* A zone of the world that says 192.168.0.1 makes browsers here talk to a machine here. */
static bool is_withheld(struct reed_dns_resolver *self, const struct dns_piece *item)
{
	if (self->options.rebinding || item->section != REED_DNS_ANSWER ||
	    !dns_is_private(item->type, item->rdata))
		return false;
	for (size_t i = 0; i < self->own_count; i++)
		if (reed_dns_name_is_under(&item->owner, &self->own[i]))
			return false;
	return true;
}

static uint32_t clamp(const struct reed_dns_resolver *self, const struct dns_outcome *o,
                      uint32_t ttl)
{
	ttl = ttl < self->options.ttl_most ? ttl : self->options.ttl_most;
	ttl = ttl > self->options.ttl_least ? ttl : self->options.ttl_least;
	return o->ttl_most && ttl > o->ttl_most ? o->ttl_most : ttl;
}

/* It was asked for to validate the rest, and is nothing to who has not set DO (RFC 4035 3.2.1). */
static bool is_surplus(const struct dns_key *key, uint16_t type)
{
	return !(key->kind & DNS_KEPT_DNSSEC) && key->type != type &&
	       key->type != REED_DNS_TYPE_ANY &&
	       (type == REED_DNS_TYPE_RRSIG || type == REED_DNS_TYPE_NSEC ||
	        type == REED_DNS_TYPE_NSEC3);
}

/* The lowest TTL of those written; UINT32_MAX when there are none. */
static uint32_t put_records(struct reed_dns_resolver *self, struct reed_dns_builder *b,
                            const struct dns_outcome *o, enum reed_dns_section section,
                            bool *withheld)
{
	struct reed_slice pile = reed_buf_slice(o->pile);
	uint32_t ttl = UINT32_MAX;
	struct dns_piece item;

	while (dns_pile_next(&pile, &item)) {
		if (item.section != section || is_surplus(o->key, item.type))
			continue;
		item.ttl = clamp(self, o, item.ttl);
		ttl = item.ttl < ttl ? item.ttl : ttl; /* what is withheld is so as long */
		if (!o->here && is_withheld(self, &item)) {
			self->stats.withheld++;
			*withheld = true;
			continue;
		}
		reed_dns_build_record(b, section, &item.owner, item.type, REED_DNS_CLASS_IN,
		                      item.ttl, item.rdata);
	}
	return ttl;
}

static void date(struct reed_dns_resolver *self, struct dns_entry *e, uint32_t ttl, uint32_t stale)
{
	e->made = reed_now(self->loop);
	e->expires = e->made + (int64_t)ttl * SECOND;
	e->stale = e->expires + (int64_t)stale * SECOND;
}

static uint32_t negative_ttl(const struct reed_dns_resolver *self, const struct dns_outcome *o)
{
	if (o->failed)
		return o->bogus ? BOGUS_SECONDS : FAILURE_SECONDS;
	/* RFC 2308 5: without a SOA record it is not to be kept, but for a moment */
	if (!o->has_ttl)
		return 1;
	return o->ttl < self->options.negative_most ? o->ttl : self->options.negative_most;
}

struct dns_entry *dns_outcome_keep(struct reed_dns_resolver *self, const struct dns_outcome *o)
{
	struct reed_dns_builder b;
	struct reed_slice bytes;
	struct reed_dns_message m;
	struct dns_entry *entry;
	uint32_t ttl, other, most;
	bool withheld = false;

	reed_dns_build(&b, self->message, sizeof(self->message));
	reed_dns_build_header(&b, 0, (uint16_t)(REED_DNS_QR | REED_DNS_RA | (o->rcode & 15)));
	reed_dns_build_question(&b, &o->key->name, o->key->type, REED_DNS_CLASS_IN);
	ttl = put_records(self, &b, o, REED_DNS_ANSWER, &withheld);
	other = put_records(self, &b, o, REED_DNS_AUTHORITY, &withheld);
	if (reed_dns_build_end(&b, &bytes) || reed_dns_message_parse(bytes, &m))
		return NULL;
	most = negative_ttl(self, o);
	ttl = other < ttl ? other : ttl;
	if (o->failed || o->has_ttl || ttl == UINT32_MAX)
		ttl = most < ttl ? most : ttl;
	if (o->key->kind & DNS_KEPT_KEYS && ttl > KEYS_SECONDS)
		ttl = KEYS_SECONDS;
	entry = dns_cache_put(self->cache, o->key, &m);
	if (!entry)
		return NULL;
	date(self, entry, ttl, o->failed || self->options.no_stale ? 0 : self->options.stale);
	entry->failed = o->failed;
	entry->secure = o->secure && !withheld;
	entry->error = withheld ? EDE_FILTERED : o->failed ? o->error : 0;
	return dns_entry_share(entry);
}

void dns_cut_keep(struct reed_dns_resolver *self, const struct reed_dns_name *zone,
                  struct reed_slice pile, uint32_t ttl)
{
	struct dns_key key = { .name = *zone, .type = REED_DNS_TYPE_NS, .kind = DNS_KEPT_CUT };
	struct reed_dns_builder b;
	struct reed_dns_message m;
	struct reed_slice bytes;
	struct dns_entry *entry;

	reed_dns_name_lower(&key.name);
	reed_dns_build(&b, self->message, sizeof(self->message));
	reed_dns_build_header(&b, 0, REED_DNS_QR);
	reed_dns_build_question(&b, &key.name, key.type, REED_DNS_CLASS_IN);
	dns_pile_build(&b, pile, REED_DNS_AUTHORITY);
	dns_pile_build(&b, pile, REED_DNS_ADDITIONAL);
	if (reed_dns_build_end(&b, &bytes) || reed_dns_message_parse(bytes, &m))
		return;
	entry = dns_cache_put(self->cache, &key, &m);
	ttl = ttl < self->options.ttl_most ? ttl : self->options.ttl_most;
	if (entry)
		date(self, entry, ttl > CUT_LEAST ? ttl : CUT_LEAST, 0);
}
