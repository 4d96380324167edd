/* What the files of the catalog share. */

#ifndef REED_CATALOG_PRIVATE_H
#define REED_CATALOG_PRIVATE_H

#include "reed/catalog.h"

/* ---- what a module brings, as an index has it ---- */

struct brought {
	enum reed_module_part part;
	char *name;
	char *group, *summary; /* of a command; else NULL */
	bool is_service;
};

struct module_index {
	unsigned abi;
	char *summary; /* NULL: nothing was read */
	struct brought *items;
	size_t count;
};

enum { INDEX_ITEMS = 256, INDEX_FILE = 64 << 10 };

void reed_index_of(const struct reed_module *module, struct module_index *index);

/* REED_ESYNTAX: it is none, and index is empty. */
enum reed_err reed_index_parse(struct reed_slice text, struct module_index *index);
void reed_index_print(const struct module_index *index, struct reed_buf *out);
void reed_index_finish(struct module_index *index);

/* NULL: it does not bring that. */
const struct brought *reed_index_find(const struct module_index *index, enum reed_module_part part,
                                      const char *name);

/* The heading it stands under. */
const char *reed_command_group(const struct reed_command *command);

/* ---- the system ---- */

/* The module in that file, which stays; *fault says what would be right. */
enum reed_err reed_os_module_open(const char *path, const struct reed_module **module,
                                  struct reed_fault **fault);

/* reed/ beside the library this is in; NULL: nobody knows. */
char *reed_os_module_folder(void);

/* The names of all NAME.so in it, sorted; nothing when it is not there. */
char **reed_os_module_names(const char *folder, size_t *count);

#endif
