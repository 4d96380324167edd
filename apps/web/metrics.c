/* What the server counts, for whoever reads the metrics. */

#include "web.h"

struct counted {
	const char *name, *help;
	bool rises;
};

static const struct counted counted[WEB_METRICS] = {
	[WEB_REQUESTS] = { "reed_http_requests", "Requests that were answered.", true },
	[WEB_REFUSED] = { "reed_http_refused", "What was no request, and refused.", true },
	[WEB_TIMEOUTS] = { "reed_http_timeouts", "Connections that took too long.", true },
	[WEB_ACCEPTED] = { "reed_http_accepted", "Connections that came.", true },
	[WEB_CONNECTIONS] = { "reed_http_connections", "Connections there are.", false },
	[WEB_ACTIVE] = { "reed_http_active", "Requests that are under way.", false },
};

static int64_t read_one(struct reed_metric_source *source)
{
	struct web_metric *metric = reed_container_of(source, struct web_metric, source);
	struct reed_http_server_stats stats = { .size = sizeof(stats) };

	reed_http_server_stats(metric->server, &stats);
	switch (metric->what) {
	case WEB_REQUESTS:
		return (int64_t)stats.requests;
	case WEB_REFUSED:
		return (int64_t)stats.refused;
	case WEB_TIMEOUTS:
		return (int64_t)stats.timeouts;
	case WEB_ACCEPTED:
		return (int64_t)stats.accepted;
	case WEB_CONNECTIONS:
		return (int64_t)stats.connections;
	case WEB_ACTIVE:
		return (int64_t)stats.active;
	case WEB_METRICS:
		break;
	}
	return 0;
}

void web_metrics_add(struct web *web)
{
	for (int i = 0; i < WEB_METRICS; i++) {
		struct web_metric *metric = &web->metrics[i];

		metric->server = web->server;
		metric->what = (enum web_what)i;
		metric->source.read = read_one;
		reed_metric_source_add(web->service->loop, &metric->source, counted[i].rises,
		                       counted[i].name, counted[i].help, "service=%s",
		                       web->service->name);
	}
}

void web_metrics_remove(struct web *web)
{
	for (int i = 0; i < WEB_METRICS; i++)
		reed_metric_source_remove(&web->metrics[i].source);
}
