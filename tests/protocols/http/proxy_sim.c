/* The reverse proxy through faults: what is answered is right, and nothing that may not be is done twice. */

#include "proxy.h"

enum { REQUESTS = 40 };

/* ---- many clients in a bad world ---- */

struct client {
	struct reed_co co;
	struct reed_http_client *http;
	int number, *answered, *failed;
	char url[64], body[64];
	struct reed_http_response *response;
};

static bool is_ours(const struct client *self)
{
	char *wanted =
		reed_sprintf(" heard %s /n?%d\n", self->number % 2 ? "POST" : "GET", self->number);
	struct reed_slice got = self->response->body;
	bool found = reed_slice_search(got, reed_slice_of(wanted)) < got.n;

	reed_free(wanted);
	return found;
}

static struct reed_future *fetch(struct client *self)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;

	snprintf(self->url, sizeof(self->url), "http://proxy/n?%d", self->number);
	snprintf(self->body, sizeof(self->body), "body of %d", self->number);
	what.url = self->url;
	what.method = self->number % 2 ? "POST" : "GET";
	if (self->number % 2)
		what.body = reed_slice_of(self->body);
	return reed_http_fetch(self->http, &what, &self->response);
}

static void client_run(struct reed_co *co)
{
	struct client *self = reed_frame(co, struct client);

	reed_coroutine (co) {
		reed_try(co, reed_sleep(co->loop, self->number * 300));
		reed_await(co, fetch(self));
		if (co->err || self->response->status >= 500) {
			++*self->failed;
			reed_return(co, REED_OK);
		}
		check_int(self->response->status, 200);
		check(is_ours(self));
		++*self->answered;
	}
}

static void client_end(struct reed_co *co)
{
	struct client *self = reed_frame(co, struct client);

	reed_http_response_free(self->response);
	reed_http_client_free(self->http);
}

static const struct reed_co_kind client_kind = { "client", sizeof(struct client), client_run, NULL,
	                                         client_end };

static void start_clients(struct world *w, struct reed_scope *scope, int *answered, int *failed)
{
	struct reed_http_client_options o = REED_HTTP_CLIENT_OPTIONS;

	o.silent_ms = 20000;
	reed_scope_init(scope, w->loop, NULL, "clients");
	for (int i = 0; i < REQUESTS; i++) {
		struct client *client = reed_co_new(w->loop, &client_kind);

		client->number = i;
		client->http = reed_http_client_new(w->loop, &o);
		client->answered = answered;
		client->failed = failed;
		reed_scope_add(scope, reed_start(&client->co));
	}
}

static int all_failed;

static void nothing_is_active(const struct world *of)
{
	struct reed_http_upstream_stats stats = { .size = sizeof(stats) };

	for (unsigned i = 0; !reed_http_proxy_stats(of->proxy, i, &stats); i++)
		check_int(stats.active, 0);
}

static uint64_t one_world(uint64_t seed, enum reed_http_version version)
{
	struct reed_sim_link link = REED_SIM_ROUGH;
	struct reed_sim_faults faults = REED_SIM_FAULTS;
	struct reed_sim_options sim = REED_SIM_OPTIONS;
	struct reed_http_proxy_options o = REED_HTTP_PROXY_OPTIONS;
	struct reed_scope clients;
	struct world w;
	int answered = 0, failed = 0;
	uint64_t hash;

	link.bandwidth = 0;
	faults.reset_every = REED_S(1);
	faults.partition_every = REED_S(8);
	faults.partition_for = REED_S(2);
	faults.until = REED_S(20);
	sim.seed = seed;
	sim.link = &link;
	sim.faults = &faults;
	sim.schedule = REED_SIM_SHUFFLED;
	sim.partial_reads = sim.partial_writes = 0.2;
	o.first_ms = 3000;
	o.connect_ms = 2000;
	o.silent_ms = 5000;
	o.version = version;
	o.balance = seed % 2 ? REED_HTTP_LEAST : REED_HTTP_ROUND_ROBIN;
	world_open(&w, o, &sim);
	start_clients(&w, &clients, &answered, &failed);
	check_int(reed_sim_run_for(w.sim, REED_S(120)), REED_OK);
	check_int(clients.count, 0);
	check_int(answered + failed, REQUESTS);
	nothing_is_active(&w);
	check(answered > 0);
	all_failed += failed;
	for (int i = 1; i < REQUESTS; i += 2) /* POST */
		check(w.a.marks[i] + w.b.marks[i] <= 1);
	hash = reed_sim_hash(w.sim);
	reed_scope_finish(&clients);
	world_close(&w);
	return hash;
}

