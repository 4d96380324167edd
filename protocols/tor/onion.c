/* A listener at an onion address: one on loopback, and somebody who keeps it published. */

#include <string.h>

#include "private.h"
#include "reed/backoff.h"
#include "reed/log.h"

/* What listener and keeper share; the listener owns it. */
struct service {
	struct reed_loop *loop;
	struct reed_waiter keeper; /* owns the coroutine that keeps it published */
	struct reed_tor_options options;
	struct tor_kept kept;
	uint16_t port;
	char target[REED_ADDRESS_TEXT];
	char *key, *clients;
	struct reed_backoff backoff;
	struct reed_tor *tor; /* NULL: gone */
	struct reed_subscription events;
	struct reed_tor_onion onion;
};

static void let_go(struct service *self)
{
	reed_unsubscribe(&self->events);
	reed_tor_close(self->tor);
	self->tor = NULL;
}

static void service_free(void *arg)
{
	struct service *self = arg;

	if (!self)
		return;
	reed_unwait(self->loop, &self->keeper);
	let_go(self);
	reed_tor_options_finish(&self->options);
	reed_tor_kept_finish(&self->kept);
	reed_free(self->key);
	reed_free(self->clients);
	reed_free(self);
}

static struct reed_future *publish(struct service *self)
{
	struct publish_options options = {
		.tor = &self->options,
		.kept = &self->kept,
		.port = self->port,
		.target = self->target,
		.events = &self->events,
	};

	return reed_tor_publish(self->loop, &options, &self->tor, &self->onion);
}

/* ---- staying published ---- */

struct keeper {
	struct reed_co co;
	struct service *service;
	struct reed_tor_event event;
	unsigned failures; /* since it was published */
	bool told;         /* that it is out in the network */
};

/* control-spec 4.1.25: HS_DESC Action Address ... */
static void hear_descriptor(struct keeper *self, struct reed_slice text)
{
	struct reed_slice action = reed_slice_cut(&text, ' ');

	if (!reed_slice_is(reed_slice_cut(&text, ' '), self->service->onion.address))
		return;
	if (reed_slice_is(action, "UPLOADED") && !self->told) {
		self->told = true;
		reed_log(self->co.loop, REED_LOG_INFO,
		         "onion service can be reached address=%s.onion:%u",
		         self->service->onion.address, self->service->port);
	}
}

/* control-spec 4.1.10: StatusSeverity StatusAction Arguments */
static void hear_status(struct keeper *self, struct reed_slice text)
{
	reed_slice_cut(&text, ' ');
	if (reed_slice_is(reed_slice_cut(&text, ' '), "BOOTSTRAP"))
		reed_tor_log_progress(self->co.loop, text);
}

static void hear(struct keeper *self)
{
	if (reed_slice_is(self->event.name, "HS_DESC"))
		hear_descriptor(self, self->event.text);
	else if (reed_slice_is(self->event.name, "STATUS_CLIENT"))
		hear_status(self, self->event.text);
	reed_tor_event_release(&self->event);
}

static void begin_anew(struct keeper *self)
{
	self->told = false;
	self->failures = 0;
}

static struct reed_future *pause(struct keeper *self, const char *what, const char *why)
{
	int64_t ms = reed_backoff_ms(self->co.loop, &self->service->backoff, ++self->failures);

	reed_log(self->co.loop, REED_LOG_WARN, "%s address=%s.onion:%u why=%s seconds=%.1f", what,
	         self->service->onion.address, self->service->port, why, (double)ms / 1000);
	return reed_sleep(self->co.loop, ms);
}

static struct reed_future *mourn(struct keeper *self)
{
	struct reed_future *f = pause(self, "tor is gone, and the onion service with it",
	                              reed_tor_why(self->service->tor));

	let_go(self->service);
	return f;
}

static void keeper_run(struct reed_co *co)
{
	struct keeper *self = reed_frame(co, struct keeper);

	reed_coroutine (co) {
		for (;;) {
			begin_anew(self);
			do {
				reed_await(co, reed_receive(&self->service->events, &self->event));
				if (!co->err)
					hear(self);
			} while (!co->err || co->err == REED_EOVERFLOW);
			if (co->err == REED_ECANCELED)
				reed_return(co, co->err);
			reed_try(co, mourn(self));
			while (!self->service->tor) {
				reed_await(co, publish(self->service));
				if (co->err == REED_ECANCELED)
					reed_return(co, co->err);
				if (co->err)
					reed_try(co,
					         pause(self, "onion service cannot be published",
					               reed_co_why(co)));
			}
		}
	}
}

