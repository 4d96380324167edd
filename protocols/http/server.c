/* The server: what its connections share. */

#include "private.h"

#include "reed/http/coding.h"
#include "reed/random.h"

static void set_limits(struct reed_http_server *self, const struct reed_http_server_options *o)
{
	self->wire = reed_http_wire_limits(&o->wire);
	self->limits = o->limits;
#define X(name, value, text)        \
	if (self->limits.name == 0) \
		self->limits.name = value;
	REED_HTTP_LIMITS(X)
#undef X
}

static struct reed_future *decompress_first(void *arg, struct reed_http_request *request)
{
	const struct reed_http_server *self = arg;

	return reed_http_decompress(request) ? NULL : self->handler(self->handler_arg, request);
}

struct reed_http_server *reed_http_server_new(struct reed_loop *loop,
                                              const struct reed_http_server_options *options)
{
	struct reed_http_server *self = reed_alloc(sizeof(*self));
	struct reed_http_server_options *own = &self->options;

	memcpy(own, options, options->size < sizeof(*own) ? options->size : sizeof(*own));
	self->loop = loop;
	self->name = reed_strdup(own->name);
	reed_list_init(&self->conns);
	reed_list_init(&self->requests);
	reed_list_init(&self->seconds);
	reed_list_init(&self->streams);
	self->date_second = self->date_turn = -1;
	set_limits(self, own);
	if (own->decompress) {
		self->handler = own->handler;
		self->handler_arg = own->arg;
		own->handler = decompress_first;
		own->arg = self;
	}
	return self;
}

void reed_http_server_free(struct reed_http_server *self)
{
	struct reed_list *link;

	if (!self)
		return;
	while ((link = reed_list_take(&self->requests))) {
		struct reed_http_request *r =
			reed_container_of(link, struct reed_http_request, link);

		reed_pool_finish(&r->pool);
		reed_free(r);
	}
	h2_streams_free(self);
	reed_free(self->name);
	reed_free(self);
}

/* RFC 9110 6.6.1; the clock is asked once a turn, the text made once a second. */
struct reed_slice http_date_line(struct reed_http_server *self)
{
	int64_t now = reed_now(self->loop), second;

	if (now != self->date_turn) {
		self->date_turn = now;
		second = reed_wall(self->loop) / REED_S(1);
		if (second != self->date_second) {
			self->date_second = second;
			memcpy(self->date, "Date: ", 6);
			reed_http_date(second, self->date + 6);
			memcpy(self->date + 6 + REED_HTTP_DATE, "\r\n", 2);
		}
	}
	return reed_slice(self->date, HTTP_DATE_LINE);
}

static struct reed_serve_options serve_options(const struct reed_http_server *self)
{
	struct reed_serve_options options = REED_SERVE_OPTIONS;

	options.name = "http";
	options.sessions = self->limits.connections;
	options.limits = self->options.stream;
	return options;
}

struct reed_future *reed_http_serve(struct reed_http_server *self, const char *endpoint)
{
	struct reed_serve_options options = serve_options(self);

	return reed_listen_and_serve(self->loop, endpoint, reed_http_session, self, &options);
}

struct reed_future *reed_http_serve_on(struct reed_http_server *self,
                                       struct reed_listener *listener)
{
	struct reed_serve_options options = serve_options(self);

	return reed_serve(listener, reed_http_session, self, &options);
}

void reed_http_server_stats(const struct reed_http_server *self,
                            struct reed_http_server_stats *stats)
{
	size_t size = stats->size;

	memcpy(stats, &self->stats, size < sizeof(*stats) ? size : sizeof(*stats));
	stats->size = size;
}
