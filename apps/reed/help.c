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

int reed_own_help(struct reed_catalog *catalog, int argc, char **argv)
{
	static char help[] = "--help";

	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		list(catalog);
		return 0;
	}
	return reed_call(catalog, 2, (char *[]){ argv[1], help, NULL });
}
