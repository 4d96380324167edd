/*
 * What players of transcripts have in common: a client of the server of site.c,
 * over a stream in memory, and lines of which each is said, heard or done.
 */

#ifndef REED_TESTS_HTTP_PLAY_H
#define REED_TESTS_HTTP_PLAY_H

#include "site.h"

#include "reed/scope.h"
#include "reed/stream.h"

struct play {
	struct reed_loop *loop;
	struct reed_scope sessions;
	struct site site;
	struct reed_stream *client;
	const char *file;
	int line;
	/* A line that is no comment; and what is to be done with each connection.  connected may be NULL. */
	void (*act)(struct play *self, const char *line);
	void (*connected)(struct play *self);
};

/* Plays each of the files; returns what main() does. */
int play_all(struct play *self, const struct reed_http_server_options *options, int count,
             char **files);

void play_connect(struct play *self);

/* Says where, and ends it all. */
void play_fail(const struct play *self, const char *what, const char *wanted,
               struct reed_slice got);
/* Not for ever. */
enum reed_err play_wait(struct play *self, struct reed_future *f);
/* '*' matches anything. */
bool play_matches(const char *pattern, struct reed_slice s);

#endif
