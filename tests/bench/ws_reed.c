/* ws_reed PORT: a WebSocket at / that says every message again, as ws.sh asks for. */

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/http/server.h"
#include "reed/websocket.h"

static void echo(struct reed_ws_handler *self, struct reed_ws *ws, enum reed_ws_opcode kind,
                 struct reed_slice bytes)
{
	(void)self;
	reed_ws_send(ws, kind, bytes);
}

static const struct reed_ws_handler_ops ops = { .message = echo };

struct session {
	struct reed_co co;
	struct reed_http_request *request;
	struct reed_ws *ws;
};

static struct reed_future *attach(struct session *self)
{
	struct reed_ws_handler *handler = reed_alloc(sizeof(*handler));
	struct reed_ws *ws = self->ws;

	self->ws = NULL;
	handler->ops = &ops;
	return reed_ws_attach(ws, handler);
}

static void session_run(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	reed_coroutine (co) {
		reed_try(co, reed_ws_upgrade(self->request, NULL, &self->ws));
		reed_try(co, attach(self));
	}
}

static void session_end(struct reed_co *co)
{
	reed_ws_close(reed_frame(co, struct session)->ws);
}

static const struct reed_co_kind session_kind = { "session", sizeof(struct session), session_run,
	                                          NULL, session_end };

static struct reed_future *handler(void *arg, struct reed_http_request *request)
{
	struct session *self = reed_co_new(reed_http_loop(request), &session_kind);

	(void)arg;
	self->request = request;
	return reed_start(&self->co);
}

static struct reed_future *bench(struct reed_loop *loop, int argc, char **argv)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	char endpoint[64];

	snprintf(endpoint, sizeof(endpoint), "tcp:%s:interface=127.0.0.1",
	         argc > 1 ? argv[1] : "8080");
	options.handler = handler;
	/* the server lives as long as the process */
	return reed_http_serve(reed_http_server_new(loop, &options), endpoint);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, bench);
}
