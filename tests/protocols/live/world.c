/* Links that end, refuse, are full, or are dropped at any moment. */

#include "browser.h"

#include "tests/check.h"
#include "tests/core/sim_each.h"

/* ---- a link by hand: POSTs to an office ---- */

struct world {
	struct reed_sim *sim;
	struct reed_loop *loop; /* of the client */
	struct office office;
	struct reed_http_client *client;
	unsigned status;
	char heard[400000];
	char token[64];
};

static void world_open(struct world *w, const struct reed_live_options *options)
{
	w->sim = reed_sim_new(NULL);
	w->loop = reed_sim_host(w->sim, "client");
	w->token[0] = w->heard[0] = '\0';
	office_open(&w->office, reed_sim_host(w->sim, "server"), options);
	w->office.silent = true;
	w->client = reed_http_client_new(w->loop, NULL);
	reed_sim_run_for(w->sim, REED_MS(1));
}

static void world_close(struct world *w)
{
	check(!reed_sim_failure(w->sim));
	office_close(&w->office);
	check_int(w->office.gone, w->office.opened);
	reed_http_client_free(w->client);
	reed_sim_run_for(w->sim, REED_S(10));
	reed_sim_free(w->sim);
}

/* As the page, of the given origin; returns what was answered. */
static const char *post_as(struct world *w, const char *origin, const char *what, const char *body)
{
	struct reed_http_field fields[] = { { REED_STR("Reed-Live"), REED_STR("1") },
		                            { REED_STR("Origin"), reed_slice_of(origin) } };
	struct reed_http_response *response = NULL;
	struct reed_http_fetch fetch = REED_HTTP_FETCH;
	char url[64];

	snprintf(url, sizeof(url), "http://server/live/%s", what);
	fetch.url = url;
	fetch.method = "POST";
	fetch.fields = fields;
	fetch.field_count = origin ? 2 : 1;
	fetch.body = reed_slice_of(body);
	check_int(reed_sim_run_until(w->sim, reed_http_fetch(w->client, &fetch, &response), NULL),
	          REED_OK);
	w->status = response->status;
	reed_slice_copy(w->heard, sizeof(w->heard), response->body);
	reed_http_response_free(response);
	return w->heard;
}

/* The body begins with a hello for the token there is. */
static const char *post(struct world *w, const char *what, int had, const char *lines)
{
	static char body[300000];

	snprintf(body, sizeof(body), "hello %s %d\n%s", w->token[0] ? w->token : "-", had, lines);
	post_as(w, NULL, what, body);
	sscanf(w->heard, "welcome %60s", w->token);
	return w->heard;
}

static struct world w;

static void a_page_that_stays_away_expires(void)
{
	struct reed_live_options options = REED_LIVE_OPTIONS;

	options.limits.away_ms = 5000;
	world_open(&w, &options);
	post(&w, "poll", 0, "");
	check(strlen(w.token) == 32);
	reed_sim_run_for(w.sim, REED_MS(4900));
	post(&w, "poll", 0, "ping\n");
	check_int(w.status, 200);
	check_int(reed_live_count(w.office.live), 1);
	reed_sim_run_for(w.sim, REED_MS(5100));
	check_int(reed_live_count(w.office.live), 0);
	check_str(w.office.why, "expired");
	check_str(post(&w, "poll", 0, ""), "expired\n");
	check_int(w.status, 410);
	world_close(&w);
}

static void a_life_ends_however_busy_it_is(void)
{
	struct reed_live_options options = REED_LIVE_OPTIONS;

	options.limits.life_ms = 20000;
	options.limits.poll_ms = 1000;
	world_open(&w, &options);
	for (int i = 0; i < 15; i++)
		post(&w, "poll", 0, "");
	check_int(w.status, 200);
	for (int i = 0; i < 15 && w.status == 200; i++)
		post(&w, "poll", 0, "");
	check_int(w.status, 410);
	check_str(w.office.why, "expired");
	world_close(&w);
}

