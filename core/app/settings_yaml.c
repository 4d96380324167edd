/*
 * YAML: the bytes of a file become nodes.
 *
 * libyaml splits them into events; what it takes and a settings file has no use
 * for is refused here: anchors, aliases, tags, several documents, keys that
 * are no words, more than so many levels.  Its own errors are told in words
 * for people who do not know how a scanner works.
 */

#include "settings_private.h"

#include <stdlib.h>
#include <yaml.h>

enum { NODES = 1 << 16 };

struct reader {
	struct reed_settings *self;
	const struct source *source;
	struct reed_pool *pool;
	struct reed_slice text;
	struct node *root;
	struct node *open[REED_SETTINGS_DEPTH];
	size_t depth, nodes, documents;
	struct node *key; /* read, its value is not */
};

static bool fail(struct reader *reader, yaml_mark_t at, const char *format, ...) REED_PRINTF(3, 4);

static bool fail(struct reader *reader, yaml_mark_t at, const char *format, ...)
{
	struct reed_settings *self = reader->self;
	va_list args;

	va_start(args, format);
	reed_settings_problem_add(self,
	                          reed_source_place(&self->pool, reader->source,
	                                            (unsigned)at.line + 1, (unsigned)at.column + 1),
	                          "", format, args);
	va_end(args);
	return false;
}

/* What libyaml says, what we say, and whether the place where it began tells more. */
static const struct {
	const char *problem, *sentence;
	bool at_context;
} sayings[] = {
	{ "mapping values are not allowed in this context",
	  "a \": \" cannot stand here; quote a text that has one, or mend the indentation", false },
	{ "could not find expected ':'", "a key without \": \"; write key: value", true },
	{ "did not find expected key",
	  "this fits no line above; what belongs together begins in one column", false },
	{ "did not find expected '-' indicator",
	  "this is no item of the list above; items begin with \"- \" in one column", false },
	{ "block sequence entries are not allowed in this context",
	  "an item of a list cannot stand here; begin the list on a line of its own", false },
	{ "did not find expected ',' or ']'", "a \"[\" without its \"]\", or a missing \",\"",
	  true },
	{ "did not find expected ',' or '}'", "a \"{\" without its \"}\", or a missing \",\"",
	  true },
	{ "found unexpected end of stream", "a quote that does not end", true },
	{ "found unexpected document indicator", "a quote that does not end", true },
	{ "found unknown escape character",
	  "an escape that there is not; double a \"\\\" or use single quotes", false },
	{ "did not find expected <document start>",
	  "this fits no line above; a file is one group of keys", false },
	{ "found character that cannot start any token",
	  "a text cannot begin with this character; quote the text", false },
};

static char byte_at(struct reed_slice text, yaml_mark_t at)
{
	struct reed_slice line = { 0 };

	for (size_t i = 0; i <= at.line; i++)
		line = reed_slice_cut(&text, '\n');
	return at.column < line.n ? line.p[at.column] : '\0';
}

static bool fail_scanner(struct reader *reader, const yaml_parser_t *parser)
{
	const char *problem = parser->problem ? parser->problem : "it cannot be read";

	if (strstr(problem, "a tab character") ||
	    byte_at(reader->text, parser->problem_mark) == '\t')
		return fail(reader, parser->problem_mark,
		            "a tab cannot indent or begin a text; write spaces");
	for (size_t i = 0; i < REED_COUNT(sayings); i++)
		if (!strcmp(problem, sayings[i].problem))
			return fail(reader,
			            sayings[i].at_context && parser->context ? parser->context_mark
			                                                     : parser->problem_mark,
			            "%s", sayings[i].sentence);
	return fail(reader, parser->problem_mark, "this is not YAML: %s", problem);
}

/* Puts a node where the last event left off. */
static bool place(struct reader *reader, struct node *node, yaml_mark_t at)
{
	struct node *parent = reader->depth ? reader->open[reader->depth - 1] : NULL;

	node->line = (unsigned)at.line + 1;
	node->column = (unsigned)at.column + 1;
	if (++reader->nodes > NODES)
		return fail(reader, at, "more than %d keys and values", NODES);
	if (!parent) {
		reader->root = node;
	} else if (parent->kind == NODE_MAP && !reader->key) {
		if (node->kind != NODE_SCALAR)
			return fail(reader, at, "a key has to be a word");
		reader->key = node;
	} else {
		reed_node_add(parent, reader->key, node);
		reader->key = NULL;
	}
	return true;
}

static bool open_node(struct reader *reader, enum node_kind kind, yaml_mark_t at)
{
	struct node *node = reed_node_new(reader->pool, kind, REED_STR(""));

	if (reader->depth == REED_SETTINGS_DEPTH)
		return fail(reader, at, "more than %d levels deep", REED_SETTINGS_DEPTH);
	if (!place(reader, node, at))
		return false;
	reader->open[reader->depth++] = node;
	return true;
}

static bool on_scalar(struct reader *reader, const yaml_event_t *event)
{
	struct reed_slice text = reed_slice(event->data.scalar.value, event->data.scalar.length);
	struct node *node = reed_node_new(reader->pool, NODE_SCALAR, REED_STR(""));

	node->text.p = reed_settings_keep_text(reader->pool, text);
	node->text.n = text.n;
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return place(reader, node, event->start_mark);
}

