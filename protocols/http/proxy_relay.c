/* One request on its way to an upstream, and its answer on the way back. */

#include "relay.h"

#include "reed/log.h"
#include "reed/proxy.h"

enum { INTERIM = 16 };

struct relay {
	struct reed_co co;
	struct reed_http_proxy *proxy;
	struct reed_http_request *request;
	struct reed_slice target; /* of the request's pool */
	struct upstream *upstream;
	uint64_t tried;
	unsigned tries, interims;
	struct reed_stream *stream, *client; /* the latter of a tunnel */
	struct reed_http_head head;
	size_t scanned, used;
	struct upload upload;
	struct answer_body body;
	struct reed_slice piece;
	uint64_t came;
	int64_t asked;                   /* reed_now(): the upstream was */
	bool reused, sent, events, over; /* over: the answer is whole */
	enum reed_err err;
};

/* ---- what is told, and to whom ---- */

static void tell_log(struct relay *self, const char *why)
{
	const struct reed_http_head *h = &self->request->head;

	reed_log(self->co.loop, REED_LOG_WARN,
	         "an upstream failed upstream=%s method=%.*s target=%.*s host=%.*s attempt=%u "
	         "reused=%d bytes=%llu error=%s why=%s",
	         self->upstream->shown, REED_ARG(h->method_name), REED_ARG(self->target),
	         REED_ARG(h->host), self->tries, self->reused, (unsigned long long)self->came,
	         reed_strerror(self->err), why);
}

unsigned relay_status(enum reed_err err)
{
	return err == REED_ETIMEDOUT ? 504 : 502;
}

static void let_go(struct relay *self)
{
	upload_stop(&self->upload);
	if (self->stream)
		reed_abort(self->stream);
	self->stream = NULL;
	if (self->upstream) {
		upstream_left(self->upstream);
		self->upstream->active--;
	}
	self->upstream = NULL;
}

/* ---- the way up ---- */

static bool choose(struct relay *self)
{
	struct upstream *u = upstream_choose(self->proxy, self->request, self->tried);

	if (!u)
		return false;
	self->upstream = u;
	u->active++;
	u->requests++;
	self->tries++;
	self->stream = u->announced ? NULL : upstream_take(u);
	self->reused = self->stream != NULL;
	self->sent = false;
	return true;
}

static struct reed_future *dial(struct relay *self)
{
	const struct reed_http_proxy_options *o = &self->proxy->options;
	const char *endpoint = self->upstream->dialled;

	self->upstream->connections++;
	if (o->dial)
		return o->dial(o->dial_arg, self->co.loop, endpoint, &self->stream);
	return reed_dial(self->co.loop, endpoint, &self->stream);
}

static void announce(struct relay *self)
{
	struct reed_proxy_facts told = REED_PROXY_FACTS;
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	reed_http_facts(self->request, &facts);
	told.source = facts.peer;
	told.destination = facts.local;
	if (reed_proxy_write(self->stream, &told))
		reed_proxy_write(self->stream, NULL); /* of two families: nobody's, then */
}

static bool wants_upgrade(const struct reed_http_head *h)
{
	return h->has_upgrade && !http_is_old(h) && h->framing == REED_HTTP_NO_BODY &&
	       h->upgrade.n > 0;
}

