/* A forward proxy: goes where a client says, if it may. */

#include "reed/http/forward.h"

#include "forward.h"
#include "relay.h"
#include "reed/resolve.h"

struct reed_http_forward {
	struct reed_loop *loop;
	struct reed_http_forward_options options;
	struct rules allow, deny;
	struct peers clients;
	struct reed_http_proxy proxy; /* what that of each request begins as */
	struct reed_list errands;
	unsigned active;
};

struct destination {
	struct reed_slice host; /* of the request's head, without brackets and dot */
	uint16_t port;
};

/* One request, or one tunnel. */
struct errand {
	struct reed_co co;
	struct reed_http_forward *of;
	struct reed_http_request *request;
	struct reed_list link;
	struct reed_prefix client;
	struct destination to;
	bool named; /* a rule of allow says it, or any */
	bool admitted, over;
	struct reed_stream *stream, *down; /* the latter of a tunnel */
	uint64_t before;                   /* bytes that had gone down when it began */
	struct reed_http_proxy proxy;      /* of this one request */
	struct upstream upstream;
};

/* ---- where to ---- */

/* False: it says no port that there is. */
static bool find_destination(const struct reed_http_head *head, struct destination *to)
{
	struct reed_slice host = head->host, port;
	bool bracketed = host.n > 0 && host.p[0] == '[';
	size_t end = reed_slice_find(host, bracketed ? ']' : ':') + bracketed;
	uint64_t n = 80;

	port = reed_slice_from(host, end + 1);
	host = reed_slice_first(host, end);
	if (bracketed)
		host = reed_slice(host.p + 1, host.n - 2);
	if (host.n > 1 && host.p[host.n - 1] == '.')
		host.n--;
	if ((port.n > 0 && reed_slice_u64(port, UINT16_MAX, &n)) || n == 0 || host.n == 0)
		return false;
	*to = (struct destination){ host, (uint16_t)n };
	return true;
}

/* Before anybody is asked for a name: no rule could let it pass. */
static bool is_hopeless(const struct errand *self)
{
	return rules_name(&self->of->deny, self->to.host, self->to.port) ||
	       (!self->named && !rules_have_port(&self->of->allow, self->to.port));
}

static bool allows(void *arg, const struct reed_address *address)
{
	const struct errand *self = arg;

	if (rules_have(&self->of->deny, address))
		return false;
	return (self->named && reed_address_is_global(address)) ||
	       rules_have(&self->of->allow, address);
}

static struct reed_future *connect_there(struct errand *self)
{
	struct reed_connect_options o = REED_CONNECT_OPTIONS;

	o.allows = allows;
	o.arg = self;
	return reed_connect(self->co.loop, self->to.host, self->to.port, &o, &self->stream);
}

/* ---- what is said of it ---- */

static void refuse(struct errand *self, enum reed_err err)
{
	struct reed_http_request *r = self->request;

	if (err == REED_EACCES)
		reed_http_fail(r, 403, "this proxy does not go there");
	else if (err == REED_ETIMEDOUT)
		reed_http_fail(r, 504, "no connection in time");
	else if (err == REED_ENAME || err == REED_ESYNTAX)
		reed_http_fail(r, 502, "there is no such host");
	else
		reed_http_fail(r, 502, "no connection");
}

/* ---- a request that goes on ---- */

/* The connection is there: it has been judged. */
static struct reed_future *hand_over(void *arg, struct reed_loop *loop, const char *endpoint,
                                     struct reed_stream **stream)
{
	struct errand *self = arg;

	(void)endpoint;
	*stream = self->stream;
	self->stream = NULL;
	return reed_ready(loop, REED_OK);
}

static struct reed_future *relay(struct errand *self)
{
	struct reed_http_proxy *p = &self->proxy;

	*p = self->of->proxy;
	p->options.dial_arg = self;
	p->upstreams = &self->upstream;
	p->count = 1;
	reed_list_init(&self->upstream.idle);
	self->upstream.proxy = p;
	self->upstream.shown = reed_sprintf(REED_FMT, REED_ARG(self->request->head.host));
	return reed_http_proxy_answer(p, self->request, REED_STR(""));
}

