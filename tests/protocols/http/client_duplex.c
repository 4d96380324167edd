/* A request whose body is still on its way when its answer comes. */

#include "world.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "tests/check.h"

static char large[10 << 20];

static void begin(struct world *w, int version)
{
	struct reed_http_client_options o = REED_HTTP_CLIENT_OPTIONS;

	world_open(w, NULL);
	o.version = version;
	world_client(w, &o);
}

static struct reed_http_fetch post(const char *url, struct reed_slice body)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;

	what.url = url;
	what.method = "POST";
	what.body = body;
	return what;
}

/* ---- echoes ---- */

/* The server takes no more than it may say: neither side holds all of it. */
static void an_echo_comes_while_its_body_goes(void)
{
	const int versions[] = { REED_HTTP_VERSION_1, REED_HTTP_VERSION_2 };

	memset(large, 'e', sizeof(large));
	for (size_t i = 0; i < REED_COUNT(versions); i++) {
		struct reed_http_fetch what =
			post("http://server/pipe", reed_slice(large, sizeof(large)));
		struct world w;
		int64_t began;

		begin(&w, versions[i]);
		began = reed_sim_now(w.sim);
		check_int(world_fetch(&w, &what), REED_OK);
		check_int(w.response->status, 200);
		check_int(w.response->body.n, sizeof(large));
		check(memcmp(w.response->body.p, large, sizeof(large)) == 0);
		check(reed_sim_now(w.sim) - began < REED_S(5));
		check_int(world_get(&w, "http://server/n/1"), REED_OK);
		check_int(world_stats(&w).accepted, versions[i] == REED_HTTP_VERSION_1 ? 2 : 1);
		world_close(&w);
	}
}

static void says_back(struct world *w, const char *text)
{
	struct reed_slice piece = REED_STR("");

	check_int(reed_sim_run_until(w->sim, reed_http_response_read(w->response, &piece), NULL),
	          REED_OK);
	check_slice(piece, text);
}

/* A response that is streamed is there with its head, and the upload goes on beside it. */
static void two_talk_by_one_request(void)
{
	const int versions[] = { REED_HTTP_VERSION_1, REED_HTTP_VERSION_2 };

	for (size_t i = 0; i < REED_COUNT(versions); i++) {
		struct reed_http_fetch what = post("http://server/pipe", REED_STR(""));
		struct reed_slice piece;
		struct reed_stream *ours;
		struct world w;

		begin(&w, versions[i]);
		reed_stream_pair(w.loop, 0, &ours, &what.upload);
		reed_write_str(ours, "first");
		what.stream = true;
		check_int(world_fetch(&w, &what), REED_OK);
		says_back(&w, "first");
		reed_write_str(ours, "second");
		says_back(&w, "second");
		reed_write_str(ours, "third");
		says_back(&w, "third");
		reed_close(ours);
		check_int(reed_sim_run_until(w.sim, reed_http_response_read(w.response, &piece),
		                             NULL),
		          REED_OK);
		check_int(piece.n, 0);
		world_forget(&w);
		reed_close(what.upload);
		world_close(&w);
	}
}

/* ---- answers before the end ---- */

struct early {
	struct reed_co co;
	struct reed_stream *stream;
	const struct early_words *words;
	size_t heard;
};

struct early_words {
	const char *text;
	bool deaf; /* hears no more, or all */
	size_t *heard;
};

static void early_run(struct reed_co *co)
{
	struct early *self = reed_frame(co, struct early);

	reed_coroutine (co) {
		reed_try(co, reed_more(self->stream));
		reed_write_str(self->stream, self->words->text);
		if (self->words->deaf)
			reed_try(co, reed_sleep(co->loop, 100000));
		for (;;) {
			*self->words->heard += reed_peek(self->stream).n;
			reed_skip(self->stream, reed_peek(self->stream).n);
			reed_try(co, reed_more(self->stream));
		}
	}
}

static void early_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct early)->stream);
}

static const struct reed_co_kind early_kind = { "early", sizeof(struct early), early_run, NULL,
	                                        early_end };

static struct reed_future *answer_early(void *arg, struct reed_stream *stream)
{
	struct early *self = reed_co_new(stream->loop, &early_kind);

	self->stream = stream;
	self->words = arg;
	return reed_start(&self->co);
}

static void open_early(struct world *w, struct early_words *words)
{
	begin(w, REED_HTTP_VERSION_1);
	reed_scope_add(&w->scope, reed_listen_and_serve(reed_sim_host(w->sim, "server"), "tcp:81",
	                                                answer_early, words, NULL));
	reed_sim_run_for(w->sim, REED_MS(1));
}

static int64_t takes(struct world *w, struct reed_http_fetch what, unsigned status)
{
	int64_t began = reed_sim_now(w->sim);

	world_forget(w);
	check_int(world_fetch(w, &what), REED_OK);
	check_int(w->response->status, status);
	return reed_sim_now(w->sim) - began;
}

/* RFC 9112 9.3, 9.5: the rest stays here, and the connection ends. */
static void a_refusal_is_heard_at_once(void)
{
	const char *const refusals[] = {
		"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno",
		"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno",
	};

	for (size_t i = 0; i < REED_COUNT(refusals); i++) {
		struct reed_http_fetch what =
			post("http://server:81/", reed_slice(large, sizeof(large)));
		size_t heard = 0;
		struct early_words words = { refusals[i], true, &heard };
		struct reed_stream *ours;
		struct world w;

		open_early(&w, &words);
		check(takes(&w, what, i ? 401 : 413) < REED_S(1));
		check_slice(w.response->body, "no");
		reed_stream_pair(w.loop, 0, &ours, &what.upload);
		reed_write_str(ours, "it never ends");
		check(takes(&w, what, i ? 401 : 413) < REED_S(1));
		check_int(heard, 0);
		world_forget(&w);
		reed_close(what.upload);
		reed_close(ours);
		world_close(&w);
	}
}

