/* Challenges of a certificate authority, in front of zones: RFC 8555 8.4. */

#include "reed/challenge.h"

#include "serve.h"

enum { TEXT_ROOM = 256 };

static struct reed_slice text_of(const struct reed_dns_name *name,
                                 char room[REED_DNS_NAME_TEXT_SIZE])
{
	struct reed_slice text = reed_dns_name_format(name, room);

	return reed_slice_first(text,
	                        text.n - (text.n > 1 && reed_slice_ends(text, REED_STR("."))));
}

/* All that are shown: one for *.example.org and one for example.org have the same name. */
static struct reed_future *answer(void *arg, struct reed_dns_request *request)
{
	char room[REED_DNS_NAME_TEXT_SIZE], quoted[TEXT_ROOM];
	struct reed_slice name = text_of(&request->name, room), text;

	(void)arg;
	for (size_t i = 0;; i++) {
		text = reed_challenge_find(request->loop, REED_CHALLENGE_DNS, name, i);
		if (!text.p)
			return NULL;
		snprintf(quoted, sizeof(quoted), "\"" REED_FMT "\"", REED_ARG(text));
		reed_dns_reply(request, REED_DNS_TYPE_TXT, 0, quoted);
	}
}

struct dns_coder *dns_challenge_for(struct reed_dns_server *server,
                                    const struct reed_dns_question *question)
{
	char room[REED_DNS_NAME_TEXT_SIZE];

	if (question->type != REED_DNS_TYPE_TXT || reed_challenge_none(server->loop) ||
	    !reed_challenge_find(server->loop, REED_CHALLENGE_DNS, text_of(&question->name, room),
	                         0)
	             .p)
		return NULL;
	server->challenge = (struct dns_coder){ .type = REED_DNS_TYPE_TXT, .fn = answer };
	return &server->challenge;
}
