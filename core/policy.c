/* Policies: who may come in. */

#include "reed/policy.h"

#include <string.h>

#include "policy_private.h"
#include "private.h"
#include "reed/log.h"
#include "reed/random.h"

/* ---- the policy ---- */

void reed_policy_change(struct reed_policy *p, const struct reed_policy_options *given)
{
	struct reed_policy_options o = REED_POLICY_OPTIONS;

	if (given)
		memcpy(&o, given, given->size < sizeof(o) ? given->size : sizeof(o));
	if (p->holders > 0) { /* a net is what it was when those who are in came in */
		o.net4 = p->options.net4;
		o.net6 = p->options.net6;
	}
	p->options = o;
}

struct reed_policy *reed_policy_new(struct reed_loop *loop,
                                    const struct reed_policy_options *options)
{
	struct reed_policy *p = reed_alloc(sizeof(*p));

	p->loop = loop;
	reed_policy_change(p, options);
	p->holders = 1;
	p->whole.level = REED_POLICY_ALL;
	p->table.seed = reed_random(loop);
	reed_list_init(&p->table.idle);
	return p;
}

struct reed_policy *reed_policy_share(struct reed_policy *policy)
{
	policy->holders++;
	return policy;
}

void reed_policy_release(struct reed_policy *p)
{
	if (!p || --p->holders > 0)
		return;
	reed_policy_table_finish(&p->table);
	reed_free(p);
}

void reed_policy_stats(const struct reed_policy *p, struct reed_policy_stats *stats)
{
	struct reed_policy_stats all = { .size = stats->size,
		                         .taken = p->taken,
		                         .refused = p->refused,
		                         .connections = p->whole.count,
		                         .peers = p->table.count };

	memcpy(stats, &all, stats->size < sizeof(all) ? stats->size : sizeof(all));
}

/* ---- what holds where ---- */

/* RFC 6177: who has one IPv6 address has all of its /64 */
static enum reed_policy_level level_that_counts(bool has_own, enum reed_policy_level level,
                                                enum reed_family family)
{
	bool of_address = level == REED_POLICY_NET && family == REED_FAMILY_IPV6 && !has_own;

	return of_address ? REED_POLICY_ADDRESS : level;
}

const struct reed_rate *reed_policy_rate(const struct reed_rate rates[REED_POLICY_LEVELS],
                                         enum reed_policy_level level, enum reed_family family)
{
	return &rates[level_that_counts(rates[level].amount > 0, level, family)];
}

static uint32_t most_of(const struct reed_policy *p, const struct reed_policy_node *node)
{
	const uint32_t *most = p->options.most;

	return most[level_that_counts(most[node->level] > 0, (enum reed_policy_level)node->level,
	                              (enum reed_family)node->family)];
}

static const struct reed_rate *pace_of(const struct reed_policy *p,
                                       const struct reed_policy_node *node)
{
	return reed_policy_rate(p->options.pace, (enum reed_policy_level)node->level,
	                        (enum reed_family)node->family);
}

/* ---- shares ---- */

static const char *const too_many[REED_POLICY_LEVELS] = {
	[REED_POLICY_ADDRESS] = "Too many connections from your address",
	[REED_POLICY_NET] = "Too many connections from your network",
	[REED_POLICY_ALL] = "The server is full",
};

static const char *const too_fast[REED_POLICY_LEVELS] = {
	[REED_POLICY_ADDRESS] = "Connections come too fast from your address",
	[REED_POLICY_NET] = "Connections come too fast from your network",
	[REED_POLICY_ALL] = "Connections come too fast",
};

/* The share holds its nodes already. */
static const char *objection(const struct reed_policy *p, const struct reed_policy_node *node)
{
	uint32_t most = most_of(p, node);

	if (most > 0 && node->count > most)
		return too_many[node->level];
	if (reed_bucket_has(&node->pace, pace_of(p, node), p->loop->now) < 1)
		return too_fast[node->level];
	return NULL;
}

/* A level without a rule needs no memory. */
static bool has_rule(const struct reed_policy_options *o, enum reed_policy_level level,
                     enum reed_family family)
{
	return o->most[level_that_counts(o->most[level] > 0, level, family)] > 0 ||
	       reed_policy_rate(o->pace, level, family)->amount > 0 ||
	       reed_policy_rate(o->bytes, level, family)->amount > 0;
}