static void pages_of_other_hosts_are_refused(void)
{
	struct reed_live_options options = REED_LIVE_OPTIONS;

	world_open(&w, NULL);
	post_as(&w, "https://evil.example", "poll", "hello - 0\n");
	check_int(w.status, 403);
	post_as(&w, "http://server.evil.example", "poll", "hello - 0\n");
	check_int(w.status, 403);
	post_as(&w, "https://server", "poll", "hello - 0\n");
	check_int(w.status, 403);
	post_as(&w, "null", "poll", "hello - 0\n");
	check_int(w.status, 403);
	post_as(&w, "http://server", "poll", "hello - 0\n");
	check_int(w.status, 200);
	world_close(&w);
	options.origins = "https://a.example, https://b.example";
	world_open(&w, &options);
	post_as(&w, "https://b.example", "poll", "hello - 0\n");
	check_int(w.status, 200);
	post_as(&w, "http://server", "poll", "hello - 0\n");
	check_int(w.status, 403);
	world_close(&w);
}

static void there_are_so_many_links_and_no_more(void)
{
	struct reed_live_options options = REED_LIVE_OPTIONS;

	options.limits.links = 2;
	world_open(&w, &options);
	post_as(&w, NULL, "poll", "hello - 0\n");
	post_as(&w, NULL, "poll", "hello - 0\n");
	check_int(w.status, 200);
	post_as(&w, NULL, "poll", "hello - 0\n");
	check_int(w.status, 503);
	check_int(w.office.opened, 2);
	world_close(&w);
}

static void a_page_that_may_not_come_back_does_not(void)
{
	struct reed_live_options options = REED_LIVE_OPTIONS;

	options.resume = office_refuses;
	world_open(&w, &options);
	post(&w, "poll", 0, "");
	check_int(w.status, 200);
	check_str(post(&w, "poll", 0, ""), "expired\n");
	world_close(&w);
}

static void what_a_page_does_not_acknowledge_is_bounded(void)
{
	struct reed_live_options options = REED_LIVE_OPTIONS;
	struct reed_live_link *link;
	enum reed_err err = REED_OK;
	int n = 0;

	options.limits.queue = 10000;
	world_open(&w, &options);
	post(&w, "poll", 0, "");
	link = w.office.link;
	while (!err && n++ < 1000)
		err = reed_live_say(link, "tick",
		                    REED_STR("[\"0123456789012345678901234567890123456789\"]"));
	check_int(err, REED_EOVERFLOW);
	check(n > 20 && n < 300 && reed_live_must_drain(link));
	check(strstr(post(&w, "poll", 0, ""), "1 say tick"));
	check_int(reed_live_say(link, "tick", REED_STR("[]")), REED_EOVERFLOW);
	post(&w, "poll", n - 1, "ping\n");
	check(!reed_live_must_drain(link));
	check_int(reed_sim_run_until(w.sim, reed_live_drain(link), NULL), REED_OK);
	check_int(reed_live_say(link, "tick", REED_STR("[]")), REED_OK);
	world_close(&w);
}

/* Calls that nobody answers hold up what comes behind them, and not more than one POST of it. */
static void calls_that_are_not_answered_hold_up_the_next(void)
{
	struct reed_live_options options = REED_LIVE_OPTIONS;
	struct reed_http_response *response = NULL;
	struct reed_http_fetch fetch = REED_HTTP_FETCH;
	static const struct reed_http_field field = { { "Reed-Live", 9 }, { "1", 1 } };
	char body[300];

	options.limits.calls = 2;
	world_open(&w, &options);
	w.office.slow = true;
	post(&w, "poll", 0, "");
	snprintf(body, sizeof(body),
	         "hello %s 0\n1 call 1 add [1]\n2 call 2 add [2]\n3 call 3 add [3]\n", w.token);
	fetch.url = "http://server/live/send";
	fetch.method = "POST";
	fetch.fields = &field;
	fetch.field_count = 1;
	fetch.body = reed_slice_of(body);
	check_int(reed_sim_run_until(w.sim,
	                             reed_within(1000,
	                                         reed_http_fetch(w.client, &fetch, &response)),
	                             NULL),
	          REED_ETIMEDOUT);
	check_int(w.office.added, 2);
	reed_sim_run_for(w.sim, REED_S(30)); /* two are answered, and the third begins */
	check_int(w.office.added, 3);
	check(strstr(post(&w, "poll", 0, ""), "1 ok 1  2\n"));
	world_close(&w);
}

