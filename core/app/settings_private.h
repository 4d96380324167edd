/*
 * What the files of settings share.
 *
 *	source text -> nodes -> slots -> the module's struct
 *
 * A file (settings_yaml.c), the environment and flags (settings_flags.c) all
 * become nodes; settings_assign.c puts nodes into slots.  A slot is a setting
 * of this program: its full key, where its value lies, where that came from.
 */

#ifndef REED_SETTINGS_PRIVATE_H
#define REED_SETTINGS_PRIVATE_H

#include "reed/alloc.h"
#include "reed/list.h"
#include "reed/settings.h"

enum layer { LAYER_DEFAULT, LAYER_FILE, LAYER_ENVIRONMENT, LAYER_FLAG };

/* Where a piece of text that is being read comes from. */
struct source {
	enum layer layer;
	const char *name;         /* file, variable or flag */
	unsigned serial;          /* no two sources have the same */
	struct reed_slice folder; /* that relative paths begin at; with its '/' */
};

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

/* A tree as it was written.  In a map every child has a key. */
struct node {
	enum node_kind kind;
	bool plain;            /* a scalar without quotes */
	bool again;            /* a key that was there before, which is told already */
	unsigned line, column; /* from 1; 0 when there is none */
	struct reed_slice text;
	struct node *key, *next, *first, *last;
	size_t count;
};

struct origin {
	enum layer layer;
	unsigned source;
	const char *text;
};

struct table;

/* An item of a list, a map or of records. */
struct item {
	const char *origin;
	struct table *record; /* NULL unless it is one */
};

struct slot {
	struct reed_setting setting;
	const char *key;      /* in full, "chat.limits.sendq"; in a record without it */
	const char *flag;     /* without "--"; NULL: none */
	const char *variable; /* NULL: none */
	const char *old_key, *old_flag, *old_variable; /* NULL: none */
	char *values;                                  /* the struct that holds the value */
	struct origin origin;
	bool given;         /* somewhere, right or wrong */
	unsigned seen_line; /* in the file that is being read; 0: not there */
	struct item *items;
	size_t count;
};

/* The slots of a program, or of one record. */
struct table {
	struct slot *slots;
	size_t count;
	const char *name; /* "operators[0]" of a record, else "" */
};

enum secret_kind { SECRET_LITERAL, SECRET_FILE, SECRET_VARIABLE, SECRET_CREDENTIAL };

/* A secret, or the place it is to be found at when everything is read. */
struct secret {
	struct reed_list link;
	const struct slot *owner; /* in the table of the program */
	unsigned source;
	enum secret_kind kind;
	const char **member;      /* what is to point to text */
	const char *name;         /* of the file, variable, credential */
	const char *key, *origin; /* for an error */
	char *text;               /* owned; NULL before it was found */
};

struct lines {
	const char *line[REED_SETTINGS_PROBLEMS];
	size_t count; /* of all, also those that are not kept */
};

struct reed_settings {
	struct reed_setting_judge judge;
	const struct reed_settings_program *program;
	struct reed_settings_reader *reader; /* NULL: the system's files */
	char *const *environment;            /* may be NULL */
	const char *variables;               /* what theirs begin with: "REED_CHAT_" */
	unsigned sources;                    /* that there have been */
	struct reed_pool pool;               /* without a limit; what is read has one */
	struct table table;
	void **parts; /* their values */
	struct reed_list secrets;
	const char *file; /* that was read last, for what is missing in it */
	struct reed_texts arguments;
	struct lines problems, warnings;
};

/* settings.c */
void *reed_settings_keep(struct reed_pool *pool, size_t size);
char *reed_settings_keep_text(struct reed_pool *pool, struct reed_slice s);
const char *reed_settings_concat(struct reed_pool *pool, struct reed_slice a, struct reed_slice b);
char *reed_settings_keepf(struct reed_pool *pool, const char *format, ...) REED_PRINTF(2, 3);

