#include "reed/ssh_key.h"

#include "reed/base64.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t blank_at(struct reed_slice s)
{
	size_t i = 0;

	while (i < s.n && !is_blank(s.p[i]))
		i++;
	return i;
}

/* The first blank that does not stand in quotes; REED_ESYNTAX: quotes are open. */
static enum reed_err options_end(struct reed_slice s, size_t *n)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < s.n && (quoted || !is_blank(s.p[i])); i++) {
		if (quoted && s.p[i] == '\\' && i + 1 < s.n)
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
	}
	*n = i;
	return quoted ? REED_ESYNTAX : REED_OK;
}

static struct reed_slice cut_word(struct reed_slice *rest, size_t n)
{
	struct reed_slice word = reed_slice_first(*rest, n);

	*rest = reed_slice_trim(reed_slice_from(*rest, n));
	return word;
}

/* ---- options (sshd(8)) ---- */

/* What they forbid or allow is nothing that a door of ours would give to a key. */
static bool is_of_no_account(struct reed_slice option)
{
	static const char *const names[] = {
		"restrict",         "pty",          "no-pty",
		"agent-forwarding", "user-rc",      "no-agent-forwarding",
		"port-forwarding",  "no-user-rc",   "no-port-forwarding",
		"x11-forwarding",   "environment",  "no-x11-forwarding",
		"permitopen",       "permitlisten", "tunnel",
	};

	for (size_t i = 0; i < REED_COUNT(names); i++)
		if (reed_slice_is_nocase(option, names[i]))
			return true;
	return false;
}

/* One of them: a name, perhaps = and a text in quotes. */
static enum reed_err take_option(struct reed_slice *rest, struct reed_slice *name)
{
	size_t n = 0;

	while (n < rest->n && rest->p[n] != ',' && rest->p[n] != '=')
		n++;
	*name = reed_slice_first(*rest, n);
	*rest = reed_slice_from(*rest, n);
	if (name->n == 0 || reed_slice_find(*name, '"') < name->n)
		return REED_ESYNTAX;
	if (!reed_slice_starts(*rest, REED_STR("=")))
		return REED_OK;
	*rest = reed_slice_from(*rest, 1);
	if (!reed_slice_starts(*rest, REED_STR("\"")))
		return REED_ESYNTAX;
	for (n = 1; n < rest->n && rest->p[n] != '"'; n++)
		n += rest->p[n] == '\\';
	if (n >= rest->n)
		return REED_ESYNTAX;
	*rest = reed_slice_from(*rest, n + 1);
	return REED_OK;
}

static enum reed_err judge_options(struct reed_slice rest, bool *conditional)
{
	struct reed_slice name;

	while (rest.n > 0) {
		if (take_option(&rest, &name))
			return REED_ESYNTAX;
		if (!is_of_no_account(name))
			*conditional = true;
		if (rest.n > 0 && (rest.p[0] != ',' || rest.n == 1))
			return REED_ESYNTAX;
		rest = reed_slice_from(rest, 1);
	}
	return REED_OK;
}

/* ---- a line ---- */

static bool is_ours(struct reed_slice kind)
{
	static const char *const kinds[] = { "ssh-ed25519", "ecdsa-sha2-nistp256",
		                             "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
		                             "ssh-rsa" };

	for (size_t i = 0; i < REED_COUNT(kinds); i++)
		if (reed_slice_is(kind, kinds[i]))
			return true;
	return false;
}

/* Of any kind of key that there is or was; what is none of these are options. */
static bool is_kind(struct reed_slice word)
{
	return reed_slice_starts(word, REED_STR("ssh-")) ||
	       reed_slice_starts(word, REED_STR("ecdsa-sha2-")) ||
	       reed_slice_starts(word, REED_STR("sk-"));
}

/* The blob says what it is as well, and says the same. */
static enum reed_err take_blob(struct reed_ssh_line *out, struct reed_slice text)
{
	const uint8_t *p = out->blob;

	if (reed_base64_decode(text, out->blob, sizeof(out->blob), &out->n))
		return REED_ESYNTAX;
	if (out->n < 4 + out->kind.n || p[0] || p[1] || p[2] || p[3] != out->kind.n ||
	    memcmp(p + 4, out->kind.p, out->kind.n) != 0)
		return REED_ESYNTAX;
	return REED_OK;
}

static enum reed_err take_options(struct reed_slice *rest, struct reed_ssh_line *out)
{
	size_t n;

	if (options_end(*rest, &n))
		return REED_ESYNTAX;
	out->options = cut_word(rest, n);
	return judge_options(out->options, &out->conditional);
}

enum reed_err reed_ssh_line_parse(struct reed_slice line, struct reed_ssh_line *out,
                                  const char **why)
{
	struct reed_slice rest = reed_slice_trim(line), text;

	*out = (struct reed_ssh_line){ .n = 0 };
	*why = "options are words with commas between them, such as restrict or from=\"...\"";
	if (!is_kind(rest) && take_options(&rest, out))
		return REED_ESYNTAX;
	out->kind = cut_word(&rest, blank_at(rest));
	*why = "a line is [OPTIONS] ssh-ed25519|ecdsa-sha2-nistp...|ssh-rsa KEY [COMMENT]";
	if (!is_kind(out->kind))
		return REED_ESYNTAX;
	if (!is_ours(out->kind))
		return REED_ENOTSUP;
	*why = "the key is not in base64, too long, or of another kind than the line says";
	text = cut_word(&rest, blank_at(rest));
	out->comment = rest;
	return take_blob(out, text);
}
