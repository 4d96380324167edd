/* Bodies on their way into frames: what is copied and what is held, in order. */

#include "protocols/http/h2_body.h"
#include "reed/source.h"
#include "tests/check.h"

#include <stdlib.h>
#include <unistd.h>

static struct h2_body body;

static struct reed_source *a_file(void)
{
	char path[] = "/tmp/reed-body-XXXXXX";
	int fd = mkstemp(path);

	check(fd >= 0 && unlink(path) == 0);
	return reed_source_new(fd);
}

static struct reed_blob *blob_of(char c, size_t n)
{
	struct reed_blob *blob = reed_blob_alloc(n);

	memset(blob->bytes, c, n);
	return blob;
}

/* n bytes of c come next, and go. */
static void goes(char c, size_t n, size_t most)
{
	struct h2_run run = h2_body_next(&body, most);

	check_int(run.n, n);
	check(!run.source);
	check_int(run.bytes.n, n);
	for (size_t i = 0; i < n; i++)
		check_int(run.bytes.p[i], c);
	h2_body_went(&body, n);
}

static void what_was_added_comes_in_order(void)
{
	struct reed_blob *blob = blob_of('b', 1000);
	struct reed_source *file = a_file();
	struct h2_run run;

	h2_body_add(&body, REED_STR("aaa"));
	h2_body_add_blob(&body, blob);
	h2_body_add(&body, REED_STR("cc"));
	h2_body_add_source(&body, file, 7, 50);
	h2_body_add(&body, REED_STR("d"));
	check_int(body.held, 3 + 1000 + 2 + 50 + 1);
	goes('a', 2, 2);
	goes('a', 1, 5000);
	goes('b', 400, 400);
	goes('b', 600, 5000);
	goes('c', 2, 5000);
	run = h2_body_next(&body, 20);
	check(run.source == file && run.n == 20 && run.offset == 7);
	h2_body_went(&body, 20);
	run = h2_body_next(&body, 5000);
	check(run.source == file && run.n == 30 && run.offset == 27);
	h2_body_went(&body, 30);
	goes('d', 1, 5000);
	check_int(body.held, 0);
	check_int(h2_body_next(&body, 5000).n, 0);
	reed_blob_release(blob);
	reed_source_release(file);
}

static void a_blob_is_held_until_it_has_gone(void)
{
	struct reed_blob *blob = blob_of('b', 1000);

	h2_body_add_blob(&body, blob);
	check_int(blob->holders, 2);
	goes('b', 999, 999);
	check_int(blob->holders, 2);
	goes('b', 1, 5000);
	check_int(blob->holders, 1);
	reed_blob_release(blob);
}

static void a_small_blob_is_copied(void)
{
	struct reed_blob *blob = blob_of('s', 100);

	h2_body_add(&body, REED_STR("s"));
	h2_body_add_blob(&body, blob);
	check_int(blob->holders, 1);
	reed_blob_release(blob);
	goes('s', 101, 5000);
}

static void what_is_cleared_is_let_go(void)
{
	struct reed_blob *blob = blob_of('b', 1000);

	h2_body_add(&body, REED_STR("a"));
	h2_body_add_blob(&body, blob);
	h2_body_add(&body, REED_STR("c"));
	h2_body_clear(&body);
	check_int(blob->holders, 1);
	check_int(body.held, 0);
	h2_body_add(&body, REED_STR("x"));
	goes('x', 1, 5000);
	reed_blob_release(blob);
}

int main(void)
{
	RUN(what_was_added_comes_in_order);
	RUN(a_blob_is_held_until_it_has_gone);
	RUN(a_small_blob_is_copied);
	RUN(what_is_cleared_is_let_go);
	h2_body_finish(&body);
	return 0;
}
