/* HTTP Digest through a guard, and a client that proves who it is. */

#include "tests/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "protocols/http/digest.h"
#include "reed/checker.h"
#include "reed/co.h"
#include "reed/http/auth.h"
#include "reed/http/client.h"
#include "reed/http/router.h"
#include "reed/http/server.h"
#include "reed/sim.h"

static struct digest parsed;
static struct reed_sim *sim;
static struct reed_loop *loop;

static void begin(void)
{
	sim = reed_sim_new(NULL);
	loop = reed_sim_host(sim, "here");
}

static char folder[64], path[128];
static struct reed_portal *portal;
static struct reed_http_guard *guard;
static struct reed_http_router *router;
static struct reed_http_server *server;
static struct reed_http_client *client;
static struct reed_http_response *response;
static unsigned handled;

static struct reed_future *who(void *arg, struct reed_http_request *r)
{
	(void)arg;
	handled++;
	reed_http_respondf(r, 200, "text/plain", "I am " REED_FMT, REED_ARG(reed_http_user(r)));
	return NULL;
}

static enum reed_err run(struct reed_future *f)
{
	return reed_sim_run_until(sim, f, NULL);
}

static void write_accounts(const char *text)
{
	FILE *f = fopen(path, "w");

	check(f);
	fputs(text, f);
	fclose(f);
	check(chmod(path, 0600) == 0);
}

static void add_checker(const char *kind, const char *argument)
{
	char spec[256];
	struct reed_checker *checker;

	snprintf(spec, sizeof(spec), "%s:%s", kind, argument);
	check_int(run(reed_checker_new(loop, spec, NULL, &checker)), REED_OK);
	reed_portal_add(portal, checker);
}

static void open_house(const char *kind, const char *accounts)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct reed_http_client_options how = REED_HTTP_CLIENT_OPTIONS;

	strcpy(folder, "/tmp/reed-digest-XXXXXX");
	check(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/accounts", folder);
	write_accounts(accounts);
	begin();
	portal = reed_portal_new(loop, NULL);
	add_checker(kind, path);
	guard = reed_http_guard_new(portal, "the \"house\"", NULL);
	check_int(reed_http_guard_digest(guard), REED_OK);
	router = reed_http_router_new();
	reed_http_around(router, reed_http_guarded, guard);
	reed_http_route(router, "GET", "/", who, NULL);
	options.handler = reed_http_routed;
	options.arg = router;
	server = reed_http_server_new(loop, &options);
	how.dial = reed_http_fake_dial;
	how.dial_arg = server;
	client = reed_http_client_new(loop, &how);
	handled = 0;
}

static void close_house(void)
{
	reed_http_response_free(response);
	response = NULL;
	reed_http_client_free(client);
	reed_sim_run_for(sim, REED_S(100));
	reed_http_server_free(server);
	reed_http_router_free(router);
	reed_http_guard_free(guard);
	reed_portal_free(portal);
	reed_sim_free(sim);
	check(unlink(path) == 0 && rmdir(folder) == 0);
}

/* With a login that answers, or with a field as it is. */
static unsigned fetch(const char *login, const char *authorization)
{
	struct reed_http_field field = { REED_STR("Authorization"), { NULL, 0 } };
	struct reed_http_fetch what = REED_HTTP_FETCH;

	what.url = "http://house/?a=\"1\"";
	what.login = login;
	what.digest = login != NULL;
	if (authorization) {
		field.value = reed_slice_of(authorization);
		what.fields = &field;
		what.field_count = 1;
	}
	reed_http_response_free(response);
	response = NULL;
	check_int(run(reed_http_fetch(client, &what, &response)), REED_OK);
	return response->status;
}

static struct reed_slice asked(unsigned n)
{
	return reed_http_field(response->fields, response->field_count, "WWW-Authenticate", n);
}

