/* Programs and commands that are daemons. */

#include "daemon_private.h"

#include <string.h>

#include "reed/endpoint.h"
#include "reed/checker.h"

static int run_one(const struct reed_service_kind *kind, const char *program, const char *command,
                   int argc, char **argv)
{
	struct plan plan;
	int code;

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

/* Its table may be laid out otherwise, so no more of it is looked at. */
static bool fits(const struct reed_module *m)
{
	if (m->abi == REED_MODULE_ABI)
		return true;
	fprintf(stderr, "a module was built for another version of Reed (ABI %u, not %u)\n", m->abi,
	        REED_MODULE_ABI);
	return false;
}

void reed_modules_register(const struct reed_module *const *modules)
{
	for (; *modules; modules++) {
		const struct reed_module *m = *modules;

		if (!fits(m))
			continue;
		for (size_t i = 0; m->schemes && m->schemes[i]; i++)
			reed_scheme_register(m->schemes[i]);
		for (size_t i = 0; m->checkers && m->checkers[i]; i++)
			reed_checker_register(m->checkers[i]);
	}
}
