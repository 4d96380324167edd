/* A WebSocket out of a request to an HTTP server. */

#include "handshake.h"

struct upgrade {
	struct reed_co co;
	struct reed_http_request *request;
	struct reed_ws_options options;
	struct ws_answer answer;
	struct reed_stream *stream;
	struct reed_ws *ws, **out;
};

static void refuse(struct upgrade *self)
{
	struct reed_http_request *r = self->request;

	if (self->answer.status == 426) {
		reed_http_add(r, "Upgrade", REED_STR("websocket"));
		reed_http_add(r, "Sec-WebSocket-Version", REED_STR("13"));
	}
	if (self->answer.status == 405)
		reed_http_add(r, "Allow", REED_STR("GET"));
	reed_http_fail(r, self->answer.status, self->answer.why);
}

static enum reed_err accept_it(struct upgrade *self)
{
	struct reed_http_request *r = self->request;
	struct reed_slice extensions = reed_buf_slice(&self->answer.extensions);
	enum reed_err err;

	if (self->answer.accept[0])
		reed_http_add(r, "Sec-WebSocket-Accept", reed_slice_of(self->answer.accept));
	if (self->answer.protocol.n > 0)
		reed_http_add(r, "Sec-WebSocket-Protocol", self->answer.protocol);
	if (extensions.n > 0)
		reed_http_add(r, "Sec-WebSocket-Extensions", extensions);
	err = reed_http_upgrade(r, "websocket", &self->stream);
	if (err)
		return err;
	self->ws = ws_new(self->stream, &self->options, false, &self->answer.agreed,
	                  self->answer.protocol);
	self->stream = NULL;
	return REED_OK;
}

/* Begins when the handler has returned, as an upgrade can only then be. */
static void upgrade_run(struct reed_co *co)
{
	struct upgrade *self = reed_frame(co, struct upgrade);
	enum reed_err err;

	reed_coroutine (co) {
		if (self->answer.status != 101) {
			refuse(self);
			err = self->answer.status == 403 ? REED_EACCES : REED_EPROTO;
			reed_try(co, reed_failed(co->loop, err, "%s", self->answer.why));
		}
		err = accept_it(self);
		if (err)
			reed_return(co, err);
	}
}

static void upgrade_deliver(struct reed_co *co)
{
	struct upgrade *self = reed_frame(co, struct upgrade);

	*self->out = self->ws;
	self->ws = NULL;
}

static void upgrade_end(struct reed_co *co)
{
	struct upgrade *self = reed_frame(co, struct upgrade);

	reed_ws_close(self->ws);
	reed_close(self->stream);
	reed_buf_finish(&self->answer.extensions);
}

static const struct reed_co_kind upgrade_kind = { "upgrade", sizeof(struct upgrade), upgrade_run,
	                                          upgrade_deliver, upgrade_end };

struct reed_future *reed_ws_upgrade(struct reed_http_request *request,
                                    const struct reed_ws_options *options, struct reed_ws **ws)
{
	struct upgrade *self = reed_co_new(reed_http_loop(request), &upgrade_kind);
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	self->request = request;
	self->options = ws_options(options);
	reed_http_facts(request, &facts);
	ws_judge(reed_http_head(request), &self->options, facts.secure, &self->answer);
	self->out = ws;
	return reed_start(&self->co);
}
