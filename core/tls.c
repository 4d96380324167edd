/* TLS streams: the operations of their kind, and how they begin and end. */

#include "tls_private.h"

#include <string.h>

#include "reed/random.h"

/* ---- reading ---- */

enum { READ_AT_MOST = INT32_MAX };

/* The stream below has ended without a word: RFC 8446 6.1. */
static enum reed_err cut_short(struct reed_tls *self)
{
	self->ended = true;
	if (!self->strict_end)
		return REED_EEOF;
	return reed_tls_fail(
		self,
		reed_fault(REED_EPROTO, NULL,
	                   "the stream ended without close_notify: it may have been cut short"));
}

static enum reed_err refill(struct reed_tls *self)
{
	enum reed_err err = reed_tls_refill(self);

	if (!err || err == REED_EAGAIN)
		return err;
	return err == REED_EEOF ? cut_short(self) : reed_tls_fail_below(self, err);
}

/* OpenSSL gave no bytes; REED_OK: try again. */
static enum reed_err no_bytes(struct reed_tls *self, int why)
{
	enum reed_err err;

	switch (why) {
	case SSL_ERROR_WANT_READ:
		return refill(self);
	case SSL_ERROR_WANT_WRITE:
		err = reed_tls_flush(self);
		self->read_needs_write = err == REED_EAGAIN;
		return !err || err == REED_EAGAIN ? err : reed_tls_fail_below(self, err);
	case SSL_ERROR_ZERO_RETURN:
		self->ended = self->clean_end = true;
		return REED_EEOF;
	default:
		return reed_tls_fail(self, reed_tls_why(self));
	}
}

/*
 * Bytes, or why not.  What is below is read only while there are none, so that
 * one call takes a buffer at the most and a fast peer cannot hold the loop.
 */
static ssize_t decrypt(struct reed_tls *self, char *into, size_t room)
{
	enum reed_err err = REED_OK;
	size_t got = 0;
	int n, why;

	while (!err && got < room) {
		reed_tls_forget_errors();
		n = SSL_read(self->ssl, into + got,
		             room - got < READ_AT_MOST ? (int)(room - got) : READ_AT_MOST);
		if (n > 0) {
			got += (size_t)n;
			self->messages = 0;
			continue;
		}
		why = SSL_get_error(self->ssl, n);
		if (got > 0 && why == SSL_ERROR_WANT_READ)
			break;
		err = no_bytes(self, why);
	}
	return got > 0 ? (ssize_t)got : (ssize_t)err;
}

/* Alerts, tickets and answers to KeyUpdate leave when they can. */
static void flush_quietly(struct reed_tls *self)
{
	enum reed_err err = reed_tls_out_held(self) > 0 ? reed_tls_flush(self) : REED_OK;

	if (err && err != REED_EAGAIN && !self->err)
		reed_tls_fail_below(self, err);
}

/* Whether a read would give something, without an event from below. */
static bool holds_more(const struct reed_tls *self)
{
	return self->err || self->ended || SSL_pending(self->ssl) > 0 ||
	       reed_tls_in_held(self) > 0 || self->below->pending;
}

static ssize_t tls_read(struct reed_stream *s, char *into, size_t room)
{
	struct reed_tls *self = reed_tls_of(s);
	ssize_t n = reed_tls_advance(self);

	if (!n && self->ended)
		return REED_EEOF;
	if (!n)
		n = decrypt(self, into, room);
	flush_quietly(self);
	reed_tls_tidy(self);
	if (n > 0)
		s->pending = holds_more(self);
	reed_tls_want_below(self);
	return n;
}

/* ---- writing ---- */

/* Where in the bytes to be written we are. */
struct cursor {
	const struct iovec *iov;
	int count;
	size_t at; /* in *iov */
};

static void advance(struct cursor *c, size_t n)
{
	c->at += n;
	while (c->count > 0 && c->at >= c->iov->iov_len) {
		c->at -= c->iov->iov_len;
		c->iov++;
		c->count--;
	}
}

/* The next n bytes at most, put together in scratch. */
static size_t gather(struct cursor c, char *scratch, size_t room)
{
	size_t total = 0;

	while (c.count > 0 && total < room) {
		size_t n = c.iov->iov_len - c.at;

		n = n < room - total ? n : room - total;
		memcpy(scratch + total, (const char *)c.iov->iov_base + c.at, n);
		total += n;
		advance(&c, n);
	}
	return total;
}

