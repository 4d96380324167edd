/* Sentences of a report: the other way round. */

#include "reed/positioning/nmea.h"

#include <math.h>

#include "private.h"

struct writer {
	struct reed_buf text; /* without $ and checksum */
	const struct reed_position_report *r;
	const char *talker;
	unsigned part, parts;
};

static bool tells(const struct writer *self, unsigned what)
{
	return (self->r->told & what) != 0;
}

static void word(struct writer *self, const char *text)
{
	reed_buf_printf(&self->text, ",%s", text);
}

/* Empty of NAN, and of what is not told. */
static void number(struct writer *self, unsigned what, double n, unsigned digits)
{
	word(self, "");
	if ((!what || tells(self, what)) && !isnan(n))
		reed_positioning_add_number(&self->text, n, digits);
}

static void clock_of(struct writer *self)
{
	int64_t cs = self->r->clock / (NS_PER_SECOND / 100), s = cs / 100;

	if (tells(self, REED_TOLD_CLOCK))
		reed_buf_printf(&self->text, ",%02d%02d%02d.%02d", (int)(s / 3600),
		                (int)(s / 60 % 60), (int)(s % 60), (int)(cs % 100));
	else
		word(self, "");
}

static void date_of(struct writer *self)
{
	unsigned year, month, day;

	if (!tells(self, REED_TOLD_DAY)) {
		word(self, "");
		return;
	}
	reed_day_split(self->r->day, &year, &month, &day);
	reed_buf_printf(&self->text, ",%02u%02u%02u", day, month, year % 100);
}

/* dddmm.mmmmm, the letter: in 1/100000 of a minute, so that none is rounded up to 60. */
static void degrees(struct writer *self, double value, int width, char plus, char minus)
{
	long long n = llround(fabs(value) * 6000000);

	reed_buf_printf(&self->text, ",%0*lld%02lld.%05lld,%c", width, n / 6000000, n / 100000 % 60,
	                n % 100000, value < 0 ? minus : plus);
}

static void place_of(struct writer *self)
{
	if (!tells(self, REED_TOLD_POSITION)) {
		word(self, ",,,");
		return;
	}
	degrees(self, self->r->coordinate.latitude, 2, 'N', 'S');
	degrees(self, self->r->coordinate.longitude, 3, 'E', 'W');
}

static enum reed_fix_quality quality_of(const struct writer *self)
{
	if (tells(self, REED_TOLD_QUALITY))
		return self->r->quality;
	return tells(self, REED_TOLD_POSITION) ? REED_FIX_PLAIN : REED_FIX_NONE;
}

static void status_of(struct writer *self)
{
	word(self, quality_of(self) == REED_FIX_NONE ? "V" : "A");
}

static void mode_of(struct writer *self)
{
	static const char modes[] = "NADPRFEMS";

	reed_buf_printf(&self->text, ",%c", modes[quality_of(self)]);
}

static void dop(struct writer *self, double n)
{
	number(self, REED_TOLD_ERROR, n, 2);
}

static void used_of(struct writer *self)
{
	number(self, REED_TOLD_USED_COUNT, self->r->used_count, 0);
}

static void knots(struct writer *self)
{
	number(self, REED_TOLD_SPEED, reed_speed_knots(self->r->speed), 3);
}

static void variation_of(struct writer *self)
{
	double n = self->r->variation;

	number(self, REED_TOLD_VARIATION, fabs(n), 1);
	word(self, !tells(self, REED_TOLD_VARIATION) ? "" : n < 0 ? "W" : "E");
}

static void height(struct writer *self, unsigned what, double n)
{
	number(self, what, n, 1);
	word(self, "M");
}

/* ---- the sentences ---- */

static void write_gga(struct writer *self)
{
	clock_of(self);
	place_of(self);
	number(self, 0, quality_of(self), 0);
	used_of(self);
	dop(self, self->r->error.hdop);
	height(self, REED_TOLD_ALTITUDE, self->r->altitude.metres);
	height(self, REED_TOLD_GEOID, self->r->geoid);
	word(self, ",");
}

static void write_rmc(struct writer *self)
{
	clock_of(self);
	status_of(self);
	place_of(self);
	knots(self);
	number(self, REED_TOLD_COURSE, self->r->course, 2);
	date_of(self);
	variation_of(self);
	mode_of(self);
}

