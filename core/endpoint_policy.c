/* The keys that every endpoint has: how many, how fast, and for how long. */

#include "endpoint_private.h"
#include "private.h"
#include "reed/co.h"
#include "reed/policy.h"

const struct reed_scheme_key reed_endpoint_listen_keys[] = {
	{ "limit", "connections from one address at a time; of IPv6, from one /64" },
	{ "limit-net", "connections from an IPv4 /24 or IPv6 /64 at a time" },
	{ "limit-all", "connections at a time" },
	{ "pace", "new connections from one address, as in 10/60: ten in 60 seconds" },
	{ "pace-net", "the same for an IPv4 /24 or IPv6 /64" },
	{ "pace-all", "the same for all" },
	{ "idle", "seconds without a byte either way, after which a connection ends" },
	{ "handshake", "seconds for the peer's first word; with TLS, for one that can be read" },
	{ "total", "seconds after which a connection ends in any case" },
	{ NULL, NULL },
};

const struct reed_scheme_key *const reed_endpoint_dial_keys = &reed_endpoint_listen_keys[6];

enum { SECONDS_MOST = 86400 * 365, PACE_SECONDS = 86400 };

/* ---- what the keys say ---- */

struct rules {
	struct reed_policy_options policy;
	struct reed_timeouts timeouts;
	bool has_policy, has_timeouts;
};

static enum reed_err take_number(const struct reed_endpoint *e, const char *key, uint64_t most,
                                 uint64_t *out, bool *has, struct reed_fault **fault)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, key);

	*out = 0;
	if (!part)
		return REED_OK;
	*has = true;
	if (!reed_slice_u64(part->value, most, out) && *out > 0)
		return REED_OK;
	*fault = reed_endpoint_fault(e, part, "a number from 1 to %llu must stand here",
	                             (unsigned long long)most);
	return REED_ESYNTAX;
}

static enum reed_err take_seconds(const struct reed_endpoint *e, const char *key, int64_t *ms,
                                  struct rules *rules, struct reed_fault **fault)
{
	uint64_t seconds;
	enum reed_err err =
		take_number(e, key, SECONDS_MOST, &seconds, &rules->has_timeouts, fault);

	*ms = (int64_t)seconds * 1000;
	return err;
}

static enum reed_err take_most(const struct reed_endpoint *e, const char *key, uint32_t *most,
                               struct rules *rules, struct reed_fault **fault)
{
	uint64_t number;
	enum reed_err err = take_number(e, key, UINT32_MAX, &number, &rules->has_policy, fault);

	*most = (uint32_t)number;
	return err;
}

/* "10/60", or "10": in a second */
static enum reed_err take_pace(const struct reed_endpoint *e, const char *key,
                               struct reed_rate *rate, struct rules *rules,
                               struct reed_fault **fault)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, key);
	struct reed_slice seconds, count;
	uint64_t every = 1;

	if (!part)
		return REED_OK;
	rules->has_policy = true;
	seconds = part->value;
	count = reed_slice_cut(&seconds, '/');
	if (reed_slice_u64(count, UINT32_MAX, &rate->amount) || rate->amount == 0 ||
	    (count.n < part->value.n &&
	     (reed_slice_u64(seconds, PACE_SECONDS, &every) || !every))) {
		*fault = reed_endpoint_fault(
			e, part, "connections and seconds must stand here, such as 10/60");
		return REED_ESYNTAX;
	}
	rate->every_ns = REED_S(every);
	return REED_OK;
}

static enum reed_err take_rules(const struct reed_endpoint *e, struct rules *rules,
                                struct reed_fault **fault)
{
	struct reed_policy_options *p = &rules->policy;
	struct reed_timeouts *t = &rules->timeouts;

