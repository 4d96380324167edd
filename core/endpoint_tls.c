/* The scheme tls: TLS over TCP, or over any endpoint in brackets. */

#include <string.h>

#include "private.h"
#include "reed/driver.h"
#include "reed/endpoint.h"
#include "reed/offload.h"
#include "reed/random.h"
#include "reed/tls.h"

#include "endpoint_private.h"
#include "os.h"

enum { HANDSHAKE_MS = 10000 };

/* ---- contexts are made of files, in a thread ---- */

struct load {
	struct reed_job job;
	bool server;
	char *cert, *key, *ca, *staple;
	bool insecure;
	enum reed_tls_client_cert client_cert;
	int64_t wall;
	struct reed_tls_ctx *ctx, **out;
};

static enum reed_err load_server(struct load *self, struct reed_fault **fault)
{
	struct reed_tls_server_ctx_options o = REED_TLS_SERVER_CTX_OPTIONS;

	o.cert = self->cert;
	o.key = self->key;
	o.client_cert = self->client_cert;
	o.staple = self->staple;
	o.client_ca_file = self->ca;
	o.wall = self->wall;
	return reed_tls_server_ctx(&o, &self->ctx, fault);
}

static enum reed_err load_client(struct load *self, struct reed_fault **fault)
{
	struct reed_tls_client_ctx_options o = REED_TLS_CLIENT_CTX_OPTIONS;

	o.cert = self->cert;
	o.key = self->key;
	o.ca_file = self->ca;
	o.insecure_accept_any = self->insecure;
	o.wall = self->wall;
	return reed_tls_client_ctx(&o, &self->ctx, fault);
}

static enum reed_err load_run(struct reed_job *job)
{
	struct load *self = reed_job_frame(job, struct load);
	struct reed_fault *fault = NULL;
	enum reed_err err = self->server ? load_server(self, &fault) : load_client(self, &fault);

	if (err)
		reed_job_fail(job, err, "%s", reed_fault_why(fault, err));
	reed_fault_free(fault);
	return err;
}

static void load_deliver(struct reed_job *job)
{
	struct load *self = reed_job_frame(job, struct load);

	*self->out = self->ctx;
	self->ctx = NULL;
}

static void load_end(struct reed_job *job)
{
	struct load *self = reed_job_frame(job, struct load);

	reed_tls_ctx_release(self->ctx);
	reed_free(self->cert);
	reed_free(self->key);
	reed_free(self->ca);
	reed_free(self->staple);
}

static const struct reed_job_kind load_kind = {
	.name = "tls",
	.size = sizeof(struct load),
	.run = load_run,
	.deliver = load_deliver,
	.end = load_end,
};

static char *key_text(const struct reed_endpoint *e, const char *key)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, key);

	return part ? reed_slice_dup(part->value) : NULL;
}

static struct load *load_new(struct reed_loop *loop, const struct reed_endpoint *e)
{
	struct load *self = reed_job_new(loop, &load_kind);

	self->cert = key_text(e, "cert");
	self->key = key_text(e, "key");
	self->ca = key_text(e, "ca");
	self->staple = key_text(e, "staple");
	self->wall = reed_wall(loop);
	return self;
}

static const char *const tcp_listen_keys[] = { "interface", "backlog", "reuseport", NULL };
static const char *const tcp_dial_keys[] = { "bind", "timeout", NULL };

/* Else its first argument, brackets or not, is a port or a host. */
static bool is_nested(const struct reed_endpoint *e)
{
	return e->args[0].nested && !reed_endpoint_arg(e, 1);
}

/* What is below: "tcp:..." with the keys that are tcp's, or what stands in brackets. */
static char *inner_of(const struct reed_endpoint *e, const char *const *keys)
{
	struct reed_buf text = { .limit = 0 };
	char *quoted;

	if (is_nested(e))
		return reed_slice_dup(e->args[0].value);
	reed_buf_add_str(&text, "tcp");
	for (unsigned i = 0; i < e->count; i++) {
		const struct reed_endpoint_part *part = &e->args[i];
		bool wanted = part->key.n == 0;

		for (const char *const *key = keys; *key; key++)
			wanted |= reed_slice_is(part->key, *key);
		if (!wanted)
			continue;
		reed_buf_add_char(&text, ':');
		if (part->key.n > 0)
			reed_buf_printf(&text, REED_FMT "=", REED_ARG(part->key));
		quoted = reed_endpoint_quote(part->value);
		reed_buf_add_str(&text, quoted);
		reed_free(quoted);
	}
	return reed_buf_take(&text);
}

