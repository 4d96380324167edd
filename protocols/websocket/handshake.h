/* What both sides of a handshake share. */

#ifndef REED_WEBSOCKET_HANDSHAKE_H
#define REED_WEBSOCKET_HANDSHAKE_H

#include "private.h"

struct reed_ws_options ws_options(const struct reed_ws_options *given);

enum { WS_KEY = 24, WS_ACCEPT = 28 }; /* characters */

/* key is good. */
void ws_accept_of(struct reed_slice key, char accept[WS_ACCEPT + 1]);
bool ws_key_is_good(struct reed_slice key);

/* The best of ours that is among theirs; empty. */
struct reed_slice ws_choose_protocol(const char *ours, struct reed_slice theirs);

/* All fields of that name as one list (RFC 9110 5.3). */
struct reed_slice ws_join(const struct reed_http_field *fields, size_t count, const char *name,
                          struct reed_buf *out);

/* What a server says to a request. */
struct ws_answer {
	unsigned status; /* 101; else why is said */
	const char *why;
	char accept[WS_ACCEPT + 1];
	struct ws_agreed agreed;
	struct reed_buf extensions;
	struct reed_slice protocol; /* of the head */
};

/* extensions are to be finished in any case. */
void ws_judge(const struct reed_http_head *head, const struct reed_ws_options *options, bool secure,
              struct ws_answer *answer);

#endif
