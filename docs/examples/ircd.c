/* An IRC server: ircd [ENDPOINT].  Its rooms live as long as it runs. */

#include <reed/co.h>
#include <reed/irc/server.h>

static struct reed_future *ircd(struct reed_loop *loop, int argc, char **argv)
{
	struct reed_irc_server_options options = REED_IRC_SERVER_OPTIONS;

	options.network = "Example";
	options.motd = "Welcome.\nThis server is docs/examples/ircd.c.";
	options.rules = "Be kind.";
	options.admin[0] = "Somewhere";
	options.limits.connections_per_address = 4;
	options.limits.ping_seconds = 60;
	return reed_irc_server_run(loop, &options,
	                           argc > 1 ? argv[1] : "tcp:6667:interface=127.0.0.1");
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, ircd);
}
