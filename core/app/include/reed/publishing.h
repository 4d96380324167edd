/*
 * Records about a daemon in DNS: what every daemon can be told of them.  The one who sends
 * them is a module (apps/dns) that is loaded when the settings name a server; its service
 * runs beside the others, and looks at their doors.
 */

#ifndef REED_PUBLISHING_H
#define REED_PUBLISHING_H

#include "reed/setting.h"

REED_BEGIN_DECLS

/* The group "publish" of the settings of a daemon, and what its service is given. */
struct reed_publishing {
	const char *server; /* an endpoint; NULL: nothing is published */
	const char *zone;
	const char *host; /* NULL: the name of the server */
	struct {
		const char *id, *secret; /* NULL: by address */
		int algorithm;           /* enum reed_dns_hmac */
	} key;
	struct reed_texts next, ssh; /* files: keys that follow; public keys of SSH */
	int64_t ttl, every;          /* ns */
};

/* The name of their command, whose keeper takes a struct reed_publishing. */
#define REED_PUBLISHING "dns"

REED_END_DECLS

#endif
