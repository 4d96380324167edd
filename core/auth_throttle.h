/*
 * Attempts to log in, counted by account and by address.
 *
 * Times are reed_now().  What is remembered is bounded: the entry that has been
 * used least recently goes first.  Names and addresses are kept as keyed hashes;
 * two of the same hash share a bucket, which nobody can bring about on purpose.
 */

#ifndef REED_AUTH_THROTTLE_H
#define REED_AUTH_THROTTLE_H

#include "reed/auth.h"

struct throttle;

struct throttle_taken {
	uint64_t key; /* 0: nothing */
	bool locked;  /* it was the last one in the bucket; as that was before: */
	uint32_t locks;
	int64_t full_at, locked_until;
};

/* What one attempt has taken, in order to give it back. */
struct throttle_attempt {
	struct throttle_taken address, account;
	uint64_t pair; /* of both; 0: none */
};

struct throttle *reed_throttle_new(const struct reed_limits *limits, uint64_t seed);
void reed_throttle_free(struct throttle *t);

/* How long to wait before the next attempt.  account: in normal form, may be empty. */
int64_t reed_throttle_wait(struct throttle *t, int64_t now, struct reed_slice account,
                           const struct reed_peer *from);

/* The same; when it is 0, one attempt has been taken, and is wrong until told otherwise. */
int64_t reed_throttle_take(struct throttle *t, int64_t now, struct reed_slice account,
                           const struct reed_peer *from, struct throttle_attempt *attempt);

/* It was right: the account starts anew, and its address is known from now on. */
void reed_throttle_right(struct throttle *t, int64_t now, const struct throttle_attempt *attempt);

/* It was neither right nor wrong. */
void reed_throttle_undo(struct throttle *t, const struct throttle_attempt *attempt);

size_t reed_throttle_remembered(const struct throttle *t);

#endif
