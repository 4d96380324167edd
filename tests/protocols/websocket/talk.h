/*
 * What tests of a server's side of WebSockets are made with: a peer that is
 * told in words what to send, and whose words for what it heard can be compared.
 *
 * Words are separated by spaces: t:hello a text, b: a binary message, t+: and
 * b+: their first fragments, c+: one that continues, c: the last; p: a ping, o:
 * a pong, x:1000:bye a Close; =81fe.. are bytes.  %ff is a byte in a payload.
 */

#ifndef REED_TESTS_TALK_H
#define REED_TESTS_TALK_H

#include "reed/sim.h"
#include "reed/websocket.h"
#include "tests/check.h"

enum talk_face { TALK_PULL, TALK_PUSH, TALK_PIECES, TALK_FACES };

struct talk {
	struct reed_sim *sim;
	struct reed_loop *loop;
	struct reed_ws_options options; /* of the server */
	enum talk_face face;
	const char *more; /* header lines of the request */
	size_t step;      /* bytes sent at a time; 0: all */
	char answer[2048];
	char heard[4096]; /* in words */
	struct reed_buf raw;
	bool ended;           /* the server closed */
	enum reed_err result; /* of the server's end */
	unsigned code;
};

void talk_open(struct talk *t);
void talk_close(struct talk *t);

/* Shakes hands, says all that, and hears what comes until nothing does any more. */
const char *talk(struct talk *t, const char *words);
const char *talk_bytes(struct talk *t, struct reed_slice bytes);

/* As a frame of a client, with a mask of zeros. */
void talk_encode(const char *words, struct reed_buf *out);

#define says(t, words, wanted) check_str(talk((t), (words)), (wanted))

#endif
