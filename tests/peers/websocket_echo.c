/*
 * websocket_echo ENDPOINT [takeover]: a WebSocket that says every message again.
 * websocket_echo URL [takeover]: the same as a client, which comes again after
 * each connection until nobody listens any more.
 */

#include <stdio.h>
#include <string.h>

#include "reed/co.h"
#include "reed/http/server.h"
#include "reed/websocket.h"

static struct reed_ws_options options = REED_WS_OPTIONS;
static struct reed_http_server *server;

struct echo {
	struct reed_co co;
	struct reed_http_request *request; /* of a server */
	const char *url;                   /* of a client */
	struct reed_ws *ws;
	struct reed_ws_message message;
	bool refused;
};

static struct reed_future *open_ws(struct echo *self)
{
	return self->request ? reed_ws_upgrade(self->request, &options, &self->ws)
	                     : reed_ws_dial(self->co.loop, self->url, &options, &self->ws);
}

static void echo_run(struct reed_co *co)
{
	struct echo *self = reed_frame(co, struct echo);

	reed_coroutine (co) {
		do {
			reed_await(co, open_ws(self));
			self->refused = co->err == REED_EREFUSED;
			while (self->ws) {
				reed_await(co, reed_ws_receive(self->ws, &self->message));
				if (co->err)
					break;
				reed_ws_send(self->ws, self->message.kind, self->message.bytes);
				reed_await(co, reed_ws_drain(self->ws));
			}
			reed_ws_close(self->ws);
			self->ws = NULL;
		} while (self->url && !self->refused);
	}
}

static void echo_end(struct reed_co *co)
{
	reed_ws_close(reed_frame(co, struct echo)->ws);
}

static struct echo *echo_new(struct reed_loop *loop)
{
	static const struct reed_co_kind kind = { "echo", sizeof(struct echo), echo_run, NULL,
		                                  echo_end };

	return reed_co_new(loop, &kind);
}

static struct reed_future *answer(void *arg, struct reed_http_request *request)
{
	struct echo *self = echo_new(reed_http_loop(request));

	(void)arg;
	self->request = request;
	return reed_start(&self->co);
}

static struct reed_future *finish(void *unused, enum reed_err err)
{
	(void)unused, (void)err; /* is told by reed_main() */
	reed_http_server_free(server);
	return NULL;
}

static struct reed_future *begin(struct reed_loop *loop, int argc, char **argv)
{
	struct reed_http_server_options http = REED_HTTP_SERVER_OPTIONS;
	struct echo *client;

	if (argc < 2)
		return reed_failed(loop, REED_EINVAL, "websocket_echo ENDPOINT|URL [takeover]");
	options.takeover = argc > 2;
	options.message = 2 << 20;
	if (strncmp(argv[1], "ws:", 3) == 0) {
		client = echo_new(loop);
		client->url = argv[1];
		return reed_start(&client->co);
	}
	http.handler = answer;
	server = reed_http_server_new(loop, &http);
	return reed_then(reed_http_serve(server, argv[1]), finish, NULL);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, begin);
}
