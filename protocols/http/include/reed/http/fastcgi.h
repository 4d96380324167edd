/*
 * FastCGI: requests that programs answer, such as those of PHP.
 *
 *	options.endpoint = "unix:/run/php/php8.2-fpm.sock";
 *	options.root = "/srv/www";
 *	reed_http_fastcgi_new(loop, &options, &php, &fault);
 *
 * A path leads to the first of its segments that ends as the suffix says; what
 * follows is PATH_INFO.  Any other path is the index's, with REQUEST_URI as it was
 * asked for, as programs with routes of their own want it.  Files are not looked
 * at here: the other side has them, and answers 404.
 *
 * Bodies stream both ways.  What the program says on its standard error goes to the
 * log.  It failed, or spoke something else: 502; it is full: 503; it said nothing
 * in time: 504; a body whose length is not told: 411.  Names with an underscore,
 * which programs could not tell from others, and Proxy are not passed on.
 *
 * Sources: the FastCGI specification, version 1.0; RFC 3875 (CGI/1.1).
 */

#ifndef REED_HTTP_FASTCGI_H
#define REED_HTTP_FASTCGI_H

#include "reed/http/request.h"

REED_BEGIN_DECLS

struct reed_http_fastcgi;

struct reed_http_fastcgi_options {
	size_t size;          /* of this struct */
	const char *endpoint; /* which is dialled for each request */
	const char *root;     /* DOCUMENT_ROOT: the folder, as the other side knows it */
	const char *index;    /* NULL: index.php */
	const char *suffix;   /* of programs; NULL: .php */
	uint64_t body;        /* bytes of a request's; 0: 64 MiB */
	uint32_t connect_ms;  /* 0: 5 s */
	uint32_t first_ms;    /* from the end of a request to the head of its answer; 0: 60 s */
	uint32_t silent_ms;   /* between pieces, and in which nothing is taken; 0: 60 s */
};

#define REED_HTTP_FASTCGI_OPTIONS                                \
	{                                                        \
		.size = sizeof(struct reed_http_fastcgi_options) \
	}

/* options are copied, with their strings.  REED_EINVAL: no root; REED_ESYNTAX: the endpoint. */
REED_API enum reed_err reed_http_fastcgi_new(struct reed_loop *loop,
                                             const struct reed_http_fastcgi_options *options,
                                             struct reed_http_fastcgi **fastcgi,
                                             struct reed_fault **fault);

/* No request is under way.  May be NULL. */
REED_API void reed_http_fastcgi_free(struct reed_http_fastcgi *fastcgi);

/* path is decoded and begins with a slash; it is copied. */
REED_API struct reed_future *reed_http_fastcgi_answer(struct reed_http_fastcgi *fastcgi,
                                                      struct reed_http_request *request,
                                                      struct reed_slice path);

/* The same as a handler, for the request's path; arg is the fastcgi. */
REED_API struct reed_future *reed_http_fastcgi_handler(void *fastcgi,
                                                       struct reed_http_request *request);

REED_END_DECLS

#endif
