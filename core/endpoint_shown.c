/* Endpoints without their secrets, for logs and faults. */

#include <string.h>

#include "reed/alloc.h"
#include "reed/endpoint.h"

static const struct reed_slice secret = { "password=", 9 };

/* A key and its equals sign: what follows the value, when somebody forgot to quote a colon. */
static bool begins_with_key(struct reed_slice s)
{
	size_t n = 0;

	while (n < s.n && ((s.p[n] >= 'a' && s.p[n] <= 'z') || (n > 0 && s.p[n] == '-')))
		n++;
	return n > 0 && n < s.n && s.p[n] == '=';
}

/* Where the value ends that begins at from; rather too much of it is hidden than too little. */
static size_t end_of_value(struct reed_slice text, size_t from, int depth)
{
	int inside = 0;

	for (size_t i = from; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\\')
			i++;
		else if (c == '[')
			inside++;
		else if (c == ']' && inside-- == 0 && depth > 0)
			return i;
		else if (c == ':' && inside <= 0 && begins_with_key(reed_slice_from(text, i + 1)))
			return i;
	}
	return text.n;
}

char *reed_endpoint_shown(struct reed_slice text)
{
	char *shown = reed_alloc_raw(text.n + 4 * (text.n / secret.n) + 1), *out = shown;
	bool at_word = true;
	int depth = 0;

	for (size_t i = 0; i < text.n;) {
		char c = text.p[i];

		if (at_word && reed_slice_starts(reed_slice_from(text, i), secret)) {
			memcpy(out, "password=***", 12);
			out += 12;
			i = end_of_value(text, i + secret.n, depth);
			continue;
		}
		depth += c == '[' ? 1 : c == ']' ? -1 : 0;
		at_word = c == ':' || c == '[';
		*out++ = text.p[i++];
		if (c == '\\' && i < text.n)
			*out++ = text.p[i++];
	}
	*out = '\0';
	return shown;
}
