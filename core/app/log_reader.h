/* Reading what was logged, file after file, and what is logged then. */

#ifndef REED_LOG_READER_H
#define REED_LOG_READER_H

#include <stdio.h>

#include "log_filter.h"
#include "reed/future.h"

struct log_reading {
	const char *const *paths;
	size_t count;
	struct log_filter filter;
	size_t last; /* that many records; 0: all of them */
	bool json, utc, colour;
	bool follows; /* the last of the paths */
	FILE *out, *complaints;
	uint64_t wrong; /* out: files and lines that could not be read */
};

/* reading must outlive it. */
struct reed_future *reed_log_read(struct reed_loop *loop, struct log_reading *reading);

#endif