static void hold(struct reed_policy *p, struct reed_share *share, enum reed_policy_level level,
                 const struct reed_address *peer, unsigned bits)
{
	struct reed_prefix prefix;

	if (!has_rule(&p->options, level, peer->family))
		return;
	reed_prefix_of(peer, bits, &prefix);
	share->nodes[level] = reed_policy_hold(p, level, &prefix);
}

static void hold_peer(struct reed_policy *p, const struct reed_address *peer,
                      struct reed_share *share)
{
	struct reed_address plain = *peer;
	bool v4;

	reed_address_unmap(&plain);
	v4 = plain.family == REED_FAMILY_IPV4;
	if ((!v4 && plain.family != REED_FAMILY_IPV6) ||
	    (p->options.spare_loopback && reed_address_is_loopback(&plain)))
		return;
	hold(p, share, REED_POLICY_ADDRESS, &plain, 128);
	hold(p, share, REED_POLICY_NET, &plain, v4 ? p->options.net4 : p->options.net6);
}

static const char *first_objection(struct reed_policy *p, const struct reed_address *peer,
                                   struct reed_share *share)
{
	const char *why = NULL;

	share->nodes[REED_POLICY_ALL] = &p->whole;
	p->whole.count++;
	hold_peer(p, peer, share);
	for (int i = REED_POLICY_ADDRESS; i < REED_POLICY_LEVELS && !why; i++)
		if (share->nodes[i])
			why = objection(p, share->nodes[i]);
	return why;
}

enum reed_err reed_policy_take(struct reed_policy *p, const struct reed_address *peer,
                               struct reed_share **out, const char **why)
{
	struct reed_share *share = reed_alloc(sizeof(*share));

	share->policy = reed_policy_share(p);
	*why = first_objection(p, peer, share);
	if (*why) {
		p->refused++;
		reed_share_give(share);
		return REED_ETHROTTLED;
	}
	for (int i = REED_POLICY_ADDRESS; i < REED_POLICY_LEVELS; i++)
		if (share->nodes[i])
			reed_bucket_take(&share->nodes[i]->pace, pace_of(p, share->nodes[i]),
			                 p->loop->now, 1);
	p->taken++;
	*out = share;
	return REED_OK;
}

void reed_share_give(struct reed_share *share)
{
	if (!share)
		return;
	for (int i = 0; i < REED_POLICY_LEVELS; i++)
		if (share->nodes[i])
			reed_policy_let_go(share->policy, share->nodes[i]);
	reed_policy_release(share->policy);
	reed_free(share);
}

/* ---- streams ---- */

struct admitted {
	struct reed_rider rider;
	struct reed_share *share;
};

static void admitted_gone(struct reed_rider *rider)
{
	struct admitted *self = reed_container_of(rider, struct admitted, rider);

	reed_share_give(self->share);
	reed_free(self);
}

static const struct reed_rider_ops admitted_ops = { .name = "policy", .gone = admitted_gone };

enum reed_err reed_policy_admit(struct reed_policy *policy, struct reed_stream *s, const char **why)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	struct admitted *self;
	struct reed_share *share;

	reed_stream_facts(s, &facts);
	if (reed_policy_take(policy, &facts.peer, &share, why))
		return REED_ETHROTTLED;
	self = reed_alloc(sizeof(*self));
	self->rider.ops = &admitted_ops;
	self->share = share;
	reed_stream_carry(s, &self->rider);
	return REED_OK;
}

/* ---- a listener ---- */

static struct reed_stream *admit(void *arg, struct reed_stream *below)
{
	struct reed_policy *policy = arg;
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	char peer[REED_ADDRESS_TEXT];
	const char *why;

	if (!reed_policy_admit(policy, below, &why))
		return below;
	reed_stream_facts(below, &facts);
	reed_log(below->loop, REED_LOG_INFO, "a connection is refused why=%s peer=%s", why,
	         reed_address_host(&facts.peer, peer));
	reed_abort(below);
	return NULL;
}

static void release(void *arg)
{
	reed_policy_release(arg);
}

static const struct reed_map_ops admit_ops = { .name = "policy", .map = admit, .free = release };

struct reed_listener *reed_policy_listener(struct reed_listener *below, struct reed_policy *policy)
{
	return reed_listener_map(below, &admit_ops, reed_policy_share(policy));
}
