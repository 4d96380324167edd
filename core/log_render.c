/* Records as lines: text for people, JSON for programs. */

#include <string.h>
#include <time.h>

#include "log_private.h"

enum { MESSAGE_COLUMNS = 28 };

static const char *const names[] = { "debug", "info", "warn", "error", "critical" };
static const char *const columns[] = { "debug", "info ", "warn ", "error", "CRIT " };
static const char *const colours[] = { "\033[2m", "\033[32m", "\033[33m", "\033[31m",
	                               "\033[1;31m" };

const char *reed_log_level_name(enum reed_log_level level)
{
	return (size_t)level < REED_COUNT(names) ? names[level] : "unknown";
}

enum reed_err reed_log_level_parse(struct reed_slice name, enum reed_log_level *level)
{
	for (size_t i = 0; i < REED_COUNT(names); i++) {
		if (reed_slice_is_nocase(name, names[i])) {
			*level = (enum reed_log_level)i;
			return REED_OK;
		}
	}
	return REED_ESYNTAX;
}

int reed_log_severity(enum reed_log_level level)
{
	static const int severities[] = { 7, 6, 4, 3, 2 };

	return (size_t)level < REED_COUNT(severities) ? severities[level] : 6;
}

/* ---- characters ---- */

static size_t length_of(unsigned char lead)
{
	return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* The bytes of the character at the front, and the character; 0 when it is not UTF-8. */
size_t reed_log_decode(struct reed_slice s, uint32_t *c)
{
	static const unsigned char masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	size_t n = length_of((unsigned char)s.p[0]);

	if (n > s.n || !reed_slice_is_utf8(reed_slice_first(s, n)))
		return 0;
	*c = (unsigned char)s.p[0] & masks[n];
	for (size_t i = 1; i < n; i++)
		*c = *c << 6 | ((unsigned char)s.p[i] & 0x3f);
	return n;
}

/* What moves a cursor, ends a line or turns text around would let a peer forge records. */
bool reed_log_is_harmless(uint32_t c)
{
	return c >= 0x20 && !(c >= 0x7f && c < 0xa0) && !(c >= 0x2028 && c <= 0x202e) &&
	       !(c >= 0x2066 && c <= 0x2069);
}

/* Nearly all of nearly every value: what stands for itself in both formats. */
static size_t plain(struct reed_slice s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= 0x20 && s.p[n] < 0x7f && s.p[n] != '"' && s.p[n] != '\\')
		n++;
	return n;
}

void reed_log_render_escaped(struct reed_buf *out, struct reed_slice s)
{
	uint32_t c;
	size_t n;

	for (; s.n > 0; s = reed_slice_from(s, n)) {
		n = plain(s);
		reed_buf_add(out, reed_slice_first(s, n));
		if (n > 0)
			continue;
		n = reed_log_decode(s, &c);
		if (n > 0 && reed_log_is_harmless(c)) {
			if (c == '"' || c == '\\')
				reed_buf_add_char(out, '\\');
			reed_buf_add(out, reed_slice_first(s, n));
		} else if (s.p[0] == '\n') {
			reed_buf_add_str(out, "\\n");
			n = 1;
		} else {
			reed_buf_printf(out, "\\x%02x", (unsigned char)s.p[0]);
			n = 1;
		}
	}
}

static void add_json(struct reed_buf *out, struct reed_slice s)
{
	uint32_t c;
	size_t n;

	reed_buf_add_char(out, '"');
	for (; s.n > 0; s = reed_slice_from(s, n)) {
		n = plain(s);
		reed_buf_add(out, reed_slice_first(s, n));
		if (n > 0)
			continue;
		n = reed_log_decode(s, &c);
		if (n == 0) {
			reed_buf_add_str(out, "\xef\xbf\xbd");
			n = 1;
		} else if (c == '"' || c == '\\') {
			reed_buf_add_char(out, '\\');
			reed_buf_add_char(out, (char)c);
		} else if (c == '\n') {
			reed_buf_add_str(out, "\\n");
		} else if (reed_log_is_harmless(c)) {
			reed_buf_add(out, reed_slice_first(s, n));
		} else {
			reed_buf_printf(out, "\\u%04x", (unsigned)c);
		}
	}
	reed_buf_add_char(out, '"');
}

