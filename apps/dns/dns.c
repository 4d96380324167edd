/* The service: zones, and the doors they are asked by. */

#include "dns.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/dns/tap.h"
#include "reed/endpoint.h"

enum { BUFFER = 4 << 20 }; /* of queries over UDP */

struct reed_dns_server_options dns_server_options(const struct dns_settings *s)
{
	struct reed_dns_server_options o = REED_DNS_SERVER_OPTIONS;

	o.identity = s->identity;
	o.version = s->version;
	o.udp_size = (uint16_t)s->udp_size;
	o.rate = (uint32_t)s->rate.answers;
	o.slip = (uint32_t)s->rate.slip;
	o.limit_loopback = s->limit_loopback;
	o.connections = (uint32_t)s->tcp.connections;
	o.idle = s->tcp.idle;
	o.log_every = (uint32_t)s->log_queries;
	return o;
}

/* ---- doors ---- */

/* Those it was started with: a reload opens none. */
static const char *const *endpoint(struct dns_app *app)
{
	struct reed_dns_server *server;

	return app->i < app->listen.n ? &app->listen.items[app->i]
	                              : dns_view_door(app, app->i - app->listen.n, &server);
}

static struct reed_dns_server *server_at(struct dns_app *app)
{
	struct reed_dns_server *server = app->server;

	if (app->i >= app->listen.n)
		dns_view_door(app, app->i - app->listen.n, &server);
	return server;
}

static bool starts(const char *endpoint, const char *scheme)
{
	return reed_slice_starts(reed_slice_of(endpoint), reed_slice_of(scheme));
}

/* What the system hands over may be either. */
static bool may_be_datagrams(const char *endpoint)
{
	return starts(endpoint, "udp:") || starts(endpoint, "systemd:") || starts(endpoint, "fd:");
}

/* As much as the system allows may wait while the loop has something else to do. */
static struct reed_future *open_datagrams(struct dns_app *app)
{
	const char *given = *endpoint(app);
	bool says = !starts(given, "udp:") || strstr(given, ":buffer=");
	char *text = says ? reed_strdup(given) : reed_sprintf("%s:buffer=%d", given, BUFFER);
	struct reed_future *f = reed_dgram_listen(app->service->loop, text, &app->dgram);

	reed_free(text);
	return f;
}

static void serve_datagrams(struct dns_app *app)
{
	struct reed_dgram *dgram = app->dgram;
	struct reed_door door = REED_DOOR;

	app->dgram = NULL;
	door.endpoint = *endpoint(app);
	door.addresses = &dgram->local;
	door.count = 1;
	door.datagrams = true;
	reed_service_opened(app->service, &door);
	reed_scope_add(&app->service->scope, reed_dns_serve(server_at(app), dgram));
}

static struct reed_future *listen_stream(struct dns_app *app)
{
	struct reed_serve_options options = REED_SERVE_OPTIONS;

	options.sessions = (size_t)app->settings->tcp.sessions;
	return reed_service_listen(app->service, endpoint(app), reed_dns_session, server_at(app),
	                           &options);
}

static void choose_doors(struct dns_app *app)
{
	const struct dns_settings *s = app->service->settings;

	app->listen = s->listen.n       ? s->listen
	              : dns_resolves(s) ? dns_listen_here
	                                : dns_listen_world;
}

/* Nobody has said where: another port will do, if it is told which. */
static bool go_elsewhere(struct dns_app *app, enum reed_err err)
{
	if (app->i || app->listen.items != dns_listen_here.items ||
	    (err != REED_EACCES && err != REED_EPERM && err != REED_EADDRINUSE))
		return false;
	app->listen = dns_listen_else;
	app->refused = err == REED_EADDRINUSE ? "is taken by another program"
	                                      : "may not be listened on by everybody";
	return true;
}

/* ---- a life ---- */

struct life {
	struct reed_co co;
	struct dns_app *app;
};

