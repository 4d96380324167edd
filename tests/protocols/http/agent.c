/* What a client does beyond one request: redirects, cookies, retries, decoding, proxies, time. */

#include <zlib.h>

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/http/client.h"
#include "reed/http/server.h"
#include "reed/sim.h"
#include "tests/check.h"

/* ---- a server in memory that says back what it heard ---- */

static struct {
	struct reed_sim *sim;
	struct reed_loop *loop;
	struct reed_http_server *server;
	struct reed_http_client *client;
	struct reed_http_client_options options;
	struct reed_http_response *response;
	char dialled[512];
	int requests, failures; /* how many of the first fail */
	unsigned failure;       /* with this; 0: not even a connection */
} w;

static const char text[] = "the reed bends, the oak breaks; the reed bends, the oak breaks; "
			   "the reed bends, the oak breaks; the reed bends, the oak breaks; "
			   "the reed bends, the oak breaks; the reed bends, the oak breaks; "
			   "the reed bends, the oak breaks; the reed bends, the oak breaks; ";

static const char gzipped[] =
	"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\x2b\xc9\x48\x55\x28\x4a\x4d\x4d\x51\x48\x4a"
	"\xcd\x4b\x29\xd6\x51\x28\x01\xf2\xf3\x13\xb3\x15\x92\x8a\x52\x13\xb3\x8b\xad\xc1\xfc"
	"\xe1\x2c\x0f\x00\x83\x42\x48\xed\x00\x01\x00\x00";
static const char brotlied[] =
	"\x1b\xff\x00\xf8\x05\x6a\x73\xa9\x1e\x7d\xa1\xad\x25\xc5\x07\x41\xd8\x40\x8d\x0d\xe3\x05\x6b\x36\x45\x4b\x81\xeb\xc5\x1c\x36\xc5\xb7\xc2\x5b\x56\x73\x01";
static const char zstded[] =
	"\x28\xb5\x2f\xfd\x64\x00\x00\x4d\x01\x00\xf8\x74\x68\x65\x20\x72\x65\x65\x64\x20\x62"
	"\x65\x6e\x64\x73\x2c\x20\x74\x68\x65\x20\x6f\x61\x6b\x20\x62\x72\x65\x61\x6b\x73\x3b"
	"\x02\x00\xd9\xa1\x08\x3c\xed\x74\x02\x23\xe2\x54\x56";

static struct reed_slice bomb(void)
{
	static char packed[65536];
	static unsigned char zeros[1 << 20];
	z_stream z = { .zalloc = NULL };

	deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
	z.next_out = (unsigned char *)packed;
	z.avail_out = sizeof(packed);
	for (int i = 0; i < 32; i++) {
		z.next_in = zeros;
		z.avail_in = sizeof(zeros);
		check_int(deflate(&z, i == 31 ? Z_FINISH : Z_NO_FLUSH),
		          i == 31 ? Z_STREAM_END : Z_OK);
	}
	deflateEnd(&z);
	return reed_slice(packed, z.total_out);
}

static void say_coded(struct reed_http_request *r, const char *coding, struct reed_slice body)
{
	reed_http_add(r, "Content-Encoding", reed_slice_of(coding));
	reed_http_respond(r, 200, "text/plain", body);
}

/* METHOD HOST PATH AUTHORIZATION COOKIE BODY */
struct echo {
	struct reed_co co;
	struct reed_http_request *request;
	struct reed_slice body;
};

static void echo_run(struct reed_co *co)
{
	struct echo *self = reed_frame(co, struct echo);
	struct reed_http_request *r = self->request;
	const struct reed_http_head *h = reed_http_head(r);

	reed_coroutine (co) {
		reed_try(co, reed_http_read_all(r, &self->body));
		reed_http_respondf(r, 200, "text/plain",
		                   REED_FMT " " REED_FMT " " REED_FMT " [" REED_FMT "] [" REED_FMT
		                            "] [" REED_FMT "]",
		                   REED_ARG(h->method_name), REED_ARG(h->host), REED_ARG(h->target),
		                   REED_ARG(reed_http_header(r, "Authorization")),
		                   REED_ARG(reed_http_header(r, "Cookie")), REED_ARG(self->body));
	}
}

static const struct reed_co_kind echo_kind = { "echo", sizeof(struct echo), echo_run, NULL, NULL };

static struct reed_future *echo(struct reed_http_request *r)
{
	struct echo *self = reed_co_new(reed_http_loop(r), &echo_kind);

	self->request = r;
	return reed_start(&self->co);
}

