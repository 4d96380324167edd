/* How servers behave: how fast they answer, and whether they do. */

#include "resolve.h"

#include "reed/alloc.h"
#include "reed/random.h"

enum { FAILURES_BAD = 3, FAILURES_COUNTED = 8 };

static const int64_t unknown = REED_MS(150), spread = REED_MS(40), longest = REED_S(2);
static const int64_t shunned = REED_S(100);
static const int64_t shortest = REED_MS(200), first_wait = REED_MS(700), bad_for = REED_S(1);

struct dns_station *dns_station_of(struct reed_dns_resolver *self,
                                   const struct reed_address *address)
{
	uint64_t hash = reed_slice_hash(reed_slice(address->ip, sizeof(address->ip)), self->seed);
	struct dns_station *station;

	if (!self->stations)
		self->stations = reed_alloc(STATIONS * sizeof(*self->stations));
	station = &self->stations[(hash ^ address->port) % STATIONS];
	if (!reed_address_eq(&station->address, address))
		*station = (struct dns_station){ .address = *address };
	return station;
}

void dns_station_heard(struct dns_station *station, int64_t took)
{
	station->rtt = station->rtt ? (7 * station->rtt + took) / 8 : took + 1;
	station->failures = 0;
	station->bad_till = 0;
}

void dns_station_missed(struct dns_station *station, int64_t now)
{
	int64_t rtt = station->rtt ? station->rtt : unknown;

	station->rtt = 2 * rtt < longest ? 2 * rtt : longest;
	station->failures += station->failures < FAILURES_COUNTED;
	if (station->failures >= FAILURES_BAD)
		station->bad_till = now + (bad_for << (station->failures - FAILURES_BAD));
}

void dns_station_lame(struct dns_station *station, uint64_t zone, int64_t till)
{
	station->lame = zone;
	station->lame_till = till;
}

int64_t dns_station_score(const struct dns_station *station, uint64_t zone, struct reed_loop *loop)
{
	int64_t now = reed_now(loop), score = station->rtt;

	score += (int64_t)reed_random_below(loop, (uint64_t)spread);
	if (station->bad_till > now)
		score += shunned;
	return station->lame == zone && station->lame_till > now ? score + shunned : score;
}

int64_t dns_station_patience(const struct dns_station *station)
{
	int64_t wait = station->rtt ? 4 * station->rtt : first_wait;

	return wait < shortest ? shortest : wait > longest ? longest : wait;
}