/* settings_schema.c */
struct reed_setting reed_schema_at(const struct reed_schema *schema, size_t i);
void reed_schema_check(struct reed_settings *self);

/* settings_table.c */
void reed_settings_table_build(struct reed_settings *self);
struct table *reed_settings_table_record(struct reed_pool *pool, const struct reed_schema *schema,
                                         char *values);
struct slot *reed_settings_table_find(const struct table *table, struct reed_slice key);
struct slot *reed_settings_table_find_old(const struct table *table, struct reed_slice key);
bool reed_key_in_group(const char *key, struct reed_slice group);
bool reed_settings_table_has_group(const struct table *table, struct reed_slice group);
struct reed_slice reed_settings_table_join(struct reed_pool *pool, struct reed_slice group,
                                           struct reed_slice word);
struct reed_slice reed_slot_word(const struct slot *slot, struct reed_slice group);

/* For whom the n-th word stands that is no flag, from 1; NULL: for nobody. */
const struct slot *reed_slot_at(const struct reed_settings *self, unsigned place);

const struct slot *reed_slot_group(const struct table *table, const struct slot *slot);

static inline bool reed_slot_from(const struct slot *slot, unsigned from)
{
	return slot->setting.from == 0 || (slot->setting.from & from) != 0;
}

/* A flag or variable says for itself which setting it is; not so what stands inside it. */
static inline bool reed_layer_names(enum layer layer, const struct table *table)
{
	return (layer == LAYER_FLAG || layer == LAYER_ENVIRONMENT) && !*table->name;
}

/* settings_problem.c */
void reed_settings_problem_add(struct reed_settings *self, const char *origin, const char *key,
                               const char *format, va_list args) REED_PRINTF(4, 0);
void reed_settings_problem_at(struct reed_settings *self, const char *origin, const char *key,
                              const char *format, ...) REED_PRINTF(4, 5);
void reed_settings_warn_renamed(struct reed_settings *self, const char *origin, const char *before,
                                const char *now);
void reed_settings_problem_missing(struct reed_settings *self, const struct slot *slot,
                                   const char *origin);
const char *reed_source_place(struct reed_pool *pool, const struct source *source, unsigned line,
                              unsigned column);
void reed_settings_make_visible(char *text);
void reed_settings_show(struct reed_buf *out, struct reed_slice text);
void reed_settings_quote(struct reed_buf *out, struct reed_slice text);

static inline enum reed_err reed_settings_state(const struct reed_settings *self)
{
	return self->problems.count ? REED_ESYNTAX : REED_OK;
}

/* settings_suggest.c: a word that was not known, and the best of those it was held against */
struct likeness {
	struct reed_slice word, best;
	size_t distance; /* a better one is nearer than that */
};
void reed_likeness_init(struct likeness *self, struct reed_slice word);
void reed_likeness_try(struct likeness *self, struct reed_slice candidate);
void reed_settings_table_suggest(const struct table *table, struct reed_slice group,
                                 struct reed_slice word, struct reed_buf *out);

/* settings_types.c: text to value and back; why gets what follows the key in an error */
bool reed_setting_limits_are_good(const struct reed_setting *s);
bool reed_setting_is_text(const struct reed_setting *s);
enum reed_err reed_setting_duration(struct reed_slice text, int64_t *ns);
void reed_setting_write_placeholder(const struct reed_setting *s, struct reed_buf *out);
void reed_setting_wanted(const struct reed_setting *s, struct reed_buf *out);
void reed_setting_range(const struct reed_setting *s, const char *of, struct reed_buf *out);
void reed_setting_describe(const struct reed_setting *s, struct reed_buf *out);
bool reed_setting_number(const struct reed_setting *s, struct reed_slice text, int64_t *value,
                         struct reed_buf *why);
bool reed_setting_text(const struct reed_setting *s, struct reed_slice text, struct reed_buf *why);
void reed_setting_format(const struct reed_setting *s, int64_t value, struct reed_buf *out);
void reed_setting_put(const struct reed_setting *s, void *at, int64_t value);
int64_t reed_setting_get(const struct reed_setting *s, const void *at);

