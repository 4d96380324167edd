/* One request on its way to an upstream, and its answer on the way back. */

#include "relay.h"

#include "reed/log.h"
#include "reed/proxy.h"

enum { INTERIM = 16, VIAS = 16 };

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
	bool reused, events, over; /* over: the answer is whole */
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
	return h->has_upgrade && h->minor > 0 && h->framing == REED_HTTP_NO_BODY &&
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
	reed_buf_printf(&out, REED_FMT " " REED_FMT " HTTP/1.1\r\n", REED_ARG(r->head.method_name),
	                REED_ARG(self->target));
	forward_fields(r, &how, &out);
	reed_write(self->stream, reed_buf_slice(&out));
	reed_buf_finish(&out);
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

	if (self->head.status == 100 || r->head.minor == 0)
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

/* An answer is waited for from the end of the request on; before that the upload looks after it. */
static bool may_wait_on(const struct relay *self)
{
	int64_t first = REED_MS((int64_t)self->proxy->options.first_ms);

	return self->upload.begun && (upload_goes_on(&self->upload) ||
	                              reed_now(self->co.loop) - self->upload.ended < first);
}

static bool is_idempotent(const struct reed_http_head *h)
{
	return h->method != REED_HTTP_POST && h->method != REED_HTTP_PATCH &&
	       h->method != REED_HTTP_OTHER;
}

/* It has been sent and may have been heard; or there was not even a connection. */
static bool may_try_again(const struct relay *self, bool sent)
{
	if (self->tries >= self->proxy->options.tries || self->upload.touched || self->interims)
		return false;
	if (!sent)
		return true;
	return is_idempotent(&self->request->head) && self->err != REED_ETIMEDOUT &&
	       reed_peek(self->stream).n == 0;
}

/* A connection that was kept too long says nothing of its upstream, but much of the others kept. */
static bool fail(struct relay *self, bool sent, const char *why)
{
	bool again = may_try_again(self, sent), stale = self->reused && self->err != REED_ETIMEDOUT;

	tell_log(self, why);
	if (self->upload.err) { /* it was the client */
		let_go(self);
		return false;
	}
	if (stale) {
		upstream_forget(self->upstream);
	} else {
		upstream_failed(self->upstream);
		self->tried |= (uint64_t)1 << (self->upstream - self->proxy->upstreams);
	}
	let_go(self);
	return again;
}

