/* Who asks: the field, and the portal behind it. */

#include "tests/check.h"

#include "reed/alloc.h"
#include "reed/base64.h"
#include "reed/checker.h"
#include "reed/co.h"
#include "reed/http/auth.h"
#include "reed/http/router.h"
#include "reed/http/server.h"

/* ---- the field ---- */

static struct reed_http_authorization got;

static enum reed_err parse(const char *value)
{
	return reed_http_authorization(reed_slice_of(value), &got);
}

static void a_name_ends_at_the_first_colon(void)
{
	check_int(parse("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), REED_OK);
	check_int(got.scheme, REED_HTTP_BASIC);
	check_slice(got.user, "Aladdin");
	check_slice(got.secret, "open sesame");
	check_int(parse("bAsIc  YTpiOmM="), REED_OK);
	check_slice(got.user, "a");
	check_slice(got.secret, "b:c");
}

static void a_token_is_taken_as_it_is(void)
{
	check_int(parse("Bearer abc.def-1"), REED_OK);
	check_int(got.scheme, REED_HTTP_BEARER);
	check_slice(got.user, "");
	check_slice(got.secret, "abc.def-1");
}

static void what_is_neither_is_refused(void)
{
	static const char *const wrong[] = {
		"",           "Basic",       "Basic ",        "Basic !!!!",
		"Basic YQ==", "BasicYTpi",   "Digest YTpi",   "Bearer ",
		"Bearer",     "Basic YTpi=", "Basic AGE6Yg=="
	};
	char large[4000] = "Bearer ";

	for (size_t i = 0; i < REED_COUNT(wrong); i++)
		check_int(parse(wrong[i]), REED_ESYNTAX);
	memset(large + 7, 'x', sizeof(large) - 8);
	check_int(parse(large), REED_ESYNTAX);
}

/* ---- the guard ---- */

static struct reed_loop *loop;
static struct reed_portal *portal;
static struct reed_http_guard *guard;
static struct reed_http_router *router;
static struct reed_http_server *server;
static struct reed_stream *client;
static struct reed_future *session;
static struct reed_buf answer;

static struct reed_future *who(void *arg, struct reed_http_request *r)
{
	(void)arg;
	reed_http_respondf(r, 200, "text/plain", "I am " REED_FMT, REED_ARG(reed_http_user(r)));
	return NULL;
}

static enum reed_err run(struct reed_future *f)
{
	return reed_loop_run_until(loop, f, NULL);
}

static void create(const char *name, const char *password)
{
	check_int(run(reed_portal_create(portal, reed_slice_of(name), reed_slice_of(password))),
	          REED_OK);
}

static void open_house(const char *role)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct reed_checker *checker;
	struct reed_stream *far;

	check_int(reed_loop_new(NULL, &loop), REED_OK);
	portal = reed_portal_new(loop, NULL);
	check_int(run(reed_checker_new(loop, "memory:", NULL, &checker)), REED_OK);
	reed_portal_add(portal, checker);
	create("alice", "wonderland");
	guard = reed_http_guard_new(portal, "the \"house\"", role);
	router = reed_http_router_new();
	reed_http_around(router, reed_http_guarded, guard);
	reed_http_route(router, "GET", "/", who, NULL);
	options.handler = reed_http_routed;
	options.arg = router;
	server = reed_http_server_new(loop, &options);
	reed_stream_pair(loop, 0, &client, &far);
	session = reed_http_session(server, far);
}

static void close_house(void)
{
	reed_abort(client);
	reed_drop(session);
	reed_http_server_free(server);
	reed_http_router_free(router);
	reed_http_guard_free(guard);
	reed_portal_free(portal);
	reed_buf_finish(&answer);
	reed_loop_free(loop);
}

/* The answer up to its body, whose end its handlers' texts have. */
static void hear(const char *end)
{
	const char *found = NULL;

	reed_buf_clear(&answer);
	while (!found) {
		check_int(run(reed_more(client)), REED_OK);
		reed_buf_add(&answer, reed_peek(client));
		reed_skip(client, reed_peek(client).n);
		reed_buf_add_char(&answer, '\0');
		found = strstr(reed_buf_slice(&answer).p, end);
		answer.end--;
	}
}

static void ask_as(const char *user, const char *end)
{
	struct reed_buf value = { 0 };

	reed_buf_add_base64(&value, reed_slice_of(user));
	reed_printf(client, "GET / HTTP/1.1\r\nHost: h\r\n%s%.*s\r\n\r\n",
	            *user ? "Authorization: Basic " : "X: ", REED_ARG(reed_buf_slice(&value)));
	reed_buf_finish(&value);
	hear(end);
}

static void ask_by(const char *token, const char *end)
{
	reed_printf(client, "GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\n\r\n", token);
	hear(end);
}

static bool has(const char *part)
{
	bool has;

	reed_buf_add_char(&answer, '\0');
	has = strstr(reed_buf_slice(&answer).p, part) != NULL;
	answer.end--;
	return has;
}

static void nobody_is_asked_for_a_name_and_a_password(void)
{
	open_house(NULL);
	ask_as("", "401 Unauthorized\n");
	check(has("HTTP/1.1 401 Unauthorized\r\n"));
	check(has("WWW-Authenticate: Basic realm=\"the \\\"house\\\"\", charset=\"UTF-8\"\r\n"));
	close_house();
}

static void who_knows_the_password_is_let_in_and_remembered(void)
{
	struct reed_portal_stats stats = { .size = sizeof(stats) };

	open_house(NULL);
	ask_as("alice:wonderland", "I am alice");
	for (int i = 0; i < 10; i++)
		ask_as("alice:wonderland", "I am alice");
	reed_portal_stats(portal, &stats);
	check_int(stats.sessions, 1);
	close_house();
}

static void a_token_opens_as_a_password_does_until_it_is_taken_back(void)
{
	char token[REED_TOKEN_TEXT_ROOM];
	struct reed_token *tokens;
	size_t n;

	open_house(NULL);
	check_int(run(reed_portal_create_token(portal, REED_STR("alice"), NULL, "reader", 0,
	                                       token)),
	          REED_OK);
	ask_by(token, "I am alice");
	ask_by("reader", "401 Unauthorized\n");
	check_int(run(reed_portal_tokens(portal, REED_STR("alice"), &tokens, &n)), REED_OK);
	check_int(n, 1);
	check_int(run(reed_portal_remove_token(portal, REED_STR("alice"), tokens[0].id)), REED_OK);
	reed_free(tokens);
	ask_by(token, "401 Unauthorized\n");
	close_house();
}

static void a_wrong_password_is_asked_for_again_also_after_a_right_one(void)
{
	open_house(NULL);
	ask_as("alice:wonderland", "I am alice");
	ask_as("alice:underland", "401 Unauthorized\n");
	ask_as("alice:wonderland1", "401 Unauthorized\n");
	ask_as("bob:wonderland", "401 Unauthorized\n");
	close_house();
}

static void a_session_that_is_revoked_is_not_remembered(void)
{
	struct reed_portal_stats stats = { .size = sizeof(stats) };

	open_house(NULL);
	ask_as("alice:wonderland", "I am alice");
	check_int(reed_portal_revoke_all(portal, "alice"), 1);
	check_int(run(reed_portal_set_password(portal, REED_STR("alice"), REED_STR("another one"))),
	          REED_OK);
	ask_as("alice:wonderland", "401 Unauthorized\n");
	reed_portal_stats(portal, &stats);
	check_int(stats.sessions, 0);
	close_house();
}

static void who_lacks_the_role_is_refused(void)
{
	open_house("admin");
	ask_as("alice:wonderland", "403 Forbidden\n");
	check_int(run(reed_portal_set_roles(portal, REED_STR("alice"), REED_STR("admin"))),
	          REED_OK);
	close_house();
}

static void guessing_is_throttled(void)
{
	open_house(NULL);
	for (int i = 0; i < 40 && !has("429"); i++)
		ask_as("alice:guessing", "\r\n\r\n4");
	check(has("Retry-After: "));
	close_house();
}

static void one_who_goes_while_it_is_found_out_leaves_nothing(void)
{
	open_house(NULL);
	reed_printf(client, "GET / HTTP/1.1\r\nHost: h\r\n"
	                    "Authorization: Basic YWxpY2U6d29uZGVybGFuZA==\r\n\r\n");
	for (int i = 0; i < 3; i++)
		reed_loop_turn(loop, 0);
	close_house();
}

int main(void)
{
	RUN(a_name_ends_at_the_first_colon);
	RUN(a_token_is_taken_as_it_is);
	RUN(what_is_neither_is_refused);
	RUN(nobody_is_asked_for_a_name_and_a_password);
	RUN(who_knows_the_password_is_let_in_and_remembered);
	RUN(a_token_opens_as_a_password_does_until_it_is_taken_back);
	RUN(a_wrong_password_is_asked_for_again_also_after_a_right_one);
	RUN(a_session_that_is_revoked_is_not_remembered);
	RUN(who_lacks_the_role_is_refused);
	RUN(guessing_is_throttled);
	RUN(one_who_goes_while_it_is_found_out_leaves_nothing);
	return 0;
}
