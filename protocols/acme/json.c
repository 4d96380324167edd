/* JSON by jansson, into our buffers and within our limits. */

#include "private.h"

#include <string.h>

static int add(const char *bytes, size_t n, void *arg)
{
	reed_buf_add(arg, reed_slice(bytes, n));
	return 0;
}

void acme_json_write(json_t *what, struct reed_buf *out)
{
	if (what)
		json_dump_callback(what, add, out, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(what);
}

json_t *acme_json_read(struct reed_slice text, char why[ACME_WORDS])
{
	json_error_t error;
	json_t *root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &error);

	if (!root)
		snprintf(why, ACME_WORDS, "what it says is no JSON: line %d, column %d", error.line,
		         error.column);
	else if (!json_is_object(root))
		snprintf(why, ACME_WORDS, "what it says is JSON, but no object");
	if (json_is_object(root))
		return root;
	json_decref(root);
	return NULL;
}

const char *acme_json_text(const json_t *object, const char *key, size_t limit)
{
	const json_t *value = json_object_get(object, key);
	size_t n = json_string_length(value);

	return json_is_string(value) && n > 0 && n <= limit ? json_string_value(value) : NULL;
}
