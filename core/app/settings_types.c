/*
 * Types: one value from text and back.
 *
 * Whatever has a number (bool, int, size, duration, enum) is an int64_t here.
 * A sentence in why goes on after "chat.yaml:4:3: limits.sendq: ".
 */

#include "settings_private.h"

#include <inttypes.h>

static const struct type {
	const char *wanted; /* write ... */
	const char *placeholder;
} types[] = {
	[REED_SETTING_GROUP] = { "a group of settings", "" },
	[REED_SETTING_BOOL] = { "true or false", "BOOL" },
	[REED_SETTING_INT] = { "a number", "NUMBER" },
	[REED_SETTING_SIZE] = { "a size", "SIZE" },
	[REED_SETTING_DURATION] = { "a time", "TIME" },
	[REED_SETTING_STRING] = { "a text", "TEXT" },
	[REED_SETTING_PATH] = { "a path", "PATH" },
	[REED_SETTING_SECRET] = { "a text, {file: PATH} or {env: NAME}", "SECRET" },
	[REED_SETTING_ENUM] = { "a word", "WORD" },
	[REED_SETTING_ENDPOINT] = { "an endpoint", "ENDPOINT" },
	[REED_SETTING_RECORD] = { "a group of settings", "RECORD" },
};

static const struct unit {
	const char *name;
	int64_t of;
} size_units[] = {
	{ "T", (int64_t)1 << 40 }, { "G", 1 << 30 }, { "M", 1 << 20 }, { "K", 1 << 10 },
}, time_units[] = {
	{ "d", 86400 * INT64_C(1000000000) }, { "h", 3600 * INT64_C(1000000000) },
	{ "m", 60 * INT64_C(1000000000) }, { "s", 1000000000 }, { "ms", 1000000 },
};

bool reed_setting_is_text(const struct reed_setting *s)
{
	return s->type == REED_SETTING_STRING || s->type == REED_SETTING_PATH ||
	       s->type == REED_SETTING_SECRET || s->type == REED_SETTING_ENDPOINT;
}

static void add_words(const struct reed_setting *s, const char *between, const char *last,
                      struct reed_buf *out)
{
	for (size_t i = 0; s->words[i]; i++)
		reed_buf_printf(out, "%s%s",
		                i == 0            ? ""
		                : s->words[i + 1] ? between
		                                  : last,
		                s->words[i]);
}

void reed_setting_write_placeholder(const struct reed_setting *s, struct reed_buf *out)
{
	if (s->type == REED_SETTING_ENUM && !s->placeholder)
		add_words(s, "|", "|", out);
	else
		reed_buf_add_str(out, s->placeholder ? s->placeholder : types[s->type].placeholder);
}

void reed_setting_wanted(const struct reed_setting *s, struct reed_buf *out)
{
	if (s->type == REED_SETTING_ENUM)
		add_words(s, ", ", " or ", out);
	else
		reed_buf_add_str(out, types[s->type].wanted);
}

/* Digits from the front of *text. */
static enum reed_err take_digits(struct reed_slice *text, int64_t *out)
{
	size_t n = 0;
	uint64_t value = 0;
	enum reed_err err;

	while (n < text->n && text->p[n] >= '0' && text->p[n] <= '9')
		n++;
	err = reed_slice_u64(reed_slice_first(*text, n), INT64_MAX, &value);
	*text = reed_slice_from(*text, n);
	*out = (int64_t)value;
	return err;
}

static enum reed_err multiply(int64_t *value, int64_t by)
{
	return __builtin_mul_overflow(*value, by, value) ? REED_ERANGE : REED_OK;
}

/* REED_ESYNTAX when what is wrong is the form: that goes before a number that is too large. */
static enum reed_err worse(enum reed_err a, enum reed_err b)
{
	return a == REED_ESYNTAX || b == REED_OK ? a : b;
}

static enum reed_err parse_int(struct reed_slice text, int64_t *out)
{
	bool minus = text.n > 0 && text.p[0] == '-';
	enum reed_err err;

	if (minus || (text.n > 0 && text.p[0] == '+'))
		text = reed_slice_from(text, 1);
	err = take_digits(&text, out);
	if (text.n > 0)
		return REED_ESYNTAX;
	if (minus)
		*out = err == REED_ERANGE ? INT64_MIN : -*out;
	return err;
}

