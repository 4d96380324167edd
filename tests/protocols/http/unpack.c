/* Bodies of requests that come compressed. */

#include "protocols/http/coding.h"
#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/http/client.h"
#include "reed/log.h"
#include "reed/sim.h"
#include "tests/check.h"

enum { LARGE = 300000 };

static struct {
	struct reed_sim *sim;
	struct reed_loop *loop;
	struct reed_http_server_options options;
	struct reed_http_server *server;
	struct reed_http_client *client;
	struct reed_http_response *response;
	struct reed_buf packed;
	size_t most; /* of a piece that a handler was shown */
	uint64_t limit;
} w;

static char text[LARGE];

/* ---- handlers: what came, and how much ---- */

struct reading {
	struct reed_co co;
	struct reed_http_request *request;
	struct reed_slice piece;
	uint64_t sum;
	size_t n;
};

static void count(struct reading *self)
{
	for (size_t i = 0; i < self->piece.n; i++)
		self->sum = self->sum * 31 + (unsigned char)self->piece.p[i];
	self->n += self->piece.n;
	w.most = self->piece.n > w.most ? self->piece.n : w.most;
}

static void reading_run(struct reed_co *co)
{
	struct reading *self = reed_frame(co, struct reading);

	reed_coroutine (co) {
		if (w.limit)
			reed_http_body_limit(self->request, w.limit);
		if (reed_slice_is(reed_http_head(self->request)->path, "/never"))
			reed_try(co, reed_forever(co->loop));
		do {
			if (reed_slice_is(reed_http_head(self->request)->path, "/all"))
				reed_try(co, reed_http_read_all(self->request, &self->piece));
			else
				reed_try(co, reed_http_read(self->request, &self->piece));
			count(self);
		} while (self->piece.n > 0 &&
		         !reed_slice_is(reed_http_head(self->request)->path, "/all"));
		reed_http_respondf(self->request, 200, NULL, "%zu %llu", self->n,
		                   (unsigned long long)self->sum);
	}
}

static const struct reed_co_kind reading_kind = { "reading", sizeof(struct reading), reading_run,
	                                          NULL, NULL };

static struct reed_future *handler(void *arg, struct reed_http_request *r)
{
	struct reading *self = reed_co_new(w.loop, &reading_kind);

	check(arg == &w);
	self->request = r;
	return reed_start(&self->co);
}

static void begin(bool decompress)
{
	struct reed_http_client_options client = REED_HTTP_CLIENT_OPTIONS;

	memset(&w, 0, sizeof(w));
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + (i * i / 7 + i / 1000) % 26);
	w.sim = reed_sim_new(NULL);
	w.loop = reed_sim_host(w.sim, "here");
	reed_log_set_level(reed_log_of(w.loop), REED_LOG_CRITICAL);
	w.options = (struct reed_http_server_options)REED_HTTP_SERVER_OPTIONS;
	w.options.handler = handler;
	w.options.arg = &w;
	w.options.decompress = decompress;
	w.server = reed_http_server_new(w.loop, &w.options);
	client.dial = reed_http_fake_dial;
	client.dial_arg = w.server;
	w.client = reed_http_client_new(w.loop, &client);
}

static void end(void)
{
	reed_http_response_free(w.response);
	reed_http_client_free(w.client);
	reed_sim_run_for(w.sim, REED_S(100));
	check(!reed_sim_failure(w.sim));
	check_int(w.server->decoders, 0);
	reed_http_server_free(w.server);
	reed_sim_free(w.sim);
	reed_buf_finish(&w.packed);
}

/* ---- requests ---- */

static unsigned put(const char *path, const char *coding, struct reed_slice body)
{
	struct reed_http_field field = { REED_STR("Content-Encoding"), reed_slice_of(coding) };
	struct reed_http_fetch what = REED_HTTP_FETCH;
	char url[64];

	snprintf(url, sizeof(url), "http://here%s", path);
	what.url = url;
	what.method = "PUT";
	what.fields = &field;
	what.field_count = 1;
	what.body = body;
	reed_http_response_free(w.response);
	w.response = NULL;
	check_int(reed_sim_run_until(w.sim, reed_http_fetch(w.client, &what, &w.response), NULL),
	          REED_OK);
	return w.response->status;
}

static void add(void *arg, struct reed_slice bytes)
{
	reed_buf_add(arg, bytes);
}

static struct reed_slice pack(enum reed_http_coding coding, struct reed_slice plain, int times)
{
	struct http_encoder *encoder = http_encoder_new(coding);

	reed_buf_clear(&w.packed);
	for (int i = 0; i < times; i++)
		check(http_encode(encoder, plain, HTTP_ENCODE_MORE, add, &w.packed));
	check(http_encode(encoder, REED_STR(""), HTTP_ENCODE_END, add, &w.packed));
	http_encoder_free(encoder);
	return reed_buf_slice(&w.packed);
}

