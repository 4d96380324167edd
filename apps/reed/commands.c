/* Commands that the library has, and the one about modules. */

#include "reed.h"

#include <stdio.h>
#include <string.h>

int reed_own_run(struct reed_catalog *catalog, int argc, char **argv)
{
	return reed_suite_main(PROGRAM, catalog, argc, argv);
}

int reed_own_ctl(struct reed_catalog *catalog, int argc, char **argv)
{
	(void)catalog;
	return reed_control_main(PROGRAM, argc, argv);
}

int reed_own_completions(struct reed_catalog *catalog, int argc, char **argv)
{
	return reed_completions_main(PROGRAM, catalog, argc, argv);
}

static int print_index(struct reed_catalog *catalog, const char *path)
{
	struct reed_buf text = { .limit = 0 };
	struct reed_fault *fault;

	if (reed_catalog_index(catalog, path, &text, &fault)) {
		fprintf(stderr, PROGRAM " modules: %s\n", fault->sentence);
		reed_fault_free(fault);
		return 1;
	}
	fwrite(reed_buf_slice(&text).p, 1, reed_buf_held(&text), stdout);
	reed_buf_finish(&text);
	return 0;
}

int reed_own_modules(struct reed_catalog *catalog, int argc, char **argv)
{
	if (argc == 1)
		return reed_catalog_print(catalog, stdout) ? 1 : 0;
	if (argc == 3 && strcmp(argv[1], "--index") == 0)
		return print_index(catalog, argv[2]);
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		puts("Usage: " PROGRAM " modules\n       " PROGRAM " modules --index FILE.so\n\n"
		     "Lists the modules there are, what they bring and where they lie. --index\n"
		     "writes what belongs into the FILE.index beside a module, so that it is loaded\n"
		     "only when something of it is wanted.");
		return 0;
	}
	fputs(PROGRAM " modules: it takes nothing, or --index FILE.so\n", stderr);
	return 2;
}
