/*
 * Bytes as text: base64 (RFC 4648 4) and hexadecimal.
 *
 * Decoding is strict: the padding is there, unused bits are zero, and there is
 * neither white space nor any other foreign character.  So one string of bytes
 * has one text.  Time depends on the length only.
 */

#ifndef REED_BASE64_H
#define REED_BASE64_H

#include "reed/buf.h"

REED_BEGIN_DECLS

/* What n bytes take as text, with a NUL. */
#define REED_BASE64_ROOM(n) (((n) + 2) / 3 * 4 + 1)
#define REED_HEX_ROOM(n)    ((n)*2 + 1)

/* Writes the text and a NUL; returns the length without it. */
REED_API size_t reed_base64(struct reed_slice bytes, char *into);
REED_API void reed_buf_add_base64(struct reed_buf *b, struct reed_slice bytes);

/* REED_ESYNTAX; REED_ETOOBIG: more than room bytes. */
REED_API enum reed_err reed_base64_decode(struct reed_slice text, void *into, size_t room,
                                          size_t *n);

/* Lower case, and a NUL; returns the length without it. */
REED_API size_t reed_hex(struct reed_slice bytes, char *into);

/* Either case.  Exactly n bytes: REED_ESYNTAX otherwise. */
REED_API enum reed_err reed_hex_decode(struct reed_slice text, void *into, size_t n);

REED_END_DECLS

#endif
