/*
 * Positioning: where something is, how it moves, and how sure that is.
 *
 * Receivers tell it a few things at a time: in sentences of NMEA 0183
 * (positioning/nmea.h), or as gpsd does in JSON (positioning/gpsd.h).  Either is
 * made a report; a struct reed_positioning puts reports together, and calls its
 * owner for each thing that was told.  reed_positioning_read() does so with all
 * that comes over a stream: of a serial port, a network, a program, a file.
 *
 *	reed_try(co, reed_dial(co->loop, "serial:/dev/ttyUSB0:baud=4800", &self->stream));
 *	reed_positioning_init(&self->positioning, &my_ops);
 *	reed_try(co, reed_positioning_read(self->stream, &self->positioning, NULL));
 *
 * Numbers are in metres, metres a second and degrees, times in ns; functions
 * convert.  What is not known is NAN.  Values keep what they promise when they
 * were made by their function: REED_ERANGE tells that they could not.
 *
 * Limits: REED_SATELLITES in view, REED_POSITIONING_LINE bytes a line.
 */

#ifndef REED_POSITIONING_H
#define REED_POSITIONING_H

#include "reed/buf.h"
#include "reed/stream.h"

REED_BEGIN_DECLS

enum { REED_SATELLITES = 128, REED_POSITIONING_LINE = 64 << 10 };

/* ---- values ---- */

/* Between -360 and 360. */
struct reed_angle {
	double degrees;
};

REED_API enum reed_err reed_angle_make(double degrees, struct reed_angle *angle);
REED_API double reed_angle_radians(struct reed_angle angle);

struct reed_angle_parts {
	bool negative;
	unsigned degrees, minutes; /* minutes below 60 */
	double seconds;            /* below 60 */
};

REED_API struct reed_angle_parts reed_angle_split(struct reed_angle angle);

/* Of true north, clockwise, from 0 to below 360. */
struct reed_heading {
	double degrees;
	double variation; /* of the compass, from -180 to 180, to the east is positive; or NAN */
};

REED_API enum reed_err reed_heading_make(double degrees, double variation,
                                         struct reed_heading *heading);
/* What a compass shows; NAN without a variation. */
REED_API double reed_heading_magnetic(const struct reed_heading *heading);

/* Degrees: north and east are positive, to 90 and to 180. */
struct reed_coordinate {
	double latitude, longitude;
};

REED_API enum reed_err reed_coordinate_make(double latitude, double longitude,
                                            struct reed_coordinate *coordinate);
/* Metres, along a sphere as large as the earth: off by 0.5 % at most. */
REED_API double reed_coordinate_distance(const struct reed_coordinate *a,
                                         const struct reed_coordinate *b);

/* Above mean sea level. */
struct reed_altitude {
	double metres;
};

REED_API enum reed_err reed_altitude_make(double metres, struct reed_altitude *altitude);
REED_API double reed_altitude_feet(struct reed_altitude altitude);

/* Over ground, never negative. */
struct reed_speed {
	double mps;
};

REED_API enum reed_err reed_speed_make(double mps, struct reed_speed *speed);
REED_API enum reed_err reed_speed_from_knots(double knots, struct reed_speed *speed);
REED_API double reed_speed_knots(struct reed_speed speed);
REED_API double reed_speed_kmh(struct reed_speed speed);

/* Up is positive. */
struct reed_climb {
	double mps;
};

REED_API enum reed_err reed_climb_make(double mps, struct reed_climb *climb);
REED_API double reed_climb_feet_a_minute(struct reed_climb climb);

/*
 * Dilution of precision: in space, horizontal, vertical.  p*p is h*h + v*v, so of
 * two the third is made; three that contradict each other by more than what
 * receivers round are refused.
 */
struct reed_position_error {
	double pdop, hdop, vdop;
};

REED_API enum reed_err reed_position_error_make(double pdop, double hdop, double vdop,
                                                struct reed_position_error *error);

