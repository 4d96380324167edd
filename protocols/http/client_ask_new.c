/* A request, as a connection of HTTP/2 is sent it (RFC 9113 8.3.1). */

#include "client_h2.h"
#include "h2_fields.h"

enum { OWN_FIELDS = 6 };

struct request {
	struct reed_pool pool;
	nghttp2_nv *nv;
	size_t n;
};

static void add(struct request *r, struct reed_slice name, struct reed_slice value)
{
	r->nv[r->n++] = h2_nv(name, value);
}

static struct reed_slice path_of(struct request *r, const struct url *url)
{
	char *p;

	if (url->target.n > 0 && (url->target.p[0] == '/' || reed_slice_is(url->target, "*")))
		return url->target;
	p = reed_pool_alloc(&r->pool, url->target.n + 1);
	p[0] = '/';
	if (url->target.n > 0)
		memcpy(p + 1, url->target.p, url->target.n);
	return reed_slice(p, url->target.n + 1);
}

/* What is of connections of HTTP/1 stays behind; Host is :authority. */
static void add_given(struct request *r, const struct exchange *what)
{
	for (size_t i = 0; i < what->field_count; i++) {
		struct reed_slice name = h2_lower(&r->pool, what->fields[i].name);
		struct reed_slice value = what->fields[i].value;

		if (!h2_is_of_connection(name, value) && !reed_slice_is(name, "host"))
			add(r, name, value);
	}
}

static void add_length(struct request *r, const struct exchange *what)
{
	int64_t n = what->upload ? what->upload_size : (int64_t)what->body.n;
	char *p;

	if ((!what->upload && !what->has_body) || n < 0)
		return;
	p = reed_pool_alloc(&r->pool, 24);
	snprintf(p, 24, "%lld", (long long)n);
	add(r, REED_STR("content-length"), reed_slice_of(p));
}

static void compose(struct request *r, const struct second *of, const struct exchange *what)
{
	const struct url *url = &what->url;

	r->nv = reed_pool_alloc(&r->pool, (OWN_FIELDS + what->field_count) * sizeof(*r->nv));
	add(r, REED_STR(":method"), reed_slice_of(what->method));
	add(r, REED_STR(":scheme"), url->secure ? REED_STR("https") : REED_STR("http"));
	if (url->authority.n > 0)
		add(r, REED_STR(":authority"), url->authority);
	add(r, REED_STR(":path"), path_of(r, url));
	if (of->client->agent)
		add(r, REED_STR("user-agent"), reed_slice_of(of->client->agent));
	add_given(r, what);
	add_length(r, what);
}

static void send_head(struct ask *self, const struct exchange *what)
{
	struct request r = { .n = 0 };

	compose(&r, self->of, what);
	h2_lane_head(&self->lane, r.nv, r.n, !what->upload && !what->follows && what->body.n == 0);
	reed_pool_finish(&r.pool);
}

struct ask *ask_new(struct second *of, const struct exchange *what)
{
	struct ask *self = reed_alloc(sizeof(*self));

	if (!h2_lane_open(&of->port.mux, &self->lane, 0)) {
		reed_free(self);
		return NULL;
	}
	self->of = of;
	self->loop = of->port.loop;
	self->reused = of->asked++ > 0;
	self->method = reed_http_method_of(reed_slice_of(what->method));
	self->head.fields = reed_alloc(of->wire.fields * sizeof(*self->head.fields));
	self->head.major = 2;
	reed_list_append(&of->asks, &self->link);
	reed_timer_stop(&of->idle);
	send_head(self, what);
	if (!what->upload && what->body.n > 0) {
		h2_lane_write(&self->lane, what->body);
		h2_lane_end(&self->lane, NULL, 0);
	}
	h2_port_soon(&of->port);
	return self;
}