static struct reed_future *handler(void *arg, struct reed_http_request *r)
{
	struct reed_slice path = reed_http_head(r)->path, to = reed_http_query(r, "to");
	uint64_t status;

	(void)arg;
	w.requests++;
	if (w.requests <= w.failures) {
		reed_http_fail(r, w.failure, "not now");
	} else if (to.p && !reed_slice_u64(reed_slice_from(path, 1), 999, &status)) {
		reed_http_add(r, "Location", to);
		reed_http_add(r, "Set-Cookie", REED_STR("visited=yes; Path=/"));
		reed_http_respond(r, (unsigned)status, NULL, REED_STR(""));
	} else if (reed_slice_is(path, "/gzip")) {
		say_coded(r, "gzip", reed_slice(gzipped, sizeof(gzipped) - 1));
	} else if (reed_slice_is(path, "/br")) {
		say_coded(r, "br", reed_slice(brotlied, sizeof(brotlied) - 1));
	} else if (reed_slice_is(path, "/zstd")) {
		say_coded(r, "zstd", reed_slice(zstded, sizeof(zstded) - 1));
	} else if (reed_slice_is(path, "/cut")) {
		say_coded(r, "gzip", reed_slice(gzipped, sizeof(gzipped) - 12));
	} else if (reed_slice_is(path, "/bad")) {
		say_coded(r, "gzip", REED_STR("this is no gzip at all"));
	} else if (reed_slice_is(path, "/bomb")) {
		say_coded(r, "gzip", bomb());
	} else if (reed_slice_is(path, "/hsts")) {
		reed_http_add(r, "Strict-Transport-Security",
		              REED_STR("max-age=100; includeSubDomains"));
		reed_http_respond(r, 200, NULL, REED_STR(""));
	} else if (reed_slice_is(path, "/never")) {
		return reed_forever(reed_http_loop(r));
	} else {
		return echo(r);
	}
	return NULL;
}

/* ---- a client of that ---- */

static struct reed_future *dial(void *arg, struct reed_loop *loop, const char *endpoint,
                                struct reed_stream **stream)
{
	snprintf(w.dialled, sizeof(w.dialled), "%s", endpoint);
	if (w.failure == 0 && w.requests < w.failures) {
		w.requests++;
		return reed_ready(loop, REED_EREFUSED);
	}
	return reed_http_fake_dial(arg, loop, endpoint, stream);
}

static void begin(void)
{
	struct reed_http_server_options server = REED_HTTP_SERVER_OPTIONS;

	memset(&w, 0, sizeof(w));
	w.sim = reed_sim_new(NULL);
	w.loop = reed_sim_host(w.sim, "here");
	server.handler = handler;
	w.server = reed_http_server_new(w.loop, &server);
	w.options = (struct reed_http_client_options)REED_HTTP_CLIENT_OPTIONS;
	w.options.dial = dial;
	w.options.dial_arg = w.server;
}

static void end(void)
{
	reed_http_response_free(w.response);
	reed_http_client_free(w.client);
	reed_sim_run_for(w.sim, REED_S(100));
	check(!reed_sim_failure(w.sim));
	reed_http_server_free(w.server);
	reed_sim_free(w.sim);
}

static enum reed_err fetch(struct reed_http_fetch what)
{
	if (!w.client)
		w.client = reed_http_client_new(w.loop, &w.options);
	reed_http_response_free(w.response);
	w.response = NULL;
	return reed_sim_run_until(w.sim, reed_http_fetch(w.client, &what, &w.response), NULL);
}

static enum reed_err send(const char *method, const char *url, const char *body)
{
	static const struct reed_http_field fields[] = {
		{ { "Authorization", 13 }, { "secret", 6 } },
		{ { "Content-Type", 12 }, { "text/plain", 10 } },
	};
	struct reed_http_fetch what = REED_HTTP_FETCH;

	what.method = method;
	what.url = url;
	what.body = reed_slice_of(body);
	what.fields = fields;
	what.field_count = REED_COUNT(fields);
	return fetch(what);
}

static enum reed_err get(const char *url)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;

	what.url = url;
	return fetch(what);
}

#define says(wanted) check_slice(w.response->body, (wanted))

/* ---- redirects ---- */

