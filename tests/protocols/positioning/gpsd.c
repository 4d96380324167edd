/* What gpsd says; the lines are of gpsd 3.22. */

#include "reed/positioning/gpsd.h"

#include <math.h>

#include "reed/alloc.h"
#include "tests/check.h"

static struct reed_position_report r;
static enum reed_gpsd_class what;

static enum reed_err read_line(const char *line)
{
	return reed_gpsd_read(reed_slice_of(line), &what, &r, NULL);
}

static void a_tpv_tells_where_and_how_it_moves(void)
{
	check_int(read_line("{\"class\":\"TPV\",\"device\":\"/dev/pts/1\",\"status\":2,\"mode\":3,"
	                    "\"time\":\"2026-11-22T10:36:01.250Z\",\"ept\":0.005,\"lat\":46.5,"
	                    "\"lon\":-7.25,\"altHAE\":1343.1,\"altMSL\":1327.7,\"alt\":1,"
	                    "\"track\":10.4,\"magvar\":2.1,\"speed\":0.09,\"climb\":-0.085,"
	                    "\"geoidSep\":49.6}"),
	          REED_OK);
	check_int(what, REED_GPSD_TPV);
	check_int(r.told, REED_TOLD_CLOCK | REED_TOLD_DAY | REED_TOLD_QUALITY | REED_TOLD_POSITION |
	                          REED_TOLD_ALTITUDE | REED_TOLD_GEOID | REED_TOLD_SPEED |
	                          REED_TOLD_COURSE | REED_TOLD_VARIATION | REED_TOLD_CLIMB);
	check_int(r.day, 20779);
	check_int(r.clock, REED_MS(38161250));
	check_int(r.quality, REED_FIX_DIFFERENTIAL);
	check(r.coordinate.latitude == 46.5 && r.coordinate.longitude == -7.25);
	check(r.altitude.metres == 1327.7);
	check(r.climb.mps == -0.085);
}

static void without_a_mode_there_is_no_fix(void)
{
	check_int(read_line("{\"class\":\"TPV\",\"lat\":46.5,\"lon\":7.25}"), REED_OK);
	check_int(r.told, REED_TOLD_QUALITY);
	check_int(r.quality, REED_FIX_NONE);
	check_int(read_line("{\"class\":\"TPV\",\"mode\":2,\"lat\":46.5,\"lon\":7.25,\"alt\":5}"),
	          REED_OK);
	check_int(r.told, REED_TOLD_QUALITY | REED_TOLD_POSITION);
}

static void a_sky_tells_of_satellites(void)
{
	check_int(read_line("{\"class\":\"SKY\",\"hdop\":0.9,\"pdop\":1.5,\"satellites\":["
	                    "{\"PRN\":23,\"el\":6.0,\"az\":84.0,\"ss\":0.0,\"used\":false,"
	                    "\"gnssid\":0,\"svid\":23},"
	                    "{\"PRN\":70,\"el\":6,\"az\":84,\"ss\":31,\"used\":true,\"gnssid\":6,"
	                    "\"svid\":6},{\"PRN\":-1},7]}"),
	          REED_OK);
	check_int(what, REED_GPSD_SKY);
	check_int(r.told, REED_TOLD_ERROR | REED_TOLD_SEEN | REED_TOLD_USED_COUNT);
	check(fabs(r.error.vdop - 1.2) < 1e-9);
	check_int(r.count, 2);
	check_int(r.used_count, 1);
	check_int(r.seen[1].id, 6);
	check_int(r.seen[1].constellation, REED_GLONASS);
	check_int(read_line("{\"class\":\"SKY\",\"hdop\":0.9}"), REED_OK);
	check_int(r.told, REED_TOLD_ERROR);
}

static void what_else_it_says_is_told_apart(void)
{
	char *why = NULL;

	check_int(read_line("{\"class\":\"VERSION\",\"release\":\"3.22\"}"), REED_OK);
	check_int(what, REED_GPSD_VERSION);
	check_int(read_line("{\"class\":\"DEVICES\",\"devices\":[]}"), REED_OK);
	check_int(what, REED_GPSD_OTHER);
	check_int(reed_gpsd_read(REED_STR("{\"class\":\"ERROR\",\"message\":\"No such thing\"}"),
	                         &what, &r, &why),
	          REED_OK);
	check_int(what, REED_GPSD_ERROR);
	check_str(why, "No such thing");
	reed_free(why);
}

static void what_it_would_never_say_is_refused(void)
{
	static const char *const bad[] = { "", "{", "[]", "{}", "7", "{\"class\":3}" };
	static const char *const wrong[] = {
		"{\"class\":\"TPV\",\"mode\":3,\"lat\":91,\"lon\":7}",
		"{\"class\":\"TPV\",\"mode\":3,\"speed\":-1}",
		"{\"class\":\"TPV\",\"mode\":3,\"track\":361}",
		"{\"class\":\"TPV\",\"mode\":3,\"time\":\"yesterday\"}",
		"{\"class\":\"TPV\",\"mode\":3,\"time\":\"2026-11-22T10:36:01.25\"}",
		"{\"class\":\"TPV\",\"mode\":3,\"time\":\"2026-11-22T25:36:01Z\"}",
		"{\"class\":\"TPV\",\"mode\":3,\"time\":\"2026-02-30T10:36:01Z\"}",
		"{\"class\":\"TPV\",\"mode\":3,\"time\":\"2026-11-22T10:36:01,5Z\"}",
	};

	for (size_t i = 0; i < REED_COUNT(bad); i++)
		check_int(read_line(bad[i]), REED_ESYNTAX);
	for (size_t i = 0; i < REED_COUNT(wrong); i++) {
		check_int(read_line(wrong[i]), REED_ERANGE);
		check_int(r.told, 0);
	}
}

int main(void)
{
	RUN(a_tpv_tells_where_and_how_it_moves);
	RUN(without_a_mode_there_is_no_fix);
	RUN(a_sky_tells_of_satellites);
	RUN(what_else_it_says_is_told_apart);
	RUN(what_it_would_never_say_is_refused);
	return 0;
}
