/* Lines of the access log, and the file they go to. */

#include "tests/check.h"

#include <stdlib.h>
#include <unistd.h>

#include "reed/alloc.h"
#include "reed/http/access.h"

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
	check_int(reed_http_access_open(loop, "/nowhere/log", REED_HTTP_COMBINED, &log, &fault),
	          REED_ENOENT);
	reed_fault_free(fault);
	check_int(reed_http_access_open(loop, path, REED_HTTP_COMBINED, &log, &fault), REED_OK);
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

int main(void)
{
	RUN(a_combined_line_cannot_be_forged);
	RUN(what_was_no_request_has_a_line_too);
	RUN(json_is_an_object_a_line);
	RUN(every_line_is_written);
	return 0;
}