static const struct reed_co_kind keeper_kind = {
	.name = "onion service",
	.size = sizeof(struct keeper),
	.run = keeper_run,
};

/* It goes on until it is dropped, which is when the listener is closed. */
static void kept(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	(void)w;
	(void)err;
	reed_fault_free(fault);
}

/* ---- connections ---- */

/* Tor connects to us from this machine, and tells nothing of who is behind it. */
static void nobody(struct reed_rider *rider, struct reed_stream_facts *facts)
{
	(void)rider;
	facts->peer = facts->local = (struct reed_address){ .family = REED_FAMILY_NONE };
	facts->has_credentials = false;
	facts->secure = true;
}

static void rider_gone(struct reed_rider *rider)
{
	reed_free(rider);
}

static const struct reed_rider_ops rider_ops = {
	.name = "onion",
	.facts = nobody,
	.gone = rider_gone,
};

static struct reed_stream *received(void *arg, struct reed_stream *below)
{
	struct reed_rider *rider = reed_alloc(sizeof(*rider));

	(void)arg;
	rider->ops = &rider_ops;
	reed_stream_carry(below, rider);
	return below;
}

static const struct reed_map_ops map_ops = {
	.name = "onion",
	.map = received,
	.free = service_free,
};

/* ---- listening ---- */

struct opening {
	struct reed_co co;
	struct service *service;
	struct reed_listener *below, *listener, **out;
	struct reed_tor_onion onion, *onion_out;
};

static void note_target(struct opening *self)
{
	reed_address_text(&self->below->address, self->service->target);
}

static void keep_published(struct opening *self)
{
	struct keeper *keeper = reed_co_new(self->co.loop, &keeper_kind);

	keeper->service = self->service;
	self->service->keeper.wake = kept;
	reed_wait(reed_start(&keeper->co), &self->service->keeper);
	self->listener = reed_listener_map(self->below, &map_ops, self->service);
	self->below = NULL;
	self->service = NULL;
}

static void opening_run(struct reed_co *co)
{
	struct opening *self = reed_frame(co, struct opening);
	struct service *service = self->service;

	reed_coroutine (co) {
		reed_try(co,
		         reed_tor_keep(co->loop, service->key, service->clients, &service->kept));
		reed_try(co, reed_listen(co->loop, "tcp:0:interface=127.0.0.1", &self->below));
		note_target(self);
		reed_try(co, publish(service));
		if (service->key)
			reed_try(co, reed_tor_keep_name(co->loop, service->key, &service->onion));
		self->onion = service->onion;
		keep_published(self);
	}
}

static void opening_deliver(struct reed_co *co)
{
	struct opening *self = reed_frame(co, struct opening);

	*self->out = self->listener;
	self->listener = NULL;
	if (self->onion_out)
		*self->onion_out = self->onion;
}

static void opening_end(struct reed_co *co)
{
	struct opening *self = reed_frame(co, struct opening);

	reed_listener_close(self->below);
	reed_listener_close(self->listener);
	service_free(self->service);
}

static const struct reed_co_kind opening_kind = {
	.name = "listen at an onion address",
	.size = sizeof(struct opening),
	.run = opening_run,
	.deliver = opening_deliver,
	.end = opening_end,
};

struct reed_future *reed_onion_listen(struct reed_loop *loop,
                                      const struct reed_onion_options *given,
                                      struct reed_listener **listener, struct reed_tor_onion *onion)
{
	struct opening *self = reed_co_new(loop, &opening_kind);
	struct service *service = reed_alloc(sizeof(*service));
	struct reed_onion_options o = REED_ONION_OPTIONS;

	memcpy(&o, given, given->size < sizeof(o) ? given->size : sizeof(o));
	service->loop = loop;
	reed_tor_options_copy(&service->options, o.tor);
	service->options.single_hop = o.single_hop;
	service->port = o.port;
	service->key = reed_strdup(o.key);
	service->clients = reed_strdup(o.clients);
	service->backoff = (struct reed_backoff){ o.retry_first_ms > 0 ? o.retry_first_ms : 1,
		                                  o.retry_longest_ms, 200, 0 };
	self->service = service;
	self->out = listener;
	self->onion_out = onion;
	return reed_start(&self->co);
}
