/* What the next request of a fetch is made of. */

#include "journey.h"
#include "reed/base64.h"
#include "reed/random.h"

enum { OWN = 8 }; /* fields that are ours */

struct request {
	struct exchange what;
	struct reed_http_field *fields;
	struct reed_buf cookie, login;
	char *endpoint, *proxy;
};

static struct reed_slice given(const struct journey *self, const char *name)
{
	return reed_http_field(self->fields, self->field_count, name, 0);
}

static void add(struct request *r, const char *name, struct reed_slice value)
{
	r->fields[r->what.field_count++] = (struct reed_http_field){ reed_slice_of(name), value };
}

/* What is for one origin is not told to another (RFC 9110 15.4). */
static bool is_secret(struct reed_slice name)
{
	return reed_slice_is_nocase(name, "Authorization") ||
	       reed_slice_is_nocase(name, "Cookie") ||
	       reed_slice_is_nocase(name, "Proxy-Authorization");
}

static bool is_of_body(struct reed_slice name)
{
	return reed_slice_is_nocase(reed_slice_first(name, 8), "Content-");
}

static void add_given(struct journey *self, struct request *r)
{
	for (size_t i = 0; i < self->field_count; i++) {
		const struct reed_http_field *f = &self->fields[i];

		if ((self->astray && is_secret(f->name)) ||
		    (!self->body.p && !self->upload && is_of_body(f->name)))
			continue;
		r->fields[r->what.field_count++] = *f;
	}
}

static void add_cookies(struct journey *self, struct request *r)
{
	struct reed_http_cookie_place place = { .host = r->what.url.host,
		                                .path = r->what.url.target,
		                                .secure = r->what.url.secure };
	int64_t wall = reed_wall(self->client->loop) / REED_S(1);

	if (!self->client->options.jar || given(self, "Cookie").p)
		return;
	if (place.path.n > 0 && place.path.p[0] == '?')
		place.path = REED_STR("/");
	reed_http_jar_get(self->client->options.jar, &place, wall, &r->cookie);
	if (reed_buf_held(&r->cookie) > 0)
		add(r, "Cookie", reed_buf_slice(&r->cookie));
}

static void add_basic(struct request *r, const char *login)
{
	reed_buf_add_str(&r->login, "Basic ");
	reed_buf_add_base64(&r->login, reed_slice_of(login));
	add(r, "Authorization", reed_buf_slice(&r->login));
}

/* Nothing is said before it has been asked for, and nothing to others than the first origin. */
static void add_digest(struct journey *self, struct request *r, const char *login)
{
	struct reed_slice target = r->what.url.target;
	struct reed_buf uri = { 0 };

	if (!self->challenge || self->astray)
		return;
	if (target.n == 0 || target.p[0] != '/')
		reed_buf_add_char(&uri, '/');
	reed_buf_add(&uri, target);
	if (!journey_answer(self, login, reed_buf_slice(&uri), &r->login))
		add(r, "Authorization", reed_buf_slice(&r->login));
	reed_buf_finish(&uri);
}

/* The caller's, or that of the file for this host; NULL: nobody's.  It is wiped and freed. */
static char *login_of(const struct journey *self, const struct request *r)
{
	struct reed_slice user, password;

	if (!self->astray && self->login)
		return reed_strdup(self->login);
	if (!self->client->netrc ||
	    netrc_find(reed_slice_of(self->client->netrc), r->what.url.host, &user, &password))
		return NULL;
	return reed_sprintf(REED_FMT ":" REED_FMT, REED_ARG(user), REED_ARG(password));
}

static void add_login(struct journey *self, struct request *r)
{
	char *login;

	if (!self->astray && given(self, "Authorization").p)
		return;
	login = login_of(self, r);
	if (!login)
		return;
	if (self->digest)
		add_digest(self, r, login);
	else
		add_basic(r, login);
	reed_wipe(login, strlen(login));
	reed_free(login);
}

static void add_own(struct journey *self, struct request *r)
{
	r->what.decode = self->client->options.decode && !given(self, "Accept-Encoding").p &&
	                 !given(self, "Range").p;
	if (r->what.decode)
		add(r, "Accept-Encoding", REED_STR(HTTP_CODINGS));
	if (r->proxy)
		add(r, "Proxy-Authorization", reed_slice_of(r->proxy));
	add_cookies(self, r);
	add_login(self, r);
}

/* RFC 6797 8.3: a host that wants TLS is not asked without. */
static void make_secure(struct journey *self, struct url *url)
{
	const char *why;
	char *secure;

	if (url->secure || self->endpoint || !self->client->options.hsts ||
	    !hsts_wants(self->client, url->host))
		return;
	if (url->port == 80)
		secure = reed_sprintf("https://" REED_FMT REED_FMT, REED_ARG(url->host),
		                      REED_ARG(url->target)); /* never an address */
	else
		secure = reed_sprintf("https%s", self->url + strlen("http"));
	reed_free(self->url);
	self->url = secure;
	url_parse(reed_slice_of(self->url), url, &why);
}

static enum reed_err route(struct journey *self, struct request *r)
{
	if (!self->endpoint || self->astray)
		return client_route(self->client, &r->what.url, &r->endpoint, &r->what.absolute,
		                    &r->proxy);
	r->endpoint = reed_strdup(self->endpoint);
	return REED_OK;
}

static bool wants_length(const char *method)
{
	return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
	       strcmp(method, "PATCH") == 0;
}

static void finish(struct request *r)
{
	reed_buf_finish(&r->cookie);
	reed_buf_finish(&r->login);
	reed_free(r->endpoint);
	reed_free(r->proxy);
	reed_free(r->fields);
}

struct reed_future *journey_exchange(struct journey *self)
{
	struct request r = { .endpoint = NULL };
	struct reed_future *f;
	const char *why;

	if (url_parse(reed_slice_of(self->url), &r.what.url, &why))
		return reed_failed(self->client->loop, REED_ESYNTAX, "%s: %s", self->url, why);
	make_secure(self, &r.what.url);
	if (route(self, &r)) {
		finish(&r);
		return reed_failed(self->client->loop, REED_ESYNTAX,
		                   "a proxy is http://HOST:PORT, socks5://HOST:PORT or "
		                   "socks4a://HOST:PORT");
	}
	r.fields = reed_alloc((self->field_count + OWN) * sizeof(*r.fields));
	add_given(self, &r);
	add_own(self, &r);
	r.what.endpoint = r.endpoint;
	r.what.method = self->method;
	r.what.fields = r.fields;
	r.what.body = self->body.p ? self->body : REED_STR("");
	r.what.has_body = self->body.n > 0 || wants_length(self->method);
	r.what.upload = self->upload;
	r.what.upload_size = self->upload_size;
	r.what.stream = self->stream;
	self->tries++;
	f = client_exchange(self->client, &r.what, &self->response);
	finish(&r);
	return f;
}
