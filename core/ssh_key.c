#include "reed/ssh_key.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

enum { RSA_LEAST = 2048, RSA_MOST = 16384, ED25519_KEY = 32, ED25519_SIGNATURE = 64 };

/* ---- the wire (RFC 4251 5) ---- */

/* One that does not fit empties the rest, so that what comes later does not either. */
static struct reed_slice take_string(struct reed_slice *rest)
{
	const unsigned char *p = (const unsigned char *)rest->p;
	struct reed_slice s = { NULL, 0 };
	size_t n;

	if (rest->n >= 4) {
		n = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
		if (n <= rest->n - 4)
			s = reed_slice(rest->p + 4, n);
	}
	*rest = s.p ? reed_slice_from(*rest, 4 + s.n) : reed_slice(NULL, 0);
	return s;
}

/* A positive one, as short as it can be written. */
static BIGNUM *take_number(struct reed_slice *rest)
{
	struct reed_slice s = take_string(rest);
	const unsigned char *p = (const unsigned char *)s.p;

	if (s.n == 0 || s.n > RSA_MOST / 8 + 1 || p[0] & 0x80 ||
	    (p[0] == 0 && (s.n == 1 || !(p[1] & 0x80))))
		return NULL;
	return BN_bin2bn(p, (int)s.n, NULL);
}

/* ---- keys ---- */

static const struct curve {
	const char *key, *name, *group, *hash;
} curves[] = {
	{ "ecdsa-sha2-nistp256", "nistp256", "P-256", "SHA256" },
	{ "ecdsa-sha2-nistp384", "nistp384", "P-384", "SHA384" },
	{ "ecdsa-sha2-nistp521", "nistp521", "P-521", "SHA512" },
};

static const struct curve *curve_of(struct reed_slice kind)
{
	for (size_t i = 0; i < REED_COUNT(curves); i++)
		if (reed_slice_is(kind, curves[i].key))
			return &curves[i];
	return NULL;
}

static EVP_PKEY *make(const char *kind, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
	EVP_PKEY *key = NULL;

	if (!ctx || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static EVP_PKEY *read_ecdsa(const struct curve *curve, struct reed_slice *rest)
{
	struct reed_slice name = take_string(rest), point = take_string(rest);
	OSSL_PARAM_BLD *builder;
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	if (!reed_slice_is(name, curve->name) || point.n == 0)
		return NULL;
	builder = OSSL_PARAM_BLD_new();
	if (builder &&
	    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0) &&
	    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.p, point.n))
		params = OSSL_PARAM_BLD_to_param(builder);
	if (params)
		key = make("EC", params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(builder);
	return key;
}

static EVP_PKEY *make_rsa(const BIGNUM *e, const BIGNUM *n)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	if (builder && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e))
		params = OSSL_PARAM_BLD_to_param(builder);
	if (params)
		key = make("RSA", params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(builder);
	return key;
}

/* A large exponent is work for us and good for nobody. */
static bool is_strong(const BIGNUM *e, const BIGNUM *n)
{
	int bits = BN_num_bits(n);

	return bits >= RSA_LEAST && bits <= RSA_MOST && BN_is_odd(e) && BN_num_bits(e) <= 64;
}

static enum reed_err read_rsa(struct reed_slice *rest, EVP_PKEY **key)
{
	BIGNUM *e = take_number(rest), *n = take_number(rest);
	enum reed_err err = REED_ESYNTAX;

	if (e && n)
		err = is_strong(e, n) ? REED_OK : REED_ENOTSUP;
	if (!err)
		*key = make_rsa(e, n);
	BN_free(e);
	BN_free(n);
	return err;
}

static enum reed_err read_key(struct reed_slice kind, struct reed_slice *rest, EVP_PKEY **key)
{
	const struct curve *curve = curve_of(kind);
	enum reed_err err = REED_OK;
	struct reed_slice raw;

