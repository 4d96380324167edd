/*
 * A setting: what a module says about each thing an operator may decide.
 *
 * A module has a plain struct and a constant table about its members.  Of the
 * table are made: the reading of the settings file, of the environment and of
 * flags, the check, --help, the manual page, completions, what a reload changed
 * (reed/settings.h).  Here are constants only, so a module needs no library
 * for them.
 *
 *	struct chat_settings {
 *		const char *name;
 *		struct { size_t sendq; int64_t idle; } limits;
 *		struct reed_texts irc;
 *	};
 *
 *	static const struct reed_setting table[] = {
 *		REED_SETTING(STRING, struct chat_settings, name, .preset = "localhost",
 *		             .help = "What the server calls itself."),
 *		REED_SETTING_GROUP("limits", .help = "How much one client may use."),
 *		REED_SETTING(SIZE, struct chat_settings, limits.sendq, .preset = "1M",
 *		             .least = "4K", .help = "How much may wait for a client to read it."),
 *		REED_SETTING_LIST(ENDPOINT, struct chat_settings, irc,
 *		                  .help = "Where IRC clients are awaited."),
 *	};
 *	const struct reed_schema chat_schema =
 *		REED_SCHEMA(struct chat_settings, table, .about = "A chat server.");
 *
 * The macros are C: they check the type of the member with _Generic.  All
 * memory the values point to belongs to the settings they were read into.
 */

#ifndef REED_SETTING_H
#define REED_SETTING_H

#include "reed/buf.h"

REED_BEGIN_DECLS

/*
 * What the member is, for one value and for a list of them (items):
 *
 *	BOOL      bool                            struct reed_numbers
 *	INT       an integer of 16 bits or more   struct reed_numbers
 *	SIZE      the same, in bytes              struct reed_numbers
 *	DURATION  int64_t, in ns                  struct reed_numbers
 *	ENUM      int or an enum: index in words  struct reed_numbers
 *	STRING    const char *                    struct reed_texts
 *	PATH      the same                        struct reed_texts
 *	SECRET    the same                        struct reed_texts
 *	ENDPOINT  the same                        struct reed_texts
 *	RECORD                                    struct { const RECORD *items; size_t n; }
 *
 * A text that nobody gave is NULL.  A relative path in a settings file begins
 * at the folder of that file.  A secret is never shown, and may be written as
 * {file: PATH}, {env: NAME} or {credential: NAME} (of $CREDENTIALS_DIRECTORY).
 */
enum reed_setting_type {
	REED_SETTING_GROUP, /* no value: a heading for the keys below */
	REED_SETTING_BOOL,
	REED_SETTING_INT,
	REED_SETTING_SIZE,     /* 4096, 512K, 10M, 1G, 1T */
	REED_SETTING_DURATION, /* 500ms, 30s, 5m, 1h30m, 7d */
	REED_SETTING_STRING,
	REED_SETTING_PATH,
	REED_SETTING_SECRET,
	REED_SETTING_ENUM,
	REED_SETTING_ENDPOINT,
	REED_SETTING_RECORD
};

enum reed_setting_shape {
	REED_SETTING_ONE,
	REED_SETTING_LIST,
	REED_SETTING_MAP /* names of 128 bytes at most to texts: struct reed_pairs */
};

enum reed_setting_reload {
	REED_SETTING_RESTART, /* a new value needs a restart */
	REED_SETTING_LIVE     /* the running program takes a new value */
};

/* Where a value may come from; nothing said is all of it. */
#define REED_FROM_FILE        1u
#define REED_FROM_ENVIRONMENT 2u
#define REED_FROM_FLAG        4u

struct reed_texts {
	const char *const *items;
	size_t n;
};

struct reed_numbers {
	const int64_t *items;
	size_t n;
};

struct reed_pair {
	const char *name, *value;
};

struct reed_pairs {
	const struct reed_pair *items;
	size_t n;
};

/*
 * True when text, which is one value or one item as it was written, will do.
 * Else a sentence is put into why that goes on after the value: "is no host
 * name; write one as in example.org", ", column 5: ..." or ": ...".
 */
typedef bool reed_setting_check_fn(const char *text, struct reed_buf *why);

/*
 * Looks at what text names on this machine, as a file, before a program runs
 * with it; blocks.  An error comes with a fault, whose sentence follows the
 * value: "/run/x.pem is no certificate".
 */
