/* Lines of the access log, and the file they go to. */

#include "tests/check.h"

#include <stdlib.h>
#include <unistd.h>

#include "reed/alloc.h"
#include "reed/log.h"
#include "protocols/http/access.h"

static struct reed_http_field fields[] = {
	{ { "Referer", 7 }, { "http://a/\"b", 11 } },
	{ { "User-Agent", 10 }, { "x\x1b[1m\xc3\xa9", 7 } },
};

static struct reed_http_access access_of(struct reed_http_head *head)
{
	*head = (struct reed_http_head){ .fields = fields,
		                         .count = 2,
		                         .method_name = REED_STR("GET"),
		                         .target = REED_STR("/a?b"),
		                         .host = REED_STR("h"),
		                         .major = 1,
		                         .minor = 1 };
	return (struct reed_http_access){ .head = head,
		                          .status = 200,
		                          .bytes = 12,
		                          .wall = 784111777 * REED_S(1),
		                          .duration = REED_MS(5) };
}

static void a_combined_line_cannot_be_forged(void)
{
	struct reed_http_head head;
	struct reed_http_access a = access_of(&head);
	struct reed_buf out = { .limit = 0 };

	reed_http_access_line(&a, REED_HTTP_COMBINED, &out);
	check_slice(reed_buf_slice(&out),
	            "- - - [06/Nov/1994:08:49:37 +0000] \"GET /a?b HTTP/1.1\" 200 12 "
	            "\"http://a/\\\"b\" \"x\\x1b[1m\\xc3\\xa9\"\n");
	reed_buf_finish(&out);
}

static void what_was_no_request_has_a_line_too(void)
{
	struct reed_http_access a = { .status = 400 };
	struct reed_buf out = { .limit = 0 };

	reed_http_access_line(&a, REED_HTTP_COMBINED, &out);
	check_slice(reed_buf_slice(&out),
	            "- - - [01/Jan/1970:00:00:00 +0000] \"-\" 400 0 \"-\" \"-\"\n");
	reed_buf_finish(&out);
}

static void json_is_an_object_a_line(void)
{
	struct reed_http_head head;
	struct reed_http_access a = access_of(&head);
	struct reed_buf out = { .limit = 0 };

	reed_http_access_line(&a, REED_HTTP_JSON, &out);
	check_slice(reed_buf_slice(&out),
	            "{\"time\":784111777.000,\"peer\":\"-\",\"method\":\"GET\",\"target\":\"/a?b\","
	            "\"host\":\"h\",\"version\":\"1.1\",\"status\":200,\"bytes\":12,"
	            "\"seconds\":0.005000,\"secure\":false,\"referer\":\"http://a/\\\"b\","
	            "\"agent\":\"x\\u001b[1m\xc3\xa9\"}\n");
	reed_buf_finish(&out);
}

/* ---- a format of one's own ---- */

static void a_format_is_filled_in(void)
{
	struct reed_http_head head;
	struct reed_http_access a = access_of(&head), none = { .status = 400 };
	struct reed_buf out = { .limit = 0 };

	head.path = REED_STR("/a");
	head.query = REED_STR("b\"\n");
	check_int(reed_address_parse(REED_STR("192.0.2.1"), 80, &a.peer), REED_OK);
	check_int(reed_address_parse(REED_STR("2001:db8::1"), 0, &a.client), REED_OK);
	reed_http_access_custom(&a,
	                        "%h %a %{c}a %l %u %t \"%r\" %m %U %q %H %v %s %>s %b %B %D %T "
	                        "%{user-agent}i %{X}i 100%%",
	                        &out);
	check_slice(reed_buf_slice(&out),
	            "2001:db8::1 2001:db8::1 192.0.2.1 - - [06/Nov/1994:08:49:37 +0000] "
	            "\"GET /a?b HTTP/1.1\" GET /a ?b\\\"\\x0a HTTP/1.1 h 200 200 12 12 5000 0 "
	            "x\\x1b[1m\\xc3\\xa9 - 100%\n");
	reed_buf_clear(&out);
	reed_http_access_custom(&none, "%h \"%r\" %m %U%q %H %v %s %b", &out);
	check_slice(reed_buf_slice(&out), "- \"-\" - - - - 400 -\n");
	reed_buf_finish(&out);
}