static void send(struct relay *self)
{
	struct reed_http_request *r = self->request;
	struct forwarding how = { .trust = &self->proxy->trust,
		                  .name = self->proxy->name,
		                  .host = self->proxy->host,
		                  .anonymous = self->proxy->anonymous,
		                  .upgrade = wants_upgrade(&r->head) };
	struct reed_buf out = { .limit = 0 };

	if (self->upstream->announced)
		announce(self);
	reed_buf_reserve(&out, 1024);
	reed_buf_add(&out, r->head.method_name);
	reed_buf_add(&out, REED_STR(" "));
	reed_buf_add(&out, self->target);
	reed_buf_add(&out, REED_STR(" HTTP/1.1\r\n"));
	forward_fields(r, &how, &out);
	reed_write(self->stream, reed_buf_slice(&out));
	reed_buf_finish(&out);
	self->sent = true;
	self->asked = reed_now(self->co.loop);
	self->scanned = 0;
	if (!self->head.fields)
		self->head.fields =
			reed_pool_alloc(&r->pool, self->proxy->wire.fields * sizeof(*r->fields));
	self->upload = (struct upload){ .request = r,
		                        .to = self->stream,
		                        .silent_ms = self->proxy->options.silent_ms };
	upload_begin(&self->upload,
	             r->head.framing == REED_HTTP_CHUNKED ? &upload_chunked : &upload_plain);
}

/* ---- the way back ---- */

/* RFC 9110 15.2: interim answers go on, but 100, which is between us and the upstream. */
static void pass_interim(struct relay *self)
{
	struct reed_http_request *r = self->request;
	struct http_out_fields saved = r->added;

	if (self->head.status == 100 || http_is_old(&r->head))
		return;
	r->added = (struct http_out_fields){ .end = &r->added.first };
	for (unsigned i = 0; i < self->head.count; i++)
		if (!hop_by_hop(self->head.fields, self->head.count, self->head.fields[i].name))
			http_add_known(r, self->head.fields[i].name, self->head.fields[i].value);
	reed_http_early(r, self->head.status);
	r->added = saved;
	if (!r->added.first)
		r->added.end = &r->added.first;
}

static enum reed_err take_head(struct relay *self)
{
	enum reed_err err;

	for (;;) {
		self->head.room = self->proxy->wire.fields;
		err = reed_http_parse_response(reed_peek(self->stream), self->request->head.method,
		                               &self->proxy->wire, &self->head, &self->scanned,
		                               &self->used);
		if (err || self->head.status >= 200)
			return err;
		if (self->head.status == 101)
			return wants_upgrade(&self->request->head) ? REED_OK : REED_EPROTO;
		if (++self->interims > INTERIM)
			return REED_ETOOBIG;
		pass_interim(self);
		reed_skip(self->stream, self->used);
		self->scanned = 0;
	}
}

static bool is_idempotent(const struct reed_http_head *h)
{
	return h->method != REED_HTTP_POST && h->method != REED_HTTP_PATCH &&
	       h->method != REED_HTTP_OTHER;
}

/* It has been sent and may have been heard; or there was not even a connection. */
static bool may_try_again(const struct relay *self)
{
	if (self->tries >= self->proxy->options.tries || self->upload.touched || self->interims)
		return false;
	if (!self->sent)
		return true;
	return is_idempotent(&self->request->head) && self->err != REED_ETIMEDOUT &&
	       reed_peek(self->stream).n == 0;
}

static const char *why_not(struct relay *self, enum reed_err waited)
{
	if (waited)
		return reed_co_why(&self->co);
	if (self->head.status == 101)
		return "an upgrade that nobody has asked for";
	return self->head.why ? self->head.why : "too many interim answers";
}

static enum upstream_failure failure_of(const struct relay *self)
{
	if (self->err == REED_ETIMEDOUT)
		return UPSTREAM_TIMEOUT;
	if (!self->sent)
		return UPSTREAM_CONNECT;
	return self->err == REED_ESYNTAX || self->err == REED_EPROTO || self->err == REED_ETOOBIG
	               ? UPSTREAM_PROTOCOL
	               : UPSTREAM_CLOSED;
}

/*
 * True: to be tried again.  A connection that was kept too long says nothing of
 * its upstream, but much of the others kept.
 */
static bool fail(struct relay *self)
{
	bool again = may_try_again(self), stale = self->reused && self->err != REED_ETIMEDOUT;

	tell_log(self, why_not(self, self->co.err));
	if (self->upload.err) { /* it was the client */
		again = false;
	} else if (stale) {
		upstream_forget(self->upstream);
	} else {
		upstream_failed(self->upstream, failure_of(self));
		self->tried |= (uint64_t)1 << (self->upstream - self->proxy->upstreams);
	}
	let_go(self);
	return again;
}

