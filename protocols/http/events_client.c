/* Server-sent events, heard: a connection that comes back where it was. */

#include "client.h"
#include "reed/backoff.h"
#include "reed/co.h"
#include "reed/http/events.h"

enum { USUAL = 3000, LONGEST = 60000, FIELDS = 2 };

struct reed_http_events {
	struct reed_http_client *client;
	struct reed_http_fetch fetch;
	struct reed_http_field *fields; /* the caller's, and two of ours */
	struct reed_http_response *response;
	struct reed_http_event_parser parser;
	struct reed_slice piece; /* what has not been parsed of it */
	unsigned failures;
	struct reed_http_event event; /* if here: parsed, and not delivered yet */
	bool here;
};

struct next {
	struct reed_co co;
	struct reed_http_events *of;
	struct reed_http_event *out;
};

static void let_go(struct reed_http_events *self)
{
	reed_http_response_free(self->response);
	self->response = NULL;
	self->piece = REED_STR("");
	reed_http_event_parser_cut(&self->parser);
}

static struct reed_future *ask(struct reed_http_events *self)
{
	struct reed_slice id = reed_buf_slice(&self->parser.id);
	struct reed_http_fetch what = self->fetch;

	what.fields = self->fields;
	what.field_count = self->fetch.field_count + 1;
	if (id.n > 0 && reed_http_is_value(id))
		self->fields[what.field_count++] =
			(struct reed_http_field){ REED_STR("Last-Event-ID"), id };
	return reed_http_fetch(self->client, &what, &self->response);
}

/* REED_OK: events will come of it; REED_EAGAIN: another time, perhaps. */
static enum reed_err judge(const struct reed_http_events *self)
{
	struct reed_slice type = reed_http_response_field(self->response, "Content-Type");
	unsigned status = self->response->status;

	if (status == 204)
		return REED_EEOF;
	if (status == 429 || status >= 500)
		return REED_EAGAIN;
	type = reed_slice_trim(reed_slice_first(type, reed_slice_find(type, ';')));
	return status == 200 && reed_slice_is_nocase(type, "text/event-stream") ? REED_OK
	                                                                        : REED_EPROTO;
}

/* What retry says; longer, and not all at the same time, while nothing comes of it. */
static struct reed_future *rest(struct reed_http_events *self, struct reed_loop *loop)
{
	int64_t ms = self->parser.retry_ms ? self->parser.retry_ms : USUAL;
	struct reed_backoff backoff = { ms, LONGEST, 200, 50 };

	let_go(self);
	if (self->failures++ > 0)
		ms = reed_backoff_ms(loop, &backoff, self->failures);
	return reed_sleep(loop, ms);
}

/* Another try is worth it: the URL is one, and whoever was there may be again. */
static bool is_passing(enum reed_err err)
{
	return err != REED_ESYNTAX && err != REED_ECANCELED && err != REED_ECERT;
}

static void next_run(struct reed_co *co)
{
	struct next *self = reed_frame(co, struct next);
	struct reed_http_events *of = self->of;
	enum reed_err err = REED_OK;

	reed_coroutine (co) {
		while (!of->here) {
			if (!of->response) {
				reed_await(co, ask(of));
				if (co->err && !is_passing(co->err))
					reed_return(co, co->err);
				err = co->err ? REED_EAGAIN : judge(of);
				if (err == REED_EPROTO)
					reed_try(
						co,
						reed_failed(co->loop, REED_EPROTO,
					                    "the server answered %u, and no events",
					                    of->response->status));
				if (err == REED_EEOF)
					reed_return(co, err);
				if (err) {
					reed_try(co, rest(of, co->loop));
					continue;
				}
			}
			err = reed_http_event_parse(&of->parser, &of->piece, &of->event);
			of->here = err == REED_OK;
			if (err != REED_EAGAIN)
				reed_return(co, err);
			reed_await(co, reed_http_response_read(of->response, &of->piece));
			if (co->err == REED_ECANCELED)
				reed_return(co, co->err);
			if (co->err || of->piece.n == 0)
				reed_try(co, rest(of, co->loop));
			else
				of->failures = 0;
		}
	}
}

static void next_deliver(struct reed_co *co)
{
	struct next *self = reed_frame(co, struct next);

	*self->out = self->of->event;
	self->of->here = false;
}

static const struct reed_co_kind next_kind = { "next event", sizeof(struct next), next_run,
	                                       next_deliver, NULL };

struct reed_future *reed_http_events_next(struct reed_http_events *events,
                                          struct reed_http_event *event)
{
	struct next *self = reed_co_new(events->client->loop, &next_kind);

	self->of = events;
	self->out = event;
	return reed_start(&self->co);
}

struct reed_http_events *reed_http_events_new(struct reed_http_client *client,
                                              const struct reed_http_fetch *fetch)
{
	struct reed_http_events *self = reed_alloc(sizeof(*self));

	self->client = client;
	self->fetch = (struct reed_http_fetch)REED_HTTP_FETCH;
	memcpy(&self->fetch, fetch,
	       fetch->size < sizeof(self->fetch) ? fetch->size : sizeof(self->fetch));
	self->fetch.stream = true;
	self->fields = reed_alloc((self->fetch.field_count + FIELDS) * sizeof(*self->fields));
	for (size_t i = 0; i < self->fetch.field_count; i++)
		self->fields[i] = self->fetch.fields[i];
	self->fields[self->fetch.field_count] =
		(struct reed_http_field){ REED_STR("Accept"), REED_STR("text/event-stream") };
	self->piece = REED_STR("");
	return self;
}

void reed_http_events_free(struct reed_http_events *self)
{
	if (!self)
		return;
	let_go(self);
	reed_http_event_parser_finish(&self->parser);
	reed_free(self->fields);
	reed_free(self);
}
