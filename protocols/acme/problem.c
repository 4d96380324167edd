/* Problem documents (RFC 7807), and sentences of them. */

#include "private.h"

#include <string.h>

#define URN "urn:ietf:params:acme:error:"

/* What others say goes into our log: nothing in it may upset a terminal. */
static void tame(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = ' ';
}

/* A longer one is cut where no letter is torn. */
static void put(char *into, size_t room, const char *text)
{
	struct reed_slice s = reed_slice_of(text);

	if (s.n >= room)
		s.n = reed_slice_utf8_border(s, room - 1);
	reed_slice_copy(into, room, s);
	tame(into);
}

static const char *short_type(const json_t *problem)
{
	const char *type = acme_json_text(problem, "type", 256);

	if (!type)
		return "";
	return strncmp(type, URN, strlen(URN)) == 0 ? type + strlen(URN) : type;
}

/* RFC 8555 6.7.1: of several names each has its own. */
static const char *first_detail(const json_t *problem)
{
	const json_t *parts = json_object_get(problem, "subproblems");
	const char *detail;

	for (size_t i = 0; i < json_array_size(parts); i++) {
		detail = acme_json_text(json_array_get(parts, i), "detail", ACME_BODY);
		if (detail)
			return detail;
	}
	return acme_json_text(problem, "detail", ACME_BODY);
}

void acme_problem_of(const json_t *problem, unsigned status, struct acme_problem *out)
{
	const char *detail = first_detail(problem);
	char type[sizeof(out->type)], words[ACME_WORDS - sizeof(type) - 3];

	put(out->type, sizeof(out->type), short_type(problem));
	if (detail) {
		put(words, sizeof(words), detail);
		snprintf(out->words, sizeof(out->words), "%s%s%s%s", words, *out->type ? " (" : "",
		         out->type, *out->type ? ")" : "");
	} else if (*out->type) {
		snprintf(out->words, sizeof(out->words), "%s", out->type);
	} else {
		snprintf(out->words, sizeof(out->words), "status %u, without a reason", status);
	}
}

void acme_read_problem(struct reed_slice text, unsigned status, struct acme_problem *out)
{
	char why[ACME_WORDS];
	json_t *root = acme_json_read(text, why);

	acme_problem_of(root, status, out);
	json_decref(root);
}

bool acme_problem_is(const struct acme_problem *p, const char *type)
{
	return strcmp(p->type, type) == 0;
}

enum reed_err acme_problem_err(const struct acme_problem *p, unsigned status)
{
	if (status == 429 || status == 503 || acme_problem_is(p, "rateLimited"))
		return REED_ETHROTTLED;
	if (status == 404 || status == 410)
		return REED_ENOENT;
	if (status == 401 || status == 403)
		return REED_EACCES;
	return REED_EPROTO;
}
