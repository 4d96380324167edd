/* What makes a message of HTTP/2 malformed (RFC 9113 8.1.1, 8.2, 8.3). */

#ifndef REED_HTTP_H2_CHECK_H
#define REED_HTTP_H2_CHECK_H

#include <stdbool.h>

#include "reed/slice.h"

enum h2_pseudo {
	H2_METHOD = 1,
	H2_SCHEME = 2,
	H2_PATH = 4,
	H2_AUTHORITY = 8,
	H2_PROTOCOL = 16,
	H2_STATUS = 32,
};

/* One head or trailer, field by field; zeroed but for what it is of. */
struct h2_check {
	bool response, trailer;
	bool takes_protocol; /* RFC 8441 was offered */
	bool regular, host, connect;
	unsigned pseudos; /* seen */
};

bool h2_check_field(struct h2_check *check, struct reed_slice name, struct reed_slice value);

/* RFC 9113 8.2.2: what concerns a connection of HTTP/1; name is in lower case. */
bool h2_is_of_connection(struct reed_slice name, struct reed_slice value);

/* That was all of it. */
bool h2_check_end(const struct h2_check *check);

#endif
