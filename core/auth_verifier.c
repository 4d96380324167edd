/* SCRAM's keys (RFC 5802 3) on OpenSSL's primitives. */

#include "reed/verifier.h"

#include <assert.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "reed/alloc.h"
#include "reed/base64.h"

static void hmac(const uint8_t key[REED_KEY_BYTES], struct reed_slice text,
                 uint8_t out[REED_KEY_BYTES])
{
	unsigned n = REED_KEY_BYTES;

	HMAC(EVP_sha256(), key, REED_KEY_BYTES, (const unsigned char *)text.p, text.n, out, &n);
	assert(n == REED_KEY_BYTES);
}

static void hash(const uint8_t in[REED_KEY_BYTES], uint8_t out[REED_KEY_BYTES])
{
	EVP_Digest(in, REED_KEY_BYTES, out, NULL, EVP_sha256(), NULL);
}

static int password_length(struct reed_slice password)
{
	assert(password.n <= INT32_MAX);
	return (int)password.n;
}

void reed_verifier_derive(struct reed_verifier *v, struct reed_slice password)
{
	uint8_t salted[REED_KEY_BYTES], client_key[REED_KEY_BYTES];

	assert(v->iterations > 0 && v->iterations <= REED_ITERATIONS_MAX);
	assert(v->salt_length <= REED_SALT_MAX);
	PKCS5_PBKDF2_HMAC(password.p, password_length(password), v->salt, (int)v->salt_length,
	                  (int)v->iterations, EVP_sha256(), sizeof(salted), salted);
	hmac(salted, REED_STR("Client Key"), client_key);
	hmac(salted, REED_STR("Server Key"), v->server_key);
	hash(client_key, v->stored_key);
	reed_wipe(salted, sizeof(salted));
	reed_wipe(client_key, sizeof(client_key));
}

bool reed_verifier_matches(const struct reed_verifier *v, struct reed_slice password)
{
	struct reed_verifier other = *v;
	bool same;

	reed_verifier_derive(&other, password);
	same = CRYPTO_memcmp(other.stored_key, v->stored_key, REED_KEY_BYTES) == 0;
	reed_wipe(&other, sizeof(other));
	return same;
}

bool reed_verifier_eq(const struct reed_verifier *a, const struct reed_verifier *b)
{
	return a->iterations == b->iterations && a->salt_length == b->salt_length &&
	       CRYPTO_memcmp(a->salt, b->salt, a->salt_length) == 0 &&
	       CRYPTO_memcmp(a->stored_key, b->stored_key, REED_KEY_BYTES) == 0 &&
	       CRYPTO_memcmp(a->server_key, b->server_key, REED_KEY_BYTES) == 0;
}

/* One key for each use, of which the name is then hashed. */
static void fake(const uint8_t key[REED_KEY_BYTES], const char *use, struct reed_slice name,
                 uint8_t out[REED_KEY_BYTES])
{
	uint8_t derived[REED_KEY_BYTES];

	hmac(key, reed_slice_of(use), derived);
	hmac(derived, name, out);
	reed_wipe(derived, sizeof(derived));
}

void reed_verifier_fake(const uint8_t key[REED_KEY_BYTES], struct reed_slice name,
                        uint32_t iterations, struct reed_verifier *v)
{
	uint8_t salt[REED_KEY_BYTES];

	*v = (struct reed_verifier){ .iterations = iterations, .salt_length = REED_SALT_BYTES };
	fake(key, "salt", name, salt);
	memcpy(v->salt, salt, REED_SALT_BYTES);
	fake(key, "stored key", name, v->stored_key);
	fake(key, "server key", name, v->server_key);
}

static enum reed_err parse_key(struct reed_slice text, uint8_t key[REED_KEY_BYTES])
{
	size_t n;

	if (reed_base64_decode(text, key, REED_KEY_BYTES, &n) || n != REED_KEY_BYTES)
		return REED_ESYNTAX;
	return REED_OK;
}

static enum reed_err parse_salt(struct reed_slice text, struct reed_verifier *v)
{
	size_t n;
	enum reed_err err = reed_base64_decode(text, v->salt, sizeof(v->salt), &n);

	if (err)
		return err == REED_ETOOBIG ? REED_ERANGE : err;
	v->salt_length = (uint32_t)n;
	return n > 0 ? REED_OK : REED_ESYNTAX;
}

static enum reed_err parse_iterations(struct reed_slice text, struct reed_verifier *v)
{
	uint64_t iterations;
	enum reed_err err = reed_slice_u64(text, REED_ITERATIONS_MAX, &iterations);

	if (err)
		return err;
	v->iterations = (uint32_t)iterations;
	return iterations < REED_ITERATIONS_MIN ? REED_ERANGE : REED_OK;
}

/* RFC 5803 3 */
enum reed_err reed_verifier_parse(struct reed_slice text, struct reed_verifier *v)
{
	struct reed_slice scheme = reed_slice_cut(&text, '$');
	struct reed_slice info = reed_slice_cut(&text, '$');
	struct reed_slice iterations = reed_slice_cut(&info, ':');
	struct reed_slice stored_key = reed_slice_cut(&text, ':');
	enum reed_err err;

	*v = (struct reed_verifier){ 0 };
	if (!reed_slice_is_nocase(scheme, "SCRAM-SHA-256"))
		return REED_ESYNTAX;
	err = parse_iterations(iterations, v);
	if (!err)
		err = parse_salt(info, v);
	if (!err)
		err = parse_key(stored_key, v->stored_key);
	if (!err)
		err = parse_key(text, v->server_key);
	return err;
}

size_t reed_verifier_print(const struct reed_verifier *v, char into[REED_VERIFIER_ROOM])
{
	char salt[REED_BASE64_ROOM(REED_SALT_MAX)];
	char stored[REED_BASE64_ROOM(REED_KEY_BYTES)], server[REED_BASE64_ROOM(REED_KEY_BYTES)];

	reed_base64(reed_slice(v->salt, v->salt_length), salt);
	reed_base64(reed_slice(v->stored_key, REED_KEY_BYTES), stored);
	reed_base64(reed_slice(v->server_key, REED_KEY_BYTES), server);
	return (size_t)snprintf(into, REED_VERIFIER_ROOM, "SCRAM-SHA-256$%u:%s$%s:%s",
	                        v->iterations, salt, stored, server);
}

/* ClientKey is the proof under the signature, and its hash is what is stored. */
bool reed_verifier_proves(const struct reed_verifier *v, struct reed_slice message,
                          struct reed_slice proof)
{
	uint8_t key[REED_KEY_BYTES], hashed[REED_KEY_BYTES];
	bool same;

	if (proof.n != REED_KEY_BYTES)
		return false;
	hmac(v->stored_key, message, key);
	for (size_t i = 0; i < REED_KEY_BYTES; i++)
		key[i] ^= (uint8_t)proof.p[i];
	hash(key, hashed);
	same = CRYPTO_memcmp(hashed, v->stored_key, REED_KEY_BYTES) == 0;
	reed_wipe(key, sizeof(key));
	return same;
}

void reed_verifier_sign(const struct reed_verifier *v, struct reed_slice message,
                        uint8_t signature[REED_KEY_BYTES])
{
	hmac(v->server_key, message, signature);
}
