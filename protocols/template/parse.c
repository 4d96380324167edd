/*
 * The parser's events, turned into instructions as they come: no tree is made.
 *
 * libxml2 names elements as they are written, r:slot, in both of its parsers.
 * Characters come in pieces, and are put together before anybody looks for data
 * in them.
 */

#include <libxml/HTMLparser.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "private.h"

enum { DEPTH = 256 };

static const uint32_t no_step = UINT32_MAX;

struct element {
	char *name;
	bool silent;     /* no tag is written */
	const char *raw; /* it, or one around it, takes no data: why */
	bool verbatim;
	uint32_t condition, repeat, next, slot; /* steps that jump behind it, or no_step */
};

struct parse {
	struct template_steps steps;
	const struct reed_template_options *options;
	struct reed_fault *const *cause; /* see template_parse(); may be NULL */
	struct reed_slice source;
	xmlParserCtxtPtr xml;
	struct element stack[DEPTH];
	unsigned depth;
	struct reed_buf chars;
	uint32_t chars_line, chars_column;
};

static struct element *top(struct parse *self)
{
	return self->depth ? &self->stack[self->depth - 1] : NULL;
}

/* ---- where it is ---- */

static void walk(uint32_t *line, uint32_t *column, struct reed_slice over)
{
	for (size_t i = 0; i < over.n; i++) {
		if (over.p[i] == '\n') {
			++*line;
			*column = 1;
		} else if (((unsigned char)over.p[i] & 0xc0) != 0x80) {
			++*column;
		}
	}
}

static size_t offset(struct parse *self)
{
	long n = xmlByteConsumed(self->xml);

	return n < 0 || (size_t)n > self->source.n ? self->source.n : (size_t)n;
}

static void locate(struct parse *self, size_t at)
{
	self->steps.line = self->steps.column = 1;
	walk(&self->steps.line, &self->steps.column, reed_slice_first(self->source, at));
}

/* The parser has read a tag, of which it tells now. */
static void locate_tag(struct parse *self)
{
	size_t at = offset(self);

	while (at > 0 && (at == self->source.n || self->source.p[at] != '<'))
		at--;
	locate(self, at);
}

/* ---- text ---- */

static void say_text(struct parse *self, struct reed_slice said)
{
	struct reed_buf out = { .limit = 0 };

	template_escape(said, &out);
	template_say(&self->steps, reed_buf_slice(&out));
	reed_buf_finish(&out);
}

static void check_verbatim(struct parse *self, struct reed_slice text)
{
	struct reed_slice name = reed_slice_of(top(self)->name);

	for (size_t i = 0; i + 2 + name.n <= text.n; i++)
		if (text.p[i] == '<' && text.p[i + 1] == '/' &&
		    reed_slice_eq_nocase(reed_slice(text.p + i + 2, name.n), name))
			template_refuse(&self->steps, REED_EACCES,
			                "</" REED_FMT " in it would be its end for a browser",
			                REED_ARG(name));
}

static void say_piece(struct parse *self, struct reed_slice said, struct reed_slice data)
{
	struct element *in = top(self);
	bool html = self->options->form != REED_TEMPLATE_XML;

	if (data.p && in && in->raw)
		template_refuse(&self->steps, REED_EACCES, "no data in %s: %s", in->name, in->raw);
	else if (data.p)
		template_add(&self->steps, VERB_DATA, data);
	else if (html && in && in->verbatim)
		template_say(&self->steps, said);
	else
		say_text(self, said);
}

/* Characters are at their end: something else has come. */
static void flush_chars(struct parse *self)
{
	struct reed_slice rest = reed_buf_slice(&self->chars), said, data;
	uint32_t line = self->steps.line, column = self->steps.column;

	if (rest.n == 0)
		return;
	self->steps.line = self->chars_line;
	self->steps.column = self->chars_column;
	if (top(self) && top(self)->verbatim)
		check_verbatim(self, rest);
	for (;;) {
		struct reed_slice before = rest;

		if (!template_piece(&self->steps, &rest, &said, &data))
			break;
		say_piece(self, said, data);
		walk(&self->steps.line, &self->steps.column,
		     reed_slice_first(before, before.n - rest.n));
	}
	reed_buf_clear(&self->chars);
	self->steps.line = line;
	self->steps.column = column;
}

