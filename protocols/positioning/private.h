/* What the files of positioning share. */

#ifndef REED_POSITIONING_PRIVATE_H
#define REED_POSITIONING_PRIVATE_H

#include "reed/positioning.h"

#define NS_PER_SECOND REED_S(1)
#define NS_PER_DAY    (86400 * NS_PER_SECOND)
#define DOP_ROUNDING  0.2 /* that receivers do */

/* ---- value.c ---- */

/* [+-]digits[.digits], 15 of them at the most, all of the text: REED_ESYNTAX. */
enum reed_err positioning_number(struct reed_slice text, double *out);

/* What is consistent of the three: where they contradict, the parts decide. */
bool positioning_error_of(double pdop, double hdop, double vdop, struct reed_position_error *out);

#endif
