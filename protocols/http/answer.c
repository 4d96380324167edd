/* Answers, up to where the wire begins. */

#include "private.h"

#include "reed/log.h"

/* ---- fields ---- */

static enum reed_err add(struct reed_http_request *r, struct http_out_fields *to, const char *name,
                         struct reed_slice value)
{
	struct http_out_field *field;

	if (!reed_http_is_token(reed_slice_of(name)) || !reed_http_is_value(value)) {
		reed_log(r->loop, REED_LOG_WARN, "a field of an answer cannot be sent name=%s",
		         name);
		return REED_EINVAL;
	}
	field = reed_pool_alloc(&r->pool, sizeof(*field));
	field->name = reed_pool_copy(&r->pool, reed_slice_of(name));
	field->value = reed_pool_copy(&r->pool, value);
	*to->end = field;
	to->end = &field->next;
	return REED_OK;
}

void http_add_known(struct reed_http_request *r, struct reed_slice name, struct reed_slice value)
{
	struct http_out_field *field = reed_pool_alloc(&r->pool, sizeof(*field));

	*field = (struct http_out_field){ .name = name, .value = value };
	*r->added.end = field;
	r->added.end = &field->next;
}

enum reed_err reed_http_add(struct reed_http_request *r, const char *name, struct reed_slice value)
{
	return r->begun ? REED_EINVAL : add(r, &r->added, name, value);
}

enum reed_err reed_http_add_trailer(struct reed_http_request *r, const char *name,
                                    struct reed_slice value)
{
	return r->ended ? REED_EINVAL : add(r, &r->trailers, name, value);
}

void reed_http_addf(struct reed_http_request *r, const char *name, const char *format, ...)
{
	char value[1024];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(value, sizeof(value), format, args);
	va_end(args);
	if (n >= 0 && n < (int)sizeof(value))
		reed_http_add(r, name, reed_slice(value, (size_t)n));
}

/* ---- the three steps ---- */

/* RFC 9110 6.4.1: some answers have no body, whatever the handler writes. */
bool http_has_body(const struct reed_http_request *r)
{
	return r->head.method != REED_HTTP_HEAD && r->status != 204 && r->status != 304 &&
	       r->status >= 200;
}

void reed_http_begin(struct reed_http_request *r, unsigned status, const char *type, int64_t length)
{
	if (r->begun)
		return;
	if (status < 200 || status > 999) {
		reed_log(r->loop, REED_LOG_ERROR, "a handler answers with status=%u", status);
		status = 500;
	}
	r->begun = true;
	r->status = status;
	r->type = type;
	r->length = length;
	if (r->compress)
		http_coding_begin(r);
	if (r->encoder)
		r->whole.n = 0;
	r->wire->begin(r);
}

/* More than was promised would be taken for the next answer. */
static struct reed_slice within_length(struct reed_http_request *r, struct reed_slice bytes)
{
	if (r->length >= 0 && r->written + bytes.n > (uint64_t)r->length) {
		reed_log(r->loop, REED_LOG_ERROR,
		         "a handler writes more than it promised bytes=%lld", (long long)r->length);
		r->close = true;
		return reed_slice_first(bytes, (size_t)((uint64_t)r->length - r->written));
	}
	return bytes;
}

void reed_http_write(struct reed_http_request *r, struct reed_slice bytes)
{
	if (!r->begun || r->ended)
		return;
	if (r->encoder) {
		http_coding_write(r, bytes);
		return;
	}
	bytes = within_length(r, bytes);
	r->written += bytes.n;
	if (bytes.n > 0 && http_has_body(r))
		r->wire->body(r, bytes, NULL);
}

void reed_http_write_blob(struct reed_http_request *r, struct reed_blob *blob)
{
	struct reed_slice bytes = reed_blob_slice(blob);

	if (!r->begun || r->ended)
		return;
	if (r->encoder || within_length(r, bytes).n < bytes.n) {
		reed_http_write(r, bytes);
		return;
	}
	r->written += bytes.n;
	if (bytes.n > 0 && http_has_body(r))
		r->wire->body(r, bytes, blob);
}

/* Its own length is known: who sends a file says it when it begins. */
bool http_sends_sources(const struct reed_http_request *r)
{
	return r->wire->source && r->length >= 0;
}

void http_write_source(struct reed_http_request *r, struct reed_source *source, uint64_t offset,
                       size_t n)
{
	if (!r->begun || r->ended || r->written + n > (uint64_t)r->length)
		return;
	r->written += n;
	if (n > 0 && http_has_body(r))
		r->wire->source(r, source, offset, n);
}

void reed_http_end(struct reed_http_request *r)
{
	if (!r->begun || r->ended)
		return;
	if (!r->broken && r->length >= 0 && r->written < (uint64_t)r->length && http_has_body(r)) {
		reed_log(r->loop, REED_LOG_ERROR,
		         "a handler wrote less than it promised bytes=%llu promised=%lld",
		         (unsigned long long)r->written, (long long)r->length);
		r->broken = true;
	}
	if (r->encoder)
		http_coding_end(r);
	r->ended = true;
	r->wire->end(r);
}

