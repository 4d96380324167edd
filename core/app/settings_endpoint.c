/* Endpoints as settings: what is wrong with one is told as of any other value. */

#include "settings_private.h"

/* "tcp:xx", column 5: ...: who asks for why has said the text already. */
static void without_text(const struct reed_fault *fault, const char *text, struct reed_buf *why)
{
	char *shown = reed_endpoint_shown(reed_slice_of(text));
	size_t n = strlen(shown), quoted = n + 2;
	const char *s = fault->sentence;

	if (strlen(s) > quoted && s[0] == '"' && memcmp(s + 1, shown, n) == 0)
		s += quoted;
	else
		reed_buf_add_str(why, ": ");
	reed_buf_add_str(why, s);
	reed_free(shown);
}

bool reed_setting_endpoint(const char *text, enum reed_endpoint_use use, struct reed_buf *why)
{
	struct reed_fault *fault;

	if (!reed_endpoint_check(reed_slice_of(text), use, &fault))
		return true;
	without_text(fault, text, why);
	reed_fault_free(fault);
	return false;
}

bool reed_setting_listens(const char *text, struct reed_buf *why)
{
	return reed_setting_endpoint(text, REED_ENDPOINT_LISTEN, why);
}

bool reed_setting_dials(const char *text, struct reed_buf *why)
{
	return reed_setting_endpoint(text, REED_ENDPOINT_DIAL, why);
}
