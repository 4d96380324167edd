/* Commands that the library has, and the one about modules. */

#include "reed.h"

#include <stdio.h>
#include <string.h>

int reed_own_run(struct reed_catalog *catalog, int argc, char **argv)
{
	return reed_suite_main(PROGRAM, catalog, argc, argv);
}

int reed_own_ctl(struct reed_catalog *catalog, int argc, char **argv)
{
	(void)catalog;
	return reed_control_main(PROGRAM, argc, argv);
}

int reed_own_top(struct reed_catalog *catalog, int argc, char **argv)
{
	(void)catalog;
	return reed_top_main(PROGRAM, argc, argv);
}

int reed_own_log(struct reed_catalog *catalog, int argc, char **argv)
{
	(void)catalog;
	return reed_log_main(PROGRAM, argc, argv);
}

int reed_own_completions(struct reed_catalog *catalog, int argc, char **argv)
{
	return reed_completions_main(&reed_own_program, catalog, argc, argv);
}

static int print_index(struct reed_catalog *catalog, const char *path)
{
	struct reed_buf text = { .limit = 0 };
	struct reed_fault *fault;

	if (reed_catalog_index(catalog, path, &text, &fault)) {
		fprintf(stderr, PROGRAM " modules: %s\n", fault->sentence);
		reed_fault_free(fault);
		return 1;
	}
	fwrite(reed_buf_slice(&text).p, 1, reed_buf_held(&text), stdout);
	reed_buf_finish(&text);
	return 0;
}

struct modules_flags {
	const char *index;
};

static const struct reed_setting table[] = {
	REED_SETTING(PATH, struct modules_flags, index, .placeholder = "FILE.so",
	             .from = REED_FROM_FLAG,
	             .help = "Write what belongs into the FILE.index beside a module, so that it "
	                     "is loaded only when something of it is wanted."),
};

static const struct reed_schema schema =
	REED_SCHEMA(struct modules_flags, table, .about = "What is wanted.");

static const struct reed_settings_part parts[] = { { NULL, &reed_tool_schema }, { NULL, &schema } };

const struct reed_settings_program reed_modules_tool = REED_SETTINGS_PROGRAM(
		.program = PROGRAM, .command = "modules",
		.about = "Lists the modules there are, what they bring and where they lie.",
		.parts = parts, .part_count = REED_COUNT(parts));

int reed_own_modules(struct reed_catalog *catalog, int argc, char **argv)
{
	const struct modules_flags *flags;
	struct reed_settings *settings;
	int code;

	settings = reed_tool_settings(&reed_modules_tool, argc, argv, &code);
	if (!settings)
		return code;
	flags = reed_settings_of(settings, &schema);
	if (flags->index)
		code = print_index(catalog, flags->index);
	else
		code = reed_catalog_print(catalog, stdout) ? 1 : 0;
	reed_settings_free(settings);
	return code;
}