/*
 * Small writes make one record together; a large one is not copied.  All that
 * is left goes into one record if it can; else four of them fill a buffer.
 */
static struct reed_slice next_piece(struct reed_tls *self, const struct cursor *c, char **scratch)
{
	size_t n = c->iov->iov_len - c->at, most = REED_TLS_PIECE;

	if (c->count == 1 && n <= REED_TLS_RECORD && self->out_end == 0)
		most = REED_TLS_RECORD;
	if (n >= most || c->count == 1)
		return reed_slice_first(reed_slice((const char *)c->iov->iov_base + c->at, n),
		                        most);
	if (!*scratch)
		*scratch = reed_buffer_take(self->stream.loop);
	return reed_slice(*scratch, gather(*c, *scratch, REED_TLS_PIECE));
}

/* As many records as out takes. */
static enum reed_err encrypt(struct reed_tls *self, struct cursor *c)
{
	enum reed_err err = REED_OK;
	char *scratch = NULL;

	while (!err && c->count > 0 && self->out_end + REED_TLS_RECORD <= REED_BUFFER) {
		struct reed_slice piece = next_piece(self, c, &scratch);
		int n, why;

		reed_tls_forget_errors();
		self->at_once = c->count == 1 && c->iov->iov_len - c->at == piece.n;
		n = SSL_write(self->ssl, piece.p, (int)piece.n);
		self->at_once = false;
		why = SSL_get_error(self->ssl, n);
		if (n > 0) {
			self->ahead += (size_t)n;
			advance(c, (size_t)n);
		} else if (why == SSL_ERROR_WANT_WRITE) {
			break; /* and say the same again when out is empty */
		} else {
			err = reed_tls_fail(self, reed_tls_why(self));
		}
	}
	if (scratch)
		reed_buffer_return(self->stream.loop, scratch);
	return err;
}

/*
 * Bytes count as taken when the stream below has taken them all in their
 * encrypted form.  Those that are encrypted but not yet taken stand in the
 * writer's queue still, so that a flush, a limit and a close mean what they
 * say; the next call begins with them, and skips them.
 */
static ssize_t tls_write(struct reed_stream *s, const struct iovec *iov, int count)
{
	struct reed_tls *self = reed_tls_of(s);
	struct cursor c = { .iov = iov, .count = count };
	enum reed_err err = reed_tls_advance(self);
	ssize_t taken = 0;

	advance(&c, self->ahead);
	while (!err) {
		err = reed_tls_flush(self);
		if (err)
			break;
		taken += (ssize_t)self->ahead;
		self->ahead = 0;
		if (c.count == 0)
			break;
		err = encrypt(self, &c);
	}
	if (err && err != REED_EAGAIN && !self->err)
		reed_tls_fail_below(self, err);
	reed_tls_want_below(self);
	return taken > 0 || !err ? taken : (ssize_t)err;
}

/* ---- readiness ---- */

static void tls_want(struct reed_stream *s, unsigned events)
{
	struct reed_tls *self = reed_tls_of(s);

	self->top_wants = events & 7;
	reed_tls_want_below(self);
}

static void say_goodbye(struct reed_tls *self)
{
	self->said_goodbye = self->finishing = true;
	reed_tls_forget_errors();
	SSL_shutdown(self->ssl);
	flush_quietly(self);
	reed_tls_want_below(self);
}

/* During the handshake any readiness below may let either go on, which later() tells. */
static unsigned tls_ready(struct reed_stream *s, unsigned events)
{
	struct reed_tls *self = reed_tls_of(s);

	if (!self->started)
		return 0;
	if (events & REED_WRITE) {
		self->below->blocked = false;
		reed_stream_want(self->below, self->below->wanted & ~(unsigned)REED_WRITE);
		flush_quietly(self);
	}
	if (!self->open && !self->err) {
		reed_tls_advance(self);
		events = 0;
	}
	reed_tls_want_below(self);
	return events;
}

/*
 * At the end of a turn.  The first time the handshake begins: whoever said
 * STARTTLS has been taken from the stream below by then.  Later because it is
 * over, or something else has happened that readers and writers wait for.
 */
