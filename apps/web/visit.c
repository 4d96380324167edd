/* A request: to which site, which place, and by whom. */

#include "web.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/co.h"

/* ---- fields of every answer ---- */

struct preset {
	const char *name, *value;
};

static const struct preset safe[] = {
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "SAMEORIGIN" },
	{ "Referrer-Policy", "strict-origin-when-cross-origin" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
};

static bool is_named(const struct reed_pairs *pairs, const char *name)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (reed_slice_is_nocase(reed_slice_of(pairs->items[i].name), name))
			return true;
	return false;
}

static void add_preset(const struct web_site *s, struct reed_http_request *r, const char *name,
                       const char *value)
{
	if (!is_named(&s->headers, name))
		reed_http_add(r, name, reed_slice_of(value));
}

/* Tor Browser heeds it only of pages that came over TLS. */
static void add_onion(const struct web_site *s, struct reed_http_request *r)
{
	struct reed_slice target = reed_http_head(r)->target;

	if (target.n < 900)
		reed_http_addf(r, "Onion-Location", "%s" REED_FMT, s->onion, REED_ARG(target));
}

static void add_fields(const struct web_site *s, struct reed_http_request *r, bool secure)
{
	for (size_t i = 0; s->safe && i < REED_COUNT(safe); i++)
		add_preset(s, r, safe[i].name, safe[i].value);
	if (s->https && secure) /* RFC 6797 7.2: never without TLS */
		add_preset(s, r, "Strict-Transport-Security", "max-age=31536000");
	if (s->onion && secure)
		add_onion(s, r);
	for (size_t i = 0; i < s->headers.n; i++)
		if (s->headers.items[i].value[0])
			reed_http_add(r, s->headers.items[i].name,
			              reed_slice_of(s->headers.items[i].value));
}

/* ---- somewhere else ---- */

static bool go_to_https(const struct sites *sites, struct reed_http_request *r)
{
	const struct reed_http_head *head = reed_http_head(r);
	struct reed_slice host = head->host;
	size_t end = reed_slice_find(host, ']');
	char *to;

	host = end < host.n ? reed_slice_first(host, end + 1)
	                    : reed_slice_first(host, reed_slice_find(host, ':'));
	if (!sites->https_port || host.n == 0 || head->path.n == 0 || head->path.p[0] != '/')
		return false;
	to = reed_sprintf("https://" REED_FMT "%s" REED_FMT "%s" REED_FMT, REED_ARG(host),
	                  sites->https_port, REED_ARG(head->path), head->query.n ? "?" : "",
	                  REED_ARG(head->query));
	reed_http_redirect(r, 308, to);
	reed_free(to);
	return true;
}

static char *target_of(const struct reed_pairs *pairs, struct reed_http_request *r,
                       struct reed_slice path)
{
	struct reed_slice tail;

	for (size_t i = 0; i < pairs->n; i++)
		if (web_match(pairs->items[i].name, path, &tail))
			return web_target(reed_http_pool(r), pairs->items[i].value, tail);
	return NULL;
}

/*
 * The path as it was sent, so that what it has encoded stays so.  What a star
 * stands for must not make of "/" the "//host" of somebody else.
 */
static bool has_moved(const struct web_site *s, struct reed_http_request *r)
{
	const struct reed_http_head *head = reed_http_head(r);
	char *to = target_of(&s->redirects, r, head->path), *with_query;

	if (!to)
		return false;
	while (to[0] == '/' && to[1] == '/')
		to++;
	with_query =
		reed_sprintf("%s%s" REED_FMT, to, head->query.n ? "?" : "", REED_ARG(head->query));
	reed_http_redirect(r, 308, with_query);
	reed_free(with_query);
	return true;
}

/* ---- an answer that takes time ---- */

/* A path, decoded: the whole of it, and what is left of it in its place. */
struct way {
	struct reed_slice path, rest;
	bool other; /* than what was asked for: it is rewritten */
};

struct visit {
	struct reed_co co;
	struct reed_http_request *request;
	struct sites *sites; /* held */
	struct place *place;
	struct way way;
	struct reed_future *rest; /* not awaited yet */
	bool allowed;
};

