/* When an authority would like a certificate to be renewed: RFC 9773. */

#include "keep.h"
#include "private.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "reed/random.h"

struct asking {
	struct reed_co co;
	struct reed_acme *acme;
	char id[ACME_RENEWAL_ID];
	struct reed_http_response *response;
	int64_t when, *out;
};

/* RFC 9773 4.1: the issuer's key, then the number, as they stand in DER. */
static bool put_id(X509 *x, struct reed_buf *out)
{
	const ASN1_OCTET_STRING *issuer = X509_get0_authority_key_id(x);
	unsigned char *der = NULL;
	int n = i2d_ASN1_INTEGER(X509_get_serialNumber(x), &der);
	bool good = issuer && n > 2 && n < 128;

	if (good) {
		reed_buf_add_base64url(out, reed_slice(ASN1_STRING_get0_data(issuer),
		                                       (size_t)ASN1_STRING_length(issuer)));
		reed_buf_add_char(out, '.');
		reed_buf_add_base64url(out, reed_slice(der + 2, (size_t)n - 2));
	}
	OPENSSL_free(der);
	return good;
}

void acme_renewal_id(struct reed_slice pem, char id[ACME_RENEWAL_ID])
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	struct reed_buf out = { .limit = 0 };

	if (!x || !put_id(x, &out) || !reed_slice_copy(id, ACME_RENEWAL_ID, reed_buf_slice(&out)))
		id[0] = '\0';
	BIO_free(bio);
	X509_free(x);
	ERR_clear_error();
	reed_buf_finish(&out);
}

static struct reed_future *get(struct asking *self)
{
	char *url = reed_sprintf("%s/%s", self->acme->directory.renewal, self->id);
	struct reed_future *f = acme_get(self->acme, url, &self->response);

	reed_free(url);
	return f;
}

static enum reed_err choose(struct asking *self)
{
	int64_t from, to;
	char why[ACME_WORDS];
	enum reed_err err = acme_read_window(self->response->body, &from, &to, why);

	if (err)
		return reed_because(&self->co, err, "%s: %s", self->acme->directory.renewal, why);
	self->when = from + (int64_t)reed_random_below(self->co.loop, (uint64_t)(to - from));
	return REED_OK;
}

static void asking_run(struct reed_co *co)
{
	struct asking *self = reed_frame(co, struct asking);

	reed_coroutine (co) {
		reed_try(co, acme_register(self->acme));
		if (!self->acme->directory.renewal || !self->id[0])
			reed_return(co, REED_OK);
		reed_try(co, get(self));
		reed_return(co, choose(self));
	}
}

static void asking_deliver(struct reed_co *co)
{
	struct asking *self = reed_frame(co, struct asking);

	*self->out = self->when;
}

static void asking_end(struct reed_co *co)
{
	struct asking *self = reed_frame(co, struct asking);

	reed_http_response_free(self->response);
}

static const struct reed_co_kind asking_kind = { .name = "acme renewal",
	                                         .size = sizeof(struct asking),
	                                         .run = asking_run,
	                                         .deliver = asking_deliver,
	                                         .end = asking_end };

struct reed_future *acme_ask_renewal(struct reed_acme *acme, const char *id, int64_t *when)
{
	struct asking *self = reed_co_new(acme->loop, &asking_kind);

	self->acme = acme;
	reed_slice_copy(self->id, sizeof(self->id), reed_slice_of(id));
	self->out = when;
	return reed_start(&self->co);
}

struct reed_future *reed_acme_renewal(struct reed_acme *acme, struct reed_slice chain,
                                      int64_t *when)
{
	char id[ACME_RENEWAL_ID];

	acme_renewal_id(chain, id);
	return acme_ask_renewal(acme, id, when);
}
