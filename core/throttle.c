/* Streams whose bytes pass at the rates of a policy. */

#include "pass.h"
#include "policy_private.h"

enum { WAKES_A_SECOND = 50 }; /* rather fewer and larger pieces than many small ones */

struct throttled {
	struct reed_pass pass;
	struct reed_policy *policy;
	struct reed_share *share; /* NULL: there are too many */
	enum reed_family family;
	struct reed_bucket own[REED_THROTTLE_WAYS];
	struct reed_timer timer;
};

static struct throttled *throttled_of(struct reed_pass *pass)
{
	return reed_container_of(pass, struct throttled, pass);
}

/* ---- the levels ---- */

static struct reed_bucket *bucket_at(struct throttled *self, int level, enum reed_way way)
{
	struct reed_policy_node *node;

	if (level == REED_POLICY_CONNECTION)
		return &self->own[way];
	if (level == REED_POLICY_ALL)
		return &self->policy->whole.bytes[way];
	node = self->share ? self->share->nodes[level] : NULL;
	return node ? &node->bytes[way] : NULL;
}

static const struct reed_rate *rate_at(const struct throttled *self, int level)
{
	return reed_policy_rate(self->policy->options.bytes, (enum reed_policy_level)level,
	                        self->family);
}

/* What is worth a wake-up at this rate. */
static uint64_t piece_of(const struct reed_rate *rate, uint64_t n)
{
	uint64_t every = rate->every_ns > 0 ? (uint64_t)rate->every_ns : (uint64_t)REED_S(1);
	uint64_t burst = rate->burst ? rate->burst : rate->amount;
	uint64_t piece = (uint64_t)((double)rate->amount * 1e9 / (double)every / WAKES_A_SECOND);

	piece = piece < burst ? piece : burst;
	piece = piece < n ? piece : n;
	return piece ? piece : 1;
}

static int64_t latest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* How many of n may go, and how long to wait when that is 0. */
static uint64_t least_of_all(struct throttled *self, enum reed_way way, uint64_t n, int64_t *wait)
{
	int64_t now = self->pass.stream.loop->now;
	uint64_t may = n;

	*wait = 0;
	for (int level = 0; level < REED_POLICY_LEVELS; level++) {
		const struct reed_rate *rate = rate_at(self, level);
		struct reed_bucket *bucket = bucket_at(self, level, way);
		uint64_t has;

		if (!bucket || !rate->amount)
			continue;
		has = reed_bucket_has(bucket, rate, now);
		if (has < piece_of(rate, n))
			*wait = latest(*wait,
			               reed_bucket_wait(bucket, rate, now, piece_of(rate, n)));
		may = has < may ? has : may;
	}
	return *wait > 0 ? 0 : may;
}

/* ---- the stream ---- */

static void wake(struct reed_timer *t)
{
	reed_pass_resume(&reed_container_of(t, struct throttled, timer)->pass);
}

static size_t throttled_may(struct reed_pass *pass, enum reed_way way, size_t n)
{
	struct throttled *self = throttled_of(pass);
	int64_t wait, now = pass->stream.loop->now;
	uint64_t may = least_of_all(self, way, n, &wait);

	if (may == 0 && n > 0 && (!reed_timer_running(&self->timer) || self->timer.at > now + wait))
		reed_timer_start(pass->stream.loop, &self->timer, wait);
	return (size_t)may;
}

static void throttled_went(struct reed_pass *pass, enum reed_way way, struct reed_slice bytes)
{
	struct throttled *self = throttled_of(pass);

	for (int level = 0; level < REED_POLICY_LEVELS; level++) {
		struct reed_bucket *bucket = bucket_at(self, level, way);

		if (bucket)
			reed_bucket_take(bucket, rate_at(self, level), pass->stream.loop->now,
			                 bytes.n);
	}
}

static void throttled_free(struct reed_pass *pass)
{
	struct throttled *self = throttled_of(pass);

	reed_timer_stop(&self->timer);
	reed_share_give(self->share);
	reed_policy_release(self->policy);
}

static const struct reed_pass_ops throttled_ops = {
	.may = throttled_may,
	.went = throttled_went,
	.free = throttled_free,
};

struct reed_stream *reed_throttle(struct reed_stream *below, struct reed_policy *policy)
{
	struct throttled *self = reed_alloc(sizeof(*self));
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	const char *why;

	reed_stream_facts(below, &facts);
	reed_address_unmap(&facts.peer);
	self->policy = reed_policy_share(policy);
	self->family = facts.peer.family;
	self->timer.fire = wake;
	if (reed_policy_take(policy, &facts.peer, &self->share, &why))
		self->share = NULL;
	return reed_pass_init(&self->pass, below, &throttled_ops);
}

/* ---- a listener ---- */

static struct reed_stream *throttle(void *arg, struct reed_stream *below)
{
	return reed_throttle(below, arg);
}

static void release(void *arg)
{
	reed_policy_release(arg);
}

static const struct reed_map_ops throttle_map = {
	.name = "throttle",
	.map = throttle,
	.free = release,
};

struct reed_listener *reed_throttle_listener(struct reed_listener *below,
                                             struct reed_policy *policy)
{
	return reed_listener_map(below, &throttle_map, reed_policy_share(policy));
}
