/* Frames that are about the connection, and about lanes as such. */

#include "h2_mux.h"

/* ---- SETTINGS (RFC 9113 6.5) ---- */

static bool move_windows(struct h2_mux *mux, int64_t by)
{
	for (unsigned i = 0; i < H2_SLOTS; i++)
		for (struct h2_lane *lane = mux->slots[i]; lane; lane = lane->next) {
			if (lane->window + by > H2_WINDOW_MOST)
				return false;
			lane->window += (int32_t)by;
			if (lane->window <= 0)
				h2_lane_unready(lane);
			else if (!lane->said_all)
				h2_lane_ready(lane);
		}
	return true;
}

/* Ours are known from here on. */
static void settings_are_known(struct h2_mux *mux)
{
	int64_t by = (int64_t)mux->ours.window - mux->first;

	if (mux->acked)
		return;
	mux->acked = true;
	mux->first = mux->ours.window;
	for (unsigned i = 0; i < H2_SLOTS; i++)
		for (struct h2_lane *lane = mux->slots[i]; lane; lane = lane->next)
			lane->room += (int32_t)by;
}

static void set_window(struct h2_mux *mux, uint32_t value)
{
	int64_t by = (int64_t)value - mux->theirs.window;

	mux->theirs.window = value;
	if (value > H2_WINDOW_MOST || !move_windows(mux, by))
		h2_mux_fail(mux, H2_FLOW_CONTROL_ERROR, "SETTINGS make a window too large");
}

static void set(struct h2_mux *mux, uint16_t id, uint32_t value)
{
	bool flag = value <= 1;

	switch (id) {
	case H2_SETTING_TABLE:
		nghttp2_hd_deflate_change_table_size(mux->deflater, value);
		h2_memo_forget(&mux->memo);
		return;
	case H2_SETTING_STREAMS:
		mux->theirs.streams = value;
		return;
	case H2_SETTING_WINDOW:
		set_window(mux, value);
		return;
	case H2_SETTING_FRAME:
		flag = value >= H2_FRAME_MOST && value < 1 << 24;
		mux->theirs.frame = value;
		break;
	case H2_SETTING_PUSH:
		flag = value <= (mux->client ? 0 : 1); /* RFC 9113 6.5.2 */
		break;
	case H2_SETTING_CONNECT:
		mux->theirs.connect = value == 1;
		break;
	case H2_SETTING_NO_TREE:
		break;
	default:
		return;
	}
	if (!flag)
		h2_mux_fail(mux, H2_PROTOCOL_ERROR, "a setting has a value that none has");
}

static void on_settings(struct h2_mux *mux, const struct h2_frame *frame, struct reed_slice in)
{
	if (frame->id || (frame->flags & H2_ACK && !mux->greeted)) {
		h2_mux_fail(mux, H2_PROTOCOL_ERROR, "SETTINGS of a stream, or acknowledged early");
		return;
	}
	if (in.n % 6 || (frame->flags & H2_ACK && in.n > 0)) {
		h2_mux_fail(mux, H2_FRAME_SIZE_ERROR, "SETTINGS of a wrong size");
		return;
	}
	if (frame->flags & H2_ACK) {
		settings_are_known(mux);
		return;
	}
	mux->ops->noise(mux, H2_NOISE_SETTINGS);
	for (; in.n > 0 && !mux->failed; in = reed_slice_from(in, 6))
		set(mux, h2_u16(in.p), h2_u32(in.p + 2));
	mux->greeted = true;
	if (mux->failed)
		return;
	h2_frame_add(&mux->out, &(struct h2_frame){ .type = H2_SETTINGS, .flags = H2_ACK });
	if (mux->ops->settings)
		mux->ops->settings(mux);
}

/* ---- windows (RFC 9113 6.9) ---- */

static void widen(struct h2_mux *mux, uint32_t n)
{
	if (mux->window + n > H2_WINDOW_MOST)
		h2_mux_fail(mux, H2_FLOW_CONTROL_ERROR, "the window is too large");
	else
		mux->window += n;
}

static void widen_lane(struct h2_lane *lane, uint32_t n)
{
	if (n == 0) {
		h2_lane_fault(lane, H2_PROTOCOL_ERROR);
	} else if ((int64_t)lane->window + n > H2_WINDOW_MOST) {
		h2_lane_fault(lane, H2_FLOW_CONTROL_ERROR);
	} else {
		lane->window += (int32_t)n;
		if (!lane->said_all)
			h2_lane_ready(lane);
	}
}

/* RFC 9113 5.1: of what has not begun nothing but PRIORITY may come. */
static bool is_idle(const struct h2_mux *mux, uint32_t id)
{
	if (id % 2 == mux->next % 2)
		return id >= mux->next;
	return id > mux->last && !mux->left;
}

