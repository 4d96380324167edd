/* What programs behind a gateway are told of a request (RFC 3875 4.1). */

#ifndef REED_HTTP_GATEWAY_H
#define REED_HTTP_GATEWAY_H

#include "private.h"

struct gateway_script {
	const char *root;
	struct reed_slice name, info; /* SCRIPT_NAME with its slash; PATH_INFO */
};

/* Calls add for each variable; slices stay for the call. */
typedef void gateway_add_fn(void *arg, struct reed_slice name, struct reed_slice value);
void gateway_variables(struct reed_http_request *r, const struct gateway_script *script,
                       gateway_add_fn *add, void *arg);

#endif
