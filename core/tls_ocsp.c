/* What an OCSP response (RFC 6960) says of a certificate, and who says so. */

#include <openssl/ocsp.h>

#include "tls_private.h"

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

static enum reed_ocsp_verdict judge(OCSP_BASICRESP *basic, const struct reed_identity *of,
                                    int64_t wall, struct reed_ocsp *told)
{
	ASN1_GENERALIZEDTIME *from = NULL, *until = NULL, *revoked = NULL;
	OCSP_SINGLERESP *one = find(basic, of);
	int status;

	if (!one)
		return REED_OCSP_OF_ANOTHER;
	if (sk_X509_num(of->chain) > 0 && !is_signed(basic, of, wall))
		return REED_OCSP_UNSIGNED;
	status = OCSP_single_get0_status(one, NULL, &revoked, &from, &until);
	told->from = from ? reed_x509_ns(from) : 0;
	told->until = until ? reed_x509_ns(until) : 0;
	told->revoked = revoked ? reed_x509_ns(revoked) : 0;
	return status == V_OCSP_CERTSTATUS_GOOD      ? REED_OCSP_GOOD
	       : status == V_OCSP_CERTSTATUS_REVOKED ? REED_OCSP_REVOKED
	                                             : REED_OCSP_UNKNOWN;
}

enum reed_ocsp_verdict reed_ocsp_judge(struct reed_slice der, const struct reed_identity *of,
                                       int64_t wall, struct reed_ocsp *told)
{
	const unsigned char *p = (const unsigned char *)der.p;
	OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &p, (long)der.n);
	enum reed_ocsp_verdict verdict = REED_OCSP_MALFORMED;
	OCSP_BASICRESP *basic = NULL;

	*told = (struct reed_ocsp){ .from = 0 };
	if (response && OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL)
		basic = OCSP_response_get1_basic(response);
	if (basic)
		verdict = judge(basic, of, wall, told);
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(response);
	reed_tls_forget_errors();
	return verdict;
}
