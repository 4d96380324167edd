/* A fix as a line: for people, and as JSON. */

#include "position.h"

#include <math.h>

struct number {
	const char *key, *before, *after;
	unsigned told;
	double value;
	unsigned digits;
};

enum { NUMBERS = 9 };

/* What is told as a number, in the order of a line; what has no words before it is for JSON. */
static void numbers_of(const struct reed_fix *f, struct number n[NUMBERS])
{
	n[0] = (struct number){ "altitude", "", " m", REED_TOLD_ALTITUDE, f->altitude.metres, 1 };
	n[1] = (struct number){ "speed", "", " m/s", REED_TOLD_SPEED, f->speed.mps, 2 };
	n[2] = (struct number){ "course", "course ", "", REED_TOLD_COURSE, f->course.degrees, 1 };
	n[3] = (struct number){
		"heading", "heading ", "", REED_TOLD_HEADING, f->heading.degrees, 1
	};
	n[4] = (struct number){
		"magnetic", NULL, "", REED_TOLD_HEADING, reed_heading_magnetic(&f->heading), 1
	};
	n[5] = (struct number){ "climb", "climb ", " m/s", REED_TOLD_CLIMB, f->climb.mps, 2 };
	n[6] = (struct number){ "pdop", NULL, "", REED_TOLD_ERROR, f->error.pdop, 2 };
	n[7] = (struct number){ "hdop", "hdop ", "", REED_TOLD_ERROR, f->error.hdop, 1 };
	n[8] = (struct number){ "vdop", NULL, "", REED_TOLD_ERROR, f->error.vdop, 2 };
}

static bool is_there(const struct reed_fix *fix, const struct number *n)
{
	return (fix->told & n->told) && !isnan(n->value);
}

static void add_time(struct reed_buf *out, int64_t utc)
{
	int64_t day = utc / REED_S(86400), ms = utc / REED_MS(1) % 86400000;
	unsigned year, month, date;

	reed_day_split(day, &year, &month, &date);
	reed_buf_printf(out, "%04u-%02u-%02uT%02d:%02d:%02d.%03dZ", year, month, date,
	                (int)(ms / 3600000), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60),
	                (int)(ms % 1000));
}

void position_show(const struct reed_fix *fix, struct reed_buf *out)
{
	struct number numbers[NUMBERS];

	if (fix->told & REED_TOLD_CLOCK)
		add_time(out, fix->utc);
	else
		reed_buf_add_str(out, "-");
	if (fix->told & REED_TOLD_POSITION) {
		reed_buf_add_char(out, ' ');
		reed_positioning_add_number(out, fix->coordinate.latitude, 6);
		reed_buf_add_char(out, ' ');
		reed_positioning_add_number(out, fix->coordinate.longitude, 6);
	} else {
		reed_buf_add_str(out, " nowhere");
	}
	numbers_of(fix, numbers);
	for (size_t i = 0; i < NUMBERS; i++) {
		if (!is_there(fix, &numbers[i]) || !numbers[i].before)
			continue;
		reed_buf_printf(out, ", %s", numbers[i].before);
		reed_positioning_add_number(out, numbers[i].value, numbers[i].digits);
		reed_buf_add_str(out, numbers[i].after);
	}
	if (fix->told & REED_TOLD_USED_COUNT)
		reed_buf_printf(out, ", %u satellites", fix->used);
	reed_buf_add_char(out, '\n');
}

void position_show_json(const struct reed_fix *fix, struct reed_buf *out)
{
	struct number numbers[NUMBERS];

	reed_buf_printf(out, "{\"quality\":\"%s\"", reed_fix_quality_name(fix->quality));
	if (fix->told & REED_TOLD_CLOCK) {
		reed_buf_add_str(out, ",\"time\":\"");
		add_time(out, fix->utc);
		reed_buf_add_char(out, '"');
	}
	if (fix->told & REED_TOLD_POSITION) {
		reed_buf_add_str(out, ",\"latitude\":");
		reed_positioning_add_number(out, fix->coordinate.latitude, 8);
		reed_buf_add_str(out, ",\"longitude\":");
		reed_positioning_add_number(out, fix->coordinate.longitude, 8);
	}
	numbers_of(fix, numbers);
	for (size_t i = 0; i < NUMBERS; i++) {
		if (!is_there(fix, &numbers[i]))
			continue;
		reed_buf_printf(out, ",\"%s\":", numbers[i].key);
		reed_positioning_add_number(out, numbers[i].value, numbers[i].digits);
	}
	if (fix->told & REED_TOLD_USED_COUNT)
		reed_buf_printf(out, ",\"used\":%u", fix->used);
	if (fix->told & REED_TOLD_SEEN)
		reed_buf_printf(out, ",\"seen\":%u", fix->seen);
	reed_buf_add_str(out, "}\n");
}
