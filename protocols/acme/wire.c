/* What an authority says, from JSON to structs: directory, order, authorization, window. */

#include "private.h"

#include <string.h>

#include "reed/random.h"

/* ---- pieces ---- */

/* RFC 8555 6.1 wants TLS; a directory without is for tests, and then all of it is. */
bool acme_is_url(const char *text, const char *base)
{
	struct reed_slice scheme =
		reed_slice_first(reed_slice_of(base), strncmp(base, "https:", 6) == 0 ? 8 : 7);
	struct reed_slice url = reed_slice_of(text);

	if (url.n <= scheme.n || url.n > ACME_URL || !reed_slice_starts(url, scheme))
		return false;
	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] <= ' ' || url.p[i] >= 0x7f || url.p[i] == '"')
			return false;
	return true;
}

static enum reed_err lacks(const char *what, char why[ACME_WORDS])
{
	snprintf(why, ACME_WORDS, "what it says has no %s that will do", what);
	return REED_EPROTO;
}

static const char *keep(struct reed_pool *pool, const char *text)
{
	return text ? reed_pool_strdup(pool, reed_slice_of(text)) : NULL;
}

static const char *url_of(const json_t *object, const char *key, const char *base,
                          struct reed_pool *pool)
{
	const char *url = acme_json_text(object, key, ACME_URL);

	return url && acme_is_url(url, base) ? keep(pool, url) : NULL;
}

/* RFC 8555 7.1.6 */
static enum acme_status status_of(const json_t *object)
{
	static const struct {
		const char *word;
		enum acme_status status;
	} words[] = {
		{ "pending", ACME_PENDING },       { "ready", ACME_READY },
		{ "processing", ACME_PROCESSING }, { "valid", ACME_VALID },
		{ "invalid", ACME_INVALID },       { "expired", ACME_INVALID },
		{ "deactivated", ACME_INVALID },   { "revoked", ACME_INVALID },
	};
	const char *word = acme_json_text(object, "status", 32);

	for (size_t i = 0; word && i < REED_COUNT(words); i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].status;
	return ACME_UNKNOWN;
}

static const char *error_of(const json_t *object, struct reed_pool *pool)
{
	const json_t *error = json_object_get(object, "error");
	struct acme_problem problem;

	if (!json_is_object(error))
		return NULL;
	acme_problem_of(error, 0, &problem);
	return keep(pool, problem.words);
}

/* ---- RFC 8555 7.1.1 ---- */

static enum reed_err read_directory(const json_t *root, const char *base, struct reed_pool *pool,
                                    struct acme_directory *out, char why[ACME_WORDS])
{
	out->nonce = url_of(root, "newNonce", base, pool);
	out->account = url_of(root, "newAccount", base, pool);
	out->order = url_of(root, "newOrder", base, pool);
	out->renewal = url_of(root, "renewalInfo", base, pool);
	out->binding = json_is_true(
		json_object_get(json_object_get(root, "meta"), "externalAccountRequired"));
	if (!out->nonce || !out->account || !out->order)
		return lacks("newNonce, newAccount and newOrder", why);
	return REED_OK;
}

enum reed_err acme_read_directory(struct reed_slice text, const char *base, struct reed_pool *pool,
                                  struct acme_directory *out, char why[ACME_WORDS])
{
	json_t *root = acme_json_read(text, why);
	enum reed_err err = root ? read_directory(root, base, pool, out, why) : REED_EPROTO;

	json_decref(root);
	return err;
}

/* ---- RFC 8555 7.1.3 ---- */

static enum reed_err read_authorizations(const json_t *list, const char *base,
                                         struct reed_pool *pool, struct acme_order *out,
                                         char why[ACME_WORDS])
{
	size_t n = json_array_size(list);

	if (n == 0 || n > ACME_NAMES)
		return lacks("list of authorizations", why);
	for (size_t i = 0; i < n; i++) {
		const char *url = json_string_value(json_array_get(list, i));

		if (!url || !acme_is_url(url, base))
			return lacks("URL of an authorization", why);
		out->authorizations[i] = keep(pool, url);
		if (!out->authorizations[i])
			return lacks("end", why);
	}
	out->count = n;
	return REED_OK;
}

