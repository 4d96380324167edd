/* A robot on IRC: bot [ENDPOINT [CHANNELS]]; IRC_USER and IRC_PASSWORD are its account. */
#include <reed/co.h>
#include <reed/irc/bot.h>
#include <stdlib.h>

static struct reed_future *ping(struct reed_irc_call *call)
{
	return reed_irc_answer_call(call, "pong");
}

static struct reed_future *echo(struct reed_irc_call *call)
{
	return reed_irc_reply(call->client, call->event, call->rest);
}

static struct reed_future *uptime(struct reed_irc_call *call)
{
	return reed_irc_answer_call(call, "up for %u s", call->uptime);
}

static const struct reed_irc_route routes[] = { { "ping", ping, "says pong" },
	                                        { "echo", echo, "TEXT: says it back" },
	                                        { "uptime", uptime, "says how long it is up" } };

static struct reed_future *start(struct reed_loop *loop, int argc, char **argv)
{
	struct reed_irc_client_options options = REED_IRC_CLIENT_OPTIONS;

	options.endpoint = argc > 1 ? argv[1] : "tls:irc.libera.chat:6697";
	options.channels = argc > 2 ? argv[2] : "#reed-test";
	options.sasl_user = getenv("IRC_USER");
	options.sasl_password = getenv("IRC_PASSWORD");
	return reed_irc_bot_start(loop, &options, routes, REED_COUNT(routes));
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, start);
}
