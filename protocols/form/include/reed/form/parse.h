/*
 * Bodies of forms, bytes to fields, no I/O: application/x-www-form-urlencoded
 * (WHATWG URL 5) and multipart/form-data (RFC 7578, RFC 2046 5.1.1).
 *
 *	reed_form_parser_init(&p, content_type, NULL)
 *	while (!(err = reed_form_parse(&p, &in, over, &event)))
 *		...
 *
 * Nothing is held but what is left of the input; a value comes in pieces as
 * large as it was shown.  What two readers could take for two different forms
 * is refused, not repaired.
 *
 * A name of a file is what its user calls it: the last part of it, for people
 * to read.  It is nobody's path.
 */

#ifndef REED_FORM_PARSE_H
#define REED_FORM_PARSE_H

#include "reed/http/message.h"

REED_BEGIN_DECLS

/* Zero is the default. */
#define REED_FORM_LIMITS(X)                                                \
	X(fields, 1000, "fields of a form, files too")                     \
	X(files, 20, "files of a form")                                    \
	X(name, 256, "bytes of a name, decoded, or of that of a file")     \
	X(head, 4096, "bytes of the head of a part, and before the first") \
	X(value, 65536, "bytes of a value that is no file")                \
	X(values, 1048576, "bytes of all names and values of a form")      \
	X(file, 16777216, "bytes of one file")

struct reed_form_limits {
#define X(name, value, text) uint64_t name;
	REED_FORM_LIMITS(X)
#undef X
	uint64_t reserved[3];
};

/* The same with the defaults in place of zeros; limits may be NULL. */
REED_API struct reed_form_limits reed_form_limits(const struct reed_form_limits *limits);

enum { REED_FORM_BOUNDARY = 70, REED_FORM_PIECE = 1024 };

struct reed_form_event {
	enum {
		REED_FORM_FIELD, /* one begins */
		REED_FORM_BYTES, /* of its value */
		REED_FORM_DONE,  /* it is whole */
	} what;
	struct reed_slice name, filename, type; /* of FIELD, until the next call */
	bool file;                              /* has a file's name, if an empty one */
	struct reed_slice bytes;                /* in the input, or until the next call */
};

struct reed_form_parser {
	struct reed_form_limits limits;
	const char *why; /* it is refused, for people */
	bool multipart;
	int state;
	char delimiter[REED_FORM_BOUNDARY + 5]; /* CRLF and two hyphens in front */
	size_t delimiter_n;
	bool file;
	uint64_t fields, files, value, values, skipped;
	char piece[REED_FORM_PIECE]; /* decoded */
	char room[REED_FORM_PIECE];  /* names */
};

/* REED_ENOTSUP: no form of these kinds (415); REED_ESYNTAX: without a boundary that is one. */
REED_API enum reed_err reed_form_parser_init(struct reed_form_parser *self,
                                             struct reed_slice content_type,
                                             const struct reed_form_limits *limits);

/*
 * Takes from *in; over: nothing comes behind it.  REED_EAGAIN: what is left of
 * *in has to be shown again with more behind it; REED_EEOF: that was all;
 * REED_ESYNTAX, REED_ETOOBIG: refused, see why.
 */
REED_API enum reed_err reed_form_parse(struct reed_form_parser *self, struct reed_slice *in,
                                       bool over, struct reed_form_event *event);

/*
 * A parameter of a value such as "form-data; name=x": unquoted into room, of n
 * bytes.  REED_ENOENT: there is none; REED_ESYNTAX; REED_ETOOBIG.
 */
REED_API enum reed_err reed_form_parameter(struct reed_slice value, const char *name, char *room,
                                           size_t n, struct reed_slice *out);

REED_END_DECLS

#endif
