/* Which records somebody wants to see, of a log that runs and of one that was written. */

#ifndef REED_LOG_FILTER_H
#define REED_LOG_FILTER_H

#include "reed/log.h"

/* Their names, for settings; ends with NULL. */
extern const char *const reed_log_levels[];

/* Zeroed wants all. */
struct log_filter {
	enum reed_log_level level;
	struct reed_slice match;  /* of the line: a part of it, whatever its case; empty: all */
	struct reed_slice module; /* of reed_log_module_has(); empty: all */
	int64_t since, until;     /* by the wall clock; until 0: any time */
};

/* What is to be shown of it, as text; without its level, which taps know of. */
bool reed_log_filter_wants(const struct log_filter *filter, const struct reed_log_event *event);

/*
 * "10m" ago, "14:30" of today, "2026-11-22" or "2026-11-22 14:30:15", local unless there is a Z
 * behind it.  REED_ESYNTAX.
 */
enum reed_err reed_log_when(struct reed_slice text, int64_t now, int64_t *wall);

/* "... is no time: ..." */
struct reed_fault *reed_log_no_time(struct reed_slice word);

#endif
