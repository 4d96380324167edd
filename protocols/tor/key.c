/* Keys of onion services and of their clients, and what a cookie proves. */

#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <string.h>

#include "private.h"
#include "reed/base64.h"
#include "reed/random.h"

enum { CLIENT_KEY = 32, CLIENT_TEXT = 52 };

static const char prefix[] = "ED25519-V3:";

static void key_of(const unsigned char secret[TOR_SECRET], char into[REED_TOR_KEY])
{
	memcpy(into, prefix, sizeof(prefix));
	reed_base64(reed_slice(secret, TOR_SECRET), into + sizeof(prefix) - 1);
}

/* Tor takes the expanded form of a key: RFC 8032 5.1.5, steps 1 and 2. */
void reed_tor_key_new(struct reed_loop *loop, char into[REED_TOR_KEY])
{
	unsigned char seed[32], secret[TOR_SECRET];

	reed_random_bytes(loop, seed, sizeof(seed));
	SHA512(seed, sizeof(seed), secret);
	secret[0] &= 248;
	secret[31] &= 127;
	secret[31] |= 64;
	key_of(secret, into);
	reed_wipe(seed, sizeof(seed));
	reed_wipe(secret, sizeof(secret));
}

/* The head of hs_ed25519_secret_key; three NULs follow. */
static const char tors_own[] = "== ed25519v1-secret: type0 ==\0\0";

enum reed_err reed_tor_key_read(struct reed_slice file, char into[REED_TOR_KEY])
{
	struct reed_slice head = reed_slice(tors_own, sizeof(tors_own)), text;
	unsigned char secret[TOR_SECRET];
	size_t n = 0;

	if (reed_slice_starts(file, head) && file.n == head.n + TOR_SECRET) {
		memcpy(secret, file.p + head.n, TOR_SECRET);
		n = TOR_SECRET;
	} else {
		text = reed_slice_trim(file);
		if (!reed_slice_starts(text, reed_slice_of(prefix)) ||
		    reed_base64_decode(reed_slice_from(text, sizeof(prefix) - 1), secret,
		                       sizeof(secret), &n))
			n = 0;
	}
	if (n == TOR_SECRET)
		key_of(secret, into);
	reed_wipe(secret, sizeof(secret));
	return n == TOR_SECRET ? REED_OK : REED_ECORRUPT;
}

/* ---- base32 (RFC 4648 6), either case, without padding ---- */

static int digit(char c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

static bool is_base32(struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (digit(s.p[i]) < 0)
			return false;
	return true;
}

bool reed_tor_is_client_key(struct reed_slice word)
{
	return word.n == CLIENT_TEXT && is_base32(word);
}

bool reed_tor_is_address(struct reed_slice word)
{
	if (reed_slice_ends(word, REED_STR(".onion")))
		word = reed_slice_first(word, word.n - 6);
	return word.n == REED_TOR_ADDRESS && is_base32(word);
}

static void from_base32(struct reed_slice word, unsigned char key[CLIENT_KEY])
{
	unsigned bits = 0, held = 0;
	size_t n = 0;

	for (size_t i = 0; i < word.n && n < CLIENT_KEY; i++) {
		held = held << 5 | (unsigned)digit(word.p[i]);
		bits += 5;
		if (bits < 8)
			continue;
		bits -= 8;
		key[n++] = (unsigned char)(held >> bits);
	}
}

bool reed_tor_client_secret(struct reed_slice word, char into[REED_TOR_KEY])
{
	unsigned char key[CLIENT_KEY];
	size_t n = 0;
	bool well;

	/* A line of tor's own files: ADDRESS:descriptor:x25519:KEY */
	while (reed_slice_find(word, ':') < word.n)
		reed_slice_cut(&word, ':');
	well = reed_tor_is_client_key(word);
	if (well)
		from_base32(word, key);
	else
		well = !reed_base64_decode(word, key, sizeof(key), &n) && n == CLIENT_KEY;
	if (well)
		reed_base64(reed_slice(key, CLIENT_KEY), into);
	reed_wipe(key, sizeof(key));
	return well;
}

/* ---- cookies ---- */

void reed_tor_cookie_hash(bool of_tor, const void *cookie, const void *ours, const void *tors,
                          unsigned char out[TOR_HASH])
{
	const char *key = of_tor ? "Tor safe cookie authentication server-to-controller hash"
	                         : "Tor safe cookie authentication controller-to-server hash";
	unsigned char text[TOR_COOKIE + 2 * TOR_NONCE];
	unsigned n = 0;

	memcpy(text, cookie, TOR_COOKIE);
	memcpy(text + TOR_COOKIE, ours, TOR_NONCE);
	memcpy(text + TOR_COOKIE + TOR_NONCE, tors, TOR_NONCE);
	HMAC(EVP_sha256(), key, (int)strlen(key), text, sizeof(text), out, &n);
	reed_wipe(text, sizeof(text));
}
