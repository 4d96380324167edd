/* Keys of zones over OpenSSL: DNSKEY, DS, bare signatures of bytes. */

#include "zone_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>

#include "reed/alloc.h"

#include "field.h"
#include "lower.h"

enum { FIXED = 4, P256 = 32, P384 = 48, ED25519 = 32, RSA_LEAST = 64, RSA_MOST = 512 };

bool reed_dns_algorithm_known(unsigned a)
{
	return a == REED_DNS_RSASHA1 || a == REED_DNS_RSASHA1_NSEC3 || a == REED_DNS_RSASHA256 ||
	       a == REED_DNS_RSASHA512 || a == REED_DNS_ECDSAP256 || a == REED_DNS_ECDSAP384 ||
	       a == REED_DNS_ED25519;
}

bool reed_dns_algorithm_makes(unsigned a)
{
	return a == REED_DNS_ECDSAP256 || a == REED_DNS_ED25519;
}

static const char *digest_of(unsigned algorithm)
{
	switch (algorithm) {
	case REED_DNS_RSASHA1:
	case REED_DNS_RSASHA1_NSEC3:
		return "SHA1";
	case REED_DNS_RSASHA512:
		return "SHA512";
	case REED_DNS_ECDSAP384:
		return "SHA384";
	default:
		return "SHA256";
	}
}

/* ---- made of parameters ---- */

static EVP_PKEY *from_params(const char *type, int selection, OSSL_PARAM_BLD *build)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *pkey = NULL;

	if (params && ctx && EVP_PKEY_fromdata_init(ctx) == 1)
		EVP_PKEY_fromdata(ctx, &pkey, selection, params);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return pkey;
}

/* private may be NULL. */
static EVP_PKEY *ec_key(const char *group, const uint8_t *point, size_t n, const BIGNUM *secret)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY *pkey;

	OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
	OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, n);
	if (secret)
		OSSL_PARAM_BLD_push_BN_pad(build, OSSL_PKEY_PARAM_PRIV_KEY, secret, P256);
	pkey = from_params("EC", secret ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, build);
	OSSL_PARAM_BLD_free(build);
	return pkey;
}

/* Of RFC 6605 4: the two numbers of the point, one after the other. */
static EVP_PKEY *read_ec(const char *group, struct reed_slice key, size_t size)
{
	uint8_t point[1 + 2 * P384] = { POINT_CONVERSION_UNCOMPRESSED };

	if (key.n != 2 * size)
		return NULL;
	memcpy(point + 1, key.p, key.n);
	return ec_key(group, point, 1 + key.n, NULL);
}

/* RFC 3110 2 */
static EVP_PKEY *read_rsa(struct reed_slice key)
{
	const uint8_t *p = (const uint8_t *)key.p;
	size_t head = key.n && p[0] ? 1 : 3, e;
	OSSL_PARAM_BLD *build;
	BIGNUM *exponent, *modulus;
	EVP_PKEY *pkey = NULL;

	if (key.n < head)
		return NULL;
	e = head == 1 ? p[0] : dns_get16(p + 1);
	if (!e || e > 8 || key.n < head + e + RSA_LEAST || key.n > head + e + RSA_MOST)
		return NULL; /* large exponents are there to make verifying slow */
	build = OSSL_PARAM_BLD_new();
	exponent = BN_bin2bn(p + head, (int)e, NULL);
	modulus = BN_bin2bn(p + head + e, (int)(key.n - head - e), NULL);
	if (BN_is_odd(exponent) && BN_is_odd(modulus)) {
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus);
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent);
		pkey = from_params("RSA", EVP_PKEY_PUBLIC_KEY, build);
	}
	OSSL_PARAM_BLD_free(build);
	BN_free(exponent);
	BN_free(modulus);
	return pkey;
}

static EVP_PKEY *read_public(unsigned algorithm, struct reed_slice key)
{
	switch (algorithm) {
	case REED_DNS_ECDSAP256:
		return read_ec("P-256", key, P256);
	case REED_DNS_ECDSAP384:
		return read_ec("P-384", key, P384);
	case REED_DNS_ED25519:
		return key.n == ED25519 ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
		                                                      (const uint8_t *)key.p, key.n)
		                        : NULL;
	default:
		return read_rsa(key);
	}
}

/* ---- pairs ---- */

/* The public point of a private number; false: the number is none. */
static bool p256_point(const BIGNUM *secret, uint8_t point[1 + 2 * P256])
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *at = EC_POINT_new(group);
	bool good = !BN_is_zero(secret) && BN_cmp(secret, EC_GROUP_get0_order(group)) < 0 &&
	            EC_POINT_mul(group, at, secret, NULL, NULL, NULL) == 1 &&
	            EC_POINT_point2oct(group, at, POINT_CONVERSION_UNCOMPRESSED, point,
	                               1 + 2 * P256, NULL) == 1 + 2 * P256;

	EC_POINT_free(at);
	EC_GROUP_free(group);
	return good;
}

