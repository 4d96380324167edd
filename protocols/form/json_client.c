/* JSON of a client. */

#include <jansson.h>

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/form/client.h"

struct send {
	struct reed_co co;
	struct reed_http_client *client;
	char *method, *url;
	struct reed_buf body;
	struct json_t *value, **out;
	struct reed_http_response *response, **response_out;
};

static struct reed_future *fetch(struct send *self)
{
	static const struct reed_http_field fields[] = {
		{ { "Accept", 6 }, { "application/json", 16 } },
		{ { "Content-Type", 12 }, { "application/json", 16 } },
	};
	struct reed_http_fetch what = REED_HTTP_FETCH;

	what.url = self->url;
	what.method = self->method;
	what.fields = fields;
	what.field_count = REED_COUNT(fields); /* of a body only where there is one */
	what.body = reed_buf_slice(&self->body);
	return reed_http_fetch(self->client, &what, &self->response);
}

static bool must_have_value(const struct reed_http_response *r)
{
	return r->status >= 200 && r->status < 300 && r->status != 204 && r->status != 205;
}

static enum reed_err read_value(struct send *self)
{
	const struct reed_json_limits limits = { .bytes = UINT32_MAX,
		                                 .depth = 256,
		                                 .values = UINT32_MAX };
	struct reed_fault *fault = NULL;
	enum reed_err err = reed_json_parse(self->response->body, &limits, &self->value, &fault);

	if (err && must_have_value(self->response))
		err = reed_because(&self->co, REED_EPROTO, "%s answered no JSON: %s", self->url,
		                   reed_fault_why(fault, err));
	else
		err = REED_OK;
	reed_fault_free(fault);
	return err;
}

static void send_run(struct reed_co *co)
{
	struct send *self = reed_frame(co, struct send);

	reed_coroutine (co) {
		if (self->body.err)
			reed_return(co, reed_because(co, REED_EINVAL, "a value that is no JSON"));
		reed_try(co, fetch(self));
		reed_return(co, read_value(self));
	}
}

static void send_deliver(struct reed_co *co)
{
	struct send *self = reed_frame(co, struct send);

	*self->out = self->value;
	self->value = NULL;
	if (!self->response_out)
		return;
	*self->response_out = self->response;
	self->response = NULL;
}

static void send_end(struct reed_co *co)
{
	struct send *self = reed_frame(co, struct send);

	reed_http_response_free(self->response);
	json_decref(self->value);
	reed_buf_finish(&self->body);
	reed_free(self->method);
	reed_free(self->url);
}

static const struct reed_co_kind send_kind = { "send JSON", sizeof(struct send), send_run,
	                                       send_deliver, send_end };

struct reed_future *reed_json_send(struct reed_http_client *client, const char *method,
                                   const char *url, struct json_t *value,
                                   struct reed_http_response **response, struct json_t **out)
{
	struct send *self = reed_co_new(reed_http_client_loop(client), &send_kind);

	self->client = client;
	self->method = reed_strdup(method);
	self->url = reed_strdup(url);
	self->response_out = response;
	self->out = out;
	if (value && reed_json_write(value, &self->body))
		self->body.err = REED_EINVAL;
	json_decref(value);
	return reed_start(&self->co);
}
