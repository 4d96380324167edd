/*
 * Checkers for credentials that SCRAM's verifiers cannot answer: secrets:PATH has
 * passwords in clear, htdigest:PATH what is kept of them for HTTP Digest.
 */

#include <openssl/crypto.h>

#include "auth_schemes.h"
#include "reed/alloc.h"
#include "reed/base64.h"
#include "reed/file_checker.h"
#include "reed/proof.h"

static enum reed_err compare(struct reed_slice given, const uint8_t *right, size_t n)
{
	return given.n == n && CRYPTO_memcmp(given.p, right, n) == 0 ? REED_OK : REED_EAUTH;
}

/* By a key that is in the attempt already. */
static enum reed_err judge_digest(const struct reed_file_attempt *a, enum reed_digest_hash hash)
{
	uint8_t right[REED_DIGEST_MOST];
	enum reed_err err = reed_digest_response(hash, a->key, a->credential->message, right);

	return err ? err : compare(a->credential->secret, right, reed_digest_bytes(hash));
}

/* ---- secrets:PATH ---- */

/* Both in the form that the rules give them. */
static enum reed_err judge_password(const struct reed_file_attempt *a, struct reed_slice secret)
{
	char given[REED_PASSWORD_ROOM] = "", kept[REED_PASSWORD_ROOM] = "";
	const struct reed_auth_rules *rules = a->rules;
	enum reed_err err = REED_EAUTH;
	const char *why;

	if (!rules->password(rules, a->credential->secret, false, given, &why) &&
	    !rules->password(rules, secret, false, kept, &why))
		err = compare(reed_slice_of(given), (uint8_t *)kept, strlen(kept));
	reed_wipe(given, sizeof(given));
	reed_wipe(kept, sizeof(kept));
	return err;
}

static enum reed_err judge_with(struct reed_file_attempt *a, struct reed_slice secret,
                                enum reed_digest_hash hash)
{
	const struct reed_credential *c = a->credential;
	enum reed_err err = REED_EAUTH;

	if (c->digest)
		err = reed_digest_key(hash, c->user, c->digest->realm, secret, a->key);
	return err ? err : judge_digest(a, hash);
}

static enum reed_err judge_challenge(const struct reed_file_attempt *a, struct reed_slice secret)
{
	const struct reed_credential *c = a->credential;
	uint8_t right[REED_MD5_BYTES];
	enum reed_err err = c->kind == REED_CREDENTIAL_APOP
	                            ? reed_apop(secret, c->message, right)
	                            : reed_cram_md5(secret, c->message, right);

	return err ? err : compare(c->secret, right, sizeof(right));
}

static enum reed_err secrets_judge(struct reed_file_attempt *a)
{
	struct reed_slice text = a->text, name, secret;

	if (!reed_file_line_of(&text, a, &name, &secret))
		return REED_ENOENT;
	if (secret.n == 0) /* anybody could prove to know it */
		return REED_EAUTH;
	switch (a->credential->kind) {
	case REED_CREDENTIAL_PASSWORD:
		return judge_password(a, secret);
	case REED_CREDENTIAL_DIGEST:
		return judge_with(a, secret, REED_DIGEST_SHA256);
	case REED_CREDENTIAL_DIGEST_MD5:
		return judge_with(a, secret, REED_DIGEST_MD5);
	case REED_CREDENTIAL_CRAM_MD5:
	case REED_CREDENTIAL_APOP:
		return judge_challenge(a, secret);
	case REED_CREDENTIAL_ANONYMOUS:
	case REED_CREDENTIAL_SCRAM:
	case REED_CREDENTIAL_CERTIFICATE:
	case REED_CREDENTIAL_TOKEN:
	case REED_CREDENTIAL_PUBLIC_KEY:
		break;
	}
	return REED_ENOENT;
}

static enum reed_err secrets_check(struct reed_slice text, size_t *line, const char **why)
{
	struct reed_slice name, secret;

	*why = "a line is NAME:PASSWORD";
	while (reed_file_line_next(&text, line, &name, &secret))
		if (name.n == 0 || secret.n == 0)
			return REED_ESYNTAX;
	return REED_OK;
}

static const struct reed_file_checker_kind secrets = {
	.takes = REED_CREDENTIAL_BIT(REED_CREDENTIAL_PASSWORD) |
	         REED_CREDENTIAL_BIT(REED_CREDENTIAL_DIGEST) |
	         REED_CREDENTIAL_BIT(REED_CREDENTIAL_DIGEST_MD5) |
	         REED_CREDENTIAL_BIT(REED_CREDENTIAL_CRAM_MD5) |
	         REED_CREDENTIAL_BIT(REED_CREDENTIAL_APOP),
	.judge = secrets_judge,
	.check = secrets_check,
	.forbidden = REED_FILE_SECRET,
};

