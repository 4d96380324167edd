/* Views: for some clients another server, with zones, lists and upstreams of its own. */

#include "dns.h"

#include "reed/alloc.h"
#include "reed/own_cert.h"

struct dns_view {
	struct dns_view *next;
	char *id;
	const struct dns_view_settings *from; /* NULL: it is in the settings no more */
	struct dns_settings settings;
	struct dns_app app;
};

static const struct reed_setting view_table[] = {
	REED_SETTING(STRING, struct dns_view_settings, id, .required = true,
	             .check = dns_check_domain, .help = "Its name."),
	REED_SETTING_LIST(STRING, struct dns_view_settings, client, .check = dns_check_prefix,
	                  .placeholder = "NETWORK",
	                  .help = "For whom it is; without it for everybody."),
	REED_SETTING_LIST(STRING, struct dns_view_settings, key, .placeholder = "ID",
	                  .help = "One of these keys has signed the query; without it, signed or "
	                          "not."),
	REED_SETTING_LIST(ENDPOINT, struct dns_view_settings, listen, .check = reed_own_cert_awaits,
	                  .help = "Whoever asks here has it, from any address."),
	REED_SETTING_MAP(PATH, struct dns_view_settings, zone,
	                 .help = "Zones and their files; those outside are not in it."),
	REED_SETTING_LIST(STRING, struct dns_view_settings, forward, .check = dns_check_forward,
	                  .placeholder = "ENDPOINT",
	                  .help = "Who is asked; without it whoever is asked outside."),
	REED_SETTING_LIST(STRING, struct dns_view_settings, local, .check = dns_check_record,
	                  .placeholder = "RECORD", .help = "Records of your own."),
	REED_SETTING_LIST(PATH, struct dns_view_settings, block,
	                  .help = "Lists of names that are blocked."),
};

const struct reed_schema dns_view_schema = REED_SCHEMA(
	struct dns_view_settings, view_table,
	.about = "What some clients are told in the place of the rest; the first that fits.");

static bool is_second(const struct dns_settings *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(s->views.items[i].id, s->views.items[n].id) == 0)
			return true;
	return false;
}

void dns_check_views(const struct dns_settings *s, struct reed_setting_judge *judge)
{
	for (size_t i = 0; i < s->views.n; i++) {
		const struct dns_view_settings *v = &s->views.items[i];

		if (is_second(s, i))
			judge->reject(judge, &v->id, "there are two views %s", v->id);
		for (size_t k = 0; k < v->key.n; k++)
			if (!dns_key_of(s, v->key.items[k]))
				judge->reject(judge, &v->key.items, "there is no key %s",
				              v->key.items[k]);
		for (size_t k = 0; k < v->zone.n; k++)
			if (!dns_check_domain(v->zone.items[k].name, NULL))
				judge->reject(judge, &v->zone.items, "%s is no name of a zone",
				              v->zone.items[k].name);
	}
}

/* ---- as the settings have them ---- */

static struct dns_settings settings_of(const struct dns_settings *s,
                                       const struct dns_view_settings *v)
{
	struct dns_settings made = *s;

	made.zone = v->zone;
	made.zones.n = made.views.n = made.acl.n = made.remote.n = made.listen.n = 0;
	made.local = v->local;
	made.block = v->block;
	if (v->forward.n)
		made.forward = v->forward;
	if (dns_resolves(s))
		made.resolver = DNS_RESOLVER_ON;
	return made;
}

bool dns_view_settings_at(const struct dns_settings *s, size_t i, struct dns_settings *made)
{
	if (i >= s->views.n)
		return false;
	*made = settings_of(s, &s->views.items[i]);
	return true;
}

static struct dns_view *find(struct dns_app *app, const char *id)
{
	struct dns_view **at = &app->views;

	while (*at && strcmp((*at)->id, id) != 0)
		at = &(*at)->next;
	if (!*at) {
		*at = reed_alloc(sizeof(**at));
		(*at)->id = reed_strdup(id);
	}
	return *at;
}

