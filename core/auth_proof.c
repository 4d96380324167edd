#include "reed/proof.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "reed/alloc.h"
#include "reed/base64.h"
#include "reed/loop.h"
#include "reed/random.h"

static const struct {
	const char *name, *openssl;
	size_t bytes;
} hashes[] = {
	[REED_DIGEST_SHA256] = { "SHA-256", "SHA256", 32 },
	[REED_DIGEST_SHA512_256] = { "SHA-512-256", "SHA512-256", 32 },
	[REED_DIGEST_MD5] = { "MD5", "MD5", REED_MD5_BYTES },
};

const char *reed_digest_name(enum reed_digest_hash hash)
{
	return hashes[hash].name;
}

size_t reed_digest_bytes(enum reed_digest_hash hash)
{
	return hashes[hash].bytes;
}

enum reed_err reed_digest_hash_of(struct reed_slice name, enum reed_digest_hash *hash)
{
	for (size_t i = 0; i < REED_COUNT(hashes); i++) {
		if (!reed_slice_is_nocase(name, hashes[i].name))
			continue;
		*hash = (enum reed_digest_hash)i;
		return REED_OK;
	}
	return REED_ENOENT;
}

static bool add_all(EVP_MD_CTX *ctx, const struct reed_slice *parts, size_t count,
                    const char *between)
{
	for (size_t i = 0; i < count; i++)
		if ((i > 0 && !EVP_DigestUpdate(ctx, between, strlen(between))) ||
		    !EVP_DigestUpdate(ctx, parts[i].p, parts[i].n))
			return false;
	return true;
}

static enum reed_err hash_all(enum reed_digest_hash hash, const struct reed_slice *parts,
                              size_t count, const char *between, uint8_t *into)
{
	EVP_MD *md = EVP_MD_fetch(NULL, hashes[hash].openssl, NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = md && ctx && EVP_DigestInit_ex(ctx, md, NULL) &&
	            add_all(ctx, parts, count, between) && EVP_DigestFinal_ex(ctx, into, NULL);

	EVP_MD_CTX_free(ctx);
	EVP_MD_free(md);
	return good ? REED_OK : REED_ENOTSUP;
}

enum reed_err reed_digest_join(enum reed_digest_hash hash, const struct reed_slice *parts,
                               size_t count, uint8_t into[REED_DIGEST_MOST])
{
	return hash_all(hash, parts, count, ":", into);
}

enum reed_err reed_digest_key(enum reed_digest_hash hash, struct reed_slice user,
                              struct reed_slice realm, struct reed_slice password,
                              uint8_t key[REED_DIGEST_MOST])
{
	const struct reed_slice parts[] = { user, realm, password };

	return reed_digest_join(hash, parts, REED_COUNT(parts), key);
}

enum reed_err reed_digest_response(enum reed_digest_hash hash, const uint8_t key[REED_DIGEST_MOST],
                                   struct reed_slice message, uint8_t response[REED_DIGEST_MOST])
{
	char hex[REED_HEX_ROOM(REED_DIGEST_MOST)];
	const struct reed_slice parts[] = {
		reed_slice(hex, reed_hex(reed_slice(key, hashes[hash].bytes), hex)),
		message,
	};
	enum reed_err err = reed_digest_join(hash, parts, REED_COUNT(parts), response);

	reed_wipe(hex, sizeof(hex));
	return err;
}

enum reed_err reed_cram_md5(struct reed_slice secret, struct reed_slice challenge,
                            uint8_t response[REED_MD5_BYTES])
{
	EVP_MD *md = EVP_MD_fetch(NULL, "MD5", NULL);
	bool good = md && HMAC(md, secret.p, (int)secret.n, (const unsigned char *)challenge.p,
	                       challenge.n, response, NULL);

	EVP_MD_free(md);
	return good ? REED_OK : REED_ENOTSUP;
}

enum reed_err reed_apop(struct reed_slice secret, struct reed_slice timestamp,
                        uint8_t response[REED_MD5_BYTES])
{
	const struct reed_slice parts[] = { timestamp, secret };

	return hash_all(REED_DIGEST_MD5, parts, REED_COUNT(parts), "", response);
}

size_t reed_proof_challenge(struct reed_loop *loop, const char *host,
                            char into[REED_CHALLENGE_ROOM])
{
	uint8_t random[16];
	char hex[REED_HEX_ROOM(sizeof(random))];
	int n;

	reed_random_bytes(loop, random, sizeof(random));
	reed_hex(reed_slice(random, sizeof(random)), hex);
	n = snprintf(into, REED_CHALLENGE_ROOM, "<%s.%lld@%.128s>", hex,
	             (long long)(reed_wall(loop) / REED_S(1)), host);
	return (size_t)n;
}
