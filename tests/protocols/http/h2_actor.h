/* A server of HTTP/2 that says to each connection what stands in its lines, whatever it is asked. */

#ifndef REED_TESTS_HTTP_H2_ACTOR_H
#define REED_TESTS_HTTP_H2_ACTOR_H

#include "reed/stream.h"

struct h2_script {
	const char *const
		*lines;   /* of the first connection, of the second, ...; NULL behind the last */
	unsigned at;      /* the next; the last is said to all others too */
	bool closes;      /* when it has said them */
	const char *each; /* said to each request, '#' being its stream; may be NULL */
	unsigned connections;
};

/* A handler of reed_listen_and_serve(); script is a struct h2_script. */
struct reed_future *h2_actor(void *script, struct reed_stream *stream);

#endif
