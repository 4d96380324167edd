/* What the files of the parser share. */

#ifndef REED_HTTP_HEAD_H
#define REED_HTTP_HEAD_H

#include "reed/http/message.h"

/* Where the parser stands. */
struct cursor {
	const char *p, *end;
	const struct reed_http_wire_limits *limits;
	struct reed_http_head *head;
};

/* What the fields seen so far say of framing. */
struct framing {
	unsigned lengths, codings, hosts;
	bool chunked;
};

/* Sets status and why, and returns err. */
enum reed_err http_refuse(struct reed_http_head *head, enum reed_err err, unsigned status,
                          const char *why);

/* The fields and the empty line; REED_EAGAIN at the end of the input. */
enum reed_err http_parse_field_lines(struct cursor *c, struct framing *framing);

/* What a field means; sets status and why when it is refused. */
enum reed_err http_see_field(struct reed_http_head *head, struct framing *framing,
                             struct reed_slice name, struct reed_slice value);

/* head->method and head->target, of good characters, are there; the rest of a request's first line is found. */
enum reed_err http_parse_target(struct reed_http_head *head);

/* The host of a target or of a Host field; may be empty. */
bool http_host_is_good(struct reed_slice host);

#endif
