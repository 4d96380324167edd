/*
 * Rdata from text and to text, a function a kind of field.
 */

#ifndef REED_DNS_TEXT_H
#define REED_DNS_TEXT_H

#include "field.h"
#include "lex.h"

/* Words in, bytes out. */
struct reader {
	struct lexer lx;
	const struct reed_dns_name *origin; /* may be NULL */
	uint8_t *out;
	size_t n, room;
};

/* Reads the rdata of a type to the end of the entry.  REED_EAGAIN, REED_ESYNTAX, REED_ETOOBIG. */
enum reed_err dns_read_rdata(struct reader *r, uint16_t type);

/* What the functions below are made of. */
enum reed_err dns_emit(struct reader *r, const void *p, size_t n);
enum reed_err dns_emit_number(struct reader *r, uint64_t value, unsigned bytes);
enum reed_err dns_read_number(struct reader *r, uint64_t max, const char *wanted, uint64_t *value);

/* Without escapes; into has room for room bytes.  REED_ESYNTAX: a bad escape; REED_ETOOBIG. */
enum reed_err dns_unescape_all(struct reed_slice text, uint8_t *into, size_t room, size_t *n);

/* Fields with a file of their own. */
enum reed_err dns_read_hex_rest(struct reader *r, size_t *n);
enum reed_err dns_read_base64_rest(struct reader *r);
enum reed_err dns_read_hex_word(struct reader *r, struct reed_slice text, size_t *n);
enum reed_err dns_read_base64_word(struct reader *r, struct reed_slice text);
enum reed_err dns_read_base32_word(struct reader *r, struct reed_slice text, size_t *n);
enum reed_err dns_read_types(struct reader *r);
enum reed_err dns_read_prefixes(struct reader *r);
enum reed_err dns_read_loc(struct reader *r);
enum reed_err dns_read_params(struct reader *r);
enum reed_err dns_read_stamp(struct reed_slice text, uint32_t *seconds);
enum reed_err dns_read_period(struct reed_slice text, uint32_t *seconds);

bool dns_address4(struct reed_slice text, uint8_t into[4]);
bool dns_address6(struct reed_slice text, uint8_t into[16]);

/* What is returned is in `into`. */
enum { ADDRESS_SIZE = 46, STAMP_SIZE = 16 };
struct reed_slice dns_print_address4(const uint8_t *p, char *into);
struct reed_slice dns_print_address6(const uint8_t *p, char *into);
struct reed_slice dns_print_stamp(uint32_t seconds, char *into);

void dns_print_hex(struct reed_buf *out, const uint8_t *p, size_t n);
void dns_print_base32(struct reed_buf *out, const uint8_t *p, size_t n);
void dns_print_quoted(struct reed_buf *out, const uint8_t *p, size_t n);
void dns_print_types(struct reed_buf *out, const uint8_t *p, size_t n);
void dns_print_prefixes(struct reed_buf *out, const uint8_t *p, size_t n);
void dns_print_loc(struct reed_buf *out, const uint8_t *p);
void dns_print_params(struct reed_buf *out, const uint8_t *p, size_t n);

/* A mnemonic's number; false when there is none of that name. */
bool dns_algorithm(struct reed_slice text, uint64_t *number);
bool dns_cert_type(struct reed_slice text, uint64_t *number);
const char *dns_cert_type_name(unsigned number); /* NULL: it has none */

#endif
