/* Cookies of a server: what is set, and what is read. */

#include "protocols/http/private.h"
#include "reed/http/client.h"
#include "reed/http/cookies.h"
#include "reed/log.h"
#include "reed/random.h"
#include "reed/scope.h"
#include "reed/sim.h"
#include "tests/check.h"

static struct {
	struct reed_sim *sim;
	struct reed_http_server *server;
	struct reed_http_client *client;
	struct reed_http_response *response;
	struct reed_http_new_cookie cookie;
	enum reed_err err;
} w;

static struct reed_future *handler(void *arg, struct reed_http_request *r)
{
	struct reed_slice a = reed_http_cookie(r, "a"), b = reed_http_cookie(r, "b");

	(void)arg;
	w.err = reed_http_set_cookie(r, &w.cookie);
	reed_http_respondf(r, 200, NULL, "a=%s" REED_FMT " b=%s" REED_FMT, a.p ? "" : "none",
	                   REED_ARG(a), b.p ? "" : "none", REED_ARG(b));
	return NULL;
}

static void get(const char *cookies)
{
	struct reed_http_field fields[2] = { { REED_STR("Cookie"), reed_slice_of(cookies) },
		                             { REED_STR("Cookie"), REED_STR("last=1; b=late") } };
	struct reed_http_fetch what = REED_HTTP_FETCH;

	what.url = "http://here/";
	what.fields = fields;
	what.field_count = 2;
	reed_http_response_free(w.response);
	w.response = NULL;
	check_int(reed_sim_run_until(w.sim, reed_http_fetch(w.client, &what, &w.response), NULL),
	          REED_OK);
}

static void begin(void)
{
	struct reed_http_server_options server = REED_HTTP_SERVER_OPTIONS;
	struct reed_http_client_options client = REED_HTTP_CLIENT_OPTIONS;
	struct reed_loop *loop;

	memset(&w, 0, sizeof(w));
	w.sim = reed_sim_new(NULL);
	loop = reed_sim_host(w.sim, "here");
	server.handler = handler;
	w.server = reed_http_server_new(loop, &server);
	client.dial = reed_http_fake_dial;
	client.dial_arg = w.server;
	w.client = reed_http_client_new(loop, &client);
	w.cookie = (struct reed_http_new_cookie)REED_HTTP_NEW_COOKIE;
	w.cookie.name = "n";
	w.cookie.value = REED_STR("v");
}

static void end(void)
{
	reed_http_response_free(w.response);
	reed_http_client_free(w.client);
	reed_sim_run_for(w.sim, REED_S(100));
	reed_http_server_free(w.server);
	reed_sim_free(w.sim);
}

static void sets(const char *field)
{
	get("");
	check_int(w.err, REED_OK);
	check_slice(reed_http_response_field(w.response, "Set-Cookie"), field);
}

static void what_is_not_said_is_safe(void)
{
	begin();
	sets("n=v; Path=/; SameSite=Lax; Secure; HttpOnly"); /* nobody else is in memory */
	w.cookie.secure = true;
	w.cookie.script = true;
	w.cookie.same_site = REED_HTTP_SAME_SITE_STRICT;
	w.cookie.path = "/x";
	w.cookie.domain = "a.example";
	sets("n=v; Path=/x; Domain=a.example; SameSite=Strict; Secure");
	w.cookie = (struct reed_http_new_cookie)REED_HTTP_NEW_COOKIE;
	w.cookie.name = "__Host-n";
	sets("__Host-n=; Path=/; SameSite=Lax; Secure; HttpOnly");
	w.cookie.name = "n";
	w.cookie.same_site = REED_HTTP_SAME_SITE_NONE;
	sets("n=; Path=/; SameSite=None; Secure; HttpOnly");
	end();
}

static void over_a_wire_without_tls_it_is_not_secure(void)
{
	struct reed_http_client_options plain = REED_HTTP_CLIENT_OPTIONS;
	struct reed_scope scope;

	begin();
	reed_http_client_free(w.client);
	w.client = reed_http_client_new(w.server->loop, &plain);
	reed_scope_init(&scope, w.server->loop, NULL, "server");
	reed_scope_add(&scope, reed_http_serve(w.server, "tcp:80"));
	sets("n=v; Path=/; SameSite=Lax; HttpOnly");
	w.cookie.secure = true;
	sets("n=v; Path=/; SameSite=Lax; Secure; HttpOnly");
	reed_scope_finish(&scope);
	end();
}

static void an_age_is_told_in_both_ways_and_has_an_end(void)
{
	begin();
	w.cookie.max_age = 60;
	sets("n=v; Path=/; Max-Age=60; Expires=Thu, 01 Jan 2026 00:01:00 GMT; SameSite=Lax; "
	     "Secure; HttpOnly");
	w.cookie.max_age = -1;
	sets("n=v; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; SameSite=Lax; "
	     "Secure; HttpOnly");
	w.cookie.max_age = INT64_MAX;
	get("");
	check(reed_slice_search(reed_http_response_field(w.response, "Set-Cookie"),
	                        REED_STR("; Max-Age=34560000;")) == 11);
	end();
}

static void refused(enum reed_err err)
{
	get("");
	check_int(w.err, err);
	check(!reed_http_response_field(w.response, "Set-Cookie").p);
}

static void what_is_no_cookie_is_not_set(void)
{
	static const char *const values[] = { "a b",  "a;b",  "a,b",     "a\"b",
		                              "a\\b", "a\nb", "\xc3\xa4" };
	static char large[5000];

	begin();
	for (size_t i = 0; i < REED_COUNT(values); i++) {
		w.cookie.value = reed_slice_of(values[i]);
		refused(REED_EINVAL);
	}
	memset(large, 'x', sizeof(large) - 1);
	w.cookie.value = reed_slice_of(large);
	refused(REED_ETOOBIG);
	w.cookie.value = REED_STR("v");
	w.cookie.name = "a=b";
	refused(REED_EINVAL);
	w.cookie.name = "n";
	w.cookie.path = "/a;b";
	refused(REED_EINVAL);
	w.cookie.path = "a";
	refused(REED_EINVAL);
	w.cookie.path = NULL;
	w.cookie.domain = "a.example; Secure";
	refused(REED_EINVAL);
	w.cookie.domain = "a.example";
	w.cookie.name = "__host-n";
	refused(REED_EINVAL);
	end();
}

static void the_first_of_a_name_is_read_from_all_fields(void)
{
	begin();
	get("x; a=1; ab=3; a=2;b ;  c=d");
	check_slice(w.response->body, "a=1 b=late");
	get("b=\"q\";=a");
	check_slice(w.response->body, "a=none b=\"q\"");
	get("b=x=y; A=5");
	check_slice(w.response->body, "a=none b=x=y");
	end();
}

int main(void)
{
	RUN(what_is_not_said_is_safe);
	RUN(over_a_wire_without_tls_it_is_not_secure);
	RUN(an_age_is_told_in_both_ways_and_has_an_end);
	RUN(what_is_no_cookie_is_not_set);
	RUN(the_first_of_a_name_is_read_from_all_fields);
	return 0;
}
