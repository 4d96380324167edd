/* The name server as a daemon: what its files share. */

#ifndef REED_APPS_DNS_H
#define REED_APPS_DNS_H

#include "reed/dns/server.h"
#include "reed/service.h"
#include "reed/setting.h"

struct dns_zone_settings {
	const char *domain, *file;
	struct reed_texts transfer, notify;
};

struct dns_settings {
	struct reed_pairs zone;
	struct {
		const struct dns_zone_settings *items;
		size_t n;
	} zones;
	struct reed_texts listen, transfer, notify;
	const char *identity, *version;
	int udp_size;
	bool limit_loopback;
	struct {
		int answers, slip;
	} rate;
	struct {
		int connections, sessions;
		int64_t idle;
	} tcp;
};

extern const struct reed_schema reed_dns_schema;
extern const struct reed_service_kind reed_dns_service;

/* One zone of the settings, however it was given. */
struct dns_zone_entry {
	struct reed_dns_name name;
	const char *file;
	const struct reed_texts *transfer, *notify;
};

/* ---- zones.c ---- */

/* The n-th; false past the end.  Its name is right: the schema has seen to that. */
bool dns_zone_entry(const struct dns_settings *settings, size_t n, struct dns_zone_entry *entry);

/* Reads all zones; false when there is a mistake, which is in out then. */
bool dns_zones_check(const void *values, struct reed_buf *out);

/* ---- load.c ---- */

struct dns_app {
	struct reed_service *service;
	const struct dns_settings *settings;
	struct reed_dns_server *server;
	struct reed_dgram *dgram; /* opened, not yet served */
	size_t i;
	size_t loaded;
	char *mistake; /* the first of the last load; NULL: none */
	bool loading, again;
};

/*
 * Reads what is new or has changed, in a thread, and serves it from then on.  A
 * zone with mistakes stays as it was, which is logged.
 */
struct reed_future *dns_load(struct dns_app *app);

/* ---- hello.c ---- */

void dns_hello(const struct dns_app *app);

#endif
