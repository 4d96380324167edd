/* What goes out: heads at once, bodies when there is room for them. */

#include "h2_fields.h"
#include "h2_mux.h"

#include "reed/alloc.h"
#include "reed/stream.h"

/* ---- heads ---- */

/* What does not fit into one frame goes on in others (RFC 9113 6.10). */
static void split_head(struct reed_buf *out, size_t at, struct h2_frame frame, size_t n)
{
	char *copy = reed_alloc_raw(n);
	struct reed_slice rest = reed_slice(copy, n), piece;

	memcpy(copy, out->p + at + H2_FRAME_HEAD, n);
	out->end = at;
	while (rest.n > 0) {
		piece = reed_slice_first(rest, H2_FRAME_MOST);
		rest = reed_slice_from(rest, piece.n);
		frame.length = (uint32_t)piece.n;
		frame.flags |= rest.n == 0 ? H2_END_HEADERS : 0;
		h2_frame_add(out, &frame);
		reed_buf_add(out, piece);
		frame.type = H2_CONTINUATION;
		frame.flags = 0;
	}
	reed_free(copy);
}

static void lower_names(struct reed_pool *pool, nghttp2_nv *nv, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct reed_slice name = reed_slice((const char *)nv[i].name, nv[i].namelen);
		struct reed_slice value = reed_slice((const char *)nv[i].value, nv[i].valuelen);

		nv[i] = h2_nv(h2_lower(pool, name), value);
	}
}

static bool has_room(struct reed_buf *out, size_t n)
{
	return !reed_buf_reserve(out, (out->p ? 0 : H2_OUT_FIRST) + H2_FRAME_HEAD + n);
}

/* RFC 7541: as bytes at the end of out; how many, or negative. */
static ssize_t deflate(struct h2_mux *mux, nghttp2_nv *nv, size_t n)
{
	struct reed_pool pool = { .blocks = NULL };
	struct reed_buf *out = &mux->out;
	size_t bound = nghttp2_hd_deflate_bound(mux->deflater, nv, n);
	ssize_t got = -1;

	h2_memo_begin(&mux->memo, nv, n);
	lower_names(&pool, nv, n);
	if (has_room(out, bound))
		got = nghttp2_hd_deflate_hd(mux->deflater,
		                            (uint8_t *)out->p + out->end + H2_FRAME_HEAD, bound, nv,
		                            n);
	reed_pool_finish(&pool);
	return got;
}

/* In one frame or more.  Its names are gone afterwards. */
static void encode_head(struct h2_mux *mux, struct h2_frame frame, nghttp2_nv *nv, size_t n)
{
	struct reed_buf *out = &mux->out;
	ssize_t got = deflate(mux, nv, n);
	size_t at = out->end;

	if (got < 0) {
		h2_mux_fail(mux, H2_INTERNAL_ERROR, "a head cannot be encoded");
		return;
	}
	h2_memo_end(&mux->memo, reed_slice(out->p + at + H2_FRAME_HEAD, (size_t)got));
	frame.length = (uint32_t)got;
	if (got > H2_FRAME_MOST) {
		split_head(out, at, frame, (size_t)got);
		return;
	}
	frame.flags |= H2_END_HEADERS;
	h2_frame_write(out->p + at, &frame);
	reed_buf_added(out, H2_FRAME_HEAD + (size_t)got);
}

static void write_head(struct h2_lane *lane, nghttp2_nv *nv, size_t n, bool end)
{
	struct h2_mux *mux = lane->mux;
	struct reed_slice again = h2_memo_look(&mux->memo, nv, n);
	struct h2_frame frame = { .length = (uint32_t)again.n,
		                  .type = H2_HEADERS,
		                  .flags = end ? H2_END_STREAM : 0,
		                  .id = lane->id };

	if (!again.p) {
		encode_head(mux, frame, nv, n);
	} else if (has_room(&mux->out, again.n)) {
		frame.flags |= H2_END_HEADERS;
		h2_frame_add(&mux->out, &frame);
		reed_buf_add(&mux->out, again);
	}
}

static void said_all(struct h2_lane *lane)
{
	h2_lane_unready(lane);
	lane->said_all = true;
	h2_lane_done(lane);
}

void h2_lane_head(struct h2_lane *lane, nghttp2_nv *nv, size_t n, bool end)
{
	if (lane->dead || lane->said_all || lane->mux->failed)
		return;
	write_head(lane, nv, n, end);
	if (end)
		said_all(lane);
}

/* ---- bodies ---- */

static void write_trailers(struct h2_lane *lane)
{
	write_head(lane, lane->trailers, lane->trailer_count, true);
	reed_free(lane->trailers);
	lane->trailers = NULL;
}

void h2_lane_write(struct h2_lane *lane, struct reed_slice bytes)
{
	if (lane->dead || lane->ended)
		return;
	h2_body_add(&lane->body, bytes);
	h2_lane_ready(lane);
}

void h2_lane_write_blob(struct h2_lane *lane, struct reed_blob *blob)
{
	if (lane->dead || lane->ended)
		return;
	h2_body_add_blob(&lane->body, blob);
	h2_lane_ready(lane);
}

