/* Which modules there are, which has what, and which of them are loaded. */

#include "catalog_private.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/checker.h"
#include "reed/endpoint.h"
#include "reed/file.h"

struct known {
	char *name, *path; /* path NULL: linked in */
	struct module_index index,
		read;   /* read: of the file, whose names somebody may still hold */
	bool has_index; /* or is loaded: what it brings is known */
	bool is_named;  /* by -m */
	const struct reed_module *module;
	struct reed_fault *broken; /* why it cannot be loaded; tried once */
};

/* First those linked in and those somebody named, then those of the folder by name. */
struct reed_catalog {
	struct known **modules;
	size_t count, front;
	char *folder;
	bool loading;
};

static const char *const phrases[] = {
	[REED_MODULE_COMMAND] = "the command",
	[REED_MODULE_SCHEME] = "the scheme",
	[REED_MODULE_CHECKER] = "accounts of kind",
};

static struct known *insert(struct reed_catalog *self, size_t at, char *name, char *path)
{
	struct known *known = reed_alloc(sizeof(*known));

	self->modules = reed_realloc(self->modules, (self->count + 1) * sizeof(struct known *));
	memmove(&self->modules[at + 1], &self->modules[at],
	        (self->count - at) * sizeof(struct known *));
	self->modules[at] = known;
	self->count++;
	known->name = name;
	known->path = path;
	return known;
}

static void known_free(struct known *known)
{
	reed_index_finish(&known->index);
	reed_index_finish(&known->read);
	reed_fault_free(known->broken);
	reed_free(known->name);
	reed_free(known->path);
	reed_free(known);
}

/* ---- loading ---- */

static bool has_scheme(const char *name)
{
	const struct reed_scheme *s;

	for (unsigned n = 0; (s = reed_scheme_at(n)); n++)
		if (strcmp(s->name, name) == 0)
			return true;
	return false;
}

static bool has_checker(const char *name)
{
	struct reed_fault *fault;
	enum reed_err err = reed_checker_check(name, &fault);

	reed_fault_free(fault);
	return !err;
}

/* Of the program itself, or of another module that somebody named. */
static bool has_command(const struct reed_catalog *self, const struct known *but, const char *name)
{
	for (size_t i = 0; i < self->front; i++) {
		const struct known *known = self->modules[i];

		if (known != but && (!known->path || but->is_named) && known->module &&
		    reed_index_find(&known->index, REED_MODULE_COMMAND, name))
			return true;
	}
	return false;
}

/* What it brings that somebody else has brought; NULL: nothing. */
static const struct brought *find_taken(const struct reed_catalog *self, const struct known *known,
                                        const struct module_index *index)
{
	for (size_t i = 0; i < index->count; i++) {
		const struct brought *item = &index->items[i];
		bool taken = item->part == REED_MODULE_COMMAND
		                     ? has_command(self, known, item->name)
		             : item->part == REED_MODULE_SCHEME ? has_scheme(item->name)
		                                                : has_checker(item->name);

		if (taken)
			return item;
	}
	return NULL;
}

static void register_parts(const struct reed_module *module)
{
	for (size_t i = 0; module->schemes && module->schemes[i]; i++)
		reed_scheme_register(module->schemes[i]);
	for (size_t i = 0; module->checkers && module->checkers[i]; i++)
		reed_checker_register(module->checkers[i]);
}

/* The same file under another name has registered all of it already. */
static bool is_loaded(const struct reed_catalog *self, const struct reed_module *module)
{
	for (size_t i = 0; i < self->count; i++)
		if (self->modules[i]->module == module)
			return true;
	return false;
}

static enum reed_err open_module(struct reed_catalog *self, struct known *known,
                                 struct reed_fault **fault)
{
	const struct reed_module *module;
	const struct brought *taken;
	struct module_index index;
	enum reed_err err = reed_os_module_open(known->path, &module, fault);

	if (err)
		return err;
	reed_index_of(module, &index);
	self->loading = true;
	taken = is_loaded(self, module) ? NULL : find_taken(self, known, &index);
	self->loading = false;
	if (taken) {
		*fault = reed_fault(REED_EEXIST, NULL,
		                    "%s: brings %s %s, which is there already; it needs another "
		                    "name",
		                    known->path, phrases[taken->part], taken->name);
		reed_index_finish(&index);
		return REED_EEXIST;
	}
	if (!is_loaded(self, module))
		register_parts(module);
	known->read = known->index;
	known->index = index;
	known->has_index = true;
	known->module = module;
	return REED_OK;
}

static enum reed_err load(struct reed_catalog *self, struct known *known, struct reed_fault **fault)
{
	if (known->module)
		return REED_OK;
	if (!known->broken)
		open_module(self, known, &known->broken);
	if (!known->broken)
		return REED_OK;
	*fault = reed_fault_copy(known->broken);
	return known->broken->err;
}

/* "gopher", of "./gopher.so" */
static char *name_of(const char *module)
{
	const char *slash = strrchr(module, '/');
	struct reed_slice name = reed_slice_of(slash ? slash + 1 : module);

	if (reed_slice_ends(name, REED_STR(".so")))
		name.n -= 3;
	return reed_slice_dup(name);
}

