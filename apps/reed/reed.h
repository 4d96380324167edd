/* What the files of the program share. */

#ifndef REED_APPS_REED_H
#define REED_APPS_REED_H

#include "reed/daemon.h"

#define PROGRAM "reed"

/* Every module and command this program has; ends with NULL. */
extern const struct reed_module *const reed_modules[];

/* Those of the program itself; ends with an empty one. */
extern const struct reed_command reed_own_commands[];

/* NULL: there is no such command. */
const struct reed_command *reed_command_find(const char *name);

/* The n-th of all, sorted by group and name; NULL past the end. */
const struct reed_command *reed_command_at(size_t n);

/* The heading it stands under. */
const char *reed_command_group(const struct reed_command *command);

int reed_run_main(int argc, char **argv);
int reed_check_main(int argc, char **argv);
int reed_ctl_main(int argc, char **argv);
int reed_endpoints_main(int argc, char **argv);
int reed_completions_command(int argc, char **argv);
int reed_help_main(int argc, char **argv);

#endif