static bool is_bare(struct reed_slice s)
{
	uint32_t c;
	size_t n;

	if (s.n == 0)
		return false;
	for (; s.n > 0; s = reed_slice_from(s, n)) {
		n = reed_log_decode(s, &c);
		if (n == 0 || !reed_log_is_harmless(c) || c == ' ' || c == '"' || c == '\\' ||
		    c == '=')
			return false;
	}
	return true;
}

/* ---- text ---- */

static void add_time(struct reed_buf *out, int64_t wall, bool local)
{
	time_t seconds = (time_t)(wall / 1000000000);
	struct tm tm;
	char text[32];

	if (local)
		localtime_r(&seconds, &tm);
	else
		gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	reed_buf_printf(out, "%s.%03d%s ", text, (int)(wall / 1000000 % 1000), local ? "" : "Z");
}

static void add_text_field(struct reed_buf *out, const char *key, struct reed_slice value,
                           bool colour)
{
	reed_buf_printf(out, colour ? " \033[2m%s=\033[0m" : " %s=", key);
	if (is_bare(value)) {
		reed_buf_add(out, value);
		return;
	}
	reed_buf_add_char(out, '"');
	reed_log_render_escaped(out, value);
	reed_buf_add_char(out, '"');
}

void reed_log_render_field(struct reed_buf *out, const char *key, struct reed_slice value)
{
	add_text_field(out, key, value, false);
}

static void render_text(const struct reed_log_event *e, struct reed_log_style style,
                        struct reed_buf *out, size_t *stamp)
{
	char at[128];

	add_time(out, e->wall, style.local_time);
	*stamp = reed_buf_held(out);
	reed_buf_printf(out, "%s%s%s ", style.colour ? colours[e->level] : "", columns[e->level],
	                style.colour ? "\033[0m" : "");
	reed_log_render_escaped(out, e->message);
	if (e->count > 0 && e->message.n < MESSAGE_COLUMNS)
		reed_buf_printf(out, "%*s", (int)(MESSAGE_COLUMNS - e->message.n), "");
	for (size_t i = 0; i < e->count; i++)
		add_text_field(out, e->fields[i].key, e->fields[i].value, style.colour);
	if (e->level == REED_LOG_DEBUG && e->file) {
		snprintf(at, sizeof(at), "%s:%d", e->file, e->line);
		add_text_field(out, "at", reed_slice_of(at), style.colour);
	}
	reed_buf_add_char(out, '\n');
}

/* ---- JSON ---- */

static void add_json_time(struct reed_buf *out, int64_t wall)
{
	time_t seconds = (time_t)(wall / 1000000000);
	struct tm tm;
	char text[32];

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	reed_buf_printf(out, "{\"time\":\"%s.%06dZ\",", text, (int)(wall / 1000 % 1000000));
}

static void render_json(const struct reed_log_event *e, struct reed_buf *out, size_t *stamp)
{
	add_json_time(out, e->wall);
	*stamp = reed_buf_held(out);
	reed_buf_printf(out, "\"level\":\"%s\",\"message\":", names[e->level]);
	add_json(out, e->message);
	for (size_t i = 0; i < e->count; i++) {
		reed_buf_printf(out, ",\"%s\":", e->fields[i].key);
		if (e->fields[i].number)
			reed_buf_add(out, e->fields[i].value);
		else
			add_json(out, e->fields[i].value);
	}
	if (e->file)
		reed_buf_printf(out, ",\"at\":\"%s:%d\"", e->file, e->line);
	reed_buf_add_str(out, "}\n");
}

void reed_log_render_as(const struct reed_log_event *event, struct reed_log_style style,
                        struct reed_buf *out, size_t *stamp)
{
	*stamp = 0;
	if (style.journal)
		reed_log_render_journal(event, style.identity, out);
	else if (style.json)
		render_json(event, out, stamp);
	else
		render_text(event, style, out, stamp);
}

void reed_log_render(const struct reed_log_event *event, enum reed_log_format format,
                     bool local_time, struct reed_buf *out)
{
	size_t stamp;

	reed_log_render_as(event,
	                   (struct reed_log_style){ .json = format == REED_LOG_JSON,
	                                            .colour = format == REED_LOG_COLOURED,
	                                            .local_time = local_time },
	                   out, &stamp);
}
