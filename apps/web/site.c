/* Settings made ready to serve: folders opened, guards posted. */

#include "web.h"

#include <stdio.h>
#include <string.h>

#include "reed/alloc.h"
#include "reed/endpoint.h"

/* ---- places ---- */

/* How a folder of the site is served; a route says some of it anew. */
struct manner {
	const struct web_site *site;
	const char *path, *role;
	int64_t cache;
	bool listing, auth, digest;
	const struct web_programs *programs;
	const struct web_proxy *proxy;
};

/* What is for some only is not for caches that serve all. */
static void say_cache(struct place *place, const struct manner *m)
{
	const char *whose = place->guard ? "private, " : "";

	if (m->cache > 0)
		snprintf(place->cache_text, sizeof(place->cache_text), "%smax-age=%lld", whose,
		         (long long)(m->cache / REED_S(1)));
	else
		snprintf(place->cache_text, sizeof(place->cache_text), "%sno-cache", whose);
}

uint32_t web_ms(int64_t ns)
{
	int64_t ms = ns / REED_MS(1);

	return ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}

static enum reed_err open_proxy(struct place *place, struct reed_service *service,
                                const struct web_proxy *p, struct reed_fault **fault)
{
	struct reed_http_proxy_options options = REED_HTTP_PROXY_OPTIONS;
	const char **all = reed_alloc((p->to.n + 1) * sizeof(*all));
	enum reed_err err;

	memcpy(all, p->to.items, p->to.n * sizeof(*all));
	options.upstreams = all;
	options.balance = (enum reed_http_balance)p->balance;
	options.version = p->http;
	options.host = p->host;
	options.trust = p->trust;
	options.check = p->check;
	options.body = (uint64_t)p->body;
	options.connect_ms = web_ms(p->connect);
	options.first_ms = web_ms(p->answer);
	options.silent_ms = web_ms(p->silent);
	place->strip = p->strip;
	err = reed_http_proxy_new(service->loop, &options, &place->proxy, fault);
	reed_free(all);
	return err;
}

static enum reed_err open_fastcgi(struct place *place, struct reed_service *service,
                                  const struct manner *m, struct reed_fault **fault)
{
	struct reed_http_fastcgi_options options = REED_HTTP_FASTCGI_OPTIONS;

	options.endpoint = m->programs->fastcgi;
	options.root = m->path;
	options.body = (uint64_t)m->proxy->body;
	options.connect_ms = web_ms(m->proxy->connect);
	options.first_ms = web_ms(m->proxy->answer);
	options.silent_ms = web_ms(m->proxy->silent);
	return reed_http_fastcgi_new(service->loop, &options, &place->fastcgi, fault);
}

static enum reed_err open_cgi(struct place *place, struct reed_service *service,
                              const struct manner *m, struct reed_fault **fault)
{
	struct reed_http_cgi_options options = REED_HTTP_CGI_OPTIONS;

	options.root = m->path;
	options.endings = m->programs->cgi_endings;
	options.most = (uint32_t)web_share(service, (size_t)m->programs->cgi_most);
	options.body = (uint64_t)m->proxy->body;
	options.first_ms = web_ms(m->proxy->answer);
	options.silent_ms = web_ms(m->proxy->silent);
	options.total_ms = web_ms(m->programs->cgi_longest);
	return reed_http_cgi_new(service->loop, &options, &place->cgi, fault);
}

enum reed_err web_ask_digest(struct reed_http_guard *guard, struct reed_fault **fault)
{
	enum reed_err err = guard ? reed_http_guard_digest(guard) : REED_OK;

	if (err)
		*fault = reed_fault(err, NULL,
		                    "digest: no accounts of --auth can prove by Digest who they "
		                    "are, or not all by the same hash; secrets:PATH and "
		                    "htdigest:PATH can");
	return err;
}

static enum reed_err open_files(struct place *place, struct reed_service *service,
                                const struct manner *m, struct reed_fault **fault)
{
	struct reed_http_files_options options = REED_HTTP_FILES_OPTIONS;

	options.root = m->path;
	options.index = place->index = m->site->index;
	options.endings = m->site->endings;
	options.cache_control = place->cache_text;
	options.listing = m->listing;
	options.precompressed = m->site->precompressed;
	options.symlinks = m->site->symlinks;
	options.hidden = m->site->hidden;
	return reed_http_files_new(service->loop, &options, &place->files, fault);
}

static enum reed_err place_open(struct place *place, struct reed_service *service,
                                const struct manner *m, struct reed_fault **fault)
{
	enum reed_err err;

	if (m->auth || m->role)
		place->guard =
			reed_http_guard_new(service->site->portal, service->site->name, m->role);
	if (m->digest && web_ask_digest(place->guard, fault))
		return (*fault)->err;
	say_cache(place, m);
	if (m->proxy->to.n > 0)
		return open_proxy(place, service, m->proxy, fault);
	if (m->programs->fastcgi)
		return open_fastcgi(place, service, m, fault);
	if (m->programs->cgi) {
		err = open_cgi(place, service, m, fault);
		if (err || !m->programs->cgi_endings)
			return err;
	}
	return m->path ? open_files(place, service, m, fault) : REED_OK;
}

static void place_close(struct place *place)
{
	reed_http_files_free(place->files);
	reed_http_proxy_free(place->proxy);
	reed_http_fastcgi_free(place->fastcgi);
	reed_http_cgi_free(place->cgi);
	reed_http_guard_free(place->guard);
}

/* ---- sites ---- */

