/* Records as syslog has them. */

#include "ship_private.h"

#include <string.h>
#include <time.h>

#include "log_private.h"

enum { SD_NAME = 32, HOST = 255, APP = 48, STAMP = 40 }; /* RFC 5424 6 */

/* RFC 5424 6.2.1, table 1 */
const char *const reed_ship_facilities[] = {
	"kern",   "user",     "mail",   "daemon", "auth",   "syslog", "lpr",   "news",   "uucp",
	"cron",   "authpriv", "ftp",    "ntp",    "audit",  "alert",  "clock", "local0", "local1",
	"local2", "local3",   "local4", "local5", "local6", "local7", NULL,
};

/* PRINTUSASCII, or the nil value. */
static void add_name(struct reed_buf *out, const char *name, size_t longest)
{
	size_t n = 0;

	for (; name && name[n] && n < longest; n++)
		reed_buf_add_char(out, name[n] > 0x20 && name[n] < 0x7f ? name[n] : '_');
	reed_buf_add_str(out, n > 0 ? " " : "- ");
}

/* RFC 5424 6.2.3 */
static void add_stamp(struct reed_buf *out, int64_t wall)
{
	time_t seconds = (time_t)(wall / REED_S(1));
	char text[STAMP];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	reed_buf_printf(out, "%s.%06dZ ", text, (int)(wall / 1000 % 1000000));
}

/* RFC 5424 6.3.3: in UTF-8, with three characters escaped; what is none of it is replaced. */
static void add_value(struct reed_buf *out, struct reed_slice s)
{
	uint32_t c;
	size_t n;

	for (; s.n > 0; s = reed_slice_from(s, n ? n : 1)) {
		n = reed_log_decode(s, &c);
		if (n == 0) {
			reed_buf_add_str(out, "\xef\xbf\xbd");
		} else if (!reed_log_is_harmless(c)) {
			reed_buf_add_char(out, ' ');
		} else {
			if (c == '"' || c == '\\' || c == ']')
				reed_buf_add_char(out, '\\');
			reed_buf_add(out, reed_slice_first(s, n));
		}
	}
}

static void add_param(struct reed_buf *out, const char *key, struct reed_slice value)
{
	reed_buf_printf(out, " %.*s=\"", SD_NAME, key);
	add_value(out, value);
	reed_buf_add_char(out, '"');
}

/* Those that fit into room, whole. */
static void add_data(struct reed_buf *out, const struct reed_log_event *e, const char *id,
                     size_t room)
{
	struct reed_buf param = { 0 };
	size_t begin = reed_buf_held(out);

	reed_buf_printf(out, "[%s", id);
	for (size_t i = 0; i < e->count; i++) {
		reed_buf_clear(&param);
		add_param(&param, e->fields[i].key, e->fields[i].value);
		if (reed_buf_held(out) - begin + reed_buf_held(&param) + 1 <= room)
			reed_buf_add(out, reed_buf_slice(&param));
	}
	reed_buf_add_char(out, ']');
	reed_buf_finish(&param);
}

static bool is_ascii(struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

/* The sentence, and the fields behind it where they have no place of their own. */
static void message_of(const struct reed_log_event *e, bool with_fields, struct reed_buf *text)
{
	reed_log_render_escaped(text, e->message);
	for (size_t i = 0; with_fields && i < e->count; i++)
		reed_log_render_field(text, e->fields[i].key, e->fields[i].value);
}

static struct reed_slice cut(struct reed_slice s, size_t n)
{
	return s.n <= n ? s : reed_slice_first(s, reed_slice_utf8_border(s, n));
}

/* RFC 5424 6: HEADER SP STRUCTURED-DATA SP MSG.  The mark says that it is UTF-8 (6.4). */
static void add_5424(struct reed_buf *out, const struct reed_log_event *e,
                     const struct reed_ship_options *o, size_t longest)
{
	bool data = o->id && e->count > 0;
	size_t begin = reed_buf_held(out), room;
	struct reed_buf text = { 0 };
	struct reed_slice message;

	message_of(e, !o->id, &text);
	reed_buf_printf(out, "<%d>1 ", o->facility * 8 + reed_log_severity(e->level));
	add_stamp(out, e->wall);
	add_name(out, o->host, HOST);
	add_name(out, o->app ? o->app : "reed", APP);
	if (o->pid)
		reed_buf_printf(out, "%d - ", o->pid);
	else
		reed_buf_add_str(out, "- - ");
	room = longest - (reed_buf_held(out) - begin) - 8;
	message = cut(reed_buf_slice(&text), data ? room / 2 : room);
	if (data)
		add_data(out, e, o->id, room - message.n);
	else
		reed_buf_add_char(out, '-');
	reed_buf_add_str(out, is_ascii(message) ? " " : " \xef\xbb\xbf");
	reed_buf_add(out, message);
	reed_buf_finish(&text);
}

/* RFC 3164 4.1, as syslog(3) writes it: no host, since there is but one. */
static void add_3164(struct reed_buf *out, const struct reed_log_event *e,
                     const struct reed_ship_options *o, size_t longest)
{
	time_t seconds = (time_t)(e->wall / REED_S(1));
	size_t begin = reed_buf_held(out);
	struct reed_buf text = { 0 };
	char stamp[STAMP];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", &tm);
	reed_buf_printf(out, "<%d>%s %.48s", o->facility * 8 + reed_log_severity(e->level), stamp,
	                o->app ? o->app : "reed");
	if (o->pid)
		reed_buf_printf(out, "[%d]", o->pid);
	reed_buf_add_str(out, ": ");
	message_of(e, true, &text);
	reed_buf_add(out, cut(reed_buf_slice(&text), longest - (reed_buf_held(out) - begin)));
	reed_buf_finish(&text);
}

/* An object that is cut is none, so it gives up its fields instead. */
static void add_json(struct reed_buf *out, const struct reed_log_event *e, size_t longest)
{
	struct reed_log_event less = *e;
	struct reed_buf line = { 0 };

	for (;;) {
		reed_buf_clear(&line);
		reed_log_render(&less, REED_LOG_JSON, false, &line);
		if (reed_buf_held(&line) <= longest + 1 || less.count == 0)
			break;
		less.count--;
	}
	if (reed_buf_held(&line) > longest + 1) {
		less.message = cut(less.message, longest / 8);
		reed_buf_clear(&line);
		reed_log_render(&less, REED_LOG_JSON, false, &line);
	}
	reed_buf_add(out, reed_slice(reed_buf_slice(&line).p, reed_buf_held(&line) - 1));
	reed_buf_finish(&line);
}

void reed_ship_render(const struct reed_log_event *event, const struct reed_ship_options *options,
                      size_t longest, struct reed_buf *out)
{
	longest = longest < 512 ? 512 : longest;
	if (options->format == REED_SHIP_JSON)
		add_json(out, event, longest);
	else if (reed_ship_is_unix(options))
		add_3164(out, event, options, longest);
	else
		add_5424(out, event, options, longest);
}
