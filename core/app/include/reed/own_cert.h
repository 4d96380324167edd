/*
 * A certificate of our own making, until the operator brings a better one: what
 * lets a daemon speak TLS from its first start on.
 */

#ifndef REED_OWN_CERT_H
#define REED_OWN_CERT_H

#include "reed/buf.h"
#include "reed/future.h"

REED_BEGIN_DECLS

/*
 * Makes certificate and key, one file of PEM that only its owner reads, if there
 * is none at path; for name and for this machine.  Blocks no loop.
 */
REED_API struct reed_future *reed_own_cert(struct reed_loop *loop, const char *path,
                                           const char *name);

/* "tls:6697" with ":cert=PATH" where it says none; the caller frees it.  NULL: it needs none. */
REED_API char *reed_own_cert_complete(const char *endpoint, const char *path);

/*
 * For the check of a setting: an endpoint that listens, where a certificate may
 * still be missing.
 */
REED_API bool reed_own_cert_listens(const char *endpoint, struct reed_buf *why);
/* The same of one that may be for datagrams. */
REED_API bool reed_own_cert_awaits(const char *endpoint, struct reed_buf *why);

REED_END_DECLS

#endif
