/* Every command there is, in an order that does not depend on the build. */

#include "reed.h"

#include <string.h>

/* The commands of one module, or those of the program behind the last module. */
static const struct reed_command *of_module(size_t i)
{
	return reed_modules[i] ? reed_modules[i]->commands : reed_own_commands;
}

static size_t modules(void)
{
	size_t n = 0;

	while (reed_modules[n])
		n++;
	return n + 1;
}

const char *reed_command_group(const struct reed_command *command)
{
	if (command->group)
		return command->group;
	return command->service ? "Servers" : "Tools";
}

const struct reed_command *reed_command_find(const char *name)
{
	for (size_t i = 0; i < modules(); i++)
		for (const struct reed_command *c = of_module(i); c && c->name; c++)
			if (strcmp(c->name, name) == 0)
				return c;
	return NULL;
}

static int compare(const struct reed_command *a, const struct reed_command *b)
{
	int order = strcmp(reed_command_group(a), reed_command_group(b));

	return order ? order : strcmp(a->name, b->name);
}

/* The least that comes behind after; there are few enough to look at all each time. */
static const struct reed_command *next(const struct reed_command *after)
{
	const struct reed_command *best = NULL;

	for (size_t i = 0; i < modules(); i++)
		for (const struct reed_command *c = of_module(i); c && c->name; c++)
			if ((!after || compare(c, after) > 0) && (!best || compare(c, best) < 0))
				best = c;
	return best;
}

const struct reed_command *reed_command_at(size_t n)
{
	const struct reed_command *c = next(NULL);

	while (c && n-- > 0)
		c = next(c);
	return c;
}
