/*
 * Templates: pages with places that are filled in, parsed once, written as they
 * become known.
 *
 *	<ul r:if="rooms">
 *		<li r:repeat="rooms"><a href="/room/{{id}}">{{title}}</a></li>
 *	</ul>
 *	<r:include name="footer"/>
 *
 * {{name}} in text or an attribute, or the element r:slot name="...", is data:
 *
 *	<r:slot name="x">...</r:slot>   what stands in it when there is no x
 *	<r:block ...>...</r:block>      no element, only what is in it
 *	<r:include name="..."/>         another template
 *	r:if="x" r:unless="x"           of an element: it is there or not
 *	r:repeat="x"                    of an element: once for each item of a list, whose
 *	                                names go before those around it
 *	r:attr-title="x"                the attribute title, when there is an x
 *
 * Any of it may come later: a value may be a future, and so may the next item
 * of a list.  What stands before it has been written by then.
 *
 * Data cannot become markup.  It is escaped for where it stands, which is known
 * when the template is parsed: text, attributes, and those that are URLs, of
 * which only the schemes of a list pass; a URL of any other is written as
 * about:invalid.  Data in script, style, comments, and in attributes that hold
 * programs (on..., style, srcdoc, src of a script) is refused by the parser.
 *
 * Parsing is libxml2's; nothing is fetched, and entities are those of XML.
 * {{}} is how two braces are written.  Comments are left out.
 */

#ifndef REED_TEMPLATE_H
#define REED_TEMPLATE_H

#include "reed/http/request.h"

REED_BEGIN_DECLS

struct reed_template;
struct reed_template_data;
struct reed_template_list;

/* ---- templates ---- */

enum reed_template_form {
	REED_TEMPLATE_HTML,  /* written as XML, served as HTML: <br/> is <br> */
	REED_TEMPLATE_LOOSE, /* HTML as people write it; libxml2 mends what is open */
	REED_TEMPLATE_XML,   /* served as it is written */
};

struct reed_template_options {
	size_t size; /* of this struct */
	enum reed_template_form form;
	const char *schemes; /* of URLs that are data; NULL: "http https mailto tel" */
	size_t limit;        /* bytes of the text; 0: 1 MiB */
	/*
	 * What r:include means, which must outlive the one that is parsed; NULL:
	 * there is no such.  As it was parsed before, none includes itself.
	 */
	const struct reed_template *(*include)(void *arg, struct reed_slice name);
	void *arg;
};

#define REED_TEMPLATE_OPTIONS                                \
	{                                                    \
		.size = sizeof(struct reed_template_options) \
	}

/*
 * name is for errors: "room.html:12:3: ...", whose column counts characters from 1.
 * REED_ESYNTAX: not well-formed; REED_EACCES: data where it must not be;
 * REED_ENOENT: nothing to include by that name; REED_ETOOBIG.  options and fault
 * may be NULL; the fault is the caller's.
 */
REED_API enum reed_err reed_template_parse(const char *name, struct reed_slice text,
                                           const struct reed_template_options *options,
                                           struct reed_template **out, struct reed_fault **fault);

/* Nobody writes it.  May be NULL. */
REED_API void reed_template_free(struct reed_template *t);

/* ---- data ---- */

enum reed_template_kind {
	REED_TEMPLATE_NONE,  /* as if there were none of that name */
	REED_TEMPLATE_FLAG,  /* for r:if; r:attr-checked without a value */
	REED_TEMPLATE_TEXT,  /* UTF-8; what is not becomes U+FFFD */
	REED_TEMPLATE_ITEMS, /* for r:repeat; in r:if it is there */
	REED_TEMPLATE_PART,  /* a template in this one's text, with data of its own */
	REED_TEMPLATE_LATER, /* not known yet */
};

/* What it points to stays until the next value is asked for. */
struct reed_template_value {
	enum reed_template_kind kind;
	bool flag;
	struct reed_slice text;
	struct reed_template_list *items;
	const struct reed_template *part;
	struct reed_template_data *data; /* of the part; may be NULL */
	/* Writes value when it is delivered, or at once and returns NULL. */
	struct reed_future *(*later)(void *arg, struct reed_loop *loop,
	                             struct reed_template_value *value);
	void *arg;
};

struct reed_template_data {
	const struct reed_template_data_ops *ops;
};

struct reed_template_data_ops {
	/* REED_ENOENT: none of that name here; whoever is around is asked then. */
	enum reed_err (*get)(struct reed_template_data *self, struct reed_slice name,
	                     struct reed_template_value *value);
};

struct reed_template_list {
	const struct reed_template_list_ops *ops;
};

struct reed_template_list_ops {
	/*
	 * Writes the next item, which stays until the one after it, when the future
	 * is delivered, or at once and returns NULL.  An item of NULL is the end.
	 */
	struct reed_future *(*next)(struct reed_template_list *self, struct reed_loop *loop,
	                            struct reed_template_data **item);
	/* The last call of one that was begun.  May be NULL. */
	void (*end)(struct reed_template_list *self);
};

/* Data that is there already: a table.  Zeroed but for pairs and count, see reed_template_pairs(). */
struct reed_template_pair {
	const char *name;
	struct reed_template_value value;
};

struct reed_template_pairs {
	struct reed_template_data data;
	const struct reed_template_pair *pairs;
	size_t count;
};

/* Points to the table; returns the data of it. */
REED_API struct reed_template_data *reed_template_pairs(struct reed_template_pairs *self,
                                                        const struct reed_template_pair *pairs,
                                                        size_t count);

static inline struct reed_template_value reed_template_text(struct reed_slice text)
{
	struct reed_template_value value;

	memset(&value, 0, sizeof(value));
	value.kind = REED_TEMPLATE_TEXT;
	value.text = text;
	return value;
}

/* ---- writing ---- */

/* Where it goes.  */
struct reed_template_sink {
	const struct reed_template_sink_ops *ops;
};

struct reed_template_sink_ops {
	/* What is written before each suspension, and at the end; at most 16 KiB and one value. */
	void (*write)(struct reed_template_sink *self, struct reed_slice bytes);
	/* Settles when there may be more; NULL: now.  May be NULL. */
	struct reed_future *(*drain)(struct reed_template_sink *self);
};

/*
 * All three must outlive the future.  REED_ENOENT: a name nobody knows;
 * REED_EINVAL: a value that does not fit where it stands; REED_ETOOBIG: parts in
 * parts, 64 deep; and what a future of the data, or of the sink, fails with:
 * the fault says which place of the template that was.
 */
REED_API struct reed_future *reed_template_write(const struct reed_template *t,
                                                 struct reed_loop *loop,
                                                 struct reed_template_data *data,
                                                 struct reed_template_sink *sink);

/* The same as the answer to a request: 200, text/html or application/xml, streamed. */
REED_API struct reed_future *reed_template_respond(const struct reed_template *t,
                                                   struct reed_http_request *request,
                                                   struct reed_template_data *data);

/* The same into a buffer; REED_ETOOBIG: over its limit. */
REED_API struct reed_future *reed_template_print(const struct reed_template *t,
                                                 struct reed_loop *loop,
                                                 struct reed_template_data *data,
                                                 struct reed_buf *out);

REED_END_DECLS

#endif
