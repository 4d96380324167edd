/*
 * What outlives the process, in a folder that only we read:
 *
 *	account.pem		the key of the account
 *	certs/NAME.pem		chain and key that are served; at first of our own making
 *	certs/default.pem	that of the first name again, for who asks for none
 *	orders/NAME.pem		the key of the next certificate, asked for or not
 *	orders/NAME.order	the authority, and where the order is
 *	orders/NAME.from	the authority that has made certs/NAME.pem
 *
 * Each is replaced as a whole, and a key is there before anybody is asked to vouch
 * for it: so a process may end at any moment, and the next one goes on.
 */

#ifndef REED_ACME_KEEP_H
#define REED_ACME_KEEP_H

#include "reed/buf.h"
#include "reed/future.h"

enum { ACME_RENEWAL_ID = 200 };

/* As an authority is asked when it wants it renewed (RFC 9773 4.1); "": it cannot be. */
void acme_renewal_id(struct reed_slice pem, char id[ACME_RENEWAL_ID]);

struct reed_loop;

/* Of a certificate that is served. */
struct acme_facts {
	int64_t from, to; /* ns since 1970 */
	bool foreign;     /* of our own making, or of another authority */
	char id[ACME_RENEWAL_ID];
};

struct acme_place {
	const char *folder, *directory; /* outlive the call */
};

/* Folders, the account's key, something to serve for each name; facts has room for all. */
struct reed_future *acme_keep_prepare(struct reed_loop *loop, struct acme_place place,
                                      const char *const *names, size_t count,
                                      struct reed_buf *account, struct acme_facts *facts);

/* The key for a certificate, and the order that it was for, if there is one: *order may be NULL. */
struct reed_future *acme_keep_begin(struct reed_loop *loop, struct acme_place place,
                                    const char *name, struct reed_buf *key, char **order);

struct reed_future *acme_keep_order(struct reed_loop *loop, struct acme_place place,
                                    const char *name, const char *order);

/* It has come to nothing. */
struct reed_future *acme_keep_forget(struct reed_loop *loop, struct acme_place place,
                                     const char *name);

/* It is served from the next reload on. */
struct reed_future *acme_keep_install(struct reed_loop *loop, struct acme_place place,
                                      const char *name, bool is_first, struct reed_slice key,
                                      struct reed_slice chain, struct acme_facts *facts);

#endif
