/* The name server as a daemon: what its files share. */

#ifndef REED_APPS_DNS_H
#define REED_APPS_DNS_H

#include "reed/cell.h"
#include "reed/dns/keeper.h"
#include "reed/dns/filter.h"
#include "reed/dns/resolver.h"
#include "reed/dns/server.h"
#include "reed/doh.h"
#include "reed/doors.h"
#include "reed/http/server.h"
#include "reed/pool.h"
#include "reed/service.h"
#include "reed/setting.h"

struct dns_key_settings {
	const char *id, *secret;
	int algorithm; /* enum reed_dns_hmac */
	bool sha1;
};

struct dns_remote_settings {
	const char *id, *address, *key;
};

struct dns_acl_settings {
	const char *id;
	struct reed_texts address, key;
	struct reed_numbers action; /* which bit of enum reed_dns_action */
	bool deny;
	int match; /* enum reed_dns_owner_match */
	bool owner_is_key;
	struct reed_texts owner, type;
};

struct dns_zone_settings {
	const char *domain, *file;
	struct {
		bool on, split, nsec3, opt_out, unsign;
		int algorithm;
		int64_t zsk_lifetime, ksk_lifetime, dnskey_ttl, propagation, ds_ttl;
		int64_t lifetime, refresh, jitter;
	} sign;
	struct reed_texts transfer, notify, acl, primary, secondary;
	bool journal;
	int64_t journal_limit, sync, refresh_least, refresh_most, limit;
	int serial;               /* enum reed_dns_serial_policy */
	int catalog;              /* enum dns_catalog_role */
	const char *catalog_zone; /* that lists it; NULL: none does */
};

struct dns_view_settings {
	const char *id;
	struct reed_texts client, key, listen, forward, local, block;
	struct reed_pairs zone;
};

