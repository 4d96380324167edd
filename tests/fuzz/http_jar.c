/* A file of cookies: what is read of it is written so that the same comes of it again. */

#include "check.h"
#include "reed/http/cookies.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1800000000 };

static struct reed_http_jar *jar_of(struct reed_slice text, struct reed_buf *out)
{
	struct reed_http_jar *jar = reed_http_jar_new();
	unsigned line;
	enum reed_err err = reed_http_jar_read(jar, text, NOW, &line);

	check(err == REED_OK || err == REED_ESYNTAX);
	check(line > 0);
	reed_http_jar_write(jar, NOW, out);
	return jar;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_buf once = { .limit = 0 }, twice = { .limit = 0 };
	struct reed_http_jar *jar = jar_of(reed_slice((const char *)data, size), &once);
	struct reed_http_jar *again = jar_of(reed_buf_slice(&once), &twice);

	check(reed_http_jar_count(again) <= reed_http_jar_count(jar));
	check(reed_slice_eq(reed_buf_slice(&once), reed_buf_slice(&twice)));
	reed_http_jar_free(jar);
	reed_http_jar_free(again);
	reed_buf_finish(&once);
	reed_buf_finish(&twice);
	return 0;
}
