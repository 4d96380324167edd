/*
 * Frames of HTTP/2 as lines of text, for tests that are one end of the wire.
 *
 *	PREFACE
 *	HEADERS 1 end :method=GET :path=/ name=value     "open": without END_HEADERS
 *	CONTINUATION 1 open name=value
 *	DATA 1 end text to the end of the line
 *	SETTINGS 0 3=100          PING 0 ack             RST_STREAM 1 8
 *	WINDOW_UPDATE 1 1000      PRIORITY_UPDATE 0 1 u=0
 *	GOAWAY 0 1 0              last stream and code
 *	RAW 0a1b                  bytes in hexadecimal
 */

#ifndef REED_TESTS_HTTP_H2_TEXT_H
#define REED_TESTS_HTTP_H2_TEXT_H

#include <nghttp2/nghttp2.h>

#include "reed/buf.h"

/* Aborts when the line is none of these. */
void h2_text_add(struct reed_buf *out, const char *line);

/* Each line of a text that ends its lines. */
void h2_text_add_all(struct reed_buf *out, const char *lines);

/* Takes a frame and says what it is; false: it is not whole. */
bool h2_text_take(nghttp2_hd_inflater *inflater, struct reed_slice *in, struct reed_buf *line);

#endif
