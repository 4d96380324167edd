/* Who gets what another server says. */

#include "serve.h"

#include "reed/alloc.h"

struct dns_view {
	struct reed_dns_prefix *clients; /* none: all */
	size_t client_count;
	struct reed_dns_name *keys; /* none: signed or not */
	size_t key_count;
	struct reed_dns_server *server;
};

void dns_server_views_finish(struct reed_dns_server *self)
{
	for (size_t i = 0; i < self->view_count; i++) {
		reed_free(self->views[i].clients);
		reed_free(self->views[i].keys);
	}
	reed_free(self->views);
	self->views = NULL;
	self->view_count = 0;
}

static void *copy(const void *all, size_t n, size_t size)
{
	void *made = reed_alloc((n + 1) * size);

	if (n)
		memcpy(made, all, n * size);
	return made;
}

void reed_dns_server_views(struct reed_dns_server *self, const struct reed_dns_view *views,
                           size_t count)
{
	dns_server_views_finish(self);
	self->views = reed_alloc((count + 1) * sizeof(*self->views));
	for (size_t i = 0; i < count; i++) {
		struct dns_view *v = &self->views[i];

		v->clients = copy(views[i].clients, views[i].client_count, sizeof(*v->clients));
		v->client_count = views[i].client_count;
		v->keys = copy(views[i].keys, views[i].key_count, sizeof(*v->keys));
		v->key_count = views[i].key_count;
		v->server = views[i].server;
	}
	self->view_count = count;
}

static bool is_client(const struct dns_view *v, const struct reed_address *client)
{
	for (size_t i = 0; i < v->client_count; i++)
		if (reed_dns_prefix_has(&v->clients[i], client))
			return true;
	return !v->client_count;
}

static bool is_signed(const struct dns_view *v, const struct reed_dns_tsig *tsig)
{
	for (size_t i = 0; i < v->key_count; i++)
		if (tsig->good && reed_dns_name_eq(&v->keys[i], &tsig->key.name))
			return true;
	return !v->key_count;
}

void dns_view_choose(struct dns_exchange *x)
{
	const struct reed_dns_server *self = x->server;

	for (size_t i = 0; i < self->view_count; i++)
		if (is_client(&self->views[i], x->client) && is_signed(&self->views[i], &x->tsig)) {
			x->server = self->views[i].server;
			return;
		}
}
