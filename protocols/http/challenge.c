/* Challenges of a certificate authority, in front of every handler: RFC 8555 8.3. */

#include "private.h"

#include "reed/challenge.h"

static struct reed_slice find_answer(struct reed_http_request *r)
{
	const struct reed_slice folder = REED_STR("/.well-known/acme-challenge/");
	struct reed_slice path;

	if (reed_challenge_none(r->loop))
		return reed_slice(NULL, 0);
	path = reed_http_path(r);
	if (!path.p || !reed_slice_starts(path, folder))
		return reed_slice(NULL, 0);
	return reed_challenge_find(r->loop, REED_CHALLENGE_HTTP, reed_slice_from(path, folder.n),
	                           0);
}

struct reed_future *http_handle(struct reed_http_server *server, struct reed_http_request *r)
{
	struct reed_slice answer = find_answer(r);

	if (!answer.p)
		return server->options.handler(server->options.arg, r);
	reed_http_respond(r, 200, "application/octet-stream", answer);
	return NULL;
}
