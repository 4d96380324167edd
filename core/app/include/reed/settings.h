/*
 * Settings: the values of one program, from wherever somebody gave them.
 *
 * Defaults, then the settings file, then the environment, then flags: what
 * comes later in this row wins, in whatever order it is read.  The file is
 * YAML; keys may be nested or dotted; types come from the schema, so `no` is a
 * string where a string is wanted.  Anchors, aliases and tags are refused.
 *
 * Errors do not end the reading: up to REED_SETTINGS_PROBLEMS are kept, each a
 * line of the form file:line:column, the key, what is wrong, what would be right.
 *
 * One thread at a time; nothing here suspends, nothing is global.  Only
 * reed_settings_load() and reed_settings_finish() read files, through a reader
 * that may be replaced, so the rest can run on the loop, and a reload as a
 * whole on a thread of the pool.
 *
 * Limits: REED_SETTINGS_FILE bytes a file, REED_SETTINGS_DEPTH levels.
 * Errors: REED_ESYNTAX says that there are problems (now, not only new ones).
 */

#ifndef REED_SETTINGS_H
#define REED_SETTINGS_H

#include "reed/endpoint.h"
#include "reed/setting.h"

REED_BEGIN_DECLS

enum {
	REED_SETTINGS_FILE = 1 << 20,
	REED_SETTINGS_SECRET = 1 << 16, /* bytes of the file of a secret */
	REED_SETTINGS_DEPTH = 32,
	REED_SETTINGS_PROBLEMS = 20
};

/* One schema of a program; several services in one process differ by their prefix. */
struct reed_settings_part {
	const char *prefix; /* "chat": keys are chat.limits.sendq; NULL: none */
	const struct reed_schema *schema;
};

/* What the first argument of a tool may be: `reed cert new NAME...` */
struct reed_settings_verb {
	const char *name;
	const char *arguments; /* "NAME..."; NULL: it takes none */
	const char *help;      /* one sentence, or a few */
};

struct reed_settings_program {
	size_t size;
	const char *program;     /* "reed" */
	const char *command;     /* "chat"; may be NULL */
	const char *version;     /* NULL: that of Reed */
	const char *about;       /* one sentence */
	const char *arguments;   /* "[FILE]..."; NULL: it takes none */
	const char *environment; /* "REED_CHAT"; NULL: made of program and command */
	const struct reed_settings_part *parts;
	size_t part_count;
	const struct reed_settings_verb *verbs; /* ends with an empty one; NULL: it has none */
	const char *more; /* for --help and the manual page; a line is a paragraph; may be NULL */
};

#define REED_SETTINGS_PROGRAM(...)                                        \
	{                                                                 \
		.size = sizeof(struct reed_settings_program), __VA_ARGS__ \
	}

struct reed_settings;

/* All defaults.  The program has to outlive the settings. */
REED_API struct reed_settings *reed_settings_new(const struct reed_settings_program *program);

/* Wipes the secrets.  May be NULL. */
REED_API void reed_settings_free(struct reed_settings *self);

/* The struct of a part, or of the first part that has this schema; good as long as the settings. */
REED_API const void *reed_settings_part(const struct reed_settings *self, size_t part);
REED_API const void *reed_settings_of(const struct reed_settings *self,
                                      const struct reed_schema *schema);

/* The text of a file; name is for people.  Of several files the later wins. */
REED_API enum reed_err reed_settings_parse(struct reed_settings *self, const char *name,
                                           struct reed_slice text);

/* Reads a file and parses it; relative paths in it begin at its folder. */
REED_API enum reed_err reed_settings_load(struct reed_settings *self, const char *path);

/*
 * NAME=VALUE strings that end with NULL, which have to outlive the settings:
 * secrets are looked up there too.  A list is "a, b" or YAML in brackets.
 */
REED_API enum reed_err reed_settings_environment(struct reed_settings *self,
                                                 char *const *environment);

/*
 * argv[1] and on.  --key VALUE, --key=VALUE, --no-key for a bool or an empty
 * list, -k VALUE; a list takes its flag many times; "--" ends the flags.
 * Secrets are taken as file:PATH, env:NAME or credential:NAME only.
 */
REED_API enum reed_err reed_settings_flags(struct reed_settings *self, int argc, char *const *argv);

/*
 * For a program that is about to run with them, after that: looks at what the
 * values name on this machine, such as certificates.  Blocks.  A process that
 * is running already may be allowed less than the one that will be started with
 * them: to it what it must not look at (REED_EACCES, REED_EPERM) is no problem.
 */
REED_API enum reed_err reed_settings_probe(struct reed_settings *self, bool running);

/* What was no flag; good as long as the settings. */
REED_API struct reed_texts reed_settings_arguments(const struct reed_settings *self);

/* When everything is read: gets the secrets, asks for what is required, and the schemas' checks. */
REED_API enum reed_err reed_settings_finish(struct reed_settings *self);

/* Reads files instead of the system's; NULL for that again. */
struct reed_settings_reader {
	/* Up to limit bytes: REED_ETOOBIG, REED_ENOENT, ... */
	enum reed_err (*read)(struct reed_settings_reader *self, const char *path, size_t limit,
	                      struct reed_buf *out);
};
REED_API void reed_settings_read_with(struct reed_settings *self,
                                      struct reed_settings_reader *reader);