static void what_cannot_be_said_is_told(void)
{
	struct reed_live_result result = { .json = NULL };
	struct reed_live_link *link;

	world_open(&w, NULL);
	post(&w, "poll", 0, "");
	link = w.office.link;
	check_int(reed_live_say(link, "a b", REED_STR("[]")), REED_EINVAL);
	check_int(reed_live_say(link, "", REED_STR("[]")), REED_EINVAL);
	check_int(reed_live_say(link, "a", REED_STR("")), REED_EINVAL);
	check_int(reed_live_say(link, "a", REED_STR("\xff")), REED_EINVAL);
	check_int(reed_live_say(link, "a", REED_STR("[\n1\r\n]")), REED_OK);
	check(strstr(post(&w, "poll", 0, ""), "1 say a [ 1  ]\n"));
	check_int(reed_sim_run_until(w.sim, reed_live_ask(link, "a b", REED_STR("[]"), &result),
	                             NULL),
	          REED_EINVAL);
	check(!result.json);
	world_close(&w);
}

static void a_question_ends_with_the_link(void)
{
	struct reed_live_result result = { .json = NULL };
	struct reed_future *ask;

	world_open(&w, NULL);
	post(&w, "poll", 0, "");
	ask = reed_live_ask(w.office.link, "double", REED_STR("[1]"), &result);
	reed_live_close(w.office.link);
	check_int(reed_sim_run_until(w.sim, ask, NULL), REED_ECLOSED);
	check_str(w.office.why, "closed");
	check(!result.json && reed_live_count(w.office.live) == 0);
	world_close(&w);
}

static void a_refusal_of_the_page_is_a_result(void)
{
	struct reed_live_result result = { .json = NULL };
	struct reed_future *ask;

	world_open(&w, NULL);
	post(&w, "poll", 0, "");
	ask = reed_live_ask(w.office.link, "double", REED_STR("[1]"), &result);
	check(strstr(post(&w, "poll", 0, ""), "1 call 1 double [1]\n"));
	check_str(post(&w, "send", 1, "1 no 1 \"not today\"\n"), "ack 1\n");
	check_int(reed_sim_run_until(w.sim, ask, NULL), REED_OK);
	check(result.refused);
	check_str(result.json, "\"not today\"");
	reed_free(result.json);
	reed_drop(reed_live_ask(w.office.link, "double", REED_STR("[2]"), &result));
	check_str(post(&w, "send", 2, "2 ok 2 4\n"), "ack 2\n"); /* nobody waits for it */
	world_close(&w);
}

/* ---- a drop at every suspension ---- */

struct scenario {
	struct reed_co co;
	struct office office;
	struct browser_notes notes;
	bool open;
};

static struct browser_notes notes; /* of a browser that may outlive the server */

static void scenario_run(struct reed_co *co)
{
	struct scenario *self = reed_frame(co, struct scenario);
	struct reed_live_options options = REED_LIVE_OPTIONS;
	struct reed_sim *sim = reed_sim_of(co->loop);

	reed_coroutine (co) {
		options.limits.poll_ms = 50;
		notes = (struct browser_notes){ .few = true };
		office_open(&self->office, co->loop, &options);
		self->open = true;
		reed_sim_add(sim, browser(reed_sim_host(sim, "client"), &notes));
		reed_try(co, reed_sleep(co->loop, 700));
		reed_try(co, reed_scope_stop(&self->office.scope, 50));
	}
}

static void scenario_end(struct reed_co *co)
{
	struct scenario *self = reed_frame(co, struct scenario);

	notes.give_up = true;
	if (self->open)
		office_close(&self->office);
}

static const struct reed_co_kind scenario_kind = { "scenario", sizeof(struct scenario),
	                                           scenario_run, NULL, scenario_end };

static struct reed_future *scenario(void *arg, struct reed_sim *sim)
{
	struct scenario *self = reed_co_new(reed_sim_host(sim, "server"), &scenario_kind);

	(void)arg;
	return reed_start(&self->co);
}

static void a_drop_at_any_moment_leaves_nothing(void)
{
	check_each_suspension(scenario, NULL, 50);
}

int main(void)
{
	RUN(a_page_that_stays_away_expires);
	RUN(a_life_ends_however_busy_it_is);
	RUN(pages_of_other_hosts_are_refused);
	RUN(there_are_so_many_links_and_no_more);
	RUN(a_page_that_may_not_come_back_does_not);
	RUN(what_a_page_does_not_acknowledge_is_bounded);
	RUN(calls_that_are_not_answered_hold_up_the_next);
	RUN(what_cannot_be_said_is_told);
	RUN(a_question_ends_with_the_link);
	RUN(a_refusal_of_the_page_is_a_result);
	RUN(a_drop_at_any_moment_leaves_nothing);
	return 0;
}
