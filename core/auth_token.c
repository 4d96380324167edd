/*
 * App tokens: reed-ID-SECRET, of which the secret has 160 bits.  So a plain hash
 * is as good as a slow one, and looking it up tells nothing by its time.
 */

#include <openssl/evp.h>

#include "auth_portal.h"

enum { SECRET = 32, TEXT = 5 + REED_TOKEN_ID + 1 + SECRET };

static bool is_word(struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= '2' && s.p[i] <= '7'))
			return false;
	return true;
}

bool reed_token_looks_like(struct reed_slice text)
{
	struct reed_slice rest = reed_slice_from(text, 5);
	struct reed_slice id = reed_slice_cut(&rest, '-');

	return text.n == TEXT && reed_slice_starts(text, REED_STR("reed-")) &&
	       id.n == REED_TOKEN_ID && is_word(id) && is_word(rest);
}

void reed_token_hash(struct reed_slice text, uint8_t hash[REED_KEY_BYTES])
{
	EVP_Digest(text.p, text.n, hash, NULL, EVP_sha256(), NULL);
}

bool reed_token_opens(const struct reed_token *token, const char *door, int64_t wall)
{
	if (token->expires && wall >= token->expires)
		return false;
	return !*token->door || strcmp(token->door, door) == 0;
}

void reed_token_make(struct reed_loop *loop, struct reed_token *token,
                     char text[REED_TOKEN_TEXT_ROOM])
{
	char secret[SECRET + 1];

	reed_random_word(loop, token->id, REED_TOKEN_ID);
	reed_random_word(loop, secret, SECRET);
	snprintf(text, REED_TOKEN_TEXT_ROOM, "reed-%s-%s", token->id, secret);
	reed_wipe(secret, sizeof(secret));
	reed_token_hash(reed_slice_of(text), token->hash);
	token->created = reed_wall(loop);
}
