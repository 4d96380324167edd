/* Programs for whoever comes, as a service. */

#include "inetd.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/folder.h"
#include "reed/needs.h"

struct life {
	struct reed_co co;
	struct inetd *inetd;
	struct inetd_one *one;
	size_t i, at;
	struct reed_dgram *dgram;
};

static struct reed_future *listen_next(struct life *self)
{
	struct inetd_one *one = self->one;

	return reed_service_listen(self->inetd->service, &one->entry->listen.items[self->at],
	                           inetd_session, one, &one->serve);
}

static struct reed_future *bind_next(struct life *self)
{
	return reed_dgram_listen(self->co.loop, self->one->entry->datagrams.items[self->at],
	                         &self->dgram);
}

static enum reed_err serve_datagrams(struct life *self)
{
	const char *endpoint = self->one->entry->datagrams.items[self->at];
	struct reed_service *service = self->inetd->service;
	struct reed_door door = REED_DOOR;
	enum reed_err err = REED_OK;
	int fd = -1;

	door.endpoint = endpoint;
	door.addresses = &self->dgram->local;
	door.count = 1;
	door.datagrams = true;
	reed_service_opened(service, &door);
	if (!self->one->entry->builtin)
		err = reed_dgram_take_socket(self->dgram, &fd);
	if (err)
		return reed_because(&self->co, err, "%s: no program can have such a socket",
		                    endpoint);
	reed_scope_add(&service->scope, self->one->entry->builtin
	                                        ? inetd_builtin_datagrams(self->one, self->dgram)
	                                        : inetd_datagrams(self->one, self->dgram, fd));
	self->dgram = NULL;
	return REED_OK;
}

static void life_run(struct reed_co *co)
{
	struct life *self = reed_frame(co, struct life);
	const struct inetd_settings *settings = self->inetd->service->settings;

	reed_coroutine (co) {
		for (; self->i < settings->services.n; self->i++) {
			self->one = &self->inetd->ones[self->i];
			for (self->at = 0; self->at < self->one->entry->listen.n; self->at++)
				reed_try(co, listen_next(self));
			for (self->at = 0; self->at < self->one->entry->datagrams.n; self->at++) {
				reed_try(co, bind_next(self));
				co->err = serve_datagrams(self);
				if (co->err)
					reed_return(co, co->err);
			}
		}
		reed_service_ready(self->inetd->service);
		reed_try(co, reed_forever(co->loop));
	}
}

static void life_end(struct reed_co *co)
{
	reed_dgram_close(reed_frame(co, struct life)->dgram);
}

static const struct reed_co_kind life_kind = { .name = "inetd",
	                                       .size = sizeof(struct life),
	                                       .run = life_run,
	                                       .end = life_end };

static struct reed_future *inetd_start(struct reed_service *service)
{
	const struct inetd_settings *settings = service->settings;
	struct inetd *self = reed_alloc(sizeof(*self));
	struct life *life = reed_co_new(service->loop, &life_kind);

	life->inetd = service->own = self;
	self->service = service;
	self->ones = reed_alloc((settings->services.n + 1) * sizeof(*self->ones));
	reed_list_init(&self->sessions);
	for (size_t i = 0; i < settings->services.n; i++) {
		struct inetd_one *one = &self->ones[i];

		one->inetd = self;
		one->entry = &settings->services.items[i];
		one->serve = (struct reed_serve_options)REED_SERVE_OPTIONS;
		one->serve.sessions = one->entry->most;
		inetd_prepare(one);
	}
	return reed_start(&life->co);
}

static void inetd_end(struct reed_service *service)
{
	const struct inetd_settings *settings = service->settings;
	struct inetd *self = service->own;

	for (size_t i = 0; i < settings->services.n; i++)
		reed_pool_finish(&self->ones[i].pool);
	reed_free(self->ones);
	reed_free(self);
	service->own = NULL;
}

/* Those that answer by themselves need nothing beyond their endpoints. */
static void inetd_needs(const void *values, struct reed_needs *needs)
{
	const struct inetd_settings *settings = values;

	for (size_t i = 0; i < settings->services.n; i++)
		if (!settings->services.items[i].builtin)
			reed_needs_everything(needs);
}

const struct reed_service_kind inetd_service =
	REED_SERVICE_KIND(.name = "inetd", .summary = "Starts a program for each connection.",
                          .schema = &inetd_schema, .start = inetd_start, .conns = inetd_conns,
                          .end = inetd_end, .needs = inetd_needs);