static void a_format_that_means_nothing_is_explained(void)
{
	static const char *const wrong[] = { "%",    "a %z", "%{",    "%{X",     "%{X}",
		                             "%{}i", "%>h",  "%{c}h", "%{a b}i", "%h\n" };
	struct reed_buf why = { .limit = 0 };

	check_int(reed_http_access_check("%h %l %u %t \"%r\" %>s %b %% %{c}a %{Referer}i", &why),
	          REED_OK);
	check_int(reed_buf_held(&why), 0);
	for (size_t i = 0; i < REED_COUNT(wrong); i++) {
		check_int(reed_http_access_check(wrong[i], &why), REED_ESYNTAX);
		check(reed_slice_starts(reed_buf_slice(&why), REED_STR("has ")));
		reed_buf_clear(&why);
	}
	reed_buf_finish(&why);
}

/* ---- for whom a proxy asks ---- */

/* Who it is when 192.0.2.1 asks with these lines of that field; "-": nobody else. */
static const char *client_by(const char *trust, const char *peer, const char *name,
                             const char *first, const char *second)
{
	static char host[REED_ADDRESS_TEXT];
	struct reed_http_field told[] = {
		{ reed_slice_of(name), reed_slice_of(first) },
		{ REED_STR("Other"), REED_STR("203.0.113.66") },
		{ reed_slice_of(name), reed_slice_of(second) },
	};
	struct reed_http_head head = { .fields = told, .count = second ? 3 : 2 };
	struct reed_http_access a = { .head = &head };
	struct reed_fault *fault;
	struct peers peers;

	check_int(peers_parse(reed_slice_of(trust), &peers, &fault), REED_OK);
	check_int(reed_address_parse(reed_slice_of(peer), 80, &a.peer), REED_OK);
	strcpy(host, "-");
	if (access_find_client(&a, &peers, strcmp(name, "Forwarded") == 0, &a.client))
		reed_address_host(&a.client, host);
	peers_finish(&peers);
	return host;
}

#define OURS "192.0.2.0/24, 2001:db8:1::/48"

static const char *client_of(const char *first, const char *second)
{
	return client_by(OURS, "192.0.2.1", "X-Forwarded-For", first, second);
}

static void the_address_furthest_to_the_right_that_is_not_ours_is_the_client(void)
{
	check_str(client_of("203.0.113.9", NULL), "203.0.113.9");
	check_str(client_of("198.51.100.1, 203.0.113.9", NULL), "203.0.113.9");
	check_str(client_of("198.51.100.1, 203.0.113.9, 192.0.2.7,192.0.2.8", NULL), "203.0.113.9");
	check_str(client_of("198.51.100.1", "203.0.113.9 , 192.0.2.7"), "203.0.113.9");
	check_str(client_of("203.0.113.9", "192.0.2.7"), "203.0.113.9");
	check_str(client_of("192.0.2.9, 192.0.2.7", NULL), "192.0.2.9");
	check_str(client_of("203.0.113.9:4711", NULL), "203.0.113.9");
	check_str(client_of("2001:db8:2::1", NULL), "2001:db8:2::1");
	check_str(client_of("[2001:db8:2::1]:80, [2001:db8:1::1]", NULL), "2001:db8:2::1");
	check_str(client_by("::1", "::1", "x-forwarded-FOR", "203.0.113.9", NULL), "203.0.113.9");
	check_str(client_by("192.0.2.0/24", "::ffff:192.0.2.1", "X-Forwarded-For", "203.0.113.9",
	                    NULL),
	          "203.0.113.9");
}

