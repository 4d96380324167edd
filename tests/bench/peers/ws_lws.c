/*
 * ws_lws PORT - WebSocket echo on libwebsockets. Expects a client that waits for
 * the echo before it sends again (load/echoload -w /).
 */
#include "../load/bench.h"
#include <libwebsockets.h>

enum { MOST = 65536 };

struct session {
	size_t len;
	unsigned char *buf; /* LWS_PRE bytes of room, then the message */
};

static int on_event(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in,
                    size_t len)
{
	struct session *s = user;
	switch (why) {
	case LWS_CALLBACK_ESTABLISHED:
		s->buf = xcalloc(1, LWS_PRE + MOST);
		s->len = 0;
		break;
	case LWS_CALLBACK_CLOSED:
		free(s->buf);
		break;
	case LWS_CALLBACK_RECEIVE:
		if (s->len + len > MOST)
			return -1;
		memcpy(s->buf + LWS_PRE + s->len, in, len);
		s->len += len;
		if (lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0)
			lws_callback_on_writable(wsi);
		break;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		if (s->len && lws_write(wsi, s->buf + LWS_PRE, s->len, LWS_WRITE_BINARY) < 0)
			return -1;
		s->len = 0;
		break;
	default:
		break;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		die("usage: ws_lws PORT");
	raise_fd_limit();
	static const struct lws_protocols protocols[] = {
		{ .name = "echo",
		  .callback = on_event,
		  .per_session_data_size = sizeof(struct session),
		  .rx_buffer_size = MOST },
		{ 0 },
	};
	struct lws_context_creation_info info = {
		.port = atoi(argv[1]),
		.iface = "127.0.0.1",
		.protocols = protocols,
		.gid = -1,
		.uid = -1,
	};
	lws_set_log_level(LLL_ERR, NULL);
	struct lws_context *ctx = lws_create_context(&info);
	if (!ctx)
		die("port %s is not free", argv[1]);
	while (lws_service(ctx, 0) >= 0)
		;
	return 1;
}
