/* Programs and commands that are daemons. */

#include "daemon_private.h"

#include <string.h>

static int run_one(const struct reed_service_kind *kind, const char *program, const char *command,
                   int argc, char **argv)
{
	struct plan plan;
	int code;

	reed_catalog_install();
	reed_plan_init(&plan, 1, argc, argv);
	plan.program.program = program;
	plan.program.command = command;
	plan.program.about = kind->summary;
	reed_plan_add(&plan, kind, kind->name);
	code = reed_plan_run(&plan);
	reed_plan_finish(&plan);
	return code;
}

int reed_daemon_main(const struct reed_service_kind *kind, int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');

	return run_one(kind, slash ? slash + 1 : argv[0], NULL, argc, argv);
}

int reed_command_main(const char *program, const struct reed_command *command, int argc,
                      char **argv)
{
	if (command->main)
		return command->main(argc, argv);
	return run_one(command->service, program, command->name, argc, argv);
}
