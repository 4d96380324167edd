/* The schemes ws and wss: any protocol over WebSockets. */

#include "ask.h"

/* What a client may ask for when nobody says otherwise. */
static const char usual_protocols[] = "text.ircv3.net, binary.ircv3.net, binary";

static char *key_text(const struct reed_endpoint *e, const char *key)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, key);

	return part ? reed_slice_dup(part->value) : NULL;
}

static bool is_secure(const struct reed_endpoint *e)
{
	return reed_slice_is(e->scheme, "wss");
}

/* wss://example.org/chat, of which the rest of a port stands behind a colon */
static bool is_url(const struct reed_endpoint *e)
{
	return !e->args[0].nested && reed_slice_starts(e->args[0].value, REED_STR("//"));
}

static bool is_nested(const struct reed_endpoint *e)
{
	return e->args[0].nested && !reed_endpoint_arg(e, 1);
}

/* ---- what is below ---- */

static const char *const below_keys[] = { "cert",      "key",  "ca",       "client",    "alpn",
	                                  "name",      "pin",  "insecure", "interface", "backlog",
	                                  "reuseport", "bind", "timeout",  NULL };

static bool is_of_below(struct reed_slice key)
{
	for (const char *const *k = below_keys; *k; k++)
		if (reed_slice_is(key, *k))
			return true;
	return false;
}

static void add_quoted(struct reed_buf *out, struct reed_slice text)
{
	char *quoted = reed_endpoint_quote(text);

	reed_buf_add_str(out, quoted);
	reed_free(quoted);
}

static void add_keys(struct reed_buf *out, const struct reed_endpoint *e)
{
	for (unsigned i = 0; i < e->count; i++) {
		if (e->args[i].key.n == 0 || !is_of_below(e->args[i].key))
			continue;
		reed_buf_printf(out, ":" REED_FMT "=", REED_ARG(e->args[i].key));
		add_quoted(out, e->args[i].value);
	}
}

/* "//host", and "8443/chat" behind the colon: host and port; *path is what is left. */
static void add_url(struct reed_buf *out, const struct reed_endpoint *e, struct reed_slice *path)
{
	struct reed_slice host = reed_slice_from(e->args[0].value, 2), port = REED_STR("");

	*path = REED_STR("");
	if (reed_endpoint_arg(e, 1)) {
		port = reed_endpoint_arg(e, 1)->value;
		*path = reed_slice_from(port, reed_slice_find(port, '/'));
		port = reed_slice_first(port, port.n - path->n);
	} else {
		*path = reed_slice_from(host, reed_slice_find(host, '/'));
		host = reed_slice_first(host, host.n - path->n);
		port = is_secure(e) ? REED_STR("443") : REED_STR("80");
	}
	reed_buf_add_char(out, ':');
	add_quoted(out, host);
	reed_buf_add_char(out, ':');
	add_quoted(out, port);
}

/* "tls:8443:cert=..."; the caller frees it. */
static char *below_of(const struct reed_endpoint *e, struct reed_slice *path)
{
	struct reed_buf out = { .limit = 0 };

	*path = REED_STR("");
	if (is_nested(e) && !is_secure(e))
		return reed_slice_dup(e->args[0].value);
	reed_buf_add_str(&out, is_secure(e) ? "tls" : "tcp");
	if (is_nested(e)) {
		reed_buf_printf(&out, ":[" REED_FMT "]", REED_ARG(e->args[0].value));
	} else if (is_url(e)) {
		add_url(&out, e, path);
	} else {
		for (unsigned i = 0; i < e->count; i++) {
			if (e->args[i].key.n > 0)
				continue;
			reed_buf_add_char(&out, ':');
			if (e->args[i].nested) /* an IPv6 address */
				reed_buf_printf(&out, "[" REED_FMT "]", REED_ARG(e->args[i].value));
			else
				add_quoted(&out, e->args[i].value);
		}
	}
	add_keys(&out, e);
	return reed_buf_take(&out);
}

/* ---- checks ---- */

static enum reed_err take_form(const struct reed_endpoint *e, enum reed_ws_form *form,
                               struct reed_fault **fault)
{
	static const char *const names[] = { "bytes", "text", "binary" };
	const struct reed_endpoint_part *part = reed_endpoint_key(e, "form");

	*form = REED_WS_BYTES;
	for (unsigned i = 0; part && i < REED_COUNT(names); i++)
		if (reed_slice_is(part->value, names[i])) {
			*form = (enum reed_ws_form)i;
			return REED_OK;
		}
	if (!part)
		return REED_OK;
	*fault = reed_endpoint_fault(e, part, "bytes, text or binary must stand here");
	return REED_ESYNTAX;
}

static enum reed_err check_words(const struct reed_endpoint *e, struct reed_fault **fault)
{
	static const char *const lists[] = { "protocol", "origin" };
	const struct reed_endpoint_part *part = reed_endpoint_key(e, "path");