/* What a client says to the latest challenge of that algorithm. */
static char *say(const char *login, unsigned n, uint32_t count)
{
	struct digest_question q = { .login = login,
		                     .method = "GET",
		                     .uri = REED_STR("/?a=\"1\""),
		                     .cnonce = "0123456789",
		                     .count = count };
	struct reed_slice value = asked(n);
	struct reed_buf out = { 0 };

	check(digest_challenge_next(&value, &parsed));
	check_int(digest_answer(&parsed, &q, &out), REED_OK);
	return reed_buf_take(&out);
}

static void the_better_hash_is_asked_for_first_and_basic_last(void)
{
	open_house("secrets", "alice:wonderland\n");
	check_int(fetch(NULL, NULL), 401);
	check(reed_slice_search(asked(0), REED_STR("algorithm=SHA-256")) < asked(0).n);
	check(reed_slice_search(asked(1), REED_STR("algorithm=MD5")) < asked(1).n);
	check_slice(asked(2), "Basic realm=\"the \\\"house\\\"\", charset=\"UTF-8\"");
	check(!asked(3).p);
	close_house();
}

static void who_proves_to_know_the_password_is_let_in(void)
{
	open_house("secrets", "alice:wonderland\n# and\nbob:rabbit:hole\n");
	check_int(fetch("alice:wonderland", NULL), 200);
	check_slice(response->body, "I am alice");
	check_int(fetch("bob:rabbit:hole", NULL), 200);
	check_slice(response->body, "I am bob");
	check_int(fetch("bob:rabbit", NULL), 401);
	check_int(fetch("carol:wonderland", NULL), 401);
	check_int(handled, 2);
	close_house();
}

static void a_file_of_htdigest_lets_in_with_its_hash_only(void)
{
	/* md5 of alice:the "house":wonderland, and of another realm */
	open_house("htdigest", "alice:other:00000000000000000000000000000000\n"
	                       "alice:the \"house\":c549960f752327cfce0064167b9f65ec\n");
	check_int(fetch(NULL, NULL), 401);
	check(reed_slice_search(asked(0), REED_STR("algorithm=MD5")) < asked(0).n);
	check(reed_slice_starts(asked(1), REED_STR("Basic ")));
	check_int(fetch("alice:wonderland", NULL), 200);
	check_int(fetch("alice:wonderlant", NULL), 401);
	check_int(fetch(NULL, "Basic YWxpY2U6d29uZGVybGFuZA=="), 200);
	close_house();
}

static void a_response_is_good_once(void)
{
	char *said;

	open_house("secrets", "alice:wonderland\n");
	check_int(fetch(NULL, NULL), 401);
	said = say("alice:wonderland", 0, 1);
	check_int(fetch(NULL, said), 200);
	check_int(fetch(NULL, said), 401);
	check(reed_slice_search(asked(0), REED_STR("stale=true")) < asked(0).n);
	check_int(handled, 1);
	reed_free(said);
	close_house();
}

static void a_nonce_serves_many_requests_and_one_login(void)
{
	struct reed_portal_stats stats = { .size = sizeof(stats) };
	char *said[20];

	open_house("secrets", "alice:wonderland\n");
	check_int(fetch(NULL, NULL), 401);
	for (uint32_t i = 0; i < REED_COUNT(said); i++)
		said[i] = say("alice:wonderland", 1, i + 1);
	for (size_t i = 0; i < REED_COUNT(said); i++) {
		check_int(fetch(NULL, said[i]), 200);
		reed_free(said[i]);
	}
	reed_portal_stats(portal, &stats);
	check_int(stats.logins, 1);
	check_int(stats.sessions, 1);
	close_house();
}

static void a_nonce_that_is_not_ours_is_called_stale(void)
{
	char *said, *nonce;

	open_house("secrets", "alice:wonderland\n");
	check_int(fetch(NULL, NULL), 401);
	check(reed_slice_search(asked(0), REED_STR("stale")) == asked(0).n);
	said = say("alice:wonderland", 0, 1);
	nonce = strstr(said, " nonce=\"");
	check(nonce);
	nonce[8] = nonce[8] == 'A' ? 'B' : 'A';
	check_int(fetch(NULL, said), 401);
	check(reed_slice_search(asked(0), REED_STR("stale=true")) < asked(0).n);
	check_int(handled, 0);
	reed_free(said);
	close_house();
}