static enum reed_err parse_size(struct reed_slice text, int64_t *out)
{
	enum reed_err err = take_digits(&text, out);

	if (text.n == 0 || err == REED_ESYNTAX)
		return err;
	for (size_t i = 0; i < REED_COUNT(size_units); i++)
		if (reed_slice_is_nocase(text, size_units[i].name))
			return worse(err, multiply(out, size_units[i].of));
	return REED_ESYNTAX;
}

static const struct unit *take_time_unit(struct reed_slice *text)
{
	size_t n = 0;

	while (n < text->n && (text->p[n] < '0' || text->p[n] > '9'))
		n++;
	for (size_t i = 0; i < REED_COUNT(time_units); i++)
		if (reed_slice_is(reed_slice_first(*text, n), time_units[i].name)) {
			*text = reed_slice_from(*text, n);
			return &time_units[i];
		}
	return NULL;
}

enum reed_err reed_setting_duration(struct reed_slice text, int64_t *out)
{
	enum reed_err err = text.n == 0 ? REED_ESYNTAX : REED_OK;
	int64_t part;

	*out = 0;
	if (reed_slice_is(text, "0"))
		return REED_OK;
	while (text.n > 0 && err != REED_ESYNTAX) {
		const struct unit *unit;

		err = worse(take_digits(&text, &part), err);
		unit = take_time_unit(&text);
		if (!unit)
			return REED_ESYNTAX;
		err = worse(err, multiply(&part, unit->of));
		if (__builtin_add_overflow(*out, part, out))
			err = worse(err, REED_ERANGE);
	}
	return err;
}

static enum reed_err parse_bool(struct reed_slice text, int64_t *out)
{
	static const char *const words[] = { "false", "true", "no", "yes", "off", "on" };

	for (size_t i = 0; i < REED_COUNT(words); i++)
		if (reed_slice_is_nocase(text, words[i])) {
			*out = i & 1;
			return REED_OK;
		}
	return REED_ESYNTAX;
}

static enum reed_err parse_enum(const struct reed_setting *s, struct reed_slice text, int64_t *out)
{
	for (size_t i = 0; s->words[i]; i++)
		if (reed_slice_is(text, s->words[i])) {
			*out = (int64_t)i;
			return REED_OK;
		}
	return REED_ESYNTAX;
}

static enum reed_err parse(const struct reed_setting *s, struct reed_slice text, int64_t *out)
{
	*out = 0;
	if (s->type == REED_SETTING_BOOL)
		return parse_bool(text, out);
	if (s->type == REED_SETTING_ENUM)
		return parse_enum(s, text, out);
	if (s->type == REED_SETTING_SIZE)
		return parse_size(text, out);
	if (s->type == REED_SETTING_DURATION)
		return reed_setting_duration(text, out);
	return parse_int(text, out);
}

static void explain_enum(const struct reed_setting *s, struct reed_slice text, struct reed_buf *why)
{
	struct likeness like;

	reed_likeness_init(&like, text);
	for (size_t i = 0; s->words[i]; i++)
		reed_likeness_try(&like, reed_slice_of(s->words[i]));
	if (like.best.n) {
		reed_buf_printf(why, " is none of ");
		add_words(s, ", ", ", ", why);
		reed_buf_printf(why, "; did you mean " REED_FMT "?", REED_ARG(like.best));
		return;
	}
	reed_buf_add_str(why, " will not do; write ");
	add_words(s, ", ", " or ", why);
}

static void explain_form(const struct reed_setting *s, struct reed_slice text, struct reed_buf *why)
{
	reed_settings_quote(why, text);
	if (s->type == REED_SETTING_ENUM)
		explain_enum(s, text, why);
	else if (s->type == REED_SETTING_BOOL)
		reed_buf_add_str(why, " is neither yes nor no; write true or false");
	else if (s->type == REED_SETTING_SIZE)
		reed_buf_add_str(why, " is not a size; write 10M, 512K or a number of bytes");
	else if (s->type == REED_SETTING_DURATION)
		reed_buf_add_str(why, " is not a time; write 30s, 5m, 1h30m or 500ms");
	else
		reed_buf_add_str(why, " is not a whole number");
}

static int64_t limit_of(const struct reed_setting *s, const char *text, int64_t otherwise)
{
	int64_t value;

	return text && parse(s, reed_slice_of(text), &value) == REED_OK ? value : otherwise;
}

