/*
 * Content codings (RFC 9110 8.4.1): answers compressed as they are sent.
 *
 *	reed_http_around(router, reed_http_compressing, NULL);
 *
 * Text, JSON, XML, scripts and the like are compressed for who takes it, from
 * 512 bytes on.  What a handler writes of a length it has not said leaves with
 * each write; of a known length, when there is enough.  Whoever echoes what a
 * client sent beside a secret should not compress that: its length tells.
 */

#ifndef REED_HTTP_CODING_H
#define REED_HTTP_CODING_H

#include "reed/http/request.h"

REED_BEGIN_DECLS

enum reed_http_coding {
	REED_HTTP_IDENTITY,
	REED_HTTP_GZIP, /* RFC 1952 */
	REED_HTTP_BR,   /* RFC 7932 */
	REED_HTTP_ZSTD, /* RFC 8878 */
	REED_HTTP_CODINGS
};

/* "gzip"; "identity". */
REED_API const char *reed_http_coding_name(enum reed_http_coding coding);

/*
 * What a client likes best of those whose bits (1 << coding) are in offered, by
 * its weights and then br, zstd, gzip (RFC 9110 12.5.3).
 */
REED_API enum reed_http_coding reed_http_choose_coding(struct reed_slice accept_encoding,
                                                       unsigned offered);

/* This answer may be compressed; before it begins. */
REED_API void reed_http_compress(struct reed_http_request *request);

/* The same as a function around handlers; its arg is not used. */
REED_API struct reed_future *reed_http_compressing(void *unused, struct reed_http_request *request);

REED_END_DECLS

#endif
