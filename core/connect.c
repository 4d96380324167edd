/* Happy eyeballs, version 2 (RFC 8305). */

#include "reed/buf.h"
#include "reed/co.h"
#include "reed/scope.h"
#include "resolve_private.h"

enum {
	DELAY_MIN_MS = 10, /* RFC 8305 8 */
	TOLD_MAX = 16,     /* addresses a fault names */
	WHY = REED_ADDRESS_TEXT + 32,
};

struct connect {
	struct reed_co co;
	char *host;
	uint16_t port;
	struct reed_connect_options options;
	struct reed_address from;
	struct reed_found found;
	struct reed_cell attempts; /* touched when one has ended */
	struct reed_union news;
	struct reed_watch on_found, on_attempts;
	struct reed_scope scope; /* of the search and of the attempts */
	bool searched;
	struct reed_fault *search_fault;
	enum reed_err search_err;
	size_t next[REED_FAMILIES]; /* to be tried */
	int family;                 /* of the one tried last; REED_FAMILIES: none yet */
	int64_t v4_since, due;      /* reed_now() when there was one; when the next may begin */
	int64_t patience_ms;        /* until there may be something to do; -1: not by itself */
	size_t running, failed;
	struct reed_buf reasons;
	enum reed_err err; /* of the first that could be reached, else of the first */
	struct reed_stream *stream, **out;
};

/* ---- the search ---- */

struct search {
	struct reed_co co;
	struct connect *connect;
};

/* What we are bound to leaves one family only. */
static unsigned families_of(const struct connect *self)
{
	unsigned v6 = 1u << REED_V6, v4 = 1u << REED_V4;

	if (!self->options.from)
		return v6 | v4;
	return self->from.family == REED_FAMILY_IPV4 ? v4 : v6;
}

static void search_run(struct reed_co *co)
{
	struct connect *self = reed_frame(co, struct search)->connect;

	reed_coroutine (co) {
		reed_await(co, reed_seek(co->loop, reed_slice_of(self->host), self->port,
		                         families_of(self), &self->found));
		self->searched = true;
		self->search_err = co->err;
		self->search_fault = reed_co_take_fault(co);
		reed_cell_touch(&self->attempts);
	}
}

static const struct reed_co_kind search_kind = {
	.name = "connect search",
	.size = sizeof(struct search),
	.run = search_run,
};

static void begin_search(struct connect *self)
{
	struct search *search = reed_co_new(self->co.loop, &search_kind);

	search->connect = self;
	reed_scope_add(&self->scope, reed_start(&search->co));
}

/* ---- one attempt ---- */

struct attempt {
	struct reed_co co;
	struct connect *connect;
	struct reed_address to;
	struct reed_stream *stream;
};

static bool says_something(enum reed_err err)
{
	return err != REED_ENETUNREACH && err != REED_EHOSTUNREACH && err != REED_EADDRNOTAVAIL &&
	       err != REED_EACCES;
}

/* The next one need not wait: RFC 8305 5. */
static void note_failure(struct connect *self, enum reed_err err, const char *why)
{
	if (self->failed++ == 0 || (!says_something(self->err) && says_something(err)))
		self->err = err;
	if (self->failed <= TOLD_MAX)
		reed_buf_printf(&self->reasons, "%s%s", self->failed > 1 ? "; " : "", why);
	self->due = reed_now(self->co.loop);
}

static void attempt_run(struct reed_co *co)
{
	struct attempt *self = reed_frame(co, struct attempt);
	struct connect *connect = self->connect;

	reed_coroutine (co) {
		reed_await(co, reed_net_connect(co->loop, &self->to, connect->options.from,
		                                &self->stream));
		connect->running--;
		if (co->err) {
			note_failure(connect, co->err, reed_co_why(co));
		} else if (!connect->stream) {
			connect->stream = self->stream;
			self->stream = NULL;
		}
		reed_cell_touch(&connect->attempts);
	}
}

static void attempt_end(struct reed_co *co)
{
	reed_abort(reed_frame(co, struct attempt)->stream);
}

static const struct reed_co_kind attempt_kind = {
	.name = "connect attempt",
	.size = sizeof(struct attempt),
	.run = attempt_run,
	.end = attempt_end,
};

static bool is_allowed(const struct reed_connect_options *o, const struct reed_address *to)
{
	return !o->allows || o->allows(o->arg, to);
}

static enum reed_err refusal(const struct reed_address *to, char why[WHY])
{
	char host[REED_ADDRESS_TEXT];

	snprintf(why, WHY, "%s: is not allowed", reed_address_host(to, host));
	return REED_EACCES;
}

static void begin_attempt(struct connect *self, const struct reed_address *to)
{
	char why[WHY];
	struct attempt *attempt;

	if (!is_allowed(&self->options, to)) {
		note_failure(self, refusal(to, why), why);
		return;
	}
	attempt = reed_co_new(self->co.loop, &attempt_kind);
	attempt->connect = self;
	attempt->to = *to;
	self->running++;
	reed_scope_add(&self->scope, reed_start(&attempt->co));
}

/* ---- which one, and when ---- */

static size_t left(const struct connect *self, int family)
{
	return self->found.of[family].count - self->next[family];
}

/* RFC 8305 4: the family of the best address first, then they take turns. */
static int next_family(struct connect *self)
{
	struct reed_address best[2];
	struct reed_addresses both = { best, 2 };
	int other = 1 - self->family;

	if (!left(self, REED_V6) || !left(self, REED_V4))
		return left(self, REED_V6) ? REED_V6 : REED_V4;
	if (self->family < REED_FAMILIES)
		return other;
	best[0] = self->found.of[REED_V6].list[0];
	best[1] = self->found.of[REED_V4].list[0];
	reed_addresses_sort(self->co.loop, &both);
	return best[0].family == REED_FAMILY_IPV6 ? REED_V6 : REED_V4;
}

