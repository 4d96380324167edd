/*
 * What is left of a wrapper after its handshake: echoes over TCP on the
 * loopback, both ends in one process and on one core, with and without it.
 * Connections of each kind take turns, and the ratio is the median over the
 * rounds of CPU time beside that of plain TCP in the same round.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reed/alloc.h"
#include "reed/endpoint.h"
#include "reed/policy.h"
#include "reed/proxy.h"
#include "reed/traffic.h"
#include "reed/tunnel.h"

enum { ROUNDS = 11, CONNECTIONS = 50, KINDS = 7 };

static struct reed_loop *loop;

static void must(enum reed_err err, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "%s: %s\n", what, reed_strerror(err));
	exit(1);
}

static void wait_for(struct reed_future *f, const char *what)
{
	must(reed_loop_run_until(loop, f, NULL), what);
}

/* ---- the kinds ---- */

struct ends {
	struct reed_stream *client, *server;
};

static void plain(struct ends *e)
{
	(void)e;
}

static void proxy_header(struct ends *e)
{
	must(reed_proxy_write(e->client, NULL), "PROXY");
	wait_for(reed_proxy_read(e->server), "PROXY");
}

static void tunnel(struct ends *e, struct reed_future *f, struct reed_slice answer, size_t request)
{
	struct reed_slice heard;

	reed_write(e->server, answer);
	wait_for(f, "tunnel");
	wait_for(reed_read_exactly(e->server, request, &heard), "tunnel");
	reed_stream_hand_on(e->server);
}

static void socks(struct ends *e)
{
	struct reed_tunnel_options o = REED_TUNNEL_OPTIONS;

	o.host = "h";
	tunnel(e, reed_socks5(e->client, &o), REED_STR("\5\0\5\0\0\1\0\0\0\0\0\0"), 11);
}

static void connect_by_http(struct ends *e)
{
	struct reed_tunnel_options o = REED_TUNNEL_OPTIONS;

	o.host = "h";
	tunnel(e, reed_http_connect(e->client, &o), REED_STR("HTTP/1.1 200 OK\r\n\r\n"),
	       strlen("CONNECT h:0 HTTP/1.1\r\nHost: h:0\r\n\r\n"));
}

/* Timeouts and a limit, as by keys of an endpoint. */
static void rules(struct ends *e)
{
	struct reed_timeouts t = REED_TIMEOUTS;
	struct reed_policy_options o = REED_POLICY_OPTIONS;
	struct reed_policy *policy;
	const char *why;

	t.idle_ms = t.handshake_ms = t.total_ms = 600000;
	o.most[REED_POLICY_ADDRESS] = 100000;
	policy = reed_policy_new(loop, &o);
	must(reed_policy_admit(policy, e->server, &why), "policy");
	reed_policy_release(policy);
	reed_stream_timeouts(e->server, &t);
}

static void throttle(struct ends *e)
{
	struct reed_policy_options o = REED_POLICY_OPTIONS;
	struct reed_policy *policy;

	o.bytes[REED_POLICY_CONNECTION].amount = (uint64_t)1 << 32;
	policy = reed_policy_new(loop, &o);
	e->server = reed_throttle(e->server, policy);
	reed_policy_release(policy);
}

static void log_traffic(struct ends *e)
{
	struct reed_traffic_options o = REED_TRAFFIC_OPTIONS;
	struct reed_traffic *traffic;

	o.path = "/dev/null";
	must(reed_traffic_open(loop, &o, &traffic, NULL), "log");
	e->server = reed_traffic_stream(e->server, traffic);
}

static const struct {
	const char *name;
	void (*wrap)(struct ends *e);
	const char *what;
} kinds[KINDS] = {
	{ "tcp", plain, "" },
	{ "haproxy", proxy_header, "both sides" },
	{ "socks5", socks, "both sides" },
	{ "http-connect", connect_by_http, "both sides" },
	{ "limits", rules, "limit=, idle=, handshake=, total=; server" },
	{ "throttle", throttle, "rate=4096M; server" },
	{ "log", log_traffic, "file=/dev/null; server" },
};

