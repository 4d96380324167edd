/* A fetch: exchanges one after another, until one is the answer. */

#include "journey.h"

static struct reed_future *in_time(struct journey *self, struct reed_future *f)
{
	int64_t left = self->until - reed_now(self->co.loop);

	if (self->until == REED_NEVER)
		return f;
	return reed_within(left > 0 ? (left + 999999) / 1000000 : 0, f);
}

static void let_go(struct journey *self)
{
	if (self->response)
		reed_http_response_free(&self->response->public);
	self->response = NULL;
}

/* Worth another try: nothing came of it, and more time may help. */
static bool is_passing(enum reed_err err)
{
	return err == REED_EEOF || err == REED_ERESET || err == REED_EREFUSED ||
	       err == REED_ETIMEDOUT || err == REED_EPIPE || err == REED_ENETUNREACH ||
	       err == REED_EHOSTUNREACH;
}

static void journey_run(struct reed_co *co)
{
	struct journey *self = reed_frame(co, struct journey);
	int64_t rest;

	reed_coroutine (co) {
		if (self->slot)
			reed_try(co,
			         in_time(self, reed_acquire(&self->client->slots, 1, self->slot)));
		for (;;) {
			let_go(self);
			reed_await(co, in_time(self, journey_exchange(self)));
			rest = -1;
			if (co->err && is_passing(co->err) && reed_now(co->loop) < self->until)
				rest = journey_rest(self);
			if (co->err && rest < 0)
				reed_return(co, co->err);
			if (!co->err) {
				journey_learn(self);
				if (!journey_redirect(self) || !journey_meet(self))
					continue;
				rest = journey_rest(self);
			}
			if (rest < 0)
				reed_return(co, REED_OK);
			reed_try(co, in_time(self, reed_sleep(co->loop, rest)));
		}
	}
}

static void journey_deliver(struct reed_co *co)
{
	struct journey *self = reed_frame(co, struct journey);
	struct response *r = self->response;

	r->url = self->url;
	r->public.url = r->url;
	r->public.redirects = self->redirects;
	r->owns_client = self->client->single;
	if (response_is_open(r)) { /* its body is still to come */
		r->slot = self->slot;
		self->slot = NULL;
	}
	*self->out = &r->public;
	self->url = NULL;
	self->response = NULL;
	self->client = NULL;
}

static void journey_end(struct reed_co *co)
{
	struct journey *self = reed_frame(co, struct journey);

	let_go(self);
	slot_free(self->slot);
	if (self->client && self->client->single)
		reed_http_client_free(self->client);
	reed_pool_finish(&self->pool);
	reed_free(self->url);
	reed_free(self->method);
	reed_free(self->endpoint);
	if (self->login)
		reed_wipe(self->login, strlen(self->login));
	reed_free(self->login);
	reed_free(self->challenge);
}

static const struct reed_co_kind journey_kind = { "fetch", sizeof(struct journey), journey_run,
	                                          journey_deliver, journey_end };

/* ---- what is asked for ---- */

static bool fields_are_good(const struct reed_http_fetch *what)
{
	for (size_t i = 0; i < what->field_count; i++)
		if (!reed_http_is_token(what->fields[i].name) ||
		    !reed_http_is_value(what->fields[i].value))
			return false;
	return true;
}

static const char *what_is_wrong(const struct reed_http_fetch *what)
{
	struct reed_slice method = reed_slice_of(what->method ? what->method : "GET");
	const char *why;
	struct url url;

	if (url_parse(reed_slice_of(what->url), &url, &why))
		return why;
	if (!reed_http_is_token(method) || reed_slice_is(method, "CONNECT"))
		return "the method is not one";
	if (what->login && !strchr(what->login, ':'))
		return "a login is NAME:PASSWORD";
	return fields_are_good(what) ? NULL : "a field is not a token and a value";
}

static struct reed_slice keep(struct reed_pool *pool, struct reed_slice s)
{
	char *p = reed_pool_alloc(pool, s.n + 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return reed_slice(p, s.n);
}

static void keep_all(struct journey *self, const struct reed_http_fetch *what)
{
	struct reed_pool *pool = &self->pool;

	self->fields = reed_pool_alloc(pool, (what->field_count + 1) * sizeof(*self->fields));
	self->field_count = what->field_count;
	for (size_t i = 0; i < what->field_count; i++) {
		self->fields[i].name = keep(pool, what->fields[i].name);
		self->fields[i].value = keep(pool, what->fields[i].value);
	}
	if (what->body.n > 0)
		self->body = keep(pool, what->body);
}

static struct reed_http_fetch copy_of(const struct reed_http_fetch *fetch)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;

	memcpy(&what, fetch, fetch->size < sizeof(what) ? fetch->size : sizeof(what));
	return what;
}

char *reed_http_fetch_url(const struct reed_http_fetch *fetch)
{
	struct reed_http_fetch what = copy_of(fetch);
	struct reed_slice url = reed_slice_of(what.url);
	struct reed_buf whole = { .limit = 0 };
	char before;

	if (what.param_count == 0)
		return reed_strdup(what.url);
	url = reed_slice_first(url, reed_slice_find(url, '#'));
	before = reed_slice_find(url, '?') < url.n ? '&' : '?';
	reed_buf_add(&whole, url);
	for (size_t i = 0; i < what.param_count; i++) {
		reed_buf_add_char(&whole, before);
		reed_http_encode(what.params[i].name, "", &whole);
		reed_buf_add_char(&whole, '=');
		reed_http_encode(what.params[i].value, "", &whole);
		before = '&';
	}
	return reed_buf_take(&whole);
}

struct reed_future *reed_http_fetch(struct reed_http_client *client,
                                    const struct reed_http_fetch *fetch,
                                    struct reed_http_response **response)
{
	struct reed_http_fetch what = copy_of(fetch);
	const char *why = what_is_wrong(&what);
	struct journey *self;
	struct reed_future *f;

	if (why) {
		f = reed_failed(client->loop, REED_ESYNTAX, "%s: %s", what.url, why);
		if (client->single)
			reed_http_client_free(client);
		return f;
	}
	self = reed_co_new(client->loop, &journey_kind);
	self->client = client;
	self->out = response;
	self->url = reed_http_fetch_url(&what);
	self->method = reed_strdup(what.method ? what.method : "GET");
	self->endpoint = reed_strdup(what.endpoint);
	self->login = reed_strdup(what.login);
	self->digest = what.digest;
	keep_all(self, &what);
	self->slot = client->options.at_once ? reed_alloc(sizeof(*self->slot)) : NULL;
	self->stream = what.stream;
	self->upload = what.upload;
	self->upload_size = what.upload_size;
	self->until = client->options.total_ms
	                      ? reed_now(client->loop) + REED_MS((int64_t)client->options.total_ms)
	                      : REED_NEVER;
	return reed_start(&self->co);
}

struct reed_future *reed_http_get(struct reed_loop *loop, const char *url,
                                  struct reed_http_response **response)
{
	struct reed_http_client *client = reed_http_client_new(loop, NULL);
	struct reed_http_fetch fetch = REED_HTTP_FETCH;

	client->single = true;
	fetch.url = url;
	return reed_http_fetch(client, &fetch, response);
}