typedef enum reed_err reed_setting_probe_fn(const char *text, struct reed_fault **fault);

/* Made by the macros below; what they do not fill in is yours, by name. */
struct reed_setting {
	const char *member; /* the key, with '-' for '_', when there is no key */
	const char *key;    /* "limits.sendq"; may be NULL */
	enum reed_setting_type type;
	enum reed_setting_shape shape;
	size_t offset;            /* of the value, or of the items of a list */
	size_t count_offset;      /* of the number of items */
	int width;                /* bytes of an integer, negative when signed */
	unsigned from;            /* REED_FROM_..., 0: all */
	const char *preset;       /* the default, as in a variable: "1M", "a, b"; NULL: none, 0 */
	const char *least, *most; /* of numbers, as one would write them; of texts the length */
	const char *const *words; /* of an ENUM; ends with NULL */
	const struct reed_schema *record;
	const char *help;        /* one sentence */
	const char *placeholder; /* for help: "HOST"; NULL: by type */
	const char *flag;        /* without "--"; NULL: limits.sendq is --limits-sendq */
	const char *was;         /* a key it had before: taken, with a warning; may be NULL */
	char letter;             /* 'c' for -c; 0: none */
	enum reed_setting_reload reload;
	bool required;                /* somebody has to give it */
	bool rare;                    /* not in --help, in --help-all */
	bool hidden;                  /* in no help at all */
	reed_setting_check_fn *check; /* may be NULL */
	reed_setting_probe_fn *probe; /* may be NULL; an ENDPOINT has one without */
	unsigned place; /* among words that are no flags, from 1, which stand for it too; 0: none */
};

/* What a schema's check says no to.  member points into the values. */
struct reed_setting_judge {
	void (*reject)(struct reed_setting_judge *self, const void *member, const char *format, ...)
		REED_PRINTF(3, 4);
};

/* Called when every value for itself is right: do they fit together? */
typedef void reed_schema_check_fn(const void *values, struct reed_setting_judge *judge);

struct reed_schema {
	size_t size;         /* of this struct, so that it may grow */
	size_t setting_size; /* of struct reed_setting, for the same reason */
	const char *about;   /* one sentence */
	const struct reed_setting *settings;
	size_t count;
	size_t values_size;          /* of the struct that is filled in */
	reed_schema_check_fn *check; /* may be NULL */
};

/* The last argument is at least .about. */
#define REED_SCHEMA(STRUCT, TABLE, ...)                                                          \
	{                                                                                        \
		.size = sizeof(struct reed_schema), .setting_size = sizeof(struct reed_setting), \
		.settings = (TABLE), .count = REED_COUNT(TABLE), .values_size = sizeof(STRUCT),  \
		__VA_ARGS__                                                                      \
	}

/* One value.  The last argument is at least .help, here and below. */
#define REED_SETTING(TYPE, STRUCT, MEMBER, ...)                                      \
	{                                                                            \
		.member = #MEMBER, .type = REED_SETTING_##TYPE,                      \
		.offset = offsetof(STRUCT, MEMBER),                                  \
		.width = REED_SETTING_IS_##TYPE(&((STRUCT *)0)->MEMBER), __VA_ARGS__ \
	}

/* A list of values; the member has items and n, as struct reed_texts and reed_numbers. */
#define REED_SETTING_LIST(TYPE, STRUCT, MEMBER, ...)                                        \
	{                                                                                   \
		.member = #MEMBER, .type = REED_SETTING_##TYPE, .shape = REED_SETTING_LIST, \
		.offset = offsetof(STRUCT, MEMBER.items),                                   \
		.count_offset = REED_SETTING_COUNT(STRUCT, MEMBER),                         \
		.width = REED_SETTING_ARE_##TYPE(&((STRUCT *)0)->MEMBER.items), __VA_ARGS__ \
	}

/* Names and their texts: TYPE is STRING, PATH, SECRET or ENDPOINT. */
#define REED_SETTING_MAP(TYPE, STRUCT, MEMBER, ...)                                             \
	{                                                                                       \
		.member = #MEMBER, .type = REED_SETTING_##TYPE, .shape = REED_SETTING_MAP,      \
		.offset = offsetof(STRUCT, MEMBER.items),                                       \
		.count_offset = REED_SETTING_COUNT(STRUCT, MEMBER),                             \
		.width = REED_SETTING_ARE_TEXT_##TYPE +                                         \
		         _Generic(&((STRUCT *)0)->MEMBER.items, const struct reed_pair ** : 0), \
		__VA_ARGS__                                                                     \
	}

