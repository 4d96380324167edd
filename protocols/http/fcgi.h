/* FastCGI on the wire, and the heads that programs answer with: bytes and structs, no I/O. */

#ifndef REED_HTTP_FCGI_H
#define REED_HTTP_FCGI_H

#include "reed/http/message.h"

enum fcgi_type {
	FCGI_BEGIN = 1,
	FCGI_ABORT,
	FCGI_END,
	FCGI_PARAMS,
	FCGI_STDIN,
	FCGI_STDOUT,
	FCGI_STDERR,
};

enum { FCGI_HEAD = 8, FCGI_MOST = 65535, FCGI_OVERLOADED = 2 };

struct fcgi_record {
	unsigned type, id;
	struct reed_slice content; /* in what was parsed */
};

/* Takes a record from *in.  REED_EAGAIN: it is not whole; REED_EPROTO: of another version. */
enum reed_err fcgi_next(struct reed_slice *in, struct fcgi_record *record);

/* The protocol status of an END record; REED_EPROTO: it is too short. */
enum reed_err fcgi_end_status(struct reed_slice content, unsigned *status);

/* The head of a record of request 1. */
void fcgi_head(unsigned type, size_t n, char into[FCGI_HEAD]);
void fcgi_add(struct reed_buf *out, unsigned type, struct reed_slice content);
/* For a responder, on a connection that ends with it. */
void fcgi_add_begin(struct reed_buf *out);
/* A pair of PARAMS, which are cut into records afterwards. */
void fcgi_add_pair(struct reed_buf *pairs, struct reed_slice name, struct reed_slice value);
/* All of them, and the empty record behind. */
void fcgi_add_pairs(struct reed_buf *out, struct reed_slice pairs);

/* What a program says first (RFC 3875 6.2); fields and room are the caller's. */
struct gateway_head {
	struct reed_http_field *fields;
	unsigned room, count;
	unsigned status;
	int64_t length; /* negative: not told */
};

/* REED_EAGAIN: it is not whole; REED_EPROTO, REED_ETOOBIG: more than room. */
enum reed_err gateway_parse(struct reed_slice in, struct gateway_head *head, size_t *used);

#endif
