/* The auction as a command of reed: what an operator may decide, and how it is served. */

#include "auction.h"

#include <reed/alloc.h>
#include <reed/co.h>
#include <reed/module.h>
#include <reed/service.h>
#include <reed/settings.h>

struct house_settings {
	struct reed_texts listen;
	int64_t patience;
};

static const struct reed_setting table[] = {
	REED_SETTING_LIST(ENDPOINT, struct house_settings, listen, .preset = "tcp:7777",
	                  .check = reed_setting_listens, .help = "Where bidders are awaited."),
	REED_SETTING(DURATION, struct house_settings, patience, .preset = "30s", .least = "1s",
	             .help = "How long after the last bid the hammer falls."),
};

static const struct reed_schema schema =
	REED_SCHEMA(struct house_settings, table, .about = "Sells to who pays most.");

struct house {
	struct reed_co co;
	struct reed_service *service;
	const struct house_settings *settings;
	size_t i;
};

static void house_run(struct reed_co *co)
{
	struct house *self = reed_frame(co, struct house);

	reed_coroutine (co) {
		for (; self->i < self->settings->listen.n; self->i++)
			reed_try(co, reed_service_listen(self->service,
			                                 &self->settings->listen.items[self->i],
			                                 auction_bidder, self->service->own,
			                                 &auction_options));
		reed_service_ready(self->service);
		reed_try(co, reed_forever(co->loop));
	}
}

static const struct reed_co_kind house_kind = { .name = "auction",
	                                        .size = sizeof(struct house),
	                                        .run = house_run };

static struct reed_future *start(struct reed_service *service)
{
	const struct house_settings *settings = service->settings;
	struct house *self = reed_co_new(service->loop, &house_kind);

	service->own = reed_alloc(sizeof(struct auction));
	auction_open(service->own, service->loop, settings->patience);
	self->service = service;
	self->settings = settings;
	return reed_start(&self->co);
}

static void end(struct reed_service *service)
{
	auction_close(service->own);
	reed_free(service->own);
}

static const struct reed_service_kind house =
	REED_SERVICE_KIND(.name = "auction", .summary = "An auction.", .schema = &schema,
                          .start = start, .end = end);

REED_MODULE(auction, .summary = "An auction over lines.",
            .commands = (const struct reed_command[]){
		    { .name = "auction", .summary = "Sell to who pays most.", .service = &house },
		    { .name = NULL },
	    });
