/* Completions for a program with commands, all of them in one file. */

#include "daemon_private.h"

#include <string.h>

#include "reed/alloc.h"

/* What a command tells of its flags; a main() may tell nothing. */
static void plan_of(const char *program, const struct reed_command *command, struct plan *plan)
{
	reed_plan_init(plan, 1, 0, NULL);
	if (command->tool)
		plan->program = *command->tool;
	else if (command->service)
		reed_plan_add(plan, command->service, command->service->name);
	else
		plan->program.part_count = 0;
	if (!command->tool && !command->service)
		plan->program.arguments = "[FILE]...";
	plan->program.program = program;
	plan->program.command = command->name;
	plan->program.about = command->summary;
}

static const struct reed_settings_verb shells[] = {
	{ "bash", NULL, "For bash: source <(reed completions bash)" },
	{ "zsh", NULL, "For zsh: the same, or a file _reed in $fpath" },
	{ "fish", NULL, "For fish: a file reed.fish in ~/.config/fish/completions" },
	{ NULL, NULL, NULL },
};

static const struct reed_settings_part parts[] = { { NULL, &reed_tool_schema } };

const struct reed_settings_program reed_completions_tool =
	REED_SETTINGS_PROGRAM(.program = "reed", .command = "completions",
                              .about = "Writes what a shell needs to complete commands and flags.",
                              .parts = parts, .part_count = REED_COUNT(parts), .verbs = shells);

/* What cannot be loaded is told, and left out. */
static const struct reed_command *nth(struct reed_catalog *catalog, size_t n)
{
	const struct reed_command *command = NULL;
	struct reed_catalog_command c;
	struct reed_fault *fault = NULL;

	if (reed_catalog_command_at(catalog, n, &c) &&
	    reed_catalog_command(catalog, c.name, &command, &fault))
		fprintf(stderr, "%s\n", fault->sentence);
	reed_fault_free(fault);
	return command;
}

static void write_all(const struct reed_settings_program *own, struct reed_catalog *catalog,
                      enum reed_shell shell)
{
	size_t most, n = 1;
	struct reed_settings **settings;
	struct reed_buf out = { 0 };
	struct plan *plans;

	reed_catalog_complete(catalog, stderr);
	most = reed_catalog_command_count(catalog) + 1;
	plans = reed_alloc(most * sizeof(*plans));
	settings = reed_alloc(most * sizeof(struct reed_settings *));
	settings[0] = reed_settings_new(own);
	for (size_t i = 0; i + 1 < most; i++) {
		const struct reed_command *command = nth(catalog, i);

		if (!command)
			continue;
		plan_of(own->program, command, &plans[n]);
		settings[n] = reed_settings_new(&plans[n].program);
		n++;
	}
	reed_settings_complete(shell, (const struct reed_settings *const *)settings, n, &out);
	fwrite(reed_buf_slice(&out).p, 1, reed_buf_held(&out), stdout);
	for (size_t i = 0; i < n; i++) {
		reed_settings_free(settings[i]);
		if (i > 0)
			reed_plan_finish(&plans[i]);
	}
	reed_free(settings);
	reed_free(plans);
	reed_buf_finish(&out);
}

int reed_completions_main(const struct reed_settings_program *own, struct reed_catalog *catalog,
                          int argc, char **argv)
{
	struct reed_settings_program tool = reed_completions_tool;
	struct reed_settings *settings;
	int code, shell = 0;

	tool.program = own->program;
	tool.command = argv[0];
	settings = reed_tool_settings(&tool, argc, argv, &code);
	if (!settings)
		return code;
	while (strcmp(reed_settings_arguments(settings).items[0], shells[shell].name) != 0)
		shell++;
	reed_settings_free(settings);
	write_all(own, catalog, (enum reed_shell)shell);
	return 0;
}
