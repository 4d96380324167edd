/* One request on its way to an upstream, and its answer on the way back. */

#include "proxy_relay.h"

#include "reed/log.h"

enum { INTERIM = 16 };

/* ---- what is told, and to whom ---- */

static void tell_log(struct relay *self, const char *why)
{
	const struct reed_http_head *h = &self->request->head;

	reed_log(self->co.loop, REED_LOG_WARN,
	         "%s upstream=%s method=%.*s target=%.*s host=%.*s attempt=%u "
	         "reused=%d bytes=%llu error=%s why=%s",
	         self->upload.err ? "a body did not come" : "an upstream failed",
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
	reed_unlock(&self->turn);
	if (self->stream)
		reed_abort(self->stream);
	self->stream = NULL;
	ask_free(self->ask);
	self->ask = NULL;
	if (self->upstream) {
		upstream_left(self->upstream);
		self->upstream->active--;
	}
	self->upstream = NULL;
}

/* ---- the way back ---- */

/* RFC 9110 15.2: interim answers go on, but 100, which is between us and the upstream. */
static enum reed_err pass_interim(struct relay *self, const struct reed_http_head *head)
{
	struct reed_http_request *r = self->request;
	struct http_out_fields saved = r->added;

	if (++self->interims > INTERIM)
		return REED_ETOOBIG;
	if (head->status == 100 || http_is_old(&r->head))
		return REED_OK;
	r->added = (struct http_out_fields){ .end = &r->added.first };
	for (unsigned i = 0; i < head->count; i++)
		if (!hop_by_hop(head->fields, head->count, head->fields[i].name))
			http_add_known(r, head->fields[i].name, head->fields[i].value);
	reed_http_early(r, head->status);
	r->added = saved;
	if (!r->added.first)
		r->added.end = &r->added.first;
	return REED_OK;
}

void relay_interim(void *arg, const struct reed_http_head *head)
{
	struct relay *self = arg;
	enum reed_err err = pass_interim(self, head);

	if (err)
		ask_break(self->ask, err);
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
			return relay_wants_upgrade(&self->request->head) ? REED_OK : REED_EPROTO;
		err = pass_interim(self, &self->head);
		if (err)
			return err;
		reed_skip(self->stream, self->used);
		self->scanned = 0;
	}
}

static enum reed_err take_head_2(struct relay *self)
{
	enum reed_err err = ask_head(self->ask);

	if (!err)
		self->head = self->ask->head;
	return err;
}

static struct reed_future *more(struct relay *self)
{
	return self->ask ? ask_more(self->ask) : reed_more(self->stream);
}

/* RFC 9113 8.7: it says so itself. */
static bool is_unheard(const struct relay *self)
{
	return self->ask && self->ask->unheard;
}

static bool says_nothing(const struct relay *self)
{
	return self->ask ? !self->ask->has_head : reed_peek(self->stream).n == 0;
}

/* It has been sent and may have been heard; or there was not even a connection. */
static bool may_try_again(const struct relay *self)
{
	if (self->tries >= self->proxy->options.tries || self->upload.touched || self->interims)
		return false;
	if (!self->sent || is_unheard(self))
		return true;
	return is_idempotent(self->request->head.method) && self->err != REED_ETIMEDOUT &&
	       says_nothing(self);
}

static const char *why_not(struct relay *self, enum reed_err waited)
{
	if (waited)
		return reed_co_why(&self->co);
	if (self->ask)
		return ask_why(self->ask);
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

/* A connection that has died without a word takes no others along. */
static void doubt(struct relay *self)
{
	if (self->ask && self->ask->of && self->err == REED_ETIMEDOUT && !self->upload.err)
		second_doubt(self->ask->of);
}

static bool is_stale(const struct relay *self)
{
	if (!self->reused || self->err == REED_ETIMEDOUT)
		return false;
	return !self->ask || (self->ask->lost && self->err != REED_EPROTO);
}

/*
 * True: to be tried again.  A connection that was kept too long says nothing of
 * its upstream, but much of the others kept.
 */
static bool fail(struct relay *self)
{
	bool again = may_try_again(self);
	bool stale = is_stale(self) || (is_unheard(self) && again);

	doubt(self);
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
	struct reed_http_field own[32], *fields = own;
	unsigned n = 0;

	if (!reed_http_list_has(reed_http_header(r, "te"), "trailers"))
		return;
	if (self->ask) {
		fields = self->ask->trailers;
		n = self->ask->trailer_count;
	} else if (reed_http_parse_fields(self->body.chunks.trailer, own, REED_COUNT(own), &n)) {
		return;
	}
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
	bool reusable = self->stream && !h->close && (h->minor > 0 || h->keep_alive) &&
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
	enum reed_err err = self->ask ? ask_piece(self->ask, &self->piece)
	                              : answer_body_piece(&self->body, &self->piece);

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
	doubt(self);
	if (self->body.chunks.why)
		tell_log(self, self->body.chunks.why);
	else if (self->ask && !self->co.err)
		tell_log(self, ask_why(self->ask));
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
	if (self->ask)
		return;
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
		relay_send(self);
	reed_unlock(&self->turn);
}

static bool wants_more_head(struct relay *self)
{
	if (!self->err)
		self->err = self->ask ? take_head_2(self) : take_head(self);
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
			if (!relay_choose(self))
				reed_return(co, refuse(self));
			if (!relay_is_connected(self))
				reed_await(co, reed_within(self->proxy->options.connect_ms,
				                           relay_dial(self)));
			begin(self);
			while (wants_more_head(self)) {
				reed_await(co,
				           reed_within(self->proxy->options.first_ms, more(self)));
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
				reed_await(co, reed_within(patience(self), more(self)));
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
