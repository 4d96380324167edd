/* What values promise. */

#include <math.h>

#include "reed/positioning.h"
#include "tests/check.h"

static void check_near(double got, double wanted, double by)
{
	if (fabs(got - wanted) <= by)
		return;
	fprintf(stderr, "%.9f is not near %.9f\n", got, wanted);
	abort();
}

static void a_coordinate_is_on_the_earth(void)
{
	struct reed_coordinate c = { 1, 2 };

	check_int(reed_coordinate_make(90, -180, &c), REED_OK);
	check_int(reed_coordinate_make(90.001, 0, &c), REED_ERANGE);
	check_int(reed_coordinate_make(0, 180.001, &c), REED_ERANGE);
	check_int(reed_coordinate_make(NAN, 0, &c), REED_ERANGE);
	check_int(reed_coordinate_make(0, NAN, &c), REED_ERANGE);
	check(c.latitude == 90 && c.longitude == -180);
}

static void distances_go_along_the_earth(void)
{
	struct reed_coordinate berlin = { 52.5200, 13.4050 }, munich = { 48.1374, 11.5755 };
	struct reed_coordinate east = { 0, 179.9 }, west = { 0, -179.9 }, pole = { 90, 0 };

	check_near(reed_coordinate_distance(&berlin, &munich), 504200, 1000);
	check_near(reed_coordinate_distance(&east, &west), 22239, 10);
	check_near(reed_coordinate_distance(&pole, &pole), 0, 0);
}

static void a_heading_is_from_0_to_below_360(void)
{
	struct reed_heading h = { 7, 7 };

	check_int(reed_heading_make(360, NAN, &h), REED_OK);
	check(h.degrees == 0);
	check(isnan(reed_heading_magnetic(&h)));
	check_int(reed_heading_make(-0.1, NAN, &h), REED_ERANGE);
	check_int(reed_heading_make(360.1, NAN, &h), REED_ERANGE);
	check_int(reed_heading_make(10, 181, &h), REED_ERANGE);
	check_int(reed_heading_make(10, 20, &h), REED_OK);
	check_near(reed_heading_magnetic(&h), 350, 1e-9);
	check_int(reed_heading_make(350, -20, &h), REED_OK);
	check_near(reed_heading_magnetic(&h), 10, 1e-9);
}

static void an_angle_has_minutes_and_seconds_below_60(void)
{
	struct reed_angle a;
	struct reed_angle_parts parts;

	check_int(reed_angle_make(361, &a), REED_ERANGE);
	check_int(reed_angle_make(-(48 + 7 / 60.0 + 2.28 / 3600), &a), REED_OK);
	parts = reed_angle_split(a);
	check(parts.negative && parts.degrees == 48 && parts.minutes == 7);
	check_near(parts.seconds, 2.28, 1e-9);
	check_int(reed_angle_make(59.999999999, &a), REED_OK);
	parts = reed_angle_split(a);
	check(parts.degrees == 60 && parts.minutes == 0 && parts.seconds == 0);
	check_int(reed_angle_make(180, &a), REED_OK);
	check_near(reed_angle_radians(a), 3.14159265359, 1e-9);
}

static void speeds_are_not_negative_and_climbs_may_be(void)
{
	struct reed_speed speed;
	struct reed_climb climb;
	struct reed_altitude altitude;

	check_int(reed_speed_make(-0.1, &speed), REED_ERANGE);
	check_int(reed_speed_make(INFINITY, &speed), REED_ERANGE);
	check_int(reed_speed_from_knots(10, &speed), REED_OK);
	check_near(speed.mps, 5.144444, 1e-6);
	check_near(reed_speed_knots(speed), 10, 1e-9);
	check_near(reed_speed_kmh(speed), 18.52, 1e-9);
	check_int(reed_climb_make(-5.08, &climb), REED_OK);
	check_near(reed_climb_feet_a_minute(climb), -1000, 1e-9);
	check_int(reed_climb_make(NAN, &climb), REED_ERANGE);
	check_int(reed_altitude_make(304.8, &altitude), REED_OK);
	check_near(reed_altitude_feet(altitude), 1000, 1e-9);
}

static void of_two_dilutions_the_third_is_made(void)
{
	struct reed_position_error e;

	check_int(reed_position_error_make(NAN, 3, 4, &e), REED_OK);
	check_near(e.pdop, 5, 1e-9);
	check_int(reed_position_error_make(5, NAN, 4, &e), REED_OK);
	check_near(e.hdop, 3, 1e-9);
	check_int(reed_position_error_make(5, 3, NAN, &e), REED_OK);
	check_near(e.vdop, 4, 1e-9);
	check_int(reed_position_error_make(NAN, 1.5, NAN, &e), REED_OK);
	check(isnan(e.pdop) && isnan(e.vdop));
}

static void dilutions_that_contradict_each_other_are_refused(void)
{
	struct reed_position_error e;

	check_int(reed_position_error_make(2.5, 1.3, 2.1, &e), REED_OK); /* as receivers round */
	check_int(reed_position_error_make(9, 3, 4, &e), REED_ERANGE);
	check_int(reed_position_error_make(1, 3, NAN, &e), REED_ERANGE);
	check_int(reed_position_error_make(NAN, -1, 4, &e), REED_ERANGE);
}

static void days_are_those_of_the_calendar(void)
{
	unsigned y, m, d;
	int64_t days;

	check_int(reed_day_make(1970, 1, 1, &days), REED_OK);
	check_int(days, 0);
	check_int(reed_day_make(2026, 11, 22, &days), REED_OK);
	check_int(days, 20779);
	check_int(reed_day_make(2000, 2, 29, &days), REED_OK);
	check_int(reed_day_make(1900, 2, 29, &days), REED_ERANGE);
	check_int(reed_day_make(2026, 4, 31, &days), REED_ERANGE);
	check_int(reed_day_make(2026, 0, 1, &days), REED_ERANGE);
	for (int64_t i = -100000; i < 1000000; i += 13) {
		reed_day_split(i, &y, &m, &d);
		check_int(reed_day_make(y, m, d, &days), REED_OK);
		check_int(days, i);
	}
}

int main(void)
{
	RUN(a_coordinate_is_on_the_earth);
	RUN(distances_go_along_the_earth);
	RUN(a_heading_is_from_0_to_below_360);
	RUN(an_angle_has_minutes_and_seconds_below_60);
	RUN(speeds_are_not_negative_and_climbs_may_be);
	RUN(of_two_dilutions_the_third_is_made);
	RUN(dilutions_that_contradict_each_other_are_refused);
	RUN(days_are_those_of_the_calendar);
	return 0;
}
