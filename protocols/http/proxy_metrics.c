/* What is counted of each upstream, for whoever reads the metrics. */

#include "relay.h"

static const char *const failures[] = {
#define X(name, text) text,
	UPSTREAM_FAILURES(X)
#undef X
};

static int64_t requests(const struct upstream *u)
{
	return (int64_t)u->requests;
}

static int64_t connections(const struct upstream *u)
{
	return (int64_t)(u->connections + second_dials(u));
}

static int64_t active(const struct upstream *u)
{
	return u->active;
}

static int64_t idle(const struct upstream *u)
{
	return u->idle_count + second_idle(u);
}

static int64_t up(const struct upstream *u)
{
	return !u->ill && !upstream_rests(u);
}

static const struct {
	int64_t (*read)(const struct upstream *u);
	bool rises;
	const char *name, *help;
} counted[UPSTREAM_METRICS] = {
	{ requests, true, "reed_http_upstream_requests", "Requests that were sent there." },
	{ connections, true, "reed_http_upstream_connections", "Connections that were tried." },
	{ active, false, "reed_http_upstream_active", "Requests that are there now." },
	{ idle, false, "reed_http_upstream_idle", "Connections kept for the next." },
	{ up, false, "reed_http_upstream_up", "1: it is asked; 0: it is ill, or rests." },
};

static int64_t read_one(struct reed_metric_source *source)
{
	const struct upstream_metric *metric =
		reed_container_of(source, struct upstream_metric, source);

	return counted[metric->what].read(metric->of);
}

void upstream_count(struct upstream *u)
{
	struct reed_loop *loop = u->proxy->loop;

	for (unsigned i = 0; i < UPSTREAM_METRICS; i++) {
		u->metrics[i] =
			(struct upstream_metric){ .source.read = read_one, .of = u, .what = i };
		reed_metric_source_add(loop, &u->metrics[i].source, counted[i].rises,
		                       counted[i].name, counted[i].help, "upstream=%s", u->shown);
	}
	for (unsigned i = 0; i < UPSTREAM_FAILURE_KINDS; i++)
		u->failed[i] =
			reed_counter(loop, "reed_http_upstream_failures", "Times it has failed.",
		                     "upstream=%s kind=%s", u->shown, failures[i]);
	u->seconds = reed_histogram(loop, &reed_histogram_ns, "reed_http_upstream_seconds",
	                            "From a request to the head of its answer.", "upstream=%s",
	                            u->shown);
}

void upstream_count_no_more(struct upstream *u)
{
	for (unsigned i = 0; i < UPSTREAM_METRICS; i++)
		reed_metric_source_remove(&u->metrics[i].source);
}

void upstream_answered(struct upstream *u, int64_t ns)
{
	if (u->seconds)
		reed_histogram_add(u->seconds, ns);
}

void upstream_broke(struct upstream *u, enum upstream_failure how)
{
	if (u->failed[how])
		u->failed[how]->value++;
}
