/* Loading: files and the environment, and all of it in order for a program that starts. */

#include "settings_private.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

extern const struct reed_schema reed_general_schema;

static enum reed_err read_all(int fd, size_t limit, struct reed_buf *out)
{
	enum { STEP = 4096 };
	ssize_t n = 1;

	while (n > 0) {
		if (reed_buf_reserve(out, STEP))
			return out->err;
		n = read(fd, out->p + out->end, STEP);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n < 0)
			return reed_err_of(errno);
		else
			reed_buf_added(out, (size_t)n);
		if (reed_buf_held(out) > limit)
			return REED_ETOOBIG;
	}
	return REED_OK;
}

/* Opening a FIFO would wait for ever for somebody to write; reading one that has a writer does not. */
static enum reed_err read_file(const char *path, size_t limit, struct reed_buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum reed_err err;
	struct stat st;

	if (fd < 0)
		return reed_err_of(errno);
	if (fstat(fd, &st) < 0)
		err = reed_err_of(errno);
	else if (S_ISDIR(st.st_mode))
		err = REED_EISDIR;
	else if (fcntl(fd, F_SETFL, 0) < 0)
		err = reed_err_of(errno);
	else
		err = read_all(fd, limit, out);
	close(fd);
	return err;
}

enum reed_err reed_settings_read(struct reed_settings *self, const char *path, size_t limit,
                                 struct reed_buf *out)
{
	if (self->reader)
		return self->reader->read(self->reader, path, limit, out);
	return read_file(path, limit, out);
}

static enum reed_err parse(struct reed_settings *self, const struct source *source,
                           struct reed_slice text)
{
	struct reed_pool scratch = { 0 };
	struct node *root;

	self->file = source->name;
	if (text.n > REED_SETTINGS_FILE) {
		reed_settings_problem_at(self, source->name, "", "has more than %d bytes",
		                         REED_SETTINGS_FILE);
		return REED_ESYNTAX;
	}
	root = reed_yaml_read(self, source, &scratch, text);
	if (root)
		reed_settings_apply(self, source, &scratch, root);
	reed_pool_finish(&scratch);
	return reed_settings_state(self);
}

static struct source file_source(struct reed_settings *self, const char *name)
{
	char *shown = reed_settings_keep_text(&self->pool, reed_slice_of(name));

	/* it also stands in the comments of settings that are printed */
	reed_settings_make_visible(shown);
	return (struct source){ .layer = LAYER_FILE, .serial = ++self->sources, .name = shown };
}

enum reed_err reed_settings_parse(struct reed_settings *self, const char *name,
                                  struct reed_slice text)
{
	struct source source = file_source(self, name);

	return parse(self, &source, text);
}

enum reed_err reed_settings_load(struct reed_settings *self, const char *path)
{
	struct source source = file_source(self, path);
	struct reed_buf text = { 0 };
	enum reed_err err = reed_settings_read(self, path, REED_SETTINGS_FILE, &text);
	const char *slash = strrchr(path, '/');

	if (slash)
		source.folder = reed_slice(path, (size_t)(slash - path) + 1);
	if (err == REED_OK || err == REED_ETOOBIG)
		err = parse(self, &source, reed_buf_slice(&text));
	else
		reed_settings_problem_at(self, path, "", "cannot be read: %s",
		                         err == REED_ENOENT ? "there is no such file"
		                                            : reed_strerror(err));
	/* secrets may stand in it */
	if (text.p)
		reed_wipe(text.p, text.size);
	reed_buf_finish(&text);
	return reed_settings_state(self);
}

const char *reed_settings_variable(const struct reed_settings *self, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; self->environment && self->environment[i]; i++)
		if (!strncmp(self->environment[i], name, n) && self->environment[i][n] == '=')
			return self->environment[i] + n + 1;
	return NULL;
}

static struct slot *slot_of_variable(struct reed_settings *self, struct reed_slice name)
{
	for (size_t i = 0; i < self->table.count; i++) {
		struct slot *slot = &self->table.slots[i];

		if (slot->variable && reed_slice_is(name, slot->variable))
			return slot;
		if (slot->old_variable && reed_slice_is(name, slot->old_variable)) {
			reed_settings_warn_renamed(self, "", slot->old_variable, slot->variable);
			return slot;
		}
	}
	return NULL;
}

/*
 * Others put names there too: for a service called reed-chat Kubernetes sets
 * REED_CHAT_SERVICE_HOST.  So only what is nearly one of ours is a mistake.
 */
static void unknown_variable(struct reed_settings *self, struct reed_slice name)
{
	struct reed_slice prefix = reed_slice_of(self->variables);
	struct likeness like;

	if (!reed_slice_starts(name, prefix))
		return;
	reed_likeness_init(&like, reed_slice_from(name, prefix.n));
	for (size_t i = 0; i < self->table.count; i++)
		if (self->table.slots[i].variable && !self->table.slots[i].setting.hidden)
			reed_likeness_try(&like,
			                  reed_slice_of(self->table.slots[i].variable + prefix.n));
	if (like.best.n)
		reed_settings_problem_at(self, reed_settings_keep_text(&self->pool, name), "",
		                         "no such setting; did you mean %s" REED_FMT "?",
		                         self->variables, REED_ARG(like.best));
}

static void assign_variable(struct reed_settings *self, struct slot *slot, struct reed_slice value)
{
	struct source source = { .layer = LAYER_ENVIRONMENT,
		                 .serial = ++self->sources,
		                 .name = slot->variable };
	struct reed_pool scratch = { 0 };
	struct node *node = reed_node_of_text(self, &source, &scratch, &slot->setting, value);

	if (node)
		reed_settings_assign(self, &source, &scratch, slot, node);
	reed_pool_finish(&scratch);
}

enum reed_err reed_settings_environment(struct reed_settings *self, char *const *environment)
{
	self->environment = environment;
	for (size_t i = 0; environment && environment[i]; i++) {
		struct reed_slice value = reed_slice_of(environment[i]);
		struct reed_slice name = reed_slice_cut(&value, '=');
		struct slot *slot = slot_of_variable(self, name);

		if (slot)
			assign_variable(self, slot, value);
		else
			unknown_variable(self, name);
	}
	return reed_settings_state(self);
}
