/*
 * Modules: what a part tells the rest of Reed about itself.
 *
 * A module exports one constant, and nothing else on its own: commands of the
 * program `reed`, schemes of endpoints, checkers of accounts.  The same source
 * is linked in or loaded with dlopen(); only the symbol's name differs.  Here
 * are constants only, so a module needs no library for its descriptor, which
 * is in a file called module.c:
 *
 *	REED_MODULE(chat,
 *		.summary = "A chat server.",
 *		.commands = (const struct reed_command[]){
 *			{ .name = "chat", .summary = "IRC and XMPP, one set of rooms",
 *			  .service = &chat_service },
 *			{ 0 },
 *		});
 *
 * All of it lives as long as the process.  catalog.h finds and loads modules.
 */

#ifndef REED_MODULE_H
#define REED_MODULE_H

#include "reed/err.h"

REED_BEGIN_DECLS

/* Rises when a module that was built before no longer fits. */
#define REED_MODULE_ABI 1u

struct reed_checker_scheme;
struct reed_scheme;
struct reed_service_kind;
struct reed_settings_program;

/* `reed NAME ARGUMENTS` */
struct reed_command {
	const char *name;
	const char *summary; /* one line for `reed --help` */
	const char *group;   /* its heading there; NULL: by whether it is a service */

	/* A daemon: reed_daemon_main() runs it, and `reed run` knows it by its name. */
	const struct reed_service_kind *service;

	/* Anything else, or a daemon of its own.  argv[0] is the name.  Returns what main() should. */
	int (*main)(int argc, char **argv);

	/* Of one with a main(): its flags, for completions and the manual page; NULL: nobody knows. */
	const struct reed_settings_program *tool;

	/* What runs beside whatever daemon wants it: of "acme" (automatic.h), "dns" (publishing.h). */
	const struct reed_service_kind *keeper;
	const void *reserved[1];
};

struct reed_module {
	uint32_t abi;  /* REED_MODULE_ABI the module was built with */
	uint32_t size; /* of this struct, so that it may grow */
	const char *name;
	const char *summary;                         /* one sentence */
	const struct reed_command *commands;         /* ends with an empty one */
	const struct reed_scheme *const *schemes;    /* these end with NULL */
	struct reed_checker_scheme *const *checkers; /* any of the three may be NULL */
};

#ifdef REED_MODULE_BUILTIN
#define REED_MODULE_SYMBOL(id) reed_module_##id
#else
#define REED_MODULE_SYMBOL(id) reed_module
#endif

/* The designators of struct reed_module follow; at least .summary. */
#define REED_MODULE(id, ...)                                                                    \
	REED_API extern const struct reed_module REED_MODULE_SYMBOL(id);                        \
	const struct reed_module REED_MODULE_SYMBOL(id) = { .abi = REED_MODULE_ABI,             \
		                                            .size = sizeof(struct reed_module), \
		                                            .name = #id,                        \
		                                            __VA_ARGS__ }

/* ---- modules that are loaded when something of theirs is wanted ---- */

enum reed_module_part { REED_MODULE_COMMAND, REED_MODULE_SCHEME, REED_MODULE_CHECKER };

/*
 * Asked for a part that nobody has registered: REED_OK when it is registered
 * now; REED_ENOENT when no module has it; else a fault says why not.  name
 * NULL: all parts of the kind are wanted.
 */
typedef enum reed_err reed_module_finder_fn(void *arg, enum reed_module_part part, const char *name,
                                            struct reed_fault **fault);

/* One for the process; NULL: nobody.  Not while a loop runs. */
REED_API void reed_module_find_with(reed_module_finder_fn *finder, void *arg);

/*
 * From now on it is not asked: a daemon calls this before its loop runs, since
 * loading takes as long as a disk does, and the registries have no locks.
 */
REED_API void reed_module_seal(void);

REED_END_DECLS

#endif
