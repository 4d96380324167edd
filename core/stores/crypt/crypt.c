#include "reed/crypt_checker.h"

#include <argon2.h>
#include <crypt.h>
#include <string.h>

#include "reed/alloc.h"
#include "reed/file_checker.h"
#include "reed/loop.h"

enum { HASH_ROOM = 512, DAY_S = 24 * 60 * 60 };

/* ---- one hash ---- */

static bool is_argon2(const char *hash)
{
	return strncmp(hash, "$argon2", 7) == 0;
}

/* NUL ends a password for both of them: what has one in it is none. */
static bool is_text(struct reed_slice s)
{
	return s.n > 0 && reed_slice_find(s, '\0') == s.n;
}

static bool argon2_opens(const char *hash, struct reed_slice password)
{
	argon2_type type = strncmp(hash, "$argon2id$", 10) == 0 ? Argon2_id
	                   : strncmp(hash, "$argon2i$", 9) == 0 ? Argon2_i
	                                                        : Argon2_d;

	return argon2_verify(hash, password.p, password.n, type) == ARGON2_OK;
}

/* In a time that does not tell how much of it is the same. */
static bool is_same(const char *a, const char *b)
{
	unsigned char differs = strlen(a) != strlen(b);

	for (size_t i = 0; a[i] && b[i]; i++)
		differs |= (unsigned char)(a[i] ^ b[i]);
	return differs == 0;
}

/* password is a copy that a NUL follows. */
static bool crypt_opens(const char *hash, const char *password)
{
	struct crypt_data *data = reed_alloc(sizeof(*data));
	const char *made = crypt_rn(password, hash, data, (int)sizeof(*data));
	bool same = made && is_same(made, hash);

	reed_wipe(data, sizeof(*data));
	reed_free(data);
	return same;
}

static bool opens(const char *hash, struct reed_slice password)
{
	bool same;
	char *text;

	if (!is_text(password))
		return false;
	if (is_argon2(hash))
		return argon2_opens(hash, password);
	text = reed_slice_dup(password);
	same = crypt_opens(hash, text);
	reed_wipe(text, password.n);
	reed_free(text);
	return same;
}

/* ---- a line: shadow(5), of which htpasswd has the first two fields ---- */

/* What begins so is no hash: locked, or never had one. */
static bool is_locked(struct reed_slice hash)
{
	return hash.n == 0 || hash.p[0] == '!' || hash.p[0] == '*';
}

static bool is_hash(struct reed_slice field)
{
	char hash[HASH_ROOM];
	int salt;

	if (!reed_slice_copy(hash, sizeof(hash), field))
		return false;
	if (is_argon2(hash))
		return true;
	salt = crypt_checksalt(hash);
	return salt != CRYPT_SALT_INVALID && salt != CRYPT_SALT_METHOD_DISABLED;
}

/* Days; -1: nothing is said. */
static int64_t next_days(struct reed_slice *rest)
{
	uint64_t days;

	return reed_slice_u64(reed_slice_cut(rest, ':'), 1000000, &days) ? -1 : (int64_t)days;
}

/*
 * rest is what follows the hash: when it was changed, the least and the most days
 * it stays, warning, grace, and the day on which the account ends.
 */
static bool has_expired(struct reed_slice rest, int64_t today)
{
	int64_t changed = next_days(&rest), most, grace, end;

	next_days(&rest);
	most = next_days(&rest);
	next_days(&rest);
	grace = next_days(&rest);
	end = next_days(&rest);
	if (end >= 0 && today >= end)
		return true;
	if (changed == 0) /* to be changed before anything else, which is not done here */
		return true;
	return changed > 0 && most >= 0 && today > changed + most + (grace > 0 ? grace : 0);
}

/* One whose work is about that of the others, for who is not there. */
static void work_for_nobody(const struct reed_file_attempt *a)
{
	struct reed_slice text = a->text, name, rest, field;
	char hash[HASH_ROOM];
	size_t line = 0;

	while (reed_file_line_next(&text, &line, &name, &rest)) {
		field = reed_slice_cut(&rest, ':');
		if (is_locked(field) || !reed_slice_copy(hash, sizeof(hash), field))
			continue;
		opens(hash, a->credential->secret);
		return;
	}
}

static enum reed_err judge(struct reed_file_attempt *a)
{
	struct reed_slice text = a->text, name, rest = { NULL, 0 }, field;
	char hash[HASH_ROOM];
	bool found = reed_file_line_of(&text, a, &name, &rest);

	field = reed_slice_cut(&rest, ':');
	if (!found || is_locked(field) || !reed_slice_copy(hash, sizeof(hash), field)) {
		work_for_nobody(a);
		return found ? REED_EAUTH : REED_ENOENT;
	}
	if (!opens(hash, a->credential->secret) || has_expired(rest, a->wall / REED_S(DAY_S)))
		return REED_EAUTH;
	return REED_OK;
}

static enum reed_err check(struct reed_slice text, size_t *line, const char **why)
{
	struct reed_slice name, rest, field;

	*why = "a line is NAME:HASH, the hash one of crypt(3) or Argon2, such as mkpasswd and "
	       "htpasswd -B make; there is neither $apr1$ nor {SHA} here";
	while (reed_file_line_next(&text, line, &name, &rest)) {
		field = reed_slice_cut(&rest, ':');
		if (name.n == 0 || (!is_locked(field) && !is_hash(field)))
			return REED_ESYNTAX;
	}
	return REED_OK;
}

static const struct reed_file_checker_kind kind = {
	.takes = REED_CREDENTIAL_BIT(REED_CREDENTIAL_PASSWORD),
	.judge = judge,
	.check = check,
	.forbidden = REED_FILE_SECRET,
};

struct reed_checker_scheme reed_shadow_checker_scheme = {
	.name = "shadow",
	.form = "shadow:PATH",
	.help = "The users of a system, as in shadow:/etc/shadow, which the program must be able to\n"
		"read: as root, or in the group shadow.  Passwords in clear only; who is locked or\n"
		"has expired stays outside.\n",
	.file = &kind,
};

struct reed_checker_scheme reed_htpasswd_checker_scheme = {
	.name = "htpasswd",
	.form = "htpasswd:PATH",
	.help = "Lines of NAME:HASH as htpasswd -B and mkpasswd make them: bcrypt, yescrypt, SHA-512,\n"
		"Argon2.  Passwords in clear only.  Mode 600 or 640.\n",
	.file = &kind,
};

void reed_crypt_checkers_register(void)
{
	reed_checker_register(&reed_shadow_checker_scheme);
	reed_checker_register(&reed_htpasswd_checker_scheme);
}
