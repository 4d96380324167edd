/*
 * Names and passwords by stringprep, with libidn's tables.
 *
 * libidn itself and not libgsasl's wrapper of it: the same tables serve names
 * and passwords, a library less is loaded, and errors keep their reason.  The
 * tables are those of Unicode 3.2 (RFC 3454).
 */

#include <stringprep.h>

#include "reed/sasl.h"

static const char *reason(int rc)
{
	switch (rc) {
	case STRINGPREP_CONTAINS_UNASSIGNED:
		return "the text has a character that is too new for stringprep (Unicode 3.2)";
	case STRINGPREP_CONTAINS_PROHIBITED:
		return "the text has a character that is not allowed";
	case STRINGPREP_BIDI_BOTH_L_AND_RAL:
	case STRINGPREP_BIDI_LEADTRAIL_NOT_RAL:
	case STRINGPREP_BIDI_CONTAINS_PROHIBITED:
		return "the text mixes directions of writing, which is not allowed";
	case STRINGPREP_TOO_SMALL_BUFFER:
		return "the text is too long";
	default:
		return "the text is not UTF-8";
	}
}

/* into holds room bytes.  The tables trust their input to be UTF-8. */
static enum reed_err prepare(struct reed_slice in, const Stringprep_profile *profile, bool kept,
                             char *into, size_t room, const char **why)
{
	int rc;

	*why = "the text is not UTF-8";
	if (!reed_slice_is_utf8(in) || reed_slice_find(in, '\0') < in.n)
		return REED_EINVAL;
	*why = "the text is too long";
	if (!reed_slice_copy(into, room, in))
		return REED_EINVAL;
	/* RFC 3454 7: what is kept has no unassigned characters, what is compared may */
	rc = stringprep(into, room, kept ? STRINGPREP_NO_UNASSIGNED : 0, profile);
	*why = reason(rc);
	return rc == STRINGPREP_OK ? REED_OK : REED_EINVAL;
}

/* Twice: a form that changes when it is prepared again is not a normal form. */
static enum reed_err account(const struct reed_auth_rules *self, struct reed_slice name,
                             char into[REED_ACCOUNT_ROOM], const char **why)
{
	char again[REED_ACCOUNT_ROOM];
	enum reed_err err;

	err = prepare(name, stringprep_xmpp_nodeprep, true, into, REED_ACCOUNT_ROOM, why);
	if (err)
		return err;
	err = prepare(reed_slice_of(into), stringprep_xmpp_nodeprep, true, again, REED_ACCOUNT_ROOM,
	              why);
	if (err)
		return err;
	*why = "the text has no normal form";
	if (strcmp(into, again) != 0)
		return REED_EINVAL;
	return reed_auth_name_check(self, into, why);
}

static enum reed_err password(const struct reed_auth_rules *self, struct reed_slice text, bool kept,
                              char into[REED_PASSWORD_ROOM], const char **why)
{
	enum reed_err err;

	(void)self;
	err = prepare(text, stringprep_saslprep, kept, into, REED_PASSWORD_ROOM, why);
	if (err)
		return err;
	*why = "the text is empty";
	return *into ? REED_OK : REED_EINVAL;
}

const struct reed_auth_rules reed_auth_rules_unicode = {
	.name = "unicode",
	.account = account,
	.password = password,
};