/* What an upstream is asked for; its query is as it was sent. */
static struct reed_future *pass_on(const struct place *place, struct reed_http_request *r,
                                   const struct way *way)
{
	const struct reed_http_head *head = reed_http_head(r);
	struct reed_buf target = { .limit = 64 << 10 };
	struct reed_future *f;

	if (!way->other && !place->strip)
		return reed_http_proxy_answer(place->proxy, r, REED_STR(""));
	reed_buf_add_char(&target, '/');
	reed_http_encode(place->strip ? way->rest : reed_slice_from(way->path, 1), "/!$&'()*+,;=:@",
	                 &target);
	if (head->query.n > 0)
		reed_buf_printf(&target, "?" REED_FMT, REED_ARG(head->query));
	f = reed_http_proxy_answer(place->proxy, r, reed_buf_slice(&target));
	reed_buf_finish(&target);
	return f;
}

/* A path in its place begins with a slash, which the place has too. */
static struct reed_slice rest_of(const struct way *way)
{
	return reed_slice_from(way->path, way->path.n - way->rest.n - 1);
}

static struct reed_slice mount_of(const struct way *way)
{
	return reed_slice_first(way->path, way->path.n - way->rest.n - 1);
}

/* One that is the index of a folder is asked for by the name of the folder. */
static struct reed_slice program_of(const struct place *place, struct reed_http_request *r,
                                    const struct way *way)
{
	struct reed_slice path = rest_of(way);
	char *name;

	if (!place->files || path.p[path.n - 1] != '/' || reed_http_cgi_has(place->cgi, path))
		return path;
	name = reed_sprintf(REED_FMT "%s", REED_ARG(path), place->index);
	path = reed_pool_copy(reed_http_pool(r), reed_slice_of(name));
	reed_free(name);
	return path;
}

static struct reed_future *serve(const struct place *place, struct reed_http_request *r,
                                 const struct way *way)
{
	if (place->proxy)
		return pass_on(place, r, way);
	if (place->fastcgi)
		return reed_http_fastcgi_answer(place->fastcgi, r, way->path);
	if (place->cgi) {
		struct reed_slice path = program_of(place, r, way);

		if (!place->files || reed_http_cgi_has(place->cgi, path))
			return reed_http_cgi_answer(place->cgi, r, mount_of(way), path);
	}
	if (place->files)
		return reed_http_files_answer(place->files, r, way->rest);
	reed_http_fail(r, 404, NULL);
	return NULL;
}

/* A segment that some servers take for the folder above. */
static bool is_upwards(struct reed_slice segment)
{
	return reed_slice_is(segment, ".") || reed_slice_is(segment, "..") ||
	       reed_slice_starts(segment, REED_STR(".;")) ||
	       reed_slice_starts(segment, REED_STR("..;")) ||
	       reed_slice_find(segment, '\\') < segment.n;
}

static struct reed_slice without_double_slashes(struct reed_pool *pool, struct reed_slice path)
{
	struct reed_slice out = reed_pool_copy(pool, path);
	char *p = (char *)(uintptr_t)out.p;
	size_t n = 0;

	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] != '/' || n == 0 || p[n - 1] != '/')
			p[n++] = path.p[i];
	return reed_slice(p, n);
}

/*
 * An upstream makes of a path what it likes: "/public/../staff/" must not get to
 * what somebody has to log in for, nor "//staff/".
 */
static bool is_crooked(struct site *site, const struct place *place, struct reed_http_request *r,
                       struct reed_slice path)
{
	struct reed_slice rest = path, segment;

	while (rest.n > 0) {
		segment = reed_slice_cut(&rest, '/');
		if (is_upwards(segment))
			return true;
	}
	if (reed_slice_search(path, REED_STR("//")) == path.n)
		return false;
	path = without_double_slashes(reed_http_pool(r), path);
	return web_place_of(site, path, &rest) != place;
}

static struct reed_future *take(struct reed_future **f)
{
	struct reed_future *taken = *f;

	*f = NULL;
	return taken;
}

static void visit_run(struct reed_co *co)
{
	struct visit *self = reed_frame(co, struct visit);

	reed_coroutine (co) {
		if (!self->rest) {
			reed_try(co, reed_http_admit(self->place->guard, self->request,
			                             &self->allowed));
			if (!self->allowed)
				reed_return(co, REED_OK);
			self->rest = serve(self->place, self->request, &self->way);
		}
		if (self->rest)
			reed_try(co, take(&self->rest));
	}
}