/* ---- listening ---- */

struct listening {
	struct reed_co co;
	struct load *load;
	char *inner, *alpn;
	struct reed_tls_ctx *ctx;
	struct reed_listener *below, **out;
};

static void listening_run(struct reed_co *co)
{
	struct listening *self = reed_frame(co, struct listening);
	struct load *load = self->load;

	reed_coroutine (co) {
		self->load = NULL;
		reed_try(co, reed_offload(&load->job));
		reed_try(co, reed_listen(co->loop, self->inner, &self->below));
	}
}

static void listening_deliver(struct reed_co *co)
{
	struct listening *self = reed_frame(co, struct listening);
	struct reed_tls_server_options o = REED_TLS_SERVER_OPTIONS;

	o.alpn = self->alpn;
	*self->out = reed_tls_listener(self->below, self->ctx, &o);
	self->below = NULL;
}

static void listening_end(struct reed_co *co)
{
	struct listening *self = reed_frame(co, struct listening);

	if (self->load)
		reed_drop(&self->load->job.future);
	reed_listener_close(self->below);
	reed_tls_ctx_release(self->ctx);
	reed_free(self->inner);
	reed_free(self->alpn);
}

static const struct reed_co_kind listening_kind = {
	.name = "tls listen",
	.size = sizeof(struct listening),
	.run = listening_run,
	.deliver = listening_deliver,
	.end = listening_end,
};

static enum reed_err client_cert_of(const struct reed_endpoint *e, enum reed_tls_client_cert *out,
                                    struct reed_fault **fault)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, "client");

	*out = REED_TLS_ASK;
	if (!part || reed_slice_is(part->value, "ask"))
		return REED_OK;
	*out = REED_TLS_REQUIRE;
	if (reed_slice_is(part->value, "require"))
		return REED_OK;
	*out = REED_TLS_REQUIRE_VERIFIED;
	if (reed_slice_is(part->value, "verify"))
		return REED_OK;
	*out = REED_TLS_NO_CLIENT_CERT;
	if (reed_slice_is(part->value, "no"))
		return REED_OK;
	*fault = reed_endpoint_fault(e, part, "no, ask, require or verify must stand here");
	return REED_ESYNTAX;
}

/* Dialling; listening, it names a file. */
static enum reed_err staple_of(const struct reed_endpoint *e, enum reed_tls_staple *out,
                               struct reed_fault **fault)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, "staple");

	*out = REED_TLS_STAPLE_IGNORED;
	if (!part)
		return REED_OK;
	*out = reed_slice_is(part->value, "check") ? REED_TLS_STAPLE_CHECKED
	                                           : REED_TLS_STAPLE_REQUIRED;
	if (*out == REED_TLS_STAPLE_REQUIRED && !reed_slice_is(part->value, "required"))
		*fault = reed_endpoint_fault(e, part, "check or required must stand here");
	else if (reed_endpoint_key(e, "pin"))
		*fault = reed_endpoint_fault(e, part, "a pin decides alone; leave out one of them");
	return *fault ? REED_ESYNTAX : REED_OK;
}

/* A key that means nothing here must not pass for a safeguard. */
static enum reed_err find_misplaced(const struct reed_endpoint *e, bool listens,
                                    struct reed_fault **fault)
{
	static const char *const of_dialling[] = { "name", "pin", "dane", "insecure", NULL };
	static const char *const of_listening[] = { "client", "backlog", "reuseport", NULL };

	for (const char *const *k = listens ? of_dialling : of_listening; *k; k++) {
		const struct reed_endpoint_part *part = reed_endpoint_key(e, *k);

		if (!part)
			continue;
		*fault = reed_endpoint_fault(e, part, "%s= means something only where it is %s", *k,
		                             listens ? "dialled" : "listened on");
		return REED_ESYNTAX;
	}
	return REED_OK;
}

static struct reed_future *tls_listen(struct reed_loop *loop, const struct reed_endpoint *e,
                                      struct reed_listener **out)
{
	enum reed_tls_client_cert client_cert;
	struct reed_fault *fault = NULL;
	struct listening *self;

