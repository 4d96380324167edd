/*
 * What repeats itself is told once, and then how often it came again.
 *
 * The last lines that were told are remembered, without their times.  One that
 * comes again within the window is counted.  When the window is over the count
 * is told, with the time of the last one, and a new window begins; a window in
 * which nothing came again is forgotten.
 */

#include <string.h>

#include "log_private.h"

enum { WINDOW_S = 5 };

static void emit_pieces(struct reed_log_fold *self, struct reed_slice a, struct reed_slice b)
{
	self->emit(self, a);
	self->emit(self, b);
}

/* Before the end of the line, whichever format it has. */
static void tell_again(struct reed_log_fold *self, struct reed_log_told *told)
{
	bool json = told->stamp[0] == '{';
	size_t end = told->rest_n - (json ? 2u : 1u);
	char text[64];
	int n;

	n = snprintf(text, sizeof(text), json ? ",\"repeated\":%u}\n" : " (and %u more)\n",
	             told->again);
	emit_pieces(self, reed_slice(told->stamp, told->stamp_n), reed_slice(told->rest, end));
	self->emit(self, reed_slice(text, (size_t)n));
	self->end(self);
	told->again = 0;
}

static void remember(struct reed_log_told *told, int64_t now, uint64_t hash, struct reed_slice rest)
{
	*told = (struct reed_log_told){ .hash = hash,
		                        .until = now + REED_S(WINDOW_S),
		                        .rest_n = (uint16_t)rest.n };
	memcpy(told->rest, rest.p, rest.n);
}

/* The one with that hash, or the one to be given up for it. */
static struct reed_log_told *find(struct reed_log_fold *self, uint64_t hash)
{
	struct reed_log_told *oldest = &self->told[0];

	for (size_t i = 0; i < REED_LOG_FOLDS; i++) {
		struct reed_log_told *told = &self->told[i];

		if (told->hash == hash)
			return told;
		if (oldest->hash && (!told->hash || told->until < oldest->until))
			oldest = told;
	}
	return oldest;
}

static bool is_same(const struct reed_log_told *told, uint64_t hash, struct reed_slice rest)
{
	return told->hash == hash && reed_slice_eq(rest, reed_slice(told->rest, told->rest_n));
}

void reed_log_fold_line(struct reed_log_fold *self, int64_t now, struct reed_slice line,
                        size_t stamp)
{
	struct reed_slice rest = reed_slice_from(line, stamp);
	uint64_t hash = reed_slice_hash(rest, 1) | 1;
	struct reed_log_told *told;

	reed_log_fold_expire(self, now);
	if (rest.n > REED_LOG_FOLD_LINE || rest.n < 2 || stamp > REED_LOG_STAMP) {
		self->emit(self, line);
		self->end(self);
		return;
	}
	told = find(self, hash);
	if (!is_same(told, hash, rest)) {
		if (told->hash && told->again)
			tell_again(self, told);
		self->emit(self, line);
		self->end(self);
		remember(told, now, hash, rest);
		return;
	}
	told->again++;
	told->stamp_n = (uint16_t)stamp;
	memcpy(told->stamp, line.p, stamp);
	self->folded++;
}

void reed_log_fold_expire(struct reed_log_fold *self, int64_t now)
{
	for (size_t i = 0; i < REED_LOG_FOLDS; i++) {
		struct reed_log_told *told = &self->told[i];

		if (!told->hash || now < told->until)
			continue;
		if (told->again == 0 || now == REED_NEVER)
			told->hash = 0;
		if (told->again > 0)
			tell_again(self, told);
		told->until = now + (now == REED_NEVER ? 0 : REED_S(WINDOW_S));
	}
}

int64_t reed_log_fold_deadline(const struct reed_log_fold *self)
{
	int64_t first = REED_NEVER;

	for (size_t i = 0; i < REED_LOG_FOLDS; i++) {
		const struct reed_log_told *told = &self->told[i];

		if (told->hash && told->again && told->until < first)
			first = told->until;
	}
	return first;
}
