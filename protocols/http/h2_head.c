/* Heads and trailers, field by field as HPACK gives them (RFC 9113 8). */

#include "h2.h"

#include "chars.h"

void h2_head_begin(struct h2_stream *s)
{
	struct reed_http_head *head = &s->request->head;
	struct reed_http_field *fields = head->fields;
	unsigned room = head->room;

	http_request_begin(s->request);
	*head = (struct reed_http_head){ .fields = fields, .room = room, .major = 2 };
	s->request->wire = &http_wire_2;
	s->request->carrier = s;
}

static void refuse(struct h2_stream *s, unsigned status, const char *why)
{
	if (s->status)
		return;
	s->status = status;
	s->why = why;
}

/* ---- where it is kept ---- */

static size_t room_of(const struct h2_stream *s)
{
	size_t most = s->h2->server->wire.head;

	if (s->request->head_bytes)
		return most;
	return most < HTTP_HEAD_KEPT ? most : HTTP_HEAD_KEPT;
}

static char *store_of(const struct h2_stream *s)
{
	return s->request->head_bytes ? s->request->head_bytes : s->request->kept;
}

/* What does not fit into the request itself moves to memory for the largest. */
static bool make_room(struct h2_stream *s, size_t n)
{
	struct reed_http_request *r = s->request;
	char *p;

	if (n <= room_of(s) - s->head_used)
		return true;
	if (r->head_bytes || n + s->head_used > s->h2->server->wire.head)
		return false;
	p = reed_alloc_raw(s->h2->server->wire.head);
	memcpy(p, r->kept, s->head_used);
	reed_http_head_move(&r->head, r->kept, s->head_used, p);
	r->head_bytes = p;
	return true;
}

static struct reed_slice keep(struct h2_stream *s, struct reed_slice bytes)
{
	char *p = store_of(s) + s->head_used;

	if (bytes.n > 0)
		memcpy(p, bytes.p, bytes.n);
	s->head_used += bytes.n;
	return reed_slice(p, bytes.n);
}

/* ---- fields ---- */

static void add_pseudo(struct h2_stream *s, struct reed_slice name, struct reed_slice value)
{
	struct reed_http_head *head = &s->request->head;

	value = keep(s, value);
	if (reed_slice_is(name, ":method"))
		head->method_name = value;
	else if (reed_slice_is(name, ":path"))
		head->target = value;
	else if (reed_slice_is(name, ":authority"))
		s->authority = value;
	else if (reed_slice_is(name, ":protocol"))
		head->upgrade = value;
}

/* RFC 9113 8.2.3: it comes in crumbs, and is one field for whoever reads it. */
static bool add_crumb(struct h2_stream *s, struct reed_slice value)
{
	struct reed_http_head *head = &s->request->head;
	struct reed_http_field *last = head->count ? &head->fields[head->count - 1] : NULL;

	if (!last || !reed_slice_is(last->name, "cookie"))
		return false;
	keep(s, REED_STR("; "));
	keep(s, value);
	last->value.n += 2 + value.n;
	return true;
}

static void add_field(struct h2_stream *s, struct reed_slice name, struct reed_slice value)
{
	struct reed_http_head *head = &s->request->head;
	unsigned most = s->h2->server->wire.fields;
	struct reed_http_field *field;

	if (reed_slice_is(name, "cookie") && add_crumb(s, value))
		return;
	if (head->count == head->room || head->count == most) {
		refuse(s, 431, "too many header fields");
		return;
	}
	field = &head->fields[head->count++];
	field->name = keep(s, name);
	field->value = keep(s, value);
	if (http_see_field(head, &s->framing, field->name, field->value))
		refuse(s, head->status, head->why);
}

