/* Answers compressed as they are sent. */

#include "tests/check.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/http/coding.h"
#include "reed/http/router.h"
#include "reed/http/server.h"

enum { LARGE = 300000 };

/* ---- the choice ---- */

static void is_chosen(const char *accept, unsigned offered, enum reed_http_coding coding)
{
	check_int(reed_http_choose_coding(reed_slice_of(accept), offered), coding);
}

static void the_client_is_given_what_it_likes_best(void)
{
	const unsigned all = 0xe, gzip = 1u << REED_HTTP_GZIP;

	is_chosen("gzip, deflate, br, zstd", all, REED_HTTP_BR);
	is_chosen("gzip, zstd", all, REED_HTTP_ZSTD);
	is_chosen("gzip, deflate, br, zstd", gzip, REED_HTTP_GZIP);
	is_chosen("GZIP;q=1.0, br;q=0.9", all, REED_HTTP_GZIP);
	is_chosen("gzip; q=0.001", all, REED_HTTP_GZIP);
	is_chosen("br;q=0, *", all, REED_HTTP_ZSTD);
	is_chosen("*", gzip, REED_HTTP_GZIP);
	is_chosen("x-gzip", all, REED_HTTP_GZIP);
	is_chosen("identity;q=0.5, gzip;q=0.5", all, REED_HTTP_GZIP);
}

static void what_it_refuses_or_does_not_name_it_is_not_given(void)
{
	static const char *const nothing[] = { "",
		                               "identity",
		                               "deflate",
		                               "gzip;q=0",
		                               "gzip;q=0.000",
		                               "*;q=0",
		                               "gzip;q=",
		                               "gzip;q=1.5",
		                               "gzip;q=0.0001",
		                               "gzip;q=abc",
		                               "gzip;q=0.2, identity",
		                               "gzipp",
		                               "gzip;q=0.2, identity;q=0.5" };

	for (size_t i = 0; i < REED_COUNT(nothing); i++)
		is_chosen(nothing[i], 0xe, REED_HTTP_IDENTITY);
	is_chosen("gzip, br", 0, REED_HTTP_IDENTITY);
}

/* ---- a server ---- */

static struct reed_loop *loop;
static struct reed_http_router *router;
static struct reed_http_server *server;
static struct reed_stream *client;
static struct reed_future *session;
static struct reed_buf answer, body, plain;
static char text[LARGE];

static struct reed_future *at_once(void *arg, struct reed_http_request *r)
{
	reed_http_add(r, "ETag", REED_STR("\"abc\""));
	reed_http_add(r, "Accept-Ranges", REED_STR("bytes"));
	reed_http_respond(r, 200, arg, reed_slice(text, sizeof(text)));
	return NULL;
}

static struct reed_future *in_pieces(void *arg, struct reed_http_request *r)
{
	(void)arg;
	reed_http_begin(r, 200, "application/json", -1);
	for (size_t at = 0; at < sizeof(text); at += 10000)
		reed_http_write(r, reed_slice(text + at, 10000));
	reed_http_end(r);
	return NULL;
}

static struct reed_future *little(void *arg, struct reed_http_request *r)
{
	(void)arg;
	reed_http_respond(r, 200, "text/plain", reed_slice(text, 511));
	return NULL;
}

static struct reed_future *encoded_already(void *arg, struct reed_http_request *r)
{
	(void)arg;
	reed_http_add(r, "Content-Encoding", REED_STR("br"));
	reed_http_respond(r, 200, "text/plain", reed_slice(text, 1000));
	return NULL;
}

static struct reed_future *part(void *arg, struct reed_http_request *r)
{
	(void)arg;
	reed_http_respond(r, 206, "text/plain", reed_slice(text, 1000));
	return NULL;
}

static struct reed_future *not_to_be_changed(void *arg, struct reed_http_request *r)
{
	(void)arg;
	reed_http_add(r, "Cache-Control", REED_STR("max-age=5, no-transform"));
	reed_http_respond(r, 200, "text/plain", reed_slice(text, 1000));
	return NULL;
}

