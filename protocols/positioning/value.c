/* Values: what they promise, and in which units they are told. */

#include <math.h>

#include "private.h"

#define PI    3.14159265358979323846
#define EARTH 6371008.8 /* metres: the mean radius, of IUGG */
#define FOOT  0.3048
#define KNOT  (1852.0 / 3600.0)

/* ---- angles ---- */

enum reed_err reed_angle_make(double degrees, struct reed_angle *angle)
{
	if (!isfinite(degrees) || fabs(degrees) > 360)
		return REED_ERANGE;
	angle->degrees = degrees;
	return REED_OK;
}

double reed_angle_radians(struct reed_angle angle)
{
	return angle.degrees * PI / 180;
}

struct reed_angle_parts reed_angle_split(struct reed_angle angle)
{
	/* in 1/10000 of a second, so that nothing is rounded up to 60 */
	uint64_t n = (uint64_t)llround(fabs(angle.degrees) * 36000000);

	return (struct reed_angle_parts){ .negative = angle.degrees < 0,
		                          .degrees = (unsigned)(n / 36000000),
		                          .minutes = (unsigned)(n / 600000 % 60),
		                          .seconds = (double)(n % 600000) / 10000 };
}

enum reed_err reed_heading_make(double degrees, double variation, struct reed_heading *heading)
{
	if (!isfinite(degrees) || degrees < 0 || degrees > 360 || fabs(variation) > 180)
		return REED_ERANGE;
	heading->degrees = degrees < 360 ? degrees : 0;
	heading->variation = variation;
	return REED_OK;
}

double reed_heading_magnetic(const struct reed_heading *heading)
{
	double magnetic = fmod(heading->degrees - heading->variation + 360, 360);

	return magnetic < 360 ? magnetic : isnan(magnetic) ? magnetic : 0;
}

/* ---- places ---- */

enum reed_err reed_coordinate_make(double latitude, double longitude,
                                   struct reed_coordinate *coordinate)
{
	if (!(fabs(latitude) <= 90) || !(fabs(longitude) <= 180))
		return REED_ERANGE;
	*coordinate = (struct reed_coordinate){ latitude, longitude };
	return REED_OK;
}

/* The haversine formula, which holds for small distances too. */
double reed_coordinate_distance(const struct reed_coordinate *a, const struct reed_coordinate *b)
{
	double up = sin((b->latitude - a->latitude) * PI / 360);
	double along = sin((b->longitude - a->longitude) * PI / 360);
	double h =
		up * up + cos(a->latitude * PI / 180) * cos(b->latitude * PI / 180) * along * along;

	return 2 * EARTH * asin(sqrt(fmin(h, 1)));
}

enum reed_err reed_altitude_make(double metres, struct reed_altitude *altitude)
{
	if (!isfinite(metres))
		return REED_ERANGE;
	altitude->metres = metres;
	return REED_OK;
}

double reed_altitude_feet(struct reed_altitude altitude)
{
	return altitude.metres / FOOT;
}

/* ---- movements ---- */

enum reed_err reed_speed_make(double mps, struct reed_speed *speed)
{
	if (!isfinite(mps) || mps < 0)
		return REED_ERANGE;
	speed->mps = mps;
	return REED_OK;
}

enum reed_err reed_speed_from_knots(double knots, struct reed_speed *speed)
{
	return reed_speed_make(knots * KNOT, speed);
}

double reed_speed_knots(struct reed_speed speed)
{
	return speed.mps / KNOT;
}

double reed_speed_kmh(struct reed_speed speed)
{
	return speed.mps * 3.6;
}

enum reed_err reed_climb_make(double mps, struct reed_climb *climb)
{
	if (!isfinite(mps))
		return REED_ERANGE;
	climb->mps = mps;
	return REED_OK;
}

double reed_climb_feet_a_minute(struct reed_climb climb)
{
	return climb.mps / FOOT * 60;
}

/* ---- how sure ---- */

static bool is_dop(double dop)
{
	return isnan(dop) || (isfinite(dop) && dop >= 0);
}

enum reed_err reed_position_error_make(double pdop, double hdop, double vdop,
                                       struct reed_position_error *error)
{
	double all = hypot(hdop, vdop);

