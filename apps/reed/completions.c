/* reed completions SHELL */

#include "reed.h"

#include "reed/alloc.h"

int reed_completions_command(int argc, char **argv)
{
	const struct reed_command **commands;
	const struct reed_command *c;
	size_t n = 0;
	int code;

	while (reed_command_at(n))
		n++;
	commands = reed_alloc((n + 1) * sizeof(*commands));
	for (size_t i = 0; (c = reed_command_at(i)); i++)
		commands[i] = c;
	code = reed_completions_main(PROGRAM, commands, argc, argv);
	reed_free(commands);
	return code;
}
