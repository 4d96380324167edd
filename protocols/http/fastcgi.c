/* Requests that a FastCGI program answers. */

#include "fcgi.h"
#include "gateway.h"
#include "reed/endpoint.h"
#include "reed/http/fastcgi.h"
#include "reed/log.h"
#include "relay.h"

enum { HEAD_MOST = 64 << 10, FIELDS = 100 };

struct reed_http_fastcgi {
	struct reed_loop *loop;
	struct reed_http_fastcgi_options options;
	char *endpoint, *shown, *root, *index, *suffix;
};

struct call {
	struct reed_co co;
	struct reed_http_fastcgi *of;
	struct reed_http_request *request;
	struct gateway_script script; /* of the request's pool */
	struct reed_stream *stream;
	struct upload upload;
	struct reed_buf head; /* what has come of it */
	bool over;            /* the program has ended */
	unsigned status;      /* of its end */
	enum reed_err err;
};

/* ---- the way up ---- */

static void piece(struct reed_stream *to, struct reed_slice bytes)
{
	char head[FCGI_HEAD];

	while (bytes.n > 0) {
		struct reed_slice part = reed_slice_first(bytes, FCGI_MOST);

		fcgi_head(FCGI_STDIN, part.n, head);
		reed_write(to, reed_slice(head, sizeof(head)));
		reed_write(to, part);
		bytes = reed_slice_from(bytes, part.n);
	}
}

static void no_more(struct reed_stream *to)
{
	char head[FCGI_HEAD];

	fcgi_head(FCGI_STDIN, 0, head);
	reed_write(to, reed_slice(head, sizeof(head)));
}

static const struct upload_manner records = { .piece = piece, .over = no_more };

static void add_variable(void *pairs, struct reed_slice name, struct reed_slice value)
{
	fcgi_add_pair(pairs, name, value);
}

static void send(struct call *self)
{
	struct reed_buf out = { .limit = 0 }, pairs = { .limit = 0 };

	gateway_variables(self->request, &self->script, add_variable, &pairs);
	fcgi_add_begin(&out);
	fcgi_add_pairs(&out, reed_buf_slice(&pairs));
	reed_write(self->stream, reed_buf_slice(&out));
	reed_buf_finish(&pairs);
	reed_buf_finish(&out);
	self->upload = (struct upload){ .request = self->request,
		                        .to = self->stream,
		                        .silent_ms = self->of->options.silent_ms };
	upload_begin(&self->upload, &records);
}

/* ---- the way back ---- */

static void begin_answer(struct call *self, const struct gateway_head *head)
{
	struct reed_http_request *r = self->request;

	for (unsigned i = 0; i < head->count; i++) {
		char *name = reed_pool_strdup(&r->pool, head->fields[i].name);

		if (!hop_by_hop(head->fields, head->count, head->fields[i].name) &&
		    !reed_slice_is_nocase(head->fields[i].name, "date"))
			reed_http_add(r, name, head->fields[i].value);
	}
	reed_http_begin(r, head->status, NULL, head->length);
}

static enum reed_err take_output(struct call *self, struct reed_slice bytes)
{
	struct reed_http_field fields[FIELDS];
	struct gateway_head head = { .fields = fields, .room = FIELDS };
	enum reed_err err;
	size_t used;

	if (reed_http_begun(self->request)) {
		reed_http_write(self->request, bytes);
		return REED_OK;
	}
	reed_buf_add(&self->head, bytes);
	if (self->head.err)
		return self->head.err;
	err = gateway_parse(reed_buf_slice(&self->head), &head, &used);
	if (err)
		return err == REED_EAGAIN ? REED_OK : err;
	begin_answer(self, &head);
	reed_buf_skip(&self->head, used);
	reed_http_write(self->request, reed_buf_slice(&self->head));
	reed_buf_clear(&self->head);
	return REED_OK;
}

/* A line each, as it would stand in the log of the program. */
static void take_error(const struct call *self, struct reed_slice bytes)
{
	while (bytes.n > 0) {
		struct reed_slice line = reed_slice_trim(reed_slice_cut(&bytes, '\n'));

		if (line.n > 0)
			reed_log(self->co.loop, REED_LOG_WARN,
			         "a program complains fastcgi=%s script=%.*s said=%.*s",
			         self->of->shown, REED_ARG(self->script.name), REED_ARG(line));
	}
}

