/* Bodies of requests that come compressed, decoded as they are read. */

#include "decode.h"
#include "private.h"
#include "reed/co.h"
#include "reed/http/coding.h"
#include "reed/http/router.h"

enum {
	DECODERS = 64,    /* at once: each may have 8 MiB */
	PIECE = 64 << 10, /* decoded at a time */
	RETRY_AFTER_S = 5,
};

struct http_unpacking {
	struct http_decoder *decoder;
	struct reed_slice raw; /* what it has not taken of the last piece */
	struct reed_buf piece, all;
	uint64_t seen; /* of what came out */
	bool begun, ended, is_reading;
};

void http_unpack_drop(struct reed_http_request *r)
{
	struct http_unpacking *self = r->unpacking;

	if (!self)
		return;
	http_decoder_free(self->decoder);
	reed_buf_finish(&self->piece);
	reed_buf_finish(&self->all);
	reed_free(self);
	r->unpacking = NULL;
	r->server->decoders--;
}

/* ---- which coding ---- */

static enum reed_err refuse(struct reed_http_request *r)
{
	reed_http_add(r, "Accept-Encoding", REED_STR(HTTP_CODINGS)); /* RFC 9110 12.5.3 */
	reed_http_fail(r, 415, "bodies are taken as " HTTP_CODINGS " or as they are");
	return REED_ENOTSUP;
}

static enum reed_err refuse_for_now(struct reed_http_request *r)
{
	reed_http_addf(r, "Retry-After", "%d", RETRY_AFTER_S);
	reed_http_fail(r, 503, "too many bodies are being decompressed");
	return REED_EBUSY;
}

/* The one coding that is not identity; REED_ENOENT, REED_ENOTSUP. */
static enum reed_err coding_of(const struct reed_http_request *r, struct reed_slice *coding)
{
	enum reed_err err = REED_ENOENT;
	struct reed_slice list, each;

	for (unsigned n = 0;; n++) {
		list = reed_http_field(r->head.fields, r->head.count, "Content-Encoding", n);
		if (!list.p)
			return err;
		while (reed_http_list_next(&list, &each)) {
			if (reed_slice_is_nocase(each, "identity"))
				continue;
			if (!err)
				return REED_ENOTSUP;
			*coding = each;
			err = REED_OK;
		}
	}
}

enum reed_err reed_http_decompress(struct reed_http_request *r)
{
	struct reed_slice coding;
	enum reed_err err = coding_of(r, &coding);
	struct http_decoder *decoder;

	if (err == REED_ENOENT || r->unpacking)
		return REED_OK;
	if (!err && r->server->decoders >= DECODERS)
		return refuse_for_now(r);
	decoder = err ? NULL : http_decoder_new(coding);
	if (!decoder)
		return refuse(r);
	r->unpacking = reed_alloc(sizeof(*r->unpacking));
	r->unpacking->decoder = decoder;
	r->server->decoders++;
	return REED_OK;
}

struct reed_future *reed_http_decompressing(void *unused, struct reed_http_request *r)
{
	(void)unused;
	return reed_http_decompress(r) ? NULL : reed_http_next(r);
}

/* ---- reading ---- */

struct unpack {
	struct reed_co co;
	struct reed_http_request *request;
	struct reed_slice *out;
	enum reed_err err;
	bool all, over;
};

/* Up to a piece comes out.  REED_EAGAIN: more has to go in. */
static enum reed_err step(struct http_unpacking *self)
{
	enum reed_err err;

	reed_buf_clear(&self->piece);
	do
		err = http_decode(self->decoder, &self->raw, PIECE, &self->piece);
	while (!err && reed_buf_held(&self->piece) == 0);
	self->ended = err == REED_EEOF;
	return reed_buf_held(&self->piece) > 0 ? REED_OK : err == REED_EEOF ? REED_EAGAIN : err;
}

/* REED_EAGAIN: more of it is to come. */
static enum reed_err take(struct unpack *self)
{
	struct http_unpacking *u = self->request->unpacking;

	u->seen += reed_buf_held(&u->piece);
	if (u->seen > self->request->body_limit)
		return REED_ETOOBIG;
	if (!self->all)
		return REED_OK;
	reed_buf_add(&u->all, reed_buf_slice(&u->piece));
	return u->all.err ? u->all.err : REED_EAGAIN;
}

/* An empty body is of every coding. */
static enum reed_err end_of_body(struct unpack *self)
{
	struct http_unpacking *u = self->request->unpacking;

	self->over = true;
	reed_buf_clear(&u->piece);
	return u->begun && !u->ended ? REED_EPROTO : REED_OK;
}

static void unpack_run(struct reed_co *co)
{
	struct unpack *self = reed_frame(co, struct unpack);
	struct http_unpacking *u = self->request->unpacking;

	reed_coroutine (co) {
		while (!self->over) {
			self->err = step(u);
			if (!self->err) {
				self->err = take(self);
				if (self->err == REED_EAGAIN) /* others have their turn */
					reed_try(co, reed_yield(co->loop));
			} else if (self->err == REED_EAGAIN) {
				reed_try(co, http_body_read(self->request, &u->raw, false));
				u->begun = u->begun || u->raw.n > 0;
				if (u->raw.n == 0)
					self->err = end_of_body(self);
			}
			if (self->err == REED_EPROTO)
				reed_return(co, reed_because(
							co, REED_EPROTO,
							"the body is not of its Content-Encoding"));
			if (self->err != REED_EAGAIN)
				reed_return(co, self->err);
		}
	}
}

static void unpack_deliver(struct reed_co *co)
{
	struct unpack *self = reed_frame(co, struct unpack);
	struct http_unpacking *u = self->request->unpacking;

	*self->out = reed_buf_slice(self->all ? &u->all : &u->piece);
}

static void unpack_end(struct reed_co *co)
{
	reed_frame(co, struct unpack)->request->unpacking->is_reading = false;
}

static const struct reed_co_kind unpack_kind = { "decompress", sizeof(struct unpack), unpack_run,
	                                         unpack_deliver, unpack_end };

struct reed_future *http_unpack_read(struct reed_http_request *r, struct reed_slice *out, bool all)
{
	struct unpack *self;

	if (r->unpacking->is_reading)
		return reed_failed(r->loop, REED_EBUSY, "the body is being read already");
	self = reed_co_new(r->loop, &unpack_kind);
	self->request = r;
	self->out = out;
	self->all = all;
	r->unpacking->is_reading = true;
	return reed_start(&self->co);
}