/* Says to each request what its turn is, whatever it came with. */
static struct reed_future *script(void *arg, struct reed_http_request *r)
{
	const char *const *lines = arg;
	struct reed_slice given = reed_http_header(r, "Authorization");

	if (handled > 0 && given.p)
		reed_http_add(r, "X-Given", given);
	reed_http_add(r, "WWW-Authenticate", reed_slice_of(lines[handled++]));
	reed_http_fail(r, 401, NULL);
	return NULL;
}

static struct reed_slice play(const char *const *lines, const char *login)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct reed_http_client_options how = REED_HTTP_CLIENT_OPTIONS;

	begin();
	options.handler = script;
	options.arg = (void *)(uintptr_t)lines;
	server = reed_http_server_new(loop, &options);
	how.dial = reed_http_fake_dial;
	how.dial_arg = server;
	client = reed_http_client_new(loop, &how);
	handled = 0;
	check_int(fetch(login, NULL), 401);
	return reed_http_response_field(response, "X-Given");
}

static void end_play(void)
{
	reed_http_response_free(response);
	response = NULL;
	reed_http_client_free(client);
	reed_sim_run_for(sim, REED_S(100));
	reed_http_server_free(server);
	reed_sim_free(sim);
}

static void a_client_tries_again_with_a_fresh_nonce_but_not_with_a_wrong_password(void)
{
	static const char *const stale[] = { "Digest realm=\"r\", qop=auth, nonce=\"one\"",
		                             "Digest realm=r, qop=auth, nonce=two, stale=TRUE",
		                             "Digest realm=r, qop=auth, nonce=three", NULL };
	static const char *const forever[] = {
		"Digest realm=r, nonce=1, stale=true",
		"Digest realm=r, nonce=2, stale=true",
		"Digest realm=r, nonce=3, stale=true",
		"Digest realm=r, nonce=4, stale=true",
		NULL,
	};
	struct reed_slice given = play(stale, "alice:wonderland");

	check_int(handled, 3);
	check(reed_slice_search(given, REED_STR("nonce=\"two\", nc=00000001")) < given.n);
	end_play();
	play(forever, "alice:wonderland");
	check_int(handled, 4);
	end_play();
}

static void a_password_is_never_sent_to_who_does_not_ask_for_digest(void)
{
	static const char *const basic[] = { "Basic realm=\"r\"", NULL };
	static const char *const other[] = { "Digest realm=r, nonce=1, algorithm=SHA-1", NULL };

	check(!play(basic, "alice:wonderland").p);
	check_int(handled, 1);
	end_play();
	check(!play(other, "alice:wonderland").p);
	check_int(handled, 1);
	end_play();
}

static void a_client_takes_the_best_hash_it_is_offered(void)
{
	static const char *const several[] = {
		"Digest realm=r, qop=auth, nonce=1, algorithm=MD5, Digest realm=r, qop=auth-int, "
		"nonce=2, algorithm=SHA-256, Digest realm=r, qop=auth, nonce=3, algorithm=SHA-256",
		"Digest realm=r, qop=auth, nonce=1", NULL
	};
	struct reed_slice given = play(several, "alice:wonderland");

	check_int(handled, 2);
	check(reed_slice_search(given, REED_STR("nonce=\"3\"")) < given.n);
	end_play();
}

static void a_nonce_lasts_five_minutes(void)
{
	char *said;

	open_house("secrets", "alice:wonderland\n");
	check_int(fetch(NULL, NULL), 401);
	said = say("alice:wonderland", 0, 1);
	reed_sim_run_for(sim, REED_S(NONCE_S - 1));
	check_int(fetch(NULL, said), 200);
	reed_free(said);
	check_int(fetch(NULL, NULL), 401);
	said = say("alice:wonderland", 0, 1);
	reed_sim_run_for(sim, REED_S(NONCE_S));
	check_int(fetch(NULL, said), 401);
	check(reed_slice_search(asked(0), REED_STR("stale=true")) < asked(0).n);
	reed_free(said);
	close_house();
}

