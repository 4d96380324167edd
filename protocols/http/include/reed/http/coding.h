/*
 * Content codings (RFC 9110 8.4.1): answers compressed as they are sent, bodies
 * of requests decompressed as they are read.
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

/* ---- bodies that come compressed (RFC 9110 8.4, 15.5.16) ---- */

/*
 * From now on the body is read as it was before somebody compressed it: gzip,
 * deflate, br, zstd; without Content-Encoding as it is.  The limit of a body is
 * of what comes out, and of what goes in; no more than 64 KiB are decoded ahead
 * of the handler.  What is not of its coding, or ends halfway, is REED_EPROTO.
 * Before the first read.
 *
 * REED_ENOTSUP: of another coding, or of several; it has been answered with 415
 * and Accept-Encoding.  REED_EBUSY: with 503; there are 64 of them at a time, as
 * each may need 8 MiB.
 *
 * decompress of the server's options does that for all requests.  Not where
 * bodies are passed on with their fields, as reed/http/proxy.h does.
 */
REED_API enum reed_err reed_http_decompress(struct reed_http_request *request);

/* The same as a function around handlers; its arg is not used. */
REED_API struct reed_future *reed_http_decompressing(void *unused,
                                                     struct reed_http_request *request);

REED_END_DECLS

#endif
