/* Which records somebody wants to see. */

#include "log_filter.h"

#include <string.h>
#include <time.h>

#include "reed/random.h"
#include "settings_private.h"

/* ---- what is in a record ---- */

static bool has(struct reed_slice line, struct reed_slice match)
{
	for (; line.n >= match.n; line = reed_slice_from(line, 1))
		if (reed_slice_eq_nocase(reed_slice_first(line, match.n), match))
			return true;
	return false;
}

static bool is_of(struct reed_slice module, const char *file)
{
	char name[REED_LOG_MODULE];

	return reed_slice_copy(name, sizeof(name), module) && reed_log_module_has(name, file);
}

bool reed_log_filter_wants(const struct log_filter *filter, const struct reed_log_event *event)
{
	struct reed_buf line = { 0 };
	bool wants;

	if (event->wall < filter->since || (filter->until && event->wall > filter->until) ||
	    (filter->module.n > 0 && !is_of(filter->module, event->file)))
		return false;
	if (filter->match.n == 0)
		return true;
	reed_log_render(event, REED_LOG_TEXT, true, &line);
	wants = has(reed_buf_slice(&line), filter->match);
	reed_buf_finish(&line);
	return wants;
}

/* ---- times ---- */

/* What is left out of "2026-11-22 14:30:15" at its end is 0; of a time alone, the day is today. */
static bool read_local(const char *text, int64_t now, int64_t *wall)
{
	static const char *const shapes[] = { "%H:%M:%S",       "%H:%M",    "%Y-%m-%d %H:%M:%S",
		                              "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S" };
	time_t seconds = (time_t)(now / REED_S(1));
	struct tm today, tm;
	const char *end;
	int day;

	if (!localtime_r(&seconds, &today))
		return false;
	for (size_t i = 0; i < REED_COUNT(shapes); i++) {
		tm = today;
		tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
		tm.tm_isdst = -1;
		end = strptime(text, shapes[i], &tm);
		if (!end || *end)
			continue;
		day = tm.tm_mday;
		*wall = REED_S((int64_t)mktime(&tm));
		return *wall >= 0 && tm.tm_mday == day; /* there is no 30th of February */
	}
	return false;
}

enum reed_err reed_log_when(struct reed_slice text, int64_t now, int64_t *wall)
{
	char copy[REED_WALL_TEXT];
	int64_t ago;

	if (!reed_setting_duration(text, &ago)) {
		*wall = now > ago ? now - ago : 0;
		return REED_OK;
	}
	if (!reed_wall_parse(text, wall))
		return REED_OK;
	if (text.n > 0 && reed_slice_copy(copy, sizeof(copy), text) && read_local(copy, now, wall))
		return REED_OK;
	return REED_ESYNTAX;
}

/* ---- what is wrong ---- */

struct reed_fault *reed_log_no_time(struct reed_slice word)
{
	return reed_fault(REED_EINVAL, NULL,
	                  "\"" REED_FMT
	                  "\" is no time: write 10m, which is ago, 14:30, 2026-11-22, "
	                  "\"2026-11-22 14:30\" or 2026-11-22T14:30:00Z",
	                  REED_ARG(word));
}