/* ---- echoes ---- */

static char bytes[65536];
static size_t size, left;

struct client {
	struct reed_protocol protocol;
	size_t missing;
};

static size_t echo(struct reed_protocol *self, struct reed_slice in)
{
	reed_write(self->stream, in);
	return in.n;
}

static size_t again(struct reed_protocol *self, struct reed_slice in)
{
	struct client *client = reed_container_of(self, struct client, protocol);

	client->missing -= in.n;
	if (client->missing > 0)
		return in.n;
	if (left == 0) {
		reed_loop_stop(loop);
		return in.n;
	}
	left--;
	client->missing = size;
	reed_write(self->stream, reed_slice(bytes, size));
	return in.n;
}

static struct reed_protocol_ops server_ops = { .data = echo };
static const struct reed_protocol_ops client_ops = { .data = again };

static struct reed_future *sessions[KINDS][2 * CONNECTIONS];
static struct client *clients[KINDS][CONNECTIONS];

static void connect_one(int kind, int i)
{
	struct reed_listener *listener;
	struct ends e;
	char *endpoint;

	wait_for(reed_listen(loop, "tcp:0:interface=127.0.0.1", &listener), "listen");
	endpoint = reed_sprintf("tcp:127.0.0.1:%u", listener->address.port);
	wait_for(reed_dial(loop, endpoint, &e.client), "dial");
	wait_for(reed_accept(listener, &e.server), "accept");
	reed_listener_close(listener);
	reed_free(endpoint);
	kinds[kind].wrap(&e);
	sessions[kind][2 * i] = reed_push(&server_ops, e.server);
	clients[kind][i] = reed_alloc(sizeof(struct client));
	clients[kind][i]->protocol.ops = &client_ops;
	sessions[kind][2 * i + 1] = reed_stream_attach(e.client, &clients[kind][i]->protocol);
}

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* CPU seconds of so many echoes. */
static double measure(int kind, size_t echoes)
{
	double start = cpu_seconds();

	left = echoes;
	for (int i = 0; i < CONNECTIONS; i++) {
		left--;
		clients[kind][i]->missing = size;
		reed_write(clients[kind][i]->protocol.stream, reed_slice(bytes, size));
	}
	reed_loop_run(loop);
	for (int i = 0; i < CONNECTIONS; i++) /* those who were still on their way */
		while (clients[kind][i]->missing > 0)
			reed_loop_turn(loop, REED_S(1));
	return cpu_seconds() - start;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void compare_kinds(size_t echo_size, size_t echoes)
{
	double ratios[KINDS][ROUNDS], spent[KINDS][ROUNDS];

	size = echo_size;
	for (int kind = 0; kind < KINDS; kind++)
		measure(kind, echoes / 10); /* warms up */
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < KINDS; i++) {
			int kind = (i + round) % KINDS;

			spent[kind][round] = measure(kind, echoes);
		}
	for (int kind = 0; kind < KINDS; kind++) {
		for (int round = 0; round < ROUNDS; round++)
			ratios[kind][round] = spent[kind][round] / spent[0][round];
		qsort(ratios[kind], ROUNDS, sizeof(double), compare);
		qsort(spent[kind], ROUNDS, sizeof(double), compare);
		printf("%-13s %6zu bytes  %8.0f echoes/cpu_s  cost %.3f  %s\n", kinds[kind].name,
		       size, (double)echoes / spent[kind][ROUNDS / 2], ratios[kind][ROUNDS / 2],
		       kinds[kind].what);
	}
}

int main(void)
{
	must(reed_loop_new(NULL, &loop), "loop");
	for (int kind = 0; kind < KINDS; kind++)
		for (int i = 0; i < CONNECTIONS; i++)
			connect_one(kind, i);
	compare_kinds(64, 40000);
	compare_kinds(16384, 10000);
	for (int kind = 0; kind < KINDS; kind++)
		for (int i = 0; i < 2 * CONNECTIONS; i++)
			reed_drop(sessions[kind][i]);
	reed_loop_free(loop);
	return 0;
}
