/* Content codings undone, by zlib, brotli and zstd. */

#include "decode.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include "reed/alloc.h"

enum { WINDOW_LOG = 23 }; /* RFC 9659: a server may need 8 MiB of us, and no more */

struct http_decoder {
	enum reed_err (*step)(struct http_decoder *self, struct reed_slice *in, char *into,
	                      size_t room, size_t *got);
	z_stream z;
	BrotliDecoderState *brotli;
	ZSTD_DStream *zstd;
	bool ended, begun;
};

/* ---- gzip, which some send several of (RFC 1952 2.2), and deflate ---- */

static enum reed_err z_step(struct http_decoder *self, struct reed_slice *in, char *into,
                            size_t room, size_t *got)
{
	z_stream *z = &self->z;
	int how;

	if (self->ended && in->n > 0) {
		inflateReset(z);
		self->ended = false;
	}
	if (self->ended)
		return REED_EEOF;
	z->next_in = (unsigned char *)(uintptr_t)in->p;
	z->avail_in = (unsigned)in->n;
	z->next_out = (unsigned char *)into;
	z->avail_out = (unsigned)room;
	how = inflate(z, Z_NO_FLUSH);
	*in = reed_slice_from(*in, in->n - z->avail_in);
	*got = room - z->avail_out;
	if (how == Z_STREAM_END) {
		self->ended = true;
		return REED_OK;
	}
	if (how != Z_OK && how != Z_BUF_ERROR)
		return REED_EPROTO;
	return *got > 0 ? REED_OK : REED_EAGAIN;
}

/* ---- br ---- */

static enum reed_err brotli_step(struct http_decoder *self, struct reed_slice *in, char *into,
                                 size_t room, size_t *got)
{
	const uint8_t *next_in = (const uint8_t *)in->p;
	uint8_t *next_out = (uint8_t *)into;
	size_t left = in->n, free = room;
	BrotliDecoderResult how;

	if (self->ended)
		return in->n > 0 ? REED_EPROTO : REED_EEOF;
	how = BrotliDecoderDecompressStream(self->brotli, &left, &next_in, &free, &next_out, NULL);
	*in = reed_slice_from(*in, in->n - left);
	*got = room - free;
	self->ended = how == BROTLI_DECODER_RESULT_SUCCESS;
	if (how == BROTLI_DECODER_RESULT_ERROR)
		return REED_EPROTO;
	return *got > 0 || self->ended ? REED_OK : REED_EAGAIN;
}

/* ---- zstd ---- */

static enum reed_err zstd_step(struct http_decoder *self, struct reed_slice *in, char *into,
                               size_t room, size_t *got)
{
	ZSTD_inBuffer from = { in->p, in->n, 0 };
	ZSTD_outBuffer to = { into, room, 0 };
	size_t how;

	if (self->ended && in->n == 0)
		return REED_EEOF;
	how = ZSTD_decompressStream(self->zstd, &to, &from);
	*in = reed_slice_from(*in, from.pos);
	*got = to.pos;
	if (ZSTD_isError(how))
		return REED_EPROTO;
	self->ended = how == 0;
	return *got > 0 || self->ended ? REED_OK : REED_EAGAIN;
}

/* ---- any ---- */

static struct http_decoder *z_new(void)
{
	struct http_decoder *self = reed_alloc(sizeof(*self));

	self->step = z_step;
	if (inflateInit2(&self->z, 15 + 32) == Z_OK) /* gzip or zlib, as it begins */
		return self;
	reed_free(self);
	return NULL;
}

static struct http_decoder *brotli_new(void)
{
	struct http_decoder *self = reed_alloc(sizeof(*self));

	self->step = brotli_step;
	self->brotli = BrotliDecoderCreateInstance(NULL, NULL, NULL);
	return self;
}

static struct http_decoder *zstd_new(void)
{
	struct http_decoder *self = reed_alloc(sizeof(*self));

	self->step = zstd_step;
	self->zstd = ZSTD_createDStream();
	ZSTD_DCtx_setParameter(self->zstd, ZSTD_d_windowLogMax, WINDOW_LOG);
	return self;
}

struct http_decoder *http_decoder_new(struct reed_slice coding)
{
	if (reed_slice_is_nocase(coding, "gzip") || reed_slice_is_nocase(coding, "x-gzip") ||
	    reed_slice_is_nocase(coding, "deflate"))
		return z_new();
	if (reed_slice_is_nocase(coding, "br"))
		return brotli_new();
	if (reed_slice_is_nocase(coding, "zstd"))
		return zstd_new();
	return NULL;
}

void http_decoder_free(struct http_decoder *self)
{
	if (!self)
		return;
	if (self->step == z_step)
		inflateEnd(&self->z);
	BrotliDecoderDestroyInstance(self->brotli);
	ZSTD_freeDStream(self->zstd);
	reed_free(self);
}

enum reed_err http_decode(struct http_decoder *self, struct reed_slice *in, size_t most,
                          struct reed_buf *out)
{
	enum reed_err err;
	size_t got = 0;

	err = reed_buf_reserve(out, most);
	if (err)
		return err;
	err = self->step(self, in, out->p + out->end, most, &got);
	reed_buf_added(out, got);
	return err;
}
