/*
 * The head that was said last, and its bytes.  Of many answers at a time most
 * have the same head, which HPACK need not put together again: its bytes are the
 * same as long as its table is, and what is kept here has not changed that.
 */

#ifndef REED_HTTP_H2_MEMO_H
#define REED_HTTP_H2_MEMO_H

#include <nghttp2/nghttp2.h>

#include "reed/buf.h"

/* Zeroed is empty.  Owned by who says heads. */
struct h2_memo {
	struct reed_buf bytes; /* the fields, and behind them the block */
	size_t fields;         /* bytes of them */
	bool known;            /* the block is there */
};

/* The block of these fields; p is NULL: they are not what was said last. */
struct reed_slice h2_memo_look(const struct h2_memo *memo, const nghttp2_nv *nv, size_t n);

/* These are being said, and this is how.  In between all is forgotten. */
void h2_memo_begin(struct h2_memo *memo, const nghttp2_nv *nv, size_t n);
void h2_memo_end(struct h2_memo *memo, struct reed_slice block);

/* The table is another one now. */
void h2_memo_forget(struct h2_memo *memo);
void h2_memo_finish(struct h2_memo *memo);

#endif