/* Lines without newline; NULL from the last on. */
REED_API const char *reed_settings_problem(const struct reed_settings *self, size_t i);

/* All of them, a line each, and how many more there were. */
REED_API void reed_settings_problems(const struct reed_settings *self, struct reed_buf *out);

/* The same for what works, but not much longer: keys that have another name now. */
REED_API const char *reed_settings_warning(const struct reed_settings *self, size_t i);

/*
 * Where a value comes from: "chat.yaml:4:3", "--limits-sendq", a name in the
 * environment, or "default".  The key may lead into lists: "irc[1]",
 * "operators[0].password".  NULL: there is no such key, item or member.
 */
REED_API const char *reed_settings_origin(const struct reed_settings *self, const char *key);
REED_API const char *reed_settings_origin_of(const struct reed_settings *self, const void *member);

/*
 * A problem found later, such as a port that is taken: told like the others,
 * with the place the value comes from.  member points into the values.
 */
REED_API void reed_settings_reject(struct reed_settings *self, const void *member,
                                   const char *format, ...) REED_PRINTF(3, 4);

struct reed_settings_change {
	const struct reed_settings_change *next;
	const char *key;
	enum reed_setting_reload reload;
	const char *before, *after; /* as YAML in one line; secrets are masked */
};

/*
 * What differs between two settings of the same program; NULL when nothing
 * does.  The changes are in the pool; REED_ETOOBIG when they do not fit.
 */
REED_API enum reed_err reed_settings_diff(const struct reed_settings *before,
                                          const struct reed_settings *after, struct reed_pool *pool,
                                          const struct reed_settings_change **changes);

/* The values in force as a settings file, with their origins; secrets are masked. */
REED_API void reed_settings_print(const struct reed_settings *self, struct reed_buf *out);

/* A settings file with every setting explained and its default commented out. */
REED_API void reed_settings_example(const struct reed_settings *self, struct reed_buf *out);

/* What --help says, in 80 columns; all: the rare settings too. */
REED_API void reed_settings_help(const struct reed_settings *self, bool all, struct reed_buf *out);

/* A manual page in mdoc(7).  date is for its foot, e.g. "March 1, 2027"; NULL: none. */
REED_API void reed_settings_man(const struct reed_settings *self, const char *date,
                                struct reed_buf *out);

/* That of its settings file, for section 5. */
REED_API void reed_settings_man_file(const struct reed_settings *self, const char *date,
                                     struct reed_buf *out);

enum reed_shell { REED_SHELL_BASH, REED_SHELL_ZSH, REED_SHELL_FISH };

/*
 * Completions of a program for a shell: of one settings without a command, or
 * of one for each command; then the first may be without, and have what stands
 * in front of a command.
 */
REED_API void reed_settings_complete(enum reed_shell shell,
                                     const struct reed_settings *const *commands, size_t count,
                                     struct reed_buf *out);

/*
 * For the .check of an ENDPOINT: one that is listened on, or dialled, for
 * streams.  The third is what they are made of.  An ENDPOINT without a check
 * has to be good for something.
 */
REED_API bool reed_setting_listens(const char *text, struct reed_buf *why);
REED_API bool reed_setting_dials(const char *text, struct reed_buf *why);
REED_API bool reed_setting_endpoint(const char *text, enum reed_endpoint_use use,
                                    struct reed_buf *why);

/* For the .probe of a PATH: certificate and key of a server in PEM, or a folder of such files. */
REED_API enum reed_err reed_setting_certificate(const char *path, struct reed_fault **fault);

/* For the .probe of a STRING: a user, or group, of this machine, by name or number. */
REED_API enum reed_err reed_setting_user(const char *user, struct reed_fault **fault);
REED_API enum reed_err reed_setting_group(const char *group, struct reed_fault **fault);

/* The flags that every program has; its parts hold reed_general_schema. */
struct reed_general {
	const char *config; /* NULL: no settings file */
	bool check, help, help_all, version;
	bool print_settings, print_example, print_man, print_man_file;
	int print_completions; /* enum reed_shell, when somebody gave it */
};
REED_API extern const struct reed_schema reed_general_schema;

/* The same struct, with what a program without a settings file has of it. */
REED_API extern const struct reed_schema reed_tool_schema;

/*
 * For the main() of a tool, whose parts hold reed_tool_schema: reads its flags,
 * shows what they ask for and tells what is wrong, also with a verb that there
 * is none of.  NULL: that is all, and main() should return *code.
 */
REED_API struct reed_settings *reed_tool_settings(const struct reed_settings_program *tool,
                                                  int argc, char *const *argv, int *code);

/* Flags, then the file they or the environment name, the environment, and the end of it. */
REED_API enum reed_err reed_settings_gather(struct reed_settings *self, int argc, char *const *argv,
                                            char *const *environment);

/*
 * True when the general flags asked for a text, which is in out, and not for a
 * run: main() prints it and ends.  Ask before you look at the problems.
 */
REED_API bool reed_settings_answer(const struct reed_settings *self, struct reed_buf *out);

REED_END_DECLS

#endif
