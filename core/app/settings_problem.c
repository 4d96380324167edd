/* Problems: the lines that tell people what is wrong, and where. */

#include "settings_private.h"

enum { QUOTED = 40 };

static void add_byte(struct reed_buf *out, unsigned char c)
{
	if (c == '\n' || c == '\t')
		reed_buf_add_str(out, c == '\n' ? "\\n" : "\\t");
	else if (c < 0x20 || c >= 0x7f)
		reed_buf_printf(out, "\\x%02x", c);
	else
		reed_buf_printf(out, c == '"' || c == '\\' ? "\\%c" : "%c", c);
}

/* Somebody else's bytes on a terminal: nothing that it would obey, no half characters. */
static void add_visible(struct reed_buf *out, struct reed_slice text)
{
	bool utf8 = reed_slice_is_utf8(text);

	while (text.n > 0) {
		struct reed_slice before = text;
		unsigned char first = (unsigned char)text.p[0];
		uint32_t c = first;

		if (utf8)
			c = reed_utf8_take(&text);
		else
			text = reed_slice_from(text, 1);
		if (c < 0x80 || !utf8)
			add_byte(out, first);
		else if (reed_yaml_is_printable(c))
			reed_buf_add(out, reed_slice_first(before, before.n - text.n));
		else
			reed_buf_printf(out, "\\u%04x", (unsigned)c);
	}
}

/* What was not made visible before does not reach a terminal either. */
void reed_settings_make_visible(char *text)
{
	struct reed_slice rest = reed_slice_of(text);
	bool utf8 = reed_slice_is_utf8(rest);

	while (rest.n > 0) {
		size_t at = (size_t)(rest.p - text);
		uint32_t c = (unsigned char)*rest.p;

		if (utf8)
			c = reed_utf8_take(&rest);
		else
			rest = reed_slice_from(rest, 1);
		if (!reed_yaml_is_printable(c) || (c >= 0x80 && !utf8))
			memset(text + at, '?', (size_t)(rest.p - text) - at);
	}
}

void reed_settings_show(struct reed_buf *out, struct reed_slice text)
{
	struct reed_slice first = reed_slice_first(text, reed_slice_utf8_border(text, QUOTED));

	add_visible(out, first);
	if (first.n < text.n)
		reed_buf_add_str(out, "...");
}

void reed_settings_quote(struct reed_buf *out, struct reed_slice text)
{
	reed_buf_add_char(out, '"');
	reed_settings_show(out, text);
	reed_buf_add_char(out, '"');
}

const char *reed_source_place(struct reed_pool *pool, const struct source *source, unsigned line,
                              unsigned column)
{
	if (source->layer == LAYER_DEFAULT)
		return source->name;
	if (source->layer != LAYER_FILE || line == 0)
		return reed_settings_keep_text(pool, reed_slice_of(source->name));
	return reed_settings_keepf(pool, "%s:%u:%u", source->name, line, column);
}

static void add_line(struct reed_settings *self, struct lines *lines, const char *origin,
                     const char *key, const char *sentence)
{
	char *line;

	if (lines->count++ >= REED_SETTINGS_PROBLEMS)
		return;
	line = reed_settings_keepf(&self->pool, "%s%s%s%s%s", origin, *origin ? ": " : "", key,
	                           *key ? ": " : "", sentence);
	reed_settings_make_visible(line);
	lines->line[lines->count - 1] = line;
}

void reed_settings_problem_add(struct reed_settings *self, const char *origin, const char *key,
                               const char *format, va_list args)
{
	char sentence[1024];

	vsnprintf(sentence, sizeof(sentence), format, args);
	add_line(self, &self->problems, origin, key, sentence);
}

void reed_settings_problem_at(struct reed_settings *self, const char *origin, const char *key,
                              const char *format, ...)
{
	va_list args;

	va_start(args, format);
	reed_settings_problem_add(self, origin, key, format, args);
	va_end(args);
}

/* "name in the settings file, --name or REED_CHAT_NAME" */
static void write_ways(const struct slot *slot, struct reed_buf *out)
{
	bool file = reed_slot_from(slot, REED_FROM_FILE);

	if (file)
		reed_buf_printf(out, "%s in the settings file", slot->key);
	if (slot->flag)
		reed_buf_printf(out, "%s--%s", file ? slot->variable ? ", " : " or " : "",
		                slot->flag);
	if (slot->variable)
		reed_buf_printf(out, "%s%s", file || slot->flag ? " or " : "", slot->variable);
}

void reed_settings_problem_missing(struct reed_settings *self, const struct slot *slot,
                                   const char *origin)
{
	struct reed_buf ways = { 0 };

	write_ways(slot, &ways);
	reed_settings_problem_at(self, origin ? origin : "", slot->key,
	                         "has to be given: write " REED_FMT,
	                         REED_ARG(reed_buf_slice(&ways)));
	reed_buf_finish(&ways);
}

void reed_settings_warn_renamed(struct reed_settings *self, const char *origin, const char *before,
                                const char *now)
{
	char sentence[256];

	snprintf(sentence, sizeof(sentence), "is called %s now; the old name will go", now);
	add_line(self, &self->warnings, origin, before, sentence);
}

const char *reed_settings_problem(const struct reed_settings *self, size_t i)
{
	return i < REED_SETTINGS_PROBLEMS ? self->problems.line[i] : NULL;
}

const char *reed_settings_warning(const struct reed_settings *self, size_t i)
{
	return i < REED_SETTINGS_PROBLEMS ? self->warnings.line[i] : NULL;
}

void reed_settings_problems(const struct reed_settings *self, struct reed_buf *out)
{
	const char *line;

	for (size_t i = 0; (line = reed_settings_problem(self, i)); i++)
		reed_buf_printf(out, "%s\n", line);
	if (self->problems.count > REED_SETTINGS_PROBLEMS)
		reed_buf_printf(out, "and %zu more\n",
		                self->problems.count - REED_SETTINGS_PROBLEMS);
}
