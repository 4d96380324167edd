/* The service: sites, and the doors they are asked by. */

#include "web.h"

#include <stdio.h>
#include <string.h>

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/http/page.h"
#include "reed/log.h"
#include "reed/needs.h"

static void make_server(struct web *web)
{
	struct reed_http_server_options o = REED_HTTP_SERVER_OPTIONS;
	const struct web_settings *s = web->settings;

	o.handler = web_visit;
	o.arg = web;
	o.limits.head_ms = (uint32_t)s->limits.head_s * 1000;
	o.limits.body_ms = (uint32_t)s->limits.body_s * 1000;
	o.limits.total_ms = (uint32_t)s->limits.total_s * 1000;
	o.wire.head = (uint32_t)s->limits.head;
	o.wire.fields = (uint32_t)s->limits.fields;
	o.limits.idle_ms = (uint32_t)s->limits.idle_s * 1000;
	o.limits.write_ms = (uint32_t)s->limits.write_s * 1000;
	o.limits.streams = (uint32_t)s->limits.streams;
	o.limits.noise = (uint32_t)s->limits.noise;
	o.only_1 = !s->http2;
	o.error = reed_http_error_page;
	if (web->access) {
		o.access = reed_http_access_tell;
		o.access_arg = web->access;
	}
	web->server = reed_http_server_new(web->service->loop, &o);
}

static enum reed_err open_access(struct reed_co *co, struct web *web)
{
	struct reed_http_access_options options = REED_HTTP_ACCESS_OPTIONS;
	const struct web_settings *s = web->settings;
	struct reed_fault *fault = NULL;
	const char *origin;
	enum reed_err err;

	if (!s->access.file)
		return REED_OK;
	options.format = (enum reed_http_access_format)s->access.format;
	options.custom = s->access.line;
	options.trust = s->access.trust;
	options.forwarded = s->access.header == 1;
	err = reed_http_access_open(co->loop, s->access.file, &options, &web->access, &fault);
	if (err) {
		origin = reed_service_origin(web->service, &s->access.file);
		reed_because(co, err, "%s%s%s", origin ? origin : "", origin ? ": " : "",
		             reed_fault_why(fault, err));
		reed_fault_free(fault);
	}
	return err;
}

static enum reed_err open_sites(struct reed_co *co, struct web *web)
{
	struct reed_fault *fault = NULL;
	enum reed_err err = web_sites_new(web->service, web->settings, &web->sites, &fault);

	if (err)
		reed_because(co, err, "%s", reed_fault_why(fault, err));
	reed_fault_free(fault);
	return err;
}

/* ---- a life ---- */

struct life {
	struct reed_co co;
	struct web *web;
};

/* They come to the loops in turn. */
size_t web_share(const struct reed_service *service, size_t n)
{
	unsigned loops = service->site && service->site->loops ? service->site->loops : 1;

	return (n + loops - 1) / loops;
}

static struct reed_future *open_doors(struct web *web)
{
	const struct web_settings *s = web->service->settings;
	struct reed_serve_options options = REED_SERVE_OPTIONS;

	options.sessions = web_share(web->service, (size_t)s->limits.connections);
	web->serving = options;
	web->doors = (struct reed_doors){ .endpoints = &s->listen,
		                          .cert = &s->tls_cert,
		                          .session = reed_http_session,
		                          .arg = web->server,
		                          .alpn = s->http2 ? "h2,http/1.1,http/1.0" : NULL,
		                          .options = &web->serving };
	return reed_doors_open(web->service, &web->doors);
}

static void life_run(struct reed_co *co)
{
	struct web *self = reed_frame(co, struct life)->web;

	reed_coroutine (co) {
		if (open_access(co, self) || open_sites(co, self))
			reed_return(co, co->err);
		make_server(self);
		web_metrics_add(self);
		reed_try(co, open_doors(self));
		if (self->service->site->loop == 0)
			web_hello(self);
		reed_service_ready(self->service);
		reed_try(co, reed_forever(co->loop));
	}
}

static const struct reed_co_kind life_kind = {
	.name = "web",
	.size = sizeof(struct life),
	.run = life_run,
};

static struct reed_future *web_start(struct reed_service *service)
{
	struct life *life = reed_co_new(service->loop, &life_kind);

	life->web = service->own = reed_alloc(sizeof(*life->web));
	life->web->service = service;
	life->web->settings = service->settings;
	return reed_start(&life->co);
}

static void web_end(struct reed_service *service)
{
	struct web *self = service->own;

	web_metrics_remove(self);
	reed_http_server_free(self->server);
	web_sites_release(self->sites);
	reed_http_access_close(self->access);
	reed_doors_finish(&self->doors);
	reed_free(self);
	service->own = NULL;
}