static void redirects_are_followed_where_that_was_asked_for(void)
{
	begin();
	check_int(get("http://a.example/302?to=/there"), REED_OK);
	check_int(w.response->status, 302);
	reed_http_client_free(w.client);
	w.client = NULL;
	w.options.redirects = 3;
	check_int(get("http://a.example/302?to=/there%3fx=1%23part"), REED_OK);
	says("GET a.example /there?x=1 [] [] []");
	check_str(w.response->url, "http://a.example/there?x=1");
	check_int(w.response->redirects, 1);
	check_int(get("http://a.example/b/302x"), REED_OK);
	check_int(get("http://a.example/301?to=../up/./x/../y"), REED_OK);
	check_str(w.response->url, "http://a.example/up/y");
	check_int(get("http://a.example/301?to=//b.example:81"), REED_OK);
	says("GET b.example:81 / [] [] []");
	check_int(get("http://a.example/301?to=%3fq"), REED_OK);
	check_str(w.response->url, "http://a.example/301?q");
	check_int(get("http://a.example/301?to=ftp://b.example/"), REED_OK);
	check_int(w.response->status, 301); /* that way is not for us */
	check_int(get("http://a.example/301?to=/301%3fto=/301%253fto=/301%25253fto=/x"), REED_OK);
	check_int(w.response->status, 301); /* one too many */
	end();
}

static void a_method_changes_as_the_rfc_has_it(void)
{
	begin();
	w.options.redirects = 3;
	check_int(send("POST", "http://a.example/302?to=/x", "body"), REED_OK);
	says("GET a.example /x [secret] [] []");
	check_int(send("POST", "http://a.example/303?to=/x", "body"), REED_OK);
	says("GET a.example /x [secret] [] []");
	check_int(send("POST", "http://a.example/307?to=/x", "body"), REED_OK);
	says("POST a.example /x [secret] [] [body]");
	check_int(send("PUT", "http://a.example/301?to=/x", "body"), REED_OK);
	says("PUT a.example /x [secret] [] [body]");
	check_int(send("PUT", "http://a.example/303?to=/x", "body"), REED_OK);
	says("GET a.example /x [secret] [] []");
	end();
}

static void credentials_do_not_go_to_another_origin(void)
{
	begin();
	w.options.redirects = 3;
	check_int(send("GET", "http://a.example/302?to=http://b.example/x", ""), REED_OK);
	says("GET b.example /x [] [] []");
	check_int(send("GET", "http://a.example/302?to=http://a.example:81/x", ""), REED_OK);
	says("GET a.example:81 /x [] [] []");
	/* nor when the other sends us back */
	check_int(send("GET",
	               "http://a.example/302?to=http://b.example/302%3fto=http://a.example/x", ""),
	          REED_OK);
	says("GET a.example /x [] [] []");
	end();
}

static void cookies_are_kept_and_sent(void)
{
	begin();
	w.options.redirects = 3;
	w.options.jar = reed_http_jar_new();
	check_int(get("http://a.example/302?to=/x"), REED_OK);
	says("GET a.example /x [] [visited=yes] []");
	check_int(get("http://b.example/x"), REED_OK);
	says("GET b.example /x [] [] []");
	end();
	reed_http_jar_free(w.options.jar);
}

/* ---- again ---- */

static void what_may_be_sent_twice_is_sent_again(void)
{
	begin();
	w.options.retries = 3;
	w.failures = 3;
	w.failure = 503;
	check_int(get("http://a.example/x"), REED_OK);
	check_int(w.response->status, 200);
	check_int(w.requests, 4);
	w.failures = w.requests + 4;
	check_int(get("http://a.example/x"), REED_OK);
	check_int(w.response->status, 503); /* enough */
	w.failures = w.requests + 1;
	check_int(send("POST", "http://a.example/x", "once"), REED_OK);
	check_int(w.response->status, 503);
	w.failures = w.requests + 1;
	w.failure = 404;
	check_int(get("http://a.example/x"), REED_OK);
	check_int(w.response->status, 404); /* that will not pass */
	end();
}

static void a_connection_that_is_refused_is_tried_again(void)
{
	begin();
	w.options.retries = 2;
	w.failures = 2;
	check_int(get("http://a.example/x"), REED_OK);
	w.failures = w.requests + 3;
	reed_http_client_free(w.client);
	w.client = NULL;
	check_int(get("http://a.example/x"), REED_EREFUSED);
	end();
}