	if (part && (!ws_path_is_good(part->value) || part->value.n == 0)) {
		*fault = reed_endpoint_fault(e, part, "a path begins with / and has no spaces");
		return REED_ESYNTAX;
	}
	for (size_t i = 0; i < REED_COUNT(lists); i++) {
		part = reed_endpoint_key(e, lists[i]);
		if (!part || (part->value.n > 0 && reed_http_is_value(part->value)))
			continue;
		*fault = reed_endpoint_fault(e, part,
		                             "names with commas between them must stand here");
		return REED_ESYNTAX;
	}
	return REED_OK;
}

static enum reed_err check_below(const struct reed_endpoint *e, enum reed_endpoint_use use,
                                 struct reed_fault **fault)
{
	struct reed_fault *inner = NULL;
	struct reed_slice path;
	char *below = below_of(e, &path);
	enum reed_err err = reed_endpoint_check(reed_slice_of(below), use, &inner);

	if (err)
		*fault = reed_endpoint_fault(e, NULL, "what is below it: %s", inner->sentence);
	reed_fault_free(inner);
	reed_free(below);
	return err;
}

static enum reed_err check(const struct reed_endpoint *e, enum reed_endpoint_use use,
                           struct reed_fault **fault)
{
	enum reed_ws_form form;
	uint16_t port;

	if (take_form(e, &form, fault) || check_words(e, fault))
		return REED_ESYNTAX;
	if (is_nested(e) && !is_secure(e))
		return reed_endpoint_check_nested(e, &e->args[0], use, fault);
	if (is_url(e) && reed_endpoint_is_listening(use)) {
		*fault = reed_endpoint_fault(e, &e->args[0],
		                             "a port must stand here, as in ws:8080:path=/chat");
		return REED_ESYNTAX;
	}
	if (!is_nested(e) && !is_url(e) && !reed_endpoint_is_listening(use) &&
	    !reed_endpoint_arg(e, 1)) {
		*fault = reed_endpoint_fault(e, NULL,
		                             "a port is missing; write " REED_FMT
		                             ":HOST:PORT or " REED_FMT "://HOST/PATH",
		                             REED_ARG(e->scheme), REED_ARG(e->scheme));
		return REED_ESYNTAX;
	}
	if (!is_nested(e) && reed_endpoint_is_listening(use) &&
	    reed_endpoint_port(e, &e->args[0], &port, fault))
		return REED_ESYNTAX;
	return check_below(e, use, fault);
}

/* ---- listening ---- */

struct listen {
	struct reed_co co;
	char *below, *protocols, *origins, *path;
	struct reed_ws_options options;
	enum reed_ws_form form;
	struct reed_listener *listener, **out;
};

static void listen_run(struct reed_co *co)
{
	struct listen *self = reed_frame(co, struct listen);

	reed_coroutine (co) {
		reed_try(co, reed_listen(co->loop, self->below, &self->listener));
	}
}

static void listen_deliver(struct reed_co *co)
{
	struct listen *self = reed_frame(co, struct listen);

	*self->out = reed_ws_listener(self->listener, &self->options, self->form);
	self->listener = NULL;
}

static void listen_end(struct reed_co *co)
{
	struct listen *self = reed_frame(co, struct listen);

	reed_listener_close(self->listener);
	reed_free(self->below);
	reed_free(self->protocols);
	reed_free(self->origins);
	reed_free(self->path);
}

static const struct reed_co_kind listen_kind = { "websocket listen", sizeof(struct listen),
	                                         listen_run, listen_deliver, listen_end };

static struct reed_future *ws_listen(struct reed_loop *loop, const struct reed_endpoint *e,
                                     struct reed_listener **out)
{
	struct listen *self = reed_co_new(loop, &listen_kind);
	struct reed_fault *fault = NULL;
	struct reed_slice none;

	take_form(e, &self->form, &fault);
	reed_fault_free(fault);
	self->below = below_of(e, &none);
	self->protocols = key_text(e, "protocol");
	self->origins = key_text(e, "origin");
	self->path = key_text(e, "path");
	self->options = (struct reed_ws_options)REED_WS_OPTIONS;
	self->options.protocols = self->protocols ? self->protocols : usual_protocols;
	self->options.origins = self->origins;
	self->options.path = self->path;
	self->out = out;
	return reed_start(&self->co);
}

/* ---- dialling ---- */

struct dial {
	struct reed_co co;
	char *below, *host, *path, *protocols, *origin;
	struct reed_ws_options options;
	enum reed_ws_form form;
	struct reed_stream *stream, **out;
	struct reed_ws *ws;
};

static struct reed_future *ask(struct dial *self)
{
	struct reed_stream *stream = self->stream;

	self->stream = NULL;
	return reed_ws_ask(stream, self->host, self->path, &self->options, &self->ws);
}

static void make(struct dial *self)
{
	struct reed_slice protocol = reed_ws_protocol(self->ws);

	self->stream =
		reed_ws_stream(self->ws,
	                       self->form || !protocol.n ? self->form : reed_ws_form_of(protocol));
	self->ws = NULL;
}

static void dial_run(struct reed_co *co)
{
	struct dial *self = reed_frame(co, struct dial);

	reed_coroutine (co) {
		reed_try(co, reed_dial(co->loop, self->below, &self->stream));
		reed_try(co, ask(self));
		make(self);
	}
}

