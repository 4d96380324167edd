/* Sessions, who logs in, and who may change something. */

#include "reed/checker.h"
#include "reed/co.h"
#include "reed/http/auth.h"
#include "reed/http/client.h"
#include "reed/http/router.h"
#include "reed/http/server.h"
#include "reed/log.h"
#include "reed/random.h"
#include "reed/session.h"
#include "reed/sim.h"
#include "tests/check.h"

static struct {
	struct reed_sim *sim;
	struct reed_loop *loop;
	struct reed_portal *portal;
	struct reed_web_sessions_options options;
	struct reed_web_sessions *sessions;
	struct reed_http_router *router;
	struct reed_http_server *server;
	struct reed_http_client *client;
	struct reed_http_jar *jar;
	struct reed_http_response *response;
	char token[REED_WEB_SESSION_TOKEN];
	int came;
} w;

static const char *const trusted[] = { "https://friend.example", NULL };

/* ---- a site ---- */

struct visit {
	struct reed_co co;
	struct reed_http_request *request;
	const struct reed_form *form;
};

/* COUNT ACCOUNT, and one more the next time. */
static struct reed_future *count(void *arg, struct reed_http_request *r)
{
	struct reed_web_session *s = reed_web_session_of(r);
	uint64_t n = 0;
	char text[24];

	(void)arg;
	reed_slice_u64(reed_web_session_get(s, "n"), UINT64_MAX, &n);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)++n);
	check_int(reed_web_session_set(s, r, "n", reed_slice_of(text)), REED_OK);
	reed_http_respondf(r, 200, NULL, "%s %s " REED_FMT, text, reed_web_session_account(s),
	                   REED_ARG(reed_http_user(r)));
	return NULL;
}

static struct reed_future *page(void *arg, struct reed_http_request *r)
{
	(void)arg;
	reed_web_session_token(reed_web_session_of(r), r, w.token);
	reed_http_respond(r, 200, NULL, reed_slice_of(w.token));
	return NULL;
}

static struct reed_future *nothing(void *arg, struct reed_http_request *r)
{
	(void)arg;
	w.came++;
	reed_http_respond(r, 200, NULL,
	                  reed_slice_of(reed_web_session_account(reed_web_session_of(r))));
	return NULL;
}

static struct reed_future *touch(void *arg, struct reed_http_request *r)
{
	(void)arg;
	reed_web_session_touch(reed_web_session_of(r));
	reed_http_respond(r, 200, NULL, REED_STR(""));
	return NULL;
}

static void login_run(struct reed_co *co)
{
	struct visit *self = reed_frame(co, struct visit);
	struct reed_http_request *r = self->request;

	reed_coroutine (co) {
		reed_try(co, reed_form_take(r, NULL, &self->form));
		reed_await(co, reed_web_session_login(reed_web_session_of(r), r,
		                                      reed_form_get(self->form, "user"),
		                                      reed_form_get(self->form, "password")));
		if (co->err)
			reed_http_fail(r, co->err == REED_ETHROTTLED ? 429 : 403, reed_co_why(co));
		else
			reed_http_respond(r, 200, NULL, REED_STR("welcome"));
	}
}

static const struct reed_co_kind login_kind = { "login page", sizeof(struct visit), login_run, NULL,
	                                        NULL };

static struct reed_future *login(void *arg, struct reed_http_request *r)
{
	struct visit *self = reed_co_new(w.loop, &login_kind);

	(void)arg;
	self->request = r;
	return reed_start(&self->co);
}

static void build(void)
{
	struct reed_http_router *staff = reed_http_router_new(), *safe = reed_http_router_new();

	w.router = reed_http_router_new();
	reed_http_around(w.router, reed_web_sessions_around, w.sessions);
	reed_http_route(w.router, "GET", "/count", count, NULL);
	reed_http_route(w.router, "GET", "/page", page, NULL);
	reed_http_route(w.router, "POST", "/login", login, NULL);
	reed_http_route(w.router, "POST", "/logout", reed_web_sessions_log_out, w.sessions);
	reed_http_route(w.router, "GET", "/who", nothing, NULL);
	reed_http_route(w.router, "GET", "/touch", touch, NULL);
	reed_http_around(staff, reed_web_sessions_guarded, w.sessions);
	reed_http_route(staff, "*", "/{rest:path}", nothing, NULL);
	reed_http_mount(w.router, "/staff", staff);
	reed_http_around(safe, reed_web_sessions_csrf, w.sessions);
	reed_http_route(safe, "*", "/{rest:path}", nothing, NULL);
	reed_http_mount(w.router, "/safe", safe);
}

