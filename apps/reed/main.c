/* reed: one program, and what it does is its first argument. */

#include "reed.h"

#include <stdio.h>
#include <string.h>

#include "reed/slice.h"

enum { FAR = 3 };

const struct reed_command reed_own_commands[] = {
	{ .name = "run",
	  .summary = "Several servers in one process, from one file.",
	  .group = "Servers",
	  .main = reed_run_main },
	{ .name = "ctl",
	  .summary = "Look into a running server, or stop it.",
	  .main = reed_ctl_main },
	{ .name = "check",
	  .summary = "Say what is wrong with settings, or what its sandbox allows a server.",
	  .main = reed_check_main },
	{ .name = "completions",
	  .summary = "Write completions for a shell.",
	  .main = reed_completions_command },
	{ .name = "endpoints",
	  .summary = "Explain what can be listened on and dialled.",
	  .main = reed_endpoints_main },
	{ .name = "help", .summary = "Explain a command.", .main = reed_help_main },
	{ 0 },
};

static const char *nearest(const char *name)
{
	const struct reed_command *c;
	const char *best = NULL;
	size_t distance = FAR;

	for (size_t n = 0; (c = reed_command_at(n)); n++) {
		size_t d = reed_slice_distance(reed_slice_of(name), reed_slice_of(c->name), FAR);

		if (d < distance) {
			distance = d;
			best = c->name;
		}
	}
	return best;
}

static int unknown(const char *name)
{
	const char *meant = nearest(name);

	if (meant)
		fprintf(stderr, PROGRAM ": there is no command \"%s\"; did you mean %s?\n", name,
		        meant);
	else
		fprintf(stderr, PROGRAM ": there is no command \"%s\"; see " PROGRAM " --help\n",
		        name);
	return 2;
}

int main(int argc, char **argv)
{
	const struct reed_command *command;

	reed_modules_register(reed_modules);
	if (argc < 2) {
		reed_help_main(1, argv);
		return 2;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf(PROGRAM " %s\n", REED_VERSION);
		return 0;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return reed_help_main(1, argv);
	command = reed_command_find(argv[1]);
	if (!command)
		return unknown(argv[1]);
	return reed_command_main(PROGRAM, command, argc - 1, argv + 1);
}
