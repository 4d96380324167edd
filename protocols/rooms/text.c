/* Names, lines, and the sentences of numbers. */

#include "private.h"

#include "reed/alloc.h"

/* ---- names ---- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

size_t reed_fold_ascii(char into[REED_NAME_MAX], struct reed_slice name)
{
	if (name.n > REED_NAME_MAX)
		return 0;
	for (size_t i = 0; i < name.n; i++)
		into[i] = lower(name.p[i]);
	return name.n;
}

/* RFC 2812 2.2, and ^ with ~, which RFC 1459 forgot and its servers did not. */
static char lower1459(char c)
{
	return c >= 'A' && c <= '^' ? (char)(c + 'a' - 'A') : c;
}

size_t reed_fold_rfc1459(char into[REED_NAME_MAX], struct reed_slice name)
{
	if (name.n > REED_NAME_MAX)
		return 0;
	for (size_t i = 0; i < name.n; i++)
		into[i] = lower1459(name.p[i]);
	return name.n;
}

struct reed_folded reed_fold(const struct reed_hub *hub, struct reed_slice name)
{
	struct reed_folded folded;

	folded.n = name.n ? hub->options.fold(folded.bytes, name) : 0;
	return folded;
}

bool reed_same_name(const struct reed_hub *hub, struct reed_slice a, struct reed_slice b)
{
	struct reed_folded fa = reed_fold(hub, a), fb = reed_fold(hub, b);

	return fa.n && reed_slice_eq(reed_folded_slice(&fa), reed_folded_slice(&fb));
}

/* ---- one line of text ---- */

struct reed_slice reed_text_line(struct reed_slice s, size_t limit)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != '\0' && s.p[n] != '\r' && s.p[n] != '\n')
		n++;
	s = reed_slice_first(s, n);
	return s.n > limit ? reed_slice_first(s, reed_slice_utf8_border(s, limit)) : s;
}

enum reed_refusal reed_text_check(struct reed_slice s, size_t limit)
{
	if (reed_text_line(s, s.n).n != s.n || !reed_slice_is_utf8(s))
		return REED_REFUSAL_BAD_TEXT;
	return s.n > limit ? REED_REFUSAL_TOO_LONG : REED_REFUSAL_NONE;
}

void reed_text_set(char **to, struct reed_slice s)
{
	char *old = *to;

	*to = reed_slice_dup(s);
	reed_free(old);
}

void reed_text_set_or_null(char **to, struct reed_slice s)
{
	reed_text_set(to, s);
	if (s.n == 0) {
		reed_free(*to);
		*to = NULL;
	}
}

/* ---- numbers ---- */

const char *reed_refusal_text(enum reed_refusal refusal)
{
	switch (refusal) {
#define X(name, text)             \
	case REED_REFUSAL_##name: \
		return text;
		REED_REFUSALS(X)
#undef X
	}
	return "unknown refusal";
}

const char *reed_refusal_name(enum reed_refusal refusal)
{
	switch (refusal) {
#define X(name, text)             \
	case REED_REFUSAL_##name: \
		return #name;
		REED_REFUSALS(X)
#undef X
	}
	return "UNKNOWN";
}

const char *reed_event_name(enum reed_event_kind kind)
{
	switch (kind) {
#define X(name)                 \
	case REED_EVENT_##name: \
		return #name;
		REED_EVENT_KINDS(X)
#undef X
	}
	return "UNKNOWN";
}

static void fill(uint32_t *limit, uint32_t value, uint32_t bound)
{
	if (*limit == 0)
		*limit = value;
	if (*limit > bound)
		*limit = bound;
}

void reed_rooms_limits_fill(struct reed_rooms_limits *limits)
{
#define X(name, value, least, most, text) fill(&limits->name, value, UINT32_MAX);
	REED_ROOMS_LIMITS(X)
#undef X
	fill(&limits->nick_bytes, 0, REED_NAME_MAX);
	fill(&limits->username_bytes, 0, REED_NAME_MAX);
	fill(&limits->host_bytes, 0, REED_NAME_MAX);
	fill(&limits->mask_bytes, 0, 4 * REED_NAME_MAX);
	fill(&limits->room_name_bytes, 0, REED_NAME_MAX);
}
