/* Sentences of receivers, and back. */

#include <math.h>

#include "reed/positioning/nmea.h"
#include "tests/check.h"

static struct reed_position_report r;

static enum reed_err read_fields(const char *line, unsigned *field)
{
	struct reed_buf framed = { .limit = 0 };
	struct reed_nmea s;
	enum reed_err err;

	check_int(reed_nmea_frame(&framed, reed_slice_of(line)), REED_OK);
	check_int(reed_nmea_parse(reed_buf_slice(&framed), &s), REED_OK);
	check(s.checked);
	err = reed_nmea_report(&s, &r, field);
	reed_buf_finish(&framed);
	return err;
}

/* line is what stands between $ and the checksum. */
static enum reed_err read_line(const char *line)
{
	return read_fields(line, NULL);
}

static void check_near(double got, double wanted)
{
	if (fabs(got - wanted) > 1e-6) {
		fprintf(stderr, "%.9f is not %.9f\n", got, wanted);
		abort();
	}
}

static void check_told(unsigned wanted)
{
	check_int(r.told, wanted);
}

/* ---- the frame ---- */

static void a_sentence_is_what_its_checksum_says(void)
{
	struct reed_nmea s;
	const char *good = "$GPGLL,4916.45,N,12311.12,W,225444,A*31\r\n";

	check_int(reed_nmea_parse(reed_slice_of(good), &s), REED_OK);
	check(s.checked);
	check_slice(s.talker, "GP");
	check_slice(s.type, "GLL");
	check_int(s.count, 6);
	check_slice(s.fields[5], "A");
	check_int(reed_nmea_parse(REED_STR("$GPGLL,4916.45,N,12311.12,W,225444,A*30"), &s),
	          REED_EPROTO);
	check_int(reed_nmea_parse(REED_STR("$GPGLL,4916.46,N,12311.12,W,225444,A*31"), &s),
	          REED_EPROTO);
	check_int(reed_nmea_parse(REED_STR("$GPGLL,4916.45,N,12311.12,W,225444,A"), &s), REED_OK);
	check(!s.checked);
}

static void what_is_no_sentence_is_refused(void)
{
	static const char *const bad[] = { "",        "$",        "GPGGA",      "$GPGG",
		                           "$GPGGAX", "$gpgga,1", "$GPGGA*1",   "$GPGGA*123",
		                           "$GPGGA*", "$P*50",    "$GPG A,",    "$GPGGA,\x80",
		                           "\\g:1",   "\\g:1\\",  "$GPGGA,\t1", "$GPGGA,$GPGGA" };
	struct reed_nmea s;

	for (size_t i = 0; i < REED_COUNT(bad); i++)
		check_int(reed_nmea_parse(reed_slice_of(bad[i]), &s), REED_ESYNTAX);
}

static void sentences_have_a_limit(void)
{
	char line[REED_NMEA_LENGTH + 64] = "$GPGSV";
	struct reed_nmea s;

	memset(line + 6, ',', REED_NMEA_FIELDS);
	check_int(reed_nmea_parse(reed_slice_of(line), &s), REED_OK);
	check_int(s.count, REED_NMEA_FIELDS);
	line[6 + REED_NMEA_FIELDS] = ',';
	check_int(reed_nmea_parse(reed_slice_of(line), &s), REED_ETOOBIG);
	memset(line + 6, 'A', REED_NMEA_LENGTH);
	check_int(reed_nmea_parse(reed_slice_of(line), &s), REED_ETOOBIG);
}

static void tags_in_front_and_sentences_of_makers_pass(void)
{
	struct reed_nmea s;

	check_int(reed_nmea_parse(REED_STR("\\g:1-2-34,s:r3669961*65\\!AIVDM,1,1,,B,x,0*00"), &s),
	          REED_EPROTO);
	check_int(reed_nmea_parse(REED_STR("\\s:x*00\\$PUBX,00,a*7E"), &s), REED_OK);
	check_slice(s.talker, "P");
	check_slice(s.type, "UBX");
	check_int(reed_nmea_report(&s, &r, NULL), REED_ENOTSUP);
}