static void add_account(void)
{
	struct reed_checker *checker;

	check_int(reed_sim_run_until(w.sim, reed_checker_new(w.loop, "memory:", NULL, &checker),
	                             NULL),
	          REED_OK);
	reed_portal_add(w.portal, checker);
	check_int(reed_sim_run_until(w.sim,
	                             reed_portal_create(w.portal, REED_STR("alice"),
	                                                REED_STR("wonderland")),
	                             NULL),
	          REED_OK);
}

static void open_server(void)
{
	struct reed_http_server_options server = REED_HTTP_SERVER_OPTIONS;
	struct reed_http_client_options client = REED_HTTP_CLIENT_OPTIONS;

	w.sessions = reed_web_sessions_new(w.loop, &w.options);
	build();
	server.handler = reed_http_routed;
	server.arg = w.router;
	w.server = reed_http_server_new(w.loop, &server);
	client.dial = reed_http_fake_dial;
	client.dial_arg = w.server;
	client.jar = w.jar;
	w.client = reed_http_client_new(w.loop, &client);
}

static void close_server(void)
{
	reed_http_response_free(w.response);
	w.response = NULL;
	reed_http_client_free(w.client);
	reed_sim_run_for(w.sim, REED_S(100));
	check(!reed_sim_failure(w.sim));
	reed_http_server_free(w.server);
	reed_http_router_free(w.router);
	reed_web_sessions_free(w.sessions);
}

static void begin(void)
{
	memset(&w, 0, sizeof(w));
	w.sim = reed_sim_new(NULL);
	w.loop = reed_sim_host(w.sim, "here");
	w.portal = reed_portal_new(w.loop, NULL);
	w.jar = reed_http_jar_new();
	add_account();
	w.options = (struct reed_web_sessions_options)REED_WEB_SESSIONS_OPTIONS;
	w.options.portal = w.portal;
	w.options.origins = trusted;
	w.options.idle_s = 1000;
	w.options.life_s = 5000;
	open_server();
}

static void end(void)
{
	close_server();
	reed_portal_free(w.portal);
	reed_http_jar_free(w.jar);
	reed_sim_free(w.sim);
}

/* ---- a browser ---- */

static unsigned ask(const char *method, const char *path, const char *name, const char *value,
                    const char *form)
{
	struct reed_http_field fields[2] = {
		{ REED_STR("Content-Type"), REED_STR("application/x-www-form-urlencoded") },
		{ reed_slice_of(name), reed_slice_of(value) },
	};
	struct reed_http_fetch what = REED_HTTP_FETCH;
	char url[128];

	snprintf(url, sizeof(url), "https://here%s", path);
	what.url = url;
	what.method = method;
	what.fields = fields;
	what.field_count = name ? 2 : 1;
	what.body = reed_slice_of(form);
	reed_http_response_free(w.response);
	w.response = NULL;
	check_int(reed_sim_run_until(w.sim, reed_http_fetch(w.client, &what, &w.response), NULL),
	          REED_OK);
	return w.response->status;
}

static unsigned get(const char *path)
{
	return ask("GET", path, NULL, NULL, "");
}

static unsigned log_in(const char *password)
{
	char form[128];

	snprintf(form, sizeof(form), "user=alice&password=%s", password);
	return ask("POST", "/login", NULL, NULL, form);
}

#define says(wanted) check_slice(w.response->body, (wanted))

static struct reed_slice cookie(void)
{
	return reed_http_response_field(w.response, "Set-Cookie");
}

/* ---- tests ---- */

static void values_stay_between_requests(void)
{
	begin();
	check_int(get("/who"), 200);
	check(!cookie().p); /* nothing was put into it */
	check_int(get("/count"), 200);
	says("1  ");
	check_slice(reed_slice_first(cookie(), 15), "__Host-session=");
	check(reed_slice_ends(cookie(), REED_STR("; Path=/; SameSite=Lax; Secure; HttpOnly")));
	check_int(get("/count"), 200);
	says("2  ");
	check(!cookie().p);
	reed_http_jar_end_session(w.jar);
	check_int(get("/count"), 200);
	says("1  ");
	end();
}

