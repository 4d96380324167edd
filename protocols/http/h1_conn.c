/*
 * Which connections there are.  A stream that an upgrade has given away belongs
 * to somebody else, and may go before its session or after it: a tag on it says
 * when it has gone.
 */

#include "h1.h"
#include "h2.h"

struct h1_tag {
	struct reed_rider rider;
	struct h1 *session; /* NULL: has gone before the stream */
	struct reed_stream *stream;
};

static void tag_gone(struct reed_rider *rider)
{
	struct h1_tag *tag = reed_container_of(rider, struct h1_tag, rider);

	if (tag->session)
		tag->session->tag = NULL;
	reed_free(tag);
}

static const struct reed_rider_ops tag_ops = { .name = "upgraded", .gone = tag_gone };

void h1_tag(struct h1 *self, struct reed_stream *stream)
{
	struct h1_tag *tag = reed_alloc(sizeof(*tag));

	tag->rider.ops = &tag_ops;
	tag->session = self;
	tag->stream = stream;
	self->tag = tag;
	reed_stream_carry(stream, &tag->rider);
}

void h1_untag(struct h1 *self)
{
	if (self->tag)
		self->tag->session = NULL;
	self->tag = NULL;
}

/* ---- all of them ---- */

static struct reed_http_conn conn_of(const struct h1 *self)
{
	struct reed_http_conn conn = { .stream = self->protocol.stream,
		                       .requests = self->requests,
		                       .active = self->request != NULL,
		                       .second = self->second != NULL,
		                       .upgraded = self->plug != NULL,
		                       .since = self->born };

	if (conn.upgraded)
		conn.stream = self->tag ? self->tag->stream : NULL;
	if (conn.second) {
		conn.requests = self->second->requests;
		reed_list_each (link, &self->second->streams)
			conn.active++;
	}
	return conn;
}

void reed_http_server_each(const struct reed_http_server *server, reed_http_conn_fn *each,
                           void *arg)
{
	reed_list_each (link, &server->conns) {
		struct reed_http_conn conn = conn_of(reed_container_of(link, struct h1, link));

		if (!each(arg, &conn))
			return;
	}
}