bool h2_head_add(struct h2_stream *s, struct reed_slice name, struct reed_slice value)
{
	s->head_sent += name.n + value.n;
	if (s->status) /* it is still decoded, as those after it depend on it, but not for ever */
		return s->head_sent <= (size_t)s->h2->server->wire.head * 4;
	if (!make_room(s, name.n + value.n + 2))
		refuse(s, 431, "the header fields are too large");
	else if (name.n > 0 && name.p[0] == ':')
		add_pseudo(s, name, value);
	else
		add_field(s, name, value);
	return true;
}

/* ---- what they mean together ---- */

/* RFC 9113 8.3.1: handlers look for the host where HTTP/1 has it. */
static void add_host(struct h2_stream *s)
{
	struct reed_http_head *head = &s->request->head;

	if (!s->authority.p)
		return;
	if (s->framing.hosts > 0) {
		if (!reed_slice_eq_nocase(head->host, s->authority))
			refuse(s, 400, "Host is not the authority");
		return;
	}
	if (!make_room(s, 4 + s->authority.n))
		refuse(s, 431, "the header fields are too large");
	else
		add_field(s, REED_STR("host"), s->authority);
}

static bool target_is_good(struct reed_slice t)
{
	return t.n > 0 && chars_span(CHARS_TARGET, t.p, t.p + t.n) == t.p + t.n;
}

/*
 * RFC 8441 5: CONNECT with :protocol stands for a GET that asks for an upgrade,
 * and handlers are shown that.
 */
static void see_method(struct h2_stream *s)
{
	struct reed_http_head *head = &s->request->head;

	head->method = reed_http_method_of(head->method_name);
	s->tunnels = head->method == REED_HTTP_CONNECT;
	if (s->tunnels && s->framing.lengths > 0)
		refuse(s, 400, "a tunnel has no length");
	if (head->upgrade.n == 0) {
		head->target = s->tunnels ? s->authority : head->target;
		return;
	}
	if (!reed_http_is_token(head->upgrade))
		refuse(s, 400, "the protocol is not a token");
	head->method = REED_HTTP_GET;
	head->method_name = REED_STR("GET");
	head->has_upgrade = true;
}

static void see_target(struct h2_stream *s)
{
	struct reed_http_head *head = &s->request->head;

	see_method(s);
	if (head->target.n + head->method_name.n + 10 > s->h2->server->wire.line)
		refuse(s, 414, "the target is too long");
	else if (!reed_http_is_token(head->method_name))
		refuse(s, 400, "the method is not a token");
	else if (!target_is_good(head->target))
		refuse(s, 400, "the target is empty or has a character that none may have");
	else if (http_parse_target(head))
		refuse(s, head->status, head->why);
}

void h2_head_end(struct h2_stream *s, bool has_body)
{
	struct reed_http_head *head = &s->request->head;

	if (!s->status)
		add_host(s);
	if (!s->status)
		see_target(s);
	if (!s->status && s->framing.hosts == 0 && head->method != REED_HTTP_CONNECT)
		refuse(s, 400, "there is no authority");
	head->framing = REED_HTTP_NO_BODY;
	if (has_body && !s->tunnels)
		head->framing = s->framing.lengths > 0 ? REED_HTTP_LENGTH : REED_HTTP_CHUNKED;
	head->status = 0;
	http_request_is_whole(s->request);
}

/* ---- trailers ---- */

void h2_trailer_add(struct h2_stream *s, struct reed_slice name, struct reed_slice value)
{
	struct reed_http_request *r = s->request;
	unsigned room = s->h2->server->wire.fields;
	struct reed_http_field *field;

	s->head_sent += name.n + value.n;
	if (r->trailer_count == room || name.n == 0 || name.p[0] == ':')
		return;
	if (!r->trailer_fields) {
		s->head_sent = name.n + value.n;
		r->trailer_fields = reed_pool_alloc(&r->pool, room * sizeof(*field));
	}
	if (s->head_sent > s->h2->server->wire.trailer)
		return;
	field = &r->trailer_fields[r->trailer_count++];
	field->name = reed_pool_copy(&r->pool, name);
	field->value = reed_pool_copy(&r->pool, value);
}
