/* What the kernel knows of itself, as metrics. */

#include "private.h"

#include <string.h>

#include "metric_private.h"
#include "reed/log.h"
#include "reed/offload.h"

/* One number of a loop, found by its offset in what all_of() gathers. */
struct number {
	const char *name, *help;
	const char *label, *value; /* NULL: none */
	size_t offset;
	bool rises, is_size; /* a size_t; else a uint64_t */
};

struct kernel_metric {
	struct reed_metric_source source;
	struct reed_loop *loop;
	const struct number *number;
};

struct all {
	struct reed_loop_stats loop;
	struct reed_log_stats log;
	struct reed_offload_stats offload;
};

#define COUNTER(name, help, label, value, member)                                   \
	{                                                                           \
		name, help, label, value, offsetof(struct all, member), true, false \
	}
#define GAUGE_OF(name, help, label, value, member)                                  \
	{                                                                           \
		name, help, label, value, offsetof(struct all, member), false, true \
	}
#define GAUGE(name, help, member) GAUGE_OF(name, help, NULL, NULL, member)
#define RECORDS(level, index)                                                        \
	COUNTER("reed_log_records", "Records of the log, by level.", "level", level, \
	        log.records[index])

static const struct number numbers[] = {
	COUNTER("reed_loop_turns", "Turns of the loop.", NULL, NULL, loop.turns),
	COUNTER("reed_loop_wakes", "Tasks and other owners that were woken.", NULL, NULL,
	        loop.wakes),
	COUNTER("reed_loop_events", "Descriptors that were found ready.", NULL, NULL, loop.events),
	COUNTER("reed_loop_timers_fired", "Timers that fired.", NULL, NULL, loop.timers_fired),
	COUNTER("reed_loop_posts", "Messages from other threads.", NULL, NULL, loop.posts),
	COUNTER("reed_stream_bytes", "Bytes of all streams.", "direction", "in", loop.bytes_in),
	COUNTER("reed_stream_bytes", "Bytes of all streams.", "direction", "out", loop.bytes_out),
	GAUGE_OF("reed_stream_held_bytes", "Memory of the buffers of all streams.", "direction",
	         "in", loop.input_held),
	GAUGE_OF("reed_stream_held_bytes", "Memory of the buffers of all streams.", "direction",
	         "out", loop.output_held),
	COUNTER("reed_stream_full", "How often streams met the limit of their buffers.",
	        "direction", "in", loop.input_full),
	COUNTER("reed_stream_full", "How often streams met the limit of their buffers.",
	        "direction", "out", loop.output_full),
	GAUGE("reed_loop_watches", "Descriptors somebody waits for.", loop.watches),
	GAUGE("reed_loop_tasks", "Coroutines that have not ended.", loop.tasks),
	RECORDS("debug", REED_LOG_DEBUG),
	RECORDS("info", REED_LOG_INFO),
	RECORDS("warn", REED_LOG_WARN),
	RECORDS("error", REED_LOG_ERROR),
	RECORDS("critical", REED_LOG_CRITICAL),
	COUNTER("reed_log_dropped", "Records that were lost.", NULL, NULL, log.dropped),
	GAUGE("reed_log_failing", "1 while the log cannot be written.", log.failing),
	COUNTER("reed_log_folded", "Records that were told as \"and N more\".", NULL, NULL,
	        log.folded),
	COUNTER("reed_offload_jobs", "Jobs given to threads.", NULL, NULL, offload.jobs),
	GAUGE("reed_offload_under_way", "Jobs queued or running.", offload.under_way),
	GAUGE("reed_offload_threads", "Threads that were started.", offload.threads),
};

static void all_of(struct reed_loop *loop, struct all *all)
{
	all->loop.size = sizeof(all->loop);
	reed_loop_stats(loop, &all->loop);
	all->log.size = sizeof(all->log);
	reed_log_stats(reed_log_of(loop), &all->log);
	all->offload.size = sizeof(all->offload);
	reed_offload_stats(loop, &all->offload);
}

static int64_t read_number(struct reed_metric_source *source)
{
	struct kernel_metric *self = reed_container_of(source, struct kernel_metric, source);
	struct all all = { 0 };
	uint64_t count;
	size_t size;

	all_of(self->loop, &all);
	if (self->number->is_size) {
		memcpy(&size, (char *)&all + self->number->offset, sizeof(size));
		return (int64_t)size;
	}
	memcpy(&count, (char *)&all + self->number->offset, sizeof(count));
	return (int64_t)count;
}

static void add(struct reed_loop *loop, struct kernel_metric *self, const struct number *n)
{
	self->source.read = read_number;
	self->loop = loop;
	self->number = n;
	if (!n->label)
		reed_metric_source_add(loop, &self->source, n->rises, n->name, n->help, NULL);
	else if (strcmp(n->label, "level") == 0)
		reed_metric_source_add(loop, &self->source, n->rises, n->name, n->help, "level=%s",
		                       n->value);
	else
		reed_metric_source_add(loop, &self->source, n->rises, n->name, n->help,
		                       "direction=%s", n->value);
}

void reed_metrics_add_kernel(struct reed_loop *loop, struct reed_metrics *metrics)
{
	metrics->kernel = reed_alloc(REED_COUNT(numbers) * sizeof(metrics->kernel[0]));
	for (size_t i = 0; i < REED_COUNT(numbers); i++)
		add(loop, &metrics->kernel[i], &numbers[i]);
}

void reed_metrics_remove_kernel(struct reed_metrics *metrics)
{
	reed_free(metrics->kernel);
}
