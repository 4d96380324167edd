/* What positioning tells, as text: a line for each call. */

#ifndef REED_TESTS_POSITIONING_NOTES_H
#define REED_TESTS_POSITIONING_NOTES_H

#include "reed/positioning.h"
#include "tests/check.h"

struct notes {
	struct reed_positioning positioning;
	struct reed_buf text;
};

void notes_init(struct notes *self);
void notes_finish(struct notes *self);

/* Since the last time. */
void notes_check(struct notes *self, const char *wanted);

/* A sentence without $ and checksum. */
void notes_hear(struct notes *self, const char *line);

#endif
