/*
 * Token buckets.  A token is every_ns parts, of which amount come in a
 * nanosecond, so that all of it is whole numbers.
 */

#include "reed/policy.h"

#define DAY   REED_S(86400)
#define PARTS ((uint64_t)1 << 62) /* a bucket holds at most */

/* A rate with its defaults and limits. */
struct measure {
	uint64_t amount, every, burst;
};

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static struct measure measure_of(const struct reed_rate *rate)
{
	struct measure m;

	m.amount = least(rate->amount, (uint64_t)1 << 32);
	m.every = rate->every_ns > 0 ? least((uint64_t)rate->every_ns, (uint64_t)DAY) : REED_S(1);
	m.burst = least(rate->burst ? rate->burst : m.amount, PARTS / m.every);
	return m;
}

/* Parts that are missing.  A bucket from before a change of rates lacks no more than all. */
static uint64_t missing(const struct reed_bucket *b, const struct measure *m, int64_t now)
{
	uint64_t all = m->burst * m->every, ns;

	if (b->full_at < now)
		return 0;
	ns = (uint64_t)(b->full_at - now);
	if (ns > all / m->amount)
		return all;
	return least(ns * m->amount + least(b->rest, m->amount - 1), all);
}

uint64_t reed_bucket_has(const struct reed_bucket *b, const struct reed_rate *rate, int64_t now)
{
	struct measure m = measure_of(rate);

	if (m.amount == 0)
		return UINT64_MAX;
	return (m.burst * m.every - missing(b, &m, now)) / m.every;
}

bool reed_bucket_take(struct reed_bucket *b, const struct reed_rate *rate, int64_t now, uint64_t n)
{
	struct measure m = measure_of(rate);
	uint64_t parts;

	if (m.amount == 0)
		return true;
	if (n > reed_bucket_has(b, rate, now))
		return false;
	parts = missing(b, &m, now) + n * m.every;
	b->full_at = now + (int64_t)(parts / m.amount);
	b->rest = parts % m.amount;
	return true;
}

int64_t reed_bucket_wait(const struct reed_bucket *b, const struct reed_rate *rate, int64_t now,
                         uint64_t n)
{
	struct measure m = measure_of(rate);
	uint64_t parts, all = m.burst * m.every;

	if (m.amount == 0)
		return 0;
	if (n > m.burst)
		return REED_NEVER;
	parts = missing(b, &m, now) + n * m.every;
	return parts <= all ? 0 : (int64_t)((parts - all + m.amount - 1) / m.amount);
}
