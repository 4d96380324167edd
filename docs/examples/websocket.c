/*
 * websocket ENDPOINT: a WebSocket that says every message again, at any path.
 * websocket URL TEXT: says TEXT to a WebSocket, and prints what that answers.
 */

#include <stdio.h>

#include "reed/co.h"
#include "reed/http/server.h"
#include "reed/websocket.h"

/* ---- a server ---- */

struct echo {
	struct reed_co co;
	struct reed_http_request *request;
	struct reed_ws *ws;
	struct reed_ws_message message;
};

static void echo_run(struct reed_co *co)
{
	struct echo *self = reed_frame(co, struct echo);

	reed_coroutine (co) {
		reed_try(co, reed_ws_upgrade(self->request, NULL, &self->ws));
		for (;;) {
			reed_try(co, reed_ws_receive(self->ws, &self->message));
			reed_ws_send(self->ws, self->message.kind, self->message.bytes);
			reed_try(co, reed_ws_drain(self->ws));
		}
	}
}

static void echo_end(struct reed_co *co)
{
	reed_ws_close(reed_frame(co, struct echo)->ws);
}

static const struct reed_co_kind echo_kind = { "echo", sizeof(struct echo), echo_run, NULL,
	                                       echo_end };

static struct reed_future *handler(void *arg, struct reed_http_request *request)
{
	struct echo *self = reed_co_new(reed_http_loop(request), &echo_kind);

	(void)arg;
	self->request = request;
	return reed_start(&self->co);
}

/* ---- a client ---- */

struct ask {
	struct reed_co co;
	const char *url, *text;
	struct reed_ws *ws;
	struct reed_ws_message message;
};

static void ask_run(struct reed_co *co)
{
	struct ask *self = reed_frame(co, struct ask);

	reed_coroutine (co) {
		reed_try(co, reed_ws_dial(co->loop, self->url, NULL, &self->ws));
		reed_ws_send(self->ws, REED_WS_TEXT, reed_slice_of(self->text));
		reed_try(co, reed_ws_receive(self->ws, &self->message));
		printf(REED_FMT "\n", REED_ARG(self->message.bytes));
	}
}

static void ask_end(struct reed_co *co)
{
	reed_ws_close(reed_frame(co, struct ask)->ws);
}

static const struct reed_co_kind ask_kind = { "ask", sizeof(struct ask), ask_run, NULL, ask_end };

/* ---- which of them ---- */

static struct reed_future *begin(struct reed_loop *loop, int argc, char **argv)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct ask *ask;

	if (argc < 3) {
		options.handler = handler; /* the server lives as long as the process */
		return reed_http_serve(reed_http_server_new(loop, &options),
		                       argc > 1 ? argv[1] : "tcp:8080");
	}
	ask = reed_co_new(loop, &ask_kind);
	ask->url = argv[1];
	ask->text = argv[2];
	return reed_start(&ask->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, begin);
}
