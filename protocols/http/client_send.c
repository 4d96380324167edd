/* What is sent of a request, beside its answer (RFC 9112 9.5). */

#include "client_h2.h"

enum { PIECE = 64 << 10 }; /* that is written at once */

struct sender {
	struct reed_co co;
	struct sending *of;
};

/* ---- one piece after the other, to a stream or an ask ---- */

static bool must_drain(const struct sending *self)
{
	return self->ask ? ask_must_drain(self->ask) : reed_must_drain(self->to);
}

static struct reed_future *drain(struct sending *self)
{
	struct reed_future *f = self->ask ? ask_drain(self->ask) : reed_drain(self->to);

	return reed_within(self->client->options.silent_ms, f);
}

static void put(struct sending *self, struct reed_slice piece)
{
	if (self->ask) {
		ask_write(self->ask, piece);
		return;
	}
	if (self->chunked) /* RFC 9112 7.1 */
		reed_printf(self->to, "%zx\r\n", piece.n);
	reed_write(self->to, piece);
	if (self->chunked)
		reed_write_str(self->to, "\r\n");
}

static void put_end(struct sending *self)
{
	if (self->ask)
		ask_end(self->ask);
	else if (self->chunked)
		reed_write_str(self->to, "0\r\n\r\n");
	self->over = true;
}

/* False: nothing is here that could be sent. */
static bool put_piece(struct sending *self)
{
	struct reed_slice piece =
		reed_slice_first(reed_slice_from(reed_buf_slice(&self->bytes), self->sent), PIECE);

	if (piece.n > 0) {
		reed_write(self->to, piece);
		self->sent += piece.n;
		return true;
	}
	if (!self->from)
		return false;
	piece = reed_slice_first(reed_peek(self->from), PIECE);
	if (piece.n == 0)
		return false;
	put(self, piece);
	reed_skip(self->from, piece.n);
	return true;
}

/* ---- all of it ---- */

/* Whoever waits for the answer hears of it there. */
static void give_up(struct sending *self, enum reed_err err, const char *what, const char *why)
{
	self->broken = true;
	if (self->ask)
		ask_break(self->ask, err);
	else
		reed_stream_break(self->to, reed_fault_new(err, NULL, __FILE__, __LINE__, "%s: %s",
		                                           what, why));
}

/* A server that takes no more may have answered already; one that has may take its time. */
static bool is_lost(struct sender *self)
{
	struct sending *of = self->of;
	enum reed_err err = self->co.err;

	if (err == REED_ETIMEDOUT && of->answered)
		return false;
	if (err == REED_ETIMEDOUT)
		give_up(of, err, "the server takes no more of the request", reed_co_why(&self->co));
	return err != REED_OK;
}

static void sender_run(struct reed_co *co)
{
	struct sender *self = reed_frame(co, struct sender);
	struct sending *of = self->of;

	reed_coroutine (co) {
		for (;;) {
			while (must_drain(of)) {
				reed_await(co, drain(of));
				if (is_lost(self))
					reed_return(co, REED_OK);
			}
			if (put_piece(of))
				continue;
			if (!of->from)
				break;
			reed_await(co, reed_more(of->from));
			if (co->err == REED_EEOF)
				break;
			if (co->err) {
				give_up(of, co->err, "what was to be sent", reed_co_why(co));
				reed_return(co, REED_OK);
			}
		}
		put_end(of);
	}
}

static const struct reed_co_kind sender_kind = { .name = "upload",
	                                         .size = sizeof(struct sender),
	                                         .run = sender_run };

/* ---- the end ---- */

static void tell(struct sending *self)
{
	self->ended = reed_now(self->client->loop);
	if (self->is_awaited && !self->end.settled)
		reed_settle(&self->end, REED_OK);
}

static void ended(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	(void)err; /* it never fails: see give_up() */
	reed_fault_free(fault);
	tell(reed_container_of(w, struct sending, waiter));
}

void sending_stop(struct sending *self)
{
	if (!sending_goes_on(self))
		return;
	reed_unwait(self->client->loop, &self->waiter);
	tell(self);
}

static void end_free(struct reed_future *f)
{
	reed_container_of(f, struct sending, end)->is_awaited = false;
}

static const struct reed_future_kind end_kind = { .name = "end of the request", .free = end_free };

struct reed_future *sending_end(struct sending *self)
{
	reed_future_init(&self->end, self->client->loop, &end_kind);
	self->is_awaited = true;
	if (!sending_goes_on(self))
		reed_settle(&self->end, REED_OK);
	return &self->end;
}

/* ---- the beginning ---- */

struct sending *sending_new(const struct sending *what)
{
	struct sending *self = reed_alloc(sizeof(*self));
	struct sender *sender = reed_co_new(what->client->loop, &sender_kind);

	*self = *what;
	self->waiter.wake = ended;
	sender->of = self;
	reed_wait(reed_start(&sender->co), &self->waiter);
	return self;
}

void sending_free(struct sending *self)
{
	if (!self)
		return;
	sending_stop(self);
	reed_buf_finish(&self->bytes);
	reed_free(self);
}

int64_t sending_patience(const struct sending *self, int64_t first_ms)
{
	int64_t gone;

	if (!self || sending_goes_on(self))
		return first_ms;
	gone = (reed_now(self->client->loop) - self->ended) / REED_MS(1);
	return gone < first_ms ? first_ms - gone : 1;
}

bool sending_excuses(const struct sending *self, enum reed_err err, int64_t first_ms)
{
	return err == REED_ETIMEDOUT && self && !self->broken &&
	       (sending_goes_on(self) || sending_patience(self, first_ms) > 1);
}
