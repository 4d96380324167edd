/* Heads of requests and responses: what is taken, what is refused, and how it is cut up. */

#include "tests/check.h"

#include "reed/http/message.h"

#define ROOM 16

static struct reed_http_field fields[ROOM];
static struct reed_http_head head = { .fields = fields, .room = ROOM };
static size_t used;

static enum reed_err parse(const char *text)
{
	size_t scanned = 0;

	return reed_http_parse_request(reed_slice_of(text), NULL, &head, &scanned, &used);
}

static enum reed_err parse_response(const char *text, enum reed_http_method method)
{
	size_t scanned = 0;

	return reed_http_parse_response(reed_slice_of(text), method, NULL, &head, &scanned, &used);
}

/* With a request line and a Host in front, and the empty line behind. */
static enum reed_err parse_with(const char *lines)
{
	char text[4096];

	snprintf(text, sizeof(text), "POST / HTTP/1.1\r\nHost: a\r\n%s\r\n", lines);
	return parse(text);
}

static void refused(enum reed_err err, unsigned status)
{
	check(err == REED_EPROTO || err == REED_ETOOBIG || err == REED_ENOTSUP);
	check(head.why != NULL);
	check_int(head.status, status);
	check_int(used, 0);
}

static void a_request_is_cut_into_its_parts(void)
{
	check_int(parse("GET /a/b?c=d HTTP/1.1\r\nHost: example.org:80\r\nX:\t two words \r\n\r\n"
	                "more"),
	          REED_OK);
	check_int(head.method, REED_HTTP_GET);
	check_slice(head.target, "/a/b?c=d");
	check_slice(head.path, "/a/b");
	check_slice(head.query, "c=d");
	check_slice(head.host, "example.org:80");
	check_int(head.minor, 1);
	check_int(head.count, 2);
	check_slice(fields[1].value, "two words");
	check_int(used, 63);
	check_int(head.framing, REED_HTTP_NO_BODY);
}

static void a_head_may_come_byte_by_byte(void)
{
	const char *text = "\r\nPUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";
	size_t n = strlen(text), scanned = 0;

	for (size_t i = 0; i < n; i++)
		check_int(reed_http_parse_request(reed_slice(text, i), NULL, &head, &scanned,
		                                  &used),
		          REED_EAGAIN);
	check_int(reed_http_parse_request(reed_slice(text, n), NULL, &head, &scanned, &used),
	          REED_OK);
	check_int(head.length, 5);
	check_int(used, n);
}

static void what_can_only_be_wrong_is_refused_before_its_end(void)
{
	const char *text = "GET / HTTP/1.1\r\nHost: a\r\nBad : b";
	size_t scanned = 0;

	check_int(reed_http_parse_request(reed_slice(text, 20), NULL, &head, &scanned, &used),
	          REED_EAGAIN);
	refused(parse("GET / HTTP/1.1\nHost: a\n\n"), 400);
	refused(parse("GET / HTTP/1.1\r\nHost: a\n"), 400);
	refused(parse("\x16\x03\x01\x02"), 400);
}

static void a_length_that_is_repeated_is_refused(void)
{
	refused(parse_with("Content-Length: 5\r\nContent-Length: 6\r\n"), 400);
	refused(parse_with("Content-Length: 5\r\nContent-Length: 5\r\n"), 400);
	refused(parse_with("Content-Length: 5, 5\r\n"), 400);
}

static void a_length_that_is_not_digits_is_refused(void)
{
	refused(parse_with("Content-Length: +5\r\n"), 400);
	refused(parse_with("Content-Length: -1\r\n"), 400);
	refused(parse_with("Content-Length: 0x5\r\n"), 400);
	refused(parse_with("Content-Length: 5 5\r\n"), 400);
	refused(parse_with("Content-Length:\r\n"), 400);
	refused(parse_with("Content-Length: 99999999999999999999\r\n"), 400);
}

