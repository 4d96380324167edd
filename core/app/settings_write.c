/* Writing: values as YAML that this or any other reader takes. */

#include "settings_private.h"

static bool is_word_character(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("_/.+@%=-", c));
}

/* Good in brackets and out of them, and no other type to readers that guess. */
static bool is_plain(struct reed_slice text)
{
	static const char *const others[] = { "null", "true", "false", "yes", "no", "on", "off" };

	for (size_t i = 0; i < REED_COUNT(others); i++)
		if (reed_slice_is_nocase(text, others[i]))
			return false;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		bool inside =
			i > 0 && i + 1 < text.n && is_word_character((unsigned char)text.p[i + 1]);

		if (!is_word_character(c) && !((c == ':' || c == ' ') && inside))
			return false;
	}
	return text.n > 0 && !strchr("-.%@=", text.p[0]);
}

/* What libyaml does not take as it is: C0, DEL, C1, the line ends of Unicode, marks and the like. */
bool reed_yaml_is_printable(uint32_t c)
{
	return (c >= 0x20 && c < 0x7f) ||
	       (c >= 0xa0 && c <= 0xd7ff && c != 0x2028 && c != 0x2029) ||
	       (c >= 0xe000 && c <= 0xfffd && c != 0xfeff) || c >= 0x10000;
}

/* text is UTF-8 */
uint32_t reed_utf8_take(struct reed_slice *text)
{
	unsigned char c = (unsigned char)text->p[0];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t value = n == 1 ? c : c & (0x7fu >> n);

	for (size_t i = 1; i < n; i++)
		value = value << 6 | ((unsigned char)text->p[i] & 0x3fu);
	*text = reed_slice_from(*text, n);
	return value;
}

void reed_yaml_write(struct reed_buf *out, struct reed_slice text)
{
	struct reed_slice rest = text;

	if (is_plain(text)) {
		reed_buf_add(out, text);
		return;
	}
	reed_buf_add_char(out, '"');
	while (rest.n > 0) {
		struct reed_slice before = rest;
		uint32_t c = reed_utf8_take(&rest);

		if (c == '"' || c == '\\')
			reed_buf_printf(out, "\\%c", (char)c);
		else if (c == '\n' || c == '\t')
			reed_buf_add_str(out, c == '\n' ? "\\n" : "\\t");
		else if (reed_yaml_is_printable(c))
			reed_buf_add(out, reed_slice_first(before, before.n - rest.n));
		else
			reed_buf_printf(out, "\\u%04x", (unsigned)c);
	}
	reed_buf_add_char(out, '"');
}

static void write_secret(const struct reed_settings *self, const char *const *member,
                         enum secrets_shown shown, struct reed_buf *out)
{
	static const char *const words[] = { "", "file", "env", "credential" };
	const struct secret *secret = reed_secret_of(self, member);

	if (shown == SECRETS_REVEALED && *member) {
		reed_yaml_write(out, reed_slice_of(*member));
	} else if (!secret || secret->kind == SECRET_LITERAL) {
		reed_buf_add_str(out, "\"********\"");
	} else {
		reed_buf_printf(out, "{%s: ", words[secret->kind]);
		reed_yaml_write(out, reed_slice_of(secret->name));
		reed_buf_add_char(out, '}');
	}
}

/* One value at a place in memory, of a setting or of an item of it. */
static void write_value(const struct reed_settings *self, const struct reed_setting *s,
                        const void *at, enum secrets_shown shown, struct reed_buf *out)
{
	const char *const *text = at;

	if (s->type == REED_SETTING_SECRET)
		write_secret(self, text, shown, out);
	else if (reed_setting_is_text(s))
		reed_yaml_write(out, reed_slice_of(*text));
	else
		reed_setting_format(s, reed_setting_get(s, at), out);
}

static const void *item_at(const struct slot *slot, size_t i)
{
	const char *items;

	memcpy(&items, slot->values + slot->setting.offset, sizeof(items));
	return items + i * reed_slot_item_size(slot);
}

static void write_record(const struct reed_settings *self, const struct table *record,
                         enum secrets_shown shown, struct reed_buf *out)
{
	const char *between = "";

	reed_buf_add_char(out, '{');
	for (size_t i = 0; i < record->count; i++) {
		const struct slot *slot = &record->slots[i];

		if (slot->setting.type == REED_SETTING_GROUP || reed_slot_is_unset(slot))
			continue;
		reed_buf_printf(out, "%s%s: ", between, slot->key);
		reed_slot_write(self, slot, shown, out);
		between = ", ";
	}
	reed_buf_add_char(out, '}');
}

void reed_slot_write_item(const struct reed_settings *self, const struct slot *slot, size_t i,
                          enum secrets_shown shown, struct reed_buf *out)
{
	const void *at = item_at(slot, i);
	const struct reed_pair *pair = at;

	if (slot->setting.type == REED_SETTING_RECORD) {
		write_record(self, slot->items[i].record, shown, out);
	} else if (slot->setting.shape == REED_SETTING_MAP) {
		reed_yaml_write(out, reed_slice_of(pair->name));
		reed_buf_add_str(out, ": ");
		write_value(self, &slot->setting, &pair->value, shown, out);
	} else {
		write_value(self, &slot->setting, at, shown, out);
	}
}

void reed_slot_write(const struct reed_settings *self, const struct slot *slot,
                     enum secrets_shown shown, struct reed_buf *out)
{
	bool map = slot->setting.shape == REED_SETTING_MAP;

	if (slot->setting.shape == REED_SETTING_ONE) {
		write_value(self, &slot->setting, slot->values + slot->setting.offset, shown, out);
		return;
	}
	reed_buf_add_char(out, map ? '{' : '[');
	for (size_t i = 0; i < slot->count; i++) {
		if (i > 0)
			reed_buf_add_str(out, ", ");
		reed_slot_write_item(self, slot, i, shown, out);
	}
	reed_buf_add_char(out, map ? '}' : ']');
}

bool reed_slot_is_unset(const struct slot *slot)
{
	return slot->origin.layer == LAYER_DEFAULT && !slot->setting.preset &&
	       (reed_setting_is_text(&slot->setting) || slot->setting.shape != REED_SETTING_ONE);
}

static void write_preset_item(const struct reed_setting *s, struct reed_slice item,
                              struct reed_buf *out)
{
	if (s->shape == REED_SETTING_MAP) {
		reed_yaml_write(out, reed_slice_cut(&item, '='));
		reed_buf_add_str(out, ": ");
	}
	if (reed_setting_is_text(s))
		reed_yaml_write(out, item);
	else
		reed_buf_add(out, item);
}

/* A list may be given as "a, b" in a schema. */
void reed_setting_write_preset(const struct reed_setting *s, struct reed_buf *out)
{
	struct reed_slice text = reed_slice_of(s->preset);
	bool map = s->shape == REED_SETTING_MAP;

	if (s->shape == REED_SETTING_ONE) {
		write_preset_item(s, text, out);
		return;
	}
	if (text.n > 0 && (text.p[0] == '[' || text.p[0] == '{')) {
		reed_buf_add(out, text);
		return;
	}
	reed_buf_add_char(out, map ? '{' : '[');
	while (text.n > 0) {
		write_preset_item(s, reed_slice_trim(reed_slice_cut(&text, ',')), out);
		reed_buf_add_str(out, text.n > 0 ? ", " : "");
	}
	reed_buf_add_char(out, map ? '}' : ']');
}
