/* A world for proxies: a client, a proxy, two servers behind it, in a simulation. */

#ifndef REED_TESTS_HTTP_PROXY_H
#define REED_TESTS_HTTP_PROXY_H

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/http/client.h"
#include "reed/http/proxy.h"
#include "reed/http/router.h"
#include "reed/http/server.h"
#include "reed/metric.h"
#include "reed/scope.h"
#include "reed/sim.h"
#include "tests/check.h"

/* A server that says back what it was asked; /x-... does something special. */
struct backend {
	const char *name;
	struct reed_http_server *server;
	struct reed_scope scope;
	int requests, marks[256]; /* the latter by "?N" */
};

struct world {
	struct reed_sim *sim;
	struct reed_loop *loop, *front; /* of the client, and of the proxy */
	struct backend a, b;
	struct reed_http_server *server; /* in front of the proxy */
	struct reed_http_proxy *proxy;
	struct reed_scope scope;
	struct reed_http_client *client;
	struct reed_http_response *response;
};

/* options.upstreams NULL: tcp:a:80 and tcp:b:80. */
void world_open(struct world *w, struct reed_http_proxy_options options,
                const struct reed_sim_options *sim);
void world_close(struct world *w);
/* The same in two steps, with something else on the host "proxy". */
void world_begin(struct world *w, struct reed_sim *sim);
void world_serve(struct world *w, reed_http_handler_fn *handler, void *arg);
void world_end(struct world *w);  /* the simulation is still there */
void world_gone(struct world *w); /* of the response */

void backend_open(struct backend *self, struct reed_sim *sim, const char *name,
                  const char *endpoint);
void backend_close(struct backend *self);

/* Through the proxy; status 0: it failed. */
unsigned ask(struct world *w, const char *method, const char *path, struct reed_slice body);
unsigned get(struct world *w, const char *path);
bool answer_has(const struct world *w, const char *text);

/* Bytes to the proxy, or wherever; all that comes back within ms, in a buffer of this file's. */
const char *talk(struct world *w, const char *endpoint, const char *bytes, int64_t ms);

/* The same to the proxy in frames of HTTP/2 and back, as lines of h2_text.h. */
const char *talk_h2(struct world *w, const char *lines, int64_t ms);
struct reed_future *talking(struct world *w, const char *endpoint, const char *bytes, int64_t ms);

bool has(const char *text, const char *part);

/*
 * A client says bytes and goes, at each moment there is: serve() begins the world,
 * with whatever is on the host "proxy", and gone() is called when all have left.
 */
struct leaving {
	void (*serve)(struct world *w, struct reed_sim *sim);
	void (*gone)(void);
	const char *bytes;
	struct world world;
};
void leave_at_each_moment(struct leaving *self, uint64_t more_than);

/* A server of one connection after the other that says text, and then closes or not. */
void speak(struct world *w, const char *host, const char *endpoint, const char *text, bool closes);

#endif