/* ---- what they tell ---- */

static void gga_tells_of_a_position(void)
{
	check_int(read_line("GPGGA,123519.50,4807.038,N,01131.000,E,2,08,0.9,545.4,M,46.9,M,,"),
	          REED_OK);
	check_told(REED_TOLD_CLOCK | REED_TOLD_POSITION | REED_TOLD_QUALITY | REED_TOLD_USED_COUNT |
	           REED_TOLD_ERROR | REED_TOLD_ALTITUDE | REED_TOLD_GEOID);
	check_int(r.clock, REED_MS(45319500));
	check_near(r.coordinate.latitude, 48.1173);
	check_near(r.coordinate.longitude, 11.516666667);
	check_int(r.quality, REED_FIX_DIFFERENTIAL);
	check_int(r.used_count, 8);
	check_near(r.error.hdop, 0.9);
	check(isnan(r.error.pdop));
	check_near(r.altitude.metres, 545.4);
	check_near(r.geoid, 46.9);
}

static void without_a_fix_the_last_position_is_none(void)
{
	check_int(read_line("GNGGA,123519,4807.038,N,01131.000,E,0,00,,545.4,M,,M,,"), REED_OK);
	check_told(REED_TOLD_CLOCK | REED_TOLD_QUALITY | REED_TOLD_USED_COUNT);
	check_int(read_line("GNRMC,,V,,,,,,,,,,N"), REED_OK);
	check_told(REED_TOLD_QUALITY);
	check_int(r.quality, REED_FIX_NONE);
}

static void rmc_tells_of_movement_and_day(void)
{
	check_int(read_line("GLRMC,235959,A,3751.65,S,14507.36,E,022.4,084.4,230394,003.1,W"),
	          REED_OK);
	check_told(REED_TOLD_CLOCK | REED_TOLD_DAY | REED_TOLD_POSITION | REED_TOLD_SPEED |
	           REED_TOLD_COURSE | REED_TOLD_VARIATION | REED_TOLD_QUALITY);
	check_near(r.coordinate.latitude, -37.860833333);
	check_near(reed_speed_knots(r.speed), 22.4);
	check_near(r.course, 84.4);
	check_near(r.variation, -3.1);
	check_int(r.day, 8847);
	check_int(r.quality, REED_FIX_PLAIN);
	check_int(read_line("QZRMC,000000.00,A,3751.65,N,14507.36,W,,,311279,,,R,V"), REED_OK);
	check_int(r.quality, REED_FIX_RTK);
	check_int(r.day, 40176); /* 2079 */
}

static void the_other_sentences_tell_their_part(void)
{
	check_int(read_line("GAGLL,4916.45,N,12311.12,W,225444,A,D"), REED_OK);
	check_int(r.quality, REED_FIX_DIFFERENTIAL);
	check_near(r.coordinate.longitude, -123.185333333);
	check_int(read_line("GNGNS,014035.00,4332.69,S,17235.48,E,NR,13,0.9,25.63,11.24,,"),
	          REED_OK);
	check_int(r.quality, REED_FIX_RTK);
	check_int(r.used_count, 13);
	check_int(read_line("GPVTG,360.0,T,,M,005.5,N,010.2,K,A"), REED_OK);
	check_told(REED_TOLD_COURSE | REED_TOLD_SPEED);
	check_near(r.course, 0);
	check_int(read_line("GPVTG,54.7,T,,M,005.5,N,010.2,K,N"), REED_OK);
	check_told(REED_TOLD_QUALITY);
	check_int(read_line("GPZDA,201530.00,04,07,2002,00,00"), REED_OK);
	check_int(r.day, 11872);
	check_int(read_line("HEHDT,274.07,T"), REED_OK);
	check_told(REED_TOLD_HEADING);
	check_int(read_line("HCHDG,350.0,5.0,E,10.0,E"), REED_OK);
	check_told(REED_TOLD_HEADING | REED_TOLD_VARIATION);
	check_near(r.heading, 5);
	check_int(read_line("HCHDG,350.0,5.0,E,,"), REED_OK);
	check_told(0);
	check_int(read_line("GPTRF,121314,010203,4807.0,N,01131.0,W,12.0,3,4,0.1,12,A"), REED_OK);
	check_told(REED_TOLD_CLOCK | REED_TOLD_DAY | REED_TOLD_POSITION | REED_TOLD_QUALITY);
}

