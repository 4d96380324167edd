/*
 * Sends back each datagram to where it came from: udp_echo ENDPOINT [pull]
 *
 * With "ask" it is the client: udp_echo ask ENDPOINT TEXT, which waits a second
 * for the echo and asks three times.
 */

#include <reed/alloc.h>
#include <reed/co.h>
#include <reed/endpoint.h>

#include <stdio.h>
#include <string.h>

/* ---- push ---- */

static void echo_all(struct reed_dgram_handler *self, const struct reed_datagram *in, size_t n)
{
	for (size_t i = 0; i < n; i++)
		reed_dgram_reply(self->dgram, &in[i], in[i].data);
}

static const struct reed_dgram_handler_ops echo_ops = { .datagrams = echo_all };

/* ---- pull ---- */

static void echo_those_here(struct reed_dgram *d)
{
	struct reed_datagram in;

	while (reed_dgram_next(d, &in))
		reed_dgram_reply(d, &in, in.data);
}

struct server {
	struct reed_co co;
	const char *endpoint;
	bool pulls;
	struct reed_dgram *dgram;
};

static struct reed_future *push(struct server *self)
{
	struct reed_dgram_handler *handler = reed_alloc(sizeof(*handler));
	struct reed_dgram *d = self->dgram;

	self->dgram = NULL; /* the session owns it from here on */
	handler->ops = &echo_ops;
	return reed_dgram_attach(d, handler);
}

static void server_run(struct reed_co *co)
{
	struct server *self = reed_frame(co, struct server);

	reed_coroutine (co) {
		reed_try(co, reed_dgram_listen(co->loop, self->endpoint, &self->dgram));
		if (!self->pulls)
			reed_try(co, push(self));
		while (self->pulls) {
			reed_try(co, reed_dgram_wait(self->dgram));
			echo_those_here(self->dgram);
		}
	}
}

static void server_end(struct reed_co *co)
{
	reed_dgram_close(reed_frame(co, struct server)->dgram);
}

static const struct reed_co_kind server_kind = {
	.name = "udp_echo",
	.size = sizeof(struct server),
	.run = server_run,
	.end = server_end,
};

/* ---- a client ---- */

struct client {
	struct reed_co co;
	const char *endpoint, *text;
	struct reed_dgram *dgram;
	struct reed_datagram in;
	int tries;
};

static void client_run(struct reed_co *co)
{
	struct client *self = reed_frame(co, struct client);

	reed_coroutine (co) {
		reed_try(co, reed_dgram_dial(co->loop, self->endpoint, &self->dgram));
		for (self->tries = 0; self->tries < 3; self->tries++) {
			reed_dgram_send(self->dgram, NULL, reed_slice_of(self->text));
			reed_await(co,
			           reed_within(1000, reed_dgram_receive(self->dgram, &self->in)));
			if (co->err != REED_ETIMEDOUT)
				break;
		}
		if (co->err)
			reed_return(co, reed_because(co, co->err, "no echo"));
		printf("heard " REED_FMT "\n", REED_ARG(self->in.data));
	}
}

static void client_end(struct reed_co *co)
{
	reed_dgram_close(reed_frame(co, struct client)->dgram);
}

static const struct reed_co_kind client_kind = {
	.name = "ask",
	.size = sizeof(struct client),
	.run = client_run,
	.end = client_end,
};

/* ---- */

static struct reed_future *start(struct reed_loop *loop, int argc, char **argv)
{
	struct client *client;
	struct server *server;

	if (argc > 3 && strcmp(argv[1], "ask") == 0) {
		client = reed_co_new(loop, &client_kind);
		client->endpoint = argv[2];
		client->text = argv[3];
		return reed_start(&client->co);
	}
	server = reed_co_new(loop, &server_kind);
	server->endpoint = argc > 1 ? argv[1] : "udp:7777:interface=127.0.0.1";
	server->pulls = argc > 2 && strcmp(argv[2], "pull") == 0;
	return reed_start(&server->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, start);
}
