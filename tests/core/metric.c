/* Metrics: counting, reading, limits. */

#include "reed/metric.h"

#include "check.h"
#include "reed/alloc.h"
#include "reed/loop.h"
#include "reed/stream.h"

static struct reed_loop *loop_new(void)
{
	struct reed_loop *loop;

	check_int(reed_loop_new(NULL, &loop), REED_OK);
	return loop;
}

static char *text_of(struct reed_loop *loop)
{
	struct reed_buf out = { 0 };

	reed_metrics_print(loop, &out);
	return reed_buf_take(&out);
}

static void is_told(struct reed_loop *loop, const char *wanted)
{
	char *text = text_of(loop);

	if (!strstr(text, wanted))
		fprintf(stderr, "not in:\n%s", text);
	check(strstr(text, wanted));
	reed_free(text);
}

static void is_not_told(struct reed_loop *loop, const char *unwanted)
{
	char *text = text_of(loop);

	check(!strstr(text, unwanted));
	reed_free(text);
}

static void a_counter_is_found_again_by_name_and_labels(void)
{
	struct reed_loop *loop = loop_new();
	struct reed_counter *a = reed_counter(loop, "reed_x", "Things.", "command=%s n=%d", "A", 1);
	struct reed_counter *b = reed_counter(loop, "reed_x", "Things.", "command=%s n=%d", "B", 1);

	check(a != b);
	check(a == reed_counter(loop, "reed_x", "Things.", "command=%s n=%d", "A", 1));
	a->value += 3;
	is_told(loop, "# TYPE reed_x counter\n# HELP reed_x Things.\n"
	              "reed_x_total{command=\"A\",n=\"1\"} 3\n"
	              "reed_x_total{command=\"B\",n=\"1\"} 0\n");
	reed_loop_free(loop);
}

static void names_are_sorted_and_the_end_is_marked(void)
{
	struct reed_loop *loop = loop_new();
	char *text;

	reed_gauge(loop, "reed_zz", "Z.", NULL)->value = -5;
	reed_gauge(loop, "reed_aa", "A.", NULL)->value = 7;
	text = text_of(loop);
	check(strncmp(text, "# TYPE reed_aa gauge\n# HELP reed_aa A.\nreed_aa 7\n", 49) == 0);
	check(strstr(text, "reed_zz -5\n# EOF\n"));
	reed_free(text);
	reed_loop_free(loop);
}

static void a_label_is_escaped(void)
{
	struct reed_loop *loop = loop_new();

	reed_counter(loop, "reed_x", "Says \"x\".", "text=%s", "a\"b\\c\nd");
	is_told(loop, "# HELP reed_x Says \\\"x\\\".\n"
	              "reed_x_total{text=\"a\\\"b\\\\c\\nd\"} 0\n");
	reed_counter(loop, "reed_y", "Y.", "text=%s", "\xff");
	is_told(loop, "reed_y_total{invalid=\"true\"} 0\n");
	reed_loop_free(loop);
}

static void labels_without_end_share_one_series(void)
{
	struct reed_loop *loop = loop_new();
	struct reed_counter *first = NULL, *last = NULL;

	for (int i = 0; i < REED_METRIC_SERIES; i++)
		first = reed_counter(loop, "reed_x", "X.", "n=%d", i);
	for (int i = 0; i < 10; i++)
		last = reed_counter(loop, "reed_x", "X.", "n=%d", REED_METRIC_SERIES + i);
	check(first != last);
	last->value = 4;
	check(last == reed_counter(loop, "reed_x", "X.", "n=%s", "yet another"));
	is_told(loop, "reed_x_total{overflow=\"true\"} 4\n");
	is_not_told(loop, "{n=\"1024\"}");
	reed_loop_free(loop);
}

static void a_histogram_counts_what_is_at_most_a_bound(void)
{
	static const int64_t bounds[] = { 1000000, 500000000, 2000000000 };
	static const struct reed_histogram_kind kind = { bounds, 3, 1e-9 };
	struct reed_loop *loop = loop_new();
	struct reed_histogram *h =
		reed_histogram(loop, &kind, "reed_wait_seconds", "Waits.", "door=%s", "irc");

	reed_histogram_add(h, 1000000);
	reed_histogram_add(h, 1000001);
	reed_histogram_add(h, 1500000000);
	reed_histogram_add(h, 9000000000);
	is_told(loop, "# TYPE reed_wait_seconds histogram\n# HELP reed_wait_seconds Waits.\n"
	              "reed_wait_seconds_bucket{door=\"irc\",le=\"0.001\"} 1\n"
	              "reed_wait_seconds_bucket{door=\"irc\",le=\"0.5\"} 2\n"
	              "reed_wait_seconds_bucket{door=\"irc\",le=\"2.0\"} 3\n"
	              "reed_wait_seconds_bucket{door=\"irc\",le=\"+Inf\"} 4\n"
	              "reed_wait_seconds_sum{door=\"irc\"} 10.502\n"
	              "reed_wait_seconds_count{door=\"irc\"} 4\n");
	reed_loop_free(loop);
}

