/* The tree of patterns, shared by the files of the router. */

#ifndef REED_HTTP_ROUTE_H
#define REED_HTTP_ROUTE_H

#include "private.h"

/* In the order in which they are tried. */
#define SEGMENT_TYPES(X) \
	X(INT, "int") X(UINT, "uint") X(HEX, "hex") X(WORD, "word") X(STR, "str") X(PATH, "path")

enum segment_type {
	SEGMENT_TEXT,
#define X(name, text) SEGMENT_##name,
	SEGMENT_TYPES(X)
#undef X
};

struct segment {
	enum segment_type type;
	struct reed_slice text; /* itself, or the name of a parameter */
};

struct route {
	struct route *next;
	enum reed_http_method method;
	char *method_name; /* "*": any */
	char *name;        /* for URLs; may be NULL */
	char *pattern;
	reed_http_handler_fn *handler;
	void *arg;
};

struct node {
	struct reed_http_router *router;
	enum segment_type type;
	char *text;
	struct node *next, *children;
	struct route *routes;
	struct reed_http_router *sub; /* everything from here on is its */
};

struct around {
	reed_http_handler_fn *fn;
	void *arg;
};

struct reed_http_router {
	struct node root;
	struct reed_http_router *parent;
	char *prefix; /* in the parent */
	struct around *arounds;
	unsigned around_count;
	reed_http_error_fn *error;
	void *error_arg;
};

/* What stands around a handler, and it. */
struct http_chain {
	unsigned count;
	struct around steps[];
};

/* The next segment of a pattern, which begins with a slash; *why is set when it is none. */
bool segment_next(struct reed_slice *pattern, struct segment *out, const char **why);

bool segment_accepts(enum segment_type type, struct reed_slice value);

#endif
