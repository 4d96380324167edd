/*
 * Receiving datagrams, for all kinds of sockets.
 *
 * As with streams, a wait settles when the socket is ready and is carried out at
 * the attempt: whoever drops one has taken nothing.
 */

#include "dgram_private.h"

struct reed_dgram *reed_dgram_of(struct reed_future *waiting)
{
	return reed_container_of(waiting, struct reed_dgram, waiting);
}

static bool holds(const struct reed_dgram *d)
{
	return d->batch && d->batch->shown < d->batch->count;
}

/* Nobody looks at it any more: a socket that waits has no batch. */
void reed_dgram_tidy(struct reed_dgram *d)
{
	if (d->batch && !holds(d) && !d->more)
		reed_dgram_batch_return(d);
}

static void count_in(struct reed_dgram *d, int n)
{
	d->stats.calls_in++;
	d->stats.received += (uint64_t)n;
	for (int i = 0; i < n; i++) {
		d->stats.bytes_in += d->batch->in[i].data.n;
		d->stats.truncated += d->batch->in[i].truncated;
	}
}

enum reed_err reed_dgram_fill(struct reed_dgram *d)
{
	struct reed_dgram_batch *b = d->batch;
	bool more = false;
	int n;

	if (holds(d))
		return REED_OK;
	if (d->err)
		return d->err;
	b = b ? b : reed_dgram_batch_take(d);
	n = d->ops->receive(d, b, b->in, REED_DGRAM_BATCH, &more);
	d->more = more;
	b->shown = 0;
	b->count = n > 0 ? n : 0;
	if (n > 0) {
		count_in(d, n);
		return REED_OK;
	}
	reed_dgram_tidy(d);
	if (n < 0 && n != REED_EAGAIN)
		return d->err = (enum reed_err)n;
	reed_dgram_want(d, d->wanted | REED_READ);
	return REED_EAGAIN;
}

bool reed_dgram_next(struct reed_dgram *d, struct reed_datagram *in)
{
	if (!holds(d))
		return false;
	*in = d->batch->in[d->batch->shown++];
	return true;
}

void reed_dgram_read_free(struct reed_future *f)
{
	struct reed_dgram *d = reed_dgram_of(f);

	d->is_waiting = false;
	if (d->closed)
		reed_dgram_gone(d);
}

/* ready: there is no need to ask the system whether there is something. */
struct reed_future *reed_dgram_read(struct reed_dgram *d, const struct reed_future_kind *kind,
                                    bool ready)
{
	assert(!d->is_waiting && !d->closed);
	reed_dgram_tidy(d);
	reed_future_init(&d->waiting, d->loop, kind);
	d->is_waiting = true;
	if (ready || holds(d) || d->more || d->err)
		reed_settle(&d->waiting, REED_OK);
	else
		reed_dgram_want(d, d->wanted | REED_READ);
	return &d->waiting;
}

/* ---- something has come ---- */

static enum reed_err wait_attempt(struct reed_future *f)
{
	struct reed_dgram *d = reed_dgram_of(f);
	enum reed_err err = d->news ? REED_OK : reed_dgram_fill(d);

	return err == REED_EAGAIN && d->news ? REED_OK : err;
}

static void wait_deliver(struct reed_future *f)
{
	reed_dgram_of(f)->news = false;
}

static const struct reed_future_kind wait_kind = {
	.name = "wait for datagrams",
	.attempt = wait_attempt,
	.deliver = wait_deliver,
	.free = reed_dgram_read_free,
};

struct reed_future *reed_dgram_wait(struct reed_dgram *d)
{
	return reed_dgram_read(d, &wait_kind, d->news);
}

/* ---- the next one ---- */

/* Only who has one peer can tell whose error it is. */
static const struct reed_dgram_error *error_of_peer(const struct reed_dgram *d)
{
	return reed_dgram_connected(d) ? reed_dgram_oldest(d) : NULL;
}

static enum reed_err receive_attempt(struct reed_future *f)
{
	struct reed_dgram *d = reed_dgram_of(f);
	const struct reed_dgram_error *error;
	enum reed_err err = reed_dgram_fill(d);

	if (err != REED_EAGAIN)
		return err;
	error = error_of_peer(d);
	if (!error)
		return REED_EAGAIN;
	f->fault = reed_dgram_fault(error);
	return error->err;
}

static void receive_deliver(struct reed_future *f)
{
	struct reed_dgram *d = reed_dgram_of(f);
	struct reed_dgram_error taken;

	if (!f->err)
		reed_dgram_next(d, d->out);
	else if (!d->err && !d->closed && f->err != REED_ECANCELED)
		reed_dgram_take_error(d, &taken);
}

static const struct reed_future_kind receive_kind = {
	.name = "receive",
	.attempt = receive_attempt,
	.deliver = receive_deliver,
	.free = reed_dgram_read_free,
};

struct reed_future *reed_dgram_receive(struct reed_dgram *d, struct reed_datagram *in)
{
	d->out = in;
	return reed_dgram_read(d, &receive_kind, error_of_peer(d) != NULL);
}

/* ---- readiness ---- */

static void want_no_more(struct reed_dgram *d, unsigned events)
{
	reed_dgram_want(d, d->wanted & ~events);
}

void reed_dgram_ready(struct reed_dgram *d, unsigned events)
{
	if (events & REED_WRITE) {
		d->blocked = false;
		want_no_more(d, REED_WRITE);
		reed_at_turn_end(d->loop, &d->flush);
	}
	if (!(events & REED_READ))
		return;
	if (d->is_waiting && !d->waiting.settled)
		reed_settle(&d->waiting, REED_OK);
	else if (!d->is_waiting || d->waiting.tried)
		want_no_more(d, REED_READ);
}
