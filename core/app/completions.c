/* Completions for a program with commands, all of them in one file. */

#include "daemon_private.h"

#include <string.h>

#include "reed/alloc.h"

/* What is no service has no flags that anybody here knows. */
static void plan_of(const char *program, const struct reed_command *command, struct plan *plan)
{
	reed_plan_init(plan, 1, 0, NULL);
	plan->program.program = program;
	plan->program.command = command->name;
	plan->program.about = command->summary;
	if (command->service) {
		reed_plan_add(plan, command->service, command->service->name);
		return;
	}
	plan->program.part_count = 0;
	plan->program.arguments = "[FILE]...";
}

static bool shell_of(const char *name, enum reed_shell *shell)
{
	static const char *const names[] = { "bash", "zsh", "fish" };

	for (size_t i = 0; i < REED_COUNT(names); i++) {
		if (strcmp(name, names[i]) == 0) {
			*shell = (enum reed_shell)i;
			return true;
		}
	}
	return false;
}

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

static void write_all(const char *program, struct reed_catalog *catalog, enum reed_shell shell)
{
	const struct reed_settings **settings;
	struct reed_buf out = { 0 };
	struct plan *plans;
	size_t n = 0, most;

	reed_catalog_complete(catalog, stderr);
	most = reed_catalog_command_count(catalog);
	plans = reed_alloc((most + 1) * sizeof(*plans));
	settings = reed_alloc((most + 1) * sizeof(*settings));
	for (size_t i = 0; i < most; i++) {
		const struct reed_command *command = nth(catalog, i);

		if (!command)
			continue;
		plan_of(program, command, &plans[n]);
		settings[n] = reed_settings_new(&plans[n].program);
		n++;
	}
	reed_settings_complete(shell, settings, n, &out);
	fwrite(reed_buf_slice(&out).p, 1, reed_buf_held(&out), stdout);
	for (size_t i = 0; i < n; i++) {
		reed_settings_free((struct reed_settings *)(uintptr_t)settings[i]);
		reed_plan_finish(&plans[i]);
	}
	reed_free(settings);
	reed_free(plans);
	reed_buf_finish(&out);
}

int reed_completions_main(const char *program, struct reed_catalog *catalog, int argc, char **argv)
{
	enum reed_shell shell;

	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		printf("Usage: %s %s bash|zsh|fish\n\n"
		       "Writes what the shell needs to complete commands and flags, for example\n\n"
		       "  source <(%s %s bash)\n",
		       program, argv[0], program, argv[0]);
		return 0;
	}
	if (argc != 2 || !shell_of(argv[1], &shell)) {
		fprintf(stderr, "%s %s: say for which shell: bash, zsh or fish\n", program,
		        argv[0]);
		return EXIT_WRONG;
	}
	write_all(program, catalog, shell);
	return 0;
}