static void a_length_and_a_coding_exclude_each_other(void)
{
	refused(parse_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400);
	refused(parse_with("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"), 400);
}

static void only_chunked_is_a_coding(void)
{
	check_int(parse_with("Transfer-Encoding: chunked\r\n"), REED_OK);
	check_int(head.framing, REED_HTTP_CHUNKED);
	check_int(parse_with("transfer-encoding: Chunked\r\n"), REED_OK);
	refused(parse_with("Transfer-Encoding: gzip, chunked\r\n"), 501);
	refused(parse_with("Transfer-Encoding: gzip\r\n"), 501);
	refused(parse_with("Transfer-Encoding: chunked, chunked\r\n"), 400);
	refused(parse_with("Transfer-Encoding: chunked, identity\r\n"), 400);
	refused(parse_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400);
	refused(parse_with("Transfer-Encoding:\r\n"), 400);
	refused(parse_with("Transfer-Encoding: xchunked\r\n"), 501);
	refused(parse_with("Transfer-Encoding: \"chunked\"\r\n"), 501);
	refused(parse("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

static void a_space_before_the_colon_is_refused(void)
{
	refused(parse_with("Content-Length : 5\r\n"), 400);
	refused(parse_with("Content-Length\t: 5\r\n"), 400);
	refused(parse_with("Transfer-Encoding : chunked\r\n"), 400);
}

static void a_folded_line_is_refused(void)
{
	refused(parse_with("A: b\r\n c\r\n"), 400);
	refused(parse_with("A: b\r\n\tc\r\n"), 400);
	refused(parse("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), 400);
}

static void bare_ends_of_lines_and_controls_are_refused(void)
{
	refused(parse_with("A: b\nC: d\r\n"), 400);
	refused(parse_with("A: b\rC: d\r\n"), 400);
	refused(parse_with("A: b\x01\r\n"), 400);
	refused(parse_with("A: b\x7f\r\n"), 400);
	refused(parse("GET /\r HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	refused(parse("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"), 400);
}

static void a_nul_is_refused_everywhere(void)
{
	char text[] = "GET /abc HTTP/1.1\r\nHost: a\r\nName: value\r\n\r\n";
	size_t n = sizeof(text) - 1, scanned;

	for (size_t i = 0; i < n; i++) {
		char was = text[i];

		text[i] = '\0';
		scanned = 0;
		refused(reed_http_parse_request(reed_slice(text, n), NULL, &head, &scanned, &used),
		        400);
		text[i] = was;
	}
}

static void a_name_is_a_token(void)
{
	refused(parse_with(": b\r\n"), 400);
	refused(parse_with("A B: c\r\n"), 400);
	refused(parse_with("A(: c\r\n"), 400);
	refused(parse_with("no colon\r\n"), 400);
}

static void a_host_is_there_once_and_is_one(void)
{
	refused(parse("GET / HTTP/1.1\r\n\r\n"), 400);
	refused(parse("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), 400);
	refused(parse("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400);
	refused(parse("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"), 400);
	refused(parse("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), 400);
	refused(parse("GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n"), 400);
	refused(parse("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"), 400);
	refused(parse("GET / HTTP/1.1\r\nHost: [[::1]:80\r\n\r\n"), 400);
	refused(parse("GET / HTTP/1.1\r\nHost: a[1]\r\n\r\n"), 400);
	refused(parse("GET / HTTP/1.1\r\nHost: [::1]a\r\n\r\n"), 400);
	check_int(parse("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"), REED_OK);
	check_int(parse("GET / HTTP/1.0\r\n\r\n"), REED_OK);
}

static void targets_have_four_forms(void)
{
	check_int(parse("GET http://b:1/c?d HTTP/1.1\r\nHost: a\r\n\r\n"), REED_OK);
	check_int(head.form, REED_HTTP_ABSOLUTE);
	check_slice(head.host, "b:1");
	check_slice(head.path, "/c");
	check_int(parse("GET http://b?d HTTP/1.1\r\nHost: a\r\n\r\n"), REED_OK);
	check_slice(head.path, "/");
	check_int(parse("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), REED_OK);
	check_int(head.form, REED_HTTP_ASTERISK);
	check_int(parse("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"), REED_OK);
	check_int(head.form, REED_HTTP_AUTHORITY);
}

static void a_form_of_another_method_is_refused(void)
{
	refused(parse("GET * HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	refused(parse("GET a:443 HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	refused(parse("CONNECT /a HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	refused(parse("CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	refused(parse("CONNECT a: HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	refused(parse("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	refused(parse("GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	refused(parse("GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	refused(parse("GET a HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	refused(parse("GET /#a HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

static void versions_are_told_apart(void)
{
	refused(parse("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
	refused(parse("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
	refused(parse("GET / HTTP/3.7\r\nHost: a\r\n\r\n"), 505);
	refused(parse("GET / HTTP/1\r\nHost: a\r\n\r\n"), 400);
	refused(parse("GET / http/1.1\r\nHost: a\r\n\r\n"), 400);
	refused(parse("GET /\r\n"), 400);
	refused(parse("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
	refused(parse("GET / HTTP/1.1 \r\nHost: a\r\n\r\n"), 400);
	check_int(parse("GET / HTTP/1.9\r\nHost: a\r\n\r\n"), REED_OK);
	check_int(head.minor, 1);
}

static void limits_have_statuses(void)
{
	static char text[70000];
	struct reed_http_wire_limits limits = { .line = 100, .head = 300, .fields = 3 };
	size_t scanned = 0, n;

	memset(text, 'a', sizeof(text));
	memcpy(text, "GET /", 5);
	refused(reed_http_parse_request(reed_slice(text, 120), &limits, &head, &scanned, &used),
	        414);
	n = (size_t)snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: a\r\nA: ");
	memset(text + n, 'a', sizeof(text) - n);
	scanned = 0;
	refused(reed_http_parse_request(reed_slice(text, 310), &limits, &head, &scanned, &used),
	        431);
	n = (size_t)snprintf(text, sizeof(text),
	                     "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n");
	scanned = 0;
	refused(reed_http_parse_request(reed_slice(text, n), &limits, &head, &scanned, &used), 431);
}

static void what_concerns_the_connection_is_seen(void)
{
	check_int(parse_with("Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"), REED_OK);
	check(head.has_upgrade && head.keep_alive && !head.close);
	check(reed_http_list_has(head.upgrade, "websocket"));
	check_int(parse_with("Connection: Close\r\nExpect: 100-Continue\r\n"), REED_OK);
	check(head.close && head.expects_continue);
	check_int(parse_with("Expect: 200-ok\r\n"), REED_OK);
	check(head.expects_other);
}

static void a_response_says_how_its_body_ends(void)
{
	check_int(parse_response("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", REED_HTTP_GET),
	          REED_OK);
	check_int(head.framing, REED_HTTP_LENGTH);
	check_slice(head.reason, "OK");
	check_int(parse_response("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", REED_HTTP_HEAD),
	          REED_OK);
	check_int(head.framing, REED_HTTP_NO_BODY);
	check_int(parse_response("HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n",
	                         REED_HTTP_GET),
	          REED_OK);
	check_int(head.framing, REED_HTTP_NO_BODY);
	check_int(parse_response("HTTP/1.1 200\r\n\r\n", REED_HTTP_GET), REED_OK);
	check_int(head.framing, REED_HTTP_UNTIL_CLOSE);
	check_int(parse_response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
	                         REED_HTTP_GET),
	          REED_OK);
	check_int(head.framing, REED_HTTP_CHUNKED);
	check_int(parse_response("HTTP/1.1 101 X\r\nConnection: upgrade\r\n\r\n", REED_HTTP_GET),
	          REED_OK);
	check_int(head.framing, REED_HTTP_NO_BODY);
}

static void a_response_that_two_readers_could_take_differently_is_refused(void)
{
	const char *const wrong[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
		"HTTP/1.1 20 OK\r\n\r\n     ",
		"HTTP/1.1 2000 OK\r\n\r\n   ",
		"HTTP/1.1  200 OK\r\n\r\n   ",
		"HTTP/1.1 200 OK\nA: b\r\n\r\n",
		"HTTP/2.0 200 OK\r\n\r\n    ",
	};

	for (size_t i = 0; i < REED_COUNT(wrong); i++) {
		enum reed_err err = parse_response(wrong[i], REED_HTTP_GET);

		check(err == REED_EPROTO || err == REED_ENOTSUP);
		check(head.why != NULL);
	}
}

/* RFC 9112 4: the status is there; the space behind it often is not. */
static void a_short_status_line_is_judged_at_once(void)
{
	const char *const wrong[] = { "HTTP/1.1\r\n",
		                      "HTTP/1.1 2\r\n",
		                      "HTTP/1.1 20\r\n",
		                      "HTTP/1.1 \r\n\r\n",
		                      "HTTP 200\n",
		                      "\r\n",
		                      "HTTQ",
		                      "220 smtp" };
	const char *good = "HTTP/1.1 200\r\n\r\n";
	size_t n = strlen(good), scanned = 0;

	for (size_t i = 0; i < REED_COUNT(wrong); i++) {
		check_int(parse_response(wrong[i], REED_HTTP_GET), REED_EPROTO);
		check(head.why != NULL);
	}
	for (size_t i = 0; i < n; i++)
		check_int(reed_http_parse_response(reed_slice(good, i), REED_HTTP_GET, NULL, &head,
		                                   &scanned, &used),
		          REED_EAGAIN);
	check_int(reed_http_parse_response(reed_slice_of(good), REED_HTTP_GET, NULL, &head,
	                                   &scanned, &used),
	          REED_OK);
	check_int(head.status, 200);
	check_slice(head.reason, "");
}

static void a_head_can_be_moved(void)
{
	char text[] = "GET /a?b HTTP/1.1\r\nHost: c\r\n\r\n", copy[sizeof(text)];

	check_int(parse(text), REED_OK);
	memcpy(copy, text, sizeof(text));
	reed_http_head_move(&head, text, used, copy);
	memset(text, 'x', sizeof(text));
	check_slice(head.path, "/a");
	check_slice(head.query, "b");
	check_slice(head.host, "c");
	check_slice(fields[0].name, "Host");
}

int main(void)
{
	RUN(a_request_is_cut_into_its_parts);
	RUN(a_head_may_come_byte_by_byte);
	RUN(what_can_only_be_wrong_is_refused_before_its_end);
	RUN(a_length_that_is_repeated_is_refused);
	RUN(a_length_that_is_not_digits_is_refused);
	RUN(a_length_and_a_coding_exclude_each_other);
	RUN(only_chunked_is_a_coding);
	RUN(a_space_before_the_colon_is_refused);
	RUN(a_folded_line_is_refused);
	RUN(bare_ends_of_lines_and_controls_are_refused);
	RUN(a_nul_is_refused_everywhere);
	RUN(a_name_is_a_token);
	RUN(a_host_is_there_once_and_is_one);
	RUN(targets_have_four_forms);
	RUN(a_form_of_another_method_is_refused);
	RUN(versions_are_told_apart);
	RUN(limits_have_statuses);
	RUN(what_concerns_the_connection_is_seen);
	RUN(a_response_says_how_its_body_ends);
	RUN(a_response_that_two_readers_could_take_differently_is_refused);
	RUN(a_short_status_line_is_judged_at_once);
	RUN(a_head_can_be_moved);
	return 0;
}