/* ---- a tunnel ---- */

static enum reed_err begin_tunnel(struct errand *self)
{
	enum reed_err err = reed_http_upgrade(self->request, NULL, &self->down);

	if (err == REED_EBUSY)
		reed_http_fail(self->request, 400, "CONNECT has no body");
	else if (err)
		reed_http_fail(self->request, 501, NULL);
	else
		self->before = self->down->bytes_out;
	return err;
}

static struct reed_future *two_ways(struct errand *self)
{
	return reed_stream_join(self->down, self->stream, self->of->options.tunnel_ms);
}

/* ---- the whole ---- */

static void errand_run(struct reed_co *co)
{
	struct errand *self = reed_frame(co, struct errand);
	struct reed_future *rest;

	reed_coroutine (co) {
		if (self->of->options.guard) {
			reed_try(co, reed_http_admit(self->of->options.guard, self->request,
			                             &self->admitted));
			if (!self->admitted)
				reed_return(co, REED_OK);
		}
		if (is_hopeless(self)) {
			refuse(self, REED_EACCES);
			reed_return(co, REED_OK);
		}
		reed_await(co, reed_within(self->of->options.connect_ms, connect_there(self)));
		if (co->err) {
			refuse(self, co->err);
			reed_return(co, REED_OK);
		}
		if (self->request->head.method != REED_HTTP_CONNECT) {
			rest = relay(self);
			if (rest)
				reed_try(co, rest);
			reed_return(co, REED_OK);
		}
		if (!begin_tunnel(self)) {
			reed_try(co, two_ways(self));
			self->over = true;
		}
	}
}

/* Both have ended: each is told.  Else somebody has gone, or has had all his time. */
static void errand_end(struct reed_co *co)
{
	struct errand *self = reed_frame(co, struct errand);

	if (self->down)
		self->request->written = self->down->bytes_out - self->before;
	if (self->over) {
		reed_close(self->down);
		reed_close(self->stream);
	} else {
		reed_abort(self->down);
		reed_abort(self->stream);
	}
	if (self->upstream.proxy)
		upstream_finish(&self->upstream);
	reed_list_remove(&self->link);
	self->of->active--;
}

static const struct reed_co_kind errand_kind = { "errand", sizeof(struct errand), errand_run, NULL,
	                                         errand_end };

/* ---- who asks, and how many at a time ---- */

static bool is_full_for(const struct reed_http_forward *self, const struct reed_prefix *client)
{
	uint32_t n = 0;

	reed_list_each (link, &self->errands)
		n += reed_prefix_has(client,
		                     &reed_container_of(link, struct errand, link)->client.address);
	return n >= self->options.of_client;
}

/* A house has a /64, from which nobody can tell its people. */
static void find_client(struct reed_http_request *r, struct reed_address *address,
                        struct reed_prefix *client)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	reed_http_facts(r, &facts);
	*address = facts.peer;
	reed_address_unmap(address);
	reed_prefix_of(address, address->family == REED_FAMILY_IPV6 ? 64 : 32, client);
}

bool reed_http_wants_forward(const struct reed_http_request *r)
{
	return r->head.method == REED_HTTP_CONNECT || r->head.form == REED_HTTP_ABSOLUTE;
}

static struct reed_future *fail(struct reed_http_request *r, unsigned status, const char *why)
{
	reed_http_fail(r, status, why);
	return NULL;
}

static struct reed_future *start(struct reed_http_forward *of, struct reed_http_request *r,
                                 const struct reed_prefix *client, const struct destination *to)
{
	struct errand *self = reed_co_new(of->loop, &errand_kind);
	uint32_t total_ms = of->options.total_ms;

	self->of = of;
	self->request = r;
	self->client = *client;
	self->to = *to;
	self->named = rules_name(&of->allow, to->host, to->port);
	reed_list_append(&of->errands, &self->link);
	of->active++;
	return total_ms ? reed_within(total_ms, reed_start(&self->co)) : reed_start(&self->co);
}

