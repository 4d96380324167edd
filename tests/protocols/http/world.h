/*
 * The server of site.c in a simulation, and who talks to it: hosts "server" and
 * "client", where port 80 is the site.
 */

#ifndef REED_TESTS_HTTP_WORLD_H
#define REED_TESTS_HTTP_WORLD_H

#include "site.h"

#include "reed/co.h"
#include "reed/http/client.h"
#include "reed/scope.h"
#include "reed/sim.h"

enum { WORLD_HEARD = 8192 };

struct world {
	struct reed_sim *sim;
	struct reed_loop *loop; /* of the client */
	struct site site;
	struct reed_scope scope; /* of the servers */
	char heard[WORLD_HEARD];
	int64_t took;
	struct reed_http_client *client;
	struct reed_http_response *response;
};

/* options may be NULL. */
void world_open(struct world *w, const struct reed_http_server_options *options);
void world_close(struct world *w);
struct reed_http_server_stats world_stats(const struct world *w);

/* ---- somebody who says bytes, and hears the server out ---- */

struct talker {
	struct reed_co co;
	struct reed_buf out;
	size_t step; /* bytes at a time, one a second; 0: all at once */
	struct reed_stream *stream;
	/* What was heard, in words, is added to the text; it takes what it has understood. */
	void (*hear)(struct talker *self);
	void (*end)(struct talker *self); /* may be NULL */
	void *arg;
	char *heard; /* WORLD_HEARD bytes, where the caller wants it */
	bool shuts;  /* says the end behind it */
	bool deaf;   /* reads nothing */
	int64_t began, *took;
};

/* On the host "client"; hears bytes. */
struct talker *talker_new(struct reed_sim *sim, const char *text, char *heard);
void talker_note(struct talker *self, struct reed_slice text);

/* heard and took are the world's. */
struct talker *world_talker(struct world *w, const char *text);
void world_play(struct world *w, struct talker *t);
/* The server is told to stop a second after it began to talk, and has three more. */
void world_stop_amid(struct world *w, struct talker *t);

/*
 * A drop at each moment of a server that such a talker talks to, and that is
 * stopped; returns how many moments there were.
 */
typedef struct talker *world_talker_fn(struct reed_sim *sim, const char *text, char *heard);
uint64_t world_drop_everywhere(world_talker_fn *talker, const char *text);

/* ---- the client of this tree: world.client, which options make (may be NULL) ---- */

void world_client(struct world *w, const struct reed_http_client_options *options);
/* Its response is world.response. */
enum reed_err world_fetch(struct world *w, const struct reed_http_fetch *what);
enum reed_err world_get(struct world *w, const char *url);
/* So many bytes go up, and come back. */
void world_echo(struct world *w, size_t size);
void world_forget(struct world *w);

#endif