/* Numbers as gpsd has them. */
enum reed_constellation {
	REED_GPS,
	REED_SBAS,
	REED_GALILEO,
	REED_BEIDOU,
	REED_IMES,
	REED_QZSS,
	REED_GLONASS,
	REED_NAVIC,
	REED_CONSTELLATION_UNKNOWN,
};

enum { REED_CONSTELLATIONS = REED_CONSTELLATION_UNKNOWN + 1 };

/* "GPS" and the like; never NULL. */
REED_API const char *reed_constellation_name(enum reed_constellation constellation);

struct reed_satellite {
	unsigned id; /* in its constellation, as the receiver counts */
	enum reed_constellation constellation;
	double elevation, azimuth, snr; /* degrees, degrees, dB-Hz; or NAN */
	bool used;                      /* for the position */
};

/* How a position came to be; as in GGA. */
enum reed_fix_quality {
	REED_FIX_NONE,
	REED_FIX_PLAIN,
	REED_FIX_DIFFERENTIAL,
	REED_FIX_PRECISE,
	REED_FIX_RTK,
	REED_FIX_RTK_FLOAT,
	REED_FIX_ESTIMATED,
	REED_FIX_MANUAL,
	REED_FIX_SIMULATED,
};

/* "none", "plain" and the like; never NULL. */
REED_API const char *reed_fix_quality_name(enum reed_fix_quality quality);

/* Adds a number with so many digits behind the point (9 at the most), whatever the locale. */
REED_API void reed_positioning_add_number(struct reed_buf *out, double value, unsigned digits);

/* ---- reports ---- */

/* What is in one. */
enum reed_position_told {
	REED_TOLD_CLOCK = 1 << 0,
	REED_TOLD_DAY = 1 << 1,
	REED_TOLD_QUALITY = 1 << 2,
	REED_TOLD_POSITION = 1 << 3,
	REED_TOLD_ERROR = 1 << 4,
	REED_TOLD_ALTITUDE = 1 << 5,
	REED_TOLD_GEOID = 1 << 6,
	REED_TOLD_SPEED = 1 << 7,
	REED_TOLD_COURSE = 1 << 8,
	REED_TOLD_HEADING = 1 << 9,
	REED_TOLD_VARIATION = 1 << 10,
	REED_TOLD_CLIMB = 1 << 11,
	REED_TOLD_SEEN = 1 << 12,
	REED_TOLD_USED = 1 << 13,
	REED_TOLD_USED_COUNT = 1 << 14,
};

/* One sentence, or one object of gpsd.  Only what told says is there. */
struct reed_position_report {
	unsigned told;
	int64_t clock; /* ns since midnight, UTC */
	int64_t day;   /* since 1970-01-01 */
	enum reed_fix_quality quality;
	struct reed_coordinate coordinate;
	struct reed_position_error error; /* members may be NAN */
	struct reed_altitude altitude;
	double geoid; /* metres from the ellipsoid up to the sea */
	struct reed_speed speed;
	double course;  /* in which it moves, of true north */
	double heading; /* in which it looks */
	double variation;
	struct reed_climb climb;
	/*
	 * Satellites: SEEN are the first count of seen.  Of a list in several parts this
	 * is the part-th of parts, for this signal.  USED marks those of ids.
	 */
	enum reed_constellation constellation;
	unsigned part, parts, signal;
	bool whole; /* SEEN is all there is to say of all constellations, used and not */
	unsigned count;
	struct reed_satellite seen[REED_SATELLITES];
	unsigned used_count, id_count;
	unsigned ids[16];
};

/* A date of our calendar to days since 1970, and back.  REED_ERANGE: there is no such day. */
REED_API enum reed_err reed_day_make(unsigned year, unsigned month, unsigned day, int64_t *days);
REED_API void reed_day_split(int64_t days, unsigned *year, unsigned *month, unsigned *day);

/* ---- all of it together ---- */

