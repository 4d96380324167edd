/*
 * A template as it is kept: a program of few instructions over one text.
 *
 * Everything static is escaped already.  A jump goes to the instruction of its
 * number.
 */

#ifndef REED_TEMPLATE_PRIVATE_H
#define REED_TEMPLATE_PRIVATE_H

#include "reed/alloc.h"
#include "reed/template.h"

/* Where data stands, and so how it is escaped. */
enum template_place {
	PLACE_TEXT,
	PLACE_ATTRIBUTE,
	PLACE_URL,      /* at its beginning: it brings the scheme, if there is any */
	PLACE_URL_PART, /* behind something: one component */
	PLACE_REFUSED,
};

enum template_verb {
	VERB_TEXT,    /* n bytes at text */
	VERB_DATA,    /* of the name */
	VERB_SLOT,    /* of the name, then jump; go on when there is none */
	VERB_ATTR,    /* n bytes at text, the data, a quote; nothing when there is none */
	VERB_IF,      /* jump when there is none */
	VERB_UNLESS,  /* jump when there is */
	VERB_REPEAT,  /* jump when there is nothing to repeat */
	VERB_NEXT,    /* jump at the end of the list */
	VERB_JUMP,    /* back to VERB_NEXT */
	VERB_INCLUDE, /* the part */
};

struct template_step {
	enum template_verb verb;
	enum template_place place;
	uint32_t text, n;
	uint32_t name, name_n; /* in text too */
	uint32_t jump;
	uint32_t line, column;
	const struct reed_template *part;
};

struct reed_template {
	char *name, *schemes;
	enum reed_template_form form;
	struct reed_buf text;
	struct template_step *steps;
	uint32_t count, room;
	struct template_set *set; /* that it was read with; NULL: by hand */
};

enum { TEMPLATE_LIMIT = 1 << 20 }; /* of the text, unless it is said */

/* ---- place.c ---- */

/* Of data in this attribute of this element; why tells of PLACE_REFUSED. */
enum template_place template_place_of(const char *element, const char *attribute, const char **why);

/* NULL: it holds markup.  Else why it may hold no data. */
const char *template_raw_element(const char *element);
/* Its text is not markup for a browser, so that it is not escaped. */
bool template_is_verbatim(const char *element);
bool template_is_void(const char *element);

/* The scheme of a URL, if it has any, is one of the list. */
bool template_url_passes(struct reed_slice url, const char *schemes);

/* ---- escape.c ---- */

void template_escape(struct reed_slice s, struct reed_buf *out);
void template_put(enum template_place place, const char *schemes, struct reed_slice s,
                  struct reed_buf *out);

/* ---- parse.c ---- */

/* What include() leaves in *cause, which may be NULL, is told as why there is none of that name. */
enum reed_err template_parse(const char *name, struct reed_slice text,
                             const struct reed_template_options *options,
                             struct reed_fault *const *cause, struct reed_template **out,
                             struct reed_fault **fault);

/* ---- set.c: whoever writes one that a loader has read keeps it ---- */

void template_hold(const struct reed_template *t);
void template_release(const struct reed_template *t);

/* ---- compile.c: instructions, as the parser sees what they are for ---- */

struct template_steps {
	struct reed_template *t;
	uint32_t line, column;    /* of what is being parsed */
	uint32_t fence;           /* somebody jumps there: text before it is not added to */
	struct reed_fault *fault; /* the first; where it stands is in the sentence */
};

#define template_refuse(self, err, ...) \
	template_refuse_at((self), (err), __FILE__, __LINE__, __VA_ARGS__)
void template_refuse_at(struct template_steps *self, enum reed_err err, const char *file, int line,
                        const char *format, ...) REED_PRINTF(5, 6);

void template_say(struct template_steps *self, struct reed_slice text);
/* Returns its number. */
uint32_t template_add(struct template_steps *self, enum template_verb verb, struct reed_slice name);
void template_land(struct template_steps *self, uint32_t step);

bool template_is_name(struct reed_slice s);

/*
 * Cuts a piece off text: false at its end.  name.p is NULL, and said what stands
 * there; or name is that of data.  REED_ESYNTAX is in the fault.
 */
bool template_piece(struct template_steps *self, struct reed_slice *rest, struct reed_slice *said,
                    struct reed_slice *name);

/* name="value", of this element. */
void template_attribute(struct template_steps *self, const char *element, const char *name,
                        struct reed_slice value);
/* r:attr-NAME="data". */
void template_optional(struct template_steps *self, const char *element, const char *name,
                       struct reed_slice data);

#endif
