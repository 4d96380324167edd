/*
 * What gpsd says, and is told: JSON in lines, over TCP (port 2947).
 *
 * Pure functions; nothing suspends.  The protocol is that of gpsd 3.x
 * (gpsd_json(5)): VERSION greets, WATCH asks, TPV and SKY tell.
 */

#ifndef REED_POSITIONING_GPSD_H
#define REED_POSITIONING_GPSD_H

#include "reed/positioning.h"

REED_BEGIN_DECLS

enum reed_gpsd_class {
	REED_GPSD_OTHER,
	REED_GPSD_VERSION,
	REED_GPSD_TPV, /* where it is: the report */
	REED_GPSD_SKY, /* what is in view: the report */
	REED_GPSD_ERROR,
};

/*
 * One object.  REED_ESYNTAX: it is none, or has no class; REED_ERANGE: a value is
 * not as it should be.  Of an ERROR, *why is what it says, which the caller
 * frees; why may be NULL.
 */
REED_API enum reed_err reed_gpsd_read(struct reed_slice line, enum reed_gpsd_class *what,
                                      struct reed_position_report *report, char **why);

/* What gpsd is asked, with its newline. */
#define REED_GPSD_WATCH "?WATCH={\"enable\":true,\"json\":true};\n"

REED_END_DECLS

#endif
