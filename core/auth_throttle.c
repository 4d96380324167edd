/*
 * A bucket is one number, the time at which it is full again: taking moves it
 * away by the refill time of one attempt, and it must not be farther away than
 * the whole bucket.  A lock stops the refilling until it ends.
 */

#include "auth_throttle.h"

#include "auth_address.h"
#include "reed/alloc.h"

struct entry {
	struct reed_list age; /* least recently used first */
	struct entry *next;   /* of the same slot */
	uint64_t key;
	int64_t full_at;
	int64_t locked_until;
	int64_t familiar_until; /* of a pair: the account has come in from there */
	uint32_t locks;         /* in a row */
};

struct throttle {
	struct reed_limits limits;
	uint64_t seed;
	struct reed_list ages;
	size_t count;
	size_t slots;         /* a power of two */
	struct entry **table; /* made when first used */
};

/* What a bucket is like. */
struct measure {
	int64_t attempts, refill;
};

enum { FAMILIAR_DAYS = 30 };

static int64_t or_else(int64_t given, int64_t otherwise)
{
	return given > 0 ? given : otherwise;
}

struct throttle *reed_throttle_new(const struct reed_limits *l, uint64_t seed)
{
	struct throttle *t = reed_alloc(sizeof(*t));

	t->limits = (struct reed_limits){
		.account_attempts = (uint32_t)or_else(l->account_attempts, 5),
		.address_attempts = (uint32_t)or_else(l->address_attempts, 20),
		.account_refill = or_else(l->account_refill, REED_S(60)),
		.address_refill = or_else(l->address_refill, REED_S(10)),
		.lock_first = or_else(l->lock_first, REED_S(15)),
		.lock_longest = or_else(l->lock_longest, REED_S(3600)),
		.remembered = (uint32_t)or_else(l->remembered, 16384),
		.spare_loopback = l->spare_loopback,
		.none = l->none,
	};
	t->seed = seed;
	for (t->slots = 16; t->slots < t->limits.remembered; t->slots *= 2)
		;
	reed_list_init(&t->ages);
	return t;
}

void reed_throttle_free(struct throttle *t)
{
	struct reed_list *link;

	if (!t)
		return;
	while ((link = reed_list_take(&t->ages)))
		reed_free(reed_container_of(link, struct entry, age));
	reed_free(t->table);
	reed_free(t);
}

size_t reed_throttle_remembered(const struct throttle *t)
{
	return t->count;
}

/* ---- the table ---- */

static struct entry **place_of(struct throttle *t, uint64_t key)
{
	struct entry **at = &t->table[key & (t->slots - 1)];

	while (*at && (*at)->key != key)
		at = &(*at)->next;
	return at;
}

/* NULL when there is none.  Does not count as use. */
static struct entry *look(struct throttle *t, uint64_t key)
{
	return t->table && key ? *place_of(t, key) : NULL;
}

static void forget(struct throttle *t, struct entry *e)
{
	*place_of(t, e->key) = e->next;
	reed_list_remove(&e->age);
	t->count--;
	reed_free(e);
}

static struct entry *use(struct throttle *t, int64_t now, uint64_t key)
{
	struct entry *e = look(t, key);

	if (e) {
		reed_list_remove(&e->age);
		reed_list_append(&t->ages, &e->age);
		return e;
	}
	if (!t->table)
		t->table = reed_alloc(t->slots * sizeof(struct entry *));
	if (t->count >= t->limits.remembered)
		forget(t, reed_container_of(t->ages.next, struct entry, age));
	e = reed_alloc(sizeof(*e));
	e->key = key;
	e->full_at = now;
	*place_of(t, key) = e;
	reed_list_append(&t->ages, &e->age);
	t->count++;
	return e;
}

/* ---- keys ---- */

static uint64_t key_of(const struct throttle *t, uint64_t kind, struct reed_slice text)
{
	uint64_t key = reed_slice_hash(text, t->seed + kind);

	return key ? key : 1;
}

enum { ACCOUNT = 1, ADDRESS, PAIR };

