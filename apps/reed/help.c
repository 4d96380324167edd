/* reed --help, reed help COMMAND. */

#include "reed.h"

#include <stdio.h>
#include <string.h>

static void list(struct reed_catalog *catalog)
{
	struct reed_catalog_command c;
	const char *group = "";

	reed_catalog_complete(catalog, stderr);
	puts("Usage: " PROGRAM " [-m MODULE]... COMMAND [ARGUMENT]...\n       " PROGRAM
	     " --help | --version");
	for (size_t n = 0; reed_catalog_command_at(catalog, n, &c); n++) {
		if (strcmp(c.group, group) != 0)
			printf("\n%s:\n", c.group);
		group = c.group;
		printf("  %-12s %s\n", c.name, c.summary);
	}
	puts("\n" PROGRAM " help COMMAND, or " PROGRAM " COMMAND --help, says more.");
}

static const struct reed_settings_part parts[] = { { NULL, &reed_tool_schema } };

const struct reed_settings_program reed_help_tool =
	REED_SETTINGS_PROGRAM(.program = PROGRAM, .command = "help",
                              .about = "Explains a command, or lists all of them.",
                              .arguments = "[COMMAND]", .parts = parts,
                              .part_count = REED_COUNT(parts));

int reed_own_help(struct reed_catalog *catalog, int argc, char **argv)
{
	static char help[] = "--help";
	int code;

	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		list(catalog);
		return 0;
	}
	if (argv[1][0] == '-') {
		reed_settings_free(reed_tool_settings(&reed_help_tool, argc, argv, &code));
		return code;
	}
	return reed_call(catalog, 2, (char *[]){ argv[1], help, NULL });
}