static void on_chars(void *ctx, const xmlChar *text, int n)
{
	struct parse *self = ((xmlParserCtxtPtr)ctx)->_private;
	struct reed_slice s = reed_slice(text, (size_t)n);
	size_t at = offset(self);

	if (self->steps.fault)
		return;
	if (reed_buf_held(&self->chars) == 0) {
		if (at >= s.n && reed_slice_eq(reed_slice(self->source.p + at - s.n, s.n), s))
			at -= s.n; /* it stands behind what it tells of, or before */
		locate(self, at);
		self->chars_line = self->steps.line;
		self->chars_column = self->steps.column;
	}
	reed_buf_add(&self->chars, s);
}

/* ---- attributes ---- */

static struct reed_slice value_of(const xmlChar **atts, const char *name)
{
	for (; atts && atts[0]; atts += 2)
		if (strcmp((const char *)atts[0], name) == 0)
			return reed_slice_of((const char *)atts[1]);
	return reed_slice(NULL, 0);
}

/* Names with slashes between them. */
static bool is_path(struct reed_slice s)
{
	bool good = s.n > 0;

	while (good && s.n > 0)
		good = template_is_name(reed_slice_cut(&s, '/'));
	return good;
}

static struct reed_slice name_in(struct parse *self, const xmlChar **atts, const char *attribute,
                                 bool path)
{
	struct reed_slice name = value_of(atts, attribute);

	if (name.p && !(path ? is_path(name) : template_is_name(name)))
		template_refuse(&self->steps, REED_ESYNTAX,
		                "%s=\"" REED_FMT "\" is no %s: letters, digits, '_', '-' and '.'",
		                attribute, REED_ARG(reed_slice_first(name, 60)),
		                path ? "name or names with '/' between" : "name");
	return name;
}

static bool has_data(struct reed_slice value)
{
	return reed_slice_search(value, REED_STR("{{")) < value.n;
}

/* What a page does when it is told to go elsewhere is no place for data. */
static void check_meta(struct parse *self, const char *element, const xmlChar **atts)
{
	bool told = false, filled = false;

	if (!reed_slice_is_nocase(reed_slice_of(element), "meta"))
		return;
	for (; atts && atts[0]; atts += 2) {
		struct reed_slice name = reed_slice_of((const char *)atts[0]);

		told |= reed_slice_is_nocase(name, "http-equiv");
		filled |= reed_slice_is_nocase(name, "r:attr-content") ||
		          (reed_slice_is_nocase(name, "content") &&
		           has_data(reed_slice_of((const char *)atts[1])));
	}
	if (told && filled)
		template_refuse(&self->steps, REED_EACCES,
		                "no data in the attribute content of meta beside http-equiv: it "
		                "may name a page to go to");
}

static bool is_directive(struct reed_slice name)
{
	return reed_slice_is(name, "r:if") || reed_slice_is(name, "r:unless") ||
	       reed_slice_is(name, "r:repeat");
}

static void attribute(struct parse *self, const char *element, const xmlChar **att)
{
	struct reed_slice name = reed_slice_of((const char *)att[0]);
	struct reed_slice value = reed_slice_of((const char *)att[1]);
	struct element *in = top(self);

	if (in && in->raw && (has_data(value) || reed_slice_starts(name, REED_STR("r:attr-"))))
		template_refuse(&self->steps, REED_EACCES, "no data in %s: %s", in->name, in->raw);
	if (is_directive(name) || reed_slice_is(name, "xmlns:r"))
		return;
	if (reed_slice_starts(name, REED_STR("r:attr-")) && name.n > 7 && template_is_name(value))
		template_optional(&self->steps, element, name.p + 7, value);
	else if (reed_slice_starts(name, REED_STR("r:")))
		template_refuse(&self->steps, REED_ESYNTAX,
		                REED_FMT "=\"" REED_FMT "\" means nothing: there are r:if, "
		                         "r:unless, r:repeat and r:attr-..., each with a name",
		                REED_ARG(name), REED_ARG(reed_slice_first(value, 60)));
	else
		template_attribute(&self->steps, element, name.p, value);
}

/* ---- elements ---- */

