/*
 * A server of HTTP/2 that says anything to a client that asks for two things, one
 * of which it reads as it comes; in pieces of as many bytes as the first byte
 * says, behind SETTINGS if that is even.
 */

#include "check.h"
#include "reed/co.h"
#include "reed/http/client.h"
#include "reed/log.h"
#include "reed/stream.h"

enum { QUIET_TURNS = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct reed_loop *loop;
static struct reed_stream *server; /* NULL: it has gone, and does not come again */

static struct reed_future *dial(void *arg, struct reed_loop *of, const char *endpoint,
                                struct reed_stream **stream)
{
	(void)arg;
	(void)endpoint;
	if (server)
		return reed_failed(of, REED_EREFUSED, "once is enough");
	reed_stream_pair(of, 0, stream, &server);
	return reed_ready(of, REED_OK);
}

struct reader {
	struct reed_co co;
	struct reed_http_client *client;
	struct reed_http_fetch what;
	struct reed_http_response *response;
	struct reed_slice piece;
};

static void reader_run(struct reed_co *co)
{
	struct reader *self = reed_frame(co, struct reader);

	reed_coroutine (co) {
		reed_try(co, reed_http_fetch(self->client, &self->what, &self->response));
		check(self->response->status >= 200);
		while (self->what.stream) {
			reed_try(co, reed_http_response_read(self->response, &self->piece));
			if (self->piece.n == 0)
				break;
		}
	}
}

static void reader_end(struct reed_co *co)
{
	reed_http_response_free(reed_frame(co, struct reader)->response);
}

static const struct reed_co_kind reader_kind = { "reader", sizeof(struct reader), reader_run, NULL,
	                                         reader_end };

static struct reed_future *read_it(struct reed_http_client *client, bool stream)
{
	struct reader *self = reed_co_new(loop, &reader_kind);

	self->client = client;
	self->what = (struct reed_http_fetch)REED_HTTP_FETCH;
	self->what.url = "http://server/";
	self->what.method = stream ? "POST" : "GET";
	self->what.body = stream ? REED_STR("body") : REED_STR("");
	self->what.stream = stream;
	return reed_start(&self->co);
}

static void settle(void)
{
	for (int i = 0; i < QUIET_TURNS; i++)
		reed_loop_turn(loop, 0);
}

static void say(struct reed_slice rest, size_t step)
{
	for (; rest.n > 0; rest = reed_slice_from(rest, step)) {
		reed_write(server, reed_slice_first(rest, step));
		settle();
		reed_skip(server, reed_peek(server).n);
	}
}

static struct reed_http_client *open_client(void)
{
	struct reed_http_client_options options = REED_HTTP_CLIENT_OPTIONS;

	if (!loop) {
		check_int(reed_loop_new(NULL, &loop), REED_OK);
		reed_log_set_level(reed_log_of(loop), REED_LOG_CRITICAL);
	}
	options.version = REED_HTTP_VERSION_2;
	options.dial = dial;
	options.decode = true;
	options.wire.fields = 20;
	return reed_http_client_new(loop, &options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_http_client *client;
	struct reed_future *one, *two;

	if (size < 2)
		return 0;
	client = open_client();
	one = read_it(client, false);
	two = read_it(client, true);
	settle();
	check(server != NULL);
	if (data[0] % 2 == 0)
		reed_write(server, REED_STR("\0\0\0\4\0\0\0\0\0"));
	say(reed_slice((const char *)data + 1, size - 1), data[0] ? data[0] : size);
	if (data[0] % 3 == 0)
		reed_close(server);
	settle();
	reed_drop(one);
	reed_drop(two);
	reed_http_client_free(client);
	if (data[0] % 3)
		reed_abort(server);
	server = NULL;
	settle();
	return 0;
}