/*
 * A list of RECORD structs, each with the settings of SCHEMA; the member is
 * struct { const RECORD *items; size_t n; }.
 */
#define REED_SETTING_RECORDS(RECORD, SCHEMA, STRUCT, MEMBER, ...)                                 \
	{                                                                                         \
		.member = #MEMBER, .type = REED_SETTING_RECORD, .shape = REED_SETTING_LIST,       \
		.offset = offsetof(STRUCT, MEMBER.items),                                         \
		.count_offset = REED_SETTING_COUNT(STRUCT, MEMBER), .record = (SCHEMA),           \
		.width = _Generic(&((STRUCT *)0)->MEMBER.items, const RECORD ** : 0), __VA_ARGS__ \
	}

/* A heading for the keys that begin with KEY and a dot. */
#define REED_SETTING_GROUP(KEY, ...)                                  \
	{                                                             \
		.key = (KEY), .type = REED_SETTING_GROUP, __VA_ARGS__ \
	}

#define REED_SETTING_COUNT(STRUCT, MEMBER) \
	(offsetof(STRUCT, MEMBER.n) + _Generic(&((STRUCT *)0)->MEMBER.n, size_t * : 0))

/* What m, the address of a member, has to be; anything else does not compile. */
/* clang-format off */
#define REED_SETTING_IS_INTEGER(m)                                                      \
	((int)sizeof(*(m)) * _Generic((m), int *: -1, long *: -1, long long *: -1,      \
	                              unsigned short *: 1, unsigned *: 1,               \
	                              unsigned long *: 1, unsigned long long *: 1))
/* clang-format on */
#define REED_SETTING_IS_TEXT(m)     _Generic((m), const char ** : 0)
#define REED_SETTING_IS_BOOL(m)     _Generic((m), bool * : 0)
#define REED_SETTING_IS_INT(m)      REED_SETTING_IS_INTEGER(m)
#define REED_SETTING_IS_SIZE(m)     REED_SETTING_IS_INTEGER(m)
#define REED_SETTING_IS_DURATION(m) _Generic((m), int64_t * : -8)
#define REED_SETTING_IS_STRING(m)   REED_SETTING_IS_TEXT(m)
#define REED_SETTING_IS_PATH(m)     REED_SETTING_IS_TEXT(m)
#define REED_SETTING_IS_SECRET(m)   REED_SETTING_IS_TEXT(m)
#define REED_SETTING_IS_ENUM(m)     ((int)sizeof(*(m)) * _Generic((m), int * : -1, unsigned * : 1))
#define REED_SETTING_IS_ENDPOINT(m) REED_SETTING_IS_TEXT(m)

#define REED_SETTING_ARE_NUMBERS(m)  _Generic((m), const int64_t ** : -8)
#define REED_SETTING_ARE_TEXTS(m)    _Generic((m), const char *const ** : 0)
#define REED_SETTING_ARE_BOOL(m)     REED_SETTING_ARE_NUMBERS(m)
#define REED_SETTING_ARE_INT(m)      REED_SETTING_ARE_NUMBERS(m)
#define REED_SETTING_ARE_SIZE(m)     REED_SETTING_ARE_NUMBERS(m)
#define REED_SETTING_ARE_DURATION(m) REED_SETTING_ARE_NUMBERS(m)
#define REED_SETTING_ARE_STRING(m)   REED_SETTING_ARE_TEXTS(m)
#define REED_SETTING_ARE_PATH(m)     REED_SETTING_ARE_TEXTS(m)
#define REED_SETTING_ARE_SECRET(m)   REED_SETTING_ARE_TEXTS(m)
#define REED_SETTING_ARE_ENUM(m)     REED_SETTING_ARE_NUMBERS(m)
#define REED_SETTING_ARE_ENDPOINT(m) REED_SETTING_ARE_TEXTS(m)

#define REED_SETTING_ARE_TEXT_STRING   0
#define REED_SETTING_ARE_TEXT_PATH     0
#define REED_SETTING_ARE_TEXT_SECRET   0
#define REED_SETTING_ARE_TEXT_ENDPOINT 0

REED_END_DECLS

#endif
