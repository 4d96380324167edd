/*
 * An order from its beginning to the certificate (RFC 8555 7.4): placed or gone
 * on with, each of its names authorized, finalized, and the chain fetched.
 */

#include "private.h"

#include <openssl/pem.h>
#include <string.h>

#include "reed/cert.h"
#include "reed/random.h"

enum { FIRST_MS = 250, MOST_MS = 60000 };

struct obtaining {
	struct reed_co co;
	struct reed_acme *acme;
	const struct reed_acme_wish *wish;
	struct reed_http_response *response;
	struct reed_pool pool; /* of the order */
	struct acme_order order;
	char *url; /* of it */
	size_t i;
	int64_t pause; /* ms */
	bool finalized;
	struct reed_fault *refusal; /* of a finalization, which may have been done all the same */
	struct reed_buf *chain;
};

/* ---- requests ---- */

static struct reed_future *place(struct obtaining *self)
{
	json_t *list = json_array(), *wish = json_pack("{so}", "identifiers", list);
	struct reed_buf text = { .limit = 0 };
	struct reed_future *f;

	for (const char *const *name = self->wish->names; *name; name++)
		json_array_append_new(list, json_pack("{ssss}", "type", "dns", "value", *name));
	acme_json_write(wish, &text);
	f = acme_ask(self->acme, self->acme->directory.order, reed_buf_slice(&text),
	             ACME_BY_ACCOUNT, &self->response);
	reed_buf_finish(&text);
	return f;
}

static struct reed_future *look(struct obtaining *self)
{
	return acme_ask(self->acme, self->url, reed_slice(NULL, 0), ACME_BY_ACCOUNT,
	                &self->response);
}

static struct reed_future *fetch(struct obtaining *self)
{
	return acme_ask(self->acme, self->order.certificate, reed_slice(NULL, 0), ACME_BY_ACCOUNT,
	                &self->response);
}

/* The request in DER, from the PEM that the kernel makes. */
static enum reed_err request_of(struct obtaining *self, struct reed_buf *base64url)
{
	struct reed_cert_options options = REED_CERT_OPTIONS;
	struct reed_buf pem = { .limit = 0 };
	struct reed_fault *fault = NULL;
	unsigned char *der = NULL;
	X509_REQ *request;
	BIO *bio;
	int n;
	enum reed_err err;

	options.names = self->wish->names;
	options.wall = reed_wall(self->co.loop);
	err = reed_cert_request(self->wish->key, &options, &pem, &fault);
	if (err) {
		reed_because(&self->co, err, "%s", reed_fault_why(fault, err));
		reed_fault_free(fault);
		return err;
	}
	bio = BIO_new_mem_buf(reed_buf_slice(&pem).p, (int)reed_buf_held(&pem));
	request = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	n = i2d_X509_REQ(request, &der);
	reed_buf_add_base64url(base64url, reed_slice(der, n > 0 ? (size_t)n : 0));
	OPENSSL_free(der);
	X509_REQ_free(request);
	BIO_free(bio);
	reed_buf_finish(&pem);
	return n > 0 ? REED_OK : reed_because(&self->co, REED_EIO, "OpenSSL makes no request");
}

static struct reed_future *finalize(struct obtaining *self)
{
	struct reed_buf csr = { .limit = 0 }, text = { .limit = 0 };
	struct reed_future *f = NULL;

	if (!request_of(self, &csr)) {
		acme_json_write(json_pack("{ss%}", "csr", csr.p, reed_buf_held(&csr)), &text);
		f = acme_ask(self->acme, self->order.finalize, reed_buf_slice(&text),
		             ACME_BY_ACCOUNT, &self->response);
	} else {
		f = reed_failed_with(self->co.loop, reed_co_take_fault(&self->co));
	}
	reed_buf_finish(&csr);
	reed_buf_finish(&text);
	return f;
}

/* ---- answers ---- */

static void forget(struct obtaining *self)
{
	reed_http_response_free(self->response);
	self->response = NULL;
}

static enum reed_err take_order(struct obtaining *self)
{
	char why[ACME_WORDS];
	enum reed_err err;

	reed_pool_clear(&self->pool);
	err = acme_read_order(self->response->body, self->acme->url, &self->pool, &self->order,
	                      why);
	self->pause = acme_retry_after(self->acme, self->response,
	                               self->pause ? self->pause : FIRST_MS, MOST_MS);
	forget(self);
	return err ? reed_because(&self->co, err, "%s: %s", self->url, why) : REED_OK;
}

static enum reed_err take_place(struct obtaining *self)
{
	struct reed_slice url = reed_http_response_field(self->response, "Location");

	self->url = url.p ? reed_slice_dup(url) : reed_strdup("");
	if (!acme_is_url(self->url, self->acme->url))
		return reed_because(&self->co, REED_EPROTO, "%s does not say where our order is",
		                    self->acme->directory.order);
	return take_order(self);
}