struct dns_settings {
	struct reed_pairs zone;
	struct {
		const struct dns_zone_settings *items;
		size_t n;
	} zones;
	struct {
		const struct dns_key_settings *items;
		size_t n;
	} key;
	struct {
		const struct dns_remote_settings *items;
		size_t n;
	} remote;
	struct {
		const struct dns_acl_settings *items;
		size_t n;
	} acl;
	struct {
		const struct dns_view_settings *items;
		size_t n;
	} views;
	struct reed_texts listen, page, https, transfer, notify;
	int log_queries;
	struct {
		const char *endpoint, *file;
		int64_t most;
	} tap;
	const char *tls_cert; /* of https; NULL: one of our own making */
	int resolver;         /* enum dns_resolver_setting */
	int dnssec;           /* the same words: auto where it can be sound */
	struct reed_texts forward, roots, allow, own, local, block, anchor, distrust;
	const char *anchors; /* a file; NULL: none */
	bool ipv6, rebinding_protection, follow;
	struct {
		int64_t size, ttl_most, ttl_least, negative_most, stale;
		bool prefetch;
	} cache;
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

enum dns_catalog_role { DNS_CATALOG_NONE, DNS_CATALOG_INTERPRET, DNS_CATALOG_GENERATE };

/* Auto: when there is somebody to forward to, or no zone. */
enum dns_resolver_setting { DNS_RESOLVER_AUTO, DNS_RESOLVER_ON, DNS_RESOLVER_OFF };

extern const struct reed_schema reed_dns_schema;
extern const struct reed_service_kind reed_dns_service;

/* One zone of the settings, however it was given. */
struct dns_zone_entry {
	struct reed_dns_name name;
	const char *file; /* NULL: in the state directory */
	const struct reed_texts *transfer, *notify;
	const struct dns_zone_settings *more; /* NULL: nothing else was said of it */
	bool kept;                            /* it changes while it is served */
	const struct dns_catalog *catalog;    /* that lists it; NULL */
};

/* ---- dns.c ---- */

struct reed_dns_server_options dns_server_options(const struct dns_settings *settings);

/* ---- zones.c ---- */

/* The n-th; false past the end.  Its name is right: the schema has seen to that. */
bool dns_zone_entry(const struct dns_settings *settings, size_t n, struct dns_zone_entry *entry);

/* Reads all zones; false when there is a mistake, which is in out then. */
bool dns_zones_check(const void *values, struct reed_buf *out);

/* Folders in which zone files are written. */
void dns_zones_need(const void *values, struct reed_needs *needs);

/* ---- settings_more.c: keys, remotes and access lists ---- */

extern const struct reed_schema dns_key_schema, dns_remote_schema, dns_acl_schema;

const struct dns_key_settings *dns_key_of(const struct dns_settings *settings, const char *id);
const struct dns_remote_settings *dns_remote_of(const struct dns_settings *settings,
                                                const char *id);
const struct dns_acl_settings *dns_acl_of(const struct dns_settings *settings, const char *id);
bool dns_acl_has(const struct dns_acl_settings *acl, enum reed_dns_action action);
/* Both are the same name. */
bool dns_is_domain(const char *a, const char *b);
bool dns_check_domain(const char *text, struct reed_buf *why);
bool dns_check_prefix(const char *text, struct reed_buf *why);

/* What they name is there, and fits together. */
void dns_check_references(const struct dns_settings *settings, struct reed_setting_judge *judge);

/* ---- access.c: the same for the server ---- */

/* All keys; what is wrong with one the schema has said. */
struct reed_dns_keys *dns_keys_of(const struct dns_settings *settings);

/* Who may what with a zone; good as long as the pool. */
void dns_access_of(const struct dns_settings *settings, const struct dns_zone_entry *entry,
                   struct reed_pool *pool, struct reed_dns_access *access);
size_t dns_remotes_of(const struct dns_settings *settings, const struct reed_texts *ids,
                      const struct reed_dns_keys *keys, struct reed_pool *pool,
                      const struct reed_dns_remote **remotes);

/* ---- load.c ---- */

struct dns_catalog; /* one whose members are served */

struct dns_kept {
	struct dns_kept *next, **back, *same; /* same: of that slot of the table */
	struct reed_dns_name name;
	char *file;
	bool is_secondary, is_signed, is_catalog;
	size_t journal_limit;
	struct reed_dns_keeper *keeper;
	const struct dns_catalog *catalog; /* that has it as a member; NULL: the settings have it */
	bool wanted;
};

struct dns_app {
	struct reed_service *service;
	const struct dns_settings *settings;
	struct reed_dns_server *server;
	struct reed_dgram *dgram; /* opened, not yet served */
	struct dns_kept *kept, **kept_table;
	size_t kept_count, kept_slots;
	struct dns_catalog *catalogs;
	struct reed_cell catalogs_change;
	struct reed_lane *catalogs_lane;    /* those that are made, one after another; NULL */
	struct reed_dns_resolver *resolver; /* NULL: nothing is found out */
	struct reed_dns_filter *filter;
	struct reed_dns_tap *tap; /* NULL: nobody looks */
	struct dns_page *page;    /* NULL: nobody may look */
	char *anchors;            /* as last read, with those of the settings; NULL: the root's */
	struct reed_future *following; /* the keys of the root; NULL */
	struct reed_doh_client *doh;   /* to forward by; NULL */
	struct reed_http_server *http; /* NULL: there is no such door */
	struct reed_doors doors;
	struct reed_serve_options serving;
	struct reed_texts listen; /* what is listened on */
	size_t i;
	const char *refused; /* an endpoint that another took the place of; NULL */
	size_t loaded;
	char *mistake; /* the first of the last load; NULL: none */
	struct dns_view *views;
	const char *view; /* which one this is; NULL: none */
	bool loading, again;
};

/*
 * Reads what is new or has changed, in a thread, and serves it from then on.  A
 * zone with mistakes stays as it was, which is logged.  only: of that name; NULL: all.
 */
struct reed_future *dns_load(struct dns_app *app, const struct reed_dns_name *only);

/* ---- kept.c: zones that change ---- */

/* As the settings have them now. */
void dns_kept_sync(struct dns_app *app);
void dns_kept_finish(struct dns_app *app);
/* Its file; the caller's to free. */
char *dns_kept_file(const struct dns_app *app, const struct dns_zone_entry *entry);
struct dns_kept *dns_kept_find(const struct dns_app *app, const struct reed_dns_name *name);

/* One that a catalog lists; and not any more. */
void dns_kept_begin(struct dns_app *app, const struct dns_zone_entry *entry);
void dns_kept_erase(struct dns_app *app, struct dns_kept *kept);

/* ---- catalogs.c: lists of zones as zones (RFC 9432) ---- */

/*
 * The n-th zone of the settings, and behind them those that catalogs list; false past the
 * end.
 */
bool dns_app_entry(const struct dns_app *app, size_t n, struct dns_zone_entry *entry);

/* As dns_kept_sync(), once the catalogs that the settings make are on disk. */
struct reed_future *dns_catalogs_sync(struct dns_app *app);

/* Whose members are ours, as the settings have it now. */
void dns_catalogs_choose(struct dns_app *app);

/* Members come and go from now on. */
struct reed_future *dns_catalogs_follow(struct dns_app *app);
void dns_catalogs_finish(struct dns_app *app);

/* ---- control.c ---- */

extern const struct reed_service_verb dns_verbs[];
struct reed_future *dns_control(struct reed_service *service, const struct reed_slice *words,
                                size_t count, struct reed_buf *out);

/* A line about each zone of the settings, so many at most. */
void dns_zones_tell(const struct dns_app *app, size_t most, struct reed_buf *out);

/* ---- page.c ---- */

struct reed_future *dns_page_listen(struct dns_app *app, const char *const *endpoint);
void dns_page_finish(struct dns_app *app);

/* ---- publish.c ---- */

struct reed_future *dns_control_publish(struct dns_app *app, const struct reed_slice *words,
                                        size_t count);

/* ---- resolving.c ---- */

/* Clients are told what others know. */
bool dns_resolves(const struct dns_settings *settings);

/* What the world says is validated. */
bool dns_validates(const struct dns_settings *settings);

/* As the settings have it now. */
void dns_resolving_sync(struct dns_app *app);
void dns_resolving_finish(struct dns_app *app);

/* What is to be blocked, read in a thread and in force when this ends. */
struct reed_future *dns_lists_load(struct dns_app *app);

/* ---- views.c ---- */

extern const struct reed_schema dns_view_schema;
void dns_check_views(const struct dns_settings *settings, struct reed_setting_judge *judge);

/* The settings of the i-th view, as of a server; false past the end. */
bool dns_view_settings_at(const struct dns_settings *settings, size_t i, struct dns_settings *made);
void dns_views_sync(struct dns_app *app);
void dns_views_finish(struct dns_app *app);

/* The i-th view; the i-th door of all views; NULL past the end. */
struct dns_app *dns_view_at(struct dns_app *app, size_t i);
const char *const *dns_view_door(struct dns_app *app, size_t i, struct reed_dns_server **server);

/* ---- https.c ---- */

struct reed_future *dns_https_open(struct dns_app *app);
void dns_https_finish(struct dns_app *app);

/* ---- anchors.c ---- */

/* The file of trust anchors, read in a thread; the resolver has them when this ends. */
struct reed_future *dns_anchors_load(struct dns_app *app);
enum reed_err dns_anchors_probe(const char *path, struct reed_fault **fault);

/* RFC 5011, from now on or not any more, as the settings have it. */
void dns_anchors_follow(struct dns_app *app);
void dns_anchors_finish(struct dns_app *app);

/* ---- settings_resolver.c ---- */

/* What the settings of the resolver may be, one by one. */
bool dns_check_forward(const char *text, struct reed_buf *why);
bool dns_check_address(const char *text, struct reed_buf *why);
bool dns_check_record(const char *text, struct reed_buf *why);
bool dns_check_anchor(const char *text, struct reed_buf *why);

/* Where it listens when nobody has said so. */
extern const struct reed_texts dns_listen_world, dns_listen_here, dns_listen_else;

/* ---- hello.c ---- */

void dns_hello(const struct dns_app *app);

#endif
