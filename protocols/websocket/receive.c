/* Messages pulled: a handler that keeps one for who receives. */

#include "private.h"

/* Lives as long as the connection, which outlives its session: its end can be asked for. */
struct ws_puller {
	struct reed_ws_handler handler;
	struct reed_ws *ws;
	struct reed_waiter session;
	struct reed_future receiving;
	struct reed_ws_message *out;
	struct reed_buf message, shown; /* one that waits; one that was delivered */
	enum reed_ws_opcode kind;
	bool is_receiving, here, ended;
	enum reed_err err;
};

static struct ws_puller *puller_of(struct reed_ws_handler *handler)
{
	return reed_container_of(handler, struct ws_puller, handler);
}

static void tell(struct ws_puller *self)
{
	if (self->is_receiving && !self->receiving.settled)
		reed_settle(&self->receiving, REED_OK);
}

/* ---- what is pushed ---- */

static void keep(struct reed_ws_handler *handler, struct reed_ws *ws, enum reed_ws_opcode kind,
                 struct reed_slice bytes)
{
	struct ws_puller *self = puller_of(handler);

	reed_buf_clear(&self->message);
	reed_buf_add(&self->message, bytes);
	self->kind = kind;
	self->here = true;
	reed_ws_hold_back(ws);
	tell(self);
}

static void keep_end(struct reed_ws_handler *handler, struct reed_ws *ws, enum reed_err err)
{
	struct ws_puller *self = puller_of(handler);

	(void)ws;
	self->ended = true;
	self->err = err;
	tell(self);
}

/* The session has gone; all of it stays until the connection is closed. */
static void leave(struct reed_ws_handler *handler)
{
	(void)handler;
}

static const struct reed_ws_handler_ops keeping = {
	.message = keep,
	.ended = keep_end,
	.free = leave,
};

static void session_over(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct ws_puller *self = reed_container_of(w, struct ws_puller, session);

	reed_fault_free(fault);
	if (self->ended)
		return;
	self->ended = true;
	self->err = err ? err : REED_EEOF;
	tell(self);
}

/* ---- receiving ---- */

static struct ws_puller *of(struct reed_future *f)
{
	return reed_container_of(f, struct ws_puller, receiving);
}

static enum reed_err attempt(struct reed_future *f)
{
	struct ws_puller *self = of(f);

	if (self->here)
		return REED_OK;
	if (!self->ended)
		return REED_EAGAIN;
	f->fault = reed_fault_copy(self->ws->fault);
	return self->err;
}

static void deliver(struct reed_future *f)
{
	struct ws_puller *self = of(f);

	if (f->err)
		return;
	self->here = false;
	self->shown = self->message;
	self->message = (struct reed_buf){ .limit = 0 };
	*self->out = (struct reed_ws_message){ self->kind, reed_buf_slice(&self->shown) };
	reed_ws_go_on(self->ws); /* up to the next message, so that pings are answered */
}

static void let_go(struct reed_future *f)
{
	of(f)->is_receiving = false;
}

static const struct reed_future_kind receiving_kind = {
	.name = "receive",
	.attempt = attempt,
	.deliver = deliver,
	.free = let_go,
};

static struct ws_puller *pull(struct reed_ws *ws)
{
	struct ws_puller *self = ws->puller;

	if (self)
		return self;
	ws->puller = self = reed_alloc(sizeof(*self));
	self->handler.ops = &keeping;
	self->ws = ws;
	self->session.wake = session_over;
	reed_wait(reed_ws_attach(ws, &self->handler), &self->session);
	return self;
}

struct reed_future *reed_ws_receive(struct reed_ws *ws, struct reed_ws_message *message)
{
	struct ws_puller *self = pull(ws);

	reed_buf_finish(&self->shown); /* it has been seen */
	reed_future_init(&self->receiving, ws->loop, &receiving_kind);
	self->is_receiving = true;
	self->out = message;
	if (self->here || self->ended)
		reed_settle(&self->receiving, REED_OK);
	return &self->receiving;
}

/* ---- the end ---- */

void ws_puller_free(struct ws_puller *self)
{
	if (!self)
		return;
	reed_buf_finish(&self->message);
	reed_buf_finish(&self->shown);
	reed_free(self);
}

/* The stream lingers: the Close leaves, and the peer is heard out. */
void reed_ws_close(struct reed_ws *ws)
{
	if (!ws)
		return;
	reed_ws_say_close(ws, 1000, "");
	if (ws->puller && ws->puller->session.future)
		reed_unwait(ws->loop, &ws->puller->session);
	reed_close(ws->below);
	ws_destroy(ws);
}
