/* The protocol of an auction, and nothing else: docs/guide/protocol.md. */

#include "auction.h"

#include <reed/alloc.h>
#include <reed/co.h>
#include <reed/endpoint.h>

struct bidder {
	struct reed_co co;
	struct auction *auction;
	struct reed_stream *stream;
	struct reed_slice line;
	struct reed_list link;
};

/* ---- the auction ---- */

static void call_lot(struct auction *self, struct reed_stream *to)
{
	reed_printf(to, "lot %u, %u is bid\n", self->lot, self->price);
}

static void hammer_falls(struct reed_timer *hammer)
{
	struct auction *self = reed_container_of(hammer, struct auction, hammer);
	struct bidder *winner = self->highest;
	unsigned price = self->price;

	self->lot++;
	self->price = 0;
	self->highest = NULL;
	reed_list_each (link, &self->bidders) {
		struct bidder *b = reed_container_of(link, struct bidder, link);

		reed_printf(b->stream, "sold%s for %u\n", b == winner ? " to you" : "", price);
		call_lot(self, b->stream);
	}
}

static void bid(struct auction *self, struct bidder *by, unsigned price)
{
	if (price <= self->price) {
		reed_printf(by->stream, "no, %u is bid\n", self->price);
		return;
	}
	self->price = price;
	self->highest = by;
	reed_timer_start(self->loop, &self->hammer, self->patience);
	reed_list_each (link, &self->bidders)
		reed_printf(reed_container_of(link, struct bidder, link)->stream, "%u is bid\n",
		            price);
}

void auction_open(struct auction *self, struct reed_loop *loop, int64_t patience)
{
	*self = (struct auction){ .loop = loop, .patience = patience, .lot = 1 };
	self->hammer.fire = hammer_falls;
	reed_list_init(&self->bidders);
}

void auction_close(struct auction *self)
{
	reed_timer_stop(&self->hammer);
}

/* ---- a bidder ---- */

static void hear(struct bidder *self)
{
	uint64_t price;

	if (reed_slice_u64(reed_slice_trim(self->line), 1000000, &price))
		reed_write_str(self->stream, "no, say a number up to 1000000\n");
	else
		bid(self->auction, self, (unsigned)price);
}

static void bidder_run(struct reed_co *co)
{
	struct bidder *self = reed_frame(co, struct bidder);

	reed_coroutine (co) {
		call_lot(self->auction, self->stream);
		for (;;) {
			reed_try(co, reed_read_line(self->stream, &self->line));
			hear(self);
			if (reed_must_drain(self->stream))
				reed_try(co, reed_drain(self->stream));
		}
	}
}

static void bidder_end(struct reed_co *co)
{
	struct bidder *self = reed_frame(co, struct bidder);

	if (self->auction->highest == self)
		self->auction->highest = NULL;
	reed_list_remove(&self->link);
	reed_close(self->stream);
}

static const struct reed_co_kind bidder_kind = { .name = "bidder",
	                                         .size = sizeof(struct bidder),
	                                         .run = bidder_run,
	                                         .end = bidder_end };

struct reed_future *auction_bidder(void *auction, struct reed_stream *stream)
{
	struct bidder *self = reed_co_new(stream->loop, &bidder_kind);

	self->auction = auction;
	self->stream = stream;
	reed_list_append(&self->auction->bidders, &self->link);
	return reed_start(&self->co);
}

/* ---- serving ---- */

/* A bid is short, and who does not read what others bid is not waited for. */
const struct reed_stream_limits auction_limits = { .size = sizeof(auction_limits),
	                                           .input = 64,
	                                           .output = 64 << 10,
	                                           .high = 16 << 10,
	                                           .low = 4 << 10,
	                                           .linger_ms = 5000 };

const struct reed_serve_options auction_options = { .size = sizeof(auction_options),
	                                            .name = "auction",
	                                            .sessions = 1000,
	                                            .limits = &auction_limits };

struct evening {
	struct reed_co co;
	struct auction auction;
	char *endpoint;
};

static void evening_run(struct reed_co *co)
{
	struct evening *self = reed_frame(co, struct evening);

	reed_coroutine (co) {
		reed_try(co, reed_listen_and_serve(co->loop, self->endpoint, auction_bidder,
		                                   &self->auction, &auction_options));
	}
}

static void evening_end(struct reed_co *co)
{
	struct evening *self = reed_frame(co, struct evening);

	auction_close(&self->auction);
	reed_free(self->endpoint);
}

static const struct reed_co_kind evening_kind = { .name = "evening",
	                                          .size = sizeof(struct evening),
	                                          .run = evening_run,
	                                          .end = evening_end };

struct reed_future *auction_serve(struct reed_loop *loop, const char *endpoint, int64_t patience)
{
	struct evening *self = reed_co_new(loop, &evening_kind);

	auction_open(&self->auction, loop, patience);
	self->endpoint = reed_strdup(endpoint);
	return reed_start(&self->co);
}
