#include "set.h"

#include "reed/folder.h"

/* Held while its set is read: which files are open, one included by the one before. */
struct reading {
	int folder;
	const struct reed_template_options *options;
	struct template_set *set;
	const char *open[TEMPLATE_CHAIN];
	unsigned depth;
	struct reed_fault *cause; /* why the include that was asked for last is none; owned */
};

/* ---- who holds it ---- */

void template_hold(const struct reed_template *t)
{
	if (t->set)
		t->set->holds++;
}

void template_release(const struct reed_template *t)
{
	if (t->set)
		template_set_release(t->set);
}

void template_set_release(struct template_set *set)
{
	if (!set || (set->holds > 0 && --set->holds > 0))
		return;
	while (set->count > 0)
		reed_template_free(set->files[--set->count]);
	reed_free(set);
}

const struct reed_template *template_set_asked(const struct template_set *set)
{
	return set->files[set->count - 1];
}

static struct reed_template *find(const struct template_set *set, struct reed_slice name)
{
	for (unsigned i = 0; i < set->count; i++)
		if (reed_slice_is(name, set->files[i]->name))
			return set->files[i];
	return NULL;
}

bool template_set_has(const struct template_set *set, struct reed_slice name)
{
	return find(set, name) != NULL;
}

/* ---- a file ---- */

static enum reed_err read_open(int fd, int64_t size, const char *name, size_t limit,
                               struct reed_buf *text, struct reed_fault **fault)
{
	enum reed_err err;

	if ((uint64_t)size > limit) {
		*fault = reed_fault(REED_ETOOBIG, NULL, "%s:1:1: %lld bytes are more than %zu",
		                    name, (long long)size, limit);
		return REED_ETOOBIG;
	}
	err = reed_buf_reserve(text, (size_t)size + 1);
	if (!err)
		err = reed_folder_read(fd, text->p, (size_t)size, 0);
	if (!err)
		reed_buf_added(text, (size_t)size);
	return err;
}

static enum reed_err read_text(const struct reading *r, const char *name, struct reed_buf *text,
                               struct reed_fault **fault)
{
	size_t limit = r->options->limit ? r->options->limit : TEMPLATE_LIMIT;
	bool leads_out = name[0] == '/' || strstr(name, "..");
	struct reed_folder_file file = { .fd = -1 };
	enum reed_err err =
		leads_out ? REED_ENOENT : reed_folder_look(r->folder, name, true, &file);

	if (!err && file.folder)
		err = REED_ENOENT;
	if (!err)
		err = read_open(file.fd, file.size, name, limit, text, fault);
	reed_folder_close(file.fd);
	return err;
}

/* ---- a file and what it includes ---- */

static enum reed_err read_file(struct reading *r, const char *name, struct reed_fault **fault);

static enum reed_err check_chain(const struct reading *r, const char *name,
                                 struct reed_fault **fault)
{
	for (unsigned i = 0; i < r->depth; i++)
		if (strcmp(r->open[i], name) == 0) {
			*fault = reed_fault(REED_EINVAL, NULL, "it would include itself");
			return REED_EINVAL;
		}
	if (r->depth == TEMPLATE_CHAIN || r->set->count + r->depth == TEMPLATE_FILES) {
		*fault = reed_fault(REED_ETOOBIG, NULL, "more than %d files, or %d one in another",
		                    TEMPLATE_FILES, TEMPLATE_CHAIN);
		return REED_ETOOBIG;
	}
	return REED_OK;
}

static const struct reed_template *include(void *arg, struct reed_slice name)
{
	struct reading *r = arg;
	struct reed_template *t = find(r->set, name);
	struct reed_fault *fault = NULL;
	enum reed_err err;
	char *path;

	if (t)
		return t;
	path = reed_slice_dup(name);
	err = read_file(r, path, &fault);
	reed_free(path);
	if (!err)
		return template_set_asked(r->set);
	if (!fault && err != REED_ENOENT)
		fault = reed_fault(err, NULL, "%s", reed_strerror(err));
	r->cause = fault;
	return NULL;
}

static enum reed_err parse(struct reading *r, const char *name, struct reed_slice text,
                           struct reed_fault **fault)
{
	struct reed_template_options options = *r->options;
	struct reed_template *t;
	enum reed_err err;

	options.include = include;
	options.arg = r;
	r->open[r->depth++] = name;
	err = template_parse(name, text, &options, &r->cause, &t, fault);
	r->depth--;
	reed_fault_free(r->cause);
	r->cause = NULL;
	if (err)
		return err;
	t->set = r->set;
	r->set->files[r->set->count++] = t;
	return REED_OK;
}

static enum reed_err read_file(struct reading *r, const char *name, struct reed_fault **fault)
{
	struct reed_buf text = { .limit = 0 };
	enum reed_err err = check_chain(r, name, fault);

	if (!err)
		err = read_text(r, name, &text, fault);
	if (!err)
		err = parse(r, name, reed_buf_slice(&text), fault);
	reed_buf_finish(&text);
	return err;
}

enum reed_err template_set_read(const char *folder, const char *name,
                                const struct reed_template_options *options,
                                struct template_set **out, struct reed_fault **fault)
{
	struct reading r = { .options = options, .set = reed_alloc(sizeof(*r.set)) };
	enum reed_err err = reed_folder_open(folder, &r.folder);

	*fault = NULL;
	if (!err)
		err = read_file(&r, name, fault);
	reed_folder_close(r.folder);
	if (err && !*fault)
		*fault = reed_fault(err, NULL, "%s in %s: %s", name, folder, reed_strerror(err));
	if (err) {
		template_set_release(r.set);
		r.set = NULL;
	}
	*out = r.set;
	return err;
}
