/*
 * Automatic certificates: what every daemon can be told of them, and who gets
 * them.  The one who does is a module (protocols/acme) that is loaded when the
 * settings name a certificate; its service runs beside the others.
 */

#ifndef REED_AUTOMATIC_H
#define REED_AUTOMATIC_H

#include "reed/setting.h"

REED_BEGIN_DECLS

enum reed_automatic_proof {
	REED_AUTOMATIC_ANY, /* what there is, one after the other */
	REED_AUTOMATIC_HTTP,
	REED_AUTOMATIC_TLS,
	REED_AUTOMATIC_DNS,
};

/* The group "acme" of the settings of a daemon, and what its service is given. */
struct reed_automatic {
	struct reed_texts names; /* none: there is nothing to do */
	const char *contact, *directory, *ca;
	int proof;              /* enum reed_automatic_proof */
	const char *http, *tls; /* where to listen while the authority looks, if nobody does */
	const char *program;    /* for dns-01; may be NULL */
	struct {
		const char *id, *key; /* of an account there already; may be NULL */
	} account;
};

/* The name of their command, whose keeper takes a struct reed_automatic. */
#define REED_AUTOMATIC "acme"

/* What it keeps in the state directory: ready when there is a *.pem in it for each name. */
#define REED_AUTOMATIC_FOLDER REED_AUTOMATIC "/certs"

REED_END_DECLS

#endif
