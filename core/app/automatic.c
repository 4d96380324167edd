/* Automatic certificates, as far as every daemon knows of them: settings, and needs. */

#include <string.h>

#include "daemon_private.h"
#include "reed/needs.h"

enum { NAME_MOST = 253 };

static bool is_label(struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    (c != '-' || i == 0 || i + 1 == s.n))
			return false;
	}
	return s.n > 0 && s.n < 64;
}

/* It becomes the name of a file, too. */
bool reed_automatic_check_name(const char *text, struct reed_buf *why)
{
	struct reed_slice rest = reed_slice_of(text);
	bool good = rest.n > 0 && rest.n <= NAME_MOST && rest.p[rest.n - 1] != '.' &&
	            reed_slice_find(rest, '.') < rest.n;

	if (reed_slice_starts(rest, REED_STR("*.")))
		rest = reed_slice_from(rest, 2);
	while (good && rest.n > 0)
		good = is_label(reed_slice_cut(&rest, '.'));
	if (!good)
		reed_buf_add_str(why, "is no name that an authority knows; write one as in "
		                      "chat.example.org, in ASCII (xn--...), or *.example.org");
	return good;
}

bool reed_automatic_check_url(const char *text, struct reed_buf *why)
{
	if (strncmp(text, "https://", 8) == 0 && text[8] && !strpbrk(text, " \t\""))
		return true;
	reed_buf_add_str(why, "is no directory of an authority; write https://HOST/PATH");
	return false;
}

/* What listens for a moment listens after the sandbox is closed; whom it dials others say. */
void reed_automatic_needs(const struct reed_automatic *acme, struct reed_needs *needs)
{
	reed_needs_dial_anywhere(needs);
	reed_needs_endpoint(needs, acme->http);
	reed_needs_endpoint(needs, acme->tls);
	if (acme->ca)
		reed_needs_read(needs, acme->ca);
	if (acme->program)
		reed_needs_program(needs, acme->program);
}
