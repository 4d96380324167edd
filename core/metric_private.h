/* What the files of the metrics share. */

#ifndef REED_METRIC_PRIVATE_H
#define REED_METRIC_PRIVATE_H

#include "reed/metric.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

/* One set of labels. */
struct series {
	struct family *family;
	struct reed_list link;
	struct reed_list sources;
	char *labels; /* command="PRIVMSG"; "" for none */
	uint64_t hash;
	bool gone; /* a gauge whose last source was removed */
	union {
		struct reed_counter counter;
		struct reed_gauge gauge;
		struct reed_histogram *histogram;
	} is;
};

struct family {
	struct reed_list link; /* sorted by name */
	char *name, *help;
	enum metric_type type;
	struct reed_list series; /* in order of appearance */
	size_t count;
};

struct reed_metrics {
	struct reed_list families;
	struct kernel_metric *kernel;
};

struct reed_metrics *reed_metrics_of(struct reed_loop *loop);
void reed_metrics_init(struct reed_metrics *metrics);
void reed_metrics_clear(struct reed_metrics *metrics);

/* Found, or made; takes over labels. */
struct series *reed_series_of(struct reed_metrics *metrics, enum metric_type type, const char *name,
                              const char *help, char *labels);
struct reed_histogram *reed_series_histogram(struct series *s,
                                             const struct reed_histogram_kind *kind);

/* Of a counter or gauge, with what its sources say. */
int64_t reed_series_value(const struct series *s);

/* The kernel's own numbers. */
void reed_metrics_add_kernel(struct reed_loop *loop, struct reed_metrics *metrics);
void reed_metrics_remove_kernel(struct reed_metrics *metrics);

#endif
