/*
 * Policies: how much a connection, a peer, its net and everybody together may
 * have, and for how long.
 *
 * Token buckets count bytes or events.  A bucket is two numbers, exact to the
 * nanosecond, and has no timer; one that has not been used for a while is full.
 *
 * A policy is a tree of them, from the whole to nets (an IPv4 /24, an IPv6
 * /64), to addresses, to connections; whatever is taken is taken on each level,
 * and there must be enough on all.  A subscriber of IPv6 has a /64 at least
 * (RFC 6177), so where a net has no limit of its own there, it has that of one
 * address.  Peers without an IP address count for the whole only, and so do
 * those of this machine if the policy spares them.
 *
 * Memory: an address or net is known while somebody is connected from it, and
 * after that until its buckets are full again.  Of the latter there are
 * REED_POLICY_PEERS at the most; the oldest are forgotten first.
 */

#ifndef REED_POLICY_H
#define REED_POLICY_H

#include "reed/listener.h"
#include "reed/stream.h"

REED_BEGIN_DECLS

/* ---- buckets ---- */

/*
 * How fast it fills, and what it holds after a rest.  amount is at most 2^32,
 * every_ns a day, burst what keeps burst * every_ns within 2^62; more is cut.
 */
struct reed_rate {
	uint64_t amount;  /* so many tokens; 0: as many as you like */
	int64_t every_ns; /* in this time; 0: in a second */
	uint64_t burst;   /* 0: as amount */
};

/* Zeroed is a full one. */
struct reed_bucket {
	int64_t full_at; /* reed_now(), and this much later: */
	uint64_t rest;   /* of a nanosecond, in parts of amount */
};

/* Whole tokens that are there now; UINT64_MAX when there is no limit. */
REED_API uint64_t reed_bucket_has(const struct reed_bucket *b, const struct reed_rate *rate,
                                  int64_t now);

/* Takes n of them; false, and none taken, when there are fewer. */
REED_API bool reed_bucket_take(struct reed_bucket *b, const struct reed_rate *rate, int64_t now,
                               uint64_t n);

/* Nanoseconds until there are n; 0: now; REED_NEVER: n is more than the burst. */
REED_API int64_t reed_bucket_wait(const struct reed_bucket *b, const struct reed_rate *rate,
                                  int64_t now, uint64_t n);

/* ---- policies ---- */

enum reed_policy_level {
	REED_POLICY_CONNECTION,
	REED_POLICY_ADDRESS,
	REED_POLICY_NET,
	REED_POLICY_ALL,
	REED_POLICY_LEVELS,
};

enum { REED_POLICY_PEERS = 65536 };

struct reed_policy_options {
	size_t size;                               /* of this struct */
	uint32_t most[REED_POLICY_LEVELS];         /* connections at a time; 0: no limit */
	struct reed_rate pace[REED_POLICY_LEVELS]; /* new connections; of the first level: unused */
	struct reed_rate bytes[REED_POLICY_LEVELS]; /* each way; for reed_throttle() */
	uint8_t net4, net6;                         /* bits that make a net */
	bool spare_loopback;
	uint32_t peers; /* addresses and nets that are remembered at a time */
	void *reserved[4];
};

#define REED_POLICY_OPTIONS                                                         \
	{                                                                           \
		.size = sizeof(struct reed_policy_options), .net4 = 24, .net6 = 64, \
		.peers = REED_POLICY_PEERS,                                         \
	}

struct reed_policy;

/* For one loop.  The caller is the first holder; options may be NULL. */
REED_API struct reed_policy *reed_policy_new(struct reed_loop *loop,
                                             const struct reed_policy_options *options);
REED_API struct reed_policy *reed_policy_share(struct reed_policy *policy);

/* What was admitted under it holds it too.  May be NULL. */
REED_API void reed_policy_release(struct reed_policy *policy);

/* Other numbers from now on; who is in stays in.  The bits of a net stay what they are. */
REED_API void reed_policy_change(struct reed_policy *policy,
                                 const struct reed_policy_options *options);

/*
 * One connection of somebody, counted until it is given back.  REED_ETHROTTLED:
 * there are too many, or they come too fast; *why is a sentence of a few words
 * then, and a constant.
 */
struct reed_share;

REED_API enum reed_err reed_policy_take(struct reed_policy *policy, const struct reed_address *peer,
                                        struct reed_share **share, const char **why);
/* May be NULL. */
REED_API void reed_share_give(struct reed_share *share);

/* The same for the peer of s, by its facts, until s is gone. */
REED_API enum reed_err reed_policy_admit(struct reed_policy *policy, struct reed_stream *s,
                                         const char **why);

struct reed_policy_stats {
	size_t size;    /* set by the caller */
	uint64_t taken; /* connections, ever */
	uint64_t refused;
	size_t connections, peers; /* now; peers: addresses and nets that are known */
};

REED_API void reed_policy_stats(const struct reed_policy *policy, struct reed_policy_stats *stats);

/*
 * Yields what the listener below does, less those who are not admitted, who
 * are cut off with a line in the log.  Owns below, shares the policy.
 */
REED_API struct reed_listener *reed_policy_listener(struct reed_listener *below,
                                                    struct reed_policy *policy);

/* ---- timeouts ---- */

/* Milliseconds; 0: no limit. */
struct reed_timeouts {
	size_t size;          /* of this struct */
	int64_t idle_ms;      /* without a byte, either way */
	int64_t handshake_ms; /* until the peer's first word; with TLS, until that could be read */
	int64_t total_ms;     /* all in all */
	void *reserved[2];
};

#define REED_TIMEOUTS                                \
	{                                            \
		.size = sizeof(struct reed_timeouts) \
	}

/*
 * From now on; said again, instead of what was said before.  When a time is
 * over the stream is broken as REED_ETIMEDOUT: the reader hears of it, and may
 * still write a goodbye, unless what was written before has not been taken
 * either.  A timer runs for each time that is set; moving bytes costs nothing.
 */
REED_API void reed_stream_timeouts(struct reed_stream *s, const struct reed_timeouts *timeouts);

/* Yields the streams of below with these timeouts.  Owns below. */
REED_API struct reed_listener *reed_timeout_listener(struct reed_listener *below,
                                                     const struct reed_timeouts *timeouts);

/* ---- throttling ---- */

/*
 * A stream made from a stream, which it owns: bytes pass at the rates of the
 * policy, each way for itself.  On the levels above the connection it shares
 * them with the other streams of the policy, which counts it as a connection.
 * It is not refused: beyond the limits of connections it has its own rate and
 * that of all only.
 * What waits for its time is woken up at most 50 times a second.  Shares the
 * policy.
 */
REED_API struct reed_stream *reed_throttle(struct reed_stream *below, struct reed_policy *policy);

/* Yields the streams of below, throttled.  Owns below, shares the policy. */
REED_API struct reed_listener *reed_throttle_listener(struct reed_listener *below,
                                                      struct reed_policy *policy);

REED_END_DECLS

#endif
