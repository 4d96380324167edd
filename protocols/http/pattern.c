/* Patterns of paths, and what their parameters accept. */

#include "chars.h"
#include "route.h"

static const char *const type_names[] = { "",
#define X(name, text) text,
	                                  SEGMENT_TYPES(X)
#undef X
};

static bool is_word(struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!chars_have(CHARS_UNRESERVED, s.p[i]) || s.p[i] == '.' || s.p[i] == '~')
			return false;
	return s.n > 0;
}

static bool is_hex(struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (reed_hex_digit(s.p[i]) < 0)
			return false;
	return s.n > 0;
}

static bool is_int(struct reed_slice s)
{
	bool negative = s.n > 0 && s.p[0] == '-';
	uint64_t n;

	return reed_slice_u64(reed_slice_from(s, negative), (uint64_t)INT64_MAX + negative, &n) ==
	       REED_OK;
}

bool segment_accepts(enum segment_type type, struct reed_slice value)
{
	uint64_t n;

	switch (type) {
	case SEGMENT_INT:
		return is_int(value);
	case SEGMENT_UINT:
		return reed_slice_u64(value, UINT64_MAX, &n) == REED_OK;
	case SEGMENT_HEX:
		return is_hex(value);
	case SEGMENT_WORD:
		return is_word(value);
	case SEGMENT_STR:
		return value.n > 0;
	case SEGMENT_PATH:
	case SEGMENT_TEXT:
		break;
	}
	return true;
}

static bool parse_parameter(struct reed_slice inside, struct segment *out, const char **why)
{
	struct reed_slice type = inside;

	out->text = reed_slice_cut(&type, ':');
	out->type = SEGMENT_STR;
	if (out->text.n < inside.n) {
		unsigned i = 1;

		while (i < REED_COUNT(type_names) && !reed_slice_is(type, type_names[i]))
			i++;
		if (i == REED_COUNT(type_names)) {
			*why = "the types are int, uint, hex, word, str and path";
			return false;
		}
		out->type = (enum segment_type)i;
	}
	if (!is_word(out->text))
		*why = "a parameter is {name} or {name:type}";
	return !*why;
}

bool segment_next(struct reed_slice *pattern, struct segment *out, const char **why)
{
	struct reed_slice rest = *pattern, text;

	*why = NULL;
	if (rest.n == 0)
		return false;
	if (rest.p[0] != '/') {
		*why = "a pattern begins with a slash";
		return false;
	}
	rest = reed_slice_from(rest, 1);
	text = reed_slice_first(rest, reed_slice_find(rest, '/'));
	*pattern = reed_slice_from(rest, text.n);
	if (text.n > 1 && text.p[0] == '{' && text.p[text.n - 1] == '}') {
		if (!parse_parameter(reed_slice(text.p + 1, text.n - 2), out, why))
			return false;
		if (out->type == SEGMENT_PATH && pattern->n > 0)
			*why = "nothing can follow a parameter of type path";
		return !*why;
	}
	if (reed_slice_find(text, '{') < text.n || reed_slice_find(text, '}') < text.n)
		*why = "a parameter is all of a segment";
	*out = (struct segment){ .type = SEGMENT_TEXT, .text = text };
	return !*why;
}
