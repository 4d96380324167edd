/* Lanes: opened, found, made to wait, closed (RFC 9113 5.1). */

#include "h2_mux.h"

#include "reed/alloc.h"

/* ---- the table ---- */

static struct h2_lane **slot_of(struct h2_mux *mux, uint32_t id)
{
	return &mux->slots[(id >> 1) % H2_SLOTS];
}

struct h2_lane *h2_lane_find(const struct h2_mux *mux, uint32_t id)
{
	struct h2_lane *lane = mux->slots[(id >> 1) % H2_SLOTS];

	while (lane && lane->id != id)
		lane = lane->next;
	return lane;
}

bool h2_lane_open(struct h2_mux *mux, struct h2_lane *lane, uint32_t id)
{
	struct h2_lane **slot;

	if (id == 0 && mux->next > H2_ID_MOST)
		return false;
	lane->id = id ? id : mux->next;
	mux->next += id ? 0 : 2;
	slot = slot_of(mux, lane->id);
	lane->mux = mux;
	lane->next = *slot;
	*slot = lane;
	lane->window = (int32_t)mux->theirs.window;
	lane->room = (int32_t)mux->first;
	lane->expects = -1;
	lane->urgency = H2_URGENCY;
	mux->lanes++;
	return true;
}

void h2_lane_close(struct h2_lane *lane, uint32_t code)
{
	struct h2_mux *mux = lane->mux;
	struct h2_lane **at = slot_of(mux, lane->id);

	while (*at != lane)
		at = &(*at)->next;
	*at = lane->next;
	h2_lane_unready(lane);
	reed_list_unlink(&lane->queue);
	if (mux->block.lane == lane)
		mux->block.lane = NULL;
	mux->lanes--;
	reed_free(lane->trailers);
	lane->trailers = NULL;
	lane->dead = true;
	mux->ops->closed(lane, code);
}

/* ---- who goes first ---- */

static bool has_something(const struct h2_lane *lane)
{
	return !lane->dead && lane->window > 0 && lane->body.held > 0;
}

/* RFC 9218 10: of the same urgency in order, unless pieces are of use. */
static struct reed_list *place_of(const struct h2_lane *lane, struct reed_list *queue)
{
	struct reed_list *at = queue;

	if (lane->incremental)
		return queue;
	while (at->prev != queue) {
		struct h2_lane *before = reed_container_of(at->prev, struct h2_lane, queue);

		if (before->incremental || before->id < lane->id)
			break;
		at = at->prev;
	}
	return at;
}

void h2_lane_ready(struct h2_lane *lane)
{
	struct h2_mux *mux = lane->mux;
	struct reed_list *queue = &mux->ready[lane->urgency];

	if (reed_linked(&lane->queue) || !has_something(lane))
		return;
	reed_list_insert_before(place_of(lane, queue), &lane->queue);
	mux->urgent |= (uint8_t)(1 << lane->urgency);
}

void h2_lane_unready(struct h2_lane *lane)
{
	struct h2_mux *mux = lane->mux;

	if (!reed_linked(&lane->queue) || lane->dead || lane->said_all)
		return;
	reed_list_remove(&lane->queue);
	if (reed_list_empty(&mux->ready[lane->urgency]))
		mux->urgent &= (uint8_t) ~(1 << lane->urgency);
}

void h2_lane_prioritize(struct h2_lane *lane, uint8_t urgency, bool incremental)
{
	h2_lane_unready(lane);
	lane->urgency = urgency;
	lane->incremental = incremental;
	if (!lane->said_all)
		h2_lane_ready(lane);
}

/* It is looked at by the next flush. */
void h2_lane_done(struct h2_lane *lane)
{
	if (!reed_linked(&lane->queue))
		reed_list_append(&lane->mux->done, &lane->queue);
}

/* ---- resets ---- */

void h2_lane_reset(struct h2_lane *lane, uint32_t code)
{
	struct h2_mux *mux = lane->mux;

	if (lane->dead)
		return;
	h2_lane_unready(lane);
	lane->dead = true;
	h2_body_clear(&lane->body);
	h2_lane_done(lane);
	if (mux->failed)
		return;
	h2_frame_add(&mux->out,
	             &(struct h2_frame){ .length = 4, .type = H2_RST_STREAM, .id = lane->id });
	h2_add_u32(&mux->out, code);
}

void h2_lane_fault(struct h2_lane *lane, uint32_t code)
{
	if (lane->dead)
		return;
	h2_lane_reset(lane, code);
	lane->faulty = true;
	lane->mux->provoked++;
}

/* ---- what the peer may send ---- */

void h2_lane_consume(struct h2_lane *lane, uint32_t n)
{
	struct h2_mux *mux = lane->mux;

	h2_mux_consume(mux, n);
	lane->credit += n;
	if (mux->failed || lane->dead || lane->heard_all || lane->credit < mux->ours.window / 2)
		return;
	h2_frame_add(&mux->out,
	             &(struct h2_frame){ .length = 4, .type = H2_WINDOW_UPDATE, .id = lane->id });
	h2_add_u32(&mux->out, lane->credit);
	lane->room += (int32_t)lane->credit;
	lane->credit = 0;
}
