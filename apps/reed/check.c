/* reed check [COMMAND] [--sandbox] [ARGUMENT]...: a server that is not started. */

#include "reed.h"

#include <stdio.h>
#include <string.h>

#include "reed/alloc.h"
#include "reed/file.h"

struct check_flags {
	bool sandbox;
};

static const struct reed_setting table[] = {
	REED_SETTING(BOOL, struct check_flags, sandbox, .from = REED_FROM_FLAG,
	             .help = "Say what the server will be allowed to do: files, ports, programs, "
	                     "calls of the system."),
};

static const struct reed_schema schema =
	REED_SCHEMA(struct check_flags, table, .about = "What is checked.");

static const struct reed_settings_part parts[] = { { NULL, &reed_tool_schema }, { NULL, &schema } };

/* Those of the server follow, which are known when it is named. */
const struct reed_settings_program reed_check_tool =
	REED_SETTINGS_PROGRAM(.program = PROGRAM, .command = "check",
                              .about = "Checks the settings of a server, as they would be with "
                                       "these flags: of COMMAND, or of a FILE for reed run.",
                              .arguments = "[COMMAND] [FLAG | FILE]...", .parts = parts,
                              .part_count = REED_COUNT(parts));

/* What it is asked for itself, and no server. */
static bool is_ours(const char *flag)
{
	static const char *const ours[] = { "--help", "-h", "--print-man" };

	for (size_t i = 0; i < REED_COUNT(ours); i++)
		if (strcmp(flag, ours[i]) == 0)
			return true;
	return false;
}

static int answer(int argc, char **argv)
{
	static char name[] = "check", help[] = "--help";
	int code;

	reed_settings_free(reed_tool_settings(&reed_check_tool, 2,
	                                      (char *[]){ name, argc < 2 ? help : argv[1], NULL },
	                                      &code));
	return argc < 2 ? 2 : code;
}

/* What is no server is an argument of run.  One whose module is broken says so when it is called. */
static bool is_server(struct reed_catalog *catalog, const char *name)
{
	const struct reed_command *command;
	struct reed_fault *fault = NULL;
	bool is = false;

	if (!name)
		return false;
	if (!reed_catalog_command(catalog, name, &command, &fault))
		is = command->service || strcmp(name, "run") == 0;
	else if (fault)
		is = true;
	reed_fault_free(fault);
	return is;
}

/* A word that is no server and no file is most likely a server misspelt. */
static bool is_unknown(struct reed_catalog *catalog, const char *name)
{
	struct reed_file_stamp stamp;
	const char *meant;

	if (!name || name[0] == '-' || is_server(catalog, name) ||
	    reed_file_look(name, &stamp) != REED_ENOENT)
		return false;
	meant = reed_nearest_command(catalog, name);
	fprintf(stderr, PROGRAM " check: there is no server and no file \"%s\"%s%s%s\n", name,
	        meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
	return true;
}

int reed_own_check(struct reed_catalog *catalog, int argc, char **argv)
{
	static char check[] = "--check", print[] = "--print-sandbox", run[] = "run";
	bool named = is_server(catalog, argv[1]);
	char **args;
	int n = 0, code;

	if (argc < 2 || is_ours(argv[1]))
		return answer(argc, argv);
	if (is_unknown(catalog, argv[1]))
		return 2;
	args = reed_alloc(((size_t)argc + 3) * sizeof(*args));
	args[n++] = named ? argv[1] : run;
	args[n++] = check;
	for (int i = named ? 2 : 1; i < argc; i++)
		args[n++] = strcmp(argv[i], "--sandbox") == 0 ? print : argv[i];
	code = reed_call(catalog, n, args);
	reed_free(args);
	return code;
}
