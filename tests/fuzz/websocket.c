/*
 * What anybody may send to a connection: a server's, or a client's, with or
 * without compression, in pieces that the first byte chooses.  It ends, holds
 * to its limit, and answers in frames.
 */

#include "check.h"
#include "reed/alloc.h"
#include "reed/sim.h"
#include "reed/websocket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 5000 };

static const char request[] =
	"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";

static void hear(struct reed_ws_handler *self, struct reed_ws *ws, enum reed_ws_opcode kind,
                 struct reed_slice bytes)
{
	(void)self;
	check(kind == REED_WS_TEXT || kind == REED_WS_BINARY);
	check(bytes.n <= LIMIT);
	check(kind != REED_WS_TEXT || reed_slice_is_utf8(bytes));
	reed_ws_send(ws, kind, bytes);
}

static const struct reed_ws_handler_ops ops = { .message = hear };

static void read_frames(struct reed_slice in)
{
	struct reed_ws_frame frame;
	size_t used;

	in = reed_slice_from(in, reed_slice_search(in, REED_STR("\r\n\r\n")) + 4);
	while (in.n > 0) {
		check(reed_ws_frame_parse(in, &frame, &used) == REED_OK);
		check(frame.length <= in.n - used);
		in = reed_slice_from(in, used + (size_t)frame.length);
	}
}

static void feed(struct reed_sim *sim, struct reed_stream *s, const uint8_t *data, size_t size,
                 size_t step)
{
	while (size > 0) {
		size_t n = step && step < size ? step : size;

		reed_write(s, reed_slice(data, n));
		data += n;
		size -= n;
		reed_sim_run_for(sim, REED_MS(1));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_ws_options options = REED_WS_OPTIONS;
	struct reed_ws_handler *handler;
	struct reed_stream *us, *them;
	struct reed_future *session;
	struct reed_sim *sim;
	struct reed_ws *ws = NULL;

	if (size < 1)
		return 0;
	sim = reed_sim_new(NULL);
	options.message = LIMIT;
	options.takeover = data[0] & 1;
	reed_stream_pair(reed_sim_host(sim, "a"), 1 << 20, &us, &them);
	reed_write_str(us, request);
	check(reed_sim_run_until(sim, reed_ws_answer(them, &options, &ws), NULL) == REED_OK);
	handler = reed_alloc(sizeof(*handler));
	handler->ops = &ops;
	session = reed_ws_attach(ws, handler);
	feed(sim, us, data + 1, size - 1, data[0] >> 1);
	reed_sim_run_until(sim, reed_within(1, reed_more(us)), NULL);
	read_frames(reed_peek(us));
	reed_drop(session);
	reed_close(us);
	reed_sim_run_for(sim, REED_S(10));
	reed_sim_free(sim);
	return 0;
}