static void on_window(struct h2_mux *mux, const struct h2_frame *frame, struct reed_slice in)
{
	struct h2_lane *lane = h2_lane_find(mux, frame->id);
	uint32_t n = in.n == 4 ? h2_u32(in.p) & H2_WINDOW_MOST : 0;

	if (in.n != 4)
		h2_mux_fail(mux, H2_FRAME_SIZE_ERROR, "WINDOW_UPDATE of a wrong size");
	else if (frame->id == 0 && n == 0)
		h2_mux_fail(mux, H2_PROTOCOL_ERROR, "WINDOW_UPDATE by nothing");
	else if (frame->id == 0)
		widen(mux, n);
	else if (lane)
		widen_lane(lane, n);
	else if (is_idle(mux, frame->id))
		h2_mux_fail(mux, H2_PROTOCOL_ERROR, "WINDOW_UPDATE of no stream");
	if (n <= 1)
		mux->ops->noise(mux, H2_NOISE_WINDOW);
}

/* ---- the others ---- */

static void on_reset(struct h2_mux *mux, const struct h2_frame *frame, struct reed_slice in)
{
	struct h2_lane *lane = h2_lane_find(mux, frame->id);

	mux->ops->noise(mux, H2_NOISE_RESET);
	if (in.n != 4)
		h2_mux_fail(mux, H2_FRAME_SIZE_ERROR, "RST_STREAM of a wrong size");
	else if (frame->id == 0 || is_idle(mux, frame->id))
		h2_mux_fail(mux, H2_PROTOCOL_ERROR, "RST_STREAM of no stream");
	else if (lane)
		h2_lane_close(lane, h2_u32(in.p));
}

static void on_ping(struct h2_mux *mux, const struct h2_frame *frame, struct reed_slice in)
{
	if (frame->id || in.n != 8) {
		h2_mux_fail(mux, frame->id ? H2_PROTOCOL_ERROR : H2_FRAME_SIZE_ERROR,
		            "PING of a stream, or of a wrong size");
		return;
	}
	if (frame->flags & H2_ACK) {
		if (mux->ops->pong)
			mux->ops->pong(mux);
		return;
	}
	mux->ops->noise(mux, H2_NOISE_PING);
	if (mux->failed)
		return;
	h2_frame_add(&mux->out,
	             &(struct h2_frame){ .length = 8, .type = H2_PING, .flags = H2_ACK });
	reed_buf_add(&mux->out, in);
}

static void on_goaway(struct h2_mux *mux, const struct h2_frame *frame, struct reed_slice in)
{
	if (frame->id || in.n < 8) {
		h2_mux_fail(mux, frame->id ? H2_PROTOCOL_ERROR : H2_FRAME_SIZE_ERROR,
		            "GOAWAY of a stream, or of a wrong size");
		return;
	}
	mux->leaving = true;
	if (mux->ops->goaway)
		mux->ops->goaway(mux, h2_u32(in.p) & H2_ID_MOST, h2_u32(in.p + 4));
}

/* The tree of RFC 7540 is not asked for, and its frames are looked at no further. */
static void on_priority(struct h2_mux *mux, const struct h2_frame *frame, struct reed_slice in)
{
	struct h2_lane *lane = h2_lane_find(mux, frame->id);

	mux->ops->noise(mux, H2_NOISE_PRIORITY);
	if (frame->id == 0)
		h2_mux_fail(mux, H2_PROTOCOL_ERROR, "PRIORITY of no stream");
	else if (in.n != 5 && lane)
		h2_lane_fault(lane, H2_FRAME_SIZE_ERROR);
}

/* RFC 9218 7.1 */
static void on_update(struct h2_mux *mux, const struct h2_frame *frame, struct reed_slice in)
{
	struct h2_early early = { .urgency = H2_URGENCY };
	struct h2_lane *lane;

	mux->ops->noise(mux, H2_NOISE_PRIORITY);
	if (mux->client || frame->id || in.n < 4 || h2_u32(in.p) % 2 == 0) {
		h2_mux_fail(mux, frame->id || in.n >= 4 ? H2_PROTOCOL_ERROR : H2_FRAME_SIZE_ERROR,
		            "PRIORITY_UPDATE of no request");
		return;
	}
	early.id = h2_u32(in.p) & H2_ID_MOST;
	h2_priority_of(reed_slice_from(in, 4), &early.urgency, &early.incremental);
	lane = h2_lane_find(mux, early.id);
	if (lane)
		h2_lane_prioritize(lane, early.urgency, early.incremental);
	else if (early.id > mux->last)
		mux->early[mux->early_at++ % H2_EARLY] = early;
}

void h2_mux_control(struct h2_mux *mux, const struct h2_frame *frame, struct reed_slice payload)
{
	switch (frame->type) {
	case H2_SETTINGS:
		on_settings(mux, frame, payload);
		break;
	case H2_WINDOW_UPDATE:
		on_window(mux, frame, payload);
		break;
	case H2_RST_STREAM:
		on_reset(mux, frame, payload);
		break;
	case H2_PING:
		on_ping(mux, frame, payload);
		break;
	case H2_GOAWAY:
		on_goaway(mux, frame, payload);
		break;
	case H2_PRIORITY:
		on_priority(mux, frame, payload);
		break;
	case H2_PRIORITY_UPDATE:
		on_update(mux, frame, payload);
		break;
	case H2_PUSH_PROMISE: /* a client has said that it wants none, a server is never sent any */
		h2_mux_fail(mux, H2_PROTOCOL_ERROR, "a push that was not asked for");
		break;
	default: /* RFC 9113 5.5: unknown ones cost no more than their bytes */
		break;
	}
}
