/*
 * Metrics: numbers about a running program, by name and labels.
 *
 *	self->received = reed_counter(loop, "reed_irc_messages", "Messages received.",
 *	                              "command=%s", word);
 *	...
 *	self->received->value++;
 *
 * Every loop has a registry, which is for its thread only, so that counting is
 * one addition.  Who asks for the same name and labels twice gets the same
 * metric; it lives as long as the loop.  Labels are written as in a log
 * (log.h): key=%conversion, or NULL for none.
 *
 * Names begin with reed_ and the module, units are seconds and bytes, and a
 * counter's name has no _total: all as OpenMetrics 1.0 has it.
 *
 * Limits: REED_METRIC_SERIES sets of labels to a name; what is asked for beyond
 * that is counted in one more, which has the label overflow="true".  Asking for
 * a name again as another type is a mistake of the program, which ends it.
 */

#ifndef REED_METRIC_H
#define REED_METRIC_H

#include "reed/buf.h"
#include "reed/list.h"

REED_BEGIN_DECLS

enum { REED_METRIC_SERIES = 1024 };

struct reed_loop;

/* Only ever rises. */
struct reed_counter {
	uint64_t value;
};

struct reed_gauge {
	int64_t value;
};

REED_API struct reed_counter *reed_counter(struct reed_loop *loop, const char *name,
                                           const char *help, const char *labels, ...)
	REED_PRINTF(4, 5);
REED_API struct reed_gauge *reed_gauge(struct reed_loop *loop, const char *name, const char *help,
                                       const char *labels, ...) REED_PRINTF(4, 5);

/* ---- how values are spread ---- */

struct reed_histogram_kind {
	const int64_t *bounds; /* upper ones, rising: counted is what is at most that much */
	size_t count;
	double unit; /* what one is told as: 1e-9 for ns told as seconds */
};

REED_API extern const struct reed_histogram_kind reed_histogram_ns;    /* 10 us to 100 s */
REED_API extern const struct reed_histogram_kind reed_histogram_bytes; /* 64 to 16 Mi */

struct reed_histogram {
	const struct reed_histogram_kind *kind;
	uint64_t count;
	int64_t sum;
	uint64_t REED_FLEXIBLE(buckets); /* kind->count of them */
};

/* kind outlives the loop. */
REED_API struct reed_histogram *reed_histogram(struct reed_loop *loop,
                                               const struct reed_histogram_kind *kind,
                                               const char *name, const char *help,
                                               const char *labels, ...) REED_PRINTF(5, 6);
REED_API void reed_histogram_add(struct reed_histogram *self, int64_t value);

/* ---- what is counted elsewhere ---- */

/* Embedded; asked whenever somebody reads. */
struct reed_metric_source {
	int64_t (*read)(struct reed_metric_source *self);
	struct reed_list link;
	void *series; /* the registry's */
};

/* The value is read from source from now on; rises says that it is a counter. */
REED_API void reed_metric_source_add(struct reed_loop *loop, struct reed_metric_source *source,
                                     bool rises, const char *name, const char *help,
                                     const char *labels, ...) REED_PRINTF(6, 7);

/* The last value stays, if it was a counter; a gauge goes.  Nothing if it was never added. */
REED_API void reed_metric_source_remove(struct reed_metric_source *source);

/* ---- reading ---- */

/* All of it, sorted by name, as OpenMetrics text; ends with # EOF. */
REED_API void reed_metrics_print(struct reed_loop *loop, struct reed_buf *out);

/* A line for each value that is not zero, for people. */
REED_API void reed_metrics_summary(struct reed_loop *loop, struct reed_buf *out);

/*
 * The same for programs, an object on each line: {"metric":NAME,"labels":{...},
 * "value":N}; of a histogram "count" and "sum" in place of the value.
 */
REED_API void reed_metrics_summary_json(struct reed_loop *loop, struct reed_buf *out);

/* ---- of several loops ---- */

struct reed_metrics;

/* The values of a loop as they are now, for any thread.  The caller frees it. */
REED_API struct reed_metrics *reed_metrics_copy(struct reed_loop *loop);
REED_API void reed_metrics_free(struct reed_metrics *copy);

/* Value by value: counters, gauges and histograms of the same name and labels. */
REED_API void reed_metrics_add(struct reed_metrics *to, const struct reed_metrics *from);

/* Of a copy, as of a loop. */
REED_API void reed_metrics_print_copy(const struct reed_metrics *copy, struct reed_buf *out);
REED_API void reed_metrics_summary_copy(const struct reed_metrics *copy, struct reed_buf *out);
REED_API void reed_metrics_json_copy(const struct reed_metrics *copy, struct reed_buf *out);

REED_END_DECLS

#endif