static void gsa_tells_which_satellites_are_used(void)
{
	check_int(read_line("GPGSA,A,3,04,05,,09,12,,,24,,,,,2.5,1.3,2.1"), REED_OK);
	check_told(REED_TOLD_ERROR | REED_TOLD_USED);
	check_int(r.id_count, 5);
	check_int(r.ids[4], 24);
	check_int(r.constellation, REED_GPS);
	check_near(r.error.pdop, 2.5);
	check_int(read_line("GNGSA,A,3,65,,,,,,,,,,,,2.5,1.3,2.1,2"), REED_OK);
	check_int(r.constellation, REED_GLONASS);
	/* of a receiver that cannot calculate: the parts count */
	check_int(read_line("GPGSA,A,3,,,,,,,,,,,,,9.9,3.0,4.0"), REED_OK);
	check_near(r.error.pdop, 5);
}

static void gsv_tells_of_a_part_of_what_is_in_view(void)
{
	check_int(read_line("BDGSV,2,1,06,01,40,083,46,02,17,308,41,12,07,344,,14,,,"), REED_OK);
	check_told(REED_TOLD_SEEN);
	check_int(r.constellation, REED_BEIDOU);
	check_int(r.count, 4);
	check_int(r.part, 1);
	check_int(r.parts, 2);
	check_near(r.seen[1].azimuth, 308);
	check(isnan(r.seen[2].snr) && isnan(r.seen[3].elevation));
	check_int(read_line("GBGSV,2,2,06,22,42,067,42,24,14,311,43,5"), REED_OK);
	check_int(r.count, 2);
	check_int(r.signal, '5');
	check_int(read_line("GPGSV,1,1,00"), REED_OK);
	check_int(r.count, 0);
}

static void fields_that_are_wrong_are_named(void)
{
	static const struct {
		const char *line;
		unsigned field;
	} bad[] = { { "GPGGA,253519,,,,,,,,,,,,,", 0 },
		    { "GPGGA,126019,,,,,,,,,,,,,", 1 },
		    { "GPGGA,12351,,,,,,,,,,,,,", 1 },
		    { "GPGGA,123519,4867.0,N,01131.0,E,1,,,,,,,,", 3 },
		    { "GPGGA,123519,4807.0,X,01131.0,E,1,,,,,,,,", 3 },
		    { "GPGGA,123519,9107.0,N,01131.0,E,1,,,,,,,,", 5 },
		    { "GPGGA,123519,4807.0,N,,,1,,,,,,,,", 5 },
		    { "GPGGA,123519,4807.0,N,01131.0,E,9,,,,,,,,", 6 },
		    { "GPGGA,123519,4807.0,N,01131.0,E,1,,,5.0,F,,,,", 10 },
		    { "GPRMC,123519,A,4807.0,N,01131.0,E,-1,,,,", 7 },
		    { "GPRMC,123519,A,4807.0,N,01131.0,E,1,361,,,", 8 },
		    { "GPRMC,123519,A,4807.0,N,01131.0,E,1,1,300226,,", 9 },
		    { "GPRMC,123519,A,4807.0,N,01131.0,E,1,1,010226,3.0,X", 11 },
		    { "GPRMC,123519,B,4807.0,N,01131.0,E,1,1,010226,,", 2 },
		    { "HEHDT,1e3,T", 1 },
		    { "GPGSV,2,3,06", 2 } };

	for (size_t i = 0; i < REED_COUNT(bad); i++) {
		unsigned field = 0;
		enum reed_err err = read_fields(bad[i].line, &field);

		check(err == REED_ESYNTAX || err == REED_ERANGE);
		check_told(0);
		if (bad[i].field)
			check_int(field, bad[i].field);
	}
}

/* ---- the other way ---- */