/* It has been taken for good: what is left of it goes there all the same. */
static void what_was_accepted_early_is_sent_to_its_end(void)
{
	struct reed_http_fetch what = post("http://server:81/", reed_slice(large, sizeof(large)));

	for (int stream = 0; stream < 2; stream++) {
		size_t heard = 0;
		struct early_words words = { "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok",
			                     false, &heard };
		struct reed_slice piece = REED_STR("");
		struct world w;

		open_early(&w, &words);
		what.stream = stream;
		takes(&w, what, 202);
		do
			check_int(reed_sim_run_until(w.sim,
			                             reed_http_response_read(w.response, &piece),
			                             NULL),
			          REED_OK);
		while (piece.n > 0);
		reed_sim_run_for(w.sim, REED_S(1));
		check(heard > sizeof(large));
		world_close(&w);
	}
}

static void who_takes_nothing_and_says_nothing_is_given_up(void)
{
	struct reed_http_fetch what = post("http://server:81/", reed_slice(large, sizeof(large)));
	size_t heard = 0;
	struct early_words words = { "", true, &heard };
	struct world w;
	int64_t began;

	open_early(&w, &words);
	began = reed_sim_now(w.sim);
	check_int(world_fetch(&w, &what), REED_ETIMEDOUT);
	check(reed_sim_now(w.sim) - began < REED_S(61));
	world_close(&w);
}

/* A slow upload is no silence of the server's. */
static void who_uploads_slowly_is_not_given_up(void)
{
	struct reed_http_fetch what = post("http://server/echo", REED_STR(""));
	struct reed_stream *ours;
	struct world w;

	begin(&w, REED_HTTP_VERSION_1);
	reed_stream_pair(w.loop, 0, &ours, &what.upload);
	reed_sim_add(w.sim, reed_http_fetch(w.client, &what, &w.response));
	for (int i = 0; i < 10; i++) {
		reed_write_str(ours, "drop ");
		reed_sim_run_for(w.sim, REED_S(20));
	}
	reed_close(ours);
	reed_sim_run_for(w.sim, REED_S(1));
	check(w.response && w.response->status == 200);
	reed_close(what.upload);
	world_close(&w);
}

/* ---- a drop at every suspension ---- */

struct passage {
	int version;
	bool streams; /* else more than goes at once */
};

static struct world dropped;
static struct reed_stream *upload;

static struct reed_future *scenario(void *arg, struct reed_sim *sim)
{
	const struct passage *passage = arg;
	struct reed_http_fetch what = post("http://server/pipe", reed_slice(large, 80000));
	struct reed_http_client_options o = REED_HTTP_CLIENT_OPTIONS;
	struct reed_loop *client = reed_sim_host(sim, "client");
	struct reed_stream *ours;

	dropped = (struct world){ .sim = sim };
	site_open(&dropped.site, reed_sim_host(sim, "server"), NULL);
	reed_scope_init(&dropped.scope, reed_sim_host(sim, "server"), NULL, "servers");
	dropped.scope.policy = REED_SCOPE_IGNORE;
	reed_scope_add(&dropped.scope, reed_http_serve(dropped.site.server, "tcp:80"));
	o.version = passage->version;
	dropped.client = reed_http_client_new(client, &o);
	reed_stream_pair(client, 0, &ours, &upload);
	reed_write_str(ours, "a few bytes");
	reed_close(ours);
	if (passage->streams) {
		what.body = REED_STR("");
		what.upload = upload;
	}
	return reed_http_fetch(dropped.client, &what, &dropped.response);
}

static void afterwards(void *arg, struct reed_sim *sim, const struct reed_sim_suspension *at)
{
	(void)arg;
	(void)at;
	reed_sim_run_for(sim, REED_S(1));
	world_forget(&dropped);
	reed_http_client_free(dropped.client);
	reed_close(upload);
	reed_scope_finish(&dropped.scope);
	reed_sim_run_for(sim, REED_S(10));
	site_close(&dropped.site);
}

static void a_drop_at_any_moment_leaves_nothing(void)
{
	static struct passage passages[] = { { REED_HTTP_VERSION_1, true },
		                             { REED_HTTP_VERSION_1, false },
		                             { REED_HTTP_VERSION_2, true } };
	struct reed_sim_suspension_options o = REED_SIM_SUSPENSION_OPTIONS;
	uint64_t points = 0;

	o.points = &points;
	for (size_t i = 0; i < REED_COUNT(passages); i++) {
		check_int(reed_sim_each_suspension(scenario, afterwards, &passages[i], &o),
		          REED_OK);
		check(points > 10);
	}
}

int main(void)
{
	RUN(an_echo_comes_while_its_body_goes);
	RUN(two_talk_by_one_request);
	RUN(a_refusal_is_heard_at_once);
	RUN(what_was_accepted_early_is_sent_to_its_end);
	RUN(who_takes_nothing_and_says_nothing_is_given_up);
	RUN(who_uploads_slowly_is_not_given_up);
	RUN(a_drop_at_any_moment_leaves_nothing);
	return 0;
}
