/*
 * Secrets: kept apart from all else, so that they can be wiped; got when
 * everything is read, so that nothing is opened for a value that another one
 * stands above.
 */

#include "settings_private.h"

static const struct {
	const char *word;
	enum secret_kind kind;
} kinds[] = {
	{ "file", SECRET_FILE },
	{ "env", SECRET_VARIABLE },
	{ "credential", SECRET_CREDENTIAL },
};

static const char wanted[] =
	"is no secret; write a text, {file: PATH}, {env: NAME} or {credential: NAME}";

static void secret_free(struct secret *secret)
{
	reed_list_remove(&secret->link);
	if (secret->text)
		reed_wipe(secret->text, strlen(secret->text));
	reed_free(secret->text);
	reed_free(secret);
}

static const char *read_kind(const struct node *node, struct secret *secret)
{
	const struct node *name = node->first;

	if (node->kind != NODE_MAP || node->count != 1 || name->kind != NODE_SCALAR ||
	    reed_node_is_null(name))
		return wanted;
	for (size_t i = 0; i < REED_COUNT(kinds); i++)
		if (reed_slice_is(name->key->text, kinds[i].word)) {
			secret->kind = kinds[i].kind;
			return NULL;
		}
	return wanted;
}

static const char *check_name(const struct secret *secret, struct reed_slice name)
{
	if (name.n == 0 || !reed_slice_is_utf8(name) || reed_slice_find(name, '\0') < name.n)
		return wanted;
	if (secret->kind == SECRET_CREDENTIAL && reed_slice_find(name, '/') < name.n)
		return "names a credential, which is no path; write it without \"/\"";
	return NULL;
}

static const char *fill(struct reed_settings *self, const struct source *source,
                        const struct node *node, struct secret *secret)
{
	struct reed_setting plain = { .type = REED_SETTING_SECRET };
	struct reed_slice folder = source->folder, name;
	struct reed_buf why = { 0 };
	const char *wrong;

	if (node->kind == NODE_SCALAR) {
		if (reed_setting_text(&plain, node->text, &why)) {
			secret->text = reed_slice_dup(node->text);
			return NULL;
		}
		reed_buf_finish(&why);
		return "has to be UTF-8 without NUL characters";
	}
	wrong = read_kind(node, secret);
	if (wrong)
		return wrong;
	name = node->first->text;
	if (secret->kind != SECRET_FILE || (name.n && name.p[0] == '/'))
		folder.n = 0;
	secret->name = reed_settings_concat(&self->pool, folder, name);
	return check_name(secret, name);
}

/* One member, one secret: what stands above it comes later. */
static void forget_member(struct reed_settings *self, const struct secret *but)
{
	reed_list_each_safe (link, &self->secrets) {
		struct secret *secret = reed_container_of(link, struct secret, link);

		if (secret->member == but->member && secret != but)
			secret_free(secret);
	}
}

const char *reed_secret_set(struct reed_settings *self, const struct source *source,
                            const struct slot *owner, const struct node *node, const char *key,
                            const char **member)
{
	struct secret *secret = reed_alloc(sizeof(*secret));
	const char *wrong;

	secret->owner = owner;
	secret->source = source->serial;
	secret->member = member;
	secret->key = source->layer == LAYER_FILE ? key : "";
	secret->origin = reed_source_place(&self->pool, source, node->line, node->column);
	reed_list_append(&self->secrets, &secret->link);
	wrong = fill(self, source, node, secret);
	if (wrong)
		secret_free(secret);
	else
		forget_member(self, secret);
	return wrong;
}

/* Those that were read for the owner, but are not what it holds now. */
void reed_secrets_forget(struct reed_settings *self, const struct slot *owner)
{
	reed_list_each_safe (link, &self->secrets) {
		struct secret *secret = reed_container_of(link, struct secret, link);

		if (secret->owner == owner && secret->source != owner->origin.source)
			secret_free(secret);
	}
}

void reed_secrets_finish(struct reed_settings *self)
{
	reed_list_each_safe (link, &self->secrets)
		secret_free(reed_container_of(link, struct secret, link));
}

const struct secret *reed_secret_of(const struct reed_settings *self, const char *const *member)
{
	reed_list_each (link, &self->secrets) {
		const struct secret *secret = reed_container_of(link, struct secret, link);

		if (secret->member == member)
			return secret;
	}
	return NULL;
}

static void tell(struct reed_settings *self, const struct secret *secret, const char *format, ...)
	REED_PRINTF(3, 4);

static void tell(struct reed_settings *self, const struct secret *secret, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	reed_settings_problem_add(self, secret->origin, secret->key, format, args);
	va_end(args);
}

/* An editor leaves a newline at the end, which is no part of the secret. */
static struct reed_slice without_newline(struct reed_slice text)
{
	if (reed_slice_ends(text, REED_STR("\n")))
		text.n--;
	if (reed_slice_ends(text, REED_STR("\r")))
		text.n--;
	return text;
}

static void get_file(struct reed_settings *self, struct secret *secret, const char *path)
{
	struct reed_buf content = { 0 };
	enum reed_err err = reed_settings_read(self, path, REED_SETTINGS_SECRET, &content);
	struct reed_slice text = without_newline(reed_buf_slice(&content));

	if (err == REED_ETOOBIG)
		tell(self, secret, "%s has more than %d bytes", path, REED_SETTINGS_SECRET);
	else if (err)
		tell(self, secret, "cannot read %s: %s", path, reed_strerror(err));
	else if (text.n == 0)
		tell(self, secret, "%s is empty", path);
	else if (!reed_slice_is_utf8(text) || reed_slice_find(text, '\0') < text.n)
		tell(self, secret, "%s has to be UTF-8 without NUL characters", path);
	else
		secret->text = reed_slice_dup(text);
	if (content.p)
		reed_wipe(content.p, content.size);
	reed_buf_finish(&content);
}

static void get_variable(struct reed_settings *self, struct secret *secret)
{
	const char *value = reed_settings_variable(self, secret->name);

	if (value)
		secret->text = reed_strdup(value);
	else
		tell(self, secret, "there is no %s in the environment", secret->name);
}

/* systemd.exec(5), LoadCredential= */
static void get_credential(struct reed_settings *self, struct secret *secret)
{
	const char *folder = reed_settings_variable(self, "CREDENTIALS_DIRECTORY");

	if (folder)
		get_file(self, secret,
		         reed_settings_keepf(&self->pool, "%s/%s", folder, secret->name));
	else
		tell(self, secret,
		     "there is no $CREDENTIALS_DIRECTORY; "
		     "start the program from a systemd unit with LoadCredential=%s:PATH",
		     secret->name);
}

void reed_secrets_get(struct reed_settings *self)
{
	reed_list_each (link, &self->secrets) {
		struct secret *secret = reed_container_of(link, struct secret, link);

		if (!secret->text && secret->kind == SECRET_FILE)
			get_file(self, secret, secret->name);
		else if (!secret->text && secret->kind == SECRET_VARIABLE)
			get_variable(self, secret);
		else if (!secret->text)
			get_credential(self, secret);
		*secret->member = secret->text;
	}
}