static enum reed_err take_record(struct call *self, const struct fcgi_record *record)
{
	if (record->id != 1)
		return REED_OK; /* of the connection as a whole: nothing was asked of it */
	switch (record->type) {
	case FCGI_STDOUT:
		return take_output(self, record->content);
	case FCGI_STDERR:
		take_error(self, record->content);
		return REED_OK;
	case FCGI_END:
		self->over = true;
		return fcgi_end_status(record->content, &self->status);
	default:
		return REED_OK;
	}
}

/* REED_EAGAIN: more has to come, or the client has to take what came. */
static enum reed_err take_all(struct call *self)
{
	struct fcgi_record record;
	enum reed_err err = REED_OK;

	while (!err && !self->over && !reed_http_must_drain(self->request)) {
		struct reed_slice in = reed_peek(self->stream), all = in;

		err = fcgi_next(&in, &record);
		if (!err)
			err = take_record(self, &record);
		reed_skip(self->stream, all.n - in.n);
	}
	return err ? err : self->over ? REED_OK : REED_EAGAIN;
}

static int64_t patience(const struct call *self)
{
	const struct reed_http_fastcgi_options *o = &self->of->options;

	return reed_http_begun(self->request) ? o->silent_ms : o->first_ms;
}

/* While a body is on its way up, that is what is watched over. */
static bool may_wait_on(const struct call *self)
{
	return upload_goes_on(&self->upload) ||
	       (self->upload.begun && reed_now(self->co.loop) - self->upload.ended <
	                                      REED_MS((int64_t)self->of->options.first_ms));
}

static void tell_log(const struct call *self, const char *why)
{
	reed_log(self->co.loop, REED_LOG_WARN,
	         "a program failed fastcgi=%s method=%.*s script=%.*s target=%.*s error=%s why=%s",
	         self->of->shown, REED_ARG(self->request->head.method_name),
	         REED_ARG(self->script.name), REED_ARG(self->request->head.target),
	         reed_strerror(self->err), why);
}

static enum reed_err fail(struct call *self, enum reed_err err, const char *why)
{
	self->err = err;
	tell_log(self, why);
	if (self->upload.err)
		return self->upload.err;
	reed_http_fail(self->request, relay_status(err), NULL);
	return self->request->ended ? REED_OK : REED_EIO;
}

static enum reed_err conclude(struct call *self)
{
	if (self->status == FCGI_OVERLOADED && !reed_http_begun(self->request)) {
		tell_log(self, "it is overloaded");
		reed_http_fail(self->request, 503, NULL);
		return REED_OK;
	}
	if (!reed_http_begun(self->request))
		return fail(self, REED_EPROTO, "it ended without an answer");
	reed_http_end(self->request);
	return REED_OK;
}

static void call_run(struct reed_co *co)
{
	struct call *self = reed_frame(co, struct call);

	reed_coroutine (co) {
		reed_await(co, reed_within(self->of->options.connect_ms,
		                           reed_dial(co->loop, self->of->endpoint, &self->stream)));
		if (co->err)
			reed_return(co, fail(self, co->err, reed_co_why(co)));
		send(self);
		while ((self->err = take_all(self)) == REED_EAGAIN) {
			if (reed_http_must_drain(self->request)) {
				reed_try(co, reed_http_drain(self->request));
				continue;
			}
			reed_await(co, reed_within(patience(self), reed_more(self->stream)));
			if (co->err && !(co->err == REED_ETIMEDOUT && may_wait_on(self)))
				reed_return(co, fail(self, co->err, reed_co_why(co)));
		}
		if (self->err)
			reed_return(co, fail(self, self->err,
			                     "what it says is no FastCGI, or no head"));
		reed_return(co, conclude(self));
	}
}

static void call_end(struct reed_co *co)
{
	struct call *self = reed_frame(co, struct call);

	upload_stop(&self->upload);
	if (self->stream && self->over)
		reed_close(self->stream);
	else if (self->stream)
		reed_abort(self->stream);
	reed_buf_finish(&self->head);
}

static const struct reed_co_kind call_kind = { "fastcgi", sizeof(struct call), call_run, NULL,
	                                       call_end };

/* ---- which program ---- */

