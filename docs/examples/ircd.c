/* An IRC server in some forty lines: ircd [ENDPOINT].  Its rooms live as long as it runs. */

#include <reed/auth.h>
#include <reed/co.h>
#include <reed/irc/server.h>

struct ircd {
	struct reed_co co;
	struct reed_hub *hub;
	struct reed_irc_server *server;
	const char *endpoint;
};

static void ircd_run(struct reed_co *co)
{
	struct ircd *self = reed_frame(co, struct ircd);
	struct reed_irc_server_options options = REED_IRC_SERVER_OPTIONS;

	reed_coroutine (co) {
		self->hub = options.hub = reed_hub_new(co->loop, NULL);
		options.motd = "Welcome.\nThis server is docs/examples/ircd.c.";
		self->server = reed_irc_server_new(co->loop, &options);
		reed_try(co, reed_irc_serve(self->server, self->endpoint));
	}
}

static void ircd_end(struct reed_co *co)
{
	reed_irc_server_free(reed_frame(co, struct ircd)->server);
	reed_hub_free(reed_frame(co, struct ircd)->hub);
}

static const struct reed_co_kind ircd_kind = { "ircd", sizeof(struct ircd), ircd_run, NULL,
	                                       ircd_end };

static struct reed_future *ircd(struct reed_loop *loop, int argc, char **argv)
{
	struct ircd *self = reed_co_new(loop, &ircd_kind);

	self->endpoint = argc > 1 ? argv[1] : "tcp:6667:interface=127.0.0.1";
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, ircd);
}
