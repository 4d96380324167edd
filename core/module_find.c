/* Who is asked for what a module that is not loaded may have. */

#include "private.h"

/* Part of what reed_process_init() stands for: set before the first loop runs. */
static struct {
	reed_module_finder_fn *find;
	void *arg;
	bool sealed;
} finder;

void reed_module_find_with(reed_module_finder_fn *find, void *arg)
{
	finder.find = find;
	finder.arg = arg;
	finder.sealed = false;
}

void reed_module_seal(void)
{
	finder.sealed = true;
}

enum reed_err reed_module_find(enum reed_module_part part, struct reed_slice name,
                               struct reed_fault **fault)
{
	char *text;
	enum reed_err err;

	if (!finder.find || finder.sealed)
		return REED_ENOENT;
	text = name.p ? reed_slice_dup(name) : NULL;
	err = finder.find(finder.arg, part, text, fault);
	reed_free(text);
	return err;
}

enum reed_module_reach reed_module_reach(void)
{
	if (!finder.find)
		return REED_MODULES_NONE;
	return finder.sealed ? REED_MODULES_SEALED : REED_MODULES_ASKED;
}
