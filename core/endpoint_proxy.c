/* The scheme haproxy: the PROXY protocol around another endpoint. */

#include "endpoint_wrap.h"
#include "private.h"
#include "proxy_private.h"

struct args {
	struct reed_proxy_options options;
	char *trust;
	struct reed_proxy_facts told;
	char *alpn, *authority, *id;
	bool has_source, has_destination;
};

static void args_end(void *arg)
{
	struct args *self = arg;

	reed_free(self->trust);
	reed_free(self->alpn);
	reed_free(self->authority);
	reed_free(self->id);
	reed_free(self);
}

/* ---- listening ---- */

static enum reed_err listening(void *arg, struct reed_listener **listener,
                               struct reed_fault **fault)
{
	struct args *self = arg;

	return reed_proxy_listener(*listener, &self->options, listener, fault);
}

/* ---- dialling ---- */

/* What was not given is the stream's own; where both are not of one family, unspecified. */
static void fill_in(struct args *self, struct reed_stream *stream)
{
	struct reed_stream_facts own = { .size = sizeof(own) };
	struct reed_proxy_facts *told = &self->told;

	reed_stream_facts(stream, &own);
	if (!self->has_source)
		told->source = own.local;
	if (!self->has_destination)
		told->destination = own.peer;
	if (told->source.family == told->destination.family)
		return;
	if (self->has_source)
		told->destination = (struct reed_address){ .family = told->source.family,
			                                   .port = own.peer.port };
	else
		told->source = (struct reed_address){ .family = told->destination.family,
			                              .port = own.local.port };
}

static struct reed_future *dialled(void *arg, struct reed_stream **stream)
{
	struct args *self = arg;
	enum reed_err err;

	fill_in(self, *stream);
	err = reed_proxy_write(*stream, &self->told);
	if (!err)
		return NULL;
	return reed_failed((*stream)->loop, err,
	                   "this makes no PROXY header: source and destination have to be of one "
	                   "family, and all of it within %d bytes",
	                   REED_PROXY_LENGTH);
}

static const struct reed_wrap_ops proxy_wrap = {
	.listening = listening,
	.dialled = dialled,
	.end = args_end,
};

/* ---- the scheme ---- */

static enum reed_err take_trust(const struct reed_endpoint *e, struct args *self,
                                struct reed_fault **fault)
{
	struct reed_proxy_trust trust;
	int deadline = 5, waiting = 256;

	self->options = (struct reed_proxy_options)REED_PROXY_OPTIONS;
	self->trust = reed_endpoint_text(e, "trust");
	self->options.trust = self->trust;
	if (reed_endpoint_number(e, "deadline", 3600, 10, &deadline, fault) ||
	    reed_endpoint_number(e, "waiting", 65536, 10, &waiting, fault) ||
	    reed_proxy_trust_parse(self->trust, &trust, fault))
		return (*fault)->err;
	reed_proxy_trust_finish(&trust);
	self->options.deadline_ms = (int64_t)deadline * 1000;
	self->options.waiting = waiting > 0 ? (uint32_t)waiting : 1;
	return REED_OK;
}

static struct reed_future *haproxy_listen(struct reed_loop *loop, const struct reed_endpoint *e,
                                          struct reed_listener **out)
{
	struct args *self = reed_alloc(sizeof(*self));
	struct reed_fault *fault = NULL;

	if (!take_trust(e, self, &fault))
		return reed_wrap_listen(loop, e, &proxy_wrap, self, out);
	args_end(self);
	return reed_failed_with(loop, fault);
}

static enum reed_err take_address(const struct reed_endpoint *e, const char *key,
                                  struct reed_address *address, bool *is_there,
                                  struct reed_fault **fault)
{
	const struct reed_endpoint_part *part = reed_endpoint_key(e, key);

	*is_there = part;
	if (!part || !reed_address_read(part->value, address))
		return REED_OK;
	*fault = reed_endpoint_fault(e, part,
	                             "an address with its port must stand here, as in "
	                             "%s=[192.0.2.1:1234] or %s=[[2001:db8::1]:1234]",
	                             key, key);
	return REED_ESYNTAX;
}

static enum reed_err take_told(const struct reed_endpoint *e, struct args *self,
                               struct reed_fault **fault)
{
	const struct reed_endpoint_part *version = reed_endpoint_key(e, "version");

	self->told = (struct reed_proxy_facts)REED_PROXY_FACTS;
	if (version && reed_slice_is(version->value, "1")) {
		self->told.version = 1;
	} else if (version && !reed_slice_is(version->value, "2")) {
		*fault = reed_endpoint_fault(e, version, "1 or 2 must stand here");
		return REED_ESYNTAX;
	}
	self->alpn = reed_endpoint_text(e, "alpn");
	self->authority = reed_endpoint_text(e, "authority");
	self->id = reed_endpoint_text(e, "id");
	self->told.alpn = reed_slice_of(self->alpn);
	self->told.authority = reed_slice_of(self->authority);
	self->told.unique_id = reed_slice_of(self->id);
	if (take_address(e, "source", &self->told.source, &self->has_source, fault) ||
	    take_address(e, "destination", &self->told.destination, &self->has_destination, fault))
		return REED_ESYNTAX;
	return REED_OK;
}

static struct reed_future *haproxy_dial(struct reed_loop *loop, const struct reed_endpoint *e,
                                        struct reed_stream **out)
{
	struct args *self = reed_alloc(sizeof(*self));
	struct reed_fault *fault = NULL;

	if (!take_told(e, self, &fault))
		return reed_wrap_dial(loop, e, &proxy_wrap, self, out);
	args_end(self);
	return reed_failed_with(loop, fault);
}

static enum reed_err haproxy_check(const struct reed_endpoint *e, enum reed_endpoint_use use,
                                   struct reed_fault **fault)
{
	struct args *self = reed_alloc(sizeof(*self));
	enum reed_err err = use == REED_ENDPOINT_LISTEN ? take_trust(e, self, fault)
	                                                : take_told(e, self, fault);

	args_end(self);
	return err ? err : reed_wrap_check(e, use, fault);
}

static const struct reed_scheme_key haproxy_keys[] = {
	{ "trust",
	  "listening: who may send a header, as prefixes with commas, unix, or any; without "
	  "it this machine only" },
	{ "deadline", "listening: seconds for the header to come; 5" },
	{ "waiting", "listening: connections without a header at a time; 256" },
	{ "version", "dialling: 1 or 2; without it 2" },
	{ "source", "dialling: the client, as in [192.0.2.1:1234]; without it ourselves" },
	{ "destination", "dialling: what the client has connected to" },
	{ "alpn", "dialling: the protocol it has agreed on" },
	{ "authority", "dialling: the host it has asked for" },
	{ "id", "dialling: the name of the connection, up to 128 bytes" },
	{ NULL, NULL },
};

const struct reed_scheme reed_haproxy_scheme = {
	.size = sizeof(struct reed_scheme),
	.name = "haproxy",
	.listen_usage = "haproxy:[ENDPOINT][:trust=PREFIX,...]",
	.dial_usage = "haproxy:[ENDPOINT][:version=1][:source=[ADDRESS:PORT]]",
	.help = "The PROXY protocol: a proxy in front tells who the client is.",
	.listen_args = { 1, 1 },
	.dial_args = { 1, 1 },
	.dial_host = REED_SCHEME_HOST_INSIDE,
	.keys = haproxy_keys,
	.listen = haproxy_listen,
	.dial = haproxy_dial,
	.check = haproxy_check,
};
