/* The answer of a client to a challenge (RFC 7616 3.4): a password that stays here. */

#include "digest.h"
#include "journey.h"

#include "reed/base64.h"
#include "reed/random.h"

enum { CHALLENGES = 3, CNONCE = 16 };

/* The one we like best so far, and whose hash is at hand. */
static bool is_better(const struct digest *d, const struct digest *than)
{
	enum reed_digest_hash hash, other;
	bool session, has_auth = !d->qop.p || reed_http_list_has(d->qop, "auth");

	return has_auth && !digest_algorithm(d, &hash, &session) &&
	       (!than->nonce.p || digest_algorithm(than, &other, &session) || hash < other);
}

static void move(struct digest *to, const struct digest *from)
{
	*to = *from;
#define X(text)         \
	if (to->text.p) \
		to->text.p = to->room + (from->text.p - from->room);
	DIGEST_TEXTS(X)
#undef X
}

static bool choose(const struct journey *self, struct digest *best)
{
	const struct reed_http_response *r = &self->response->public;
	struct digest *each = reed_alloc(sizeof(*each));
	struct reed_slice value;

	best->nonce.p = NULL;
	for (unsigned i = 0;; i++) {
		value = reed_http_field(r->fields, r->field_count, "WWW-Authenticate", i);
		if (!value.p)
			break;
		while (digest_challenge_next(&value, each))
			if (is_better(each, best))
				move(best, each);
	}
	reed_free(each);
	return best->nonce.p;
}

/* A nonce that is stale says nothing about the password; anything else does. */
enum reed_err journey_meet(struct journey *self)
{
	struct digest *challenge;
	bool first = !self->challenge;

	if (!self->digest || self->response->public.status != 401 || self->astray || self->upload ||
	    self->challenges >= CHALLENGES)
		return REED_ENOENT;
	challenge = reed_alloc(sizeof(*challenge));
	if (!choose(self, challenge) ||
	    (!first && !reed_slice_is_nocase(challenge->stale, "true"))) {
		reed_free(challenge);
		return REED_ENOENT;
	}
	reed_free(self->challenge);
	self->challenge = challenge;
	self->challenges++;
	self->nonce_count = 0;
	self->tries = 0;
	return REED_OK;
}

/* ---- the answer ---- */

struct answer {
	struct digest said; /* what goes into the hash; the rest is the challenge's */
	enum reed_digest_hash hash;
	const char *cnonce;
	char nc[9], response[REED_HEX_ROOM(REED_DIGEST_MOST)];
	char userhash[REED_HEX_ROOM(REED_DIGEST_MOST)];
};

/* RFC 7616 3.4.2, and for "-sess" 3.4.2 as well: a key of this nonce only. */
static enum reed_err make_key(const struct answer *a, struct reed_slice user,
                              struct reed_slice password, bool session,
                              uint8_t key[REED_DIGEST_MOST])
{
	enum reed_err err = reed_digest_key(a->hash, user, a->said.realm, password, key);
	struct reed_buf both = { .limit = DIGEST_MOST * 2 };

	if (err || !session)
		return err;
	reed_buf_printf(&both, REED_FMT ":%s", REED_ARG(a->said.nonce), a->cnonce);
	err = reed_digest_response(a->hash, key, reed_buf_slice(&both), key);
	reed_buf_finish(&both);
	return err;
}

static enum reed_err respond(struct answer *a, const char *method,
                             const uint8_t key[REED_DIGEST_MOST])
{
	struct reed_buf message = { .limit = DIGEST_MOST * 8 };
	uint8_t bytes[REED_DIGEST_MOST];
	enum reed_err err = digest_message(&a->said, a->hash, reed_slice_of(method), &message);

	if (!err)
		err = reed_digest_response(a->hash, key, reed_buf_slice(&message), bytes);
	if (!err)
		reed_hex(reed_slice(bytes, reed_digest_bytes(a->hash)), a->response);
	reed_buf_finish(&message);
	return err;
}

/* RFC 7616 3.4.4: who it is stays between the two. */
static enum reed_err hide_user(struct answer *a, struct reed_slice user)
{
	const struct reed_slice parts[] = { user, a->said.realm };
	uint8_t bytes[REED_DIGEST_MOST];
	enum reed_err err;

	a->said.username = user;
	if (!reed_slice_is_nocase(a->said.userhash, "true"))
		return REED_OK;
	err = reed_digest_join(a->hash, parts, REED_COUNT(parts), bytes);
	if (err)
		return err;
	reed_hex(reed_slice(bytes, reed_digest_bytes(a->hash)), a->userhash);
	a->said.username = reed_slice_of(a->userhash);
	return REED_OK;
}

static enum reed_err compute(struct answer *a, const struct digest_question *q)
{
	struct reed_slice password = reed_slice_of(q->login);
	struct reed_slice user = reed_slice_cut(&password, ':');
	uint8_t key[REED_DIGEST_MOST];
	bool session;
	enum reed_err err;

	snprintf(a->nc, sizeof(a->nc), "%08x", q->count);
	a->cnonce = q->cnonce;
	a->said.uri = q->uri;
	if (a->said.qop.p) {
		a->said.qop = REED_STR("auth");
		a->said.nc = reed_slice_of(a->nc);
		a->said.cnonce = reed_slice_of(a->cnonce);
	}
	err = digest_algorithm(&a->said, &a->hash, &session);
	if (!err)
		err = hide_user(a, user);
	if (!err)
		err = make_key(a, user, password, session, key);
	if (!err)
		err = respond(a, q->method, key);
	reed_wipe(key, sizeof(key));
	return err;
}

/* What has no quotes must have none (RFC 7616 3.4). */
static void print(const struct answer *a, struct reed_buf *out)
{
	const struct digest *d = &a->said;

	reed_buf_add_str(out, "Digest ");
	digest_add_quoted(out, "username", d->username);
	digest_add_quoted(out, "realm", d->realm);
	digest_add_quoted(out, "uri", d->uri);
	digest_add_quoted(out, "nonce", d->nonce);
	if (d->qop.p) {
		reed_buf_printf(out, ", nc=%s, qop=auth", a->nc);
		digest_add_quoted(out, "cnonce", d->cnonce);
	}
	digest_add_quoted(out, "response", reed_slice_of(a->response));
	if (d->algorithm.p)
		reed_buf_printf(out, ", algorithm=" REED_FMT, REED_ARG(d->algorithm));
	if (d->opaque.p)
		digest_add_quoted(out, "opaque", d->opaque);
	if (*a->userhash)
		reed_buf_add_str(out, ", userhash=true");
}

enum reed_err digest_answer(const struct digest *challenge, const struct digest_question *q,
                            struct reed_buf *out)
{
	struct answer *a = reed_alloc(sizeof(*a));
	enum reed_err err;

	move(&a->said, challenge);
	err = compute(a, q);
	if (!err)
		print(a, out);
	reed_free(a);
	return err ? err : out->err;
}

enum reed_err journey_answer(struct journey *self, const char *login, struct reed_slice uri,
                             struct reed_buf *out)
{
	struct digest_question q = {
		.login = login,
		.method = self->method,
		.uri = uri,
		.count = ++self->nonce_count,
	};
	uint8_t random[CNONCE];
	char cnonce[REED_HEX_ROOM(CNONCE)];

	reed_random_bytes(self->client->loop, random, sizeof(random));
	reed_hex(reed_slice(random, sizeof(random)), cnonce);
	q.cnonce = cnonce;
	return digest_answer(self->challenge, &q, out);
}
