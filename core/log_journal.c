/*
 * Records of systemd's journal (systemd.journal-fields(7)): a field a line,
 * NAME=value; a value with a newline in it has its length before it.
 *
 * MESSAGE comes last and has the fields behind its sentence, for those who read
 * it with journalctl; programs find them by their names.
 */

#include "log_private.h"

#include <string.h>

enum { NAME = 64 };

static const char *const taken[] = { "MESSAGE",   "PRIORITY",  "CODE_FILE",
	                             "CODE_LINE", "CODE_FUNC", "SYSLOG_IDENTIFIER" };

static bool is_taken(const char *name)
{
	for (size_t i = 0; i < REED_COUNT(taken); i++)
		if (strcmp(taken[i], name) == 0)
			return true;
	return false;
}

/* Capital letters; the journal has those that begin with an underscore for itself. */
static void add_name(struct reed_buf *out, const char *key)
{
	char name[NAME + 1];
	size_t n = 0;

	while (*key == '_')
		key++;
	for (; key[n] && n < NAME; n++)
		name[n] = key[n] >= 'a' && key[n] <= 'z' ? (char)(key[n] - 'a' + 'A') : key[n];
	name[n] = '\0';
	if (is_taken(name) || n == 0 || (name[0] >= '0' && name[0] <= '9'))
		reed_buf_add_str(out, "F_");
	reed_buf_add_str(out, name);
}

static void add_value(struct reed_buf *out, struct reed_slice value)
{
	if (reed_slice_find(value, '\n') == value.n) {
		reed_buf_add_char(out, '=');
	} else {
		reed_buf_add_char(out, '\n');
		for (unsigned shift = 0; shift < 64; shift += 8)
			reed_buf_add_char(out, (char)((uint64_t)value.n >> shift & 0xff));
	}
	reed_buf_add(out, value);
	reed_buf_add_char(out, '\n');
}

void reed_log_render_journal(const struct reed_log_event *e, const char *identity,
                             struct reed_buf *out)
{
	reed_buf_printf(out, "PRIORITY=%d\n", reed_log_severity(e->level));
	if (*identity)
		reed_buf_printf(out, "SYSLOG_IDENTIFIER=%s\n", identity);
	if (e->file)
		reed_buf_printf(out, "CODE_FILE=%s\nCODE_LINE=%d\n", e->file, e->line);
	for (size_t i = 0; i < e->count; i++) {
		add_name(out, e->fields[i].key);
		add_value(out, e->fields[i].value);
	}
	reed_buf_add_str(out, "MESSAGE=");
	reed_log_render_escaped(out, e->message);
	for (size_t i = 0; i < e->count; i++)
		reed_log_render_field(out, e->fields[i].key, e->fields[i].value);
	reed_buf_add_char(out, '\n');
}
