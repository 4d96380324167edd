/* What is published, on its way into zones, and beside those that nobody keeps. */

#ifndef REED_DNS_PUBLISH_PRIVATE_H
#define REED_DNS_PUBLISH_PRIVATE_H

#include "reed/dns/publish.h"

#include "serve.h"

enum dns_change_kind {
	DNS_CHANGE_ADD,
	DNS_CHANGE_REMOVE, /* one record */
	DNS_CHANGE_CLEAR,  /* all of a type */
};

/* One after another in memory; of one zone, or of several. */
struct dns_changes {
	struct reed_buf bytes;
	struct reed_dns_name first; /* owner of the first */
	size_t count;
};

void dns_changes_add(struct dns_changes *changes, enum dns_change_kind kind,
                     const struct reed_dns_name *owner, uint16_t type, uint32_t ttl,
                     struct reed_slice rdata);
bool dns_changes_next(struct reed_slice *rest, enum dns_change_kind *kind, struct dns_item *item);

/* An update of the zone (RFC 2136) with all of them; into has REED_DNS_MESSAGE_MAX bytes. */
enum reed_err dns_changes_build(struct reed_slice changes, const struct reed_dns_name *zone,
                                uint16_t id, uint8_t *into, struct reed_slice *message);

/* Of the answer to an update. */
enum reed_err dns_update_meaning(unsigned rcode);

/* Done zone by zone; consumes them. */
struct reed_future *dns_publish(struct reed_dns_server *self, struct dns_changes *changes);

/* What tells of a service, in *changes; else why not. */
struct reed_future *dns_service_changes(struct reed_loop *loop,
                                        const struct reed_dns_service *service, bool there,
                                        struct dns_changes *changes);

/* ---- overlay.c: beside a zone ---- */

enum reed_err dns_overlay_change(struct dns_served *served, const struct dns_changes *changes);

/* The zone is another one now. */
void dns_overlay_renew(struct dns_served *served);
void dns_overlay_finish(struct dns_served *served);

/* The one that answers: the zone, or what is published beside it. */
const struct reed_dns_zone *dns_overlay_choose(const struct dns_served *served,
                                               const struct reed_dns_question *question,
                                               const struct dns_path *path);

#endif