static void write_gll(struct writer *self)
{
	place_of(self);
	clock_of(self);
	status_of(self);
	mode_of(self);
}

static void write_gns(struct writer *self)
{
	clock_of(self);
	place_of(self);
	mode_of(self);
	used_of(self);
	dop(self, self->r->error.hdop);
	number(self, REED_TOLD_ALTITUDE, self->r->altitude.metres, 1);
	number(self, REED_TOLD_GEOID, self->r->geoid, 1);
	word(self, ",");
}

static void write_vtg(struct writer *self)
{
	number(self, REED_TOLD_COURSE, self->r->course, 2);
	word(self, "T,,M");
	knots(self);
	word(self, "N");
	number(self, REED_TOLD_SPEED, reed_speed_kmh(self->r->speed), 3);
	word(self, "K");
	mode_of(self);
}

static void write_zda(struct writer *self)
{
	unsigned year, month, day;

	clock_of(self);
	reed_day_split(self->r->day, &year, &month, &day);
	if (tells(self, REED_TOLD_DAY))
		reed_buf_printf(&self->text, ",%02u,%02u,%04u", day, month, year);
	else
		word(self, ",,");
	word(self, "00,00");
}

static void write_hdt(struct writer *self)
{
	number(self, REED_TOLD_HEADING, self->r->heading, 2);
	word(self, "T");
}

static void write_hdg(struct writer *self)
{
	struct reed_heading heading = { self->r->heading, self->r->variation };

	number(self, REED_TOLD_HEADING, reed_heading_magnetic(&heading), 2);
	word(self, ",");
	variation_of(self);
}

static void write_gsa(struct writer *self)
{
	const struct reed_position_report *r = self->r;

	word(self, "A");
	word(self, r->id_count > 0 ? "3" : "1");
	for (unsigned i = 0; i < 12; i++)
		number(self, REED_TOLD_USED, i < r->id_count ? r->ids[i] : NAN, 0);
	dop(self, r->error.pdop);
	dop(self, r->error.hdop);
	dop(self, r->error.vdop);
}

static void write_gsv(struct writer *self)
{
	const struct reed_position_report *r = self->r;
	unsigned count = tells(self, REED_TOLD_SEEN) ? r->count : 0;

	self->parts = count > 4 ? (count + 3) / 4 : 1;
	reed_buf_printf(&self->text, ",%u,%u,%u", self->parts, self->part + 1, count);
	for (unsigned i = 4 * self->part; i < count && i < 4 * self->part + 4; i++) {
		reed_buf_printf(&self->text, ",%02u", r->seen[i].id);
		number(self, 0, r->seen[i].elevation, 0);
		number(self, 0, r->seen[i].azimuth, 0);
		number(self, 0, r->seen[i].snr, 0);
	}
}

static void write_trf(struct writer *self)
{
	clock_of(self);
	date_of(self);
	place_of(self);
	word(self, ",,,,");
	status_of(self);
}

enum reed_err reed_nmea_write(struct reed_buf *out, const char *talker, const char *type,
                              const struct reed_position_report *report)
{
	static const struct {
		const char *type;
		void (*write)(struct writer *self);
	} types[] = { { "GGA", write_gga }, { "RMC", write_rmc }, { "GSA", write_gsa },
		      { "GSV", write_gsv }, { "GLL", write_gll }, { "VTG", write_vtg },
		      { "GNS", write_gns }, { "ZDA", write_zda }, { "HDT", write_hdt },
		      { "HDG", write_hdg }, { "TRF", write_trf } };
	struct writer self = { .text = { .limit = 0 }, .r = report, .parts = 1 };
	enum reed_err err = REED_ENOTSUP;

	if (strlen(talker) != 2 || strspn(talker, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2)
		return REED_EINVAL;
	for (size_t i = 0; i < REED_COUNT(types); i++) {
		if (strcmp(type, types[i].type) != 0)
			continue;
		for (err = REED_OK; self.part < self.parts && !err; self.part++) {
			reed_buf_clear(&self.text);
			reed_buf_printf(&self.text, "%s%s", talker, type);
			types[i].write(&self);
			err = reed_nmea_frame(out, reed_buf_slice(&self.text));
		}
	}
	reed_buf_finish(&self.text);
	return err;
}