static void a_password_that_was_changed_is_the_new_one_at_once(void)
{
	open_house("secrets", "alice:wonderland\n");
	check_int(fetch("alice:wonderland", NULL), 200);
	write_accounts("alice:looking-glass\n");
	check_int(fetch("alice:looking-glass", NULL), 200);
	check_int(fetch("alice:looking-glass", NULL), 200);
	check_int(reed_portal_revoke_all(portal, "alice"), 1);
	check_int(fetch("alice:wonderland", NULL), 401);
	close_house();
}

static void what_was_not_asked_for_is_asked_for_again(void)
{
	static const struct {
		const char *from, *to;
	} changes[] = {
		{ "uri=\"/?a", "uri=\"/?b" },         { "qop=auth", "qop=auth-int" },
		{ "nc=00000001", "nc=0000000x" },     { "nc=00000001", "nc=00000000" },
		{ "=SHA-256", "=SHA-256-sess" },      { "=SHA-256", "=SHA-512-256" },
		{ "the \\\"house", "the \\\"mouse" }, { "username=\"alice\"", "username=\"\"" },
		{ "response=\"", "response=\"00" },   { "cnonce=\"0123456789\"", "cnonce=\"\"" },
	};
	char *said, *at;
	char other[2048];

	open_house("secrets", "alice:wonderland\n");
	check_int(fetch(NULL, NULL), 401);
	said = say("alice:wonderland", 0, 1);
	for (size_t i = 0; i < REED_COUNT(changes); i++) {
		at = strstr(said, changes[i].from);
		check(at);
		snprintf(other, sizeof(other), "%.*s%s%s", (int)(at - said), said, changes[i].to,
		         at + strlen(changes[i].from));
		check_int(fetch(NULL, other), 401);
	}
	check_int(handled, 0);
	reed_free(said);
	close_house();
}

static void guessing_is_throttled(void)
{
	unsigned status = 401;

	open_house("secrets", "alice:wonderland\n");
	for (int i = 0; i < 40 && status == 401; i++)
		status = fetch("alice:guessing", NULL);
	check_int(status, 429);
	close_house();
}

static void accounts_that_cannot_do_it_are_told_from_others(void)
{
	struct reed_http_guard *other;

	open_house("secrets", "alice:wonderland\n");
	add_checker("memory", "bob:secret");
	check_int(reed_http_guard_digest(guard), REED_OK);
	reed_http_client_free(client);
	client = NULL;
	reed_portal_free(portal);
	portal = reed_portal_new(loop, NULL);
	add_checker("memory", "bob:secret");
	other = reed_http_guard_new(portal, "r", NULL);
	check_int(reed_http_guard_digest(other), REED_ENOTSUP);
	reed_http_guard_free(other);
	close_house();
}

int main(void)
{
	RUN(the_better_hash_is_asked_for_first_and_basic_last);
	RUN(who_proves_to_know_the_password_is_let_in);
	RUN(a_file_of_htdigest_lets_in_with_its_hash_only);
	RUN(a_response_is_good_once);
	RUN(a_nonce_serves_many_requests_and_one_login);
	RUN(a_nonce_that_is_not_ours_is_called_stale);
	RUN(a_nonce_lasts_five_minutes);
	RUN(a_client_tries_again_with_a_fresh_nonce_but_not_with_a_wrong_password);
	RUN(a_password_is_never_sent_to_who_does_not_ask_for_digest);
	RUN(a_client_takes_the_best_hash_it_is_offered);
	RUN(a_password_that_was_changed_is_the_new_one_at_once);
	RUN(what_was_not_asked_for_is_asked_for_again);
	RUN(guessing_is_throttled);
	RUN(accounts_that_cannot_do_it_are_told_from_others);
	return 0;
}
