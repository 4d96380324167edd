/* Levels of parts of the program, by where their sources are. */

#include <string.h>

#include "log_private.h"

static bool is_name(struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    c != '_' && c != '-' && (c != '/' || i == 0 || i + 1 == s.n))
			return false;
	}
	return s.n > 0 && s.n < REED_LOG_MODULE;
}

enum reed_err reed_log_module_parse(struct reed_slice text, struct reed_log_module *module,
                                    struct reed_fault **fault)
{
	struct reed_slice rest = text, name = reed_slice_cut(&rest, '=');

	if (is_name(name) && !reed_log_level_parse(rest, &module->level)) {
		reed_slice_copy(module->name, sizeof(module->name), name);
		return REED_OK;
	}
	text = reed_slice_first(text, reed_slice_utf8_border(text, REED_LOG_MODULE));
	*fault = reed_fault(REED_ESYNTAX, NULL,
	                    "\"" REED_FMT "\" is no level of a part; write one as in http=debug: a "
	                    "folder or file of the sources, and debug, info, warn, error or "
	                    "critical",
	                    REED_ARG(text));
	return REED_ESYNTAX;
}

/* Of "protocols/http/h1.c": "http", "protocols/http", "http/h1", and so on. */
bool reed_log_module_has(const char *name, const char *file)
{
	size_t n = strlen(name);

	while (file) {
		if (strncmp(file, name, n) == 0 && (file[n] == '/' || file[n] == '.'))
			return true;
		file = strchr(file, '/');
		file = file ? file + 1 : NULL;
	}
	return false;
}

enum reed_log_level reed_log_modules_level(const struct reed_log_modules *self, const char *file,
                                           enum reed_log_level otherwise)
{
	size_t longest = 0;

	for (size_t i = 0; i < self->count; i++) {
		size_t n = strlen(self->items[i].name);

		if (n <= longest || !reed_log_module_has(self->items[i].name, file))
			continue;
		longest = n;
		otherwise = self->items[i].level;
	}
	return otherwise;
}

static struct reed_log_module *find(struct reed_log_modules *self, const char *name)
{
	for (size_t i = 0; i < self->count; i++)
		if (strcmp(self->items[i].name, name) == 0)
			return &self->items[i];
	return self->count < REED_LOG_MODULES ? &self->items[self->count++] : NULL;
}

enum reed_err reed_log_modules_set(struct reed_log_modules *self,
                                   const struct reed_log_module *module)
{
	struct reed_log_module *place = find(self, module->name);

	if (!place)
		return REED_ETOOBIG;
	*place = *module;
	self->least = REED_LOG_CRITICAL;
	for (size_t i = 0; i < self->count; i++)
		if (self->items[i].level < self->least)
			self->least = self->items[i].level;
	return REED_OK;
}
