/* What goes out: heads at once, bodies when there is room for them. */

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

static void write_head(struct h2_lane *lane, const nghttp2_nv *nv, size_t n, bool end)
{
	struct h2_mux *mux = lane->mux;
	struct reed_buf *out = &mux->out;
	struct h2_frame frame = { .type = H2_HEADERS,
		                  .flags = end ? H2_END_STREAM : 0,
		                  .id = lane->id };
	size_t bound = nghttp2_hd_deflate_bound(mux->deflater, nv, n), at;
	ssize_t got;

	if (reed_buf_reserve(out, out->p ? H2_FRAME_HEAD + bound : H2_OUT_FIRST + bound))
		return;
	at = out->end;
	got = nghttp2_hd_deflate_hd(mux->deflater, (uint8_t *)out->p + at + H2_FRAME_HEAD, bound,
	                            nv, n);
	if (got < 0) {
		h2_mux_fail(mux, H2_INTERNAL_ERROR, "a head cannot be encoded");
		return;
	}
	frame.length = (uint32_t)got;
	if (got > H2_FRAME_MOST) {
		split_head(out, at, frame, (size_t)got);
		return;
	}
	frame.flags |= H2_END_HEADERS;
	h2_frame_write(out->p + at, &frame);
	reed_buf_added(out, H2_FRAME_HEAD + (size_t)got);
}

static void said_all(struct h2_lane *lane)
{
	h2_lane_unready(lane);
	lane->said_all = true;
	h2_lane_done(lane);
}

void h2_lane_head(struct h2_lane *lane, const nghttp2_nv *nv, size_t n, bool end)
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
	reed_buf_add(&lane->out, bytes);
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
	if (reed_buf_held(&lane->out) == 0)
		end_alone(lane);
}

static size_t room_for(const struct h2_lane *lane)
{
	size_t n = reed_buf_held(&lane->out);

	n = n < H2_FRAME_MOST ? n : H2_FRAME_MOST;
	n = n < (size_t)lane->window ? n : (size_t)lane->window;
	return n < (size_t)lane->mux->window ? n : (size_t)lane->mux->window;
}

static void write_body(struct h2_lane *lane, size_t n)
{
	struct h2_mux *mux = lane->mux;
	bool last = lane->ended && n == reed_buf_held(&lane->out);
	struct h2_frame frame = { .length = (uint32_t)n, .type = H2_DATA, .id = lane->id };

	if (last && !lane->trailers)
		frame.flags = H2_END_STREAM;
	h2_frame_add(&mux->out, &frame);
	reed_buf_add(&mux->out, reed_slice_first(reed_buf_slice(&lane->out), n));
	reed_buf_skip(&lane->out, n);
	lane->window -= (int32_t)n;
	mux->window -= (int64_t)n;
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

/* At once, as to grow is to copy what there is. */
static void make_room(struct h2_mux *mux, size_t n)
{
	if (n > H2_OUT_FIRST && mux->out.size < H2_BATCH)
		reed_buf_reserve(&mux->out, H2_BATCH + H2_FRAME_HEAD + H2_FRAME_MOST);
}

static void fill(struct h2_mux *mux)
{
	while (mux->urgent && mux->window > 0 && reed_buf_held(&mux->out) < H2_BATCH &&
	       !mux->failed) {
		struct h2_lane *lane = most_urgent(mux);
		size_t n = room_for(lane);

		make_room(mux, n);
		write_body(lane, n);
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
			return false;
		fill(mux);
		if (reed_buf_held(&mux->out) == 0)
			break;
		reed_write(stream, reed_buf_slice(&mux->out));
		reed_buf_clear(&mux->out);
		tell_provoked(mux);
	}
	if (mux->lanes == 0 || mux->out.size >= H2_BATCH)
		reed_buf_finish(&mux->out);
	return true;
}