static void try_next(struct connect *self)
{
	int family = next_family(self);

	self->family = family;
	self->due = reed_now(self->co.loop) + REED_MS(self->options.attempt_delay_ms);
	begin_attempt(self, &self->found.of[family].list[self->next[family]++]);
}

/* RFC 8305 3: an A answer waits a little for the AAAA answer. */
static int64_t first_due(struct connect *self)
{
	if (left(self, REED_V6) || self->found.known[REED_V6])
		return 0;
	if (!self->v4_since)
		self->v4_since = reed_now(self->co.loop);
	return self->v4_since + REED_MS(self->options.resolution_delay_ms);
}

static int64_t next_due(struct connect *self)
{
	return self->family == REED_FAMILIES ? first_due(self) : self->due;
}

static bool any_left(const struct connect *self)
{
	return left(self, REED_V6) || left(self, REED_V4);
}

static int64_t ms_until(const struct connect *self, int64_t at)
{
	return (at - reed_now(self->co.loop) + REED_MS(1) - 1) / REED_MS(1);
}

/* Begins what is due.  False: there is nothing left to wait for. */
static bool go_on(struct connect *self)
{
	int64_t due = 0;

	if (self->stream)
		return false;
	self->patience_ms = -1;
	while (any_left(self) && (due = next_due(self)) <= reed_now(self->co.loop))
		try_next(self);
	if (!any_left(self))
		return self->running > 0 || !self->searched;
	self->patience_ms = ms_until(self, due);
	return true;
}

/* ---- the whole ---- */

static enum reed_err failure(struct connect *self, struct reed_co *co)
{
	struct reed_slice reasons = reed_buf_slice(&self->reasons);
	const struct reed_fault *half = self->found.fault;

	if (self->failed == 0) {
		co->err = self->search_err;
		co->fault = self->search_fault;
		self->search_fault = NULL;
		return co->err;
	}
	if (self->failed > TOLD_MAX)
		reed_buf_printf(&self->reasons, "; and %zu more", self->failed - TOLD_MAX);
	if (half)
		reed_buf_printf(&self->reasons, "; %s", half->sentence);
	reasons = reed_buf_slice(&self->reasons);
	co->err = self->err;
	co->fault = reed_fault(self->err, NULL, "cannot connect to %s:%u: " REED_FMT, self->host,
	                       self->port, REED_ARG(reasons));
	return co->err;
}

static void connect_run(struct reed_co *co)
{
	struct connect *self = reed_frame(co, struct connect);

	reed_coroutine (co) {
		begin_search(self);
		while (go_on(self))
			reed_try(co, reed_union_wait(&self->news, self->patience_ms));
		reed_scope_drop(&self->scope);
		if (!self->stream)
			reed_return(co, failure(self, co));
	}
}

static void connect_deliver(struct reed_co *co)
{
	struct connect *self = reed_frame(co, struct connect);

	*self->out = self->stream;
	self->stream = NULL;
}

static void connect_end(struct reed_co *co)
{
	struct connect *self = reed_frame(co, struct connect);

	reed_scope_finish(&self->scope);
	reed_abort(self->stream);
	reed_found_finish(&self->found);
	reed_fault_free(self->search_fault);
	reed_buf_finish(&self->reasons);
	reed_free(self->host);
}

static const struct reed_co_kind connect_kind = {
	.name = "connect",
	.size = sizeof(struct connect),
	.run = connect_run,
	.deliver = connect_deliver,
	.end = connect_end,
};

static void take_options(struct reed_connect_options *o, const struct reed_connect_options *given)
{
	*o = (struct reed_connect_options)REED_CONNECT_OPTIONS;
	if (given)
		memcpy(o, given, given->size < sizeof(*o) ? given->size : sizeof(*o));
	if (o->attempt_delay_ms < DELAY_MIN_MS)
		o->attempt_delay_ms = DELAY_MIN_MS;
}

static struct reed_future *connect_by_name(struct reed_loop *loop, struct reed_slice host,
                                           uint16_t port,
                                           const struct reed_connect_options *options,
                                           struct reed_stream **stream)
{
	struct connect *self = reed_co_new(loop, &connect_kind);

	take_options(&self->options, options);
	if (self->options.from) {
		self->from = *self->options.from;
		self->options.from = &self->from;
	}
	self->host = reed_slice_dup(host);
	self->port = port;
	self->family = REED_FAMILIES;
	self->out = stream;
	reed_scope_init(&self->scope, loop, NULL, "connect");
	self->scope.policy = REED_SCOPE_IGNORE;
	reed_union_init(&self->news, loop);
	reed_union_add(&self->news, &self->on_found, &self->found.news);
	reed_union_add(&self->news, &self->on_attempts, &self->attempts);
	return reed_start(&self->co);
}

struct reed_future *reed_connect(struct reed_loop *loop, struct reed_slice host, uint16_t port,
                                 const struct reed_connect_options *options,
                                 struct reed_stream **stream)
{
	struct reed_connect_options o;
	struct reed_address to;
	char why[WHY];

	if (reed_address_parse(host, port, &to))
		return connect_by_name(loop, host, port, options, stream);
	take_options(&o, options);
	if (!is_allowed(&o, &to))
		return reed_failed(loop, refusal(&to, why), "cannot connect to %s", why);
	return reed_net_connect(loop, &to, o.from, stream);
}
