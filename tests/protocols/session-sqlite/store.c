/* Sessions on disk: what every store does, and what outlives the program. */

#include <stdlib.h>
#include <unistd.h>

#include "reed/alloc.h"
#include "reed/checker.h"
#include "reed/http/client.h"
#include "reed/http/router.h"
#include "reed/http/server.h"
#include "reed/random.h"
#include "reed/session-sqlite.h"
#include "reed/sim.h"
#include "tests/check.h"

static char folder[] = "/tmp/reed-session-XXXXXX";
static char path[64];
static struct reed_sim *sim;
static struct reed_loop *loop;
static struct reed_web_session_store *store;

static enum reed_err outcome(struct reed_future *f)
{
	return reed_sim_run_until(sim, f, NULL);
}

static void begin(void)
{
	sim = reed_sim_new(NULL);
	loop = reed_sim_host(sim, "here");
	check_int(outcome(reed_web_session_sqlite_open(loop, path, &store)), REED_OK);
}

static void end(void)
{
	if (store)
		store->ops->free(store);
	store = NULL;
	reed_sim_run_for(sim, REED_S(1));
	check(!reed_sim_failure(sim));
	reed_sim_free(sim);
	unlink(path);
}

/* ---- a store ---- */

static uint8_t one[REED_WEB_SESSION_ID] = { 1 }, two[REED_WEB_SESSION_ID] = { 1, 2 };
static struct reed_web_session_row row, got;

static enum reed_err load(const uint8_t *id)
{
	memset(&got, 0, sizeof(got));
	return outcome(store->ops->load(store, id, &got));
}

static void save(const uint8_t *id, const char *account, int64_t expires)
{
	row.expires = expires;
	memset(row.account, 0, sizeof(row.account));
	snprintf(row.account, sizeof(row.account), "%s", account);
	check_int(outcome(store->ops->save(store, id, &row)), REED_OK);
}

static void what_is_saved_is_loaded(void)
{
	row = (struct reed_web_session_row){ .made = 1, .used = 2, .data_n = 5, .data = "a\0bc" };
	memset(row.secret, 7, sizeof(row.secret));
	check_int(load(one), REED_ENOENT);
	save(one, "alice", INT64_MAX);
	check_int(load(one), REED_OK);
	check(memcmp(&row, &got, sizeof(row)) == 0);
	check_int(load(two), REED_ENOENT);
	row.data_n = REED_WEB_SESSION_DATA;
	memset(row.data, 'x', sizeof(row.data));
	save(one, "", INT64_MAX);
	check_int(load(one), REED_OK);
	check(memcmp(&row, &got, sizeof(row)) == 0);
}

static void what_is_removed_is_gone(void)
{
	save(one, "alice", INT64_MAX);
	save(two, "bob", INT64_MAX);
	check_int(outcome(store->ops->remove(store, one)), REED_OK);
	check_int(outcome(store->ops->remove(store, one)), REED_OK);
	check_int(load(one), REED_ENOENT);
	check_int(load(two), REED_OK);
	check_int(outcome(store->ops->forget(store, "alice")), REED_OK);
	check_int(load(two), REED_OK);
	check_int(outcome(store->ops->forget(store, "bob")), REED_OK);
	check_int(load(two), REED_ENOENT);
	save(one, "", INT64_MAX);
	check_int(outcome(store->ops->forget(store, "")), REED_OK);
	check_int(load(one), REED_OK); /* nobody is no account */
}

static void what_is_over_goes_now_and_then(void)
{
	uint8_t id[REED_WEB_SESSION_ID] = { 9 };

	save(one, "", reed_wall(loop) + REED_S(1));
	reed_sim_run_for(sim, REED_S(2));
	for (int i = 0; i < 300; i++) {
		id[1] = (uint8_t)i;
		save(id, "", INT64_MAX);
	}
	check_int(load(one), REED_ENOENT);
	check_int(load(id), REED_OK);
}

static enum reed_err take(int64_t now, uint8_t *id)
{
	memset(&got, 0, sizeof(got));
	return outcome(store->ops->take_expired(store, now, id, &got));
}

static void what_is_over_is_taken_once(void)
{
	int64_t base = reed_wall(loop);
	uint8_t id[REED_WEB_SESSION_ID];

	row.data_n = 4;
	memcpy(row.data, "a\0b", 4);
	save(one, "alice", base + REED_S(5));
	save(two, "", base + REED_S(4));
	check_int(take(base + REED_S(4) - 1, id), REED_ENOENT);
	check_int(take(base + REED_S(4), id), REED_OK);
	check(memcmp(id, two, sizeof(id)) == 0 && !got.account[0]);
	check_int(take(base + REED_S(5) - 1, id), REED_ENOENT);
	for (int i = 0; i < 300; i++) /* it waits to be taken, whatever else is saved */
		save(two, "", INT64_MAX);
	check_int(take(base + REED_S(6), id), REED_OK);
	check(memcmp(id, one, sizeof(id)) == 0);
	check_str(got.account, "alice");
	check_slice(reed_web_session_row_get(&got, "a"), "b");
	check_int(take(base + REED_S(6), id), REED_ENOENT);
	check_int(load(one), REED_ENOENT);
	check_int(load(two), REED_OK);
}

