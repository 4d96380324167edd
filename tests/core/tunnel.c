/* Through proxies: SOCKS5, SOCKS4a and HTTP CONNECT, and what proxies do wrong. */

#include "reed/tunnel.h"

#include "core/os.h"
#include "reed/endpoint.h"
#include "tests/core/tools.h"

static struct reed_stream *us, *proxy;
static struct owner tunnel;
static struct reed_tunnel_options options;

typedef struct reed_future *tunnel_fn(struct reed_stream *s,
                                      const struct reed_tunnel_options *options);

static void begin(tunnel_fn *fn, const char *host, const char *user, const char *password)
{
	lab_open();
	reed_stream_pair(loop, 0, &us, &proxy);
	options = (struct reed_tunnel_options)REED_TUNNEL_OPTIONS;
	options.host = host;
	options.port = 6697;
	options.user = user;
	options.password = password;
	own(&tunnel, fn(us, &options));
}

static void end(void)
{
	disown(&tunnel);
	reed_abort(us);
	reed_abort(proxy);
	lab_close();
}

/* The proxy has heard exactly this. */
static void hears(struct reed_slice bytes)
{
	struct reed_slice heard;

	check_int(outcome(reed_read_exactly(proxy, bytes.n, &heard)), REED_OK);
	check(reed_slice_eq(heard, bytes));
	check_int(reed_peek(proxy).n, 0);
}

static void answers(struct reed_slice bytes)
{
	reed_write(proxy, bytes);
}

static void is_through(void)
{
	until(tunnel.told);
	check_int(tunnel.err, REED_OK);
}

static void fails(enum reed_err err, const char *why)
{
	until(tunnel.told);
	check_int(tunnel.err, err);
	check_str(tunnel.why, why);
}

#define TO(kind) "through the " kind " proxy at local to "

/* ---- SOCKS5 ---- */

#define ASKED_BY_NAME "\5\1\0\3\13example.org\32\51"

static void socks5_lets_the_proxy_resolve_a_name(void)
{
	begin(reed_socks5, "Example.org", NULL, NULL);
	hears(REED_STR("\5\1\0"));
	answers(REED_STR("\5\0"));
	hears(REED_STR(ASKED_BY_NAME));
	answers(REED_STR("\5\0\0\1\0\0\0\0\0\0:welcome"));
	is_through();
	check_int(outcome(reed_more(us)), REED_OK);
	check_slice(reed_peek(us), ":welcome");
	end();
}