static enum reed_err read_order(const json_t *root, const char *base, struct reed_pool *pool,
                                struct acme_order *out, char why[ACME_WORDS])
{
	enum reed_err err =
		read_authorizations(json_object_get(root, "authorizations"), base, pool, out, why);

	if (err)
		return err;
	out->status = status_of(root);
	out->finalize = url_of(root, "finalize", base, pool);
	out->certificate = url_of(root, "certificate", base, pool);
	out->error = error_of(root, pool);
	if (out->status == ACME_UNKNOWN)
		return lacks("status", why);
	if (!out->finalize)
		return lacks("URL to finalize", why);
	if (out->status == ACME_VALID && !out->certificate)
		return lacks("URL of the certificate", why);
	return REED_OK;
}

enum reed_err acme_read_order(struct reed_slice text, const char *base, struct reed_pool *pool,
                              struct acme_order *out, char why[ACME_WORDS])
{
	json_t *root = acme_json_read(text, why);
	enum reed_err err;

	*out = (struct acme_order){ .count = 0 };
	err = root ? read_order(root, base, pool, out, why) : REED_EPROTO;
	json_decref(root);
	return err;
}

/* ---- RFC 8555 7.1.4, 8 ---- */

/* RFC 8555 8.3: a token has letters of base64url only, for it becomes part of a path. */
static void read_offer(const json_t *item, const char *base, struct reed_pool *pool,
                       struct acme_authorization *out)
{
	struct acme_offer *offer = &out->offers[out->count];
	const char *token = acme_json_text(item, "token", ACME_TOKEN);

	if (!token || !acme_is_base64url(reed_slice_of(token)))
		return;
	*offer = (struct acme_offer){ .kind = keep(pool, acme_json_text(item, "type", 64)),
		                      .url = url_of(item, "url", base, pool),
		                      .token = keep(pool, token),
		                      .status = status_of(item),
		                      .error = error_of(item, pool) };
	out->count += offer->kind && offer->url && offer->token;
}

static enum reed_err read_authorization(const json_t *root, const char *base,
                                        struct reed_pool *pool, struct acme_authorization *out,
                                        char why[ACME_WORDS])
{
	const json_t *identifier = json_object_get(root, "identifier");
	const json_t *offers = json_object_get(root, "challenges");

	out->status = status_of(root);
	out->name = keep(pool, acme_json_text(identifier, "value", 255));
	out->wildcard = json_is_true(json_object_get(root, "wildcard"));
	for (size_t i = 0; i < json_array_size(offers) && out->count < ACME_OFFERS; i++)
		read_offer(json_array_get(offers, i), base, pool, out);
	if (out->status == ACME_UNKNOWN)
		return lacks("status", why);
	if (!out->name)
		return lacks("identifier", why);
	return REED_OK;
}

enum reed_err acme_read_authorization(struct reed_slice text, const char *base,
                                      struct reed_pool *pool, struct acme_authorization *out,
                                      char why[ACME_WORDS])
{
	json_t *root = acme_json_read(text, why);
	enum reed_err err;

	*out = (struct acme_authorization){ .count = 0 };
	err = root ? read_authorization(root, base, pool, out, why) : REED_EPROTO;
	json_decref(root);
	return err;
}

/* ---- RFC 9773 4.2 ---- */

static bool read_time(const char *text, int64_t *ns)
{
	return text && !reed_wall_parse(reed_slice_of(text), ns);
}

enum reed_err acme_read_window(struct reed_slice text, int64_t *from, int64_t *to,
                               char why[ACME_WORDS])
{
	json_t *root = acme_json_read(text, why);
	const json_t *window = json_object_get(root, "suggestedWindow");
	bool good = read_time(acme_json_text(window, "start", 64), from) &&
	            read_time(acme_json_text(window, "end", 64), to) && *from < *to;

	if (root && !good)
		lacks("suggestedWindow", why);
	json_decref(root);
	return good ? REED_OK : REED_EPROTO;
}
