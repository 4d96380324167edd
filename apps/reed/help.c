/* reed --help, reed help COMMAND. */

#include "reed.h"

#include <stdio.h>
#include <string.h>

static void list(void)
{
	const struct reed_command *c;
	const char *group = "";

	puts("Usage: " PROGRAM " COMMAND [ARGUMENT]...\n       " PROGRAM " --help | --version");
	for (size_t n = 0; (c = reed_command_at(n)); n++) {
		if (strcmp(reed_command_group(c), group) != 0)
			printf("\n%s:\n", reed_command_group(c));
		group = reed_command_group(c);
		printf("  %-12s %s\n", c->name, c->summary);
	}
	puts("\n" PROGRAM " help COMMAND, or " PROGRAM " COMMAND --help, says more.");
}

int reed_help_main(int argc, char **argv)
{
	static char help[] = "--help";
	const struct reed_command *c;

	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		list();
		return 0;
	}
	c = reed_command_find(argv[1]);
	if (!c) {
		fprintf(stderr, PROGRAM " help: there is no command \"%s\"\n", argv[1]);
		return 2;
	}
	return reed_command_main(PROGRAM, c, 2, (char *[]){ argv[1], help, NULL });
}