	if (find_misplaced(e, true, &fault) || client_cert_of(e, &client_cert, &fault))
		return reed_failed_with(loop, fault);
	self = reed_co_new(loop, &listening_kind);
	self->load = load_new(loop, e);
	self->load->server = true;
	self->load->client_cert = client_cert;
	self->load->out = &self->ctx;
	self->alpn = key_text(e, "alpn");
	self->inner = inner_of(e, tcp_listen_keys);
	self->out = out;
	return reed_start(&self->co);
}

/* ---- dialling ---- */

struct dialling {
	struct reed_co co;
	struct load *load;
	char *inner, *server, *alpn, *pin, *dane;
	struct reed_tls_ctx *ctx;
	enum reed_tls_staple staple;
	struct reed_stream *stream, **out;
	int patience_ms; /* of the handshake */
};

static void put_tls_over(struct dialling *self)
{
	struct reed_tls_client_options o = REED_TLS_CLIENT_OPTIONS;

	o.server = self->server;
	o.alpn = self->alpn;
	o.pin = self->pin;
	o.dane = self->dane;
	o.staple = self->staple;
	self->stream = reed_tls_client(self->stream, self->ctx, &o);
}

/* Who listens without TLS may wait for our first line as we wait for his. */
static enum reed_err unanswered(struct dialling *self)
{
	reed_fault_free(reed_co_take_fault(&self->co));
	self->co.fault = reed_fault(REED_ETIMEDOUT, NULL,
	                            "%s: no answer to the TLS handshake within %d s; does it speak "
	                            "TLS there?",
	                            self->inner, self->patience_ms / 1000);
	return REED_ETIMEDOUT;
}

static void dialling_run(struct reed_co *co)
{
	struct dialling *self = reed_frame(co, struct dialling);
	struct load *load = self->load;

	reed_coroutine (co) {
		self->load = NULL;
		reed_try(co, reed_offload(&load->job));
		reed_try(co, reed_dial(co->loop, self->inner, &self->stream));
		put_tls_over(self);
		reed_await(co, reed_within(self->patience_ms, reed_tls_handshake(self->stream)));
		if (co->err == REED_ETIMEDOUT)
			reed_return(co, unanswered(self));
		reed_return(co, co->err);
	}
}

static void dialling_deliver(struct reed_co *co)
{
	struct dialling *self = reed_frame(co, struct dialling);

	*self->out = self->stream;
	self->stream = NULL;
}

static void dialling_end(struct reed_co *co)
{
	struct dialling *self = reed_frame(co, struct dialling);

	if (self->load)
		reed_drop(&self->load->job.future);
	reed_close(self->stream);
	reed_tls_ctx_release(self->ctx);
	reed_free(self->inner);
	reed_free(self->server);
	reed_free(self->alpn);
	reed_free(self->pin);
	reed_free(self->dane);
}

static const struct reed_co_kind dialling_kind = {
	.name = "tls dial",
	.size = sizeof(struct dialling),
	.run = dialling_run,
	.deliver = dialling_deliver,
	.end = dialling_end,
};

/* The key "handshake" may ask for more. */
static int patience_of(const struct reed_endpoint *e)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, "handshake");
	uint64_t seconds;

	if (part && !reed_slice_u64(part->value, 86400, &seconds) && seconds * 1000 > HANDSHAKE_MS)
		return (int)seconds * 1000;
	return HANDSHAKE_MS;
}

static struct reed_future *tls_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                    struct reed_stream **out)
{
	const struct reed_endpoint_part *insecure = reed_endpoint_key(e, "insecure");
	struct reed_fault *fault = NULL;
	enum reed_tls_staple staple;
	struct dialling *self;

	if (find_misplaced(e, false, &fault) || staple_of(e, &staple, &fault))
		return reed_failed_with(loop, fault);
	self = reed_co_new(loop, &dialling_kind);
	self->load = load_new(loop, e);
	self->load->insecure = insecure && reed_slice_is(insecure->value, "1");
	self->load->out = &self->ctx;
	self->server = key_text(e, "name");
	if (!self->server)
		self->server = is_nested(e) ? reed_endpoint_host(e->args[0].value)
		                            : reed_slice_dup(e->args[0].value);
	self->alpn = key_text(e, "alpn");
	self->pin = key_text(e, "pin");
	self->dane = key_text(e, "dane");
	self->staple = staple;
	self->inner = inner_of(e, tcp_dial_keys);
	self->patience_ms = patience_of(e);
	self->out = out;
	return reed_start(&self->co);
}