static int by_key(const void *a, const void *b)
{
	const struct node *x = *(const struct node *const *)a, *y = *(const struct node *const *)b;
	int way = reed_slice_cmp(x->key->text, y->key->text);

	if (way)
		return way;
	if (x->key->line != y->key->line)
		return x->key->line < y->key->line ? -1 : 1;
	return (x->key->column > y->key->column) - (x->key->column < y->key->column);
}

static void tell_twice(struct reader *reader, const struct node *first, struct node *again)
{
	yaml_mark_t at = { .line = again->line - 1, .column = again->column - 1 };
	struct reed_buf name = { 0 };

	again->again = true;
	reed_settings_show(&name, again->text);
	fail(reader, at, REED_FMT ": is here a second time; first in line %u",
	     REED_ARG(reed_buf_slice(&name)), first->line);
	reed_buf_finish(&name);
}

/* Sorted, so that a large map of names costs little. */
static void check_keys(struct reader *reader, const struct node *map)
{
	struct node **children = reed_alloc((map->count + 1) * sizeof(*children));
	size_t n = 0;

	for (struct node *child = map->first; child; child = child->next)
		children[n++] = child;
	qsort(children, n, sizeof(*children), by_key);
	for (size_t i = 1; i < n; i++)
		if (reed_slice_eq(children[i - 1]->key->text, children[i]->key->text))
			tell_twice(reader, children[i - 1]->key, children[i]->key);
	reed_free(children);
}

static bool close_node(struct reader *reader)
{
	const struct node *node = reader->open[--reader->depth];

	if (node->kind == NODE_MAP)
		check_keys(reader, node);
	return true;
}

static bool has_extras(struct reader *reader, const yaml_event_t *event)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	if (event->type == YAML_SCALAR_EVENT) {
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
	} else if (event->type == YAML_MAPPING_START_EVENT) {
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
	}
	if (anchor)
		return !fail(reader, event->start_mark,
		             "anchors (&name) are not taken; quote a text that begins with \"&\"");
	return tag && !fail(reader, event->start_mark,
	                    "tags (!name) are not taken; quote a text that begins with \"!\"");
}

static bool on_event(struct reader *reader, const yaml_event_t *event)
{
	if (has_extras(reader, event))
		return false;
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return fail(reader, event->start_mark,
		            "aliases (*name) are not taken; quote a text that begins with \"*\"");
	case YAML_SCALAR_EVENT:
		return on_scalar(reader, event);
	case YAML_SEQUENCE_START_EVENT:
		return open_node(reader, NODE_LIST, event->start_mark);
	case YAML_MAPPING_START_EVENT:
		return open_node(reader, NODE_MAP, event->start_mark);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_node(reader);
	case YAML_DOCUMENT_START_EVENT:
		return ++reader->documents == 1 ||
		       fail(reader, event->start_mark, "a second document; a file holds one");
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
	return true;
}

static bool read_events(struct reader *reader, yaml_parser_t *parser)
{
	yaml_event_t event;
	bool more = true, end = false;

	while (more && !end) {
		if (!yaml_parser_parse(parser, &event))
			return fail_scanner(reader, parser);
		end = event.type == YAML_STREAM_END_EVENT;
		more = on_event(reader, &event);
		yaml_event_delete(&event);
	}
	return more;
}

/* Bytes of the character at the beginning; 0 when it is not UTF-8. */
static size_t character(struct reed_slice s)
{
	for (size_t n = 1; n <= 4 && n <= s.n; n++)
		if (reed_slice_is_utf8(reed_slice_first(s, n)))
			return n;
	return 0;
}

/* libyaml tells less well of these, and would take UTF-16. */
static bool check_characters(struct reader *reader)
{
	struct reed_slice rest = reader->text;
	yaml_mark_t at = { 0 };

	while (rest.n > 0) {
		uint32_t c = (unsigned char)rest.p[0];

		if (character(rest) == 0)
			return fail(reader, at, "this byte (0x%02x) is not UTF-8", (unsigned)c);
		c = reed_utf8_take(&rest);
		if (!reed_yaml_is_printable(c) && c != '\t' && c != '\n' && c != '\r')
			return fail(reader, at,
			            "this character (U+%04X) cannot stand here as it is; "
			            "write \\u%04X in double quotes",
			            (unsigned)c, (unsigned)c);
		at.column = c == '\n' ? 0 : at.column + 1;
		at.line += c == '\n';
	}
	return true;
}

struct node *reed_yaml_read(struct reed_settings *self, const struct source *source,
                            struct reed_pool *pool, struct reed_slice text)
{
	struct reader reader = { .self = self, .source = source, .pool = pool, .text = text };
	yaml_parser_t parser;
	bool whole;

	if (reed_slice_starts(text, REED_STR("\xef\xbb\xbf")))
		reader.text = text = reed_slice_from(text, 3);
	if (!check_characters(&reader))
		return NULL;
	if (!yaml_parser_initialize(&parser)) {
		fail(&reader, (yaml_mark_t){ 0 }, "%s", reed_strerror(REED_ENOMEM));
		return NULL;
	}
	/* of itself it would count a byte order mark as a column */
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.n);
	whole = read_events(&reader, &parser);
	yaml_parser_delete(&parser);
	if (!whole)
		return NULL;
	return reader.root ? reader.root : reed_node_new(pool, NODE_MAP, REED_STR(""));
}