static enum reed_err explain(struct reed_co *co, struct dns_app *app)
{
	const char *origin = reed_service_origin(app->service, endpoint(app));

	return origin ? reed_because(co, co->err, "%s", origin) : co->err;
}

static void doors_run(struct reed_co *co)
{
	struct dns_app *self = reed_frame(co, struct life)->app;

	reed_coroutine (co) {
		for (self->i = 0; endpoint(self); self->i++) {
			if (may_be_datagrams(*endpoint(self))) {
				reed_await(co, open_datagrams(self));
				if (!co->err) {
					serve_datagrams(self);
					continue;
				}
				if (go_elsewhere(self, co->err)) {
					self->i = (size_t)-1;
					continue;
				}
				if (starts(*endpoint(self), "udp:"))
					reed_return(co, explain(co, self));
			}
			reed_try(co, listen_stream(self));
		}
		for (self->i = 0; self->i < self->settings->page.n; self->i++)
			reed_try(co, dns_page_listen(self, &self->settings->page.items[self->i]));
		reed_try(co, dns_https_open(self));
	}
}

static const struct reed_co_kind doors_kind = {
	.name = "dns doors",
	.size = sizeof(struct life),
	.run = doors_run,
};

static struct reed_future *open_doors(struct dns_app *app)
{
	struct life *self = reed_co_new(app->service->loop, &doors_kind);

	self->app = app;
	return reed_start(&self->co);
}

/* A reload may change which there are. */
static struct dns_kept *kept_at(const struct dns_app *app, size_t i)
{
	struct dns_kept *kept = app->kept;

	while (kept && i-- > 0)
		kept = kept->next;
	return kept;
}

static void life_run(struct reed_co *co)
{
	struct dns_app *self = reed_frame(co, struct life)->app;
	struct reed_service *service = self->service;

	reed_coroutine (co) {
		reed_try(co, dns_catalogs_sync(self));
		reed_scope_add(&service->scope, dns_catalogs_follow(self));
		reed_try(co, dns_anchors_load(self));
		dns_resolving_sync(self);
		choose_doors(self);
		reed_try(co, dns_lists_load(self));
		reed_try(co, dns_load(self, NULL));
		dns_views_sync(self);
		for (self->i = 0; dns_view_at(self, self->i); self->i++) {
			reed_try(co, dns_lists_load(dns_view_at(self, self->i)));
			reed_try(co, dns_load(dns_view_at(self, self->i), NULL));
		}
		for (self->i = 0; kept_at(self, self->i); self->i++)
			if (!kept_at(self, self->i)->is_secondary)
				reed_await(co,
				           reed_dns_keeper_idle(kept_at(self, self->i)->keeper));
		if (self->mistake && !self->kept && !self->resolver &&
		    !reed_dns_server_zone_at(self->server, 0))
			reed_return(co, reed_because(co, REED_ESYNTAX, "no zone can be served: %s",
			                             self->mistake));
		reed_try(co, open_doors(self));
		dns_hello(self);
		reed_service_ready(service);
		reed_try(co, reed_forever(co->loop));
	}
}

static const struct reed_co_kind life_kind = {
	.name = "dns",
	.size = sizeof(struct life),
	.run = life_run,
};

static void begin_tap(struct dns_app *app)
{
	struct reed_dns_tap_options o = REED_DNS_TAP_OPTIONS;
	const struct dns_settings *s = app->settings;

	if (!s->tap.endpoint && !s->tap.file)
		return;
	o.endpoint = s->tap.endpoint;
	o.file = s->tap.file;
	o.most = (size_t)s->tap.most;
	o.identity = s->identity ? s->identity : app->service->site->name;
	o.version = "reed " REED_VERSION;
	app->tap = reed_dns_tap_new(app->service->loop, &o);
	reed_scope_add(&app->service->scope, reed_dns_tap_run(app->tap));
	reed_dns_server_tap(app->server, app->tap);
}

