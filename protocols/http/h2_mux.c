/* The life of a connection of HTTP/2. */

#include "h2_mux.h"

#include "reed/alloc.h"

/* ---- words about the connection ---- */

static void add(struct h2_mux *mux, enum h2_type type, uint8_t flags, uint32_t length)
{
	h2_frame_add(&mux->out,
	             &(struct h2_frame){ .length = length, .type = type, .flags = flags });
}

static void add_setting(struct h2_mux *mux, enum h2_setting id, uint32_t value)
{
	h2_add_u16(&mux->out, id);
	h2_add_u32(&mux->out, value);
}

/* RFC 9113 6.5; RFC 9218 2.1: the urgency of requests counts, the tree of RFC 7540 does not. */
static void say_settings(struct h2_mux *mux, uint32_t head)
{
	unsigned count = mux->client ? 3 : mux->ours.connect ? 5 : 4;

	add(mux, H2_SETTINGS, 0, 6 * count);
	if (mux->client)
		add_setting(mux, H2_SETTING_PUSH, 0);
	else
		add_setting(mux, H2_SETTING_STREAMS, mux->ours.streams);
	add_setting(mux, H2_SETTING_WINDOW, mux->ours.window);
	add_setting(mux, H2_SETTING_HEAD, head);
	if (!mux->client)
		add_setting(mux, H2_SETTING_NO_TREE, 1);
	if (!mux->client && mux->ours.connect)
		add_setting(mux, H2_SETTING_CONNECT, 1);
}

static void say_window(struct h2_mux *mux, uint32_t n)
{
	add(mux, H2_WINDOW_UPDATE, 0, 4);
	h2_add_u32(&mux->out, n);
}

static void say_goaway(struct h2_mux *mux, uint32_t last, uint32_t code)
{
	add(mux, H2_GOAWAY, 0, 8);
	h2_add_u32(&mux->out, last);
	h2_add_u32(&mux->out, code);
}

void h2_mux_ping(struct h2_mux *mux)
{
	add(mux, H2_PING, 0, 8);
	reed_buf_add(&mux->out, REED_STR("goodbye\0"));
}

/* Told when half of it is used up, as each word costs a frame. */
void h2_mux_consume(struct h2_mux *mux, uint32_t n)
{
	mux->credit += n;
	if (mux->failed || mux->credit < mux->windows / 2)
		return;
	say_window(mux, mux->credit);
	mux->room += mux->credit;
	mux->credit = 0;
}

/* ---- the end ---- */

void h2_mux_fail(struct h2_mux *mux, uint32_t code, const char *why)
{
	if (mux->failed)
		return;
	reed_buf_clear(&mux->out);
	say_goaway(mux, mux->last, code);
	mux->failed = true;
	mux->why = why;
}

void h2_mux_shut(struct h2_mux *mux)
{
	if (mux->failed || mux->left)
		return;
	say_goaway(mux, H2_ID_MOST, H2_NO_ERROR);
	h2_mux_ping(mux);
}

void h2_mux_leave(struct h2_mux *mux, uint32_t code)
{
	if (mux->failed || mux->left)
		return;
	mux->left = true;
	say_goaway(mux, mux->last, code);
}

bool h2_mux_is_over(const struct h2_mux *mux)
{
	return mux->failed || (mux->lanes == 0 && (mux->left || mux->leaving));
}

/* ---- made and freed ---- */

static void init_lists(struct h2_mux *mux)
{
	for (unsigned i = 0; i < H2_URGENCIES; i++)
		reed_list_init(&mux->ready[i]);
	reed_list_init(&mux->done);
}

/* RFC 9113 3.4: first of all. */
static void greet(struct h2_mux *mux, uint32_t head)
{
	if (mux->client)
		reed_buf_add_str(&mux->out, H2_PREFACE);
	say_settings(mux, head);
	if (mux->windows > H2_WINDOW_FIRST)
		say_window(mux, mux->windows - H2_WINDOW_FIRST);
}

bool h2_mux_init(struct h2_mux *mux, const struct h2_mux_ops *ops, bool client,
                 const struct h2_settings *ours, uint32_t windows, uint32_t head)
{
	*mux = (struct h2_mux){ .ops = ops, .client = client, .ours = *ours };
	mux->theirs = (struct h2_settings){ .window = H2_WINDOW_FIRST,
		                            .streams = UINT32_MAX,
		                            .frame = H2_FRAME_MOST };
	mux->window = H2_WINDOW_FIRST;
	mux->windows = windows < H2_WINDOW_FIRST ? H2_WINDOW_FIRST : windows;
	mux->room = mux->windows;
	mux->first = H2_WINDOW_FIRST;
	mux->next = client ? 1 : 2;
	mux->preface = client ? 0 : H2_PREFACE_LEN;
	init_lists(mux);
	if (nghttp2_hd_inflate_new(&mux->inflater) ||
	    nghttp2_hd_deflate_new(&mux->deflater, NGHTTP2_DEFAULT_HEADER_TABLE_SIZE))
		return false;
	greet(mux, head);
	return true;
}

void h2_mux_finish(struct h2_mux *mux)
{
	for (unsigned i = 0; i < H2_SLOTS; i++)
		while (mux->slots[i])
			h2_lane_close(mux->slots[i], H2_CANCEL);
	if (mux->inflater)
		nghttp2_hd_inflate_del(mux->inflater);
	if (mux->deflater)
		nghttp2_hd_deflate_del(mux->deflater);
	mux->inflater = NULL;
	mux->deflater = NULL;
	h2_memo_finish(&mux->memo);
	reed_buf_finish(&mux->out);
}
