/* What comes in: frames, one after another. */

#include "h2_mux.h"

/* ---- DATA, which is passed on as it comes ---- */

static bool has_room(struct h2_mux *mux, struct h2_lane *lane, uint32_t n)
{
	if (mux->room < n) {
		h2_mux_fail(mux, H2_FLOW_CONTROL_ERROR, "more than the window of the connection");
		return false;
	}
	mux->room -= n;
	if (!lane)
		return true;
	if (lane->room < (int64_t)n) {
		h2_lane_fault(lane, H2_FLOW_CONTROL_ERROR);
		return true;
	}
	lane->room -= (int32_t)n;
	return true;
}

static void consume(struct h2_mux *mux, struct h2_lane *lane, uint32_t n)
{
	if (lane && !lane->dead)
		h2_lane_consume(lane, n);
	else
		h2_mux_consume(mux, n);
}

/* RFC 9113 5.1: nothing may come behind its end, nor before its beginning. */
static bool may_have_data(struct h2_mux *mux, struct h2_lane *lane, uint32_t id)
{
	uint32_t most = id % 2 == mux->next % 2 ? mux->next - 1 : mux->last;

	if (id == 0 || (id > most && !mux->left)) {
		h2_mux_fail(mux, H2_PROTOCOL_ERROR, "DATA of no stream");
		return false;
	}
	if (lane && lane->heard_all)
		h2_lane_fault(lane, H2_STREAM_CLOSED);
	else if (lane && !lane->headed)
		h2_lane_fault(lane, H2_PROTOCOL_ERROR);
	return true;
}

/* Its own head, and how much of it is padding. */
static bool begin_data(struct h2_mux *mux, const struct h2_frame *frame, struct reed_slice *rest)
{
	struct h2_lane *lane = h2_lane_find(mux, frame->id);
	uint32_t padded = frame->flags & H2_PADDED ? 1 : 0, padding = 0;

	if (rest->n < H2_FRAME_HEAD + (size_t)(frame->length ? padded : 0))
		return false;
	if (padded && frame->length > 0)
		padding = (unsigned char)rest->p[H2_FRAME_HEAD];
	if (padded + padding > frame->length) {
		h2_mux_fail(mux, H2_PROTOCOL_ERROR, "more padding than DATA");
		return false;
	}
	if (!may_have_data(mux, lane, frame->id) || !has_room(mux, lane, frame->length))
		return false;
	if (frame->length == 0 && !(frame->flags & H2_END_STREAM))
		mux->ops->noise(mux, H2_NOISE_EMPTY);
	*rest = reed_slice_from(*rest, H2_FRAME_HEAD + padded);
	mux->piece = (struct h2_piece){ .id = frame->id,
		                        .left = frame->length - padded - padding,
		                        .padding = padding,
		                        .open = true,
		                        .over = frame->flags & H2_END_STREAM };
	consume(mux, lane, padded + padding);
	return true;
}

static void pass_on(struct h2_mux *mux, struct h2_lane *lane, struct reed_slice bytes)
{
	if (!lane || lane->dead) {
		h2_mux_consume(mux, (uint32_t)bytes.n);
		return;
	}
	lane->came += (int64_t)bytes.n;
	if (lane->expects >= 0 && lane->came > lane->expects) { /* RFC 9113 8.1.1 */
		h2_mux_consume(mux, (uint32_t)bytes.n);
		h2_lane_fault(lane, H2_PROTOCOL_ERROR);
		return;
	}
	mux->ops->data(lane, bytes);
}

/* False: more has to come. */
static bool take_data(struct h2_mux *mux, struct reed_slice *rest)
{
	struct h2_piece *piece = &mux->piece;
	struct reed_slice bytes = reed_slice_first(*rest, piece->left);
	struct h2_lane *lane = h2_lane_find(mux, piece->id);
	size_t padding;

	*rest = reed_slice_from(*rest, bytes.n);
	piece->left -= (uint32_t)bytes.n;
	if (bytes.n > 0)
		pass_on(mux, lane, bytes);
	if (piece->left > 0)
		return false;
	padding = reed_slice_first(*rest, piece->padding).n;
	*rest = reed_slice_from(*rest, padding);
	piece->padding -= (uint32_t)padding;
	if (piece->padding > 0)
		return false;
	piece->open = false;
	if (piece->over && lane && !lane->dead)
		h2_lane_heard_all(lane);
	return true;
}

/* ---- frames ---- */

/* RFC 9113 4.2, 3.4, 6.10: what is wrong whatever it says. */
static bool may_come(struct h2_mux *mux, const struct h2_frame *frame)
{
	bool more = frame->type == H2_CONTINUATION;

	if (frame->length > H2_FRAME_MOST)
		h2_mux_fail(mux, H2_FRAME_SIZE_ERROR, "a frame is too large");
	else if (!mux->greeted && frame->type != H2_SETTINGS)
		h2_mux_fail(mux, H2_PROTOCOL_ERROR, "SETTINGS did not come first");
	else if (mux->block.open && (!more || frame->id != mux->block.id))
		h2_mux_fail(mux, H2_PROTOCOL_ERROR, "a head was not finished");
	else if (!mux->block.open && more)
		h2_mux_fail(mux, H2_PROTOCOL_ERROR, "CONTINUATION of no head");
	return !mux->failed;
}

static void take(struct h2_mux *mux, const struct h2_frame *frame, struct reed_slice payload)
{
	if (frame->type == H2_HEADERS)
		h2_mux_headers(mux, frame, payload);
	else if (frame->type == H2_CONTINUATION)
		h2_mux_continuation(mux, frame, payload);
	else
		h2_mux_control(mux, frame, payload);
}

/* False: more has to come, or nothing is heard any more. */
static bool step(struct h2_mux *mux, struct reed_slice *rest)
{
	struct h2_frame frame;

	if (mux->piece.open)
		return take_data(mux, rest);
	if (rest->n < H2_FRAME_HEAD)
		return false;
	frame = h2_frame_of(rest->p);
	if (!may_come(mux, &frame))
		return false;
	if (frame.type == H2_DATA)
		return begin_data(mux, &frame, rest);
	if (rest->n < H2_FRAME_HEAD + (size_t)frame.length)
		return false;
	take(mux, &frame, reed_slice(rest->p + H2_FRAME_HEAD, frame.length));
	*rest = reed_slice_from(*rest, H2_FRAME_HEAD + (size_t)frame.length);
	return true;
}

/* RFC 9113 3.4 */
static bool take_preface(struct h2_mux *mux, struct reed_slice *rest)
{
	const char *wanted = &H2_PREFACE[H2_PREFACE_LEN - mux->preface];
	struct reed_slice bytes = reed_slice_first(*rest, mux->preface);

	if (!reed_slice_eq(bytes, reed_slice(wanted, bytes.n))) {
		h2_mux_fail(mux, H2_PROTOCOL_ERROR, "this is not the preface of HTTP/2");
		return false;
	}
	mux->preface -= (unsigned)bytes.n;
	*rest = reed_slice_from(*rest, bytes.n);
	return mux->preface == 0;
}

size_t h2_mux_receive(struct h2_mux *mux, struct reed_slice in)
{
	struct reed_slice rest = in;

	if (mux->preface > 0 && !take_preface(mux, &rest))
		return mux->failed ? in.n : in.n - rest.n;
	while (!mux->failed && step(mux, &rest)) {
	}
	return mux->failed ? in.n : in.n - rest.n;
}
