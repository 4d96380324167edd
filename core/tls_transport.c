/*
 * What OpenSSL calls its transport: two lent buffers between it and the stream
 * below.  OpenSSL never reads or writes below by itself, so that one read
 * below serves many records, many records leave in one write, and it is clear
 * at each call here what the stream below will be asked.
 */

#include "tls_private.h"

#include <string.h>

/* ---- OpenSSL's side ---- */

static int bio_read(BIO *bio, char *into, int room)
{
	struct reed_tls *self = BIO_get_data(bio);
	uint32_t n = reed_tls_in_held(self);

	BIO_clear_retry_flags(bio);
	if (self->messages > REED_TLS_FLOOD)
		return -1;
	if (n == 0) {
		BIO_set_retry_read(bio);
		return -1;
	}
	if (n > (uint32_t)room)
		n = (uint32_t)room;
	memcpy(into, self->in + self->in_begin, n);
	self->in_begin += n;
	return (int)n;
}

/* What nothing stands before and nothing follows need not be copied. */
static size_t send_at_once(struct reed_tls *self, const char *bytes, size_t n)
{
	struct iovec iov = { (void *)(uintptr_t)bytes, n };
	ssize_t gone;

	if (!self->at_once || reed_tls_out_held(self) > 0 || self->below->first)
		return 0;
	gone = self->below->ops->write(self->below, &iov, 1);
	if (gone < 0)
		return 0; /* a flush will tell */
	reed_stream_count_out(self->below, (size_t)gone);
	return (size_t)gone;
}

static int bio_write(BIO *bio, const char *bytes, int n)
{
	struct reed_tls *self = BIO_get_data(bio);
	size_t gone, left;

	BIO_clear_retry_flags(bio);
	gone = send_at_once(self, bytes, (size_t)n);
	left = (size_t)n - gone;
	if (left == 0)
		return n;
	reed_tls_lend_out(self);
	if (left > REED_BUFFER - self->out_end) {
		BIO_set_retry_write(bio);
		return -1;
	}
	memcpy(self->out + self->out_end, bytes + gone, left);
	self->out_end += (uint32_t)left;
	return n;
}

static long bio_ctrl(BIO *bio, int command, long number, void *p)
{
	(void)bio;
	(void)number;
	(void)p;
	return command == BIO_CTRL_FLUSH;
}

BIO_METHOD *reed_tls_bio_method(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "reed stream");

	if (method) {
		BIO_meth_set_read(method, bio_read);
		BIO_meth_set_write(method, bio_write);
		BIO_meth_set_ctrl(method, bio_ctrl);
	}
	return method;
}

void reed_tls_bio_attach(struct reed_tls *self)
{
	BIO *bio = BIO_new(self->material->bio);

	BIO_set_data(bio, self);
	BIO_set_init(bio, 1);
	SSL_set_bio(self->ssl, bio, bio);
}

/* ---- in ---- */

static void return_in(struct reed_tls *self)
{
	if (self->in)
		reed_buffer_return(self->stream.loop, self->in);
	self->in = NULL;
	self->in_begin = self->in_end = 0;
}

/* What came before the stream below was built upon. */
static bool take_left_over(struct reed_tls *self)
{
	struct reed_slice left = reed_slice_first(reed_peek(self->below), REED_BUFFER);

	if (left.n == 0)
		return false;
	memcpy(self->in, left.p, left.n);
	self->in_end = (uint32_t)left.n;
	reed_skip(self->below, left.n);
	reed_stream_tidy(self->below);
	return true;
}

static void keep_greeting(struct reed_tls *self)
{
	struct reed_tls_setup *setup = self->setup;
	uint32_t n = self->in_end;

	if (!setup || setup->greeting_size == REED_TLS_GREETING)
		return;
	if (n > REED_TLS_GREETING - (uint32_t)setup->greeting_size)
		n = REED_TLS_GREETING - (uint32_t)setup->greeting_size;
	memcpy(setup->greeting + setup->greeting_size, self->in, n);
	setup->greeting_size = (uint8_t)(setup->greeting_size + n);
}

/* When OpenSSL has taken all there was: one read below.  REED_EAGAIN, REED_EEOF, ... */
enum reed_err reed_tls_refill(struct reed_tls *self)
{
	struct reed_stream *below = self->below;
	ssize_t n;

	if (reed_tls_in_held(self) > 0)
		return REED_OK;
	if (!self->in)
		self->in = reed_buffer_take(self->stream.loop);
	self->in_begin = self->in_end = 0;
	if (!take_left_over(self)) {
		below->pending = false;
		n = below->read_err ? (ssize_t)below->read_err
		                    : below->ops->read(below, self->in, REED_BUFFER);
		if (n <= 0) {
			return_in(self);
			return (enum reed_err)n;
		}
		reed_stream_count_in(below, (size_t)n);
		self->in_end = (uint32_t)n;
	}
	keep_greeting(self);
	return REED_OK;
}

/* ---- out ---- */

static void return_out(struct reed_tls *self)
{
	if (self->out)
		reed_buffer_return(self->stream.loop, self->out);
	self->out = NULL;
	self->out_begin = self->out_end = 0;
}

void reed_tls_lend_out(struct reed_tls *self)
{
	if (!self->out)
		self->out = reed_buffer_take(self->stream.loop);
}

/* Who waited for out to be empty. */
static void out_is_empty(struct reed_tls *self)
{
	if (self->read_needs_write) {
		self->read_needs_write = false;
		self->stream.pending = true;
		reed_at_turn_end(self->stream.loop, &self->later);
	}
	if (self->finishing && !self->below->shutting)
		reed_shutdown(self->below);
}

/* REED_OK: all of out has been taken.  REED_EAGAIN: to be called again when below is writable. */
enum reed_err reed_tls_flush(struct reed_tls *self)
{
	struct reed_stream *below = self->below;
	enum reed_err err = reed_stream_flush_below(below);

	while (!err && reed_tls_out_held(self) > 0) {
		struct iovec iov = { self->out + self->out_begin, reed_tls_out_held(self) };
		ssize_t n = below->ops->write(below, &iov, 1);

		if (n < 0)
			err = (enum reed_err)n;
		else if ((size_t)n < iov.iov_len)
			err = REED_EAGAIN;
		if (n > 0) {
			self->out_begin += (uint32_t)n;
			reed_stream_count_out(below, (size_t)n);
		}
	}
	if (err)
		return err;
	return_out(self);
	out_is_empty(self);
	return REED_OK;
}

/* What is lent goes back as soon as there is nothing in it. */
void reed_tls_tidy(struct reed_tls *self)
{
	if (reed_tls_in_held(self) == 0)
		return_in(self);
}

void reed_tls_return_buffers(struct reed_tls *self)
{
	return_in(self);
	return_out(self);
}

/* ---- readiness ---- */

/*
 * Until the handshake is over the stream below is heard whatever the top
 * wants.  After that reading below is the top's wish, writing also ours.
 */
void reed_tls_want_below(struct reed_tls *self)
{
	unsigned events = self->top_wants & REED_READ;

	if (!self->started)
		return;
	if (!self->open && !self->err)
		events = REED_READ;
	else if (!self->err)
		events |= self->top_wants & REED_WRITE;
	if (self->read_needs_write)
		events &= ~(unsigned)REED_READ;
	if (!self->below_broken && (reed_tls_out_held(self) > 0 || self->below->first))
		events |= REED_WRITE;
	reed_stream_want(self->below, events);
}
