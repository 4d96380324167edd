/* The client's side of a handshake (RFC 6455 4.1). */

#include "ask.h"

#include "reed/base64.h"
#include "reed/endpoint.h"

enum { FIELDS = 64 };

/* ---- URLs (RFC 6455 3) ---- */

struct url {
	bool secure;
	struct reed_slice authority, host, path;
	uint16_t port;
};

static bool split_host(struct url *url)
{
	struct reed_slice rest = url->authority;
	uint64_t port = url->secure ? 443 : 80;
	size_t end = reed_slice_find(rest, ':');

	if (rest.n > 0 && rest.p[0] == '[') {
		end = reed_slice_find(rest, ']');
		url->host = reed_slice_first(rest, end + 1);
		end++;
	} else {
		url->host = reed_slice_first(rest, end);
	}
	rest = reed_slice_from(rest, end + 1);
	if (rest.n > 0 && (reed_slice_u64(rest, 65535, &port) || port == 0))
		return false;
	url->port = (uint16_t)port;
	return url->host.n > 0;
}

bool ws_path_is_good(struct reed_slice path)
{
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] <= ' ' || path.p[i] > '~' || path.p[i] == '#')
			return false;
	return path.n == 0 || path.p[0] == '/' || path.p[0] == '?';
}

bool ws_host_is_good(struct reed_slice host)
{
	for (size_t i = 0; i < host.n; i++)
		if (host.p[i] <= ' ' || host.p[i] > '~' || strchr("/?#@\\\"<>", host.p[i]))
			return false;
	return host.n > 0;
}

static bool url_parse(struct reed_slice text, struct url *url)
{
	size_t end = 0;

	url->secure = reed_slice_starts(text, REED_STR("wss://"));
	if (!url->secure && !reed_slice_starts(text, REED_STR("ws://")))
		return false;
	text = reed_slice_from(text, url->secure ? 6 : 5);
	while (end < text.n && text.p[end] != '/' && text.p[end] != '?')
		end++;
	url->authority = reed_slice_first(text, end);
	url->path = reed_slice_from(text, end);
	return ws_host_is_good(url->authority) && ws_path_is_good(url->path) && split_host(url);
}

/* ---- the request ---- */

struct asking {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_ws_options options;
	char *endpoint; /* to be dialled first; NULL: the stream is there */
	char *protocols;
	struct reed_buf request;
	struct reed_http_field *fields;
	struct reed_http_head head;
	size_t scanned, used;
	int64_t until;
	char accept[WS_ACCEPT + 1];
	struct ws_agreed agreed;
	const char *why;
	struct reed_ws *ws, **out;
};

static void add_key(struct asking *self)
{
	unsigned char nonce[16];
	char key[REED_BASE64_ROOM(sizeof(nonce))];

	reed_random_bytes(self->co.loop, nonce, sizeof(nonce));
	reed_base64(reed_slice(nonce, sizeof(nonce)), key);
	ws_accept_of(reed_slice_of(key), self->accept);
	reed_buf_printf(&self->request, "Sec-WebSocket-Key: %s\r\n", key);
}

static void compose(struct asking *self, struct reed_slice host, struct reed_slice path)
{
	struct reed_buf *out = &self->request;
	const struct reed_ws_options *o = &self->options;
	bool slash = path.n == 0 || path.p[0] != '/';

	reed_buf_printf(out, "GET %s" REED_FMT " HTTP/1.1\r\nHost: " REED_FMT "\r\n",
	                slash ? "/" : "", REED_ARG(path), REED_ARG(host));
	reed_buf_add_str(out, "Upgrade: websocket\r\nConnection: Upgrade\r\n"
	                      "Sec-WebSocket-Version: 13\r\n");
	add_key(self);
	if (o->origin)
		reed_buf_printf(out, "Origin: %s\r\n", o->origin);
	if (o->protocols)
		reed_buf_printf(out, "Sec-WebSocket-Protocol: %s\r\n", o->protocols);
	if (!o->plain)
		reed_buf_printf(out, "Sec-WebSocket-Extensions: %s\r\n",
		                ws_extension_offer(o->takeover));
	for (size_t i = 0; i < o->field_count; i++)
		reed_buf_printf(out, REED_FMT ": " REED_FMT "\r\n", REED_ARG(o->fields[i].name),
		                REED_ARG(o->fields[i].value));
	reed_buf_add_str(out, "\r\n");
}

/* ---- the answer ---- */

static struct reed_slice field(const struct asking *self, const char *name)
{
	return reed_http_field(self->head.fields, self->head.count, name, 0);
}

static const char *judge_extensions(struct asking *self)
{
	struct reed_buf list = { .limit = 0 };
	struct reed_slice answer =
		ws_join(self->head.fields, self->head.count, "Sec-WebSocket-Extensions", &list);
	bool bad = answer.n > 0 && self->options.plain;

	bad |= ws_extension_chosen(answer, self->options.takeover, &self->agreed) != REED_OK;
	reed_buf_finish(&list);
	return bad ? "it wants an extension that was not offered" : NULL;
}

/* RFC 6455 4.1, what a client has to check. */
static const char *judge(struct asking *self)
{
	struct reed_slice protocol = field(self, "Sec-WebSocket-Protocol");

	if (!self->head.has_upgrade || !reed_slice_is_nocase(self->head.upgrade, "websocket"))
		return "it upgraded to something else";
	if (!reed_slice_is(field(self, "Sec-WebSocket-Accept"), self->accept))
		return "its Sec-WebSocket-Accept is wrong";
	if (protocol.p && !ws_choose_protocol(self->protocols, protocol).n)
		return "it wants a subprotocol that was not asked for";
	return judge_extensions(self);
}