struct never {
	struct reed_co co;
	struct reed_http_request *request;
};

static void never_run(struct reed_co *co)
{
	struct never *self = reed_frame(co, struct never);

	reed_coroutine (co) {
		reed_http_begin(self->request, 200, "text/plain", -1);
		reed_http_write(self->request, reed_slice(text, 5000));
		reed_try(co, reed_forever(co->loop));
	}
}

static const struct reed_co_kind never_kind = { "never", sizeof(struct never), never_run, NULL,
	                                        NULL };

static struct reed_future *never(void *arg, struct reed_http_request *r)
{
	struct never *self = reed_co_new(reed_http_loop(r), &never_kind);

	(void)arg;
	self->request = r;
	return reed_start(&self->co);
}

static void open_house(void)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct reed_stream *far;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + (i * i / 7 + i / 1000) % 26);
	check_int(reed_loop_new(NULL, &loop), REED_OK);
	router = reed_http_router_new();
	reed_http_around(router, reed_http_compressing, NULL);
	reed_http_route(router, "GET", "/text", at_once,
	                (void *)(uintptr_t) "text/html; charset=x");
	reed_http_route(router, "GET", "/image", at_once, (void *)(uintptr_t) "image/png");
	reed_http_route(router, "GET", "/pieces", in_pieces, NULL);
	reed_http_route(router, "GET", "/little", little, NULL);
	reed_http_route(router, "GET", "/encoded", encoded_already, NULL);
	reed_http_route(router, "GET", "/part", part, NULL);
	reed_http_route(router, "GET", "/keep", not_to_be_changed, NULL);
	reed_http_route(router, "GET", "/never", never, NULL);
	options.handler = reed_http_routed;
	options.arg = router;
	server = reed_http_server_new(loop, &options);
	reed_stream_pair(loop, 1 << 20, &client, &far);
	session = reed_http_session(server, far);
}

static void close_house(void)
{
	reed_abort(client);
	if (session)
		reed_drop(session);
	reed_http_server_free(server);
	reed_http_router_free(router);
	reed_buf_finish(&answer);
	reed_buf_finish(&body);
	reed_buf_finish(&plain);
	reed_loop_free(loop);
}

static bool has(const char *field)
{
	struct reed_slice all = reed_buf_slice(&answer);
	size_t end = reed_slice_search(all, REED_STR("\r\n\r\n"));

	return reed_slice_search(reed_slice_first(all, end), reed_slice_of(field)) < end;
}

/* Chunks joined, or what follows the head. */
static void take_body(void)
{
	struct reed_slice rest = reed_buf_slice(&answer), piece;
	struct reed_http_chunks chunks = { .limits = NULL };

	rest = reed_slice_from(rest, reed_slice_search(rest, REED_STR("\r\n\r\n")) + 4);
	reed_buf_clear(&body);
	if (!has("Transfer-Encoding: chunked"))
		reed_buf_add(&body, rest);
	else
		while (!reed_http_chunk(&chunks, &rest, &piece))
			reed_buf_add(&body, piece);
}

static void get(const char *method, const char *path, const char *accept)
{
	reed_printf(client,
	            "%s %s HTTP/1.1\r\nHost: h\r\nAccept-Encoding: %s\r\n"
	            "Connection: close\r\n\r\n",
	            method, path, accept);
	check_int(reed_loop_run_until(loop, session, NULL), REED_OK); /* the pair holds all of it */
	session = NULL;
	reed_buf_clear(&answer);
	while (reed_loop_run_until(loop, reed_more(client), NULL) == REED_OK) {
		reed_buf_add(&answer, reed_peek(client));
		reed_skip(client, reed_peek(client).n);
	}
	take_body();
}

/* ---- the other way, by the libraries themselves ---- */

