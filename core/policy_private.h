/* What the files of policies share. */

#ifndef REED_POLICY_PRIVATE_H
#define REED_POLICY_PRIVATE_H

#include "reed/list.h"
#include "reed/policy.h"

enum { REED_THROTTLE_WAYS = 2 }; /* in, out */

/* The whole, a net or an address. */
struct reed_policy_node {
	struct reed_policy_node *next; /* of the same slot */
	struct reed_list idle;         /* nobody is connected; the oldest first */
	unsigned char ip[16];          /* its first bits; the others are zero */
	uint8_t bits, family, level;
	uint32_t count;
	struct reed_bucket pace, bytes[REED_THROTTLE_WAYS];
};

/* Addresses and nets, by prefix. */
struct reed_policy_table {
	struct reed_policy_node **slots;
	size_t size; /* of slots, a power of two */
	size_t count, idle_count;
	uint64_t seed;
	struct reed_list idle;
};

struct reed_policy {
	struct reed_loop *loop;
	struct reed_policy_options options;
	size_t holders;
	struct reed_policy_node whole;
	struct reed_policy_table table;
	uint64_t taken, refused;
};

struct reed_share {
	struct reed_policy *policy;
	struct reed_policy_node *nodes[REED_POLICY_LEVELS]; /* NULL: counts for none */
};

/* What holds at a node; the connection's own level has no node. */
const struct reed_rate *reed_policy_rate(const struct reed_rate rates[REED_POLICY_LEVELS],
                                         enum reed_policy_level level, enum reed_family family);

/* Finds it or makes it, and holds it. */
struct reed_policy_node *reed_policy_hold(struct reed_policy *policy, enum reed_policy_level level,
                                          const struct reed_prefix *prefix);
void reed_policy_let_go(struct reed_policy *policy, struct reed_policy_node *node);
void reed_policy_table_finish(struct reed_policy_table *table);

#endif