static void visit_end(struct reed_co *co)
{
	struct visit *self = reed_frame(co, struct visit);

	if (self->rest)
		reed_drop(self->rest);
	web_sites_release(self->sites);
}

static const struct reed_co_kind visit_kind = { "visit", sizeof(struct visit), visit_run, NULL,
	                                        visit_end };

static struct reed_future *stay(struct sites *sites, struct place *place,
                                struct reed_http_request *r, const struct way *way,
                                struct reed_future *rest)
{
	struct visit *self = reed_co_new(reed_http_loop(r), &visit_kind);

	self->request = r;
	self->sites = web_sites_share(sites);
	self->place = place;
	self->way = *way;
	self->rest = rest;
	return reed_start(&self->co);
}

/* ---- the handler ---- */

/* A password must not be asked for where others can read it. */
static bool is_overheard(struct reed_http_request *r)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	reed_http_facts(r, &facts);
	return !facts.secure && facts.local.family != REED_FAMILY_UNIX &&
	       !reed_address_is_loopback(&facts.peer);
}

static void ask_for_tls(struct reed_http_request *r)
{
	reed_http_fail(r, 403, "this is for people with an account, and only over TLS");
}

static struct reed_future *go_in(struct sites *sites, struct site *site,
                                 struct reed_http_request *r, struct way way)
{
	struct place *place = web_place_of(site, way.path, &way.rest);
	struct reed_future *f;

	if ((place->proxy || place->fastcgi || place->cgi) &&
	    is_crooked(site, place, r, way.path)) {
		reed_http_fail(
			r, 400,
			"the path has dots, backslashes or double slashes that lead elsewhere");
		return NULL;
	}
	if (place->guard && is_overheard(r)) {
		if (!go_to_https(sites, r))
			ask_for_tls(r);
		return NULL;
	}
	if (place->guard)
		return stay(sites, place, r, &way, NULL);
	f = serve(place, r, &way);
	return f ? stay(sites, place, r, &way, f) : NULL;
}

static struct reed_future *go_out(struct sites *sites, struct reed_http_request *r)
{
	struct reed_future *f;

	if (sites->out.guard && is_overheard(r)) {
		ask_for_tls(r);
		return NULL;
	}
	f = reed_http_forward_handler(sites->out.forward, r);
	return f ? stay(sites, NULL, r, &(struct way){ .other = false }, f) : NULL;
}

static bool is_secure(struct reed_http_request *r)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	reed_http_facts(r, &facts);
	return facts.secure;
}

static bool is_empty(const struct place *place)
{
	return !place->files && !place->proxy && !place->fastcgi && !place->cgi;
}

/* RFC 9110 9.3.7: "OPTIONS *" asks whether anybody is there. */
static void answer_without_path(struct reed_http_request *r)
{
	const struct reed_http_head *head = reed_http_head(r);

	if (head->form == REED_HTTP_ASTERISK)
		reed_http_respond(r, 204, NULL, REED_STR(""));
	else if (head->method == REED_HTTP_CONNECT)
		reed_http_fail(r, 400, "this server is no proxy");
	else
		reed_http_fail(r, 400,
		               "a '%' in a path is followed by two hexadecimal digits, not 00");
}

struct reed_future *web_visit(void *arg, struct reed_http_request *r)
{
	struct web *web = arg;
	struct sites *sites = web->sites;
	struct site *site = web_site_of(sites, reed_http_head(r)->host);
	const struct web_site *s = site->settings;
	bool secure = (s->https || s->onion) && is_secure(r);
	struct reed_slice path;
	char *other;

	if (sites->out.forward && reed_http_wants_forward(r))
		return go_out(sites, r);
	add_fields(s, r, secure);
	if (s->compress)
		reed_http_compress(r);
	if ((s->https && !secure && go_to_https(sites, r)) || has_moved(s, r))
		return NULL;
	path = reed_http_path(r);
	if (!path.p || path.n == 0 || path.p[0] != '/') {
		answer_without_path(r);
		return NULL;
	}
	other = target_of(&s->rewrites, r, path);
	if (other)
		path = reed_slice_of(other);
	if (is_empty(&site->root) && s->routes.n == 0 && sites->count == 0 && path.n == 1) {
		web_welcome(web, r);
		return NULL;
	}
	return go_in(sites, site, r, (struct way){ .path = path, .other = other != NULL });
}