static void unzip(struct reed_slice in, void *into, size_t *n)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in.p, .avail_in = (uInt)in.n };

	z.next_out = into;
	z.avail_out = (uInt)*n;
	check_int(inflateInit2(&z, 15 + 16), Z_OK);
	check_int(inflate(&z, Z_FINISH), Z_STREAM_END);
	*n = z.total_out;
	check_int(z.avail_in, 0);
	inflateEnd(&z);
}

static void is_the_text(const char *coding)
{
	struct reed_slice in = reed_buf_slice(&body);
	size_t n = LARGE + 1;
	char *into = reed_alloc(n);

	if (strcmp(coding, "gzip") == 0)
		unzip(in, into, &n);
	else if (strcmp(coding, "br") == 0)
		check_int(BrotliDecoderDecompress(in.n, (const uint8_t *)in.p, &n, (uint8_t *)into),
		          BROTLI_DECODER_RESULT_SUCCESS);
	else
		n = ZSTD_decompress(into, n, in.p, in.n);
	check_int(n, LARGE);
	check(memcmp(into, text, LARGE) == 0);
	reed_free(into);
}

static void text_is_compressed_and_comes_out_the_same(void)
{
	static const char *const codings[] = { "gzip", "br", "zstd" };
	static const char *const paths[] = { "/text", "/pieces" };
	char field[64];

	for (size_t i = 0; i < 6; i++) {
		open_house();
		get("GET", paths[i % 2], codings[i / 2]);
		snprintf(field, sizeof(field), "\r\nContent-Encoding: %s", codings[i / 2]);
		check(has(field) && has("\r\nVary: Accept-Encoding") && !has("Content-Length"));
		check(reed_buf_held(&body) < LARGE / 2);
		is_the_text(codings[i / 2]);
		close_house();
	}
}

static void its_tag_is_weak_and_it_has_no_ranges(void)
{
	open_house();
	get("GET", "/text", "gzip");
	check(has("\r\nETag: W/\"abc\"") && !has("Accept-Ranges"));
	close_house();
	open_house();
	get("GET", "/text", "identity");
	check(has("\r\nETag: \"abc\"") && has("\r\nAccept-Ranges: bytes"));
	check(has("\r\nVary: Accept-Encoding") && !has("Content-Encoding"));
	check_int(reed_buf_held(&body), LARGE);
	close_house();
}

static void what_gains_nothing_is_sent_as_it_is(void)
{
	static const char *const paths[] = { "/image", "/little", "/part", "/keep" };

	for (size_t i = 0; i < REED_COUNT(paths); i++) {
		open_house();
		get("GET", paths[i], "gzip, br, zstd");
		check(!has("Content-Encoding") && has("Content-Length"));
		close_house();
	}
	open_house();
	get("GET", "/encoded", "gzip, br");
	check(has("Content-Encoding: br") && !has("gzip") && has("Content-Length: 1000"));
	close_house();
}

static void a_head_tells_the_same_without_a_body(void)
{
	open_house();
	get("HEAD", "/text", "br");
	check(has("Content-Encoding: br") && reed_buf_held(&body) == 0);
	close_house();
}

static void what_is_written_piece_by_piece_leaves_at_once(void)
{
	open_house();
	reed_printf(client, "GET /never HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
	while (!has("Content-Encoding: gzip") || reed_buf_held(&answer) < 600) {
		check_int(reed_loop_run_until(loop, reed_more(client), NULL), REED_OK);
		reed_buf_add(&answer, reed_peek(client));
		reed_skip(client, reed_peek(client).n);
	}
	close_house(); /* in the middle of it */
}

int main(void)
{
	RUN(the_client_is_given_what_it_likes_best);
	RUN(what_it_refuses_or_does_not_name_it_is_not_given);
	RUN(text_is_compressed_and_comes_out_the_same);
	RUN(its_tag_is_weak_and_it_has_no_ranges);
	RUN(what_gains_nothing_is_sent_as_it_is);
	RUN(a_head_tells_the_same_without_a_body);
	RUN(what_is_written_piece_by_piece_leaves_at_once);
	return 0;
}