/* Requests that are under way keep the sites that they came to. */
static void web_reload(struct reed_service *service, const void *values)
{
	struct web *self = service->own;
	struct reed_fault *fault = NULL;
	struct sites *sites;

	if (self->access)
		reed_http_access_reopen(self->access);
	self->settings = values;
	if (!self->sites)
		return;
	if (web_sites_new(service, values, &sites, &fault)) {
		reed_log(service->loop, REED_LOG_ERROR, "sites stay as they were why=%s",
		         fault->sentence);
		reed_fault_free(fault);
		return;
	}
	web_sites_release(self->sites);
	self->sites = sites;
	reed_http_server_renew(self->server);
}

/* ---- reed ctl conns ---- */

struct telling {
	reed_conn_fn *each;
	void *arg;
};

static bool tell_client(void *arg, const struct reed_http_conn *client)
{
	const struct telling *telling = arg;
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	struct reed_conn conn = REED_CONN;
	char note[80];

	if (client->stream)
		reed_stream_facts(client->stream, &facts);
	snprintf(note, sizeof(note), "%s, %ju request%s, %u under way",
	         client->upgraded ? "upgraded"
	         : client->second ? "HTTP/2"
	                          : "HTTP/1",
	         (uintmax_t)client->requests, client->requests == 1 ? "" : "s", client->active);
	conn.stream = client->stream;
	conn.door = facts.tls ? "https" : "http";
	conn.note = note;
	conn.since = client->since;
	return telling->each(telling->arg, &conn);
}

static void web_conns(struct reed_service *service, reed_conn_fn *each, void *arg)
{
	struct telling telling = { each, arg };
	struct web *self = service->own;

	if (self && self->server)
		reed_http_server_each(self->server, tell_client, &telling);
}

static bool site_proxies(const struct web_site *s)
{
	bool any = s->proxy.to.n > 0 || s->programs.fastcgi;

	for (size_t i = 0; i < s->routes.n; i++)
		any |= s->routes.items[i].proxy.to.n > 0 || s->routes.items[i].programs.fastcgi;
	return any;
}

static bool proxies(const struct web_settings *s)
{
	bool any = site_proxies(&s->site);

	for (size_t i = 0; i < s->hosts.n; i++)
		any |= site_proxies(&s->hosts.items[i]);
	return any;
}

static void need_programs(const struct web_site *s, struct reed_needs *needs)
{
	if (s->programs.cgi)
		reed_needs_program(needs, s->path);
	for (size_t i = 0; i < s->routes.n; i++) {
		const struct web_route *route = &s->routes.items[i];

		if (route->programs.cgi)
			reed_needs_program(needs, route->path ? route->path : s->path);
	}
}

/* The log is opened anew by its name when it has been rotated: its folder is needed. */
static void web_needs(const void *values, struct reed_needs *needs)
{
	const struct web_settings *s = values;
	const char *slash = s->access.file ? strrchr(s->access.file, '/') : NULL;
	char *folder;

	reed_needs_descriptors(needs, (uint64_t)s->limits.connections);
	if (proxies(s) ||
	    s->forward.allow.n > 0) /* a reload may name others, and a sandbox cannot be widened */
		reed_needs_dial_anywhere(needs);
	need_programs(&s->site, needs);
	for (size_t i = 0; i < s->hosts.n; i++)
		need_programs(&s->hosts.items[i], needs);
	if (!s->access.file)
		return;
	folder = slash ? reed_slice_dup(reed_slice(s->access.file,
	                                           slash == s->access.file
	                                                   ? 1
	                                                   : (size_t)(slash - s->access.file)))
	               : reed_strdup(".");
	reed_needs_write(needs, folder);
	reed_free(folder);
}

static bool site_guards(const struct web_site *s)
{
	bool any = s->auth || s->role;

	for (size_t i = 0; i < s->routes.n; i++)
		any |= s->routes.items[i].auth || s->routes.items[i].role;
	return any;
}

/* Attempts at passwords are counted for all who try, and an account knows its sessions. */
static const char *web_one_loop(const void *values)
{
	const struct web_settings *s = values;
	bool any = site_guards(&s->site) || s->forward.auth || s->forward.role;

	for (size_t i = 0; i < s->hosts.n; i++)
		any |= site_guards(&s->hosts.items[i]);
	return any ? "some of it is for people with an account only (protect, auth, role), and one "
	             "loop looks after accounts"
	           : NULL;
}

const struct reed_service_kind reed_web_service =
	REED_SERVICE_KIND(.name = "web",
                          .summary = "A web server: files of many sites, and servers behind.",
                          .schema = &reed_web_schema, .auth = "sqlite:{state}/accounts.db",
                          .start = web_start, .reload = web_reload, .conns = web_conns,
                          .end = web_end, .needs = web_needs, .one_loop = web_one_loop);
