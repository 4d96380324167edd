/* The web server as a daemon: what its files share. */

#ifndef REED_APPS_WEB_H
#define REED_APPS_WEB_H

#include "reed/doors.h"
#include "reed/http/access.h"
#include "reed/http/auth.h"
#include "reed/http/cgi.h"
#include "reed/http/coding.h"
#include "reed/http/fastcgi.h"
#include "reed/http/files.h"
#include "reed/http/forward.h"
#include "reed/http/proxy.h"
#include "reed/http/server.h"
#include "reed/metric.h"
#include "reed/service.h"
#include "reed/setting.h"

/* Servers behind this one. */
struct web_proxy {
	struct reed_texts to;
	int balance, http;
	const char *host, *trust, *check;
	int64_t connect, answer, silent;
	int64_t body;
	bool strip;
};

/* Programs that answer in place of files. */
struct web_programs {
	const char *fastcgi;
	bool cgi;
	const char *cgi_endings;
	int cgi_most;
	int64_t cgi_longest;
};

/* A part of a site that is another folder, or asks for more. */
struct web_route {
	const char *at, *path, *role;
	int64_t cache;
	bool listing, auth, digest;
	struct web_programs programs;
	struct web_proxy proxy;
};

struct web_site {
	struct reed_texts names;
	const char *path, *index, *endings, *onion, *role;
	struct reed_pairs redirects, rewrites, headers;
	int64_t cache;
	bool listing, auth, digest, https, safe, compress, precompressed, symlinks, hidden;
	struct web_programs programs;
	struct web_proxy proxy;
	struct {
		const struct web_route *items;
		size_t n;
	} routes;
};

/* A way out for clients that say where to. */
struct web_forward {
	struct reed_texts allow, deny;
	const char *clients, *role;
	bool auth, digest;
	int most, of_client;
	int64_t connect, answer, silent, longest;
};

struct web_settings {
	struct reed_texts listen;
	const char *tls_cert;
	struct web_site site; /* of names that are no host's */
	struct {
		const struct web_site *items;
		size_t n;
	} hosts;
	struct {
		const char *file, *line, *trust;
		int format, header;
	} access;
	struct web_forward forward;
	struct {
		int connections, head_s, body_s, idle_s, write_s, total_s, fields, streams, noise;
		int64_t head;
	} limits;
	bool http2;
};

extern const struct reed_schema reed_web_schema;
extern const struct reed_service_kind reed_web_service;

/* ---- match.c: patterns of paths, a '*' at the end is all that follows ---- */

/* *tail is what the star stands for. */
bool web_match(const char *pattern, struct reed_slice path, struct reed_slice *tail);

/* The target with tail in place of its star; of the pool, NULL: there is no room. */
char *web_target(struct reed_pool *pool, const char *target, struct reed_slice tail);

/* "example.org", "*.example.org"; host is lower case, without a port. */
bool web_host_matches(const char *name, struct reed_slice host);

/* NULL: it will do. */
const char *web_pattern_wrong(const char *pattern);

/* ---- site.c: settings made ready to serve ---- */

/* A folder, or upstreams, and who may see it. */
struct place {
	const char *at; /* the route's; NULL: of the site as a whole */
	struct reed_http_files *files;
	struct reed_http_proxy *proxy; /* NULL: files, if any */
	bool strip;                    /* upstreams are not told of the route */
	struct reed_http_fastcgi *fastcgi;
	struct reed_http_cgi *cgi;     /* of all files of its folder, or of those it has */
	const char *index;             /* of folders of files, where some are programs */
	struct reed_http_guard *guard; /* NULL: everybody */
	const char *cache;             /* Cache-Control */
	char cache_text[40];
};

struct site {
	const struct web_site *settings; /* may be gone for who came before a reload */
	size_t route_count;
	struct place root; /* without files: there is nothing to show */
	struct place *routes;
};

/* ---- forward.c ---- */

struct way_out {
	struct reed_http_forward *forward; /* NULL: nothing is allowed */
	struct reed_http_guard *guard;     /* NULL: nobody is asked who he is */
};

enum reed_err web_way_out_open(struct way_out *self, struct reed_service *service,
                               const struct web_forward *s, struct reed_fault **fault);
void web_way_out_close(struct way_out *self);

/* Says what would let out whom nobody knows. */
void web_judge_forward(const struct web_forward *s, struct reed_setting_judge *judge);

/* A list of prefixes, as of whom is believed, is one. */
void web_judge_peers(struct reed_setting_judge *judge, const char *const *list);

/* Digest is for those who are asked who they are. */
void web_judge_digest(struct reed_setting_judge *judge, const bool *digest, bool asks);

/* All sites as the settings have them; held by every request that is under way. */
struct sites {
	struct reed_service *service;
	unsigned holders;
	size_t count;       /* of hosts */
	struct site *hosts; /* and one more: of all other names */
	char *https_port;   /* ":8443", "" for 443; NULL: there is no TLS */
	struct way_out out;
};

/* Of a setting's time; and the share of this loop in what is for all. */
uint32_t web_ms(int64_t ns);
size_t web_share(const struct reed_service *service, size_t n);

/* guard may be NULL.  REED_ENOTSUP: *fault says which accounts it takes. */
enum reed_err web_ask_digest(struct reed_http_guard *guard, struct reed_fault **fault);

/* REED_ENOENT and the like: *fault says which folder. */
enum reed_err web_sites_new(struct reed_service *service, const struct web_settings *s,
                            struct sites **sites, struct reed_fault **fault);
struct sites *web_sites_share(struct sites *sites);
void web_sites_release(struct sites *sites);

/* The site of a Host field, and the innermost place of a path. */
struct site *web_site_of(struct sites *sites, struct reed_slice host);
struct place *web_place_of(struct site *site, struct reed_slice path, struct reed_slice *rest);

/* ---- metrics.c ---- */

enum web_what {
	WEB_REQUESTS,
	WEB_REFUSED,
	WEB_TIMEOUTS,
	WEB_ACCEPTED,
	WEB_CONNECTIONS,
	WEB_ACTIVE,
	WEB_METRICS
};

struct web_metric {
	struct reed_metric_source source;
	const struct reed_http_server *server;
	enum web_what what;
};

/* ---- visit.c ---- */

struct web {
	struct reed_service *service;
	const struct web_settings *settings;
	struct sites *sites;
	struct reed_http_server *server;
	struct reed_http_access_log *access;
	struct reed_doors doors;
	struct reed_serve_options serving;
	struct web_metric metrics[WEB_METRICS];
};

/* Of the server, as long as there is one. */
void web_metrics_add(struct web *web);
void web_metrics_remove(struct web *web);

/* arg is the struct web. */
reed_http_handler_fn web_visit;

/* ---- welcome.c ---- */

/* What is shown as long as there is no folder. */
void web_welcome(const struct web *web, struct reed_http_request *request);

/* ---- hello.c ---- */

void web_hello(const struct web *web);

#endif