static void all_of_it_has_its_time(void)
{
	int64_t began;

	begin();
	w.options.total_ms = 1500;
	w.options.retries = 9;
	began = reed_sim_now(w.sim);
	check_int(get("http://a.example/never"), REED_ETIMEDOUT);
	check_int((reed_sim_now(w.sim) - began) / REED_MS(1), 1500);
	reed_http_client_free(w.client);
	w.client = NULL;
	w.options.total_ms = w.options.retries = 0;
	w.options.first_ms = 700;
	began = reed_sim_now(w.sim);
	check_int(get("http://a.example/never"), REED_ETIMEDOUT);
	check_int((reed_sim_now(w.sim) - began) / REED_MS(1), 700);
	end();
}

/* ---- coding ---- */

static void what_is_coded_is_decoded(void)
{
	static const char *const codings[] = { "gzip", "br", "zstd" };
	char url[64];

	begin();
	w.options.decode = true;
	for (size_t i = 0; i < REED_COUNT(codings); i++) {
		snprintf(url, sizeof(url), "http://a.example/%s", codings[i]);
		check_int(get(url), REED_OK);
		says(text);
		check(w.response->decoded);
		check(reed_http_response_progress(w.response) < 100);
	}
	check_int(get("http://a.example/cut"), REED_EPROTO);
	check_int(get("http://a.example/bad"), REED_EPROTO);
	reed_http_client_free(w.client);
	w.client = NULL;
	w.options.decode = false;
	check_int(get("http://a.example/gzip"), REED_OK);
	check_int(w.response->body.n, sizeof(gzipped) - 1);
	check(!w.response->decoded);
	end();
}

static void a_bomb_is_too_big_and_comes_in_pieces(void)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;
	struct reed_slice piece;
	size_t all = 0;

	begin();
	w.options.decode = true;
	check_int(get("http://a.example/bomb"), REED_ETOOBIG); /* 32 MiB, and 16 are allowed */
	what.url = "http://a.example/bomb";
	what.stream = true;
	check_int(fetch(what), REED_OK);
	do {
		check_int(reed_sim_run_until(w.sim, reed_http_response_read(w.response, &piece),
		                             NULL),
		          REED_OK);
		check(piece.n <= 65536);
		all += piece.n;
	} while (piece.n > 0);
	check_int(all, 32 << 20);
	end();
}

/* ---- bodies that come out of a stream ---- */

static void a_stream_is_sent_as_it_comes(void)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;
	struct reed_stream *from;

	begin();
	for (int known = 0; known < 2; known++) {
		reed_stream_pair(w.loop, 0, &from, &what.upload);
		reed_write_str(from, "up it goes");
		reed_close(from);
		what.url = "http://a.example/x";
		what.method = "POST";
		what.upload_size = known ? 10 : -1;
		check_int(fetch(what), REED_OK);
		says("POST a.example /x [] [] [up it goes]");
		reed_close(what.upload);
	}
	end();
}

/* ---- ways ---- */

static void goes_by(const char *url, const char *endpoint)
{
	reed_http_client_free(w.client);
	w.client = NULL;
	check_int(get(url), REED_OK);
	check_str(w.dialled, endpoint);
}

static void proxies_are_gone_through(void)
{
	begin();
	goes_by("http://a.example/x", "tcp:a.example:80");
	goes_by("https://[::1]/x", "tls:[::1]:443");
	w.options.http_proxy = "http://me:word@proxy:3128/";
	w.options.https_proxy = "proxy:3128";
	w.options.no_proxy = "localhost, .inner.example";
	goes_by("http://a.example/x?y", "tcp:proxy:3128");
	says("GET a.example http://a.example/x?y [] [] []");
	goes_by("https://a.example/x", "tls:[http-connect:[tcp:proxy:3128]:a.example:443]");
	goes_by("https://x.inner.example/x", "tls:x.inner.example:443");
	goes_by("http://inner.example/x", "tcp:inner.example:80");
	goes_by("http://dinner.example/x", "tcp:proxy:3128");
	w.options.http_proxy = "socks5h://me:w%3Ard@proxy";
	w.options.no_proxy = NULL;
	goes_by("http://a.example/x",
	        "socks5:[tcp:proxy:1080]:a.example:80:user=me:password=w%3Ard");
	w.options.no_proxy = "*";
	goes_by("http://a.example/x", "tcp:a.example:80");
	w.options.no_proxy = NULL;
	w.options.http_proxy = "gopher://proxy";
	reed_http_client_free(w.client);
	w.client = NULL;
	check_int(get("http://a.example/x"), REED_ESYNTAX);
	end();
}

