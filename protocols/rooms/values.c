/* Small bounded collections: values by key, masks. */

#include "private.h"

#include "reed/alloc.h"

/* ---- values ---- */

static struct reed_value *find_value(const struct reed_values *values, struct reed_slice key)
{
	for (uint32_t i = 0; i < values->n; i++)
		if (reed_slice_is(key, values->p[i].key))
			return &values->p[i];
	return NULL;
}

const char *reed_values_get(const struct reed_values *values, struct reed_slice key)
{
	const struct reed_value *value = find_value(values, key);

	return value ? value->text : NULL;
}

static void value_free(struct reed_value *value)
{
	reed_free(value->key);
	reed_free(value->text);
}

static void take_away(struct reed_values *values, struct reed_value *value)
{
	struct reed_value *end = values->p + values->n--;

	value_free(value);
	memmove(value, value + 1, (size_t)(end - value - 1) * sizeof(*value));
}

static struct reed_value *add_value(struct reed_values *values, struct reed_slice key)
{
	if (values->n == values->size) {
		values->size = values->size ? values->size * 2 : 4;
		values->p = reed_realloc(values->p, values->size * sizeof(*values->p));
	}
	values->p[values->n] = (struct reed_value){ .key = reed_slice_dup(key) };
	return &values->p[values->n++];
}

enum reed_refusal reed_values_set(struct reed_values *values, struct reed_slice key,
                                  struct reed_slice text, uint32_t most, uint32_t bytes)
{
	struct reed_value *value = find_value(values, key);

	if (key.n == 0 || reed_text_check(key, key.n) || reed_slice_find(text, '\0') < text.n)
		return REED_REFUSAL_BAD_TEXT;
	if (key.n > bytes || text.n > bytes)
		return REED_REFUSAL_TOO_LONG;
	if (value ? reed_slice_is(text, value->text) : text.n == 0)
		return REED_REFUSAL_ALREADY;
	if (text.n == 0) {
		take_away(values, value);
		return REED_REFUSAL_NONE;
	}
	if (!value && values->n >= most)
		return REED_REFUSAL_LIST_FULL;
	if (!value)
		value = add_value(values, key);
	reed_text_set(&value->text, text);
	return REED_REFUSAL_NONE;
}

void reed_values_finish(struct reed_values *values)
{
	for (uint32_t i = 0; i < values->n; i++)
		value_free(&values->p[i]);
	reed_free(values->p);
}

/* ---- masks ---- */

static struct reed_mask *find_mask(const struct reed_masks *masks, struct reed_slice mask)
{
	for (uint32_t i = 0; i < masks->n; i++)
		if (reed_slice_eq_nocase(mask, reed_slice_of(masks->p[i].mask)))
			return &masks->p[i];
	return NULL;
}

void reed_masks_restore(struct reed_masks *masks, const struct reed_mask_record *record)
{
	if (masks->n == masks->size) {
		masks->size = masks->size ? masks->size * 2 : 4;
		masks->p = reed_realloc(masks->p, masks->size * sizeof(*masks->p));
	}
	masks->p[masks->n++] = (struct reed_mask){
		.mask = reed_slice_dup(record->mask),
		.by = reed_slice_dup(record->by),
		.at = record->at,
	};
}

enum reed_refusal reed_masks_add(struct reed_hub *hub, struct reed_masks *masks,
                                 struct reed_slice mask, struct reed_slice by, int64_t at)
{
	struct reed_mask_record record = { .mask = mask, .by = by, .at = at };
	enum reed_refusal refusal = reed_text_check(mask, hub_limits(hub)->mask_bytes);

	if (refusal)
		return refusal;
	if (mask.n == 0)
		return REED_REFUSAL_EMPTY;
	if (find_mask(masks, mask))
		return REED_REFUSAL_ALREADY;
	if (masks->n >= hub_limits(hub)->list_entries)
		return REED_REFUSAL_LIST_FULL;
	reed_masks_restore(masks, &record);
	return REED_REFUSAL_NONE;
}

static void mask_free(struct reed_mask *mask)
{
	reed_free(mask->mask);
	reed_free(mask->by);
}

enum reed_refusal reed_masks_remove(struct reed_masks *masks, struct reed_slice mask)
{
	struct reed_mask *found = find_mask(masks, mask);

	if (!found)
		return REED_REFUSAL_NO_ENTRY;
	mask_free(found);
	memmove(found, found + 1, (size_t)(masks->p + masks->n - found - 1) * sizeof(*found));
	masks->n--;
	return REED_REFUSAL_NONE;
}

bool reed_masks_match(struct reed_hub *hub, const struct reed_masks *masks,
                      const struct reed_user *user, const struct reed_session *session)
{
	for (uint32_t i = 0; i < masks->n; i++)
		if (hub->options.matches(hub, reed_slice_of(masks->p[i].mask), user, session))
			return true;
	return false;
}

void reed_masks_finish(struct reed_masks *masks)
{
	for (uint32_t i = 0; i < masks->n; i++)
		mask_free(&masks->p[i]);
	reed_free(masks->p);
	*masks = (struct reed_masks){ 0 };
}
