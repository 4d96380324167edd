#include "digest.h"

#include "chars.h"
#include "reed/base64.h"

/* ---- parameters (RFC 9110 11.2) ---- */

static struct reed_slice *place_of(struct digest *d, struct reed_slice name)
{
#define X(text)                                \
	if (reed_slice_is_nocase(name, #text)) \
		return &d->text;
	DIGEST_TEXTS(X)
#undef X
	return NULL;
}

/* RFC 9110 5.6.4: all of it is one quoted string. */
static enum reed_err unquote(struct digest *d, struct reed_slice value, struct reed_slice *out)
{
	char *p = d->room + d->used, *end = d->room + sizeof(d->room);

	out->p = p;
	for (size_t i = 1; i < value.n; i++) {
		char c = value.p[i];

		if (c == '"') {
			*out = reed_slice(out->p, (size_t)(p - out->p));
			d->used = (size_t)(p - d->room);
			return i + 1 == value.n ? REED_OK : REED_ESYNTAX;
		}
		if (c == '\\' && ++i < value.n)
			c = value.p[i];
		if (!chars_have(CHARS_VALUE, c))
			return REED_ESYNTAX;
		if (p == end)
			return REED_ETOOBIG;
		*p++ = c;
	}
	return REED_ESYNTAX;
}

static enum reed_err keep_token(struct digest *d, struct reed_slice value, struct reed_slice *out)
{
	if (!reed_http_is_token(value))
		return REED_ESYNTAX;
	if (value.n > sizeof(d->room) - d->used)
		return REED_ETOOBIG;
	*out = reed_slice(memcpy(d->room + d->used, value.p, value.n), value.n);
	d->used += value.n;
	return REED_OK;
}

/* Twice the same is read by two in two ways; others than ours say nothing to us. */
static enum reed_err take_param(struct digest *d, struct reed_slice member)
{
	struct reed_slice value = member, name = reed_slice_trim(reed_slice_cut(&value, '='));
	struct reed_slice *place = place_of(d, name), other;
	size_t used = d->used;
	enum reed_err err;

	if (!reed_http_is_token(name) || (place && place->p))
		return REED_ESYNTAX;
	value = reed_slice_trim(value);
	if (value.n > 0 && value.p[0] == '"')
		err = unquote(d, value, place ? place : &other);
	else
		err = keep_token(d, value, place ? place : &other);
	if (!place)
		d->used = used;
	return err;
}

static void clear(struct digest *d)
{
	memset(d, 0, offsetof(struct digest, room));
}

enum reed_err digest_parse(struct reed_slice params, struct digest *out)
{
	struct reed_slice member;
	enum reed_err err = REED_OK;

	clear(out);
	while (!err && reed_http_list_next(&params, &member))
		err = take_param(out, member);
	return err;
}

/* ---- challenges (RFC 9110 11.3) ---- */

/* A member that begins a challenge: a word, and nothing or a space behind it. */
static bool begins_challenge(struct reed_slice member, struct reed_slice *param)
{
	const char *end = chars_span(CHARS_TOKEN, member.p, member.p + member.n);
	size_t n = (size_t)(end - member.p);

	*param = reed_slice_trim(reed_slice_from(member, n));
	return n > 0 && (n == member.n || (*end == ' ' && (param->n == 0 || param->p[0] != '=')));
}

static bool is_digest(struct reed_slice member)
{
	return reed_slice_is_nocase(reed_slice_first(member, 7), "Digest ");
}

/* Its parameters follow the first one, up to the next challenge. */
static bool take_challenge(struct reed_slice *value, struct reed_slice first, struct digest *out)
{
	struct reed_slice ahead = *value, member = first, param;
	enum reed_err err;

	clear(out);
	err = take_param(out, first);
	while (reed_http_list_next(&ahead, &member) && !begins_challenge(member, &param)) {
		if (!err)
			err = take_param(out, member);
		*value = ahead;
	}
	return !err && out->realm.p && out->nonce.p;
}

bool digest_challenge_next(struct reed_slice *value, struct digest *out)
{
	struct reed_slice member, first;

	while (reed_http_list_next(value, &member))
		if (begins_challenge(member, &first) && is_digest(member) &&
		    take_challenge(value, first, out))
			return true;
	return false;
}

/* ---- what is hashed ---- */

enum reed_err digest_algorithm(const struct digest *d, enum reed_digest_hash *hash, bool *session)
{
	struct reed_slice name = d->algorithm.p ? d->algorithm : REED_STR("MD5");

	*session = name.n > 5 && reed_slice_is_nocase(reed_slice_from(name, name.n - 5), "-sess");
	if (*session)
		name.n -= 5;
	return reed_digest_hash_of(name, hash);
}

enum reed_err digest_message(const struct digest *d, enum reed_digest_hash hash,
                             struct reed_slice method, struct reed_buf *out)
{
	const struct reed_slice a2[] = { method, d->uri };
	char hex[REED_HEX_ROOM(REED_DIGEST_MOST)];
	uint8_t bytes[REED_DIGEST_MOST];
	enum reed_err err = reed_digest_join(hash, a2, REED_COUNT(a2), bytes);

	if (err)
		return err;
	reed_hex(reed_slice(bytes, reed_digest_bytes(hash)), hex);
	if (d->qop.p)
		reed_buf_printf(out, REED_FMT ":" REED_FMT ":" REED_FMT ":" REED_FMT ":%s",
		                REED_ARG(d->nonce), REED_ARG(d->nc), REED_ARG(d->cnonce),
		                REED_ARG(d->qop), hex);
	else
		reed_buf_printf(out, REED_FMT ":%s", REED_ARG(d->nonce), hex);
	return out->err;
}

void digest_add_quoted(struct reed_buf *out, const char *name, struct reed_slice value)
{
	reed_buf_printf(out, "%s%s=\"", reed_buf_held(out) > sizeof("Digest") ? ", " : "", name);
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '"' || value.p[i] == '\\')
			reed_buf_add_char(out, '\\');
		reed_buf_add_char(out, value.p[i]);
	}
	reed_buf_add_char(out, '"');
}
