#include "notes.h"

#include <math.h>

#include "reed/alloc.h"
#include "reed/positioning/nmea.h"

static struct reed_buf *text_of(struct reed_positioning *p)
{
	return &reed_container_of(p, struct notes, positioning)->text;
}

static void note_time(struct reed_positioning *p, int64_t utc)
{
	unsigned year, month, day;
	int64_t s = utc / REED_S(1);

	reed_day_split(s / 86400, &year, &month, &day);
	reed_buf_printf(text_of(p), "time %u-%02u-%02u %02d:%02d:%02d\n", year, month, day,
	                (int)(s % 86400 / 3600), (int)(s / 60 % 60), (int)(s % 60));
}

static void note_position(struct reed_positioning *p, const struct reed_coordinate *where)
{
	reed_buf_printf(text_of(p), "position %.4f %.4f\n", where->latitude, where->longitude);
}

static void note_error(struct reed_positioning *p, const struct reed_position_error *e)
{
	reed_buf_printf(text_of(p), "error %.1f %.1f %.1f\n", e->pdop, e->hdop, e->vdop);
}

static void note_altitude(struct reed_positioning *p, struct reed_altitude altitude)
{
	reed_buf_printf(text_of(p), "altitude %.1f\n", altitude.metres);
}

static void note_speed(struct reed_positioning *p, struct reed_speed speed)
{
	reed_buf_printf(text_of(p), "speed %.1f kn\n", reed_speed_knots(speed));
}

static void note_direction(struct reed_positioning *p, const char *what,
                           const struct reed_heading *h)
{
	if (isnan(h->variation))
		reed_buf_printf(text_of(p), "%s %.1f\n", what, h->degrees);
	else
		reed_buf_printf(text_of(p), "%s %.1f, magnetic %.1f\n", what, h->degrees,
		                reed_heading_magnetic(h));
}

static void note_course(struct reed_positioning *p, const struct reed_heading *h)
{
	note_direction(p, "course", h);
}

static void note_heading(struct reed_positioning *p, const struct reed_heading *h)
{
	note_direction(p, "heading", h);
}

static void note_climb(struct reed_positioning *p, struct reed_climb climb)
{
	reed_buf_printf(text_of(p), "climb %.1f\n", climb.mps);
}

static void note_satellites(struct reed_positioning *p, const struct reed_satellite *s, size_t n)
{
	reed_buf_add_str(text_of(p), "satellites");
	for (size_t i = 0; i < n; i++)
		reed_buf_printf(text_of(p), " %s-%u%s", reed_constellation_name(s[i].constellation),
		                s[i].id, s[i].used ? "*" : "");
	reed_buf_add_char(text_of(p), '\n');
}

static void note_lost(struct reed_positioning *p)
{
	reed_buf_add_str(text_of(p), "lost\n");
}

static void note_fix(struct reed_positioning *p, const struct reed_fix *fix)
{
	reed_buf_printf(text_of(p), "fix %s", reed_fix_quality_name(fix->quality));
	if (fix->told & REED_TOLD_CLOCK)
		reed_buf_printf(text_of(p), " at %d", (int)(fix->utc / REED_S(1) % 86400));
	if (fix->told & REED_TOLD_POSITION)
		reed_buf_printf(text_of(p), " %.4f", fix->coordinate.latitude);
	if (fix->told & REED_TOLD_USED_COUNT)
		reed_buf_printf(text_of(p), " %u/%u", fix->used, fix->seen);
	reed_buf_add_char(text_of(p), '\n');
}

static void note_rejected(struct reed_positioning *p, struct reed_slice line, const char *why)
{
	reed_buf_printf(text_of(p), "rejected " REED_FMT ": %s\n",
	                REED_ARG(reed_slice_first(line, 6)), why);
}

static const struct reed_positioning_ops ops = {
	.time = note_time,
	.position = note_position,
	.position_error = note_error,
	.altitude = note_altitude,
	.speed = note_speed,
	.course = note_course,
	.heading = note_heading,
	.climb = note_climb,
	.satellites = note_satellites,
	.lost = note_lost,
	.fix = note_fix,
	.rejected = note_rejected,
};

void notes_init(struct notes *self)
{
	self->text = (struct reed_buf){ .limit = 0 };
	reed_positioning_init(&self->positioning, &ops);
}

void notes_finish(struct notes *self)
{
	reed_buf_finish(&self->text);
}

void notes_check(struct notes *self, const char *wanted)
{
	char *got = reed_slice_dup(reed_buf_slice(&self->text));

	check_str(got, wanted);
	reed_free(got);
	reed_buf_clear(&self->text);
}

void notes_hear(struct notes *self, const char *line)
{
	struct reed_buf framed = { .limit = 0 };
	struct reed_position_report r;
	struct reed_nmea s;

	check_int(reed_nmea_frame(&framed, reed_slice_of(line)), REED_OK);
	check_int(reed_nmea_parse(reed_buf_slice(&framed), &s), REED_OK);
	check_int(reed_nmea_report(&s, &r, NULL), REED_OK);
	reed_positioning_tell(&self->positioning, &r);
	reed_buf_finish(&framed);
}