/* settings_yaml.c: NULL when there was an error, which is told already */
struct node *reed_yaml_read(struct reed_settings *self, const struct source *source,
                            struct reed_pool *pool, struct reed_slice text);

/* settings_node.c: the same */
struct node *reed_node_new(struct reed_pool *pool, enum node_kind kind, struct reed_slice text);
void reed_node_add(struct node *parent, struct node *key, struct node *child);
struct node *reed_node_container(struct reed_pool *pool, const struct reed_setting *s);
bool reed_node_add_text(struct reed_settings *self, const struct source *source,
                        struct reed_pool *pool, const struct reed_setting *s,
                        struct node *container, struct reed_slice text);
struct node *reed_node_of_text(struct reed_settings *self, const struct source *source,
                               struct reed_pool *pool, const struct reed_setting *s,
                               struct reed_slice text);

static inline bool reed_node_is_null(const struct node *node)
{
	return node->kind == NODE_SCALAR && node->plain &&
	       (node->text.n == 0 || reed_slice_is(node->text, "~") ||
	        reed_slice_is_nocase(node->text, "null"));
}

/* settings_assign.c */
void reed_settings_apply(struct reed_settings *self, const struct source *source,
                         struct reed_pool *scratch, const struct node *map);
void reed_settings_assign(struct reed_settings *self, const struct source *source,
                          struct reed_pool *scratch, struct slot *slot, const struct node *node);
void reed_settings_preset(struct reed_settings *self, const struct table *table, struct slot *slot);
/* Each text among its values that is not empty, with its setting: of a list, a map, a record. */
typedef void reed_text_fn(void *arg, const struct reed_setting *s, const char *text);
void reed_slot_texts(const struct slot *slot, reed_text_fn *told, void *arg);

size_t reed_slot_item_size(const struct slot *slot);

/* settings_secret.c; what is wrong, or NULL */
const char *reed_secret_set(struct reed_settings *self, const struct source *source,
                            const struct slot *owner, const struct node *node, const char *key,
                            const char **member);
void reed_secrets_forget(struct reed_settings *self, const struct slot *owner);
void reed_secrets_get(struct reed_settings *self);
void reed_secrets_finish(struct reed_settings *self);
const struct secret *reed_secret_of(const struct reed_settings *self, const char *const *member);

/* settings_load.c */
enum reed_err reed_settings_read(struct reed_settings *self, const char *path, size_t limit,
                                 struct reed_buf *out);
const char *reed_settings_variable(const struct reed_settings *self, const char *name);

/* settings_origin.c */
enum { NO_INDEX = -1 };
struct found {
	const struct table *table;
	const struct slot *slot; /* NULL: nothing was found */
	ptrdiff_t index;
	const char *origin;
};
struct found reed_settings_find_member(const struct reed_settings *self, const void *member);
const char *reed_slot_path(struct reed_pool *pool, const struct table *table,
                           const struct slot *slot, ptrdiff_t index);

/* settings_write.c: values as YAML */
uint32_t reed_utf8_take(struct reed_slice *text);
bool reed_yaml_is_printable(uint32_t c);
enum secrets_shown { SECRETS_MASKED, SECRETS_REVEALED };
void reed_yaml_write(struct reed_buf *out, struct reed_slice text);
void reed_slot_write(const struct reed_settings *self, const struct slot *slot,
                     enum secrets_shown secrets, struct reed_buf *out);
void reed_slot_write_item(const struct reed_settings *self, const struct slot *slot, size_t i,
                          enum secrets_shown secrets, struct reed_buf *out);
bool reed_slot_is_unset(const struct slot *slot);
void reed_setting_write_preset(const struct reed_setting *s, struct reed_buf *out);

/* settings_help.c: fills lines of 80 columns; each begins with begin, the first has column already */
void reed_text_wrap(struct reed_buf *out, const char *begin, size_t column, struct reed_slice text);

#endif