static bool is_events(const struct reed_http_head *head)
{
	struct reed_slice type = reed_http_field(head->fields, head->count, "content-type", 0);

	return reed_slice_is_nocase(reed_slice_trim(reed_slice_cut(&type, ';')),
	                            "text/event-stream");
}

/* What HEAD would have had, and 304 has not. */
static int64_t length_of(const struct reed_http_head *head)
{
	struct reed_slice text = reed_http_field(head->fields, head->count, "content-length", 0);
	uint64_t n = 0;

	if (head->framing == REED_HTTP_LENGTH)
		return (int64_t)head->length;
	if (text.p && !reed_slice_u64(text, INT64_MAX, &n))
		return (int64_t)n;
	return -1;
}

static void pass_trailers(struct relay *self)
{
	struct reed_http_request *r = self->request;
	struct reed_http_field fields[32];
	unsigned n = 0;

	if (self->body.chunks.trailer.n == 0 ||
	    !reed_http_list_has(reed_http_header(r, "te"), "trailers") ||
	    reed_http_parse_fields(self->body.chunks.trailer, fields, REED_COUNT(fields), &n))
		return;
	for (unsigned i = 0; i < n; i++) {
		char *name = reed_pool_strdup(&r->pool, fields[i].name);

		if (!hop_by_hop(NULL, 0, fields[i].name))
			reed_http_add_trailer(r, name, fields[i].value);
	}
}

/* The connection is good for another only if both have said all that they had to say. */
static void part(struct relay *self)
{
	const struct reed_http_head *h = &self->head;
	bool reusable = !h->close && (h->minor > 0 || h->keep_alive) &&
	                h->framing != REED_HTTP_UNTIL_CLOSE && !upload_goes_on(&self->upload) &&
	                !self->upload.err && !self->upstream->announced &&
	                reed_peek(self->stream).n == 0;

	if (!reusable)
		return;
	upstream_put(self->upstream, self->stream);
	self->stream = NULL;
}

static enum reed_err take_piece(struct relay *self)
{
	enum reed_err err = answer_body_piece(&self->body, &self->piece);

	if (err == REED_EEOF) {
		pass_trailers(self);
		self->over = true;
		return REED_OK;
	}
	if (err == REED_OK) {
		self->came += self->piece.n;
		reed_http_write(self->request, self->piece);
	}
	return err;
}

static int64_t patience(const struct relay *self)
{
	return self->events ? self->proxy->options.tunnel_ms : self->proxy->options.silent_ms;
}

/* It fails in the midst of its answer. */
static void cut(struct relay *self)
{
	upstream_failed(self->upstream, failure_of(self));
	if (self->body.chunks.why)
		tell_log(self, self->body.chunks.why);
	else
		tell_log(self, self->err == REED_EEOF ? "it closed in the midst of its answer"
		                                      : reed_co_why(&self->co));
}

static void upgrade(struct relay *self)
{
	struct reed_http_request *r = self->request;
	struct reed_slice to = reed_http_field(self->head.fields, self->head.count, "upgrade", 0);
	char *protocol = reed_pool_strdup(&r->pool, to);

	self->err = reed_http_upgrade(r, protocol, &self->client);
	if (!self->err)
		reed_skip(self->stream, self->used);
}

static void begin_body(struct relay *self)
{
	struct reed_http_request *r = self->request;

	upstream_cookie(self->upstream, r);
	self->events = is_events(&self->head);
	reed_http_begin(r, self->head.status, NULL, length_of(&self->head));
	answer_body_init(&self->body, self->stream, &self->head, &self->proxy->wire);
	reed_skip(self->stream, self->used);
}

