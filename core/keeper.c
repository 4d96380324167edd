/* A connection that is kept: attempt after attempt, each a dial, a preparation and a session. */

#include "reed/keeper.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/log.h"

struct reed_keeper {
	struct reed_loop *loop;
	struct reed_keeper_options options;
	struct reed_backoff backoff;
	char *endpoint, *shown;
	struct reed_cell state;
	uint64_t failures; /* in a row */
	uint64_t failed;   /* of all */
	uint64_t ends;     /* of runs */
	enum reed_err err; /* of the last failure */
	char *why;
	bool running, told;
};

struct reed_keeper *reed_keeper_new(struct reed_loop *loop,
                                    const struct reed_keeper_options *options)
{
	struct reed_keeper *self = reed_alloc(sizeof(*self));
	struct reed_keeper_options o = REED_KEEPER_OPTIONS;

	memcpy(&o, options, options->size < sizeof(o) ? options->size : sizeof(o));
	self->loop = loop;
	self->options = o;
	self->backoff = o.backoff ? *o.backoff : (struct reed_backoff)REED_BACKOFF;
	self->endpoint = reed_strdup(o.endpoint);
	self->shown = reed_endpoint_shown(reed_slice_of(o.endpoint));
	return self;
}

void reed_keeper_free(struct reed_keeper *self)
{
	if (!self)
		return;
	reed_free(self->endpoint);
	reed_free(self->shown);
	reed_free(self->why);
	reed_free(self);
}

struct reed_cell *reed_keeper_state(struct reed_keeper *keeper)
{
	return &keeper->state;
}

uint64_t reed_keeper_failures(const struct reed_keeper *keeper)
{
	return keeper->failures;
}

const char *reed_keeper_why(const struct reed_keeper *keeper)
{
	return keeper->why ? keeper->why : "";
}

/* ---- one connection, prepared ---- */

struct reaching {
	struct reed_co co;
	struct reed_keeper *keeper;
	struct reed_stream *stream, **out;
};

static void reaching_run(struct reed_co *co)
{
	struct reaching *self = reed_frame(co, struct reaching);
	const struct reed_keeper_options *o = &self->keeper->options;

	reed_coroutine (co) {
		reed_try(co, reed_dial(co->loop, self->keeper->endpoint, &self->stream));
		if (o->prepare)
			reed_try(co, o->prepare(o->arg, self->stream));
	}
}

static void reaching_deliver(struct reed_co *co)
{
	struct reaching *self = reed_frame(co, struct reaching);

	*self->out = self->stream;
	self->stream = NULL;
}

static void reaching_end(struct reed_co *co)
{
	reed_abort(reed_frame(co, struct reaching)->stream);
}

static const struct reed_co_kind reaching_kind = {
	.name = "keeper reaches",
	.size = sizeof(struct reaching),
	.run = reaching_run,
	.deliver = reaching_deliver,
	.end = reaching_end,
};

/* ---- one after another ---- */

struct run {
	struct reed_co co;
	struct reed_keeper *keeper;
	struct reed_stream *stream; /* reached, and not the session's yet */
	int64_t since;              /* it is connected; 0: it was not */
};

static struct reed_future *reach(struct run *self)
{
	struct reaching *reaching = reed_co_new(self->co.loop, &reaching_kind);
	int64_t ms = self->keeper->options.reach_ms;

	self->since = 0;
	reed_cell_set(&self->keeper->state, REED_KEEPER_REACHING);
	reaching->keeper = self->keeper;
	reaching->out = &self->stream;
	return ms > 0 ? reed_within(ms, reed_start(&reaching->co)) : reed_start(&reaching->co);
}

static struct reed_future *session(struct run *self)
{
	struct reed_keeper *keeper = self->keeper;
	struct reed_stream *stream = self->stream;
	struct reed_future *f;

	self->since = reed_now(keeper->loop);
	reed_cell_set(&keeper->state, REED_KEEPER_CONNECTED);
	if (keeper->told)
		reed_log(keeper->loop, REED_LOG_INFO, "connected again to=%s", keeper->shown);
	keeper->told = false;
	self->stream = NULL;
	f = keeper->options.session(keeper->options.arg, stream);
	if (f)
		return f;
	reed_close(stream);
	return reed_failed(keeper->loop, REED_EREFUSED, "the session refused the connection");
}

