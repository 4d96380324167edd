/* Origins: from a key or an address back to the place where somebody wrote the value. */

#include "settings_private.h"

const char *reed_slot_path(struct reed_pool *pool, const struct table *table,
                           const struct slot *slot, ptrdiff_t index)
{
	const char *dot = *table->name ? "." : "";

	if (index == NO_INDEX)
		return reed_settings_keepf(pool, "%s%s%s", table->name, dot, slot->key);
	return reed_settings_keepf(pool, "%s%s%s[%td]", table->name, dot, slot->key, index);
}

static const char *items_of(const struct slot *slot)
{
	const char *items;

	memcpy(&items, slot->values + slot->setting.offset, sizeof(items));
	return items;
}

static bool is_value(const struct slot *slot, const void *member)
{
	if (member == slot->values + slot->setting.offset)
		return true;
	return slot->setting.shape != REED_SETTING_ONE &&
	       member == slot->values + slot->setting.count_offset;
}

static bool is_item(const struct slot *slot, size_t i, const void *member)
{
	size_t size = reed_slot_item_size(slot);
	uintptr_t at = (uintptr_t)member, begin = (uintptr_t)(items_of(slot) + i * size);

	return at >= begin && at - begin < size;
}

static struct found in_table(const struct table *table, const void *member);

/* A record begins where its first member does; it is meant when that was not written. */
static struct found in_items(const struct table *table, const struct slot *slot, const void *member)
{
	struct found found = { 0 };

	for (size_t i = 0; i < slot->count && !found.slot; i++) {
		const struct item *item = &slot->items[i];

		if (item->record)
			found = in_table(item->record, member);
		if (found.slot && found.slot->origin.layer != LAYER_DEFAULT)
			return found;
		if (is_item(slot, i, member))
			found = (struct found){ table, slot, (ptrdiff_t)i, item->origin };
	}
	return found;
}

static struct found in_table(const struct table *table, const void *member)
{
	struct found found = { 0 };

	for (size_t i = 0; i < table->count && !found.slot; i++) {
		const struct slot *slot = &table->slots[i];

		if (slot->setting.type == REED_SETTING_GROUP)
			continue;
		if (is_value(slot, member))
			found = (struct found){ table, slot, NO_INDEX, slot->origin.text };
		else
			found = in_items(table, slot, member);
	}
	return found;
}

struct found reed_settings_find_member(const struct reed_settings *self, const void *member)
{
	return in_table(&self->table, member);
}

static const char *by_key(const struct table *table, struct reed_slice key);

/* "[1]" or "[1].password" */
static const char *by_index(const struct slot *slot, struct reed_slice rest)
{
	struct reed_slice digits;
	uint64_t i;

	rest = reed_slice_from(rest, 1);
	digits = reed_slice_cut(&rest, ']');
	if (slot->count == 0 || reed_slice_u64(digits, slot->count - 1, &i))
		return NULL;
	if (rest.n == 0)
		return slot->items[i].origin;
	if (rest.p[0] != '.' || !slot->items[i].record)
		return NULL;
	return by_key(slot->items[i].record, reed_slice_from(rest, 1));
}

static const char *by_key(const struct table *table, struct reed_slice key)
{
	struct reed_slice rest = key, word = reed_slice_cut(&rest, '[');
	const struct slot *slot = reed_settings_table_find(table, word);

	if (!slot)
		return NULL;
	if (word.n == key.n)
		return slot->origin.text;
	return by_index(slot, reed_slice_from(key, word.n));
}

const char *reed_settings_origin(const struct reed_settings *self, const char *key)
{
	return by_key(&self->table, reed_slice_of(key));
}

const char *reed_settings_origin_of(const struct reed_settings *self, const void *member)
{
	return reed_settings_find_member(self, member).origin;
}