static void begin_answer(struct relay *self)
{
	upstream_well(self->upstream);
	upstream_answered(self->upstream, reed_now(self->co.loop) - self->asked);
	return_fields(self->request, &self->head, self->proxy->name);
	if (self->head.status == 101)
		upgrade(self);
	else
		begin_body(self);
}

/* Connected, or not. */
static void begin(struct relay *self)
{
	self->err = self->co.err;
	if (!self->err)
		send(self);
}

static bool wants_more_head(struct relay *self)
{
	if (!self->err)
		self->err = take_head(self);
	return self->err == REED_EAGAIN;
}

static void waited_for_head(struct relay *self)
{
	if (self->co.err != REED_ETIMEDOUT ||
	    !upload_excuses(&self->upload, self->proxy->options.first_ms))
		self->err = self->co.err;
	else
		self->err = REED_OK;
}

/* What the client is told when there is no answer. */
static enum reed_err refuse(struct relay *self)
{
	if (self->upload.err)
		return self->upload.err;
	reed_http_fail(self->request, self->tries ? relay_status(self->err) : 503, NULL);
	return REED_OK;
}

/* With REED_OK the client has to take some of it first. */
static bool wants_more_body(struct relay *self)
{
	while (!self->err && !self->over) {
		self->err = take_piece(self);
		if (self->err == REED_EAGAIN || (!self->err && reed_http_must_drain(self->request)))
			return true;
	}
	return false;
}

static void waited_for_body(struct relay *self)
{
	self->err = self->co.err;
	if (self->err == REED_EEOF && self->head.framing == REED_HTTP_UNTIL_CLOSE) {
		self->over = true; /* RFC 9112 8: the end of the connection is that of the body */
		self->err = REED_OK;
	}
}

/* The answer has gone, all of it or as much as came. */
static enum reed_err end(struct relay *self)
{
	if (self->client) {
		self->over = true;
		return REED_OK;
	}
	if (self->err) {
		cut(self);
		return REED_EIO;
	}
	reed_http_end(self->request);
	part(self);
	return REED_OK;
}

static void relay_run(struct reed_co *co)
{
	struct relay *self = reed_frame(co, struct relay);

	reed_coroutine (co) {
		do {
			co->err = REED_OK;
			if (!choose(self))
				reed_return(co, refuse(self));
			if (!self->stream)
				reed_await(co, reed_within(self->proxy->options.connect_ms,
				                           dial(self)));
			begin(self);
			while (wants_more_head(self)) {
				reed_await(co, reed_within(self->proxy->options.first_ms,
				                           reed_more(self->stream)));
				waited_for_head(self);
			}
		} while (self->err && fail(self));
		if (!self->err)
			begin_answer(self);
		if (self->err)
			reed_return(co, refuse(self));
		if (self->client)
			reed_try(co, reed_stream_join(self->client, self->stream,
			                              self->proxy->options.tunnel_ms));
		while (!self->client && wants_more_body(self)) {
			if (self->err == REED_OK)
				reed_try(co, reed_http_drain(self->request));
			else
				reed_await(co,
				           reed_within(patience(self), reed_more(self->stream)));
			waited_for_body(self);
		}
		reed_return(co, end(self));
	}
}

/* A tunnel that has come to its end says goodbye both ways. */
static void relay_end(struct reed_co *co)
{
	struct relay *self = reed_frame(co, struct relay);

	if (self->over && !upload_goes_on(&self->upload)) {
		reed_close(self->client);
		reed_close(self->stream);
		self->client = self->stream = NULL;
	}
	if (self->client)
		reed_abort(self->client);
	let_go(self);
}

static const struct reed_co_kind relay_kind = { "relay", sizeof(struct relay), relay_run, NULL,
	                                        relay_end };

struct reed_future *relay_start(struct reed_http_proxy *proxy, struct reed_http_request *r,
                                struct reed_slice target)
{
	struct relay *self = reed_co_new(r->loop, &relay_kind);

	self->proxy = proxy;
	self->request = r;
	self->target = target;
	return reed_start(&self->co);
}