	if (!is_dop(pdop) || !is_dop(hdop) || !is_dop(vdop) || pdop < hdop - DOP_ROUNDING ||
	    pdop < vdop - DOP_ROUNDING || fabs(pdop - all) > DOP_ROUNDING + all / 50)
		return REED_ERANGE;
	if (isnan(pdop))
		pdop = all;
	else if (isnan(vdop) && !isnan(hdop))
		vdop = sqrt(fmax(pdop * pdop - hdop * hdop, 0));
	else if (isnan(hdop) && !isnan(vdop))
		hdop = sqrt(fmax(pdop * pdop - vdop * vdop, 0));
	*error = (struct reed_position_error){ pdop, hdop, vdop };
	return REED_OK;
}

bool positioning_error_of(double pdop, double hdop, double vdop, struct reed_position_error *out)
{
	if (isnan(pdop) && isnan(hdop) && isnan(vdop))
		return false;
	return !reed_position_error_make(pdop, hdop, vdop, out) ||
	       !reed_position_error_make(NAN, hdop, vdop, out);
}

/* ---- names ---- */

const char *reed_constellation_name(enum reed_constellation constellation)
{
	static const char *const names[] = { "GPS",  "SBAS",    "Galileo", "BeiDou", "IMES",
		                             "QZSS", "GLONASS", "NavIC",   "unknown" };

	return names[constellation < REED_COUNT(names) ? constellation : REED_COUNT(names) - 1];
}

const char *reed_fix_quality_name(enum reed_fix_quality quality)
{
	static const char *const names[] = { "none",      "plain",  "differential",
		                             "precise",   "rtk",    "rtk-float",
		                             "estimated", "manual", "simulated" };

	return quality < REED_COUNT(names) ? names[quality] : "unknown";
}

/* ---- days, of the calendar of 1582 ---- */

static bool is_leap(unsigned year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Years begin in March for this, so that a day in February is the last of one. */
enum reed_err reed_day_make(unsigned year, unsigned month, unsigned day, int64_t *days)
{
	static const unsigned char lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t y, m;

	if (year < 1583 || year > 9999 || month < 1 || month > 12 || day < 1 ||
	    day > lengths[month - 1] + (unsigned)(month == 2 && is_leap(year)))
		return REED_ERANGE;
	y = year - (month < 3);
	m = (month + 9) % 12;
	*days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 719469;
	return REED_OK;
}

void reed_day_split(int64_t days, unsigned *year, unsigned *month, unsigned *day)
{
	int64_t n = days + 719468, era, of_era, y, of_year, m;

	era = (n >= 0 ? n : n - 146096) / 146097;
	of_era = n - era * 146097;
	y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	of_year = of_era - (365 * y + y / 4 - y / 100);
	m = (5 * of_year + 2) / 153;
	*day = (unsigned)(of_year - (153 * m + 2) / 5 + 1);
	*month = (unsigned)(m < 10 ? m + 3 : m - 9);
	*year = (unsigned)(y + era * 400 + (*month < 3));
}

/* ---- numbers ---- */

static const double powers[] = { 1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
	                         1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };

enum reed_err positioning_number(struct reed_slice text, double *out)
{
	bool negative = text.n > 0 && text.p[0] == '-', point = false;
	unsigned digits = 0, behind = 0;
	uint64_t n = 0;

	for (size_t i = text.n > 0 && (negative || text.p[0] == '+'); i < text.n; i++) {
		if (text.p[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (text.p[i] < '0' || text.p[i] > '9' || ++digits > 15)
			return REED_ESYNTAX;
		n = 10 * n + (uint64_t)(text.p[i] - '0');
		behind += point;
	}
	if (digits == 0)
		return REED_ESYNTAX;
	*out = (negative ? -(double)n : (double)n) / powers[behind];
	return REED_OK;
}

void reed_positioning_add_number(struct reed_buf *out, double value, unsigned digits)
{
	int64_t n = llround(fmin(fabs(value), 1e9) * powers[digits]);
	int64_t unit = (int64_t)powers[digits];

	reed_buf_printf(out, "%s%lld", value < 0 && n > 0 ? "-" : "", (long long)(n / unit));
	if (digits > 0)
		reed_buf_printf(out, ".%0*lld", (int)digits, (long long)(n % unit));
}
