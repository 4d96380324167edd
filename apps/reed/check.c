/* reed check [COMMAND] [--sandbox] [ARGUMENT]...: a server that is not started. */

#include "reed.h"

#include <stdio.h>
#include <string.h>

#include "reed/alloc.h"
#include "reed/file.h"

struct check_flags {
	bool sandbox, help;
};

static const struct reed_setting table[] = {
	REED_SETTING(BOOL, struct check_flags, sandbox, .from = REED_FROM_FLAG,
	             .help = "Say what the server will be allowed to do."),
	REED_SETTING(BOOL, struct check_flags, help, .letter = 'h', .from = REED_FROM_FLAG,
	             .help = "Show what there is, and end."),
};

static const struct reed_schema schema =
	REED_SCHEMA(struct check_flags, table, .about = "What is checked.");

static const struct reed_settings_part parts[] = { { NULL, &schema } };

/* Those of the server follow, which are known when it is named. */
const struct reed_settings_program reed_check_tool =
	REED_SETTINGS_PROGRAM(.program = PROGRAM, .command = "check",
                              .about = "Checks the settings of a server.",
                              .arguments = "[COMMAND] [FLAG | FILE]...", .parts = parts,
                              .part_count = REED_COUNT(parts));

static int help(void)
{
	puts("Usage: " PROGRAM " check [COMMAND] [--sandbox] [FLAG | FILE]...\n\n"
	     "Checks the settings of a server as they would be with these flags: of COMMAND,\n"
	     "or of a FILE for `" PROGRAM " run`. With --sandbox it says what the server will be\n"
	     "allowed to do: files, ports, programs, calls of the system.");
	return 0;
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

	if (is_unknown(catalog, argv[1]))
		return 2;
	args = reed_alloc(((size_t)argc + 3) * sizeof(*args));
	args[n++] = named ? argv[1] : run;
	args[n++] = check;
	for (int i = named ? 2 : 1; i < argc; i++)
		args[n++] = strcmp(argv[i], "--sandbox") == 0 ? print : argv[i];
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		code = argc < 2 ? (help(), 2) : help();
	else
		code = reed_call(catalog, n, args);
	reed_free(args);
	return code;
}
