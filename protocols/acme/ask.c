/*
 * Requests to an authority: with a nonce, signed, and again when the nonce was
 * none or the connection broke.  Whatever is asked twice does no harm: it is
 * an account of the same key, an order more that expires, or is asked for first.
 */

#include "private.h"

#include <string.h>

#include "reed/endpoint.h"
#include "reed/http/message.h"
#include "reed/random.h"

enum {
	TRIES = 6,
	BREAKS = 3,
	FIRST_MS = 500, /* before a broken connection is made anew; twice that the next time */
	REST_S = 3600,  /* when it has been asked too often, and does not say how long */
	REST_MOST_S = 7 * 86400,
};

struct asking {
	struct reed_co co;
	struct reed_acme *acme;
	char *url;
	struct reed_buf payload, body;
	bool as_get, plain, head; /* GET and HEAD are not signed */
	enum acme_signer signer;
	struct reed_http_response *response, **out;
	unsigned tries, breaks;
	bool again;
};

/* ---- the request ---- */

/* The roots of a server are those of the system, or a file. */
static char *endpoint_of(const struct asking *self, const char *url)
{
	struct reed_slice rest = reed_slice_of(url), host;
	char *quoted, *endpoint;

	if (!self->acme->ca || !reed_slice_starts(rest, REED_STR("https://")))
		return NULL;
	rest = reed_slice_from(rest, 8);
	host = reed_slice_cut(&rest, '/');
	quoted = reed_endpoint_quote(reed_slice_of(self->acme->ca));
	endpoint = reed_sprintf("tls:" REED_FMT "%s:ca=%s", REED_ARG(host),
	                        host.p[host.n - 1] != ']' && reed_slice_find(host, ':') < host.n
	                                ? ""
	                                : ":443",
	                        quoted);
	reed_free(quoted);
	return endpoint;
}

static enum reed_err sign(struct asking *self)
{
	struct reed_acme *acme = self->acme;
	json_t *head = json_pack("{ssss}", "nonce", acme->nonce, "url", self->url);

	if (self->signer == ACME_BY_KEY)
		json_object_set_new(head, "jwk", acme_key_json(&acme->key));
	else
		json_object_set_new(head, "kid", json_string(acme->account));
	reed_free(acme->nonce);
	acme->nonce = NULL;
	reed_buf_clear(&self->body);
	return acme_sign(&acme->key, head,
	                 self->as_get ? reed_slice(NULL, 0) : reed_buf_slice(&self->payload),
	                 &self->body);
}

static struct reed_future *send(struct asking *self)
{
	const struct reed_http_field fields[] = {
		{ REED_STR("Content-Type"), REED_STR("application/jose+json") },
	};
	struct reed_http_fetch fetch = REED_HTTP_FETCH;
	const char *url = self->head ? self->acme->directory.nonce : self->url;
	char *endpoint = endpoint_of(self, url);
	struct reed_future *f;

	fetch.url = url;
	fetch.endpoint = endpoint;
	fetch.method = self->head ? "HEAD" : self->plain ? "GET" : "POST";
	if (!self->head && !self->plain) {
		fetch.fields = fields;
		fetch.field_count = REED_COUNT(fields);
		fetch.body = reed_buf_slice(&self->body);
	}
	f = reed_http_fetch(self->acme->client, &fetch, &self->response);
	reed_free(endpoint);
	return f;
}

/* ---- the answer ---- */

static void forget(struct asking *self)
{
	reed_http_response_free(self->response);
	self->response = NULL;
}

/* RFC 8555 6.5.1: every answer brings the next one; one that is malformed is none. */
static void keep_nonce(struct asking *self)
{
	struct reed_slice nonce = reed_http_response_field(self->response, "Replay-Nonce");

	if (!nonce.p || nonce.n > ACME_TOKEN || !acme_is_base64url(nonce))
		return;
	reed_free(self->acme->nonce);
	self->acme->nonce = reed_slice_dup(nonce);
}

/* RFC 9110 10.2.3: seconds, or a date. */
static int64_t retry_after(struct reed_acme *acme, const struct reed_http_response *r)
{
	struct reed_slice text = reed_http_response_field(r, "Retry-After");
	int64_t now = reed_wall(acme->loop) / REED_S(1), date;
	uint64_t seconds;

	if (!text.p)
		return -1;
	if (!reed_slice_u64(text, REST_MOST_S, &seconds))
		return (int64_t)seconds;
	if (!reed_http_parse_date(text, now, &date))
		return date > now ? date - now : 0;
	return -1;
}

