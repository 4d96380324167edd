/* One Set-Cookie field. */

#ifndef REED_HTTP_COOKIE_H
#define REED_HTTP_COOKIE_H

#include "reed/http/cookies.h"
#include "reed/list.h"

/* Slices are of the field; domain without its dot, empty without one; path too. */
struct http_cookie {
	struct reed_slice name, value, domain, path;
	bool persistent, secure, http_only, has_same_site;
	enum reed_http_same_site same_site;
	int64_t expires;
};

enum reed_err http_cookie_parse(struct reed_slice field, int64_t wall, struct http_cookie *cookie);

/* RFC 6265bis 5.1.4: of a request's path. */
struct reed_slice http_cookie_default_path(struct reed_slice path);

/* One in a jar. */
struct kept {
	struct reed_list link; /* the latest used last */
	char *name, *value, *domain, *path;
	int64_t expires, created;
	uint64_t order; /* of creation */
	bool persistent, host_only, secure, http_only, strict, lax;
};

struct reed_http_jar {
	struct reed_list cookies;
	size_t count;
	uint64_t order;
};

#endif
