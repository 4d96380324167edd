/* What sentences tell: fields to a report.  Empty ones tell nothing. */

#include "reed/positioning/nmea.h"

#include <math.h>

#include "private.h"

/* Reads fields in order; the first that is wrong stays where it is. */
struct reader {
	const struct reed_nmea *s;
	struct reed_position_report *r;
	unsigned at;  /* of the next */
	unsigned bad; /* its number, from 1 */
	enum reed_err err;
};

static struct reed_slice next(struct reader *self)
{
	return self->at < self->s->count ? self->s->fields[self->at++] : REED_STR("");
}

static void skip(struct reader *self, unsigned n)
{
	self->at += n;
}

static void wrong(struct reader *self, enum reed_err err)
{
	if (!err || self->err)
		return;
	self->err = err;
	self->bad = self->at;
}

/* NAN where the field is empty. */
static double number(struct reader *self)
{
	struct reed_slice text = next(self);
	double value = NAN;

	if (text.n > 0)
		wrong(self, positioning_number(text, &value));
	return value;
}

static char letter(struct reader *self)
{
	struct reed_slice text = next(self);

	if (text.n > 1)
		wrong(self, REED_ESYNTAX);
	return text.n == 1 ? text.p[0] : '\0';
}

/* False where the field is empty. */
static bool whole(struct reader *self, unsigned most, unsigned *out)
{
	struct reed_slice text = next(self);
	uint64_t n = 0;

	if (text.n == 0)
		return false;
	wrong(self, reed_slice_u64(text, most, &n));
	*out = (unsigned)n;
	return !self->err;
}

static void told(struct reader *self, unsigned what, enum reed_err err)
{
	wrong(self, err);
	if (!self->err)
		self->r->told |= what;
}

/* ---- what several sentences have ---- */

/* hhmmss, hhmmss.sss; the 61st second is there when one leaps. */
static void clock_of(struct reader *self)
{
	struct reed_slice text = next(self);
	uint64_t n;
	double part = 0;

	if (text.n == 0)
		return;
	if (text.n < 6 || reed_slice_u64(reed_slice_first(text, 6), 235960, &n) || n % 100 > 60 ||
	    n / 100 % 100 > 59 || (text.n > 6 && text.p[6] != '.') ||
	    (text.n > 7 && positioning_number(reed_slice_from(text, 6), &part))) {
		wrong(self, REED_ESYNTAX);
		return;
	}
	self->r->clock =
		(int64_t)(n / 10000 * 3600 + n / 100 % 100 * 60 + n % 100) * NS_PER_SECOND +
		llround(part * 1e9);
	told(self, REED_TOLD_CLOCK, REED_OK);
}

/* ddmmyy: the system began in 1980. */
static void date_of(struct reader *self)
{
	struct reed_slice text = next(self);
	uint64_t n;
	unsigned year;

	if (text.n == 0)
		return;
	if (text.n != 6 || reed_slice_u64(text, 319999, &n)) {
		wrong(self, REED_ESYNTAX);
		return;
	}
	year = (unsigned)(n % 100);
	told(self, REED_TOLD_DAY,
	     reed_day_make(year + (year < 80 ? 2000 : 1900), (unsigned)(n / 100 % 100),
	                   (unsigned)(n / 10000), &self->r->day));
}

/* dddmm.mmmm and a letter; NAN where they are empty. */
static double degrees(struct reader *self, char plus, char minus)
{
	double n = number(self), whole_degrees = floor(n / 100), minutes = n - 100 * whole_degrees;
	char side = letter(self);

	if (isnan(n) && !side)
		return NAN;
	if (!(n >= 0) || minutes >= 60 || (side != plus && side != minus))
		wrong(self, REED_ESYNTAX);
	return (whole_degrees + minutes / 60) * (side == minus ? -1 : 1);
}

static void place_of(struct reader *self)
{
	double latitude = degrees(self, 'N', 'S'), longitude = degrees(self, 'E', 'W');

	if (!isnan(latitude) || !isnan(longitude))
		told(self, REED_TOLD_POSITION,
		     reed_coordinate_make(latitude, longitude, &self->r->coordinate));
}

static void quality_of(struct reader *self, enum reed_fix_quality quality)
{
	self->r->quality = quality;
	told(self, REED_TOLD_QUALITY, REED_OK);
	if (quality == REED_FIX_NONE) /* what is told then is the last that was known */
		self->r->told &= ~(unsigned)(REED_TOLD_POSITION | REED_TOLD_ALTITUDE |
		                             REED_TOLD_SPEED | REED_TOLD_COURSE);
}

