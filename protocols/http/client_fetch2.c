/* One request and its answer, on a connection of HTTP/2 that others use too. */

#include "client_h2.h"

struct fetch2 {
	struct reed_co co;
	struct reed_http_client *client;
	struct ask *ask;
	struct response **out, *response;
	enum reed_http_method method;
	struct sending *sending; /* NULL: all has been given to the ask */
	bool stream_body, decode;
	bool *again;
	enum reed_err err;
};

/* As for HTTP/1: nothing came of it, and the connection may have been gone before. */
static bool may_try_again(const struct fetch2 *self)
{
	const struct ask *ask = self->ask;

	if (self->sending || ask->has_head)
		return false;
	return ask->unheard || (ask->reused && is_idempotent(self->method) &&
	                        (self->err == REED_EEOF || self->err == REED_EPIPE ||
	                         (self->err == REED_ERESET && ask->code == H2_CANCEL)));
}

static void make_response(struct fetch2 *self)
{
	self->response = response_of(self->client, self->ask);
	self->ask = NULL;
	response_send(self->response, self->sending);
	self->sending = NULL;
	if (self->decode)
		response_decode(self->response);
}

static void fetch2_run(struct reed_co *co)
{
	struct fetch2 *self = reed_frame(co, struct fetch2);
	const struct reed_http_client_options *o = &self->client->options;

	reed_coroutine (co) {
		while ((self->err = ask_head(self->ask)) == REED_EAGAIN) {
			reed_await(co, reed_within(sending_patience(self->sending, o->first_ms),
			                           ask_more(self->ask)));
			if (co->err && !sending_excuses(self->sending, co->err, o->first_ms))
				reed_return(co, co->err);
		}
		if (self->err) {
			*self->again = may_try_again(self);
			reed_return(co, reed_because(co, self->err, "%s", ask_why(self->ask)));
		}
		make_response(self);
		while (!self->stream_body &&
		       (self->err = response_gather(self->response)) == REED_EAGAIN) {
			reed_await(co, reed_within(o->silent_ms, response_more(self->response)));
			if (co->err && response_cut(self->response, co->err))
				reed_return(co, co->err);
		}
		reed_return(co, self->stream_body ? REED_OK : self->err);
	}
}

static void fetch2_deliver(struct reed_co *co)
{
	struct fetch2 *self = reed_frame(co, struct fetch2);

	self->response->public.body = reed_buf_slice(&self->response->body);
	*self->out = self->response;
	self->response = NULL;
}

static void fetch2_end(struct reed_co *co)
{
	struct fetch2 *self = reed_frame(co, struct fetch2);

	if (self->response)
		reed_http_response_free(&self->response->public);
	sending_free(self->sending);
	ask_free(self->ask);
}

static const struct reed_co_kind fetch2_kind = { "exchange", sizeof(struct fetch2), fetch2_run,
	                                         fetch2_deliver, fetch2_end };

struct reed_future *second_exchange(struct second *of, const struct exchange *what,
                                    struct response **out, bool *again)
{
	struct fetch2 *self;
	struct ask *ask = ask_new(of, what);

	*again = !ask;
	if (!ask)
		return reed_ready(of->port.loop, REED_EAGAIN);
	self = reed_co_new(of->port.loop, &fetch2_kind);
	self->client = of->client;
	self->ask = ask;
	self->out = out;
	self->again = again;
	self->method = ask->method;
	if (what->upload)
		self->sending = sending_new(&(
			struct sending){ .client = of->client, .ask = ask, .from = what->upload });
	self->stream_body = what->stream;
	self->decode = what->decode;
	return reed_start(&self->co);
}
