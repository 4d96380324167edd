/* What nghttp2 tells of frames that came. */

#include "h2.h"

struct h2_setup {
	nghttp2_session_callbacks *callbacks;
	nghttp2_option *option;
	struct h2_memory *memory;
};

static struct h2_stream *stream_of(nghttp2_session *session, int32_t id)
{
	return nghttp2_session_get_stream_user_data(session, id);
}

/* ---- frames ---- */

static enum h2_noise noise_of(const nghttp2_frame_hd *hd)
{
	switch (hd->type) {
	case NGHTTP2_RST_STREAM:
		return H2_NOISE_RESET;
	case NGHTTP2_PING:
		return hd->flags & NGHTTP2_FLAG_ACK ? H2_NOISE_KINDS : H2_NOISE_PING;
	case NGHTTP2_SETTINGS:
		return hd->flags & NGHTTP2_FLAG_ACK ? H2_NOISE_KINDS : H2_NOISE_SETTINGS;
	case NGHTTP2_DATA:
		return hd->length == 0 && !(hd->flags & NGHTTP2_FLAG_END_STREAM) ? H2_NOISE_EMPTY
		                                                                 : H2_NOISE_KINDS;
	case NGHTTP2_PRIORITY:
	case NGHTTP2_PRIORITY_UPDATE:
		return H2_NOISE_PRIORITY;
	case NGHTTP2_CONTINUATION:
		return H2_NOISE_CONTINUATION;
	default: /* of unknown types nghttp2 does not tell: they cost no more than their bytes */
		return H2_NOISE_KINDS;
	}
}

static int on_begin_frame(nghttp2_session *session, const nghttp2_frame_hd *hd, void *user)
{
	struct h2 *self = user;
	enum h2_noise noise = noise_of(hd);

	(void)session;
	if (noise != H2_NOISE_KINDS)
		h2_endures(self, noise);
	if (hd->type == NGHTTP2_HEADERS && !(hd->flags & NGHTTP2_FLAG_END_HEADERS)) {
		self->in_head = true;
		self->since = reed_now(self->server->loop);
		h2_watch(self, self->server->limits.head_ms);
	}
	return 0;
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	struct h2 *self = user;
	struct h2_stream *s;

	if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	s = h2_stream_new(self, frame->hd.stream_id);
	nghttp2_session_set_stream_user_data(session, s->id, s);
	h2_head_begin(s);
	return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_n, const uint8_t *value, size_t value_n, uint8_t flags, void *user)
{
	struct h2_stream *s = stream_of(session, frame->hd.stream_id);
	struct reed_slice n = reed_slice((const char *)name, name_n);
	struct reed_slice v = reed_slice((const char *)value, value_n);

	(void)flags;
	(void)user;
	if (!s || !s->request)
		return 0;
	if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		h2_trailer_add(s, n, v);
	else if (!h2_head_add(s, n, v))
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	return 0;
}

/* RFC 9113 8.2.1: a message with such a field is malformed, and not repaired. */
static int on_invalid_header(nghttp2_session *session, const nghttp2_frame *frame,
                             const uint8_t *name, size_t name_n, const uint8_t *value,
                             size_t value_n, uint8_t flags, void *user)
{
	(void)session;
	(void)frame;
	(void)name;
	(void)name_n;
	(void)value;
	(void)value_n;
	(void)flags;
	(void)user;
	return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static void headers_are_here(struct h2 *self, struct h2_stream *s, const nghttp2_frame *frame)
{
	bool over = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;

	self->in_head = false;
	if (!s)
		return;
	s->heard_all = over;
	if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
		h2_head_end(s, !over);
		h2_start(s);
	} else if (over && s->request) {
		http_body_ended(s->request, REED_OK);
	}
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	struct h2 *self = user;
	struct h2_stream *s = stream_of(session, frame->hd.stream_id);

	if (frame->hd.type == NGHTTP2_HEADERS) {
		headers_are_here(self, s, frame);
	} else if (frame->hd.type == NGHTTP2_DATA) {
		if (s && frame->hd.flags & NGHTTP2_FLAG_END_STREAM) {
			s->heard_all = true;
			if (s->request)
				http_body_ended(s->request, REED_OK);
		}
	} else if (frame->hd.type == NGHTTP2_WINDOW_UPDATE) {
		if (frame->window_update.window_size_increment == 1)
			h2_endures(self, H2_NOISE_WINDOW);
	} else if (frame->hd.type == NGHTTP2_PING && frame->hd.flags & NGHTTP2_FLAG_ACK) {
		h2_say_last(self);
	}
	return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data,
                   size_t n, void *user)
{
	struct h2_stream *s = stream_of(session, id);
	struct reed_http_request *r = s ? s->request : NULL;

	(void)flags;
	(void)user;
	if (!r || r->body_over) { /* nobody wants it: it is no reason to stop the others */
		nghttp2_session_consume(session, id, n);
		if (s)
			h2_throw_away(s, n);
		return 0;
	}
	s->body_moved = reed_now(r->loop);
	s->unconsumed += n;
	http_body_add(r, reed_slice((const char *)data, n));
	if (r->reads_all || r->body_over)
		h2_consume(s);
	return 0;
}