static void a_cookie_that_nobody_gave_is_none(void)
{
	static const char *const made_up[] = {
		"__Host-session=00",
		"__Host-session=",
		"__Host-session=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		"__Host-session=zz23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	};

	begin();
	for (size_t i = 0; i < REED_COUNT(made_up); i++) {
		check_int(ask("GET", "/count", "Cookie", made_up[i], ""), 200);
		says("1  ");
		check(reed_slice_search(cookie(), reed_slice_of(made_up[i])) == cookie().n ||
		      made_up[i][15] == '\0');
	}
	end();
}

static void a_login_changes_the_cookie_and_knows_the_account(void)
{
	struct reed_slice first, second;
	char old[200];

	begin();
	check_int(get("/count"), 200);
	first = reed_slice_first(cookie(), 79);
	check(reed_slice_copy(old, sizeof(old), first));
	check_int(log_in("looking-glass"), 403);
	check_int(log_in("wonderland"), 200);
	second = reed_slice_first(cookie(), 79);
	check(!reed_slice_is(second, old));
	check_int(get("/count"), 200);
	says("2 alice alice"); /* what was in it stays */
	check_int(get("/staff/x"), 200);
	check_int(ask("GET", "/staff/x", "Cookie", old, ""), 401); /* whoever knew the old one */
	check_int(ask("POST", "/logout", NULL, NULL, ""), 204);
	check(reed_slice_search(cookie(), REED_STR("Max-Age=0")) < cookie().n);
	check_int(get("/staff/x"), 401);
	check_int(get("/count"), 200);
	says("1  ");
	end();
}

static void sessions_are_listed_and_revoked_with_those_of_other_doors(void)
{
	const struct reed_list *all;
	struct reed_avatar *avatar;

	begin();
	check_int(log_in("wonderland"), 200);
	check_int(get("/staff/x"), 200);
	all = reed_portal_sessions(w.portal);
	check(!reed_list_empty(all));
	avatar = reed_container_of(all->next, struct reed_avatar, link);
	check_str(avatar->account, "alice");
	check_str(avatar->door, "web");
	check_int(reed_portal_revoke(w.portal, avatar->id), REED_OK);
	check_int(get("/staff/x"), 401);
	check(reed_list_empty(reed_portal_sessions(w.portal)));
	end();
}

static void an_account_that_is_removed_is_out_and_does_not_come_back(void)
{
	begin();
	check_int(log_in("wonderland"), 200);
	check_int(reed_sim_run_until(w.sim, reed_portal_remove(w.portal, REED_STR("alice")), NULL),
	          REED_OK);
	check_int(reed_sim_run_until(w.sim,
	                             reed_portal_create(w.portal, REED_STR("alice"),
	                                                REED_STR("another-one")),
	                             NULL),
	          REED_OK);
	check_int(get("/staff/x"), 401);
	end();
}

static void sessions_end_when_nobody_uses_them_and_at_last(void)
{
	begin();
	check_int(get("/count"), 200);
	reed_sim_run_for(w.sim, REED_S(900));
	check_int(get("/count"), 200);
	says("2  ");
	reed_sim_run_for(w.sim, REED_S(1001));
	check_int(get("/count"), 200);
	says("1  ");
	for (int i = 0; i < 5; i++) {
		check_int(get("/who"), 200); /* these count as use too */
		reed_sim_run_for(w.sim, REED_S(900));
	}
	check_int(get("/count"), 200);
	says("2  ");
	reed_sim_run_for(w.sim, REED_S(800));
	check_int(get("/count"), 200);
	says("1  ");
	end();
}

/* ---- what is over is told ---- */

static struct {
	unsigned count;
	char text[REED_ACCOUNT_ROOM + 24]; /* the account and n of the last one */
} told;

static void hear_of_expiry(void *arg, const struct reed_web_session_row *row)
{
	(void)arg;
	told.count++;
	snprintf(told.text, sizeof(told.text), "%s " REED_FMT, row->account,
	         REED_ARG(reed_slice_first(reed_web_session_row_get(row, "n"), 20)));
}

static void begin_telling(void)
{
	memset(&told, 0, sizeof(told));
	begin();
	close_server();
	w.options.expired = hear_of_expiry;
	open_server();
}

static void is_told_after(int64_t seconds, unsigned count)
{
	reed_sim_run_for(w.sim, REED_S(seconds));
	check_int(told.count, count);
}