struct reed_future *reed_http_forward_handler(void *forward, struct reed_http_request *r)
{
	struct reed_http_forward *self = forward;
	struct reed_address address;
	struct reed_prefix client;
	struct destination to;

	if (!reed_http_wants_forward(r))
		return fail(r, 404, "this is a proxy");
	find_client(r, &address, &client);
	if (!peers_have(&self->clients, &address))
		return fail(r, 403, "this proxy is not for you");
	if (r->head.form == REED_HTTP_ABSOLUTE && !reed_slice_is_nocase(r->head.scheme, "http"))
		return fail(r, 400, "what is secret goes through CONNECT");
	if (!find_destination(&r->head, &to))
		return fail(r, 400, "there is no such port");
	if (self->active >= self->options.most || is_full_for(self, &client)) {
		reed_http_add(r, "Retry-After", REED_STR("5"));
		return fail(r, self->active >= self->options.most ? 503 : 429,
		            "too many at a time");
	}
	return start(self, r, &client, &to);
}

/* ---- from its options ---- */

static void set_defaults(struct reed_http_forward_options *o)
{
	o->most = or_else(o->most, 256);
	o->of_client = or_else(o->of_client, 64);
	o->connect_ms = or_else(o->connect_ms, 10000);
	o->tunnel_ms = or_else(o->tunnel_ms, 300000);
}

/* There is one connection, where the client wants to go: none to try next, or to rest from. */
static void make_proxy(struct reed_http_forward *self)
{
	const struct reed_http_forward_options *o = &self->options;
	struct reed_http_proxy *p = &self->proxy;

	p->loop = self->loop;
	p->wire = reed_http_wire_limits(&o->wire);
	p->name = reed_strdup(o->name ? o->name : "reed");
	p->anonymous = true;
	p->options.body = o->body;
	p->options.connect_ms = o->connect_ms;
	p->options.first_ms = o->first_ms;
	p->options.silent_ms = o->silent_ms;
	p->options.tunnel_ms = o->tunnel_ms;
	p->options.tries = 1;
	p->options.failures = UINT32_MAX;
	p->options.dial = hand_over;
	proxy_set_defaults(&p->options);
}

static enum reed_err read_rules(struct reed_http_forward *self,
                                const struct reed_http_forward_options *o,
                                struct reed_fault **fault)
{
	const char *clients = o->clients ? o->clients : "127.0.0.0/8, ::1, unix";
	struct reed_buf why = { .limit = 1024 };
	enum reed_err err = rules_parse(o->allow, &self->allow, &why);

	if (!err)
		err = rules_parse(o->deny, &self->deny, &why);
	if (err)
		*fault = reed_fault_new(err, NULL, __FILE__, __LINE__, REED_FMT,
		                        REED_ARG(reed_buf_slice(&why)));
	reed_buf_finish(&why);
	return err ? err : peers_parse(reed_slice_of(clients), &self->clients, fault);
}

enum reed_err reed_http_forward_new(struct reed_loop *loop,
                                    const struct reed_http_forward_options *options,
                                    struct reed_http_forward **forward, struct reed_fault **fault)
{
	struct reed_http_forward *self = reed_alloc(sizeof(*self));
	struct reed_http_forward_options *o = &self->options;
	enum reed_err err;

	memcpy(o, options, options->size < sizeof(*o) ? options->size : sizeof(*o));
	set_defaults(o);
	self->loop = loop;
	reed_list_init(&self->errands);
	make_proxy(self);
	err = read_rules(self, o, fault);
	o->allow = o->deny = NULL;
	o->clients = NULL;
	if (err)
		reed_http_forward_free(self);
	else
		*forward = self;
	return err;
}

void reed_http_forward_free(struct reed_http_forward *self)
{
	if (!self)
		return;
	rules_finish(&self->allow);
	rules_finish(&self->deny);
	peers_finish(&self->clients);
	reed_free(self->proxy.name);
	reed_free(self);
}

enum reed_err reed_http_forward_rule(struct reed_slice text, struct reed_buf *why)
{
	struct rule rule;
	enum reed_err err = rule_parse(text, &rule, why);

	rule_finish(&rule);
	return err;
}
