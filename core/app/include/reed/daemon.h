/*
 * Daemons: what every server program does besides serving.
 *
 * Settings from file, environment and flags; a state directory that is locked;
 * a log; accounts; signals; a control socket; orderly start and stop.  A
 * program's main() is one call:
 *
 *	int main(int argc, char **argv)
 *	{
 *		return reed_daemon_main(&gopher_service, argc, argv);
 *	}
 *
 * In the foreground always.  SIGTERM and SIGINT stop the services, within the
 * grace time; a second one ends the process at once.  SIGHUP reads the settings
 * file anew, tells what changed and what needs a restart, and opens the log
 * file anew.
 *
 * Exit codes: 0 stopped, or done; 1 failed, also when the port is taken or the
 * state directory in use; 2 the command line or the settings are wrong;
 * 128 + N ended at once by a second signal N.
 */

#ifndef REED_DAEMON_H
#define REED_DAEMON_H

#include "reed/catalog.h"
#include "reed/service.h"

REED_BEGIN_DECLS

/* argv[0] is the program.  Returns what main() should. */
REED_API int reed_daemon_main(const struct reed_service_kind *kind, int argc, char **argv);

/* The same for a command of a program that has several, or its own main(); argv[0] is its name. */
REED_API int reed_command_main(const char *program, const struct reed_command *command, int argc,
                               char **argv);

/*
 * Several services in one process, which share name, state and accounts: the
 * keys of a settings file at the top are the names of commands, with the
 * settings of each below.  Only those are loaded.  argv[1] is the file.
 */
REED_API int reed_suite_main(const char *program, struct reed_catalog *catalog, int argc,
                             char **argv);

/* The client of a daemon's control socket; argv[0] is its name as a command of program. */
REED_API int reed_control_main(const char *program, int argc, char **argv);

/* What a daemon is doing, on a terminal, over its control socket; argv[0] as above. */
REED_API int reed_top_main(const char *program, int argc, char **argv);

/* The reader of log files, as a command "log" of that program: the same. */
REED_API int reed_log_main(const char *program, int argc, char **argv);

/*
 * Writes completions of all commands for the shell in argv[1].  own is the
 * program; its parts have the flags that may stand in front of a command.
 */
REED_API int reed_completions_main(const struct reed_settings_program *own,
                                   struct reed_catalog *catalog, int argc, char **argv);

/* The flags of these, for struct reed_command. */
REED_API extern const struct reed_settings_program reed_suite_tool;
REED_API extern const struct reed_settings_program reed_control_tool;
REED_API extern const struct reed_settings_program reed_completions_tool;
REED_API extern const struct reed_settings_program reed_top_tool;
REED_API extern const struct reed_settings_program reed_log_tool;

REED_END_DECLS

#endif