static void tls_later(struct reed_last *last)
{
	struct reed_tls *self = reed_container_of(last, struct reed_tls, later);

	assert(!self->below->is_reading);
	self->started = true;
	if (reed_tls_advance(self) == REED_OK && self->goodbye_due) {
		self->goodbye_due = false;
		say_goodbye(self);
	}
	reed_tls_want_below(self);
	if (self->open || self->err)
		reed_stream_ready(&self->stream, REED_READ | REED_WRITE);
}

/* ---- the end ---- */

/*
 * Whoever closes before the handshake is over has nothing to say: the queue
 * is empty.  Whoever only ends writing waits for it, to say that much.
 */
static void tls_shutdown(struct reed_stream *s)
{
	struct reed_tls *self = reed_tls_of(s);

	if (self->open && !self->err)
		say_goodbye(self);
	else if (s->closed && !s->read_err)
		s->read_err = self->err ? self->err : REED_ECANCELED;
	else
		self->goodbye_due = true;
}

/* What OpenSSL still had to say goes into the queue of the stream below, which lingers. */
static void close_below(struct reed_tls *self)
{
	struct reed_stream *below = self->below;

	below->above = NULL;
	reed_stream_want(below, 0); /* so that what it wants next is looked at anew */
	if (self->stream.aborted || self->below_broken) {
		reed_abort(below);
		return;
	}
	if (self->open && !self->err && !self->said_goodbye)
		SSL_shutdown(self->ssl);
	if (reed_tls_out_held(self) > 0 && !below->shutting)
		reed_write(below, reed_slice(self->out + self->out_begin, reed_tls_out_held(self)));
	reed_close(below);
}

static void tls_close(struct reed_stream *s)
{
	struct reed_tls *self = reed_tls_of(s);

	reed_list_unlink(&self->later.link);
	reed_tls_tell_waiting(self, REED_ECANCELED);
	reed_tls_forget_errors();
	close_below(self);
	/* or OpenSSL would not let the session be resumed */
	if (self->ssl && self->open && !self->err)
		SSL_set_shutdown(self->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(self->ssl);
	reed_tls_return_buffers(self);
	reed_tls_material_release(self->material);
	reed_pool_finish(&self->pool);
	reed_fault_free(self->refusal);
	reed_free(self->setup);
	reed_free(self->server);
	reed_free(self->why_not);
}

/* ---- the kind ---- */

static size_t tls_on_the_way(struct reed_stream *s)
{
	struct reed_tls *self = reed_tls_of(s);
	size_t here = reed_tls_out_held(self) + self->goodbye_due,
	       below = reed_on_the_way(self->below);

	return below < SIZE_MAX - here ? here + below : below;
}

static const struct reed_stream_ops tls_ops = {
	.name = "tls",
	.read = tls_read,
	.write = tls_write,
	.want = tls_want,
	.shutdown = tls_shutdown,
	.close = tls_close,
	.facts = reed_tls_facts_fill,
	.ready = tls_ready,
	.on_the_way = tls_on_the_way,
};

struct reed_tls *reed_tls_new(struct reed_stream *below, struct reed_tls_ctx *ctx)
{
	struct reed_tls *self = reed_alloc(sizeof(*self));

	assert(!below->above && !below->closed);
	reed_stream_init(&self->stream, below->loop, &tls_ops);
	self->stream.limits = below->limits;
	self->below = below;
	self->material = reed_tls_ctx_material(ctx);
	self->setup = reed_alloc(sizeof(*self->setup));
	reed_list_init(&self->waiting);
	self->later.run = tls_later;
	self->ssl = SSL_new(self->material->ssl);
	if (self->ssl) {
		SSL_set_app_data(self->ssl, self);
		reed_tls_bio_attach(self);
		X509_VERIFY_PARAM_set_time(SSL_get0_param(self->ssl),
		                           (time_t)(reed_wall(below->loop) / REED_S(1)));
	} else {
		reed_tls_fail(self, reed_fault(REED_ENOMEM, NULL, "no memory for TLS"));
	}
	below->above = &self->stream;
	reed_at_turn_end(below->loop, &self->later);
	return self;
}
