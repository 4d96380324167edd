/*
 * Shipping the log: connections, and what is sent over them.
 *
 * What goes over a stream leaves the queue when the system has taken all of a
 * batch, so that a connection that breaks costs nothing but what the system had.
 */

#include "ship_private.h"

#include "reed/alloc.h"
#include "reed/backoff.h"
#include "reed/co.h"
#include "reed/endpoint.h"

enum {
	BATCH = 64 << 10,
	DIAL_MS = 20000,
	STALL_MS = 30000, /* a peer that takes nothing for so long is given up */
	LAST_MS = 1000,   /* the same of last words */
	LASTING_MS = 30000,
};

static const struct reed_backoff backoff = { 1000, 60000, 200, 50 };

/* Of what is queued no more than a batch is in a stream; a log has no long goodbyes. */
static const struct reed_stream_limits limits = {
	.size = sizeof(limits),
	.input = 4096,
	.output = 1 << 20,
	.high = 64 << 10,
	.low = 16 << 10,
	.linger_ms = 500,
};

/* ---- one connection ---- */

struct way {
	struct reed_co co;
	struct reed_ship *ship;
	struct reed_stream *stream; /* or else */
	struct reed_dgram *dgram;
	size_t batch;     /* bytes of the queue that are on their way */
	uint64_t records; /* in it */
	uint64_t handed, taken;
	uint64_t seen, mode_seen;
	int which;
};

static enum ship_mode mode_of(const struct reed_ship *ship)
{
	return (enum ship_mode)ship->mode.value;
}

/* RFC 6587 3.4.1; what reads /dev/log knows lines. */
static void write_record(struct way *self, struct reed_slice record)
{
	const struct reed_ship_options *o = &self->ship->options;
	bool counted = o->format == REED_SHIP_SYSLOG && !reed_ship_is_unix(o);

	if (counted)
		reed_printf(self->stream, "%zu ", record.n);
	reed_write(self->stream, record);
	if (!counted)
		reed_write_str(self->stream, "\n");
}

static void settle_batch(struct way *self)
{
	reed_ship_consume(&self->ship->queue, self->batch);
	self->batch = 0;
	reed_ship_make_room(self->ship);
}

static void begin_batch(struct way *self)
{
	struct reed_slice record;

	self->batch = 0;
	self->records = 0;
	while (self->batch < BATCH && reed_ship_look(&self->ship->queue, &self->batch, &record)) {
		if (self->stream)
			write_record(self, record);
		else
			reed_dgram_send(self->dgram, NULL, record);
		self->records++;
	}
	if (self->stream)
		return;
	self->handed += self->records;
	settle_batch(self);
}

/* What a socket of datagrams has taken it does not give back. */
static void count_taken(struct way *self)
{
	struct reed_dgram_stats stats = { .size = sizeof(stats) };

	reed_dgram_stats(self->dgram, &stats);
	self->ship->shipped->value += stats.sent - self->taken;
	self->taken = stats.sent;
}

/* Nobody knows of datagrams whether they have come. */
static void end_batch(struct way *self)
{
	struct reed_ship *ship = self->ship;

	if (self->dgram) {
		count_taken(self);
		return;
	}
	ship->shipped->value += self->records;
	settle_batch(self);
	if (ship->told)
		reed_log(ship->loop, REED_LOG_INFO, "the log is shipped again to=%s", ship->shown);
	ship->told = false;
}

/* Of datagrams that were sent before; one that was too long is nobody's fault but its own. */
static enum reed_err refusal(struct way *self)
{
	struct reed_dgram_error error;
	enum reed_err err = REED_OK;

	while (self->dgram && reed_dgram_take_error(self->dgram, &error))
		if (error.err != REED_ETOOBIG)
			err = error.err;
	return err ? reed_because(&self->co, err, "what was sent was refused: %s",
	                          reed_strerror(err))
	           : REED_OK;
}

static bool is_of_datagrams(const struct reed_ship *ship)
{
	struct reed_slice text = reed_slice_of(ship->options.endpoint);
	struct reed_fault *fault = NULL;
	bool other = reed_ship_is_unix(&ship->options) ||
	             reed_endpoint_check(text, REED_ENDPOINT_DIAL, &fault) != REED_OK;
	bool can;

	reed_fault_free(fault);
	fault = NULL;
	can = !reed_endpoint_check(text, REED_ENDPOINT_DGRAM_DIAL, &fault);
	reed_fault_free(fault);
	return other && can;
}

static struct reed_future *dial_stream(struct way *self)
{
	return reed_dial(self->co.loop, self->ship->options.endpoint, &self->stream);
}

/* A UNIX socket is of datagrams, or else of streams. */
static struct reed_future *after_datagrams(void *arg, enum reed_err err)
{
	struct way *self = arg;
	bool other = err && err != REED_ECANCELED && reed_ship_is_unix(&self->ship->options);

	return other ? dial_stream(self) : NULL;
}

static struct reed_future *dial_datagrams(struct way *self)
{
	return reed_then(reed_dgram_dial(self->co.loop, self->ship->options.endpoint, &self->dgram),
	                 after_datagrams, self);
}

static struct reed_future *other_mode(struct way *self)
{
	return reed_cell_changed(self->co.loop, &self->ship->mode, self->mode_seen);
}

static struct reed_future *dial(struct way *self)
{
	struct reed_future *f =
		is_of_datagrams(self->ship) ? dial_datagrams(self) : dial_stream(self);

	return reed_any(&self->which, reed_within(DIAL_MS, f), other_mode(self));
}