/* ---- streams that end ---- */

static int on_close(nghttp2_session *session, int32_t id, uint32_t code, void *user)
{
	struct h2_stream *s = stream_of(session, id);

	(void)code;
	(void)user;
	if (!s)
		return 0;
	nghttp2_session_set_stream_user_data(session, id, NULL);
	if (s->unconsumed)
		nghttp2_session_consume_connection(session, s->unconsumed);
	h2_stream_free(s);
	return 0;
}

static bool is_notice(const nghttp2_frame *frame)
{
	return frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.last_stream_id == INT32_MAX;
}

/* A reset that the peer has brought about: CVE-2025-8671. */
static bool is_provoked(const nghttp2_frame *frame)
{
	uint32_t code = frame->hd.type == NGHTTP2_RST_STREAM ? frame->rst_stream.error_code : 0;

	return code == NGHTTP2_PROTOCOL_ERROR || code == NGHTTP2_FLOW_CONTROL_ERROR ||
	       code == NGHTTP2_STREAM_CLOSED || code == NGHTTP2_FRAME_SIZE_ERROR;
}

static int on_sent(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	struct h2 *self = user;
	struct h2_stream *s = stream_of(session, frame->hd.stream_id);
	bool carries = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;

	if (carries && frame->hd.flags & NGHTTP2_FLAG_END_STREAM && s && !s->heard_all)
		h2_answered(s);
	if (is_provoked(frame))
		h2_endures(self, H2_NOISE_REFUSED);
	if (is_notice(frame))
		nghttp2_submit_ping(session, NGHTTP2_FLAG_NONE, (const uint8_t *)"goodbye");
	return 0;
}

static int on_error(nghttp2_session *session, int code, const char *message, size_t n, void *user)
{
	struct h2 *self = user;

	(void)session;
	(void)code;
	snprintf(self->why, sizeof(self->why), "%.*s", (int)n, message);
	return 0;
}

/* ---- the setup ---- */

static struct h2_setup *setup_new(void)
{
	struct h2_setup *self = reed_alloc(sizeof(*self));

	self->memory = h2_memory_new();
	if (nghttp2_session_callbacks_new(&self->callbacks) || nghttp2_option_new(&self->option)) {
		h2_setup_free(self);
		return NULL;
	}
	nghttp2_session_callbacks_set_on_begin_frame_callback(self->callbacks, on_begin_frame);
	nghttp2_session_callbacks_set_on_begin_headers_callback(self->callbacks, on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(self->callbacks, on_header);
	nghttp2_session_callbacks_set_on_invalid_header_callback(self->callbacks,
	                                                         on_invalid_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(self->callbacks, on_frame);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(self->callbacks, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(self->callbacks, on_close);
	nghttp2_session_callbacks_set_on_frame_send_callback(self->callbacks, on_sent);
	nghttp2_session_callbacks_set_error_callback2(self->callbacks, on_error);
	nghttp2_option_set_no_auto_window_update(self->option, 1);
	nghttp2_option_set_no_closed_streams(self->option, 1);
	nghttp2_option_set_builtin_recv_extension_type(self->option, NGHTTP2_PRIORITY_UPDATE);
	return self;
}

void h2_setup_free(struct h2_setup *self)
{
	if (!self)
		return;
	nghttp2_session_callbacks_del(self->callbacks);
	nghttp2_option_del(self->option);
	h2_memory_free(self->memory);
	reed_free(self);
}

/* RFC 9218 2.1: the urgency of requests counts, the tree of RFC 7540 does not. */
int h2_session_new(struct h2 *self, nghttp2_session **session)
{
	struct reed_http_server *server = self->server;
	nghttp2_mem mem;
	nghttp2_settings_entry settings[] = {
		{ NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, server->limits.streams },
		{ NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, server->limits.window },
		{ NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, server->wire.head },
		{ NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1 },
	};
	int64_t window = (int64_t)server->limits.window * H2_WINDOWS;

	if (!server->second)
		server->second = setup_new();
	if (!server->second)
		return -1;
	mem = h2_memory_of(server->second->memory);
	if (nghttp2_session_server_new3(session, server->second->callbacks, self,
	                                server->second->option, &mem))
		return -1;
	nghttp2_submit_settings(*session, NGHTTP2_FLAG_NONE, settings, REED_COUNT(settings));
	window = window < H2_WINDOW_LEAST ? H2_WINDOW_LEAST : window;
	window = window > INT32_MAX ? INT32_MAX : window;
	nghttp2_session_set_local_window_size(*session, NGHTTP2_FLAG_NONE, 0, (int32_t)window);
	return 0;
}