struct source {
	struct reed_metric_source source;
	int64_t value;
};

static int64_t read_source(struct reed_metric_source *source)
{
	return reed_container_of(source, struct source, source)->value;
}

static void sources_are_added_up_and_a_counter_keeps_what_they_had(void)
{
	struct source a = { { .read = read_source }, 3 }, b = { { .read = read_source }, 4 };
	struct reed_loop *loop = loop_new();

	reed_metric_source_add(loop, &a.source, true, "reed_x", "X.", NULL);
	reed_metric_source_add(loop, &b.source, true, "reed_x", "X.", NULL);
	is_told(loop, "reed_x_total 7\n");
	reed_metric_source_remove(&a.source);
	b.value = 5;
	is_told(loop, "reed_x_total 8\n");
	reed_metric_source_remove(&b.source);
	reed_metric_source_remove(&b.source);
	is_told(loop, "reed_x_total 8\n");
	reed_loop_free(loop);
}

static void a_gauge_goes_with_its_source(void)
{
	struct source a = { { .read = read_source }, 3 };
	struct reed_loop *loop = loop_new();

	reed_metric_source_add(loop, &a.source, false, "reed_x", "X.", NULL);
	is_told(loop, "reed_x 3\n");
	reed_metric_source_remove(&a.source);
	is_not_told(loop, "reed_x 3\n");
	reed_metric_source_add(loop, &a.source, false, "reed_x", "X.", NULL);
	is_told(loop, "reed_x 3\n");
	reed_loop_free(loop);
	check(!a.source.series);
}

static void the_kernel_counts_bytes_turns_and_tasks(void)
{
	struct reed_loop *loop = loop_new();
	struct reed_stream *a, *b;
	struct reed_slice line;

	reed_stream_pair(loop, 0, &a, &b);
	reed_write_str(a, "hello\n");
	check_int(reed_loop_run_until(loop, reed_read_line(b, &line), NULL), REED_OK);
	is_told(loop, "reed_stream_bytes_total{direction=\"in\"} 6\n"
	              "reed_stream_bytes_total{direction=\"out\"} 6\n");
	is_not_told(loop, "reed_loop_turns_total 0\n");
	is_told(loop, "reed_loop_tasks 0\n");
	reed_abort(a);
	reed_abort(b);
	reed_loop_free(loop);
}

static void people_see_what_is_not_zero(void)
{
	struct reed_loop *loop = loop_new();
	struct reed_buf out = { 0 };
	char *text;

	reed_counter(loop, "reed_x", "X.", "a=%s", "b")->value = 2;
	reed_counter(loop, "reed_y", "Y.", NULL);
	reed_histogram_add(reed_histogram(loop, &reed_histogram_ns, "reed_z_seconds", "Z.", NULL),
	                   REED_MS(250));
	reed_metrics_summary(loop, &out);
	text = reed_buf_take(&out);
	check(strstr(text, "reed_x{a=\"b\"} 2\n"));
	check(!strstr(text, "reed_y"));
	check(strstr(text, "reed_z_seconds 1, on average 0.25\n"));
	reed_free(text);
	reed_loop_free(loop);
}

/* Each label is told apart, whatever stands in its value. */
static void programs_see_the_same_as_objects(void)
{
	struct reed_loop *loop = loop_new();
	struct reed_buf out = { 0 };
	char *text;

	reed_counter(loop, "reed_x", "X.", "a=%s b=%s", "q\"\\,=\n\t", "c")->value = 2;
	reed_counter(loop, "reed_y", "Y.", NULL);
	reed_histogram_add(reed_histogram(loop, &reed_histogram_ns, "reed_z_seconds", "Z.", NULL),
	                   REED_MS(250));
	reed_metrics_summary_json(loop, &out);
	text = reed_buf_take(&out);
	check(strstr(
		text,
		"{\"metric\":\"reed_x\",\"labels\":{\"a\":\"q\\\"\\\\,=\\n\\u0009\",\"b\":\"c\"},"
		"\"value\":2}\n"));
	check(!strstr(text, "reed_y"));
	check(strstr(text,
	             "{\"metric\":\"reed_z_seconds\",\"labels\":{},\"count\":1,\"sum\":0.25}\n"));
	reed_free(text);
	reed_loop_free(loop);
}

int main(void)
{
	RUN(a_counter_is_found_again_by_name_and_labels);
	RUN(names_are_sorted_and_the_end_is_marked);
	RUN(a_label_is_escaped);
	RUN(labels_without_end_share_one_series);
	RUN(a_histogram_counts_what_is_at_most_a_bound);
	RUN(sources_are_added_up_and_a_counter_keeps_what_they_had);
	RUN(a_gauge_goes_with_its_source);
	RUN(the_kernel_counts_bytes_turns_and_tasks);
	RUN(people_see_what_is_not_zero);
	RUN(programs_see_the_same_as_objects);
	return 0;
}