static const char *write_line(const char *talker, const char *type)
{
	static char text[1024];
	struct reed_buf out = { .limit = 0 };

	check_int(reed_nmea_write(&out, talker, type, &r), REED_OK);
	check(reed_slice_copy(text, sizeof(text), reed_buf_slice(&out)));
	reed_buf_finish(&out);
	return text;
}

static void reports_are_written_as_they_are_read(void)
{
	static const char *const types[] = { "GGA", "RMC", "GLL", "GNS", "VTG", "ZDA", "TRF" };
	struct reed_position_report first;
	struct reed_nmea s;

	check_int(read_line(
			  "GPRMC,123519.25,A,4807.03812,S,01131.00012,W,22.4,084.4,230326,3.1,W,D"),
	          REED_OK);
	first = r;
	check_str(write_line("GN", "RMC"), "$GNRMC,123519.25,A,4807.03812,S,01131.00012,W,22.400,"
	                                   "84.40,230326,3.1,W,D*03\r\n");
	for (size_t i = 0; i < REED_COUNT(types); i++) {
		r = first;
		check_int(reed_nmea_parse(reed_slice_of(write_line("GN", types[i])), &s), REED_OK);
		check_int(reed_nmea_report(&s, &r, NULL), REED_OK);
		check_int(r.told & ~first.told, 0);
		check(!(r.told & REED_TOLD_CLOCK) || r.clock == first.clock);
		check(!(r.told & REED_TOLD_DAY) || r.day == first.day);
		check(!(r.told & REED_TOLD_QUALITY) || strcmp(types[i], "TRF") == 0 ||
		      r.quality == first.quality);
		check(!(r.told & REED_TOLD_POSITION) ||
		      fabs(r.coordinate.latitude - first.coordinate.latitude) < 1e-7);
		check(!(r.told & REED_TOLD_SPEED) || fabs(r.speed.mps - first.speed.mps) < 1e-3);
	}
}

static void a_long_list_is_written_in_parts(void)
{
	r = (struct reed_position_report){ .told = REED_TOLD_SEEN, .count = 5 };
	for (unsigned i = 0; i < 5; i++)
		r.seen[i] =
			(struct reed_satellite){ i + 1, REED_GPS, 10, 200, i ? 30 : NAN, false };
	check_str(write_line("GP", "GSV"),
	          "$GPGSV,2,1,5,01,10,200,,02,10,200,30,03,10,200,30,04,10,200,30*48\r\n"
	          "$GPGSV,2,2,5,05,10,200,30*79\r\n");
}

static void what_cannot_be_written_is_refused(void)
{
	struct reed_buf out = { .limit = 0 };

	r = (struct reed_position_report){ .told = 0 };
	check_int(reed_nmea_write(&out, "gp", "GGA", &r), REED_EINVAL);
	check_int(reed_nmea_write(&out, "GPS", "GGA", &r), REED_EINVAL);
	check_int(reed_nmea_write(&out, "GP", "AIS", &r), REED_ENOTSUP);
	check_int(reed_nmea_frame(&out, REED_STR("PUBX*00")), REED_EINVAL);
	check_int(reed_nmea_frame(&out, REED_STR("PUBX\r\n$")), REED_EINVAL);
	check_int(reed_buf_held(&out), 0);
	reed_buf_finish(&out);
}

int main(void)
{
	RUN(a_sentence_is_what_its_checksum_says);
	RUN(what_is_no_sentence_is_refused);
	RUN(sentences_have_a_limit);
	RUN(tags_in_front_and_sentences_of_makers_pass);
	RUN(gga_tells_of_a_position);
	RUN(without_a_fix_the_last_position_is_none);
	RUN(rmc_tells_of_movement_and_day);
	RUN(the_other_sentences_tell_their_part);
	RUN(gsa_tells_which_satellites_are_used);
	RUN(gsv_tells_of_a_part_of_what_is_in_view);
	RUN(fields_that_are_wrong_are_named);
	RUN(reports_are_written_as_they_are_read);
	RUN(a_long_list_is_written_in_parts);
	RUN(what_cannot_be_written_is_refused);
	return 0;
}
