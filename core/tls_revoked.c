/*
 * The client's side of OCSP stapling (RFC 6066 8, RFC 6961): whether who has
 * issued the server's certificate still stands by it, as the server itself shows.
 * Nobody else is asked: responders would learn who visits whom, and a client
 * that cannot reach them would have to believe anybody.
 */

#include <openssl/x509v3.h>

#include "reed/random.h"
#include "tls_private.h"

enum { STATUS_REQUEST = 5 }; /* of RFC 7633 4.1: the extension's number in RFC 6066 */

/* Clocks differ; and one that names no end is good for so long. */
static const int64_t SKEW = 5 * 60 * REED_S(1), ENDLESS = 24 * 3600 * REED_S(1);

/* ---- what is looked at ---- */

static bool has_signed(X509 *issuer, X509 *leaf)
{
	return X509_check_issued(issuer, leaf) == X509_V_OK &&
	       X509_verify(leaf, X509_get0_pubkey(issuer)) == 1;
}

/* As the chain was built; DANE may have known the leaf alone. */
static X509 *issuer_among(STACK_OF(X509) * chain, X509 *leaf)
{
	for (int i = 0; i < sk_X509_num(chain); i++)
		if (has_signed(sk_X509_value(chain, i), leaf))
			return sk_X509_value(chain, i);
	return NULL;
}

static X509 *issuer_of(SSL *ssl, X509 *leaf)
{
	X509 *issuer = issuer_among(SSL_get0_verified_chain(ssl), leaf);

	return issuer ? issuer : issuer_among(SSL_get_peer_cert_chain(ssl), leaf);
}

/* RFC 7633 4.2.3: it may not be used without. */
static bool must_be_stapled(X509 *leaf)
{
	TLS_FEATURE *features = X509_get_ext_d2i(leaf, NID_tlsfeature, NULL, NULL);
	bool must = false;

	for (int i = 0; i < sk_ASN1_INTEGER_num(features); i++)
		must |= ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features, i)) == STATUS_REQUEST;
	TLS_FEATURE_free(features);
	return must;
}

static enum reed_ocsp_verdict verdict_of(SSL *ssl, X509 *leaf, struct reed_slice der, int64_t wall,
                                         struct reed_ocsp *told)
{
	struct reed_identity of = { .leaf = leaf, .chain = sk_X509_new_null() };
	X509 *issuer = issuer_of(ssl, leaf);
	enum reed_ocsp_verdict verdict = REED_OCSP_UNSIGNED;

	if (issuer && sk_X509_push(of.chain, issuer) > 0)
		verdict = reed_ocsp_judge(der, &of, wall, told);
	sk_X509_free(of.chain);
	return verdict;
}

/* ---- words for it ---- */

static const char *wrong_words(enum reed_ocsp_verdict verdict)
{
	switch (verdict) {
	case REED_OCSP_MALFORMED:
		return "is no OCSP response, or one that only says why there is none";
	case REED_OCSP_OF_ANOTHER:
		return "is about another certificate";
	case REED_OCSP_UNSIGNED:
		return "is not signed by who issued the certificate";
	case REED_OCSP_UNKNOWN:
		return "does not know the certificate";
	case REED_OCSP_GOOD:
	case REED_OCSP_REVOKED:
		break;
	}
	return "is good";
}

static struct reed_fault *out_of_date(const char *who, const struct reed_ocsp *told, int64_t wall)
{
	char date[REED_X509_DATE], today[REED_X509_DATE];
	bool early = wall < told->from - SKEW;

	return reed_fault(REED_ECERT, NULL,
	                  "the OCSP response that %s shows is %s %s (the clock here says %s)", who,
	                  early ? "not good before" : "of no use since",
	                  reed_x509_date(early ? told->from : told->until, date),
	                  reed_x509_date(wall, today));
}

/* NULL: the certificate is good. */
static struct reed_fault *judge(SSL *ssl, X509 *leaf, struct reed_slice der, int64_t wall)
{
	char who[REED_X509_NAME], date[REED_X509_DATE];
	struct reed_ocsp told = { .from = 0 };
	enum reed_ocsp_verdict verdict = verdict_of(ssl, leaf, der, wall, &told);

	reed_x509_who(leaf, who);
	if (!told.until)
		told.until = told.from + ENDLESS;
	if (verdict == REED_OCSP_REVOKED)
		return reed_fault(REED_ECERT, NULL,
		                  "the certificate of %s was revoked on %s by who issued it", who,
		                  reed_x509_date(told.revoked, date));
	if (verdict != REED_OCSP_GOOD)
		return reed_fault(REED_ECERT, NULL, "the OCSP response that %s shows %s", who,
		                  wrong_words(verdict));
	if (wall < told.from - SKEW || wall > told.until + SKEW)
		return out_of_date(who, &told, wall);
	return NULL;
}

static struct reed_fault *missing(const struct reed_tls *self, X509 *leaf)
{
	char who[REED_X509_NAME];

	reed_x509_who(leaf, who);
	if (must_be_stapled(leaf))
		return reed_fault(REED_ECERT, NULL,
		                  "%s shows no OCSP response, and its certificate says that it is "
		                  "not to be used without one (Must-Staple)",
		                  who);
	if (self->staple != REED_TLS_STAPLE_REQUIRED)
		return NULL;
	return reed_fault(REED_ECERT, NULL,
	                  "%s shows no OCSP response (staple=required asks for one; staple=check "
	                  "would go on without)",
	                  who);
}

/* ---- the handshake ---- */

/* Called when the server's certificate is verified, with a response or without. */
int reed_tls_check_staple(SSL *ssl, void *arg)
{
	struct reed_tls *self = reed_tls_of_ssl(ssl);
	X509 *leaf = SSL_get0_peer_certificate(ssl);
	unsigned char *der = NULL;
	long n = SSL_get_tlsext_status_ocsp_resp(ssl, &der);

	(void)arg;
	if (!leaf)
		return 1;
	if (der && n > 0)
		self->refusal =
			judge(ssl, leaf, reed_slice(der, (size_t)n), reed_wall(self->stream.loop));
	else
		self->refusal = missing(self, leaf);
	self->is_stapled = der && n > 0 && !self->refusal;
	reed_tls_forget_errors();
	return self->refusal ? 0 : 1;
}

enum reed_err reed_tls_set_staple(struct reed_tls *self, enum reed_tls_staple how)
{
	if (how == REED_TLS_STAPLE_IGNORED)
		return REED_OK;
	if (self->pinned)
		return reed_tls_fail(self,
		                     reed_fault(REED_EINVAL, NULL, "staple: a pin decides alone"));
	if (how != REED_TLS_STAPLE_CHECKED && how != REED_TLS_STAPLE_REQUIRED)
		return reed_tls_fail(self, reed_fault(REED_EINVAL, NULL,
		                                      "staple: there is no such choice"));
	self->staple = how;
	SSL_set_tlsext_status_type(self->ssl, TLSEXT_STATUSTYPE_ocsp);
	return REED_OK;
}
