/* The three compressors behind one call. */

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include "coding.h"

/* For text that is compressed once and sent once: about as fast as each other. */
enum { GZIP_LEVEL = 5, BR_QUALITY = 4, BR_WINDOW = 18, ZSTD_LEVEL = 3, ZSTD_WINDOW = 18 };
enum { PIECE = 8192 };

struct http_encoder {
	enum reed_http_coding coding;
	z_stream gzip;
	BrotliEncoderState *br;
	ZSTD_CCtx *zstd;
	bool has_gzip;
};

/* ---- life ---- */

static void *zlib_alloc(void *unused, unsigned count, unsigned size)
{
	(void)unused;
	return reed_alloc_raw((size_t)count * size);
}

static void zlib_free(void *unused, void *p)
{
	(void)unused;
	reed_free(p);
}

static void *br_alloc(void *unused, size_t n)
{
	(void)unused;
	return reed_alloc_raw(n);
}

static bool begin_gzip(struct http_encoder *self)
{
	self->gzip.zalloc = zlib_alloc;
	self->gzip.zfree = zlib_free;
	/* 15 bits of window, and 16 more for the header of gzip */
	self->has_gzip = deflateInit2(&self->gzip, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8,
	                              Z_DEFAULT_STRATEGY) == Z_OK;
	return self->has_gzip;
}

static bool begin_br(struct http_encoder *self)
{
	self->br = BrotliEncoderCreateInstance(br_alloc, zlib_free, NULL);
	return self->br && BrotliEncoderSetParameter(self->br, BROTLI_PARAM_QUALITY, BR_QUALITY) &&
	       BrotliEncoderSetParameter(self->br, BROTLI_PARAM_LGWIN, BR_WINDOW);
}

static bool begin_zstd(struct http_encoder *self)
{
	self->zstd = ZSTD_createCCtx();
	return self->zstd &&
	       !ZSTD_isError(
		       ZSTD_CCtx_setParameter(self->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL)) &&
	       !ZSTD_isError(ZSTD_CCtx_setParameter(self->zstd, ZSTD_c_windowLog, ZSTD_WINDOW));
}

static bool begin(struct http_encoder *self)
{
	switch (self->coding) {
	case REED_HTTP_GZIP:
		return begin_gzip(self);
	case REED_HTTP_BR:
		return begin_br(self);
	case REED_HTTP_ZSTD:
		return begin_zstd(self);
	case REED_HTTP_IDENTITY:
	case REED_HTTP_CODINGS:
		break;
	}
	return false;
}

struct http_encoder *http_encoder_new(enum reed_http_coding coding)
{
	struct http_encoder *self = reed_alloc(sizeof(*self));

	self->coding = coding;
	if (begin(self))
		return self;
	http_encoder_free(self);
	return NULL;
}

void http_encoder_free(struct http_encoder *self)
{
	if (!self)
		return;
	if (self->has_gzip)
		deflateEnd(&self->gzip);
	if (self->br)
		BrotliEncoderDestroyInstance(self->br);
	ZSTD_freeCCtx(self->zstd);
	reed_free(self);
}

/* ---- one step: takes of *in, adds to out; false when it has failed ---- */

struct step {
	struct reed_slice in;
	char out[PIECE];
	size_t n;
	bool done; /* all of it is in what was told */
};

static bool step_gzip(struct http_encoder *self, struct step *s, enum http_encode how)
{
	static const int flush[] = { Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FINISH };
	z_stream *z = &self->gzip;
	size_t most = s->in.n < UINT32_MAX / 2 ? s->in.n : UINT32_MAX / 2;
	int err;

	z->next_in = (Bytef *)(uintptr_t)s->in.p;
	z->avail_in = (uInt)most;
	z->next_out = (Bytef *)s->out;
	z->avail_out = PIECE;
	err = deflate(z, most == s->in.n ? flush[how] : Z_NO_FLUSH);
	s->in = reed_slice_from(s->in, most - z->avail_in);
	s->n = PIECE - z->avail_out;
	s->done =
		err == Z_STREAM_END || (how != HTTP_ENCODE_END && s->in.n == 0 && z->avail_out > 0);
	return err == Z_OK || err == Z_STREAM_END || err == Z_BUF_ERROR;
}

static bool step_br(struct http_encoder *self, struct step *s, enum http_encode how)
{
	static const BrotliEncoderOperation operation[] = { BROTLI_OPERATION_PROCESS,
		                                            BROTLI_OPERATION_FLUSH,
		                                            BROTLI_OPERATION_FINISH };
	const uint8_t *next = (const uint8_t *)s->in.p;
	uint8_t *out = (uint8_t *)s->out;
	size_t left = s->in.n, room = PIECE;
	bool good = BrotliEncoderCompressStream(self->br, operation[how], &left, &next, &room, &out,
	                                        NULL);

	s->in = reed_slice_from(s->in, s->in.n - left);
	s->n = PIECE - room;
	s->done = left == 0 && !BrotliEncoderHasMoreOutput(self->br) &&
	          (how != HTTP_ENCODE_END || BrotliEncoderIsFinished(self->br));
	return good;
}

static bool step_zstd(struct http_encoder *self, struct step *s, enum http_encode how)
{
	static const ZSTD_EndDirective directive[] = { ZSTD_e_continue, ZSTD_e_flush, ZSTD_e_end };
	ZSTD_inBuffer in = { s->in.p, s->in.n, 0 };
	ZSTD_outBuffer out = { s->out, PIECE, 0 };
	size_t left = ZSTD_compressStream2(self->zstd, &out, &in, directive[how]);

	s->in = reed_slice_from(s->in, in.pos);
	s->n = out.pos;
	s->done = how == HTTP_ENCODE_MORE ? s->in.n == 0 && out.pos < PIECE : left == 0;
	return !ZSTD_isError(left);
}

bool http_encode(struct http_encoder *self, struct reed_slice bytes, enum http_encode how,
                 http_encoded_fn *told, void *arg)
{
	struct step s;

	s.in = bytes;
	s.done = false;
	while (!s.done) {
		bool good = self->coding == REED_HTTP_GZIP ? step_gzip(self, &s, how)
		            : self->coding == REED_HTTP_BR ? step_br(self, &s, how)
		                                           : step_zstd(self, &s, how);

		if (!good)
			return false;
		if (s.n > 0)
			told(arg, reed_slice(s.out, s.n));
	}
	return true;
}