static EVP_PKEY *make_p256(const uint8_t *seed, uint8_t *public)
{
	BIGNUM *secret = BN_secure_new();
	uint8_t point[1 + 2 * P256];
	EVP_PKEY *pkey = NULL;

	BN_bin2bn(seed, P256, secret);
	BN_set_flags(secret, BN_FLG_CONSTTIME);
	if (p256_point(secret, point)) {
		pkey = ec_key("P-256", point, sizeof(point), secret);
		memcpy(public, point + 1, 2 * P256);
	}
	BN_clear_free(secret);
	return pkey;
}

static EVP_PKEY *make_ed25519(const uint8_t *seed, uint8_t *public)
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, ED25519);
	size_t n = ED25519;

	if (pkey)
		EVP_PKEY_get_raw_public_key(pkey, public, &n);
	return pkey;
}

static struct reed_dns_zone_key *key_new(EVP_PKEY *pkey, struct reed_slice rdata, bool secret)
{
	struct reed_dns_zone_key *key = reed_alloc(sizeof(*key) + rdata.n);

	key->pkey = pkey;
	key->is_private = secret;
	key->n = rdata.n;
	memcpy(key->rdata, rdata.p, rdata.n);
	key->algorithm = key->rdata[3];
	key->tag = reed_dns_key_tag(rdata);
	key->md = EVP_MD_fetch(NULL, digest_of(key->algorithm), NULL);
	return key;
}

enum reed_err reed_dns_zone_key_make(unsigned algorithm, unsigned flags,
                                     const uint8_t seed[REED_DNS_SEED_SIZE],
                                     struct reed_dns_zone_key **key)
{
	uint8_t rdata[FIXED + 2 * P256] = { 0, 0, 3 };
	bool ec = algorithm == REED_DNS_ECDSAP256;
	EVP_PKEY *pkey;

	*key = NULL;
	if (!reed_dns_algorithm_makes(algorithm))
		return REED_ENOTSUP;
	dns_put16(rdata, flags);
	rdata[3] = (uint8_t)algorithm;
	pkey = ec ? make_p256(seed, rdata + FIXED) : make_ed25519(seed, rdata + FIXED);
	if (!pkey)
		return REED_ERANGE;
	*key = key_new(pkey, reed_slice(rdata, FIXED + (ec ? 2 * P256 : ED25519)), true);
	return REED_OK;
}

enum reed_err reed_dns_zone_key_read(struct reed_slice rdata, struct reed_dns_zone_key **key)
{
	const uint8_t *p = (const uint8_t *)rdata.p;
	EVP_PKEY *pkey;

	*key = NULL;
	if (rdata.n < FIXED + 1 || p[2] != 3) /* RFC 4034 2.1.2 */
		return REED_EPROTO;
	if (!reed_dns_algorithm_known(p[3]))
		return REED_ENOTSUP;
	pkey = read_public(p[3], reed_slice_from(rdata, FIXED));
	if (!pkey)
		return REED_EPROTO;
	*key = key_new(pkey, rdata, false);
	return REED_OK;
}

void reed_dns_zone_key_free(struct reed_dns_zone_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey);
	EVP_MD_free(key->md);
	reed_free(key);
}

struct reed_slice reed_dns_zone_key_rdata(const struct reed_dns_zone_key *key)
{
	return reed_slice(key->rdata, key->n);
}

uint16_t reed_dns_zone_key_tag(const struct reed_dns_zone_key *key)
{
	return key->tag;
}

unsigned reed_dns_zone_key_algorithm(const struct reed_dns_zone_key *key)
{
	return key->algorithm;
}

unsigned reed_dns_zone_key_flags(const struct reed_dns_zone_key *key)
{
	return dns_get16(key->rdata);
}

/* ---- signatures of bytes ---- */

static size_t number_size(const struct reed_dns_zone_key *key)
{
	return key->algorithm == REED_DNS_ECDSAP384 ? P384 : P256;
}

/* Two numbers of ECDSA as RFC 6605 4 has them, of what OpenSSL has in DER. */
static bool numbers_of(const uint8_t *der, size_t n, size_t size, uint8_t *into)
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
	bool good = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), into, (int)size) > 0 &&
	            BN_bn2binpad(ECDSA_SIG_get0_s(sig), into + size, (int)size) > 0;

	ECDSA_SIG_free(sig);
	return good;
}

static enum reed_err sign_ec(const struct reed_dns_zone_key *key, struct reed_slice bytes,
                             uint8_t *into, size_t *n)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
	uint8_t hash[SHA256_DIGEST_LENGTH], der[128];
	size_t size = sizeof(der);
	bool good;

	SHA256((const uint8_t *)bytes.p, bytes.n, hash);
	good = ctx && EVP_PKEY_sign_init(ctx) == 1 &&
	       EVP_PKEY_sign(ctx, der, &size, hash, sizeof(hash)) == 1 &&
	       numbers_of(der, size, P256, into);
	*n = (size_t)2 * P256;
	EVP_PKEY_CTX_free(ctx);
	return good ? REED_OK : REED_EIO;
}