/* ---- htdigest:PATH, htdigest-sha256:PATH ---- */

/* Of a line that is not well-formed nothing is right. */
static enum reed_err judge_line(struct reed_file_attempt *a, enum reed_digest_hash hash,
                                struct reed_slice name, struct reed_slice rest)
{
	const struct reed_credential *c = a->credential;
	struct reed_slice realm = reed_slice_cut(&rest, ':');
	uint8_t given[REED_DIGEST_MOST];
	enum reed_err err;

	if (reed_hex_decode(rest, a->key, reed_digest_bytes(hash)))
		return REED_EAUTH;
	if (c->kind != REED_CREDENTIAL_PASSWORD)
		return c->digest && reed_slice_eq(realm, c->digest->realm) ? judge_digest(a, hash)
		                                                           : REED_EAUTH;
	err = reed_digest_key(hash, name, realm, c->secret, given);
	return err ? err
	           : compare(reed_slice(given, reed_digest_bytes(hash)), a->key,
	                     reed_digest_bytes(hash));
}

/* An account has a line for each realm. */
static enum reed_err judge_lines(struct reed_file_attempt *a, enum reed_digest_hash hash)
{
	struct reed_slice text = a->text, name, rest;
	enum reed_err err = REED_ENOENT;

	while (err && err != REED_ENOTSUP && reed_file_line_of(&text, a, &name, &rest))
		err = judge_line(a, hash, name, rest);
	return err;
}

static enum reed_err htdigest_judge(struct reed_file_attempt *a)
{
	return judge_lines(a, REED_DIGEST_MD5);
}

static enum reed_err htdigest_sha256_judge(struct reed_file_attempt *a)
{
	return judge_lines(a, REED_DIGEST_SHA256);
}

static enum reed_err check_lines(struct reed_slice text, enum reed_digest_hash hash, size_t *line)
{
	uint8_t key[REED_DIGEST_MOST];
	struct reed_slice name, rest;

	while (reed_file_line_next(&text, line, &name, &rest)) {
		reed_slice_cut(&rest, ':');
		if (name.n == 0 || reed_hex_decode(rest, key, reed_digest_bytes(hash)))
			return REED_ESYNTAX;
	}
	return REED_OK;
}

static enum reed_err htdigest_check(struct reed_slice text, size_t *line, const char **why)
{
	*why = "a line is NAME:REALM:MD5, as htdigest(1) writes it, MD5 in 32 hexadecimal digits";
	return check_lines(text, REED_DIGEST_MD5, line);
}

static enum reed_err htdigest_sha256_check(struct reed_slice text, size_t *line, const char **why)
{
	*why = "a line is NAME:REALM:SHA256, the SHA-256 of NAME:REALM:PASSWORD in 64 hexadecimal "
	       "digits";
	return check_lines(text, REED_DIGEST_SHA256, line);
}

static const struct reed_file_checker_kind htdigest = {
	.takes = REED_CREDENTIAL_BIT(REED_CREDENTIAL_PASSWORD) |
	         REED_CREDENTIAL_BIT(REED_CREDENTIAL_DIGEST_MD5),
	.judge = htdigest_judge,
	.check = htdigest_check,
	.forbidden = REED_FILE_SECRET,
};

static const struct reed_file_checker_kind htdigest_sha256 = {
	.takes = REED_CREDENTIAL_BIT(REED_CREDENTIAL_PASSWORD) |
	         REED_CREDENTIAL_BIT(REED_CREDENTIAL_DIGEST),
	.judge = htdigest_sha256_judge,
	.check = htdigest_sha256_check,
	.forbidden = REED_FILE_SECRET,
};

/* ---- by their names ---- */

struct reed_checker_scheme reed_secrets_scheme = {
	.name = "secrets",
	.form = "secrets:PATH",
	.help = "Lines of NAME:PASSWORD, in clear, for those who cannot do with less: HTTP Digest,\n"
		"CRAM-MD5, APOP.  Mode 600.\n",
	.file = &secrets,
};

struct reed_checker_scheme reed_htdigest_scheme = {
	.name = "htdigest",
	.form = "htdigest:PATH",
	.help = "Lines of NAME:REALM:MD5, as Apache's htdigest writes them, for HTTP Digest.  Where\n"
		"that realm is asked for they are as good as the password.  Mode 600.\n",
	.file = &htdigest,
};

struct reed_checker_scheme reed_htdigest_sha256_scheme = {
	.name = "htdigest-sha256",
	.form = "htdigest-sha256:PATH",
	.help = "The same with SHA-256 in place of MD5.\n",
	.file = &htdigest_sha256,
};
