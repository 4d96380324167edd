/*
 * CGI: requests that programs answer, one process each.
 *
 *	options.root = "/srv/cgi-bin";
 *	reed_http_cgi_new(loop, &options, &cgi, &fault);
 *	reed_http_cgi_answer(cgi, request, REED_STR("/cgi-bin"), rest_of_the_path);
 *
 * The first segment of a path names the program, a file in the folder; what
 * follows is PATH_INFO.  With endings it is the first segment that has one of them, in
 * whatever folder below.  It starts in that folder with the variables of RFC 3875
 * 4.1, a PATH, what the options give it, and nothing else of our environment; the
 * query is never its command line.  Names that begin with a dot are nobody's.
 *
 * Bodies stream both ways with back-pressure.  What it says on its standard error
 * goes to the log, 64 KiB of it.  It is a process group of its own: when the client
 * goes, or its time is over, all of the group is asked to end, and made to a second
 * later; what it leaves behind when it ends by itself is ended too.
 *
 * No such file: 404; it must not be run: 403; it failed, or said no head: 502; too
 * many at a time: 503; it said nothing in time: 504; a body whose length is not
 * told: 411.  A Location without a Status sends the client there, also when it is
 * a path of ours.
 *
 * Source: RFC 3875 (CGI/1.1).
 */

#ifndef REED_HTTP_CGI_H
#define REED_HTTP_CGI_H

#include "reed/http/request.h"

REED_BEGIN_DECLS

struct reed_http_cgi;

struct reed_http_cgi_options {
	size_t size;      /* of this struct */
	const char *root; /* the folder, from the root on */
	/* More of its environment, "NAME=VALUE", with NULL at the end; may be NULL. */
	const char *const *env;
	uint64_t body;       /* bytes of a request's; 0: 64 MiB */
	uint32_t most;       /* processes at a time; 0: 16 */
	uint32_t first_ms;   /* from the end of a request to the head of its answer; 0: 60 s */
	uint32_t silent_ms;  /* between pieces, and in which nothing is taken; 0: 60 s */
	uint32_t total_ms;   /* of one process; 0: 5 min */
	const char *endings; /* of names of programs, "cgi, py"; NULL: whatever they are */
};

#define REED_HTTP_CGI_OPTIONS                                \
	{                                                    \
		.size = sizeof(struct reed_http_cgi_options) \
	}

/* options are copied, with their strings.  REED_EINVAL: no such root. */
REED_API enum reed_err reed_http_cgi_new(struct reed_loop *loop,
                                         const struct reed_http_cgi_options *options,
                                         struct reed_http_cgi **cgi, struct reed_fault **fault);

/* No request is under way.  May be NULL. */
REED_API void reed_http_cgi_free(struct reed_http_cgi *cgi);

/* Would a path lead to a program, if it is there?  What does not may be a file to be served. */
REED_API bool reed_http_cgi_has(const struct reed_http_cgi *cgi, struct reed_slice path);

/*
 * path is decoded and begins with a slash; mount is what stood before it, without
 * a slash at its end: "", "/cgi-bin".  Both are copied.
 */
REED_API struct reed_future *reed_http_cgi_answer(struct reed_http_cgi *cgi,
                                                  struct reed_http_request *request,
                                                  struct reed_slice mount, struct reed_slice path);

/* The same as a handler, for the request's path; arg is the cgi. */
REED_API struct reed_future *reed_http_cgi_handler(void *cgi, struct reed_http_request *request);

REED_END_DECLS

#endif
