/* Keys and signatures as JSON: JWK and its print, flattened JWS. */

#include "private.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <string.h>

enum { COORDINATE = 32, SIGNATURE = 2 * COORDINATE };

/* ---- base64url ---- */

bool acme_is_base64url(struct reed_slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '-' && c != '_')
			return false;
	}
	return text.n > 0;
}

void acme_digest(struct reed_slice text, char into[ACME_DIGEST + 1])
{
	uint8_t hash[SHA256_DIGEST_LENGTH];
	struct reed_buf out = { .limit = 0 };

	SHA256((const unsigned char *)text.p, text.n, hash);
	reed_buf_add_base64url(&out, reed_slice(hash, sizeof(hash)));
	reed_slice_copy(into, ACME_DIGEST + 1, reed_buf_slice(&out));
	reed_buf_finish(&out);
}

/* ---- keys ---- */

static bool put_coordinate(const EVP_PKEY *pkey, const char *which, char into[ACME_DIGEST + 1])
{
	struct reed_buf out = { .limit = 0 };
	uint8_t bytes[COORDINATE];
	BIGNUM *n = NULL;
	bool good = EVP_PKEY_get_bn_param(pkey, which, &n) &&
	            BN_bn2binpad(n, bytes, sizeof(bytes)) == sizeof(bytes);

	BN_free(n);
	if (!good)
		return false;
	reed_buf_add_base64url(&out, reed_slice(bytes, sizeof(bytes)));
	reed_slice_copy(into, ACME_DIGEST + 1, reed_buf_slice(&out));
	reed_buf_finish(&out);
	return true;
}

/* RFC 7638 3: its members in the order of their names, and no spaces. */
static void put_print(struct acme_key *key)
{
	char text[256];
	int n = snprintf(text, sizeof(text),
	                 "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", key->x,
	                 key->y);

	acme_digest(reed_slice(text, (size_t)n), key->print);
}

static bool is_p256(const EVP_PKEY *pkey)
{
	char group[32];

	return EVP_PKEY_is_a(pkey, "EC") &&
	       EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) &&
	       strcmp(group, "prime256v1") == 0;
}

enum reed_err acme_key_read(struct acme_key *key, struct reed_slice pem, struct reed_fault **fault)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);

	*key = (struct acme_key){ .pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) };
	BIO_free(bio);
	if (key->pkey && is_p256(key->pkey) &&
	    put_coordinate(key->pkey, OSSL_PKEY_PARAM_EC_PUB_X, key->x) &&
	    put_coordinate(key->pkey, OSSL_PKEY_PARAM_EC_PUB_Y, key->y)) {
		put_print(key);
		return REED_OK;
	}
	ERR_clear_error();
	*fault = reed_fault(key->pkey ? REED_EINVAL : REED_ESYNTAX, NULL,
	                    "the key of an account has to be ECDSA P-256 in PEM, without a "
	                    "password");
	acme_key_finish(key);
	return (*fault)->err;
}

void acme_key_finish(struct acme_key *key)
{
	EVP_PKEY_free(key->pkey);
	key->pkey = NULL;
}

json_t *acme_key_json(const struct acme_key *key)
{
	return json_pack("{ssssssss}", "crv", "P-256", "kty", "EC", "x", key->x, "y", key->y);
}

/* ---- signatures ---- */

/* RFC 7518 3.4: both numbers one after the other, where OpenSSL writes DER. */
static bool unpack(const uint8_t *der, size_t n, uint8_t into[SIGNATURE])
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
	bool good =
		sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), into, COORDINATE) == COORDINATE &&
		BN_bn2binpad(ECDSA_SIG_get0_s(sig), into + COORDINATE, COORDINATE) == COORDINATE;

	ECDSA_SIG_free(sig);
	return good;
}

static bool sign(const struct acme_key *key, struct reed_slice text, struct reed_buf *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[128], plain[SIGNATURE];
	size_t n = sizeof(der);
	bool good = EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key->pkey) == 1 &&
	            EVP_DigestSign(ctx, der, &n, (const unsigned char *)text.p, text.n) == 1 &&
	            unpack(der, n, plain);

	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	if (good)
		reed_buf_add_base64url(out, reed_slice(plain, sizeof(plain)));
	return good;
}

static bool sign_shared(struct reed_slice secret, struct reed_slice text, struct reed_buf *out)
{
	uint8_t mac[EVP_MAX_MD_SIZE];
	unsigned n;

	if (!HMAC(EVP_sha256(), secret.p, (int)secret.n, (const unsigned char *)text.p, text.n, mac,
	          &n))
		return false;
	reed_buf_add_base64url(out, reed_slice(mac, n));
	return true;
}

/* RFC 7515 7.2.2: what is signed is both with a dot between. */
static enum reed_err flatten(const struct acme_key *key, struct reed_slice secret, json_t *head,
                             struct reed_slice payload, struct reed_buf *out)
{
	struct reed_buf json = { .limit = 0 }, text = { .limit = 0 }, mark = { .limit = 0 };
	size_t dot;
	bool good;

	acme_json_write(head, &json);
	reed_buf_add_base64url(&text, reed_buf_slice(&json));
	dot = reed_buf_held(&text);
	reed_buf_add_char(&text, '.');
	if (payload.n > 0)
		reed_buf_add_base64url(&text, payload);
	good = key ? sign(key, reed_buf_slice(&text), &mark)
	           : sign_shared(secret, reed_buf_slice(&text), &mark);
	if (good)
		acme_json_write(json_pack("{ss%ss%ss%}", "protected", text.p, dot, "payload",
		                          text.p + dot + 1, reed_buf_held(&text) - dot - 1,
		                          "signature", mark.p, reed_buf_held(&mark)),
		                out);
	reed_buf_finish(&json);
	reed_buf_finish(&text);
	reed_buf_finish(&mark);
	return good ? REED_OK : REED_EIO;
}

enum reed_err acme_sign(const struct acme_key *key, json_t *head, struct reed_slice payload,
                        struct reed_buf *out)
{
	json_object_set_new(head, "alg", json_string("ES256"));
	return flatten(key, reed_slice(NULL, 0), head, payload, out);
}

enum reed_err acme_sign_shared(struct reed_slice secret, json_t *head, struct reed_slice payload,
                               struct reed_buf *out)
{
	json_object_set_new(head, "alg", json_string("HS256"));
	return flatten(NULL, secret, head, payload, out);
}
