/* Challenges of a certificate authority, in front of every handler, over both wires. */

#include "site.h"

#include "reed/challenge.h"
#include "reed/co.h"
#include "reed/http/client.h"
#include "reed/sim.h"
#include "tests/check.h"

static struct reed_sim *sim;
static struct reed_scope scope;
static struct site site;
static struct reed_loop *server, *client;

static void begin(void)
{
	sim = reed_sim_new(NULL);
	server = reed_sim_host(sim, "server");
	client = reed_sim_host(sim, "client");
	site_open(&site, server, NULL);
	reed_scope_init(&scope, server, NULL, "server");
	scope.policy = REED_SCOPE_IGNORE;
	reed_scope_add(&scope, reed_http_serve(site.server, "tcp:80"));
	reed_sim_run_for(sim, REED_MS(1));
}

static void end(void)
{
	reed_scope_finish(&scope);
	reed_sim_run_for(sim, REED_S(10));
	site_close(&site);
	reed_sim_free(sim);
}

static void gets(const char *url, unsigned status, const char *body)
{
	struct reed_http_response *r;

	check_int(reed_sim_run_until(sim, reed_http_get(client, url, &r), NULL), REED_OK);
	check_int(r->status, status);
	if (body)
		check_slice(r->body, body);
	reed_http_response_free(r);
}

static void a_challenge_is_answered_as_long_as_it_is_shown(void)
{
	struct reed_challenge *c;

	begin();
	gets("http://server/.well-known/acme-challenge/tok", 404, NULL);
	c = reed_challenge_new(server, REED_CHALLENGE_HTTP, "tok", REED_STR("tok.print"));
	gets("http://server/.well-known/acme-challenge/tok", 200, "tok.print");
	gets("http://server/.well-known/acme-challenge/Tok", 404, NULL);
	gets("http://server/.well-known/acme-challenge/", 404, NULL);
	gets("http://server/hello/you", 200, "Hello, you!");
	reed_challenge_free(c);
	gets("http://server/.well-known/acme-challenge/tok", 404, NULL);
	end();
}

int main(void)
{
	RUN(a_challenge_is_answered_as_long_as_it_is_shown);
	return 0;
}