static void dial_deliver(struct reed_co *co)
{
	struct dial *self = reed_frame(co, struct dial);

	*self->out = self->stream;
	self->stream = NULL;
}

static void dial_end(struct reed_co *co)
{
	struct dial *self = reed_frame(co, struct dial);

	reed_close(self->stream);
	reed_ws_close(self->ws);
	reed_free(self->below);
	reed_free(self->host);
	reed_free(self->path);
	reed_free(self->protocols);
	reed_free(self->origin);
}

static const struct reed_co_kind dial_kind = { "websocket dial", sizeof(struct dial), dial_run,
	                                       dial_deliver, dial_end };

/* What the Host field says: the host that is dialled, with its port. */
static char *host_of(const char *below)
{
	struct reed_endpoint e;
	struct reed_fault *fault = NULL;
	const struct reed_endpoint_part *port;
	char *host = reed_endpoint_host(reed_slice_of(below)), *text;
	bool is_v6 = host && strchr(host, ':');

	port = reed_endpoint_parse(reed_slice_of(below), &e, &fault) ? NULL
	                                                             : reed_endpoint_arg(&e, 1);
	text = reed_sprintf("%s%s%s%s" REED_FMT, is_v6 ? "[" : "", host ? host : "localhost",
	                    is_v6 ? "]" : "", port ? ":" : "",
	                    REED_ARG(port ? port->value : REED_STR("")));
	reed_fault_free(fault);
	reed_endpoint_finish(&e);
	reed_free(host);
	return text;
}

static struct reed_future *ws_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                   struct reed_stream **out)
{
	struct dial *self = reed_co_new(loop, &dial_kind);
	struct reed_fault *fault = NULL;
	struct reed_slice path;

	take_form(e, &self->form, &fault);
	reed_fault_free(fault);
	self->below = below_of(e, &path);
	self->path = reed_endpoint_key(e, "path") ? key_text(e, "path") : reed_slice_dup(path);
	self->host = host_of(self->below);
	self->protocols = key_text(e, "protocol");
	self->origin = key_text(e, "origin");
	self->options = (struct reed_ws_options)REED_WS_OPTIONS;
	self->options.protocols = self->protocols;
	self->options.origin = self->origin;
	self->out = out;
	return reed_start(&self->co);
}

/* ---- the schemes ---- */

#define WS_KEYS                                                                                  \
	{ "path", "of the URL; listening, any other is not found; without it any will do" },     \
		{ "protocol",                                                                    \
		  "subprotocols, the best first, with commas; listening: those of IRCv3" },      \
		{ "origin",                                                                      \
		  "pages that may connect, as https://example.org, or *; else those of the "     \
		  "same host; dialling: where we say to come from" },                            \
		{ "form",                                                                        \
		  "bytes, or text or binary for a line a message, where no subprotocol tells" }, \
		{ "interface", "the address to listen on; without it all of them" },             \
		{ "backlog", "connections that may wait to be accepted" },                       \
		{ "reuseport", "1: several processes may listen" },                              \
		{ "timeout", "seconds after which dialling is given up" },                       \
	{                                                                                        \
		"bind", "the address to dial from"                                               \
	}

static const struct reed_scheme_key ws_keys[] = { WS_KEYS, { NULL, NULL } };

static const struct reed_scheme_key wss_keys[] = {
	WS_KEYS,
	{ "cert", "certificate and key in PEM; listening, also a folder of them, chosen by SNI" },
	{ "key", "the key, when it is in a file of its own" },
	{ "ca", "who is trusted, in PEM: besides the system's roots, or for clients" },
	{ "client", "no, ask, require or verify: certificates of clients" },
	{ "name", "what the server calls itself, when not HOST" },
	{ "pin", "SHA-256 of the server's public key, which then decides alone" },
	{ "insecure", "1: any server may say it is any other; for tests" },
	{ NULL, NULL },
};

const struct reed_scheme reed_ws_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "ws",
	.listen_usage = "ws:PORT[:path=/PATH][:interface=ADDRESS], ws:[ENDPOINT]",
	.dial_usage = "ws:HOST:PORT[:path=/PATH], ws://HOST/PATH",
	.help = "WebSocket over TCP, or over another endpoint in brackets.",
	.listen_args = { 1, 1 },
	.dial_args = { 1, 2 },
	.dial_host = 1,
	.keys = ws_keys,
	.listen = ws_listen,
	.dial = ws_dial,
	.check = check,
};

const struct reed_scheme reed_wss_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "wss",
	.listen_usage = "wss:PORT:cert=FILE_OR_DIR[:path=/PATH], wss:[ENDPOINT]:cert=...",
	.dial_usage = "wss:HOST:PORT[:path=/PATH], wss://HOST/PATH",
	.help = "WebSocket over TLS; servers are verified.",
	.listen_args = { 1, 1 },
	.dial_args = { 1, 2 },
	.dial_host = 1,
	.keys = wss_keys,
	.listen = ws_listen,
	.dial = ws_dial,
	.check = check,
};
