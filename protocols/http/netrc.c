/* .netrc: who to be at which host. */

#include "client.h"

/* A macro goes up to an empty line. */
static void skip_macro(struct reed_slice *rest)
{
	*rest = reed_slice_from(*rest, reed_slice_search(*rest, REED_STR("\n\n")));
}

enum reed_err netrc_find(struct reed_slice text, struct reed_slice host, struct reed_slice *user,
                         struct reed_slice *password)
{
	bool here = false, found = false;

	*user = *password = REED_STR("");
	while (text.n > 0) {
		struct reed_slice word = reed_slice_word(&text);

		if (reed_slice_is(word, "machine") || reed_slice_is(word, "default")) {
			if (found)
				break;
			here = reed_slice_is(word, "default") ||
			       reed_slice_eq_nocase(reed_slice_word(&text), host);
			found = here;
		} else if (reed_slice_is(word, "login")) {
			word = reed_slice_word(&text);
			*user = here ? word : *user;
		} else if (reed_slice_is(word, "password")) {
			word = reed_slice_word(&text);
			*password = here ? word : *password;
		} else if (reed_slice_is(word, "macdef")) {
			skip_macro(&text);
		} else if (word.n > 0 && word.p[0] == '#') {
			reed_slice_cut(&text, '\n');
		}
	}
	return found ? REED_OK : REED_ENOENT;
}