static enum reed_err sign_ed25519(const struct reed_dns_zone_key *key, struct reed_slice bytes,
                                  uint8_t *into, size_t *n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good;

	*n = REED_DNS_SIGNATURE_MAX;
	good = ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
	       EVP_DigestSign(ctx, into, n, (const uint8_t *)bytes.p, bytes.n) == 1;
	EVP_MD_CTX_free(ctx);
	return good ? REED_OK : REED_EIO;
}

enum reed_err dns_key_sign(const struct reed_dns_zone_key *key, struct reed_slice bytes,
                           uint8_t into[REED_DNS_SIGNATURE_MAX], size_t *n)
{
	if (!key->is_private)
		return REED_EINVAL;
	return key->algorithm == REED_DNS_ED25519 ? sign_ed25519(key, bytes, into, n)
	                                          : sign_ec(key, bytes, into, n);
}

static int der_of(const uint8_t *p, size_t size, uint8_t **der)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	int n;

	ECDSA_SIG_set0(sig, BN_bin2bn(p, (int)size, NULL), BN_bin2bn(p + size, (int)size, NULL));
	n = i2d_ECDSA_SIG(sig, der);
	ECDSA_SIG_free(sig);
	return n;
}

static bool verify_digest(const struct reed_dns_zone_key *key, struct reed_slice bytes,
                          const uint8_t *sig, size_t n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const EVP_MD *md = key->algorithm == REED_DNS_ED25519 ? NULL : key->md;
	bool good = ctx && EVP_DigestVerifyInit(ctx, NULL, md, NULL, key->pkey) == 1 &&
	            EVP_DigestVerify(ctx, sig, n, (const uint8_t *)bytes.p, bytes.n) == 1;

	EVP_MD_CTX_free(ctx);
	return good;
}

enum reed_err dns_key_verify(const struct reed_dns_zone_key *key, struct reed_slice bytes,
                             struct reed_slice signature)
{
	const uint8_t *sig = (const uint8_t *)signature.p;
	bool ec = key->algorithm == REED_DNS_ECDSAP256 || key->algorithm == REED_DNS_ECDSAP384;
	uint8_t *der = NULL;
	bool good = false;
	int n;

	if (ec && signature.n != 2 * number_size(key))
		return REED_EAUTH;
	if (!ec)
		return verify_digest(key, bytes, sig, signature.n) ? REED_OK : REED_EAUTH;
	n = der_of(sig, number_size(key), &der);
	good = n > 0 && verify_digest(key, bytes, der, (size_t)n);
	OPENSSL_free(der);
	return good ? REED_OK : REED_EAUTH;
}

/* ---- DS ---- */

static size_t digest_bytes(enum reed_dns_digest digest, const uint8_t *p, size_t n, uint8_t *into)
{
	switch (digest) {
	case REED_DNS_DIGEST_SHA1:
		SHA1(p, n, into);
		return SHA_DIGEST_LENGTH;
	case REED_DNS_DIGEST_SHA256:
		SHA256(p, n, into);
		return SHA256_DIGEST_LENGTH;
	case REED_DNS_DIGEST_SHA384:
		SHA384(p, n, into);
		return SHA384_DIGEST_LENGTH;
	}
	return 0;
}

enum reed_err reed_dns_ds_make(const struct reed_dns_name *owner, struct reed_slice dnskey,
                               enum reed_dns_digest digest, uint8_t into[REED_DNS_DS_MAX],
                               struct reed_slice *ds)
{
	uint8_t *bytes;
	size_t n;

	if (dnskey.n < FIXED)
		return REED_EPROTO;
	bytes = reed_alloc_raw(owner->n + dnskey.n);
	lower_copy(bytes, owner->wire, owner->n);
	memcpy(bytes + owner->n, dnskey.p, dnskey.n);
	n = digest_bytes(digest, bytes, owner->n + dnskey.n, into + 4);
	reed_free(bytes);
	dns_put16(into, reed_dns_key_tag(dnskey));
	into[2] = (uint8_t)dnskey.p[3];
	into[3] = (uint8_t)digest;
	*ds = reed_slice(into, 4 + n);
	return n ? REED_OK : REED_ENOTSUP;
}

bool reed_dns_ds_is_of(struct reed_slice ds, const struct reed_dns_name *owner,
                       struct reed_slice dnskey)
{
	const uint8_t *p = (const uint8_t *)ds.p;
	uint8_t room[REED_DNS_DS_MAX];
	struct reed_slice own;

	if (ds.n < 5 || dnskey.n < FIXED || p[2] != (uint8_t)dnskey.p[3] ||
	    dns_get16(p) != reed_dns_key_tag(dnskey))
		return false; /* before anything is hashed */
	return !reed_dns_ds_make(owner, dnskey, (enum reed_dns_digest)p[3], room, &own) &&
	       reed_slice_eq(own, ds);
}
