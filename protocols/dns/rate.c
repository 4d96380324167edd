/*
 * Response rate limiting, as BIND's and NSD's: the same answer to one network so
 * many times a second; what is more is dropped, so that it cannot be sent to
 * somebody who never asked, or comes truncated now and then, so that who did
 * ask can do so over TCP.
 */

#include "serve.h"

#include "lower.h"

enum {
	BUCKETS = 1 << 15,
	NETWORK4 = 3, /* bytes: /24 */
	NETWORK6 = 7, /* /56 */
};

struct dns_bucket {
	uint32_t tag;
	uint32_t used; /* answers, less those that time has given back */
	int64_t since; /* ns */
};

void dns_rate_update(struct reed_dns_server *self)
{
	if (self->options.rate && !self->buckets)
		self->buckets = reed_alloc(BUCKETS * sizeof(*self->buckets));
	if (self->options.rate)
		return;
	reed_free(self->buckets);
	self->buckets = NULL;
}

static uint64_t key_of(const struct reed_dns_server *self, const struct dns_exchange *x)
{
	const struct reed_address *a = x->client;
	uint8_t bytes[16 + 8] = { 0 };
	uint64_t key = x->rate_key;

	memcpy(bytes, a->ip, a->family == REED_FAMILY_IPV4 ? NETWORK4 : NETWORK6);
	memcpy(bytes + 16, &key, sizeof(key));
	return lower_hash(bytes, sizeof(bytes), self->rate_seed);
}

/* Whole answers that the time since has given back. */
static void refill(struct dns_bucket *b, uint32_t rate, int64_t now)
{
	int64_t each = 1000000000 / rate, back = (now - b->since) / each;

	if (back <= 0)
		return;
	b->used = back >= b->used ? 0 : b->used - (uint32_t)back;
	b->since = b->used ? b->since + back * each : now;
}

enum dns_rate dns_rate(struct reed_dns_server *self, const struct dns_exchange *x)
{
	uint32_t rate = self->options.rate;
	int64_t now = reed_now(self->loop);
	struct dns_bucket *b;
	uint64_t key;

	if (!rate || x->knows_us ||
	    (!self->options.limit_loopback && reed_address_is_loopback(x->client)))
		return DNS_RATE_PASS;
	key = key_of(self, x);
	b = &self->buckets[key % BUCKETS];
	if (b->tag != (uint32_t)(key >> 32))
		*b = (struct dns_bucket){ (uint32_t)(key >> 32), 0, now };
	refill(b, rate, now);
	if (b->used < rate) {
		b->used++;
		return DNS_RATE_PASS;
	}
	if (self->options.slip && ++self->slips % self->options.slip == 0)
		return DNS_RATE_SLIP;
	return DNS_RATE_DROP;
}

/* Nothing but the question, so that it is asked again over TCP. */
static size_t truncate_answer(struct dns_exchange *x, uint8_t *into, size_t room)
{
	struct dns_answer a;

	dns_exchange_begin(x, &a, into, room);
	a.tc = true;
	return dns_exchange_end(x, &a, room);
}

size_t dns_rate_limit(struct dns_exchange *x, uint8_t *into, size_t n, size_t room)
{
	switch (dns_rate(x->server, x)) {
	case DNS_RATE_DROP:
		x->server->dropped->value++;
		return 0;
	case DNS_RATE_SLIP:
		x->server->slipped->value++;
		return truncate_answer(x, into, room);
	case DNS_RATE_PASS:
		break;
	}
	return n;
}
