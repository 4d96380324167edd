/*
 * Sentences of NMEA 0183: $GPGGA,...*47 and back.
 *
 * Pure functions; nothing suspends.  Slices are of the line that was read.  Any
 * talker will do (GP, GN, GL, GA, GB, BD, GQ, QZ, GI, ...): what a sentence says
 * does not depend on it, but for whose satellites GSV and GSA speak of.
 *
 * Limits: a sentence has REED_NMEA_LENGTH bytes (the standard says 82, receivers
 * say more) and REED_NMEA_FIELDS fields.
 */

#ifndef REED_POSITIONING_NMEA_H
#define REED_POSITIONING_NMEA_H

#include "reed/positioning.h"

REED_BEGIN_DECLS

enum { REED_NMEA_LENGTH = 256, REED_NMEA_FIELDS = 40 };

struct reed_nmea {
	struct reed_slice talker; /* "GP"; "P" of what is somebody's own */
	struct reed_slice type;   /* "GGA"; of "P" all that follows */
	struct reed_slice fields[REED_NMEA_FIELDS];
	unsigned count;
	bool checked; /* it had a checksum, which is right */
};

/*
 * A line, with or without its end and a tag block in front.  REED_ESYNTAX: it is
 * no sentence; REED_EPROTO: its checksum is another; REED_ETOOBIG.
 */
REED_API enum reed_err reed_nmea_parse(struct reed_slice line, struct reed_nmea *sentence);

/*
 * What it tells.  REED_ENOTSUP: none of GGA RMC GLL GNS VTG ZDA HDT HDG GSA GSV TRF;
 * REED_ESYNTAX, REED_ERANGE: a field is not as it should be, *field says which
 * (from 1; may be NULL).
 */
REED_API enum reed_err reed_nmea_report(const struct reed_nmea *sentence,
                                        struct reed_position_report *report, unsigned *field);

/*
 * Adds the sentence of that type, of GSV as many as it takes; what the report
 * does not tell is left empty.  REED_ENOTSUP: no such type; REED_EINVAL: the
 * talker is not two capital letters.
 */
REED_API enum reed_err reed_nmea_write(struct reed_buf *out, const char *talker, const char *type,
                                       const struct reed_position_report *report);

/* The same of any text, such as "PUBX,00": with $ and checksum around it. */
REED_API enum reed_err reed_nmea_frame(struct reed_buf *out, struct reed_slice text);

/* Which satellites a talker speaks of. */
REED_API enum reed_constellation reed_nmea_constellation(struct reed_slice talker);

REED_END_DECLS

#endif
