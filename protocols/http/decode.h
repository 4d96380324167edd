/* Content codings undone, a piece at a time (RFC 9110 8.4, RFC 7932, RFC 8878). */

#ifndef REED_HTTP_DECODE_H
#define REED_HTTP_DECODE_H

#include "reed/buf.h"

struct http_decoder;

/* What Accept-Encoding says for all that is understood. */
#define HTTP_CODINGS "gzip, br, zstd"

/* NULL: it is identity, or a coding that is not understood and stays as it is. */
struct http_decoder *http_decoder_new(struct reed_slice coding);
void http_decoder_free(struct http_decoder *decoder);

/*
 * Takes some of in and adds up to most bytes to out.  REED_EAGAIN: more of in has
 * to come; REED_EEOF: it is over; REED_EPROTO: it is not of that coding.
 */
enum reed_err http_decode(struct http_decoder *decoder, struct reed_slice *in, size_t most,
                          struct reed_buf *out);

#endif
