/*
 * Records that programs publish in zones of a server, each by one call: the TXT record
 * of an ACME client (RFC 8555 8.4), where a service is and what its keys are (SRV, TLSA, SSHFP).
 *
 * In a zone of a keeper (keeper.h) that is a primary they become part of the zone, as by a
 * dynamic update: on disk, signed if the zone is signed here, and secondaries are told.
 * In any other zone they are kept in memory beside it, and stay when it is read again: a
 * name has those published instead of the zone's records of the same type.  They are not in
 * transfers of such a zone, and gone with the program.
 *
 * All calls return a future, which ends when whoever asks here gets the record.  Dropped, it
 * may be published all the same.
 *
 * REED_ENOENT: no zone here has the name.  REED_ENOTSUP: the zone is a secondary's, or is
 * signed by somebody else.  REED_ETOOBIG: a zone in memory has REED_DNS_PUBLISHED_MOST.
 * REED_ESYNTAX: it is no such record.  REED_EINVAL: the zone would break a rule with it.
 * REED_EBUSY: the zone is frozen, or not read yet.
 */

#ifndef REED_DNS_PUBLISH_H
#define REED_DNS_PUBLISH_H

#include "reed/dns/server.h"

REED_BEGIN_DECLS

enum { REED_DNS_PUBLISHED_MOST = 1024 };

/* rdata is of wire form. */
REED_API struct reed_future *reed_dns_publish(struct reed_dns_server *self,
                                              const struct reed_dns_name *owner, uint16_t type,
                                              uint32_t ttl, struct reed_slice rdata);

/* That record, or with empty rdata all of the type; it is no error when there is none. */
REED_API struct reed_future *reed_dns_withdraw(struct reed_dns_server *self,
                                               const struct reed_dns_name *owner, uint16_t type,
                                               struct reed_slice rdata);

/* The same of a line as in a zone file: "www.example.org 60 A 192.0.2.1"; without a TTL it is 60. */
REED_API struct reed_future *reed_dns_publish_text(struct reed_dns_server *self,
                                                   const char *record);

/* "www.example.org A 192.0.2.1", or "www.example.org A" for all of them. */
REED_API struct reed_future *reed_dns_withdraw_text(struct reed_dns_server *self,
                                                    const char *record);

/*
 * The answer to the challenge dns-01 for a domain, which may be "*.example.org": there
 * or gone.  Several may be there at a time.
 */
REED_API struct reed_future *reed_dns_challenge(struct reed_dns_server *self, const char *domain,
                                                const char *digest, bool there);

/* Where a service is, and by what keys it is known. */
struct reed_dns_service {
	size_t size;         /* of this struct */
	const char *domain;  /* whose service it is; NULL: no SRV record */
	const char *service; /* "_xmpp-client._tcp" */
	const char *host;    /* where it runs */
	uint16_t port, priority, weight;
	uint32_t ttl; /* 0: 5 min */
	/*
	 * Certificates or keys in PEM, each with TLSA 3 1 1 (RFC 7671 5.1): the one in use,
	 * and the one that is to follow as long before as the TTL (RFC 7671 8.1).
	 */
	const struct reed_slice *keys;
	size_t key_count;
	/* "ssh-ed25519 AAAA...": SSHFP with SHA-256 (RFC 4255, 6594). */
	const char *const *ssh_keys;
	size_t ssh_key_count;
	void *reserved[4];
};

#define REED_DNS_SERVICE .size = sizeof(struct reed_dns_service)

/* In the place of what was there of those names and types. */
REED_API struct reed_future *reed_dns_announce(struct reed_dns_server *self,
                                               const struct reed_dns_service *service);

/* None of it any more. */
REED_API struct reed_future *reed_dns_renounce(struct reed_dns_server *self,
                                               const struct reed_dns_service *service);

/* ---- at a server of somebody else ---- */

struct reed_dns_updater {
	size_t size;                      /* of this struct */
	const char *endpoint;             /* "tcp:192.0.2.53:53", "tls:ns.example.org:853" */
	const struct reed_dns_name *zone; /* that has all the names */
	const struct reed_dns_key *key;   /* NULL: it takes updates by address */
	int64_t patience;                 /* ns; 0: 10 s */
};

#define REED_DNS_UPDATER .size = sizeof(struct reed_dns_updater)

/*
 * The same by a dynamic update (RFC 2136), signed with the key: ends when the server has it.
 * REED_EACCES: it does not take that from us; REED_EAUTH: it does not know the key, or its
 * answer is not signed with it; REED_ENOTSUP: it is not the primary of such a zone;
 * REED_EINVAL: a name is of another zone, or the zone would break a rule; REED_EBUSY: it cannot
 * now; and as dialling fails.  Everything is copied.
 */
REED_API struct reed_future *reed_dns_announce_to(struct reed_loop *loop,
                                                  const struct reed_dns_updater *to,
                                                  const struct reed_dns_service *service);
REED_API struct reed_future *reed_dns_renounce_to(struct reed_loop *loop,
                                                  const struct reed_dns_updater *to,
                                                  const struct reed_dns_service *service);

REED_END_DECLS

#endif
