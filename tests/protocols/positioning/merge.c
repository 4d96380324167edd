/* What is made of reports that each tell a little. */

#include "notes.h"

static struct notes notes;

static void hear(const char *line)
{
	notes_hear(&notes, line);
}

static void told(const char *wanted)
{
	notes_check(&notes, wanted);
}

static void each_thing_is_told_as_it_comes(void)
{
	notes_init(&notes);
	hear("GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230326,003.1,W");
	told("time 2026-03-23 12:35:19\nposition 48.1173 11.5167\nspeed 22.4 kn\n"
	     "course 84.4, magnetic 87.5\n");
	hear("GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,");
	told("time 2026-03-23 12:35:19\nposition 48.1173 11.5167\naltitude 545.4\n"
	     "error nan 0.9 nan\n");
	hear("GPGSA,A,3,04,05,,09,12,,,24,,,,,2.5,1.3,2.1");
	told("error 2.5 1.3 2.1\n");
	hear("HEHDT,80.0,T");
	told("heading 80.0, magnetic 83.1\n");
	reed_positioning_settle(&notes.positioning);
	told("fix plain at 45319 48.1173 8/0\n");
	reed_positioning_settle(&notes.positioning);
	told("");
	notes_finish(&notes);
}

static void another_second_ends_the_moment(void)
{
	notes_init(&notes);
	hear("GPRMC,235959,A,4807.038,N,01131.000,E,,,230326,,");
	hear("GPGGA,235959,4807.038,N,01131.000,E,2,08,,,M,,M,,");
	told("time 2026-03-23 23:59:59\nposition 48.1173 11.5167\n"
	     "time 2026-03-23 23:59:59\nposition 48.1173 11.5167\n");
	hear("GPGGA,000000,4807.100,N,01131.000,E,2,08,,,M,,M,,");
	told("fix differential at 86399 48.1173 8/0\n"
	     "time 2026-03-24 00:00:00\nposition 48.1183 11.5167\n");
	/* of the second before, and late */
	hear("GPGLL,4807.038,N,01131.000,E,235959,A");
	told("fix differential at 0 48.1183 8/0\n"
	     "time 2026-03-23 23:59:59\nposition 48.1173 11.5167\n");
	notes_finish(&notes);
}

static void there_is_no_time_before_there_is_a_day(void)
{
	notes_init(&notes);
	hear("GPGGA,123519,4807.038,N,01131.000,E,1,,,,M,,M,,");
	told("position 48.1173 11.5167\n");
	hear("GPZDA,123519,23,03,2026,00,00");
	told("time 2026-03-23 12:35:19\n");
	notes_finish(&notes);
}

static void what_is_lost_is_told_once(void)
{
	notes_init(&notes);
	hear("GPGLL,4807.038,N,01131.000,E,123519,A");
	told("position 48.1173 11.5167\n");
	hear("GPRMC,123520,V,4807.038,N,01131.000,E,,,,,");
	told("fix plain 48.1173\nlost\n");
	hear("GPGGA,123520,,,,,0,00,,,M,,M,,");
	told("");
	notes_finish(&notes);
}

static void a_list_is_told_when_all_its_parts_are_there(void)
{
	notes_init(&notes);
	hear("GPGSV,2,1,05,01,40,083,46,02,17,308,41,12,07,344,,14,22,228,45");
	told("");
	hear("GLGSV,1,1,01,65,10,010,20");
	told("satellites GLONASS-65\n");
	hear("GPGSV,2,2,05,22,42,067,42"); /* the first part was given up */
	told("");
	hear("GPGSV,2,1,02,01,40,083,46");
	hear("GPGSV,2,2,02,22,42,067,42");
	told("satellites GLONASS-65 GPS-1 GPS-22\n");
	hear("GPGSA,A,3,22,,,,,,,,,,,,,,");
	told("satellites GLONASS-65 GPS-1 GPS-22*\n");
	hear("GPGSV,1,1,02,22,40,083,46,03,40,083,46");
	told("satellites GLONASS-65 GPS-22* GPS-3\n");
	hear("GLGSV,1,1,00");
	told("satellites GPS-22* GPS-3\n");
	notes_finish(&notes);
}

static void another_signal_of_a_satellite_does_not_make_it_two(void)
{
	notes_init(&notes);
	hear("GPGSV,1,1,02,01,40,083,46,02,40,083,46,1");
	told("satellites GPS-1 GPS-2\n");
	hear("GPGSV,1,1,01,02,40,083,30,03,40,083,30,6");
	told("satellites GPS-1 GPS-2 GPS-3\n");
	hear("GPGSV,1,1,01,02,40,083,46,1");
	told("satellites GPS-2\n");
	notes_finish(&notes);
}

static void more_satellites_than_there_is_room_for_are_left_out(void)
{
	char line[100];

	notes_init(&notes);
	for (unsigned part = 1; part <= 99; part++) {
		snprintf(line, sizeof(line), "GPGSV,99,%u,396,%u,,,,%u,,,,%u,,,,%u,,,", part,
		         part * 4, part * 4 + 1, part * 4 + 2, part * 4 + 3);
		hear(line);
	}
	check_int(notes.positioning.count, REED_SATELLITES);
	notes_finish(&notes);
}

static void a_horizontal_error_alone_forgets_no_others(void)
{
	notes_init(&notes);
	hear("GPGSA,A,3,,,,,,,,,,,,,2.50,1.32,2.12");
	told("error 2.5 1.3 2.1\n");
	hear("GPGGA,123519,4807.038,N,01131.000,E,1,08,1.3,,M,,M,,");
	told("position 48.1173 11.5167\n");
	hear("GPGGA,123519,4807.038,N,01131.000,E,1,08,5.0,,M,,M,,");
	told("position 48.1173 11.5167\nerror nan 5.0 nan\n");
	notes_finish(&notes);
}

static void whoever_wants_nothing_gets_nothing(void)
{
	static const struct reed_positioning_ops none = { .time = NULL };

	notes_init(&notes);
	notes.positioning.ops = &none;
	hear("GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230326,003.1,W");
	hear("GPGSA,A,3,,,,,,,,,,,,,2.50,1.32,2.12");
	hear("GPGSV,1,1,01,02,40,083,46");
	hear("HEHDT,80.0,T");
	hear("GPRMC,123520,V,,,,,,,,,");
	told("");
	check(notes.positioning.fix.seen == 1);
	notes_finish(&notes);
}

int main(void)
{
	RUN(each_thing_is_told_as_it_comes);
	RUN(another_second_ends_the_moment);
	RUN(there_is_no_time_before_there_is_a_day);
	RUN(what_is_lost_is_told_once);
	RUN(a_list_is_told_when_all_its_parts_are_there);
	RUN(another_signal_of_a_satellite_does_not_make_it_two);
	RUN(more_satellites_than_there_is_room_for_are_left_out);
	RUN(a_horizontal_error_alone_forgets_no_others);
	RUN(whoever_wants_nothing_gets_nothing);
	return 0;
}