static void note(struct run *self)
{
	struct reed_keeper *keeper = self->keeper;
	bool lasted = self->since > 0 &&
	              reed_now(keeper->loop) - self->since >= REED_MS(keeper->options.lasting_ms);

	reed_free(keeper->why);
	keeper->why = reed_strdup(self->co.err ? reed_co_why(&self->co) : "it was ended");
	keeper->err = self->co.err ? self->co.err : REED_EEOF;
	keeper->failures = lasted ? 1 : keeper->failures + 1;
	keeper->failed += !lasted;
	if (!keeper->told)
		reed_log(keeper->loop, REED_LOG_WARN, "%s to=%s why=%s",
		         self->since > 0 ? "connection lost" : "no connection", keeper->shown,
		         keeper->why);
	keeper->told = true;
}

static struct reed_future *rest(struct run *self)
{
	struct reed_keeper *keeper = self->keeper;

	note(self);
	reed_cell_set(&keeper->state, REED_KEEPER_RESTING);
	return reed_sleep(keeper->loop,
	                  reed_backoff_ms(keeper->loop, &keeper->backoff, keeper->failures));
}

static void run_run(struct reed_co *co)
{
	struct run *self = reed_frame(co, struct run);

	reed_coroutine (co) {
		while (!co->future.interrupted) {
			reed_await(co, reach(self));
			if (!co->err)
				reed_await(co, session(self));
			if (!co->future.interrupted)
				reed_await(co, rest(self));
		}
	}
}

static void run_end(struct reed_co *co)
{
	struct run *self = reed_frame(co, struct run);

	reed_abort(self->stream);
	self->keeper->running = false;
	self->keeper->ends++;
	reed_cell_set(&self->keeper->state, REED_KEEPER_STOPPED);
}

static const struct reed_co_kind run_kind = {
	.name = "keeper",
	.size = sizeof(struct run),
	.run = run_run,
	.end = run_end,
};

struct reed_future *reed_keeper_run(struct reed_keeper *keeper)
{
	struct reed_fault *fault = NULL;
	struct run *self;

	if (keeper->running)
		return reed_failed(keeper->loop, REED_EBUSY, "the connection is kept already");
	if (reed_endpoint_check(reed_slice_of(keeper->endpoint), REED_ENDPOINT_DIAL, &fault))
		return reed_failed_with(keeper->loop, fault);
	self = reed_co_new(keeper->loop, &run_kind);
	self->keeper = keeper;
	keeper->running = true;
	keeper->told = false;
	keeper->failures = 0;
	return reed_start(&self->co);
}

/* ---- waiting for one ---- */

struct awaiting {
	struct reed_co co;
	struct reed_keeper *keeper;
	uint64_t failed, ends; /* when it began */
	unsigned most;
};

static void awaiting_run(struct reed_co *co)
{
	struct awaiting *self = reed_frame(co, struct awaiting);
	struct reed_keeper *keeper = self->keeper;

	reed_coroutine (co) {
		while (keeper->state.value != REED_KEEPER_CONNECTED) {
			if (keeper->ends != self->ends)
				reed_return(co, REED_ECANCELED);
			if (self->most > 0 && keeper->failed - self->failed >= self->most)
				reed_return(co, reed_because(co, keeper->err, "%s", keeper->why));
			reed_try(co,
			         reed_cell_changed(co->loop, &keeper->state, keeper->state.count));
		}
	}
}

static const struct reed_co_kind awaiting_kind = {
	.name = "keeper connected",
	.size = sizeof(struct awaiting),
	.run = awaiting_run,
};

struct reed_future *reed_keeper_connected(struct reed_keeper *keeper, unsigned failures)
{
	struct awaiting *self = reed_co_new(keeper->loop, &awaiting_kind);

	self->keeper = keeper;
	self->failed = keeper->failed;
	self->ends = keeper->ends;
	self->most = failures;
	return reed_start(&self->co);
}
