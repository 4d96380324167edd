/* The life of a connection, from the handshake on: pings, Closes, its end. */

#include "private.h"

/* ---- the end ---- */

void ws_tell_end(struct reed_ws *ws, enum reed_err err)
{
	if (ws->told)
		return;
	ws->told = true;
	ws->err = err;
	if (!ws->code)
		ws->code = 1006;
	if (ws->handler && ws->handler->ops->ended)
		ws->handler->ops->ended(ws->handler, ws, err);
}

static void finish_as(struct reed_ws *ws, enum reed_err err)
{
	if (err && ws->fault)
		reed_finish_with(&ws->protocol, reed_fault_copy(ws->fault));
	else
		reed_finish(&ws->protocol, err);
}

/* RFC 6455 7.1.7: nothing more is taken, and the peer is not waited for. */
void ws_fail(struct reed_ws *ws, unsigned code, struct reed_fault *fault)
{
	enum reed_err err = fault->err;

	if (ws->stopped) {
		reed_fault_free(fault);
		return;
	}
	ws->stopped = true;
	ws->fault = fault;
	ws_put_close(ws, code, reed_slice_of(fault->sentence));
	ws_tell_end(ws, err);
	finish_as(ws, err);
}

static void ended(struct reed_protocol *p, enum reed_err err)
{
	struct reed_ws *ws = reed_container_of(p, struct reed_ws, protocol);
	bool closed = ws->heard_close && err == REED_EEOF;

	if (ws->stopped && !ws->heard_close)
		return;
	ws->stopped = true;
	if (!closed && !ws->fault)
		ws->fault = reed_fault_new(err == REED_EEOF ? REED_ERESET : err, NULL, __FILE__,
		                           __LINE__, "the peer went without a Close");
	ws_tell_end(ws, closed ? REED_EEOF : ws->fault->err);
	finish_as(ws, closed || ws->heard_close ? REED_OK : ws->fault->err);
}

/* ---- time ---- */

void ws_watch(struct reed_ws *ws, int64_t ms)
{
	ws->due = reed_now(ws->loop) + REED_MS(ms);
	reed_timer_start(ws->loop, &ws->timer, REED_MS(ms));
}

static void out_of_time(struct reed_ws *ws)
{
	if (ws->said_close) { /* its Close does not come */
		if (!ws->fault && !ws->heard_close)
			ws->fault = reed_fault_new(REED_ETIMEDOUT, NULL, __FILE__, __LINE__,
			                           "the peer did not answer a Close in %u ms",
			                           ws->options.close_ms);
		ws->stopped = true;
		ws_tell_end(ws, ws->heard_close ? REED_EEOF : REED_ETIMEDOUT);
		finish_as(ws, ws->heard_close || ws->interrupted ? REED_OK : REED_ETIMEDOUT);
		return;
	}
	ws_fail(ws, 1002,
	        reed_fault_new(REED_ETIMEDOUT, NULL, __FILE__, __LINE__,
	                       "the peer did not answer a ping in %u ms", ws->options.pong_ms));
}

/* One that takes what it is sent is there, though it is not read meanwhile. */
static int64_t silence(const struct reed_ws *ws)
{
	const struct reed_stream *below = ws->protocol.stream;
	int64_t last = ws->heard;

	if (reed_must_drain(below) && below->moved > last)
		last = below->moved;
	return reed_now(ws->loop) - last;
}

/*
 * It is started once and looks again when something has come meanwhile, so that
 * bytes cost no timer.  A peer that is not being read cannot be heard.
 */
static void fire(struct reed_timer *t)
{
	struct reed_ws *ws = reed_container_of(t, struct reed_ws, timer);
	struct reed_ws_frame ping = { .opcode = REED_WS_PING, .fin = true };
	int64_t now = reed_now(ws->loop);
	int64_t silent, patience = REED_MS((int64_t)ws->options.ping_ms);

	if (ws->over || ws->protocol.session.settled)
		return;
	silent = silence(ws);
	if (ws->said_close) {
		if (now >= ws->due)
			out_of_time(ws);
		else
			reed_timer_start(ws->loop, t, ws->due - now);
	} else if (silent < patience || ws->held_back) {
		ws->pinged = false;
		reed_timer_start(ws->loop, t, ws->held_back ? patience : patience - silent);
	} else if (!ws->pinged) {
		ws->pinged = true;
		ws_put(ws, ping, REED_STR(""));
		ws_watch(ws, ws->options.pong_ms);
	} else {
		out_of_time(ws);
	}
}