static void what_cannot_be_known_or_believed_is_not(void)
{
	check_str(client_by(OURS, "203.0.113.1", "X-Forwarded-For", "198.51.100.1", NULL), "-");
	check_str(client_by("", "192.0.2.1", "X-Forwarded-For", "198.51.100.1", NULL), "-");
	check_str(client_of("", NULL), "-");
	check_str(client_of(" , ,", NULL), "-");
	check_str(client_of("unknown", NULL), "-");
	check_str(client_of("198.51.100.1, unknown", NULL), "-");
	check_str(client_of("198.51.100.1, x, 192.0.2.7", NULL), "192.0.2.7");
	check_str(client_of("198.51.100.1\x1b", NULL), "-");
	check_str(client_of("[", NULL), "-");
	/* a quote that was sent to the proxy hides nothing of what it adds */
	check_str(client_of("\"198.51.100.1, 203.0.113.9", NULL), "203.0.113.9");
	check_str(client_by(OURS, "192.0.2.1", "Forwarded", "for=\"x, for=203.0.113.9", NULL),
	          "203.0.113.9");
}

static const char *forwarded(const char *first)
{
	return client_by(OURS, "192.0.2.1", "Forwarded", first, NULL);
}

static void forwarded_is_read_as_its_rfc_has_it(void)
{
	check_str(forwarded("for=192.0.2.43, for=203.0.113.9"), "203.0.113.9");
	check_str(forwarded("For=\"[2001:db8:cafe::17]:4711\""), "2001:db8:cafe::17");
	check_str(forwarded("proto=http; by=203.0.113.43;for=203.0.113.60"), "203.0.113.60");
	check_str(forwarded("for=203.0.113.60:80;host=\"a\""), "203.0.113.60");
	check_str(forwarded("for=_hidden, for=192.0.2.7"), "192.0.2.7");
	check_str(forwarded("for=198.51.100.1, proto=http"), "-");
	check_str(forwarded("203.0.113.9"), "-");
	check_str(client_by(OURS, "192.0.2.1", "X-Real-IP", "203.0.113.9", NULL), "-");
}

static void the_client_stands_first_and_in_json_beside_its_proxy(void)
{
	struct reed_http_head head;
	struct reed_http_access a = access_of(&head);
	struct reed_buf out = { .limit = 0 };

	check_int(reed_address_parse(REED_STR("192.0.2.1"), 80, &a.peer), REED_OK);
	check_int(reed_address_parse(REED_STR("203.0.113.9"), 0, &a.client), REED_OK);
	reed_http_access_line(&a, REED_HTTP_COMBINED, &out);
	check(reed_slice_starts(reed_buf_slice(&out), REED_STR("203.0.113.9 - - [")));
	reed_buf_clear(&out);
	reed_http_access_line(&a, REED_HTTP_JSON, &out);
	check(reed_slice_starts(reed_buf_slice(&out),
	                        REED_STR("{\"time\":784111777.000,\"peer\":\"192.0.2.1\","
	                                 "\"client\":\"203.0.113.9\",")));
	reed_buf_finish(&out);
}

/* ---- the file ---- */

static void options_are_looked_at(void)
{
	struct reed_http_access_options options = REED_HTTP_ACCESS_OPTIONS;
	struct reed_http_access_log *log;
	struct reed_fault *fault = NULL;
	struct reed_loop *loop;

	check_int(reed_loop_new(NULL, &loop), REED_OK);
	options.custom = "%z";
	check_int(reed_http_access_open(loop, "/nowhere/log", &options, &log, &fault),
	          REED_ESYNTAX);
	check(strstr(fault->sentence, "has %z, which means nothing"));
	reed_fault_free(fault);
	options.custom = "%h";
	options.trust = "192.0.2.0/24, everybody";
	check_int(reed_http_access_open(loop, "/nowhere/log", &options, &log, &fault),
	          REED_ESYNTAX);
	check(strstr(fault->sentence, "everybody is no address"));
	reed_fault_free(fault);
	reed_loop_free(loop);
}

static size_t lines_in(const char *path)
{
	FILE *in = fopen(path, "r");
	size_t n = 0;

	check(in != NULL);
	for (int c = getc(in); c != EOF; c = getc(in))
		n += c == '\n';
	fclose(in);
	return n;
}