/* The mode indicator of NMEA 2.3 and later. */
static enum reed_fix_quality quality_by(char mode)
{
	static const struct {
		char mode;
		enum reed_fix_quality is;
	} modes[] = { { 'A', REED_FIX_PLAIN },     { 'D', REED_FIX_DIFFERENTIAL },
		      { 'P', REED_FIX_PRECISE },   { 'R', REED_FIX_RTK },
		      { 'F', REED_FIX_RTK_FLOAT }, { 'E', REED_FIX_ESTIMATED },
		      { 'M', REED_FIX_MANUAL },    { 'S', REED_FIX_SIMULATED } };

	for (size_t i = 0; i < REED_COUNT(modes); i++)
		if (modes[i].mode == mode)
			return modes[i].is;
	return REED_FIX_NONE;
}

/* Valid, or a warning. */
static char status(struct reader *self)
{
	char valid = letter(self);

	if (valid && valid != 'A' && valid != 'V')
		wrong(self, REED_ESYNTAX);
	return valid;
}

/* Behind the status is the mode, which older receivers do not tell. */
static void status_of(struct reader *self, char valid, char mode)
{
	if (!valid && !mode)
		return;
	quality_of(self, valid == 'V' ? REED_FIX_NONE : mode ? quality_by(mode) : REED_FIX_PLAIN);
}

static void error_of(struct reader *self, double pdop, double hdop, double vdop)
{
	if (positioning_error_of(pdop, hdop, vdop, &self->r->error))
		told(self, REED_TOLD_ERROR, REED_OK);
}

/* Metres, and the letter that says so. */
static double metres(struct reader *self)
{
	double n = number(self);
	char unit = letter(self);

	if (unit && unit != 'M')
		wrong(self, REED_ESYNTAX);
	return n;
}

static void heights(struct reader *self, double altitude, double geoid)
{
	if (!isnan(altitude))
		told(self, REED_TOLD_ALTITUDE, reed_altitude_make(altitude, &self->r->altitude));
	self->r->geoid = geoid;
	if (!isnan(geoid))
		told(self, REED_TOLD_GEOID, REED_OK);
}

static void knots(struct reader *self)
{
	double n = number(self);

	if (!isnan(n))
		told(self, REED_TOLD_SPEED, reed_speed_from_knots(n, &self->r->speed));
}

static void direction(struct reader *self, unsigned what, double n, double *into)
{
	struct reed_heading heading;

	if (isnan(n))
		return;
	told(self, what, reed_heading_make(n, NAN, &heading));
	if (!self->err)
		*into = heading.degrees;
}

/* Degrees and E or W; NAN. */
static double deviation(struct reader *self)
{
	double n = number(self);
	char side = letter(self);

	if (!isnan(n) && ((side != 'E' && side != 'W') || !(fabs(n) <= 180)))
		wrong(self, REED_ESYNTAX);
	return side == 'W' ? -n : n;
}

static void variation_of(struct reader *self)
{
	double n = deviation(self);

	self->r->variation = n;
	if (!isnan(n))
		told(self, REED_TOLD_VARIATION, REED_OK);
}

static void used_of(struct reader *self)
{
	if (whole(self, 999, &self->r->used_count))
		told(self, REED_TOLD_USED_COUNT, REED_OK);
}

/* ---- the sentences: NMEA 0183 4.10, by their names ---- */

static void read_gga(struct reader *self)
{
	unsigned quality = REED_FIX_NONE;
	double altitude;

	clock_of(self);
	place_of(self);
	whole(self, REED_FIX_SIMULATED, &quality);
	used_of(self);
	error_of(self, NAN, number(self), NAN);
	altitude = metres(self);
	heights(self, altitude, metres(self));
	quality_of(self, quality);
}

static void read_rmc(struct reader *self)
{
	char valid;

	clock_of(self);
	valid = status(self);
	place_of(self);
	knots(self);
	direction(self, REED_TOLD_COURSE, number(self), &self->r->course);
	date_of(self);
	variation_of(self);
	status_of(self, valid, letter(self));
}

static void read_gll(struct reader *self)
{
	char valid;

	place_of(self);
	clock_of(self);
	valid = status(self);
	status_of(self, valid, letter(self));
}

/* One letter of mode for each constellation: the best of them counts. */
static void read_gns(struct reader *self)
{
	enum reed_fix_quality quality = REED_FIX_NONE;
	struct reed_slice modes;
	double altitude;

	clock_of(self);
	place_of(self);
	modes = next(self);
	used_of(self);
	error_of(self, NAN, number(self), NAN);
	altitude = number(self);
	heights(self, altitude, number(self));
	for (size_t i = 0; i < modes.n && quality == REED_FIX_NONE; i++)
		quality = quality_by(modes.p[i]);
	quality_of(self, quality);
}