static void sync_one(struct dns_app *app, const struct dns_view_settings *from)
{
	struct reed_dns_server_options options = dns_server_options(app->settings);
	struct dns_view *v = find(app, from->id);

	v->from = from;
	v->settings = settings_of(app->settings, from);
	v->app.service = app->service;
	v->app.settings = &v->settings;
	v->app.view = v->id;
	if (v->app.server)
		reed_dns_server_update(v->app.server, &options);
	else
		v->app.server = reed_dns_server_new(app->service->loop, &options);
	reed_dns_server_keys(v->app.server, dns_keys_of(app->settings));
	v->app.tap = app->tap;
	reed_dns_server_tap(v->app.server, app->tap);
	reed_free(v->app.anchors);
	v->app.anchors = app->anchors ? reed_strdup(app->anchors) : NULL;
	dns_resolving_sync(&v->app);
}

/* Keys and clients of one; the arrays are the caller's. */
static struct reed_dns_view view_of(const struct dns_view *v, struct reed_pool *pool)
{
	const struct dns_view_settings *from = v->from;
	struct reed_dns_prefix *clients =
		reed_pool_alloc(pool, (from->client.n + 1) * sizeof(*clients));
	struct reed_dns_name *keys = reed_pool_alloc(pool, (from->key.n + 1) * sizeof(*keys));
	struct reed_dns_view made = { .clients = clients, .keys = keys, .server = v->app.server };

	for (size_t i = 0; i < from->client.n; i++)
		made.client_count += !reed_dns_prefix_parse(reed_slice_of(from->client.items[i]),
		                                            &clients[made.client_count]);
	for (size_t i = 0; i < from->key.n; i++)
		made.key_count += !reed_dns_name_parse(reed_slice_of(from->key.items[i]), NULL,
		                                       &keys[made.key_count]);
	return made;
}

/* One that is only for who asks at its own doors is nobody else's. */
static bool is_chosen(const struct dns_view *v)
{
	return v->from->client.n || v->from->key.n || !v->from->listen.n;
}

static void choose(struct dns_app *app)
{
	const struct dns_settings *s = app->settings;
	struct reed_dns_view *all;
	struct reed_pool pool;
	size_t n = 0;

	reed_pool_init(&pool, 0);
	all = reed_pool_alloc(&pool, (s->views.n + 1) * sizeof(*all));
	for (size_t i = 0; i < s->views.n; i++) {
		struct dns_view *v = find(app, s->views.items[i].id);

		if (is_chosen(v))
			all[n++] = view_of(v, &pool);
	}
	reed_dns_server_views(app->server, all, n);
	reed_pool_finish(&pool);
}

/* Questions may be under way in one that has gone: it stays until the end. */
void dns_views_sync(struct dns_app *app)
{
	const struct dns_settings *s = app->settings;

	for (struct dns_view *v = app->views; v; v = v->next)
		v->from = NULL;
	for (size_t i = 0; i < s->views.n; i++)
		sync_one(app, &s->views.items[i]);
	choose(app);
}

void dns_views_finish(struct dns_app *app)
{
	while (app->views) {
		struct dns_view *v = app->views;

		app->views = v->next;
		reed_dns_server_free(v->app.server);
		dns_resolving_finish(&v->app);
		reed_free(v->app.mistake);
		reed_free(v->id);
		reed_free(v);
	}
}

/* ---- one by one ---- */

struct dns_app *dns_view_at(struct dns_app *app, size_t i)
{
	const struct dns_settings *s = app->settings;

	return i < s->views.n ? &find(app, s->views.items[i].id)->app : NULL;
}

/* Doors of views are behind those of the server. */
const char *const *dns_view_door(struct dns_app *app, size_t i, struct reed_dns_server **server)
{
	const struct dns_settings *s = app->settings;

	for (size_t k = 0; k < s->views.n; k++) {
		const struct reed_texts *listen = &s->views.items[k].listen;

		if (i < listen->n) {
			*server = dns_view_at(app, k)->server;
			return &listen->items[i];
		}
		i -= listen->n;
	}
	return NULL;
}
