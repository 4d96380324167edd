/*
 * The doors of a service: endpoints of its settings that all lead to the same
 * sessions, with a certificate of our own where TLS has none, and protocols to
 * agree on.
 *
 *	self->doors = (struct reed_doors){ .endpoints = &s->listen, .cert = &s->tls_cert,
 *	                                   .session = reed_http_session, .arg = server };
 *	reed_try(co, reed_doors_open(service, &self->doors));
 */

#ifndef REED_DOORS_H
#define REED_DOORS_H

#include "reed/service.h"
#include "reed/setting.h"

REED_BEGIN_DECLS

/* Stays while they are opened; zeroed but for what the caller says. */
struct reed_doors {
	const struct reed_texts *endpoints; /* members of the service's settings, */
	const char *const *cert;            /* and a PATH that may be NULL: ours is made then */
	reed_session_fn *session;
	void *arg;
	const struct reed_serve_options *options; /* NULL: the default */
	char *own;                                /* path of our certificate; NULL: none is used */
	/* For TLS endpoints that say none, as in reed_tls_server_options; NULL: none. */
	const char *alpn;
	void *reserved[3];
};

/*
 * Settles when all of them listen.  What keeps one from it is told with the
 * place of the settings where it was written.
 */
REED_API struct reed_future *reed_doors_open(struct reed_service *service,
                                             struct reed_doors *doors);

/* Frees what it holds; the listeners are the service's. */
REED_API void reed_doors_finish(struct reed_doors *doors);

REED_END_DECLS

#endif
