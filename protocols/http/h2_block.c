/* Header blocks: heads and trailers, in one frame or more (RFC 9113 4.3, 6.2, 6.10). */

#include "h2_mux.h"

/* ---- fields ---- */

static struct reed_slice slice_of(const uint8_t *p, size_t n)
{
	return reed_slice((const char *)p, n);
}

static void take_field(struct h2_mux *mux, const nghttp2_nv *nv)
{
	struct h2_block *block = &mux->block;
	struct reed_slice name = slice_of(nv->name, nv->namelen);
	struct reed_slice value = slice_of(nv->value, nv->valuelen);
	struct h2_lane *lane = block->lane;

	if (!lane || lane->dead || block->malformed)
		return;
	if (!h2_check_field(&block->check, name, value) ||
	    !mux->ops->field(lane, block->trailer, name, value)) {
		block->malformed = true;
		return;
	}
	if (!mux->client && name.n == 8 && reed_slice_is(name, "priority") && !block->trailer)
		h2_priority_of(value, &lane->urgency, &lane->incremental);
}

void h2_lane_heard_all(struct h2_lane *lane)
{
	if (lane->expects >= 0 && lane->came != lane->expects) { /* RFC 9113 8.1.1 */
		h2_lane_fault(lane, H2_PROTOCOL_ERROR);
		return;
	}
	lane->heard_all = true;
	lane->mux->ops->over(lane);
	if (lane->said_all)
		h2_lane_done(lane);
}

/* ---- the end of a block ---- */

/* RFC 9218 7.1: what came before the lane counts more than its head. */
static void take_early(struct h2_lane *lane)
{
	for (unsigned i = 0; i < H2_EARLY; i++) {
		struct h2_early *early = &lane->mux->early[i];

		if (early->id != lane->id)
			continue;
		lane->urgency = early->urgency;
		lane->incremental = early->incremental;
		early->id = 0;
	}
}

static bool is_well_formed(const struct h2_block *block)
{
	return !block->malformed && h2_check_end(&block->check) && (!block->trailer || block->over);
}

static void finish(struct h2_mux *mux)
{
	struct h2_block *block = &mux->block;
	struct h2_lane *lane = block->lane;

	block->open = false;
	block->lane = NULL;
	if (!lane || lane->dead)
		return;
	if (!is_well_formed(block)) {
		h2_lane_fault(lane, H2_PROTOCOL_ERROR);
		return;
	}
	if (!block->trailer && mux->early_at > 0)
		take_early(lane);
	lane->headed |= !mux->client;
	mux->ops->head(lane, block->trailer, block->over);
	if (block->over && !lane->dead)
		h2_lane_heard_all(lane);
}

/* ---- fields out of bytes ---- */

/*
 * RFC 7541 6.1: most fields of most heads are a byte that stands for one of
 * before.  That changes nothing, so it needs no more than to be looked up.
 */
static bool look_up(struct h2_mux *mux, struct reed_slice *in)
{
	unsigned index = (unsigned char)in->p[0] & 0x7f;
	const nghttp2_nv *nv;

	if (!((unsigned char)in->p[0] & 0x80) || index == 0x7f)
		return false;
	nv = nghttp2_hd_inflate_get_table_entry(mux->inflater, index);
	if (!nv)
		return false;
	mux->block.begun = true;
	take_field(mux, nv);
	*in = reed_slice_from(*in, 1);
	return true;
}

/* RFC 7541 4.2: a new size of the table stands in front; who looked up has told nghttp2 nothing. */
static bool is_late_size(const struct h2_mux *mux, struct reed_slice in)
{
	return mux->block.begun && !mux->block.amid && ((unsigned char)in.p[0] & 0xe0) == 0x20;
}

/* The next field, or what there is of it. */
static void decode(struct h2_mux *mux, struct reed_slice *in)
{
	nghttp2_nv nv;
	int flags = 0;
	ssize_t n = is_late_size(mux, *in)
	                    ? NGHTTP2_ERR_HEADER_COMP
	                    : nghttp2_hd_inflate_hd2(mux->inflater, &nv, &flags,
	                                             (const uint8_t *)in->p, in->n, false);

	if (n < 0) {
		h2_mux_fail(mux, H2_COMPRESSION_ERROR, "a head cannot be decoded");
		return;
	}
	*in = reed_slice_from(*in, (size_t)n);
	mux->block.amid = !(flags & NGHTTP2_HD_INFLATE_EMIT);
	if (!mux->block.amid)
		take_field(mux, &nv);
}