static const char *why_not(struct relay *self, enum reed_err waited)
{
	if (waited)
		return reed_co_why(&self->co);
	if (self->head.status == 101)
		return "an upgrade that nobody has asked for";
	return self->head.why ? self->head.why : "too many interim answers";
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

static void begin_answer(struct relay *self)
{
	struct reed_http_request *r = self->request;

	upstream_well(self->upstream);
	return_fields(r, &self->head, self->proxy->name);
	upstream_cookie(self->upstream, r);
	self->events = is_events(&self->head);
	reed_http_begin(r, self->head.status, NULL, length_of(&self->head));
	answer_body_init(&self->body, self->stream, &self->head, &self->proxy->wire);
	reed_skip(self->stream, self->used);
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

/* RFC 9112 8: without a length the end of the connection is that of the body. */
static enum reed_err cut(struct relay *self, enum reed_err err)
{
	if (err == REED_EEOF && self->head.framing == REED_HTTP_UNTIL_CLOSE) {
		self->over = true;
		return REED_OK;
	}
	self->err = err;
	upstream_failed(self->upstream);
	if (self->body.chunks.why)
		tell_log(self, self->body.chunks.why);
	else
		tell_log(self, err == REED_EEOF ? "it closed in the midst of its answer"
		                                : reed_co_why(&self->co));
	return err;
}

static enum reed_err upgrade(struct relay *self)
{
	struct reed_http_request *r = self->request;
	struct reed_slice to = reed_http_field(self->head.fields, self->head.count, "upgrade", 0);
	char *protocol = reed_pool_strdup(&r->pool, to);
	enum reed_err err;

	upstream_well(self->upstream);
	return_fields(r, &self->head, self->proxy->name);
	err = reed_http_upgrade(r, protocol, &self->client);
	if (!err)
		reed_skip(self->stream, self->used);
	return err;
}

static void relay_run(struct reed_co *co)
{
	struct relay *self = reed_frame(co, struct relay);

	reed_coroutine (co) {
again:
		co->err = REED_OK;
		if (!choose(self)) {
			reed_http_fail(self->request, self->tries ? relay_status(self->err) : 503,
			               NULL);
			reed_return(co, REED_OK);
		}
		if (!self->stream) {
			reed_await(co, reed_within(self->proxy->options.connect_ms, dial(self)));
			self->err = co->err;
			if (co->err && fail(self, false, reed_co_why(co)))
				goto again;
			if (co->err)
				goto sorry;
		}
		send(self);
		while ((self->err = take_head(self)) == REED_EAGAIN) {
			reed_await(co, reed_within(self->proxy->options.first_ms,
			                           reed_more(self->stream)));
			if (co->err == REED_ETIMEDOUT && may_wait_on(self))
				continue;
			self->err = co->err;
			if (co->err)
				break;
		}
		if (self->err && fail(self, true, why_not(self, co->err)))
			goto again;
		if (self->err)
			goto sorry;
		if (self->head.status == 101) {
			if (upgrade(self))
				goto sorry;
			reed_try(co, tunnel(self->client, self->stream,
			                    self->proxy->options.tunnel_ms));
			self->over = true;
			reed_return(co, REED_OK);
		}
		begin_answer(self);
		while ((self->err = take_piece(self)) != REED_EEOF) {
			if (self->err == REED_OK && reed_http_must_drain(self->request))
				reed_try(co, reed_http_drain(self->request));
			if (self->err == REED_OK)
				continue;
			if (self->err == REED_EAGAIN)
				reed_await(co,
				           reed_within(patience(self), reed_more(self->stream)));
			else
				co->err = self->err;
			if (co->err && cut(self, co->err))
				reed_return(co, REED_EIO);
			if (co->err)
				break;
		}
		reed_http_end(self->request);
		part(self);
		reed_return(co, REED_OK);
sorry:
		if (self->upload.err)
			reed_return(co, self->upload.err);
		reed_http_fail(self->request, relay_status(self->err), NULL);
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

/* ---- what never goes up ---- */

/* Somebody proxies to himself. */
static bool goes_in_circles(const struct reed_http_head *h)
{
	unsigned n = 0;

	for (unsigned i = 0; i < h->count; i++) {
		struct reed_slice list = h->fields[i].value, member;

		if (!reed_slice_is_nocase(h->fields[i].name, "via"))
			continue;
		while (reed_http_list_next(&list, &member))
			n++;
	}
	return n >= VIAS;
}

/* TRACE would show to scripts what only servers should see. */
static unsigned refused(const struct reed_http_proxy *p, const struct reed_http_head *h)
{
	struct reed_slice hops = reed_http_field(h->fields, h->count, "max-forwards", 0);

	if (h->method == REED_HTTP_CONNECT || h->method == REED_HTTP_TRACE)
		return 405;
	if (h->framing == REED_HTTP_LENGTH && h->length > p->options.body)
		return 413;
	if (h->method == REED_HTTP_OPTIONS && reed_slice_is(hops, "0"))
		return 204; /* RFC 9110 7.6.2 */
	return goes_in_circles(h) ? 508 : 0;
}

static struct reed_slice own_target(struct reed_http_request *r)
{
	const struct reed_http_head *h = &r->head;
	struct reed_slice target;
	char *text;

	if (h->form != REED_HTTP_ABSOLUTE)
		return h->target;
	text = reed_sprintf("%s" REED_FMT "%s" REED_FMT, h->path.n > 0 ? "" : "/",
	                    REED_ARG(h->path), h->query.n > 0 ? "?" : "", REED_ARG(h->query));
	target = reed_pool_copy(&r->pool, reed_slice_of(text));

	reed_free(text);
	return target;
}

struct reed_future *reed_http_proxy_answer(struct reed_http_proxy *proxy,
                                           struct reed_http_request *r, struct reed_slice target)
{
	unsigned status = refused(proxy, &r->head);
	struct relay *self;

	if (status == 204)
		reed_http_respond(r, 204, NULL, REED_STR(""));
	else if (status)
		reed_http_fail(r, status, NULL);
	if (status)
		return NULL;
	reed_http_body_limit(r, proxy->options.body);
	self = reed_co_new(r->loop, &relay_kind);
	self->proxy = proxy;
	self->request = r;
	self->target = target.n > 0 ? reed_pool_copy(&r->pool, target) : own_target(r);
	return reed_start(&self->co);
}

struct reed_future *reed_http_proxy_handler(void *proxy, struct reed_http_request *r)
{
	return reed_http_proxy_answer(proxy, r, REED_STR(""));
}
