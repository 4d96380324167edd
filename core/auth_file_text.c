#include "auth_file_text.h"

#include "reed/base64.h"

/* ---- one line ---- */

static enum reed_err parse_name(struct reed_slice name, const struct reed_auth_rules *rules,
                                struct reed_principal *account, const char **why)
{
	if (rules->account(rules, name, account->name, why))
		return REED_ESYNTAX;
	*why = "the name is not in its normal form, such as lower case";
	return reed_slice_is(name, account->name) ? REED_OK : REED_ESYNTAX;
}

/* Cuts the verifier off, which has two colons of its own. */
static enum reed_err parse_verifier(struct reed_slice *rest, struct reed_principal *account,
                                    const char **why)
{
	struct reed_slice all = *rest, field = reed_slice_cut(rest, ':');
	enum reed_err err;

	if (reed_slice_is(field, "*"))
		return REED_OK;
	*why = "not a verifier: SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY, or * for none; "
	       "a password does not stand here in clear";
	if (!reed_slice_starts(all, REED_STR("SCRAM-SHA-256$")))
		return REED_ESYNTAX;
	reed_slice_cut(rest, ':');
	reed_slice_cut(rest, ':');
	field = reed_slice_first(all, all.n - rest->n - (rest->n > 0));
	err = reed_verifier_parse(field, &account->verifier);
	if (err == REED_ERANGE)
		*why = "iterations: from 4096 to 10,000,000; salt: up to 64 bytes";
	account->has_password = !err;
	return err ? REED_ESYNTAX : REED_OK;
}

static enum reed_err parse_roles(struct reed_slice field, struct reed_principal *account,
                                 const char **why)
{
	*why = "roles are words of a-z, 0-9 and '-', with commas between them";
	if (reed_roles_check(field))
		return REED_ESYNTAX;
	reed_slice_copy(account->roles, sizeof(account->roles), field);
	return REED_OK;
}

static enum reed_err parse_fingerprint(struct reed_slice field, struct reed_principal *account,
                                       const char **why)
{
	struct reed_slice value = field, key = reed_slice_cut(&value, '=');

	*why = "unknown key; there is certfp=";
	if (!reed_slice_is(key, "certfp"))
		return REED_ESYNTAX;
	*why = "an account has at most 8 fingerprints";
	if (account->fingerprints == REED_FINGERPRINTS)
		return REED_ESYNTAX;
	*why = "a fingerprint is a SHA-256 in 64 hexadecimal digits";
	if (reed_hex_decode(value, account->fingerprint[account->fingerprints],
	                    REED_FINGERPRINT_BYTES))
		return REED_ESYNTAX;
	account->fingerprints++;
	return REED_OK;
}

enum reed_err reed_account_line_parse(struct reed_slice line, const struct reed_auth_rules *rules,
                                      struct reed_principal *account, const char **why)
{
	struct reed_slice name = reed_slice_cut(&line, ':');
	enum reed_err err;

	*account = (struct reed_principal){ 0 };
	err = parse_name(name, rules, account, why);
	if (!err)
		err = parse_verifier(&line, account, why);
	for (bool first = true; !err && line.n > 0; first = false) {
		struct reed_slice field = reed_slice_cut(&line, ':');

		if (first && reed_slice_find(field, '=') == field.n)
			err = parse_roles(field, account, why);
		else
			err = parse_fingerprint(field, account, why);
	}
	return err;
}

void reed_account_line_print(const struct reed_principal *account, struct reed_buf *out)
{
	char verifier[REED_VERIFIER_ROOM] = "*", hex[REED_HEX_ROOM(REED_FINGERPRINT_BYTES)];

	if (account->has_password)
		reed_verifier_print(&account->verifier, verifier);
	reed_buf_printf(out, "%s:%s", account->name, verifier);
	if (*account->roles)
		reed_buf_printf(out, ":%s", account->roles);
	for (uint32_t i = 0; i < account->fingerprints; i++) {
		reed_hex(reed_slice(account->fingerprint[i], REED_FINGERPRINT_BYTES), hex);
		reed_buf_printf(out, ":certfp=%s", hex);
	}
	reed_buf_add_char(out, '\n');
}

/* ---- the file ---- */

static bool is_comment(struct reed_slice line)
{
	line = reed_slice_trim(line);
	return line.n == 0 || line.p[0] == '#';
}

/* Without the end of line, of either kind. */
static struct reed_slice cut_line(struct reed_slice *text)
{
	struct reed_slice line = reed_slice_cut(text, '\n');

	if (reed_slice_ends(line, REED_STR("\r")))
		line.n--;
	return line;
}

static bool is_of(struct reed_slice line, const char *name)
{
	return !is_comment(line) && reed_slice_is(reed_slice_cut(&line, ':'), name);
}

/* The number of the last line of that name. */
static size_t last_line_of(struct reed_slice text, const char *name)
{
	size_t last = 0;

	for (size_t line = 1; text.n > 0; line++)
		if (is_of(cut_line(&text), name))
			last = line;
	return last;
}

enum reed_err reed_account_file_parse(struct reed_slice text, const struct reed_auth_rules *rules,
                                      struct reed_principal_table *t,
                                      struct reed_account_file_fault *fault)
{
	struct reed_slice rest = text;
	const struct reed_principal *twice;
	enum reed_err err = REED_OK;

	for (fault->line = 1; rest.n > 0; fault->line++) {
		struct reed_slice line = cut_line(&rest);
		struct reed_principal account;

		if (is_comment(line))
			continue;
		err = reed_account_line_parse(line, rules, &account, &fault->why);
		if (err)
			return err;
		fault->why = "too many accounts for a file";
		err = reed_table_append(t, &account);
		if (err)
			return err;
	}
	twice = reed_table_sort(t);
	if (!twice)
		return REED_OK;
	fault->line = last_line_of(text, twice->name);
	fault->why = "the name, or a fingerprint, stands on another line too";
	return REED_ESYNTAX;
}

void reed_account_file_edit(struct reed_slice text, const char *name,
                            const struct reed_principal *account, struct reed_buf *out)
{
	bool done = false;

	while (text.n > 0) {
		struct reed_slice before = text, line = cut_line(&text);

		if (!is_of(line, name)) {
			reed_buf_add(out, reed_slice_first(before, before.n - text.n));
			/* the last line of a file may lack its end */
			if (text.n == 0 && before.p[before.n - 1] != '\n')
				reed_buf_add_char(out, '\n');
			continue;
		}
		if (account && !done)
			reed_account_line_print(account, out);
		done = true;
	}
	if (account && !done)
		reed_account_line_print(account, out);
}
