/* Every text among the values of settings, however deep in lists, maps and records it is. */

#include "settings_private.h"

#include <string.h>

static const char *text_at(const char *at)
{
	const char *text;

	memcpy(&text, at, sizeof(text));
	return text;
}

static void tell(const struct reed_setting *s, const char *text, reed_text_fn *told, void *arg)
{
	if (text && *text)
		told(arg, s, text);
}

/* Texts of a list, of a map, where they stand behind their names, or records. */
static void walk_items(const struct slot *slot, reed_text_fn *told, void *arg)
{
	size_t size = reed_slot_item_size(slot);
	const char *items = text_at(slot->values + slot->setting.offset);

	for (size_t i = 0; i < slot->count; i++) {
		const struct table *record = slot->items ? slot->items[i].record : NULL;

		for (size_t j = 0; record && j < record->count; j++)
			reed_slot_texts(&record->slots[j], told, arg);
		if (!record && reed_setting_is_text(&slot->setting))
			tell(&slot->setting, text_at(items + (i + 1) * size - sizeof(char *)), told,
			     arg);
	}
}

void reed_slot_texts(const struct slot *slot, reed_text_fn *told, void *arg)
{
	const struct reed_setting *s = &slot->setting;

	if (s->type == REED_SETTING_GROUP)
		return;
	if (s->shape != REED_SETTING_ONE || s->type == REED_SETTING_RECORD)
		walk_items(slot, told, arg);
	else if (reed_setting_is_text(s))
		tell(s, text_at(slot->values + s->offset), told, arg);
}
