/* A fetch: exchanges one after another, until one is the answer. */

#ifndef REED_HTTP_JOURNEY_H
#define REED_HTTP_JOURNEY_H

#include "client.h"

struct digest;

struct journey {
	struct reed_co co;
	struct reed_http_client *client;
	struct reed_http_response **out;
	char *url, *method;
	char *endpoint, *login; /* given by the caller, or NULL */
	struct reed_pool pool;  /* fields and body */
	struct reed_http_field *fields;
	size_t field_count;
	struct reed_slice body;
	struct reed_stream *upload;
	int64_t upload_size;
	bool stream, astray;      /* astray: at an origin the caller did not name */
	bool digest;              /* the login is for such challenges, and is not sent */
	struct digest *challenge; /* the latest; NULL: none yet */
	unsigned redirects, tries, challenges;
	uint32_t nonce_count;
	int64_t until; /* REED_NEVER */
	struct reed_hold *slot;
	struct response *response;
};

/* journey_request.c: the next exchange; REED_ESYNTAX with a sentence. */
struct reed_future *journey_exchange(struct journey *self);

/* journey_answer.c: what came of it is kept. */
void journey_learn(struct journey *self);
/* It leads elsewhere: url, method and body are of there now.  REED_ENOENT: it does not. */
enum reed_err journey_redirect(struct journey *self);
/* digest_journey.c: it is a challenge, which the next request answers.  REED_ENOENT: it is not. */
enum reed_err journey_meet(struct journey *self);
/* Adds the answer. */
enum reed_err journey_answer(struct journey *self, const char *login, struct reed_slice uri,
                             struct reed_buf *out);
bool journey_may_repeat(const struct journey *self);
/* Milliseconds until it is sent again; -1: it is not. */
int64_t journey_rest(const struct journey *self);

#endif
