/*
 * A robot on IRC with files: files FOLDER [ENDPOINT [CHANNELS]].  `!give NAME`
 * offers what is in the folder with DCC, what is offered to it comes into the
 * folder, and in a DCC CHAT it says back what it hears.
 */
#include <reed/alloc.h>
#include <reed/co.h>
#include <reed/irc/bot.h>
#include <reed/irc/dcc.h>
#include <stdio.h>
#include <stdlib.h>

static const char *folder;

static struct reed_irc_dcc_options dcc_options(void)
{
	struct reed_irc_dcc_options options = REED_IRC_DCC_OPTIONS;

	options.host = getenv("DCC_HOST");                 /* behind a router: its address */
	options.anywhere = getenv("DCC_ANYWHERE") != NULL; /* for those on this machine */
	return options;
}

/* Of what people ask for only the plain name counts. */
static struct reed_future *give(struct reed_irc_call *call)
{
	struct reed_irc_dcc_options options = dcc_options();
	char name[REED_IRC_DCC_NAME], path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, reed_irc_dcc_file_name(call->rest, name));
	return reed_irc_dcc_send(call->client, call->event->who.nick, path, &options, NULL);
}

/* ---- a conversation ---- */

struct talk {
	struct reed_co co;
	struct reed_future *joining;
	struct reed_stream *stream;
	struct reed_slice line;
};

static void talk_run(struct reed_co *co)
{
	struct talk *self = reed_frame(co, struct talk);
	struct reed_future *joining = self->joining;

	reed_coroutine (co) {
		self->joining = NULL;
		reed_try(co, joining);
		for (;;) {
			reed_await(co, reed_read_line(self->stream, &self->line));
			if (co->err)
				break;
			reed_printf(self->stream, "You say: " REED_FMT "\r\n",
			            REED_ARG(self->line));
		}
	}
}

static void talk_end(struct reed_co *co)
{
	reed_drop(reed_frame(co, struct talk)->joining);
	reed_close(reed_frame(co, struct talk)->stream);
}

static const struct reed_co_kind talk_kind = {
	.name = "talk",
	.size = sizeof(struct talk),
	.run = talk_run,
	.end = talk_end,
};

static struct reed_future *talk(struct reed_irc_client *client, const struct reed_irc_event *event)
{
	struct talk *self = reed_co_new(reed_irc_client_loop(client), &talk_kind);
	struct reed_irc_dcc_options options = dcc_options();

	self->joining = reed_irc_dcc_join(client, event, &options, &self->stream);
	return reed_start(&self->co);
}

static struct reed_future *take(void *arg, struct reed_irc_client *client,
                                const struct reed_irc_event *event)
{
	struct reed_irc_dcc_options options = dcc_options();
	struct reed_irc_dcc offer;

	(void)arg;
	if (reed_irc_dcc_of(event, &offer) != REED_OK)
		return NULL;
	if (offer.kind == REED_IRC_DCC_CHAT)
		return talk(client, event);
	return offer.kind == REED_IRC_DCC_SEND
	               ? reed_irc_dcc_get(client, event, &options, folder, NULL)
	               : NULL;
}

/* ---- the robot ---- */

struct robot {
	struct reed_co co;
	struct reed_irc_client_options options;
	struct reed_irc_client *client;
};

static const struct reed_irc_route routes[] = { { "give", give, "NAME: offers it with DCC" } };

static void robot_run(struct reed_co *co)
{
	struct robot *self = reed_frame(co, struct robot);
	struct reed_irc_bot bot = REED_IRC_BOT;

	reed_coroutine (co) {
		bot.routes = routes;
		bot.route_count = REED_COUNT(routes);
		bot.on[REED_IRC_EVENT_CTCP] = take;
		self->client = reed_irc_client_new(co->loop, &self->options);
		reed_try(co, reed_irc_bot_run(self->client, &bot));
	}
}

static void robot_end(struct reed_co *co)
{
	reed_irc_client_free(reed_frame(co, struct robot)->client);
}

static const struct reed_co_kind robot_kind = {
	.name = "robot",
	.size = sizeof(struct robot),
	.run = robot_run,
	.end = robot_end,
};

static struct reed_future *start(struct reed_loop *loop, int argc, char **argv)
{
	struct robot *self = reed_co_new(loop, &robot_kind);
	const struct reed_irc_client_options options = REED_IRC_CLIENT_OPTIONS;

	folder = argc > 1 ? argv[1] : ".";
	self->options = options;
	self->options.nick = "files";
	self->options.endpoint = argc > 2 ? argv[2] : "tls:irc.libera.chat:6697";
	self->options.channels = argc > 3 ? argv[3] : "#reed-test";
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, start);
}
