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

static void write_all(const char *program, const struct reed_command *const *commands,
                      enum reed_shell shell)
{
	const struct reed_settings **settings;
	struct reed_buf out = { 0 };
	struct plan *plans;
	size_t n = 0;

	while (commands[n])
		n++;
	plans = reed_alloc((n + 1) * sizeof(*plans));
	settings = reed_alloc((n + 1) * sizeof(*settings));
	for (size_t i = 0; i < n; i++) {
		plan_of(program, commands[i], &plans[i]);
		settings[i] = reed_settings_new(&plans[i].program);
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

int reed_completions_main(const char *program, const struct reed_command *const *commands, int argc,
                          char **argv)
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
	write_all(program, commands, shell);
	return 0;
}
