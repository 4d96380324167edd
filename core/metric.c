/* The registry: metrics by name and labels. */

#include "reed/metric.h"

#include "private.h"

#include <stdlib.h>
#include <string.h>

#include "log_private.h"
#include "metric_private.h"

/* ---- values ---- */

int64_t reed_series_value(const struct series *s)
{
	int64_t value = s->family->type == METRIC_COUNTER ? (int64_t)s->is.counter.value
	                                                  : s->is.gauge.value;

	reed_list_each (link, &s->sources) {
		struct reed_metric_source *source =
			reed_container_of(link, struct reed_metric_source, link);

		value += source->read(source);
	}
	return value;
}

/* 1, 2, 5, 10 and so on; the last ones are for what should never be. */
static const int64_t ns_bounds[] = {
	10000,       20000,       50000,       100000,       200000,     500000,
	1000000,     2000000,     5000000,     10000000,     20000000,   50000000,
	100000000,   200000000,   500000000,   1000000000,   2000000000, 5000000000,
	10000000000, 20000000000, 50000000000, 100000000000,
};

static const int64_t byte_bounds[] = {
	64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216,
};

const struct reed_histogram_kind reed_histogram_ns = { ns_bounds, REED_COUNT(ns_bounds), 1e-9 };
const struct reed_histogram_kind reed_histogram_bytes = { byte_bounds, REED_COUNT(byte_bounds), 1 };

void reed_histogram_add(struct reed_histogram *self, int64_t value)
{
	size_t i = 0;

	while (i < self->kind->count && value > self->kind->bounds[i])
		i++;
	if (i < self->kind->count)
		self->buckets[i]++;
	self->count++;
	self->sum += value;
}

/* ---- labels ---- */

static void add_label(struct reed_buf *out, const struct reed_log_field *f)
{
	reed_buf_printf(out, "%s%s=\"", reed_buf_held(out) ? "," : "", f->key);
	for (size_t i = 0; i < f->value.n; i++) {
		if (f->value.p[i] == '\n')
			reed_buf_add_str(out, "\\n");
		else if (f->value.p[i] == '"' || f->value.p[i] == '\\')
			reed_buf_printf(out, "\\%c", f->value.p[i]);
		else
			reed_buf_add_char(out, f->value.p[i]);
	}
	reed_buf_add_char(out, '"');
}

static char *labels_of(const char *format, va_list args)
{
	struct reed_buf out = { 0 };
	struct reed_log_text text;

	if (!format)
		return reed_strdup("");
	reed_log_take_apart(&text, format, args);
	for (size_t i = 0; i < text.count; i++)
		add_label(&out, &text.fields[i]);
	if (reed_slice_is_utf8(reed_buf_slice(&out)))
		return reed_buf_take(&out);
	reed_buf_finish(&out);
	return reed_strdup("invalid=\"true\"");
}

/* ---- finding and making ---- */

static struct family *family_new(struct reed_list *before, const char *name, const char *help,
                                 enum metric_type type)
{
	struct family *f = reed_alloc(sizeof(*f));

	f->name = reed_strdup(name);
	f->help = reed_strdup(help);
	f->type = type;
	reed_list_init(&f->series);
	reed_list_insert_before(before, &f->link);
	return f;
}

static struct family *family_of(struct reed_metrics *m, const char *name, const char *help,
                                enum metric_type type)
{
	struct reed_list *at = m->families.next;

	for (; at != &m->families; at = at->next) {
		struct family *f = reed_container_of(at, struct family, link);
		int order = strcmp(name, f->name);

		if (order < 0)
			break;
		if (order > 0)
			continue;
		if (f->type == type)
			return f;
		fprintf(stderr, "reed: the metric %s has two types\n", name);
		abort();
	}
	return family_new(at, name, help, type);
}

static uint64_t hash_of(const char *labels)
{
	return reed_slice_hash(reed_slice_of(labels), 0);
}

static struct series *find(struct family *f, const char *labels, uint64_t hash)
{
	reed_list_each (link, &f->series) {
		struct series *s = reed_container_of(link, struct series, link);

		if (s->hash == hash && strcmp(s->labels, labels) == 0)
			return s;
	}
	return NULL;
}

static struct series *series_new(struct family *f, char *labels)
{
	struct series *s = reed_alloc(sizeof(*s));

	s->family = f;
	s->labels = labels;
	s->hash = hash_of(labels);
	reed_list_init(&s->sources);
	reed_list_append(&f->series, &s->link);
	f->count++;
	return s;
}