/* What the member can hold; nothing but an int is below zero. */
static int64_t lowest(const struct reed_setting *s)
{
	if (s->width >= 0 || s->type != REED_SETTING_INT)
		return 0;
	return s->width == -8 ? INT64_MIN : -((int64_t)1 << (-8 * s->width - 1));
}

static int64_t highest(const struct reed_setting *s)
{
	int bits = s->width < 0 ? -8 * s->width - 1 : 8 * s->width;

	return bits >= 63 ? INT64_MAX : ((int64_t)1 << bits) - 1;
}

static bool has_limits(const struct reed_setting *s)
{
	return s->type == REED_SETTING_INT || s->type == REED_SETTING_SIZE ||
	       s->type == REED_SETTING_DURATION;
}

bool reed_setting_limits_are_good(const struct reed_setting *s)
{
	struct reed_setting length = { .type = REED_SETTING_INT, .width = -8 };
	const struct reed_setting *as = reed_setting_is_text(s) ? &length : s;
	int64_t value;

	if (!has_limits(as))
		return !s->least && !s->most;
	return (!s->least || parse(as, reed_slice_of(s->least), &value) == REED_OK) &&
	       (!s->most || parse(as, reed_slice_of(s->most), &value) == REED_OK);
}

/* "from 4K to 1G", "of at least 4K"; the "of" goes after a noun only. */
void reed_setting_range(const struct reed_setting *s, const char *of, struct reed_buf *out)
{
	const char *unit = reed_setting_is_text(s) ? " bytes" : "";

	if (s->least && s->most)
		reed_buf_printf(out, "from %s to %s%s", s->least, s->most, unit);
	else if (s->least)
		reed_buf_printf(out, "%sat least %s%s", of, s->least, unit);
	else if (s->most)
		reed_buf_printf(out, "%sat most %s%s", of, s->most, unit);
}

/* "a list, each item a size from 4K to 1G" */
void reed_setting_describe(const struct reed_setting *s, struct reed_buf *out)
{
	if (s->shape == REED_SETTING_LIST)
		reed_buf_add_str(out, "a list, each item ");
	else if (s->shape == REED_SETTING_MAP)
		reed_buf_add_str(out, "names, for each ");
	if (s->type == REED_SETTING_ENUM)
		reed_buf_add_str(out, "one of ");
	reed_setting_wanted(s, out);
	if (s->least || s->most)
		reed_buf_add_char(out, ' ');
	reed_setting_range(s, "of ", out);
}

/* A limit that nobody wrote down comes from the member; it is told when it was hit. */
static void explain_range(const struct reed_setting *s, struct reed_slice text, bool high,
                          struct reed_buf *why)
{
	reed_buf_printf(why, REED_FMT " is too %s; write %s ", REED_ARG(reed_slice_first(text, 40)),
	                high ? "much" : "little", types[s->type].wanted);
	if (high ? s->most != NULL : s->least != NULL) {
		reed_setting_range(s, "of ", why);
		return;
	}
	reed_buf_add_str(why, high ? "of at most " : "of at least ");
	reed_setting_format(s, high ? highest(s) : lowest(s), why);
}

bool reed_setting_number(const struct reed_setting *s, struct reed_slice text, int64_t *value,
                         struct reed_buf *why)
{
	enum reed_err err = parse(s, text, value);
	bool low, high;

	if (err == REED_ESYNTAX) {
		explain_form(s, text, why);
		return false;
	}
	if (!has_limits(s))
		return true;
	low = err ? *value == INT64_MIN : *value < limit_of(s, s->least, lowest(s));
	high = err ? !low : *value > limit_of(s, s->most, highest(s));
	if (low || high)
		explain_range(s, text, high, why);
	return !low && !high;
}

static bool endpoint_brackets(struct reed_slice text, struct reed_buf *why)
{
	size_t open = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\\')
			i++;
		else if (text.p[i] == '[')
			open++;
		else if (text.p[i] == ']' && open-- == 0)
			break;
	}
	if (open == 0)
		return true;
	reed_settings_quote(why, text);
	reed_buf_add_str(why, open == SIZE_MAX ? " has a \"]\" without its \"[\""
	                                       : " has a \"[\" without its \"]\"");
	return false;
}