/* REED_EAGAIN: more has to come. */
static enum reed_err take_answer(struct asking *self)
{
	enum reed_err err;

	self->head.fields = self->fields;
	self->head.room = FIELDS;
	do {
		err = reed_http_parse_response(reed_peek(self->stream), REED_HTTP_GET, NULL,
		                               &self->head, &self->scanned, &self->used);
		if (err == REED_EAGAIN)
			return err;
		self->why = err ? self->head.why : NULL;
		if (err || self->head.status == 101 || self->head.status >= 200)
			break;
		reed_skip(self->stream, self->used); /* 103 and the like */
		self->scanned = 0;
	} while (!err);
	if (!self->why && self->head.status == 101)
		self->why = judge(self);
	return self->why || self->head.status != 101 ? REED_EPROTO : REED_OK;
}

static struct reed_future *refusal(struct asking *self)
{
	if (self->why)
		return reed_failed(self->co.loop, REED_EPROTO, "the server is no WebSocket: %s",
		                   self->why);
	return reed_failed(self->co.loop, REED_EPROTO,
	                   "the server answered %u " REED_FMT " in place of a WebSocket",
	                   self->head.status, REED_ARG(self->head.reason));
}

static void make(struct asking *self)
{
	self->ws = ws_new(self->stream, &self->options, true, &self->agreed,
	                  field(self, "Sec-WebSocket-Protocol"));
	reed_skip(self->stream, self->used);
	reed_stream_hand_on(self->stream);
	self->stream = NULL;
}

static int64_t left(const struct asking *self)
{
	int64_t ns = self->until - reed_now(self->co.loop);

	return ns > 0 ? (ns + 999999) / 1000000 : 0;
}

static void asking_run(struct reed_co *co)
{
	struct asking *self = reed_frame(co, struct asking);
	enum reed_err err;

	reed_coroutine (co) {
		self->until = reed_now(co->loop) + REED_MS((int64_t)self->options.handshake_ms);
		if (self->endpoint)
			reed_try(co, reed_within(left(self), reed_dial(co->loop, self->endpoint,
			                                               &self->stream)));
		reed_write(self->stream, reed_buf_slice(&self->request));
		while ((err = take_answer(self)) == REED_EAGAIN) {
			reed_await(co, reed_within(left(self), reed_more(self->stream)));
			if (co->err)
				reed_return(co, reed_because(co, co->err,
				                             "the WebSocket did not open"));
		}
		if (err)
			reed_try(co, refusal(self));
		make(self);
	}
}

static void asking_deliver(struct reed_co *co)
{
	struct asking *self = reed_frame(co, struct asking);

	*self->out = self->ws;
	self->ws = NULL;
}

static void asking_end(struct reed_co *co)
{
	struct asking *self = reed_frame(co, struct asking);

	reed_ws_close(self->ws);
	reed_close(self->stream);
	reed_buf_finish(&self->request);
	reed_free(self->fields);
	reed_free(self->endpoint);
	reed_free(self->protocols);
}

static const struct reed_co_kind asking_kind = { "ask for a WebSocket", sizeof(struct asking),
	                                         asking_run, asking_deliver, asking_end };

static const char *what_is_wrong(const struct reed_ws_options *o)
{
	for (size_t i = 0; i < o->field_count; i++)
		if (!reed_http_is_token(o->fields[i].name) ||
		    !reed_http_is_value(o->fields[i].value))
			return "a field is not a token and a value";
	if (o->origin && !reed_http_is_value(reed_slice_of(o->origin)))
		return "the origin is no value of a field";
	if (o->protocols && !reed_http_is_value(reed_slice_of(o->protocols)))
		return "subprotocols are no value of a field";
	return NULL;
}

static struct asking *asking_new(struct reed_loop *loop, const struct reed_ws_options *options,
                                 struct reed_slice host, struct reed_slice path,
                                 struct reed_ws **ws)
{
	struct asking *self = reed_co_new(loop, &asking_kind);

	self->options = ws_options(options);
	self->protocols = reed_strdup(self->options.protocols);
	self->fields = reed_alloc(FIELDS * sizeof(*self->fields));
	self->out = ws;
	compose(self, host, path);
	return self;
}

struct reed_future *reed_ws_ask(struct reed_stream *stream, const char *host, const char *path,
                                const struct reed_ws_options *options, struct reed_ws **ws)
{
	struct reed_loop *loop = stream->loop;
	struct reed_ws_options o = ws_options(options);
	const char *why = what_is_wrong(&o);
	struct asking *self;

	if (!why && !ws_host_is_good(reed_slice_of(host)))
		why = "that is no host";
	if (!why && !ws_path_is_good(reed_slice_of(path)))
		why = "a path begins with / and has no spaces";
	if (why) {
		reed_close(stream);
		return reed_failed(loop, REED_ESYNTAX, "%s", why);
	}
	self = asking_new(loop, options, reed_slice_of(host), reed_slice_of(path), ws);
	self->stream = stream;
	return reed_start(&self->co);
}

struct reed_future *reed_ws_dial(struct reed_loop *loop, const char *text,
                                 const struct reed_ws_options *options, struct reed_ws **ws)
{
	struct reed_ws_options o = ws_options(options);
	const char *why = what_is_wrong(&o);
	struct asking *self;
	struct url url;

	if (!url_parse(reed_slice_of(text), &url))
		why = "a WebSocket's URL is ws://HOST/PATH or wss://HOST/PATH";
	if (why)
		return reed_failed(loop, REED_ESYNTAX, "%s: %s", text, why);
	self = asking_new(loop, options, url.authority, url.path, ws);
	self->endpoint = reed_sprintf("%s:" REED_FMT ":%u", url.secure ? "tls" : "tcp",
	                              REED_ARG(url.host), url.port);
	return reed_start(&self->co);
}