enum reed_err reed_catalog_load(struct reed_catalog *self, const char *module,
                                struct reed_fault **fault)
{
	bool is_path = strchr(module, '/') != NULL;
	struct known *known;
	char *path;

	*fault = NULL;
	if (!is_path &&
	    (!self->folder || reed_slice_ends(reed_slice_of(module), REED_STR(".so")))) {
		*fault = reed_fault(REED_ENOENT, NULL,
		                    "%s: a module is named by its file, with a slash, as in ./%s%s",
		                    module, module,
		                    self->folder ? ", or by its name without .so" : "");
		return REED_ENOENT;
	}
	path = is_path ? reed_strdup(module) : reed_sprintf("%s/%s.so", self->folder, module);
	known = insert(self, self->front++, name_of(module), path);
	known->is_named = true;
	if (!load(self, known, fault))
		return REED_OK;
	if (!is_path && (*fault)->err == REED_ENOENT) {
		reed_fault_free(*fault);
		*fault = reed_fault(
			REED_ENOENT, NULL,
			"there is no module \"%s\" in %s; `reed modules` lists those there "
			"are, and -m ./%s.so takes a file",
			module, self->folder, module);
	}
	return (*fault)->err;
}

/* ---- finding ---- */

static struct known *find_known(const struct reed_catalog *self, enum reed_module_part part,
                                const char *name)
{
	for (size_t i = 0; i < self->count; i++)
		if (reed_index_find(&self->modules[i]->index, part, name))
			return self->modules[i];
	return NULL;
}

static void load_unknown(struct reed_catalog *self)
{
	for (size_t i = 0; i < self->count; i++) {
		struct reed_fault *fault = NULL;

		if (!self->modules[i]->has_index)
			load(self, self->modules[i], &fault);
		reed_fault_free(fault);
	}
}

static enum reed_err find(struct reed_catalog *self, enum reed_module_part part, const char *name,
                          struct known **out, struct reed_fault **fault)
{
	struct known *known = find_known(self, part, name);
	enum reed_err err;

	if (!known) {
		load_unknown(self);
		known = find_known(self, part, name);
	}
	if (!known)
		return REED_ENOENT;
	err = load(self, known, fault);
	if (!err && !reed_index_find(&known->index, part, name)) {
		*fault = reed_fault(REED_EINVAL, NULL,
		                    "%s: has not %s %s, though its index says so; write that anew "
		                    "with `reed modules --index FILE`",
		                    known->path, phrases[part], name);
		err = REED_EINVAL;
	}
	*out = known;
	return err;
}

void reed_catalog_load_all(struct reed_catalog *self, enum reed_module_part part)
{
	load_unknown(self);
	for (size_t i = 0; i < self->count; i++) {
		const struct module_index *index = &self->modules[i]->index;
		struct reed_fault *fault = NULL;
		bool has = false;

		for (size_t j = 0; j < index->count; j++)
			has |= index->items[j].part == part;
		if (has)
			load(self, self->modules[i], &fault);
		reed_fault_free(fault);
	}
}

/* Of the registries.  What a module brings is not there before it is loaded. */
static enum reed_err find_for_registry(void *arg, enum reed_module_part part, const char *name,
                                       struct reed_fault **fault)
{
	struct reed_catalog *self = arg;
	struct known *known;

	if (self->loading)
		return REED_ENOENT;
	if (name)
		return find(self, part, name, &known, fault);
	reed_catalog_load_all(self, part);
	return REED_OK;
}

enum reed_err reed_catalog_command(struct reed_catalog *self, const char *name,
                                   const struct reed_command **command, struct reed_fault **fault)
{
	const struct reed_command *c;
	struct known *known;
	enum reed_err err;

	*fault = NULL;
	err = find(self, REED_MODULE_COMMAND, name, &known, fault);
	if (err)
		return err;
	for (c = known->module->commands; strcmp(c->name, name) != 0;)
		c++;
	*command = c;
	return REED_OK;
}

static int compare(const struct brought *a, const struct brought *b)
{
	int order = strcmp(a->group, b->group);

	return order ? order : strcmp(a->name, b->name);
}

/* The least that comes behind after; there are few enough to look at all each time. */
static const struct brought *next(const struct reed_catalog *self, const struct brought *after)
{
	const struct brought *best = NULL;

	for (size_t i = 0; i < self->count; i++) {
		const struct module_index *index = &self->modules[i]->index;

		for (size_t j = 0; j < index->count; j++) {
			const struct brought *item = &index->items[j];

			if (item->part == REED_MODULE_COMMAND &&
			    (!after || compare(item, after) > 0) &&
			    (!best || compare(item, best) < 0))
				best = item;
		}
	}
	return best;
}

bool reed_catalog_command_at(const struct reed_catalog *self, size_t n,
                             struct reed_catalog_command *out)
{
	const struct brought *item = next(self, NULL);

