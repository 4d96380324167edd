/* Compressing of answers: which, and by what. */

#ifndef REED_HTTP_CODING_PRIVATE_H
#define REED_HTTP_CODING_PRIVATE_H

#include "private.h"
#include "reed/http/coding.h"

enum {
	ENCODERS = 256,    /* at once: each has up to some hundred KiB */
	ENCODED_FROM = 512 /* bytes; less is hardly made less */
};

typedef void http_encoded_fn(void *arg, struct reed_slice bytes);

struct http_encoder;

/* NULL: there is no memory for it. */
struct http_encoder *http_encoder_new(enum reed_http_coding coding);
void http_encoder_free(struct http_encoder *encoder);

enum http_encode { HTTP_ENCODE_MORE, HTTP_ENCODE_FLUSH, HTTP_ENCODE_END };

/* Tells what comes of it, in pieces; false: it cannot be done, which breaks the answer. */
bool http_encode(struct http_encoder *encoder, struct reed_slice bytes, enum http_encode how,
                 http_encoded_fn *told, void *arg);

#endif
