/* Metrics of several loops as one: a loop's values are copied in its thread, and added up in another. */

#include "reed/alloc.h"

#include "metric_private.h"

static void add_histogram(struct series *to, const struct series *from)
{
	const struct reed_histogram *other = from->is.histogram;
	struct reed_histogram *h = reed_series_histogram(to, other->kind);

	for (size_t i = 0; i < other->kind->count; i++)
		h->buckets[i] += other->buckets[i];
	h->count += other->count;
	h->sum += other->sum;
}

static void add_series(struct reed_metrics *to, const struct series *from)
{
	const struct family *f = from->family;
	struct series *s = reed_series_of(to, f->type, f->name, f->help, reed_strdup(from->labels));

	switch (f->type) {
	case METRIC_COUNTER:
		s->is.counter.value += (uint64_t)reed_series_value(from);
		break;
	case METRIC_GAUGE:
		s->is.gauge.value += reed_series_value(from);
		break;
	case METRIC_HISTOGRAM:
		add_histogram(s, from);
		break;
	}
}

static void add_family(struct reed_metrics *to, const struct family *from)
{
	reed_list_each (link, &from->series) {
		const struct series *s = reed_container_of(link, struct series, link);

		if (!s->gone)
			add_series(to, s);
	}
}

void reed_metrics_add(struct reed_metrics *to, const struct reed_metrics *from)
{
	reed_list_each (link, &from->families)
		add_family(to, reed_container_of(link, struct family, link));
}

struct reed_metrics *reed_metrics_copy(struct reed_loop *loop)
{
	struct reed_metrics *copy = reed_alloc(sizeof(*copy));

	reed_metrics_init(copy);
	reed_metrics_add(copy, reed_metrics_of(loop));
	return copy;
}

void reed_metrics_free(struct reed_metrics *copy)
{
	if (!copy)
		return;
	reed_metrics_clear(copy);
	reed_free(copy);
}