/* What surrounds the element, so that it comes before its tag. */
static void begin_directives(struct parse *self, struct element *e, const xmlChar **atts)
{
	struct reed_slice yes = name_in(self, atts, "r:if", false),
			  no = name_in(self, atts, "r:unless", false);
	struct reed_slice items = name_in(self, atts, "r:repeat", false);

	if (yes.p && no.p)
		template_refuse(&self->steps, REED_ESYNTAX,
		                "r:if or r:unless, not both: put one on an r:block around it");
	if (e->raw && (yes.p || no.p || items.p) && self->depth > 0 && top(self)->raw)
		template_refuse(&self->steps, REED_EACCES, "no data in %s: %s", top(self)->name,
		                e->raw);
	e->condition = e->repeat = e->next = e->slot = no_step;
	if (yes.p || no.p)
		e->condition =
			template_add(&self->steps, yes.p ? VERB_IF : VERB_UNLESS, yes.p ? yes : no);
	if (!items.p)
		return;
	e->repeat = template_add(&self->steps, VERB_REPEAT, items);
	e->next = template_add(&self->steps, VERB_NEXT, items);
	self->steps.fence = self->steps.t->count;
}

static void refuse_include(struct parse *self, struct reed_slice name)
{
	const struct reed_fault *cause = self->cause ? *self->cause : NULL;

	name = reed_slice_first(name, 60);
	if (cause)
		template_refuse(&self->steps, cause->err, "\"" REED_FMT "\" cannot be included: %s",
		                REED_ARG(name), cause->sentence);
	else
		template_refuse(&self->steps, REED_ENOENT,
		                "there is no \"" REED_FMT "\" to include", REED_ARG(name));
}

static void include(struct parse *self, struct reed_slice name)
{
	const struct reed_template_options *o = self->options;
	const struct reed_template *part = o->include ? o->include(o->arg, name) : NULL;
	uint32_t step;

	if (!part) {
		refuse_include(self, name);
		return;
	}
	step = template_add(&self->steps, VERB_INCLUDE, name);
	self->steps.t->steps[step].part = part;
}

/* r:slot, r:include, r:block */
static void own_element(struct parse *self, struct element *e, const xmlChar **atts)
{
	bool includes = strcmp(e->name, "r:include") == 0;
	struct reed_slice name = name_in(self, atts, "name", includes);

	e->silent = true;
	if (e->raw)
		template_refuse(&self->steps, REED_EACCES, "no data in %s: %s",
		                self->depth ? top(self)->name : e->name, e->raw);
	for (const xmlChar **a = atts; a && a[0]; a += 2) {
		struct reed_slice n = reed_slice_of((const char *)a[0]);

		if (!is_directive(n) && !reed_slice_is(n, "name") && !reed_slice_is(n, "xmlns:r"))
			template_refuse(&self->steps, REED_ESYNTAX, "%s has no attribute " REED_FMT,
			                e->name, REED_ARG(n));
	}
	if (strcmp(e->name, "r:block") == 0)
		return;
	if (strcmp(e->name, "r:slot") != 0 && !includes)
		template_refuse(&self->steps, REED_ESYNTAX,
		                "there is no %s: r:slot, r:include and r:block are all", e->name);
	else if (!name.p)
		template_refuse(&self->steps, REED_ESYNTAX, "%s needs a name=\"...\"", e->name);
	else if (includes)
		include(self, name);
	else
		e->slot = template_add(&self->steps, VERB_SLOT, name);
}

static void open_tag(struct parse *self, struct element *e, const xmlChar **atts)
{
	template_say(&self->steps, REED_STR("<"));
	template_say(&self->steps, reed_slice_of(e->name));
	check_meta(self, e->name, atts);
	for (; atts && atts[0]; atts += 2)
		attribute(self, e->name, atts);
	template_say(&self->steps, REED_STR(">"));
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar **atts)
{
	struct parse *self = ((xmlParserCtxtPtr)ctx)->_private;
	struct element e = { .raw = template_raw_element((const char *)name) };

	flush_chars(self);
	locate_tag(self);
	if (self->depth == DEPTH)
		template_refuse(&self->steps, REED_ETOOBIG, "elements are more than %d deep",
		                DEPTH);
	if (self->steps.fault)
		return;
	if (top(self) && top(self)->raw)
		e.raw = top(self)->raw;
	e.verbatim = template_is_verbatim((const char *)name);
	e.name = reed_strdup((const char *)name);
	begin_directives(self, &e, atts);
	if (strncmp(e.name, "r:", 2) == 0)
		own_element(self, &e, atts);
	else
		open_tag(self, &e, atts);
	self->stack[self->depth++] = e;
}