static void find_keys(const struct throttle *t, struct reed_slice account,
                      const struct reed_peer *from, struct throttle_attempt *a)
{
	struct address address = reed_auth_address(from ? from->address : NULL);
	uint64_t both[2];

	*a = (struct throttle_attempt){ 0 };
	if (account.n > 0)
		a->account.key = key_of(t, ACCOUNT, account);
	both[0] = key_of(t, ADDRESS, reed_slice(address.bytes, address.n));
	both[1] = a->account.key;
	if (!address.loopback || !t->limits.spare_loopback)
		a->address.key = both[0];
	if (account.n > 0)
		a->pair = key_of(t, PAIR, reed_slice(both, sizeof(both)));
}

/* From where the account has come in before, it has a bucket that strangers cannot empty. */
static uint64_t account_key(struct throttle *t, int64_t now, const struct throttle_attempt *a)
{
	const struct entry *pair = look(t, a->pair);

	return pair && pair->familiar_until > now ? a->pair : a->account.key;
}

/* ---- buckets ---- */

static struct measure by_account(const struct throttle *t)
{
	return (struct measure){ t->limits.account_attempts, t->limits.account_refill };
}

static struct measure by_address(const struct throttle *t)
{
	return (struct measure){ t->limits.address_attempts, t->limits.address_refill };
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t wait_for(const struct entry *e, int64_t now, struct measure m)
{
	int64_t wait;

	if (!e)
		return 0;
	if (e->locked_until > now)
		return e->locked_until - now;
	wait = later(e->full_at, now) + m.refill - now - m.attempts * m.refill;
	return wait > 0 ? wait : 0;
}

/* Twice as long each time, and all is forgiven the longest time after the last lock. */
static void lock(struct throttle *t, struct entry *e, int64_t now, struct measure m)
{
	int64_t length = t->limits.lock_first, longest = t->limits.lock_longest;

	if (e->locks > 0 && now > e->locked_until + longest)
		e->locks = 0;
	for (uint32_t i = 0; i < e->locks && length < longest; i++)
		length *= 2;
	e->locked_until = now + (length < longest ? length : longest);
	e->full_at = e->locked_until + (m.attempts - 1) * m.refill;
	e->locks++;
}

static void take(struct throttle *t, int64_t now, struct measure m, struct throttle_taken *taken)
{
	struct entry *e;

	if (!taken->key)
		return;
	e = use(t, now, taken->key);
	taken->full_at = later(e->full_at, now);
	taken->locked_until = e->locked_until;
	taken->locks = e->locks;
	e->full_at = taken->full_at + m.refill;
	taken->locked = e->full_at - now > (m.attempts - 1) * m.refill;
	if (taken->locked)
		lock(t, e, now, m);
}

static void give_back(struct throttle *t, struct measure m, const struct throttle_taken *taken)
{
	struct entry *e = look(t, taken->key);

	if (!e)
		return;
	if (!taken->locked) {
		e->full_at -= m.refill;
		return;
	}
	/* nobody has taken anything since */
	e->full_at = taken->full_at;
	e->locked_until = taken->locked_until;
	e->locks = taken->locks;
}

int64_t reed_throttle_wait(struct throttle *t, int64_t now, struct reed_slice account,
                           const struct reed_peer *from)
{
	struct throttle_attempt a;
	int64_t address, name;

	if (t->limits.none)
		return 0;
	find_keys(t, account, from, &a);
	address = wait_for(look(t, a.address.key), now, by_address(t));
	name = wait_for(look(t, account_key(t, now, &a)), now, by_account(t));
	return later(address, name);
}

int64_t reed_throttle_take(struct throttle *t, int64_t now, struct reed_slice account,
                           const struct reed_peer *from, struct throttle_attempt *a)
{
	int64_t wait = reed_throttle_wait(t, now, account, from);

	*a = (struct throttle_attempt){ 0 };
	if (wait > 0 || t->limits.none)
		return wait;
	find_keys(t, account, from, a);
	a->account.key = account_key(t, now, a);
	take(t, now, by_address(t), &a->address);
	take(t, now, by_account(t), &a->account);
	return 0;
}

void reed_throttle_right(struct throttle *t, int64_t now, const struct throttle_attempt *a)
{
	struct entry *e = look(t, a->account.key);

	give_back(t, by_address(t), &a->address);
	if (e)
		forget(t, e);
	if (!a->pair)
		return;
	e = use(t, now, a->pair);
	e->familiar_until = now + REED_S(86400) * FAMILIAR_DAYS;
}

void reed_throttle_undo(struct throttle *t, const struct throttle_attempt *a)
{
	give_back(t, by_address(t), &a->address);
	give_back(t, by_account(t), &a->account);
}
