/* JSON texts, both ways. */

#include "reed/json.h"

#include <jansson.h>

#include "reed/alloc.h"

static struct reed_json_limits limits_of(const struct reed_json_limits *limits)
{
	struct reed_json_limits l = limits ? *limits : (struct reed_json_limits){ 0 };

#define X(name, value, text) \
	if (l.name == 0)     \
		l.name = value;
	REED_JSON_LIMITS(X)
#undef X
	return l;
}

static enum reed_err refuse(struct reed_fault **fault, enum reed_err err, int line, int column,
                            const char *why)
{
	if (fault)
		*fault = reed_fault(err, NULL, "line %d, column %d: %s", line, column, why);
	return err;
}

/* ---- what may be too much, before any of it is in memory ---- */

struct place {
	int line, column;
	uint32_t depth, values;
	bool in_text, escaped;
};

static void look_in_text(struct place *at, char c)
{
	if (at->escaped)
		at->escaped = false;
	else if (c == '\\')
		at->escaped = true;
	else if (c == '"')
		at->in_text = false;
}

/* Commas, colons and brackets stand before every value but the first. */
static void look_outside(struct place *at, char c)
{
	at->in_text = c == '"';
	if (c == '[' || c == '{')
		at->depth++;
	if ((c == ']' || c == '}') && at->depth > 0)
		at->depth--;
	at->values += c == '[' || c == '{' || c == ',' || c == ':';
}

static enum reed_err look(struct reed_slice text, const struct reed_json_limits *limits,
                          struct reed_fault **fault)
{
	struct place at = { .line = 1 };

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		at.column += ((unsigned char)c & 0xc0) != 0x80;
		if (at.in_text)
			look_in_text(&at, c);
		else
			look_outside(&at, c);
		if (at.depth > limits->depth)
			return refuse(fault, REED_ETOOBIG, at.line, at.column,
			              "arrays and objects too deep in each other");
		if (at.values > limits->values)
			return refuse(fault, REED_ETOOBIG, at.line, at.column, "too many values");
		if (c == '\n') {
			at.line++;
			at.column = 0;
		}
	}
	return REED_OK;
}

static enum reed_err err_of(const json_error_t *error)
{
	return json_error_code(error) == json_error_out_of_memory ? REED_ENOMEM : REED_ESYNTAX;
}

enum reed_err reed_json_parse(struct reed_slice text, const struct reed_json_limits *limits,
                              struct json_t **out, struct reed_fault **fault)
{
	struct reed_json_limits l = limits_of(limits);
	json_error_t error;
	enum reed_err err;

	if (text.n > l.bytes)
		return refuse(fault, REED_ETOOBIG, 1, 1, "the text is too long");
	err = look(text, &l, fault);
	if (err)
		return err;
	*out = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (*out)
		return REED_OK;
	return refuse(fault, err_of(&error), error.line, error.column > 0 ? error.column : 1,
	              error.text);
}

/* ---- out ---- */

static int add(const char *bytes, size_t n, void *out)
{
	reed_buf_add(out, reed_slice(bytes, n));
	return 0;
}

enum reed_err reed_json_write(const struct json_t *value, struct reed_buf *out)
{
	if (json_dump_callback(value, add, out, JSON_COMPACT | JSON_ENCODE_ANY))
		return REED_EINVAL;
	return out->err;
}