/* The kernel knows which schemes there are; here is only the form. */
static bool endpoint_form(struct reed_slice text, struct reed_buf *why)
{
	size_t n = reed_slice_find(text, ':');
	bool word = n > 0 && n < text.n;

	for (size_t i = 0; i < n && word; i++) {
		char c = text.p[i];

		word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		       (i > 0 && ((c >= '0' && c <= '9') || c == '-' || c == '+'));
	}
	if (word)
		return endpoint_brackets(text, why);
	reed_settings_quote(why, text);
	reed_buf_add_str(why, " is not an endpoint; write scheme:argument, as in tcp:6667");
	return false;
}

static bool text_length(const struct reed_setting *s, struct reed_slice text, struct reed_buf *why)
{
	struct reed_setting length = { .type = REED_SETTING_INT, .width = -8 };
	bool few = text.n < (uint64_t)limit_of(&length, s->least, 0);

	if (!few && text.n <= (uint64_t)limit_of(&length, s->most, INT64_MAX))
		return true;
	reed_buf_printf(why, "is %zu bytes long; write at %s %s", text.n, few ? "least" : "most",
	                few ? s->least : s->most);
	return false;
}

bool reed_setting_text(const struct reed_setting *s, struct reed_slice text, struct reed_buf *why)
{
	if (!reed_slice_is_utf8(text))
		reed_buf_add_str(why, "is not UTF-8");
	else if (reed_slice_find(text, '\0') < text.n)
		reed_buf_add_str(why, "has a NUL character in it");
	else if (text.n == 0 && s->type == REED_SETTING_PATH)
		reed_buf_add_str(why, "is empty; write the path of a file or folder");
	else if (s->type == REED_SETTING_ENDPOINT && !endpoint_form(text, why))
		return false;
	else
		return text_length(s, text, why);
	return false;
}

/* 1536K is 1536K: the largest unit that leaves nothing over. */
static void format_size(int64_t value, struct reed_buf *out)
{
	for (size_t i = 0; i < REED_COUNT(size_units) && value; i++)
		if (value % size_units[i].of == 0) {
			reed_buf_printf(out, "%" PRId64 "%s", value / size_units[i].of,
			                size_units[i].name);
			return;
		}
	reed_buf_printf(out, "%" PRId64, value);
}

static void format_duration(int64_t value, struct reed_buf *out)
{
	if (value == 0)
		reed_buf_add_str(out, "0s");
	for (size_t i = 0; i < REED_COUNT(time_units); i++) {
		int64_t n = value / time_units[i].of;

		if (n)
			reed_buf_printf(out, "%" PRId64 "%s", n, time_units[i].name);
		value %= time_units[i].of;
	}
}

void reed_setting_format(const struct reed_setting *s, int64_t value, struct reed_buf *out)
{
	if (s->type == REED_SETTING_BOOL)
		reed_buf_add_str(out, value ? "true" : "false");
	else if (s->type == REED_SETTING_ENUM)
		reed_buf_add_str(out, s->words[value]);
	else if (s->type == REED_SETTING_SIZE)
		format_size(value, out);
	else if (s->type == REED_SETTING_DURATION)
		format_duration(value, out);
	else
		reed_buf_printf(out, "%" PRId64, value);
}

void reed_setting_put(const struct reed_setting *s, void *at, int64_t value)
{
	uint32_t word = (uint32_t)value;
	uint16_t half = (uint16_t)value;

	if (s->shape != REED_SETTING_ONE)
		memcpy(at, &value, sizeof(value));
	else if (s->type == REED_SETTING_BOOL)
		*(bool *)at = value != 0;
	else if (s->width == 8 || s->width == -8)
		memcpy(at, &value, sizeof(value));
	else if (s->width == 4 || s->width == -4)
		memcpy(at, &word, sizeof(word));
	else
		memcpy(at, &half, sizeof(half));
}

int64_t reed_setting_get(const struct reed_setting *s, const void *at)
{
	int64_t value;
	uint32_t word;
	uint16_t half;

	if (s->shape == REED_SETTING_ONE && s->type == REED_SETTING_BOOL)
		return *(const bool *)at;
	if (s->shape != REED_SETTING_ONE || s->width == 8 || s->width == -8) {
		memcpy(&value, at, sizeof(value));
		return value;
	}
	if (s->width == 4 || s->width == -4) {
		memcpy(&word, at, sizeof(word));
		return s->width < 0 ? (int32_t)word : (int64_t)word;
	}
	memcpy(&half, at, sizeof(half));
	return s->width < 0 ? (int16_t)half : (int64_t)half;
}