static void socks5_tells_addresses_as_such(void)
{
	begin(reed_socks5, "192.0.2.1", NULL, NULL);
	hears(REED_STR("\5\1\0"));
	answers(REED_STR("\5\0"));
	hears(REED_STR("\5\1\0\1\300\0\2\1\32\51"));
	answers(REED_STR("\5\0\0\3\3abc\0\0"));
	is_through();
	end();
	begin(reed_socks5, "2001:db8::1", NULL, NULL);
	hears(REED_STR("\5\1\0"));
	answers(REED_STR("\5\0"));
	hears(REED_STR("\5\1\0\4\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\32\51"));
	answers(REED_STR("\5\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
	is_through();
	end();
}

static void socks5_logs_in_when_asked_to(void)
{
	begin(reed_socks5, "example.org", "alice", "secret");
	hears(REED_STR("\5\2\0\2"));
	answers(REED_STR("\5\2"));
	hears(REED_STR("\1\5alice\6secret"));
	answers(REED_STR("\1\0"));
	hears(REED_STR(ASKED_BY_NAME));
	answers(REED_STR("\5\0\0\1\0\0\0\0\0\0"));
	is_through();
	end();
	begin(reed_socks5, "example.org", "alice", "secret");
	hears(REED_STR("\5\2\0\2"));
	answers(REED_STR("\5\2"));
	hears(REED_STR("\1\5alice\6secret"));
	answers(REED_STR("\1\1"));
	fails(REED_EAUTH, TO("SOCKS5") "example.org port 6697: it does not accept this user and "
	                               "password");
	end();
}

static void socks5_understands_an_answer_byte_by_byte(void)
{
	static const char answer[] = "\5\0\0\3\5proxy\0\0x";

	begin(reed_socks5, "example.org", NULL, NULL);
	hears(REED_STR("\5\1\0"));
	answers(REED_STR("\5"));
	turns(3);
	answers(REED_STR("\0"));
	hears(REED_STR(ASKED_BY_NAME));
	for (size_t i = 0; i < sizeof(answer) - 1; i++) {
		check_int(tunnel.told, i == sizeof(answer) - 2);
		answers(reed_slice(answer + i, 1));
		turns(5);
	}
	check_int(outcome(reed_more(us)), REED_OK);
	check_slice(reed_peek(us), "x");
	end();
}

static void socks5_refusals_have_words(void)
{
	static const struct {
		char code;
		enum reed_err err;
		const char *why;
	} cases[] = {
		{ (char)0xf0, REED_EHOSTUNREACH,
		  TO("SOCKS5") "h port 6697: the onion service is not published; it may be down" },
		{ (char)0xf7, REED_ETIMEDOUT,
		  TO("SOCKS5") "h port 6697: the introduction to the onion service timed out" },
		{ (char)0xf8, REED_EPROTO,
		  TO("SOCKS5") "h port 6697: it answered 0xf8, which means nothing" },
		{ 1, REED_EIO, TO("SOCKS5") "h port 6697: it failed" },
		{ 2, REED_EACCES, TO("SOCKS5") "h port 6697: its rules do not allow this" },
		{ 3, REED_ENETUNREACH, TO("SOCKS5") "h port 6697: it cannot reach that network" },
		{ 4, REED_EHOSTUNREACH, TO("SOCKS5") "h port 6697: it cannot reach that host" },
		{ 5, REED_EREFUSED, TO("SOCKS5") "h port 6697: the host refused the connection" },
		{ 9, REED_EPROTO,
		  TO("SOCKS5") "h port 6697: it answered 0x09, which means nothing" },
	};

	for (size_t i = 0; i < REED_COUNT(cases); i++) {
		begin(reed_socks5, "h", NULL, NULL);
		hears(REED_STR("\5\1\0"));
		answers(REED_STR("\5\0"));
		hears(REED_STR("\5\1\0\3\1h\32\51"));
		answers(reed_slice((const char[]){ 5, cases[i].code }, 2));
		fails(cases[i].err, cases[i].why);
		end();
	}
}

static void a_socks5_proxy_that_lies_is_found_out(void)
{
	static const struct {
		struct reed_slice said;
		enum reed_err err;
		const char *why;
	} cases[] = {
		{ { "HTTP/1.1 400", 12 },
		  REED_EPROTO,
		  TO("SOCKS5") "h port 6697: its answer begins with byte 0x48, which is no SOCKS5" },
		{ { "\5\2", 2 },
		  REED_EAUTH,
		  TO("SOCKS5") "h port 6697: it wants a user and password, or another way to log in" },
		{ { "\5\xff", 2 },
		  REED_EAUTH,
		  TO("SOCKS5") "h port 6697: it wants a user and password, or another way to log in" },
		{ { "\5\1", 2 },
		  REED_EPROTO,
		  TO("SOCKS5") "h port 6697: it chose a way to log in that was not offered (0x01)" },
		{ { "\5\0\4\0", 4 },
		  REED_EPROTO,
		  TO("SOCKS5") "h port 6697: its answer begins with byte 0x04, which is no SOCKS5" },
		{ { "\5\0\5\0\0\2\0", 7 },
		  REED_EPROTO,
		  TO("SOCKS5") "h port 6697: its answer begins with byte 0x02, which is no kind of "
		               "address" },
	};

	for (size_t i = 0; i < REED_COUNT(cases); i++) {
		begin(reed_socks5, "h", NULL, NULL);
		answers(cases[i].said);
		fails(cases[i].err, cases[i].why);
		end();
	}
}

static void a_proxy_that_stalls_is_given_up(void)
{
	int64_t start;

	begin(reed_socks5, "h", NULL, NULL);
	start = reed_now(loop);
	hears(REED_STR("\5\1\0"));
	answers(REED_STR("\5\0"));
	fails(REED_ETIMEDOUT, TO("SOCKS5") "h port 6697: timed out after 60000 ms");
	check_int(reed_now(loop) - start, REED_S(60));
	end();
}

static void a_proxy_that_goes_is_told_of(void)
{
	begin(reed_socks5, "h", NULL, NULL);
	hears(REED_STR("\5\1\0"));
	answers(REED_STR("\5"));
	reed_shutdown(proxy);
	fails(REED_EEOF, TO("SOCKS5") "h port 6697: it did not answer: end of stream");
	end();
}

static void what_socks5_cannot_say_is_not_said(void)
{
	char name[300];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	begin(reed_socks5, "h", name, "x");
	fails(REED_EINVAL, TO("SOCKS5") "h port 6697: a user has 1 to 255 bytes in SOCKS5");
	end();
	begin(reed_socks5, "h", "x", name);
	fails(REED_EINVAL, TO("SOCKS5") "h port 6697: a password has 1 to 255 bytes in SOCKS5");
	end();
	begin(reed_socks5, "no host", NULL, NULL);
	until(tunnel.told);
	check_int(tunnel.err, REED_ESYNTAX);
	end();
}

static void a_tunnel_may_be_dropped_at_any_point(void)
{
	begin(reed_socks5, "h", "alice", "secret");
	end();
	begin(reed_socks5, "h", "alice", "secret");
	turns(2);
	end();
	begin(reed_socks5, "h", "alice", "secret");
	answers(REED_STR("\5\2"));
	hears(REED_STR("\5\2\0\2\1\5alice\6secret"));
	end();
}

/* ---- SOCKS4a ---- */

static void socks4a_asks_by_name_or_address(void)
{
	begin(reed_socks4a, "example.org", "alice", NULL);
	hears(REED_STR("\4\1\32\51\0\0\0\1alice\0example.org\0"));
	answers(REED_STR("\0\132\0\0\0\0\0\0early"));
	is_through();
	check_slice(reed_peek(us), "early");
	end();
	begin(reed_socks4a, "192.0.2.1", NULL, NULL);
	hears(REED_STR("\4\1\32\51\300\0\2\1\0"));
	answers(REED_STR("\0\133\0\0\0\0\0\0"));
	fails(REED_EREFUSED,
	      TO("SOCKS4a") "192.0.2.1 port 6697: it refuses, or could not connect (91)");
	end();
}

static void a_socks4a_proxy_that_is_none_is_found_out(void)
{
	begin(reed_socks4a, "h", NULL, NULL);
	answers(REED_STR("\4"));
	fails(REED_EPROTO,
	      TO("SOCKS4a") "h port 6697: its answer begins with byte 0x04, which is no SOCKS4a");
	end();
	begin(reed_socks4a, "h", "a", "b");
	fails(REED_EINVAL, TO("SOCKS4a") "h port 6697: SOCKS4a has no passwords; SOCKS5 has");
	end();
}

/* ---- HTTP ---- */

static void connect_asks_as_http_has_it(void)
{
	begin(reed_http_connect, "example.org", NULL, NULL);
	hears(REED_STR("CONNECT example.org:6697 HTTP/1.1\r\nHost: example.org:6697\r\n\r\n"));
	answers(REED_STR("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n:welcome"));
	is_through();
	check_int(outcome(reed_more(us)), REED_OK);
	check_slice(reed_peek(us), ":welcome");
	end();
}

static void connect_logs_in_and_writes_ipv6_in_brackets(void)
{
	begin(reed_http_connect, "2001:db8::1", "Aladdin", "open sesame");
	hears(REED_STR("CONNECT [2001:db8::1]:6697 HTTP/1.1\r\nHost: [2001:db8::1]:6697\r\n"
	               "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"));
	answers(REED_STR("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.0 204\r\n\r\n"));
	is_through();
	check_int(reed_peek(us).n, 0);
	end();
}

static void connect_tells_status_and_reason(void)
{
	begin(reed_http_connect, "h", "alice", "hunter2");
	answers(REED_STR("HTTP/1.1 407 Proxy Authentication\x1b Required\r\n\r\n"));
	fails(REED_EAUTH, TO("HTTP") "h port 6697: it answered 407 Proxy Authentication? Required");
	check(!strstr(tunnel.why, "hunter2"));
	end();
	begin(reed_http_connect, "h", "alice", "hunter2");
	answers(REED_STR("HTTP/1.1 407 no such password: hunter2\r\n\r\n"));
	fails(REED_EAUTH, TO("HTTP") "h port 6697: it answered 407");
	end();
	begin(reed_http_connect, "h", NULL, NULL);
	answers(REED_STR("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\nsorry"));
	fails(REED_EHOSTUNREACH, TO("HTTP") "h port 6697: it answered 502 Bad Gateway");
	end();
}

static void an_http_proxy_that_lies_is_found_out(void)
{
	static const char *const answers_of[] = {
		"SSH-2.0-OpenSSH\r\n",
		"HTTP/2 200\r\n\r\n",
		"HTTP/1.1 2000 OK\r\n\r\n",
		"HTTP/1.1 20\r\n\r\n",
		"HTTP/1.1  200 OK\r\n\r\n",
		"HTTP/1.x 200 OK\r\n\r\n",
		"HTTP/1.1 -12 OK\r\n\r\n",
		"HTTP/1.1 099 OK\r\n\r\n",
		"HTTP/1.1 101 Switching Protocols\r\n\r\n",
		"\r\n\r\n",
	};

	for (size_t i = 0; i < REED_COUNT(answers_of); i++) {
		begin(reed_http_connect, "h", NULL, NULL);
		answers(reed_slice_of(answers_of[i]));
		until(tunnel.told);
		check_int(tunnel.err, REED_EPROTO);
		end();
	}
}

static void an_answer_of_http_has_a_limit(void)
{
	begin(reed_http_connect, "h", NULL, NULL);
	answers(REED_STR("HTTP/1.1 200 OK\r\n"));
	for (int i = 0; i < 1700; i++)
		answers(REED_STR("X: 567890\r"));
	fails(REED_ETOOBIG, TO("HTTP") "h port 6697: its answer has more than 16384 bytes");
	end();
	begin(reed_http_connect, "h", NULL, NULL);
	for (int i = 0; i < 9; i++)
		answers(REED_STR("HTTP/1.1 100 Continue\r\n\r\n"));
	fails(REED_EPROTO, TO("HTTP") "h port 6697: its answer does not come to an end");
	end();
}

static void what_http_cannot_say_is_not_said(void)
{
	begin(reed_http_connect, "h", "a:b", NULL);
	fails(REED_EINVAL, TO("HTTP") "h port 6697: a user has no colon, and a password no line "
	                              "breaks, in HTTP");
	end();
	begin(reed_http_connect, "h", "a", "b\r\nX: y");
	fails(REED_EINVAL, TO("HTTP") "h port 6697: a user has no colon, and a password no line "
	                              "breaks, in HTTP");
	end();
}

/* ---- endpoints ---- */

static void says(const char *endpoint, const char *sentence)
{
	struct reed_stream *s = NULL;

	check_int(outcome(reed_dial(loop, endpoint, &s)), REED_ESYNTAX);
	if (!why_is(sentence))
		abort();
}

static void no_password_stands_in_an_error(void)
{
	lab_open();
	says("socks5:[tcp:h:1]:h:port:user=a:password=sesame",
	     "\"socks5:[tcp:h:1]:h:port:user=a:password=***\", column 20: \"port\" is no port; a "
	     "number from 0 to 65535 must stand here");
	says("socks5:[tcp:h:1]:h:1:password=sesame:user=a:timeout=x",
	     "\"socks5:[tcp:h:1]:h:1:password=***:user=a:timeout=x\", column 50: a number up to "
	     "86400 must stand here");
	says("socks5:[tcp:h:1]:h:1:password=sesame",
	     "\"socks5:[tcp:h:1]:h:1:password=***\", column 31: a password needs a user=NAME");
	says("socks5:[tcp:h:1]:h:1:user=a:password=sesame:moon",
	     "\"socks5:[tcp:h:1]:h:1:user=a:password=***\", column 41: an argument behind a "
	     "key=value; arguments go first, and a colon in a value is written \\:");
	says("tls:[socks5:[tcp:h:1]:h:1:user=a:password=ses\\:a\\]me]:nmae=x",
	     "\"tls:[socks5:[tcp:h:1]:h:1:user=a:password=***]:nmae=x\", column 53: tls has no key "
	     "\"nmae\"; did you mean name?");
	lab_close();
}

static void the_host_is_found_through_what_stands_in_between(void)
{
	static const char *const cases[][2] = {
		{ "tcp:example.org:443", "example.org" },
		{ "tcp:[::1]:443", "::1" },
		{ "socks5:[tcp:127.0.0.1:1080]:example.org:443", "example.org" },
		{ "haproxy:[socks4a:[tcp:p:1]:example.org:443]:version=1", "example.org" },
		{ "http-connect:[tls:[tcp:p:1]]:example.org:443", "example.org" },
		{ "tls:[haproxy:[tcp:example.org:443]]", "example.org" },
		{ "tls:example.org:443", "example.org" },
		{ "unix:/run/x", NULL },
		{ "haproxy:[unix:/run/x]", NULL },
		{ "haproxy:[", NULL },
	};

	for (size_t i = 0; i < REED_COUNT(cases); i++) {
		char *host = reed_endpoint_host(reed_slice_of(cases[i][0]));

		if (cases[i][1])
			check_str(host, cases[i][1]);
		else
			check(!host);
		reed_free(host);
	}
}

int main(void)
{
	RUN(socks5_lets_the_proxy_resolve_a_name);
	RUN(socks5_tells_addresses_as_such);
	RUN(socks5_logs_in_when_asked_to);
	RUN(socks5_understands_an_answer_byte_by_byte);
	RUN(socks5_refusals_have_words);
	RUN(a_socks5_proxy_that_lies_is_found_out);
	RUN(a_proxy_that_stalls_is_given_up);
	RUN(a_proxy_that_goes_is_told_of);
	RUN(what_socks5_cannot_say_is_not_said);
	RUN(a_tunnel_may_be_dropped_at_any_point);
	RUN(socks4a_asks_by_name_or_address);
	RUN(a_socks4a_proxy_that_is_none_is_found_out);
	RUN(connect_asks_as_http_has_it);
	RUN(connect_logs_in_and_writes_ipv6_in_brackets);
	RUN(connect_tells_status_and_reason);
	RUN(an_http_proxy_that_lies_is_found_out);
	RUN(an_answer_of_http_has_a_limit);
	RUN(what_http_cannot_say_is_not_said);
	RUN(no_password_stands_in_an_error);
	RUN(the_host_is_found_through_what_stands_in_between);
	return 0;
}