static bool is_closed(const struct parse *self, const struct element *e)
{
	return !e->silent &&
	       (self->options->form == REED_TEMPLATE_XML || !template_is_void(e->name));
}

static void end_element(struct parse *self, struct element *e)
{
	uint32_t again;

	if (is_closed(self, e)) {
		template_say(&self->steps, REED_STR("</"));
		template_say(&self->steps, reed_slice_of(e->name));
		template_say(&self->steps, REED_STR(">"));
	}
	if (e->slot != no_step)
		template_land(&self->steps, e->slot);
	if (e->repeat != no_step) {
		again = template_add(&self->steps, VERB_JUMP, REED_STR(""));
		self->steps.t->steps[again].jump = e->next;
		template_land(&self->steps, e->repeat);
		template_land(&self->steps, e->next);
	}
	if (e->condition != no_step)
		template_land(&self->steps, e->condition);
	reed_free(e->name);
}

static void on_end(void *ctx, const xmlChar *name)
{
	struct parse *self = ((xmlParserCtxtPtr)ctx)->_private;

	(void)name;
	flush_chars(self);
	if (!self->steps.fault && self->depth > 0)
		end_element(self, &self->stack[--self->depth]);
}

/* ---- everything else ---- */

static void on_doctype(void *ctx, const xmlChar *name, const xmlChar *public_id,
                       const xmlChar *system_id)
{
	struct parse *self = ((xmlParserCtxtPtr)ctx)->_private;
	struct reed_buf out = { .limit = 0 };

	reed_buf_printf(&out, "<!DOCTYPE %s", (const char *)name);
	if (public_id)
		reed_buf_printf(&out, " PUBLIC \"%s\"", (const char *)public_id);
	else if (system_id)
		reed_buf_add_str(&out, " SYSTEM");
	if (system_id)
		reed_buf_printf(&out, " \"%s\"", (const char *)system_id);
	reed_buf_add_str(&out, ">\n");
	template_say(&self->steps, reed_buf_slice(&out));
	reed_buf_finish(&out);
}

static xmlEntityPtr on_get_entity(void *ctx, const xmlChar *name)
{
	(void)ctx;
	return xmlGetPredefinedEntity(name);
}

static void on_reference(void *ctx, const xmlChar *name)
{
	struct parse *self = ((xmlParserCtxtPtr)ctx)->_private;

	locate(self, offset(self));
	template_refuse(&self->steps, REED_ESYNTAX,
	                "nobody knows the entity &%s;: write the character itself",
	                (const char *)name);
}

static void on_entity(void *ctx, const xmlChar *name, int type, const xmlChar *public_id,
                      const xmlChar *system_id, xmlChar *content)
{
	struct parse *self = ((xmlParserCtxtPtr)ctx)->_private;

	(void)type;
	(void)public_id;
	(void)system_id;
	(void)content;
	locate(self, offset(self));
	template_refuse(&self->steps, REED_ESYNTAX, "entities, such as %s, are not made here",
	                (const char *)name);
}

static const xmlSAXHandler handler = {
	.internalSubset = on_doctype,
	.getEntity = on_get_entity,
	.entityDecl = on_entity,
	.reference = on_reference,
	.startElement = on_start,
	.endElement = on_end,
	.characters = on_chars,
	.ignorableWhitespace = on_chars,
	.cdataBlock = on_chars,
	.initialized = 1, /* and not XML_SAX2_MAGIC: names are to come as they are written */
};

static void parse_xml(struct parse *self)
{
	int options =
		XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_IGNORE_ENC;

	self->xml = xmlCreateMemoryParserCtxt(self->source.p, (int)self->source.n);
	if (!self->xml)
		return;
	*self->xml->sax = handler;
	self->xml->_private = self;
	xmlCtxtUseOptions(self->xml, options);
	xmlParseDocument(self->xml);
}

