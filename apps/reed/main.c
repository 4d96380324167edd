/* reed: one program, and what it does is its first argument. */

#include "reed.h"

#include <stdio.h>
#include <string.h>

#include "reed/slice.h"

enum { FAR = 3 };

/* ---- commands of its own ---- */

#define X(name_, group_, tool_, summary_) \
	{ .name = #name_, .group = (group_), .tool = (tool_), .summary = (summary_) },
static const struct reed_command own_commands[] = { REED_OWN_COMMANDS(X){ 0 } };
#undef X

const struct reed_module reed_own_module = {
	.abi = REED_MODULE_ABI,
	.size = sizeof(struct reed_module),
	.name = PROGRAM,
	.summary = "The program itself.",
	.commands = own_commands,
};

typedef int own_main(struct reed_catalog *catalog, int argc, char **argv);

static own_main *find_own(const struct reed_command *command)
{
#define X(name, group, tool, summary) reed_own_##name,
	static own_main *const mains[] = { REED_OWN_COMMANDS(X) };
#undef X

	for (size_t i = 0; i < REED_COUNT(mains); i++)
		if (command == &own_commands[i])
			return mains[i];
	return NULL;
}

/* ---- what may stand in front of one, for completions ---- */

struct own_flags {
	struct reed_texts module;
	bool help, version;
};

static const struct reed_setting own_table[] = {
	REED_SETTING_LIST(PATH, struct own_flags, module, .letter = 'm', .from = REED_FROM_FLAG,
	                  .help = "A module to load first: a file, or a name."),
	REED_SETTING(BOOL, struct own_flags, help, .letter = 'h', .from = REED_FROM_FLAG,
	             .help = "List the commands, and end."),
	REED_SETTING(BOOL, struct own_flags, version, .from = REED_FROM_FLAG,
	             .help = "Show the version, and end."),
};

static const struct reed_schema own_schema =
	REED_SCHEMA(struct own_flags, own_table, .about = "The program itself.");

static const struct reed_settings_part own_parts[] = { { NULL, &own_schema } };

const struct reed_settings_program reed_own_program =
	REED_SETTINGS_PROGRAM(.program = PROGRAM,
                              .about = "Servers and clients for many protocols.",
                              .parts = own_parts, .part_count = REED_COUNT(own_parts));

/* ---- which command ---- */

const char *reed_nearest_command(struct reed_catalog *catalog, const char *name)
{
	struct reed_catalog_command c;
	const char *best = NULL;
	size_t distance = FAR;

	for (size_t n = 0; reed_catalog_command_at(catalog, n, &c); n++) {
		size_t d = reed_slice_distance(reed_slice_of(name), reed_slice_of(c.name), FAR);

		if (d < distance) {
			distance = d;
			best = c.name;
		}
	}
	return best;
}

static int unknown(struct reed_catalog *catalog, const char *name)
{
	const char *meant = reed_nearest_command(catalog, name);

	if (meant)
		fprintf(stderr, PROGRAM ": there is no command \"%s\"; did you mean %s?\n", name,
		        meant);
	else
		fprintf(stderr, PROGRAM ": there is no command \"%s\"; see " PROGRAM " --help\n",
		        name);
	return 2;
}

static int failed(struct reed_fault *fault)
{
	fprintf(stderr, PROGRAM ": %s\n", fault->sentence);
	reed_fault_free(fault);
	return 1;
}

int reed_call(struct reed_catalog *catalog, int argc, char **argv)
{
	const struct reed_command *command;
	struct reed_fault *fault;
	own_main *own;

	if (reed_catalog_command(catalog, argv[0], &command, &fault))
		return fault ? failed(fault) : unknown(catalog, argv[0]);
	own = find_own(command);
	return own ? own(catalog, argc, argv) : reed_command_main(PROGRAM, command, argc, argv);
}

/* ---- what stands in front of it ---- */

/* The value of -m at argv[*i], or NULL when that is something else. */
static const char *module_of(int argc, char **argv, int *i)
{
	const char *word = argv[*i];

	if (strncmp(word, "--module=", 9) == 0)
		return word + 9;
	if (strncmp(word, "-m", 2) == 0 && word[2])
		return word + 2;
	if (strcmp(word, "-m") != 0 && strcmp(word, "--module") != 0)
		return NULL;
	return *i + 1 < argc ? argv[++*i] : "";
}

#ifdef REED_STATIC
static int load(struct reed_catalog *catalog, const char *module)
{
	(void)catalog;
	fprintf(stderr,
	        PROGRAM ": this program has everything linked into it, and loads no modules such "
	                "as %s; one that does is built without REED_STATIC\n",
	        module);
	return 2;
}
#else
static int load(struct reed_catalog *catalog, const char *module)
{
	struct reed_fault *fault;

	if (!*module) {
		fputs(PROGRAM ": -m wants a module: a file such as ./gopher.so, or the name of one "
		              "of those that \"" PROGRAM " modules\" lists\n",
		      stderr);
		return 2;
	}
	return reed_catalog_load(catalog, module, &fault) ? failed(fault) : 0;
}
#endif

static int run(struct reed_catalog *catalog, int argc, char **argv)
{
	static char help[] = "help";
	const char *module;
	int i = 1, code;

	for (; i < argc && (module = module_of(argc, argv, &i)); i++) {
		code = load(catalog, module);
		if (code)
			return code;
	}
	if (i == argc) {
		reed_own_help(catalog, 1, (char *[]){ help, NULL });
		return 2;
	}
	if (strcmp(argv[i], "--version") == 0 || strcmp(argv[i], "version") == 0) {
		printf(PROGRAM " %s\n", REED_VERSION);
		return 0;
	}
	if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
		return reed_own_help(catalog, 1, (char *[]){ help, NULL });
	if (argv[i][0] == '-') {
		fprintf(stderr,
		        PROGRAM ": there is no flag %s; -m MODULE, --help and --version there are, "
		                "and others behind a command\n",
		        argv[i]);
		return 2;
	}
	return reed_call(catalog, argc - i, argv + i);
}

int main(int argc, char **argv)
{
	struct reed_catalog *catalog = reed_catalog_new(reed_modules);
	int code;

#ifndef REED_STATIC
	reed_catalog_look(catalog, NULL);
#endif
	code = run(catalog, argc, argv);
	reed_catalog_free(catalog);
	return code;
}