void h2_lane_write_source(struct h2_lane *lane, struct reed_source *source, uint64_t offset,
                          size_t n)
{
	if (lane->dead || lane->ended)
		return;
	h2_body_add_source(&lane->body, source, offset, n);
	h2_lane_ready(lane);
}

/* Nothing is left to go with it. */
static void end_alone(struct h2_lane *lane)
{
	if (lane->trailers)
		write_trailers(lane);
	else
		h2_frame_add(&lane->mux->out, &(struct h2_frame){ .type = H2_DATA,
		                                                  .flags = H2_END_STREAM,
		                                                  .id = lane->id });
	said_all(lane);
}

void h2_lane_end(struct h2_lane *lane, nghttp2_nv *trailers, size_t n)
{
	if (lane->dead || lane->ended || lane->said_all || lane->mux->failed) {
		reed_free(trailers);
		return;
	}
	lane->ended = true;
	lane->trailers = trailers;
	lane->trailer_count = n;
	if (lane->body.held == 0)
		end_alone(lane);
}

static size_t room_for(const struct h2_lane *lane)
{
	size_t n = H2_FRAME_MOST;

	n = n < (size_t)lane->window ? n : (size_t)lane->window;
	return n < (size_t)lane->mux->window ? n : (size_t)lane->mux->window;
}

/* At once, as to grow is to copy what there is. */
static void make_room(struct h2_mux *mux, const struct h2_run *run)
{
	if (run->n <= H2_COPIED && mux->out.size < H2_BATCH &&
	    reed_buf_held(&mux->out) + run->n > H2_OUT_FIRST)
		reed_buf_reserve(&mux->out, H2_BATCH + H2_FRAME_HEAD + H2_COPIED);
}

/* What is in frames so far goes before what the stream is given uncopied. */
static void hand_over(struct h2_mux *mux, struct reed_stream *stream)
{
	reed_write(stream, reed_buf_slice(&mux->out));
	reed_buf_clear(&mux->out);
}

static void write_run(struct h2_mux *mux, struct reed_stream *stream, const struct h2_run *run)
{
	if (!run->source && run->n <= H2_COPIED) {
		reed_buf_add(&mux->out, run->bytes);
		return;
	}
	hand_over(mux, stream);
	if (run->source)
		reed_write_source(stream, run->source, run->offset, run->n);
	else if (run->blob)
		reed_write_blob_part(stream, run->blob, (size_t)run->offset, run->n);
	else
		reed_write(stream, run->bytes);
}

static void write_body(struct h2_lane *lane, struct reed_stream *stream)
{
	struct h2_mux *mux = lane->mux;
	struct h2_run run = h2_body_next(&lane->body, room_for(lane));
	bool last = lane->ended && run.n == lane->body.held;
	struct h2_frame frame = { .length = (uint32_t)run.n, .type = H2_DATA, .id = lane->id };

	if (last && !lane->trailers)
		frame.flags = H2_END_STREAM;
	make_room(mux, &run);
	h2_frame_add(&mux->out, &frame);
	write_run(mux, stream, &run);
	h2_body_went(&lane->body, run.n);
	lane->window -= (int32_t)run.n;
	mux->window -= (int64_t)run.n;
	h2_lane_unready(lane);
	if (last && lane->trailers)
		write_trailers(lane);
	if (last)
		said_all(lane);
	else
		h2_lane_ready(lane); /* behind others, if pieces are of use */
}

static struct h2_lane *most_urgent(const struct h2_mux *mux)
{
	unsigned i = 0;

	while (!(mux->urgent >> i & 1))
		i++;
	return reed_container_of(mux->ready[i].next, struct h2_lane, queue);
}

static void fill(struct h2_mux *mux, struct reed_stream *stream)
{
	while (mux->urgent && mux->window > 0 && reed_buf_held(&mux->out) < H2_BATCH &&
	       !mux->failed && !reed_must_drain(stream)) {
		struct h2_lane *lane = most_urgent(mux);

		write_body(lane, stream);
		mux->ops->sent(lane);
	}
}

/* ---- all of it ---- */

static void reap(struct h2_mux *mux)
{
	struct reed_list *link;

	while ((link = reed_list_take(&mux->done))) {
		struct h2_lane *lane = reed_container_of(link, struct h2_lane, queue);

		if (lane->dead)
			h2_lane_close(lane, H2_CANCEL);
		else if (lane->heard_all)
			h2_lane_close(lane, H2_NO_ERROR);
		else
			mux->ops->said(lane);
	}
}

static void tell_provoked(struct h2_mux *mux)
{
	for (; mux->provoked > 0 && !mux->failed; mux->provoked--)
		mux->ops->noise(mux, H2_NOISE_REFUSED);
}

bool h2_mux_flush(struct h2_mux *mux, struct reed_stream *stream)
{
	for (;;) {
		reap(mux);
		if (reed_must_drain(stream))
			reed_hasten(stream);
		if (reed_must_drain(stream))
			return false;
		fill(mux, stream);
		if (reed_buf_held(&mux->out) == 0 && !reed_must_drain(stream))
			break;
		hand_over(mux, stream);
		tell_provoked(mux);
	}
	if (mux->lanes == 0 || mux->out.size >= H2_BATCH)
		reed_buf_finish(&mux->out);
	return true;
}
