/* A site that the tests talk to: one handler for each thing that a handler can do. */

#ifndef REED_TESTS_HTTP_SITE_H
#define REED_TESTS_HTTP_SITE_H

#include "reed/http/router.h"
#include "reed/http/server.h"

struct site {
	struct reed_http_router *router;
	struct reed_http_server *server;
	int begun, dropped; /* handlers that take time */
	int answered;       /* told to the access log */
};

/* options may be NULL; its handler is set here. */
void site_open(struct site *self, struct reed_loop *loop,
               const struct reed_http_server_options *options);
void site_close(struct site *self);

#endif
