/* reed check [COMMAND] [--sandbox] [ARGUMENT]...: a server that is not started. */

#include "reed.h"

#include <stdio.h>
#include <string.h>

#include "reed/alloc.h"

static int help(void)
{
	puts("Usage: " PROGRAM " check [COMMAND] [--sandbox] [FLAG | FILE]...\n\n"
	     "Checks the settings of a server as they would be with these flags: of COMMAND,\n"
	     "or of a FILE for `" PROGRAM " run`. With --sandbox it says what the server will be\n"
	     "allowed to do: files, ports, programs, calls of the system.");
	return 0;
}

/* What is no server is an argument of run. */
static const struct reed_command *server_of(const char *name)
{
	const struct reed_command *c = name ? reed_command_find(name) : NULL;

	if (c && (c->service || strcmp(c->name, "run") == 0))
		return c;
	return NULL;
}

int reed_check_main(int argc, char **argv)
{
	static char check[] = "--check", print[] = "--print-sandbox", run[] = "run";
	const struct reed_command *named = server_of(argv[1]);
	char **args = reed_alloc(((size_t)argc + 3) * sizeof(*args));
	int n = 0, code;

	args[n++] = named ? argv[1] : run;
	args[n++] = check;
	for (int i = named ? 2 : 1; i < argc; i++)
		args[n++] = strcmp(argv[i], "--sandbox") == 0 ? print : argv[i];
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		code = argc < 2 ? (help(), 2) : help();
	else
		code = reed_command_main(PROGRAM, named ? named : reed_command_find(run), n, args);
	reed_free(args);
	return code;
}
