/* sshkeys:FOLDER/%u, a file of public keys for each account, as sshd has it. */

#include "auth_schemes.h"
#include "reed/alloc.h"
#include "reed/file_checker.h"
#include "reed/ssh_key.h"

static bool is_key(const struct reed_ssh_line *line, struct reed_slice key)
{
	return !line->conditional && reed_slice_eq(reed_slice(line->blob, line->n), key);
}

/* A line that is not well-formed is nobody's key; the others stay. */
static bool has_key(struct reed_slice text, struct reed_slice key)
{
	struct reed_ssh_line *line = reed_alloc(sizeof(*line));
	struct reed_slice each;
	bool found = false;
	const char *why;

	while (!found && text.n > 0) {
		each = reed_slice_trim(reed_slice_cut(&text, '\n'));
		found = each.n > 0 && each.p[0] != '#' && !reed_ssh_line_parse(each, line, &why) &&
		        is_key(line, key);
	}
	reed_free(line);
	return found;
}

static enum reed_err judge(struct reed_file_attempt *a)
{
	const struct reed_credential *c = a->credential;

	if (!has_key(a->text, c->secret))
		return REED_EAUTH;
	return reed_ssh_key_verify(c->secret, c->message, c->signature) ? REED_EAUTH : REED_OK;
}

static const struct reed_file_checker_kind sshkeys = {
	.takes = REED_CREDENTIAL_BIT(REED_CREDENTIAL_PUBLIC_KEY),
	.judge = judge,
	.forbidden = REED_FILE_PUBLIC,
	.each = true,
};

struct reed_checker_scheme reed_sshkeys_scheme = {
	.name = "sshkeys",
	.form = "sshkeys:FOLDER/%u",
	.help = "Public keys of SSH, a file for each account in the form of authorized_keys; %u is its\n"
		"name, as in sshkeys:/home/%u/.ssh/authorized_keys.  A key with command=, from= and\n"
		"the like opens nothing.  Others may not write the file.\n",
	.file = &sshkeys,
};