static struct reed_future *dns_start(struct reed_service *service)
{
	struct life *life = reed_co_new(service->loop, &life_kind);
	struct dns_app *app = reed_alloc(sizeof(*app));
	struct reed_dns_server_options options;

	life->app = service->own = app;
	app->service = service;
	app->settings = service->settings;
	options = dns_server_options(app->settings);
	app->server = reed_dns_server_new(service->loop, &options);
	begin_tap(app);
	return reed_start(&life->co);
}

static void dns_end(struct reed_service *service)
{
	struct dns_app *self = service->own;

	reed_dgram_close(self->dgram);
	dns_https_finish(self);
	dns_kept_finish(self);
	reed_dns_server_free(self->server);
	dns_views_finish(self);
	dns_resolving_finish(self);
	dns_page_finish(self);
	reed_dns_tap_free(self->tap);
	reed_free(self->mistake);
	reed_free(self);
	service->own = NULL;
}

static void load_again(struct dns_app *app)
{
	if (app->loading)
		app->again = true;
	else
		reed_scope_add(&app->service->scope, dns_load(app, NULL));
}

/* A zone that is only a file now takes the place of the one that was kept, not the other way. */
static void renewing_run(struct reed_co *co)
{
	struct dns_app *app = reed_frame(co, struct life)->app;

	reed_coroutine (co) {
		reed_try(co, dns_catalogs_sync(app));
		load_again(app);
	}
}

static const struct reed_co_kind renewing_kind = {
	.name = "dns reload",
	.size = sizeof(struct life),
	.run = renewing_run,
};

static void dns_reload(struct reed_service *service, const void *values)
{
	struct dns_app *self = service->own;
	struct reed_dns_server_options options = dns_server_options(values);
	struct life *renewing = reed_co_new(service->loop, &renewing_kind);

	self->settings = values;
	dns_catalogs_choose(self); /* at once: they know their entries of the settings by number */
	reed_dns_server_update(self->server, &options);
	renewing->app = self;
	reed_scope_add(&service->scope, reed_start(&renewing->co));
	dns_resolving_sync(self);
	reed_scope_add(&service->scope, dns_anchors_load(self));
	reed_scope_add(&service->scope, dns_lists_load(self));
	dns_views_sync(self);
	for (size_t i = 0; dns_view_at(self, i); i++) {
		reed_scope_add(&service->scope, dns_lists_load(dns_view_at(self, i)));
		load_again(dns_view_at(self, i));
	}
}

/* ---- reed ctl conns ---- */

struct telling {
	reed_conn_fn *each;
	void *arg;
};

static bool tell_client(void *arg, const struct reed_dns_client *client)
{
	const struct telling *telling = arg;
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	struct reed_conn conn = REED_CONN;
	char note[80];

	reed_stream_facts(client->stream, &facts);
	snprintf(note, sizeof(note), "%ju quer%s%s", (uintmax_t)client->queries,
	         client->queries == 1 ? "y" : "ies", client->transfer ? ", transfer" : "");
	conn.stream = client->stream;
	conn.door = facts.tls ? "tls" : "tcp";
	conn.note = note;
	conn.since = client->since;
	return telling->each(telling->arg, &conn);
}

static void dns_conns(struct reed_service *service, reed_conn_fn *each, void *arg)
{
	struct telling telling = { each, arg };
	struct dns_app *self = service->own;

	if (self)
		reed_dns_server_each(self->server, tell_client, &telling);
}

static const char *dns_one_loop(const void *settings)
{
	(void)settings;
	return "zones with their journals, and the cache, are kept by one loop";
}

const struct reed_service_kind reed_dns_service =
	REED_SERVICE_KIND(.name = "dns",
                          .summary = "A name server: your zones, and everybody else's.",
                          .schema = &reed_dns_schema, .start = dns_start, .reload = dns_reload,
                          .conns = dns_conns, .end = dns_end, .check = dns_zones_check,
                          .needs = dns_zones_need, .verbs = dns_verbs, .control = dns_control,
                          .one_loop = dns_one_loop);