int64_t acme_retry_after(struct reed_acme *self, const struct reed_http_response *r, int64_t least,
                         int64_t most)
{
	int64_t ms = retry_after(self, r) * 1000;

	ms = ms < least ? least : ms;
	return ms > most ? most : ms;
}

static void rest(struct asking *self)
{
	struct reed_acme *acme = self->acme;
	int64_t s = retry_after(acme, self->response);

	s = s < 0 ? REST_S : s > REST_MOST_S ? REST_MOST_S : s;
	acme->rest = reed_wall(acme->loop) + REED_S(s);
}

/* One that it does not know any more is asked for anew by whoever asks next. */
static void forget_account(struct reed_acme *acme, const struct acme_problem *problem)
{
	if (!acme_problem_is(problem, "accountDoesNotExist"))
		return;
	reed_free(acme->account);
	acme->account = NULL;
}

/* What has come of it; again is set when it has to be asked once more. */
static enum reed_err judge(struct asking *self)
{
	unsigned status = self->response->status;
	struct acme_problem problem;
	enum reed_err err;

	self->again = false;
	if (status >= 200 && status < 300)
		return REED_OK;
	acme_read_problem(self->response->body, status, &problem);
	err = acme_problem_err(&problem, status);
	if (!self->plain && status == 400 && acme_problem_is(&problem, "badNonce") &&
	    ++self->tries < TRIES) {
		self->again = true;
		return REED_OK;
	}
	if (err == REED_ETHROTTLED)
		rest(self);
	forget_account(self->acme, &problem);
	return reed_because(&self->co, err, "%s: %s", self->url, problem.words);
}

/* ---- both ---- */

/* A nonce is not for ever; a connection that was kept may have been closed meanwhile. */
static bool may_try_again(struct asking *self)
{
	enum reed_err err = self->co.err;
	bool broke = err == REED_EEOF || err == REED_ERESET || err == REED_EPIPE ||
	             err == REED_EABORTED || err == REED_EREFUSED || err == REED_ETIMEDOUT;

	if (!broke || self->breaks == BREAKS)
		return false;
	self->breaks++;
	return true;
}

static int64_t patience(const struct asking *self)
{
	return (int64_t)FIRST_MS << self->breaks;
}

static void asking_run(struct reed_co *co)
{
	struct asking *self = reed_frame(co, struct asking);
	struct reed_acme *acme = self->acme;

	reed_coroutine (co) {
		do {
			self->head = !self->plain && !acme->nonce;
			if (!self->head && !self->plain && sign(self))
				reed_return(co,
				            reed_because(co, REED_EIO, "OpenSSL does not sign"));
			reed_await(co, send(self));
			self->again = co->err && may_try_again(self);
			if (self->again) {
				reed_await(co, reed_sleep(co->loop, patience(self)));
				continue;
			}
			if (co->err)
				reed_return(co, reed_because(co, co->err, "%s", self->url));
			keep_nonce(self);
			if (judge(self))
				reed_return(co, co->err);
			if (self->head && !acme->nonce)
				reed_return(co, reed_because(co, REED_EPROTO, "%s gives no nonce",
				                             self->acme->directory.nonce));
			self->again |= self->head;
			if (self->again)
				forget(self);
		} while (self->again);
	}
}

static void asking_deliver(struct reed_co *co)
{
	struct asking *self = reed_frame(co, struct asking);

	*self->out = self->response;
	self->response = NULL;
}

static void asking_end(struct reed_co *co)
{
	struct asking *self = reed_frame(co, struct asking);

	forget(self);
	reed_buf_finish(&self->payload);
	reed_buf_finish(&self->body);
	reed_free(self->url);
}

static const struct reed_co_kind asking_kind = { .name = "acme request",
	                                         .size = sizeof(struct asking),
	                                         .run = asking_run,
	                                         .deliver = asking_deliver,
	                                         .end = asking_end };

static struct asking *asking_new(struct reed_acme *acme, const char *url,
                                 struct reed_http_response **response)
{
	struct asking *self = reed_co_new(acme->loop, &asking_kind);

	self->acme = acme;
	self->url = reed_strdup(url);
	self->out = response;
	return self;
}

struct reed_future *acme_ask(struct reed_acme *acme, const char *url, struct reed_slice payload,
                             enum acme_signer signer, struct reed_http_response **response)
{
	struct asking *self = asking_new(acme, url, response);

	self->as_get = !payload.p;
	self->signer = signer;
	reed_buf_add(&self->payload, payload);
	return reed_start(&self->co);
}

struct reed_future *acme_get(struct reed_acme *acme, const char *url,
                             struct reed_http_response **response)
{
	struct asking *self = asking_new(acme, url, response);

	self->plain = true;
	return reed_start(&self->co);
}
