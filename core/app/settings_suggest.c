/* Suggestions: what somebody may have meant by a word that is not known. */

#include "settings_private.h"

enum { LISTED = 8 };

/* Of a short word a third may be wrong; nobody means a word that differs in four places. */
void reed_likeness_init(struct likeness *self, struct reed_slice word)
{
	size_t most = word.n < 9 ? (word.n + 2) / 3 : 3;

	*self = (struct likeness){ .word = word, .distance = most + 1 };
}

void reed_likeness_try(struct likeness *self, struct reed_slice candidate)
{
	size_t distance;

	if (self->distance == 0 || candidate.n == 0)
		return;
	distance = reed_slice_distance(self->word, candidate, self->distance - 1);
	if (reed_slice_eq_nocase(self->word, candidate))
		distance = 0;
	if (distance >= self->distance || distance >= candidate.n)
		return;
	self->distance = distance;
	self->best = candidate;
}

static struct reed_slice next_word(const struct slot *slot, struct reed_slice group)
{
	return slot->setting.hidden ? REED_STR("") : reed_slot_word(slot, group);
}

static struct reed_slice last_word(const struct slot *slot)
{
	struct reed_slice rest = reed_slice_of(slot->key), word = rest;

	while (rest.n > 0)
		word = reed_slice_cut(&rest, '.');
	return word;
}

/* It is there, but in another group. */
static const struct slot *elsewhere(const struct table *table, struct reed_slice word)
{
	struct likeness like = { .word = word, .distance = word.n > 4 ? 2 : 1 };
	const struct slot *found = NULL;

	for (size_t i = 0; i < table->count; i++) {
		const struct slot *slot = &table->slots[i];
		size_t before = like.distance;

		if (next_word(slot, REED_STR("")).n > 0)
			reed_likeness_try(&like, last_word(slot));
		if (like.distance < before)
			found = slot;
	}
	return found;
}

/* Each word once, in the order of the schema; 0 when there are too many to read. */
static size_t list_words(const struct table *table, struct reed_slice group,
                         struct reed_slice *words)
{
	size_t n = 0;

	for (size_t i = 0; i < table->count; i++) {
		struct reed_slice word = next_word(&table->slots[i], group);

		if (word.n == 0 || (n > 0 && reed_slice_eq(words[n - 1], word)))
			continue;
		if (n == LISTED)
			return 0;
		words[n++] = word;
	}
	return n;
}

static void write_words(const struct table *table, struct reed_slice group, struct reed_buf *out)
{
	struct reed_slice words[LISTED];
	size_t n = list_words(table, group, words);

	for (size_t i = 0; i < n; i++)
		reed_buf_printf(out, "%s" REED_FMT,
		                i == 0       ? "; there are "
		                : i + 1 == n ? " and "
		                             : ", ",
		                REED_ARG(words[i]));
}

/* A key written with dots is held against keys in full. */
static struct reed_slice nearest(const struct table *table, struct reed_slice group,
                                 struct reed_slice word)
{
	bool dotted = reed_slice_find(word, '.') < word.n;
	struct likeness like;

	reed_likeness_init(&like, word);
	for (size_t i = 0; i < table->count; i++) {
		const struct slot *slot = &table->slots[i];
		struct reed_slice next = next_word(slot, group);

		if (next.n > 0 && dotted)
			next.n = (size_t)(slot->key + strlen(slot->key) - next.p);
		reed_likeness_try(&like, next);
	}
	return like.best;
}

void reed_settings_table_suggest(const struct table *table, struct reed_slice group,
                                 struct reed_slice word, struct reed_buf *out)
{
	struct reed_slice near = nearest(table, group, word);
	const struct slot *other = near.n ? NULL : elsewhere(table, word);

	if (near.n)
		reed_buf_printf(out, "; did you mean " REED_FMT "?", REED_ARG(near));
	else if (other)
		reed_buf_printf(out, "; did you mean %s?", other->key);
	else
		write_words(table, group, out);
}