static void what_is_over_is_one_takers_only(void)
{
	struct reed_web_session_row rows[2] = { { .data_n = 0 }, { .data_n = 0 } };
	uint8_t ids[2][REED_WEB_SESSION_ID];
	struct reed_future *takers[2];

	save(one, "alice", 1);
	for (int i = 0; i < 2; i++)
		takers[i] = store->ops->take_expired(store, 1, ids[i], &rows[i]);
	check_int(outcome(takers[0]), REED_OK);
	check_str(rows[0].account, "alice");
	check_int(outcome(takers[1]), REED_ENOENT);
}

static void a_store_on_disk_does_what_stores_do(void)
{
	begin();
	what_is_saved_is_loaded();
	what_is_removed_is_gone();
	what_is_over_goes_now_and_then();
	end();
	begin();
	what_is_over_is_taken_once();
	what_is_over_is_one_takers_only();
	end();
}

static void a_store_in_memory_does_the_same(void)
{
	begin();
	store->ops->free(store);
	store = reed_web_session_memory_new(loop, 0);
	what_is_saved_is_loaded();
	end();
	begin();
	store->ops->free(store);
	store = reed_web_session_memory_new(loop, 0);
	what_is_over_is_taken_once();
	what_is_over_is_one_takers_only();
	end();
	begin();
	store->ops->free(store);
	store = reed_web_session_memory_new(loop, 0);
	row = (struct reed_web_session_row){ .made = 1, .used = 2 };
	check_int(load(one), REED_ENOENT);
	save(one, "alice", INT64_MAX);
	save(two, "bob", INT64_MAX);
	check_int(outcome(store->ops->remove(store, one)), REED_OK);
	check_int(load(one), REED_ENOENT);
	check_int(outcome(store->ops->forget(store, "bob")), REED_OK);
	check_int(load(two), REED_ENOENT);
	end();
}

/* ---- a server that is started again ---- */

static struct {
	struct reed_portal *portal;
	struct reed_web_sessions *sessions;
	struct reed_http_router *router;
	struct reed_http_server *server;
	struct reed_http_client *client;
	struct reed_http_jar *jar;
} w;

static struct reed_future *enter(void *arg, struct reed_http_request *r)
{
	(void)arg;
	check_int(reed_web_session_enter(reed_web_session_of(r), r, "alice"), REED_OK);
	reed_http_respond(r, 200, NULL, REED_STR(""));
	return NULL;
}

static struct reed_future *staff(void *arg, struct reed_http_request *r)
{
	(void)arg;
	reed_http_respond(r, reed_web_session_account(reed_web_session_of(r))[0] ? 200 : 401, NULL,
	                  REED_STR(""));
	return NULL;
}

static void start(bool with_alice)
{
	struct reed_web_sessions_options options = REED_WEB_SESSIONS_OPTIONS;
	struct reed_http_server_options server = REED_HTTP_SERVER_OPTIONS;
	struct reed_http_client_options client = REED_HTTP_CLIENT_OPTIONS;
	struct reed_checker *checker;
	const char *accounts = with_alice ? "memory:alice:wonderland" : "memory:";

	begin();
	w.portal = reed_portal_new(loop, NULL);
	check_int(outcome(reed_checker_new(loop, accounts, NULL, &checker)), REED_OK);
	reed_portal_add(w.portal, checker);
	options.store = store;
	store = NULL;
	options.portal = w.portal;
	w.sessions = reed_web_sessions_new(loop, &options);
	w.router = reed_http_router_new();
	reed_http_around(w.router, reed_web_sessions_around, w.sessions);
	reed_http_route(w.router, "GET", "/enter", enter, NULL);
	reed_http_route(w.router, "GET", "/staff", staff, NULL);
	server.handler = reed_http_routed;
	server.arg = w.router;
	w.server = reed_http_server_new(loop, &server);
	client.dial = reed_http_fake_dial;
	client.dial_arg = w.server;
	client.jar = w.jar;
	w.client = reed_http_client_new(loop, &client);
}

static void stop(void)
{
	reed_http_client_free(w.client);
	reed_sim_run_for(sim, REED_S(10));
	check_int(outcome(reed_web_sessions_flush(w.sessions)), REED_OK);
	reed_http_server_free(w.server);
	reed_http_router_free(w.router);
	reed_web_sessions_free(w.sessions);
	reed_portal_free(w.portal);
	reed_sim_run_for(sim, REED_S(1));
	check(!reed_sim_failure(sim));
	reed_sim_free(sim);
}

static unsigned get(const char *url)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;
	struct reed_http_response *response;
	unsigned status;

	what.url = url;
	check_int(outcome(reed_http_fetch(w.client, &what, &response)), REED_OK);
	status = response->status;
	reed_http_response_free(response);
	return status;
}

static void a_login_outlives_the_program_but_not_its_account(void)
{
	w.jar = reed_http_jar_new();
	start(true);
	check_int(get("https://here/staff"), 401);
	check_int(get("https://here/enter"), 200);
	check_int(get("https://here/staff"), 200);
	stop();
	start(true);
	check_int(get("https://here/staff"), 200);
	stop();
	start(false);
	check_int(get("https://here/staff"), 401);
	stop();
	start(true); /* it was taken out of the store, too */
	check_int(get("https://here/staff"), 401);
	stop();
	reed_http_jar_free(w.jar);
	unlink(path);
}

int main(void)
{
	check(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/sessions.db", folder);
	RUN(a_store_on_disk_does_what_stores_do);
	RUN(a_store_in_memory_does_the_same);
	RUN(a_login_outlives_the_program_but_not_its_account);
	check_int(rmdir(folder), 0);
	return 0;
}
