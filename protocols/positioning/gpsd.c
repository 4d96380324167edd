/* Objects of gpsd to reports (gpsd_json(5)). */

#include "reed/positioning/gpsd.h"

#include <jansson.h>
#include <math.h>

#include "private.h"
#include "reed/alloc.h"

/* NAN where there is none. */
static double number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static double either(double first, double second)
{
	return isnan(first) ? second : first;
}

static int64_t integer(const json_t *object, const char *key, int64_t missing)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? json_integer_value(value) : missing;
}

static bool tell(struct reed_position_report *r, unsigned what, enum reed_err err)
{
	if (!err)
		r->told |= what;
	return !err;
}

/* ---- TPV ---- */

static bool digits_at(const char *text, unsigned at, unsigned count, unsigned *out)
{
	uint64_t n;

	if (reed_slice_u64(reed_slice(text + at, count), UINT32_MAX, &n))
		return false;
	*out = (unsigned)n;
	return true;
}

/* RFC 3339: 2026-11-22T10:36:01.250Z, always in UTC */
static bool time_of(struct reed_position_report *r, const char *text)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd";
	unsigned year, month, day, hour, minute, second;
	struct reed_slice part;
	double fraction = 0;

	if (!text)
		return true;
	if (strlen(text) < sizeof(shape) || text[strlen(text) - 1] != 'Z')
		return false;
	for (unsigned i = 0; i < sizeof(shape) - 1; i++)
		if (shape[i] != 'd' && shape[i] != text[i])
			return false;
	part = reed_slice(text + 19, strlen(text) - 20);
	if (!digits_at(text, 0, 4, &year) || !digits_at(text, 5, 2, &month) ||
	    !digits_at(text, 8, 2, &day) || !digits_at(text, 11, 2, &hour) ||
	    !digits_at(text, 14, 2, &minute) || !digits_at(text, 17, 2, &second) || hour > 23 ||
	    minute > 59 || second > 60 ||
	    (part.n > 0 && (part.p[0] != '.' || positioning_number(part, &fraction))))
		return false;
	r->clock = (int64_t)(hour * 3600 + minute * 60 + second) * NS_PER_SECOND +
	           llround(fraction * 1e9);
	return tell(r, REED_TOLD_CLOCK | REED_TOLD_DAY, reed_day_make(year, month, day, &r->day));
}

static bool place_of(struct reed_position_report *r, const json_t *tpv, bool in_space)
{
	double latitude = number(tpv, "lat"), longitude = number(tpv, "lon");
	double altitude = either(number(tpv, "altMSL"), number(tpv, "alt"));

	r->geoid = number(tpv, "geoidSep");
	if (!isnan(r->geoid))
		tell(r, REED_TOLD_GEOID, REED_OK);
	if (isnan(latitude) || isnan(longitude))
		return true;
	return tell(r, REED_TOLD_POSITION,
	            reed_coordinate_make(latitude, longitude, &r->coordinate)) &&
	       (isnan(altitude) || !in_space ||
	        tell(r, REED_TOLD_ALTITUDE, reed_altitude_make(altitude, &r->altitude)));
}

static bool movement_of(struct reed_position_report *r, const json_t *tpv)
{
	double speed = number(tpv, "speed"), climb = number(tpv, "climb");
	struct reed_heading course;

	r->variation = number(tpv, "magvar");
	if (!isnan(r->variation))
		tell(r, REED_TOLD_VARIATION, REED_OK);
	if (!isnan(number(tpv, "track"))) {
		if (!tell(r, REED_TOLD_COURSE,
		          reed_heading_make(number(tpv, "track"), r->variation, &course)))
			return false;
		r->course = course.degrees;
	}
	return (isnan(speed) || tell(r, REED_TOLD_SPEED, reed_speed_make(speed, &r->speed))) &&
	       (isnan(climb) || tell(r, REED_TOLD_CLIMB, reed_climb_make(climb, &r->climb)));
}

