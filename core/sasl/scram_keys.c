/* The client's half of SCRAM's arithmetic (RFC 5802 3) on OpenSSL's primitives. */

#include <assert.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "reed/alloc.h"
#include "scram.h"

static const EVP_MD *hash_of(const struct scram_keys *k)
{
	return k->sha1 ? EVP_sha1() : EVP_sha256();
}

static void hmac(const struct scram_keys *k, const uint8_t *key, struct reed_slice text,
                 uint8_t out[SCRAM_KEY])
{
	unsigned n = SCRAM_KEY;

	HMAC(hash_of(k), key, (int)reed_scram_key_length(k), (const unsigned char *)text.p, text.n,
	     out, &n);
	assert(n == reed_scram_key_length(k));
}

void reed_scram_derive(struct scram_keys *k, struct reed_slice password,
                       const struct scram_server_first *first)
{
	uint8_t salted[SCRAM_KEY];

	assert(password.n <= INT32_MAX && first->iterations <= INT32_MAX);
	PKCS5_PBKDF2_HMAC(password.p, (int)password.n, first->salt, (int)first->salt_length,
	                  (int)first->iterations, hash_of(k), (int)reed_scram_key_length(k),
	                  salted);
	hmac(k, salted, REED_STR("Client Key"), k->client_key);
	hmac(k, salted, REED_STR("Server Key"), k->server_key);
	reed_wipe(salted, sizeof(salted));
}

void reed_scram_prove(const struct scram_keys *k, struct reed_slice message,
                      uint8_t proof[SCRAM_KEY])
{
	uint8_t stored[SCRAM_KEY];

	EVP_Digest(k->client_key, reed_scram_key_length(k), stored, NULL, hash_of(k), NULL);
	hmac(k, stored, message, proof);
	for (size_t i = 0; i < reed_scram_key_length(k); i++)
		proof[i] ^= k->client_key[i];
}

bool reed_scram_proved(const struct scram_keys *k, struct reed_slice message,
                       const struct scram_server_final *final)
{
	uint8_t signature[SCRAM_KEY];
	size_t n = reed_scram_key_length(k);

	hmac(k, k->server_key, message, signature);
	return final->signature_length == n && CRYPTO_memcmp(signature, final->signature, n) == 0;
}