/* The end of the first segment with the suffix; 0: there is none. */
static size_t end_of_script(struct reed_slice path, const char *suffix)
{
	size_t at = 0;

	while (at < path.n) {
		size_t end = at + 1 + reed_slice_find(reed_slice_from(path, at + 1), '/');

		if (reed_slice_ends(reed_slice_first(path, end), reed_slice_of(suffix)))
			return end;
		at = end;
	}
	return 0;
}

static bool leads_out(struct reed_slice path)
{
	while (path.n > 0)
		if (reed_slice_is(reed_slice_cut(&path, '/'), ".."))
			return true;
	return false;
}

static void find_script(struct call *self, struct reed_slice path)
{
	struct reed_pool *pool = &self->request->pool;
	size_t end = end_of_script(path, self->of->suffix);
	char *index;

	self->script.root = self->of->root;
	if (end > 0) {
		path = reed_pool_copy(pool, path);
		self->script.name = reed_slice_first(path, end);
		self->script.info = reed_slice_from(path, end);
		return;
	}
	index = reed_sprintf("/%s", self->of->index);
	self->script.name = reed_pool_copy(pool, reed_slice_of(index));
	self->script.info = REED_STR("");
	reed_free(index);
}

struct reed_future *reed_http_fastcgi_answer(struct reed_http_fastcgi *of,
                                             struct reed_http_request *r, struct reed_slice path)
{
	unsigned status = r->head.framing == REED_HTTP_CHUNKED ? 411 : 0;
	struct call *self;

	if (r->head.method == REED_HTTP_CONNECT || r->head.method == REED_HTTP_TRACE)
		status = 405;
	else if (path.n == 0 || path.p[0] != '/' || leads_out(path))
		status = 400;
	else if (r->head.framing == REED_HTTP_LENGTH && r->head.length > of->options.body)
		status = 413;
	if (status) {
		reed_http_fail(r, status, NULL);
		return NULL;
	}
	reed_http_body_limit(r, of->options.body);
	self = reed_co_new(of->loop, &call_kind);
	self->of = of;
	self->request = r;
	reed_buf_init(&self->head, HEAD_MOST + FCGI_MOST);
	find_script(self, path);
	return reed_start(&self->co);
}

struct reed_future *reed_http_fastcgi_handler(void *fastcgi, struct reed_http_request *r)
{
	return reed_http_fastcgi_answer(fastcgi, r, reed_http_path(r));
}

/* ---- from its options ---- */

static uint32_t or_else(uint32_t value, uint32_t otherwise)
{
	return value ? value : otherwise;
}

enum reed_err reed_http_fastcgi_new(struct reed_loop *loop,
                                    const struct reed_http_fastcgi_options *options,
                                    struct reed_http_fastcgi **fastcgi, struct reed_fault **fault)
{
	struct reed_http_fastcgi *self;
	struct reed_http_fastcgi_options o = REED_HTTP_FASTCGI_OPTIONS;
	enum reed_err err;

	memcpy(&o, options, options->size < sizeof(o) ? options->size : sizeof(o));
	err = reed_endpoint_check(reed_slice_of(o.endpoint), REED_ENDPOINT_DIAL, fault);
	if (!err && (!o.root || o.root[0] != '/')) {
		err = REED_EINVAL;
		*fault =
			reed_fault_new(err, NULL, __FILE__, __LINE__,
		                       "programs are in a folder: give its path, from the root on");
	}
	if (err)
		return err;
	self = reed_alloc(sizeof(*self));
	self->loop = loop;
	self->options = o;
	self->options.body = o.body ? o.body : 64 << 20;
	self->options.connect_ms = or_else(o.connect_ms, 5000);
	self->options.first_ms = or_else(o.first_ms, 60000);
	self->options.silent_ms = or_else(o.silent_ms, 60000);
	self->endpoint = reed_strdup(o.endpoint);
	self->shown = reed_endpoint_shown(reed_slice_of(o.endpoint));
	self->root = reed_strdup(o.root);
	self->index = reed_strdup(o.index ? o.index : "index.php");
	self->suffix = reed_strdup(o.suffix ? o.suffix : ".php");
	*fastcgi = self;
	return REED_OK;
}

void reed_http_fastcgi_free(struct reed_http_fastcgi *self)
{
	if (!self)
		return;
	reed_free(self->endpoint);
	reed_free(self->shown);
	reed_free(self->root);
	reed_free(self->index);
	reed_free(self->suffix);
	reed_free(self);
}