/* Takes over labels. */
static struct series *series_of(struct family *f, char *labels)
{
	static const char overflow[] = "overflow=\"true\"";
	struct series *s = find(f, labels, hash_of(labels));

	if (!s && f->count < REED_METRIC_SERIES)
		return series_new(f, labels);
	reed_free(labels);
	if (!s)
		s = find(f, overflow, hash_of(overflow));
	return s ? s : series_new(f, reed_strdup(overflow));
}

struct series *reed_series_of(struct reed_metrics *metrics, enum metric_type type, const char *name,
                              const char *help, char *labels)
{
	return series_of(family_of(metrics, name, help, type), labels);
}

static struct series *series_at(struct reed_loop *loop, enum metric_type type, const char *name,
                                const char *help, const char *labels, va_list args)
{
	return reed_series_of(reed_metrics_of(loop), type, name, help, labels_of(labels, args));
}

struct reed_counter *reed_counter(struct reed_loop *loop, const char *name, const char *help,
                                  const char *labels, ...)
{
	struct series *s;
	va_list args;

	va_start(args, labels);
	s = series_at(loop, METRIC_COUNTER, name, help, labels, args);
	va_end(args);
	return &s->is.counter;
}

struct reed_gauge *reed_gauge(struct reed_loop *loop, const char *name, const char *help,
                              const char *labels, ...)
{
	struct series *s;
	va_list args;

	va_start(args, labels);
	s = series_at(loop, METRIC_GAUGE, name, help, labels, args);
	va_end(args);
	s->gone = false;
	return &s->is.gauge;
}

struct reed_histogram *reed_series_histogram(struct series *s,
                                             const struct reed_histogram_kind *kind)
{
	if (!s->is.histogram) {
		s->is.histogram =
			reed_alloc(sizeof(*s->is.histogram) + kind->count * sizeof(uint64_t));
		s->is.histogram->kind = kind;
	}
	return s->is.histogram;
}

struct reed_histogram *reed_histogram(struct reed_loop *loop,
                                      const struct reed_histogram_kind *kind, const char *name,
                                      const char *help, const char *labels, ...)
{
	struct series *s;
	va_list args;

	va_start(args, labels);
	s = series_at(loop, METRIC_HISTOGRAM, name, help, labels, args);
	va_end(args);
	return reed_series_histogram(s, kind);
}

/* ---- sources ---- */

void reed_metric_source_add(struct reed_loop *loop, struct reed_metric_source *source, bool rises,
                            const char *name, const char *help, const char *labels, ...)
{
	struct series *s;
	va_list args;

	va_start(args, labels);
	s = series_at(loop, rises ? METRIC_COUNTER : METRIC_GAUGE, name, help, labels, args);
	va_end(args);
	s->gone = false;
	source->series = s;
	reed_list_append(&s->sources, &source->link);
}

void reed_metric_source_remove(struct reed_metric_source *source)
{
	struct series *s = source->series;

	if (!s)
		return;
	if (s->family->type == METRIC_COUNTER)
		s->is.counter.value += (uint64_t)source->read(source);
	reed_list_remove(&source->link);
	source->series = NULL;
	s->gone = s->family->type == METRIC_GAUGE && reed_list_empty(&s->sources);
}

/* ---- of a loop ---- */

void reed_metrics_init(struct reed_metrics *m)
{
	reed_list_init(&m->families);
}

struct reed_metrics *reed_metrics_of(struct reed_loop *loop)
{
	struct reed_metrics *m = loop->metrics;

	if (m)
		return m;
	m = loop->metrics = reed_alloc(sizeof(*m));
	reed_metrics_init(m);
	reed_metrics_add_kernel(loop, m);
	return m;
}

static void family_free(struct family *f)
{
	struct reed_list *link;

	while ((link = reed_list_take(&f->series))) {
		struct series *s = reed_container_of(link, struct series, link);

		while ((link = reed_list_take(&s->sources)))
			reed_container_of(link, struct reed_metric_source, link)->series = NULL;
		if (f->type == METRIC_HISTOGRAM)
			reed_free(s->is.histogram);
		reed_free(s->labels);
		reed_free(s);
	}
	reed_free(f->name);
	reed_free(f->help);
	reed_free(f);
}

void reed_metrics_clear(struct reed_metrics *m)
{
	struct reed_list *link;

	while ((link = reed_list_take(&m->families)))
		family_free(reed_container_of(link, struct family, link));
}

void reed_metrics_finish(struct reed_loop *loop)
{
	struct reed_metrics *m = loop->metrics;

	if (!m)
		return;
	loop->metrics = NULL;
	reed_metrics_clear(m);
	reed_metrics_remove_kernel(m);
	reed_free(m);
}
