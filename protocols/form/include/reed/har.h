/*
 * Recorded exchanges (HAR 1.2, as browsers save them) in place of a server, for
 * tests of what fetches.
 *
 *	reed_try(co, reed_har_fetch(har, client, &fetch, &response));   recording
 *	reed_har_write(har, &text);
 *	...
 *	reed_har_read(loop, text, &har, NULL);                          playing
 *	options.dial = reed_http_fake_dial;
 *	options.dial_arg = reed_har_server(har);
 *
 * A request gets the answer that was recorded for its method, host and target;
 * of several each one once, in their order, and then the last one again.  One
 * that was not recorded is answered with 501 and says so.
 *
 * What is recorded is in clear: answers with their Set-Cookie, bodies of
 * requests with what people typed.  Fields of requests are not recorded.
 */

#ifndef REED_HAR_H
#define REED_HAR_H

#include "reed/http/client.h"
#include "reed/http/server.h"

REED_BEGIN_DECLS

struct reed_har;

/* Empty. */
REED_API struct reed_har *reed_har_new(struct reed_loop *loop);

/* REED_ESYNTAX: no HAR; the fault is the caller's and may be NULL. */
REED_API enum reed_err reed_har_read(struct reed_loop *loop, struct reed_slice text,
                                     struct reed_har **out, struct reed_fault **fault);

/* Nobody is connected to its server.  May be NULL. */
REED_API void reed_har_free(struct reed_har *har);

REED_API struct reed_http_server *reed_har_server(struct reed_har *har);

/* As reed_http_fetch(), not streamed; what comes is recorded.  har outlives it. */
REED_API struct reed_future *reed_har_fetch(struct reed_har *har, struct reed_http_client *client,
                                            const struct reed_http_fetch *fetch,
                                            struct reed_http_response **response);

REED_API void reed_har_write(const struct reed_har *har, struct reed_buf *out);

/* Requests that were answered from it, and those that were not recorded. */
REED_API size_t reed_har_played(const struct reed_har *har);
REED_API size_t reed_har_missed(const struct reed_har *har);

REED_END_DECLS

#endif
