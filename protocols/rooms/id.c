/*
 * Ids: 48 bits of milliseconds and 80 of entropy, as 26 letters and digits of
 * Crockford's alphabet, which sort as the numbers do.  (The layout is that of
 * a ULID.)  Within a millisecond, and while the wall clock is behind, the
 * number counts on from the last one, so ids of one hub always ascend.
 */

#include "private.h"

#include "reed/random.h"

static void count_on(struct reed_hub *hub)
{
	int i = 9;

	while (i >= 0 && ++hub->id_random[i] == 0)
		i--;
	hub->id_ms += i < 0;
}

/* 128 bits, five at a time from the end. */
static void spell(struct reed_id *id, int64_t ms, const uint8_t random[10])
{
	uint8_t bytes[16];
	unsigned held = 0, bits = 0, next = 16;

	for (int i = 0; i < 6; i++)
		bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
	memcpy(bytes + 6, random, 10);
	for (int i = REED_ID_LENGTH - 1; i >= 0; i--) {
		if (bits < 5 && next > 0) {
			held |= (unsigned)bytes[--next] << bits;
			bits += 8;
		}
		id->s[i] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[held & 31];
		held >>= 5;
		bits -= bits < 5 ? bits : 5;
	}
	id->s[REED_ID_LENGTH] = '\0';
}

struct reed_id reed_hub_id(struct reed_hub *hub)
{
	int64_t ms = reed_wall(hub->loop) / 1000000;
	struct reed_id id;

	if (ms > hub->id_ms) {
		hub->id_ms = ms;
		reed_random_bytes(hub->loop, hub->id_random, sizeof(hub->id_random));
	} else {
		count_on(hub);
	}
	spell(&id, hub->id_ms, hub->id_random);
	return id;
}

static int digit_of(char c)
{
	const char *alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : 0;
}

/* A clock that has been set back, or was never right, does not upset the order. */
void reed_hub_id_after(struct reed_hub *hub, const struct reed_id *last)
{
	int64_t ms = 0;

	if (strlen(last->s) != REED_ID_LENGTH)
		return;
	for (int i = 0; i < 10; i++)
		ms = ms * 32 + digit_of(last->s[i]);
	if (ms < hub->id_ms)
		return;
	hub->id_ms = ms + 1;
	memset(hub->id_random, 0, sizeof(hub->id_random));
}