static void parse_html(struct parse *self)
{
	int options = HTML_PARSE_NONET | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
	              HTML_PARSE_IGNORE_ENC | HTML_PARSE_NOIMPLIED | HTML_PARSE_NODEFDTD;

	self->xml = htmlCreateMemoryParserCtxt(self->source.p, (int)self->source.n);
	if (!self->xml)
		return;
	*self->xml->sax = handler;
	self->xml->_private = self;
	htmlCtxtUseOptions(self->xml, options);
	xmlSwitchEncoding(self->xml, XML_CHAR_ENCODING_UTF8);
	htmlParseDocument(self->xml);
}

static void check_ending(struct parse *self)
{
	const xmlError *e = self->xml ? &self->xml->lastError : NULL;
	bool loose = self->options->form == REED_TEMPLATE_LOOSE;
	bool well = self->xml && (loose ? e->level < XML_ERR_FATAL : self->xml->wellFormed);

	if (self->steps.fault || well)
		return;
	self->steps.line = e && e->line > 0 ? (uint32_t)e->line : 1;
	self->steps.column = e && e->int2 > 0 ? (uint32_t)e->int2 : 1;
	template_refuse(&self->steps, REED_ESYNTAX, REED_FMT,
	                REED_ARG(reed_slice_trim(reed_slice_of(
				e && e->message ? e->message : "there is no element in it"))));
}

static void run(struct parse *self)
{
	if (self->options->form == REED_TEMPLATE_LOOSE)
		parse_html(self);
	else
		parse_xml(self);
	flush_chars(self);
	while (self->depth > 0 && !self->steps.fault)
		end_element(self, &self->stack[--self->depth]);
	check_ending(self);
	while (self->depth > 0)
		reed_free(self->stack[--self->depth].name);
	reed_buf_finish(&self->chars);
	if (self->xml && self->xml->myDoc)
		xmlFreeDoc(self->xml->myDoc);
	if (self->xml)
		xmlFreeParserCtxt(self->xml);
}

static struct reed_fault *check_source(const char *name, struct reed_slice text,
                                       const struct reed_template_options *o)
{
	size_t limit = o->limit ? o->limit : TEMPLATE_LIMIT;

	if (text.n > limit || text.n > INT32_MAX)
		return reed_fault(REED_ETOOBIG, NULL, "%s:1:1: %zu bytes are more than %zu", name,
		                  text.n, limit);
	if (!reed_slice_is_utf8(text))
		return reed_fault(REED_ESYNTAX, NULL, "%s:1:1: it is not UTF-8", name);
	return NULL;
}

enum reed_err template_parse(const char *name, struct reed_slice text,
                             const struct reed_template_options *options,
                             struct reed_fault *const *cause, struct reed_template **out,
                             struct reed_fault **fault)
{
	static const struct reed_template_options none = REED_TEMPLATE_OPTIONS;
	struct parse *self = reed_alloc(sizeof(*self));
	struct reed_template *t = reed_alloc(sizeof(*t));
	struct reed_fault *why;
	enum reed_err err;

	self->options = options ? options : &none;
	self->cause = cause;
	self->source = text;
	self->steps.t = t;
	t->name = reed_strdup(name);
	t->form = self->options->form;
	t->schemes = reed_strdup(self->options->schemes ? self->options->schemes
	                                                : "http https mailto tel");
	why = check_source(name, text, self->options);
	if (!why) {
		run(self);
		why = self->steps.fault;
	}
	reed_free(self);
	err = why ? why->err : REED_OK;
	*out = err ? NULL : t;
	if (err)
		reed_template_free(t);
	if (fault)
		*fault = why;
	else
		reed_fault_free(why);
	return err;
}

enum reed_err reed_template_parse(const char *name, struct reed_slice text,
                                  const struct reed_template_options *options,
                                  struct reed_template **out, struct reed_fault **fault)
{
	return template_parse(name, text, options, NULL, out, fault);
}

void reed_template_free(struct reed_template *t)
{
	if (!t)
		return;
	reed_free(t->name);
	reed_free(t->schemes);
	reed_free(t->steps);
	reed_buf_finish(&t->text);
	reed_free(t);
}
