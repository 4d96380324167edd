/* Figures of a server: lines of words between tabs (control_top.c has which). */

#include "top.h"

#include <stdlib.h>
#include <string.h>

#include "reed/alloc.h"

static void take_line(struct top_figures *self, char *line)
{
	struct top_line *l = &self->lines[self->count++];
	unsigned n = 0;

	for (unsigned i = 0; i < TOP_FIELDS; i++)
		l->f[i] = "";
	while (line && n < TOP_FIELDS) {
		char *tab = strchr(line, '\t');

		if (tab)
			*tab = '\0';
		l->f[n++] = line;
		line = tab ? tab + 1 : NULL;
	}
}

void top_figures_parse(struct top_figures *self, char *text, int64_t at)
{
	size_t lines = 1;

	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	*self = (struct top_figures){ .text = text, .at = at };
	self->lines = reed_alloc(lines * sizeof(*self->lines));
	while (*text) {
		char *end = strchr(text, '\n');

		if (end)
			*end = '\0';
		take_line(self, text);
		text = end ? end + 1 : text + strlen(text);
	}
}

void top_figures_finish(struct top_figures *self)
{
	reed_free(self->text);
	reed_free(self->lines);
	*self = (struct top_figures){ 0 };
}

const struct top_line *top_figures_line(const struct top_figures *self, const char *word, size_t n)
{
	for (size_t i = 0; i < self->count; i++)
		if (strcmp(self->lines[i].f[0], word) == 0 && n-- == 0)
			return &self->lines[i];
	return NULL;
}

const struct top_line *top_figures_same(const struct top_figures *self, const struct top_line *line,
                                        unsigned field)
{
	for (size_t i = 0; i < self->count; i++)
		if (strcmp(self->lines[i].f[0], line->f[0]) == 0 &&
		    strcmp(self->lines[i].f[field], line->f[field]) == 0)
			return &self->lines[i];
	return NULL;
}

uint64_t top_number(const char *text)
{
	return strtoull(text, NULL, 10);
}
