/*
 * An auction over lines, made step by step in docs/guide/protocol.md.
 *
 * Whoever comes hears of the lot; a number is a bid, and everybody hears of one
 * that is higher than those before.  When nobody has bid for a while the hammer
 * falls, and the next lot is called.
 */

#ifndef AUCTION_H
#define AUCTION_H

#include <reed/listener.h>

struct auction {
	struct reed_loop *loop;
	int64_t patience; /* ns between the last bid and the hammer */
	struct reed_list bidders;
	struct reed_timer hammer;
	struct bidder *highest; /* NULL: nobody, or somebody who has left */
	unsigned price, lot;
};

void auction_open(struct auction *self, struct reed_loop *loop, int64_t patience);

/* All bidders have left. */
void auction_close(struct auction *self);

/* How they are to be served: how long a bid may be, and how many may come. */
extern const struct reed_stream_limits auction_limits;
extern const struct reed_serve_options auction_options;

/* A reed_session_fn. */
struct reed_future *auction_bidder(void *auction, struct reed_stream *stream);

/* An auction of its own, for as long as the future is held. */
struct reed_future *auction_serve(struct reed_loop *loop, const char *endpoint, int64_t patience);

#endif
