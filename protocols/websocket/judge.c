/* What a server makes of a request for a WebSocket (RFC 6455 4.2). */

#include "handshake.h"

/* "https://example.org:8443" is of the host that was asked for (RFC 6454). */
static bool is_same_host(struct reed_slice origin, struct reed_slice host, bool secure)
{
	struct reed_slice scheme =
		reed_slice_first(origin, reed_slice_search(origin, REED_STR("://")));
	struct reed_slice rest = reed_slice_from(origin, scheme.n + 3);
	const char *standard = secure ? ":443" : ":80";

	if (!reed_slice_is_nocase(scheme, "https") && !reed_slice_is_nocase(scheme, "http"))
		return false;
	/* a page in clear could have been made by anybody on the way */
	if (secure && !reed_slice_is_nocase(scheme, "https"))
		return false;
	if (reed_slice_ends(rest, reed_slice_of(standard)))
		rest.n -= strlen(standard);
	if (reed_slice_ends(host, reed_slice_of(standard)))
		host.n -= strlen(standard);
	return rest.n > 0 && reed_slice_eq_nocase(rest, host);
}

static bool may_come(const struct reed_http_head *head, const struct reed_ws_options *options,
                     bool secure)
{
	struct reed_slice origin = reed_http_field(head->fields, head->count, "Origin", 0);
	struct reed_slice list = reed_slice_of(options->origins), member;

	if (!origin.p || (options->origins && strcmp(options->origins, "*") == 0))
		return true;
	if (reed_http_field(head->fields, head->count, "Origin", 1).p)
		return false;
	if (!options->origins)
		return is_same_host(origin, head->host, secure);
	while (reed_http_list_next(&list, &member))
		if (reed_slice_eq_nocase(member, origin))
			return true;
	return false;
}

static bool is_one(const struct reed_http_head *head, const char *name)
{
	return !reed_http_field(head->fields, head->count, name, 1).p;
}

static unsigned refuse(struct ws_answer *answer, unsigned status, const char *why)
{
	answer->why = why;
	return status;
}

/* RFC 6455 4.2.1 */
static unsigned judge(const struct reed_http_head *head, const struct reed_ws_options *options,
                      bool secure, struct ws_answer *answer)
{
	struct reed_slice key = reed_http_field(head->fields, head->count, "Sec-WebSocket-Key", 0);
	struct reed_slice version =
		reed_http_field(head->fields, head->count, "Sec-WebSocket-Version", 0);
	bool needs_key = head->major == 1; /* RFC 8441 5: nobody takes that for something else */

	if (options->path && !reed_slice_is(head->path, options->path))
		return refuse(answer, 404, "there is nothing here");
	if (!head->has_upgrade || !reed_http_list_has(head->upgrade, "websocket"))
		return refuse(answer, 426,
		              "here is a WebSocket, which a browser's page or "
		              "a WebSocket client talks to");
	if (head->method != REED_HTTP_GET)
		return refuse(answer, 405, "a WebSocket begins with GET");
	if (head->major == 1 && head->minor == 0)
		return refuse(answer, 400, "a WebSocket needs HTTP/1.1");
	if (head->framing != REED_HTTP_NO_BODY)
		return refuse(answer, 400, "a request for a WebSocket has no body");
	if (!reed_slice_is(version, "13") || !is_one(head, "Sec-WebSocket-Version"))
		return refuse(answer, 426, "of WebSocket there is version 13 here");
	if (needs_key && (!ws_key_is_good(key) || !is_one(head, "Sec-WebSocket-Key")))
		return refuse(answer, 400, "Sec-WebSocket-Key is not 16 bytes in base64");
	if (!may_come(head, options, secure))
		return refuse(answer, 403, "a page from there may not connect here");
	if (needs_key)
		ws_accept_of(key, answer->accept);
	return 101;
}

void ws_judge(const struct reed_http_head *head, const struct reed_ws_options *options, bool secure,
              struct ws_answer *answer)
{
	struct reed_buf list = { .limit = 0 };
	struct reed_slice asked;

	*answer = (struct ws_answer){ .status = 0 };
	answer->status = judge(head, options, secure, answer);
	if (answer->status != 101)
		return;
	/* A protocol is a token, and stands in one field, or several that are one list. */
	for (unsigned i = 0; answer->protocol.n == 0; i++) {
		asked = reed_http_field(head->fields, head->count, "Sec-WebSocket-Protocol", i);
		if (!asked.p)
			break;
		answer->protocol = ws_choose_protocol(options->protocols, asked);
	}
	if (!options->plain)
		ws_extension_choose(ws_join(head->fields, head->count, "Sec-WebSocket-Extensions",
		                            &list),
		                    options->takeover, &answer->agreed, &answer->extensions);
	reed_buf_finish(&list);
}