void reed_ws_say_close(struct reed_ws *ws, unsigned code, const char *reason)
{
	if (ws->said_close || ws->stopped)
		return;
	ws_put_close(ws, code, reed_slice_of(reason));
	if (ws->protocol.stream)
		ws_watch(ws, ws->options.close_ms);
}

/* ---- the session ---- */

static size_t data(struct reed_protocol *p, struct reed_slice in)
{
	struct reed_ws *ws = reed_container_of(p, struct reed_ws, protocol);

	ws->heard = reed_now(ws->loop);
	return ws_take(ws, in);
}

static void interrupted(struct reed_protocol *p)
{
	struct reed_ws *ws = reed_container_of(p, struct reed_ws, protocol);

	ws->interrupted = true;
	if (ws->said_close && ws->stopped)
		reed_finish(p, REED_OK);
	else
		reed_ws_say_close(ws, 1001, "going away");
	reed_ws_go_on(ws); /* or its Close would not be seen */
}

void ws_destroy(struct reed_ws *ws)
{
	ws_codec_free(ws->inflater);
	ws_codec_free(ws->deflater);
	reed_buf_finish(&ws->message);
	reed_fault_free(ws->fault);
	reed_free(ws->protocol_name);
	ws_puller_free(ws->puller);
	reed_free(ws);
}

static void session_free(struct reed_protocol *p)
{
	struct reed_ws *ws = reed_container_of(p, struct reed_ws, protocol);

	ws->over = true;
	reed_timer_stop(&ws->timer);
	if (ws->handler->ops->free)
		ws->handler->ops->free(ws->handler);
	else
		reed_free(ws->handler);
	if (!ws->puller)
		ws_destroy(ws);
}

static const struct reed_protocol_ops ops = {
	.data = data,
	.ended = ended,
	.interrupted = interrupted,
	.free = session_free,
};

struct reed_ws *ws_new(struct reed_stream *below, const struct reed_ws_options *options,
                       bool client, const struct ws_agreed *agreed, struct reed_slice name)
{
	struct reed_ws *ws = reed_alloc(sizeof(*ws));

	ws->protocol.ops = &ops;
	ws->loop = below->loop;
	ws->below = below;
	ws->options = *options;
	ws->options.protocols = ws->options.origins = NULL; /* borrowed, and of no use any more */
	ws->options.path = ws->options.origin = NULL;
	ws->options.fields = NULL;
	ws->client = client;
	ws->agreed = *agreed;
	ws->protocol_name = reed_slice_dup(name);
	ws->timer.fire = fire;
	return ws;
}

struct reed_future *reed_ws_attach(struct reed_ws *ws, struct reed_ws_handler *handler)
{
	struct reed_stream *below = ws->below;

	ws->below = NULL;
	ws->handler = handler;
	ws->heard = reed_now(ws->loop);
	reed_timer_start(ws->loop, &ws->timer, REED_MS((int64_t)ws->options.ping_ms));
	return reed_stream_attach(below, &ws->protocol);
}

void reed_ws_hold_back(struct reed_ws *ws)
{
	if (ws->held_back || !ws->protocol.stream || ws->stopped)
		return;
	ws->held_back = true;
	reed_hold_back(&ws->protocol);
}

void reed_ws_go_on(struct reed_ws *ws)
{
	if (!ws->held_back)
		return;
	ws->held_back = false;
	ws->heard = reed_now(ws->loop);
	if (ws->protocol.stream)
		reed_go_on(&ws->protocol);
}

/* ---- what is known ---- */

struct reed_slice reed_ws_protocol(const struct reed_ws *ws)
{
	return reed_slice_of(ws->protocol_name);
}

void reed_ws_facts(struct reed_ws *ws, struct reed_stream_facts *facts)
{
	struct reed_stream_facts none = { .size = facts->size };

	if (ws_below(ws))
		reed_stream_facts(ws_below(ws), facts);
	else
		memcpy(facts, &none, facts->size < sizeof(none) ? facts->size : sizeof(none));
}

unsigned reed_ws_code(const struct reed_ws *ws)
{
	return ws->code;
}

struct reed_slice reed_ws_reason(const struct reed_ws *ws)
{
	return reed_slice(ws->reason, ws->reason_size);
}

const char *reed_ws_why(const struct reed_ws *ws)
{
	return reed_fault_why(ws->fault, ws->err);
}
