/* Requests: made of heads, looked into by handlers. */

#include "private.h"

#include "reed/random.h"

struct reed_http_request *http_request_new(struct reed_http_server *server)
{
	struct reed_list *link = reed_list_take(&server->requests);
	struct reed_http_request *r;

	if (link) {
		server->kept--;
		r = reed_container_of(link, struct reed_http_request, link);
	} else {
		r = reed_alloc(sizeof(*r) + server->wire.fields * sizeof(r->fields[0]));
		r->server = server;
		r->loop = server->loop;
		r->head.fields = r->fields;
		r->head.room = server->wire.fields;
	}
	return r;
}

/* All but the pool's block and what never changes. */
void http_request_begin(struct reed_http_request *r)
{
	size_t from = offsetof(struct reed_http_request, head_bytes);

	memset((char *)r + from, 0, offsetof(struct reed_http_request, params) - from);
	r->added.end = &r->added.first;
	r->trailers.end = &r->trailers.first;
	r->length = -1;
}

static void free_attached(struct reed_http_request *r)
{
	for (struct http_attached *a = r->attached; a; a = a->next)
		if (a->key->free)
			a->key->free(a->value);
	r->attached = NULL;
}

void http_request_free(struct reed_http_request *r)
{
	struct reed_http_server *server = r->server;

	free_attached(r);
	reed_buf_finish(&r->body);
	http_coding_drop(r);
	http_unpack_drop(r);
	reed_free(r->head_bytes);
	r->head_bytes = NULL;
	if (server->kept < HTTP_REQUESTS_KEPT) {
		reed_pool_clear(&r->pool);
		reed_list_prepend(&server->requests, &r->link);
		server->kept++;
		return;
	}
	reed_pool_finish(&r->pool);
	reed_free(r);
}

void http_request_keep_head(struct reed_http_request *r, struct reed_slice bytes)
{
	char *p = r->kept;

	http_request_begin(r);
	if (bytes.n > sizeof(r->kept))
		p = r->head_bytes = reed_alloc_raw(bytes.n);
	memcpy(p, bytes.p, bytes.n);
	reed_http_head_move(&r->head, bytes.p, bytes.n, p);
	http_request_is_whole(r);
}

void http_request_is_whole(struct reed_http_request *r)
{
	r->rest = r->head.path;
	r->body_limit = r->server->limits.body;
	r->body_over = r->head.framing == REED_HTTP_NO_BODY;
	r->began = reed_now(r->loop);
}

void http_tell_access(struct reed_http_request *r, struct reed_stream *stream, bool has_head)
{
	struct reed_http_server *server = r->server;
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	struct reed_http_access access = { .head = has_head ? &r->head : NULL,
		                           .status = r->status,
		                           .bytes = http_has_body(r) ? r->written : 0,
		                           .user = r->user };

	if (stream)
		reed_stream_facts(stream, &facts);
	access.peer = facts.peer;
	access.secure = facts.secure;
	access.duration = reed_now(server->loop) - r->began;
	access.wall = reed_wall(server->loop) - access.duration;
	server->options.access(server->options.access_arg, &access);
}

/* ---- what handlers ask ---- */

const struct reed_http_head *reed_http_head(const struct reed_http_request *r)
{
	return &r->head;
}

struct reed_slice reed_http_header(const struct reed_http_request *r, const char *name)
{
	return reed_http_field(r->head.fields, r->head.count, name, 0);
}

struct reed_loop *reed_http_loop(const struct reed_http_request *r)
{
	return r->loop;
}

struct reed_pool *reed_http_pool(struct reed_http_request *r)
{
	return &r->pool;
}

void reed_http_facts(struct reed_http_request *r, struct reed_stream_facts *facts)
{
	r->wire->facts(r, facts);
}

void reed_http_attach(struct reed_http_request *r, const struct reed_http_key *key, void *value)
{
	struct http_attached *a = reed_pool_alloc(&r->pool, sizeof(*a));

	*a = (struct http_attached){ r->attached, key, value };
	r->attached = a;
}

void *reed_http_attached(const struct reed_http_request *r, const struct reed_http_key *key)
{
	for (const struct http_attached *a = r->attached; a; a = a->next)
		if (a->key == key)
			return a->value;
	return NULL;
}

static struct reed_slice decoded(struct reed_http_request *r, struct reed_slice s)
{
	char *p;
	size_t n;

	if (s.n == 0)
		return REED_STR("");
	p = reed_pool_alloc(&r->pool, s.n);
	if (!p || reed_http_decode(s, p, &n))
		return reed_slice(NULL, 0);
	return reed_slice(p, n);
}

struct reed_slice reed_http_path(struct reed_http_request *r)
{
	return decoded(r, r->head.path);
}

/* application/x-www-form-urlencoded has '+' for a space. */
static struct reed_slice decoded_form(struct reed_http_request *r, struct reed_slice s)
{
	char *p;
	size_t n;

	if (s.n == 0)
		return REED_STR("");
	p = reed_pool_alloc(&r->pool, s.n);
	if (!p)
		return reed_slice(NULL, 0);
	for (size_t i = 0; i < s.n; i++)
		p[i] = s.p[i] == '+' ? ' ' : s.p[i];
	return reed_http_decode(reed_slice(p, s.n), p, &n) ? reed_slice(NULL, 0) : reed_slice(p, n);
}

struct reed_slice reed_http_query(struct reed_http_request *r, const char *key)
{
	struct reed_slice rest = r->head.query;

	while (rest.n > 0) {
		struct reed_slice value = reed_slice_cut(&rest, '&');
		struct reed_slice name = decoded_form(r, reed_slice_cut(&value, '='));

		if (name.p && reed_slice_is(name, key))
			return decoded_form(r, value);
	}
	return reed_slice(NULL, 0);
}

void reed_http_body_limit(struct reed_http_request *r, uint64_t bytes)
{
	r->body_limit = bytes;
}

struct reed_slice reed_http_trailer(const struct reed_http_request *r, const char *name)
{
	return reed_http_field(r->trailer_fields, r->trailer_count, name, 0);
}
