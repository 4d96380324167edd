/* Requests that a FastCGI program answers. */

#include "fcgi.h"
#include "gateway.h"
#include "reed/endpoint.h"
#include "reed/http/fastcgi.h"

struct reed_http_fastcgi {
	struct reed_loop *loop;
	struct reed_http_fastcgi_options options;
	char *endpoint, *shown, *root, *index, *suffix;
};

struct call {
	struct gateway g;
	struct reed_http_fastcgi *of;
	bool over;       /* the program has ended */
	unsigned status; /* of its end */
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

	gateway_variables(self->g.request, &self->g.script, add_variable, &pairs);
	fcgi_add_begin(&out);
	fcgi_add_pairs(&out, reed_buf_slice(&pairs));
	reed_write(self->g.stream, reed_buf_slice(&out));
	reed_buf_finish(&pairs);
	reed_buf_finish(&out);
	gateway_send(&self->g, &records);
}

/* ---- the way back ---- */

static enum reed_err take_record(struct call *self, const struct fcgi_record *record)
{
	if (record->id != 1)
		return REED_OK; /* of the connection as a whole: nothing was asked of it */
	switch (record->type) {
	case FCGI_STDOUT:
		return gateway_take(&self->g, record->content);
	case FCGI_STDERR:
		gateway_complain(&self->g, record->content);
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

	while (!err && !self->over && !reed_http_must_drain(self->g.request)) {
		struct reed_slice in = reed_peek(self->g.stream), all = in;

		err = fcgi_next(&in, &record);
		if (!err)
			err = take_record(self, &record);
		reed_skip(self->g.stream, all.n - in.n);
	}
	return err ? err : self->over ? REED_OK : REED_EAGAIN;
}

static enum reed_err conclude(struct call *self)
{
	if (self->status == FCGI_OVERLOADED && !reed_http_begun(self->g.request)) {
		gateway_tell_log(&self->g, "it is overloaded");
		reed_http_fail(self->g.request, 503, NULL);
		return REED_OK;
	}
	if (!reed_http_begun(self->g.request))
		return gateway_fail(&self->g, REED_EPROTO, "it ended without an answer");
	reed_http_end(self->g.request);
	return REED_OK;
}

static void call_run(struct reed_co *co)
{
	struct call *self = reed_container_of(co, struct call, g.co);

	reed_coroutine (co) {
		reed_await(co,
		           reed_within(self->of->options.connect_ms,
		                       reed_dial(co->loop, self->of->endpoint, &self->g.stream)));
		if (co->err)
			reed_return(co, gateway_fail(&self->g, co->err, reed_co_why(co)));
		send(self);
		while ((self->g.err = take_all(self)) == REED_EAGAIN) {
			if (reed_http_must_drain(self->g.request)) {
				reed_try(co, reed_http_drain(self->g.request));
				continue;
			}
			reed_await(co, gateway_more(&self->g));
			if (co->err && !(co->err == REED_ETIMEDOUT && !gateway_is_late(&self->g)))
				reed_return(co, gateway_fail(&self->g, co->err, reed_co_why(co)));
		}
		if (self->g.err)
			reed_return(co, gateway_fail(&self->g, self->g.err,
			                             "what it says is no FastCGI, or no head"));
		reed_return(co, conclude(self));
	}
}

static void call_end(struct reed_co *co)
{
	struct call *self = reed_container_of(co, struct call, g.co);

	gateway_finish(&self->g);
	if (self->g.stream && self->over)
		reed_close(self->g.stream);
	else if (self->g.stream)
		reed_abort(self->g.stream);
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

static void find_script(struct call *self, struct reed_slice path)
{
	struct gateway_script *script = &self->g.script;
	struct reed_pool *pool = &self->g.request->pool;
	size_t end = end_of_script(path, self->of->suffix);
	char *index;

	script->root = self->of->root;
	if (end > 0) {
		path = reed_pool_copy(pool, path);
		script->name = reed_slice_first(path, end);
		script->info = reed_slice_from(path, end);
		return;
	}
	index = reed_sprintf("/%s", self->of->index);
	script->name = reed_pool_copy(pool, reed_slice_of(index));
	script->info = REED_STR("");
	reed_free(index);
}

struct reed_future *reed_http_fastcgi_answer(struct reed_http_fastcgi *of,
                                             struct reed_http_request *r, struct reed_slice path)
{
	struct call *self;

	if (!gateway_accepts(r, path, of->options.body))
		return NULL;
	self = reed_co_new(of->loop, &call_kind);
	gateway_init(&self->g, r);
	self->g.kind = "fastcgi";
	self->g.shown = of->shown;
	self->g.first_ms = of->options.first_ms;
	self->g.silent_ms = of->options.silent_ms;
	self->of = of;
	find_script(self, path);
	return reed_start(&self->g.co);
}

struct reed_future *reed_http_fastcgi_handler(void *fastcgi, struct reed_http_request *r)
{
	return reed_http_fastcgi_answer(fastcgi, r, reed_http_path(r));
}

/* ---- from its options ---- */

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
