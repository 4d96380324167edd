/*
 * Nonces that a server need not remember: a number and the time, signed.  What is
 * remembered is which counts of a nonce have been used, of the latest few that
 * somebody logged in with: strangers make nothing grow, and push nothing out.
 */

#include "digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "reed/base64.h"
#include "reed/random.h"

enum { USED = 256, WINDOW = 64, SIGNED = 16, SIGNATURE = 16, NONCE = SIGNED + SIGNATURE };

struct used {
	struct nonce nonce;
	uint32_t highest;
	uint64_t before; /* bit n: highest - n has been used */
};

struct nonces {
	struct reed_loop *loop;
	uint8_t key[32];
	struct used used[USED];
	int64_t forgotten; /* of a nonce issued then or before nobody remembers all */
};

struct nonces *nonces_new(struct reed_loop *loop)
{
	struct nonces *self = reed_alloc(sizeof(*self));

	self->loop = loop;
	self->forgotten = INT64_MIN;
	reed_random_bytes(loop, self->key, sizeof(self->key));
	return self;
}

void nonces_free(struct nonces *self)
{
	if (self)
		reed_wipe(self->key, sizeof(self->key));
	reed_free(self);
}

static void sign(const struct nonces *self, uint8_t bytes[NONCE])
{
	uint8_t all[EVP_MAX_MD_SIZE];
	unsigned n;

	HMAC(EVP_sha256(), self->key, sizeof(self->key), bytes, SIGNED, all, &n);
	memcpy(bytes + SIGNED, all, SIGNATURE);
}

void nonces_issue(struct nonces *self, char into[NONCE_ROOM])
{
	struct nonce nonce = { reed_random(self->loop), reed_now(self->loop) };
	uint8_t bytes[NONCE];

	memcpy(bytes, &nonce.id, 8);
	memcpy(bytes + 8, &nonce.issued, 8);
	sign(self, bytes);
	reed_base64(reed_slice(bytes, sizeof(bytes)), into);
}

bool nonces_know(struct nonces *self, struct reed_slice text, struct nonce *out)
{
	uint8_t given[NONCE], right[NONCE];
	size_t n;

	if (reed_base64_decode(text, given, sizeof(given), &n) || n != sizeof(given))
		return false;
	memcpy(right, given, SIGNED);
	sign(self, right);
	if (CRYPTO_memcmp(given, right, sizeof(given)) != 0)
		return false;
	memcpy(&out->id, given, 8);
	memcpy(&out->issued, given + 8, 8);
	return reed_now(self->loop) - out->issued < REED_S(NONCE_S);
}

static struct used *find(struct nonces *self, const struct nonce *nonce)
{
	for (struct used *u = self->used; u < self->used + USED; u++)
		if (u->highest > 0 && u->nonce.id == nonce->id)
			return u;
	return NULL;
}

static struct used *oldest(struct nonces *self)
{
	struct used *found = self->used;

	for (struct used *u = self->used; u < self->used + USED && found->highest > 0; u++)
		if (u->highest == 0 || u->nonce.issued < found->nonce.issued)
			found = u;
	return found;
}

/* The oldest makes room, and whatever is as old cannot be told from it any more. */
static bool begin(struct nonces *self, const struct nonce *nonce, uint32_t count)
{
	struct used *u = oldest(self);

	if (nonce->issued <= self->forgotten)
		return false;
	if (u->highest > 0 && u->nonce.issued > self->forgotten)
		self->forgotten = u->nonce.issued;
	*u = (struct used){ .nonce = *nonce, .highest = count, .before = 1 };
	return true;
}

/* Requests that are under way together come in any order. */
bool nonces_use(struct nonces *self, const struct nonce *nonce, uint32_t count)
{
	struct used *u = find(self, nonce);
	uint32_t apart;

	if (count == 0)
		return false;
	if (!u)
		return begin(self, nonce, count);
	if (count > u->highest) {
		apart = count - u->highest;
		u->before = (apart < WINDOW ? u->before << apart : 0) | 1;
		u->highest = count;
		return true;
	}
	apart = u->highest - count;
	if (apart >= WINDOW || u->before & (uint64_t)1 << apart)
		return false;
	u->before |= (uint64_t)1 << apart;
	return true;
}
