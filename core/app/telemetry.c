/*
 * What watches over a daemon: /metrics, /healthz and /readyz over HTTP, on
 * listeners of their own.  As much of HTTP/1 as that takes (RFC 9112): one
 * request a connection, no body, and whatever else is asked is refused.
 */

#include "telemetry.h"

#include "control.h"
#include "crew.h"
#include "reed/alloc.h"
#include "reed/co.h"

enum { CLIENTS = 64, PATIENCE_MS = 10000, FIELDS = 100 };

static const struct reed_stream_limits limits = {
	.size = sizeof(limits),
	.input = 8192,
	.output = 64 << 20,
	.high = 64 << 10,
	.low = 16 << 10,
	.linger_ms = 2000,
};

struct session {
	struct reed_co co;
	struct daemon *daemon;
	struct reed_stream *stream;
	struct reed_slice line;
	char path[16]; /* which the request points into */
	struct control_request request;
	struct crew_wish wish;
	struct crew_replies others;
	unsigned fields;
	bool is_head, is_get, is_http;
};

/* ---- answers ---- */

static void answer(struct session *self, const char *status, const char *type,
                   struct reed_slice body)
{
	reed_printf(self->stream,
	            "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s"
	            "Cache-Control: no-store\r\nConnection: close\r\n\r\n",
	            status, type, body.n, self->is_get ? "" : "Allow: GET, HEAD\r\n");
	if (!self->is_head)
		reed_write(self->stream, body);
}

static bool is_ours(const char *path)
{
	return strcmp(path, "/metrics") == 0 || strcmp(path, "/healthz") == 0 ||
	       strcmp(path, "/readyz") == 0;
}

/* What the control socket would say; its refusal is that of a daemon that is not ready. */
static void tell(struct session *self)
{
	struct reed_fault *fault = NULL;
	const char *type = strcmp(self->path, "/metrics") == 0
	                           ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
	                           : "text/plain; charset=utf-8";
	struct reed_buf out = { 0 };

	if (!reed_control_answer(self->daemon, &self->request, &out, &fault)) {
		answer(self, "200 OK", type, reed_buf_slice(&out));
	} else {
		reed_buf_clear(&out);
		reed_buf_printf(&out, "%s\n", fault->sentence);
		answer(self, "503 Service Unavailable", "text/plain; charset=utf-8",
		       reed_buf_slice(&out));
	}
	reed_fault_free(fault);
	reed_buf_finish(&out);
}

static void respond(struct session *self)
{
	static const char text[] = "text/plain; charset=utf-8";

	if (!self->is_http)
		answer(self, "400 Bad Request", text, REED_STR("this is no request of HTTP/1\n"));
	else if (!is_ours(self->path))
		answer(self, "404 Not Found", text,
		       REED_STR("there are /metrics, /healthz and /readyz\n"));
	else if (!self->is_get)
		answer(self, "405 Method Not Allowed", text, REED_STR("only GET and HEAD\n"));
	else
		tell(self);
}

/* ---- requests ---- */

static void understand(struct session *self)
{
	struct reed_slice rest = self->line, method = reed_slice_cut(&rest, ' ');
	struct reed_slice target = reed_slice_cut(&rest, ' ');
	struct reed_slice path = reed_slice_first(target, reed_slice_find(target, '?'));

	self->is_head = reed_slice_is(method, "HEAD");
	self->is_get = self->is_head || reed_slice_is(method, "GET");
	self->is_http = method.n > 0 && target.n > 0 && target.p[0] == '/' &&
	                reed_slice_starts(rest, REED_STR("HTTP/1."));
	reed_slice_copy(self->path, sizeof(self->path), path);
}

static bool asks_others(struct session *self)
{
	return self->is_http && is_ours(self->path) &&
	       !reed_control_parse(reed_slice_of(self->path), &self->request, NULL) &&
	       reed_control_wish(&self->request, &self->wish);
}

static struct reed_future *ask_others(struct session *self)
{
	self->request.others = &self->others;
	return reed_loops_ask(self->daemon, &self->wish, &self->others);
}

static void session_run(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	reed_coroutine (co) {
		reed_try(co, reed_read_line(self->stream, &self->line));
		understand(self);
		while (self->line.n > 0 && self->is_http && self->fields++ < FIELDS)
			reed_try(co, reed_read_line(self->stream, &self->line));
		if (asks_others(self))
			reed_try(co, ask_others(self));
		respond(self);
	}
}

static void session_end(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	reed_loops_replies_finish(&self->others);
	reed_close(self->stream);
}

static const struct reed_co_kind session_kind = { .name = "telemetry",
	                                          .size = sizeof(struct session),
	                                          .run = session_run,
	                                          .end = session_end };

static struct reed_future *session(void *arg, struct reed_stream *stream)
{
	struct session *self = reed_co_new(stream->loop, &session_kind);

	self->daemon = arg;
	self->stream = stream;
	return reed_within(PATIENCE_MS, reed_start(&self->co));
}

struct reed_future *reed_telemetry_listen(struct daemon *d, struct reed_service *service, size_t i)
{
	const struct daemon_settings *settings = reed_generation_daemon(d->first);
	struct reed_serve_options options = REED_SERVE_OPTIONS;

	options.name = "telemetry";
	options.sessions = CLIENTS;
	options.limits = &limits;
	return reed_service_listen(service, &settings->metrics.items[i], session, d, &options);
}
