/* Who asks, by Digest: what was said is read, and asked for. */

#include "digest.h"

#include <openssl/crypto.h>

#include "reed/base64.h"

/* The target as it was sent, or as a proxy's client knows it (RFC 9112 3.2.2): from its path on. */
static bool is_target(const struct reed_http_head *head, struct reed_slice uri)
{
	struct reed_slice all = head->target;

	if (reed_slice_eq(all, uri))
		return true;
	return head->form == REED_HTTP_ABSOLUTE && head->path.n > 0 &&
	       reed_slice_eq(reed_slice_from(all, (size_t)(head->path.p - all.p)), uri);
}

static unsigned kind_of(enum reed_digest_hash hash)
{
	switch (hash) {
	case REED_DIGEST_SHA256:
		return REED_CREDENTIAL_DIGEST;
	case REED_DIGEST_MD5:
		return REED_CREDENTIAL_DIGEST_MD5;
	case REED_DIGEST_SHA512_256:
		break;
	}
	return REED_CREDENTIAL_ANONYMOUS; /* never offered here */
}

static bool is_offered(const struct digest_guard *guard, enum reed_digest_hash hash)
{
	return guard->kinds & REED_CREDENTIAL_BIT(kind_of(hash));
}

/* RFC 7616 3.4: nc is eight hexadecimal digits. */
static bool take_count(struct digest_attempt *a)
{
	uint8_t n[4];

	if (reed_hex_decode(a->said.nc, n, sizeof(n)))
		return false;
	a->count = (uint32_t)n[0] << 24 | (uint32_t)n[1] << 16 | (uint32_t)n[2] << 8 | n[3];
	return a->count > 0;
}

static bool is_what_we_asked_for(struct digest_attempt *a, const struct digest_guard *guard,
                                 const char *realm, const struct reed_http_head *head)
{
	const struct digest *d = &a->said;
	bool session;

	return !digest_algorithm(d, &a->hash, &session) && !session && is_offered(guard, a->hash) &&
	       d->username.n > 0 && d->cnonce.n > 0 && reed_slice_is(d->realm, realm) &&
	       reed_slice_is_nocase(d->qop, "auth") && is_target(head, d->uri) && take_count(a) &&
	       !reed_hex_decode(d->response, a->response, reed_digest_bytes(a->hash));
}

enum reed_err digest_attempt_read(struct digest_attempt *a, const struct digest_guard *guard,
                                  const char *realm, const struct reed_http_request *r,
                                  struct reed_slice params)
{
	const struct reed_http_head *head = &r->head;

	a->digest.realm = reed_slice_of(realm);
	if (digest_parse(params, &a->said) || !is_what_we_asked_for(a, guard, realm, head))
		return REED_EAUTH;
	a->stale = !nonces_know(guard->nonces, a->said.nonce, &a->nonce);
	if (a->stale || digest_message(&a->said, a->hash, head->method_name, &a->message))
		return REED_EAUTH;
	return REED_OK;
}

void digest_attempt_finish(struct digest_attempt *a)
{
	reed_buf_finish(&a->message);
	reed_wipe(&a->digest, sizeof(a->digest));
}

bool digest_attempt_is_right(const struct digest_attempt *a, const uint8_t key[REED_KEY_BYTES])
{
	uint8_t right[REED_DIGEST_MOST];

	return !reed_digest_response(a->hash, key, reed_buf_slice(&a->message), right) &&
	       CRYPTO_memcmp(right, a->response, reed_digest_bytes(a->hash)) == 0;
}

void digest_attempt_fill(struct digest_attempt *a, struct reed_credential *c)
{
	c->kind = (enum reed_credential_kind)kind_of(a->hash);
	c->user = a->said.username;
	c->secret = reed_slice(a->response, reed_digest_bytes(a->hash));
	c->message = reed_buf_slice(&a->message);
	c->digest = &a->digest;
}

/* RFC 7616 3.3 */
void digest_ask(const struct digest_guard *guard, struct reed_http_request *r, const char *field,
                const char *realm, bool stale)
{
	static const enum reed_digest_hash order[] = { REED_DIGEST_SHA256, REED_DIGEST_MD5 };
	struct reed_buf value = { .limit = 1024 };
	char nonce[NONCE_ROOM];

	for (size_t i = 0; guard->nonces && i < REED_COUNT(order); i++) {
		if (!is_offered(guard, order[i]))
			continue;
		nonces_issue(guard->nonces, nonce);
		reed_buf_clear(&value);
		reed_buf_add_str(&value, "Digest ");
		digest_add_quoted(&value, "realm", reed_slice_of(realm));
		digest_add_quoted(&value, "qop", REED_STR("auth"));
		digest_add_quoted(&value, "nonce", reed_slice_of(nonce));
		reed_buf_printf(&value, ", algorithm=%s%s", reed_digest_name(order[i]),
		                stale ? ", stale=true" : "");
		reed_http_add(r, field, reed_buf_slice(&value));
	}
	reed_buf_finish(&value);
}
