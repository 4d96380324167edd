/*
 * OCSP responses that a server hands out with its certificate (RFC 6066 8,
 * RFC 6960): read from files that somebody else renews.
 */

#include <openssl/ocsp.h>

#include "os.h"
#include "reed/log.h"
#include "reed/random.h"
#include "tls_private.h"

enum { STAPLE_FILE = 64 << 10 };

void reed_staple_finish(struct reed_staple *staple)
{
	reed_free(staple->path);
	reed_buf_finish(&staple->der);
}

/* ---- is it what it should be? ---- */

static enum reed_err fail(struct reed_fault **fault, const char *path, enum reed_err err,
                          const char *what)
{
	return reed_x509_fail(fault, reed_fault(err, NULL, "%s: %s", path, what));
}

/* Of the leaf, as far as the certificate of its issuer is here to tell; else by its number. */
static bool is_about(const OCSP_CERTID *id, const struct reed_identity *of)
{
	X509 *issuer = sk_X509_num(of->chain) > 0 ? sk_X509_value(of->chain, 0) : NULL;
	ASN1_OBJECT *digest = NULL;
	ASN1_INTEGER *serial = NULL;
	OCSP_CERTID *right;
	bool same;

	OCSP_id_get0_info(NULL, &digest, NULL, &serial, (OCSP_CERTID *)(uintptr_t)id);
	if (!issuer || !EVP_get_digestbyobj(digest))
		return ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(of->leaf)) == 0;
	right = OCSP_cert_to_id(EVP_get_digestbyobj(digest), of->leaf, issuer);
	same = right && OCSP_id_cmp(id, right) == 0;
	OCSP_CERTID_free(right);
	return same;
}

static OCSP_SINGLERESP *find(OCSP_BASICRESP *basic, const struct reed_identity *of)
{
	for (int i = 0; i < OCSP_resp_count(basic); i++) {
		OCSP_SINGLERESP *one = OCSP_resp_get0(basic, i);

		if (is_about(OCSP_SINGLERESP_get0_id(one), of))
			return one;
	}
	return NULL;
}

/* By the issuer, or by whom it has put in charge; nothing is known without its certificate. */
static bool is_signed(OCSP_BASICRESP *basic, const struct reed_identity *of, int64_t wall)
{
	X509_STORE *store = X509_STORE_new();
	X509_VERIFY_PARAM *param = X509_STORE_get0_param(store);
	bool well;

	X509_STORE_add_cert(store, sk_X509_value(of->chain, 0));
	X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
	if (wall)
		X509_VERIFY_PARAM_set_time(param, (time_t)(wall / REED_S(1)));
	else
		X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME);
	well = OCSP_basic_verify(basic, of->chain, store, 0) == 1;
	X509_STORE_free(store);
	return well;
}

static enum reed_err judge(struct reed_staple *staple, OCSP_BASICRESP *basic,
                           const struct reed_identity *of, int64_t wall, struct reed_fault **fault)
{
	ASN1_GENERALIZEDTIME *from = NULL, *until = NULL;
	OCSP_SINGLERESP *one = find(basic, of);
	int status = one ? OCSP_single_get0_status(one, NULL, NULL, &from, &until) : -1;

	if (!one)
		return fail(fault, staple->path, REED_ECERT,
		            "this OCSP response is about another certificate");
	if (status == V_OCSP_CERTSTATUS_REVOKED)
		return fail(fault, staple->path, REED_ECERT,
		            "this OCSP response says that the certificate has been revoked: take a "
		            "new one");
	if (status != V_OCSP_CERTSTATUS_GOOD)
		return fail(fault, staple->path, REED_ECERT,
		            "this OCSP response does not know the certificate");
	if (sk_X509_num(of->chain) > 0 && !is_signed(basic, of, wall))
		return fail(fault, staple->path, REED_ECERT,
		            "this OCSP response is not signed by who issued the certificate");
	staple->from = reed_x509_ns(from);
	staple->until = until ? reed_x509_ns(until) : INT64_MAX;
	return REED_OK;
}

static enum reed_err understand(struct reed_staple *staple, const struct reed_identity *of,
                                int64_t wall, struct reed_fault **fault)
{
	struct reed_slice der = reed_buf_slice(&staple->der);
	const unsigned char *p = (const unsigned char *)der.p;
	OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &p, (long)der.n);
	OCSP_BASICRESP *basic = NULL;
	enum reed_err err;

	if (response && OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL)
		basic = OCSP_response_get1_basic(response);
	err = basic ? judge(staple, basic, of, wall, fault)
	            : fail(fault, staple->path, REED_ESYNTAX,
	                   "this is no OCSP response in DER, or one that only says why there is "
	                   "none; openssl ocsp -respout FILE writes one");
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(response);
	reed_tls_forget_errors();
	return err;
}

enum reed_err reed_staple_read(struct reed_staple *staple, const char *path,
                               const struct reed_identity *of, int64_t wall,
                               struct reed_fault **fault)
{
	enum reed_err err;

	*staple = (struct reed_staple){ .path = reed_strdup(path) };
	reed_buf_init(&staple->der, STAPLE_FILE);
	err = reed_os_read_file(path, &staple->der, fault);
	if (!err)
		err = understand(staple, of, wall, fault);
	if (err) {
		reed_staple_finish(staple);
		*staple = (struct reed_staple){ .path = NULL };
	}
	return err;
}

/* ---- handing it out ---- */

static bool is_fresh(const struct reed_staple *staple, int64_t wall)
{
	return wall >= staple->from && wall <= staple->until;
}

void reed_staple_tell(struct reed_staple *staple, struct reed_loop *loop)
{
	char date[REED_X509_DATE];

	if (!staple->path || is_fresh(staple, reed_wall(loop)) ||
	    atomic_exchange(&staple->told, true))
		return;
	reed_log(loop, REED_LOG_WARN,
	         "OCSP response is out of date, and not handed out any more file=%s until=%s",
	         staple->path, reed_x509_date(staple->until, date));
}

static struct reed_staple *staple_of(struct reed_tls_shelf *shelf, const X509 *leaf)
{
	for (size_t i = 0; leaf && i < shelf->count; i++)
		if (shelf->ids[i].leaf == leaf && shelf->staples[i].path)
			return &shelf->staples[i];
	return NULL;
}

/* The client has asked, and the certificate is chosen.  OpenSSL frees what it is given. */
int reed_tls_staple(SSL *ssl, void *arg)
{
	struct reed_tls *self = reed_tls_of_ssl(ssl);
	struct reed_staple *staple = staple_of(&self->material->shelf, SSL_get_certificate(ssl));
	struct reed_slice der;
	unsigned char *copy;

	(void)arg;
	if (!staple)
		return SSL_TLSEXT_ERR_NOACK;
	if (!is_fresh(staple, reed_wall(self->stream.loop))) {
		reed_staple_tell(staple, self->stream.loop);
		return SSL_TLSEXT_ERR_NOACK;
	}
	der = reed_buf_slice(&staple->der);
	copy = OPENSSL_memdup(der.p, der.n);
	if (!copy)
		return SSL_TLSEXT_ERR_NOACK;
	SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)der.n);
	return SSL_TLSEXT_ERR_OK;
}
