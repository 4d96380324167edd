/* The handshake: one step after another as messages come, and who waits for its end. */

#include "tls_private.h"

/* ---- who waits for it ---- */

struct handshake {
	struct reed_future future;
	struct reed_list link; /* of self->waiting */
};

static struct handshake *handshake_of(struct reed_future *f)
{
	return reed_container_of(f, struct handshake, future);
}

static void handshake_cancel(struct reed_future *f)
{
	reed_list_unlink(&handshake_of(f)->link);
}

static void handshake_free(struct reed_future *f)
{
	reed_free(handshake_of(f));
}

static const struct reed_future_kind handshake_kind = {
	.name = "tls handshake",
	.cancel = handshake_cancel,
	.free = handshake_free,
};

void reed_tls_tell_waiting(struct reed_tls *self, enum reed_err err)
{
	struct reed_list *link;

	while ((link = reed_list_take(&self->waiting))) {
		struct handshake *h = reed_container_of(link, struct handshake, link);

		if (err && self->stream.fault)
			h->future.fault = reed_fault_copy(self->stream.fault);
		reed_settle(&h->future, err);
	}
}

struct reed_future *reed_tls_handshake(struct reed_stream *s)
{
	struct reed_tls *self = reed_tls_under(s);
	struct handshake *h;

	if (!self)
		return reed_failed(s->loop, REED_EINVAL, "this stream has no TLS in it");
	if (self->err)
		return reed_failed_with(s->loop, reed_fault_copy(self->stream.fault));
	if (self->open)
		return reed_ready(s->loop, REED_OK);
	h = reed_alloc(sizeof(*h));
	reed_future_init(&h->future, s->loop, &handshake_kind);
	reed_list_append(&self->waiting, &h->link);
	return &h->future;
}

/* ---- how it ends ---- */

static void setup_over(struct reed_tls *self)
{
	reed_free(self->setup);
	self->setup = NULL;
}

/* Who reads next is told at once, even if nothing comes from below any more. */
enum reed_err reed_tls_fail(struct reed_tls *self, struct reed_fault *fault)
{
	enum reed_err err = fault->err;

	self->err = err;
	self->stream.pending = true;
	reed_at_turn_end(self->stream.loop, &self->later);
	reed_stream_blame(&self->stream, fault);
	reed_tls_tell_waiting(self, err);
	setup_over(self);
	return err;
}

enum reed_err reed_tls_fail_below(struct reed_tls *self, enum reed_err err)
{
	struct reed_fault *cause = reed_fault_copy(self->below->fault);

	self->below_broken = err != REED_EEOF;
	if (self->open)
		return reed_tls_fail(self, cause ? cause
		                                 : reed_fault(err, NULL, "%s", reed_strerror(err)));
	if (err == REED_EEOF)
		return reed_tls_fail(self, reed_fault(REED_EPROTO, NULL,
		                                      "the peer hung up during "
		                                      "the TLS handshake"));
	if (!cause)
		cause = reed_fault(err, NULL, "%s", reed_strerror(err));
	return reed_tls_fail(self, reed_fault(err, cause, "during the TLS handshake"));
}

static void established(struct reed_tls *self)
{
	bool challenged = self->setup && self->setup->challenged;

	self->open = true;
	self->messages = 0;
	self->stream.pending = reed_tls_in_held(self) > 0;
	reed_at_turn_end(self->stream.loop, &self->later);
	setup_over(self);
	if (challenged) /* RFC 8737 3: nothing else may be said on it */
		reed_tls_fail(self,
		              reed_fault(REED_EABORTED, NULL,
		                         "a certificate authority has seen what it came for"));
	else
		reed_tls_tell_waiting(self, REED_OK);
}

/* ---- steps ---- */

/* An alert goes out with the failure it tells of; whether it arrives is another matter. */
static enum reed_err flush(struct reed_tls *self)
{
	enum reed_err err = reed_tls_flush(self);

	if (!err || err == REED_EAGAIN || self->err)
		return err;
	return reed_tls_fail_below(self, err);
}

static enum reed_err refill(struct reed_tls *self)
{
	enum reed_err err = reed_tls_refill(self);

	return !err || err == REED_EAGAIN ? err : reed_tls_fail_below(self, err);
}

/* REED_OK: it is over, or there is more for OpenSSL to read. */
static enum reed_err step(struct reed_tls *self)
{
	enum reed_err err = REED_OK, flushed;
	int done, why;

	reed_tls_forget_errors();
	done = SSL_do_handshake(self->ssl);
	why = SSL_get_error(self->ssl, done);
	if (done == 1)
		established(self);
	else if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
		err = reed_tls_fail(self, reed_tls_why(self));
	flushed = flush(self);
	if (err || self->err || self->open)
		return self->err;
	return why == SSL_ERROR_WANT_WRITE ? flushed : refill(self);
}

/* The flight that is ready leaves before the peer is waited for. */
enum reed_err reed_tls_advance(struct reed_tls *self)
{
	enum reed_err err = REED_OK;

	if (self->err || self->open)
		return self->err;
	if (!self->started)
		return REED_EAGAIN;
	while (!err && !self->open)
		err = step(self);
	reed_tls_tidy(self);
	return err;
}