static void is_the_text(void)
{
	char wanted[64];
	uint64_t sum = 0;

	for (size_t i = 0; i < sizeof(text); i++)
		sum = sum * 31 + (unsigned char)text[i];
	snprintf(wanted, sizeof(wanted), "%d %llu", LARGE, (unsigned long long)sum);
	check_slice(w.response->body, wanted);
}

/* ---- tests ---- */

static const enum reed_http_coding codings[] = { REED_HTTP_GZIP, REED_HTTP_BR, REED_HTTP_ZSTD };

static void what_was_compressed_is_read_as_it_was(void)
{
	begin(true);
	for (size_t i = 0; i < REED_COUNT(codings); i++) {
		const char *name = reed_http_coding_name(codings[i]);
		struct reed_slice packed = pack(codings[i], reed_slice(text, LARGE), 1);

		check(packed.n < LARGE);
		check_int(put("/pieces", name, packed), 200);
		is_the_text();
		check_int(put("/all", name, packed), 200);
		is_the_text();
	}
	check_int(put("/all", "identity", reed_slice(text, LARGE)), 200);
	is_the_text();
	check_int(put("/all", "", reed_slice(text, LARGE)), 200);
	is_the_text();
	end();
}

static void a_coding_nobody_knows_is_415_and_tells_those_we_know(void)
{
	begin(true);
	check_int(put("/all", "compress", REED_STR("x")), 415);
	check_slice(reed_http_response_field(w.response, "Accept-Encoding"), "gzip, br, zstd");
	check_int(put("/all", "gzip, br", REED_STR("x")), 415);
	end();
	begin(false); /* nobody asked for it: the handler sees what was sent */
	check_int(put("/all", "compress", REED_STR("x")), 200);
	check_slice(w.response->body, "1 120");
	end();
}

static void what_is_not_of_its_coding_or_ends_halfway_is_refused(void)
{
	begin(true);
	for (size_t i = 0; i < REED_COUNT(codings); i++) {
		const char *name = reed_http_coding_name(codings[i]);
		struct reed_slice packed = pack(codings[i], reed_slice(text, LARGE), 1);

		check_int(put("/all", name, reed_slice_first(packed, packed.n - 9)), 400);
		check_int(put("/pieces", name, reed_slice_first(packed, packed.n - 9)), 400);
		check_int(put("/all", name, reed_slice(text, 100)), 400);
		reed_buf_add_str(&w.packed, "and more");
		check_int(put("/all", name, reed_buf_slice(&w.packed)), 400);
		check_int(put("/all", name, REED_STR("")), 200);
	}
	end();
}

/* 64 MiB of zeros, of which the limit lets no more come out than it says. */
static void a_bomb_is_too_big_and_comes_in_pieces(void)
{
	static char zeros[1 << 20];
	struct reed_slice packed;

	begin(true);
	for (size_t i = 0; i < REED_COUNT(codings); i++) {
		packed = pack(codings[i], reed_slice(zeros, sizeof(zeros)), 64);
		check(packed.n < 100000);
		w.limit = 0;
		check_int(put("/all", reed_http_coding_name(codings[i]), packed), 413);
		check_int(put("/pieces", reed_http_coding_name(codings[i]), packed), 413);
		w.limit = 64 << 20;
		check_int(put("/pieces", reed_http_coding_name(codings[i]), packed), 200);
		check(w.most <= 65536);
	}
	end();
}

static void decoders_are_bounded_and_given_back(void)
{
	static const char head[] = "PUT /never HTTP/1.1\r\nHost: here\r\nContent-Encoding: br\r\n"
				   "Content-Length: 5\r\n\r\n";
	struct reed_stream *ours[64], *theirs;
	struct reed_scope scope;

	begin(true);
	reed_scope_init(&scope, w.loop, NULL, "clients");
	scope.policy = REED_SCOPE_IGNORE;
	for (size_t i = 0; i < REED_COUNT(ours); i++) {
		reed_stream_pair(w.loop, 0, &ours[i], &theirs);
		reed_scope_add(&scope, reed_http_session(w.server, theirs));
		reed_write(ours[i], reed_slice_of(head));
	}
	reed_sim_run_for(w.sim, REED_MS(1));
	check_int(w.server->decoders, 64);
	check_int(put("/all", "gzip", REED_STR("x")), 503);
	for (size_t i = 0; i < REED_COUNT(ours); i++)
		reed_abort(ours[i]);
	reed_sim_run_for(w.sim, REED_MS(1));
	check_int(w.server->decoders, 0);
	reed_scope_finish(&scope);
	end();
}

int main(void)
{
	RUN(what_was_compressed_is_read_as_it_was);
	RUN(a_coding_nobody_knows_is_415_and_tells_those_we_know);
	RUN(what_is_not_of_its_coding_or_ends_halfway_is_refused);
	RUN(a_bomb_is_too_big_and_comes_in_pieces);
	RUN(decoders_are_bounded_and_given_back);
	return 0;
}