	*key = NULL;
	if (reed_slice_is(kind, "ssh-ed25519")) {
		raw = take_string(rest);
		if (raw.n == ED25519_KEY)
			*key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
			                                   (const unsigned char *)raw.p, raw.n);
	} else if (curve) {
		*key = read_ecdsa(curve, rest);
	} else {
		err = reed_slice_is(kind, "ssh-rsa") ? read_rsa(rest, key) : REED_ENOTSUP;
	}
	if (!err && (!*key || rest->n > 0))
		err = REED_ESYNTAX;
	return err;
}

/* ---- signatures ---- */

static enum reed_err check(EVP_PKEY *key, const char *hash, struct reed_slice data,
                           const unsigned char *signature, size_t n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx && EVP_DigestVerifyInit_ex(ctx, NULL, hash, NULL, NULL, key, NULL) > 0 &&
	            EVP_DigestVerify(ctx, signature, n, (const unsigned char *)data.p, data.n) == 1;

	EVP_MD_CTX_free(ctx);
	return good ? REED_OK : REED_EAUTH;
}

/* RFC 5656 3.1.2: two numbers, which OpenSSL wants in DER. */
static enum reed_err check_ecdsa(EVP_PKEY *key, const struct curve *curve, struct reed_slice data,
                                 struct reed_slice raw)
{
	BIGNUM *r = take_number(&raw), *s = take_number(&raw);
	ECDSA_SIG *pair = ECDSA_SIG_new();
	unsigned char *der = NULL;
	enum reed_err err = REED_ESYNTAX;
	int n;

	if (r && s && raw.n == 0 && pair && ECDSA_SIG_set0(pair, r, s)) {
		r = s = NULL; /* the pair's now */
		n = i2d_ECDSA_SIG(pair, &der);
		err = n > 0 ? check(key, curve->hash, data, der, (size_t)n) : REED_ESYNTAX;
	}
	OPENSSL_free(der);
	ECDSA_SIG_free(pair);
	BN_free(r);
	BN_free(s);
	return err;
}

/* RFC 8332 3 */
static enum reed_err check_rsa(EVP_PKEY *key, struct reed_slice how, struct reed_slice data,
                               struct reed_slice raw)
{
	const unsigned char *p = (const unsigned char *)raw.p;

	if (reed_slice_is(how, "rsa-sha2-256"))
		return check(key, "SHA256", data, p, raw.n);
	if (reed_slice_is(how, "rsa-sha2-512"))
		return check(key, "SHA512", data, p, raw.n);
	return reed_slice_is(how, "ssh-rsa") ? REED_ENOTSUP : REED_ESYNTAX;
}

static enum reed_err check_as(EVP_PKEY *key, struct reed_slice kind, struct reed_slice data,
                              struct reed_slice signature)
{
	struct reed_slice how = take_string(&signature), raw = take_string(&signature);
	const struct curve *curve = curve_of(kind);

	if (!raw.p || signature.n > 0)
		return REED_ESYNTAX;
	if (reed_slice_is(kind, "ssh-rsa"))
		return check_rsa(key, how, data, raw);
	if (!reed_slice_eq(how, kind))
		return REED_ESYNTAX;
	if (curve)
		return check_ecdsa(key, curve, data, raw);
	return raw.n == ED25519_SIGNATURE
	               ? check(key, NULL, data, (const unsigned char *)raw.p, raw.n)
	               : REED_ESYNTAX;
}

enum reed_err reed_ssh_key_verify(struct reed_slice blob, struct reed_slice data,
                                  struct reed_slice signature)
{
	struct reed_slice kind = take_string(&blob);
	EVP_PKEY *key = NULL;
	enum reed_err err = kind.p ? read_key(kind, &blob, &key) : REED_ESYNTAX;

	if (!err)
		err = check_as(key, kind, data, signature);
	EVP_PKEY_free(key);
	return err;
}
