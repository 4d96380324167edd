/* What the files of the program share. */

#ifndef REED_APPS_REED_H
#define REED_APPS_REED_H

#include "reed/daemon.h"
#include "reed/settings.h"

#define PROGRAM "reed"

/* Commands of the program itself; each is main() with the catalog in front. */
#define REED_OWN_COMMANDS(X)                                                                     \
	X(run, "Servers", &reed_suite_tool, "Several servers in one process, from one file.")    \
	X(ctl, NULL, &reed_control_tool, "Look into a running server, or stop it.")              \
	X(top, NULL, &reed_top_tool, "Watch a running server at work.")                          \
	X(log, NULL, &reed_log_tool, "Read what servers have logged to files.")                  \
	X(check, NULL, &reed_check_tool,                                                         \
	  "Say what is wrong with settings, or what its sandbox allows a server.")               \
	X(completions, NULL, &reed_completions_tool, "Write completions for a shell.")           \
	X(endpoints, NULL, &reed_endpoints_tool, "Explain what can be listened on and dialled.") \
	X(modules, NULL, &reed_modules_tool, "List the modules there are, and what they bring.") \
	X(help, NULL, &reed_help_tool, "Explain a command.")

#define X(name, group, tool, summary) \
	int reed_own_##name(struct reed_catalog *catalog, int argc, char **argv);
REED_OWN_COMMANDS(X)
#undef X

extern const struct reed_settings_program reed_check_tool, reed_endpoints_tool, reed_help_tool,
	reed_modules_tool;

/* The program with what may stand in front of a command. */
extern const struct reed_settings_program reed_own_program;

/* Those linked in, of which the program itself is the first; ends with NULL. */
extern const struct reed_module reed_own_module;
extern const struct reed_module *const reed_modules[];

/* That which name is most like; NULL: none is. */
const char *reed_nearest_command(struct reed_catalog *catalog, const char *name);

/* Runs one of any module; argv[0] is its name. */
int reed_call(struct reed_catalog *catalog, int argc, char **argv);

#endif
