/* What will happen when, and chance. */

#include "sim_private.h"

#include <string.h>

/* ---- a heap that knows the place of each ---- */

static bool sooner(const struct sim_event *a, const struct sim_event *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void put(struct sim_events *events, struct sim_event *e, size_t place)
{
	events->heap[place] = e;
	e->place = place;
}

static void rise(struct sim_events *events, struct sim_event *e)
{
	size_t i = e->place;

	for (; i > 1 && sooner(e, events->heap[i / 2]); i /= 2)
		put(events, events->heap[i / 2], i);
	put(events, e, i);
}

static void sink(struct sim_events *events, struct sim_event *e)
{
	size_t i = e->place, child;

	for (; (child = i * 2) <= events->count; i = child) {
		if (child < events->count && sooner(events->heap[child + 1], events->heap[child]))
			child++;
		if (!sooner(events->heap[child], e))
			break;
		put(events, events->heap[child], i);
	}
	put(events, e, i);
}

static void add(struct sim_events *events, struct sim_event *e)
{
	if (events->count + 1 >= events->room) {
		events->room = events->room ? events->room * 2 : 64;
		events->heap = reed_realloc(events->heap, events->room * sizeof(*events->heap));
	}
	put(events, e, ++events->count);
	rise(events, e);
}

void reed_sim_event_set(struct reed_sim *sim, struct sim_event *e, int64_t at,
                        enum sim_weight weight)
{
	struct sim_events *events = &sim->events;

	if (e->place && e->at == at && e->weight == weight)
		return;
	if (e->place)
		events->weights[e->weight]--;
	events->weights[weight]++;
	e->weight = weight;
	e->at = at;
	e->order = ++events->order;
	if (!e->place) {
		add(events, e);
	} else {
		rise(events, e);
		sink(events, e);
	}
}

void reed_sim_event_clear(struct reed_sim *sim, struct sim_event *e)
{
	struct sim_events *events = &sim->events;
	struct sim_event *last;

	if (!e->place)
		return;
	last = events->heap[events->count--];
	if (last != e) {
		put(events, last, e->place);
		rise(events, last);
		sink(events, last);
	}
	events->weights[e->weight]--;
	e->place = 0;
}

struct sim_event *reed_sim_event_first(struct reed_sim *sim)
{
	return sim->events.count ? sim->events.heap[1] : NULL;
}

/* ---- chance ---- */

static uint64_t scramble(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

uint64_t reed_sim_random(struct sim_rng *rng)
{
	return scramble(rng->state += 0x9e3779b97f4a7c15u);
}

void reed_sim_random_bytes(struct sim_rng *rng, void *into, size_t n)
{
	unsigned char *bytes = into;
	uint64_t word = 0;

	for (size_t i = 0; i < n; i++) {
		if (i % sizeof(word) == 0)
			word = reed_sim_random(rng);
		bytes[i] = (unsigned char)(word >> i % sizeof(word) * 8);
	}
}

/* n is not 0, and small: the unevenness does not matter. */
size_t reed_sim_below(struct sim_rng *rng, size_t n)
{
	return (size_t)((reed_sim_random(rng) >> 32) * (n & UINT32_MAX) >> 32);
}

bool reed_sim_chance(struct sim_rng *rng, double p)
{
	return p > 0 && (double)(reed_sim_random(rng) >> 11) * 0x1p-53 < p;
}

/* -log2(x / 2^64) in 1/65536: bit by bit, as libraries differ in the last digit of a logarithm. */
static uint32_t bits_below_one(uint64_t x)
{
	uint32_t whole = (uint32_t)__builtin_clzll(x), part = 0;
	uint64_t y = x << whole >> 32; /* from 2^31 to 2^32 */

	for (int i = 0; i < 16; i++) {
		y = y * y >> 31;
		part <<= 1;
		if (y >> 32) {
			part |= 1;
			y >>= 1;
		}
	}
	return ((whole + 1) << 16) - part;
}

int64_t reed_sim_exponential(struct sim_rng *rng, int64_t mean)
{
	const double ln2 = 0.6931471805599453;
	double times = (double)bits_below_one(reed_sim_random(rng) | 1) / 65536;

	return mean > 0 ? (int64_t)((double)mean * (times * ln2)) : 0;
}

uint64_t reed_sim_mix(uint64_t a, uint64_t b)
{
	return scramble((a ^ b) + 0x9e3779b97f4a7c15u) ^ a << 1;
}

uint64_t reed_sim_mix_bytes(uint64_t a, const void *p, size_t n)
{
	const char *bytes = p;
	uint64_t word;

	for (; n >= sizeof(word); n -= sizeof(word), bytes += sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		a = (a ^ word) * 0x9fb21c651e98df25u;
		a ^= a >> 32;
	}
	word = n;
	memcpy(&word, bytes, n);
	return reed_sim_mix(a, word + n);
}