static bool read_tpv(struct reed_position_report *r, const json_t *tpv)
{
	static const enum reed_fix_quality statuses[] = { REED_FIX_PLAIN,        REED_FIX_PLAIN,
		                                          REED_FIX_DIFFERENTIAL, REED_FIX_RTK,
		                                          REED_FIX_RTK_FLOAT,    REED_FIX_ESTIMATED,
		                                          REED_FIX_ESTIMATED,    REED_FIX_MANUAL,
		                                          REED_FIX_SIMULATED,    REED_FIX_PRECISE };
	int64_t mode = integer(tpv, "mode", 0), status = integer(tpv, "status", 0);

	if (!time_of(r, json_string_value(json_object_get(tpv, "time"))))
		return false;
	tell(r, REED_TOLD_QUALITY, REED_OK);
	if (mode < 2)
		return true;
	r->quality = status >= 0 && status < (int64_t)REED_COUNT(statuses) ? statuses[status]
	                                                                   : REED_FIX_PLAIN;
	return place_of(r, tpv, mode >= 3) && movement_of(r, tpv);
}

/* ---- SKY ---- */

static void satellite(struct reed_position_report *r, const json_t *from)
{
	int64_t constellation = integer(from, "gnssid", REED_CONSTELLATION_UNKNOWN);
	int64_t id = integer(from, "svid", integer(from, "PRN", 0));
	struct reed_satellite *s;

	if (!json_is_object(from) || r->count == REED_SATELLITES || id < 1 || id > 9999)
		return;
	if (constellation < 0 || constellation > REED_CONSTELLATION_UNKNOWN)
		constellation = REED_CONSTELLATION_UNKNOWN;
	s = &r->seen[r->count++];
	*s = (struct reed_satellite){ .id = (unsigned)id,
		                      .constellation = (enum reed_constellation)constellation,
		                      .elevation = number(from, "el"),
		                      .azimuth = number(from, "az"),
		                      .snr = number(from, "ss"),
		                      .used = json_is_true(json_object_get(from, "used")) };
	r->used_count += s->used;
}

/* A SKY without satellites has errors only. */
static bool read_sky(struct reed_position_report *r, const json_t *sky)
{
	const json_t *list = json_object_get(sky, "satellites");

	if (positioning_error_of(number(sky, "pdop"), number(sky, "hdop"), number(sky, "vdop"),
	                         &r->error))
		tell(r, REED_TOLD_ERROR, REED_OK);
	if (!json_is_array(list))
		return true;
	for (size_t i = 0; i < json_array_size(list); i++)
		satellite(r, json_array_get(list, i));
	r->whole = true;
	return tell(r, REED_TOLD_SEEN | REED_TOLD_USED_COUNT, REED_OK);
}

/* ---- all of them ---- */

static enum reed_gpsd_class class_of(const char *name)
{
	static const struct {
		const char *name;
		enum reed_gpsd_class is;
	} classes[] = { { "VERSION", REED_GPSD_VERSION },
		        { "TPV", REED_GPSD_TPV },
		        { "SKY", REED_GPSD_SKY },
		        { "ERROR", REED_GPSD_ERROR } };

	for (size_t i = 0; i < REED_COUNT(classes); i++)
		if (strcmp(name, classes[i].name) == 0)
			return classes[i].is;
	return REED_GPSD_OTHER;
}

static enum reed_err read_object(const json_t *object, enum reed_gpsd_class *what,
                                 struct reed_position_report *r, char **why)
{
	const char *name = json_string_value(json_object_get(object, "class"));
	const char *message = json_string_value(json_object_get(object, "message"));
	bool well = true;

	if (!name)
		return REED_ESYNTAX;
	*what = class_of(name);
	if (*what == REED_GPSD_TPV)
		well = read_tpv(r, object);
	else if (*what == REED_GPSD_SKY)
		well = read_sky(r, object);
	else if (*what == REED_GPSD_ERROR && why)
		*why = reed_strdup(message ? message : "an error without a message");
	if (!well)
		r->told = 0;
	return well ? REED_OK : REED_ERANGE;
}

enum reed_err reed_gpsd_read(struct reed_slice line, enum reed_gpsd_class *what,
                             struct reed_position_report *report, char **why)
{
	json_t *object = json_loadb(line.p, line.n, 0, NULL);
	enum reed_err err;

	*what = REED_GPSD_OTHER;
	*report = (struct reed_position_report){ .variation = NAN, .geoid = NAN };
	err = json_is_object(object) ? read_object(object, what, report, why) : REED_ESYNTAX;
	json_decref(object);
	return err;
}