static enum reed_err open_route(struct site *self, struct reed_service *service, size_t i,
                                struct reed_fault **fault)
{
	const struct web_site *s = self->settings;
	const struct web_route *route = &s->routes.items[i];
	struct manner m = { .site = s,
		            .path = route->path ? route->path : s->path,
		            .role = route->role ? route->role : s->role,
		            .cache = route->cache ? route->cache : s->cache,
		            .listing = route->listing,
		            .auth = route->auth || s->auth,
		            .digest = route->digest || s->digest,
		            .programs = &route->programs,
		            .proxy = &route->proxy };

	if (route->proxy.to.n == 0 && !route->programs.fastcgi && !route->programs.cgi &&
	    !route->path) {
		m.proxy = &s->proxy; /* it only asks for more, of the same */
		m.programs = &s->programs;
	}
	self->routes[i].at = route->at;
	return place_open(&self->routes[i], service, &m, fault);
}

static enum reed_err site_open(struct site *self, struct reed_service *service,
                               const struct web_site *s, struct reed_fault **fault)
{
	struct manner m = { .site = s,
		            .path = s->path,
		            .role = s->role,
		            .cache = s->cache,
		            .listing = s->listing,
		            .auth = s->auth,
		            .digest = s->digest,
		            .programs = &s->programs,
		            .proxy = &s->proxy };
	enum reed_err err;

	self->settings = s;
	self->route_count = s->routes.n;
	self->routes = reed_alloc((s->routes.n + 1) * sizeof(struct place));
	err = place_open(&self->root, service, &m, fault);
	for (size_t i = 0; i < s->routes.n && !err; i++)
		err = open_route(self, service, i, fault);
	return err;
}

static void site_close(struct site *self)
{
	for (size_t i = 0; i < self->route_count; i++)
		place_close(&self->routes[i]);
	place_close(&self->root);
	reed_free(self->routes);
}

/* Where who came without TLS is sent to: the first door that has it. */
static char *find_https(const struct web_settings *s)
{
	char *found = NULL;

	for (size_t i = 0; i < s->listen.n && !found; i++) {
		struct reed_fault *fault = NULL;
		struct reed_endpoint e;
		const struct reed_endpoint_part *port = NULL;

		if (!reed_endpoint_parse(reed_slice_of(s->listen.items[i]), &e, &fault) &&
		    reed_slice_is(e.scheme, "tls"))
			port = reed_endpoint_arg(&e, 0);
		if (port && reed_slice_is(port->value, "443"))
			found = reed_strdup("");
		else if (port)
			found = reed_sprintf(":" REED_FMT, REED_ARG(port->value));
		reed_fault_free(fault);
		reed_endpoint_finish(&e);
	}
	return found;
}

/* Listeners stay those of the start; a site is asked for accounts only where there are some. */
enum reed_err web_sites_new(struct reed_service *service, const struct web_settings *s,
                            struct sites **sites, struct reed_fault **fault)
{
	struct sites *self = reed_alloc(sizeof(*self));
	enum reed_err err = REED_OK;

	self->service = service;
	self->holders = 1;
	self->count = s->hosts.n;
	self->hosts = reed_alloc((s->hosts.n + 1) * sizeof(struct site));
	self->https_port = find_https(service->settings);
	for (size_t i = 0; i <= s->hosts.n && !err; i++)
		err = site_open(&self->hosts[i], service,
		                i < s->hosts.n ? &s->hosts.items[i] : &s->site, fault);
	if (!err)
		err = web_way_out_open(&self->out, service, &s->forward, fault);
	if (err)
		web_sites_release(self);
	else
		*sites = self;
	return err;
}

struct sites *web_sites_share(struct sites *self)
{
	self->holders++;
	return self;
}

void web_sites_release(struct sites *self)
{
	if (!self || --self->holders > 0)
		return;
	for (size_t i = 0; i <= self->count; i++)
		site_close(&self->hosts[i]);
	web_way_out_close(&self->out);
	reed_free(self->hosts);
	reed_free(self->https_port);
	reed_free(self);
}

/* ---- finding ---- */

static struct reed_slice without_port(struct reed_slice host)
{
	size_t end = reed_slice_find(host, ']');

	if (end < host.n)
		return reed_slice_first(host, end + 1);
	return reed_slice_first(host, reed_slice_find(host, ':'));
}

static bool is_called(const struct site *site, struct reed_slice host, bool by_star)
{
	const struct reed_texts *names = &site->settings->names;

	for (size_t i = 0; i < names->n; i++)
		if ((names->items[i][0] == '*') == by_star &&
		    web_host_matches(names->items[i], host))
			return true;
	return false;
}

struct site *web_site_of(struct sites *self, struct reed_slice host)
{
	host = without_port(host);
	for (int by_star = 0; by_star < 2; by_star++)
		for (size_t i = 0; i < self->count; i++)
			if (is_called(&self->hosts[i], host, by_star))
				return &self->hosts[i];
	return &self->hosts[self->count];
}

struct place *web_place_of(struct site *site, struct reed_slice path, struct reed_slice *rest)
{
	struct place *best = &site->root;
	size_t longest = 1;

	for (size_t i = 0; i < site->route_count; i++) {
		size_t n = strlen(site->routes[i].at);

		if (n > longest && reed_slice_starts(path, reed_slice(site->routes[i].at, n))) {
			best = &site->routes[i];
			longest = n;
		}
	}
	*rest = reed_slice_from(path, longest);
	return best;
}