/* What was told of one moment, and the last that was told of errors and satellites. */
struct reed_fix {
	unsigned told;
	int64_t utc; /* ns since 1970, with CLOCK and DAY */
	enum reed_fix_quality quality;
	struct reed_coordinate coordinate;
	struct reed_position_error error;
	struct reed_altitude altitude;
	struct reed_speed speed;
	struct reed_heading course, heading;
	struct reed_climb climb;
	unsigned used, seen;
};

struct reed_positioning;

/*
 * Called from the loop, or from reed_positioning_tell(); what they are given is
 * borrowed for the call.  Any of them may be NULL.
 */
struct reed_positioning_ops {
	void (*time)(struct reed_positioning *self, int64_t utc);
	void (*position)(struct reed_positioning *self, const struct reed_coordinate *where);
	void (*position_error)(struct reed_positioning *self,
	                       const struct reed_position_error *error);
	void (*altitude)(struct reed_positioning *self, struct reed_altitude altitude);
	void (*speed)(struct reed_positioning *self, struct reed_speed speed);
	void (*course)(struct reed_positioning *self, const struct reed_heading *course);
	void (*heading)(struct reed_positioning *self, const struct reed_heading *heading);
	void (*climb)(struct reed_positioning *self, struct reed_climb climb);
	/* All in view. */
	void (*satellites)(struct reed_positioning *self, const struct reed_satellite *satellites,
	                   size_t count);
	/* The receiver does not know any more where it is. */
	void (*lost)(struct reed_positioning *self);
	/* Nothing more will come of this moment. */
	void (*fix)(struct reed_positioning *self, const struct reed_fix *fix);
	/* A line that was no sentence, or not as it should be. */
	void (*rejected)(struct reed_positioning *self, struct reed_slice line, const char *why);
};

/* Embedded. */
struct reed_positioning {
	const struct reed_positioning_ops *ops;
	uint64_t reports, rejected, unknown; /* lines that told something, were bad, or of others */
	/* for the module: */
	struct reed_fix fix;
	bool has_position, collecting;
	int64_t day, clock;
	bool has_day, has_clock;
	double variation;
	unsigned count, signals[REED_CONSTELLATIONS];
	struct reed_satellite seen[REED_SATELLITES];
	struct { /* a list of which not all parts are here */
		enum reed_constellation constellation;
		unsigned signal, next, count;
		struct reed_satellite items[REED_SATELLITES];
	} coming;
};

REED_API void reed_positioning_init(struct reed_positioning *self,
                                    const struct reed_positioning_ops *ops);

/* Calls the ops for what is in it. */
REED_API void reed_positioning_tell(struct reed_positioning *self,
                                    const struct reed_position_report *report);

/* The moment is over: calls fix(), if there is something that it has not told. */
REED_API void reed_positioning_settle(struct reed_positioning *self);

/* ---- over a stream ---- */

struct reed_positioning_options {
	size_t size;   /* of this struct */
	bool strict;   /* sentences without a checksum are rejected */
	bool listens;  /* gpsd is not asked to watch: the stream is of a file */
	double pace;   /* of a file: 1 is as fast as it was recorded, 10 ten times; 0: at once */
	int64_t quiet; /* ns without a byte after which a moment is over; 0: 200 ms */
};

#define REED_POSITIONING_OPTIONS                                \
	{                                                       \
		.size = sizeof(struct reed_positioning_options) \
	}

/*
 * Reads lines to the end of the stream, which it owns; each is a sentence of NMEA
 * or an object of gpsd.  When gpsd greets it is asked to watch.  Settles with
 * success at the end, else as the stream broke: REED_ETOOBIG, no end of line in
 * REED_POSITIONING_LINE bytes; REED_EPROTO, gpsd has refused.
 */
REED_API struct reed_future *reed_positioning_read(struct reed_stream *stream,
                                                   struct reed_positioning *self,
                                                   const struct reed_positioning_options *options);

REED_END_DECLS

#endif