bool reed_http_must_drain(const struct reed_http_request *r)
{
	return r->wire->must_drain(r);
}

struct reed_future *reed_http_drain(struct reed_http_request *r)
{
	return r->wire->drain(r);
}

/* ---- all at once ---- */

void reed_http_respond(struct reed_http_request *r, unsigned status, const char *type,
                       struct reed_slice body)
{
	if (r->begun)
		return;
	r->whole = body;
	reed_http_begin(r, status, type, (int64_t)body.n);
	if (r->whole.n > 0 || r->encoder)
		reed_http_write(r, body);
	else
		r->written = body.n;
	r->whole = REED_STR("");
	reed_http_end(r);
}

void reed_http_respondf(struct reed_http_request *r, unsigned status, const char *type,
                        const char *format, ...)
{
	struct reed_buf body = { .limit = 0 };
	char small[1024];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(small, sizeof(small), format, args);
	va_end(args);
	if (n < (int)sizeof(small)) {
		reed_http_respond(r, status, type, reed_slice(small, n < 0 ? 0 : (size_t)n));
		return;
	}
	reed_buf_reserve(&body, (size_t)n + 1);
	va_start(args, format);
	vsnprintf(body.p + body.end, (size_t)n + 1, format, args);
	va_end(args);
	reed_buf_added(&body, (size_t)n);
	reed_http_respond(r, status, type, reed_buf_slice(&body));
	reed_buf_finish(&body);
}

static bool ask_error_handlers(struct reed_http_request *r, unsigned status, const char *why)
{
	struct reed_http_server *server = r->server;

	if (http_router_error(r, status, why))
		return true;
	if (server->options.error)
		server->options.error(server->options.error_arg, r, status, why);
	return r->begun;
}

void reed_http_fail(struct reed_http_request *r, unsigned status, const char *why)
{
	if (r->begun || ask_error_handlers(r, status, why))
		return;
	if (why)
		reed_http_respondf(r, status, "text/plain; charset=utf-8", "%u %s: %s\n", status,
		                   reed_http_reason(status), why);
	else
		reed_http_respondf(r, status, "text/plain; charset=utf-8", "%u %s\n", status,
		                   reed_http_reason(status));
}

void reed_http_redirect(struct reed_http_request *r, unsigned status, const char *location)
{
	if (reed_http_add(r, "Location", reed_slice_of(location)) == REED_OK)
		reed_http_respond(r, status, NULL, REED_STR(""));
	else
		reed_http_fail(r, 500, NULL);
}

void reed_http_early(struct reed_http_request *r, unsigned status)
{
	if (!r->begun && status > 101 && status < 200)
		r->wire->early(r, status);
}

void reed_http_close(struct reed_http_request *r)
{
	r->close = true;
}

bool reed_http_begun(const struct reed_http_request *r)
{
	return r->begun;
}

unsigned reed_http_status(const struct reed_http_request *r)
{
	return r->status;
}

enum reed_err reed_http_upgrade(struct reed_http_request *r, const char *protocol,
                                struct reed_stream **stream)
{
	bool connect = r->head.method == REED_HTTP_CONNECT;

	if (r->begun || !r->body_over)
		return REED_EBUSY;
	if (!connect && (http_is_old(&r->head) || !r->head.has_upgrade ||
	                 !reed_http_list_has(r->head.upgrade, protocol)))
		return REED_EINVAL;
	if (!connect)
		reed_http_add(r, "Upgrade", reed_slice_of(protocol));
	return r->wire->upgrade(r, stream);
}

/* ---- the end of a handler ---- */

static unsigned status_of(enum reed_err err)
{
	switch ((int)err) {
	case REED_ENOENT:
		return 404;
	case REED_EACCES:
	case REED_EPERM:
		return 403;
	case REED_ETOOBIG:
		return 413;
	case REED_ESYNTAX:
	case REED_EPROTO:
		return 400;
	case REED_ETIMEDOUT:
		return 504;
	case REED_ENOSPC:
		return 507; /* RFC 4918 11.5 */
	default:
		return 500;
	}
}

/* A client is not told what is wrong in here. */
static void fail_with(struct reed_http_request *r, enum reed_err err, const char *why)
{
	unsigned status = status_of(err);

	if (r->body_err == REED_ETIMEDOUT && err == REED_ETIMEDOUT)
		status = 408;
	if (status == 500 || status == 507)
		reed_log(r->loop, REED_LOG_ERROR, "a handler failed path=%.*s why=%s",
		         REED_ARG(r->head.path), why ? why : reed_strerror(err));
	reed_http_fail(r, status, NULL);
}

void http_conclude(struct reed_http_request *r, enum reed_err err, const char *why)
{
	if (r->upgraded)
		return;
	if (!r->begun)
		fail_with(r, err ? err : REED_EINVAL, err ? why : "it did not answer");
	else if (err && !r->ended)
		r->broken = true;
	if (!r->ended)
		reed_http_end(r);
}
