/*
 * A quote of the day (RFC 865) for whoever connects: a whole daemon.
 *
 *	qotd --listen tcp:17 --quote "Be as the reed, not the oak tree."
 *	qotd ctl --state DIR stats
 */

#include <reed/alloc.h>
#include <reed/co.h>
#include <reed/daemon.h>
#include <reed/metric.h>
#include <reed/settings.h>

#include <string.h>

/* ---- what an operator may decide ---- */

struct qotd_settings {
	struct reed_texts listen;
	const char *quote;
};

static const struct reed_setting table[] = {
	REED_SETTING_LIST(ENDPOINT, struct qotd_settings, listen, .preset = "tcp:17",
	                  .check = reed_setting_listens, .help = "Where clients are awaited."),
	REED_SETTING(STRING, struct qotd_settings, quote, .preset = "Be as the reed.",
	             .reload = REED_SETTING_LIVE, .help = "What they are told."),
};

static const struct reed_schema schema =
	REED_SCHEMA(struct qotd_settings, table, .about = "Tells a quote of the day.");

/* ---- what it does ---- */

struct qotd {
	struct reed_co co;
	struct reed_service *service;
	const struct qotd_settings *settings;
	size_t i;
	char *quote;
	struct reed_counter *told;
};

/* NULL: no session, so the stream is closed when all is written. */
static struct reed_future *tell(void *arg, struct reed_stream *stream)
{
	struct qotd *self = arg;

	reed_printf(stream, "%s\r\n", self->quote);
	self->told->value++;
	return NULL;
}

static void qotd_run(struct reed_co *co)
{
	struct qotd *self = reed_frame(co, struct qotd);

	reed_coroutine (co) {
		for (; self->i < self->settings->listen.n; self->i++)
			reed_try(co, reed_service_listen(self->service,
			                                 &self->settings->listen.items[self->i],
			                                 tell, self, NULL));
		reed_service_ready(self->service);
		reed_try(co, reed_forever(co->loop));
	}
}

static void qotd_end(struct reed_co *co)
{
	reed_free(reed_frame(co, struct qotd)->quote);
}

static const struct reed_co_kind qotd_kind = { .name = "qotd",
	                                       .size = sizeof(struct qotd),
	                                       .run = qotd_run,
	                                       .end = qotd_end };

/* ---- the service ---- */

static struct reed_future *qotd_start(struct reed_service *service)
{
	struct qotd *self = reed_co_new(service->loop, &qotd_kind);

	service->own = self;
	self->service = service;
	self->settings = service->settings;
	self->quote = reed_strdup(self->settings->quote);
	self->told = reed_counter(service->loop, "reed_qotd_told", "Quotes told.", NULL);
	return reed_start(&self->co);
}

static void qotd_reload(struct reed_service *service, const void *values)
{
	const struct qotd_settings *settings = values;
	struct qotd *self = service->own;

	reed_free(self->quote);
	self->quote = reed_strdup(settings->quote);
}

static const struct reed_service_kind qotd_service =
	REED_SERVICE_KIND(.name = "qotd", .summary = "Tells a quote of the day.", .schema = &schema,
                          .start = qotd_start, .reload = qotd_reload);

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "ctl") == 0)
		return reed_control_main("qotd", argc - 1, argv + 1);
	return reed_daemon_main(&qotd_service, argc, argv);
}