	rules->policy = (struct reed_policy_options)REED_POLICY_OPTIONS;
	rules->timeouts = (struct reed_timeouts)REED_TIMEOUTS;
	if (take_most(e, "limit", &p->most[REED_POLICY_ADDRESS], rules, fault) ||
	    take_most(e, "limit-net", &p->most[REED_POLICY_NET], rules, fault) ||
	    take_most(e, "limit-all", &p->most[REED_POLICY_ALL], rules, fault) ||
	    take_pace(e, "pace", &p->pace[REED_POLICY_ADDRESS], rules, fault) ||
	    take_pace(e, "pace-net", &p->pace[REED_POLICY_NET], rules, fault) ||
	    take_pace(e, "pace-all", &p->pace[REED_POLICY_ALL], rules, fault) ||
	    take_seconds(e, "idle", &t->idle_ms, rules, fault) ||
	    take_seconds(e, "handshake", &t->handshake_ms, rules, fault) ||
	    take_seconds(e, "total", &t->total_ms, rules, fault))
		return REED_ESYNTAX;
	return REED_OK;
}

enum reed_err reed_endpoint_check_rules(const struct reed_endpoint *e, struct reed_fault **fault)
{
	struct rules rules = { .has_policy = false };

	return take_rules(e, &rules, fault);
}

/* ---- what is done about them ---- */

struct ruled {
	struct reed_co co;
	struct rules rules;
	struct reed_future *future; /* until it is awaited */
	struct reed_listener *listener, **listener_out;
	struct reed_stream *stream, **stream_out;
};

static void ruled_run(struct reed_co *co)
{
	struct ruled *self = reed_frame(co, struct ruled);
	struct reed_future *f = self->future;

	reed_coroutine (co) {
		self->future = NULL;
		reed_try(co, f);
	}
}

static void ruled_deliver(struct reed_co *co)
{
	struct ruled *self = reed_frame(co, struct ruled);
	struct reed_policy *policy;

	if (self->stream) {
		reed_stream_timeouts(self->stream, &self->rules.timeouts);
		*self->stream_out = self->stream;
		self->stream = NULL;
		return;
	}
	if (self->rules.has_policy) {
		policy = reed_policy_new(co->loop, &self->rules.policy);
		self->listener = reed_policy_listener(self->listener, policy);
		reed_policy_release(policy);
	}
	if (self->rules.has_timeouts)
		self->listener = reed_timeout_listener(self->listener, &self->rules.timeouts);
	*self->listener_out = self->listener;
	self->listener = NULL;
}

static void ruled_end(struct reed_co *co)
{
	struct ruled *self = reed_frame(co, struct ruled);

	reed_drop(self->future);
	reed_listener_close(self->listener);
	reed_close(self->stream);
}

static const struct reed_co_kind ruled_kind = {
	.name = "by its rules",
	.size = sizeof(struct ruled),
	.run = ruled_run,
	.deliver = ruled_deliver,
	.end = ruled_end,
};

struct reed_future *reed_endpoint_listen_by(struct reed_loop *loop,
                                            const struct reed_scheme *scheme,
                                            const struct reed_endpoint *e,
                                            struct reed_listener **out)
{
	struct reed_fault *fault = NULL;
	struct rules rules = { .has_policy = false };
	struct ruled *self;

	if (take_rules(e, &rules, &fault))
		return reed_failed_with(loop, fault);
	if (!rules.has_policy && !rules.has_timeouts)
		return scheme->listen(loop, e, out);
	self = reed_co_new(loop, &ruled_kind);
	self->rules = rules;
	self->listener_out = out;
	self->future = scheme->listen(loop, e, &self->listener);
	return reed_start(&self->co);
}

struct reed_future *reed_endpoint_dial_by(struct reed_loop *loop, const struct reed_scheme *scheme,
                                          const struct reed_endpoint *e, struct reed_stream **out)
{
	struct reed_fault *fault = NULL;
	struct rules rules = { .has_policy = false };
	struct ruled *self;

	if (take_rules(e, &rules, &fault))
		return reed_failed_with(loop, fault);
	if (!rules.has_timeouts)
		return scheme->dial(loop, e, out);
	self = reed_co_new(loop, &ruled_kind);
	self->rules = rules;
	self->stream_out = out;
	self->future = scheme->dial(loop, e, &self->stream);
	return reed_start(&self->co);
}
