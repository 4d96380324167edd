/* Names of accounts, passwords and roles: what they may be made of. */

#include "reed/auth.h"

static bool lower_or_digit(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* 0xa0 begins what is printed beyond ASCII. */
bool reed_auth_name_char(uint32_t c, bool first)
{
	if (c >= 0xa0)
		return true;
	return lower_or_digit(c) || c == '_' || (!first && (c == '-' || c == '.'));
}

/* text is UTF-8; its first character, and its length. */
static uint32_t first_char(const char *text, size_t *n)
{
	const unsigned char *p = (const unsigned char *)text;

	*n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	switch (*n) {
	case 1:
		return p[0];
	case 2:
		return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
	case 3:
		return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
	default:
		return (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 |
		       (p[3] & 0x3fu);
	}
}

enum reed_err reed_auth_name_check(const struct reed_auth_rules *rules, const char *normal,
                                   const char **why)
{
	bool (*allowed)(uint32_t, bool) = rules->allowed ? rules->allowed : reed_auth_name_char;
	bool first = true;
	size_t n;

	*why = "a name has at least one character";
	if (!*normal)
		return REED_EINVAL;
	*why = "a name is made of letters, digits, '_', and after the first '-' and '.'";
	if (rules->allowed)
		*why = "the name has a character that is not allowed here";
	if (!reed_slice_is_utf8(reed_slice_of(normal)))
		return REED_EINVAL;
	for (; *normal; normal += n, first = false)
		if (!allowed(first_char(normal, &n), first))
			return REED_EINVAL;
	return REED_OK;
}

static bool is_ascii_text(struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	return true;
}

static enum reed_err ascii_account(const struct reed_auth_rules *self, struct reed_slice name,
                                   char into[REED_ACCOUNT_ROOM], const char **why)
{
	*why = "a name has at most 127 bytes";
	if (!reed_slice_copy(into, REED_ACCOUNT_ROOM, name))
		return REED_EINVAL;
	*why = "a name is made of characters of ASCII";
	if (!is_ascii_text(name))
		return REED_EINVAL;
	for (char *c = into; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c + ('a' - 'A'));
	return reed_auth_name_check(self, into, why);
}

/* What SASLprep (RFC 4013) leaves as it is. */
static enum reed_err ascii_password(const struct reed_auth_rules *self, struct reed_slice password,
                                    bool kept, char into[REED_PASSWORD_ROOM], const char **why)
{
	(void)self;
	(void)kept;
	*why = "a password has at least one character";
	if (password.n == 0)
		return REED_EINVAL;
	*why = "a password has at most 1023 bytes";
	if (!reed_slice_copy(into, REED_PASSWORD_ROOM, password))
		return REED_EINVAL;
	*why = "a password is made of characters of ASCII";
	return is_ascii_text(password) ? REED_OK : REED_EINVAL;
}

const struct reed_auth_rules reed_auth_rules_ascii = {
	.name = "ascii",
	.account = ascii_account,
	.password = ascii_password,
};

bool reed_roles_have(const char *roles, const char *role)
{
	struct reed_slice rest = reed_slice_of(roles);

	while (rest.n > 0)
		if (reed_slice_is(reed_slice_cut(&rest, ','), role))
			return true;
	return false;
}

enum reed_err reed_roles_check(struct reed_slice roles)
{
	if (roles.n >= REED_ROLES_ROOM)
		return REED_EINVAL;
	if (roles.n > 0 && reed_slice_ends(roles, REED_STR(",")))
		return REED_EINVAL;
	while (roles.n > 0) {
		struct reed_slice role = reed_slice_cut(&roles, ',');

		if (role.n == 0)
			return REED_EINVAL;
		for (size_t i = 0; i < role.n; i++)
			if (!lower_or_digit((unsigned char)role.p[i]) && role.p[i] != '-')
				return REED_EINVAL;
	}
	return REED_OK;
}