/* The peer has nothing to say but that it goes. */
static struct reed_future *wait_for_records(struct way *self)
{
	struct reed_future *peer;

	if (self->stream)
		reed_skip(self->stream, reed_peek(self->stream).n);
	peer = self->stream ? reed_more(self->stream) : reed_dgram_wait(self->dgram);
	return reed_any(&self->which, peer, other_mode(self),
	                reed_cell_changed(self->co.loop, &self->ship->news, self->seen));
}

static struct reed_future *wait_until_taken(struct way *self)
{
	int64_t ms = mode_of(self->ship) == SHIP_GO_ON ? STALL_MS : LAST_MS;

	return reed_any(&self->which,
	                reed_within(ms, self->stream ? reed_flush(self->stream)
	                                             : reed_dgram_drain(self->dgram)),
	                other_mode(self));
}

/* Whoever rests hangs up when nothing is left to be sent. */
static bool goes_on(const struct way *self)
{
	return mode_of(self->ship) == SHIP_GO_ON || reed_ship_has_news(self->ship);
}

static void arrive(struct way *self)
{
	if (self->stream)
		self->stream->limits = &limits;
	self->ship->connections++;
	self->ship->connected = true;
	reed_ship_make_room(self->ship);
}

static void ignore_datagrams(struct way *self)
{
	struct reed_datagram in;

	while (self->dgram && reed_dgram_next(self->dgram, &in))
		continue;
}

static void way_run(struct reed_co *co)
{
	struct way *self = reed_frame(co, struct way);
	struct reed_ship *ship = self->ship;

	reed_coroutine (co) {
		self->mode_seen = ship->mode.count;
		reed_try(co, dial(self));
		if (self->which == 1)
			reed_return(co, REED_OK);
		arrive(self);
		while (goes_on(self)) {
			self->seen = ship->news.count;
			if (reed_ship_is_empty(&ship->queue)) {
				self->mode_seen = ship->mode.count;
				reed_try(co, wait_for_records(self));
				ignore_datagrams(self);
			} else {
				begin_batch(self);
				do {
					self->mode_seen = ship->mode.count;
					reed_try(co, wait_until_taken(self));
				} while (self->which == 1);
				end_batch(self);
			}
			if (refusal(self))
				reed_return(co, co->err);
		}
	}
}

static void way_end(struct reed_co *co)
{
	struct way *self = reed_frame(co, struct way);

	self->ship->connected = false;
	if (self->batch > 0)
		reed_abort(self->stream);
	else
		reed_close(self->stream);
	if (!self->dgram)
		return;
	count_taken(self);
	reed_dgram_close(self->dgram);
	if (self->handed > self->taken)
		reed_ship_lose(self->ship, self->handed - self->taken);
}

static const struct reed_co_kind way_kind = {
	.name = "ship log to peer",
	.size = sizeof(struct way),
	.run = way_run,
	.end = way_end,
};

static struct reed_future *go(struct reed_ship *ship)
{
	struct way *self = reed_co_new(ship->loop, &way_kind);

	self->ship = ship;
	return reed_start(&self->co);
}

/* ---- one after another ---- */

struct carry {
	struct reed_co co;
	struct reed_ship *ship;
	unsigned tries;      /* in a row of which none has lasted */
	enum ship_mode mode; /* in the last try, which began */
	int64_t since;
};

static void begin_try(struct carry *self)
{
	self->mode = mode_of(self->ship);
	self->since = reed_now(self->co.loop);
}

/* Told once, not at every try; what has worked for a while begins anew. */
static void end_try(struct carry *self)
{
	struct reed_ship *ship = self->ship;

	if (reed_now(ship->loop) - self->since >= REED_MS(LASTING_MS)) {
		self->tries = 0;
		ship->told = false;
	}
	if (!self->co.err)
		return;
	ship->failures++;
	if (!ship->told && mode_of(ship) == SHIP_GO_ON)
		reed_log(ship->loop, REED_LOG_WARN, "the log cannot be shipped to=%s why=%s",
		         ship->shown, reed_co_why(&self->co));
	ship->told = true;
}

static struct reed_future *rest_a_while(struct carry *self)
{
	int64_t ms = reed_backoff_ms(self->co.loop, &backoff, ++self->tries);

	return reed_within(ms, reed_cell_changed(self->co.loop, &self->ship->mode,
	                                         self->ship->mode.count));
}

static void carry_run(struct reed_co *co)
{
	struct carry *self = reed_frame(co, struct carry);
	struct reed_ship *ship = self->ship;

	reed_coroutine (co) {
		while (!co->future.interrupted) {
			if (mode_of(ship) == SHIP_REST || ship->done) {
				reed_await(co, reed_cell_changed(co->loop, &ship->mode,
				                                 ship->mode.count));
				continue;
			}
			begin_try(self);
			if (self->mode == SHIP_GO_ON || reed_ship_has_news(ship)) {
				reed_await(co, go(ship));
				end_try(self);
			}
			if (mode_of(ship) == SHIP_GO_ON)
				reed_await(co, rest_a_while(self));
			else if (self->mode == SHIP_LAST_WORDS)
				ship->done = true;
		}
	}
}

static const struct reed_co_kind carry_kind = {
	.name = "ship log",
	.size = sizeof(struct carry),
	.run = carry_run,
};

struct reed_future *reed_ship_carry(struct reed_ship *ship)
{
	struct carry *self = reed_co_new(ship->loop, &carry_kind);

	self->ship = ship;
	return reed_start(&self->co);
}
