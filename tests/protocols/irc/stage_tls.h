/* TLS on the stage: a certificate of the server, and clients that have one of their own. */

#ifndef REED_TESTS_IRC_STAGE_TLS_H
#define REED_TESTS_IRC_STAGE_TLS_H

#include "stage.h"

#include "reed/buf.h"

/* Between the two stage_tls_listener() may be a stage's wrap. */
void tls_begin(void);
void tls_end(void);
struct reed_listener *stage_tls_listener(struct reed_listener *below);

/* A key and a certificate signed by it, in PEM, for somebody of that name. */
void make_certificate(const char *name, struct reed_buf *pem);

/* Over TLS; pem may be empty: no certificate is shown. */
struct reed_stream *dial_tls(struct reed_slice pem);

#endif
