/* The host of a room on IRC: host ENDPOINT CHANNEL. It greets, asks around, and sets the topic. */

#include <reed/co.h>
#include <reed/irc/ask.h>
#include <reed/irc/bot.h>

/* ---- what happens ---- */

static struct reed_future *greet(void *arg, struct reed_irc_client *client,
                                 const struct reed_irc_event *event)
{
	(void)arg;
	if (event->is_mine)
		return NULL;
	return reed_irc_say_notice(client, event->who.nick, REED_STR("Welcome. Say !help to me."));
}

/* ---- a command that takes its time ---- */

struct whois {
	struct reed_co co;
	struct reed_irc_client *client;
	const struct reed_irc_event *event; /* kept */
	char nick[64];
	struct reed_irc_whois answer;
	struct reed_irc_refusal refusal;
};

static void whois_run(struct reed_co *co)
{
	struct whois *self = reed_frame(co, struct whois);
	const struct reed_irc_person *is = &self->answer.is;

	reed_coroutine (co) {
		reed_try(co, reed_irc_ask_whois(self->client, reed_slice_of(self->nick), false,
		                                &self->answer, &self->refusal));
		if (reed_irc_is_refused(&self->refusal))
			reed_try(co, reed_irc_replyf(self->client, self->event, "%s: %s",
			                             self->nick, self->refusal.text));
		else
			reed_try(co, reed_irc_replyf(self->client, self->event,
			                             "%s is called " REED_FMT ", on " REED_FMT,
			                             self->nick, REED_ARG(is->realname),
			                             REED_ARG(is->server)));
	}
}

static void whois_end(struct reed_co *co)
{
	struct whois *self = reed_frame(co, struct whois);

	reed_irc_whois_finish(&self->answer);
	reed_irc_event_let_go(self->event);
}

static const struct reed_co_kind whois_kind = { "whois", sizeof(struct whois), whois_run, NULL,
	                                        whois_end };

static struct reed_future *whois(struct reed_irc_call *call)
{
	struct whois *self = reed_co_new(reed_irc_client_loop(call->client), &whois_kind);

	self->client = call->client;
	self->event = reed_irc_event_keep(call->event);
	reed_slice_copy(self->nick, sizeof(self->nick), call->rest);
	return reed_start(&self->co);
}

/* ---- a command that does not wait ---- */

static struct reed_future *topic(struct reed_irc_call *call)
{
	return reed_irc_set_topic(call->client, call->event->target, call->rest, NULL);
}

static const struct reed_irc_route routes[] = {
	{ "whois", whois, "NICK: who that is" },
	{ "topic", topic, "TEXT: sets the topic" },
};

/* ---- the whole ---- */

struct host {
	struct reed_co co;
	struct reed_irc_client *client;
	const char *endpoint, *channels;
};

static void host_run(struct reed_co *co)
{
	struct host *self = reed_frame(co, struct host);
	struct reed_irc_client_options options = REED_IRC_CLIENT_OPTIONS;
	struct reed_irc_bot bot = REED_IRC_BOT;

	reed_coroutine (co) {
		options.endpoint = self->endpoint;
		options.nick = "host";
		options.channels = self->channels;
		self->client = reed_irc_client_new(co->loop, &options);
		bot.routes = routes;
		bot.route_count = REED_COUNT(routes);
		bot.on[REED_IRC_EVENT_JOIN] = greet;
		reed_try(co, reed_irc_bot_run(self->client, &bot));
	}
}

static void host_end(struct reed_co *co)
{
	reed_irc_client_free(reed_frame(co, struct host)->client);
}

static const struct reed_co_kind host_kind = { "host", sizeof(struct host), host_run, NULL,
	                                       host_end };

static struct reed_future *start(struct reed_loop *loop, int argc, char **argv)
{
	struct host *self;

	if (argc != 3)
		return reed_failed(loop, REED_EINVAL, "host ENDPOINT CHANNEL");
	self = reed_co_new(loop, &host_kind);
	self->endpoint = argv[1];
	self->channels = argv[2];
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, start);
}
