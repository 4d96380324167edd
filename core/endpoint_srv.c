/* The scheme srv: TCP to whoever offers a service of a domain (RFC 2782). */

#include <stdio.h>
#include <string.h>

#include "reed/alloc.h"
#include "reed/buf.h"
#include "reed/co.h"

#include "endpoint_private.h"
#include "private.h"

enum {
	TARGET_MS = 10000, /* what one of several may take */
	TOLD_MAX = 16,     /* targets a fault names */
};

struct srv {
	struct reed_co co;
	char *name;
	uint16_t port; /* of the domain itself; 0: it is not dialled */
	struct reed_connect_options options;
	struct reed_address from;
	struct reed_targets targets;
	size_t tried;
	struct reed_buf reasons;
	struct reed_stream *stream, **out;
};

/* "example.org" of "_xmpp-client._tcp.example.org" */
static struct reed_slice domain_of(const char *name)
{
	struct reed_slice rest = reed_slice_of(name);

	reed_slice_cut(&rest, '.');
	reed_slice_cut(&rest, '.');
	return rest;
}

static void take_domain(struct srv *self)
{
	self->targets.list = reed_alloc(sizeof(*self->targets.list));
	self->targets.list[0].host = reed_slice_dup(domain_of(self->name));
	self->targets.list[0].port = self->port;
	self->targets.count = 1;
}

/* The last one may take its time. */
static struct reed_future *dial_next(struct srv *self)
{
	const struct reed_target *t = &self->targets.list[self->tried++];
	struct reed_future *f = reed_connect(self->co.loop, reed_slice_of(t->host), t->port,
	                                     &self->options, &self->stream);

	return self->tried < self->targets.count ? reed_within(TARGET_MS, f) : f;
}

static void note_failure(struct srv *self)
{
	const struct reed_target *t = &self->targets.list[self->tried - 1];

	const char *why = reed_co_why(&self->co);
	char *who;

	if (self->tried > TOLD_MAX)
		return;
	who = reed_sprintf("%s:%u", t->host, t->port);
	reed_buf_add_str(&self->reasons, self->tried > 1 ? "; " : "");
	/* most reasons say it themselves: "cannot connect to HOST:PORT: ..." */
	if (!strstr(why, who))
		reed_buf_printf(&self->reasons, "%s: ", who);
	reed_buf_add_str(&self->reasons, why);
	reed_free(who);
}

static struct reed_future *refuse(struct srv *self, enum reed_err err)
{
	if (self->targets.count == 0)
		return reed_failed(self->co.loop, REED_ENAME,
		                   "%s: the domain does not offer this service", self->name);
	return reed_failed(self->co.loop, err, "nobody is there of %s: " REED_FMT, self->name,
	                   REED_ARG(reed_buf_slice(&self->reasons)));
}

static void srv_run(struct reed_co *co)
{
	struct srv *self = reed_frame(co, struct srv);

	reed_coroutine (co) {
		reed_await(co,
		           reed_resolve_srv(co->loop, reed_slice_of(self->name), &self->targets));
		if (co->err == REED_ENAME && self->port)
			take_domain(self);
		else if (co->err)
			reed_return(co, co->err);
		while (self->tried < self->targets.count) {
			reed_await(co, dial_next(self));
			if (!co->err || co->err == REED_ECANCELED)
				reed_return(co, co->err);
			note_failure(self);
		}
		reed_try(co, refuse(self, co->err));
	}
}

static void srv_deliver(struct reed_co *co)
{
	struct srv *self = reed_frame(co, struct srv);

	*self->out = self->stream;
	self->stream = NULL;
}

static void srv_end(struct reed_co *co)
{
	struct srv *self = reed_frame(co, struct srv);

	reed_abort(self->stream);
	reed_targets_finish(&self->targets);
	reed_buf_finish(&self->reasons);
	reed_free(self->name);
}

static const struct reed_co_kind srv_kind = {
	.name = "dial srv",
	.size = sizeof(struct srv),
	.run = srv_run,
	.deliver = srv_deliver,
	.end = srv_end,
};

/* RFC 2782: _Service._Proto.Name; only one protocol makes a stream. */
static bool is_srv_name(struct reed_slice name)
{
	struct reed_slice service = reed_slice_cut(&name, '.');
	struct reed_slice proto = reed_slice_cut(&name, '.');

	return service.n > 1 && service.p[0] == '_' && reed_slice_is_nocase(proto, "_tcp") &&
	       name.n > 0;
}

static enum reed_err read_endpoint(struct srv *self, const struct reed_endpoint *e, int *timeout_s,
                                   struct reed_fault **fault)
{
	const struct reed_endpoint_part *name = reed_endpoint_arg(e, 0);
	const struct reed_endpoint_part *port = reed_endpoint_key(e, "port");
	enum reed_err err;

	if (!is_srv_name(name->value)) {
		*fault = reed_endpoint_fault(e, name,
		                             "a name such as "
		                             "_xmpp-client._tcp.example.org must stand here");
		return REED_ESYNTAX;
	}
	err = port ? reed_endpoint_port(e, port, &self->port, fault) : REED_OK;
	return err ? err : reed_endpoint_dialling(e, &self->options, &self->from, timeout_s, fault);
}

static struct reed_future *srv_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                    struct reed_stream **out)
{
	struct srv *self = reed_co_new(loop, &srv_kind);
	struct reed_future *f = reed_start(&self->co);
	struct reed_fault *fault = NULL;
	int timeout = 0;

	self->out = out;
	self->name = reed_slice_dup(reed_endpoint_arg(e, 0)->value);
	self->options = (struct reed_connect_options)REED_CONNECT_OPTIONS;
	if (read_endpoint(self, e, &timeout, &fault)) {
		reed_drop(f);
		return reed_failed_with(loop, fault);
	}
	return timeout ? reed_within((int64_t)timeout * 1000, f) : f;
}

static enum reed_err srv_check(const struct reed_endpoint *e, enum reed_endpoint_use use,
                               struct reed_fault **fault)
{
	struct srv nobody = { .port = 0 };
	int timeout;

	(void)use;
	return read_endpoint(&nobody, e, &timeout, fault);
}

static const struct reed_scheme_key srv_keys[] = {
	{ "port", "what to dial at the domain itself when it has no such records" },
	{ "timeout", "seconds after which dialling is given up" },
	{ "bind", "the address to dial from" },
	{ NULL, NULL },
};

const struct reed_scheme reed_srv_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "srv",
	.dial_usage = "srv:_SERVICE._tcp.DOMAIN[:port=PORT]",
	.help = "TCP to whoever offers a service of a domain, by its SRV records.",
	.dial_args = { 1, 1 },
	.keys = srv_keys,
	.dial = srv_dial,
	.check = srv_check,
};