static void every_line_is_written(void)
{
	char folder[] = "/tmp/reed-access-XXXXXX", path[64], old[64];
	struct reed_http_access_log *log;
	struct reed_http_head head;
	struct reed_http_access a = access_of(&head);
	struct reed_fault *fault = NULL;
	struct reed_loop *loop;

	check(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/log", folder);
	snprintf(old, sizeof(old), "%s/old", folder);
	check_int(reed_loop_new(NULL, &loop), REED_OK);
	check_int(reed_http_access_open(loop, "/nowhere/log", NULL, &log, &fault), REED_ENOENT);
	reed_fault_free(fault);
	check_int(reed_http_access_open(loop, path, NULL, &log, &fault), REED_OK);
	for (int i = 0; i < 2000; i++)
		reed_http_access_tell(log, &a);
	reed_loop_run(loop);
	check_int(lines_in(path), 2000);
	check_int(rename(path, old), 0);
	reed_http_access_reopen(log);
	reed_loop_run(loop);
	reed_http_access_tell(log, &a);
	reed_http_access_close(log);
	reed_loop_run(loop);
	check_int(lines_in(path), 1);
	check_int(lines_in(old), 2000);
	reed_loop_free(loop);
	unlink(path);
	unlink(old);
	rmdir(folder);
}

static char told[8][96];
static unsigned tells;

static void hear_log(struct reed_log_tap *tap, const struct reed_log_event *e)
{
	(void)tap;
	check(tells < 8);
	snprintf(told[tells++], sizeof(told[0]), REED_FMT ": " REED_FMT, REED_ARG(e->message),
	         REED_ARG(reed_log_value(e, "why")));
}

/* A disk that is full is told of once, and once that it is over. */
static void a_full_disk_is_told_of_and_its_end(void)
{
	char folder[] = "/tmp/reed-access-XXXXXX", path[64];
	struct reed_log_tap tap = { .hear = hear_log, .level = REED_LOG_INFO };
	struct reed_http_access_log *log;
	struct reed_http_head head;
	struct reed_http_access a = access_of(&head);
	struct reed_fault *fault = NULL;
	struct reed_loop *loop;

	check(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/log", folder);
	check_int(symlink("/dev/full", path), 0);
	check_int(reed_loop_new(NULL, &loop), REED_OK);
	reed_log_tap(reed_log_of(loop), &tap);
	check_int(reed_http_access_open(loop, path, NULL, &log, &fault), REED_OK);
	for (int i = 0; i < 3; i++) {
		reed_http_access_tell(log, &a);
		reed_http_access_reopen(log); /* which writes at once */
		reed_loop_run(loop);
	}
	check_int(reed_http_access_dropped(log), 3);
	check_int(tells, 1);
	check_str(told[0], "an access log cannot be written: no space left on the device");
	unlink(path);
	reed_http_access_reopen(log);
	reed_loop_run(loop);
	reed_http_access_tell(log, &a);
	reed_http_access_reopen(log);
	reed_loop_run(loop);
	check_int(tells, 2);
	check_str(told[1], "an access log is written again: ");
	unlink(path);
	rmdir(folder);
	reed_http_access_reopen(log);
	reed_loop_run(loop);
	check_int(tells, 3);
	check_str(told[2], "an access log stays the file it was: no such file, name or object");
	reed_log_untap(reed_log_of(loop), &tap);
	reed_http_access_close(log);
	reed_loop_free(loop);
}

int main(void)
{
	RUN(a_combined_line_cannot_be_forged);
	RUN(what_was_no_request_has_a_line_too);
	RUN(json_is_an_object_a_line);
	RUN(a_format_is_filled_in);
	RUN(a_format_that_means_nothing_is_explained);
	RUN(the_address_furthest_to_the_right_that_is_not_ours_is_the_client);
	RUN(what_cannot_be_known_or_believed_is_not);
	RUN(forwarded_is_read_as_its_rfc_has_it);
	RUN(the_client_stands_first_and_in_json_beside_its_proxy);
	RUN(options_are_looked_at);
	RUN(every_line_is_written);
	RUN(a_full_disk_is_told_of_and_its_end);
	return 0;
}
