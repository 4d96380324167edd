/*
 * Bytes as text: base64 (RFC 4648 4), base64url (RFC 4648 5, without padding) and hexadecimal.
 *
 * Decoding is strict: padding is there where it belongs, unused bits are zero, and there is
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

/* As of JSON web keys (RFC 7515 2) and DNS over HTTPS (RFC 8484 4.1): no '=' at the end. */
REED_API void reed_buf_add_base64url(struct reed_buf *b, struct reed_slice bytes);
REED_API enum reed_err reed_base64url_decode(struct reed_slice text, void *into, size_t room,
                                             size_t *n);

/* Either case; -1: it is none. */
static inline int reed_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Lower case, and a NUL; returns the length without it. */
REED_API size_t reed_hex(struct reed_slice bytes, char *into);

/* Either case.  Exactly n bytes: REED_ESYNTAX otherwise. */
REED_API enum reed_err reed_hex_decode(struct reed_slice text, void *into, size_t n);

REED_END_DECLS

#endif