static void a_host_that_wants_tls_gets_it(void)
{
	begin();
	w.options.hsts = true;
	check_int(get("http://a.example/hsts"), REED_OK); /* in clear it says nothing */
	check_int(get("http://a.example/x"), REED_OK);
	check_str(w.dialled, "tcp:a.example:80");
	check_int(get("https://a.example/hsts"), REED_OK);
	check_int(get("http://a.example/x"), REED_OK);
	check_str(w.dialled, "tls:a.example:443");
	check_str(w.response->url, "https://a.example/x");
	check_int(get("http://b.a.example:8080/x"), REED_OK);
	check_str(w.dialled, "tls:b.a.example:8080");
	reed_sim_run_for(w.sim, REED_S(101));
	check_int(get("http://c.a.example/x"), REED_OK);
	check_str(w.dialled, "tcp:c.a.example:80");
	end();
}

static void netrc_says_who_to_be(void)
{
	begin();
	w.options.redirects = 1;
	w.options.netrc = "# people\nmacdef x\nmachine a.example\n\n"
			  "machine a.example login me password word\n"
			  "machine b.example login other\n password more\n";
	check_int(get("http://a.example/x"), REED_OK);
	says("GET a.example /x [Basic bWU6d29yZA==] [] []");
	check_int(get("http://a.example/302?to=http://b.example/x"), REED_OK);
	says("GET b.example /x [Basic b3RoZXI6bW9yZQ==] [] []");
	check_int(get("http://c.example/x"), REED_OK);
	says("GET c.example /x [] [] []");
	check_int(send("GET", "http://a.example/x", ""), REED_OK);
	says("GET a.example /x [secret] [] []");
	end();
}

static void parameters_and_a_login_are_encoded(void)
{
	const struct reed_http_field params[] = {
		{ REED_STR("a b"), REED_STR("1&2=\xc3\xa4") },
		{ REED_STR("empty"), REED_STR("") },
	};
	struct reed_http_fetch what = REED_HTTP_FETCH;

	begin();
	w.options.redirects = 2;
	what.params = params;
	what.param_count = 2;
	what.login = "me:word";
	what.url = "http://a.example/x#here";
	check_int(fetch(what), REED_OK);
	says("GET a.example /x?a%20b=1%262%3D%C3%A4&empty= [Basic bWU6d29yZA==] [] []");
	what.url = "http://a.example/x?first=1";
	what.param_count = 1;
	check_int(fetch(what), REED_OK);
	says("GET a.example /x?first=1&a%20b=1%262%3D%C3%A4 [Basic bWU6d29yZA==] [] []");
	what.param_count = 0;
	what.url = "http://a.example/302?to=http://b.example/x";
	check_int(fetch(what), REED_OK);
	says("GET b.example /x [] [] []");
	what.login = "nobody";
	check_int(fetch(what), REED_ESYNTAX);
	end();
}

static void no_more_are_under_way_than_may_be(void)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;
	struct reed_http_response *first = NULL;
	struct reed_slice piece;

	begin();
	w.options.at_once = 1;
	w.options.total_ms = 1000;
	what.url = "http://a.example/x";
	what.stream = true;
	check_int(get("http://a.example/x"), REED_OK); /* which is over */
	check_int(fetch(what), REED_OK);
	first = w.response;
	w.response = NULL;
	check_int(get("http://a.example/x"), REED_ETIMEDOUT);
	do
		check_int(reed_sim_run_until(w.sim, reed_http_response_read(first, &piece), NULL),
		          REED_OK);
	while (piece.n > 0);
	check_int(get("http://a.example/x"), REED_OK);
	reed_http_response_free(first);
	check_int(fetch(what), REED_OK);
	first = w.response;
	w.response = NULL;
	reed_http_response_free(first); /* unread */
	check_int(get("http://a.example/x"), REED_OK);
	end();
}

int main(void)
{
	RUN(redirects_are_followed_where_that_was_asked_for);
	RUN(a_method_changes_as_the_rfc_has_it);
	RUN(credentials_do_not_go_to_another_origin);
	RUN(cookies_are_kept_and_sent);
	RUN(what_may_be_sent_twice_is_sent_again);
	RUN(a_connection_that_is_refused_is_tried_again);
	RUN(all_of_it_has_its_time);
	RUN(what_is_coded_is_decoded);
	RUN(a_bomb_is_too_big_and_comes_in_pieces);
	RUN(a_stream_is_sent_as_it_comes);
	RUN(proxies_are_gone_through);
	RUN(a_host_that_wants_tls_gets_it);
	RUN(netrc_says_who_to_be);
	RUN(parameters_and_a_login_are_encoded);
	RUN(no_more_are_under_way_than_may_be);
	return 0;
}
