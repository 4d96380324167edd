/* Patterns, URLs of routes, ranges and conditions that need no server. */

#include "tests/check.h"

#include "reed/http/files.h"
#include "reed/http/router.h"

static struct reed_future *nothing(void *arg, struct reed_http_request *request)
{
	(void)arg;
	(void)request;
	return NULL;
}

static enum reed_err add(struct reed_http_router *router, const char *pattern)
{
	struct reed_fault *fault = NULL;
	enum reed_err err =
		reed_http_try_route(router, "GET", pattern, NULL, nothing, NULL, &fault);

	check((fault != NULL) == (err != REED_OK));
	reed_fault_free(fault);
	return err;
}

static void a_pattern_that_is_none_is_refused(void)
{
	struct reed_http_router *router = reed_http_router_new();

	check_int(add(router, "/a/{b:int}/{c:path}"), REED_OK);
	check_int(add(router, "/a/{b:int}/{c:path}"), REED_EEXIST);
	check_int(add(router, "a"), REED_ESYNTAX);
	check_int(add(router, "/{a:float}"), REED_ESYNTAX);
	check_int(add(router, "/{}"), REED_ESYNTAX);
	check_int(add(router, "/x{a}"), REED_ESYNTAX);
	check_int(add(router, "/{a:path}/b"), REED_ESYNTAX);
	reed_http_router_free(router);
}

static enum reed_err url(const struct reed_http_router *router, const char *name, const char *id,
                         const char *wanted)
{
	struct reed_http_param params[] = { { REED_STR("id"), reed_slice_of(id) } };
	struct reed_buf out = { .limit = 0 };
	enum reed_err err = reed_http_url(router, name, params, 1, &out);

	if (!err)
		check_slice(reed_buf_slice(&out), wanted);
	reed_buf_finish(&out);
	return err;
}

static void a_named_route_has_a_url(void)
{
	struct reed_http_router *router = reed_http_router_new(), *sub = reed_http_router_new();

	reed_http_route_named(sub, "GET", "/n/{id:int}", "number", nothing, NULL);
	reed_http_route_named(sub, "GET", "/s/{id}", "text", nothing, NULL);
	reed_http_route_named(sub, "GET", "/p/{id:path}", "path", nothing, NULL);
	reed_http_mount(router, "/api", sub);
	check_int(url(router, "number", "-12", "/api/n/-12"), REED_OK);
	check_int(url(router, "number", "12x", NULL), REED_EINVAL);
	check_int(url(router, "text", "a b/c?", "/api/s/a%20b%2Fc%3F"), REED_OK);
	check_int(url(router, "path", "a b/c", "/api/p/a%20b/c"), REED_OK);
	check_int(url(router, "nobody", "1", NULL), REED_ENOENT);
	reed_http_router_free(router);
}

static enum reed_err ranges(const char *text, uint64_t size, size_t wanted)
{
	struct reed_http_range found[REED_HTTP_RANGES];
	size_t count;
	enum reed_err err = reed_http_ranges(reed_slice_of(text), size, found, &count);

	check_int(count, wanted);
	for (size_t i = 0; i < count; i++)
		check(found[i].first <= found[i].last && found[i].last < size);
	return err;
}

static void ranges_are_within_or_do_not_count(void)
{
	check_int(ranges("bytes=0-4", 10, 1), REED_OK);
	check_int(ranges("bytes=0-4,5-9", 10, 2), REED_OK);
	check_int(ranges("bytes=0-99", 10, 1), REED_OK);
	check_int(ranges("bytes=-99", 10, 1), REED_OK);
	check_int(ranges("bytes=10-,0-0", 10, 1), REED_OK);
	check_int(ranges("bytes=10-", 10, 0), REED_ERANGE);
	check_int(ranges("bytes=-0", 10, 0), REED_ERANGE);
	check_int(ranges("bytes=0-", 0, 0), REED_ERANGE);
	check_int(ranges("bytes=0-9,0-9", 10, 0), REED_ENOENT);
	check_int(ranges("bytes=4-2", 10, 0), REED_ENOENT);
	check_int(ranges("bytes=", 10, 0), REED_ENOENT);
	check_int(ranges("bytes=1", 10, 0), REED_ENOENT);
	check_int(ranges("lines=1-2", 10, 0), REED_ENOENT);
	check_int(ranges("bytes=99999999999999999999-", 10, 0), REED_ERANGE);
	check_int(ranges("bytes=0-99999999999999999999", 10, 1), REED_OK);
	check_int(ranges("bytes=-99999999999999999999", 10, 1), REED_OK);
}

static void codings_may_be_excluded(void)
{
	check(reed_http_accepts_coding(REED_STR("gzip, br"), "br"));
	check(!reed_http_accepts_coding(REED_STR("gzip"), "br"));
	check(!reed_http_accepts_coding(REED_STR("br;q=0"), "br"));
	check(!reed_http_accepts_coding(REED_STR("br; q=0.000, *"), "br"));
	check(reed_http_accepts_coding(REED_STR("br;q=0.001"), "br"));
	check(!reed_http_accepts_coding(REED_STR(""), "br"));
}

static void types_are_told_by_the_end_of_a_name(void)
{
	check_str(reed_http_mime(REED_STR("a/b.HTML")), "text/html; charset=utf-8");
	check_str(reed_http_mime(REED_STR("a.tar/b")), "application/octet-stream");
	check_str(reed_http_mime(REED_STR("b")), "application/octet-stream");
}

int main(void)
{
	RUN(a_pattern_that_is_none_is_refused);
	RUN(a_named_route_has_a_url);
	RUN(ranges_are_within_or_do_not_count);
	RUN(codings_may_be_excluded);
	RUN(types_are_told_by_the_end_of_a_name);
	return 0;
}