static void the_end_of_a_session_is_told_once_whether_its_browser_comes_back_or_not(void)
{
	begin_telling();
	check_int(get("/count"), 200);
	is_told_after(999, 0);
	is_told_after(61, 1);
	check_str(told.text, " 1");
	check_int(log_in("wonderland"), 200);
	check_int(get("/count"), 200);
	says("1 alice alice");
	is_told_after(990, 1);
	reed_sim_run_for(w.sim, REED_S(11));
	check_int(get("/staff/x"), 401); /* over, and perhaps not told yet */
	is_told_after(60, 2);
	check_str(told.text, "alice 1");
	is_told_after(5000, 2);
	end();
}

static void a_session_that_was_ended_is_not_told_of(void)
{
	begin_telling();
	check_int(log_in("wonderland"), 200);
	check_int(ask("POST", "/logout", NULL, NULL, ""), 204);
	is_told_after(3000, 0);
	end();
}

static void a_session_that_is_used_is_told_of_at_the_end_of_its_life(void)
{
	begin_telling();
	check_int(get("/count"), 200);
	for (int i = 0; i < 5; i++) {
		is_told_after(900, 0);
		check_int(get("/who"), 200);
	}
	is_told_after(499, 0);
	is_told_after(61, 1);
	end();
}

static void a_touch_begins_its_idle_time_anew(void)
{
	begin_telling();
	check_int(get("/count"), 200);
	reed_sim_run_for(w.sim, REED_S(90));
	check_int(get("/touch"), 200); /* too early to be written down for a request alone */
	is_told_after(980, 0);
	check_int(get("/count"), 200);
	says("2  ");
	end();
}

static void who_has_not_logged_in_is_sent_to_where_he_can(void)
{
	begin();
	check_int(get("/staff/x"), 401);
	close_server();
	w.options.login = "/in";
	open_server();
	check_int(get("/staff/x?a=1&b=2"), 303);
	check_slice(reed_http_response_field(w.response, "Location"),
	            "/in?to=/staff/x%3Fa%3D1%26b%3D2");
	check_int(ask("POST", "/staff/x", NULL, NULL, "a=1"), 401);
	end();
}

static void a_store_in_memory_is_bounded(void)
{
	begin();
	close_server();
	w.options.store = reed_web_session_memory_new(w.loop, 2);
	open_server();
	check_int(log_in("wonderland"), 200);
	check_int(get("/staff/x"), 200);
	/* one too many, and the first has gone */
	for (int i = 0; i < 2; i++)
		check_int(ask("GET", "/count", "Cookie", "none=1", ""), 200);
	reed_http_jar_end_session(w.jar);
	check_int(get("/staff/x"), 401);
	end();
}

/* ---- CSRF ---- */

static void a_form_needs_its_token(void)
{
	char form[128];

	begin();
	check_int(ask("POST", "/safe/x", NULL, NULL, "a=1"), 403);
	check_int(get("/page"), 200);
	snprintf(form, sizeof(form), "a=1&csrf=%s", w.token);
	check_int(ask("POST", "/safe/x", NULL, NULL, form), 200);
	check_int(get("/page"), 200);
	check(strstr(form, w.token) == NULL); /* another text each time, and both are right */
	check_int(ask("POST", "/safe/x", NULL, NULL, form), 200);
	check_int(ask("POST", "/safe/x", "X-CSRF-Token", w.token, "a=1"), 200);
	form[strlen(form) - 1] ^= 1;
	check_int(ask("POST", "/safe/x", NULL, NULL, form), 403);
	form[strlen(form) - 1] ^= 1;
	check_int(log_in("wonderland"), 200);
	check_int(ask("POST", "/safe/x", NULL, NULL, form), 403); /* of before */
	reed_http_jar_end_session(w.jar);
	check_int(ask("POST", "/safe/x", NULL, NULL, form), 403);
	check_int(w.came, 3);
	end();
}

static unsigned post(const char *name, const char *value)
{
	char form[128];

	snprintf(form, sizeof(form), "csrf=%s", w.token);
	return ask("POST", "/safe/x", name, value, form);
}