	while (item && n-- > 0)
		item = next(self, item);
	if (!item)
		return false;
	*out = (struct reed_catalog_command){ .name = item->name,
		                              .group = item->group,
		                              .summary = item->summary,
		                              .is_service = item->is_service };
	return true;
}

size_t reed_catalog_command_count(const struct reed_catalog *self)
{
	const struct brought *item = NULL;
	size_t n = 0;

	while ((item = next(self, item)))
		n++;
	return n;
}

/* ---- making ---- */

/* The one that the registries ask (reed_module_find_with), for who asks for commands. */
static struct reed_catalog *of_process;

struct reed_catalog *reed_catalog_of_process(void)
{
	return of_process;
}

static void read_index(struct known *known)
{
	struct reed_slice path = reed_slice_of(known->path);
	char *file = reed_sprintf(REED_FMT "index", REED_ARG(reed_slice_first(path, path.n - 2)));
	struct reed_buf text = { .limit = INDEX_FILE };
	struct reed_file_stamp stamp;

	if (!reed_file_read(file, &text, &stamp))
		known->has_index = !reed_index_parse(reed_buf_slice(&text), &known->index);
	reed_buf_finish(&text);
	reed_free(file);
}

void reed_catalog_look(struct reed_catalog *self, const char *folder)
{
	char **names;
	size_t count;

	reed_free(self->folder);
	self->folder = folder ? reed_strdup(folder) : reed_os_module_folder();
	if (!self->folder)
		return;
	names = reed_os_module_names(self->folder, &count);
	for (size_t i = 0; i < count; i++)
		read_index(insert(self, self->count, names[i],
		                  reed_sprintf("%s/%s.so", self->folder, names[i])));
	reed_free(names);
}

struct reed_catalog *reed_catalog_new(const struct reed_module *const *linked)
{
	struct reed_catalog *self = reed_alloc(sizeof(*self));

	for (; linked && *linked; linked++) {
		struct known *known =
			insert(self, self->front++, reed_strdup((*linked)->name), NULL);

		known->module = *linked;
		known->has_index = true;
		reed_index_of(*linked, &known->index);
		register_parts(*linked);
	}
	reed_module_find_with(find_for_registry, self);
	of_process = self;
	return self;
}

void reed_catalog_install(void)
{
	if (!of_process)
		reed_catalog_look(reed_catalog_new(NULL), NULL);
}

void reed_catalog_free(struct reed_catalog *self)
{
	if (!self)
		return;
	reed_module_find_with(NULL, NULL);
	of_process = NULL;
	for (size_t i = 0; i < self->count; i++)
		known_free(self->modules[i]);
	reed_free(self->modules);
	reed_free(self->folder);
	reed_free(self);
}

/* ---- for people ---- */

void reed_catalog_complete(struct reed_catalog *self, FILE *err)
{
	for (size_t i = 0; i < self->count; i++) {
		struct reed_fault *fault = NULL;

		if (!self->modules[i]->has_index && load(self, self->modules[i], &fault))
			fprintf(err, "%s\n", fault->sentence);
		reed_fault_free(fault);
	}
}

static void print_parts(FILE *out, const struct module_index *index, enum reed_module_part part,
                        const char *heading)
{
	bool first = true;

	for (size_t i = 0; i < index->count; i++) {
		if (index->items[i].part != part)
			continue;
		fprintf(out, first ? "    %-10s%s" : "%s%s", first ? heading : ", ",
		        index->items[i].name);
		first = false;
	}
	if (!first)
		putc('\n', out);
}

/* Named and of the folder, it is listed once. */
static bool is_again(const struct reed_catalog *self, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (self->modules[i]->path && self->modules[j]->path &&
		    strcmp(self->modules[i]->path, self->modules[j]->path) == 0)
			return true;
	return false;
}

enum reed_err reed_catalog_print(struct reed_catalog *self, FILE *out)
{
	enum reed_err err = REED_OK;

	for (size_t i = 0; i < self->count; i++) {
		struct known *known = self->modules[i];
		struct reed_fault *fault = NULL;

		if (is_again(self, i))
			continue;
		if (load(self, known, &fault))
			err = REED_EINVAL;
		fprintf(out, "%s: %s\n", known->name,
		        fault ? "cannot be used" : known->index.summary);
		print_parts(out, &known->index, REED_MODULE_COMMAND, "commands");
		print_parts(out, &known->index, REED_MODULE_SCHEME, "schemes");
		print_parts(out, &known->index, REED_MODULE_CHECKER, "accounts");
		fprintf(out, "    %s\n",
		        fault         ? fault->sentence
		        : known->path ? known->path
		                      : "linked into this program");
		reed_fault_free(fault);
	}
	return err;
}

enum reed_err reed_catalog_index(struct reed_catalog *self, const char *path, struct reed_buf *out,
                                 struct reed_fault **fault)
{
	enum reed_err err = reed_catalog_load(self, path, fault);

	if (!err)
		reed_index_print(&self->modules[self->front - 1]->index, out);
	return err;
}
