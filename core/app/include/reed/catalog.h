/*
 * Catalogs: the modules that a program can have, and what they bring.
 *
 * A module (module.h) is linked into the program, or is a shared library
 * NAME.so that is loaded when something of it is wanted: a command, a scheme of
 * endpoints, a kind of accounts.  It stays until the process ends.  NAME.index
 * beside it says what it brings, so that nobody need load it to know; `reed
 * modules --index` writes one.  A module without is loaded as soon as something
 * is wanted that no other has.
 *
 * One a process: it is who the registries of schemes and checkers ask
 * (reed_module_find_with).  All of it may block, and is for the time before a
 * loop runs; reed_module_seal() ends that time.
 *
 * Faults: REED_ENOENT there is no such module; REED_EACCES it may not be read,
 * or anybody may write to it; REED_EINVAL it is none, or another Reed's;
 * REED_EEXIST it brings what is there already.  Each sentence says what would
 * be right.
 */

#ifndef REED_CATALOG_H
#define REED_CATALOG_H

#include "reed/buf.h"
#include "reed/module.h"

REED_BEGIN_DECLS

struct reed_catalog;

/* linked ends with NULL, and may be NULL.  Their schemes and checkers are registered at once. */
REED_API struct reed_catalog *reed_catalog_new(const struct reed_module *const *linked);

/* That of the process; NULL: there is none. */
REED_API struct reed_catalog *reed_catalog_of_process(void);

/*
 * Unless the process has one: of what is installed, as long as the process lives.
 * reed_daemon_main() and reed_tool_settings() call it, so that endpoints and accounts
 * of modules are there for every program.
 */
REED_API void reed_catalog_install(void);

/* What was loaded stays.  May be NULL. */
REED_API void reed_catalog_free(struct reed_catalog *self);

/* Looks what is in a folder, which need not be there; NULL: reed/ beside libreed-app. */
REED_API void reed_catalog_look(struct reed_catalog *self, const char *folder);

/* A file, "./gopher.so", or the name of one in the folder, "gopher"; before all others then. */
REED_API enum reed_err reed_catalog_load(struct reed_catalog *self, const char *module,
                                         struct reed_fault **fault);

/* Loads its module if need be.  REED_ENOENT without a fault: no module has it. */
REED_API enum reed_err reed_catalog_command(struct reed_catalog *self, const char *name,
                                            const struct reed_command **command,
                                            struct reed_fault **fault);

/* As long as the catalog lives. */
struct reed_catalog_command {
	const char *name, *group, *summary;
	bool is_service;
};

/* The n-th of all, by group and name, without loading it; false past the end. */
REED_API bool reed_catalog_command_at(const struct reed_catalog *self, size_t n,
                                      struct reed_catalog_command *out);

REED_API size_t reed_catalog_command_count(const struct reed_catalog *self);

/* Loads the modules that have no index, so that all is known; what cannot be is told on err. */
REED_API void reed_catalog_complete(struct reed_catalog *self, FILE *err);

/* Loads each module that has such a part; one that cannot be is left out. */
REED_API void reed_catalog_load_all(struct reed_catalog *self, enum reed_module_part part);

/* Each module with what it brings and where it lies; REED_EINVAL when one will not do. */
REED_API enum reed_err reed_catalog_print(struct reed_catalog *self, FILE *out);

/* What belongs into the NAME.index of that file, which is loaded for it. */
REED_API enum reed_err reed_catalog_index(struct reed_catalog *self, const char *path,
                                          struct reed_buf *out, struct reed_fault **fault);

REED_END_DECLS

#endif
