/* The schemes socks5, socks4a and http-connect: through a proxy, dialled as stands in brackets. */

#include <string.h>

#include "endpoint_wrap.h"
#include "private.h"
#include "reed/tunnel.h"

typedef struct reed_future *tunnel_fn(struct reed_stream *s,
                                      const struct reed_tunnel_options *options);

struct args {
	tunnel_fn *tunnel;
	struct reed_tunnel_options options;
	char *host, *user, *password;
};

static void args_end(void *arg)
{
	struct args *self = arg;

	reed_free(self->host);
	reed_free(self->user);
	if (self->password)
		reed_wipe(self->password, strlen(self->password));
	reed_free(self->password);
	reed_free(self);
}

static struct reed_future *dialled(void *arg, struct reed_stream **stream)
{
	struct args *self = arg;

	return self->tunnel(*stream, &self->options);
}

static const struct reed_wrap_ops tunnel_wrap = { .dialled = dialled, .end = args_end };

static enum reed_err take(const struct reed_endpoint *e, uint16_t *port, int *timeout_s,
                          struct reed_fault **fault)
{
	const struct reed_endpoint_part *password = reed_endpoint_key(e, "password");
	enum reed_err err;

	if (password && !reed_endpoint_key(e, "user")) {
		*fault = reed_endpoint_fault(e, password, "a password needs a user=NAME");
		return REED_ESYNTAX;
	}
	err = reed_endpoint_port(e, reed_endpoint_arg(e, 2), port, fault);
	return err ? err : reed_endpoint_number(e, "timeout", 86400, 10, timeout_s, fault);
}

static enum reed_err check(const struct reed_endpoint *e, enum reed_endpoint_use use,
                           struct reed_fault **fault)
{
	enum reed_err err;
	uint16_t port;
	int timeout;

	err = take(e, &port, &timeout, fault);
	return err ? err : reed_wrap_check(e, use, fault);
}

static struct reed_future *dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                tunnel_fn *tunnel, struct reed_stream **out)
{
	struct args *self = reed_alloc(sizeof(*self));
	struct reed_fault *fault = NULL;
	int timeout = 60;

	self->tunnel = tunnel;
	self->options = (struct reed_tunnel_options)REED_TUNNEL_OPTIONS;
	if (take(e, &self->options.port, &timeout, &fault)) {
		args_end(self);
		return reed_failed_with(loop, fault);
	}
	self->options.timeout_ms = (int64_t)timeout * 1000;
	self->options.host = self->host = reed_slice_dup(reed_endpoint_arg(e, 1)->value);
	self->options.user = self->user = reed_endpoint_text(e, "user");
	self->options.password = self->password = reed_endpoint_text(e, "password");
	return reed_wrap_dial(loop, e, &tunnel_wrap, self, out);
}

/* ---- the schemes ---- */

static struct reed_future *socks5_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                       struct reed_stream **out)
{
	return dial(loop, e, reed_socks5, out);
}

static struct reed_future *socks4a_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                        struct reed_stream **out)
{
	return dial(loop, e, reed_socks4a, out);
}

static struct reed_future *connect_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                        struct reed_stream **out)
{
	return dial(loop, e, reed_http_connect, out);
}

static const struct reed_scheme_key keys[] = {
	{ "user", "whom the proxy knows" },
	{ "password",
	  "the user's, never shown; sent to the proxy in clear, unless it is dialled by tls" },
	{ "timeout", "seconds for the proxy to connect us, 0 for as long as it takes; 60" },
	{ NULL, NULL },
};

static const struct reed_scheme_key keys_without_password[] = {
	{ "user", "whom the proxy knows" },
	{ "timeout", "seconds for the proxy to connect us, 0 for as long as it takes; 60" },
	{ NULL, NULL },
};

const struct reed_scheme reed_socks5_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "socks5",
	.dial_usage = "socks5:[ENDPOINT]:HOST:PORT[:user=NAME:password=WORD]",
	.help = "Through a SOCKS5 proxy, which resolves the name.",
	.dial_args = { 3, 3 },
	.dial_host = 2,
	.keys = keys,
	.dial = socks5_dial,
	.check = check,
};

const struct reed_scheme reed_socks4a_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "socks4a",
	.dial_usage = "socks4a:[ENDPOINT]:HOST:PORT[:user=NAME]",
	.help = "Through a SOCKS4a proxy, which resolves the name.",
	.dial_args = { 3, 3 },
	.dial_host = 2,
	.keys = keys_without_password,
	.dial = socks4a_dial,
	.check = check,
};

const struct reed_scheme reed_http_connect_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "http-connect",
	.dial_usage = "http-connect:[ENDPOINT]:HOST:PORT[:user=NAME:password=WORD]",
	.help = "Through an HTTP proxy, by CONNECT; it resolves the name.",
	.dial_args = { 3, 3 },
	.dial_host = 2,
	.keys = keys,
	.dial = connect_dial,
	.check = check,
};
