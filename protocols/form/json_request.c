/* JSON of requests and answers. */

#include <jansson.h>

#include "reader.h"
#include "reed/alloc.h"
#include "reed/json.h"

enum { BYTES = 1048576 };

static void free_value(void *value)
{
	json_decref(value);
}

static const struct reed_http_key json_key = { "JSON", free_value };

/* RFC 6839 3.1 */
static bool is_json(struct reed_slice type)
{
	type = reed_slice_trim(reed_slice_first(type, reed_slice_find(type, ';')));
	return reed_slice_is_nocase(type, "application/json") ||
	       (type.n > 5 && reed_slice_is_nocase(reed_slice_from(type, type.n - 5), "+json"));
}

bool reed_json_is_there(const struct reed_http_request *request)
{
	struct reed_slice type = reed_http_header(request, "Content-Type");

	return type.p && is_json(type);
}

struct take {
	struct reed_co co;
	struct reed_http_request *request;
	struct reed_json_limits limits;
	struct reed_slice body;
	struct json_t *value, **out;
};

static enum reed_err refuse(struct take *self, enum reed_err err, unsigned status, const char *why)
{
	reed_http_fail(self->request, status, why);
	return reed_because(&self->co, err, "%s", why);
}

static enum reed_err parse(struct take *self)
{
	struct reed_fault *fault = NULL;
	enum reed_err err = reed_json_parse(self->body, &self->limits, &self->value, &fault);

	if (err)
		refuse(self, err, err == REED_ETOOBIG ? 413 : 400, reed_fault_why(fault, err));
	reed_fault_free(fault);
	return err;
}

static void take_run(struct reed_co *co)
{
	struct take *self = reed_frame(co, struct take);

	reed_coroutine (co) {
		if (!reed_json_is_there(self->request))
			reed_return(co,
			            refuse(self, REED_ENOTSUP, 415, "this takes application/json"));
		reed_http_body_limit(self->request,
		                     self->limits.bytes ? self->limits.bytes : BYTES);
		reed_await(co, reed_http_read_all(self->request, &self->body));
		if (co->err == REED_ETOOBIG)
			reed_return(co, refuse(self, co->err, 413, "the JSON is too long"));
		if (co->err)
			reed_return(co, co->err);
		reed_return(co, parse(self));
	}
}

static void take_deliver(struct reed_co *co)
{
	struct take *self = reed_frame(co, struct take);

	reed_http_attach(self->request, &json_key, self->value);
	*self->out = self->value;
	self->value = NULL;
}

static void take_end(struct reed_co *co)
{
	json_decref(reed_frame(co, struct take)->value);
}

static const struct reed_co_kind take_kind = { "JSON", sizeof(struct take), take_run, take_deliver,
	                                       take_end };

struct reed_future *reed_json_take(struct reed_http_request *request,
                                   const struct reed_json_limits *limits, struct json_t **out)
{
	struct reed_loop *loop = reed_http_loop(request);
	struct json_t *there = reed_http_attached(request, &json_key);
	struct take *self;

	if (there) {
		*out = there;
		return reed_ready(loop, REED_OK);
	}
	self = reed_co_new(loop, &take_kind);
	self->request = request;
	self->limits = limits ? *limits : (struct reed_json_limits){ 0 };
	self->out = out;
	return reed_start(&self->co);
}

/* ---- answers ---- */

void reed_json_respond(struct reed_http_request *request, unsigned status, struct json_t *value)
{
	struct reed_buf text = { .limit = 0 };

	if (value && !reed_json_write(value, &text))
		reed_http_respond(request, status, "application/json", reed_buf_slice(&text));
	else
		reed_http_fail(request, 500, NULL);
	json_decref(value);
	reed_buf_finish(&text);
}

void reed_json_respondf(struct reed_http_request *request, unsigned status, const char *format, ...)
{
	json_error_t error;
	struct json_t *value;
	va_list args;

	va_start(args, format);
	value = json_vpack_ex(&error, 0, format, args);
	va_end(args);
	reed_json_respond(request, status, value);
}