static void each_is_answered_once_or_failed_whatever_breaks(void)
{
	for (uint64_t seed = 1; seed <= 20; seed++)
		one_world(seed, REED_HTTP_VERSION_ANY);
	check(all_failed > 0); /* else nothing was tried */
}

static void over_http_2_alike(void)
{
	all_failed = 0;
	for (uint64_t seed = 1; seed <= 10; seed++)
		one_world(seed, REED_HTTP_VERSION_2);
	check(all_failed > 0);
}

static void the_same_seed_is_the_same_run(void)
{
	check(one_world(7, REED_HTTP_VERSION_ANY) == one_world(7, REED_HTTP_VERSION_ANY));
	check(one_world(7, REED_HTTP_VERSION_2) == one_world(7, REED_HTTP_VERSION_2));
}

/* ---- at each suspension ---- */

static struct world w;

struct passage {
	int number;
	enum reed_http_version version;
};

/* What is disturbed is the client: its proxy sees it go at every moment. */
static struct reed_future *scenario(void *arg, struct reed_sim *sim)
{
	const struct passage *passage = arg;
	static const char *const both[] = { "tcp:a:80", "tcp:b:80", NULL };
	struct reed_http_proxy_options o = REED_HTTP_PROXY_OPTIONS;
	struct reed_http_server_options s = REED_HTTP_SERVER_OPTIONS;
	struct reed_fault *fault = NULL;
	struct client *client;
	struct reed_loop *loop;
	static int ignored;

	w = (struct world){ .sim = sim };
	backend_open(&w.a, sim, "a", "tcp:80");
	loop = reed_sim_host(sim, "proxy");
	o.upstreams = both;
	o.first_ms = 3000;
	o.version = passage->version;
	check_int(reed_http_proxy_new(loop, &o, &w.proxy, &fault), REED_OK);
	s.handler = reed_http_proxy_handler;
	s.arg = w.proxy;
	w.server = reed_http_server_new(loop, &s);
	reed_scope_init(&w.scope, loop, NULL, "proxy");
	w.scope.policy = REED_SCOPE_IGNORE;
	reed_scope_add(&w.scope, reed_http_serve(w.server, "tcp:80"));
	loop = reed_sim_host(sim, "client");
	client = reed_co_new(loop, &client_kind);
	client->http = reed_http_client_new(loop, NULL);
	client->number = passage->number;
	client->answered = client->failed = &ignored;
	return reed_start(&client->co);
}

static void afterwards(void *passage, struct reed_sim *sim, const struct reed_sim_suspension *at)
{
	(void)passage;
	(void)at;
	reed_sim_run_for(sim, REED_S(30));
	nothing_is_active(&w);
	reed_scope_finish(&w.scope);
	reed_sim_run_for(sim, REED_S(10));
	reed_http_server_free(w.server);
	reed_http_proxy_free(w.proxy);
	backend_close(&w.a);
	reed_sim_run_for(sim, REED_S(10));
}

static void a_client_may_go_at_any_moment(void)
{
	static struct passage passages[] = { { 0, REED_HTTP_VERSION_1 },
		                             { 1, REED_HTTP_VERSION_1 },
		                             { 0, REED_HTTP_VERSION_2 },
		                             { 1, REED_HTTP_VERSION_2 } };
	struct reed_sim_suspension_options o = REED_SIM_SUSPENSION_OPTIONS;
	uint64_t points = 0;

	o.points = &points;
	for (size_t i = 0; i < REED_COUNT(passages); i++) {
		check_int(reed_sim_each_suspension(scenario, afterwards, &passages[i], &o),
		          REED_OK);
		check(points > 20);
	}
}

int main(void)
{
	RUN(each_is_answered_once_or_failed_whatever_breaks);
	RUN(over_http_2_alike);
	RUN(the_same_seed_is_the_same_run);
	RUN(a_client_may_go_at_any_moment);
	return 0;
}