/* RFC 7541 6.3: what came last may have been no field, but a new size of the table. */
static bool is_at_a_field(struct h2_mux *mux)
{
	nghttp2_nv nv;
	int flags = 0;

	return nghttp2_hd_inflate_hd2(mux->inflater, &nv, &flags, NULL, 0, true) == 0;
}

static void inflate(struct h2_mux *mux, struct reed_slice in, bool last)
{
	while (in.n > 0 && !mux->failed)
		if (mux->block.amid || !look_up(mux, &in))
			decode(mux, &in);
	if (!last || mux->failed)
		return;
	if (mux->block.amid && !is_at_a_field(mux)) {
		h2_mux_fail(mux, H2_COMPRESSION_ERROR, "a head ends amid a field");
		return;
	}
	nghttp2_hd_inflate_end_headers(mux->inflater);
	finish(mux);
}

/* ---- whose it is ---- */

static void refuse(struct h2_mux *mux, uint32_t id)
{
	h2_frame_add(&mux->out, &(struct h2_frame){ .length = 4, .type = H2_RST_STREAM, .id = id });
	h2_add_u32(&mux->out, H2_REFUSED_STREAM);
}

/* RFC 9113 5.1.2: who knows how many there may be does wrong to open more. */
static struct h2_lane *open_lane(struct h2_mux *mux, uint32_t id)
{
	struct h2_lane *lane = NULL;

	if (mux->left)
		return NULL;
	if (mux->lanes >= mux->ours.streams && mux->acked) {
		h2_mux_fail(mux, H2_PROTOCOL_ERROR, "more streams at a time than there may be");
		return NULL;
	}
	if (mux->lanes < mux->ours.streams)
		lane = mux->ops->open(mux);
	mux->last = id;
	if (lane)
		h2_lane_open(mux, lane, id);
	else
		refuse(mux, id);
	return lane;
}

/* NULL: nobody's; the block is decoded all the same. */
static struct h2_lane *lane_of(struct h2_mux *mux, uint32_t id)
{
	struct h2_lane *lane = h2_lane_find(mux, id);

	if (!lane && !mux->client && id > mux->last)
		return open_lane(mux, id);
	if (!lane && mux->client && id >= mux->next)
		h2_mux_fail(mux, H2_PROTOCOL_ERROR, "an answer to no request");
	else if (!lane)
		mux->ops->noise(mux, H2_NOISE_REFUSED);
	else if (lane->heard_all)
		h2_lane_fault(lane, H2_STREAM_CLOSED);
	return lane;
}

void h2_mux_headers(struct h2_mux *mux, const struct h2_frame *frame, struct reed_slice payload)
{
	struct h2_block *block = &mux->block;
	struct h2_lane *lane;

	if (frame->id % 2 == 0 || !h2_frame_trim(frame, &payload)) {
		h2_mux_fail(mux, H2_PROTOCOL_ERROR, "HEADERS of no request, or padded too much");
		return;
	}
	lane = lane_of(mux, frame->id);
	if (mux->failed)
		return;
	*block = (struct h2_block){ .lane = lane,
		                    .id = frame->id,
		                    .open = true,
		                    .over = frame->flags & H2_END_STREAM,
		                    .trailer = lane && lane->headed };
	block->check = (struct h2_check){ .response = mux->client,
		                          .trailer = block->trailer,
		                          .takes_protocol = mux->ours.connect };
	inflate(mux, payload, frame->flags & H2_END_HEADERS);
}

/* CVE-2024-27316 */
void h2_mux_continuation(struct h2_mux *mux, const struct h2_frame *frame,
                         struct reed_slice payload)
{
	mux->ops->noise(mux, H2_NOISE_CONTINUATION);
	if (++mux->block.pieces > H2_PIECES)
		h2_mux_fail(mux, H2_ENHANCE_YOUR_CALM, "Too many CONTINUATION frames of a head");
	if (!mux->failed)
		inflate(mux, payload, frame->flags & H2_END_HEADERS);
}