static void read_vtg(struct reader *self)
{
	direction(self, REED_TOLD_COURSE, number(self), &self->r->course);
	skip(self, 3);
	knots(self);
	skip(self, 3);
	if (letter(self) == 'N')
		quality_of(self, REED_FIX_NONE);
}

static void read_zda(struct reader *self)
{
	unsigned day = 0, month = 0, year = 0;

	clock_of(self);
	whole(self, 31, &day);
	whole(self, 12, &month);
	if (whole(self, 9999, &year))
		told(self, REED_TOLD_DAY, reed_day_make(year, month, day, &self->r->day));
}

static void read_hdt(struct reader *self)
{
	direction(self, REED_TOLD_HEADING, number(self), &self->r->heading);
}

/* A compass: what it shows, what the ship does to it, what the place does. */
static void read_hdg(struct reader *self)
{
	double shown = number(self), ship = deviation(self), heading;

	variation_of(self);
	heading = fmod(shown + (isnan(ship) ? 0 : ship) + self->r->variation + 360, 360);
	direction(self, REED_TOLD_HEADING, heading, &self->r->heading);
}

/* By the numbers of NMEA 4.10 behind all others, else by the talker. */
static enum reed_constellation system_of(struct reader *self)
{
	static const enum reed_constellation systems[] = { REED_CONSTELLATION_UNKNOWN,
		                                           REED_GPS,
		                                           REED_GLONASS,
		                                           REED_GALILEO,
		                                           REED_BEIDOU,
		                                           REED_QZSS,
		                                           REED_NAVIC };
	unsigned system = 0;

	whole(self, REED_COUNT(systems) - 1, &system);
	return system ? systems[system] : reed_nmea_constellation(self->s->talker);
}

static void read_gsa(struct reader *self)
{
	struct reed_position_report *r = self->r;
	double pdop, hdop;

	skip(self, 2);
	for (unsigned i = 0; i < 12; i++)
		if (whole(self, 9999, &r->ids[r->id_count]))
			r->id_count++;
	pdop = number(self);
	hdop = number(self);
	error_of(self, pdop, hdop, number(self));
	r->constellation = system_of(self);
	told(self, REED_TOLD_USED, REED_OK);
}

static void satellite(struct reader *self, unsigned id)
{
	struct reed_satellite *s = &self->r->seen[self->r->count++];

	*s = (struct reed_satellite){ .id = id, .constellation = self->r->constellation };
	s->elevation = number(self);
	s->azimuth = number(self);
	s->snr = number(self);
}

static void read_gsv(struct reader *self)
{
	struct reed_position_report *r = self->r;
	unsigned in_view = 0, id = 0, four = 0;

	r->constellation = reed_nmea_constellation(self->s->talker);
	whole(self, 99, &r->parts);
	if (!whole(self, 99, &r->part) || r->part < 1 || r->part > r->parts)
		wrong(self, REED_ESYNTAX);
	whole(self, 999, &in_view);
	for (; four < 4 && self->at + 4 <= self->s->count; four++) {
		if (whole(self, 9999, &id))
			satellite(self, id);
		else
			skip(self, 3);
	}
	/* NMEA 4.10: which signal, one hexadecimal digit */
	r->signal = (unsigned char)letter(self);
	told(self, REED_TOLD_SEEN, REED_OK);
}

/* Of Transit, which was there before GPS. */
static void read_trf(struct reader *self)
{
	clock_of(self);
	date_of(self);
	place_of(self);
	skip(self, 5);
	status_of(self, status(self), '\0');
}

enum reed_err reed_nmea_report(const struct reed_nmea *sentence,
                               struct reed_position_report *report, unsigned *field)
{
	static const struct {
		const char *type;
		void (*read)(struct reader *self);
	} types[] = { { "GGA", read_gga }, { "RMC", read_rmc }, { "GSA", read_gsa },
		      { "GSV", read_gsv }, { "GLL", read_gll }, { "VTG", read_vtg },
		      { "GNS", read_gns }, { "ZDA", read_zda }, { "HDT", read_hdt },
		      { "HDG", read_hdg }, { "TRF", read_trf } };
	struct reader self = { .s = sentence, .r = report };

	*report = (struct reed_position_report){ .variation = NAN, .geoid = NAN };
	for (size_t i = 0; i < REED_COUNT(types); i++) {
		if (sentence->talker.n != 2 || !reed_slice_is(sentence->type, types[i].type))
			continue;
		types[i].read(&self);
		if (field)
			*field = self.bad;
		if (self.err)
			report->told = 0;
		return self.err;
	}
	return REED_ENOTSUP;
}