static void pages_of_others_may_not_post_even_with_a_token(void)
{
	begin();
	check_int(get("/page"), 200);
	check_int(post("Sec-Fetch-Site", "same-origin"), 200);
	check_int(post("Sec-Fetch-Site", "none"), 200);
	check_int(post("Sec-Fetch-Site", "same-site"), 403);
	check_int(post("Sec-Fetch-Site", "cross-site"), 403);
	check_int(post("Origin", "https://here"), 200);
	check_int(post("Origin", "http://here"), 403);
	check_int(post("Origin", "https://here:81"), 403);
	check_int(post("Origin", "https://there"), 403);
	check_int(post("Origin", "null"), 403);
	check_int(post("Origin", "https://friend.example"), 200);
	check_int(ask("GET", "/safe/x", "Sec-Fetch-Site", "cross-site", ""), 200);
	end();
}

static unsigned post_as(const char *type, const char *name, const char *value)
{
	struct reed_http_field fields[2] = { { REED_STR("Content-Type"), reed_slice_of(type) },
		                             { reed_slice_of(name), reed_slice_of(value) } };
	struct reed_http_fetch what = REED_HTTP_FETCH;

	what.url = "https://here/safe/x";
	what.method = "POST";
	what.fields = fields;
	what.field_count = name ? 2 : 1;
	what.body = REED_STR("{}");
	reed_http_response_free(w.response);
	w.response = NULL;
	check_int(reed_sim_run_until(w.sim, reed_http_fetch(w.client, &what, &w.response), NULL),
	          REED_OK);
	return w.response->status;
}

static void what_only_our_own_pages_can_send_needs_no_token(void)
{
	begin();
	check_int(post_as("application/json", NULL, NULL), 200);
	check_int(post_as("application/json", "Sec-Fetch-Site", "cross-site"), 403);
	check_int(post_as("text/plain", NULL, NULL), 403);
	check_int(post_as("text/plain;x", NULL, NULL), 403);
	check_int(post_as("multipart/form-data", NULL, NULL), 400);
	check_int(post_as("text/plain", "Authorization", "Bearer x"), 200);
	end();
}

/* ---- bounds ---- */

static struct reed_slice filling(size_t n)
{
	static char text[REED_WEB_SESSION_DATA + 1];

	memset(text, 'x', sizeof(text));
	return reed_slice(text, n);
}

static struct reed_future *fill(void *arg, struct reed_http_request *r)
{
	struct reed_web_session *s = reed_web_session_of(r);

	(void)arg;
	check_int(reed_web_session_set(s, r, "a", filling(REED_WEB_SESSION_DATA - 3)), REED_OK);
	check_int(reed_web_session_set(s, r, "b", REED_STR("")), REED_ETOOBIG);
	check_int(reed_web_session_get(s, "a").n, REED_WEB_SESSION_DATA - 3);
	check_int(reed_web_session_set(s, r, "a", reed_slice(NULL, 0)), REED_OK);
	check(!reed_web_session_get(s, "a").p);
	check_int(reed_web_session_set(s, r, "b", REED_STR("x\0y")), REED_EINVAL);
	reed_http_respond(r, 200, NULL, REED_STR("ok"));
	check_int(reed_web_session_enter(s, r, "alice"), REED_EINVAL); /* too late for a cookie */
	return NULL;
}

static void a_session_holds_so_much_and_begins_in_time(void)
{
	begin();
	reed_http_route(w.router, "GET", "/fill", fill, NULL);
	check_int(get("/fill"), 200);
	check_int(get("/who"), 200);
	says("");
	end();
}

int main(void)
{
	RUN(values_stay_between_requests);
	RUN(a_cookie_that_nobody_gave_is_none);
	RUN(a_login_changes_the_cookie_and_knows_the_account);
	RUN(sessions_are_listed_and_revoked_with_those_of_other_doors);
	RUN(an_account_that_is_removed_is_out_and_does_not_come_back);
	RUN(sessions_end_when_nobody_uses_them_and_at_last);
	RUN(the_end_of_a_session_is_told_once_whether_its_browser_comes_back_or_not);
	RUN(a_session_that_was_ended_is_not_told_of);
	RUN(a_session_that_is_used_is_told_of_at_the_end_of_its_life);
	RUN(a_touch_begins_its_idle_time_anew);
	RUN(who_has_not_logged_in_is_sent_to_where_he_can);
	RUN(a_store_in_memory_is_bounded);
	RUN(a_form_needs_its_token);
	RUN(pages_of_others_may_not_post_even_with_a_token);
	RUN(what_only_our_own_pages_can_send_needs_no_token);
	RUN(a_session_holds_so_much_and_begins_in_time);
	return 0;
}
