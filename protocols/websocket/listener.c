/* Listeners that yield streams over WebSockets: handshakes first, several at a time. */

#include "handshake.h"
#include "reed/scope.h"

enum { HANDSHAKES = 256 }; /* under way, or over and not accepted yet */

struct listening {
	struct reed_listener listener;
	struct reed_listener *below;
	struct reed_ws_options options;
	char *protocols, *origins, *path;
	enum reed_ws_form form;
	struct reed_scope shaking;
	struct reed_list shaken; /* streams to be accepted, the oldest first */
	size_t shaken_count;
	struct reed_waiter waiter; /* of an accept below */
	struct reed_stream *arrived;
	enum reed_err err;
};

struct shaken {
	struct reed_list link;
	struct reed_stream *stream;
};

static struct listening *listening_of(struct reed_listener *l)
{
	return reed_container_of(l, struct listening, listener);
}

static void ask_below(struct listening *self)
{
	if (!self->waiter.future && !self->err &&
	    self->shaking.count + self->shaken_count < HANDSHAKES)
		reed_wait(reed_accept(self->below, &self->arrived), &self->waiter);
}

/* ---- one handshake ---- */

struct shake {
	struct reed_co co;
	struct listening *of;
	struct reed_stream *stream;
	struct reed_ws *ws;
};

static void hand_on(struct shake *self)
{
	struct listening *of = self->of;
	struct shaken *shaken = reed_alloc(sizeof(*shaken));
	struct reed_slice protocol = reed_ws_protocol(self->ws);

	shaken->stream =
		reed_ws_stream(self->ws, protocol.n ? reed_ws_form_of(protocol) : of->form);
	self->ws = NULL;
	reed_list_append(&of->shaken, &shaken->link);
	of->shaken_count++;
	of->listener.more = true;
	reed_listener_ready(&of->listener);
}

static void shake_run(struct reed_co *co)
{
	struct shake *self = reed_frame(co, struct shake);
	struct reed_stream *stream;

	reed_coroutine (co) {
		stream = self->stream;
		self->stream = NULL;
		reed_try(co, reed_ws_answer(stream, &self->of->options, &self->ws));
		hand_on(self);
	}
}

static void shake_end(struct reed_co *co)
{
	struct shake *self = reed_frame(co, struct shake);

	reed_close(self->stream);
	reed_ws_close(self->ws);
}

static const struct reed_co_kind shake_kind = { "shake hands", sizeof(struct shake), shake_run,
	                                        NULL, shake_end };

static void arrived(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct listening *self = reed_container_of(w, struct listening, waiter);
	struct shake *shake;

	if (err) {
		self->err = err;
		if (!self->listener.fault)
			self->listener.fault = fault;
		else
			reed_fault_free(fault);
		self->listener.more = true;
		reed_listener_ready(&self->listener);
		return;
	}
	shake = reed_co_new(self->listener.loop, &shake_kind);
	shake->of = self;
	shake->stream = self->arrived;
	self->arrived = NULL;
	reed_scope_add(&self->shaking, reed_start(&shake->co));
	ask_below(self);
}

/* ---- the listener ---- */

static enum reed_err listening_accept(struct reed_listener *l, struct reed_stream **stream)
{
	struct listening *self = listening_of(l);
	struct reed_list *link = reed_list_take(&self->shaken);
	struct shaken *shaken;
	enum reed_err err = self->err;

	if (link) {
		shaken = reed_container_of(link, struct shaken, link);
		*stream = shaken->stream;
		reed_free(shaken);
		self->shaken_count--;
		return REED_OK;
	}
	if (err && self->shaking.count == 0) {
		self->err = REED_OK;
		return err;
	}
	ask_below(self);
	return REED_EAGAIN;
}

static void listening_want(struct reed_listener *l, bool wanted)
{
	if (wanted)
		ask_below(listening_of(l));
	else
		reed_unwait(l->loop, &listening_of(l)->waiter);
}

static void listening_close(struct reed_listener *l)
{
	struct listening *self = listening_of(l);
	struct reed_list *link;

	reed_unwait(l->loop, &self->waiter);
	reed_scope_finish(&self->shaking);
	reed_listener_close(self->below);
	while ((link = reed_list_take(&self->shaken))) {
		struct shaken *shaken = reed_container_of(link, struct shaken, link);

		reed_close(shaken->stream);
		reed_free(shaken);
	}
	reed_free(self->protocols);
	reed_free(self->origins);
	reed_free(self->path);
}

static const struct reed_listener_ops listening_ops = {
	.name = "websocket",
	.accept = listening_accept,
	.want = listening_want,
	.close = listening_close,
};

struct reed_listener *reed_ws_listener(struct reed_listener *below,
                                       const struct reed_ws_options *options,
                                       enum reed_ws_form form)
{
	struct listening *self = reed_alloc(sizeof(*self));

	reed_listener_init(&self->listener, below->loop, &listening_ops);
	self->listener.address = below->address;
	self->below = below;
	self->options = ws_options(options);
	self->options.protocols = self->protocols = reed_strdup(self->options.protocols);
	self->options.origins = self->origins = reed_strdup(self->options.origins);
	self->options.path = self->path = reed_strdup(self->options.path);
	self->form = form;
	self->waiter.wake = arrived;
	reed_list_init(&self->shaken);
	reed_scope_init(&self->shaking, below->loop, NULL, "websocket handshakes");
	self->shaking.policy = REED_SCOPE_IGNORE;
	return &self->listener;
}