static enum reed_err tls_check(const struct reed_endpoint *e, enum reed_endpoint_use use,
                               struct reed_fault **fault)
{
	enum reed_tls_client_cert client_cert;
	enum reed_tls_staple staple;

	if (use != REED_ENDPOINT_ANY && find_misplaced(e, reed_endpoint_is_listening(use), fault))
		return REED_ESYNTAX;
	if (reed_endpoint_is_listening(use) && client_cert_of(e, &client_cert, fault))
		return REED_ESYNTAX;
	if (use != REED_ENDPOINT_ANY && !reed_endpoint_is_listening(use) &&
	    staple_of(e, &staple, fault))
		return REED_ESYNTAX;
	if (reed_endpoint_is_listening(use) && !reed_endpoint_key(e, "cert"))
		*fault = reed_endpoint_fault(e, NULL,
		                             "a certificate is missing; write "
		                             "tls:PORT:cert=FILE (`reed cert` makes one)");
	else if (is_nested(e))
		return reed_endpoint_check_nested(e, &e->args[0], use, fault);
	else if (reed_endpoint_is_listening(use) || reed_endpoint_arg(e, 1))
		return reed_tcp_check(e, use, fault);
	else
		*fault = reed_endpoint_fault(e, NULL, "a port is missing; write tls:HOST:PORT");
	return REED_ESYNTAX;
}

static enum reed_err tls_probe(const struct reed_endpoint *e, enum reed_endpoint_use use,
                               struct reed_fault **fault)
{
	struct load load = {
		.cert = key_text(e, "cert"),
		.key = key_text(e, "key"),
		.ca = key_text(e, "ca"),
		.staple = key_text(e, "staple"),
		.wall = reed_system_wall(NULL),
	};
	enum reed_err err = REED_OK;

	if (reed_endpoint_is_listening(use)) {
		client_cert_of(e, &load.client_cert, fault);
		err = load_server(&load, fault);
	} else if (load.cert || load.ca) {
		err = load_client(&load, fault);
	}
	reed_tls_ctx_release(load.ctx);
	reed_free(load.cert);
	reed_free(load.key);
	reed_free(load.ca);
	reed_free(load.staple);
	return err;
}

static const struct reed_scheme_key tls_keys[] = {
	{ "cert", "certificate and key in PEM; listening, also a folder of them, chosen by SNI" },
	{ "key", "the key, when it is in a file of its own" },
	{ "ca", "who is trusted, in PEM: besides the system's roots, or for clients" },
	{ "staple", "listening: an OCSP response for the certificate; in a folder NAME.ocsp beside "
	            "NAME.pem. Dialling: check, or required, whether the server shows one" },
	{ "client", "no, ask, require or verify: certificates of clients" },
	{ "alpn", "protocols to agree on, the best first: h2,http/1.1" },
	{ "name", "what the server calls itself, when not HOST" },
	{ "pin", "SHA-256 of the server's public key, which then decides alone" },
	{ "dane", "TLSA records of the server, proven by DNSSEC: 3 1 1 HEX, several with commas" },
	{ "insecure", "1: any server may say it is any other; for tests" },
	{ "interface", "the address to listen on; without it all of them" },
	{ "backlog", "connections that may wait to be accepted" },
	{ "reuseport", "1: several processes may listen" },
	{ "timeout", "seconds after which dialling is given up" },
	{ "bind", "the address to dial from" },
	{ NULL, NULL },
};

const struct reed_scheme reed_tls_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "tls",
	.listen_usage = "tls:PORT:cert=FILE_OR_DIR[:interface=ADDRESS], tls:[ENDPOINT]:cert=...",
	.dial_usage = "tls:HOST:PORT, tls:[ENDPOINT]:name=HOST",
	.help = "TLS over TCP, or over another endpoint in brackets; servers are verified.",
	.listen_args = { 1, 1 },
	.dial_args = { 1, 2 },
	.dial_host = 1,
	.keys = tls_keys,
	.listen = tls_listen,
	.dial = tls_dial,
	.check = tls_check,
	.probe = tls_probe,
};