/* One that has expired meanwhile is of no use: RFC 8555 7.1.6. */
static enum reed_err judge_order(struct obtaining *self)
{
	if (self->order.status != ACME_INVALID)
		return REED_OK;
	return reed_because(&self->co, self->wish->order ? REED_ENOENT : REED_EACCES,
	                    "the order for %s has come to nothing: %s", self->wish->names[0],
	                    self->order.error ? self->order.error : "it has expired");
}

static enum reed_err not_finalized(struct obtaining *self)
{
	reed_fault_free(reed_co_take_fault(&self->co));
	self->co.fault = self->refusal;
	self->refusal = NULL;
	self->co.err = self->co.fault->err;
	return self->co.err;
}

static void note_finalization(struct obtaining *self)
{
	reed_fault_free(self->refusal);
	self->refusal = NULL;
	if (self->co.err)
		self->refusal = reed_fault(self->co.err, reed_co_take_fault(&self->co),
		                           "the order for %s", self->wish->names[0]);
	forget(self);
}

static enum reed_err take_chain(struct obtaining *self)
{
	struct reed_fault *fault = NULL;
	enum reed_err err = acme_judge_chain(self->response->body, self->wish->key,
	                                     self->wish->names, reed_wall(self->co.loop), &fault);

	if (err)
		reed_because(&self->co, err, "what %s gives is no good: %s",
		             self->order.certificate, reed_fault_why(fault, err));
	reed_fault_free(fault);
	return err;
}

/* ---- all of it ---- */

static bool is_under_way(const struct obtaining *self)
{
	return self->order.status == ACME_PENDING || self->order.status == ACME_PROCESSING ||
	       self->order.status == ACME_READY;
}

static struct reed_future *tell_placed(struct obtaining *self)
{
	return self->wish->placed ? self->wish->placed(self->wish->arg, self->url)
	                          : reed_ready(self->co.loop, REED_OK);
}

/* The authorizations of an order that is polled for while they stand in its pool. */
static struct reed_future *authorize(struct obtaining *self)
{
	return acme_authorize(self->acme, self->order.authorizations[self->i], self->wish);
}

static void obtaining_run(struct reed_co *co)
{
	struct obtaining *self = reed_frame(co, struct obtaining);

	reed_coroutine (co) {
		reed_try(co, acme_register(self->acme));
		if (self->wish->order) {
			self->url = reed_strdup(self->wish->order);
			reed_try(co, look(self));
			if (take_order(self))
				reed_return(co, co->err);
		} else {
			reed_try(co, place(self));
			if (take_place(self))
				reed_return(co, co->err);
			reed_try(co, tell_placed(self));
		}
		if (judge_order(self))
			reed_return(co, co->err);
		for (; self->order.status == ACME_PENDING && self->i < self->order.count; self->i++)
			reed_try(co, authorize(self));
		while (is_under_way(self)) {
			if (self->order.status == ACME_READY && self->refusal)
				reed_return(co, not_finalized(self));
			if (self->order.status == ACME_READY && !self->finalized) {
				self->finalized = true;
				reed_await(co, finalize(self));
				note_finalization(self);
			} else {
				reed_try(co, reed_sleep(co->loop, self->pause));
				self->pause *= 2;
			}
			reed_try(co, look(self));
			if (take_order(self) || judge_order(self))
				reed_return(co, co->err);
		}
		reed_try(co, fetch(self));
		reed_return(co, take_chain(self));
	}
}

static void obtaining_deliver(struct reed_co *co)
{
	struct obtaining *self = reed_frame(co, struct obtaining);

	reed_buf_add(self->chain, self->response->body);
}

static void obtaining_end(struct reed_co *co)
{
	struct obtaining *self = reed_frame(co, struct obtaining);

	self->acme->busy = false;
	forget(self);
	reed_fault_free(self->refusal);
	reed_pool_finish(&self->pool);
	reed_free(self->url);
}

static const struct reed_co_kind obtaining_kind = { .name = "acme order",
	                                            .size = sizeof(struct obtaining),
	                                            .run = obtaining_run,
	                                            .deliver = obtaining_deliver,
	                                            .end = obtaining_end };

static size_t count(const char *const *names)
{
	size_t n = 0;

	while (names && names[n])
		n++;
	return n;
}

struct reed_future *reed_acme_obtain(struct reed_acme *acme, const struct reed_acme_wish *wish,
                                     struct reed_buf *chain)
{
	struct obtaining *self;

	if (acme->busy)
		return reed_failed(acme->loop, REED_EBUSY,
		                   "this account is getting a certificate already");
	if (count(wish->names) == 0 || count(wish->names) > ACME_NAMES)
		return reed_failed(acme->loop, REED_EINVAL,
		                   "a certificate has 1 to %d names, not %zu", ACME_NAMES,
		                   count(wish->names));
	self = reed_co_new(acme->loop, &obtaining_kind);
	acme->busy = true;
	self->acme = acme;
	self->wish = wish;
	self->chain = chain;
	reed_pool_init(&self->pool, ACME_POOL);
	return reed_within(acme->patience / REED_MS(1), reed_start(&self->co));
}
