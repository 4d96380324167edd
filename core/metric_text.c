/* Metrics as text: OpenMetrics 1.0 for programs, a short form for people. */

#include <string.h>

#include "metric_private.h"

static const char *const types[] = { "counter", "gauge", "histogram" };

static struct family *family_at(struct reed_list *link)
{
	return reed_container_of(link, struct family, link);
}

static void add_number(struct reed_buf *out, double x)
{
	char digits[40];

	snprintf(digits, sizeof(digits), "%.9g", x);
	reed_buf_add_str(out, digits);
	if (!strpbrk(digits, ".e"))
		reed_buf_add_str(out, ".0");
}

static void add_name(struct reed_buf *out, const struct series *s, const char *suffix)
{
	reed_buf_printf(out, "%s%s", s->family->name, suffix);
	if (*s->labels)
		reed_buf_printf(out, "{%s}", s->labels);
	reed_buf_add_char(out, ' ');
}

static void end_bucket(struct reed_buf *out, uint64_t count)
{
	reed_buf_printf(out, "\"} %ju\n", (uintmax_t)count);
}

static void begin_bucket(struct reed_buf *out, const struct series *s)
{
	reed_buf_printf(out, "%s_bucket{%s%sle=\"", s->family->name, s->labels,
	                *s->labels ? "," : "");
}

static void print_histogram(struct reed_buf *out, const struct series *s)
{
	const struct reed_histogram *h = s->is.histogram;
	uint64_t count = 0;

	for (size_t i = 0; i < h->kind->count; i++) {
		begin_bucket(out, s);
		add_number(out, (double)h->kind->bounds[i] * h->kind->unit);
		count += h->buckets[i];
		end_bucket(out, count);
	}
	begin_bucket(out, s);
	reed_buf_add_str(out, "+Inf");
	end_bucket(out, h->count);
	add_name(out, s, "_sum");
	add_number(out, (double)h->sum * h->kind->unit);
	reed_buf_add_char(out, '\n');
	add_name(out, s, "_count");
	reed_buf_printf(out, "%ju\n", (uintmax_t)h->count);
}

static void print_series(struct reed_buf *out, const struct series *s)
{
	switch (s->family->type) {
	case METRIC_COUNTER:
		add_name(out, s, "_total");
		reed_buf_printf(out, "%ju\n", (uintmax_t)reed_series_value(s));
		break;
	case METRIC_GAUGE:
		add_name(out, s, "");
		reed_buf_printf(out, "%jd\n", (intmax_t)reed_series_value(s));
		break;
	case METRIC_HISTOGRAM:
		print_histogram(out, s);
		break;
	}
}

static void print_family(struct reed_buf *out, const struct family *f)
{
	reed_buf_printf(out, "# TYPE %s %s\n# HELP %s ", f->name, types[f->type], f->name);
	for (const char *p = f->help; *p; p++) {
		if (*p == '"' || *p == '\\')
			reed_buf_add_char(out, '\\');
		reed_buf_add_char(out, *p);
	}
	reed_buf_add_char(out, '\n');
	reed_list_each (link, &f->series) {
		struct series *s = reed_container_of(link, struct series, link);

		if (!s->gone)
			print_series(out, s);
	}
}

void reed_metrics_print_copy(const struct reed_metrics *metrics, struct reed_buf *out)
{
	reed_list_each (link, &metrics->families)
		print_family(out, family_at(link));
	reed_buf_add_str(out, "# EOF\n");
}

void reed_metrics_print(struct reed_loop *loop, struct reed_buf *out)
{
	reed_metrics_print_copy(reed_metrics_of(loop), out);
}

/* ---- for people ---- */

/* How many, and how long on the average. */
static void sum_up_histogram(struct reed_buf *out, const struct series *s)
{
	const struct reed_histogram *h = s->is.histogram;

	if (h->count == 0)
		return;
	add_name(out, s, "");
	reed_buf_printf(out, "%ju, on average %.6g\n", (uintmax_t)h->count,
	                (double)h->sum * h->kind->unit / (double)h->count);
}

static void sum_up(struct reed_buf *out, const struct series *s)
{
	int64_t value;

	if (s->family->type == METRIC_HISTOGRAM) {
		sum_up_histogram(out, s);
		return;
	}
	value = reed_series_value(s);
	if (s->gone || value == 0)
		return;
	add_name(out, s, "");
	reed_buf_printf(out, "%jd\n", (intmax_t)value);
}

typedef void series_fn(struct reed_buf *out, const struct series *s);

static void each_series(const struct reed_metrics *metrics, struct reed_buf *out, series_fn *tell)
{
	reed_list_each (family, &metrics->families)
		reed_list_each (link, &family_at(family)->series)
			tell(out, reed_container_of(link, struct series, link));
}

void reed_metrics_summary_copy(const struct reed_metrics *metrics, struct reed_buf *out)
{
	each_series(metrics, out, sum_up);
}

/* ---- the same for programs ---- */

/* Values stand there as JSON has them: OpenMetrics escapes the same characters. */
static void json_labels(struct reed_buf *out, const char *labels)
{
	bool quoted = false, named = false;

	reed_buf_add_str(out, "{");
	for (const char *p = labels; *p; p++) {
		if (!quoted && !named && *p != ',') {
			reed_buf_add_char(out, '"');
			named = true;
		}
		if (!quoted && *p == '=') {
			reed_buf_add_str(out, "\":");
			continue;
		}
		if ((unsigned char)*p < 0x20)
			reed_buf_printf(out, "\\u%04x", (unsigned char)*p);
		else
			reed_buf_add_char(out, *p);
		if (quoted && *p == '\\')
			reed_buf_add_char(out, *++p);
		else if (*p == '"')
			quoted = named = !quoted;
	}
	reed_buf_add_str(out, "}");
}

static void json(struct reed_buf *out, const struct series *s)
{
	const struct reed_histogram *h =
		s->family->type == METRIC_HISTOGRAM ? s->is.histogram : NULL;
	int64_t value = h ? (int64_t)h->count : reed_series_value(s);

	if (value == 0 || (!h && s->gone))
		return;
	reed_buf_printf(out, "{\"metric\":\"%s\",\"labels\":", s->family->name);
	json_labels(out, s->labels);
	if (h)
		reed_buf_printf(out, ",\"count\":%ju,\"sum\":%.9g}\n", (uintmax_t)h->count,
		                (double)h->sum * h->kind->unit);
	else
		reed_buf_printf(out, ",\"value\":%jd}\n", (intmax_t)value);
}

void reed_metrics_json_copy(const struct reed_metrics *metrics, struct reed_buf *out)
{
	each_series(metrics, out, json);
}

void reed_metrics_summary_json(struct reed_loop *loop, struct reed_buf *out)
{
	reed_metrics_json_copy(reed_metrics_of(loop), out);
}

void reed_metrics_summary(struct reed_loop *loop, struct reed_buf *out)
{
	reed_metrics_summary_copy(reed_metrics_of(loop), out);
}
