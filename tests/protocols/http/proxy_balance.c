/* The reverse proxy: whose turn it is. */

#include "proxy.h"

static struct reed_http_proxy_options between_two(void)
{
	return (struct reed_http_proxy_options)REED_HTTP_PROXY_OPTIONS;
}

static void upstreams_take_turns(void)
{
	struct world w;

	world_open(&w, between_two(), NULL);
	for (int i = 0; i < 10; i++)
		check_int(get(&w, "/"), 200);
	check_int(w.a.requests, 5);
	check_int(w.b.requests, 5);
	world_close(&w);
}

static void one_client_stays_with_one_upstream(void)
{
	struct reed_http_proxy_options o = between_two();
	struct world w;

	o.balance = REED_HTTP_HASH;
	world_open(&w, o, NULL);
	for (int i = 0; i < 10; i++)
		check_int(get(&w, "/"), 200);
	check(w.a.requests == 10 || w.b.requests == 10);
	world_close(&w);
}

static void a_cookie_leads_back(void)
{
	struct reed_http_proxy_options o = between_two();
	char *request;
	struct world w;
	char id[128];
	int a, b;

	o.balance = REED_HTTP_STICKY;
	world_open(&w, o, NULL);
	check_int(get(&w, "/"), 200);
	reed_slice_copy(id, sizeof(id), reed_http_response_field(w.response, "set-cookie"));
	check(strncmp(id, "reed-upstream=", 14) == 0);
	check(has(id, "; Path=/; HttpOnly; SameSite=Lax"));
	*strchr(id, ';') = '\0';
	a = w.a.requests;
	b = w.b.requests;
	request = reed_sprintf("GET / HTTP/1.0\r\nCookie: x=y; %s\r\n\r\n", id);
	for (int i = 0; i < 5; i++)
		check(!strstr(talk(&w, "tcp:proxy:80", request, 200), "Set-Cookie"));
	check_int(w.a.requests, a ? 6 : 0);
	check_int(w.b.requests, b ? 6 : 0);
	reed_free(request);
	world_close(&w);
}

/* In turn, one of two would be asked twice. */
static void who_has_least_to_do_is_asked(void)
{
	struct reed_http_upstream_stats stats = { .size = sizeof(stats) };
	struct reed_http_proxy_options o = between_two();
	struct world w;

	o.balance = REED_HTTP_LEAST;
	world_open(&w, o, NULL);
	reed_sim_add(w.sim, talking(&w, "tcp:proxy:80", "GET /x-never HTTP/1.0\r\n\r\n", 10000));
	reed_sim_run_for(w.sim, REED_S(1));
	check_int(w.a.requests, 1);
	for (int i = 0; i < 6; i++)
		check_int(get(&w, "/"), 200);
	check_int(w.a.requests, 1);
	check_int(w.b.requests, 6);
	reed_sim_run_for(w.sim, REED_S(10)); /* it has gone */
	check_int(reed_http_proxy_stats(w.proxy, 0, &stats), REED_OK);
	check_int(stats.active, 0);
	for (int i = 0; i < 6; i++)
		check_int(get(&w, "/"), 200);
	check_int(w.a.requests, 4);
	check_int(w.b.requests, 9);
	world_close(&w);
}

int main(void)
{
	RUN(upstreams_take_turns);
	RUN(one_client_stays_with_one_upstream);
	RUN(a_cookie_leads_back);
	RUN(who_has_least_to_do_is_asked);
	return 0;
}
