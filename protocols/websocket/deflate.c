/* Messages compressed and back (RFC 7692 7.2), by zlib. */

#include <zlib.h>

#include "private.h"

struct ws_codec {
	z_stream z;
	bool deflates;
};

enum { AT_A_BLOCK = 128 }; /* of data_type: no block is amid */

static const char tail[4] = { 0, 0, '\xff', '\xff' }; /* left out of every message */

static void *z_alloc(void *arg, unsigned count, unsigned size)
{
	(void)arg;
	return reed_alloc_raw((size_t)count * size);
}

static void z_free(void *arg, void *p)
{
	(void)arg;
	reed_free(p);
}

static struct ws_codec *codec_new(bool deflates)
{
	struct ws_codec *codec = reed_alloc(sizeof(*codec));

	codec->z.zalloc = z_alloc;
	codec->z.zfree = z_free;
	codec->deflates = deflates;
	return codec;
}

void ws_codec_free(struct ws_codec *codec)
{
	if (!codec)
		return;
	if (codec->deflates)
		deflateEnd(&codec->z);
	else
		inflateEnd(&codec->z);
	reed_free(codec);
}

/* ---- in ---- */

static enum reed_err inflate_some(z_stream *z, struct reed_slice in, ws_sink_fn *sink, void *arg)
{
	char out[WS_PIECE];
	enum reed_err err;
	int how;

	z->next_in = (unsigned char *)(uintptr_t)in.p;
	z->avail_in = (unsigned)in.n;
	do {
		z->next_out = (unsigned char *)out;
		z->avail_out = sizeof(out);
		how = inflate(z, Z_SYNC_FLUSH);
		if (how == Z_STREAM_END) { /* a last block is allowed (RFC 7692 7.2.3.4) */
			inflateReset(z);
			how = Z_OK;
		}
		if (how != Z_OK && how != Z_BUF_ERROR)
			return REED_EPROTO;
		err = sink(arg, reed_slice(out, sizeof(out) - z->avail_out));
		if (err)
			return err;
	} while (z->avail_in > 0 || z->avail_out == 0);
	return REED_OK;
}

enum reed_err ws_inflate(struct ws_codec **codec, const struct ws_agreed *agreed,
                         struct reed_slice in, bool last, ws_sink_fn *sink, void *arg)
{
	enum reed_err err = REED_OK;

	if (!*codec) {
		*codec = codec_new(false);
		inflateInit2(&(*codec)->z, -15); /* a window as large as any serves all */
	}
	while (!err && in.n > 0) {
		struct reed_slice part = reed_slice_first(in, UINT32_MAX);

		err = inflate_some(&(*codec)->z, part, sink, arg);
		in = reed_slice_from(in, part.n);
	}
	if (!err && last)
		err = inflate_some(&(*codec)->z, reed_slice(tail, sizeof(tail)), sink, arg);
	if (!err && last && !((*codec)->z.data_type & AT_A_BLOCK))
		err = REED_EPROTO;
	if (last && !agreed->peer_takeover) {
		ws_codec_free(*codec);
		*codec = NULL;
	}
	return err;
}

/* ---- out ---- */

/* A message that does not fill a window needs no larger one. */
static int bits_for(const struct ws_agreed *agreed, size_t n)
{
	int bits = 9;

	if (agreed->own_takeover)
		return agreed->own_bits;
	while (bits < agreed->own_bits && (size_t)1 << bits < n)
		bits++;
	return bits;
}

static struct ws_codec *deflater_new(const struct ws_agreed *agreed, size_t n)
{
	struct ws_codec *codec = codec_new(true);
	int bits = bits_for(agreed, n);

	deflateInit2(&codec->z, 6, Z_DEFLATED, -bits, bits - 7 < 8 ? bits - 7 : 8,
	             Z_DEFAULT_STRATEGY);
	return codec;
}

static enum reed_err deflate_all(z_stream *z, struct reed_slice in, struct reed_buf *out)
{
	z->next_in = (unsigned char *)(uintptr_t)in.p;
	z->avail_in = (unsigned)in.n;
	do {
		if (reed_buf_reserve(out, WS_PIECE))
			return out->err;
		z->next_out = (unsigned char *)out->p + out->end;
		z->avail_out = WS_PIECE;
		deflate(z, Z_SYNC_FLUSH);
		reed_buf_added(out, WS_PIECE - z->avail_out);
	} while (z->avail_out == 0);
	return REED_OK;
}

/* One of 2 GiB and more is not compressed; who has such cuts it in pieces. */
enum reed_err ws_deflate(struct ws_codec **codec, const struct ws_agreed *agreed,
                         struct reed_slice in, struct reed_buf *out)
{
	enum reed_err err;

	if (in.n > INT32_MAX)
		return REED_ETOOBIG;
	if (!*codec)
		*codec = deflater_new(agreed, in.n);
	err = deflate_all(&(*codec)->z, in, out);
	if (!err)
		out->end -= sizeof(tail); /* RFC 7692 7.2.1 */
	if (!agreed->own_takeover) {
		ws_codec_free(*codec);
		*codec = NULL;
	}
	return err;
}
