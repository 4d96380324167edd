/* Finding tor's control port. */

#include "private.h"

static const char *const usual[] = { "unix:/run/tor/control", "tcp:127.0.0.1:9051" };

struct connecting {
	struct reed_co co;
	struct reed_tor_options options; /* copies */
	size_t i;
	struct reed_fault *faults[REED_COUNT(usual)];
	struct reed_stream *stream;
	struct reed_tor *tor, **out;
};

static const char *place(const struct connecting *self)
{
	return self->options.control ? self->options.control : usual[self->i];
}

static struct reed_future *dial(struct connecting *self)
{
	struct reed_future *f = reed_dial(self->co.loop, place(self), &self->stream);

	return self->options.timeout_ms > 0 ? reed_within(self->options.timeout_ms, f) : f;
}

static struct reed_future *log_in(struct connecting *self)
{
	struct reed_stream *stream = self->stream;

	self->stream = NULL;
	return reed_tor_start(stream, &self->options, &self->tor);
}

/* Not there, or not for us: the next one may be. */
static bool is_to_go_on(struct connecting *self)
{
	self->faults[self->i] = reed_co_take_fault(&self->co);
	return !self->options.control && self->co.err != REED_ECANCELED &&
	       ++self->i < REED_COUNT(usual);
}

static struct reed_future *not_found(struct connecting *self, enum reed_err err)
{
	if (err == REED_ECANCELED)
		return reed_failed(self->co.loop, err, "connecting to tor was canceled");
	if (self->options.control)
		return reed_failed(self->co.loop, err,
		                   "no control port of tor: %s; is it running, with "
		                   "ControlPort or ControlSocket in its torrc?",
		                   reed_fault_why(self->faults[0], err));
	return reed_failed(self->co.loop, err,
	                   "no control port of tor: %s; %s; start tor with ControlPort 9051 in "
	                   "its torrc, or say where with control=[ENDPOINT]",
	                   reed_fault_why(self->faults[0], err),
	                   reed_fault_why(self->faults[1], err));
}

static void connecting_run(struct reed_co *co)
{
	struct connecting *self = reed_frame(co, struct connecting);

	reed_coroutine (co) {
		do
			reed_await(co, dial(self));
		while (co->err && is_to_go_on(self));
		if (co->err)
			reed_try(co, not_found(self, co->err));
		reed_await(co, log_in(self));
		if (co->err)
			reed_return(co, reed_because(co, co->err, "tor at %s", place(self)));
	}
}

static void connecting_deliver(struct reed_co *co)
{
	struct connecting *self = reed_frame(co, struct connecting);

	*self->out = self->tor;
	self->tor = NULL;
}

static void connecting_end(struct reed_co *co)
{
	struct connecting *self = reed_frame(co, struct connecting);

	reed_close(self->stream);
	reed_tor_close(self->tor);
	for (size_t i = 0; i < REED_COUNT(self->faults); i++)
		reed_fault_free(self->faults[i]);
	reed_tor_options_finish(&self->options);
}

static const struct reed_co_kind connecting_kind = {
	.name = "connect to tor",
	.size = sizeof(struct connecting),
	.run = connecting_run,
	.deliver = connecting_deliver,
	.end = connecting_end,
};

struct reed_future *reed_tor_connect(struct reed_loop *loop, const struct reed_tor_options *given,
                                     struct reed_tor **tor)
{
	struct reed_tor_options options = reed_tor_options_of(given);
	struct connecting *self;

	if (options.launch)
		return reed_tor_launch(loop, &options, tor);
	self = reed_co_new(loop, &connecting_kind);
	reed_tor_options_copy(&self->options, &options);
	self->out = tor;
	return reed_start(&self->co);
}
